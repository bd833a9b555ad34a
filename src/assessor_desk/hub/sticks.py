"""A stick at the hub: what desks put on it is taken in as over the network, and each gets its next bundle.

Nothing on a stick is believed for lying there. A request counts once somebody here has compared its key's words with
the person; a letter counts by the device's token inside its encryption; a delivery is judged by the same rules and
answered by the same receipt as on the network. What was taken is removed last, once its receipt is on the stick.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from assessor_desk.domain.changes import DeliveryKind, Enrolment
from assessor_desk.domain.errors import Damaged, DeskError, Refused, Unavailable, sentence
from assessor_desk.hub.bags import judge_bag
from assessor_desk.hub.certifying import Who
from assessor_desk.hub.deliveries import LARGEST_PACKET, Judge, receive
from assessor_desk.hub.destructions import take_destruction
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.handed_in import judge_concern, judge_notes
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import Caller, caller_of, refuse_ended
from assessor_desk.hub.renewing import renew
from assessor_desk.hub.stick_bundles import Answers, Put, clear_unfinished_of, put_bundle
from assessor_desk.hub.stick_desks import (
    Asking,
    StickDesk,
    asking_on,
    caller_from,
    hub_key,
    is_let_in,
    known_desk,
    let_in,
)
from assessor_desk.hub.streaming import Body
from assessor_desk.hub.timeline import place_of
from assessor_desk.keys.signing import root_words
from assessor_desk.protocol.documents import LARGEST_DOCUMENT
from assessor_desk.protocol.messages import RenewAnswer
from assessor_desk.protocol.stick import REQUEST, Marker, Stick
from assessor_desk.protocol.stick_files import read_whole, remove
from assessor_desk.protocol.stick_messages import Delivery, Letter, read_letter

#: Who judges what, and how large it may be: the same as on the network.
_JUDGES: dict[DeliveryKind, tuple[Judge, int]] = {
    DeliveryKind.PACKET: (judge_bag, LARGEST_PACKET),
    DeliveryKind.DECISION: (judge_bag, LARGEST_PACKET),
    DeliveryKind.NOTES: (judge_notes, LARGEST_DOCUMENT),
    DeliveryKind.CONCERN: (judge_concern, LARGEST_DOCUMENT),
}
_ASK_AGAIN = "Let its person connect it to this stick once more, and then let it in as the first time"
#: Statuses from here on say that the hub cannot now, which is no verdict on what was delivered.
_CANNOT_NOW = 500


@dataclass(frozen=True, slots=True)
class Visited:
    """What was done for one desk. `person` is empty where it only asks, with `key` the words to compare.

    `taken` were accepted just now or before, `refused` are sentences on what was not, `troubles` on what was passed
    over.
    """

    desk: str
    person: str = ""
    key: str = ""
    device: str = ""
    let_in: bool = False
    taken: int = 0
    refused: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    put: Put = field(default_factory=Put)


def fingerprint(hub: Hub) -> str:
    """The programme's, in groups for the people of desks to compare before they believe an answer."""
    return root_words(hub.authority.root)


def visit(hub: Hub, root: Path, who: Who | None = None, key: str = "") -> list[Visited]:
    """Go through a stick: every desk that has a folder on it. `key` are the words of the request that is `who`'s.

    Raises Refused for another hub's stick, and for words that no request on it has; Unavailable where there is no
    stick, NoRoom where it is full. What was done for a desk before that stays done.
    """
    stick = Stick(root)
    _refuse_foreign(hub, stick)
    if key:
        _refuse_unknown_key(stick, key)
    stick.mark(Marker(hub.identity, hub.title))
    return [_visit(hub, stick, desk, who, key) for desk in stick.desks()]


def _refuse_foreign(hub: Hub, stick: Stick) -> None:
    if not stick.is_here:
        raise Unavailable(f"There is no folder {stick.root}. Is the stick in?")
    try:
        marker = stick.marker()
    except Damaged:
        return  # pulled out while it was written: it is written anew, and what is for others opens for them alone
    if marker is not None and marker.hub not in ("", hub.identity):
        raise Refused(
            f"This stick goes to {marker.title}, not to {hub.title}. Use another for each programme"
        )


def _refuse_unknown_key(stick: Stick, key: str) -> None:
    asking = {desk: _asking(stick, desk)[0] for desk in stick.desks()}
    words = [one.key for one in asking.values() if one is not None]
    if _plain(key) not in map(_plain, words):
        there = f"those on it are {', '.join(words)}" if words else "there is no request on it"
        raise Refused(f"No request on this stick is for key {key}: {there}")


def _plain(key: str) -> str:
    return "".join(letter for letter in key.upper() if letter.isalnum())


def _asking(stick: Stick, desk: str) -> tuple[Asking | None, tuple[str, ...]]:
    """A desk's request, and what is wrong with it."""
    try:
        return asking_on(stick, desk), ()
    except (Refused, Damaged) as error:
        return None, (f"{stick.from_desk(desk) / REQUEST}: {sentence(error)}",)


def _visit(hub: Hub, stick: Stick, desk: str, who: Who | None, key: str) -> Visited:
    clear_unfinished_of(stick, desk)
    asking, troubles = _asking(stick, desk)
    known = known_desk(hub, desk)
    taking = None if known is None else _Taking(hub, stick, known)
    if taking is not None:
        taking.read()
    proven = taking is not None and taking.proven
    answered = asking is not None and is_let_in(hub, asking, known)
    chosen = asking is not None and bool(key) and _plain(key) == _plain(asking.key)
    enrolment = None
    if asking is not None and (not proven if answered else chosen):
        fresh, enrolment = let_in(hub, asking, None if answered else who)
        taking = taking or _Taking(hub, stick, fresh)
        taking.desk = replace(
            taking.desk, device=fresh.device, request_hash=fresh.request_hash, token=fresh.token
        )
    if taking is None:
        return _only_asking(stick, desk, asking, troubles)
    put = taking.put(enrolment)
    if answered and proven:  # the desk has its answer, and could not remove the question
        remove(stick.from_desk(desk) / REQUEST)
    let_in_now = enrolment is not None and not answered
    return _done(taking, None if answered else asking, let_in_now, put, troubles)


def _only_asking(stick: Stick, desk: str, asking: Asking | None, troubles: tuple[str, ...]) -> Visited:
    if asking is None:
        letters = stick.letters(desk)  # also one of whom a hub that was put back has forgotten
        lost = (f"{letters[-1][1]} is of a desk that was not let in here. {_ASK_AGAIN}",) if letters else ()
        return Visited(desk, troubles=(*troubles, *lost))
    return Visited(desk, key=asking.key, device=asking.device, troubles=troubles)


def _done(
    taking: _Taking, asking: Asking | None, let_in_now: bool, put: Put, troubles: tuple[str, ...]
) -> Visited:
    return Visited(
        taking.desk.desk,
        taking.caller.person,
        asking.key if asking else "",
        asking.device if asking else "",
        let_in_now,
        taking.taken,
        tuple(taking.answers.refused.values()),
        (*troubles, *taking.troubles),
        put,
    )


def _ended(hub: Hub, caller: Caller) -> str:
    try:
        with hub.database.reading() as view:
            refuse_ended(view, caller)
    except Declined as ended:
        return sentence(ended)
    return ""


class _Taking:
    """What one desk's letter brings, taken in; `answers` grow meanwhile."""

    def __init__(self, hub: Hub, stick: Stick, desk: StickDesk) -> None:
        self._hub, self._stick = hub, stick
        self.desk, self.answers = desk, Answers(ended=_ended(hub, caller_from(hub, desk)))
        self.taken = 0
        #: Whether the desk has shown that it has its token.
        self.proven = False
        self.troubles: list[str] = []
        self._done: Path | None = None

    def read(self) -> None:
        """Take in the newest letter. What is wrong with it as a whole is told here, and to the desk."""
        letters = self._stick.letters(self.desk.desk)
        if not letters:
            return
        _, path = letters[-1]
        try:
            head, deliveries = self._opened(path)
        except (Refused, Damaged) as error:
            self._tell(f"{sentence(error)} Nothing was taken from it.")
            return
        if not self.answers.ended:
            self.proven = True
            self._heed(head)
        for one in deliveries:
            # Whoever is not enrolled any more says that they destroyed, and nothing else.
            if not self.answers.ended or one.sent.kind is DeliveryKind.DESTRUCTION:
                self._take(one)
        if not self.answers.refused and self.taken == len(deliveries):
            self._done = path

    @property
    def caller(self) -> Caller:
        """The person and computer that the desk is now."""
        return caller_from(self._hub, self.desk)

    def put(self, enrolment: Enrolment | None) -> Put:
        """Put the next bundle on the stick, and then remove what was taken."""
        ended = "" if enrolment is not None else self.answers.ended
        answers = replace(self.answers, enrolment=enrolment, ended=ended)
        done = put_bundle(self._hub, self._stick, self.desk, self.caller, answers)
        self._clear()
        return done

    def _clear(self) -> None:
        """Remove the letters, unless something in the newest stays to be looked at again."""
        letters = self._stick.letters(self.desk.desk)
        newest = letters[-1][0] if letters else 0
        for number, path in letters:
            if number < newest or path == self._done:
                remove(path)

    def _opened(self, path: Path) -> tuple[Letter, list[Delivery]]:
        content = hub_key(self._hub).open(read_whole(path), str(path))
        head, deliveries = read_letter(content, path)
        if head.desk != self.desk.desk:
            raise Refused(f"{path} is another desk's letter")
        if self.answers.ended:  # its token says nothing any more, and its receipts are signed
            return head, deliveries
        try:
            writer = caller_of(self._hub, head.token)
        except Declined as error:
            raise Refused(
                f"{path} was not written by the computer that was let in. Let the desk ask again"
            ) from error
        if writer.device != self.caller.device:
            raise Refused(f"{path} was written by another computer than the one that was let in")
        if head.sequence < self.desk.letter:
            raise Refused(
                f"{path} is an older letter than one taken before: an old copy was put on the stick"
            )
        return head, deliveries

    def _heed(self, head: Letter) -> None:
        """A hub that was restored has to go on after the newest bundle that the desk has seen."""
        sequence = max(self.desk.sequence, head.taken)
        self.desk = replace(self.desk, sequence=sequence, letter=head.sequence, held=head.held, token="")
        self.answers = replace(self.answers, anew=self._is_of_another_past(head.cursor))
        if head.renewal is None:
            return
        try:
            certificate = renew(self._hub, self.caller, head.renewal.csr, head.renewal.proof)
        except Declined as error:
            self._tell(sentence(error))
            return
        answer = RenewAnswer(certificate=certificate.decode(), chain=self._hub.authority.chain().decode())
        asked = hashlib.sha256(head.renewal.csr.encode()).hexdigest()
        self.answers = replace(self.answers, renewed={asked: answer})

    def _is_of_another_past(self, cursor: str) -> bool:
        try:
            return place_of(self._hub, cursor).anew
        except Declined:
            return True

    def _receive(self, delivery: Delivery) -> None:
        sent = delivery.sent
        if sent.kind is DeliveryKind.DESTRUCTION:
            take_destruction(self._hub, sent.digest, delivery.content)
            return
        judge, limit = _JUDGES[sent.kind]
        if sent.length > limit:
            raise Declined(413, f"The delivery has {sent.length} bytes; at most {limit} are taken")
        body = Body(sent.length, iter([delivery.content]))
        receive(self._hub, self.caller, sent.digest, body, judge)

    def _take(self, delivery: Delivery) -> None:
        sent = delivery.sent
        try:
            self._receive(delivery)
        except Declined as error:
            if error.status >= _CANNOT_NOW:
                self.troubles.append(sentence(error))
            else:
                self.answers = replace(
                    self.answers, refused={**self.answers.refused, sent.digest: sentence(error)}
                )
            return
        except DeskError as error:
            self.troubles.append(sentence(error))
            return
        self.taken += 1

    def _tell(self, words: str) -> None:
        self.troubles.append(words)
        self.answers = replace(self.answers, letter_refused=words)
