"""All levels of a criterion side by side with their descriptors, so that one is chosen in sight of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from assessor_desk.domain.rubric import Criterion, PerformanceLevel
from assessor_desk.gui import theme


class LevelColumn(QAbstractButton):
    """One level: its digit, title, descriptor and what counts."""

    def __init__(self, digit: int, level: PerformanceLevel, passing: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.level = level
        self.digit = digit
        self._cap = str(digit)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._title = QLabel(self)
        self._title.setObjectName("levelTitle")
        self._title.setWordWrap(True)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        descriptor = QLabel(level.descriptor, self)
        descriptor.setObjectName("levelDescriptor")
        descriptor.setWordWrap(True)
        descriptor.setTextFormat(Qt.TextFormat.PlainText)
        descriptor.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(4)
        layout.addWidget(self._title)
        layout.addWidget(descriptor, 1)
        for label in (self._title, descriptor):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        suffix = ", the passing level" if passing else ""
        self.setAccessibleName(f"Level {digit}, {level.title}{suffix}")
        self.setAccessibleDescription(level.descriptor)
        self.show_key(str(digit))
        self.toggled.connect(self._say_title)

    def show_key(self, key: str) -> None:
        """Say which key chooses this level: a short one before the title, a long one only when pointed at."""
        self._cap = key if len(key) == 1 else ""
        self.setToolTip(f"Press {key}" if key else "")
        self._say_title()

    def _say_title(self) -> None:
        """The tick takes the place of the key, so that nothing moves when a level is chosen."""
        self._title.setText(f"{'✓' if self.isChecked() else self._cap}  {self.level.title}".strip())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Surface, or the soft accent with a frame when chosen or focused."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        hovered = self.underMouse() and self.isEnabled()
        fill = "soft" if chosen else "sunken" if hovered else "surface"
        painter.fillRect(self.rect(), theme.colour(fill))
        if chosen or self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click takes the focus out of texts, but not to the level: Space then still plays, and scores nothing."""
        if chooser := self.parentWidget():
            chooser.setFocus(Qt.FocusReason.MouseFocusReason)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go to the neighbouring level, as in a group of radio buttons."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        chooser = self.parent()
        if step and isinstance(chooser, LevelChooser):
            chooser.focus_beside(self, step)
            return
        super().keyPressEvent(event)


class LevelChooser(QWidget):
    """The levels of one criterion, lowest first. Choosing the chosen one again takes it back."""

    level_chosen = Signal(object)

    def __init__(self, criterion: Criterion, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(1)
        self._columns = [
            LevelColumn(number, level, level.id == criterion.passing, self)
            for number, level in enumerate(criterion.levels, start=1)
        ]
        for column in self._columns:
            layout.addWidget(column, 1)
            column.clicked.connect(self._on_clicked)
        self._chosen: str | None = None

    @property
    def columns(self) -> Sequence[LevelColumn]:
        """The levels, lowest first."""
        return self._columns

    def show_keys(self, key_of: Callable[[str], str]) -> None:
        """Say the keys in force; `key_of` an act's id gives its first key in words, empty where it has none."""
        for column in self._columns:
            column.show_key(key_of(f"level_{column.digit}"))

    def show_level(self, level_id: str | None) -> None:
        """Show which level is chosen."""
        self._chosen = level_id
        for column in self._columns:
            column.setChecked(column.level.id == level_id)
            column.update()

    def choose_digit(self, digit: int) -> bool:
        """Choose the level with this digit; False if there is none."""
        if not 1 <= digit <= len(self._columns) or not self.isEnabled():
            return False
        self.level_chosen.emit(self._columns[digit - 1].level.id)
        return True

    def focus_beside(self, column: LevelColumn, step: int) -> None:
        """Move the focus to a neighbour."""
        index = self._columns.index(column) + step
        if 0 <= index < len(self._columns):
            self._columns[index].setFocus(Qt.FocusReason.TabFocusReason)

    def _on_clicked(self) -> None:
        column = self.sender()
        if isinstance(column, LevelColumn):
            again = column.level.id == self._chosen
            self.show_level(self._chosen)
            self.level_chosen.emit(None if again else column.level.id)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """One frame around all levels, hairlines between them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.setBrush(theme.colour("hair"))
        painter.drawRoundedRect(frame, 4, 4)
