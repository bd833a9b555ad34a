"""The packet as one ZIP whose bytes follow from its files: fixed order, fixed times, nothing compressed.

Stored members leave no byte undetermined, where a deflated stream has spare bits at its end, and the same files
give the same archive whatever zlib is at hand. The two large members are compressed by themselves already.
"""

from __future__ import annotations

import io
import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

from assessor_desk.places.flushing import flush

TIME = (1980, 1, 1, 0, 0, 0)


def zip_bytes(top: str, files: Mapping[str, bytes]) -> bytes:
    """The archive of `files` (names relative to the `top` folder), in the order given."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo(f"{top}/{name}", TIME)
            member.create_system = 3
            member.external_attr = 0o100644 << 16
            archive.writestr(member, content)
    return buffer.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that after a crash it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            flush(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":  # Windows has no handle for a folder's entries
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        flush(handle)
    finally:
        os.close(handle)
