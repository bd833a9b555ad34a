"""Colours, fonts and the one style sheet: light, dark and high contrast, by palettes of our own on Fusion.

Every colour has a name; nothing else in the window names a colour by value. `changed` tells who paints by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from assessor_desk.gui.style_sheet import style_sheet
from assessor_desk.places import resources


class Appearance(StrEnum):
    """What a person may choose; `SYSTEM` follows the system where it tells."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


LIGHT: Mapping[str, str] = {
    "window": "#F5F4F0", "surface": "#FFFFFF", "sunken": "#ECEAE4", "border": "#86827A", "hair": "#DAD6CC",
    "text": "#1E2227", "muted": "#565C64", "accent": "#1D5A9E", "on": "#FFFFFF", "soft": "#E2ECF7",
    "positive": "#1B6340", "positive_soft": "#E1F0E7", "caution": "#7A4F00", "caution_soft": "#FAEFD8",
    "danger": "#9C2329", "danger_soft": "#FAE4E4", "video": "#2A2F35",
    "a1": "#0072B2", "a2": "#D55E00", "a3": "#00855F", "a4": "#B0568F", "a5": "#6B5BC2", "a6": "#7A6A00",
}  # fmt: skip
DARK: Mapping[str, str] = {
    "window": "#15171A", "surface": "#1D2024", "sunken": "#111315", "border": "#6E757D", "hair": "#31363C",
    "text": "#E9E7E2", "muted": "#A7ADB4", "accent": "#82B7F2", "on": "#0A1A2A", "soft": "#1A2C42",
    "positive": "#74CBA0", "positive_soft": "#15301F", "caution": "#E6B84C", "caution_soft": "#332809",
    "danger": "#F4938B", "danger_soft": "#3A1715", "video": "#0B0D0F",
    "a1": "#56B4E9", "a2": "#E69F00", "a3": "#4CC9A0", "a4": "#E2A6C8", "a5": "#A99CF0", "a6": "#D8C84A",
}  # fmt: skip
CONTRAST: Mapping[str, str] = {
    **LIGHT,
    "window": "#FFFFFF", "sunken": "#F2F2F2", "border": "#000000", "hair": "#5A5A5A", "text": "#000000",
    "muted": "#262626", "accent": "#003E8A", "soft": "#D6E6FF", "positive": "#00401F", "caution": "#4A3000",
    "danger": "#7A0008",
}  # fmt: skip
_PALETTES = {Appearance.LIGHT: LIGHT, Appearance.DARK: DARK, Appearance.CONTRAST: CONTRAST}

#: Names of the anchors' colours, told apart by colour-blind people too (after Okabe and Ito, 2008).
ANCHOR_COLOURS = ("a1", "a2", "a3", "a4", "a5", "a6")


class _Theme(QObject):
    """The appearance in force."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._wanted = Appearance.SYSTEM
        self._tokens = LIGHT
        self._text_size = 1.0
        self._system: Appearance | None = None
        self._heeds_system = False

    @property
    def tokens(self) -> Mapping[str, str]:
        """The colours in force, by name."""
        return self._tokens

    def apply(self, wanted: Appearance, text_size: float = 1.0) -> None:
        """Dress the application. `text_size` multiplies the normal 13 pixel text."""
        self._wanted, self._text_size = wanted, text_size
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            self._tokens = _PALETTES[_seen(wanted, self._system)]
            return
        if self._system is None:
            self._system = _at_a_glance(app)
        self._tokens = _PALETTES[_seen(wanted, self._system)]
        if app.style().name() != "fusion":
            app.setStyle(QStyleFactory.create("Fusion"))
        font = QFont("Inter")
        font.setPixelSize(round(13 * text_size))
        app.setFont(font)
        app.setPalette(_palette(self._tokens))
        app.setStyleSheet(style_sheet(self._tokens, text_size))
        self.changed.emit()

    def follow_system(self) -> None:
        """Ask the system exactly, and change with it from now on while that is wanted; for after the first paint."""
        if not self._heeds_system:
            self._heeds_system = True
            hints = QGuiApplication.styleHints()
            hints.colorSchemeChanged.connect(self._on_system)
            hints.accessibility().contrastPreferenceChanged.connect(self._on_system)
        self._on_system()

    def _on_system(self) -> None:
        before, self._system = self._system, _asked()
        if self._wanted is Appearance.SYSTEM and self._system is not before:
            self.apply(self._wanted, self._text_size)


_theme = _Theme()
changed = _theme.changed
apply = _theme.apply
follow_system = _theme.follow_system


def colour(name: str) -> QColor:
    """The colour of that name, as it is now. Raises KeyError for a name there is none of."""
    return QColor(_theme.tokens[name])


def anchor_colour(index: int) -> QColor:
    """The colour of the criterion at this place in its rubric, counted from 0; after six they begin again."""
    return colour(ANCHOR_COLOURS[index % len(ANCHOR_COLOURS)])


def is_dark() -> bool:
    """Whether a dark appearance is in force."""
    return colour("window").lightness() < 128


def load_fonts() -> None:
    """Make the bundled text face known; without it the system's own is used."""
    for weight in ("Regular", "Medium", "SemiBold", "Italic"):
        path = resources() / "fonts" / f"Inter-{weight}.ttf"
        if path.exists():
            QFontDatabase.addApplicationFont(str(path))


def escaped(text: str) -> str:
    """Text made safe for a label that shows rich text."""
    import html

    return html.escape(text)


def _seen(wanted: Appearance, system: Appearance | None) -> Appearance:
    return (system or Appearance.LIGHT) if wanted is Appearance.SYSTEM else wanted


def _at_a_glance(app: QApplication) -> Appearance:
    """What the system's own palette looks like. The exact answer costs a fifth of a bare window's start (the `Qt`
    namespace with all its enumerations), so it is asked for after the first paint."""
    return Appearance.DARK if app.palette().window().color().lightness() < 128 else Appearance.LIGHT


def _asked() -> Appearance:
    """What the system says it wants."""
    from PySide6.QtCore import Qt

    hints = QGuiApplication.styleHints()
    if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        return Appearance.CONTRAST
    return Appearance.DARK if hints.colorScheme() == Qt.ColorScheme.Dark else Appearance.LIGHT


def _palette(tokens: Mapping[str, str]) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    pairs = {
        role.Window: "window", role.WindowText: "text", role.Base: "surface", role.AlternateBase: "sunken",
        role.Text: "text", role.Button: "surface", role.ButtonText: "text", role.BrightText: "on",
        role.Highlight: "accent", role.HighlightedText: "on", role.Link: "accent", role.LinkVisited: "accent",
        role.ToolTipBase: "surface", role.ToolTipText: "text", role.PlaceholderText: "muted", role.Mid: "border",
        role.Dark: "border", role.Midlight: "hair", role.Light: "surface", role.Shadow: "hair", role.Accent: "accent",
    }  # fmt: skip
    for one, name in pairs.items():
        palette.setColor(one, QColor(tokens[name]))
    for one in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, QColor(tokens["muted"]))
    return palette
