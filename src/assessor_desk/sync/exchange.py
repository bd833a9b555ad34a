"""Entries between the devices of one person, through a hub that cannot read them (`docs/two-devices.md`).

First what others sent is taken, batch by batch, each in one transaction with how far it is known; then what was
written here goes. A batch is kept before it is sent, so that an answer lost on its way changes nothing. A number that
does not come is told with every round until it does, and asks its sender to send everything once more.

A device that sends everything once more says at its end how far that has the chains of others: so a gap is closed also
where its own sender does not come back.

A letter says which keys its writer has: whoever has more hands it the rest, one letter for each key, sealed with the
key before that. Who waits for a key looks for it in what comes later.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assessor_desk.domain.errors import Damaged, Refused, sentence
from assessor_desk.keys.person_key import (
    KeyNotHere,
    SealedBatch,
    open_batch,
    public_of,
    seal_batch,
    unwrap_from,
    wrap_for,
)
from assessor_desk.sync.bond import (
    COPY_GONE,
    EVERYTHING,
    Bond,
    Companion,
    bond_name,
    bond_of,
    copy_gone_name,
    copy_stale_name,
    finish_removals,
    meet_again,
)
from assessor_desk.sync.device_letters import Letter, letter_from
from assessor_desk.sync.hub_devices import Chain, HubDevices, OutOfOrder, TooLarge
from assessor_desk.sync.source import NotEnrolled
from assessor_desk.sync.unreached import Unreached, may_be_of_one_thing

if TYPE_CHECKING:
    from assessor_desk.domain.own_devices import OwnDevice
    from assessor_desk.store.store import Store

_AT_ONCE = 200
_MOST_BYTES = 500 * 1024
#: No letter is cut smaller for being too large: what takes no more than this takes hardly anything.
_LEAST_BYTES = 16 * 1024


@dataclass
class Exchanged:
    """What came and went: entries by the title of the device they came from, and sentences on what did not come.

    `unsent` says why what was written here did not go, `unsent_before` that it did not for the same reason before.
    """

    came: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    troubles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unsent: str = ""
    unsent_before: bool = False


def exchange(store: Store, source: HubDevices, identity: str, person: str, done: Exchanged) -> None:
    """Take what the other devices sent, and send what was written here. Nothing where this device is alone.

    Raises Unavailable where the hub is lost, Refused where it does not know this device any more; whatever came and
    went until then stays. Nothing here holds a transaction while it talks to the hub.
    """
    _settle(store, source, identity, done)
    stale = bool(store.fact(copy_stale_name(identity)))
    try:
        titles = finish_removals(store, source, identity)
        done.notes.extend(f"“{title}” was removed: the hub knows it no longer." for title in titles)
        if (titles or stale) and store.fact(copy_gone_name(identity)):
            done.notes.append(COPY_GONE)
    except NotEnrolled:
        raise
    except Refused as error:
        done.troubles.append(f"A computer that you removed is still known to the hub. {sentence(error)}")
    if bond_of(store, identity) is not None:
        going = _Exchange(store, source, identity, person, done)
        going.begin_chain_where_needed()
        going.take()
        going.send()
        going.tell_of_gaps()


def hear(store: Store, source: HubDevices, identity: str, person: str, done: Exchanged) -> None:
    """The first half of `exchange`: nothing that was written here goes."""
    _settle(store, source, identity, done)
    if bond_of(store, identity) is not None:
        going = _Exchange(store, source, identity, person, done)
        going.begin_chain_where_needed()
        going.take()


def _settle(store: Store, source: HubDevices, identity: str, done: Exchanged) -> None:
    if meet_again(store, source, identity):
        done.notes.append(
            "This computer was removed, and connected again: it shares nothing with your others until one of them lets "
            "it in. Open “Your devices”."
        )


@dataclass
class _Exchange:
    store: Store
    source: HubDevices
    identity: str
    person: str
    done: Exchanged
    _said_after: dict[str, Sequence[str]] = field(default_factory=dict)  # keys, by who said so after a batch

    @property
    def bond(self) -> Bond:
        bond = bond_of(self.store, self.identity)
        assert bond is not None
        return bond

    def _keep(self, bond: Bond) -> None:
        with self.store.transaction() as work:
            work.set_fact(bond_name(self.identity), bond.kept())
            work.commit()

    # -- the chain ---------------------------------------------------------------------------------------------

    def begin_chain_where_needed(self) -> None:
        """A desk that was copied or restored is another device: it goes on in a chain of its own."""
        bond = self.bond
        if bond.writer != self.store.device:
            self._begin_chain(bond)

    def _begin_chain(self, bond: Bond) -> None:
        """Send everything from the beginning in a new chain."""
        with self.store.transaction() as work:
            work.set_fact(bond_name(self.identity), bond.anew(self.store.device).kept())
            work.travelling.send_all(self.identity)
            work.commit()

    # -- taking ------------------------------------------------------------------------------------------------

    def take(self) -> None:
        bond, heard = self.bond, self.source.heard
        # Told before a seal, or a removal, that may have gone on since: it says what need not be asked, no more.
        if heard is not None and heard.entries == bond.cursor and not _differ(heard.digest, bond.at):
            return
        more = True
        while more:
            bond = self.bond
            page = self.source.batches(bond.cursor, bond.chain)
            if page.last < bond.cursor or _differ(page.at, bond.at):
                self._begin_again()
                continue
            self._pass_over(page.first)
            for seq, batch, digest in page.batches:
                if not self._taken(seq, batch, digest):
                    return
            more = page.more and bool(page.batches)
            if not more and self.bond.cursor != page.last:
                self._keep(replace(self.bond, cursor=page.last, at=page.last_digest))

    def _begin_again(self) -> None:
        """The hub was put back from an older back-up: it may lack what went, and have something else in its place."""
        self._begin_chain(replace(self.bond.asking_again(), cursor=0, at=""))

    def _pass_over(self, first: Mapping[str, int]) -> None:
        """What the hub keeps no longer, and this device never had, is not missing: the others send everything anew."""
        bond = self.bond
        begun = {chain: number - 1 for chain, number in first.items() if chain != bond.chain}
        lost = {
            chain: Chain(number)
            for chain, number in begun.items()
            if bond.others.get(chain, Chain()).number < number
        }
        if lost:
            skipped = tuple(sorted({*bond.skipped, *lost}))
            self._keep(replace(bond, others={**bond.others, **lost}, skipped=skipped, wants_all=True))

    def _taken(self, seq: int, batch: SealedBatch, digest: str) -> bool:
        """Take one batch; False where nothing after it can be taken yet."""
        bond = self.bond
        known = bond.others.get(batch.chain, Chain())
        if batch.number <= known.number and batch.number not in known.missing:
            self._keep(replace(bond, cursor=seq, at=digest))
            return True
        try:
            letter = self._opened(bond, batch, digest, known)
        except KeyNotHere as error:
            if batch.key in bond.given_up:  # for each of many the same would be asked
                self._give_up(seq, batch, digest, known)
                return True
            if self._handed_after(seq):
                return self._taken(seq, batch, digest)
            bond, devices = self.bond, self.source.devices()
            # What was said before this came says nothing: whoever wrote it had the key only since.
            said = self._said_after
            if all(batch.key not in said.get(one.id, (batch.key,)) for one in devices if _other(one)):
                self._give_up(seq, batch, digest, known)
                return True
            self._keep(replace(bond, met=batch.key))
            self.done.troubles.append(sentence(error))
            return False
        except Damaged as error:
            self.done.troubles.append(sentence(error))
            lost = _after(known, batch.number, digest="", lost=True)
            self._keep(replace(bond, cursor=seq, at=digest, others={**bond.others, batch.chain: lost}))
            return True
        except Refused as error:
            self.done.troubles.append(sentence(error))
            return False
        self._accept(seq, batch, digest, letter, known)
        return True

    def _give_up(self, seq: int, batch: SealedBatch, digest: str, known: Chain) -> None:
        """Pass over what lies under a key that no device in use has: each of them said which it has."""
        bond = self.bond
        others = {**bond.others, batch.chain: _after(known, batch.number, digest)}
        if batch.key not in bond.given_up:
            self.done.notes.append(
                "Something was written on a computer that is in use no more, with a key that none of your others has. "
                "It cannot be read any more, and is passed over"
            )
        self._keep(
            replace(
                bond, cursor=seq, at=digest, others=others, skipped=tuple(sorted({*bond.skipped, batch.chain})),
                given_up=tuple(sorted({*bond.given_up, batch.key})),
            )
        )  # fmt: skip

    def _handed_after(self, seq: int) -> bool:
        """Whether a key was handed to this device later than at a place, where it is needed; it is kept then.

        On the way it is noted who has which keys.
        """
        self._said_after.clear()
        more = True
        while more:
            page = self.source.batches(seq, self.bond.chain)
            for place, batch, digest in page.batches:
                if self._handed_in(batch, digest):
                    return True
                seq = place
            more = page.more and bool(page.batches)
        return False

    def _handed_in(self, batch: SealedBatch, digest: str) -> bool:
        bond = self.bond
        try:
            letter = self._opened(bond, batch, digest, Chain())
            with_keys = self._with_keys(bond, letter)
        except (Refused, Damaged):  # told when it is taken, in its order
            return False
        if letter.has:
            self._said_after[letter.device] = letter.has
        handed = with_keys.ring != bond.ring
        if handed or letter.has != bond.have.get(letter.device):
            self._keep(with_keys.with_said(letter.device, letter.has))
        return handed

    def _opened(self, bond: Bond, batch: SealedBatch, digest: str, known: Chain) -> Letter:
        whole = batch.digest(self.identity, self.person) == digest
        follows = batch.number != known.number + 1 or not known.digest or batch.previous == known.digest
        if not (whole and follows):
            raise Damaged("What another device of yours sent was changed on its way. Tell the issuer")
        return letter_from(open_batch(bond.ring, self.identity, self.person, batch))

    def _accept(self, seq: int, batch: SealedBatch, digest: str, letter: Letter, known: Chain) -> None:
        bond = self._with_keys(self.bond, letter).with_said(letter.device, letter.has)
        others = {**bond.others, batch.chain: _after(known, batch.number, digest)}
        replaced = bond.replaced
        # What a chain takes the place of is all there with the letter that says so (of older programs, with the first).
        if (letter.tells or not letter.has) and not (others[batch.chain].missing or bond.wants_all):
            others.update(replace(bond, others=others).passed_on(letter.tells))
            for gone in letter.instead:
                if gone in others:
                    others[gone] = replace(others[gone], missing=())
            replaced = tuple(sorted({*replaced, *letter.instead}))
        heard_of = {chain: max(number, bond.heard_of.get(chain, 0)) for chain, number in letter.seen.items()}
        bond = replace(
            bond, cursor=seq, at=digest, others=others, writers={**bond.writers, batch.chain: letter.writer},
            heard_of={**bond.heard_of, **heard_of}, replaced=replaced,
        )  # fmt: skip
        bond = bond.heard_from_gone(letter.device, letter.box)
        if not bond.let_go(letter.device, letter.box):
            known_now = Companion(letter.title, letter.box, letter.device)
            bond = replace(bond, companions={**bond.companions, letter.writer: known_now})
            bond = bond.with_owed(letter.box, letter.has) if letter.has else bond
        with self.store.transaction() as work:
            fresh = work.travelling.take(letter.revisions, letter.entries)
            work.travelling.take_deliveries(self.identity, letter.delivered)
            work.set_fact(bond_name(self.identity), bond.kept())
            work.commit()
        if fresh:
            self.done.came[letter.title] += fresh
        if bond.chain in letter.lacks:  # what did not come may have asked for everything
            self._begin_chain(self.bond.asking_again())
        elif EVERYTHING in letter.lacks:
            self._begin_chain(self.bond)

    def _with_keys(self, bond: Bond, letter: Letter) -> Bond:
        """With a key of the person's that the batch has wrapped for this device."""
        handed = ((box, letter.keys.get(public_of(box).hex())) for box in (bond.box, *bond.boxes))
        box, wrapped = next(((box, key) for box, key in handed if key is not None), (b"", None))
        if wrapped is None:
            return bond
        about = f"{self.identity} {self.person}".encode()
        key = unwrap_from(box, bytes.fromhex(letter.box), about, b64decode(wrapped))
        # One that a device has which was let go here opens what is there, and seals nothing more.
        gone = {box for boxes in bond.removed.values() for box in boxes}
        ring = bond.ring.with_older(key) if gone.intersection(letter.keys) else bond.ring.with_key(key)
        # What lay under one that was given up was passed over: the others tell everything again.
        wants_all = bond.wants_all or not set(bond.given_up).isdisjoint(ring.names)
        left = tuple(name for name in bond.given_up if name not in ring.names)
        return replace(bond, ring=ring, wants_all=wants_all, given_up=left)

    # -- sending -----------------------------------------------------------------------------------------------

    def send(self) -> None:
        self._hand_to_those_in_use()
        again = True
        while self._prepare():
            try:
                self._send_pending()
            except OutOfOrder:
                if not again:
                    raise
                again = False
                self._begin_chain(self.bond)
            except NotEnrolled:
                raise
            except (Refused, Unreached) as error:
                if isinstance(error, TooLarge) and self._cut_smaller():
                    continue
                if self.source.interrupted or (
                    isinstance(error, Unreached) and not may_be_of_one_thing(error)
                ):
                    raise
                # The rest of the round goes on: files are fetched though this is kept from going.
                self._note_unsent(
                    f"What you wrote here does not reach your other computers. {sentence(error)}"
                )
                return
        self._note_unsent("")

    def _note_unsent(self, words: str) -> None:
        bond = self.bond
        self.done.unsent, self.done.unsent_before = words, words == bond.unsent
        if words != bond.unsent:
            self._keep(replace(bond, unsent=words))

    def _cut_smaller(self) -> bool:
        """Write what was to be sent anew, in letters half as long; False where that helps no more.

        The hub did not take it: that it was too large is said before anything is kept.
        """
        bond = self.bond
        assert bond.pending is not None
        size = len(b64decode(bond.pending["sealed"]))
        if size <= _LEAST_BYTES or len(bond.pending["entries"]) + len(bond.pending["told"]) < 2:
            return False  # one thing by itself
        self._keep(replace(bond, pending=None, most_bytes=max(_LEAST_BYTES, size // 2)))
        return True

    def _hand_to_those_in_use(self) -> None:
        """No key for a device that the hub has revoked: another of the person's devices may have let it go."""
        bond = self.bond
        if bond.owed:
            in_use = {one.id for one in self.source.devices() if one.revoked_at is None}
            boxes = {one.box for one in bond.companions.values() if one.device in in_use}
            self._keep(replace(bond, owed={box: names for box, names in bond.owed.items() if box in boxes}))

    def _prepare(self) -> bool:
        """Keep the next batch to be sent; False where there is nothing to say."""
        bond, most = self.bond, _AT_ONCE
        most_bytes = bond.most_bytes or _MOST_BYTES
        if bond.pending is not None:
            return True
        while True:
            letter = self._letter(bond, most)
            told = sorted(letter.tells.items())
            said = f"{letter.title} {letter.box} {sorted(letter.lacks)} {bond.waits_for} {told}"
            if bond.given_up:  # the others are to hear which keys this device has since
                said = f"{said} {sorted(bond.given_up)}"
            if not (letter.entries or letter.delivered or letter.keys) and said == bond.said:
                return False
            content = letter.content()
            if len(content) <= most_bytes or most == 1:
                break
            most = max(1, most // 4)
        number = bond.own.number + 1
        # Who is handed a key has those before it, and was handed the ones that it lacked.
        ring = bond.ring.before(bond.handing) if bond.handing else bond.ring
        batch = seal_batch(ring, self.identity, self.person, bond.chain, number, bond.own.digest, content)
        lines = [one.line_id for one in letter.delivered]
        pending = {
            "number": number, "previous": batch.previous, "key": batch.key, "sealed": b64encode(batch.sealed).decode(),
            "entries": [one.id for one in letter.entries], "told": lines, "said": said,
            "handed": bond.handing, "to": list(letter.keys), "all": bond.wants_all,
        }  # fmt: skip
        self._keep(replace(bond, pending=pending))
        return True

    def _letter(self, bond: Bond, most: int) -> Letter:
        with self.store.reading() as view:
            entries = view.travelling.to_send(self.identity, most)
            revisions = view.travelling.revisions({one.review_id for one in entries})
            delivered = view.travelling.deliveries_to_send(self.identity, most)
        if most == 1 and entries:  # one thing by itself: it may be as much as goes at once
            delivered = []
        seen = {chain: known.number for chain, known in bond.others.items()}
        keys = self._wrapped(bond)
        ends = not keys and len(entries) < most and len(delivered) < most
        if keys:  # sealed with the key before, and so nothing else with it
            entries, revisions, delivered = [], [], []
        return Letter(
            self.store.device, bond.title, bond.device, public_of(bond.box).hex(), seen,
            bond.lacks, bond.instead, revisions, entries, delivered, keys, bond.ring.names,
            bond.tells if ends else {},
        )  # fmt: skip

    def _wrapped(self, bond: Bond) -> dict[str, str]:
        """The key that is handed to others next, for each of them so that it alone can open that."""
        about = f"{self.identity} {self.person}".encode()
        return {
            box: b64encode(
                wrap_for(bond.box, bytes.fromhex(box), about, bond.ring.named(bond.handing))
            ).decode()
            for box, names in bond.owed.items()
            if bond.handing in names
        }

    def _send_pending(self) -> None:
        bond = self.bond
        pending = bond.pending
        assert pending is not None
        batch = SealedBatch(
            bond.chain, pending["number"], pending["previous"], pending["key"], b64decode(pending["sealed"])
        )
        digest = batch.digest(self.identity, self.person)
        seq = self.source.send_batch(batch, digest)
        handed, boxes = pending.get("handed", ""), pending.get("to", ())
        owed = {
            box: tuple(name for name in names if name != handed or box not in boxes)
            for box, names in bond.owed.items()
        }
        cursor, at = (seq, digest) if seq == bond.cursor + 1 else (bond.cursor, bond.at)
        bond = replace(
            bond, owed={box: names for box, names in owed.items() if names}, own=Chain(batch.number, digest),
            pending=None, said=pending["said"], cursor=cursor, at=at,
            # Where it was written before this was wished for, that goes with the next.
            wants_all=bond.wants_all and not pending.get("all", False),
        )  # fmt: skip
        with self.store.transaction() as work:
            work.travelling.sent(pending["entries"])
            work.travelling.told(pending["told"])
            work.set_fact(bond_name(self.identity), bond.kept())
            work.commit()
        self.done.sent += len(pending["entries"])

    # -- telling -----------------------------------------------------------------------------------------------

    def tell_of_gaps(self) -> None:
        """What is known to have been sent and did not come."""
        bond = self.bond
        lacking: Counter[str] = Counter()
        for chain, known in bond.others.items():
            writer = bond.writers.get(chain, "")
            title = bond.companions[writer].title if writer in bond.companions else "another computer"
            lacking[title] += len(known.missing)
        lacking["another computer"] += sum(bond.behind.values())
        for title, count in (+lacking).items():
            what = "Something that was" if count == 1 else f"{count} parcels of what was"
            self.done.troubles.append(
                f"{what} written on “{title}” has not come through the hub. It is asked for once more; "
                "open that computer and sync it"
            )


def _other(device: OwnDevice) -> bool:
    return not device.this and device.revoked_at is None


def _differ(told: str, known: str) -> bool:
    """Whether the batch at a place is surely another than the one that was there."""
    return bool(told and known) and told != known


def _after(known: Chain, number: int, digest: str, lost: bool = False) -> Chain:
    """A chain as it is known once that number came, or came and could not be opened."""
    missing = {*known.missing, *range(known.number + 1, number)} - {number}
    if lost:
        missing |= {number}
    last = known if number < known.number else replace(known, number=number, digest=digest)
    return replace(last, missing=tuple(sorted(missing)))


def told_of(done: Exchanged) -> tuple[str, ...]:
    """What came, in sentences."""
    came = (
        f"{'1 change' if count == 1 else f'{count} changes'} came from “{title}”."
        for title, count in done.came.items()
    )
    return (*done.notes, *came)
