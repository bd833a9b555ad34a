"""What is turned away before anything is read: plain HTTP from another computer, bodies beyond their limit, and
whatever comes while the hub is worked to capacity.
"""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assessor_desk.hub.answers import problem
from assessor_desk.hub.deliveries import LARGEST_PACKET
from assessor_desk.hub.destructions import LARGEST_RECEIPT
from assessor_desk.hub.releases import LARGEST_REPORTS
from assessor_desk.protocol.addresses import is_loopback
from assessor_desk.protocol.device_messages import LARGEST_BATCH
from assessor_desk.protocol.documents import LARGEST_DOCUMENT
from assessor_desk.protocol.messages import NOT_TAKEN, PREFIX

#: The largest body of any message but those that carry whole documents.
LARGEST_MESSAGE = 64 * 1024
_LARGEST = {
    f"{PREFIX}/packets/": LARGEST_PACKET,
    f"{PREFIX}/releases/": LARGEST_REPORTS,
    f"{PREFIX}/notes/": LARGEST_DOCUMENT,
    f"{PREFIX}/concerns/": LARGEST_DOCUMENT,
    f"{PREFIX}/destructions/": LARGEST_RECEIPT,
    f"{PREFIX}/entries": LARGEST_BATCH * 4 // 3 + LARGEST_MESSAGE,  # in Base64, with what is told of it
}


#: Requests worked on at once; more are told to come back (503).
_MOST_AT_ONCE = 200
_RETRY_SECONDS = 5
#: How long one of which more came waits for others: a desk gives up after 30.
_WAITING_SECONDS = 20.0
_BUSY = "The hub has as much to do as it can. Try again later."


class AtOnce:
    """ASGI middleware: so many requests are worked on at once. What waits for bytes of the other side, its own or those
    that it is to take, is no work: the slow and the silent keep nobody out. Once they come it waits for a place itself.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._places = app, asyncio.Semaphore(_MOST_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._places.locked():
            await problem(503, _BUSY, _come_back(_has_a_body(scope)))(scope, receive, send)
            return
        answered = counted = False

        async def work() -> None:
            nonlocal counted
            async with asyncio.timeout(_WAITING_SECONDS):
                await self._places.acquire()
            counted = True

        def pause() -> None:
            nonlocal counted
            if counted:
                counted = False
                self._places.release()

        async def received() -> Message:
            pause()
            message = await receive()
            if not answered and message["type"] == "http.request":
                try:
                    await work()
                except TimeoutError as error:
                    raise HTTPException(503, _BUSY, _come_back(message.get("more_body", False))) from error
            return message

        async def sent(message: Message) -> None:
            nonlocal answered
            answered = True
            pause()
            await send(message)

        await work()
        try:
            await self._app(scope, received, sent)
        finally:
            pause()


def _come_back(more: bool) -> dict[str, str]:
    """`more` of a body would be sent for nothing, unless the connection ends."""
    return {"Retry-After": str(_RETRY_SECONDS), **({"Connection": "close"} if more else {})}


def _has_a_body(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"


class Gate:
    """ASGI middleware. The server holds a client to its Content-Length, so looking at that is enough."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _refusal(scope) if scope["type"] == "http" else None
        await (answer or self._app)(scope, receive, send)


def _refusal(scope: Scope) -> ASGIApp | None:
    headers = dict(scope["headers"])
    client = scope["client"][0] if scope.get("client") else ""
    if scope["scheme"] != "https" and not is_loopback(client):
        return problem(403, "This hub is reached by https only.")
    if b"transfer-encoding" in headers:
        return problem(411, "Say how long the body is (Content-Length).")
    largest = next(
        (most for start, most in _LARGEST.items() if scope["path"].startswith(start)), LARGEST_MESSAGE
    )
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or int(length) > largest:
        return problem(413, f"At most {largest} bytes are taken here.", reason=NOT_TAKEN)
    return None
