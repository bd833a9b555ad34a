"""Ending what a source is asked as soon as a person stops the round."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assessor_desk.sync.source import Source

#: How soon a round notices that it was stopped while the source is silent.
_LOOK_SECONDS = 0.05


@contextlib.contextmanager
def interrupting(source: Source, stop: threading.Event) -> Iterator[None]:
    """End what is being asked as soon as `stop` is set: a source may be silent for half a minute."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK_SECONDS):
            if stop.is_set():
                source.interrupt()
                return

    watcher = threading.Thread(target=watch, name="stopping", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
