"""Everything a person can do, in one table: menus, shortcuts, the command palette and the help sheet are made from it.

`when` names a fact of the window's state (`States`); an action is enabled where that fact holds. Keys are
defaults: a person
may change them. Keys without a modifier never fire while somebody types, and can be switched off together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from assessor_desk.desk.answers import Case

ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Action:
    """One act. `keys` are portable key sequences, the first one shown."""

    id: str
    title: str
    section: str
    keys: tuple[str, ...] = ()
    when: str = ALWAYS

    @property
    def single_key(self) -> bool:
        """Whether it fires without a modifier."""
        return any(len(key) == 1 for key in self.keys)


TABLE: tuple[Action, ...] = (
    Action("sync", "Sync now", "Desk", ("F5",), "connected"),
    Action("connect", "Connect to a hub…", "Desk"),
    Action("verify", "Verify packets…", "Desk", ("Ctrl+Shift+V",)),
    Action("settings", "Settings…", "Desk", ("Ctrl+,",)),
    Action("shortcuts", "Keyboard shortcuts…", "Desk"),
    Action("lock", "Close and lock", "Desk", ("Ctrl+Q",)),
    Action("palette", "Find a command or a submission", "Go", ("Ctrl+K",)),
    Action("inbox", "Show or hide the inbox", "Go", ("Ctrl+B",)),
    Action("next_submission", "Next submission", "Go", ("Ctrl+PgDown",)),
    Action("previous_submission", "Previous submission", "Go", ("Ctrl+PgUp",)),
    Action("next_artifact", "Next artifact", "Go", ("Ctrl+Tab", "N"), "open"),
    Action("previous_artifact", "Previous artifact", "Go", ("Ctrl+Shift+Tab", "P"), "open"),
    Action("next_criterion", "Next criterion", "Go", ("J", "Ctrl+Down"), "open"),
    Action("previous_criterion", "Previous criterion", "Go", ("K", "Ctrl+Up"), "open"),
    Action("write", "Write in the current criterion", "Review", ("W", "Ctrl+E"), "editable"),
    *(
        Action(f"level_{digit}", f"Choose level {digit}", "Review", (str(digit), f"Alt+{digit}"), "scoring")
        for digit in range(1, 7)
    ),
    Action("anchor", "Anchor here", "Review", ("A", "Ctrl+Shift+A"), "editable"),
    Action("marks", "Hide or show all marks", "Review", ("H", "Ctrl+H"), "open"),
    Action("undo", "Undo", "Review", ("Ctrl+Z",), "can_undo"),
    Action("redo", "Redo", "Review", ("Ctrl+Shift+Z", "Ctrl+Y"), "can_redo"),
    Action("seal", "Review and seal…", "Review", ("Ctrl+Return",), "editable"),
    Action("export", "Export the packet…", "Review", ("Ctrl+Shift+E",), "sealed"),
    Action("full_screen", "Full screen", "View", ("F11",)),
    Action("appearance", "Light or dark", "View", ("Ctrl+Shift+L",)),
    Action("help", "Keys and help", "Help", ("F1", "?")),
)
BY_ID: Mapping[str, Action] = {action.id: action for action in TABLE}


def states(case: Case | None, *, connected: bool) -> set[str]:
    """The facts that `Action.when` may name, as they hold now."""
    facts = {ALWAYS}
    if connected:
        facts.add("connected")
    if case is None:
        return facts
    facts.add("open")
    if case.review.sealed:
        facts.add("sealed")
    if case.read_only:
        return facts
    facts.add("editable")
    if case.review.completeness == ():
        facts.add("scoring")
    if case.can_undo:
        facts.add("can_undo")
    if case.can_redo:
        facts.add("can_redo")
    return facts


def clashes(keys: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Keys given to more than one action: key → ids, empty where there is no clash."""
    users: dict[str, list[str]] = {}
    for action_id, sequences in keys.items():
        for sequence in sequences:
            users.setdefault(QKeySequence(sequence).toString().casefold(), []).append(action_id)
    return {key: ids for key, ids in users.items() if len(ids) > 1}


class Actions(QObject):
    """The table as Qt actions of one window. `run` carries out an act by its id."""

    keys_changed = Signal()

    def __init__(self, window: QWidget, run: Callable[[str], None]) -> None:
        super().__init__(window)
        self._window = window
        self._run = run
        self._actions = {action.id: self._make(action) for action in TABLE}
        self._single_keys = True
        self._own_keys: dict[str, tuple[str, ...]] = {}
        self._dress()

    def _make(self, action: Action) -> QAction:
        made = QAction(action.title, self._window)
        made.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        made.triggered.connect(lambda _checked=False, id_=action.id: self._run(id_))
        self._window.addAction(made)
        return made

    def __getitem__(self, action_id: str) -> QAction:
        """The Qt action of an id."""
        return self._actions[action_id]

    def keys(self, action_id: str) -> tuple[str, ...]:
        """The keys in force for an action."""
        keys = self._own_keys.get(action_id, BY_ID[action_id].keys)
        return keys if self._single_keys else tuple(key for key in keys if len(key) != 1)

    def set_keys(self, own: Mapping[str, tuple[str, ...]], *, single_keys: bool) -> None:
        """Put a person's own keys in force, those they did not change staying as they are."""
        self._own_keys = {id_: keys for id_, keys in own.items() if id_ in BY_ID}
        self._single_keys = single_keys
        self._dress()
        self.keys_changed.emit()

    def enable(self, facts: Iterable[str]) -> None:
        """Enable what these facts allow."""
        holding = set(facts)
        for action_id, made in self._actions.items():
            made.setEnabled(BY_ID[action_id].when in holding)

    def _dress(self) -> None:
        for action_id, made in self._actions.items():
            made.setShortcuts([QKeySequence(key) for key in self.keys(action_id)])
