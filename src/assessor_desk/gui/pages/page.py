"""A calm page in the middle of the window: one column, one question, one button that leads on."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.gui import icons
from assessor_desk.gui.controls import outlined_button, primary_button, quiet_button

COLUMN_WIDTH = 440


class Page(QScrollArea):
    """A heading, words, fields, a place for trouble, and buttons; it scrolls where the window is small."""

    def __init__(self, icon: str, title: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._first_field: QWidget | None = None
        ground = QWidget()
        ground.setObjectName("page")
        ground.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        middle = QHBoxLayout(ground)
        middle.setContentsMargins(24, 24, 24, 24)
        self.column = QWidget(ground)
        self.column.setMaximumWidth(COLUMN_WIDTH)
        self.column.setMinimumWidth(280)
        middle.addStretch(1)
        middle.addWidget(self.column, 100)
        middle.addStretch(1)
        self.lines = QVBoxLayout(self.column)
        self.lines.setContentsMargins(0, 0, 0, 0)
        self.lines.setSpacing(0)
        self.lines.addStretch(2)
        self._add_heading(icon, title, words)
        self.setWidget(ground)
        self.setAccessibleName(title)

    def _add_heading(self, icon: str, title: str, words: str) -> None:
        picture = QLabel(self.column)
        picture.setPixmap(icons.icon(icon, "accent").pixmap(28, 28))
        self._title = QLabel(title, self.column)
        self._title.setObjectName("headline")
        self._title.setWordWrap(True)
        self._words = self.paragraph_label(words)
        self.lines.addWidget(picture)
        self.lines.addSpacing(12)
        self.lines.addWidget(self._title)
        self.lines.addSpacing(6)
        self.lines.addWidget(self._words)
        self.lines.addSpacing(16)

    # Building

    def paragraph_label(self, words: str) -> QLabel:
        """A wrapping label in the quieter colour."""
        label = QLabel(words, self.column)
        label.setObjectName("muted")
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def add_field(self, title: str, *, secret: bool = False, hint: str = "") -> QLineEdit:
        """A titled line to fill in. A secret one can be looked at with the eye at its end."""
        label = QLabel(title, self.column)
        label.setObjectName("fieldLabel")
        field = QLineEdit(self.column)
        field.setMinimumHeight(32)
        field.setAccessibleName(title)
        field.setPlaceholderText(hint)
        label.setBuddy(field)
        if secret:
            add_eye(field)
        self.lines.addWidget(label)
        self.lines.addSpacing(4)
        self.lines.addWidget(field)
        self.lines.addSpacing(12)
        self._first_field = self._first_field or field
        return field

    def name_field(self, field: QLineEdit, title: str) -> None:
        """Another title for a field."""
        field.setAccessibleName(title)
        for label in self.column.findChildren(QLabel):
            if label.buddy() is field:
                label.setText(title)

    def add_paragraph(self, words: str = "") -> QLabel:
        """Words below what was added last."""
        label = self.paragraph_label(words)
        self.lines.addWidget(label)
        self.lines.addSpacing(12)
        return label

    def add_trouble(self) -> None:
        """The place where a refusal is told, in its own words."""
        self._trouble = QLabel(self.column)
        self._trouble.setObjectName("trouble")
        self._trouble.setWordWrap(True)
        self._trouble.setTextFormat(Qt.TextFormat.PlainText)
        self._trouble.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        keep_room(self._trouble, lines=2)
        self._trouble.hide()
        self.lines.addWidget(self._trouble)

    def add_buttons(self, primary: str, other: str = "") -> tuple[QPushButton, QPushButton | None]:
        """The button that leads on, and perhaps one beside it. Nothing is added below them."""
        row = QHBoxLayout()
        row.setSpacing(8)
        self.go = primary_button(primary, self.column)
        self.go.setDefault(True)
        row.addWidget(self.go)
        beside = outlined_button(other, self.column) if other else None
        if beside:
            row.addWidget(beside)
        self._busy = self.paragraph_label("")
        row.addWidget(self._busy, 1)
        self.lines.addSpacing(8)
        self.lines.addLayout(row)
        return self.go, beside

    def add_quiet(self, words: str) -> QPushButton:
        """A small act under the buttons, for what is seldom wanted."""
        button = quiet_button(words, self.column)
        self.lines.addSpacing(12)
        self.lines.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return button

    def finish(self) -> None:
        """Everything is on the page: what is left over goes below."""
        self.lines.addStretch(3)

    # Telling

    def tell_trouble(self, sentence: str) -> None:
        """Say what was refused, also to a screen reader; an empty sentence takes it away."""
        self._trouble.setText(sentence)
        self._trouble.setVisible(bool(sentence))
        if sentence:
            announce(self._trouble, sentence)
            QTimer.singleShot(0, self._trouble, lambda: self.ensureWidgetVisible(self._trouble))

    @property
    def trouble(self) -> str:
        """What is being told as trouble."""
        return self._trouble.text() if not self._trouble.isHidden() else ""

    def busy(self, words: str) -> None:
        """Something is under way: nothing can be changed meanwhile. Empty words: it is over."""
        self._busy.setText(words)
        self.column.setEnabled(not words)
        if words:
            announce(self, words)

    @property
    def is_busy(self) -> bool:
        """Whether something is under way."""
        return bool(self._busy.text())

    def showEvent(self, event: QShowEvent) -> None:
        """The first field is where one begins."""
        super().showEvent(event)
        if self._first_field is not None:
            self._first_field.setFocus()


def keep_room(label: QLabel, lines: int) -> None:
    """Let a label take the room of so many lines, hidden or empty too: the page does not move when it speaks."""
    policy = label.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    label.setSizePolicy(policy)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    label.ensurePolished()
    said = label.text()
    label.setText("\n".join(["X"] * lines))
    label.setMinimumHeight(label.heightForWidth(COLUMN_WIDTH))
    label.setText(said)


def tell(label: QLabel, words: str, *, trouble: bool = False) -> None:
    """Show how something went, in the colour of trouble where it is that, and say it to a screen reader."""
    label.setObjectName("trouble" if trouble else "muted")
    label.style().unpolish(label)
    label.style().polish(label)
    label.setText(words)
    if words:
        announce(label, words)


def announce(widget: QWidget, words: str) -> None:
    """Let a screen reader say words at once."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, words))


def add_eye(field: QLineEdit) -> None:
    """Hide what is typed in a field, with an eye at its end that shows it."""
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
    eye = field.addAction(icons.icon("eye", "muted"), QLineEdit.ActionPosition.TrailingPosition)
    eye.setCheckable(True)
    eye.setText("Show what is typed")
    eye.setToolTip("Show what is typed")

    def show(shown: bool) -> None:
        field.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        eye.setIcon(icons.icon("eye-off" if shown else "eye", "muted"))

    eye.toggled.connect(show)
