"""The viewer of sound and video, with real recordings and the real worker."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QPushButton
from pytestqt.qtbot import QtBot
from tests.artifacts.media_clips import clip, tone, with_captions_inside
from tests.gui.recordings import Bench, Evidence, drag

from assessor_desk.domain.anchor import Anchor, PageRegion, TimeSpan
from assessor_desk.gui import theme
from assessor_desk.gui.actions import default_keys
from assessor_desk.gui.viewers.clock import Clock
from assessor_desk.gui.viewers.time_words import parse_time, rate_words, time_words
from assessor_desk.gui.viewers.viewer import Mark

SECONDS = 12
INSIDE = (
    "1\n00:00:01,000 --> 00:00:02,000\nHow many is that?\n\n"
    "2\n00:00:02,500 --> 00:00:03,500\nTwelve, I <i>think</i>.\n"
)
CAPTIONS = "WEBVTT\n\n00:02.000 --> 00:04.000\nHow many is that?\n"


@pytest.fixture
def bench(qtbot: QtBot, qapp: object) -> Iterator[Bench]:
    theme.apply(theme.Appearance.LIGHT)
    bench = Bench(qtbot)
    yield bench
    bench.close()
    qtbot.wait(1)


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lesson") / "lesson.mp4"
    clip(path, SECONDS)
    return path


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("talk") / "talk.m4a"
    tone(path, 4)
    return path


def test_it_plays_in_time_and_pauses_at_once(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.press(Qt.Key.Key_Space)
    bench.bot.waitUntil(lambda: bench.ms > 1000, timeout=5_000)
    bench.press(Qt.Key.Key_Space)
    stopped = bench.ms
    bench.bot.wait(120)
    assert bench.ms == stopped
    assert bench.number() == stopped // 40


def test_keys_seek_and_step_to_the_exact_picture(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.press(Qt.Key.Key_Right)
    bench.wait_for(125)
    bench.press(Qt.Key.Key_Left, shifted=True)
    bench.wait_for(100)
    bench.press(Qt.Key.Key_Period)
    bench.wait_for(101)
    bench.press(Qt.Key.Key_Comma)
    bench.wait_for(100)
    bench.press(Qt.Key.Key_Comma)
    bench.wait_for(99)
    assert bench.ms == 99 * 40
    bench.press(Qt.Key.Key_End)
    bench.wait_for(SECONDS * 25 - 1)
    bench.press(Qt.Key.Key_Home)
    bench.wait_for(0)


def test_playing_to_the_end_stops_there_and_plays_again_from_the_start(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.viewer.playback.seek(SECONDS * 1000 - 300)
    bench.viewer.toggle_play()
    bench.bot.waitUntil(lambda: not bench.viewer.playback.playing, timeout=5_000)
    assert bench.ms == bench.viewer.playback.duration_ms
    bench.viewer.toggle_play()
    bench.bot.waitUntil(lambda: 0 < bench.ms < 3000, timeout=5_000)


def test_twice_the_rate_covers_twice_the_time(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.viewer.set_rate(2.0)
    bench.viewer.toggle_play()
    bench.bot.waitUntil(lambda: bench.ms > 0, timeout=5_000)
    start = bench.ms
    bench.bot.wait(1000)
    assert 1700 < bench.ms - start < 2500


def test_a_anchors_this_moment(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.press(Qt.Key.Key_Right, Qt.Key.Key_A)
    assert bench.offered == [TimeSpan(5000)]


def test_in_and_out_points_make_a_span_that_a_anchors(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.viewer.playback.seek(2000)
    bench.press(Qt.Key.Key_I)
    bench.viewer.playback.seek(4500)
    bench.press(Qt.Key.Key_O)
    assert bench.viewer.controls.anchor.text() == "Anchor span"
    bench.press(Qt.Key.Key_A, Qt.Key.Key_A)
    assert bench.offered == [TimeSpan(2000, 4500), TimeSpan(4500)]


def test_a_drag_above_the_waveform_chooses_a_span_and_one_on_it_seeks(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    timeline = bench.viewer.timeline
    quarter = timeline.width() // 4
    drag(timeline, QPoint(quarter, 6), QPoint(2 * quarter, 6))
    span = bench.viewer.current_selector()
    assert isinstance(span, TimeSpan)
    assert (round(span.start_ms, -2), round((span.end_ms or 0), -2)) == (3000, 6000)
    drag(timeline, QPoint(quarter, 30), QPoint(3 * quarter, 30))
    bench.bot.waitUntil(lambda: abs((bench.number() or 0) - 225) <= 1, timeout=5_000)


def test_marks_of_times_are_on_the_timeline_and_a_click_tells_which(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    marks = [
        Mark(Anchor("one", "a1", TimeSpan(3000, 6000)), QColor("#0072B2"), "1", "exit ticket"),
        Mark(Anchor("two", "a1", TimeSpan(9000)), QColor("#D55E00"), "2", ""),
        Mark(Anchor("page", "a1", PageRegion(1)), QColor("#D55E00"), "2", ""),
    ]
    bench.viewer.show_marks(marks)
    timeline, clicked = bench.viewer.timeline, list[str]()
    bench.viewer.anchor_activated.connect(clicked.append)
    for mark in marks[:2]:
        QTest.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=timeline.mark_rect(mark).center().toPoint())
    bench.viewer.set_marks_visible(False)
    QTest.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=QPointF(timeline.width() * 0.75, 30).toPoint())
    assert clicked == ["one", "two"]
    assert bench.ms == pytest.approx(9000, abs=60)


def test_revealing_an_anchor_plays_from_five_seconds_before_it(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.viewer.reveal(TimeSpan(7000, 8000))
    assert bench.viewer.playback.playing
    assert 2000 <= bench.ms < 3000


def test_an_anchor_revealed_while_opening_is_played_then(bench: Bench, lesson: Path) -> None:
    bench.viewer.show_artifact(Evidence(bench.client, lesson))
    bench.viewer.reveal(TimeSpan(9000))
    bench.bot.waitUntil(lambda: bench.viewer.playback.playing, timeout=8_000)
    assert 4000 <= bench.ms < 5000


def test_captions_are_shown_at_their_time_unless_switched_off(bench: Bench, lesson: Path) -> None:
    bench.show(lesson, CAPTIONS)
    bench.bot.waitUntil(bench.viewer.controls.captions.isEnabled, timeout=5_000)
    bench.viewer.playback.seek(3000)
    assert bench.viewer.picture.caption == "How many is that?"
    bench.press(Qt.Key.Key_C)
    assert bench.viewer.picture.caption == ""
    bench.press(Qt.Key.Key_C)
    bench.viewer.playback.seek(4000)
    assert bench.viewer.picture.caption == ""


def test_captions_are_shown_again_after_a_recording_that_has_none(
    bench: Bench, lesson: Path, tmp_path: Path
) -> None:
    words = "WEBVTT\n\n00:00.000 --> 00:05.000\nWho can add to that?\n"
    bench.show(lesson, words)
    assert bench.viewer.controls.captions.isChecked()
    tone(tmp_path / "talk.wav", codec="pcm_s16le")
    bench.show(tmp_path / "talk.wav")
    assert not bench.viewer.controls.captions.isChecked()
    bench.show(lesson, words)
    bench.bot.waitUntil(bench.viewer.controls.captions.isChecked, timeout=5_000)


@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
def test_captions_inside_a_recording_are_shown_too(
    bench: Bench, lesson: Path, tmp_path: Path, ending: str
) -> None:
    inside = tmp_path / f"lesson{ending}"
    with_captions_inside(lesson, inside, INSIDE)
    bench.show(inside)
    bench.bot.waitUntil(bench.viewer.controls.captions.isEnabled, timeout=8_000)
    bench.viewer.playback.seek(1500)
    assert bench.viewer.picture.caption == "How many is that?"
    bench.viewer.playback.seek(2200)
    assert bench.viewer.picture.caption == ""
    bench.viewer.playback.seek(3000)
    assert bench.viewer.picture.caption == "Twelve, I think."


def test_captions_beside_a_recording_come_before_those_inside(
    bench: Bench, lesson: Path, tmp_path: Path
) -> None:
    inside = tmp_path / "lesson.mkv"
    with_captions_inside(lesson, inside, INSIDE)
    bench.show(inside, CAPTIONS)
    bench.bot.waitUntil(lambda: bench.viewer.caption_at(3500) == "How many is that?", timeout=8_000)
    bench.bot.wait(700)
    assert bench.viewer.caption_at(1500) == ""


def test_a_stretch_repeats_between_a_and_b(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.viewer.playback.seek(1000)
    bench.press(Qt.Key.Key_BracketLeft)
    bench.viewer.playback.seek(1400)
    bench.press(Qt.Key.Key_BracketRight)
    bench.viewer.toggle_play()
    bench.bot.wait(1500)
    assert 900 <= bench.ms <= 1500
    bench.viewer.controls.loop.click()
    assert bench.viewer.playback.loop is None


def test_a_time_can_be_typed_to_go_there(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.press(Qt.Key.Key_G)
    QTest.keyClicks(bench.window.focusWidget(), "0:07.2")
    QTest.keyClick(bench.window.focusWidget(), Qt.Key.Key_Return)
    bench.wait_for(180)
    assert bench.viewer.controls.time.text == "00:07.2 / 00:12"


def test_full_screen_and_back_keeps_the_place(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.press(Qt.Key.Key_Right, Qt.Key.Key_F)
    assert bench.viewer.picture.window() is not bench.window
    QTest.keyClick(bench.viewer.picture.window(), Qt.Key.Key_Escape)
    assert bench.viewer.picture.window() is bench.window
    assert bench.ms == 5000


def test_sound_alone_shows_its_waveform_large(bench: Bench, talk: Path) -> None:
    bench.show(talk, CAPTIONS)
    assert not bench.viewer.picture.isVisible()
    bench.bot.waitUntil(bench.viewer.controls.captions.isEnabled, timeout=5_000)
    bench.viewer.playback.seek(2500)
    assert bench.viewer.words.text() == "How many is that?"
    bench.viewer.playback.seek(0)
    bench.bot.waitUntil(lambda: bench.viewer.timeline.height() > 200, timeout=3_000)
    bench.viewer.toggle_play()
    bench.bot.waitUntil(lambda: bench.ms > 300, timeout=5_000)
    bench.press(Qt.Key.Key_A)
    assert isinstance(bench.offered[0], TimeSpan)


def test_a_killed_worker_is_told_and_play_goes_on_from_there(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.viewer.playback.seek(4000)
    bench.wait_for(100)
    bench.viewer.toggle_play()
    os.kill(bench.workers()[0].pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
    bench.bot.waitUntil(lambda: bool(bench.viewer.body.gone_words), timeout=5_000)
    assert "“lesson.mp4” stopped playing" in bench.viewer.body.gone_words
    assert not bench.viewer.playback.playing
    here = bench.ms
    QTest.mouseClick(bench.viewer.body.stage.findChild(QPushButton), Qt.MouseButton.LeftButton)
    bench.bot.waitUntil(lambda: bench.viewer.playback.playing and bench.ms > here + 200, timeout=8_000)
    assert bench.viewer.body.gone_words == ""


def test_a_truncated_recording_is_told_and_nothing_hangs(bench: Bench, lesson: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(lesson.read_bytes()[:40_000])
    bench.viewer.show_artifact(Evidence(bench.client, cut))
    bench.bot.waitUntil(bench.viewer._why_not.isVisible, timeout=8_000)
    assert bench.viewer._why_not.words.startswith("“cut.mp4” cannot be played: it is cut short")
    assert bench.told == []
    assert not bench.viewer.controls.play.isEnabled()


def test_another_artifact_stops_the_one_before_and_its_worker(bench: Bench, lesson: Path, talk: Path) -> None:
    bench.show(lesson)
    bench.viewer.toggle_play()
    first = bench.workers()[0].pid
    bench.viewer.clear()
    assert not bench.viewer.playback.playing
    bench.show(talk)
    bench.bot.waitUntil(lambda: first not in [one.pid for one in bench.workers()], timeout=5_000)
    assert len(bench.workers()) == 1


def test_every_control_has_a_name_and_says_what_it_does(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    buttons = bench.viewer.controls.findChildren(QAbstractButton)
    assert len(buttons) > 12
    assert [b for b in buttons if not (b.accessibleName() or b.text()) or not b.toolTip()] == []


@pytest.mark.parametrize("width", [360, 520, 700, 1000])
def test_controls_fit_every_width(bench: Bench, lesson: Path, width: int) -> None:
    bench.show(lesson)
    bench.window.resize(width, 600)
    bench.viewer.resize(width, 600)
    bench.bot.wait(20)
    buttons = [b for b in bench.viewer.controls.findChildren(QAbstractButton) if b.isVisible()]
    assert bench.viewer.controls.play in buttons
    assert width < 520 or all(b.geometry().right() <= bench.viewer.controls.width() for b in buttons)


@pytest.mark.parametrize(
    ("words", "ms"),
    [
        ("283", 283_000),
        ("4:43.6", 283_600),
        ("4:38.200", 278_200),
        ("1:02:03", 3_723_000),
        ("4m 38s", 278_000),
        ("x", None),
        ("4:75", None),
        ("", None),
    ],
)
def test_times_are_read_as_people_write_them(words: str, ms: int | None) -> None:
    assert parse_time(words) == ms


def test_times_and_rates_are_written_as_people_read_them() -> None:
    assert [time_words(283_650, True), time_words(3_723_000)] == ["04:43.6", "1:02:03"]
    assert [rate_words(rate) for rate in (0.5, 1.0, 1.25, 2.0)] == ["0.5×", "1.0×", "1.25×", "2.0×"]


def test_the_clock_keeps_to_the_sound_without_jumping() -> None:
    seconds = [0.0]
    clock = Clock(lambda: seconds[0])
    clock.start(1.0)
    for _ in range(200):
        seconds[0] += 0.01
        clock.follow(seconds[0] * 1000 - 60)
    assert clock.read() == pytest.approx(1940, abs=12)
    clock.follow(5000)
    assert clock.read() == 5000


def test_a_recording_s_key_can_be_changed(bench: Bench, lesson: Path) -> None:
    bench.show(lesson)
    bench.viewer.set_keys(lambda act: ("X",) if act == "step_forward" else default_keys(act))
    bench.press(Qt.Key.Key_Period)
    bench.press(Qt.Key.Key_X)
    bench.wait_for(1)
    assert "(X)" in bench.viewer.controls._step_on.toolTip()
    assert bench.viewer.controls.play.toolTip() == "Play (Space)"
