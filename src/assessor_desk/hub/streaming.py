"""What requests say of their bodies and of the bytes that they want, and bodies as they come in (`arriving`)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import anyio
from fastapi import Request
from starlette.requests import ClientDisconnect

from assessor_desk.hub.errors import Declined

#: How long a sender may be silent.
IDLE_SECONDS = 60


#: RFC 9110 §14.4: the rest of a body from some byte on, or with an asterisk that nothing of it is left to send.
_PART = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18})", re.ASCII)
#: RFC 9530: SHA-256 of the whole, in base64 between colons.
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):", re.ASCII)


@dataclass(frozen=True)
class Announced:
    """What a request says of its body: the bytes from `start` on of `length`. `sha256` is of the whole, if told."""

    length: int
    start: int = 0
    sha256: str = ""


@dataclass(frozen=True)
class Body:
    """The whole of something, `length` bytes in `pieces`. `sha256` is what it should be, if told."""

    length: int
    pieces: Iterator[bytes]
    sha256: str = ""


def part_of(request: Request, limit: int) -> Announced:
    """What is said of a body that may be the rest of one that was begun earlier (Content-Range).

    Raises as `length_of`, 413 for a whole above `limit`, and 400 for a part that is not the rest of anything.
    """
    length, sha256, part = (
        length_of(request, limit),
        digest_told(request),
        request.headers.get("content-range"),
    )
    if part is None:
        return Announced(length, 0, sha256)
    found = _PART.fullmatch(part.strip())
    if found is None or not sha256:
        raise Declined(
            400, "Part of a body needs “Content-Range: bytes FIRST-LAST/LENGTH” and its Repr-Digest"
        )
    whole = int(found[3])
    start = whole if found[1] is None else int(found[1])
    if whole > limit:
        raise Declined(413, f"The body has {whole} bytes; at most {limit} are taken")
    if start + length != whole or (found[2] is not None and int(found[2]) != whole - 1):
        raise Declined(400, f"“{part[:60]}” is not the rest of a body, or not as long as this one")
    return Announced(whole, start, sha256)


def digest_told(request: Request) -> str:
    """The SHA-256 of the whole that a request tells of (Repr-Digest); empty where it does not."""
    told = request.headers.get("repr-digest")
    if told is None:
        return ""
    found = _DIGEST.fullmatch(told.strip())
    try:
        return base64.b64decode(found[1], validate=True).hex() if found else _no_digest()
    except binascii.Error:
        return _no_digest()


def _no_digest() -> str:
    raise Declined(400, "Repr-Digest must be “sha-256=:” with the digest in base64 and “:”")


def length_of(request: Request, limit: int) -> int:
    """The announced length of a request's body. Raises Declined: 411 without one, 413 above `limit`."""
    announced = request.headers.get("content-length", "")
    if not announced.isdecimal():
        raise Declined(411, "Say how long the body is (Content-Length)")
    if int(announced) > limit:
        raise Declined(413, f"The body has {announced} bytes; at most {limit} are taken")
    return int(announced)


async def pieces_of(request: Request) -> AsyncIterator[bytes]:
    """A body as it comes in. Raises Declined: 408 for a sender who falls silent, 400 for one who leaves."""
    stream = request.stream()
    while piece := await _next_piece(stream):
        yield piece


async def _next_piece(stream: AsyncIterator[bytes]) -> bytes:
    try:
        with anyio.fail_after(IDLE_SECONDS):
            return await anext(stream, b"")
    except TimeoutError as error:
        raise Declined(408, f"Nothing came for {IDLE_SECONDS} seconds") from error
    except ClientDisconnect as error:
        raise Declined(400, "The connection ended before the body did") from error


def refuse_bad_range(request: Request, size: int) -> None:
    """Raises Declined (416) for a Range other than one stretch of bytes that begins within `size`."""
    asked = request.headers.get("range")
    if asked is None:
        return
    found = re.fullmatch(r"bytes=(\d{1,18})-(\d{0,18})", asked.strip(), re.ASCII)
    if found is None or int(found[1]) >= size or (found[2] and int(found[2]) < int(found[1])):
        raise Declined(416, f"“{asked[:60]}” is no part of a file of {size} bytes. Ask as “bytes=0-”")
