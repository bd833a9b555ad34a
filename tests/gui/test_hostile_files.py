"""No file can crash or freeze the window: each of `tests/golden/hostile` is shown, or told in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from tests.golden.make_hostile import FILES, FOLDER
from tests.gui.assessing.making import Template, make_template
from tests.gui.mutating import whole_files
from tests.gui.opening import MOST_BY_FLOOR, floor_of, opener

from assessor_desk.desk import Desk
from assessor_desk.gui.tasks import Tasks


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Template:
    return make_template(tmp_path_factory.mktemp("hostile"), root)


@pytest.fixture
def desk(template: Template, tmp_path: Path) -> Iterator[Desk]:
    with template.open(tmp_path / "desk") as opened:
        yield opened


def test_the_corpus_is_what_its_script_makes() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(FILES)
    for name in ("pdf-javascript.pdf", "svg-laughs.svg", "mp4-four-billion-frames.mp4", "docx-laughs.docx"):
        assert (FOLDER / name).read_bytes() == FILES[name]()


def test_hostile_files_are_shown_or_told_in_the_window(
    desk: Desk, template: Template, tasks: Tasks, qtbot: QtBot
) -> None:
    """Some of them in every run, from each kind."""
    open_all(desk, template, tasks, qtbot, sorted(FILES)[::8])


@pytest.mark.long
@pytest.mark.timeout(900)
def test_every_hostile_file_is_shown_or_told_in_the_window(
    desk: Desk, template: Template, tasks: Tasks, qtbot: QtBot
) -> None:
    open_all(desk, template, tasks, qtbot, sorted(FILES))


def open_all(desk: Desk, template: Template, tasks: Tasks, qtbot: QtBot, names: list[str]) -> None:
    """Beside them, by the work that it makes for the main thread, a sound file of each kind is the measure."""
    crashes: list[BaseException] = []
    tasks.crashed.connect(crashes.append)
    sound = {f"sound{suffix}": data for suffix, data in whole_files(desk.folder).items()}
    files = sound | {name: (FOLDER / name).read_bytes() for name in names}
    with opener(desk, template, files, tasks, qtbot) as (opening, artifacts):
        for own_id, name in artifacts:
            shown = opening.open(own_id, name)
            assert shown.view or shown.sentence.rstrip().endswith((".", "!")), shown
    opening.heart.tell()
    assert crashes == []
    assert len(opening.seen) == len(files)
    assert opening.heart.longest.worked < MOST_BY_FLOOR * floor_of(opening, sound), opening.heart.longest
