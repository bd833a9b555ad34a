"""What was ended since a back-up was made: whoever was revoked then must not come back to life with it.

A hub on servers keeps its endings beside its files too, sealed by its key, so that a database put back from a dump
learns of them. Where a hub is put into an empty place, or over a damaged one, and nothing there tells them, whoever
restores has to: by the newest trust list, which any desk has, or by saying that nobody was revoked since
(docs/decisions/0246, 0279).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from cryptography import x509

from assessor_desk.domain.errors import Damaged, DeskError, Refused
from assessor_desk.hub import tables as t
from assessor_desk.hub.endings import Endings, as_text, carry_over, endings_of, with_times
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.object_store import Bucket
from assessor_desk.hub.secret_columns import Cipher
from assessor_desk.hub.whereabouts import Whereabouts, key_of, whereabouts_of
from assessor_desk.keys.file_turns import PATIENCE
from assessor_desk.verdict.trust import TrustList

_ROOM, _COLUMN = "endings", "endings.content"


@dataclass(frozen=True, slots=True)
class Since:
    """What whoever restores says of the time since the back-up: `trust` is the newest trust list, `nothing` that nobody
    was revoked, and nothing withdrawn.
    """

    trust: Path | None = None
    nothing: bool = False

    @property
    def told(self) -> bool:
        """Whether anything was said."""
        return self.nothing or self.trust is not None


#: Nobody was revoked since, or nothing was said.
AS_IT_WAS, UNTOLD = Since(nothing=True), Since()


@dataclass(frozen=True, slots=True)
class KeptEndings:
    """Endings found beside the files: of the database, and lines of the authority's list of revoked certificates."""

    endings: Endings
    revoked: tuple[dict[str, str], ...]


def keep_endings(hub: Hub) -> None:
    """Write down beside the files what was ended until now; in a folder there is nothing to do.

    Each writing tells everything, so the ones before go once this one is there. Raises as an object store does.
    """
    place = _place(whereabouts_of(hub.folder))
    if place is not None:
        # One after the other: else who read the database earlier takes away what was written later, and tells less.
        with hub.database.turn(_ROOM, PATIENCE):
            _write_down(hub, place)


def _write_down(hub: Hub, place: Bucket) -> None:
    with hub.database.reading() as view:
        endings = endings_of(view)
    told = {"hub": hub.identity, "endings": asdict(endings), "revoked": _list(hub.authority.folder)}
    content = json.dumps(told, sort_keys=True, default=as_text).encode()
    name = hashlib.sha256(content).hexdigest()
    earlier = [one.name for one in place.under("") if one.name != name]
    place.put(name, Cipher(bytes.fromhex(key_of(hub.folder))).seal(_COLUMN, content))
    for one in earlier:
        place.remove(one)


def keep_soon(hub: Hub) -> None:
    """The same after something was ended; a store out of reach is told with the next, and with each day's look."""
    with contextlib.suppress(DeskError):
        keep_endings(hub)


def kept_beside(told: Whereabouts, key: str, identity: str) -> KeptEndings | None:
    """What was kept beside the files of this hub; None where nothing was. Raises Damaged where it cannot be read."""
    place = _place(told)
    found = [] if place is None else [place.get(one.name) for one in place.under("")]
    known = [json.loads(Cipher(bytes.fromhex(key)).open(_COLUMN, one)) for one in found if one]
    mine = [one for one in known if one["hub"] == identity]
    if not mine:
        return None
    rows = {
        name: tuple(with_times(row) for one in mine for row in one["endings"].get(name, ()))
        for name in _KINDS
    }
    return KeptEndings(Endings(**rows), tuple(line for one in mine for line in one["revoked"]))


def refuse_untold(since: Since, made_at: datetime) -> None:
    """Raises Refused where nothing says who was revoked since the back-up."""
    if not since.told:
        raise Refused(
            f"Nothing here says who was revoked since {made_at:%Y-%m-%d %H:%M} UTC, and the back-up would let them in "
            "again. Name the newest trust list, which any desk has (--since-trust trust.pem), or say that nobody was "
            "(--since-nothing)"
        )
    if since.trust is not None:
        _refuse_older(since.trust, TrustList.load(since.trust).crls, made_at)


def revocations_in(path: Path, hub: Hub, made_at: datetime) -> tuple[dict[str, str], ...]:
    """Lines of the authority's list, by a trust list of this hub's. Raises Refused for another's and an older one."""
    ours = [one for one, _ in hub.authority.issuing_authorities()]
    lists = [
        crl for crl in TrustList.load(path).crls
        if any(crl.issuer == own.subject and crl.is_signature_valid(own.public_key()) for own in ours)  # type: ignore[arg-type]
    ]  # fmt: skip
    if not lists:
        raise Refused(f"{path} is not a trust list of this hub. Name one that its desks have")
    _refuse_older(path, lists, made_at)
    return tuple(_line(entry) for crl in lists for entry in crl)


def _refuse_older(path: Path, lists: Sequence[x509.CertificateRevocationList], made_at: datetime) -> None:
    newest = max((one.last_update_utc for one in lists), default=datetime.min.replace(tzinfo=UTC))
    if newest < made_at.replace(microsecond=0):
        raise Refused(
            f"{path} is of {newest:%Y-%m-%d %H:%M} UTC, older than the back-up: it says nothing of the time since. "
            "Name a newer one"
        )


def take_endings(hub: Hub, known: KeptEndings | None, since: Since, made_at: datetime) -> None:
    """Let what was ended since the back-up stand ended in a hub that was put back, certificates as well as tokens.

    A trust list tells of computers and not of people, so with one alone no code from before lets anybody in. Raises as
    `revocations_in`.
    """
    told = () if since.trust is None else revocations_in(since.trust, hub, made_at)
    for line in (*(known.revoked if known else ()), *told):
        hub.authority.revoke(int(line["serial"]), line["reason"])
    with hub.database.writing() as work:
        if known is not None:
            carry_over(work, known.endings)
        elif told:
            work.execute(sa.delete(t.codes))
        carry_over(work, endings_of(work, hub.authority.folder))


#: Those written before badges, or holds, were among them have none.
_KINDS = tuple(one.name for one in fields(Endings))


def _place(told: Whereabouts) -> Bucket | None:
    return None if told.blobs is None else Bucket(told.blobs, _ROOM)


def _list(authority: Path) -> list[dict[str, str]]:
    try:
        found: list[dict[str, str]] = json.loads((authority / "revoked.json").read_bytes())
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise Damaged("The authority's list of revoked certificates cannot be read") from error
    return found


def _line(entry: x509.RevokedCertificate) -> dict[str, str]:
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        reason = "unspecified"
    at = entry.revocation_date_utc.isoformat()
    return {"serial": str(entry.serial_number), "at": at, "reason": reason}
