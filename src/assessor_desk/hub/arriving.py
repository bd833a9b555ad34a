"""Bodies on their way in, which may take as long as they like.

Threads are few, and nearly all that a hub does takes one, so nobody has one while bytes are waited for: those that came
are sealed where unfinished deliveries lie (`uploads`) by short turns, and are read once all of them are there. Short
bodies stay in memory.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import anyio
from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from assessor_desk.domain.errors import DeskError, NoRoom
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.streaming import Announced, Body, length_of, pieces_of
from assessor_desk.hub.upload_parts import Attempt
from assessor_desk.hub.uploads import WORTH_KEEPING, Upload, nameless

#: What is gathered before a thread takes it.
_GATHERED = 256 * 1024


@contextlib.asynccontextmanager
async def arrived(request: Request, hub: Hub, limit: int) -> AsyncIterator[Body]:
    """The body of a request that nobody goes on with when it breaks off; nothing is left of it after the block.

    Raises as `take_in`, and as `length_of`.
    """
    told = Announced(length_of(request, limit))
    upload = nameless(hub, told.length) if told.length >= WORTH_KEEPING else None
    try:
        yield await take_in(request, told, upload)
    finally:
        if upload is not None:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(upload.forget)


async def take_in(request: Request, told: Announced, upload: Upload | None) -> Body:
    """Wait until all of a body is there: in memory, or as `upload`, in which what came is kept if it breaks off.

    Raises as `pieces_of`; Declined (507) where there is no room, Unavailable where it cannot be kept for now.
    """
    if upload is None:
        gathered = b"".join([piece async for piece in pieces_of(request)])
        return Body(told.length, iter((gathered,)), told.sha256)
    if told.start < told.length:
        try:
            await _keep(request, await run_in_threadpool(upload.attempt, told.start))
        except NoRoom as error:
            raise Declined(507, "The hub has no room for this now. It waits on your computer") from error
    return Body(told.length, upload.read(told.length), told.sha256)


async def drop(request: Request) -> None:
    """Let a body pass that is not needed: an answer before its end would look like a broken connection."""
    async for _ in pieces_of(request):
        pass


async def _keep(request: Request, attempt: Attempt) -> None:
    gathered = bytearray()
    try:
        async for piece in pieces_of(request):
            gathered += piece
            if len(gathered) >= _GATHERED:
                await run_in_threadpool(attempt.write, bytes(gathered))
                gathered.clear()
    except BaseException:
        with anyio.CancelScope(shield=True), contextlib.suppress(DeskError):
            await run_in_threadpool(_end, attempt, bytes(gathered))
        raise
    await run_in_threadpool(_end, attempt, bytes(gathered))


def _end(attempt: Attempt, last: bytes) -> None:
    try:
        attempt.write(last)
    finally:
        attempt.end()
