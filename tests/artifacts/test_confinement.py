"""A reader of hostile files can open no other file and reach nobody, where the kernel can see to that."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest
from tests.artifacts.media_clips import clip

from assessor_desk.artifacts.appetite import memory_used, watch_memory
from assessor_desk.artifacts.child import Child, command
from assessor_desk.artifacts.confinement import Confinement
from assessor_desk.artifacts.documents import WORKER_FLAG, WORKER_MODULE, DocumentsClient, TextHandle
from assessor_desk.artifacts.media import open_media

HELD = "from assessor_desk.artifacts.confinement import confine; held = confine([Path(sys.argv[1])])"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's")


def held_child(*acts: str, allowed: Path) -> list[str]:
    """What became of each act in a confined child: `done`, or the name of what it raised."""
    tries = "\n".join(f"told({act!r})" for act in acts)
    code = f"""
import ctypes, os, socket, subprocess, sys
from pathlib import Path
{HELD}
def told(act):
    try:
        exec(act, globals())
        print("done")
    except BaseException as error:
        print(type(error).__name__)
{tries}
print(held.files, held.network)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(allowed)], capture_output=True, text=True, check=True
    )
    *lines, held = done.stdout.splitlines()
    if held != "True True":
        pytest.skip("this kernel has no Landlock or no seccomp")
    return lines


def test_a_confined_child_opens_no_file_but_the_one_it_was_given(tmp_path: Path) -> None:
    given, other = tmp_path / "given", tmp_path / "other"
    given.write_text("evidence")
    other.write_text("another educator's")
    assert held_child(
        f"open({str(given)!r}).read()",
        f"open({str(other)!r}).read()",
        f"open({str(given)!r}, 'a')",
        f"open({str(tmp_path / 'new')!r}, 'x')",
        f"os.listdir({str(tmp_path)!r})",
        f"os.unlink({str(other)!r})",
        f"open('/proc/{psutil.Process().pid}/environ').read()",
        "open('/etc/passwd').read()",
        "import json.tool, wave",
        allowed=given,
    ) == ["done", *["PermissionError"] * 7, "done"]


def test_a_confined_child_reaches_no_network_and_starts_no_program(tmp_path: Path) -> None:
    assert held_child(
        "socket.socket()",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_UNIX)",
        "os.execv('/bin/true', ['true'])",
        "os.fork()",
        f"os.kill({psutil.Process().pid}, 0)",
        "subprocess.run(['/bin/true'])",
        "assert ctypes.CDLL(None, use_errno=True).syscall(425, 1, None) == -1",
        allowed=tmp_path,
    ) == [*["PermissionError"] * 7, "done"]


def test_what_the_system_cannot_hold_a_reader_to_is_said() -> None:
    assert "can open no other file" in Confinement(files=True, network=True).words
    assert "not from the network" in Confinement(files=True, network=False).words
    assert "not kept from files and the network" in Confinement(files=False, network=False).words


def test_the_reader_of_documents_reads_what_it_is_handed_and_cannot_open_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan.txt"
    path.write_text("The exit ticket asks for three quarters.")
    with DocumentsClient() as client:
        handle = client.open(path, b"", "plan.txt")
        assert isinstance(handle, TextHandle)
        assert "exit ticket" in handle.text
        held = client.confinement()
    child = Child(command(WORKER_MODULE, WORKER_FLAG))
    # Nothing is handed over, as if the child asked for a path of its own.
    monkeypatch.setattr(child, "_with_file", lambda header: header)
    try:
        asked = {"op": "open", "path": str(path), "name": "plan.txt", "kind": None}
        answer = child.ask(asked, b"", 20).header
        assert _locked(child.pid) or not held.network
    finally:
        child.close()
    if not held.files:
        pytest.skip("this kernel has no Landlock")
    assert answer["sentence"] == "“plan.txt” cannot be read: Permission denied."


def test_the_player_is_confined_once_it_knows_its_recording(tmp_path: Path) -> None:
    path = tmp_path / "lesson.mp4"
    clip(path, seconds=1)
    handle = open_media(path, b"", "lesson.mp4")
    try:
        workers = [c for c in psutil.Process().children() if "media.worker" in " ".join(c.cmdline())]
        assert workers
        assert all(_locked(each.pid) for each in workers)
    finally:
        handle.close()


def _locked(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    return "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status


def test_a_child_that_takes_too_much_memory_is_ended_where_the_system_does_not_see_to_it() -> None:
    ended, held = threading.Event(), [50]
    watch = watch_memory(100, lambda: held[0], ended.set)
    assert not ended.wait(0.4)
    held[0] = 101
    assert ended.wait(5)
    watch.join(5)
    assert memory_used() > 10_000_000
