"""What each kind of request costs in a hub with few and with many submissions, asked in turns of one person each."""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
from tests.beyond import Beyond, missing
from tests.hub.processes import Process
from tests.load import desks
from tests.load.term import Size, Term

AIM = 1.3
#: Requests of each kind before those that count.
WARM = 4


class Asking:
    """One hub, asked by one client at a time."""

    def __init__(self, folder: Path, size: Size, beyond: Beyond | None) -> None:
        folder.mkdir(parents=True)
        began = time.perf_counter()
        self.term = Term(folder / "hub", size)
        self.term.make(None if beyond is None else beyond.place())
        self.seeded = time.perf_counter() - began
        self.process = Process.start(self.term.folder)
        self.client = httpx.Client(base_url=self.process.url, timeout=120, trust_env=False)
        self.packets = iter(list(desks.packets(self.term, self.process.url, folder / "packets")))
        self.cursor, files = self.term.known[self._token]
        self.kinds: dict[str, Callable[[], object]] = {
            "quiet round": self._quiet,
            "page of everything": lambda: self._get("/v1/changes"),
            "counts": lambda: self._get("/v1/counts"),
            "file": self._file,
            "delivery": self._deliver,
            "what is held": self._held,
        }
        self.digests = [digest for digest, _ in files]
        self.files = itertools.cycle(self.digests)

    @property
    def _token(self) -> str:
        return next(iter(self.term.tokens.values()))

    def _get(self, path: str, good: int = 200, **more: str) -> httpx.Response:
        answer = self.client.get(path, headers={"Authorization": f"Bearer {self._token}", **more})
        assert answer.status_code == good, answer.text[:200]
        return answer

    def _quiet(self) -> None:
        self._get(f"/v1/changes?cursor={self.cursor}", 304, **{"If-None-Match": f'"{self.cursor}"'})

    def _file(self) -> None:
        """Its beginning: what the hub does before bytes go."""
        answer = self.client.get(
            f"/v1/blobs/{next(self.files)}",
            headers={"Authorization": f"Bearer {self._token}", "Range": "bytes=0-4095"},
        )
        assert answer.status_code in (206, 307), answer.text[:200]

    def _deliver(self) -> None:
        token, packet, digest = next(self.packets)
        with_token = {"Authorization": f"Bearer {token}"}
        answer = self.client.put(f"/v1/packets/{digest}", headers=with_token, content=packet)
        assert answer.status_code == 201, answer.text[:200]

    def _held(self) -> None:
        answer = self.client.post(
            "/v1/deliveries",
            json={"digests": self.digests},
            headers={"Authorization": f"Bearer {self._token}"},
        )
        assert answer.status_code == 200, answer.text[:200]

    @property
    def busy(self) -> float:
        """Seconds that processors worked for this hub's process."""
        return sum(psutil.Process(self.process.running.pid).cpu_times()[:2])

    def close(self) -> None:
        self.client.close()
        self.process.stop()


def run(folder: Path, home: str, beyond: Beyond, args: argparse.Namespace) -> int:
    """The table of one home; 1 where a kind is steeper than the aim."""
    if home == "beyond" and (why := missing()):
        print(f"slope, {home}: left out, {why}")
        return 0
    few, many = args.slope
    size = Size(args.assessors, few, args.artifacts, deliveries=args.times + args.times // 2)
    where = beyond if home == "beyond" else None
    small = Asking(folder / "few", size, where)
    large = Asking(folder / "many", replace(size, submissions=many), where)
    print(
        f"\nslope, {home}, from {few:,} to {many:,} submissions (seeded in {small.seeded:.0f} and {large.seeded:.0f} s)"
    )
    print(
        f"    {'':<22}{'few':>10}{'many':>10}{'ratio':>8}   medians of {args.times}, in turns; "
        "then what each takes of the hub's processor"
    )
    steep = 0
    try:
        for kind in small.kinds:
            before = small.busy, large.busy
            took = _in_turns(small.kinds[kind], large.kinds[kind], args.times)
            busy = [
                (now - then) / (args.times + WARM) * 1000
                for now, then in zip((small.busy, large.busy), before, strict=True)
            ]
            ratio = took[1] / took[0]
            steep += ratio > AIM
            mark = "   above the aim" if ratio > AIM else ""
            print(
                f"    {kind:<22}{took[0] * 1000:>7.1f} ms{took[1] * 1000:>7.1f} ms{ratio:>8.2f}"
                f"{busy[0]:>9.1f} ms{busy[1]:>8.1f} ms{mark}",
                flush=True,
            )
    finally:
        small.close()
        large.close()
    return min(1, steep)


def _in_turns(one: Callable[[], object], other: Callable[[], object], times: int) -> tuple[float, float]:
    took: tuple[list[float], list[float]] = [], []
    for number in range(times + WARM):
        for each, of_it in zip((one, other), took, strict=True):
            began = time.perf_counter()
            each()
            if number >= WARM:
                of_it.append(time.perf_counter() - began)
    return statistics.median(took[0]), statistics.median(took[1])
