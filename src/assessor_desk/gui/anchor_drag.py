"""An anchor on its way by mouse: from where it is listed to a criterion that shall cite it."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QWidget

_ANCHOR = "application/x-assessor-desk-anchor"


def carried(anchor_id: str) -> QMimeData:
    """What is carried: nothing that another program could take."""
    told = QMimeData()
    told.setData(_ANCHOR, anchor_id.encode())
    return told


def anchor_in(told: QMimeData) -> str:
    """The id of the anchor carried; empty for anything else."""
    return told.data(_ANCHOR).toStdString() if told.hasFormat(_ANCHOR) else ""


def drag_anchor(widget: QWidget, anchor_id: str) -> None:
    """Carry an anchor from here until the mouse lets it go; a picture of the widget goes along."""
    drag = QDrag(widget)
    drag.setMimeData(carried(anchor_id))
    drag.setPixmap(widget.grab())
    drag.exec(Qt.DropAction.CopyAction)
