"""Memory in which pictures cross from the worker to the window: slots, each free or holding one picture.

On Linux it has no name: it is handed over as a descriptor, nobody else can open it, and nothing is left of
it after a crash. Elsewhere pictures go through the pipe, at 3 ms for 8 MB (see `artifacts.scratch`); slots
then only count how many pictures may be under way.
"""

from __future__ import annotations

import mmap
import os
import sys

SLOTS = 6
SLOT_BYTES = 2560 * 1440 * 4
"""The largest picture: what is larger is scaled down to it. Memory is taken when first written to."""
_FIRST_BYTES = 1280 * 720 * 4


class Ring:
    """The slots, in either of the two processes. `descriptor` is None where there is no shared memory."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._memory = mmap.mmap(descriptor, SLOTS * SLOT_BYTES)
        self._view = memoryview(self._memory)

    def slot(self, number: int, length: int) -> memoryview:
        """The first `length` bytes of a slot. Raises ValueError for a slot that is not there."""
        if not (0 <= number < SLOTS and 0 <= length <= SLOT_BYTES):
            raise ValueError(f"no slot {number} of {length} bytes")
        return self._view[number * SLOT_BYTES : number * SLOT_BYTES + length]

    def take_some(self) -> None:
        """Take the memory of an ordinary first picture ahead of it."""
        for page in range(0, _FIRST_BYTES, mmap.PAGESIZE):
            self._view[page] = 0

    def close(self) -> None:
        """Give the memory back, at the latest when the last picture taken from it is forgotten."""
        self._view.release()
        try:
            self._memory.close()
        except BufferError:
            # A picture is still being looked at; the memory goes when it does.
            pass
        os.close(self.descriptor)


if sys.platform == "linux":

    def new_ring() -> Ring | None:
        """Fresh slots to share, where the system can."""
        descriptor = os.memfd_create("pictures")
        os.ftruncate(descriptor, SLOTS * SLOT_BYTES)
        return Ring(descriptor)

else:

    def new_ring() -> Ring | None:
        """Fresh slots to share, where the system can."""
        return None
