"""The small button beside a selection: cite it. The key of *Anchor here* does the same."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QPushButton, QWidget

_AIR = 6


class OfferPill(QPushButton):
    """Lies over the evidence, never takes the keyboard's focus, and hides when its place is out of sight."""

    def __init__(self, viewport: QWidget, pressed: Callable[[], None]) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self.setObjectName("primary")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.clicked.connect(lambda _=False: pressed())
        self._allowed = True
        self.hide()

    def allow(self, allowed: bool) -> None:
        """Whether there is anything to offer: not to somebody who places no anchors."""
        self._allowed = allowed
        if not allowed:
            self.hide()

    def offer(self, words: str, tip: str) -> None:
        """What pressing it does."""
        self.setText(words)
        self.setToolTip(tip)
        self.adjustSize()

    def place(self, first: QRectF, last: QRectF) -> None:
        """Below the end of the selection, or above its beginning where there is no room."""
        view = self._viewport.rect()
        left = min(max(last.right() - self.width(), 4), view.width() - self.width() - 4)
        top = last.bottom() + _AIR
        if top + self.height() > view.height():
            top = max(first.top() - self.height() - _AIR, view.height() - self.height() - 2 * _AIR)
        self.move(int(left), int(top))
        self.setVisible(self._allowed and first.top() < view.height() and last.bottom() > 0)
