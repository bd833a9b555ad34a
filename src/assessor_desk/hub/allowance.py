"""How much one computer, and one address of the network, may ask of a hub; who asks more is told when to come back.

Requests are counted in memory by each process that serves, so that asking costs no write: with several processes behind
a balancer a computer may ask as much of each. Wrong enrolment codes are counted in the database (`people`), since what
they guard must hold for all processes together. An address is a school's as often as one person's, so that its bound is
wide; this computer itself has none, being a proxy in front of the hub as often as anybody who asks.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable
from math import ceil

from starlette.types import ASGIApp, Receive, Scope, Send

from assessor_desk.hub.answers import problem
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.limits import limits_of
from assessor_desk.protocol.addresses import is_loopback

_MINUTE = 60.0
#: How long a serving process goes by the limits that it read.
_READ_AGAIN = 15.0
#: Whoever has not asked for long has all of their allowance again and need not be remembered.
_MOST_REMEMBERED = 10_000


class Allowance:
    """What is left to whom, in one process. Each has a minute's worth at once, and gets it back evenly."""

    def __init__(self, hub: Hub, clock: Callable[[], float] = time.monotonic) -> None:
        self._hub, self._clock = hub, clock
        self._limits, self._read_at = limits_of(hub), clock()
        self._full_at: dict[str, float] = {}
        self._turn = threading.Lock()
        self._asked_at = clock()

    def quiet_for(self) -> float:
        """Seconds since anybody asked anything of this process."""
        return self._clock() - self._asked_at

    def refuse_device(self, device: str) -> None:
        """Count a request of an enrolled computer. Raises Declined (429) where it has asked too much."""
        self._read_limits()
        wait = self._wait(f"device {device}", self._limits.requests_per_device)
        if wait:
            raise Declined(429, _words("This computer"), retry_after=wait)

    def wait_of_address(self, address: str) -> int:
        """Count a request from an address. Seconds until it may ask again, 0 where it may."""
        self._asked_at = self._clock()
        if is_loopback(address) or not address:
            return 0
        return self._wait(f"address {_network(address)}", self._limits.requests_per_address)

    def _wait(self, who: str, a_minute: int) -> int:
        """By when everything would be allowed again, which no request may put off beyond a minute from now (GCRA)."""
        now, one = self._clock(), _MINUTE / a_minute
        with self._turn:
            full_at = max(self._full_at.get(who, now), now) + one
            if (over := full_at - now - _MINUTE) > one / 1000:
                return max(1, ceil(over))
            self._full_at[who] = full_at
            if len(self._full_at) > _MOST_REMEMBERED:
                self._full_at = {each: at for each, at in self._full_at.items() if at > now}
        return 0

    def _read_limits(self) -> None:
        if self._clock() - self._read_at > _READ_AGAIN:
            self._read_at = self._clock()
            self._limits = limits_of(self._hub)


class Turnstile:
    """ASGI middleware: an address that asks too much is answered 429 before anything is looked at."""

    def __init__(self, app: ASGIApp, allowance: Allowance) -> None:
        self._app, self._allowance = app, allowance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            wait = self._allowance.wait_of_address(scope["client"][0] if scope.get("client") else "")
            if wait:
                answer = problem(429, f"{_words('This address')}.", {"Retry-After": str(wait)})
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _words(who: str) -> str:
    return f"{who} asked too much within a minute. Try again later"


def _network(address: str) -> str:
    """An address of IPv4; of IPv6 the network of 64 bits, since whoever has one has all of its addresses."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))
