"""What counts at the passing level, and the near miss: behind one link, so that it never crowds the levels."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from assessor_desk.domain.rubric import PerformanceLevel
from assessor_desk.gui import theme


class WhatCounts(QLabel):
    """Told or hidden by its own link."""

    def __init__(self, passing: PerformanceLevel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._passing = passing
        self._telling = False
        self.setObjectName("whatCounts")
        self.setAccessibleName(f"What counts as {passing.title}")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        flag = Qt.TextInteractionFlag
        self.setTextInteractionFlags(flag.LinksAccessibleByKeyboard | flag.LinksAccessibleByMouse)
        self.linkActivated.connect(self._on_link)

    def show_here(self, wanted: bool) -> None:
        """Show it, where there is something to tell."""
        self.setVisible(wanted and bool(self._passing.what_counts or self._passing.near_miss))
        self._tell()

    def fold(self) -> None:
        """Hide what counts again, as at first."""
        self._telling = False

    def _on_link(self, link: str) -> None:
        self._telling = link == "tell"
        self._tell()

    def _tell(self) -> None:
        passing = self._passing
        if not self._telling:
            self.setText(_link("tell", f"What counts as {passing.title}"))
            return
        shown = "".join(f"<li>{theme.escaped(one)}</li>" for one in passing.what_counts)
        near = f"<p>Not yet: {theme.escaped(passing.near_miss)}</p>" if passing.near_miss else ""
        self.setText(f"{_link('hide', 'Hide what counts')}<ul>{shown}</ul>{near}")


def _link(name: str, words: str) -> str:
    """A link in the accent as it is now: a label keeps the colour it was given."""
    colour = theme.colour("accent").name()
    return f'<a href="{name}" style="color: {colour}">{theme.escaped(words)}</a>'
