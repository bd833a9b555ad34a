"""What is turned away before anything is read: plain HTTP from another computer, and bodies beyond their limit."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

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
