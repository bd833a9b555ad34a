"""What a device knows of the person's others at one source, and letting one of them go (`docs/two-devices.md`).

Letting a device go is written down here first, with the next key, and then told the hub; each round goes on with what
of that was not done.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from assessor_desk.domain.errors import Refused
from assessor_desk.keys.person_key import KeyRing, Side
from assessor_desk.sync.hub_devices import Chain, HubDevices
from assessor_desk.sync.source import NotEnrolled

if TYPE_CHECKING:
    from assessor_desk.store.store import Store
    from assessor_desk.store.writing import Writing

#: Among the chains that a letter says it lacks: all that its device was never sent.
EVERYTHING = "*"
_AGAIN, _REVOKED = "again", "revoked"


@dataclass(frozen=True, slots=True)
class Companion:
    """Another device of the person's, as it told of itself."""

    title: str
    box: str
    device: str  # the hub's name for it


@dataclass(frozen=True, slots=True)
class Bond:
    """What a device knows of the person's others at one source; kept in the encrypted store alone."""

    ring: KeyRing
    box: bytes = field(repr=False)
    title: str = ""
    device: str = ""
    chain: str = ""
    writer: str = ""
    own: Chain = field(default_factory=Chain)
    instead: tuple[str, ...] = ()
    said: str = ""  # what this device last told of itself
    others: Mapping[str, Chain] = field(default_factory=dict)
    writers: Mapping[str, str] = field(default_factory=dict)  # of each chain
    heard_of: Mapping[str, int] = field(default_factory=dict)  # how far others had each chain
    replaced: tuple[str, ...] = ()  # chains of others in whose place a new one tells everything
    companions: Mapping[str, Companion] = field(default_factory=dict)
    cursor: int = 0
    at: str = ""  # the digest of the batch there, empty where it is not known
    owed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # names of keys to be handed, by box
    removed: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # whom this device let go, with their boxes
    met: str = ""  # the name of a key that something came under, and that was not here
    have: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # names of keys, by the hub's name of who said so
    given_up: tuple[str, ...] = ()  # names of keys that nobody had any more
    pending: Mapping[str, Any] | None = None
    tells: Mapping[str, int] = field(default_factory=dict)  # how far the own chain has the chains of others
    skipped: tuple[
        str, ...
    ] = ()  # chains of which the hub kept the beginning no longer when it was asked for
    wants_all: bool = False  # what came before this device was let in is not kept by the hub any more
    boxes: tuple[bytes, ...] = field(default=(), repr=False)  # under which keys were handed to it before
    unsent: str = ""  # why what was written here did not go, in words
    most_bytes: int = 0  # what a letter of this chain may take; 0: as much as ever
    ended: bool = False  # the hub revoked this device: connected again, it is to be let in again
    person: str = ""  # the number that every batch is sealed for; empty where that was not kept yet

    @property
    def lacks(self) -> tuple[str, ...]:
        """Chains of which a number did not come, or that everything is to be sent once more."""
        gaps = tuple(chain for chain, known in self.others.items() if known.missing)
        unheard = tuple(chain for chain in self.behind if chain not in gaps)
        return (*gaps, *unheard, *((EVERYTHING,) if self.wants_all else ()))

    @property
    def behind(self) -> dict[str, int]:
        """Chains of which another device has more than came here, and how much more."""
        ends = {
            chain: number - self.others.get(chain, Chain()).number
            for chain, number in self.heard_of.items()
            if chain not in self.instead and chain not in self.replaced and chain != self.chain
        }
        return {chain: more for chain, more in ends.items() if more > 0}

    @property
    def whole(self) -> dict[str, int]:
        """Chains of others of which everything is here, and up to where."""
        return {
            chain: known.number
            for chain, known in self.others.items()
            if known.number and not known.missing and chain not in self.skipped
        }

    def passed_on(self, tells: Mapping[str, int]) -> dict[str, Chain]:
        """Those chains as they are known once another device has told everything of them up to these numbers."""
        known = {chain: self.others.get(chain, Chain()) for chain in tells if chain != self.chain}
        return {
            chain: replace(
                one if one.number >= tells[chain] else Chain(tells[chain]),
                missing=tuple(number for number in one.missing if number > tells[chain]),
            )
            for chain, one in known.items()
        }

    def anew(self, writer: str) -> Bond:
        """With a chain that begins now, in which everything is told once more; what the old one had may come back."""
        others, writers = dict(self.others), dict(self.writers)
        if self.chain:
            others[self.chain], writers[self.chain] = replace(self.own, missing=()), self.writer
        return replace(
            self, chain=str(uuid4()), writer=writer, own=Chain(), said="", pending=None, most_bytes=0,
            tells=replace(self, others=others).whole,
            instead=tuple(filter(None, (*self.instead, self.chain))), others=others, writers=writers,
        )  # fmt: skip

    def asking_again(self) -> Bond:
        """To ask once more for what the hub kept no longer and nobody told anew: the request may have been lost."""
        return replace(self, wants_all=self.wants_all or not set(self.skipped) <= set(self.replaced))

    def called(self, device: str) -> Bond:
        """As another device to the hub, with a box of its own: the one before may be let go by its name and its box."""
        if device == self.device:
            return self
        return replace(self, device=device, box=Side.new().private, boxes=(self.box, *self.boxes), said="")

    def after(self, before: Bond, writer: str) -> Bond:
        """Let in again after `before` ended: everything is told once more, and nothing that it could open is lost."""
        ring = self.ring
        for key in before.ring.keys:
            ring = ring.with_key(key)
        # One that the others no longer use, or never had, opens what is there, and seals nothing more.
        ring = ring if ring == self.ring else ring.renewed()
        again = replace(
            self, ring=ring, chain=before.chain, writer=before.writer, own=before.own, instead=before.instead,
            companions=before.companions, removed=before.removed,
        )  # fmt: skip
        return again.anew(writer)

    @property
    def handing(self) -> str:
        """The name of the key that is handed to others next, the oldest first; empty where nobody lacks one."""
        lacking = {name for names in self.owed.values() for name in names}
        return next((name for name in self.ring.names if name in lacking), "")

    @property
    def waits_for(self) -> str:
        """The name of a key that something lies under, and that did not come yet; empty where there is none.

        One that nobody has any more is waited for no more.
        """
        return "" if self.met in (*self.ring.names, *self.given_up) else self.met

    def with_owed(self, box: str, has: Sequence[str]) -> Bond:
        """The rest of the keys is to be handed to a device that has these. The first one each device has."""
        lacking = tuple(name for name in self.ring.names[1:] if name not in has)
        others = {one: names for one, names in self.owed.items() if one != box}
        return replace(self, owed={**others, box: lacking} if lacking else others)

    def with_said(self, device: str, has: Sequence[str]) -> Bond:
        """With what a device says of its keys; nothing where its program does not tell."""
        return replace(self, have={**self.have, device: tuple(has)}) if has else self

    def without(self, device: str) -> Bond:
        """With a device let go: what is written from now on has another key, which is handed to all but that one."""
        gone = {one.box for one in self.companions.values() if one.device == device}
        left = {name: one for name, one in self.companions.items() if one.box not in gone}
        ring, boxes = self.ring.renewed(), sorted({one.box for one in left.values()})
        owed = {box: (*self.owed.get(box, ()), ring.names[-1]) for box in boxes}
        removed = {**self.removed, device: (*self.removed.get(device, ()), *sorted(gone))}
        return replace(self, ring=ring, companions=left, owed=owed, removed=removed)

    def heard_from_gone(self, device: str, box: str) -> Bond:
        """With the box of a device that was let go before it was known, so that it is known under another name too."""
        if box in self.removed.get(device, (box,)):
            return self
        return replace(self, removed={**self.removed, device: (*self.removed[device], box)})

    def let_go(self, device: str, box: str) -> bool:
        """Whether this device let that one go, which may have sent something just before."""
        return device in self.removed or any(box in boxes for boxes in self.removed.values())

    def kept(self) -> dict[str, Any]:
        """As the store keeps it."""
        return {
            "ring": self.ring.told(), "box": self.box.hex(), "title": self.title, "chain": self.chain,
            "writer": self.writer, "own": _chain_kept(self.own), "instead": list(self.instead), "said": self.said,
            "others": {chain: _chain_kept(known) for chain, known in self.others.items()},
            "writers": dict(self.writers), "heard_of": dict(self.heard_of),
            "companions": {name: [one.title, one.box, one.device] for name, one in self.companions.items()},
            "cursor": self.cursor, "at": self.at, "owed": {box: list(names) for box, names in self.owed.items()},
            "removed": {device: list(boxes) for device, boxes in self.removed.items()}, "met": self.met,
            "have": {device: list(names) for device, names in self.have.items()}, "given_up": list(self.given_up),
            "tells": dict(self.tells), "skipped": list(self.skipped),
            "device": self.device, "wants_all": self.wants_all, "replaced": list(self.replaced),
            "pending": None if self.pending is None else dict(self.pending),
            "boxes": [box.hex() for box in self.boxes], "ended": self.ended,
            "unsent": self.unsent, "most_bytes": self.most_bytes, "person": self.person,
        }  # fmt: skip

    @classmethod
    def from_kept(cls, kept: Mapping[str, Any]) -> Bond:
        """The inverse of `kept`."""
        plain = {name: kept[name] for name in ("title", "device", "chain", "writer", "said", "cursor")}
        return cls(
            KeyRing.from_told(kept["ring"]),
            bytes.fromhex(kept["box"]),
            own=_chain(kept["own"]),
            instead=tuple(kept["instead"]),
            others={chain: _chain(known) for chain, known in kept["others"].items()},
            writers=kept["writers"],
            heard_of=kept["heard_of"],
            companions={name: Companion(*one) for name, one in kept["companions"].items()},
            owed={box: tuple(names) for box, names in kept.get("owed", {}).items()},
            removed={device: tuple(boxes) for device, boxes in kept.get("removed", {}).items()},
            met=kept.get("met", ""),
            have={device: tuple(names) for device, names in kept.get("have", {}).items()},
            given_up=tuple(kept.get("given_up", ())),
            tells=kept.get("tells", {}),
            skipped=tuple(kept.get("skipped", ())),
            pending=kept["pending"],
            wants_all=kept.get("wants_all", False),
            at=kept.get("at", ""),
            replaced=tuple(kept.get("replaced", ())),
            boxes=tuple(map(bytes.fromhex, kept.get("boxes", ()))),
            ended=kept.get("ended", False),
            unsent=kept.get("unsent", ""),
            most_bytes=kept.get("most_bytes", 0),
            person=kept.get("person", ""),
            **plain,
        )


def _chain_kept(chain: Chain) -> list[Any]:
    return [chain.number, chain.digest, list(chain.missing)]


def _chain(kept: list[Any]) -> Chain:
    return Chain(kept[0], kept[1], tuple(kept[2]))


def to_settle(store: Store, source: str) -> bool:
    """Whether `meet_again` has something to ask: also, once, of what a program kept that did not ask."""
    with store.reading() as view:
        kept = view.fact(bond_name(source))
        return view.fact(connected_name(source)) is not None or (kept is not None and "ended" not in kept)


def bond_name(source: str) -> str:
    """The fact under which a bond is kept."""
    return f"devices {source}"


def joining_name(source: str) -> str:
    """The fact under which this device's own wish to join is kept."""
    return f"joining {source}"


def connected_name(source: str) -> str:
    """The fact that says that this device was connected again, and who it is to the hub since is not settled."""
    return f"connected again {source}"


def note_connected(work: Writing, source: str, revoked: bool, began: str = "") -> None:
    """This device is connected (again); `revoked`: the source had said that it was no longer. See `meet_again`.

    `began` is the number that was sealed for until now, which the source may tell another one of now.
    """
    kept = work.fact(bond_name(source))
    if kept is not None and not kept.get("person"):
        work.set_fact(bond_name(source), {**kept, "person": began})
    if any(work.fact(name) is not None for name in (bond_name(source), joining_name(source))):
        revoked = revoked or work.fact(connected_name(source)) == _REVOKED
        work.set_fact(connected_name(source), _REVOKED if revoked else _AGAIN)


def meet_again(store: Store, source: HubDevices, identity: str) -> bool:
    """Settle who this device is to the hub once it was connected again. Whether it is to be let in again by that.

    Where the one that it was is revoked, the others may have let it go: it shares nothing until one of them lets it in.
    So it is where it waited for a key as it was connected: it may have been let go by a name that was lost since.
    Else the others hear under which name, and with which box, it goes on. What it asked for under its old name is
    withdrawn. Not amid an exchange. Raises Unavailable, and Refused where the hub does not know it.
    """
    if not to_settle(store, identity):
        return False
    with store.reading() as view:
        how, asked = view.fact(connected_name(identity)), view.fact(joining_name(identity))
    devices = source.devices()
    own = next(one.id for one in devices if one.this)
    if asked is not None and any(one.id == asked["id"] for one in source.joins()):
        source.end_join(asked["id"])
    bond = bond_of(store, identity)
    known = {one.id: one.revoked_at for one in devices}
    gone = bond is not None and (
        how == _REVOKED or known.get(bond.device) is not None or (how == _AGAIN and bond.waits_for != "")
    )
    with store.transaction() as work:
        if bond is not None:
            work.set_fact(
                bond_name(identity), (replace(bond, ended=True) if gone else bond.called(own)).kept()
            )
        work.set_fact(joining_name(identity), None)
        work.set_fact(connected_name(identity), None)
        work.commit()
    return gone


def begin(
    store: Store, source: str, ring: KeyRing, title: str, device: str, person: str, made: bool = False
) -> None:
    """From now on what is written here goes to the person's other devices: all of it, and whatever follows.

    `person` is the number that they seal for. A `ring` that was not `made` here is one that whoever was let go here
    before has too: then there is a next key at once.
    """
    bond = Bond(ring, Side.new().private, title, device, person=person)
    with store.transaction() as work:
        kept = work.fact(bond_name(source))
        if kept is not None:
            bond = bond.after(Bond.from_kept(kept), store.device)
        if gone := work.fact(removed_before_name(source)):
            ring = bond.ring if made else bond.ring.renewed()
            bond = replace(bond, ring=ring, removed={**dict.fromkeys(gone, ()), **bond.removed})
            work.set_fact(removed_before_name(source), None)
            if not made:
                work.set_fact(copy_stale_name(source), True)
        work.set_fact(bond_name(source), bond.kept())
        work.travelling.send_all(source)
        work.commit()


def first_ring(store: Store, source: str) -> KeyRing:
    """A key for devices that share nothing yet, with those that this one had before it was revoked."""
    with store.reading() as view:
        kept = view.fact(bond_name(source))
    return KeyRing.new() if kept is None else Bond.from_kept(kept).ring.renewed()


def note_joins(store: Store, source: str, count: int) -> bool:
    """How many devices ask to join; written where it is another number than before. Whether it is more."""
    with store.reading() as view:
        known = view.fact(joins_name(source), 0)
    if known != count:
        store.set_fact(joins_name(source), count or None)
    return count > int(known)


def joins_name(source: str) -> str:
    """The fact that says how many devices ask to join."""
    return f"joins {source}"


def copy_gone_name(source: str) -> str:
    """The fact that the key's copy at the hub went with a removal, until another one is left or none wanted."""
    return f"key copy gone {source}"


def copy_stale_name(source: str) -> str:
    """The fact that the key's copy at the hub is to be taken back: whoever was let go here has all that is in it."""
    return f"key copy stale {source}"


#: What a removal took along; what else to do.
COPY_GONE = (
    "The copy of your key that lay at the hub was deleted with that, as what you write has another key from now on: "
    "leave a new copy in “Your devices”, if you want one there."
)


def removing_name(source: str) -> str:
    """The fact that says which devices were let go and the hub may not know it: title and proof, by its name."""
    return f"removing {source}"


def removed_before_name(source: str) -> str:
    """The fact that names the devices that were let go here before a key of the person's was."""
    return f"removed before a key {source}"


def note_removal(store: Store, source: str, device: str, title: str, proof: bytes) -> None:
    """Let a device go, here: from now on what is written has another key. `finish_removals` tells the hub.

    What the others lack of that one it sends no more, so this device tells them everything. One that was not let in has
    no key to change yet: see `begin`.
    """
    with store.transaction() as work:
        going = work.fact(removing_name(source), {})
        kept = work.fact(bond_name(source))
        if kept is None or kept.get("ended"):
            before = work.fact(removed_before_name(source), ())
            work.set_fact(removed_before_name(source), sorted({*before, device}))
        if kept is not None and device not in going:
            bond = Bond.from_kept(kept)
            # What this device lacks may be that one's, and then another tells it or nobody.
            bond = replace(bond.without(device), wants_all=bond.wants_all or bool(bond.lacks))
            work.set_fact(bond_name(source), bond.anew(store.device).kept())
            work.travelling.send_all(source)
        proven = [title, b64encode(proof).decode()]
        work.set_fact(removing_name(source), {**going, device: proven})
        work.commit()


def finish_removals(store: Store, source: HubDevices, identity: str) -> tuple[str, ...]:
    """Tell the hub of the devices that were let go here, and take back the copy of the key; titles of those.

    Done once more where it is not known to be done. Raises Unavailable where the hub is lost, and Refused, with that
    device not let go after all, where the hub does not revoke it.
    """
    titles = list[str]()
    if bond_of(store, identity) is not None and store.fact(copy_stale_name(identity)):
        _take_back_copy(store, source, identity)
        store.set_fact(copy_stale_name(identity), None)
    with store.reading() as view:
        going = view.fact(removing_name(identity), {})
    for device, (title, proof) in going.items():
        try:
            source.remove_device(device, b64decode(proof))
        except NotEnrolled:
            raise  # this device itself
        except Refused:
            _forget_removal(store, identity, device, revoked=False)
            raise
        # One that was not let in makes no other key: the copy may be its way in, and the only one.
        if bond_of(store, identity) is not None:
            _take_back_copy(store, source, identity)
        _forget_removal(store, identity, device, revoked=True)
        titles.append(title)
    return tuple(titles)


def _take_back_copy(store: Store, source: HubDevices, identity: str) -> None:
    if source.kept_keys():
        # First: who is cut off here must hear of it all the same.
        store.set_fact(copy_gone_name(identity), True)
        source.keep_keys("")


def _forget_removal(store: Store, identity: str, device: str, revoked: bool) -> None:
    with store.transaction() as work:
        going = work.fact(removing_name(identity), {})
        left = {one: proven for one, proven in going.items() if one != device}
        work.set_fact(removing_name(identity), left or None)
        kept = work.fact(bond_name(identity))
        if not revoked:
            before = [one for one in work.fact(removed_before_name(identity), ()) if one != device]
            work.set_fact(removed_before_name(identity), before or None)
        if kept is not None and not revoked:
            bond = Bond.from_kept(kept)
            stays = {one: boxes for one, boxes in bond.removed.items() if one != device}
            work.set_fact(bond_name(identity), replace(bond, removed=stays).kept())
        work.commit()


def bond_of(store: Store, source: str) -> Bond | None:
    """What this device shares with the person's others at a source; None where it is alone, or to be let in again."""
    with store.reading() as view:
        kept = view.fact(bond_name(source))
    bond = None if kept is None else Bond.from_kept(kept)
    return None if bond is None or bond.ended else bond
