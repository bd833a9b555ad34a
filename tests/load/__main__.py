"""Load on a hub: `python3 dev.py load [--help]`. What it does and how far its figures go: docs/operating-a-hub.md."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import os
import platform
import shutil
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psutil
import sqlalchemy as sa
from tests.beyond import Beyond, free_port, missing
from tests.hub.processes import Process, empty_folder
from tests.hub.shipped_balancer import FILES_NAME, HUB_NAME, make_certificate, shipped_balancer
from tests.load import desks as d
from tests.load import slope
from tests.load.figures import Figures, as_table, cuts
from tests.load.term import LARGEST, MEDIAN, SIGMA, SMALLEST, Size, Term

from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import verify
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.whereabouts import keep_whereabouts, whereabouts_of


def main(arguments: list[str]) -> int:
    """Every home and number of processes that was asked for; 1 where anything failed."""
    args = _arguments().parse_args(arguments)
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}. "
        f"{args.assessors} assessors, {args.submissions:,} submissions of {args.artifacts} artifacts; sizes "
        f"log-normal, median {MEDIAN:,}, sigma {SIGMA}, {SMALLEST:,} to {LARGEST:,} bytes.",
        flush=True,
    )
    failed, figures = 0, list[Figures]()
    with (
        tempfile.TemporaryDirectory(prefix="load-") as folder,
        contextlib.closing(Beyond(durable=True)) as beyond,
    ):
        for number, run in enumerate(args.runs):
            failed += _run(Path(folder) / str(number), run, args, beyond, figures)
        for home in args.slope_homes:
            failed += slope.run(Path(folder) / f"slope-{home}", home, beyond, args)
    if figures:
        print(f"\n{as_table(figures)}", flush=True)
    return min(1, failed)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py load", description=__doc__)
    parser.add_argument("--assessors", type=int, default=200)
    parser.add_argument("--submissions", type=int, default=10_000)
    parser.add_argument("--artifacts", type=int, default=8)
    parser.add_argument(
        "--deliveries", type=int, default=100, help="packets that are sealed beforehand, for each run"
    )
    parser.add_argument(
        "--seconds", type=float, default=20, help="of each part: as many as go, then an evening"
    )
    parser.add_argument(
        "--at-once", type=int, default=16, help="requests under way while as many as go are asked"
    )
    parser.add_argument(
        "--peak", type=float, default=0, help="requests a second in the evening; 0: 0.6 of what goes"
    )
    parser.add_argument(
        "--runs", nargs="*", default=["folder-1", "beyond-1", "beyond-4"], help="home and number of processes"
    )
    parser.add_argument("--no-kill", action="store_true", help="let every process live")
    parser.add_argument("--slope", nargs=2, type=int, default=[1_000, 200_000], metavar=("FEW", "MANY"))
    parser.add_argument("--slope-homes", nargs="*", default=["folder", "beyond"])
    parser.add_argument("--times", type=int, default=40, help="requests of each kind for the slope")
    parser.add_argument(
        "--explain", action="store_true", help="show the plans of statements that are not flat"
    )
    return parser


def _run(folder: Path, run: str, args: argparse.Namespace, beyond: Beyond, figures: list[Figures]) -> int:
    home, _, processes = run.partition("-")
    if home == "beyond" and (why := missing()):
        print(f"{run}: left out, {why}")
        return 0
    size = Size(
        args.assessors,
        args.submissions,
        args.artifacts,
        deliverers=10,
        deliveries=max(20, args.deliveries * 2),
    )
    began = time.perf_counter()
    term = Term(folder / "hub", size)
    folder.mkdir()
    term.make(beyond.place() if home == "beyond" else None)
    print(
        f"\n{run} processes: {args.submissions:,} submissions seeded in {time.perf_counter() - began:.0f} s",
        flush=True,
    )
    with _serving(term, folder, int(processes)) as hubs, _before(hubs, folder, beyond) as (urls, trusted):
        began = time.perf_counter()
        sealed = iter(list(d.packets(term, hubs[0].url, folder / "packets")))
        print(f"  {size.deliveries} packets sealed in {time.perf_counter() - began:.0f} s", flush=True)
        most = d.of(term, urls, _some(sealed, args.deliveries), trusted=trusted)
        before = _busy(hubs)
        rate = asyncio.run(d.as_many_as_go(most, args.seconds, args.at_once))
        each = (_busy(hubs) - before) / max(1, most.seen.count)
        print(
            f"  as many as go, {args.at_once} at once: {rate:.0f} requests a second, "
            f"{each * 1000:.1f} ms of the hub's processors each, {_errors(most.seen)}"
        )
        print(_table(most.seen))
        later = d.of(term, urls, sealed, True, trusted)
        killing = int(processes) > 1 and not args.no_kill
        with _watching(hubs) as highest, _killing(hubs, folder, args.seconds / 2 if killing else 0):
            peak = args.peak or rate * 0.6
            asyncio.run(d.evening(later, args.seconds, peak))
        killed = f", one process killed amid it, {later.seen.again} asked again" if killing else ""
        print(
            f"  an evening with {peak:.0f} a second at its peak{killed}: "
            f"{later.seen.count} requests, {_errors(later.seen)}"
        )
        print(_table(later.seen))
        print(f"  memory at most: {', '.join(f'{one / 2**20:.0f} MB' for one in highest)}", flush=True)
    receipts = {**most.receipts, **later.receipts}
    lost = _compared(term, receipts)
    print(f"  {lost}", flush=True)
    kept = f"{len(receipts)}, none lost, none twice" if "nothing lost" in lost else lost
    figures.append(
        Figures(
            home=home,
            processes=int(processes),
            at_once=args.at_once,
            rate=rate,
            busy=each,
            peak=peak,
            asked=later.seen.count,
            again=later.seen.again,
            killed=killing,
            errors=len(later.seen.errors),
            took=dict(later.seen.took),
            memory=highest,
            kept=kept,
        )
    )
    return len(most.seen.errors) + len(later.seen.errors) + ("nothing lost" not in lost)


def _some(sealed: Iterator[tuple[str, bytes, str]], count: int) -> Iterator[tuple[str, bytes, str]]:
    for _, one in zip(range(count), sealed, strict=False):
        yield one


@contextlib.contextmanager
def _serving(term: Term, folder: Path, count: int) -> Iterator[list[Process]]:
    """So many processes; one alone has the hub's own folder."""
    folders = [term.folder]
    if count > 1:
        folders = [empty_folder(term.folder, folder / f"process-{n}") for n in range(count)]
        told = whereabouts_of(term.folder)
        assert told.blobs is not None
        behind = replace(told, blobs=replace(told.blobs, public=f"https://{FILES_NAME}:{_port(folder)}"))
        for one in folders if shutil.which("haproxy") else ():
            keep_whereabouts(one, behind)
    hubs = [Process.start(one) for one in folders]
    try:
        yield hubs
    finally:
        for one in hubs:
            one.stop()


@contextlib.contextmanager
def _before(
    hubs: list[Process], folder: Path, beyond: Beyond
) -> Iterator[tuple[list[str], ssl.SSLContext | None]]:
    """Where desks ask: of several processes the shipped balancer where haproxy is here, else one after the other."""
    haproxy = shutil.which("haproxy")
    if len(hubs) == 1 or haproxy is None:
        yield [one.url for one in hubs], None
        return
    trusted = ssl.create_default_context(cafile=str(make_certificate(folder)))
    with shipped_balancer(haproxy, folder, _port(folder), [one.url for one in hubs], beyond.servers.store):
        yield [f"https://{HUB_NAME}:{_port(folder)}"], trusted


@functools.cache
def _port(_: Path) -> int:
    """Of the balancer of a run, which processes have to know before it starts."""
    return free_port()


@contextlib.contextmanager
def _watching(hubs: list[Process]) -> Iterator[list[int]]:
    """The most memory that each process had."""
    highest, ended = [0] * len(hubs), threading.Event()

    def look() -> None:
        while not ended.wait(0.25):
            for number, one in enumerate(hubs):
                with contextlib.suppress(psutil.Error):
                    highest[number] = max(highest[number], psutil.Process(one.running.pid).memory_info().rss)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield highest
    finally:
        ended.set()
        thread.join()


@contextlib.contextmanager
def _killing(hubs: list[Process], folder: Path, after: float) -> Iterator[None]:
    """The last process dies after so many seconds, and another takes its place; 0 for never."""

    def kill() -> None:
        time.sleep(after)
        hubs[-1].kill()
        port = urlsplit(hubs[-1].url).port or 0
        hubs[-1] = Process.start(folder / f"process-{len(hubs) - 1}", port)

    thread = threading.Thread(target=kill) if after else None
    if thread is not None:
        thread.start()
    try:
        yield
    finally:
        if thread is not None:
            thread.join()


def _compared(term: Term, receipts: dict[str, str]) -> str:
    """What the desks have receipts for against what the hub has, and its audit log."""
    hub = Hub.open(term.folder)
    try:
        with hub.database.reading() as view:
            rows = {
                row.digest: row.file for row in view.execute(sa.select(t.packets.c.digest, t.packets.c.file))
            }
        lost = [one for one in receipts if one not in rows or not hub.packets.holds(rows[one])]
        files = sum(1 for _ in hub.packets.stored())
        faults = verify(hub).faults
    finally:
        hub.close()
    if lost or set(rows) - set(receipts) or faults:
        more = len(set(rows) - set(receipts))
        return f"{len(lost)} LOST, {more} without a receipt, log: {'; '.join(faults) or 'whole'}"
    return f"{len(receipts)} packets with a receipt: nothing lost, nothing twice ({files} files); audit log whole"


def _busy(hubs: list[Process]) -> float:
    """Seconds that processors worked for these processes: what a loaded machine does not change."""
    return sum(sum(psutil.Process(one.running.pid).cpu_times()[:2]) for one in hubs)


def _errors(seen: d.Seen) -> str:
    kinds = sorted(set(seen.errors))[:5]
    spent = f", {seen.spent} deliveries left out for want of packets: give --deliveries" if seen.spent else ""
    return f"{len(seen.errors)} errors" + (f" ({'; '.join(kinds)})" if kinds else "") + spent


def _table(seen: d.Seen) -> str:
    lines = [f"    {'':<14}{'count':>7}{'median':>10}{'95 %':>10}{'99 %':>10}"]
    for kind, took in seen.took.items():
        lines.append(f"    {kind:<14}{len(took):>7}" + "".join(f"{one:>7.0f} ms" for one in cuts(took)))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
