"""Documents laid out by LibreOffice. Where it is not installed there is nothing to try."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pikepdf
import psutil
import pytest
from tests.artifacts import written_documents as making
from tests.artifacts.written_documents import word, zipped

from assessor_desk.artifacts import laying_out
from assessor_desk.artifacts.kinds import Sniffed, sniff
from assessor_desk.artifacts.laying_out import Office, lay_out, office, way_of
from assessor_desk.artifacts.vault import Vault
from assessor_desk.domain.errors import Damaged, Refused, Unavailable

with_office = pytest.mark.skipif(office() is None, reason="LibreOffice is not installed")
MEMORY = Path("/dev/shm")


def sniffed(data: bytes) -> Sniffed:
    return sniff(io.BytesIO(data))


def laid_out(data: bytes, name: str, vault: Vault, stop: threading.Event | None = None) -> bytes:
    sealed = vault.write(io.BytesIO(data), len(data))
    return lay_out(vault.path(sealed.digest), sealed.key, name, sniffed(data), stop or threading.Event()).pdf


def left_behind() -> list[Path]:
    return [*MEMORY.glob(f"assessor-desk-office-{os.getpid()}-*"), *Path("/tmp").glob("OSL_PIPE_*")]


@pytest.mark.long
@with_office
def test_a_document_from_the_vault_becomes_a_pdf_and_nothing_is_left(vault: Vault) -> None:
    before = set(Path("/tmp").glob("OSL_PIPE_*"))
    pdf = laid_out(word(making.lesson), "plan.docx", vault)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) == 2
    assert set(left_behind()) <= before


@pytest.mark.long
@with_office
def test_a_file_that_libreoffice_cannot_read_is_said_to_be(vault: Vault) -> None:
    with pytest.raises(Damaged, match=r"LibreOffice cannot read “plan\.docx”"):
        laid_out(zipped({"word/document.xml": "<w:document"}), "plan.docx", vault)


@with_office
def test_a_bomb_is_refused_before_libreoffice_sees_it(vault: Vault) -> None:
    bomb = zipped({"word/document.xml": "x", "word/bomb.xml": " " * 30_000_000})
    started = time.monotonic()
    with pytest.raises(Refused, match=r"plan\.docx"):
        laid_out(bomb, "plan.docx", vault)
    assert time.monotonic() - started < 5


@with_office
def test_stopping_ends_libreoffice_and_clears_the_memory(vault: Vault) -> None:
    stop = threading.Event()
    threading.Timer(0.8, stop.set).start()
    with pytest.raises(Refused, match="was stopped"):
        laid_out(word(making.lesson), "plan.docx", vault, stop)
    assert not list(MEMORY.glob(f"assessor-desk-office-{os.getpid()}-*"))
    gone = time.monotonic() + 5
    while time.monotonic() < gone and (alive := _offices_of_mine()):
        time.sleep(0.05)
    assert alive == []


def _offices_of_mine() -> list[psutil.Process]:
    folder = f"assessor-desk-office-{os.getpid()}-"
    found = []
    for process in psutil.process_iter():
        try:
            if any(folder in word for word in process.cmdline()):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
            continue
    return found


@with_office
def test_one_that_takes_too_long_is_given_up(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laying_out, "SECONDS", 0.5)
    with pytest.raises(Unavailable, match=r"“plan\.docx” took LibreOffice longer than 0\.5 seconds"):
        laid_out(word(making.lesson), "plan.docx", vault)


@with_office
def test_what_a_process_that_is_no_more_left_behind_is_removed() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, mine = (
        MEMORY / f"assessor-desk-office-{ended.pid}-x",
        MEMORY / f"assessor-desk-office-{os.getpid()}-x",
    )
    left.mkdir()
    mine.mkdir()
    try:
        laying_out._remove_left_behind(MEMORY)
        assert not left.exists()
        assert mine.exists()
    finally:
        mine.rmdir()


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's")
def test_libreoffice_reaches_no_network_no_home_and_writes_into_its_folder_alone(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("words")
    folder = MEMORY / f"assessor-desk-office-{os.getpid()}-held"
    folder.mkdir()
    tried = (
        "import socket,sys\n"
        "from pathlib import Path\n"
        "from assessor_desk.artifacts.confinement import confine_office\n"
        f"held = confine_office(Path({str(folder)!r}), Path(sys.prefix))\n"
        "def may(act):\n"
        "    try:\n        act()\n        return 'yes'\n"
        "    except OSError:\n        return 'no'\n"
        "print(held.files, held.network,\n"
        "      may(lambda: socket.create_connection(('127.0.0.1', 9), 1)),\n"
        f"      may(lambda: Path({str(secret)!r}).read_text()),\n"
        f"      may(lambda: Path({str(tmp_path / 'new')!r}).write_text('x')),\n"
        f"      may(lambda: Path({str(folder / 'new')!r}).write_text('x')))\n"
    )
    try:
        said = subprocess.run(
            [sys.executable, "-c", tried], capture_output=True, text=True, check=True
        ).stdout
    finally:
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
    files, network, connects, reads, writes, writes_own = said.split()
    if files == "True":
        assert (reads, writes, writes_own) == ("no", "no", "yes")
    if network == "True":
        assert connects == "no"


def test_each_kind_goes_to_the_part_of_libreoffice_that_knows_it(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.mkdir()
    (program / "libswlo.so").touch()
    here = Office(program / "soffice.bin")
    text, sheet = sniffed(word()), sniffed(zipped({"xl/workbook.xml": "x"}))
    assert (way_of(text), way_of(sniffed(b"%PDF-1.7"))) == (("writer_pdf_Export", ".docx"), None)
    assert here.lays_out(text)
    assert not here.lays_out(sheet)
    assert not here.shows_equations


def test_without_libreoffice_it_is_said_that_it_is_missing(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laying_out, "office", lambda: None)
    with pytest.raises(Refused, match="LibreOffice, or its part for such files, is not installed"):
        laid_out(word(), "plan.docx", vault)
