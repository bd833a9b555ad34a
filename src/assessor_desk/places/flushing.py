"""Having what was written reach the disk itself, past every cache on the way."""

from __future__ import annotations

import errno
import os

try:
    import fcntl
except ImportError:  # Windows has none, and its `fsync` reaches the disk
    pass

#: What macOS is asked: its `fsync` leaves the bytes in the drive's cache, which a power failure empties (its fsync(2)).
_FULL: int | None = getattr(globals().get("fcntl"), "F_FULLFSYNC", None)


def flush(descriptor: int) -> None:
    """Have what was written to an open file reach the disk. Raises OSError where that fails.

    A file system that knows only `fsync` (some on a network, or on a stick) is asked for that.
    """
    if _FULL is not None:
        try:
            fcntl.fcntl(descriptor, _FULL)
        except OSError as error:
            if error.errno in (errno.EIO, errno.ENOSPC, errno.EDQUOT):
                raise  # it was tried, and did not succeed: a second try might be told otherwise
        else:
            return
    os.fsync(descriptor)
