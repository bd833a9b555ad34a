"""Where a desk's folder is, so that a copy of it is told from the desk itself.

A copy that went on under the same name would write entries that look like the other's. What tells it: another computer,
or another file in the place of one that is made once and never replaced. A folder that was merely moved keeps both.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

COMPUTER, FILE, FOLDER = "computer", "file", "folder"


def place_of(folder: Path, lasting: Path) -> dict[str, str]:
    """Where `folder` is; `lasting` is a file in it that is never replaced."""
    told = lasting.stat()
    return {COMPUTER: _computer(), FILE: f"{told.st_ino}", FOLDER: str(folder.absolute())}


def copied_words(before: Mapping[str, str], here: Mapping[str, str]) -> str:
    """What to say of a copy; nothing where a folder was put back in its own place."""
    if before[FOLDER] == here[FOLDER] and before[COMPUTER] == here[COMPUTER]:
        return ""
    where = before[FOLDER] if before[COMPUTER] == here[COMPUTER] else f"{before[FOLDER]} on another computer"
    return (
        f"This desk is a copy of the one in {where}. From now on it counts as a device of its own, so that what you do "
        "here and there never gets mixed up. Go on in one of them: the other does not see what you do here."
    )


def _computer() -> str:
    """A name of this computer that says nothing of it elsewhere; of few kinds of systems it can be had."""
    import hashlib  # not before the window is painted

    known = _machine_id()
    return hashlib.sha256(f"assessor-desk {known}".encode()).hexdigest()[:16] if known else ""


def _machine_id() -> str:
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
                return str(winreg.QueryValueEx(key, "MachineGuid")[0])
        except OSError:
            return ""
    try:
        return Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        import platform  # takes as long as all the rest here

        return platform.node()
