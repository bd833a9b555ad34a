"""Large submissions: many artifacts, many pages, and a gigabyte of video that arrives in two parts."""

from __future__ import annotations

import hashlib
import random
import shutil
import statistics
import subprocess
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Self

import av
import psutil
import pytest
from tests.fixtures_large import phone_video, sixty_pages, submission_folder
from tests.journey.programme import PASSPHRASE, PROGRAM, Serving, Terminal, new_code, terminal
from tests.journey.wrong_files import write_rows

from assessor_desk.artifacts.documents import PdfHandle
from assessor_desk.artifacts.media import MediaHandle
from assessor_desk.artifacts.media.client import Event
from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.desk import Desk

MEGABYTE = 1_000_000
MOST_MEMORY = 500 * MEGABYTE


@dataclass
class Issuer:
    """A hub of its own that answers, and somebody at a terminal."""

    hub: Path
    number: str
    serving: Serving
    person: Terminal
    times: dict[str, float] = field(default_factory=dict)

    def imports(self, folder: Path) -> dict[str, object]:
        """Import a folder and assign what is in it."""
        with self.timed("import"):
            done: dict[str, object] = self.person.runs("hub", "--at", self.hub, "import", folder)
        self.person.does("hub", "--at", self.hub, "assign", "--all", "--to", self.number)
        return done

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Keep how long something took, for the report."""
        start = time.perf_counter()
        yield
        self.times[what] = round(time.perf_counter() - start, 1)


@pytest.fixture
def issuer(made_hub: tuple[Path, str], tmp_path: Path) -> Iterator[Issuer]:
    """A hub with nothing yet for the person's desk, which is connected."""
    hub = tmp_path / "hub"
    shutil.copytree(made_hub[0], hub)
    person = terminal(tmp_path)
    with Serving(hub) as serving:
        number = person.does("hub", "--at", hub, "enrol", "--name", "Bo Lind", "--role", "assessor")["person"]
        assert person.says("connect", serving.url, new_code(person, hub, number)).code == 0
        yield Issuer(hub, number, serving, person)


def _folder(folder: Path, artifacts: list[tuple[str, str]]) -> Path:
    """A folder to import with one submission, BIG-01, of these parts and files."""
    folder.mkdir(exist_ok=True)
    head = ("BIG-01", "E-7", "Bao Trần", "talk-moves", "1", "no", "Harbour", "en", "yes")
    write_rows(folder, [head], [("BIG-01", part, name, "", "") for part, name in artifacts])
    return folder


class Memory(threading.Thread):
    """Looks at this process's children ten times a second; `peaks` is the most each kind had resident, in bytes."""

    def __init__(self) -> None:
        super().__init__(name="memory")
        self.peaks: dict[str, int] = {}
        self._over = threading.Event()

    def run(self) -> None:
        own = psutil.Process()
        while not self._over.wait(0.1):
            for child in own.children(recursive=True):
                try:
                    what = _kind(child.cmdline())
                    self.peaks[what] = max(self.peaks.get(what, 0), child.memory_info().rss)
                except psutil.Error:
                    continue

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


def _kind(words: list[str]) -> str:
    line = " ".join(words)
    known = ("media.worker", "artifacts.worker", "hub", "sync")
    return next((name for name in known if name in line), "other")


def _digests(desk: Desk, own_id: str) -> dict[str, bool]:
    """Whether each artifact's bytes, decrypted out of the vault, have the SHA-256 that was announced."""
    found = {}
    for artifact in desk.case(own_id).submission.artifacts:
        evidence = desk.evidence(own_id, artifact.id)
        with open_sealed(evidence.path, evidence.key, artifact.name) as reader:
            found[artifact.name] = hashlib.file_digest(reader, "sha256").hexdigest() == artifact.sha256
    return found


# -- forty artifacts ---------------------------------------------------------------------------------------


@pytest.fixture
def forty(tmp_path: Path) -> Path:
    """Forty artifacts, one of them a binder of sixty pages."""
    folder = submission_folder(tmp_path / "forty", 40, "talk-moves")
    sixty_pages(tmp_path).rename(folder / "files" / "40AF-01" / "piece-05.pdf")
    return folder


def test_forty_artifacts_are_imported_fetched_in_two_rounds_read_and_sealed(
    issuer: Issuer, forty: Path, tmp_path: Path
) -> None:
    with Memory() as memory:
        assert issuer.imports(forty)["artifacts"] == 40
        with Desk.open(issuer.person.desk, PASSPHRASE) as desk:
            stop = threading.Event()
            first = desk.sync(lambda told: stop.set() if told.artifacts_done == 15 else None, stop)
            assert first.stopped
            assert 15 <= first.fetched < 40
            second = desk.sync()
            assert first.fetched + second.fetched == desk.ledger().total
            own_id = desk.find("40AF-01")
            here = _digests(desk, own_id)
            assert (len(here), set(here.values())) == (40, {True})
            _read_the_binder(desk, own_id)
    assert max(memory.peaks.values()) < MOST_MEMORY, memory.peaks
    _seal_as_incomplete(issuer, tmp_path)


def _read_the_binder(desk: Desk, own_id: str) -> None:
    binder = desk.evidence(own_id, "piece-05.pdf").open()
    assert isinstance(binder, PdfHandle)
    assert binder.page_count == 60
    assert "Lesson 60 of 60" in binder.text(59).text
    picture = binder.render(59, 1.0)
    assert (picture.width, picture.height) == (612, 792)
    hits = binder.search("find three quarters of 240", 0, 60).hits
    assert {hit.page for hit in hits} == {59}
    binder.close()


def _seal_as_incomplete(issuer: Issuer, folder: Path) -> None:
    person = issuer.person
    person.does("completeness", "40AF-01", "--incomplete", "missing_part")
    person.does(
        "feedback", "40AF-01", "--text", "A part is missing. Please hand in the lesson video as well. " * 4
    )
    person.does("seal", "40AF-01", "--attest", "no_affiliation")
    assert person.does("sync")["delivered"] == 1
    (packet,) = person.does("export", "40AF-01", "--out", folder / "out")["files"]
    person.does("verify", packet, "--trust", issuer.hub / "trust.pem", "--require", "time,revocation")
    with zipfile.ZipFile(packet) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith("/data/artifacts.sha256")]
        listed = archive.read(name).decode().splitlines()
    assert len(listed) == 40


# -- a gigabyte --------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_gigabyte_of_video_survives_two_interruptions_and_is_shown_to_the_frame(
    issuer: Issuer, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    folder = _folder(tmp_path / "incoming", [("work", "phone.mp4")])
    with issuer.timed("make"):
        video = phone_video(folder)
    digest, times = _sha256(video), _times(video)
    with Memory() as memory:
        assert issuer.imports(folder)["bytes"] == video.stat().st_size >= 1_000_000_000
        video.unlink()
        _sync_with_interruptions(issuer)
        with Desk.open(issuer.person.desk, PASSPHRASE) as desk:
            own_id = desk.find("BIG-01")
            with issuer.timed("digest"):
                assert _digests(desk, own_id) == {"phone.mp4": True}
            (artifact,) = desk.case(own_id).submission.artifacts
            assert artifact.sha256 == digest
            _seek_everywhere(issuer, desk, own_id, times)
    for name, value in (*issuer.times.items(), *((k, v // MEGABYTE) for k, v in memory.peaks.items())):
        record_property(name, value)
        print(f"{name}: {value}")
    assert max(memory.peaks.values()) < MOST_MEMORY, memory.peaks


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _times(video: Path) -> list[int]:
    """When each picture is shown, in milliseconds, as the container itself says."""
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        stamps = sorted(packet.pts for packet in container.demux(stream) if packet.pts is not None)
        return [round((stamp - stamps[0]) * stream.time_base * 1000) for stamp in stamps]


def _sync_with_interruptions(issuer: Issuer) -> None:
    """The desk's process is killed in the middle, then the hub's; the third round goes on from there."""
    killed_at = _sync_until(issuer, 250 * MEGABYTE, lambda process: process.kill())
    assert killed_at >= 250 * MEGABYTE
    cut_at = _sync_until(issuer, killed_at + 250 * MEGABYTE, lambda _: issuer.serving.stop())
    issuer.serving.start()
    assert cut_at > killed_at
    assert _partial(issuer) >= cut_at, "what came is kept"
    with issuer.timed("rest of the download"):
        done = issuer.person.runs("sync")
    assert (done["fetched"], done["bytes_to_go"]) == (1, 0)


def _sync_until(issuer: Issuer, bytes_here: int, cut: Callable[[subprocess.Popen[bytes]], None]) -> int:
    """Begin a round in its own process and let `cut` happen once so many bytes are here. Gives how many there were."""
    person = issuer.person
    command = [*PROGRAM, "sync", "--desk", person.desk, "--passphrase-file", person.passphrase_file, "--json"]
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    smallest = _partial(issuer)
    try:
        while process.poll() is None and _partial(issuer) < bytes_here:
            assert _partial(issuer) >= smallest, "a download never begins again"
            time.sleep(0.01)
        cut(process)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode in (-9, 3), err
    return _partial(issuer)


def _partial(issuer: Issuer) -> int:
    """Bytes of the download that is under way."""
    folder = issuer.person.desk / "vault" / "partial"
    return max((path.stat().st_size for path in folder.glob("*")), default=0) if folder.exists() else 0


def _seek_everywhere(issuer: Issuer, desk: Desk, own_id: str, times: list[int]) -> None:
    """Forty moments all over the recording, in no order: each shows the picture that is on at that moment."""
    with issuer.timed("open"):
        handle = desk.evidence(own_id, "phone.mp4").open_media()
    facts = handle.facts
    assert (facts["width"], facts["height"], facts["variable_rate"]) == (1080, 1920, True)
    assert facts["rotation"] % 180 == 90
    events: Queue[Event] = Queue()
    handle.listen_to(events.put)
    chance = random.Random(11)
    waits = []
    for _ in range(40):
        moment = chance.randrange(times[-1])
        start = time.perf_counter()
        assert _shown_at(handle, events, moment) == max(at for at in times if at <= moment)
        waits.append(time.perf_counter() - start)
    issuer.times["median seek"] = round(statistics.median(waits), 3)
    issuer.times["slowest seek"] = round(max(waits), 3)
    handle.close()


def _shown_at(handle: MediaHandle, events: Queue[Event], moment: int) -> int:
    serial = handle.show(moment)
    while True:
        event = events.get(timeout=30)
        if event.name != "picture":
            continue
        answered = event.serial == serial and event.facts["exact"]
        at = event.ms
        handle.free(event, None)
        if answered:
            return at
