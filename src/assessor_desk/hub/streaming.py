"""Bytes to and from the network without holding them in memory, from ordinary blocking functions."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

import anyio
import anyio.from_thread
from fastapi import Request
from starlette.requests import ClientDisconnect

from assessor_desk.hub.errors import Declined

#: How long a sender may be silent.
IDLE_SECONDS = 60


def body_of(request: Request, limit: int) -> tuple[int, Iterator[bytes]]:
    """The announced length of a request's body, and its pieces as they come in.

    Raises Declined: 411 without a length, 413 above `limit`; while iterating 408 for a sender who falls
    silent and 400 for one who leaves.
    """
    announced = request.headers.get("content-length", "")
    if not announced.isdecimal():
        raise Declined(411, "Say how long the body is (Content-Length)")
    if int(announced) > limit:
        raise Declined(413, f"The body has {announced} bytes; at most {limit} are taken")
    return int(announced), _pieces(request.stream())


def _pieces(stream: AsyncIterator[bytes]) -> Iterator[bytes]:
    while piece := anyio.from_thread.run(_next_piece, stream):
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
