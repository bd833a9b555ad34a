"""The desk's data key, wrapped by a passphrase and by a recovery key; and the wrapping that the signing key shares.

Argon2id (RFC 9106) turns a passphrase into a key, AES-256-GCM wraps a secret with it. The recovery key is 130
random bits shown once, as eight groups of Crockford's base 32 (https://www.crockford.com/base32.html) whose
last letters are a check.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from assessor_desk.domain.errors import Damaged, Refused, Unavailable, WrongPassphrase

from .private_files import write_privately

KEY_BYTES = 32
_MEMORY_KIB, _PASSES, _LANES = 64 * 1024, 3, 4
#: A file from elsewhere must not make this computer spend gigabytes on a guess.
_MOST_MEMORY_KIB, _MOST_PASSES, _MOST_LANES = 1024 * 1024, 16, 64
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _GROUP, _CHECK = 8, 4, 6
_FORMAT = 1


def wrap(secret: bytes, passphrase: str) -> dict[str, Any]:
    """Wrap a secret with a passphrase; the answer is plain JSON. Raises Refused for an empty passphrase."""
    if not passphrase:
        raise Refused("A passphrase cannot be empty")
    salt, nonce = os.urandom(16), os.urandom(12)
    cost = {"kdf": "argon2id", "memory_kib": _MEMORY_KIB, "passes": _PASSES, "lanes": _LANES}
    sealed = AESGCM(_key_from(passphrase, salt, cost)).encrypt(nonce, secret, None)
    return {**cost, "salt": _text(salt), "nonce": _text(nonce), "sealed": _text(sealed)}


def unwrap(wrapped: Mapping[str, Any], passphrase: str) -> bytes:
    """The secret that `wrap` wrapped.

    Raises Refused for another passphrase, Damaged for something `wrap` never wrote.
    """
    try:
        salt, nonce, sealed = (
            b64decode(wrapped[name], validate=True) for name in ("salt", "nonce", "sealed")
        )
        key = _key_from(passphrase, salt, wrapped)
    except (KeyError, TypeError, ValueError) as error:
        raise Damaged("The file with the wrapped key is damaged. Restore it from a back-up") from error
    try:
        return AESGCM(key).decrypt(nonce, sealed, None)
    except InvalidTag as error:
        raise WrongPassphrase("The passphrase is not right") from error


def _key_from(passphrase: str, salt: bytes, cost: Mapping[str, Any]) -> bytes:
    memory, passes, lanes = int(cost["memory_kib"]), int(cost["passes"]), int(cost["lanes"])
    if cost["kdf"] != "argon2id" or memory > _MOST_MEMORY_KIB or passes > _MOST_PASSES or lanes > _MOST_LANES:
        raise ValueError("not a way of wrapping that this program uses")
    # The same passphrase typed on two keyboards may arrive composed or decomposed.
    words = unicodedata.normalize("NFKC", passphrase).encode()
    return Argon2id(salt=salt, length=KEY_BYTES, iterations=passes, lanes=lanes, memory_cost=memory).derive(
        words
    )


def new_recovery_key() -> str:
    """Eight groups of four letters and digits: 130 random bits and a 30-bit check."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_GROUPS * _GROUP - _CHECK))
    whole = letters + _check(letters)
    return "-".join(whole[at : at + _GROUP] for at in range(0, len(whole), _GROUP))


def read_recovery_key(typed: str) -> str:
    """A recovery key as typed, brought into its one spelling: case, spaces, O for 0 and I or L for 1 do not matter.

    Raises Refused, before any slow work, for a key with a slip in it.
    """
    plain = "".join(typed.upper().split()).replace("-", "").translate(str.maketrans("OIL", "011"))
    letters = plain[:-_CHECK]
    if len(plain) != _GROUPS * _GROUP or set(plain) - set(_ALPHABET) or _check(letters) != plain[-_CHECK:]:
        raise Refused(
            "That is not a recovery key: it has eight groups of four letters and digits. Check what was typed"
        )
    return "-".join(plain[at : at + _GROUP] for at in range(0, len(plain), _GROUP))


def _check(letters: str) -> str:
    number = int.from_bytes(hashlib.sha256(letters.encode()).digest()[:4], "big")
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(_CHECK))


@dataclass(frozen=True)
class Envelope:
    """What `keys.json` holds: the data key wrapped twice. Useless without passphrase or recovery key."""

    by_passphrase: Mapping[str, Any]
    by_recovery_key: Mapping[str, Any]

    @classmethod
    def create(cls, passphrase: str) -> tuple[Envelope, bytes, str]:
        """A new envelope, its data key, and the recovery key to show once. Raises Refused for an empty passphrase."""
        data_key, recovery_key = os.urandom(KEY_BYTES), new_recovery_key()
        return cls(wrap(data_key, passphrase), wrap(data_key, recovery_key)), data_key, recovery_key

    @property
    def id(self) -> str:
        """A name of this desk that says nothing about its keys; another passphrase does not change it."""
        return hashlib.sha256(str(self.by_recovery_key["salt"]).encode()).hexdigest()[:32]

    def unlock(self, passphrase: str) -> bytes:
        """The data key. Raises Refused for a wrong passphrase."""
        return unwrap(self.by_passphrase, passphrase)

    def unlock_with_recovery_key(self, typed: str) -> bytes:
        """The data key. Raises Refused for a key with a slip in it, or of another desk."""
        letters = read_recovery_key(typed)
        try:
            return unwrap(self.by_recovery_key, letters)
        except WrongPassphrase as error:
            raise WrongPassphrase("That recovery key belongs to another desk") from error

    def with_passphrase(self, data_key: bytes, passphrase: str) -> Envelope:
        """The envelope with another passphrase; the recovery key stays as it was."""
        return replace(self, by_passphrase=wrap(data_key, passphrase))

    @classmethod
    def load(cls, path: Path) -> Envelope:
        """Read `keys.json`, or its second copy where that is damaged or gone; what is wrong with either is mended.

        Raises Damaged where neither can be read.
        """
        found: list[Envelope] = []
        for each in (path, second_copy(path)):
            with contextlib.suppress(Damaged):
                found.append(cls._read(each))
        if not found:
            return cls._read(path)
        if len(found) == 1 or found[0] != found[1]:
            # On a disk that cannot be written the one that is whole opens the desk all the same.
            with contextlib.suppress(Unavailable):
                found[0].save(path)
        return found[0]

    @classmethod
    def _read(cls, path: Path) -> Envelope:
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["format"] != _FORMAT:
                raise Damaged(
                    f"“{path}” has format {data['format']}, which this version cannot read. Update the program"
                )
            if data.get("check", _check_of(data)) != _check_of(data):
                raise ValueError("not what was written")
            return cls(data["passphrase"], data["recovery_key"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Damaged(
                f"“{path}” cannot be read, and neither can its second copy: without it the desk cannot be opened. "
                "Put one of them back from a back-up"
            ) from error

    def save(self, path: Path) -> None:
        """Write `keys.json`, and then its second copy.

        The old file or the new one is there at every moment, never half of one.
        """
        for each, written in self.files(path).items():
            write_privately(each, written)

    def files(self, path: Path) -> dict[Path, bytes]:
        """What `save` writes, by where."""
        content: dict[str, Any] = {
            "format": _FORMAT,
            "passphrase": dict(self.by_passphrase),
            "recovery_key": dict(self.by_recovery_key),
        }
        content["check"] = _check_of(content)
        written = json.dumps(content, indent=1).encode()
        return {path: written, second_copy(path): written}


def second_copy(path: Path) -> Path:
    """Where the second copy of a `keys.json` lies."""
    return path.with_name(f"{path.stem}-copy{path.suffix}")


def _check_of(content: Mapping[str, Any]) -> str:
    """A digest by which a changed bit is told from a wrong passphrase."""
    wrapped = {name: content[name] for name in ("passphrase", "recovery_key")}
    return hashlib.sha256(json.dumps(wrapped, sort_keys=True).encode()).hexdigest()


def _text(data: bytes) -> str:
    return b64encode(data).decode()
