"""Taking up a decision that the source refused: who knows the names may find one where the desk could not (F10).

What was sealed stays in the store as it was; only its line in the outbox goes, since the source never took it. The next
revision begins with what the refused one says, so that nothing is chosen or written twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.policy import CheckState
from assessor_desk.domain.review import CARRIED, EntryKind, TextField

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assessor_desk.desk.acts import Told
    from assessor_desk.desk.pen import Pen
    from assessor_desk.desk.standing import Standing
    from assessor_desk.domain.decision import Decision
    from assessor_desk.store.lines import OutboxLine

#: The one check that a source repeats, as its refusal names it.
NAMED = "F10"


def decide_anew(pen: Pen, submission_id: str, reason: str = "") -> Changes:
    """Drop what was refused from the outbox and open the next revision, in one transaction.

    With a `reason`, F10 is kept by it. Raises Refused, with nothing changed, where no refused decision is there, and
    for a reason where F10 was not what it was refused for or may not be kept. No round may be under way.
    """
    words = reason.strip()
    with pen.store.transaction() as work:
        refused = pen.look(work, submission_id)
        line = _refused_line(refused)
        if words:
            _require_keepable(refused, line)
        again = refused.decided_anew(pen.clock())
        assert refused.decision is not None
        told = list(_told_again(refused.decision))
        if words:
            told.append((EntryKind.CHECK_KEPT, {"check": NAMED, "subject": "", "reason": words}))
        work.drop_refused_decisions(submission_id)
        work.open_review(again.line)
        step = f"{CARRIED} {again.line.id}"
        work.record(pen.entries(again.line.id, told, work.highest_counter(), step))
        work.set_progress(submission_id, again.done, again.state)
        work.commit()
    return Changes.of(Kind.INBOX, Kind.REVIEW, Kind.OUTBOX, Kind.LEDGER, submission=submission_id)


def _refused_line(standing: Standing) -> OutboxLine:
    key, line = standing.submission.key, standing.delivery
    if standing.decision is None:
        raise Refused(f"{key} is not assigned to you to decide on")
    if standing.set_aside:
        raise Refused(f"{key} was set aside by its source and cannot be decided on here")
    if standing.decision.seal is None:
        raise Refused(f"The decision on {key} is not sealed: it can simply be taken")
    if line is None or line.delivered_at is not None:
        raise Refused(f"The decision on {key} is on the hub and stays as it is")
    if not line.refused:
        raise Refused(f"The decision on {key} was not refused: it waits to be sent. Sync to send it")
    return line


def _require_keepable(standing: Standing, line: OutboxLine) -> None:
    if f"{NAMED}:" not in line.last_trouble:
        raise Refused(
            f"The decision on {standing.submission.key} was not refused for {NAMED}, so there is nothing to keep: "
            f"{line.last_trouble}"
        )
    if standing.policy.check_state(NAMED) is CheckState.BLOCK:
        raise Refused(f"The programme does not let {NAMED} be kept: pass the review back")


def _told_again(decision: Decision) -> Iterator[Told]:
    """A decision as entries that amount to it, its seal and the packets it rested on left out."""
    if decision.version_seen:
        yield EntryKind.VERSION_SEEN, {"version": decision.version_seen}
    for criterion, done in decision.works.items():
        if done.level:
            yield EntryKind.SCORE_RECORDED, {"criterion": criterion, "level": done.level}
        for field, words in done.texts.items():
            if words:
                yield _written(field, criterion, words)
    for criterion, packet in decision.feedback_from.items():
        yield EntryKind.FEEDBACK_CHOSEN, {"criterion": criterion, "packet": packet}
    if decision.reason:
        yield _written(TextField.REASON, "", decision.reason)
    for (check, subject), reason in decision.kept.items():
        yield EntryKind.CHECK_KEPT, {"check": check, "subject": subject, "reason": reason}


def _written(field: TextField, criterion: str, words: str) -> Told:
    return EntryKind.TEXT_WRITTEN, {"field": field.value, "criterion": criterion, "text": words}
