"""After a whole session neither a word that was typed nor bytes of any artifact stand in a file of desk or hub.

The session is the window's own: connect, sync, look at each kind of artifact through the workers, type, anchor, seal,
send. The files are searched afterwards, while the desk is still open and once it is closed.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from assessor_desk.cli.sample_hub import make_sample_hub
from assessor_desk.desk import Desk
from assessor_desk.domain.anchor import Whole
from assessor_desk.domain.review import TextField
from assessor_desk.domain.roles import Role
from assessor_desk.gui.notices import Notices
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session
from assessor_desk.gui.tasks import Tasks
from assessor_desk.gui.workbench import Workbench
from assessor_desk.hub.serve import Server
from assessor_desk.places import resources

PASSPHRASE = "nine lemurs at dawn"
SAMPLE_BYTES = 32
SAMPLES_PER_FILE = 24
#: Words that stand nowhere else, typed into every text.
TYPED = ("Zaunkoenig", "Brachvogel", "Wiedehopf", "Gartenrotschwanz", "Sumpfmeise", "Eisvogelnest")
OVERALL = (
    "Gartenrotschwanz. Your plan asks one question that every pupil answers before anybody speaks, and the answers "
    "decide what the next ten minutes are for. Across the criteria the evidence shows the same habit: you look first "
    "and act afterwards, and pupils know that their answers change the lesson."
)


def samples() -> list[tuple[str, bytes]]:
    """Stretches of every artifact's bytes that are unlike any other file's: name → 32 bytes."""
    chance, found = random.Random(5), []
    for path in sorted((resources() / "demo" / "files").rglob("*.*")):
        content = path.read_bytes()
        starts = [0, len(content) - SAMPLE_BYTES]
        starts += [chance.randrange(len(content) - SAMPLE_BYTES) for _ in range(SAMPLES_PER_FILE)]
        pieces = {content[start : start + SAMPLE_BYTES] for start in starts}
        # A run of one byte, as at the end of a box of a video, may stand anywhere.
        found += [(path.name, piece) for piece in pieces if len(set(piece)) > SAMPLE_BYTES // 3]
    return found


def in_plain(folder: Path, wanted: list[tuple[str, bytes]]) -> list[str]:
    """What of `wanted` stands in a file below `folder`, and where."""
    found = []
    for path in (each for each in folder.rglob("*") if each.is_file()):
        content = path.read_bytes()
        found += [f"{name} in {path.relative_to(folder)}" for name, piece in wanted if piece in content]
    return found


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[tuple[Server, str]]:
    """The sample hub, answering, and a code for its assessor."""
    codes = make_sample_hub(tmp_path / "hub")
    with Server(tmp_path / "hub") as server:
        yield server, codes[Role.ASSESSOR]


class Sitting:
    """The workbench on a desk, worked with as a person would."""

    def __init__(self, qtbot: QtBot, desk: Desk) -> None:
        self.qtbot, self.desk = qtbot, desk
        self.tasks = Tasks()
        self.crashes: list[BaseException] = []
        self.tasks.crashed.connect(self.crashes.append)
        self.session = Session(desk, self.tasks, Notices())
        self.bench = Workbench(self.session, Preferences(desk.settings))
        self.bench.furnish()
        self.session.notices.settle_on(self.bench)
        self.bench.resize(1366, 768)
        self.bench.show()

    def open(self, submission_id: str) -> None:
        self.session.select(submission_id)
        self.until(lambda: self.session.case is not None and self.session.case.submission.id == submission_id)

    def until(self, holds: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(holds, timeout=20_000)

    def look_at_everything(self) -> set[str]:
        """Go through all artifacts until each viewer shows something; the kinds of viewers seen."""
        seen, case = set(), self.session.case
        assert case is not None
        evidence = self.bench.evidence
        for _ in case.submission.shown:
            self.until(lambda: evidence.viewer is not None and evidence.viewer.current_selector() is not None)
            seen.add(type(evidence.viewer).__name__)
            self.bench.run("anchor")
            self.settle()
            evidence.step_artifact(1)
        return seen

    def settle(self) -> None:
        arrived: list[None] = []
        self.tasks.store(lambda: None, arrived.append)
        self.until(lambda: bool(arrived))

    def type_everywhere(self) -> None:
        fields = [one for one in self.bench.rubric.findChildren(QPlainTextEdit) if one.isVisible()]
        for field, word in zip(fields, TYPED * 3, strict=False):
            field.setFocus()
            QTest.keyClicks(field, word)
        self.qtbot.wait(400)
        self.bench.flush()
        self.settle()

    def end(self) -> None:
        self.bench.leave()
        self.tasks.drain()
        self.bench.deleteLater()
        assert self.crashes == []


def finish(desk: Desk, own_id: str) -> tuple[str, ...]:
    """What is still needed before sealing; the attestations asked for."""
    case = desk.case(own_id)
    artifact = case.submission.shown[0].id
    _, anchor = desk.place_anchor(own_id, artifact, Whole(), "Eisvogelnest")
    for number, criterion in enumerate(case.rubric.criteria):
        desk.record_score(own_id, criterion.id, criterion.levels[-1].id)
        desk.give_anchor(own_id, anchor, criterion.id)
        why = f"{TYPED[number % 6]} {number}: every pupil writes an answer before one is heard, the groups follow them."
        desk.write_text(own_id, TextField.RATIONALE, why, criterion.id)
        strength = f"{TYPED[-number % 6]} {number}: nobody can hide behind a raised hand."
        desk.write_text(own_id, TextField.STRENGTH, strength, criterion.id)
    desk.write_text(own_id, TextField.OVERALL, OVERALL)
    return tuple(one.id for one in desk.case(own_id).policy.attestations)


def test_a_session_leaves_no_word_and_no_artifact_in_plain(
    qtbot: QtBot, hub: tuple[Server, str], tmp_path: Path
) -> None:
    server, code = hub
    wanted = [*samples(), *((word, word.encode()) for word in TYPED)]
    wanted += [(word, word.encode("utf-16-le")) for word in TYPED]
    wanted += [(PASSPHRASE, PASSPHRASE.encode())]
    desk = Desk.create(tmp_path / "desk", PASSPHRASE)[0]
    desk.connect(server.url, code, PASSPHRASE)
    desk.sync()
    sitting = Sitting(qtbot, desk)
    seen: set[str] = set()
    for row in desk.inbox():
        desk.record_completeness(row.submission_id)
        sitting.open(row.submission_id)
        seen |= sitting.look_at_everything()
        sitting.type_everywhere()
    assert {"PdfViewer", "ImageViewer", "WordViewer", "MediaViewer"} <= seen
    own_id = desk.find("91BB-02")
    desk.seal_packet(own_id, PASSPHRASE, finish(desk, own_id))
    assert desk.sync().delivered == 1
    assert in_plain(tmp_path / "desk", wanted) == []
    sitting.end()
    desk.close()
    assert in_plain(tmp_path / "desk", wanted) == []
    assert in_plain(tmp_path / "hub", wanted) == []


def test_the_search_would_find_a_file_in_plain(tmp_path: Path) -> None:
    wanted = [*samples(), ("Wiedehopf", b"Wiedehopf")]
    assert len({name for name, _ in wanted}) > 20
    source = next((resources() / "demo" / "files").rglob("lesson-plan.docx"))
    shutil.copy(source, tmp_path / "leaked")
    (tmp_path / "notes").write_text("the Wiedehopf", encoding="utf-8")
    found = in_plain(tmp_path, wanted)
    assert any("lesson-plan.docx in leaked" in line for line in found)
    assert "Wiedehopf in notes" in found
