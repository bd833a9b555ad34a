"""All that a client of HTTP sends and gets at one pace: files, pages, packets, questions and refusals alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import httpx

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from assessor_desk.sync.pace import Pace


def keep_pace(client: httpx.Client, pace: Pace, stop: threading.Event) -> None:
    """Have every body that `client` sends or gets from now on wait for its turn; none waits once `stop` is set."""

    def send_slowly(request: httpx.Request) -> None:
        request.stream = _Paced(cast("httpx.SyncByteStream", request.stream), pace, stop)

    def get_slowly(response: httpx.Response) -> None:
        response.stream = _Paced(cast("httpx.SyncByteStream", response.stream), pace, stop)

    client.event_hooks = {"request": [send_slowly], "response": [get_slowly]}


class _Paced(httpx.SyncByteStream):
    """A body of which each piece waits until it may pass. No more of it is read from the line meanwhile."""

    def __init__(self, body: httpx.SyncByteStream, pace: Pace, stop: threading.Event) -> None:
        self._body = body
        self._pace = pace
        self._stop = stop

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._body:
            most = self._pace.piece
            for start in range(0, len(piece), most):
                part = piece[start : start + most]
                # Before it is handed on: whoever has all that they wanted does not ask for what comes after it.
                self._pace.take(len(part), self._stop)
                yield part

    def close(self) -> None:
        self._body.close()
