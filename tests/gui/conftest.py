"""A desk in a window: real files, a real database, real lanes; only the network is left out."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from assessor_desk import places
from assessor_desk.artifacts.vault import Vault
from assessor_desk.desk import Desk
from assessor_desk.domain.changes import Blob, Published, SourceChanges
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.submission import Artifact, Assignment, Part, Submission, submission_id
from assessor_desk.gui import theme
from assessor_desk.gui.main_window import MainWindow
from assessor_desk.gui.notices import Notices
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session
from assessor_desk.gui.tasks import Tasks
from assessor_desk.gui.workbench import Workbench
from assessor_desk.keys.envelope import Envelope
from assessor_desk.rubric_files import load_policy, load_rubric, policy_to_json, rubric_to_json

SOURCE = "urn:uuid:7b1f3f8e-62c0-4d6e-8a52-7d8d4b1f0a11"
PASSPHRASE = "violet harbour ladder"
PLAN = b"# Lesson plan\n\nPupils mark their own exit tickets; the quokka waits.\n"
SETTLES_MS = 5000


@dataclass(frozen=True)
class NewDesk:
    """A desk just made. Deriving a key takes a third of a second, so each test copies this one."""

    folder: Path
    data_key: bytes
    recovery_key: str

    def copy_to(self, folder: Path) -> Path:
        shutil.copytree(self.folder, folder)
        return folder


@pytest.fixture(scope="session")
def new_desk(tmp_path_factory: pytest.TempPathFactory) -> NewDesk:
    """A desk without submissions."""
    folder = tmp_path_factory.mktemp("new") / "desk"
    desk, recovery_key = Desk.create(folder, PASSPHRASE)
    desk.close()
    return NewDesk(folder, Envelope.load(folder / "keys.json").unlock(PASSPHRASE), recovery_key)


def page_of(
    count: int, due: Callable[[int], timedelta] = lambda number: timedelta(days=number)
) -> SourceChanges:
    """That many submissions with a plan, the first due now, the others as `due` says."""
    rubric = load_rubric(places.rubrics() / "formative-assessment-math.yaml")
    policy = load_policy(places.resources() / "policies" / "default.yaml")
    now = datetime.now(UTC)
    found = tuple(_submission(number, rubric.id) for number in range(count))
    assignments = tuple(
        Assignment(
            f"assignment-{one.key}", one.id, "p-17", Role.ASSESSOR, Purpose.ASSESS, rubric.id, rubric.version,
            policy.id, policy.version, now + due(number),
        )
        for number, one in enumerate(found)
    )  # fmt: skip
    return SourceChanges(
        "c1",
        rubrics=(Published(rubric.id, rubric.version, rubric_to_json(rubric)),),
        policies=(Published(policy.id, policy.version, policy_to_json(policy)),),
        submissions=found,
        assignments=assignments,
    )


def _submission(number: int, rubric_id: str) -> Submission:
    plan = Artifact("plan", Part.OVERVIEW, "plan.md", "Lesson plan", "text/markdown", len(PLAN), "bb" * 32)
    reflection = Artifact("reflection", Part.REFLECTION, "reflection.md", "", "text/markdown", 20, "cc" * 32)
    own_id = submission_id(SOURCE, str(number))
    return Submission(own_id, SOURCE, f"7F3A-{number:02}", rubric_id, 1, (plan, reflection))


@pytest.fixture(scope="session")
def filled_desk(new_desk: NewDesk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a desk with four submissions, the first one's plan in its vault; taking them in takes a while."""
    folder = new_desk.copy_to(tmp_path_factory.mktemp("filled") / "desk")
    with Desk.open_with_key(folder, new_desk.data_key) as made:
        changes = page_of(4)
        made.store.accept(changes)
        first = changes.submissions[0]
        sealed = Vault(made.folder / "vault").write(BytesIO(PLAN), len(PLAN))
        blob = Blob(first.id, "plan", sealed.digest, sealed.length, sealed.key)
        made.store.accept(SourceChanges("c2", blobs=(blob,)))
        made.store.artifact_arrived(first.id, "plan")
    return folder


@pytest.fixture
def desk(tmp_path: Path, new_desk: NewDesk, filled_desk: Path) -> Iterator[Desk]:
    """An open desk with four submissions, the first one's plan in its vault."""
    shutil.copytree(filled_desk, tmp_path / "desk")
    with Desk.open_with_key(tmp_path / "desk", new_desk.data_key) as made:
        yield made


@pytest.fixture
def own_id(desk: Desk) -> str:
    """The id of the first submission."""
    return desk.find("7F3A-00")


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    """Lanes, drained at the end."""
    lanes = Tasks()
    yield lanes
    lanes.drain()


@pytest.fixture
def session(desk: Desk, tasks: Tasks) -> Iterator[Session]:
    """A session without a window."""
    theme.apply(theme.Appearance.LIGHT)
    notices = Notices()
    yield Session(desk, tasks, notices)
    notices.deleteLater()


@dataclass(frozen=True)
class Open:
    """A window with a workbench in it."""

    window: MainWindow
    workbench: Workbench
    session: Session
    preferences: Preferences
    qtbot: QtBot

    def settle(self) -> None:
        """Wait until both lanes have done what they were handed and the window has heard of it."""
        done: list[str] = []
        self.session.tasks.store(lambda: None, lambda _: done.append("store"))
        self.qtbot.waitUntil(lambda: bool(done), timeout=SETTLES_MS)
        self.session.tasks.side(lambda: None, lambda _: done.append("side"))
        self.qtbot.waitUntil(lambda: len(done) == 2, timeout=SETTLES_MS)

    def choose(self, submission_id: str) -> None:
        """Open a submission as a click in the inbox does."""
        self.workbench.inbox.choose(submission_id)
        self.qtbot.waitUntil(lambda: self.session.case is not None, timeout=SETTLES_MS)
        self.settle()


@contextlib.contextmanager
def opened_window(desk: Desk, tasks: Tasks, qtbot: QtBot) -> Iterator[Open]:
    """A window on the desk, on the screen, its inbox filled."""
    theme.load_fonts()
    theme.apply(theme.Appearance.LIGHT)
    preferences = Preferences(desk.settings)
    window, notices = MainWindow(preferences), Notices()
    session = Session(desk, tasks, notices, window)
    workbench = Workbench(session, preferences, window)
    window.show_workbench(workbench, session, preferences)
    notices.settle_on(window)
    workbench.furnish()
    with qtbot.waitSignal(workbench.inbox.shown, timeout=SETTLES_MS):
        window.show()
        workbench.show_desk()
    window.activateWindow()
    opened = Open(window, workbench, session, preferences, qtbot)
    opened.settle()
    yield opened
    workbench.leave()
    tasks.drain()
    window.close_now()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def opened(desk: Desk, tasks: Tasks, qtbot: QtBot) -> Iterator[Open]:
    """The window on this test's desk."""
    with opened_window(desk, tasks, qtbot) as window:
        yield window
