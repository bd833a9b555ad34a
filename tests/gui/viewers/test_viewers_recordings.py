"""What an assessor does with a recording beyond playing it: anchors on its timeline, its transcript, its own window."""

from __future__ import annotations

import os
import re
import signal
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QWidget
from tests.artifacts.media_clips import clip, tone
from tests.gui.recordings import Bench, Evidence, drag, mark

from assessor_desk.domain.anchor import TimeSpan
from assessor_desk.domain.renditions import Shown
from assessor_desk.gui.original import Stage, Standing
from assessor_desk.gui.recording_preferences import RecordingPreferences
from assessor_desk.gui.viewers.timeline import Timeline
from assessor_desk.gui.viewers.timeline_scale import Scale
from assessor_desk.gui.viewers.viewer import Mark
from assessor_desk.settings import Settings

SECONDS = 12
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def marked(bench: Bench, lesson: Path) -> Bench:
    """Two anchors on the timeline."""
    bench.show(lesson)
    bench.viewer.show_marks([mark("one", 2000, 4000), mark("two", 8000, number="2", note="boards up")])
    return bench


def moved_to(bench: Bench, anchor_id: str, number: str = "1") -> Mark:
    """The pane's answer to what was moved last: the mark where it is now."""
    span = bench.moved[-1][1]
    assert isinstance(span, TimeSpan)
    return mark(anchor_id, span.start_ms, span.end_ms, number)


def test_an_anchor_is_chosen_by_keys_and_shown_where_it_begins(marked: Bench) -> None:
    marked.press(Qt.Key.Key_Right, modifier=CTRL)
    marked.wait_for(50)
    assert marked.viewer.timeline.chosen == "one"
    assert marked.said.startswith("Anchor 1  00:02–00:04")
    marked.press(Qt.Key.Key_Right, modifier=CTRL)
    marked.wait_for(200)
    assert "00:08 boards up" in marked.said


def test_tab_goes_from_mark_to_mark_and_then_on(marked: Bench) -> None:
    timeline = marked.viewer.timeline
    timeline.setFocus()
    QTest.keyClick(timeline, Qt.Key.Key_Tab)
    assert (timeline.chosen, timeline.hasFocus()) == ("one", True)
    QTest.keyClick(timeline, Qt.Key.Key_Tab)
    QTest.keyClick(timeline, Qt.Key.Key_Tab)
    assert (timeline.chosen, timeline.hasFocus()) == ("two", False)


def test_the_start_of_an_anchor_is_moved_by_pictures_and_seconds_and_kept_by_enter(marked: Bench) -> None:
    marked.press(Qt.Key.Key_Right, modifier=CTRL)
    marked.wait_for(50)
    marked.press(Qt.Key.Key_E)
    marked.wait_for(50)
    marked.press(Qt.Key.Key_Right, shifted=True)
    marked.wait_for(75)
    marked.press(Qt.Key.Key_Comma)
    marked.wait_for(74)
    assert "Moving the start" in marked.said
    keys = next(label for label in marked.viewer.findChildren(QLabel) if "Esc puts it back" in label.text())
    assert keys.isVisible()
    assert keys.height() >= keys.heightForWidth(
        keys.width()
    )  # all of it can be read, on as many lines as it takes
    assert marked.moved == []
    marked.press(Qt.Key.Key_Return)
    assert marked.moved == [("one", TimeSpan(74 * 40, 4000))]
    assert not keys.isVisible()
    marked.viewer.show_marks([moved_to(marked, "one")])
    assert marked.said.startswith("Anchor 1  00:02–00:04")  # 2.96 s: still its second
    marked.viewer.show_marks([mark("one", 1000, 4000)])  # what undoing may lead to
    assert marked.said.startswith("Anchor 1  00:01–00:04")


def test_the_end_and_the_whole_follow_and_an_end_never_crosses_the_start(marked: Bench) -> None:
    marked.press(Qt.Key.Key_Right, modifier=CTRL)
    marked.press(Qt.Key.Key_E, Qt.Key.Key_E)
    marked.wait_for(100)
    marked.press(Qt.Key.Key_Left)
    marked.press(Qt.Key.Key_E)
    assert marked.moved == [("one", TimeSpan(2000, 2100))]
    marked.viewer.show_marks([moved_to(marked, "one")])
    marked.press(Qt.Key.Key_Right)
    marked.press(Qt.Key.Key_Return)
    assert marked.moved[-1] == ("one", TimeSpan(7000, 7100))


def test_escape_puts_an_anchor_back_where_it_was(marked: Bench) -> None:
    marked.press(Qt.Key.Key_Right, modifier=CTRL)
    marked.press(Qt.Key.Key_E)
    marked.press(Qt.Key.Key_Right, shifted=True)
    marked.press(Qt.Key.Key_Escape)
    marked.bot.wait(1300)
    assert marked.moved == []
    assert marked.viewer.holding.held is None


def test_a_moment_is_moved_and_can_be_given_an_end(marked: Bench) -> None:
    marked.press(Qt.Key.Key_Right, Qt.Key.Key_Right, modifier=CTRL)
    marked.press(Qt.Key.Key_E)
    marked.press(Qt.Key.Key_Left, shifted=True)
    marked.press(Qt.Key.Key_E)
    assert marked.moved == [("two", TimeSpan(7000))]
    marked.viewer.show_marks([moved_to(marked, "two", "2")])
    marked.press(Qt.Key.Key_Right, shifted=True)
    marked.press(Qt.Key.Key_Return)
    assert marked.moved[-1] == ("two", TimeSpan(7000, 8000))


def places(timeline: Timeline, one: Mark) -> tuple[QPoint, QPoint]:
    """The middle and the right edge of a mark."""
    rect = timeline.mark_rect(one)
    return rect.center().toPoint(), QPoint(round(rect.right()) - 1, round(rect.center().y()))


def test_a_drag_moves_an_anchor_and_one_at_its_end_makes_it_longer(marked: Bench) -> None:
    timeline = marked.viewer.timeline
    second = timeline.width() / SECONDS
    middle, edge = places(timeline, timeline.marks[0])
    drag(timeline, middle, middle + QPoint(round(2 * second), 0))
    assert marked.moved[0][0] == "one"
    whole = marked.moved[0][1]
    assert isinstance(whole, TimeSpan)
    assert (round(whole.start_ms, -2), (whole.end_ms or 0) - whole.start_ms) == (4000, 2000)
    marked.viewer.show_marks([mark("one", 2000, 4000)])
    drag(timeline, edge, edge + QPoint(round(second), 0))
    longer = marked.moved[1][1]
    assert isinstance(longer, TimeSpan)
    assert (longer.start_ms, round((longer.end_ms or 0), -2)) == (2000, 5000)


def test_a_press_that_hardly_moves_is_a_click_and_moves_nothing(marked: Bench) -> None:
    activated = list[str]()
    marked.viewer.anchor_activated.connect(activated.append)
    middle, _ = places(marked.viewer.timeline, marked.viewer.timeline.marks[0])
    drag(marked.viewer.timeline, middle, middle + QPoint(2, 0))
    assert (activated, marked.moved) == (["one"], [])


def test_anchors_of_a_sealed_review_are_not_moved(marked: Bench) -> None:
    marked.viewer.allow_moving(False)
    middle, _ = places(marked.viewer.timeline, marked.viewer.timeline.marks[0])
    drag(marked.viewer.timeline, middle, middle + QPoint(120, 0))
    marked.press(Qt.Key.Key_Right, modifier=CTRL)
    marked.press(Qt.Key.Key_E)
    assert marked.said == "Anchors of a sealed review are not moved."
    assert marked.moved == []


def test_an_anchor_is_played_from_before_it_and_stops_at_its_end(marked: Bench) -> None:
    preferences = marked.viewer.preferences
    preferences.pre_roll_s = 0
    marked.viewer.anchor_playing.prefer(preferences)
    marked.viewer.manner.set_rate(2.0)
    marked.viewer.reveal(TimeSpan(2000, 3000))
    assert marked.ms == 2000
    marked.bot.waitUntil(lambda: not marked.viewer.playback.playing, timeout=5_000)
    assert marked.ms == 3000


def test_an_anchor_plays_on_where_that_is_wanted(marked: Bench) -> None:
    marked.viewer.preferences.stops_after_span = False
    marked.viewer.anchor_playing.prefer(marked.viewer.preferences)
    marked.viewer.reveal(TimeSpan(2000, 4000))
    assert marked.said.startswith("Playing anchor 1  00:02–00:04, from 5 s before")
    marked.viewer.manner.set_rate(2.0)
    marked.bot.waitUntil(lambda: marked.ms > 4300, timeout=6_000)
    assert marked.viewer.playback.playing
    assert marked.said == ""


def test_a_still_is_offered_as_a_moment_with_its_picture(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.press(Qt.Key.Key_Right)
    bench.wait_for(125)
    bench.press(Qt.Key.Key_S, shifted=True)
    assert bench.offered == [TimeSpan(5000, frame_us=bench.viewer.playback.shown_frame_us, still=True)]
    bench.viewer.reveal(TimeSpan(3000, still=True))
    assert not bench.viewer.playback.playing
    bench.wait_for(75)


def test_controls_stand_side_by_side_and_whole_however_narrow_it_is(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    controls, row = bench.viewer.controls, bench.viewer.controls.layout()
    assert row is not None
    for width in (1100, 700, 480, 400, 355, 290, 240, 700):
        bench.viewer.resize(width, 620)
        row.activate()
        seen = [one for one in controls.findChildren(QWidget) if one.parent() is controls and one.isVisible()]
        seen.sort(key=QWidget.x)
        for left, right in pairwise(seen):
            assert left.geometry().right() < right.x(), width
        assert all(one.width() >= one.minimumSizeHint().width() for one in seen), width
        assert controls.anchor in seen
        assert seen[-1].geometry().right() < width


def test_what_is_under_the_mouse_follows_a_drag_on_the_timeline(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    timeline, card = bench.viewer.timeline, bench.viewer.body.card
    there, further = QPoint(100, timeline.height() // 2), QPoint(300, timeline.height() // 2)
    QTest.mouseMove(timeline, there)
    assert card.isVisible()
    QTest.mousePress(timeline, Qt.MouseButton.LeftButton, pos=there)
    assert not card.isVisible()
    QTest.mouseMove(timeline, further)
    QTest.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=further)
    assert card.isVisible()
    assert card.geometry().left() <= timeline.x() + further.x() <= card.geometry().right()


def test_ends_of_a_loop_are_dragged(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.viewer.playback.seek(2000)
    bench.press(Qt.Key.Key_BracketLeft)
    bench.viewer.playback.seek(4000)
    bench.press(Qt.Key.Key_BracketRight)
    timeline = bench.viewer.timeline
    x = round(timeline.scale.x(4000)) + 4
    flag = QPoint(x, round(timeline.rows().times.center().y()))
    drag(timeline, flag, flag + QPoint(round(timeline.width() / SECONDS), 0))
    loop = bench.viewer.playback.loop
    assert loop is not None
    assert (loop.start_ms, round(loop.end_ms, -3)) == (2000, 5000)


# The timeline, nearer and further


def test_labels_of_two_hours_never_touch_however_near_one_looks() -> None:
    for steps in range(0, 40, 3):
        scale = Scale.whole(7_313_000, 640).closer(1.25**steps, 3_600_000)
        places = [
            (scale.x(tick.ms), len(tick.label) * 7) for tick in scale.ticks(lambda words: len(words) * 7)
        ]
        assert places
        edges = [(x - wide / 2, x + wide / 2) for x, wide in places]
        assert all(left[1] < right[0] for left, right in pairwise(edges))


def test_the_place_under_the_pointer_stays_there_while_it_comes_nearer() -> None:
    scale = Scale.whole(7_200_000, 700)
    nearer = scale.closer(8, scale.ms(500))
    assert nearer.x(scale.ms(500)) == pytest.approx(500, abs=1)
    assert nearer.shown_ms == 900_000
    assert nearer.closer(0.01, 0) == scale
    assert scale.closer(1e6, 0).shown_ms == 2_000


def test_keys_zoom_the_timeline_and_playing_turns_its_pages(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.press(*[Qt.Key.Key_Equal] * 4, modifier=CTRL)
    scale = bench.viewer.timeline.scale
    assert scale.shown_ms < 3000
    bench.viewer.playback.seek(9000)
    assert (
        bench.viewer.timeline.scale.first_ms <= 9000 <= bench.viewer.timeline.scale.first_ms + scale.shown_ms
    )
    bench.press(Qt.Key.Key_0, modifier=CTRL)
    assert not bench.viewer.timeline.scale.zoomed


def test_marks_differ_by_more_than_their_colour(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)

    def drawn(number: str) -> QImage:
        bench.viewer.show_marks([mark("one", 2000, 8000, number)])
        image = bench.viewer.timeline.grab().toImage()
        numbers = round(bench.viewer.timeline.rows().numbers.bottom())
        return image.copy(0, numbers, image.width(), image.height() - numbers)

    assert drawn("1") != drawn("2") != drawn("3")


# How it is played


def test_speed_is_stepped_by_keys_and_said(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.press(Qt.Key.Key_D, Qt.Key.Key_D)
    assert (bench.viewer.playback.rate, bench.viewer.controls.rate.text()) == (1.5, "1.5×")
    assert bench.said == "Speed 1.5×"
    bench.press(*[Qt.Key.Key_S] * 7)
    assert bench.viewer.playback.rate == 0.5
    bench.press(Qt.Key.Key_R)
    assert bench.viewer.controls.rate.text() == "1.0×"


def test_speed_volume_and_the_transcripts_width_are_remembered(
    bench: Bench, lesson: Path, tmp_path: Path
) -> None:
    bench.viewer.remember_in(Settings.load(tmp_path))
    bench.show(lesson)
    bench.press(Qt.Key.Key_D, Qt.Key.Key_M)
    bench.viewer.manner.set_volume(0.4)
    bench.viewer.body.transcript_resized.emit(0.25)
    bench.bot.wait(1150)
    kept = RecordingPreferences(Settings.load(tmp_path))
    assert (kept.rate, kept.volume, kept.muted, kept.transcript_share) == (1.25, 0.4, False, 0.25)
    other = Bench(bench.bot)
    other.viewer.remember_in(Settings.load(tmp_path))
    assert (other.viewer.playback.rate, other.viewer.playback.sound.volume) == (1.25, 0.4)
    other.close()


@pytest.mark.parametrize(
    ("typed", "why"),
    [("abc", "“abc” is no time"), ("4:75", "“4:75” is no time"), ("9:00", "The recording ends at 00:12")],
)
def test_nonsense_typed_as_a_time_is_told_and_can_be_mended(
    bench: Bench, lesson: Path, typed: str, why: str
) -> None:
    bench.show(lesson)
    bench.press(Qt.Key.Key_G)
    QTest.keyClicks(bench.window.focusWidget(), typed)
    QTest.keyClick(bench.window.focusWidget(), Qt.Key.Key_Return)
    assert bench.said.startswith(why)
    QTest.keyClicks(bench.window.focusWidget(), "0:02")
    QTest.keyClick(bench.window.focusWidget(), Qt.Key.Key_Return)
    bench.wait_for(50)


def test_where_a_recording_was_left_is_where_it_opens_again(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.viewer.playback.seek(6000)
    bench.viewer.clear()
    bench.viewer.show_artifact(Evidence(bench.client, lesson))
    bench.wait_for(150)


def test_a_window_of_its_own_takes_keys_and_gives_the_recording_back(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.press(Qt.Key.Key_F, shifted=True)
    window = bench.viewer.whereabouts.window
    assert window is not None
    assert bench.viewer.picture.window() is window
    QTest.keyClick(window, Qt.Key.Key_Right)
    bench.wait_for(125)
    QTest.keyClick(window, Qt.Key.Key_F)
    assert window.isFullScreen()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    window.resize(500, 400)
    window.close()
    assert bench.viewer.picture.window() is bench.window
    assert bench.viewer.preferences.own_window
    bench.press(Qt.Key.Key_F, shifted=True)
    assert bench.viewer.whereabouts.window is not None
    assert bench.viewer.whereabouts.window.width() == 500
    back = next(b for b in bench.viewer.findChildren(QPushButton) if b.text() == "Bring it back")
    QTest.mouseClick(back, Qt.MouseButton.LeftButton)
    assert bench.ms == 5000


def test_the_window_of_its_own_waits_out_of_sight_while_no_recording_is_shown(
    bench: Bench, lesson: Path
) -> None:
    bench.show(lesson)
    bench.press(Qt.Key.Key_F, shifted=True)
    window = bench.viewer.whereabouts.window
    assert window is not None
    bench.viewer.clear()
    bench.bot.waitUntil(window.isHidden, timeout=3_000)
    bench.show(lesson)
    assert window.isVisible()
    window.close()
    bench.press(Qt.Key.Key_F)
    bench.viewer.clear()
    assert bench.viewer.whereabouts.window is None


def test_acts_of_the_window_around_work_in_the_window_of_its_own(bench: Bench, lesson: Path) -> None:
    done = list[str]()
    act = bench.window.addAction("Next criterion")
    act.setShortcut("J")
    act.triggered.connect(lambda: done.append("J"))
    bench.show(lesson)
    bench.press(Qt.Key.Key_F, shifted=True)
    window = bench.viewer.whereabouts.window
    assert window is not None
    window.activateWindow()
    bench.bot.waitUntil(window.isActiveWindow, timeout=3_000)
    QTest.keyClick(window, Qt.Key.Key_J)
    assert done == ["J"]


def test_writing_pauses_if_wanted_and_it_goes_on_from_a_little_before(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.viewer.playback.seek(5000)
    bench.viewer.toggle_play()
    assert bench.viewer.pause_to_write()
    assert re.search(r"Paused while you write. \S+ goes on", bench.said)
    paused = bench.ms
    bench.viewer.resume()
    assert bench.viewer.playback.playing
    assert bench.ms == pytest.approx(paused - 2000, abs=100)
    bench.viewer.preferences.pauses_for_writing = False
    assert not bench.viewer.pause_to_write()
    assert bench.viewer.playback.playing


# What is said of it


def test_it_says_which_copy_is_seen_and_that_there_is_no_sound(bench: Bench, tmp_path: Path) -> None:
    silent = tmp_path / "silent.mp4"
    clip(silent, 1, sound=False)
    bench.show(silent)
    assert bench.viewer.body.status.copy_words == "The original"
    assert bench.said == "This recording has no sound."
    assert bench.viewer.controls.volume.accessibleName() == "This recording has no sound"


def test_a_small_copy_is_said_to_be_one_and_the_original_can_be_fetched(bench: Bench, lesson: Path) -> None:
    wanted = list[str]()
    viewer, status = bench.viewer, bench.viewer.body.status
    viewer.original_wanted.connect(lambda: wanted.append("fetch"))
    viewer.original_given_up.connect(lambda: wanted.append("give up"))
    viewer.reopening_wanted.connect(lambda: wanted.append("show"))
    evidence = Evidence(bench.client, lesson)
    evidence.rendition_words = "A small copy from the source. The original (900 MB) comes on demand."
    evidence.shown = Shown.SMALL
    viewer.show_artifact(evidence)
    bench.wait_for(0)
    assert status.copy_words == "A small copy from the source"
    viewer.show_original(Standing(Stage.LATER, 0, 900_000_000))
    status.fetch.setFocus()
    QTest.keyClick(status.fetch, Qt.Key.Key_Space)
    viewer.show_original(Standing(Stage.COMING, 90_000_000, 900_000_000))
    assert status.give_up.hasFocus()
    assert status.copy_words == "Original: 10 % of 900 MB"
    assert status.fetch.isHidden()
    QTest.mouseClick(status.give_up, Qt.MouseButton.LeftButton)
    viewer.show_original(Standing(Stage.WAITING, 90_000_000, 900_000_000))
    assert status.copy_words == "The original comes with the next round"
    viewer.show_original(Standing(Stage.HERE))
    QTest.mouseClick(status.fetch, Qt.MouseButton.LeftButton)
    assert wanted == ["fetch", "give up", "show"]
    bench.show(lesson)
    viewer.show_original(Standing(Stage.HERE))
    assert status.copy_words == "The original"
    assert status.fetch.isHidden()


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no process can be held up here")
def test_a_picture_that_does_not_come_is_said_to_be_waited_for(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    for one in bench.workers():
        os.kill(one.pid, signal.SIGSTOP)
    bench.viewer.playback.seek(6000)
    bench.bot.waitUntil(lambda: bench.viewer.picture.words == "Loading the picture…", timeout=3_000)
    for one in bench.workers():
        os.kill(one.pid, signal.SIGCONT)
    bench.wait_for(150)
    assert bench.viewer.picture.words == ""


def test_a_recording_that_ends_early_is_told_and_shown_on_the_timeline(bench: Bench, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.mkv", tmp_path / "cut.mkv"
    clip(whole, 20)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    bench.show(cut)
    bench.bot.waitUntil(lambda: bool(bench.told), timeout=5_000)
    assert "“cut.mkv” is incomplete: it ends at 00:" in bench.told[0]
    ends = bench.viewer.timeline.ends_ms
    assert ends is not None
    assert 5_000 < ends < 15_000


def test_the_menu_has_every_act_with_its_key_and_only_what_is_possible(bench: Bench, tmp_path: Path) -> None:
    talk = tmp_path / "talk.m4a"
    tone(talk, 2)
    bench.show(talk)
    menu = QMenu()
    bench.viewer.controls.more_wanted.emit(menu)
    entries = {act.text().split("\t")[0]: act for act in menu.actions() if act.text()}
    assert entries["Faster"].text() == "Faster\tD"
    assert not entries["Keep this picture as a still"].isEnabled()
    assert not entries["Transcript"].isEnabled()
    entries["Slower"].trigger()
    assert bench.viewer.playback.rate == 0.75
    menu.deleteLater()
