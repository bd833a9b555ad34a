"""Documents laid out as PDF by LibreOffice, where it is installed: the desk's side.

Each conversion has a process of its own (`laying_out_worker`), a LibreOffice of its own with a profile of its own, and
a folder of its own in a memory file system, where alone the document's plain bytes may lie for that long (DESIGN §3).
Processes and folder go with it, however it ends; what a crash of the computer's own programs left is removed by the
next conversion. Only on Linux: elsewhere no memory file system is at hand, and documents keep their built-in view.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from assessor_desk.artifacts.child import Child, ChildGone, command
from assessor_desk.artifacts.kinds import Kind, Sniffed
from assessor_desk.artifacts.pipe import Message
from assessor_desk.domain.errors import Damaged, DeskError, Refused, Unavailable

WORKER_MODULE = "assessor_desk.artifacts.laying_out_worker"
WORKER_FLAG = "--laying-out-worker"
"""What starts the worker in a frozen program."""

SECONDS = 150.0
"""A conversion that takes longer is given up."""

_FOLDER = "assessor-desk-office-"
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - memory, never a disk; checked before it is used
_PLACES = (Path("/usr/lib/libreoffice"), Path("/usr/lib64/libreoffice"), Path("/opt"))
_ERRORS: dict[str, type[DeskError]] = {each.__name__: each for each in (Damaged, Refused, Unavailable)}

WRITER, SLIDES, SHEETS = "writer_pdf_Export", "impress_pdf_Export", "calc_pdf_Export"
_PARTS = {WRITER: "libswlo.so", SLIDES: "libsdlo.so", SHEETS: "libsclo.so"}
_EQUATIONS = "libsmlo.so"
_BY_TYPE = {
    "application/msword": (WRITER, ".doc"),
    "application/vnd.ms-excel": (SHEETS, ".xls"),
    "application/vnd.ms-powerpoint": (SLIDES, ".ppt"),
    "application/rtf": (WRITER, ".rtf"),
    "application/vnd.oasis.opendocument.text": (WRITER, ".odt"),
    "application/vnd.oasis.opendocument.presentation": (SLIDES, ".odp"),
    "application/vnd.oasis.opendocument.spreadsheet": (SHEETS, ".ods"),
}
_BY_KIND = {Kind.WORD: (WRITER, ".docx"), Kind.SLIDES: (SLIDES, ".pptx"), Kind.SHEET: (SHEETS, ".xlsx")}


@dataclass(frozen=True, slots=True)
class Office:
    """LibreOffice as it is installed here."""

    program: Path

    def lays_out(self, sniffed: Sniffed) -> bool:
        """Whether its part for that kind of document is installed too."""
        way = way_of(sniffed)
        return way is not None and (self.program.parent / _PARTS[way[0]]).exists()

    @property
    def shows_equations(self) -> bool:
        """Whether its part for equations is installed; without it they are left out."""
        return (self.program.parent / _EQUATIONS).exists()


def way_of(sniffed: Sniffed) -> tuple[str, str] | None:
    """LibreOffice's filter and the suffix it knows a document by; None for what it does not lay out."""
    return _BY_TYPE.get(sniffed.media_type) or _BY_KIND.get(sniffed.kind)


@cache
def office() -> Office | None:
    """The LibreOffice of this computer, None where there is none or its copy could not be kept in memory."""
    if sys.platform != "linux" or _memory_folder() is None:
        return None
    found = shutil.which("soffice") or shutil.which("libreoffice")
    linked = [Path(found).resolve().parent] if found else []
    for place in [*linked, *(each for top in _PLACES for each in sorted(top.glob("**/program"))[:4])]:
        if (place / "soffice.bin").is_file():
            return Office(place / "soffice.bin")
    return None


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A document as PDF, and whether its equations were left out for want of LibreOffice's part for them."""

    pdf: bytes
    lacks_equations: bool = False


def lay_out(path: Path, key: bytes, name: str, sniffed: Sniffed, stop: threading.Event) -> LaidOut:
    """Lay a document out. Blocks for seconds; `stop` gives it up.

    Raises Refused where LibreOffice is not installed, for a file that must not be opened, and when stopped, Damaged
    for one that it cannot read, Unavailable when it took too long or died of it. Each names the file.
    """
    way, here = way_of(sniffed), office()
    if way is None or here is None or not here.lays_out(sniffed):
        raise Refused(
            f"“{name}” cannot be laid out: LibreOffice, or its part for such files, is not installed"
        )
    with _folder_in_memory() as folder:
        question = {
            "path": str(path),
            "name": name,
            "program": str(here.program),
            "folder": str(folder),
            "filter": way[0],
            "suffix": way[1],
            "equations": here.shows_equations,
        }
        child = Child(command(WORKER_MODULE, WORKER_FLAG))
        try:
            answer = _asked(child, question, key, name, stop)
        finally:
            child.close()
    if "error" in answer.header:
        raise _ERRORS[answer.header["error"]](answer.header["sentence"])
    return LaidOut(bytes(answer.payload), answer.header["lacks_equations"])


def _asked(child: Child, question: dict[str, Any], key: bytes, name: str, stop: threading.Event) -> Message:
    done = threading.Event()
    watching = threading.Thread(target=_end_when_stopped, args=(child, stop, done), daemon=True)
    watching.start()
    try:
        return child.ask(question, key, SECONDS)
    except ChildGone as error:
        raise _why_gone(name, error.overdue, stop.is_set()) from error
    finally:
        done.set()
        watching.join()


def _end_when_stopped(child: Child, stop: threading.Event, done: threading.Event) -> None:
    while not done.wait(0.1):
        if stop.is_set():
            child.kill()
            return


def _why_gone(name: str, overdue: bool, stopped: bool) -> DeskError:
    if stopped:
        return Refused(f"Laying out “{name}” was stopped.")
    if overdue:
        return Unavailable(
            f"“{name}” took LibreOffice longer than {SECONDS:g} seconds and was given up. The built-in view shows it."
        )
    return Unavailable(f"LibreOffice stopped while laying out “{name}”. The built-in view shows it.")


@contextlib.contextmanager
def _folder_in_memory() -> Iterator[Path]:
    """A folder of this process alone, gone with all in it afterwards."""
    memory = _memory_folder()
    if memory is None:
        raise Refused(
            "There is no memory file system for LibreOffice's copy; the built-in view shows the document"
        )
    _remove_left_behind(memory)
    folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-", dir=memory))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_left_behind(memory: Path) -> None:
    """Folders of processes that are no more."""
    for folder in memory.glob(f"{_FOLDER}*"):
        found = re.match(rf"{_FOLDER}(\d+)-", folder.name)
        if found and not Path("/proc", found[1]).exists():
            shutil.rmtree(folder, ignore_errors=True)


@cache
def _memory_folder() -> Path | None:
    """Where files lie in memory and not on a disk, as the kernel says."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    in_memory = {line.split(" ")[4] for line in mounts if " - tmpfs " in line}
    places = (_SHARED_MEMORY, Path(os.environ.get("XDG_RUNTIME_DIR", "/nowhere")))
    return next(
        (each for each in places if str(each) in in_memory and os.access(each, os.W_OK | os.X_OK)), None
    )
