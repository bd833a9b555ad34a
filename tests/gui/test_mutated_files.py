"""Files with bytes lost or changed, opened in the window one after another: it stays alive and does not stand still."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from tests.gui.assessing.making import Template, make_template
from tests.gui.mutating import mutated, whole_files
from tests.gui.opening import MOST_BY_FLOOR, floor_of, opener

from assessor_desk.desk import Desk
from assessor_desk.gui.tasks import Tasks

ORDINARY = {".pdf": 26, ".docx": 24, ".png": 20, ".jpg": 20, ".mp4": 5, ".webm": 5}
A_LONG_ROUND = {".pdf": 17, ".docx": 17, ".png": 17, ".jpg": 17, ".mp4": 16, ".webm": 16}
ROUNDS = 10


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Template:
    return make_template(tmp_path_factory.mktemp("mutated"), root)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return whole_files(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def desk(template: Template, tmp_path: Path) -> Iterator[Desk]:
    with template.open(tmp_path / "desk") as opened:
        yield opened


def broken(whole: dict[str, bytes], counts: dict[str, int], seed: int) -> dict[str, bytes]:
    rng = random.Random(seed)
    return {
        f"{number:02}{suffix}": mutated(whole[suffix], suffix, rng)
        for suffix, count in counts.items()
        for number in range(count)
    }


def open_all(
    desk: Desk,
    template: Template,
    whole: dict[str, bytes],
    counts: dict[str, int],
    seed: int,
    tasks: Tasks,
    qtbot: QtBot,
) -> None:
    """After a sound file of each kind, which is the measure of the work that a broken one may make."""
    crashes: list[BaseException] = []
    tasks.crashed.connect(crashes.append)
    sound = {f"sound{suffix}": data for suffix, data in whole.items()}
    files = sound | broken(whole, counts, seed)
    assert len(files) - len(sound) >= 100
    with opener(desk, template, files, tasks, qtbot, f"MU-{seed}") as (opening, artifacts):
        for own_id, name in artifacts:
            shown = opening.open(own_id, name)
            assert shown.view or shown.sentence, shown
    opening.heart.tell()
    assert crashes == []
    assert opening.heart.longest.worked < MOST_BY_FLOOR * floor_of(opening, sound), opening.heart.longest


def test_a_hundred_mutated_files_leave_the_window_alive(
    desk: Desk, template: Template, whole: dict[str, bytes], tasks: Tasks, qtbot: QtBot
) -> None:
    open_all(desk, template, whole, ORDINARY, 1, tasks, qtbot)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(100, 100 + ROUNDS))
def test_a_thousand_mutated_files_leave_the_window_alive(
    desk: Desk, template: Template, whole: dict[str, bytes], tasks: Tasks, qtbot: QtBot, seed: int
) -> None:
    open_all(desk, template, whole, A_LONG_ROUND, seed, tasks, qtbot)
