"""A watch over a child's memory, where the system sets no bound to it: macOS and Windows.

It looks four times a second and ends the process; the desk then says that the file made its reader stop.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

PAUSE = 0.25
"""Seconds between two looks."""

ENDED = 3
"""What such a process exits with."""


def watch_memory(
    most: int,
    used: Callable[[], int],
    end: Callable[[], object] = lambda: os._exit(ENDED),
    stopped: threading.Event | None = None,
) -> threading.Thread:
    """Call `end` once `used()` says more than `most` bytes; `stopped` ends the watch."""
    stopped = stopped or threading.Event()

    def look() -> None:
        while not stopped.wait(PAUSE):
            if used() > most:
                end()
                return

    thread = threading.Thread(target=look, name="memory", daemon=True)
    thread.start()
    return thread


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS, psapi.h."""

        _fields_ = [("size", wintypes.DWORD), ("faults", wintypes.DWORD)] + [
            (name, ctypes.c_size_t)
            for name in ("peak", "now", "a", "b", "c", "d", "committed", "peak_committed")
        ]

    def memory_used() -> int:
        """Bytes this process has committed."""
        counters = _Counters()
        counters.size = ctypes.sizeof(counters)
        kernel = ctypes.windll.kernel32
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        kernel.K32GetProcessMemoryInfo(
            wintypes.HANDLE(kernel.GetCurrentProcess()), ctypes.byref(counters), counters.size
        )
        return int(counters.committed)

else:
    import resource

    def memory_used() -> int:
        """The most bytes this process has held: macOS counts in bytes, Linux in KiB (getrusage(2))."""
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
