"""A desk and its hub by stick: asking to be let in, taking the answer, and what is remembered of such a hub.

The desk's encryption key lies in the encrypted store; the signing key that is asked a certificate for waits, wrapped by
the passphrase, until the answer is here. Who answers is believed once their fingerprint was compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from assessor_desk.desk.connecting import (
    PROFILE,
    REQUEST,
    REVOKED,
    device_title,
    key_and_request,
    settle,
)
from assessor_desk.desk.identity import WAITING
from assessor_desk.desk.programmes import SOURCES, trust_list
from assessor_desk.domain.addresses import is_folder
from assessor_desk.domain.errors import Refused
from assessor_desk.keys.letters import LetterKey
from assessor_desk.keys.signing import key_words, read_certificates, root_words, same_words
from assessor_desk.protocol.stick import Marker
from assessor_desk.sync.folder_source import FolderFacts, FolderSource
from assessor_desk.sync.source import OnItsWay

if TYPE_CHECKING:
    from assessor_desk.desk.connecting import Surroundings
    from assessor_desk.domain.changes import Enrolment
    from assessor_desk.store.store import Store
    from assessor_desk.verdict.trust import TrustList

_KEY, _FACTS = "folder_key", "folder_facts"
#: Where a request lies that was not answered yet: the address of its folder.
ASKED = "folder_asked"


class Unconfirmed(Refused):
    """An answer is there, and nobody has said yet that it is their programme's."""


@dataclass(frozen=True)
class Asked:
    """A request on a stick that waits for its answer: at which address, and its key's words."""

    address: str
    key_words: str


@dataclass(frozen=True)
class DeskLodging:
    """The desk as a folder source knows it; `identity` is the hub's, empty before the first answer."""

    desk: Surroundings
    identity: str

    @cached_property
    def key(self) -> LetterKey:
        """The desk's encryption key, made when it is first asked for."""
        store = self.desk.store
        known = store.fact(_KEY)
        if known is None:
            known = LetterKey.generate().secret
            store.set_fact(_KEY, known)
        return LetterKey(known)

    def facts(self) -> FolderFacts:
        """What is remembered of the hub."""
        kept: dict[str, Any] = self.desk.store.fact(_FACTS, {}).get(self.identity, {})
        return FolderFacts(**{**kept, "counts": tuple(kept["counts"])}) if kept else FolderFacts()

    def remember(self, facts: FolderFacts) -> None:
        """Keep that."""
        with self.desk.store.transaction() as work:
            work.set_fact(_FACTS, {**work.fact(_FACTS, {}), self.identity: asdict(facts)})
            work.commit()

    def take_token(self, token: str) -> None:
        """Keep another token."""
        _change_source(self.desk.store, self.identity, token=token)

    def trust(self) -> TrustList | None:
        """The list that came from this hub."""
        return trust_list(self.desk.store, self.identity) if self.identity else None

    def now(self) -> datetime:
        """The desk's clock."""
        return self.desk.clock()

    def waiting(self) -> int:
        """How much waits for this hub."""
        return len(self.desk.store.outbox_waiting(self.identity))

    def cursor(self) -> str:
        """The place up to which changes of the hub were taken."""
        return self.desk.store.cursor(self.identity)

    def receipted(self) -> list[str]:
        """What the hub took."""
        with self.desk.store.reading() as view:
            return [*view.outbox_receipted(self.identity), *view.custody.sent(self.identity)]

    def holds(self, digest: str) -> bool:
        """Whether a sealed file is in the vault."""
        return self.desk.vault.holds(digest)

    def asks(self) -> bool:
        """Whether a request waits for its answer."""
        return self.desk.store.fact(ASKED) is not None


def folder_source(desk: Surroundings, kept: Mapping[str, Any]) -> FolderSource:
    """The source that the desk keeps so."""
    lodging = DeskLodging(desk, kept["identity"])
    return FolderSource(kept["address"], lodging, kept["token"], kept["identity"], kept["title"])


def connect_by_folder(desk: Surroundings, address: str, fingerprint: str, passphrase: str) -> None:
    """The first trip puts a request on the stick (`asked` tells of it), the second takes the answer.

    Where the desk is connected to the stick's hub already, and by another folder, it is looked for in this one from now
    on; by the same one, it asks to be let in once more. `fingerprint`
    is the programme's as it told it, needed where this desk does not know it yet. Raises Refused without it, naming the
    answer's, and for another one; Unavailable where the stick is not in or is full.
    """
    source = FolderSource(address, DeskLodging(desk, ""))
    if _is_moved(desk, source):
        return
    waiting = desk.identity / WAITING / source.desk
    key, request = key_and_request(waiting, passphrase, DeskLodging(desk, "").key.recipient)
    try:
        enrolment = source.enrol("", request, device_title())
    except OnItsWay:
        desk.store.set_fact(ASKED, source.address)
        return
    _refuse_unconfirmed(desk, enrolment, fingerprint)
    settle(desk, enrolment, source.address, waiting, key, passphrase)
    desk.store.set_fact(ASKED, None)


def asked(desk: Surroundings) -> Asked | None:
    """The request that waits on a stick for its answer."""
    address = desk.store.fact(ASKED)
    if address is None:
        return None
    source = FolderSource(address, DeskLodging(desk, ""))
    request = desk.identity / WAITING / source.desk / REQUEST
    return Asked(address, key_words(request.read_bytes())) if request.exists() else None


def _is_moved(desk: Surroundings, source: FolderSource) -> bool:
    """Whether the stick is of a hub that this desk reaches by stick already, or a new one for the only such hub."""
    revoked = desk.store.fact(REVOKED) or {}
    known = [
        one
        for one in desk.store.fact(SOURCES, [])
        if is_folder(one["address"]) and one["identity"] not in revoked
    ]
    marker = source.marker()
    hub = marker.hub if marker is not None else ""
    mine = next((one for one in known if one["identity"] == hub or (not hub and len(known) == 1)), None)
    if mine is None or mine["address"] == source.address:
        return False
    source.stick.mark(Marker(mine["identity"], mine["title"]))
    _change_source(desk.store, mine["identity"], address=source.address)
    return True


def _change_source(store: Store, identity: str, **fresh: str) -> None:
    with store.transaction() as work:
        kept, profile = work.fact(SOURCES, []), work.fact(PROFILE)
        mine = next(one for one in kept if one["identity"] == identity)
        if profile is not None and profile["source_address"] == mine["address"] and "address" in fresh:
            work.set_fact(PROFILE, {**profile, "source_address": fresh["address"]})
        work.set_fact(SOURCES, [{**one, **fresh} if one is mine else one for one in kept])
        work.commit()


def _refuse_unconfirmed(desk: Surroundings, enrolment: Enrolment, fingerprint: str) -> None:
    """That trust list and certificate are of one programme is looked at when they are taken into use."""
    root = read_certificates(enrolment.chain.encode())[-1]
    here = trust_list(desk.store)
    if here is not None and root in here.roots:
        return
    words = root_words(root)
    if not fingerprint:
        raise Unconfirmed(
            f"{enrolment.programme} has answered and certifies you as {enrolment.person}. Its fingerprint is {words}: "
            "compare it with what your programme tells you, then give it and connect once more"
        )
    if not same_words(words, fingerprint):
        raise Refused(
            f"The answer on the stick is from another programme, with the fingerprint {words}. Tell yours"
        )
