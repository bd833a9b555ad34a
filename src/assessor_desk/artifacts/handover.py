"""Handing an open file to a child that may open none itself.

On Linux the desk opens the file and passes the descriptor along a socket that the child was born with (unix(7),
SCM_RIGHTS); each has a place of its own in the file. Elsewhere the child is told the path and opens it.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

if sys.platform == "linux":
    import socket

    @dataclass(frozen=True, slots=True)
    class Hand:
        """One end of the socket; `number` is what the child is told."""

        end: socket.socket

        @property
        def number(self) -> int:
            return self.end.fileno()

        def give(self, path: Path) -> None:
            """Open the file and hand it over. Raises OSError where it cannot be opened, or nobody takes it."""
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                socket.send_fds(self.end, [b"f"], [descriptor])
            finally:
                os.close(descriptor)

        def take(self) -> int:
            """The descriptor handed over before. Raises OSError when there is none."""
            _, descriptors, _, _ = socket.recv_fds(self.end, 1, 1)
            if not descriptors:
                raise OSError("no file was handed over")
            return descriptors[0]

        def close(self) -> None:
            self.end.close()

    def new_hands() -> tuple[Hand, Hand] | None:
        """Two ends: the desk's and the child's."""
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        return Hand(near), Hand(far)

    def hand_of(number: int) -> Hand:
        """The child's end, of which it was told the number."""
        return Hand(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, number))

else:

    @dataclass(frozen=True, slots=True)
    class Hand:
        """Nothing can be handed over here."""

        number: int = 0

        def give(self, path: Path) -> None:
            """Raises OSError always."""
            raise OSError(f"{path} cannot be handed over on this system")

        def take(self) -> int:
            """Raises OSError always."""
            raise OSError("nothing is handed over on this system")

        def close(self) -> None:
            return

    def new_hands() -> tuple[Hand, Hand] | None:
        """Two ends, where the system has them."""
        return None

    def hand_of(number: int) -> Hand:
        """The child's end."""
        return Hand(number)
