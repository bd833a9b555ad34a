"""What may not stay for ever: evidence, earlier wordings, a coach's notes, snapshots, files that nothing names.

Carried out after opening and after each round. Rows come first, files after: whatever is interrupted in between, the
next sweep finds the files that no row names. Nothing that is open in a viewer is touched before the desk is opened
the next time, save evidence that was recalled, which a round removes at once.

What goes for its age goes by the time counted since its source's last contact (`store.counted_time`).
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.desk.destroying import Remains, settle
from assessor_desk.domain.superseded import superseded_words
from assessor_desk.rubric_files import policy_from_json
from assessor_desk.store.counted_time import count_on, latest_counted, time_by
from assessor_desk.store.lines import RETENTION
from assessor_desk.store.snapshots import thin

if TYPE_CHECKING:
    from assessor_desk.artifacts.vault import Vault
    from assessor_desk.desk.upkeep import Upkeep
    from assessor_desk.domain.policy import Policy
    from assessor_desk.store.lines import Finished
    from assessor_desk.store.reading import Reading
    from assessor_desk.store.store import Store

#: From a database as it was before it was restored nothing can be taken out any more: its time is short.
SET_ASIDE_LIFE = timedelta(days=14)
#: When each of them was first seen (`_ages`).
_SET_ASIDE = "set_aside_seen"

#: Of the vault, each time the desk is tidied: a fraction of a second.
LOOKED_OVER_BYTES = 200 * 10**6


@dataclass(frozen=True)
class Premises:
    """What is tidied."""

    store: Store
    vault: Vault
    outbox: Path
    snapshots: Path
    set_aside: Path
    clock: Callable[[], datetime]


def tidy(desk: Premises, upkeep: Upkeep) -> Changes:
    """Let go of what has had its time. `upkeep.rounds` must be held. Says what may look different now."""
    with desk.store.transaction() as work:
        if count_on(work):
            work.commit()
    expired = _expire_evidence(desk, upkeep.opened)
    shortened = _drop_wordings(desk) + _forget_coaching(desk)
    _look_over_evidence(desk, upkeep)
    missing = desk.store.note_missing(desk.vault.holds, desk.vault.spoilt)
    _sweep_evidence(desk, upkeep.opened)
    with upkeep.seals:
        _sweep_outbox(desk)
    _tend_copies(desk, upkeep)
    settle(Remains(desk.store, desk.vault, desk.set_aside, desk.clock))
    if not (expired or shortened or missing):
        return Changes()
    return Changes.of(Kind.INBOX, Kind.REVIEW, Kind.LEDGER)


def _expire_evidence(desk: Premises, opened: AbstractSet[str]) -> int:
    """Evidence goes so many days after its review was delivered, or its assignment withdrawn."""
    with desk.store.reading() as view:
        over = list(
            _over(view, view.evidence_kept(), desk.clock(), lambda policy: policy.retention.evidence_on_desk)
        )
        due = [
            one for one in over if not any(line.blob_digest in opened for line in view.artifacts(one.own_id))
        ]
    for one in due:
        desk.store.take_away_evidence(one.own_id, RETENTION)
    return len(due)


def _drop_wordings(desk: Premises) -> int:
    """Of a sealed review, what was typed over stays so many days after it was delivered."""
    with desk.store.reading() as view:
        kept = view.wordings_kept()
        over = list(_over(view, kept, desk.clock(), lambda policy: policy.retention.wordings_before_seal))
        due = {one.own_id: superseded_words(view.entries(one.own_id)) for one in over}
    for review_id, entries in due.items():
        desk.store.drop_wordings(review_id, entries)
    return len(due)


def _forget_coaching(desk: Premises) -> int:
    """A coach's notes go so many days after they went back and were carried on no more, or were set aside."""
    with desk.store.reading() as view:
        kept = view.coaching_kept()
        due = list(
            _over(view, kept, desk.clock(), lambda policy: policy.retention.drafts_and_coaching),
        )
    for one in due:
        desk.store.forget_notes(one.own_id)
    return len(due)


def _over(
    view: Reading, kept: list[Finished], now: datetime, days: Callable[[Policy], int]
) -> Iterator[Finished]:
    """Those whose days, by the policy of their own assignment, have passed."""
    policies: dict[tuple[str, str, str], Policy] = {}
    time_with = cache(lambda source: time_by(view, source, now))
    for one in kept:
        which = (one.policy_id, one.policy_version, one.source)
        if which not in policies:
            published = view.published("policy", *which)
            if published is None:
                continue
            policies[which] = policy_from_json(published.canonical)
        if time_with(one.source) >= one.since + timedelta(days=days(policies[which])):
            yield one


def _look_over_evidence(desk: Premises, upkeep: Upkeep) -> None:
    """Some of the files each time, in turn: one whose bytes changed is removed, so that the next round fetches it."""
    digests = sorted(desk.vault.digests())
    after = [one for one in digests if one > upkeep.looked_over]
    looked = 0
    for digest in after or digests:
        if looked >= LOOKED_OVER_BYTES:
            return
        upkeep.looked_over = digest
        with _leaving_what_is_in_use():
            looked += desk.vault.path(digest).stat().st_size
            desk.vault.drop_where_spoilt(digest)


def _sweep_evidence(desk: Premises, opened: AbstractSet[str]) -> None:
    """Files and keys of bytes that the ledger does not name."""
    with desk.store.reading() as view:
        named = view.evidence_named()
        packets = view.deciding.files()
    desk.store.keys.forget_all_but(named)
    kept = {digest for _, _, digest in named} | desk.store.keys.made_digests() | packets | opened
    for digest in desk.vault.digests() - kept:
        with _leaving_what_is_in_use():
            desk.vault.remove(digest)


def _sweep_outbox(desk: Premises) -> None:
    """Packets whose seal never came to be recorded."""
    with desk.store.reading() as view:
        named = view.outbox_files()
    for file in _files(desk.outbox):
        if file.relative_to(desk.outbox).as_posix() not in named:
            with _leaving_what_is_in_use():
                file.unlink(missing_ok=True)


def _tend_copies(desk: Premises, upkeep: Upkeep) -> None:
    """Snapshots hold nothing that the desk let go of; what was set aside by a restore goes when its time is over."""
    upkeep.let_go = desk.store.scrub_copies(upkeep.let_go)
    thin(desk.snapshots)
    lying = [one for one in desk.set_aside.glob("*") if _is_set_aside(one)] if desk.set_aside.is_dir() else []
    for name, age in _ages(desk.store, [one.name for one in lying], desk.clock()).items():
        if age >= SET_ASIDE_LIFE:
            with _leaving_what_is_in_use():
                shutil.rmtree(desk.set_aside / name)


def _ages(store: Store, names: Sequence[str], now: datetime) -> dict[str, timedelta]:
    """For how long these lie there, at least: since they were first seen, by the clock and by the time counted.

    Their names tell the clock of then, which may have been wrong. Where it was ahead, its days begin anew.
    """
    ages: dict[str, timedelta] = {}
    with store.transaction() as work:
        counted, known = latest_counted(work), work.fact(_SET_ASIDE, {})
        lying = {}
        for name in names:
            seen = known.get(name, {"clock": now.isoformat(), "counted": counted and counted.isoformat()})
            if datetime.fromisoformat(seen["clock"]) > now:
                seen = {**seen, "clock": now.isoformat()}
            lying[name], ages[name] = seen, now - datetime.fromisoformat(seen["clock"])
            if counted is not None and seen["counted"] is not None:
                ages[name] = min(ages[name], counted - datetime.fromisoformat(seen["counted"]))
        if lying != known:
            work.set_fact(_SET_ASIDE, lying)
            work.commit()
    return ages


def _is_set_aside(folder: Path) -> bool:
    """Whether its name is that of a moment, as of a folder with a file that was set aside."""
    try:
        return bool(datetime.strptime(folder.name, "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC))
    except ValueError:
        return False


def _files(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()] if folder.is_dir() else []


@contextlib.contextmanager
def _leaving_what_is_in_use() -> Iterator[None]:
    """Windows removes no file that is open: the next sweep does."""
    with contextlib.suppress(OSError):
        yield
