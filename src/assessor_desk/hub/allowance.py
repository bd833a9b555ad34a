"""How much one computer, and one address of the network, may ask of a hub; who asks more is told when to come back.

Each process counts by itself, in memory, and writes down what it counted for somebody by blocks, a twentieth of their
minute's worth at a time. The row that it writes to is shared: there it learns what the others counted. So whoever asks
little costs no write at all, whoever asks much costs one for many requests, and behind a balancer nobody may ask more
than allowed by more than a block for each process (docs/decisions/0226). Wrong enrolment codes are counted one by one
(`people`). An address is a school's as often as one person's, so that its bound is wide; this computer itself has none,
being a proxy in front of the hub as often as anybody who asks.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import anyio.to_thread
import sqlalchemy as sa
from starlette.types import ASGIApp, Receive, Scope, Send

from assessor_desk.domain.errors import Unavailable
from assessor_desk.hub import tables as t
from assessor_desk.hub.answers import problem
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.limits import limits_of
from assessor_desk.protocol.addresses import is_loopback
from assessor_desk.protocol.messages import PREFIX

#: Which hub it is. Whatever looks whether a process lives asks for it.
HELLO = f"{PREFIX}/hello"
_MINUTE = 60.0
#: How long a serving process goes by the limits that it read.
_READ_AGAIN = 15.0
#: Whoever has not asked for long has all of their allowance again and need not be remembered.
_MOST_REMEMBERED = 10_000
#: So many blocks are in a minute's worth.
_BLOCKS = 20


@dataclass(slots=True)
class _Account:
    """Of somebody: by when everything would be allowed again, and how many requests of that nobody else knows of."""

    full_at: float
    untold: int = 0


class Allowance:
    """What is left to whom. Each has a minute's worth at once, and gets it back evenly.

    `clock` gives seconds that all processes have alike.
    """

    def __init__(self, hub: Hub, clock: Callable[[], float] = time.time) -> None:
        self._hub, self._clock = hub, clock
        self._limits, self._read_at = limits_of(hub), clock()
        self._accounts: dict[str, _Account] = {}
        self._turn = threading.Lock()
        self._asked_at = time.monotonic()

    def quiet_for(self) -> float:
        """Seconds since anybody asked anything of this process, but for which hub it is."""
        return time.monotonic() - self._asked_at

    def note_asking(self) -> None:
        """Somebody wants something: it is not quiet."""
        self._asked_at = time.monotonic()

    def refuse_device(self, device: str) -> None:
        """Count a request of an enrolled computer. Raises Declined (429) where it has asked too much."""
        self._read_limits()
        who, a_minute = f"device {device}", self._limits.requests_per_device
        wait = self._wait(who, a_minute)
        if wait:
            raise Declined(429, _words("This computer"), retry_after=wait)
        if self._is_due(who, a_minute):
            self._tell(who, a_minute)

    async def wait_of_address(self, address: str) -> int:
        """Count a request from an address. Seconds until it may ask again, 0 where it may."""
        if is_loopback(address) or not address:
            return 0
        who, a_minute = f"address {network_of(address)}", self._limits.requests_per_address
        wait = self._wait(who, a_minute)
        if not wait and self._is_due(who, a_minute):
            await anyio.to_thread.run_sync(self._tell, who, a_minute)
        return wait

    def _wait(self, who: str, a_minute: int) -> int:
        """By when everything would be allowed again, which no request may put off beyond a minute from now (GCRA)."""
        now, one = self._clock(), _MINUTE / a_minute
        with self._turn:
            account = self._accounts.get(who)
            if account is None or account.full_at <= now:  # what nobody was told of is given back, too
                account = _Account(now)
            account.full_at = min(
                account.full_at, now + _MINUTE
            )  # a clock that was put back locks nobody out
            full_at = account.full_at + one
            if (over := full_at - now - _MINUTE) > one / 1000:
                return max(1, ceil(over))
            self._accounts[who] = _Account(full_at, account.untold + 1)
            if len(self._accounts) > _MOST_REMEMBERED:
                self._accounts = {each: one for each, one in self._accounts.items() if one.full_at > now}
        return 0

    def _is_due(self, who: str, a_minute: int) -> bool:
        account = self._accounts.get(who)
        return account is not None and account.untold >= max(1, a_minute // _BLOCKS)

    def _tell(self, who: str, a_minute: int) -> None:
        """Add what was counted here to what all counted, and go on from there."""
        with self._turn:
            account = self._accounts.get(who)
            untold = account.untold if account is not None else 0
            if account is not None:
                account.untold = 0
        if not untold:  # another thread was faster
            return
        try:
            full_at = self._add(who, untold * _MINUTE / a_minute)
        except Unavailable:  # a hub whose database is away refuses nobody for that
            return
        with self._turn:
            account = self._accounts.setdefault(who, _Account(full_at))
            account.full_at = max(account.full_at, full_at + account.untold * _MINUTE / a_minute)

    def _add(self, who: str, seconds: float) -> float:
        now, own = self._clock(), t.allowances.c
        with self._hub.database.writing() as work:
            known = work.execute(sa.select(own.full_at).where(own.who == who)).scalar()
            full_at = min(max(known or now, now) + seconds, now + _MINUTE)
            if known is None:
                work.execute(sa.insert(t.allowances).values(who=who, full_at=full_at))
            else:
                work.execute(sa.update(t.allowances).where(own.who == who).values(full_at=full_at))
            work.execute(sa.delete(t.allowances).where(own.full_at <= now))  # they say nothing any more
        return full_at

    def _read_limits(self) -> None:
        if abs(self._clock() - self._read_at) > _READ_AGAIN:
            self._read_at = self._clock()
            self._limits = limits_of(self._hub)


class Turnstile:
    """ASGI middleware: an address that asks too much is answered 429 before anything is looked at."""

    def __init__(self, app: ASGIApp, allowance: Allowance) -> None:
        self._app, self._allowance = app, allowance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if scope["path"] != HELLO:  # a balancer asks that every two seconds, day and night
                self._allowance.note_asking()
            wait = await self._allowance.wait_of_address(scope["client"][0] if scope.get("client") else "")
            if wait:
                answer = problem(429, f"{_words('This address')}.", {"Retry-After": str(wait)})
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _words(who: str) -> str:
    return f"{who} asked too much within a minute. Try again later"


def network_of(address: str) -> str:
    """An address of IPv4; of IPv6 the network of 64 bits, since whoever has one has all of its addresses."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:  # one of IPv4 at a socket for both
        found = found.ipv4_mapped
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))
