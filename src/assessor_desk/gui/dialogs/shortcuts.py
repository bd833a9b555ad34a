"""Keyboard shortcuts: every act with its keys, each of which can be changed, cleared or put back.

A clash is named at the key it concerns; the key then stays with the act that had it until the person decides.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.gui.actions import BY_ID, TABLE
from assessor_desk.gui.controls import outlined_button, quiet_button
from assessor_desk.gui.preferences import Preferences

_ID = Qt.ItemDataRole.UserRole


def user_of(key: str, keys: dict[str, tuple[str, ...]], but_for: str) -> str:
    """The id of another act that has this key; empty where it is free."""
    wanted = QKeySequence(key)
    for action_id, held in keys.items():
        if action_id != but_for and any(QKeySequence(one) == wanted for one in held):
            return action_id
    return ""


def in_words(keys: tuple[str, ...]) -> str:
    """Keys as this system writes them."""
    return " or ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys)


class ShortcutsDialog(QDialog):
    """The table, a field to filter it, and a field that takes the new key. Emits `changed` after each change."""

    changed = Signal()

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.setWindowTitle("Keyboard shortcuts")
        self.resize(640, 620)
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText("Find an act or a key")
        self.filter.setAccessibleName("Find an act or a key")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._filter)
        self.tree = self._make_tree()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addWidget(self.filter)
        column.addWidget(self.tree, 1)
        column.addLayout(self._editor())
        column.addWidget(self._trouble_label())
        column.addLayout(self._buttons())
        self._fill()
        self.tree.setCurrentItem(self.lines()[0])

    # Building

    def _make_tree(self) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setAccessibleName("Acts and their keys")
        tree.setHeaderLabels(["Act", "Keys"])
        tree.setColumnWidth(0, 340)
        tree.setRootIsDecorated(False)
        tree.setIndentation(12)
        tree.setUniformRowHeights(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        tree.currentItemChanged.connect(self._on_current)
        return tree

    def _editor(self) -> QHBoxLayout:
        self.act_label = QLabel(self)
        self.key_field = QKeySequenceEdit(self)
        self.key_field.setMaximumSequenceLength(1)
        self.key_field.setAccessibleName("New key")
        for inside in self.key_field.findChildren(QLineEdit):
            inside.setAccessibleName("New key")
        self.key_field.editingFinished.connect(self._on_key)
        self.add = quiet_button("Add as a second key", self)
        self.add.setCheckable(True)
        self.clear = quiet_button("No key", self)
        self.clear.clicked.connect(lambda: self._set_keys(()))
        self.restore = quiet_button("Put back", self)
        self.restore.clicked.connect(self._on_restore)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.act_label, 1)
        for widget in (self.key_field, self.add, self.clear, self.restore):
            row.addWidget(widget)
        return row

    def _trouble_label(self) -> QLabel:
        self.trouble = QLabel(self)
        self.trouble.setObjectName("trouble")
        self.trouble.setWordWrap(True)
        self.trouble.hide()
        return self.trouble

    def _buttons(self) -> QHBoxLayout:
        put_all_back = quiet_button("Put all keys back", self)
        put_all_back.clicked.connect(self._on_restore_all)
        close = outlined_button("Close", self)
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addWidget(put_all_back)
        row.addStretch(1)
        row.addWidget(close)
        return row

    def _fill(self) -> None:
        self._sections: dict[str, list[QTreeWidgetItem]] = {}
        for action in TABLE:
            line = QTreeWidgetItem([action.title.rstrip("…"), ""])
            line.setData(0, _ID, action.id)
            self._sections.setdefault(action.section, []).append(line)
        for title, lines in self._sections.items():
            section = QTreeWidgetItem([title])
            section.setFlags(Qt.ItemFlag.ItemIsEnabled)
            section.addChildren(lines)
            self.tree.addTopLevelItem(section)
            section.setExpanded(True)
        self._show_keys()

    # Showing

    @property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """The keys of every act, the person's own where there are any."""
        return {action.id: action.keys for action in TABLE} | self._preferences.own_keys

    def lines(self) -> list[QTreeWidgetItem]:
        """The lines of the acts, in their order."""
        return [line for section in self._sections.values() for line in section]

    def choose(self, action_id: str) -> None:
        """Make an act the current one."""
        self.tree.setCurrentItem(next(line for line in self.lines() if line.data(0, _ID) == action_id))

    def _show_keys(self) -> None:
        keys, own = self.keys, self._preferences.own_keys
        for line in self.lines():
            action_id = line.data(0, _ID)
            font = line.font(1)
            font.setBold(action_id in own)
            line.setFont(1, font)
            line.setText(1, in_words(keys[action_id]))
            line.setToolTip(1, "Changed by you" if action_id in own else "")

    def _filter(self, words: str) -> None:
        wanted = words.casefold().strip()
        for place, lines in enumerate(self._sections.values()):
            for line in lines:
                line.setHidden(wanted not in f"{line.text(0)} {line.text(1)}".casefold())
            section = self.tree.topLevelItem(place)
            assert section is not None
            section.setHidden(all(line.isHidden() for line in lines))
        shown = [line for line in self.lines() if not line.isHidden()]
        if shown and self.tree.currentItem() not in shown:
            self.tree.setCurrentItem(shown[0])

    @property
    def current(self) -> str:
        """The id of the act being edited."""
        line = self.tree.currentItem()
        return str(line.data(0, _ID) or "") if line else ""

    def _on_current(self) -> None:
        self.trouble.hide()
        action = BY_ID.get(self.current)
        self.act_label.setText(action.title.rstrip("…") if action else "")
        for widget in (self.key_field, self.add, self.clear, self.restore):
            widget.setEnabled(action is not None)
        self.add.setChecked(False)
        self.key_field.clear()

    # Changing

    def _on_key(self) -> None:
        key = self.key_field.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if not key or not self.current:
            return
        other = user_of(key, self.keys, self.current)
        if other:
            self.key_field.clear()
            self._say(
                f"{in_words((key,))} already does “{BY_ID[other].title.rstrip('…')}”. Change that one first."
            )
            return
        held = self.keys[self.current] if self.add.isChecked() else ()
        self._set_keys((*held, key))
        self.key_field.clear()

    def _set_keys(self, keys: tuple[str, ...]) -> None:
        own = self._preferences.own_keys
        own[self.current] = keys
        self._keep(own)

    def _on_restore(self) -> None:
        taken = [user_of(key, self.keys, self.current) for key in BY_ID[self.current].keys]
        if clash := next(filter(None, taken), ""):
            self._say(
                f"One of its own keys now does “{BY_ID[clash].title.rstrip('…')}”. Put that one back first."
            )
            return
        own = self._preferences.own_keys
        own.pop(self.current, None)
        self._keep(own)

    def _on_restore_all(self) -> None:
        self._keep({})

    def _keep(self, own: dict[str, tuple[str, ...]]) -> None:
        self._preferences.own_keys = {id_: keys for id_, keys in own.items() if keys != BY_ID[id_].keys}
        self.trouble.hide()
        self._show_keys()
        self.changed.emit()

    def _say(self, words: str) -> None:
        self.trouble.setText(words)
        self.trouble.show()
