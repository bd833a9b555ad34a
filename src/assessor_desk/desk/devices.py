"""The person's other computers: letting one in, letting one go, and what this one shares with them.

Who is let in gets the person's key from a computer that has it, once the person has compared a code on both: the hub
that carries what they say to each other cannot then be between them (`keys.person_key.Meeting`). Every call does what
can be done at once and says how far it has come; it is called again to go on.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.desk.room import Room
from assessor_desk.domain.addresses import is_folder
from assessor_desk.domain.errors import Damaged, Refused, Unavailable, sentence

if TYPE_CHECKING:
    from assessor_desk.domain.own_devices import OwnDevice
    from assessor_desk.keys.person_key import KeyRing, Meeting, Side
    from assessor_desk.store.store import Store
    from assessor_desk.sync.bond import Bond
    from assessor_desk.sync.hub_devices import HubDevices, Join
    from assessor_desk.sync.source import Source

#: The shortest passphrase that a copy of the key may be left under: the hub can try them for as long as it likes.
SHORTEST_PASSPHRASE = 16


class JoinState(StrEnum):
    """How far letting a computer in has come, as either of both sees it."""

    ASKED = "asked"  # the other side has not answered yet
    COMPARE = "compare"  # both show the code
    CONFIRMED = "confirmed"  # this side has said that it is the same
    LET_IN = "let_in"
    TURNED_AWAY = "turned_away"


@dataclass(frozen=True, slots=True)
class Joining:
    """One computer's wish to join. `code` is empty until both sides have shown their part."""

    id: str
    title: str
    state: JoinState
    code: str = ""


@dataclass(frozen=True, slots=True)
class HubHere:
    """A hub that this desk is connected to: its unchanging name, and what it is called."""

    identity: str
    title: str


class Devices(Room):
    """Blocks; to be called on a side lane. Raises Unavailable where the hub cannot be reached.

    A `source` is a hub's name, its address or its title; none is the first that was connected. Raises Refused for
    another.
    """

    def hubs(self) -> tuple[HubHere, ...]:
        """The hubs that hand on between the person's computers, each on its own, the first connected first."""
        return tuple(HubHere(one["identity"], one["title"]) for one in _hubs(self.store))

    def devices(self, source: str = "") -> tuple[OwnDevice, ...]:
        """The person's computers at a source (the first hub, unless another is named), oldest first."""
        with self._at(source) as hub:
            bond = _bond(self.store, hub.identity)
            sharing = {one.device for one in bond.companions.values()} if bond else set[str]()
            return tuple(
                replace(one, shares=bond is not None if one.this else one.id in sharing)
                for one in hub.hub.devices()
            )

    def shares_entries(self, source: str = "") -> bool:
        """Whether this computer has the key that the person's computers share. Asks nobody."""
        kept = _chosen(self.store, source)
        return _bond(self.store, kept["identity"]) is not None

    def waits_for_key(self, source: str = "") -> bool:
        """Whether something came under a key that nobody handed to this computer yet. Asks nobody."""
        bond = _bond(self.store, _chosen(self.store, source)["identity"])
        return bond is not None and bond.waits_for != ""

    def call_device(self, title: str, source: str = "") -> Changes:
        """Give this computer a name that the person knows it by."""
        with self._at(source) as hub:
            hub.hub.call_device(title)
        self._change_bond(hub.identity, lambda bond: replace(bond, title=title.strip()))
        return Changes.of(Kind.SETTINGS)

    # -- as the computer that asks -----------------------------------------------------------------------------

    def ask_to_join(self, source: str = "") -> Joining:
        """Ask the person's other computers for their key; what was asked before is forgotten.

        Raises Refused where this one has it already, and waits for none that somebody took into use since.
        """
        from uuid import uuid4  # seldom: the inbox is shown sooner without it

        from assessor_desk.keys.person_key import Side, commitment_to

        with self._at(source) as hub:
            bond = _bond(self.store, hub.identity)
            if bond is not None and not bond.waits_for:
                raise Refused("This computer shares what you write with your others already")
            own_id, side = str(uuid4()), Side.new()
            self.store.set_fact(_joining_name(hub.identity), {"id": own_id, "side": side.kept()})
            hub.hub.ask_to_join(own_id, commitment_to(hub.about(own_id), side.public, side.nonce))
            return Joining(own_id, "", JoinState.ASKED)

    def joining(self, source: str = "") -> Joining | None:
        """How far this computer's wish has come, taken on as far as it goes; None where it has none.

        Raises Damaged, with the wish withdrawn, where what came from the other does not fit.
        """
        with self._at(source) as hub:
            kept = self.store.fact(_joining_name(hub.identity))
            return None if kept is None else self._taken_on(hub, kept)

    def confirm_joining(self, source: str = "") -> Joining | None:
        """Say on the computer that asks that the code is the same on both. Raises Refused before there is one."""
        with self._at(source) as hub:
            kept = self.store.fact(_joining_name(hub.identity))
            if kept is None or "other" not in kept:
                raise Refused("There is no code to compare yet. Open Your devices on the other computer")
            kept = {**kept, "confirmed": True}
            self.store.set_fact(_joining_name(hub.identity), kept)
            return self._taken_on(hub, kept)

    def withdraw_joining(self, source: str = "") -> Changes:
        """Ask no longer."""
        with self._at(source) as hub:
            kept = self.store.fact(_joining_name(hub.identity))
            if kept is not None:
                self.store.set_fact(_joining_name(hub.identity), None)
                if any(one.id == kept["id"] for one in hub.hub.joins()):
                    hub.hub.end_join(kept["id"])
        return Changes.of(Kind.SETTINGS)

    def _taken_on(self, hub: _Hub, kept: dict[str, Any]) -> Joining:
        from assessor_desk.keys.person_key import Side, shown_part

        join = next((one for one in hub.hub.joins() if one.id == kept["id"]), None)
        if join is None:
            self.store.set_fact(_joining_name(hub.identity), None)
            return Joining(kept["id"], "", JoinState.TURNED_AWAY)
        if not join.answer:
            return Joining(join.id, join.title, JoinState.ASKED)
        side = Side.from_kept(kept["side"])
        if "other" not in kept:
            shown_part(json.loads(join.answer))
            # What was answered first counts: a hub that answers otherwise later does not change the code.
            kept = {**kept, "other": join.answer}
            self.store.set_fact(_joining_name(hub.identity), kept)
        if not join.reveal:
            hub.hub.say(join.id, "reveal", json.dumps(side.shown()))
        meeting = _meeting(hub, join, side.shown(), json.loads(kept["other"]))
        if not kept.get("confirmed"):
            return Joining(join.id, join.title, JoinState.COMPARE, meeting.code)
        if not join.welcome:
            return Joining(join.id, join.title, JoinState.CONFIRMED, meeting.code)
        self._enter(hub, join, side, meeting)
        return Joining(join.id, join.title, JoinState.LET_IN, meeting.code)

    def _enter(self, hub: _Hub, join: Join, side: Side, meeting: Meeting) -> None:
        from assessor_desk.keys.person_key import KeyRing, unwrap_from

        content = unwrap_from(side.private, meeting.letting_in[0], meeting.digest, b64decode(join.welcome))
        told = json.loads(content)
        self._begin(hub, KeyRing.from_told(told["ring"]), told.get("person", hub.person))
        self.store.set_fact(_joining_name(hub.identity), None)
        hub.hub.end_join(join.id)

    # -- as a computer that has the key ------------------------------------------------------------------------

    def joins(self, source: str = "") -> tuple[Joining, ...]:
        """Computers that ask to join, each taken on as far as it goes.

        Raises Damaged, with that one turned away, where what it showed is not what it had committed to.
        """
        with self._at(source) as hub:
            asking = self.store.fact(_joining_name(hub.identity))
            found = [one for one in hub.hub.joins() if asking is None or one.id != asking["id"]]
            if (
                found
                and _bond(self.store, hub.identity) is None
                and (asking is not None or self._others_share(hub))
            ):
                return ()  # it is to be let in itself, and an answer of its own would be in the way of another's
            return tuple(self._shown(hub, one) for one in found)

    def let_in(self, join_id: str, source: str = "") -> Joining:
        """Hand the key to a computer whose code is the same as the one shown here.

        Raises Refused where there is no code to compare yet, or `joins` did not show it, and where this computer lacks
        the key and another has it.
        """
        from assessor_desk.keys.person_key import wrap_for

        with self._at(source, heard=True) as hub:
            join = self._join(hub, join_id)
            bond = _bond(self.store, hub.identity)
            ring = self._first_ring(hub) if bond is None else bond.ring
            shown = self._answered(hub, join)
            if shown.state is not JoinState.COMPARE:
                raise Refused("There is no code to compare yet. Wait for the other computer")
            if self.store.fact(_letting_in_name(hub.identity))[join.id].get("shown") != shown.code:
                raise Refused("Its code was not shown here yet. Look at your devices, and compare it first")
            side, _ = self._side(hub, join)
            meeting = _meeting(hub, join, json.loads(join.reveal), side.shown())
            content = json.dumps({"ring": ring.told(), "person": hub.sealed_for}).encode()
            wrapped = wrap_for(side.private, meeting.asking[0], meeting.digest, content)
            if bond is None:
                self._begin_first(hub, ring)
            hub.hub.say(join.id, "welcome", b64encode(wrapped).decode())
            self._forget_side(hub, join.id)
            return replace(shown, state=JoinState.LET_IN)

    def _others_share(self, hub: _Hub) -> bool:
        """Whether another computer of the person's may have the key. One that asks to join has not."""
        asking = {one.device for one in hub.hub.joins()}
        devices = (one for one in hub.hub.devices() if not one.this and one.revoked_at is None)
        return any(one.id not in asking for one in devices) and hub.has_entries(self.store)

    def _first_ring(self, hub: _Hub) -> KeyRing:
        """A key for computers that share nothing yet. Raises Refused where some do: two keys would part them."""
        from assessor_desk.sync.bond import first_ring

        if self._others_share(hub):
            raise Refused(
                "This computer was not let in itself, and another of yours has your key. Ask here, and let this one in "
                "there; or remove the computers that you have no more"
            )
        if hub.hub.kept_keys():
            raise Refused(
                "A copy of your key lies at the hub: use it on this computer first, with its passphrase. If you do not "
                "know that any more, delete the copy"
            )
        return first_ring(self.store, hub.identity)

    def _begin(self, hub: _Hub, ring: KeyRing, person: str, made: bool = False) -> None:
        """From now on what is written here goes to the person's other computers: all of it, and whatever follows.

        Not amid an exchange, as with `_change_bond`: who waits for a key has a bond already.
        """
        from assessor_desk.sync.bond import begin

        with self._upkeep.exchanging:
            own = next(one for one in hub.hub.devices() if one.this)
            begin(self.store, hub.identity, ring, own.title, own.id, person, made)

    def _begin_first(self, hub: _Hub, ring: KeyRing) -> None:
        """With a first batch at once, by which the person's other computers see that some share a key."""
        from assessor_desk.sync.exchange import Exchanged, exchange

        self._begin(hub, ring, hub.sealed_for, made=True)
        try:
            with self._upkeep.exchanging:
                exchange(self.store, hub.hub, hub.identity, hub.sealed_for, Exchanged())
        finally:
            self._surroundings.arrived()

    def turn_away(self, join_id: str, source: str = "") -> Changes:
        """Do not let a computer in."""
        with self._at(source) as hub:
            join = self._join(hub, join_id)
            self._forget_side(hub, join.id)
            hub.hub.end_join(join.id)
        return Changes.of(Kind.SETTINGS)

    def remove_device(self, device_id: str, passphrase: str, source: str = "") -> Changes:
        """Let a computer go: the hub knows it no longer, and what is written from now on has another key.

        Raises Refused for a wrong passphrase and for a computer that is none of the person's others. Where the hub is
        lost amid it, Unavailable: the key is another one by then, and the next round tells the hub.
        """
        from assessor_desk.desk.programmes import signer_for
        from assessor_desk.keys.cms import sign_detached
        from assessor_desk.sync.bond import note_removal

        with self._at(source) as hub:
            signer = signer_for(self.store, self._place.identity, hub.identity, passphrase, self._clock())
            self._hear(hub)
            title = next(
                (one.title for one in hub.hub.devices() if one.id == device_id and not one.this), None
            )
            if title is None:
                raise Refused("This is no other computer of yours here")
            words = f"remove {device_id}".encode()
            proof = sign_detached(words, signer.key, signer.certificate, self._clock())
            with self._upkeep.exchanging:
                note_removal(self.store, hub.identity, device_id, title, proof)
            try:
                self._finish_removals(hub)
            except Unavailable as error:
                raise Unavailable(
                    f"{sentence(error)} What you write has another key from now on; with the next sync the hub hears "
                    f"that “{title}” was removed"
                ) from error
        return Changes.of(Kind.SETTINGS)

    def _finish_removals(self, hub: _Hub) -> None:
        from assessor_desk.sync.bond import finish_removals

        with self._upkeep.exchanging:
            finish_removals(self.store, hub.hub, hub.identity)

    def _hear(self, hub: _Hub) -> None:
        from assessor_desk.sync.exchange import Exchanged, hear

        try:
            with self._upkeep.exchanging:
                hear(self.store, hub.hub, hub.identity, hub.sealed_for, Exchanged())
        finally:
            self._surroundings.arrived()

    def _change_bond(self, identity: str, change: Callable[[Bond], Bond]) -> None:
        """Not amid an exchange, which writes the bond as it knew it: a new key, or a name, would be gone again."""
        with self._upkeep.exchanging:
            bond = _bond(self.store, identity)
            if bond is not None:
                _keep(self.store, identity, change(bond))

    def _answered(self, hub: _Hub, join: Join) -> Joining:
        from assessor_desk.keys.person_key import commitment_to, shown_part

        if join.welcome:
            return Joining(join.id, join.title, JoinState.LET_IN)
        side, committed = self._side(hub, join)
        own = json.dumps(side.shown())
        if not join.answer:
            hub.hub.say(join.id, "answer", own)
        if not join.reveal or join.answer != own:
            return Joining(join.id, join.title, JoinState.ASKED)
        public, nonce = shown_part(json.loads(join.reveal))
        if commitment_to(hub.about(join.id), public, nonce) != committed or join.commitment != committed:
            # Kept as found out: a hub that lists it all the same cannot begin anew with what was compared before.
            self._keep_side(hub, join.id, commitment="")
            hub.hub.end_join(join.id)
            raise Damaged(
                f"“{join.title}” showed another key than it had committed to: somebody may be between your computers. "
                "It was turned away; tell the issuer"
            )
        meeting = _meeting(hub, join, json.loads(join.reveal), side.shown())
        return Joining(join.id, join.title, JoinState.COMPARE, meeting.code)

    def _shown(self, hub: _Hub, join: Join) -> Joining:
        found = self._answered(hub, join)
        if found.state is JoinState.COMPARE:
            self._keep_side(hub, join.id, shown=found.code)
        return found

    def _join(self, hub: _Hub, join_id: str) -> Join:
        """The wish of that name, or the only one whose name begins so.

        A hub can make another begin like it, and list that alone: what was known here counts too.
        """
        found = {one.id: one for one in hub.hub.joins()}
        known = {*found, *self.store.fact(_letting_in_name(hub.identity), {})}
        named = (
            [join_id] if join_id in found else [one for one in known if join_id and one.startswith(join_id)]
        )
        if len(named) > 1:
            raise Refused(f"More than one computer of yours asks as “{join_id}”. Give more of its name")
        if not named or named[0] not in found:
            raise Refused("No computer of yours asks that any more")
        return found[named[0]]

    def _side(self, hub: _Hub, join: Join) -> tuple[Side, str]:
        """This computer's part in letting that one in, made once, and what that one had committed to by then.

        What was committed to first counts: a hub that tells another later does not change the code.
        """
        from assessor_desk.keys.person_key import Side

        sides: dict[str, Any] = self.store.fact(_letting_in_name(hub.identity), {})
        kept = {"commitment": join.commitment, **sides.get(join.id, {})}
        if "private" not in kept:
            kept |= Side.new().kept()
        self._keep_side(hub, join.id, **kept)
        return Side.from_kept(kept), kept["commitment"]

    def _keep_side(self, hub: _Hub, join_id: str, **kept: str) -> None:
        name = _letting_in_name(hub.identity)
        sides: dict[str, Any] = self.store.fact(name, {})
        side = {**sides.get(join_id, {}), **kept}
        if sides.get(join_id) != side:
            self.store.set_fact(name, {**sides, join_id: side})

    def _forget_side(self, hub: _Hub, join_id: str) -> None:
        name = _letting_in_name(hub.identity)
        left = {own: side for own, side in self.store.fact(name, {}).items() if own != join_id}
        self.store.set_fact(name, left or None)

    # -- without another computer at hand ----------------------------------------------------------------------

    def leave_key_copy(self, passphrase: str, source: str = "") -> Changes:
        """Leave the key at the hub under a passphrase, for a computer to come; `take_back_key_copy` takes it back.

        Whoever has the hub can try passphrases on it for as long as they like, so that a short one protects nothing.
        Raises Refused for one of fewer than `SHORTEST_PASSPHRASE` characters, as for none, and where this computer
        lacks the key and another has it, or a copy of it lies there.
        """
        from assessor_desk.keys.envelope import wrap
        from assessor_desk.sync.bond import copy_gone_name

        if not passphrase:
            raise Refused(
                "Give the passphrase that the key is to lie under at the hub. Nothing was changed there"
            )
        if len(passphrase) < SHORTEST_PASSPHRASE:
            raise Refused(
                f"Take {SHORTEST_PASSPHRASE} characters or more, such as five words by chance: whoever has the hub "
                "can try passphrases for as long as they like"
            )
        with self._at(source, heard=True) as hub:
            self._finish_removals(hub)  # that takes back a copy, which must not be this one
            bond = _bond(self.store, hub.identity)
            ring = self._first_ring(hub) if bond is None else bond.ring
            # As it always lay there, wherever the number is the one that the hub knows.
            told = {"ring": ring.told(), "person": hub.sealed_for}
            copied = json.dumps(ring.told() if hub.sealed_for == hub.person else told)
            hub.hub.keep_keys(json.dumps(wrap(copied.encode(), passphrase)))
            self.store.set_fact(copy_gone_name(hub.identity), None)
            if bond is None:
                self._begin_first(hub, ring)
        return Changes.of(Kind.SETTINGS)

    def take_back_key_copy(self, source: str = "") -> Changes:
        """Delete the copy of the key at the hub; none there is no fault."""
        from assessor_desk.sync.bond import copy_gone_name

        with self._at(source) as hub:
            hub.hub.keep_keys("")
            self.store.set_fact(copy_gone_name(hub.identity), None)
        return Changes.of(Kind.SETTINGS)

    def key_copy_kept(self, source: str = "") -> bool:
        """Whether a copy of the key lies at the hub. Removing a computer deletes it."""
        with self._at(source) as hub:
            return bool(hub.hub.kept_keys())

    def key_copy_gone(self, source: str = "") -> str:
        """What to say of a copy that went with a removal here, until another is left; else empty. Asks nobody."""
        from assessor_desk.sync.bond import COPY_GONE, copy_gone_name

        return COPY_GONE if self.store.fact(copy_gone_name(_chosen(self.store, source)["identity"])) else ""

    def join_with_passphrase(self, passphrase: str, source: str = "") -> Changes:
        """Take the key that another computer left at the hub. Raises Refused for a wrong passphrase, or without one."""
        from assessor_desk.keys.envelope import unwrap
        from assessor_desk.keys.person_key import KeyRing

        with self._at(source) as hub:
            if _bond(self.store, hub.identity) is not None:
                raise Refused("This computer shares what you write with your others already")
            wrapped = hub.hub.kept_keys()
            if not wrapped:
                raise Refused(
                    "None of your computers left a copy of your key. Let this one in with a code instead"
                )
            copied = json.loads(unwrap(json.loads(wrapped), passphrase))
            told = copied if isinstance(copied, dict) else {"ring": copied}
            ring = KeyRing.from_told(told["ring"])
            self._begin(hub, ring, told.get("person") or self._number_under(hub, ring))
            self.store.set_fact(_joining_name(hub.identity), None)
        return Changes.of(Kind.SETTINGS)

    def _number_under(self, hub: _Hub, ring: KeyRing) -> str:
        """The number of the person's that what lies at the hub under a key is sealed for.

        A copy that was left before that was told with it may be of computers that began with another programme's.
        """
        from assessor_desk.desk.programmes import person_at

        others = (person_at(self.store, self._place.identity, one["identity"]) for one in _hubs(self.store))
        numbers = dict.fromkeys((hub.person, *others))
        lying = [(one, digest) for _, one, digest in hub.hub.batches(0, "").batches if one.key in ring.names]
        found = (
            number
            for number in numbers
            for one, digest in lying
            if one.digest(hub.identity, number) == digest
        )
        return next(found, hub.person)

    @contextmanager
    def _at(self, source: str, heard: bool = False) -> Iterator[_Hub]:
        """One call at a time: a look between a wish's being noted here and told there would take it for turned away.

        At each hub by itself, as all that is kept is: one that does not answer holds up no look at another.
        """
        identity = _chosen(self.store, source)["identity"]
        if heard:  # another may have let a computer go since: the key to hand on is the one after that
            with self._met(identity) as hub:
                self._hear(hub)
        with self._upkeep.meeting(identity), self._met(identity) as hub:
            yield hub

    @contextmanager
    def _met(self, identity: str) -> Iterator[_Hub]:
        from assessor_desk.desk.connecting import source_of
        from assessor_desk.desk.programmes import person_at, sealed_for
        from assessor_desk.sync.bond import meet_again, to_settle
        from assessor_desk.sync.hub_devices import HubDevices

        found = source_of(self._surroundings, identity)
        try:
            if not isinstance(found, HubDevices):
                raise Refused(f"{found.title} is no hub: it hands nothing on between your computers")
            if to_settle(self.store, identity):
                with self._upkeep.exchanging:
                    meet_again(self.store, found, identity)
            known = (self.store, self._place.identity, identity)
            yield _Hub(found, found, identity, person_at(*known), sealed_for(*known))
        finally:
            found.close()


@dataclass(frozen=True, slots=True)
class _Hub:
    hub: HubDevices
    source: Source
    identity: str
    person: str  # as the hub knows them
    sealed_for: str

    def about(self, join_id: str) -> str:
        """What two computers meet for."""
        return f"{self.identity} {self.person} {join_id}"

    def has_entries(self, store: Store) -> bool:
        """Whether any of the person's computers ever sent what it wrote: the last of each is never let go of."""
        from assessor_desk.sync.source import UnknownCursor

        with suppress(UnknownCursor):  # what is told beside the answer is told all the same
            self.source.changes(store.cursor(self.identity), agreed=True)
        return self.hub.heard is not None and self.hub.heard.entries > 0


def _meeting(hub: _Hub, join: Join, asking: dict[str, str], letting_in: dict[str, str]) -> Meeting:
    from assessor_desk.keys.person_key import Meeting, commitment_to, shown_part

    part = shown_part(asking)
    commitment = commitment_to(hub.about(join.id), *part)
    return Meeting(hub.about(join.id), commitment, part, shown_part(letting_in))


def _hubs(store: Store) -> list[dict[str, Any]]:
    return [one for one in store.fact("sources", []) if not is_folder(one["address"])]


def _chosen(store: Store, source: str) -> dict[str, Any]:
    hubs = _hubs(store)
    found = [one for one in hubs if source in ("", one["identity"], one["address"], one["title"])]
    if source and len(found) > 1:
        raise Refused(
            f"There are {len(found)} hubs called “{source}”. Name the one that you mean by its address"
        )
    if found:
        return dict(found[0])
    known = ", ".join(f"“{one['title']}”" for one in hubs)
    raise Refused(
        f"This desk is not connected to that hub. It knows {known}" if known
        else "This desk is not connected to that hub. Connect it first"
    )  # fmt: skip


def _joining_name(source: str) -> str:
    from assessor_desk.sync.bond import joining_name

    return joining_name(source)


def _letting_in_name(source: str) -> str:
    return f"letting in {source}"


def _bond(store: Store, source: str) -> Bond | None:
    from assessor_desk.sync.bond import bond_of

    return bond_of(store, source)


def _keep(store: Store, source: str, bond: Bond) -> None:
    from assessor_desk.sync.bond import bond_name

    store.set_fact(bond_name(source), bond.kept())
