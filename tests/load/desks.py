"""What desks ask of a hub, request by request, with what each took; several hub processes take turns."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import random
import ssl
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from tests.hub.making import Device
from tests.load.term import Term

from assessor_desk.domain.changes import SourceChanges
from assessor_desk.keys.signing import Signer, read_certificates
from assessor_desk.sync.hub_source import HubSource

#: Of a hundred requests of an evening: rounds without news, first pages of everything, files, packets.
MIX = {"quiet round": 60, "all anew": 8, "file": 26, "delivery": 6}
_PATIENCE = httpx.Timeout(60)
_RETRY_FOR = 60.0
#: What a balancer answers for a process that died with a question, and while none is left: desks ask again.
_GONE = (502, 503, 504)


@dataclass
class Seen:
    """Seconds that each request took, by kind; sentences on those that failed; how many were asked again.

    `spent` are deliveries that could not be asked since no sealed packet was left: the mix was lighter then.
    """

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    again: int = 0
    spent: int = 0
    received: int = 0

    @property
    def count(self) -> int:
        return sum(map(len, self.took.values()))


class Sealer(Device):
    """A device that asks for its page once, to seal many packets."""

    @cached_property
    def _page(self) -> SourceChanges:
        return self.source.changes("")

    def changes(self) -> SourceChanges:
        return self._page


def packets(term: Term, url: str, folder: Path) -> Iterator[tuple[str, bytes, str]]:
    """Token, packet and digest of everything that can be delivered, as desks would seal it."""
    for enrolment in term.enrolled:
        source = HubSource(url, enrolment.token, term.identity)
        certificate = read_certificates(enrolment.certificate.encode())[0]
        signer = Signer(term.key, certificate, tuple(read_certificates(enrolment.chain.encode())))
        sealer = Sealer(enrolment.person, source, signer, folder)
        for key in term.keys[enrolment.person]:
            yield (enrolment.token, *sealer.seal(folder / enrolment.person, key))
        source.close()


@dataclass
class Desks:
    """All desks of a burst, in this process."""

    urls: list[str]
    known: dict[str, tuple[str, list[tuple[str, int]]]]
    packets: Iterator[tuple[str, bytes, str]]
    patient: bool = False
    #: What a balancer shows is trusted by; None where processes are asked by plain http.
    trusted: ssl.SSLContext | None = None
    seen: Seen = field(default_factory=Seen)
    receipts: dict[str, str] = field(default_factory=dict)
    _turn: Iterator[int] = field(default_factory=itertools.count)
    _chance: random.Random = field(default_factory=lambda: random.Random(9))

    def draw(self) -> str:
        """What is asked next, by chance."""
        return self._chance.choices(list(MIX), list(MIX.values()))[0]

    async def ask(self, client: httpx.AsyncClient, kind: str, due: float = 0) -> None:
        """One request of this kind, which was `due` at some moment, or is now."""
        act: dict[str, Callable[[httpx.AsyncClient], Awaitable[bool]]] = {
            "quiet round": self._quiet, "all anew": self._anew, "file": self._file, "delivery": self._deliver,
        }  # fmt: skip
        began = due or time.perf_counter()
        if await act[kind](client):
            self.seen.took[kind].append(time.perf_counter() - began)

    async def _quiet(self, client: httpx.AsyncClient) -> bool:
        token = self._someone()
        cursor, _ = self.known[token]
        headers = {**_as(token), "If-None-Match": f'"{cursor}"'}
        answer = await self._send(
            client, "GET", "/v1/changes", (304, 200), headers, params={"cursor": cursor, "counts": "true"}
        )
        return answer is not None

    async def _anew(self, client: httpx.AsyncClient) -> bool:
        answer = await self._send(
            client, "GET", "/v1/changes", (200,), _as(self._someone()), params={"counts": "true"}
        )
        return answer is not None

    async def _file(self, client: httpx.AsyncClient) -> bool:
        token = self._someone()
        digest, length = self._chance.choice(self.known[token][1])
        answer = await self._send(client, "GET", f"/v1/blobs/{digest}", (200, 307), _as(token))
        if answer is not None and answer.status_code == 307:
            answer = await client.get(answer.headers["location"])
        if answer is None or len(answer.content) != length:
            self.seen.errors.append("a file came short")
            return False
        self.seen.received += len(answer.content)
        return True

    async def _deliver(self, client: httpx.AsyncClient) -> bool:
        token, packet, digest = next(self.packets, ("", b"", ""))
        if not token:
            self.seen.spent += 1
            return False
        whole = base64.b64encode(hashlib.sha256(packet).digest()).decode()
        headers = {**_as(token), "Repr-Digest": f"sha-256=:{whole}:"}
        answer = await self._send(client, "PUT", f"/v1/packets/{digest}", (200, 201), headers, content=packet)
        if answer is None:
            return False
        self.receipts[digest] = answer.json()["signed"]
        return True

    async def _send(
        self, client: httpx.AsyncClient, method: str, path: str, good: tuple[int, ...], headers: dict[str, str],
        **more: Any,
    ) -> httpx.Response | None:  # fmt: skip
        """As a desk does: where a process is gone, the same again at another."""
        give_up = time.monotonic() + _RETRY_FOR
        while True:
            try:
                answer = await client.request(method, self._url() + path, headers=headers, **more)
            except httpx.TransportError as error:
                if not self.patient or time.monotonic() > give_up:
                    self.seen.errors.append(f"{method} {path[:12]}: {type(error).__name__}")
                    return None
                self.seen.again += 1
                await asyncio.sleep(0.05)
                continue
            if answer.status_code in good:
                return answer
            if self.patient and answer.status_code in _GONE and time.monotonic() < give_up:
                self.seen.again += 1
                await asyncio.sleep(0.05)
                continue
            self.seen.errors.append(f"{method} {path[:12]}: {answer.status_code} {answer.text[:100]}")
            return None

    def _url(self) -> str:
        return self.urls[next(self._turn) % len(self.urls)]

    def _someone(self) -> str:
        return self._chance.choice(list(self.known))


def _as(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def client(desks: Desks) -> httpx.AsyncClient:
    """Connections enough for a rush."""
    limits = httpx.Limits(max_connections=120)
    return httpx.AsyncClient(timeout=_PATIENCE, trust_env=False, limits=limits, verify=desks.trusted or True)


async def as_many_as_go(desks: Desks, seconds: float, at_once: int) -> float:
    """Requests a second with so many always under way."""
    async with client(desks) as connection:
        began, end = time.perf_counter(), time.perf_counter() + seconds

        async def work() -> None:
            while time.perf_counter() < end:
                await desks.ask(connection, desks.draw())

        await asyncio.gather(*(work() for _ in range(at_once)))
        return desks.seen.count / (time.perf_counter() - began)


def arrivals(seconds: float, peak: float, chance: random.Random) -> list[float]:
    """Moments of an evening before a deadline: more and more until four fifths of it, then the deadline, then few."""
    moments, at = [], 0.0
    while (at := at + chance.expovariate(peak)) < seconds:
        part = at / seconds
        share = 0.2 + part if part < 0.8 else 0.1
        if chance.random() < share:
            moments.append(at)
    return moments


async def evening(desks: Desks, seconds: float, peak: float) -> None:
    """Requests come when they come, however many are under way; waiting counts from when one should have begun."""
    async with client(desks) as connection:
        began, tasks = time.perf_counter(), []
        for moment in arrivals(seconds, peak, random.Random(4)):
            await asyncio.sleep(max(0.0, began + moment - time.perf_counter()))
            tasks.append(asyncio.ensure_future(desks.ask(connection, desks.draw(), began + moment)))
        await asyncio.gather(*tasks)


def of(
    term: Term, urls: list[str], sealed: Iterator[tuple[str, bytes, str]], patient: bool = False,
    trusted: ssl.SSLContext | None = None,
) -> Desks:  # fmt: skip
    """The desks of a term before these processes."""
    return Desks(urls, term.known, sealed, patient, trusted)
