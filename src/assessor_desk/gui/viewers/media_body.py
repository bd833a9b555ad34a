"""What the viewer of recordings consists of: picture and transcript, timeline, status, controls."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from assessor_desk.gui.controls import EmptyState, outlined_button
from assessor_desk.gui.viewers.hover_card import HoverCard
from assessor_desk.gui.viewers.media_controls import MediaControls
from assessor_desk.gui.viewers.picture_view import PictureView
from assessor_desk.gui.viewers.recording_status import RecordingStatus
from assessor_desk.gui.viewers.timeline import Timeline
from assessor_desk.gui.viewers.transcript import TranscriptPane

_ROOM_BESIDE = 420
"""Narrower than this, nothing stands beside the picture."""

_ROOM_ABOVE = 160
"""Lower than this, nothing stands below the picture: on a small screen, or where everything is twice as large."""


class MediaBody(QWidget):
    """The parts of the viewer; it may stand in a window of its own."""

    play_wanted = Signal()
    transcript_resized = Signal(float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.picture = PictureView(self)
        self.words = _sayings(self)
        self.transcript = TranscriptPane(self)
        self.timeline = Timeline(self)
        self.status = RecordingStatus(self)
        self.controls = MediaControls(self)
        self.card = HoverCard(self)
        self._share = 0.34
        self._transcript_wanted = False
        self._gone = self._build_gone()
        self.stage = self._build_stage()
        self.split = QSplitter(Qt.Orientation.Horizontal, self)
        self.split.setHandleWidth(7)
        self.split.setStyleSheet("QSplitter::handle { background: transparent; }")
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self.stage)
        self.split.addWidget(self.transcript)
        self.split.splitterMoved.connect(self._on_split)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.split, 1)
        for part in (self.timeline, self.status, self.controls):
            column.addWidget(part)
        column.setStretchFactor(self.timeline, 1)
        self.transcript.hide()

    def _build_stage(self) -> QWidget:
        stage = QWidget(self)
        column = QVBoxLayout(stage)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.picture, 1)
        column.addWidget(self.words, 1)
        self._gone.setParent(stage)
        stage.installEventFilter(self)
        return stage

    def _build_gone(self) -> EmptyState:
        again = outlined_button("Play again", self)
        again.clicked.connect(lambda _=False: self.play_wanted.emit())
        gone = EmptyState("warning", "It stopped playing", "", again, self)
        gone.setObjectName("stage")
        gone.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        gone.hide()
        return gone

    # What is so

    def show_pictures(self, there: bool) -> None:
        """A picture, or sound alone with its waveform large."""
        self.picture.setVisible(there)
        self.words.setVisible(not there)
        self.timeline.set_large(not there)
        self.controls.show_pictures(there)

    def show_gone(self, why: str) -> None:
        """Say why nothing plays any more, with a button to play again; empty takes that away."""
        self._gone.setVisible(bool(why))
        if why:
            self._gone.say("warning", "It stopped playing", why)
            self._gone.setGeometry(self.stage.rect())
            self._gone.raise_()

    @property
    def gone_words(self) -> str:
        """Why nothing plays any more; empty where it can."""
        return "" if self._gone.isHidden() else self._gone.words

    def show_transcript(self, shown: bool) -> None:
        """Show the transcript where there is room, or hide it."""
        self._transcript_wanted = shown
        self._turn()

    def share(self, part: float) -> None:
        """How much of the room the transcript takes."""
        self._share = part
        self._turn()

    def show_caption(self, caption: str) -> None:
        """The words said now, over the picture or in its place."""
        self.picture.show_caption(caption)
        self.words.setText(caption)

    def show_hover(self, ms: int, x: int, pictured: bool) -> None:
        """The time, and soon a picture, above a place of the timeline; nothing below 0."""
        if ms < 0:
            self.card.hide()
            return
        self.card.show_time(ms, pictured)
        self.card.stand_above(self.timeline.mapTo(self, QPoint(x, 0)))

    def show_glance(self, ms: int, image: QImage) -> None:
        """The picture for there."""
        self.card.show_picture(ms, image)

    # Room

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The transcript stands beside the picture where there is room."""
        super().resizeEvent(event)
        self._turn()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What lies over the stage is as large as it."""
        if event.type() == QEvent.Type.Resize:
            self._gone.setGeometry(self.stage.rect())
        return super().eventFilter(watched, event)

    def _turn(self) -> None:
        below = sum(part.sizeHint().height() + 6 for part in (self.timeline, self.status, self.controls))
        beside = self._better_beside()
        room_for_it = beside or self.height() - below >= _ROOM_ABOVE
        self.transcript.setVisible(self._transcript_wanted and room_for_it)
        self.split.setOrientation(Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical)
        room = self.split.width() if beside else self.split.height()
        own = round(room * self._share)
        self.split.setSizes([max(1, room - own), max(1, own)])

    def _better_beside(self) -> bool:
        """Whether the picture is larger with the transcript beside it than with the transcript below."""
        room = self.split.size()
        if room.width() < _ROOM_BESIDE or self.picture.isHidden():
            return room.width() >= _ROOM_BESIDE
        left = 1 - self._share
        beside = self.picture.fitted(QSize(round(room.width() * left), room.height()))
        below = self.picture.fitted(QSize(room.width(), round(room.height() * left)))
        return beside.width() >= below.width()

    def _on_split(self) -> None:
        first, second = self.split.sizes()
        if first + second:
            self._share = second / (first + second)
            self.transcript_resized.emit(self._share)


def _sayings(parent: QWidget) -> QLabel:
    """Where captions stand when there is sound alone."""
    words = QLabel(parent)
    words.setObjectName("paneTitle")
    words.setWordWrap(True)
    words.setTextFormat(Qt.TextFormat.PlainText)
    words.setAlignment(Qt.AlignmentFlag.AlignCenter)
    words.setMinimumHeight(64)
    return words
