"""What any source of submissions can do, be it a hub, a folder on a stick, or a learning platform.

Few verbs, because the poorest source has no more: Moodle, say, has no cursor (the source keeps
timestamps in the text it gives out as one), no keys (`Blob.key` is empty and `fetch` gives plain bytes),
no certificates (`enrol` trades a token for an `Enrolment` without one) and no signature
(`Receipt.signed` is empty). Whatever a wire says by way of warnings, status codes or an HTML page is
turned into a `DeskError` here, before anyone takes it for an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol

from assessor_desk.domain.changes import (
    Blob,
    DeliveryKind,
    Enrolment,
    Receipt,
    SourceChanges,
    SourceCounts,
)
from assessor_desk.domain.errors import Refused
from assessor_desk.sync.unreached import Unreached, Why

#: No source is left alone for longer, whatever it asks for.
LONGEST_REST = timedelta(days=1)


class Busy(Unreached):
    """The source asks to be left alone for `seconds`."""

    def __init__(self, words: str, seconds: float) -> None:
        super().__init__(words, Why.BUSY)
        self.seconds = seconds


class OnItsWay(Unreached):
    """What was handed over or asked for travels by stick: the source's answer comes with a later round."""

    def __init__(self, words: str) -> None:
        super().__init__(words, Why.BY_STICK)


class UnknownCursor(Refused):
    """The source never gave out that cursor: everything is to be taken from the beginning."""


@dataclass(frozen=True, slots=True)
class Held:
    """What of a desk's deliveries a source has, by digest, and of which decisions among them the report is out."""

    delivered: frozenset[str] = frozenset()
    released: frozenset[str] = frozenset()


class NotEnrolled(Refused):
    """The source declines this device, whatever it asks: that says nothing of what was offered or asked for."""


class EnrolmentRevoked(NotEnrolled):
    """The source knows this device and says that its enrolment was revoked.

    Never raised for a device that a source merely does not know: the evidence goes with it.
    """


class Source(Protocol):
    """A place that assigns submissions and takes packets.

    Every verb raises `Unavailable` when the source cannot be reached or is out of order, `Refused` when
    it understood and declined, and `Damaged` when what it sent is not what it announced; none of them
    changes anything here. All block: they are called from a side lane and never inside a transaction.
    """

    @property
    def address(self) -> str:
        """Where it is reached, as the person typed it, normalised."""
        ...

    @property
    def identity(self) -> str:
        """Its unchanging name for itself, which submissions name as their source; empty before enrolling."""
        ...

    @property
    def title(self) -> str:
        """What people call it."""
        ...

    def enrol(self, code: str, csr: str, device: str) -> Enrolment:
        """Trade a one-time code and a certificate request (PEM) for a token and a certificate."""
        ...

    def changes(self, cursor: str, agreed: bool = False) -> SourceChanges:
        """The next page after `cursor`; the empty cursor is the beginning.

        `agreed`: as of this cursor the desk has what the source counted. Where nothing is new since, the answer is
        then empty, with the same cursor, and costs the source no more with many assignments than with few. Raises
        UnknownCursor for one that the source does not know.

        Asked on any thread, of this source one at a time: a round asks for the next page while it writes one.
        """
        ...

    def held(self, digests: Iterable[str]) -> Held:
        """What of these deliveries the source has; asked after it was restored, so one that never is has no need."""
        ...

    def fetch(self, blob: Blob, offset: int, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `offset` on, to the end or up to `end`, in pieces. Ends early only by an exception.

        Asked for an `end` only where the file is a sealed one.
        """
        ...

    def deliver(
        self, packet: BinaryIO, length: int, digest: str, kind: DeliveryKind = DeliveryKind.PACKET
    ) -> Receipt:
        """Hand over a packet, decision, notes or concern of `length` bytes; again: the same receipt.

        Raises Refused where the source has no place for that kind.
        """
        ...

    def release(self, decision: str, documents: BinaryIO | None, length: int) -> datetime:
        """Release the report on a decision, and when that was; again: as the first time.

        With `documents` (a ZIP of the report) the source hands it on, without it takes note that a folder was used.
        """
        ...

    def counts(self) -> SourceCounts:
        """What the source holds for this person."""
        ...

    def renew(self, csr: str, proof: bytes) -> tuple[bytes, bytes]:
        """Another certificate for this device, and its chain (PEM): `proof` is the present key's signature over `csr`.

        Asked again, the source answers the same. Raises Refused where it will not renew.
        """
        ...

    def leave_word(self) -> str:
        """A round is over: what a source is handed only as a whole, such as a letter on a stick, is written now.

        Gives a sentence where there is something to know of that.
        """
        ...

    def interrupt(self) -> None:
        """From another thread: end whatever is being asked, which then raises Unavailable at once."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
