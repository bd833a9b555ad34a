"""What opens from the sync light: each source in words, and a way to try now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from assessor_desk.gui.controls import button_row, outlined_button, primary_button, wrapped_label
from assessor_desk.gui.sync_words import headline, lines
from assessor_desk.gui.top_bar import SaveLight

if TYPE_CHECKING:
    from assessor_desk.desk.source_standing import SourceStanding

_WIDTH = 400
_BROWSABLE = ("http", "https")


class SyncPanel(QDialog):
    """Opens below the light; `wanted` is emitted to try now."""

    wanted = Signal()

    def __init__(
        self,
        sources: Sequence[SourceStanding],
        now: Callable[[], datetime],
        *,
        by_itself: bool,
        why_paused: str,
        files_wait: str = "",
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("palette")
        self.setAccessibleName("What waits, and why")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.words: list[str] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(6)
        for number, source in enumerate(sources):
            if number:
                column.addSpacing(8)
            told = [one for one in lines(source, now(), by_itself, why_paused, files_wait) if one]
            column.addLayout(self._headline(source, headline(source, now())))
            for words in told:
                column.addWidget(wrapped_label(words, "muted", self))
            self.words += [headline(source, now()), *told]
        column.addSpacing(4)
        column.addLayout(self._buttons(sources))
        self.setAccessibleDescription(" ".join(self.words))
        self.setFixedWidth(_WIDTH)

    def _headline(self, source: SourceStanding, words: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        light = SaveLight(self)
        light.show_colour(colour_of(source))
        row.addWidget(light, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(wrapped_label(words, "brand", self), 1)
        return row

    def _buttons(self, sources: Sequence[SourceStanding]) -> QHBoxLayout:
        troubled = any(one.trouble or one.waiting for one in sources)
        self.now = primary_button("Try now" if troubled else "Sync now", self)
        self.now.clicked.connect(self._on_now)
        self.page = next((one.page for one in sources if QUrl(one.page).scheme() in _BROWSABLE), "")
        if not self.page:
            return button_row(self.now)
        self.sign_in = outlined_button("Open the sign-in page", self)
        self.sign_in.clicked.connect(self._on_sign_in)
        return button_row(self.now, left=self.sign_in)

    def open_below(self, light: QWidget) -> None:
        """Below the light, within its window."""
        self.adjustSize()
        window = light.window()
        corner = light.mapToGlobal(QPoint(light.width(), light.height() + 4))
        right = window.mapToGlobal(QPoint(window.width() - 8, 0)).x()
        self.move(min(corner.x(), right) - self.width(), corner.y())
        self.open()
        self.now.setFocus(Qt.FocusReason.PopupFocusReason)

    def _on_now(self) -> None:
        self.close()
        self.wanted.emit()

    def _on_sign_in(self) -> None:
        QDesktopServices.openUrl(QUrl(self.page))


def colour_of(source: SourceStanding) -> str:
    """The light's colour: all is there, something waits, or it takes a person."""
    if any(one.refused for one in source.waiting) or source.why in ("sign_in", "clock", "certificate"):
        return "danger"
    waits = source.trouble or source.waiting or source.clock_off or source.unsent
    return "caution" if waits else "positive"
