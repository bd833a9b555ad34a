"""Colours can be told apart and read, in every appearance."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from assessor_desk.gui import theme
from assessor_desk.gui.controls import TONES
from assessor_desk.gui.style_sheet import style_sheet

APPEARANCES = {"light": theme.LIGHT, "dark": theme.DARK, "high contrast": theme.CONTRAST}
GROUNDS = ("window", "surface", "sunken")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    c = QColor(colour)
    parts = [
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (c.redF(), c.greenF(), c.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio as WCAG 2.1 defines it, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(params=APPEARANCES.values(), ids=APPEARANCES.keys())
def tokens(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """Each appearance in turn."""
    found: Mapping[str, str] = request.param
    return found


def test_the_measure_agrees_with_the_standards_own_extremes() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_text_can_be_read_on_every_ground(tokens: Mapping[str, str]) -> None:
    pairs = {(text, ground) for text in ("text", "muted", "accent", "danger") for ground in GROUNDS}
    pairs |= {("text", "soft"), ("accent", "soft"), ("on", "accent")} | set(TONES.values())
    worst = {pair: contrast(tokens[pair[0]], tokens[pair[1]]) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in worst.items() if ratio < 4.5} == {}


def test_the_edges_of_what_one_can_use_are_seen(tokens: Mapping[str, str]) -> None:
    pairs = [(edge, ground) for edge in ("border", "accent") for ground in GROUNDS]
    assert {pair for pair in pairs if contrast(tokens[pair[0]], tokens[pair[1]]) < 3} == set()


def test_marks_are_seen_on_a_page_and_none_looks_like_another(tokens: Mapping[str, str]) -> None:
    colours = [tokens[name] for name in theme.ANCHOR_COLOURS]
    assert len(set(colours)) == len(colours) >= 4
    assert {colour for colour in colours if contrast(colour, tokens["surface"]) < 3} == set()


def test_high_contrast_is_higher_than_light() -> None:
    for name in ("muted", "border", "accent"):
        assert contrast(theme.CONTRAST[name], "#FFFFFF") > contrast(theme.LIGHT[name], "#FFFFFF")


def test_every_appearance_names_the_same_colours() -> None:
    assert theme.LIGHT.keys() == theme.DARK.keys() == theme.CONTRAST.keys()


def test_the_style_sheet_is_taken_by_qt_as_it_is(qtbot: QtBot, tokens: Mapping[str, str]) -> None:
    label = QLabel("words")
    qtbot.addWidget(label)
    label.setStyleSheet(style_sheet(tokens, 1.0))  # a fault is a Qt warning, which fails the test
    label.ensurePolished()
    assert "$" not in style_sheet(tokens, 2.0)


def test_another_appearance_repaints_what_paints_by_hand(qtbot: QtBot) -> None:
    theme.apply(theme.Appearance.LIGHT)
    light = theme.colour("window")
    with qtbot.waitSignal(theme.changed):
        theme.apply(theme.Appearance.DARK)
    assert theme.is_dark()
    assert theme.colour("window") != light
    theme.apply(theme.Appearance.LIGHT)


@pytest.mark.parametrize("count", [2, 3, 10])
def test_a_list_to_choose_from_opens_as_tall_as_its_lines(qtbot: QtBot, count: int) -> None:
    theme.apply(theme.Appearance.LIGHT)
    page = QWidget()
    qtbot.addWidget(page)
    choice = QComboBox(page)
    QVBoxLayout(page).addWidget(choice)
    choice.addItems([f"Hub {place}" for place in range(count)])
    page.resize(300, 400)
    page.show()
    QApplication.processEvents()
    choice.showPopup()
    QApplication.processEvents()
    lines = choice.view()
    last = lines.visualRect(choice.model().index(count - 1, 0))
    assert last.bottom() < lines.viewport().height()
    choice.hidePopup()


def test_larger_text_is_larger_everywhere(qapp: QApplication) -> None:
    theme.apply(theme.Appearance.LIGHT, 2.0)
    assert qapp.font().pixelSize() == 26
    theme.apply(theme.Appearance.LIGHT, 1.0)
    assert qapp.font().pixelSize() == 13


def test_a_new_colour_scheme_of_the_system_is_followed_while_that_is_wanted(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []
    theme.changed.connect(lambda: told.append(theme.is_dark()))
    wanted = [Qt.ColorScheme.Dark]
    monkeypatch.setattr(theme, "_asked", lambda: theme.Appearance(wanted[-1].name.lower()))
    hints = QGuiApplication.styleHints()
    theme.apply(theme.Appearance.LIGHT)
    theme.follow_system()
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert told == [False]
    theme.apply(theme.Appearance.SYSTEM)
    assert told == [False, True]
    wanted.append(Qt.ColorScheme.Light)
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert told == [False, True, False]


def test_anchor_colours_begin_again_after_the_last() -> None:
    assert theme.anchor_colour(0) == theme.anchor_colour(len(theme.ANCHOR_COLOURS))


def test_the_bundled_face_has_the_weights_that_are_used(qapp: QApplication) -> None:
    from PySide6.QtGui import QFontDatabase

    theme.load_fonts()
    assert {"Regular", "Medium"} <= set(QFontDatabase.styles("Inter"))
