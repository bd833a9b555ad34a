"""A hub reached by stick, in trips (docs/folder-source.md): what a round would ask of the network it asks of a folder.

What is handed over goes into the desk's letter, which the round's end puts on the stick as a whole; until the hub's
receipt comes back with a bundle it is on its way, and stays in the outbox. Nothing here trusts the stick: bundles are
signed by the hub and encrypted to this desk, letters encrypted to the hub and told apart by the device's token.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from assessor_desk.domain.addresses import FOLDER, folder_named
from assessor_desk.domain.changes import (
    Blob,
    DeliveryKind,
    Enrolment,
    Receipt,
    SourceChanges,
    SourceCounts,
)
from assessor_desk.domain.errors import Damaged, Refused, sentence
from assessor_desk.keys.letters import LetterKey, seal_letter
from assessor_desk.keys.signing import read_certificates, read_request
from assessor_desk.protocol.stick import REQUEST, Marker, Stick, StickRequest, desk_name
from assessor_desk.protocol.stick_files import clear_unfinished, remove, write_whole
from assessor_desk.sync.folder_bundles import Reader, older_words, pieces_of, refuse_foreign
from assessor_desk.sync.source import EnrolmentRevoked, Held, OnItsWay
from assessor_desk.sync.unreached import Unreached, Why

if TYPE_CHECKING:
    from assessor_desk.protocol.stick_messages import Bundle, Delivery
    from assessor_desk.verdict.trust import TrustList

#: A letter is put together in memory; what does not fit goes with the next.
LARGEST_LETTER = 256 << 20


def folder_of(address: str) -> Path:
    """The folder that an address names. Raises Refused for one that names none."""
    named = folder_named(address)
    if not named:
        raise Refused("Name the folder on the stick: folder:PATH")
    return Path(named).expanduser().absolute()


@dataclass(frozen=True, slots=True)
class FolderFacts:
    """What a desk remembers of a hub that it reaches by stick.

    `hub_key` is what letters to it are encrypted to; `taken` and `written` are the numbers of the newest bundle seen
    and of the last letter, `said` a digest of what that letter says, `counts` what the hub held for this person then.
    """

    hub_key: str = ""
    taken: int = 0
    written: int = 0
    said: str = ""
    counts: tuple[int, int, int] = (0, 0, 0)


class Lodging(Protocol):
    """The desk, as far as a folder source needs it."""

    @property
    def key(self) -> LetterKey:
        """What bundles for this desk are encrypted to."""
        ...

    def facts(self) -> FolderFacts:
        """What is remembered of this hub."""
        ...

    def remember(self, facts: FolderFacts) -> None:
        """Keep that."""
        ...

    def take_token(self, token: str) -> None:
        """Keep another token for this hub."""
        ...

    def trust(self) -> TrustList | None:
        """The list that vouches for this hub; None before the first."""
        ...

    def now(self) -> datetime:
        """The desk's clock."""
        ...

    def waiting(self) -> int:
        """How much waits in the outbox for this hub."""
        ...

    def cursor(self) -> str:
        """The place up to which changes of this hub were taken."""
        ...

    def receipted(self) -> list[str]:
        """Digests of all that this hub gave a receipt for, and that could be delivered once more."""
        ...

    def holds(self, digest: str) -> bool:
        """Whether a sealed file is here."""
        ...

    def asks(self) -> bool:
        """Whether this desk waits to be let in (once more)."""
        ...


class FolderSource:
    """A hub whose stick is at `address`. `token`, `identity` and `title` are empty until a desk has been let in."""

    def __init__(
        self, address: str, lodging: Lodging, token: str = "", identity: str = "", title: str = ""
    ) -> None:
        self.stick = Stick(folder_of(address))
        self._lodging, self._token, self._identity = lodging, token, identity
        self._title = title or "your programme"
        self._going: dict[str, Delivery] = {}
        self._renewal: tuple[str, bytes] | None = None
        self._older = ""

    @property
    def address(self) -> str:
        """Where the stick is."""
        return f"{FOLDER}{self.stick.root}"

    @property
    def identity(self) -> str:
        """The hub's unchanging name for itself."""
        return self._identity

    @property
    def title(self) -> str:
        """What people call the hub."""
        return self._title

    @cached_property
    def desk(self) -> str:
        """What this desk is called on the stick."""
        return desk_name(self._lodging.key.recipient)

    # -- the first trip ----------------------------------------------------------------------------------------

    def answer(self, csr: str) -> Enrolment | None:
        """The hub's answer to a request, None where the stick brings none, or one to another. Changes nothing.

        Its trust list vouches for itself alone: whoever takes it has to have compared its root with the programme.
        """
        self._refuse_away()
        bundle = self._reader().newest()
        if bundle is None or bundle.enrolment is None:
            return None
        certified = read_certificates(bundle.enrolment.certificate.encode())[0]
        if certified.public_key() != read_request(csr.encode()).public_key():
            return None
        return bundle.enrolment.enrolment()

    def marker(self) -> Marker | None:
        """Whose stick it is. Raises Unavailable where none is in."""
        self._refuse_away()
        return self.stick.marker()

    def enrol(self, code: str, csr: str, device: str) -> Enrolment:
        """The answer that the stick brings, or else put the request on it. `code` is not looked at.

        Raises OnItsWay where the request was put there.
        """
        answer = self.answer(csr)
        if answer is not None:
            self._token, self._identity, self._title = answer.token, answer.identity, answer.title
            return answer
        self._tidy()
        self.stick.mark(self.stick.marker() or Marker())
        self.stick.ask(self.desk, StickRequest(csr, device))
        raise OnItsWay(f"The request is on the stick in {self.stick.root}. Take it to your programme")

    # -- a round -----------------------------------------------------------------------------------------------

    def changes(self, cursor: str, agreed: bool = False) -> SourceChanges:
        """The page after `cursor`; from the beginning where the bundle knows no such place.

        That a hub was put back from a back-up shows by the letter that it read last, or by a receipt that it gave and
        has no more: a letter is read once, and the stick may be at the hub twice before it comes back.

        Raises EnrolmentRevoked where the hub says so.
        """
        bundle = self._bundle
        if bundle is None:
            return SourceChanges(cursor)
        self._refuse_ended(bundle)
        places = ["", *(page.cursor for page in bundle.pages)]
        if not bundle.pages or cursor == places[-1]:
            return SourceChanges(cursor)
        known = cursor in places
        at = places.index(cursor) if known else 0
        page = bundle.pages[at].changes()
        anew = not known and (bundle.anew or self._lacks_some(bundle))
        return replace(page, more=at + 1 < len(bundle.pages), anew=anew)

    def _lacks_some(self, bundle: Bundle) -> bool:
        """Receipts come by the stick alone, and a bundle has them all."""
        there = {one.packet_digest for one in bundle.receipts}
        return not there.issuperset(self._lodging.receipted())

    def counts(self) -> SourceCounts:
        """What the hub held for this person when it made the newest bundle."""
        bundle = self._bundle
        if bundle is not None and bundle.counts is not None:
            return bundle.counts.counts()
        return SourceCounts(*self._lodging.facts().counts)

    def fetch(self, blob: Blob, offset: int, end: int | None = None) -> Iterator[bytes]:
        """The sealed bytes from `offset` on, or up to `end`. Raises OnItsWay where they come with another trip."""
        bundle = self._bundle
        if bundle is None:
            raise OnItsWay("It is not on the stick. It comes with the next trip")
        left = (blob.length if end is None else end) - offset
        for piece in pieces_of(self.stick, bundle, blob, offset):
            if left > 0:
                yield piece[:left]
            left -= len(piece)

    def held(self, digests: Iterable[str]) -> Held:
        """What the newest bundle says that the hub has, which is all of it."""
        bundle = self._bundle
        if bundle is None:
            raise Refused(f"What {self._title} has is not on the stick")
        here, wanted = {one.packet_digest for one in bundle.receipts}, frozenset(digests)
        return Held(wanted & here, wanted & set(bundle.released))

    def deliver(
        self, packet: BinaryIO, length: int, digest: str, kind: DeliveryKind = DeliveryKind.PACKET
    ) -> Receipt:
        """The receipt that the stick brings, or else let it go with the letter.

        Raises OnItsWay while there is no receipt, Refused with the hub's words where it would not take it, and Damaged
        where what lies on the stick cannot be read: that is no answer of the hub's.
        """
        try:
            bundle = self._bundle
        except Refused as error:
            raise Damaged(sentence(error)) from error
        if bundle is not None:
            if kind is not DeliveryKind.DESTRUCTION:  # which goes also where the enrolment has ended
                self._refuse_ended(bundle)
            for receipt in bundle.receipts:
                if receipt.packet_digest == digest:
                    return receipt.receipt()
        self._let_go(packet, length, digest, kind)
        if bundle is not None and digest in bundle.refused:
            raise Refused(f"{self._title} says: {bundle.refused[digest]}")
        raise OnItsWay(f"It goes to {self._title} with the stick; the receipt comes back with it")

    def release(self, decision: str, documents: BinaryIO | None, length: int) -> datetime:
        """Raises Refused: whether a concern stands is known at the hub alone, and nothing is released on a guess."""
        raise Refused(not_by_stick(self._title))

    def renew(self, csr: str, proof: bytes) -> tuple[bytes, bytes]:
        """The next certificate and its chain, where the stick brings them. Else the request goes with the letter.

        Raises OnItsWay meanwhile.
        """
        bundle = self._bundle
        answer = bundle.renewed.get(hashlib.sha256(csr.encode()).hexdigest()) if bundle is not None else None
        if answer is not None:
            return answer.certificate.encode(), answer.chain.encode()
        self._renewal = (csr, proof)
        raise OnItsWay("The request for the next certificate goes with the stick")

    def leave_word(self) -> str:
        """Put this round's letter on the stick, unless the one there says the same; a request that was answered goes.

        Raises NoRoom for a full stick, Unavailable for one that was pulled out, Refused with the hub's words where it
        took nothing from the letter before, and where the stick has an older bundle than one that was taken in.
        """
        bundle, facts = self._bundle, self._lodging.facts()
        if not facts.hub_key or (bundle is not None and bundle.ended and not self._going):
            return ""
        said = self._what_to_say()
        fresh = said != facts.said or not self.stick.letters(self.desk)
        if fresh:
            self._write_letter(facts, said, bundle.letter if bundle else 0)
        if not self._lodging.asks():
            remove(self.stick.from_desk(self.desk) / REQUEST)
        if self._older:
            raise Refused(self._older)
        if bundle is not None and bundle.letter_refused:
            raise Refused(f"{self._title} says: {bundle.letter_refused}")
        return self._put_there() if fresh else ""

    def _put_there(self) -> str:
        count = len(self._going)
        if not count:
            return ""
        many = "1 packet is" if count == 1 else f"{count} packets are"
        return f"{many} on the stick for {self._title}. The receipt comes back with it."

    def interrupt(self) -> None:
        """Nothing here waits for anybody."""

    def close(self) -> None:
        """There is nothing to let go of."""

    # -- what is on the stick ----------------------------------------------------------------------------------

    def _reader(self) -> Reader:
        return Reader(self.stick, self.desk, self._lodging.key, self._lodging.trust(), self._lodging.now())

    @cached_property
    def _bundle(self) -> Bundle | None:
        """The newest bundle, looked for once a round, and remembered so that none before it counts any more."""
        self._refuse_away()
        refuse_foreign(self.stick, self._identity, self._title)
        bundle = self._reader().newest()
        if bundle is None:
            return None
        if bundle.hub != self._identity:
            raise Refused(
                f"The bundle on the stick is of {bundle.title}, not of {self._title}. Tell the issuer"
            )
        facts = self._lodging.facts()
        self._older = older_words(bundle, facts.taken, self._title)
        if self._older:
            # As if there were none; a hub that was restored reads in the letter after which number to go on.
            return None
        if bundle.sequence > facts.taken:
            self._remember(bundle, facts)
        return bundle

    def _remember(self, bundle: Bundle, facts: FolderFacts) -> None:
        if bundle.enrolment is not None and bundle.enrolment.token != self._token:
            self._token = bundle.enrolment.token
            self._lodging.take_token(self._token)
        counts = bundle.counts.counts() if bundle.counts else SourceCounts(*facts.counts)
        fresh = replace(
            facts,
            hub_key=bundle.recipient,
            taken=bundle.sequence,
            counts=(counts.assignments, counts.artifacts, counts.bytes),
        )
        self._lodging.remember(fresh)

    def _refuse_away(self) -> None:
        """Where a stick is put in, some systems leave an empty folder while it is not."""
        if self.stick.is_here and (not self._identity or self.stick.marker() is not None):
            return
        waiting = self._lodging.waiting()
        words = {0: "nothing waits for it", 1: "1 packet waits for it"}.get(
            waiting, f"{waiting} packets wait for it"
        )
        raise Unreached(f"The stick is not here ({self.stick.root}): {words}", Why.OFFLINE)

    @staticmethod
    def _refuse_ended(bundle: Bundle) -> None:
        if bundle.ended:
            raise EnrolmentRevoked(bundle.ended)

    # -- the letter --------------------------------------------------------------------------------------------

    def _let_go(self, packet: BinaryIO, length: int, digest: str, kind: DeliveryKind) -> None:
        from assessor_desk.protocol.stick_messages import Delivery, Sent

        if length + sum(one.sent.length for one in self._going.values()) > LARGEST_LETTER:
            raise OnItsWay("The stick's letter is full. It goes with the next one")
        self._going[digest] = Delivery(Sent(kind=kind, digest=digest, length=length), packet.read())

    def _held(self) -> list[str]:
        """Sealed files that the bundle's pages name and that are here."""
        from assessor_desk.protocol.stick_messages import sealed_files

        pages = self._bundle.pages if self._bundle is not None else ()
        named = {digest for page in pages for digest in sealed_files(page)}
        return sorted(filter(self._lodging.holds, named))

    def _what_to_say(self) -> str:
        """A digest of all that a letter now would say."""
        facts = self._lodging.facts()
        parts = [
            str(facts.taken),
            self._lodging.cursor(),
            self._token,
            repr(self._renewal),
            facts.hub_key,
            *self._held(),
            *sorted(self._going),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _write_letter(self, facts: FolderFacts, said: str, read: int) -> None:
        from assessor_desk.protocol.messages import RenewRequest
        from assessor_desk.protocol.stick_messages import Letter, write_letter

        self._tidy()
        number = max(facts.written, read) + 1
        # Kept before it is written: a number never stands for two letters.
        self._lodging.remember(replace(facts, written=number, said=""))
        renewal = (
            None if self._renewal is None else RenewRequest(csr=self._renewal[0], proof=self._renewal[1])
        )
        deliveries = list(self._going.values())
        head = Letter(
            kind="assessor-desk letter",
            version=1,
            desk=self.desk,
            sequence=number,
            written_at=self._lodging.now(),
            token=self._token,
            taken=facts.taken,
            cursor=self._lodging.cursor(),
            held=tuple(self._held()),
            renewal=renewal,
            deliveries=tuple(one.sent for one in deliveries),
        )
        letter = seal_letter(write_letter(head, deliveries), facts.hub_key)
        write_whole(self.stick.letter(self.desk, number), [letter])
        self._lodging.remember(replace(facts, written=number, said=said))
        for older, path in self.stick.letters(self.desk):
            if older < number:
                remove(path)

    def _tidy(self) -> None:
        clear_unfinished(self.stick.from_desk(self.desk))


def not_by_stick(title: str) -> str:
    """Why no report is released to a source that is reached by stick alone, and what to do."""
    return (
        f"Reports are not released by stick: whether a concern stands is known at {title} alone. Ask the issuer for an "
        "enrolment code, connect this desk to the hub’s address where there is a network, and release there; all that "
        "was decided goes with it"
    )
