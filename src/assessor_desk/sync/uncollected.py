"""A page of thousands of rows is read and written without Python's search for cycles amid it.

That search begins anew with every few hundred objects made, and goes through all that a page holds, which has no
cycles: a fifth of a first round. It stands still for the whole program, so only while a page is in hand, never while
a source is waited for; what it would have found meanwhile it finds afterwards.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator

_guard = threading.Lock()
_within = 0
_was_on = False


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Within the block, and while any other thread is within one, no cycles are looked for."""
    global _within, _was_on  # the collector is the program's too
    with _guard:
        if not _within:
            _was_on = gc.isenabled()
            gc.disable()
        _within += 1
    try:
        yield
    finally:
        with _guard:
            _within -= 1
            if not _within and _was_on:
                gc.enable()
