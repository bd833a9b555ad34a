"""One document laid out by LibreOffice: a process that asks it, holds it to limits, and ends with it.

The question comes through the pipe as a JSON header (path, name, program, folder, filter, suffix) with the key, the
answer is the PDF, or what was wrong. LibreOffice gets a profile made for this one time, without macros, and a copy of
the document under a name of ours, both in `folder`, which lies in memory. It reaches no network, writes nowhere but
into that folder and reads no home folder, as far as the kernel can hold it to that (`confinement`).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any, BinaryIO
from xml.sax.saxutils import escape

from assessor_desk.artifacts.child import take_over_the_pipes
from assessor_desk.artifacts.packages import doctype_faults, package_faults
from assessor_desk.artifacts.pipe import receive, send
from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.domain.errors import Damaged, DeskError, Refused, Unavailable

LARGEST_FILE = 200_000_000
SECONDS = 140
_NAME = "document"
"""What the document is called for LibreOffice, which would put its true name into the PDF."""

_ASKS_TO_BE_STARTED_AGAIN = (79, 81)
"""Exit codes after LibreOffice has set up a new profile, which its own starter would heed."""

_ITEM = (
    '<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse">'
    "<value>{value}</value></prop></item>"
)
_SETTINGS = (
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Common/Save/Document", "LoadPrinter", "false"),
    ("Office.Common/Misc", "FirstRun", "false"),
    ("Office.Java/VirtualMachine", "Enable", "false"),
    ("Office.Writer/Content/Update", "Link", "2"),
    ("Office.Calc/Content/Update", "Link", "2"),
    ("Inet/Settings", "ooInetProxyType", "1"),
)
"""No macros, no links followed, no Java."""

_WAYS = {
    "ExportBookmarks": True,
    "UseTaggedPDF": True,
    "ExportNotes": False,
    "ExportNotesPages": False,
    "ExportHiddenSlides": True,
}


def main() -> None:
    """Answer one question, then end."""
    source, target = take_over_the_pipes()
    question = receive(source)
    if question is None:
        return
    threading.Thread(target=_end_with, args=(source,), daemon=True).start()
    header = question.header
    try:
        document = _document(header, bytes(question.payload))
        lacking = not header["equations"] and _has_equations(document)
        send(target, {"lacks_equations": lacking}, _laid_out(header, document))
    except DeskError as error:
        send(target, {"error": type(error).__name__, "sentence": str(error)})


def _end_with(source: BinaryIO) -> None:
    """The desk is gone, or gives up: so does LibreOffice, which dies with this process."""
    source.read(1)
    os._exit(0)


def _document(header: dict[str, Any], key: bytes) -> bytes:
    """The plain bytes, looked at as everything is before a reader gets it."""
    name = header["name"]
    path = Path(header["path"])
    try:
        with open_sealed(path, key, name) if key else path.open("rb") as reader:
            data = reader.read(LARGEST_FILE + 1) or b""
    except OSError as error:
        raise Damaged(f"“{name}” cannot be read: {error.strerror}.") from error
    if len(data) > LARGEST_FILE:
        raise Refused(f"“{name}” is too large to lay out: more than {LARGEST_FILE // 10**6} MB.")
    if data[:2] == b"PK":
        faults = package_faults(io.BytesIO(data), name) or doctype_faults(io.BytesIO(data), name)
        if faults:
            raise Refused(faults[0])
    return data


def _has_equations(document: bytes) -> bool:
    """Whether there are equations in a Word or OpenDocument file; of the other formats it is not known."""
    if document[:2] != b"PK":
        return False
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        parts = [name for name in package.namelist() if name.endswith(("document.xml", "content.xml"))]
        return any(b"<m:oMath" in data or b":math" in data for data in map(package.read, parts[:50]))


def _laid_out(header: dict[str, Any], document: bytes) -> bytes:
    name, folder = header["name"], Path(header["folder"])
    work, profile = folder / "work", folder / "profile" / "user"
    work.mkdir(mode=0o700)
    profile.mkdir(mode=0o700, parents=True)
    (work / f"{_NAME}{header['suffix']}").write_bytes(document)
    (profile / "registrymodifications.xcu").write_text(_settings(), encoding="utf-8")
    ways = {name: {"type": "boolean", "value": str(on).lower()} for name, on in _WAYS.items()}
    plain = f"pdf:{header['filter']}"
    for target in (f"{plain}:{json.dumps(ways)}", plain):  # LibreOffice before 7.4 knows the plain one alone
        if _convert(header, target, work, folder) in _ASKS_TO_BE_STARTED_AGAIN:
            _convert(header, target, work, folder)
        made = work / f"{_NAME}.pdf"
        if made.is_file() and made.stat().st_size:
            return made.read_bytes()
    raise Damaged(f"LibreOffice cannot read “{name}”. The built-in view may show it; else ask for a PDF.")


def _settings() -> str:
    settings = "".join(_ITEM.format(path=escape(p), name=escape(n), value=escape(v)) for p, n, v in _SETTINGS)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{settings}</oor:items>"
    )


def _convert(header: dict[str, Any], target: str, work: Path, folder: Path) -> int:
    """Run LibreOffice once; its exit code. Whatever it says is left unread: it may quote the document."""
    asked = [
        header["program"],
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        *(
            "--headless",
            "--invisible",
            "--nologo",
            "--nodefault",
            "--norestore",
            "--nolockcheck",
            "--nofirststartwizard",
        ),
        *("--convert-to", target, "--outdir", str(work), str(work / f"{_NAME}{header['suffix']}")),
    ]
    launched = [*_launcher(), str(folder), *asked]
    process = subprocess.Popen(
        launched,
        cwd=work,
        env=_surroundings(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(SECONDS)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(
            f"“{header['name']}” took LibreOffice too long. The built-in view shows it."
        ) from error
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        _remove_socket((folder / "profile").as_uri())


def _remove_socket(profile: str) -> None:
    """What LibreOffice may make outside its folder but not remove: a socket named after its profile's digest."""
    digest = hashlib.md5(profile.encode("utf-16-le"), usedforsecurity=False).digest()
    name = f"OSL_PIPE_{os.getuid()}_SingleOfficeIPC_{''.join(f'{each:x}' for each in digest)}"
    for place in ("/tmp", "/var/tmp"):  # noqa: S108 - where LibreOffice puts it
        with contextlib.suppress(OSError):
            Path(place, name).unlink(missing_ok=True)


def _launcher() -> list[str]:
    from assessor_desk.artifacts.office_launch import LAUNCH_FLAG

    if getattr(sys, "frozen", False):
        return [sys.executable, LAUNCH_FLAG]
    return [sys.executable, "-P", "-X", "utf8", "-m", "assessor_desk.artifacts.office_launch"]


def _surroundings(folder: Path) -> dict[str, str]:
    """No home, no display, no proxy, nothing of the desk's."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "PYTHONPATH") if name in os.environ}
    home = str(folder)
    return kept | {
        "HOME": home,
        "TMPDIR": home,
        "XDG_CACHE_HOME": home,
        "XDG_CONFIG_HOME": home,
        "SAL_USE_VCLPLUGIN": "svp",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


if __name__ == "__main__":
    main()
