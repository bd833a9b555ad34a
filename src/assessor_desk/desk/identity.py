"""The person's signing key and certificate, as the desk keeps them.

Outside the database, under the passphrase alone. The key that will follow lies ready beside the present one, under the
same passphrase and with a request signed by the present key: so a round can renew the certificate, which has no
passphrase at hand.

::

    identity/signing-key.json  certificate.pem  chain.pem
    identity/next/             signing-key.json  request.pem  request.p7s
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.keys.private_files import write_privately

if TYPE_CHECKING:
    from cryptography import x509

    from assessor_desk.keys.signing import Signer

#: A round asks for the next certificate once the present one holds for less than this.
RENEWED_BEFORE = timedelta(days=60)
#: Where no next key lies ready, a seal makes one from so long before the end.
_PREPARED_BEFORE = timedelta(days=365)
_NEXT, REQUEST, PROOF = "next", "request.pem", "request.p7s"
#: Below it lie keys whose requests were not answered yet.
WAITING = "enrolling"

#: Held while key and certificate are read or exchanged: a round may do so while something is being sealed.
_exchange = threading.Lock()

#: Given a request (PEM) and its proof, the next certificate and its chain (PEM).
Ask = Callable[[str, bytes], tuple[bytes, bytes]]


def open_signer(folder: Path, passphrase: str, now: datetime) -> Signer:
    """What this desk signs with at the time `now`.

    Raises Refused for a wrong passphrase, and where there is no certificate or it has ended.
    """
    from assessor_desk.keys.signing import Signer, is_issued

    with _exchange:
        _finish_exchange(folder)
        signer = Signer.open(folder, passphrase)
    until = signer.certificate.not_valid_after_utc
    if until < now:
        raise Refused(
            f"Your certificate ended on {until:%Y-%m-%d}, so nothing can be signed with it. What you wrote stays. Ask "
            "your programme for a new code, and connect again"
        )
    if until - now < _PREPARED_BEFORE and not next_is_ready(folder) and is_issued(signer.certificate):
        prepare_next(folder, passphrase, signer, now)
    return signer


def prepare_next(folder: Path, passphrase: str, signer: Signer, now: datetime) -> None:
    """Lay the next key ready, with a request for its certificate that the present key has signed."""
    from assessor_desk.keys.cms import sign_detached
    from assessor_desk.keys.signing import SigningKey

    key, place = SigningKey.generate(), folder / _NEXT
    (place / PROOF).unlink(missing_ok=True)
    key.save(place, passphrase)
    request = key.csr(signer.number)
    write_privately(place / REQUEST, request)
    write_privately(place / PROOF, sign_detached(request, signer.key, signer.certificate, now))


def next_is_ready(folder: Path) -> bool:
    """Whether a next key lies ready."""
    return (folder / _NEXT / PROOF).exists()


def next_request(folder: Path) -> tuple[bytes, bytes]:
    """The request for the next certificate and its proof. Raises Refused where none lies ready."""
    if not next_is_ready(folder):
        raise Refused("No next key lies ready on this desk yet. It is made when you next sign something")
    return (folder / _NEXT / REQUEST).read_bytes(), (folder / _NEXT / PROOF).read_bytes()


def renew(folder: Path, ask: Ask, check: Callable[[x509.Certificate], None]) -> datetime:
    """Trade the request that lies ready for the next certificate, and take it into use; until when it holds.

    `check` raises where nobody vouches for it. Raises Damaged for a certificate of another key or person.
    """
    request, proof = next_request(folder)
    certificate, chain = ask(request.decode(), proof)
    return take_next(folder, certificate, chain, check)


def take_next(
    folder: Path, certificate: bytes, chain: bytes, check: Callable[[x509.Certificate], None]
) -> datetime:
    """Take the certificate for the next key into use; raises as `renew`."""
    from assessor_desk.keys.signing import (
        CERTIFICATE_FILE,
        CHAIN_FILE,
        common_name,
        load_identity,
        read_certificates,
    )

    read_certificates(chain)
    fresh, present = read_certificates(certificate)[0], load_identity(folder)[0]
    if not is_for(fresh, next_request(folder)[0]) or common_name(fresh) != common_name(present):
        raise Damaged("The new certificate is not for this computer's next key. Tell your programme")
    check(fresh)
    write_privately(folder / _NEXT / CHAIN_FILE, chain)
    with _exchange:
        write_privately(folder / _NEXT / CERTIFICATE_FILE, certificate)
        _finish_exchange(folder)
    return fresh.not_valid_after_utc


def is_for(certificate: x509.Certificate, request: bytes) -> bool:
    """Whether a certificate was issued for the key of a request (PEM)."""
    from assessor_desk.keys.signing import read_request

    return certificate.public_key() == read_request(request).public_key()


def finish_exchange(folder: Path) -> None:
    """Take the next key and certificate into use where that was begun and cut short."""
    with _exchange:
        _finish_exchange(folder)


def _finish_exchange(folder: Path) -> None:
    """Put the next key in the place of the present one, once its certificate is whole on the disk.

    The certificate moves last: where it still lies there, an exchange was cut short and goes on.
    """
    from assessor_desk.keys.signing import CERTIFICATE_FILE, CHAIN_FILE, KEY_FILE

    place = folder / _NEXT
    if not (place / CERTIFICATE_FILE).exists():
        return
    for name in (PROOF, REQUEST):
        (place / name).unlink(missing_ok=True)
    for name in (KEY_FILE, CHAIN_FILE, CERTIFICATE_FILE):
        if (place / name).exists():
            (place / name).replace(folder / name)


def make_self_vouched(folder: Path, passphrase: str, number: str, roles: list[str], now: datetime) -> Signer:
    """A first key, with a certificate for it that nobody but the person made: packets signed so say it.

    Without a `number` it is given one that no issuer would.
    """
    from assessor_desk.keys.certificates import pem, self_made_certificate, unissued_subject
    from assessor_desk.keys.signing import Signer, SigningKey, key_words, save_identity

    key = SigningKey.generate()
    own = number or f"self-{key_words(key.csr('self'))[:9]}"
    subject = unissued_subject(own, roles or ["assessor"])
    certificate = self_made_certificate(subject, uuid4().urn, key.private, now)
    # The key last: where one is, so is its certificate, and a request that was cut short can be made again.
    save_identity(folder, pem(certificate), pem(certificate))
    key.save(folder, passphrase)
    return Signer(key, certificate, (certificate,))


def note_asked(folder: Path, request: bytes) -> None:
    """Keep the request for the present key's certificate that waits for an answer."""
    write_privately(folder / REQUEST, request)


def request_here(folder: Path) -> bytes:
    """The request that waits for an answer: for the present key or the next. Raises Refused where there is none."""
    for place in (folder / REQUEST, folder / _NEXT / REQUEST):
        if place.exists():
            return place.read_bytes()
    raise Refused("This desk has not asked for a certificate. Request one first")


def is_asked_for(folder: Path) -> bool:
    """Whether a request for the present key's certificate waits for its answer by file."""
    return (folder / REQUEST).exists()


def rewrapped_signing_keys(folder: Path, passphrase: str, new_passphrase: str) -> dict[Path, bytes]:
    """The signing key's file, where there is one, and the next one's, as they are to be with another passphrase.

    Left out is what the new passphrase opens already, as where that was done before and cut short.
    """
    from assessor_desk.keys.signing import KEY_FILE

    _finish_exchange(folder)
    contents: dict[Path, bytes] = {}
    for waiting in [*(folder / WAITING).rglob(KEY_FILE)]:  # the answer is on its way, on a stick perhaps
        try:
            contents |= _rewrapped(waiting.parent, passphrase, new_passphrase)
        except (
            Refused
        ):  # left from an earlier passphrase; where it is asked for again, a new key does as well
            waiting.unlink()
    for place in (folder / _NEXT, folder):
        contents |= _rewrapped(place, passphrase, new_passphrase)
    return contents


def _rewrapped(folder: Path, passphrase: str, new_passphrase: str) -> dict[Path, bytes]:
    from assessor_desk.keys.signing import KEY_FILE, SigningKey

    if not (folder / KEY_FILE).exists():
        return {}
    try:
        key = SigningKey.open(folder, passphrase)
    except Refused:
        SigningKey.open(folder, new_passphrase)
        return {}
    return {folder / KEY_FILE: key.wrapped(new_passphrase)}


def set_signing_key_aside(folder: Path) -> None:
    """Keep a signing key whose passphrase is lost under another name: the passphrase may come back.

    The next key, with which nothing was ever signed, goes.
    """
    from assessor_desk.keys.signing import KEY_FILE

    _finish_exchange(folder)
    for left in (folder / REQUEST, *(folder / _NEXT / name for name in (PROOF, REQUEST, KEY_FILE))):
        left.unlink(missing_ok=True)
    if (folder / KEY_FILE).exists():
        (folder / KEY_FILE).replace(folder / f"former-{KEY_FILE}")


def certificate_until(folder: Path) -> datetime | None:
    """When the certificate expires; None where the source issued none."""
    from assessor_desk.keys.signing import CERTIFICATE_FILE, load_identity

    if not (folder / CERTIFICATE_FILE).exists():
        return None
    return load_identity(folder)[0].not_valid_after_utc
