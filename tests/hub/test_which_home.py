"""Every test that is handed a hub runs in both homes: at once, in the long run, or with a reason why it does not."""

from types import SimpleNamespace

import pytest
from tests.homes import BEYOND, IN_FOLDER, choose_homes


class _Test(SimpleNamespace):
    """What of a collected test decides."""

    def __init__(self, home: str, *marks: pytest.MarkDecorator) -> None:
        super().__init__(nodeid=f"test[{home}]", callspec=SimpleNamespace(params={"home": home}))
        self.marks = [one.mark for one in marks]
        self.added: list[str] = []

    def iter_markers(self, name: str) -> list[pytest.Mark]:
        return [one for one in self.marks if one.name == name]

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        return next(iter(self.iter_markers(name)), None)

    def add_marker(self, marker: str | pytest.MarkDecorator) -> None:
        self.added.append(marker if isinstance(marker, str) else marker.name)


def _chosen(*marks: pytest.MarkDecorator) -> list[tuple[str, list[str]]]:
    items = [_Test(home, *marks) for home in (IN_FOLDER, BEYOND)]
    choose_homes(items)  # type: ignore[arg-type]
    return [(one.nodeid, one.added) for one in items]


def test_a_test_without_a_mark_runs_beyond_one_machine_in_the_long_run() -> None:
    assert _chosen() == [("test[folder]", []), ("test[beyond]", ["timeout", "long"])]
    assert _chosen(pytest.mark.timeout(9)) == [("test[folder]", []), ("test[beyond]", ["long"])]
    assert _chosen(pytest.mark.both_homes) == [("test[folder]", []), ("test[beyond]", ["timeout"])]


def test_a_test_stays_in_a_folder_for_a_reason_alone() -> None:
    assert _chosen(pytest.mark.in_a_folder(reason="reads the file")) == [("test[folder]", [])]
    for mark in (pytest.mark.in_a_folder, pytest.mark.in_a_folder(reason="")):
        with pytest.raises(pytest.UsageError, match="give a reason, or run it in both homes"):
            _chosen(mark)
