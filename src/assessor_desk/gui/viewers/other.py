"""Shows the facts of a file that is not opened here: what it is, how large, and its digest."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from assessor_desk.domain.anchor import Selector, Whole
from assessor_desk.gui.controls import outlined_button
from assessor_desk.gui.viewers import look
from assessor_desk.gui.viewers.handles import OtherHandle
from assessor_desk.gui.viewers.viewer import Evidence, Mark, Tasks, Viewer


class OtherViewer(Viewer):
    """The file can be cited as a whole, and nothing in it."""

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(tasks, parent)
        self._title = QLabel(self)
        self._title.setObjectName("paneTitle")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setWordWrap(True)
        self._explanation = look.quiet_label(self)
        self._explanation.setWordWrap(True)
        self._facts = {name: _fact(self) for name in ("Name", "Type", "Size", "SHA-256")}
        self._facts["SHA-256"].setObjectName("fixedWidth")
        card = QFrame(self)
        card.setObjectName("card")
        card.setMaximumWidth(640)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(20, 18, 20, 18)
        inside.setSpacing(10)
        inside.addWidget(self._title)
        inside.addWidget(self._explanation)
        inside.addLayout(self._form())
        self.copy = outlined_button("Export a copy…", self)
        self.copy.clicked.connect(self.copy_wanted)
        row = QHBoxLayout()
        row.addWidget(self.copy)
        row.addStretch(1)
        inside.addLayout(row)
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.addStretch(1)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(card, 20)
        across.addStretch(1)
        column.addLayout(across)
        column.addStretch(2)
        self._scrolled(page)

    def _scrolled(self, page: QWidget) -> None:
        """Where there is little room nothing is cut: one scrolls to it."""
        area = QScrollArea(self)
        area.setObjectName("scrolled")
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName("What is known of the file")
        area.setWidget(page)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(area)

    def show_artifact(self, evidence: Evidence) -> None:
        artifact = evidence.artifact
        self.open_in_background(evidence, self._on_opened)
        self._title.setText(artifact.name)
        self._facts["Name"].setText(artifact.name)
        self._facts["SHA-256"].setText(" ".join(_in_eights(artifact.sha256)))

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Nothing in the file can be marked; the strip below shows its anchors."""

    def set_marks_visible(self, visible: bool) -> None:
        """There are none to hide."""

    def reveal(self, selector: Selector) -> None:
        """The whole is in sight already."""

    def current_selector(self) -> Selector | None:
        return Whole() if self._handle is not None else None

    def clear(self) -> None:
        super().clear()
        self._title.setText("")
        self._explanation.setText("")
        self.copy.setEnabled(False)
        for label in self._facts.values():
            label.setText("")

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(20)
        form.setVerticalSpacing(6)
        for name, label in self._facts.items():
            form.addRow(look.quiet_label(self, name), label)
        return form

    def _on_opened(self, handle: OtherHandle) -> None:
        self._explanation.setText(
            "Files of this type are not opened here. If it is needed for the assessment, hand the submission back "
            "as unreadable and ask for a PDF, or export a copy and open that where it is safe."
        )
        self._facts["Type"].setText(f"{handle.words} ({handle.media_type})")
        self._facts["Size"].setText(f"{handle.size:,} bytes")
        self.copy.setEnabled(True)


def _in_eights(digest: str) -> list[str]:
    """In groups that can be compared by eye, and that a line can be broken between."""
    return [digest[place : place + 8] for place in range(0, len(digest), 8)]


def _fact(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label
