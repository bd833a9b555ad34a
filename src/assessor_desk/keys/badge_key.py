"""The issuer's Ed25519 key that signs badges and their status list, named by a did:key.

A did:key is its own public key, so a badge can be checked when neither the hub nor anybody's web site is there any
more (docs/decisions/0155). Packets are signed with P-256 instead, since neither pdfsig nor openssl verify Ed25519.
Base 58 and the prefix are those of W3C Controlled Identifiers 1.0 (§2.4, §2.2.2, “Multikey”).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from assessor_desk.domain.errors import Damaged, Refused

from .private_files import write_privately

_PLAIN, _WRAPPED = ".key", ".key.json"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
#: The multicodec prefix of an Ed25519 public key, 0xed as a varint.
_ED25519 = b"\xed\x01"
_DID_KEY = "did:key:"


@dataclass(frozen=True, slots=True)
class BadgeKey:
    """An issuer's key for badges."""

    private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> BadgeKey:
        """A new key."""
        return cls(Ed25519PrivateKey.generate())

    @property
    def multibase(self) -> str:
        """The public key as a Multikey."""
        public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return multibase(_ED25519 + public)

    @property
    def did(self) -> str:
        """The issuer's identifier."""
        return _DID_KEY + self.multibase

    @property
    def method(self) -> str:
        """The identifier of the key within the issuer's."""
        return method_of(self.did)

    def sign(self, content: bytes) -> bytes:
        """An Ed25519 signature (RFC 8032), 64 bytes."""
        return self.private.sign(content)


def open_badge_key(folder: Path, passphrase: str | None, number: int = 1) -> BadgeKey:
    """The key in `folder`, made on first use; wrapped by the passphrase where there is one.

    An issuer that replaced its key has several, numbered from 1. Raises Refused for a wrong passphrase, Damaged for a
    file that is no key.
    """
    stem = "badge" if number == 1 else f"badge-{number}"
    if not any((folder / f"{stem}{ending}").exists() for ending in (_PLAIN, _WRAPPED)):
        _write(folder, stem, BadgeKey.generate(), passphrase)
    try:
        return BadgeKey(Ed25519PrivateKey.from_private_bytes(_read(folder, stem, passphrase)))
    except ValueError as error:
        raise Damaged(f"The key for badges in {folder} cannot be read; restore it from a back-up") from error


def method_of(did: str) -> str:
    """The identifier of the one key of a did:key."""
    return f"{did}#{did.removeprefix(_DID_KEY)}"


def holds(did: str, signature: bytes, content: bytes) -> bool:
    """Whether the key of a did:key made this signature. Raises Refused for any other identifier."""
    try:
        _public(did).verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _public(did: str) -> Ed25519PublicKey:
    try:
        raw = from_multibase(did.removeprefix(_DID_KEY)) if did.startswith(_DID_KEY) else b""
    except ValueError:
        raw = b""
    if len(raw) != len(_ED25519) + 32 or not raw.startswith(_ED25519):
        raise Refused(f"“{did[:80]}” is no did:key with an Ed25519 key")
    return Ed25519PublicKey.from_public_bytes(raw[len(_ED25519) :])


def multibase(data: bytes) -> str:
    """Base 58 with its prefix “z”."""
    number, letters = int.from_bytes(data), ""
    while number:
        number, rest = divmod(number, 58)
        letters = _ALPHABET[rest] + letters
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + letters


def from_multibase(text: str) -> bytes:
    """The bytes that `multibase` wrote. Raises ValueError for anything else."""
    if not text.startswith("z") or len(text) > 256:
        raise ValueError("not base 58 with its prefix")
    number = 0
    for letter in text[1:]:
        number = number * 58 + _ALPHABET.index(letter)
    zeros = len(text[1:]) - len(text[1:].lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


def _write(folder: Path, stem: str, key: BadgeKey, passphrase: str | None) -> None:
    raw = key.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    if passphrase is None:
        write_privately(folder / f"{stem}{_PLAIN}", raw)
        return
    from .envelope import wrap

    write_privately(folder / f"{stem}{_WRAPPED}", json.dumps(wrap(raw, passphrase)).encode())


def _read(folder: Path, stem: str, passphrase: str | None) -> bytes:
    if (folder / f"{stem}{_PLAIN}").exists():
        return (folder / f"{stem}{_PLAIN}").read_bytes()
    from .envelope import unwrap

    if passphrase is None:
        raise Refused("The key for badges is wrapped: give the authority's passphrase")
    return unwrap(json.loads((folder / f"{stem}{_WRAPPED}").read_bytes()), passphrase)
