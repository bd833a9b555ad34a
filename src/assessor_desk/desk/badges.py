"""The badge that the issuer issued for a decision: checked with what the desk knows, and saved to hand it on."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.desk.programmes import trust_list
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.keys.private_files import write_openly
from assessor_desk.store.badges import KIND, badge_from_bytes
from assessor_desk.verdict.badge import BadgePapers, verify_badge

if TYPE_CHECKING:
    from assessor_desk.domain.changes import ToldBadge
    from assessor_desk.store.reading import Reading
    from assessor_desk.store.store import Store

_FORMS = ("png", "svg", "json")


def told_badge(view: Reading, submission_id: str) -> ToldBadge | None:
    """The newest badge for a submission that the source told of; None where there is none."""
    kept = view.published(KIND, submission_id, "")
    return None if kept is None else badge_from_bytes(kept.canonical)


def badge_papers(store: Store) -> BadgePapers:
    """What issuers publish beside their badges, as far as it reached this desk."""
    by_source: dict[str, dict[str, bytes]] = {}
    with store.reading() as view:
        for one in view.published_of("trust"):
            by_source.setdefault(one.version, {})[one.id] = one.canonical
    return reduce(BadgePapers.and_also, map(BadgePapers.of, by_source.values()), BadgePapers())


def save_badge(store: Store, submission_id: str, out: Path, now: datetime) -> list[Path]:
    """Write the badge for a submission into `out` as PNG, SVG and JSON, in place of files of these names.

    Each of the three holds the whole badge.

    Raises Refused where no badge was issued or it was revoked, Damaged where it does not hold or nobody on the trust
    list vouches for it, Unavailable where `out` cannot be written.
    """
    with store.reading() as view:
        submission, badge = view.submission(submission_id), told_badge(view, submission_id)
    if badge is None or submission is None:
        raise Refused("The issuer has issued no badge for this decision yet. It comes with a sync")
    if badge.revoked_at is not None:
        raise Refused(f"The issuer revoked this badge on {badge.revoked_at:%Y-%m-%d}")
    contents = {"png": badge.png, "svg": badge.svg, "json": badge.credential}
    for form, content in contents.items():
        trust = trust_list(store, submission.source)
        verdict = verify_badge(content, f"badge.{form}", trust, badge_papers(store), now)
        if verdict.exit_code():
            raise Damaged(f"The badge that came does not hold, and was not saved. {verdict.headline}")
    paths = [out / f"badge-{submission.key}.{form}" for form in _FORMS]
    for form, path in zip(_FORMS, paths, strict=True):
        write_openly(path, contents[form])
        with store.transaction() as work:
            work.record_export(submission_id, f"badge {form}", str(path), now)
            work.commit()
    return paths
