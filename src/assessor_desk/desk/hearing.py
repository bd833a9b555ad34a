"""Before something is sealed the person's other computers are heard: one of them may have sealed it, or written more.

That goes for an assessor's review and for a reviewer's decision alike.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from assessor_desk.desk.connecting import exchange_entries, source_of
from assessor_desk.domain.decision import DecisionKind
from assessor_desk.domain.errors import ChangedElsewhere, OthersUnheard, Unavailable, sentence
from assessor_desk.sync.bond import bond_of
from assessor_desk.sync.exchange import Exchanged

if TYPE_CHECKING:
    from assessor_desk.desk.connecting import Surroundings
    from assessor_desk.desk.pen import Pen
    from assessor_desk.desk.standing import Standing


def hear_others(desk: Surroundings, pen: Pen, submission_id: str) -> None:
    """Take what the others wrote, and send what was written here. Nothing where this computer is alone.

    Raises `ChangedElsewhere` where something came for this submission, which the person has not seen, and
    `OthersUnheard` where the source that hands it on cannot be reached.
    """
    before = _standing(pen, submission_id)
    identity = before.submission.source
    if before.sheet.closed or bond_of(desk.store, identity) is None:
        return
    pen.settle(submission_id)
    before = _standing(pen, submission_id)
    done = Exchanged()
    try:
        source = source_of(desk, identity)
        try:
            exchange_entries(desk, source, done)
        finally:
            source.close()
    except Unavailable as error:
        raise _unheard(before, sentence(error)) from error
    _refuse_unseen(before, _standing(pen, submission_id))
    if done.troubles:  # what did not come, or could not be read, may be a seal
        raise _unheard(before, done.troubles[0])


def _unheard(before: Standing, why: str) -> OthersUnheard:
    return OthersUnheard(
        f"Your other computers could not be heard before the seal. {why.rstrip('.')}. Should one have sealed "
        f"{before.submission.key} already, the source takes one of both. Sync first, or seal it all the same"
    )


def _refuse_unseen(before: Standing, now: Standing) -> None:
    if now.sheet.closed:
        raise ChangedElsewhere(_sealed_elsewhere(now))
    known = {one.id for one in before.entries}
    if any(one.id not in known for one in now.entries):
        raise ChangedElsewhere(
            f"Something on {now.submission.key} was written on another computer of yours, and came just now. Look at "
            "it, then seal"
        )


def _sealed_elsewhere(now: Standing) -> str:
    key, decided = now.submission.key, now.decision and now.decision.seal
    if decided:
        did = "passed back" if decided.kind is DecisionKind.PASSED_BACK else "decided"
        when, name = _day(decided.at), decided.digest[:8]
        return f"{key} was {did} on another computer of yours, {when}, as {name}. That stays as it is"
    seal = now.own_review.seal
    assert seal is not None
    return (
        f"{key} was sealed on another computer of yours on {_day(seal.at)}, as packet {seal.packet_digest[:8]}. A "
        "correction would replace that"
    )


def _day(at: datetime) -> str:
    return f"{at.astimezone():%d %B, %H:%M}"


def _standing(pen: Pen, submission_id: str) -> Standing:
    with pen.store.reading() as view:
        return pen.look(view, submission_id)
