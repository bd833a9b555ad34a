"""Raising a concern: one act for everyone, also without network, on sealed work and on work that was set aside.

It waits in the outbox like a packet. On this desk it counts at once: the submission is on hold, and a file that the
concern quarantines is closed until the programme lifts the hold and the source sends it again.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.desk.outgoing import outgoing
from assessor_desk.domain.changes import DeliveryKind, Held
from assessor_desk.domain.concern import CONCERN_TITLES, Concern, ConcernKind
from assessor_desk.domain.errors import Refused
from assessor_desk.protocol.concerns import LONGEST_WORDS, concern_bytes

if TYPE_CHECKING:
    from assessor_desk.artifacts.vault import Vault
    from assessor_desk.desk.pen import Pen
    from assessor_desk.domain.submission import Submission
    from assessor_desk.store.lines import OutboxLine


def raise_concern(
    pen: Pen, vault: Vault, outbox: Path, submission_id: str, kind: str, words: str, artifact_id: str = ""
) -> Changes:
    """Raise a concern. Raises Refused for an unknown kind, submission or artifact, and without words."""
    with pen.store.reading() as view:
        submission, assignments = view.submission(submission_id), view.assignments(submission_id)
    if submission is None or not assignments:
        raise Refused(f"There is no submission “{submission_id}” on this desk")
    concern = Concern(
        str(uuid4()), submission_id, _kind(kind), _words(words), pen.clock().replace(microsecond=0),
        assignments[-1][0].person, _artifact(submission, artifact_id),
    )  # fmt: skip
    content = concern_bytes(concern)
    digest = hashlib.sha256(content).hexdigest()
    with outgoing(
        outbox, submission.source, DeliveryKind.CONCERN, concern.id, content, digest, pen.clock()
    ) as line:
        closed = _record(pen, concern, line)
    for file in closed:
        with contextlib.suppress(OSError):  # open in a viewer: it is swept later, and its key is gone
            vault.remove(file)
    kinds = (Kind.INBOX, Kind.REVIEW, Kind.LEDGER, Kind.OUTBOX)
    return Changes.of(*kinds, submission=submission_id)


def contact(pen: Pen, submission_id: str) -> str:
    """Who hears of a concern at once, word for word as the policy has it; empty where it names nobody."""
    with pen.store.reading() as view:
        return pen.look(view, submission_id).policy.contacts.concerns


def _kind(kind: str) -> ConcernKind:
    if kind not in tuple(ConcernKind):
        raise Refused(f"“{kind}” is no kind of concern; the kinds are {', '.join(CONCERN_TITLES)}")
    return ConcernKind(kind)


def _words(words: str) -> str:
    if not words.strip():
        raise Refused("Say in your own words what the concern is; the programme reads it word for word")
    if len(words) > LONGEST_WORDS:
        raise Refused(f"A concern has {LONGEST_WORDS} characters at most; this one has {len(words)}")
    return words.strip()


def _artifact(submission: Submission, artifact_id: str) -> str:
    if not artifact_id:
        return ""
    artifact = submission.artifact(artifact_id)
    if artifact is None:
        known = ", ".join(one.name for one in submission.shown)
        raise Refused(f"{submission.key} has no artifact “{artifact_id}”; it has {known or 'none'}")
    return artifact.id


def _record(pen: Pen, concern: Concern, line: OutboxLine) -> set[str]:
    """The outbox line, the hold and the file's closing in one transaction; the vault's files to remove.

    The hold has the name that the source will know it by, so that its own word on it takes this one's place.
    """
    held = Held(
        line.digest, concern.submission_id, concern.kind.value, concern.words, concern.raised_at, concern.artifact_id
    )  # fmt: skip
    with pen.store.transaction() as work:
        work.record((), [line])
        work.deciding.hold(held)
        if concern.artifact_id:
            work.withhold(concern.submission_id, concern.artifact_id)
        closed = work.dropped()
        work.commit()
    return closed
