"""Ctrl+K finds commands, submissions by their whole titles, and artifacts by name and label."""

import pytest
from tests.gui.conftest import Open

from assessor_desk.gui import errands
from assessor_desk.gui.palette import Entry, Palette, artifact_entries, entries_of, find
from assessor_desk.gui.sizes import shortened


def _palette(opened: Open) -> Palette:
    palette = Palette(entries_of(opened.workbench), opened.workbench)
    names = opened.session.desk.artifact_names()
    palette.add(artifact_entries(opened.session, opened.workbench, names))
    return palette


def test_an_artifact_is_found_by_its_name_or_label_and_opens_with_its_submission(
    opened: Open, own_id: str
) -> None:
    palette = _palette(opened)
    assert not any("plan.md" in title for title in palette.titles), "only once it is asked for"
    palette.field.setText("plan.md")
    assert palette.titles[0] == "plan.md · 7F3A-00"
    palette.field.setText("lesson plan")
    assert palette.titles[0] == "plan.md · 7F3A-00"
    palette.field.setText("reflection.md")
    palette._on_chosen()
    opened.settle()
    shown = opened.workbench.evidence.current_artifact
    assert opened.session.submission_id == own_id
    assert shown is not None
    assert shown.name == "reflection.md"


def test_an_artifact_of_the_open_submission_comes_to_the_front(opened: Open, own_id: str) -> None:
    opened.choose(own_id)
    palette = _palette(opened)
    palette.field.setText("reflection.md · 7F3A-00")
    palette._on_chosen()
    shown = opened.workbench.evidence.current_artifact
    assert shown is not None
    assert shown.name == "reflection.md"


def test_a_submission_is_found_by_its_whole_title(opened: Open) -> None:
    row = opened.workbench.inbox.rows[0]
    assert row.title != row.short_title
    palette = _palette(opened)
    palette.field.setText(row.title)
    assert palette.titles[0].startswith(f"{row.key} · {row.short_title}")


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("space", "Evidence on this computer"),
        ("available offl", "Evidence on this computer"),
        ("backup", "Restore"),
        ("password", "Change passphrase"),
        ("quit", "Close and lock"),
        ("stick", "Connect to a hub"),
        ("custody", "Evidence on this computer"),
    ],
)
def test_a_command_is_found_by_what_people_call_it_elsewhere(opened: Open, words: str, title: str) -> None:
    palette = _palette(opened)
    palette.field.setText(words)
    assert title in palette.titles


def test_what_a_command_is_called_comes_before_what_it_is_called_elsewhere() -> None:
    entries = [Entry("One", "", lambda: None, more="lock away"), Entry("Lock", "", lambda: None)]
    assert [entry.title for entry in find("lock", entries)] == ["Lock", "One"]


def test_very_much_is_gone_through_beside_the_typing_and_the_best_of_all_comes_first(opened: Open) -> None:
    ran: list[str] = []
    far = [Entry(f"7F3A-{number} · Far", "", lambda: ran.append("far")) for number in range(6_000)]
    palette = Palette(entries_of(opened.workbench), opened.workbench)
    palette.field.setText("7f3a-5")
    palette.look_in(lambda words: find(words, far), opened.session.tasks)
    opened.qtbot.keyClicks(palette.field, "999")
    opened.qtbot.waitUntil(lambda: palette.titles == ["7F3A-5999 · Far"])
    palette._on_chosen()
    assert ran == ["far"]


def test_every_submission_is_in_the_palette_whatever_the_inbox_shows(opened: Open) -> None:
    inbox = opened.workbench.inbox
    inbox._search.setText("7F3A-02")
    opened.qtbot.waitUntil(lambda: [row.key for row in inbox.rows] == ["7F3A-02"])
    opened.workbench.run("palette")
    palette = opened.window.findChild(Palette)
    assert palette is not None
    palette.field.setText("7F3A-01")
    opened.qtbot.waitUntil(lambda: bool(palette.titles) and palette.titles[0].startswith("7F3A-01"))
    palette.reject()


def test_of_very_many_the_store_gives_what_fits_submissions_and_artifacts_alike(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "_AT_ONCE", 0)
    opened.workbench.inbox._search.setText("7F3A-02")
    opened.qtbot.waitUntil(lambda: [row.key for row in opened.workbench.inbox.rows] == ["7F3A-02"])
    monkeypatch.setattr(type(opened.session.desk), "inbox", None)
    opened.workbench.run("palette")
    palette = opened.window.findChild(Palette)
    assert palette is not None
    palette.field.setText("7f3a-01")
    opened.qtbot.waitUntil(lambda: bool(palette.titles) and palette.titles[0].startswith("7F3A-01"))
    palette.field.setText("Reflection.md · 7F3A-00")
    opened.qtbot.waitUntil(lambda: palette.titles == ["reflection.md · 7F3A-00"])
    palette.reject()


def test_what_is_not_shown_counts_after_what_is() -> None:
    def nothing() -> None:
        """Not run here."""

    hidden, shown = Entry("91BB-02 · Math", "", nothing, more="Seal of approval"), Entry("Seal", "", nothing)
    assert find("seal", [hidden, shown]) == [shown, hidden]
    assert find("ov", [hidden]) == [hidden]


def test_a_long_path_keeps_both_its_ends() -> None:
    path = "/home/ana/Documents/Micro-credentials/2026/Lakeside/autumn/exports"
    assert shortened(path, 44) == f"{path[:15]}…{path[-28:]}"
    assert len(shortened(path, 44)) == 44
    assert shortened("/home/ana", 44) == "/home/ana"
