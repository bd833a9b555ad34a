"""What of the program goes out of sight while its window is locked, and comes back as it was.

All other windows, before they are ever on the screen where they would open meanwhile; and what was copied here, since
systems show what their clipboard holds.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, QTimer
from PySide6.QtGui import QClipboard
from PySide6.QtWidgets import QApplication, QDialog, QToolTip, QWidget
from shiboken6 import isValid

_HIDDEN = "out of sight"
_NEVER_SEEN = Qt.WidgetAttribute.WA_DontShowOnScreen
_QUIETLY = Qt.WidgetAttribute.WA_ShowWithoutActivating


def out_of_sight() -> bool:
    """Whether the program is locked: what a system's box answers then was said by nobody who may."""
    return bool(_application().property(_HIDDEN))


@dataclass(frozen=True)
class _Aside:
    window: QWidget
    modal: bool


class OutOfSight(QObject):
    """Everything but one window, and in that the page that covers it."""

    def __init__(self, window: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window = window
        self._page: QWidget | None = None
        self._in_front: QWidget | None = None
        self._aside: list[_Aside] = []
        self._copied: QMimeData | None = None

    def take(self, page: QWidget) -> None:
        """Take everything out of sight but the page."""
        _application().setProperty(_HIDDEN, True)
        self._page, self._in_front = page, QApplication.activeWindow()
        QToolTip.hideText()
        self._take_copied()
        for other in QApplication.topLevelWidgets():
            self._put_aside(other)
        _application().installEventFilter(self)

    def bring_back(self) -> None:
        """Show everything again; the window that had the keys has them."""
        _application().removeEventFilter(self)
        _application().setProperty(_HIDDEN, False)
        self._page = None
        self._give_copied()
        aside, self._aside = [each for each in self._aside if isValid(each.window)], []
        aside.sort(key=lambda each: _depth(each.window))
        front = self._front(aside)
        for each in aside:
            _show(each, quietly=each.window is not front)
        front.raise_()
        front.activateWindow()

    def _front(self, aside: list[_Aside]) -> QWidget:
        if any(each.window is self._in_front for each in aside) and self._in_front is not None:
            return self._in_front
        return next((each.window for each in reversed(aside) if each.modal), self._window)

    # Windows

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let no window appear, not even for a moment."""
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and self._is_other(watched):
            # Qt sends this before the window is on the screen.
            watched.setAttribute(_NEVER_SEEN)
            QTimer.singleShot(0, watched, lambda: self._on_never_seen(watched))
        return super().eventFilter(watched, event)

    def _on_never_seen(self, other: QWidget) -> None:
        if self._page is not None:
            self._put_aside(other)
        else:
            other.hide()
            if not _waited_for(other):
                self._aside.append(_Aside(other, other.isModal()))
        other.setAttribute(_NEVER_SEEN, False)
        if self._page is None:
            self.bring_back()

    def _is_other(self, one: QWidget) -> bool:
        """Whether it is a window besides the locked one, and no menu or tip of the page in it."""
        if one is self._window or not isValid(one) or not one.isWindow():
            return False
        above: QWidget | None = one
        while above is not None and above is not self._page:
            above = above.parentWidget()
        return above is None

    def _put_aside(self, other: QWidget) -> None:
        """Hide another window; a menu or the palette just goes, and so does a box of files or printers.

        Such a box is waited for where it was asked for, and ends with being hidden, the system's own too, as if it had
        been cancelled. Shown again it would be one that nobody asks for an answer.
        """
        if not self._is_other(other) or not other.isVisible():
            return
        if other.windowType() in (Qt.WindowType.Popup, Qt.WindowType.ToolTip):
            other.close()
        elif _waited_for(other):
            other.hide()
        else:
            self._aside.append(_Aside(other, other.isModal()))
            other.hide()

    # The clipboard

    def _take_copied(self) -> None:
        clipboard = QApplication.clipboard()
        if clipboard.ownsSelection():
            clipboard.clear(QClipboard.Mode.Selection)
        if clipboard.ownsClipboard():
            self._copied = _copy_of(clipboard.mimeData())
            clipboard.clear()

    def _give_copied(self) -> None:
        copied, self._copied = self._copied, None
        clipboard = QApplication.clipboard()
        # Qt has none where nothing was copied; what was copied elsewhere meanwhile stays.
        held: QMimeData | None = clipboard.mimeData()
        if copied is not None and (held is None or not held.formats()):
            clipboard.setMimeData(copied)


def _waited_for(other: QWidget) -> bool:
    """Whether a box was asked with `exec`, which alone makes it modal to all windows; ours are opened."""
    return isinstance(other, QDialog) and other.windowModality() == Qt.WindowModality.ApplicationModal


def _show(aside: _Aside, *, quietly: bool) -> None:
    window = aside.window
    was_quiet = window.testAttribute(_QUIETLY)
    window.setAttribute(_QUIETLY, quietly or was_quiet)
    if isinstance(window, QDialog) and aside.modal:
        window.open()
    else:
        window.show()
    window.setAttribute(_QUIETLY, was_quiet)


def _depth(window: QWidget) -> int:
    """How many stand above it: a box opened from a box comes after that."""
    above = window.parentWidget()
    return 0 if above is None else 1 + _depth(above)


def _copy_of(held: QMimeData | None) -> QMimeData:
    copied = QMimeData()
    if held is not None:
        for kind in held.formats():
            copied.setData(kind, held.data(kind))
    return copied


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
