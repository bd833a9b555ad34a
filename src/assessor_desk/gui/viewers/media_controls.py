"""The row of controls under a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QSlider,
    QToolButton,
    QWidget,
    QWidgetAction,
)

from assessor_desk.gui import icons, theme
from assessor_desk.gui.controls import KeyCap, outlined_button
from assessor_desk.gui.viewers import look
from assessor_desk.gui.viewers.playback import RATES
from assessor_desk.gui.viewers.time_readout import TimeReadout
from assessor_desk.gui.viewers.time_words import rate_words

_FULL_VOLUME = 100
_NARROWEST = 200


class MediaControls(QWidget):
    """Buttons for everything the viewer can do; each says its key."""

    play_wanted = Signal()
    step_wanted = Signal(int)
    jump_wanted = Signal(int)
    ends_wanted = Signal(bool)
    rate_wanted = Signal(float)
    volume_wanted = Signal(float)
    mute_wanted = Signal()
    captions_wanted = Signal(bool)
    loop_wanted = Signal()
    anchor_wanted = Signal()
    marks_wanted = Signal(bool)
    full_screen_wanted = Signal()
    transcript_wanted = Signal(bool)
    still_wanted = Signal()
    more_wanted = Signal(QMenu)
    """The menu of further acts is about to be shown, empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._absent: tuple[QToolButton, ...] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(1)
        self.setStyleSheet("QToolButton { min-width: 26px; padding: 0 1px; }")
        self._add_transport()
        self.time = TimeReadout(self)
        self._row.addSpacing(5)
        self._row.addWidget(self.time)
        self._add_settings()
        self._row.addStretch(1)
        self._add_anchoring()

    def _add_transport(self) -> None:
        self._to_start = self._button(
            "start", "To the start", "to_start", lambda: self.ends_wanted.emit(False)
        )
        self._step_back = self._button(
            "frame-back", "One picture back", "step_back", lambda: self.step_wanted.emit(-1)
        )
        self._back = self._button(
            "", "Five seconds back", "seek_back", lambda: self.jump_wanted.emit(-5000), "−5"
        )
        self.play = self._button("play", "Play", "play", self.play_wanted.emit)
        self.play.setObjectName("playButton")
        self.play.setAutoRaise(False)
        self.play.setMinimumWidth(44)
        self.play.setIconSize(QSize(16, 16))
        self._dress_play()
        theme.changed.connect(self._dress_play)
        self._on = self._button(
            "", "Five seconds on", "seek_forward", lambda: self.jump_wanted.emit(5000), "+5"
        )
        self._step_on = self._button(
            "frame-forward", "One picture on", "step_forward", lambda: self.step_wanted.emit(1)
        )
        self._to_end = self._button("end", "To the end", "to_end", lambda: self.ends_wanted.emit(True))

    def _add_settings(self) -> None:
        self.rate = self._button("", "Speed", "", lambda: None, rate_words(1.0))
        self.rate.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.rate.setMenu(self._rates())
        self.volume = self._button("volume", "Volume", "", lambda: None)
        self.volume.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.volume.setMenu(self._volumes())
        self.captions = look.toggle_button(
            self, "captions", "Captions", "captions", self.captions_wanted.emit
        )
        self._row.addWidget(self.captions)
        self.transcript = look.toggle_button(
            self, "read", "Transcript", "transcript", self.transcript_wanted.emit
        )
        self._row.addWidget(self.transcript)
        self.loop = self._button("", "Repeat from A to B", "", self.loop_wanted.emit, "A–B")
        look.tell(self.loop, "Repeat from A to B; set A with {loop_start} and B with {loop_end}")
        self.loop.setCheckable(True)
        self.still = self._button(
            "camera", "Keep this picture as a still for the report", "still", self.still_wanted.emit
        )
        self.full_screen = self._button("maximize", "Full screen", "screen", self.full_screen_wanted.emit)
        self.more = self._button("ellipsis", "More for this recording", "", lambda: None)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(self._further())

    def _add_anchoring(self) -> None:
        self.anchor = outlined_button("Anchor here", self)
        self.anchor.setObjectName("anchorHere")
        look.tell(
            self.anchor,
            "Anchor this moment, the span chosen with {span_start} and {span_end}, or the words selected ({anchor})",
        )
        self.anchor.clicked.connect(lambda _=False: self.anchor_wanted.emit())
        self._key_cap = _KeyInside(self.anchor, "anchor")
        self._row.addWidget(self.anchor)
        self.marks = look.toggle_button(
            self, "eye", "Show the marks", "marks", self.marks_wanted.emit, "Marks"
        )
        self.marks.setChecked(True)
        self._row.addWidget(self.marks)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window, what the keys and the timeline do as well makes room first."""
        super().resizeEvent(event)
        self._make_room()

    def minimumSizeHint(self) -> QSize:
        """Narrow: buttons make room."""
        return QSize(_NARROWEST, look.CONTROL)

    def _make_room(self) -> None:
        """What keys, menu and timeline do as well gives way, step by step, until the rest fits."""
        self.marks.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._key_cap.show_in(self.anchor, True)
        self.time.be_short(False)
        self.time.show()
        first = (
            (self._to_start, self._to_end),
            (self.still, self.transcript),
            (self._back, self._on),
            (self.full_screen,),
            (self.loop,),
            (self.captions, self.volume),
        )
        last = ((self._step_back, self._step_on), (self.rate,), (self.marks,))
        for button in chain(*first, *last):
            button.setVisible(button not in self._absent)
        icon_alone = Qt.ToolButtonStyle.ToolButtonIconOnly
        steps: tuple[Callable[[], None], ...] = (
            lambda: self.marks.setToolButtonStyle(icon_alone),
            *(partial(_hide, buttons) for buttons in first),
            lambda: self._key_cap.show_in(self.anchor, False),
            lambda: self.time.be_short(True),
            *(partial(_hide, buttons) for buttons in last),
            self.time.hide,  # the timeline tells it as well
        )
        for give_way in steps:
            if not self._too_wide():
                break
            give_way()

    def _too_wide(self) -> bool:
        self._row.invalidate()
        return self._row.sizeHint().width() > self.width()

    def _button(self, icon: str, name: str, key: str, pressed: object, words: str = "") -> QToolButton:
        button = look.tool_button(self, icon, name, key, pressed, words)  # type: ignore[arg-type]
        self._row.addWidget(button)
        return button

    def _further(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(menu.clear)
        menu.aboutToShow.connect(lambda: self.more_wanted.emit(menu))
        return menu

    def _rates(self) -> QMenu:
        menu = QMenu(self)
        self._rate_group = QActionGroup(menu)
        for rate in RATES:
            action = QAction(rate_words(rate), menu, checkable=True)
            action.setChecked(rate == 1.0)
            action.triggered.connect(lambda _=False, rate=rate: self.rate_wanted.emit(rate))
            self._rate_group.addAction(action)
            menu.addAction(action)
        return menu

    def _volumes(self) -> QMenu:
        menu = QMenu(self)
        self._slider = QSlider(Qt.Orientation.Horizontal, menu)
        self._slider.setRange(0, _FULL_VOLUME)
        self._slider.setValue(_FULL_VOLUME)
        self._slider.setMinimumWidth(160)
        self._slider.setAccessibleName("Volume")
        self._slider.valueChanged.connect(lambda value: self.volume_wanted.emit(value / _FULL_VOLUME))
        holder = QWidget(menu)
        inside = QHBoxLayout(holder)
        inside.setContentsMargins(12, 8, 12, 8)
        inside.addWidget(self._slider)
        shown = QWidgetAction(menu)
        shown.setDefaultWidget(holder)
        menu.addAction(shown)
        self._mute = QAction("Mute", menu, checkable=True)
        self._mute.triggered.connect(lambda _=False: self.mute_wanted.emit())
        menu.addAction(self._mute)
        return menu

    def _dress_play(self) -> None:
        border, surface, accent = (theme.colour(name).name() for name in ("border", "surface", "accent"))
        self.play.setStyleSheet(
            f"QToolButton {{ border: 1px solid {border}; background: {surface}; min-width: 40px; }}"
            f"QToolButton:focus {{ border: 2px solid {accent}; }}"
        )

    # What is so

    def show_playing(self, playing: bool) -> None:
        """Offer to pause, or to play."""
        self.play.setIcon(icons.icon("pause" if playing else "play"))
        self.play.setAccessibleName("Pause" if playing else "Play")
        look.tell(self.play, ("Pause" if playing else "Play") + " ({play})")

    def show_rate(self, rate: float) -> None:
        """Say the speed."""
        self.rate.setText(rate_words(rate))
        look.tell(self.rate, "Speed: {slower} slower, {faster} faster, {normal_speed} as recorded")
        self.rate.setAccessibleName(f"Speed {rate_words(rate)}")
        self._rate_group.actions()[RATES.index(rate)].setChecked(True)

    def show_sound(self, available: bool, recorded: bool, muted: bool, volume: float) -> None:
        """Say whether anything can be heard, and how loud."""
        self._slider.blockSignals(True)
        self._slider.setValue(round(volume * _FULL_VOLUME))
        self._slider.blockSignals(False)
        self.volume.setEnabled(available and recorded)
        self.volume.setIcon(icons.icon("muted" if muted or not (available and recorded) else "volume"))
        self._mute.setChecked(muted)
        if not recorded:
            words = "This recording has no sound"
        elif not available:
            words = "No sound device was found"
        else:
            words = "Muted" if muted else f"Volume {round(volume * _FULL_VOLUME)} %"
        keys = "; {louder} louder, {quieter} quieter, {mute} " + ("lets it be heard" if muted else "mutes")
        look.tell(self.volume, words + (keys if available and recorded else ""))
        self.volume.setAccessibleName(words)

    def show_captions(self, there: bool, on: bool) -> None:
        """Say whether there are captions, and whether they are shown."""
        self.captions.setEnabled(there)
        self.captions.blockSignals(True)  # that a recording has none is nobody's wish for the next
        self.captions.setChecked(there and on)
        self.captions.blockSignals(False)
        look.tell(self.captions, "Captions ({captions})" if there else "This recording has no captions")

    def show_transcript(self, there: bool, shown: bool) -> None:
        """Say whether there is a transcript, and whether it is shown."""
        self.transcript.setEnabled(there)
        self.transcript.blockSignals(True)
        self.transcript.setChecked(there and shown)
        self.transcript.blockSignals(False)
        words = "Transcript, following the recording ({transcript})"
        look.tell(
            self.transcript, words if there else "This recording has no captions to be read as a transcript"
        )

    def show_pictures(self, there: bool) -> None:
        """Sound alone has nothing to step through."""
        of_pictures = (self._step_back, self._step_on, self.full_screen, self.still)
        self._absent = () if there else of_pictures
        for button in of_pictures:
            button.setVisible(there)
        self._make_room()

    def show_loop(self, on: bool) -> None:
        """Say whether a stretch repeats."""
        self.loop.setChecked(on)

    def show_anchoring(self, what: str) -> None:
        """Say what would be anchored: `here`, `span` or `words`."""
        if self.anchor.text() != (words := f"Anchor {what}"):
            self.anchor.setText(words)
            self._make_room()

    def show_marks(self, visible: bool) -> None:
        """Say whether marks are shown."""
        self.marks.blockSignals(True)
        self.marks.setChecked(visible)
        self.marks.setIcon(icons.icon("eye" if visible else "eye-off"))
        self.marks.blockSignals(False)


def _hide(buttons: Iterable[QToolButton]) -> None:
    for button in buttons:
        button.hide()


class _KeyInside(KeyCap):
    """The cap of an act's key inside a button, to the right of its words."""

    def __init__(self, button: QWidget, act: str) -> None:
        super().__init__("", button)
        self.setProperty("act", act)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedHeight(18)
        row = QHBoxLayout(button)
        row.setContentsMargins(0, 0, 8, 0)
        row.addStretch(1)
        row.addWidget(self, 0, Qt.AlignmentFlag.AlignVCenter)
        self.show_in(button, True)

    def show_in(self, button: QWidget, shown: bool) -> None:
        """Show the cap beside the words, or the words alone."""
        self.setVisible(shown and bool(self.text()))
        room = self.sizeHint().width() + 14 if shown else 9
        button.setStyleSheet(
            f"QPushButton {{ text-align: left; padding-left: 9px; padding-right: {room}px; }}"
        )
