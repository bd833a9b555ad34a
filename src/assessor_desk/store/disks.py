"""What is wrong with a disk that takes nothing, as far as the system tells it apart."""

from __future__ import annotations

import os
from pathlib import Path

from assessor_desk.domain.errors import Unavailable


def not_written(path: Path, said: object) -> Unavailable:
    """That a desk's file was not written: because it may only be read where it lies, or else for want of room.

    `said` is what the system or the driver said of it. Windows does not tell before a file is opened what may be
    written, so that there it is mostly the second sentence.
    """
    if (readable := only_readable(path)) is not None:
        return Unavailable(
            f"{readable} can only be read: its disk is read-only, or you may not change what lies there ({said}). "
            "A desk notes down what is done, and who has it open. Nothing was changed: make it writable, or "
            "copy the desk's folder to a disk of this computer that can be written, and open the copy"
        )
    return Unavailable(
        f"The disk with {path.parent} is full or cannot be written ({said}). Nothing was changed: "
        "free some space and try again"
    )


def only_readable(path: Path) -> Path | None:
    """The folder of a file, or else the file, where it is there and may not be written; neither need be there.

    On a read-only disk that holds for an administrator too.
    """
    return next(
        (each for each in (path.parent, path) if each.exists() and not os.access(each, os.W_OK)), None
    )
