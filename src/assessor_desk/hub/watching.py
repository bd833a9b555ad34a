"""Ending what a revoked computer is still being sent."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import anyio.to_thread
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

#: How often a long answer looks whether whoever gets it still may, in seconds.
LOOK_EVERY = 1.0


class EnrolmentEnded(Exception):
    """The computer that is being sent something was revoked meanwhile. No fault: the connection is to end."""


class WhileEnrolled(Response):
    """Another answer, which breaks off within about a second after `still` says no."""

    def __init__(self, answer: Response, still: Callable[[], bool]) -> None:
        super().__init__()
        self._answer, self._still = answer, still

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, looking now and then."""
        looked_at = time.monotonic()

        async def watched(message: Message) -> None:
            nonlocal looked_at
            if time.monotonic() - looked_at >= LOOK_EVERY:
                if not await anyio.to_thread.run_sync(self._still):
                    raise EnrolmentEnded
                looked_at = time.monotonic()
            await send(message)

        await self._answer(scope, receive, watched)


def not_a_fault(record: logging.LogRecord) -> bool:
    """A filter for the server's log: that an answer was broken off on purpose is not to be told as an error."""
    return record.exc_info is None or not isinstance(record.exc_info[1], EnrolmentEnded)
