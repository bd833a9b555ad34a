"""The bits of a status list (W3C Bitstring Status List 1.0, §3.2): one for each badge, compressed and in base 64.

A list has 131,072 places at least, so that one badge's place says nothing about whose it is.
"""

from __future__ import annotations

import gzip
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable

from assessor_desk.domain.errors import Damaged, Refused

PLACES = 131_072
_LARGEST = 4 << 20
_GZIP = 31


def encoded(revoked: Iterable[int]) -> str:
    """The list in which these places are set, the first bit on the left; the same places give the same text."""
    bits = bytearray(PLACES // 8)
    for place in revoked:
        bits[place // 8] |= 0x80 >> place % 8
    return "u" + urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).decode().rstrip("=")


def is_set(text: str, place: int) -> bool:
    """Whether a place is set. Raises Damaged for what is no status list, Refused for a place beyond its end."""
    bits = _decoded(text)
    if not 0 <= place < len(bits) * 8:
        raise Refused(f"the status list has no place {place}")
    return bool(bits[place // 8] & 0x80 >> place % 8)


def _decoded(text: str) -> bytes:
    """At most 4 MiB are unpacked: a list from elsewhere may be made to fill the memory."""
    if not text.startswith("u") or len(text) > _LARGEST:
        raise Damaged("the status list cannot be read")
    try:
        packed = urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))
        unpacking = zlib.decompressobj(_GZIP)
        bits = unpacking.decompress(packed, _LARGEST)
    except (ValueError, zlib.error) as error:
        raise Damaged("the status list cannot be read") from error
    if unpacking.unconsumed_tail or len(bits) * 8 < PLACES:
        raise Damaged("the status list is not of a size that is allowed")
    return bits
