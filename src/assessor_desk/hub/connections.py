"""How long a connection may be silent, and how many one address may have: nobody keeps others out by holding them open.

The server knows neither (docs/decisions/0291). What is worked on at once is counted by `gate`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import math
from collections import Counter
from collections.abc import Iterable
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from assessor_desk.hub.allowance import network_of
from assessor_desk.hub.answers import problem
from assessor_desk.hub.streaming import IDLE_SECONDS
from assessor_desk.protocol.addresses import is_loopback

#: Until a question is there with all of its headers, since the connection began or since the last answer; and until
#: the other side ends what is to end.
_HEADER_SECONDS = 30.0
#: How long the rest of a body may not come. Whoever reads it says so first (408, `streaming`).
_BODY_SECONDS = IDLE_SECONDS + 5.0
#: How long nothing of an answer may be taken. A slow line takes some all the time.
_UNREAD_SECONDS = 300.0
_LOOK_SECONDS = 5.0
#: Of one address, which may be a school's: a hundred desks that fetch three files each, and ask something beside it.
_MOST_OF_ONE = 400
_RETRY_SECONDS = 10


class Crowd:
    """Who holds how many connections. This computer and `balancers` may hold any number: they speak for many."""

    def __init__(self, balancers: Iterable[str]) -> None:
        self._balancers = [ipaddress.ip_network(each) for each in balancers]
        self._held: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Count one more from there; False, and not counted, where that address has as many as it may."""
        who = network_of(address)
        if self._held[who] >= _MOST_OF_ONE and not self._speaks_for_many(address):
            return False
        self._held[who] += 1
        return True

    def leave(self, address: str) -> None:
        """One that was counted has ended."""
        who = network_of(address)
        self._held[who] -= 1
        if not self._held[who]:
            del self._held[who]

    def _speaks_for_many(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:  # of no network at all
            return True
        if isinstance(found, ipaddress.IPv6Address):  # or one of IPv4 at a socket for both
            found = found.ipv4_mapped or found
        return is_loopback(str(found)) or any(found in each for each in self._balancers)


class Bounded(H11Protocol):
    """A connection that is ended where nothing comes, nothing goes on or nothing is taken for too long."""

    crowd: ClassVar[Crowd]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let it in, or answer at once that its address has too many (503)."""
        super().connection_made(transport)
        _take_time_to_end(transport)
        self._unsent, self._taken_at = 0, self.loop.time()
        self._asked_at = self._heard_at = self._left_at = self._taken_at
        self._address = self.client[0] if self.client else ""
        self._counted = self.crowd.enter(self._address)
        self._next_look = self.loop.call_later(_LOOK_SECONDS, self._look)
        if not self._counted:
            transport.write(_TOO_MANY)
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no more."""
        self._next_look.cancel()
        if self._counted:
            self.crowd.leave(self._address)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Something came."""
        self._heard_at = self.loop.time()
        super().data_received(data)

    def on_response_complete(self) -> None:
        """From now on the next question is waited for."""
        self._asked_at = self.loop.time()
        super().on_response_complete()

    def resume_writing(self) -> None:
        """What was to be sent was taken but for a little."""
        self._taken_at = self.loop.time()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """The server ends here what was asked nothing more; not before the last answer is out."""
        if _unsent(self.transport):
            self.timeout_keep_alive_task = self.loop.call_later(
                _LOOK_SECONDS, self.timeout_keep_alive_handler
            )
        else:
            super().timeout_keep_alive_handler()

    def _look(self) -> None:
        now = self.loop.time()
        self._next_look = self.loop.call_later(_LOOK_SECONDS, self._look)
        if self._is_unread(now) or self._is_left(now):
            self.transport.abort()
        elif self._is_silent(now) and not self.transport.is_closing():
            self.transport.close()  # what was answered before still goes out

    def _is_silent(self, now: float) -> bool:
        if self.conn.their_state is h11.IDLE:
            if self._unsent:  # the last answer is not out yet
                self._asked_at = now
            return now - self._asked_at > _HEADER_SECONDS
        if self.conn.their_state is not h11.SEND_BODY or self.flow.read_paused:
            self._heard_at = now  # the hub's own turn
        return now - self._heard_at > _BODY_SECONDS

    def _is_unread(self, now: float) -> bool:
        unsent = _unsent(self.transport)
        if not unsent or unsent != self._unsent:
            self._unsent, self._taken_at = unsent, now
        return now - self._taken_at > _UNREAD_SECONDS

    def _is_left(self, now: float) -> bool:
        """Whether all is out on a connection that is to end, and the other side leaves it open, as by https it can."""
        if self._unsent or not self.transport.is_closing():
            self._left_at = now
        return now - self._left_at > _HEADER_SECONDS


def _take_time_to_end(transport: asyncio.Transport) -> None:
    """Of https asyncio ends after 30 seconds what is to end, whatever is not out then. Who takes too long is seen here;
    the server has no way to say so to asyncio.
    """
    below: Any = getattr(transport, "_ssl_protocol", None)
    if below is not None:
        below._ssl_shutdown_timeout = math.inf


def _unsent(transport: asyncio.Transport) -> int:
    """Bytes that wait here. Of https half of them lie where its transport does not tell of: at the socket's own, to
    which asyncio has no other way.
    """
    below: Any = getattr(getattr(transport, "_ssl_protocol", None), "_transport", None)
    return transport.get_write_buffer_size() + (0 if below is None else int(below.get_write_buffer_size()))


def bounded(balancers: Iterable[str]) -> type[asyncio.Protocol]:
    """The protocol of one server, behind these balancers."""
    own: dict[str, Any] = {"crowd": Crowd(balancers)}
    return type("Bounded", (Bounded,), own)


def _too_many() -> bytes:
    words = "This address has too many connections at once. Try again later."
    answer = problem(503, words, {"Retry-After": str(_RETRY_SECONDS), "Connection": "close"})
    headers = b"".join(b"%s: %s\r\n" % line for line in answer.raw_headers)
    return b"HTTP/1.1 503 Service Unavailable\r\n" + headers + b"\r\n" + bytes(answer.body)


_TOO_MANY = _too_many()
