"""The two homes that a hub has in tests: its folder, and PostgreSQL with an object store.

Every test that is handed a hub runs on the first. Those marked `both_homes` run on the second too; all others do so
with `python3 dev.py check --long`, but for those marked `in_a_folder`, whose `reason` says what of a folder they are
about.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.beyond import Beyond, missing
from tests.hub.making import make_template

IN_FOLDER, BEYOND = "folder", "beyond"
#: Seconds for a test on servers of its own: they have to start, and share the processors with it.
PATIENCE = 300


class Homes:
    """Hubs to be copied, one for each home, made when first asked for."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self.beyond = Beyond()
        self._folders = folders
        self._made: dict[str, Path] = {}

    def template(self, home: str) -> Path:
        """A hub with everything published and nothing imported, closed."""
        if home not in self._made:
            told = self.beyond.place() if home == BEYOND else None
            self._made[home] = make_template(self._folders.mktemp("template") / "hub", told)
        return self._made[home]


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    """Both, for the run."""
    homes = Homes(tmp_path_factory)
    yield homes
    homes.beyond.close()


@pytest.fixture(params=[IN_FOLDER, BEYOND])
def home(request: pytest.FixtureRequest) -> str:
    """Which of the two a test has its hub in. Skipped where servers cannot be started here; on CI that is a failure."""
    if request.param == BEYOND and (why := missing()):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{why}. Run: python3 dev.py test")
    return str(request.param)


@pytest.fixture
def beyond(home: str, homes: Homes) -> Beyond | None:
    """The servers, None for a hub in its folder."""
    return homes.beyond if home == BEYOND else None


@pytest.fixture
def template(home: str, homes: Homes) -> Path:
    """A hub that is copied and never opened."""
    return homes.template(home)


def choose_homes(items: list[pytest.Item]) -> None:
    """Leave the second home to the long run where a test does not ask for it in each, or asks for none."""
    for item in list(items):
        for mark in item.iter_markers("in_a_folder"):
            if not mark.kwargs.get("reason"):
                raise pytest.UsageError(
                    f"{item.nodeid} is in a folder alone: give a reason, or run it in both homes"
                )
        call = getattr(item, "callspec", None)
        if call is None or call.params.get("home") != BEYOND:
            continue
        if item.get_closest_marker("in_a_folder"):
            items.remove(item)
            continue
        if not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(PATIENCE))
        if not item.get_closest_marker("both_homes"):
            item.add_marker("long")
