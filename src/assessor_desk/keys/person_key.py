"""The key that a person's devices share and their hub does not have, and what travels under it.

Batches of entries are sealed with AES-256-GCM. Each names its chain (one device's batches, one after the other), its
number and the digest of the one before, all of them authenticated: what lies between cannot drop, reorder, replay or
swap one unseen. Each chain has a key of its own made from the person's (HKDF), so that random nonces never meet.
"""

from __future__ import annotations

import hashlib
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.keys.derivation import KEY_BYTES, derive

_NONCE = 12
_LABEL = "assessor-desk entries 1"


class KeyNotHere(Refused):
    """Something is sealed with a key that this device was not given (yet)."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The person's keys, newest last: a device that is removed leaves, and what follows has a new one."""

    keys: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def new(cls) -> KeyRing:
        """With one random key."""
        return cls((os.urandom(KEY_BYTES),))

    @property
    def current(self) -> bytes:
        """What new batches are sealed with."""
        return self.keys[-1]

    def named(self, name: str) -> bytes:
        """The key of that name. Raises KeyNotHere."""
        for key in self.keys:
            if name_of(key) == name:
                return key
        raise KeyNotHere(
            "The other device uses a key that this one was not given yet. Sync both, then try again. Remove a computer "
            "that is lost, under Your devices"
        )

    @property
    def names(self) -> tuple[str, ...]:
        """What the keys are called, oldest first."""
        return tuple(name_of(key) for key in self.keys)

    def before(self, name: str) -> KeyRing:
        """The keys that were there before the one of that name; that one must not be the first."""
        return KeyRing(self.keys[: self.names.index(name)])

    def with_key(self, key: bytes) -> KeyRing:
        """With one more, from now on the current one; the same where it is here already."""
        return self if key in self.keys else KeyRing((*self.keys, key))

    def with_older(self, key: bytes) -> KeyRing:
        """With one more, and the current one stays that; the same where it is here already."""
        return self if key in self.keys else KeyRing((*self.keys[:-1], key, self.keys[-1]))

    def renewed(self) -> KeyRing:
        """With a new key for what follows."""
        return self.with_key(os.urandom(KEY_BYTES))

    def told(self) -> list[str]:
        """As JSON has it; secret."""
        return [b64encode(key).decode() for key in self.keys]

    @classmethod
    def from_told(cls, told: Sequence[str]) -> KeyRing:
        """The inverse of `told`."""
        return cls(tuple(b64decode(key) for key in told))


def name_of(key: bytes) -> str:
    """By what a key is called; nothing of the key follows from it."""
    return derive(key, "name of a person's key").hex()[:16]


@dataclass(frozen=True, slots=True)
class SealedBatch:
    """A batch as it travels: everything but `sealed` can be read by who carries it, and changed by nobody."""

    chain: str
    number: int
    previous: str
    key: str
    sealed: bytes = field(repr=False)

    def digest(self, source: str, person: str) -> str:
        """SHA-256 of all of it, which the next one of the chain names."""
        return hashlib.sha256(self.frame(source, person) + self.sealed).hexdigest()

    def frame(self, source: str, person: str) -> bytes:
        """What is authenticated beside the content."""
        return json.dumps(
            [_LABEL, source, person, self.chain, self.number, self.previous, self.key], separators=(",", ":")
        ).encode()


def seal_batch(
    ring: KeyRing, source: str, person: str, chain: str, number: int, previous: str, content: bytes
) -> SealedBatch:
    """Seal a batch with the current key; `previous` is the digest of the one before, empty for the first."""
    empty = SealedBatch(chain, number, previous, name_of(ring.current), b"")
    nonce = os.urandom(_NONCE)
    sealed = nonce + _cipher(ring.current, chain).encrypt(nonce, content, empty.frame(source, person))
    return SealedBatch(chain, number, previous, empty.key, sealed)


def open_batch(ring: KeyRing, source: str, person: str, batch: SealedBatch) -> bytes:
    """Its content. Raises KeyNotHere, and Damaged where anything of it was changed."""
    nonce, sealed = batch.sealed[:_NONCE], batch.sealed[_NONCE:]
    cipher = _cipher(ring.named(batch.key), batch.chain)
    try:
        return cipher.decrypt(nonce, sealed, batch.frame(source, person))
    except (InvalidTag, ValueError) as error:
        raise Damaged("What another device of yours sent was changed on its way. Tell the issuer") from error


def _cipher(key: bytes, chain: str) -> AESGCM:
    return AESGCM(derive(key, f"entries of {chain}"))


# -- between two devices -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Side:
    """One device's part in letting the other in: a key pair (X25519) made for the occasion, and a random number."""

    private: bytes = field(repr=False)
    nonce: bytes

    @classmethod
    def new(cls) -> Side:
        """At random."""
        return cls(X25519PrivateKey.generate().private_bytes_raw(), os.urandom(32))

    @property
    def public(self) -> bytes:
        """What the other side gets."""
        return public_of(self.private)

    def shown(self) -> dict[str, str]:
        """What the other side gets, as JSON has it."""
        return {"public": self.public.hex(), "nonce": self.nonce.hex()}

    def kept(self) -> dict[str, str]:
        """As the encrypted store keeps it."""
        return {"private": self.private.hex(), "nonce": self.nonce.hex()}

    @classmethod
    def from_kept(cls, kept: Mapping[str, str]) -> Side:
        """The inverse of `kept`."""
        return cls(bytes.fromhex(kept["private"]), bytes.fromhex(kept["nonce"]))


@dataclass(frozen=True, slots=True)
class Meeting:
    """What both devices have of their meeting once each has seen the other's part.

    The device that asks commits to its part before it sees the other's, and shows it after: who sits between cannot
    search for a part that gives the same code (RFC 6189 §4.4.1.1; Matrix's short authentication strings).
    """

    about: str  # the source, the person, and the request
    commitment: str
    asking: tuple[bytes, bytes]  # public key and nonce
    letting_in: tuple[bytes, bytes]

    @property
    def digest(self) -> bytes:
        """SHA-256 of all of it."""
        parts = (b"assessor-desk meeting 1", self.about.encode(), self.commitment.encode(), *self.asking)
        return _hash(*parts, *self.letting_in)

    @property
    def code(self) -> str:
        """Eight digits that both devices show: who sits between meets them by chance once in 100,000,000 tries."""
        number = int.from_bytes(_hash(b"code", self.digest)[:8], "big") % 10**8
        return f"{number // 10**4:04} {number % 10**4:04}"


def commitment_to(about: str, public: bytes, nonce: bytes) -> str:
    """What the asking device says first: nothing of its part follows from it, and no other part fits it."""
    return _hash(b"assessor-desk commitment 1", about.encode(), public, nonce).hex()


def shown_part(told: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Public key and nonce as a side showed them. Raises Damaged for anything else."""
    try:
        public, nonce = bytes.fromhex(told["public"]), bytes.fromhex(told["nonce"])
    except (KeyError, TypeError, ValueError) as error:
        raise Damaged(
            "The other device answered in a way this program does not understand. Ask again"
        ) from error
    if len(public) != KEY_BYTES or len(nonce) != KEY_BYTES:
        raise Damaged("The other device answered in a way this program does not understand. Ask again")
    return public, nonce


def wrap_for(private: bytes, public: bytes, about: bytes, content: bytes) -> bytes:
    """Seal `content` for the holder of `public`'s key; `about` is authenticated with it (X25519, HKDF, AES-256-GCM)."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_shared(private, public, about)).encrypt(nonce, content, about)


def unwrap_from(private: bytes, public: bytes, about: bytes, wrapped: bytes) -> bytes:
    """The inverse of `wrap_for`, with one's own key and the other's. Raises Damaged."""
    try:
        return AESGCM(_shared(private, public, about)).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], about)
    except (InvalidTag, ValueError) as error:
        raise Damaged("What the other device handed over does not open here. Ask again") from error


def public_of(private: bytes) -> bytes:
    """The public key (X25519) of a private one."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _shared(private: bytes, public: bytes, about: bytes) -> bytes:
    own = X25519PrivateKey.from_private_bytes(private)
    secret = own.exchange(X25519PublicKey.from_public_bytes(public))
    return HKDF(SHA256(), KEY_BYTES, salt=about, info=b"assessor-desk between devices 1").derive(secret)


def _hash(*parts: bytes) -> bytes:
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(len(part).to_bytes(4, "big") + part)
    return hashed.digest()
