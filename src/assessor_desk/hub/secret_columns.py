"""Columns that say nothing to whoever has a copy of the database without the hub's key.

A file is encrypted as a whole by SQLCipher, so there these columns hold what they are given. On a server each value is
sealed: AES-256-GCM with a key of its own for each column (HKDF-SHA256 of the hub's key), nonce in front. What is sealed
has no order and no equal, so it cannot be searched or sorted by: trying to is a mistake of the program's, told on
either home. Identifiers, digests, times and states stay readable (docs/decisions/0179).
"""

from __future__ import annotations

import base64
import json
import os
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.sql import operators

from assessor_desk.domain.errors import Damaged

_NONCE = 12


class Cipher:
    """Seals and opens values with keys derived from one; `column` says which."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._columns: dict[str, AESGCM] = {}

    def seal(self, column: str, value: bytes) -> bytes:
        """Nonce and sealed value."""
        nonce = os.urandom(_NONCE)
        return nonce + self._of(column).encrypt(nonce, value, None)

    def open(self, column: str, value: bytes) -> bytes:
        """What was sealed. Raises Damaged for anything that was not, by this key, for this column."""
        try:
            return self._of(column).decrypt(value[:_NONCE], value[_NONCE:], None)
        except (InvalidTag, ValueError) as error:
            raise Damaged(
                f"The hub's database has another key, or {column} in it is damaged. Is hub.key that of this hub?"
            ) from error

    def _of(self, column: str) -> AESGCM:
        if column not in self._columns:
            info = f"assessor-desk hub column {column}".encode()
            self._columns[column] = AESGCM(HKDF(SHA256(), 32, None, info).derive(self._key))
        return self._columns[column]


def use_cipher(dialect: sa.Dialect, cipher: Cipher) -> None:
    """Let the secret columns of one engine be sealed: its dialect is all that a column's type is given."""
    dialect.hub_cipher = cipher  # type: ignore[attr-defined]


def _cipher(dialect: sa.Dialect) -> Cipher | None:
    return getattr(dialect, "hub_cipher", None)


class _Unsearchable(sa.types.TypeDecorator.Comparator[Any]):
    """Knows whether there is a value, and whether a text is empty, and nothing else."""

    def operate(self, op: Any, *other: Any, **options: Any) -> Any:
        empty = op in (operators.eq, operators.ne) and other == ("",)
        if not empty and op not in (operators.is_, operators.is_not):
            raise TypeError(f"{self.expr} is a secret column: it has no order and no equal")
        return super().operate(op, *other, **options)


class SecretBytes(sa.TypeDecorator[bytes]):
    """Bytes that only the hub reads."""

    impl = sa.LargeBinary
    cache_ok = True
    comparator_factory = _Unsearchable

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: bytes | None, dialect: sa.Dialect) -> bytes | None:
        cipher = _cipher(dialect)
        return value if value is None or cipher is None else cipher.seal(self.column, value)

    def process_result_value(self, value: bytes | None, dialect: sa.Dialect) -> bytes | None:
        cipher = _cipher(dialect)
        return value if value is None or cipher is None else cipher.open(self.column, value)


class SecretText(sa.TypeDecorator[str]):
    """Text that only the hub reads. An empty one is kept as it is, as columns begin."""

    impl = sa.String
    cache_ok = True
    comparator_factory = _Unsearchable

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        cipher = _cipher(dialect)
        return value if not value or cipher is None else _text(cipher, self.column, value.encode())

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:
        cipher = _cipher(dialect)
        return value if not value or cipher is None else _opened(cipher, self.column, value).decode()


class SecretJson(sa.TypeDecorator[Any]):
    """A document that only the hub reads; sealed, it is a JSON string."""

    impl = sa.JSON
    cache_ok = True
    comparator_factory = _Unsearchable

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        cipher = _cipher(dialect)
        return value if cipher is None else _text(cipher, self.column, json.dumps(value).encode())

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        cipher = _cipher(dialect)
        return value if value is None or cipher is None else json.loads(_opened(cipher, self.column, value))


def _text(cipher: Cipher, column: str, value: bytes) -> str:
    return base64.b64encode(cipher.seal(column, value)).decode()


def _opened(cipher: Cipher, column: str, value: str) -> bytes:
    try:
        sealed = base64.b64decode(value, validate=True)
    except ValueError:
        sealed = b""
    return cipher.open(column, sealed)
