"""What evidence is on this desk and until when, and what was destroyed, read for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from assessor_desk.desk.contact import closes_at
from assessor_desk.desk.keeping import Destroyed, HeldEvidence
from assessor_desk.rubric_files import policy_from_json

if TYPE_CHECKING:
    from assessor_desk.store.custody import HeldFile
    from assessor_desk.store.lines import Finished, InboxRow
    from assessor_desk.store.reading import Reading
    from assessor_desk.store.store import Store


def held_here(store: Store, now: datetime) -> tuple[HeldEvidence, ...]:
    """Each submission with evidence here, or with evidence that could be here, in the inbox's order."""
    rows = store.inbox()
    with store.reading() as view:
        files: dict[str, list[HeldFile]] = {}
        for one in view.custody.files():
            files.setdefault(one.submission_id, []).append(one)
        kept = {one.own_id: one for one in view.evidence_kept()}
        held = [_held(view, row, files.get(row.submission_id, []), kept, now) for row in rows]
    return tuple(one for one in held if one.originals or one.renditions or one.away)


def _held(
    view: Reading, row: InboxRow, files: list[HeldFile], kept: Mapping[str, Finished], now: datetime
) -> HeldEvidence:
    here = [one for one in files if one.here]
    away = sum(one.length for one in files if not one.here and not one.removed)
    over = kept.get(row.submission_id)
    return HeldEvidence(
        row.submission_id, row.key, row.state.value,
        sum(one.length for one in here if not one.rendition), sum(one.length for one in here if one.rendition),
        away, row.offline, None if over is None else _goes_at(view, over),
        closes_at(view, row.submission_id, now) if here else None,
    )  # fmt: skip


def _goes_at(view: Reading, over: Finished) -> datetime | None:
    published = view.published("policy", over.policy_id, over.policy_version, over.source)
    if published is None:
        return None
    return over.since + timedelta(days=policy_from_json(published.canonical).retention.evidence_on_desk)


def destroyed_here(store: Store) -> tuple[Destroyed, ...]:
    """What was destroyed, the last first; that nothing of it was here only where that cannot be told to its source."""
    with store.reading() as view:
        keys = {own_id: key for own_id, key, *_ in view.names()}
        found = view.custody.destructions()
    return tuple(
        Destroyed(
            keys.get(one.made.submission_id, one.made.submission_id), one.made.why, one.made.destroyed_at,
            len(one.made.pieces), one.made.gone_at, bool(one.digest), one.delivered_at, one.made.trouble, one.digest,
        )
        for one in reversed(found)
        if one.made.pieces or one.made.trouble
    )  # fmt: skip
