"""Which files are meant where a person names a folder of packets, or a pattern that no shell has filled in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assessor_desk.domain.errors import Refused


def packets_in(named: Sequence[Path]) -> list[Path]:
    """The files that are meant, in their order; of a folder every ZIP that lies in it.

    Raises Refused for a folder, or a pattern, with no packet in it.
    """
    return [path for one in named for path in _meant(one)]


def _meant(named: Path) -> list[Path]:
    try:
        if named.is_dir():
            found = sorted(
                path for path in named.iterdir() if path.suffix.lower() == ".zip" and path.is_file()
            )
        elif set(named.name) & set("*?[") and not named.exists():
            found = sorted(named.parent.glob(named.name))
        else:
            return [named]
    except OSError as trouble:  # some systems allow no asterisk in a name
        raise Refused(f"{named} cannot be read: {trouble.strerror or trouble}") from trouble
    if not found:
        raise Refused(f"There is no packet in {named}")
    return found
