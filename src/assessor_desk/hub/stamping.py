"""Time-stamps (RFC 3161) by an authority outside the programme, over the signatures of what was delivered.

A receipt is the hub's own word; a time-stamp is somebody else's. Each packet and decision waits in a queue until the
authority has given its token: asked again and again where it cannot be reached, at growing intervals. The token is
over the signature file's bytes, so nothing is signed again; desks are told, and add it when they export.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from assessor_desk.domain.errors import DeskError, Refused, Unavailable, sentence
from assessor_desk.domain.roles import Purpose
from assessor_desk.hub import tables as t
from assessor_desk.hub.hub import Hub, note_change
from assessor_desk.keys.signing import read_certificates
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.layout import SIGNATURE_NAME
from assessor_desk.verdict.stamp import time_stamp
from assessor_desk.verdict.trust import TrustList, stamps_only

#: What is time-stamped, by the packets table's word.
STAMPED = ("packet", "decision")
_FACT = "stamping"
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
#: How long the authority may take to answer, in seconds.
_PATIENCE = 20
#: So many are asked for in one go before the hub looks around again.
_BATCH = 50
#: How long whoever asks for a token has it for themselves; longer than any answer takes, so that it is asked for once.
_CLAIM = timedelta(minutes=2)

#: Given the authority's address and the SHA-256 of what is to be stamped, the token (DER).
Ask = Callable[[str, bytes], bytes]


@dataclass(frozen=True, slots=True)
class Configured:
    """The authority that a hub asks: its address, and the SHA-256 of the certificate it signs with."""

    address: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Stamped:
    """What one look at the queue did: tokens that came, and why others did not; `waiting` is what is left."""

    done: int
    waiting: int
    troubles: tuple[str, ...] = ()


def configured(hub: Hub) -> Configured | None:
    """The authority to be asked; None where there is none."""
    with hub.database.reading() as view:
        told = view.execute(sa.select(t.facts.c.value).where(t.facts.c.name == _FACT)).scalar()
    return None if not told else Configured(told["address"], told["fingerprint"])


def configure(hub: Hub, address: str, certificate: x509.Certificate, ask: Ask | None = None) -> Configured:
    """Ask the authority at `address` from now on, also for whatever was delivered before.

    `certificate` is the one that it signs its tokens with: it is named in the trust list, and counts for time-stamps
    alone. The authority is tried first. Raises Refused for another kind of certificate, or where the tokens are signed
    with another; Unavailable where the authority does not answer.
    """
    if not address.startswith(("http://", "https://")):
        raise Refused(
            f"“{address}” is no address of a time-stamping authority. Write it as https://tsa.example.org"
        )
    if not stamps_only(certificate):
        raise Refused(
            "The certificate is not one for time-stamps alone (extended key usage timeStamping, critical)"
        )
    _try(hub, address, certificate, ask or ask_authority)
    hub.authority.trust_stamping(certificate)
    chosen = Configured(address, certificate.fingerprint(SHA256()).hex())
    with hub.database.writing() as work:
        _set(work, {"address": chosen.address, "fingerprint": chosen.fingerprint})
        _queue_all(hub, work)
    hub.renew_trust()
    return chosen


def configure_from(hub: Hub, address: str, path: Path) -> Configured:
    """`configure` with the certificate in a PEM file. Raises Refused where it cannot be read."""
    try:
        certificate = read_certificates(path.read_bytes())[0]
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror})") from error
    return configure(hub, address, certificate)


def stop_asking(hub: Hub) -> None:
    """Ask nobody from now on. Tokens that are here count as before; what waited waits no longer."""
    with hub.database.writing() as work:
        _set(work, None)
        work.execute(sa.delete(t.stamps).where(t.stamps.c.token.is_(None)))


def queue(hub: Hub, work: sa.Connection, digest: str, kind: str) -> None:
    """Let something just delivered wait for its time-stamp, where an authority is configured."""
    if kind in STAMPED and asks_somebody(work):
        work.execute(
            sa.insert(t.stamps).values(digest=digest, attempts=0, next_at=hub.clock(), last_trouble="")
        )


def stamp_due(
    hub: Hub, ask: Ask | None = None, at_once: bool = False, stop: threading.Event | None = None
) -> Stamped:
    """Ask for the tokens whose turn has come, or with `at_once` for all that wait; `stop` ends it soon.

    Several processes share the queue: each claims one at a time, and whoever dies leaves it to the others after a
    while.
    """
    chosen = configured(hub)
    if chosen is None:
        return Stamped(0, 0)
    hub.papers.refresh()  # the authority's certificate, which another process may have been told
    done, troubles = 0, list[str]()
    for row in _due(hub, at_once):
        if stop is not None and stop.is_set():
            break
        if not _claim(hub, row.digest):
            continue
        try:
            _keep(hub, row, _token(hub, row, chosen, ask or ask_authority))
            done += 1
        except DeskError as error:
            _put_off(hub, row, sentence(error))
            troubles.append(sentence(error))
            if isinstance(error, Unavailable):
                break  # whoever does not answer once is not asked for each of the others
    return Stamped(done, waiting(hub), tuple(dict.fromkeys(troubles)))


def waiting(hub: Hub) -> int:
    """How many wait for their time-stamp."""
    own = t.stamps.c
    with hub.database.reading() as view:
        query = sa.select(sa.func.count()).select_from(t.stamps).where(own.token.is_(None))
        return int(view.execute(query).scalar_one())


def last_trouble(hub: Hub) -> str:
    """Why the one that was asked for last has not come; empty where nothing went wrong."""
    own = t.stamps.c
    query = sa.select(own.last_trouble).where(own.token.is_(None), own.last_trouble != "")
    with hub.database.reading() as view:
        return view.execute(query.order_by(own.attempts.desc())).scalars().first() or ""


def has_stamp(view: sa.Connection, digest: str) -> bool:
    """Whether something delivered has its time-stamp."""
    own = t.stamps.c
    query = sa.select(own.digest).where(own.digest == digest, own.token.is_not(None))
    return view.execute(query).first() is not None


def ask_authority(address: str, digest: bytes) -> bytes:
    """A token over a SHA-256, from the authority at `address`. Raises Unavailable where it gives none."""
    from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper

    try:
        stamper = RequestsHTTPTimeStamper(address, timeout=_PATIENCE)  # type: ignore[no-untyped-call]
        token = asyncio.run(stamper.async_timestamp(digest, "sha256"))
        return bytes(token.dump())
    except (OSError, ValueError, TypeError, KeyError) as error:  # what pyHanko, requests and asn1crypto raise
        raise Unavailable(f"The time-stamping authority at {address} gave no token ({error})") from error


def _try(hub: Hub, address: str, certificate: x509.Certificate, ask: Ask) -> None:
    probe = b"assessor-desk"
    token = only_own_certificate(ask(address, hashlib.sha256(probe).digest()), (certificate,))
    named = TrustList((hub.authority.root,), (), (), (certificate,))
    if trouble := time_stamp("The authority's token", token, probe, named).trouble:
        raise Refused(f"{trouble}. Is the certificate the one that this authority signs with?")


def only_own_certificate(token: bytes, known: tuple[x509.Certificate, ...]) -> bytes:
    """The token in DER with its authority's certificate alone, where that is a known one; else as it came.

    Others that an authority sends along are covered by no signature, and whoever checks has no use for them.
    """
    from asn1crypto import cms

    ours = {one.public_bytes(Encoding.DER) for one in known}
    try:
        content = cms.ContentInfo.load(token)["content"].copy()
        own = [one for one in content["certificates"] if one.chosen.dump() in ours]
        if len(own) != 1:
            return token
        content["certificates"] = cms.CertificateSet(own)
        return bytes(cms.ContentInfo({"content_type": "signed_data", "content": content}).dump(force=True))
    except (ValueError, TypeError, KeyError):
        return token


def _token(hub: Hub, row: Any, chosen: Configured, ask: Ask) -> bytes:
    """A token that holds. Raises Refused for one that does not, with what is wrong."""
    with hub.packets.open(row.file, row.file_key, "the packet") as reader:
        files = parse_archive(reader.read()).files
    name = next(name for name in files if SIGNATURE_NAME.fullmatch(name))
    token = ask(chosen.address, hashlib.sha256(files[name]).digest())
    token = only_own_certificate(token, tuple(hub.authority.stamping()))
    trust = TrustList.parse(hub.trust()["trust.pem"])
    if trouble := time_stamp("The authority's token", token, files[name], trust).trouble:
        raise Refused(trouble)
    return token


def _due(hub: Hub, at_once: bool) -> list[Any]:
    own = t.stamps.c
    query = (
        sa.select(t.stamps, t.packets.c.file, t.packets.c.file_key, t.packets.c.kind, t.packets.c.person)
        .join(t.packets, t.packets.c.digest == own.digest)
        .where(own.token.is_(None))
    )
    query = query.where(_unclaimed(hub.clock()))
    if not at_once:
        query = query.where(own.next_at <= hub.clock())
    with hub.database.reading() as view:
        rows = view.execute(query.order_by(own.next_at, own.digest).limit(_BATCH)).all()
    return [row for row in rows if hub.packets.holds(row.file)]


def _unclaimed(now: datetime) -> sa.ColumnElement[bool]:
    own = t.stamps.c
    return sa.or_(own.claimed_until.is_(None), own.claimed_until <= now)


def _claim(hub: Hub, digest: str) -> bool:
    """Have the asking for one token to oneself. False where another process was faster, or it has come."""
    own, now = t.stamps.c, hub.clock()
    change = sa.update(t.stamps).where(own.digest == digest, own.token.is_(None), _unclaimed(now))
    with hub.database.writing() as work:
        return bool(work.execute(change.values(claimed_until=now + _CLAIM)).rowcount)


def _keep(hub: Hub, row: Any, token: bytes) -> None:
    own = t.stamps.c
    with hub.database.writing() as work:
        change = sa.update(t.stamps).where(own.digest == row.digest, own.token.is_(None))
        kept = work.execute(
            change.values(token=token, stamped_at=hub.clock(), last_trouble="", claimed_until=None)
        )
        if kept.rowcount:
            note_change(work, "stamp", row.digest, row.person)
            for person in _deciders(work, row.digest) if row.kind == "packet" else ():
                note_change(work, "packet", row.digest, person)


def _put_off(hub: Hub, row: Any, trouble: str) -> None:
    """Ask again after twice as long as the last time."""
    wait = min(_FIRST_WAIT * 2 ** min(row.attempts, 20), _LONGEST_WAIT)
    values = {"attempts": row.attempts + 1, "next_at": hub.clock() + wait, "last_trouble": trouble}
    values["claimed_until"] = None
    with hub.database.writing() as work:
        work.execute(sa.update(t.stamps).where(t.stamps.c.digest == row.digest).values(**values))


def _deciders(work: sa.Connection, digest: str) -> list[str]:
    """Who decides on the submission that a packet is about."""
    own, other = t.assignments.c, t.assignments.alias("other")
    query = (
        sa.select(own.person)
        .join(other, other.c.submission_id == own.submission_id)
        .join(t.packets, t.packets.c.assignment_id == other.c.id)
        .where(t.packets.c.digest == digest, own.purpose == Purpose.DECIDE.value, own.withdrawn_at.is_(None))
    )
    return list(work.execute(query.distinct()).scalars())


def asks_somebody(view: sa.Connection) -> bool:
    """Whether an authority is configured."""
    return bool(view.execute(sa.select(t.facts.c.value).where(t.facts.c.name == _FACT)).scalar())


def _set(work: sa.Connection, value: dict[str, str] | None) -> None:
    work.execute(sa.delete(t.facts).where(t.facts.c.name == _FACT))
    if value is not None:
        work.execute(sa.insert(t.facts).values(name=_FACT, value=value))


def _queue_all(hub: Hub, work: sa.Connection) -> None:
    known = sa.select(t.stamps.c.digest)
    query = sa.select(t.packets.c.digest).where(
        t.packets.c.kind.in_(STAMPED), t.packets.c.digest.not_in(known)
    )
    for digest in work.execute(query).scalars().all():
        work.execute(
            sa.insert(t.stamps).values(digest=digest, attempts=0, next_at=hub.clock(), last_trouble="")
        )
    again = sa.update(t.stamps).where(t.stamps.c.token.is_(None))
    work.execute(again.values(next_at=hub.clock(), attempts=0))
