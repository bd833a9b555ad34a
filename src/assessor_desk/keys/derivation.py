"""Keys made from the desk's one data key, each for one purpose (HKDF, RFC 5869)."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


def derive(data_key: bytes, purpose: str) -> bytes:
    """A 256-bit key for `purpose`; nothing about `data_key` or other purposes follows from it."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"assessor-desk {purpose}".encode()).derive(data_key)
