"""What is turned away before anything is read: plain HTTP from another computer, bodies beyond their limit, and
whatever comes while the hub is worked to capacity.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assessor_desk.hub.answers import problem
from assessor_desk.hub.deliveries import LARGEST_PACKET
from assessor_desk.hub.handed_in import LARGEST_DOCUMENT
from assessor_desk.hub.releases import LARGEST_REPORTS
from assessor_desk.protocol.addresses import is_loopback
from assessor_desk.protocol.messages import PREFIX

#: The largest body of any message but those that carry whole documents.
LARGEST_MESSAGE = 64 * 1024
_LARGEST = {
    f"{PREFIX}/packets/": LARGEST_PACKET,
    f"{PREFIX}/releases/": LARGEST_REPORTS,
    f"{PREFIX}/notes/": LARGEST_DOCUMENT,
    f"{PREFIX}/concerns/": LARGEST_DOCUMENT,
}


#: Requests worked on at once; more are told to come back (503).
_MOST_AT_ONCE = 200
_RETRY_SECONDS = 5


class AtOnce:
    """ASGI middleware: so many requests are worked on at once. What waits for bytes of the other side, its own or those
    that it is to take, is no work: the slow and the silent keep nobody out.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._most, self._working = app, _MOST_AT_ONCE, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._working >= self._most:
            words = "The hub has as much to do as it can. Try again later."
            await problem(503, words, {"Retry-After": str(_RETRY_SECONDS)})(scope, receive, send)
            return
        answered = counted = False

        def count(working: bool) -> None:
            nonlocal counted
            self._working += working - counted
            counted = working

        async def received() -> Message:
            count(False)
            try:
                return await receive()
            finally:
                count(not answered)

        async def sent(message: Message) -> None:
            nonlocal answered
            answered = True
            count(False)
            await send(message)

        count(True)
        try:
            await self._app(scope, received, sent)
        finally:
            answered = True
            count(False)


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
        return problem(413, f"At most {largest} bytes are taken here.")
    return None
