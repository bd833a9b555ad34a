"""Correcting a sealed review: the next revision begins with what the sealed one says.

What its source took, or may still take, is superseded by the next packet. What the source turned away, because the
certificate was revoked before it came for example, never was the source's: it leaves the outbox, and the next packet
replaces nothing there.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.domain.errors import Refused

if TYPE_CHECKING:
    from assessor_desk.desk.pen import Pen

#: Seconds that an act which must not meet a round waits for one to end.
_ROUND_ENDS = 1.0


def begin_correction(pen: Pen, rounds: threading.Lock, submission_id: str) -> Changes:
    """Open the next revision. Raises Refused where nothing is sealed, and while a round may be sending a refused one.

    Were it cut short after the first of its two steps, the next round drops what it finds refused once more.
    """
    if not _was_refused(pen, submission_id):
        return pen.begin_correction(submission_id)
    with between_rounds(rounds):
        changes = pen.begin_correction(submission_id)
        with pen.store.transaction() as work:
            work.drop_refused_packets(submission_id)
            work.commit()
    return changes | Changes.of(Kind.OUTBOX, Kind.LEDGER, submission=submission_id)


@contextmanager
def between_rounds(rounds: threading.Lock) -> Iterator[None]:
    """No round is under way: one may be sending, this moment, what was refused before. Raises Refused where one is."""
    if not rounds.acquire(timeout=_ROUND_ENDS):
        raise Refused("A round with the source is under way. Wait until it has ended")
    try:
        yield
    finally:
        rounds.release()


def _was_refused(pen: Pen, submission_id: str) -> bool:
    with pen.store.reading() as view:
        standing = pen.look(view, submission_id)
    lines = (standing.delivery, *(line for _, line in standing.earlier))
    return any(line is not None and line.turned_away for line in lines)
