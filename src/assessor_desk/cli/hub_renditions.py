"""`assessor-desk hub --at DIR renditions`: small renditions of recordings, also made by a hub that serves."""

from __future__ import annotations

import argparse
import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.hub_opening import opened_hub
from assessor_desk.cli.speaking import command, tell

if TYPE_CHECKING:
    from assessor_desk.hub.renditions import Made


def add(verbs: Any) -> None:
    """Add the verb."""
    command(
        verbs, "renditions", "make small renditions of recordings now, which desks fetch first", _renditions
    )


def _renditions(args: argparse.Namespace) -> int:
    """One that cannot be made is told, and is no failure: desks fetch the recording itself."""
    from assessor_desk.hub.renditions import make_waiting

    with opened_hub(args) as hub:
        made = make_waiting(hub, lambda _: None, threading.Event())
    documents = [
        {
            "submission": one.waiting.key,
            "artifact": one.waiting.artifact_id,
            "of_bytes": one.waiting.size,
            "bytes": one.bytes,
            "trouble": one.trouble,
        }
        for one in made
    ]
    tell(args, {"renditions": documents}, [*map(_line, made)] or ["Every recording has what it needs."])
    return 0


def _line(made: Made) -> str:
    one = made.waiting
    what = made.trouble or f"{one.size / 10**6:,.1f} MB became {made.bytes / 10**6:,.1f} MB"
    return f"{one.key} {one.artifact_id}: {what}"


@contextlib.contextmanager
def making(args: argparse.Namespace) -> Iterator[None]:
    """Make renditions beside whatever the block does, and stop with it."""
    from assessor_desk.hub.renditions import keep_making

    stop = threading.Event()
    with opened_hub(args) as hub:
        worker = threading.Thread(target=keep_making, args=(hub, stop), name="renditions", daemon=True)
        worker.start()
        try:
            yield
        finally:
            stop.set()
            worker.join()
