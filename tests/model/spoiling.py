"""What becomes of a stick on its way between a desk and its hub."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.model.town import STRAY


@contextmanager
def spoilt(town: Path, how: str) -> Iterator[None]:
    """The stick of this town: not there for a while, or otherwise than it was from now on."""
    stick = town / "stick"
    match how:
        case "left at home":
            stick.rename(town / "at home")
            try:
                yield
            finally:
                shutil.rmtree(stick, ignore_errors=True)
                (town / "at home").rename(stick)
            return
        case "cut short":
            cut = max(
                stick.glob("for/*/*"),
                key=lambda path: (path.stat().st_mtime, path.name),
            )
            cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
        case "put back as it was":
            _put_back(stick, town / "stick as it was")
        case "given another's bundle":
            shutil.copy(town / STRAY, max(stick.glob("for/*/bundle-*.age")))
    yield


def _put_back(stick: Path, copy: Path) -> None:
    """To how it was the last time that somebody copied it, which at first is now."""
    if copy.exists():
        shutil.rmtree(stick)
        copy.rename(stick)
    shutil.copytree(stick, copy)
