#!/usr/bin/env python3
"""Pictures of every screen, for people to look at: light and dark, 1366 × 768, and at 200 %.

    python3 dev.py screenshots [FOLDER]

The pictures go to FOLDER (`build/screenshots` unless named). The screens are those of the sample desk:
a hub in a child process, submissions synced from it, a review begun. With a display the window is shown on it, else it
is drawn offscreen.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PASSPHRASE = "demo"
RATIONALE = "Twelve of 20 boards are up at 0:25 before anyone speaks; the tables at the back follow at 0:31."
MOMENTS = (
    (18_000, 31_000, "the question, then the boards"),
    (25_000, 29_500, "all boards go up"),
    (66_000, 84_000, "three groups, by answer"),
)
WAIT_SECONDS = 90


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "screenshots")
    parser.add_argument("--series", help=argparse.SUPPRESS)
    parser.add_argument("--desk", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    if args.series:
        return take_series(args.series, args.desk, args.folder.resolve())
    return take_all(args.folder.resolve())


# -- one process per series, because a scale is fixed when Qt starts ---------------------------------------------

SERIES = {
    "light": ("light", (1440, 900), "1"),
    "dark": ("dark", (1440, 900), "1"),
    "contrast": ("contrast", (1440, 900), "1"),
    "laptop": ("light", (1366, 768), "1"),
    "twice": ("light", (960, 600), "2"),
}


def take_all(folder: Path) -> int:
    """All series, on copies of one desk."""
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as temporary:
        desk = make_desk(Path(temporary))
        for name, (_, _, scale) in SERIES.items():
            copy = shutil.copytree(desk, Path(temporary) / name / "desk")
            command = [sys.executable, __file__, str(folder), "--series", name, "--desk", str(copy)]
            subprocess.run(command, check=True, env={**os.environ, "QT_SCALE_FACTOR": scale})
    print(f"{len(list(folder.glob('*.png')))} pictures are in {folder}")
    return 0


def make_desk(folder: Path) -> Path:
    """A desk with the sample submissions, one of them begun."""
    from assessor_desk.cli.sample_hub import HubProcess, make_sample_hub
    from assessor_desk.desk import Desk
    from assessor_desk.domain.anchor import TimeSpan
    from assessor_desk.domain.review import TextField
    from assessor_desk.domain.roles import Role

    codes = make_sample_hub(folder / "hub")
    desk, _ = Desk.create(folder / "desk", PASSPHRASE)
    with desk, HubProcess(folder / "hub") as hub:
        desk.connect(hub.url, codes[Role.ASSESSOR], PASSPHRASE)
        desk.sync()
        own_id = desk.inbox()[0].submission_id
        desk.record_completeness(own_id)
        criteria = desk.case(own_id).rubric.criteria
        for number, criterion in enumerate(criteria[:2]):
            desk.record_score(own_id, criterion.id, criterion.levels[-1 - number].id)
        desk.write_text(own_id, TextField.RATIONALE, RATIONALE, criteria[2].id)
        video = next(one for one in desk.case(own_id).submission.shown if one.media_type.startswith("video/"))
        for criterion, (start, end, note) in zip(criteria, MOMENTS, strict=False):
            desk.place_anchor(own_id, video.id, TimeSpan(start, end), note, criterion.id)
    return folder / "desk"


def take_series(name: str, desk_folder: Path, folder: Path) -> int:
    """One appearance at one size."""
    from PySide6.QtWidgets import QApplication

    from assessor_desk.gui import app
    from assessor_desk.settings import Settings

    appearance, size, _ = SERIES[name]
    Settings.load(desk_folder).set("appearance", appearance)
    camera = Camera(app.application(), folder, name)
    camera.pages_before_a_desk(desk_folder, size)
    with app.Program(desk_folder, passphrase=PASSPHRASE) as program:
        program.window.resize(*size)
        camera.until(lambda: program.window.workbench is not None and program.window.workbench.furnished)
        camera.workbench(program)
        program.window.close()
        camera.until(lambda: not program.window.isVisible())
    QApplication.processEvents()
    return 0


class Camera:
    """Waits for what is to be seen, and takes a picture of it."""

    def __init__(self, application: object, folder: Path, series: str) -> None:
        self._application, self._folder, self._series = application, folder, series
        self._number = 0

    def until(self, seen: Callable[[], bool]) -> None:
        """Let the window work until `seen`."""
        end = time.monotonic() + WAIT_SECONDS
        while not seen():
            if time.monotonic() > end:
                raise RuntimeError(f"Series {self._series}: waited in vain after picture {self._number}")
            self.rest(0.02)

    def rest(self, seconds: float = 0.6) -> None:
        """Let the window work for a while."""
        from PySide6.QtWidgets import QApplication

        end = time.monotonic() + seconds
        while time.monotonic() < end:
            QApplication.processEvents()
            time.sleep(0.005)

    def take(self, widget: object, title: str) -> None:
        """A picture of a widget."""
        from PySide6.QtWidgets import QWidget

        assert isinstance(widget, QWidget)
        self.rest()
        self._number += 1
        widget.grab().save(str(self._folder / f"{self._series}-{self._number:02}-{title}.png"))

    def pages_before_a_desk(self, desk_folder: Path, size: tuple[int, int]) -> None:
        """First run and unlocking."""
        from assessor_desk.domain.errors import Refused
        from assessor_desk.gui import app, theme
        from assessor_desk.gui.pages.connect import ConnectPage
        from assessor_desk.gui.pages.first_run import FirstRun
        from assessor_desk.gui.pages.recovery_key import RecoveryKeyPage
        from assessor_desk.gui.pages.unlock import Unlock

        with app.Program(desk_folder) as program:
            program.window.resize(*size)
            self.until(lambda: isinstance(program.window.page, Unlock))
            unlock = program.window.page
            assert isinstance(unlock, Unlock)
            unlock.refuse(
                Refused("That is not the passphrase of this desk. Check capital letters and try again")
            )
            self.take(program.window, "unlock")
            theme.apply(theme.Appearance(SERIES[self._series][0]))
            program.window.show_page(FirstRun(Path.home() / "assessor-desk", program.tasks, app.create_desk))
            self.take(program.window, "first-run")
            program.window.show_page(RecoveryKeyPage("ADF0-5KRD-Z7SD-Q06P-MBX6-ZA7R-R0GJ-998S"))
            self.take(program.window, "recovery-key")
            program.window.show_page(ConnectPage(program.tasks, lambda *_: None))  # type: ignore[arg-type,return-value]
            self.take(program.window, "connect")
            program.window.close()

    def workbench(self, program: object) -> None:
        """The inbox, a submission with each of its artifacts, and what opens over them."""
        from assessor_desk.gui.app import Program
        from assessor_desk.gui.playing import Playing

        assert isinstance(program, Program)
        assert program.session is not None
        workbench, session = program.window.workbench, program.session
        assert workbench is not None
        self.until(lambda: len(workbench.inbox.rows) > 0)
        self.take(program.window, "inbox")
        workbench.inbox.step(1)
        self.until(lambda: session.case is not None)
        assert session.case is not None
        for artifact in session.case.submission.shown[:5]:
            self.rest(2.0)
            if isinstance(viewer := workbench.evidence.viewer, Playing):
                viewer.playback.seek_by(MOMENTS[1][0] + 500)
                self.rest(2.0)
            self.take(program.window, f"evidence-{Path(artifact.name).stem}")
            workbench.run("next_artifact")
        self._dialogs(program)
        workbench.inbox.step(1)
        self.take(program.window, "completeness")

    def _dialogs(self, program: object) -> None:
        from PySide6.QtWidgets import QApplication, QWidget

        from assessor_desk.gui.app import Program

        assert isinstance(program, Program)
        workbench = program.window.workbench
        assert workbench is not None
        for act in ("palette", "settings", "shortcuts", "help", "connect", "seal", "verify"):
            workbench.run(act)
            self.rest()
            over = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not program.window]
            for widget in over:
                self.take(widget, act)
                widget.close()
            assert over or isinstance(workbench, QWidget)


if __name__ == "__main__":
    sys.exit(main())
