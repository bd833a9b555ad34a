"""The devices of one person: which there are, letting one in, and what they send each other, sealed (DESIGN §2).

The hub hands on and keeps in order. It does not have the key: of a batch it knows its length, its place and its digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.errors import Damaged
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub, note_change
from assessor_desk.hub.people import Caller, refuse_ended, revoke
from assessor_desk.protocol.device_messages import (
    DIGEST_HEADER,
    ENTRIES_AT_ONCE,
    ENTRIES_HEADER,
    JOINS_HEADER,
    OUT_OF_ORDER,
    BatchMessage,
    JoinRequest,
)
from assessor_desk.verdict.detached import verify_detached
from assessor_desk.verdict.trust import TrustList

#: How long a device's wish to join stands.
JOIN_LIFE = timedelta(hours=1)
#: All that the devices of one person may send each other through this hub.
MOST_BYTES = 256 * 1024 * 1024
#: How exactly it is known when a device was last heard: a write for every question would be too dear.
_HEARD_EVERY = timedelta(hours=1)
_MOST_BATCHES = 100


_PERSON: sa.BindParameter[str] = sa.bindparam("person")
_OTHERS = sa.select(
    sa.select(sa.func.max(t.entry_batches.c.seq))
    .where(t.entry_batches.c.person == _PERSON)
    .scalar_subquery()
    .label("last"),
    sa.select(t.entry_batches.c.digest)
    .where(t.entry_batches.c.person == _PERSON)
    .order_by(t.entry_batches.c.seq.desc())
    .limit(1)
    .scalar_subquery()
    .label("digest"),
    sa.select(sa.func.count())
    .where(t.joins.c.person == _PERSON, t.joins.c.asked_at > sa.bindparam("since"))
    .scalar_subquery()
    .label("joins"),
    t.devices.c.heard_at,
).where(t.devices.c.id == sa.bindparam("device"))


def told_of_others(hub: Hub, caller: Caller) -> dict[str, str]:
    """What a device is told with every answer: how far its person's entries go, and how many devices ask to join."""
    devices, now = t.devices.c, hub.clock()
    asked = {"person": caller.person, "device": caller.device, "since": now - JOIN_LIFE}
    with hub.database.looking() as view:
        row = view.execute(_OTHERS, asked).one()
    if row.heard_at is None or not timedelta() <= now - row.heard_at < _HEARD_EVERY:
        with hub.database.writing() as work:
            work.execute(sa.update(t.devices).where(devices.id == caller.device).values(heard_at=now))
    return {ENTRIES_HEADER: str(row.last or 0), DIGEST_HEADER: row.digest or "", JOINS_HEADER: str(row.joins)}


def devices_of_caller(hub: Hub, caller: Caller) -> Sequence[sa.Row[Any]]:
    """The caller's own devices, oldest first."""
    query = sa.select(t.devices).where(t.devices.c.person == caller.person)
    with hub.database.reading() as view:
        return view.execute(query.order_by(t.devices.c.enrolled_at, t.devices.c.id)).all()


def call_device(hub: Hub, caller: Caller, title: str) -> None:
    """Give the caller's device another name. Raises Declined (422) for one that cannot be shown."""
    if not title.strip() or not title.isprintable():
        raise Declined(422, "A computer's name needs a letter, and no characters that cannot be seen")
    with hub.database.writing() as work:
        own = sa.update(t.devices).where(t.devices.c.id == caller.device)
        work.execute(own.values(title=title.strip()))


def remove_device(hub: Hub, caller: Caller, device: str, proof: bytes) -> None:
    """Revoke another device of the caller's: told by the signing key, which a stolen token alone does not open.

    Raises Declined: 404 for a device that is none of theirs, 403 where the proof does not hold.
    """
    own = t.devices.c
    with hub.database.reading() as view:
        found = view.execute(sa.select(own.id).where(own.id == device, own.person == caller.person)).first()
    if found is None or device == caller.device:
        raise Declined(404, "This is no other computer of yours here")
    _refuse_unproven(hub, caller, f"remove {device}".encode(), proof)
    revoke(hub, caller.person, "cessationOfOperation", device)
    with hub.database.writing() as work:
        work.execute(sa.delete(t.joins).where(t.joins.c.device == device))


def _refuse_unproven(hub: Hub, caller: Caller, words: bytes, proof: bytes) -> None:
    trust = TrustList.parse(hub.authority.trust_list())
    own = t.certificates.c
    query = sa.select(own.serial).where(own.device == caller.device, own.person == caller.person)
    with hub.database.reading() as view:
        serials = set(view.execute(query).scalars())
    try:
        signed = verify_detached(words, proof, trust, hub.clock())
    except Damaged as trouble:
        raise Declined(403, f"The signature on this does not hold. {trouble}") from trouble
    if str(signed.certificate.serial_number) not in serials:
        raise Declined(403, "This was signed by another computer")


# -- letting a device in -------------------------------------------------------------------------------------------


def _open_joins(hub: Hub, person: str) -> tuple[sa.ColumnElement[bool], ...]:
    return t.joins.c.person == person, t.joins.c.asked_at > hub.clock() - JOIN_LIFE


def joins_of(hub: Hub, caller: Caller) -> Sequence[sa.Row[Any]]:
    """Devices of the caller's that ask to join, the oldest request first."""
    query = (
        sa.select(t.joins, t.devices.c.title)
        .join(t.devices, t.devices.c.id == t.joins.c.device)
        .where(*_open_joins(hub, caller.person), t.devices.c.revoked_at.is_(None))
    )
    with hub.database.reading() as view:
        return view.execute(query.order_by(t.joins.c.asked_at, t.joins.c.id)).all()


def ask_to_join(hub: Hub, caller: Caller, wanted: JoinRequest) -> None:
    """The caller's device asks; what it asked before is forgotten. Raises Declined (409) for an id in use."""
    joins, now = t.joins.c, hub.clock()
    with hub.database.writing() as work:
        refuse_ended(work, caller)
        known = work.execute(sa.select(t.joins).where(joins.id == wanted.id)).first()
        if known is not None:
            if (known.device, known.commitment) == (caller.device, wanted.commitment):
                return
            raise Declined(409, "This request is in use. Ask again")
        work.execute(sa.delete(t.joins).where(joins.device == caller.device))
        work.execute(sa.delete(t.joins).where(joins.asked_at <= now - JOIN_LIFE))
        row = {"id": wanted.id, "person": caller.person, "device": caller.device, "asked_at": now}
        work.execute(sa.insert(t.joins).values(**row, commitment=wanted.commitment))
        who = {"person": caller.person, "device": caller.device}
        append(work, now, Line(Act.ASKED_TO_JOIN, wanted.id, **who))


#: Each step, what must have been said before, and whether the device that asks says it.
_STEPS = {"answer": ("", False), "reveal": ("answer", True), "welcome": ("reveal", False)}


def say(hub: Hub, caller: Caller, join: str, step: str, word: str) -> None:
    """One side's next word. Said again it is the same.

    Raises Declined: 404 for a request that is none of theirs, 403 for the other side's word, 409 out of order.
    """
    before, by_asking = _STEPS[step]
    with hub.database.writing() as work:
        refuse_ended(work, caller)
        row = _join(hub, work, caller, join)
        if (row.device == caller.device) is not by_asking:
            raise Declined(403, "This is for the other computer to say")
        said = getattr(row, step)
        if said and said != word:
            raise Declined(
                409, "This was said already, in other words. Turn the computer away, and ask again"
            )
        if before and not getattr(row, before):
            raise Declined(409, "The other computer has not answered yet")
        work.execute(sa.update(t.joins).where(t.joins.c.id == join).values({step: word}))
        if step == "welcome" and not said:
            who = {"person": caller.person, "device": caller.device}
            append(work, hub.clock(), Line(Act.LET_IN, join, **who, detail=row.device))


def end_join(hub: Hub, caller: Caller, join: str) -> None:
    """Turn a device away, or withdraw one's own wish. Raises Declined (404) for one that is none of theirs."""
    with hub.database.writing() as work:
        row = _join(hub, work, caller, join)
        work.execute(sa.delete(t.joins).where(t.joins.c.id == join))
        if not row.welcome:
            who = {"person": caller.person, "device": caller.device}
            append(work, hub.clock(), Line(Act.TURNED_AWAY, join, **who, detail=row.device))


def _join(hub: Hub, view: sa.Connection, caller: Caller, join: str) -> sa.Row[Any]:
    query = sa.select(t.joins).where(*_open_joins(hub, caller.person), t.joins.c.id == join)
    row = view.execute(query).first()
    if row is None:
        raise Declined(404, "No computer of yours asks that any more. Ask again")
    return row


# -- entries -------------------------------------------------------------------------------------------------------


def _last_seq(person: str) -> sa.Select[Any]:
    return sa.select(sa.func.max(t.entry_batches.c.seq)).where(t.entry_batches.c.person == person)


def take_batch(hub: Hub, caller: Caller, batch: BatchMessage) -> tuple[int, bool]:
    """Keep a batch: its place among the person's, and whether it is new. Again: the same.

    Raises Declined: 409 where it does not follow on its chain or is another than came before, 507 for too much.
    """
    own = t.entry_batches.c
    row = {
        "person": caller.person, "chain": batch.chain, "number": batch.number, "previous": batch.previous,
        "digest": batch.digest, "key_name": batch.key, "sealed": batch.sealed, "length": len(batch.sealed),
        "device": caller.device, "at": hub.clock(),
    }  # fmt: skip
    with hub.database.writing() as work:
        refuse_ended(work, caller)
        same = (own.person == caller.person, own.chain == batch.chain)
        known = work.execute(sa.select(own.seq, own.digest).where(*same, own.number == batch.number)).first()
        if known is not None and known.digest == batch.digest:
            return int(known.seq), False
        _refuse_out_of_order(work, same, batch)
        _refuse_too_much(work, caller, len(batch.sealed))
        seq = int(work.execute(_last_seq(caller.person)).scalar() or 0) + 1
        work.execute(sa.insert(t.entry_batches).values(seq=seq, **row))
        who = {"person": caller.person, "device": caller.device}
        append(work, hub.clock(), Line(Act.SENT_ENTRIES, batch.digest, **who))
        # By its next cursor this device notices, should the hub be put back to before this batch.
        note_change(work, "entries", batch.digest, caller.person)
    return seq, True


def _refuse_out_of_order(
    work: sa.Connection, same: Sequence[sa.ColumnElement[bool]], batch: BatchMessage
) -> None:
    own = t.entry_batches.c
    query = sa.select(own.number, own.digest).where(*same).order_by(own.number.desc()).limit(1)
    last = work.execute(query).first()
    number, digest = (0, "") if last is None else (last.number, last.digest)
    if (batch.number, batch.previous) != (number + 1, digest):
        raise Declined(409, f"The batch does not follow on number {number} here", reason=OUT_OF_ORDER)


def _refuse_too_much(work: sa.Connection, caller: Caller, length: int) -> None:
    held = sa.select(sa.func.sum(t.entry_batches.c.length)).where(t.entry_batches.c.person == caller.person)
    if int(work.execute(held).scalar() or 0) + length > MOST_BYTES:
        raise Declined(
            507, "There is no more room here for what your computers tell each other. Tell the issuer"
        )


def first_kept(hub: Hub, caller: Caller, chains: set[str]) -> dict[str, int]:
    """Of these chains, those whose beginning had its time here: the first number that is left of each."""
    own = t.entry_batches.c
    least = sa.func.min(own.number)
    which = (own.person == caller.person, own.chain.in_(chains))
    with hub.database.looking() as view:
        found = view.execute(sa.select(own.chain, least).where(*which).group_by(own.chain).having(least > 1))
        return {row[0]: int(row[1]) for row in found}


def _note_taken(hub: Hub, caller: Caller, after: int) -> None:
    """Whoever asks what came after a place has what came until then."""
    own = t.devices.c
    with hub.database.looking() as view:
        known = view.execute(sa.select(own.entries_taken).where(own.id == caller.device)).scalar()
    if known != after:
        with hub.database.writing() as work:
            work.execute(sa.update(t.devices).where(own.id == caller.device).values(entries_taken=after))


@dataclass(frozen=True, slots=True)
class KeptBatches:
    """Rows of batches after a place; whether more wait; the last place. `at` and `last_digest`: what lies there."""

    rows: list[sa.Row[Any]]
    more: bool
    last: int
    at: str
    last_digest: str


def batches_after(hub: Hub, caller: Caller, after: int, but: str) -> KeptBatches:
    """The person's batches after a place, without those of the chain `but`."""
    own = t.entry_batches.c
    _note_taken(hub, caller, after)
    which = (own.person == caller.person, own.seq > after, own.chain != but)
    with hub.database.reading() as view:
        last = int(view.execute(_last_seq(caller.person)).scalar() or 0)
        sizes = view.execute(
            sa.select(own.seq, own.length).where(*which).order_by(own.seq).limit(_MOST_BATCHES + 1)
        ).all()
        wanted, bytes_in = list[int](), 0
        for seq, length in sizes[:_MOST_BATCHES]:
            if wanted and bytes_in + length > ENTRIES_AT_ONCE:
                break
            wanted.append(seq)
            bytes_in += length
        lie = sa.select(own.seq, own.digest).where(own.person == caller.person, own.seq.in_((after, last)))
        digests: dict[int, str] = {row.seq: row.digest for row in view.execute(lie)}
        query = sa.select(t.entry_batches).where(own.person == caller.person, own.seq.in_(wanted))
        rows = list(view.execute(query.order_by(own.seq)).all())
    if rows:
        with hub.database.writing() as work:
            who = {"person": caller.person, "device": caller.device}
            told = f"{len(rows)} after {after}"
            append(work, hub.clock(), Line(Act.TOOK_ENTRIES, rows[-1].digest, **who, detail=told))
    more = len(wanted) < len(sizes)
    return KeptBatches(rows, more, last, digests.get(after, ""), digests.get(last, ""))


# -- the person's keys under a passphrase ----------------------------------------------------------------------------


def keep_keys(hub: Hub, caller: Caller, wrapped: str) -> None:
    """Keep a wrapped copy of the person's keys in place of the one before; an empty one takes it back."""
    with hub.database.writing() as work:
        refuse_ended(work, caller)
        work.execute(sa.delete(t.key_copies).where(t.key_copies.c.person == caller.person))
        if wrapped:
            row = {"person": caller.person, "wrapped": wrapped, "at": hub.clock()}
            work.execute(sa.insert(t.key_copies).values(**row))
        who = {"person": caller.person, "device": caller.device}
        append(work, hub.clock(), Line(Act.KEPT_KEYS, detail="" if wrapped else "taken back", **who))


def kept_keys(hub: Hub, caller: Caller) -> str:
    """The wrapped copy, empty where there is none."""
    query = sa.select(t.key_copies.c.wrapped).where(t.key_copies.c.person == caller.person)
    with hub.database.reading() as view:
        wrapped = str(view.execute(query).scalar() or "")
    if wrapped:
        with hub.database.writing() as work:
            who = {"person": caller.person, "device": caller.device}
            append(work, hub.clock(), Line(Act.TOOK_KEYS, **who))
    return wrapped
