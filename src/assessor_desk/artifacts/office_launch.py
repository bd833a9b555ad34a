"""Becomes LibreOffice after giving up what it must not have: the network, other files, more memory than enough.

A process of its own, since what is given up is given up for good, and the worker still has to answer.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

from assessor_desk.artifacts.confinement import confine_office

LAUNCH_FLAG = "--office-launch"
MEMORY_LIMIT = 4 * 1024**3
"""Bytes of address space LibreOffice may use; an ordinary document takes about a quarter."""

CPU_SECONDS = 180
LARGEST_RESULT = 500_000_000
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG, linux/prctl.h


def main(arguments: list[str]) -> None:
    """`folder program argument …`: hold to the folder, then become the program."""
    folder, program = Path(arguments[0]), arguments[1]
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_LIMIT),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_RESULT),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    confine_office(folder, Path(program).resolve().parent.parent)
    os.execv(program, arguments[1:])  # noqa: S606 - a list, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
