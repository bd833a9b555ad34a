"""Everything a person can do, in one table: menus, shortcuts, the command palette and the help sheet are made from it.

`when` names a fact of the window's state (`States`); an action is enabled where that fact holds. Keys are
defaults: a person may change them. Keys without a modifier never fire while somebody types, and can be
switched off together. What only some viewers can do is enabled while such a viewer is in front (`when` is its own id),
and its keys act while the evidence has the focus: the viewer takes them itself.

Qt asks the focused widget before it looks for a shortcut. A field of text claims what it types, which is right, but
also Ctrl+Z and Ctrl+K, which here belong to the review and the palette: `Actions.eventFilter` decides between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QTabBar, QWidget

if TYPE_CHECKING:
    from assessor_desk.desk.answers import Case

ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Action:
    """One act. `keys` are portable key sequences, the first one shown; the palette finds it by `also` too."""

    id: str
    title: str
    section: str
    keys: tuple[str, ...] = ()
    when: str = ALWAYS
    in_menu: bool = True
    in_evidence: bool = False
    also: str = ""


def _viewed(section: str, acts: Iterable[tuple[str, str, tuple[str, ...]]]) -> Iterable[Action]:
    """What viewers do while they have the focus."""
    return (
        Action(id_, title, section, keys, id_, in_menu=False, in_evidence=True) for id_, title, keys in acts
    )


_IN_EVIDENCE = (
    ("find", "Find in the evidence", ("Ctrl+F",)),
    ("find_next", "Next place found", ("F3",)),
    ("find_previous", "Previous place found", ("Shift+F3",)),
    ("copy", "Copy the words selected", ("Ctrl+C",)),
    ("zoom_in", "Larger", ("Ctrl++", "Ctrl+=")),
    ("zoom_out", "Smaller", ("Ctrl+-",)),
    ("fit", "Fit, or words as large as at first", ("Ctrl+0",)),
    ("fit_page", "Fit the whole page", ("Ctrl+9",)),
    ("own_size", "A picture as large as it is", ("Ctrl+1",)),
    ("single_page", "One page at a time", ("Ctrl+8",)),
    ("next_page", "Next page", ("Alt+PgDown",)),
    ("previous_page", "Previous page", ("Alt+PgUp",)),
    ("turn", "Turn by a quarter", ("Ctrl+R",)),
    ("box", "Frame a part", ("Ctrl+M",)),
    ("hold_mark", "Move or resize the anchor chosen", ("E", "Alt+E")),
    ("sidebar", "Pages, contents and notes; or the strip of pictures", ("F4",)),
    ("read", "Read as text", ("Ctrl+T",)),
    ("tones", "Lightness and contrast", ("Ctrl+L",)),
    ("lighter", "Lighter", ("Ctrl+]",)),
    ("darker", "Darker", ("Ctrl+[",)),
    ("more_contrast", "More contrast", ("Ctrl+'",)),
    ("less_contrast", "Less contrast", ("Ctrl+;",)),
    ("enhance", "Bring out pencil", ("Ctrl+Shift+P",)),
    ("as_it_was", "A picture's tones as they were", ("Ctrl+Backspace",)),
    ("previous_scan", "Previous scan or frame", ("PgUp",)),
    ("next_scan", "Next scan or frame", ("PgDown",)),
    ("play_frames", "Play or stop a moving picture", ("Shift+Space",)),
    ("previous_picture", "Previous picture of the submission", ("Shift+PgUp",)),
    ("next_picture", "Next picture of the submission", ("Shift+PgDown",)),
)
_IN_RECORDING = (
    ("step_back", "One picture back", (",", "Alt+,")),
    ("step_forward", "One picture on", (".", "Alt+.")),
    ("seek_back_little", "Back one second", ("Shift+Left",)),
    ("seek_forward_little", "Forward one second", ("Shift+Right",)),
    ("to_start", "To the start", ("Home",)),
    ("to_end", "To the end", ("End",)),
    ("go_to_time", "Go to a time", ("G", "Ctrl+G")),
    ("slower", "Slower", ("S", "Alt+S")),
    ("faster", "Faster", ("D", "Alt+D")),
    ("normal_speed", "As fast as it was recorded", ("R", "Alt+R")),
    ("span_start", "Begin a span here", ("I", "Alt+I")),
    ("span_end", "End the span here", ("O", "Alt+O")),
    ("loop_start", "Repeat from here", ("[", "Alt+[")),
    ("loop_end", "Repeat up to here", ("]", "Alt+]")),
    ("next_mark", "Next anchor in time", ("Ctrl+Right",)),
    ("previous_mark", "Previous anchor in time", ("Ctrl+Left",)),
    ("play_mark", "Play the anchor chosen", ("Return",)),
    ("still", "Keep this picture as a still", ("Shift+S", "Alt+Shift+S")),
    ("captions", "Captions", ("C", "Alt+C")),
    ("transcript", "Transcript", ("T", "Alt+T")),
    ("mute", "Mute", ("M", "Alt+M")),
    ("louder", "Louder", ("Up", "Alt+Up")),
    ("quieter", "Quieter", ("Down", "Alt+Down")),
    ("screen", "Recording on the full screen", ("F", "Alt+F")),
    ("own_window", "Recording in its own window", ("Shift+F", "Alt+Shift+F")),
)

TABLE: tuple[Action, ...] = (
    Action(
        "sync", "Sync now", "Desk", ("F5",), "connected", also="send upload download refresh stick folder"
    ),
    Action("connect", "Connect to a hub…", "Desk", also="enrol server code stick folder usb without network"),
    Action("verify", "Verify packets…", "Desk", ("Ctrl+Shift+V",), also="check signature proof"),
    Action("identity", "Identity and certificate…", "Desk", also="renew sign"),
    Action(
        "devices",
        "Your devices…",
        "Desk",
        (),
        "connected",
        also="computers laptop second share let in pair remove",
    ),
    Action("settings", "Settings…", "Desk", ("Ctrl+,",), also="preferences options metered bandwidth"),
    Action(
        "evidence_here",
        "Evidence on this computer…",
        "Desk",
        ("Ctrl+Shift+U",),
        also="space storage disk quota make available offline download files free custody destroyed",
    ),
    Action("shortcuts", "Keyboard shortcuts…", "Desk", also="hotkeys"),
    Action("phrases", "Phrase bank…", "Desk", also="comments snippets"),
    Action("restore", "Restore…", "Desk", also="snapshot backup back-up recover damaged"),
    Action("change_passphrase", "Change passphrase…", "Desk", also="password"),
    Action("lock", "Lock", "Desk", ("Ctrl+Shift+Q",)),
    Action("close", "Close and lock", "Desk", ("Ctrl+Q",), also="quit exit"),
    Action("palette", "Find a command or a submission", "Go", ("Ctrl+K",)),
    Action("inbox", "Show or hide the inbox", "Go", ("Ctrl+B",)),
    Action("next_submission", "Next submission", "Go", ("Ctrl+PgDown",)),
    Action("previous_submission", "Previous submission", "Go", ("Ctrl+PgUp",)),
    Action("next_artifact", "Next artifact", "Go", ("Ctrl+Tab", "N"), "open"),
    Action("previous_artifact", "Previous artifact", "Go", ("Ctrl+Shift+Tab", "P"), "open"),
    Action("beside", "Another artifact beside this one", "Go", ("B", "Ctrl+Shift+T"), "open"),
    Action("compare", "Compare with the attempt before", "Go", ("Y", "Ctrl+Shift+Y"), "resubmitted"),
    Action("earlier_feedback", "Feedback on the attempt before…", "Go", when="earlier_feedback"),
    Action("work_before", "What you wrote before, under another assignment…", "Go", when="worked_before"),
    Action("other_side", "The other of two artifacts", "Go", ("F6",), "open"),
    Action("next_criterion", "Next criterion", "Go", ("J", "Ctrl+Down"), "open"),
    Action("previous_criterion", "Previous criterion", "Go", ("K", "Ctrl+Up"), "open"),
    Action("write", "Write in the current criterion", "Review", ("W", "Ctrl+E"), "editable"),
    *(
        Action(
            f"level_{digit}",
            f"Choose level {digit}",
            "Review",
            (str(digit), f"Alt+{digit}"),
            "scoring",
            in_menu=False,
        )
        for digit in range(1, 7)
    ),
    Action("anchor", "Anchor here", "Review", ("A", "Ctrl+Shift+A"), "editable", also="cite quote time"),
    Action("marks", "Hide or show all marks", "Review", ("H", "Ctrl+H"), "open", also="annotations"),
    Action("anchors", "List of all anchors", "Review", ("L", "Ctrl+Shift+O"), "open"),
    Action("phrase", "Insert a phrase…", "Review", ("/", "Ctrl+/"), "editable"),
    Action("keep_phrase", "Keep the selected words as a phrase…", "Review", ("Ctrl+Shift+K",), "editable"),
    Action("undo", "Undo", "Review", ("Ctrl+Z",), "can_undo"),
    Action("redo", "Redo", "Review", ("Ctrl+Shift+Z", "Ctrl+Y"), "can_redo"),
    Action(
        "seal", "Review and seal…", "Review", ("Ctrl+Return",), "reviewing", also="submit sign finish deliver"
    ),
    Action("hand_back", "Hand back…", "Review", ("Ctrl+Shift+Return",), "coaching"),
    Action(
        "correct", "Begin a correction", "Review", when="to_correct", also="amend change reopen edit unseal"
    ),
    Action("move_rubric", "The rubric’s other version…", "Review", when="republished"),
    Action("decide", "Decide and seal…", "Decision", ("Ctrl+Shift+D",), "deciding"),
    Action("pass_back", "Pass back…", "Decision", ("Ctrl+Shift+B",), "passing_back"),
    Action("decide_anew", "Decide anew…", "Decision", ("Ctrl+Shift+G",), "refused"),
    Action("report", "Look at the report", "Decision", ("Ctrl+Shift+R",), "reported"),
    Action("verdict", "All facts about the packet", "Decision", ("Ctrl+Shift+I",), "delivered"),
    Action("next_review", "Next review of this submission", "Decision", ("Ctrl+Shift+N",), "several"),
    Action("release", "Release reports…", "Decision", ("Ctrl+Shift+S",), "reviewer"),
    Action("co_sign", "Co-sign a packet…", "Decision", ("Ctrl+Shift+H",), "reviewer"),
    Action("save_badge", "Save badge…", "Decision", ("Ctrl+Shift+M",), "badged"),
    Action("cohort_report", "Cohort report…", "Decision", ("Ctrl+Shift+J",), "reviewer"),
    Action("export_many", "Export reviews…", "Decision", ("Ctrl+Shift+X",), "reviewer"),
    Action("search_reviews", "Search in reviews…", "Decision", ("Ctrl+Shift+F",), "reviewer"),
    Action("export", "Export…", "Review", ("Ctrl+Shift+E",), "open", also="save PDF packet copy"),
    Action(
        "concern", "Raise a concern…", "Review", ("Ctrl+Shift+C",), "open", also="flag problem plagiarism"
    ),
    Action("play", "Play or pause", "Recording", ("Space", "Ctrl+P"), "playing"),
    Action("seek_back", "Back 5 seconds", "Recording", ("Left", "Alt+Left"), "playing"),
    Action("seek_forward", "Forward 5 seconds", "Recording", ("Right", "Alt+Right"), "playing"),
    Action("resume", "Go on from a little before", "Recording", ("Shift+Return",), "playing"),
    *_viewed("Recording, while it has the focus", _IN_RECORDING),
    *_viewed("Evidence, while it has the focus", _IN_EVIDENCE),
    Action("evidence_alone", "Evidence alone", "View", ("F9",)),
    Action("full_screen", "Full screen", "View", ("F11",)),
    Action("appearance", "Light or dark", "View", ("Ctrl+Shift+L",), also="theme night mode"),
    Action("help", "Keys and help", "Help", ("F1", "?")),
)
BY_ID: Mapping[str, Action] = {action.id: action for action in TABLE}


def default_keys(action_id: str) -> tuple[str, ...]:
    """The keys of an action before a person changes them."""
    return BY_ID[action_id].keys


def states(
    case: Case | None, *, connected: bool, playing: bool = False, viewed: Iterable[str] = ()
) -> set[str]:
    """The facts that `Action.when` may name, as they hold now; `viewed` is what the viewer in front can do."""
    facts = {ALWAYS, *viewed}
    if connected:
        facts.add("connected")
    if playing:
        facts.add("playing")
    if case is None:
        return facts
    facts |= _facts_of(case)
    if case.read_only or case.decision is not None:
        return facts
    facts.add("editable")
    facts.add("reviewing" if case.notes is None else "coaching")
    if case.review.completeness == ():
        facts.add("scoring")
    if case.can_undo:
        facts.add("can_undo")
    if case.can_redo:
        facts.add("can_redo")
    return facts


def _facts_of(case: Case) -> set[str]:
    """What holds of a submission whether it can be changed or not."""
    earlier = case.submission.earlier
    return {
        "open",
        *(["resubmitted"] if earlier is not None else ()),
        *(["earlier_feedback"] if earlier is not None and earlier.feedback else ()),
        *(["republished"] if case.offer is not None else ()),
        *(["worked_before"] if case.worked_before else ()),
        *(["to_correct"] if case.to_be_corrected else ()),
    }


def clashes(keys: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Keys given to more than one action: key → ids, empty where there is no clash."""
    users: dict[str, list[str]] = {}
    for action_id, sequences in keys.items():
        for sequence in sequences:
            users.setdefault(QKeySequence(sequence).toString().casefold(), []).append(action_id)
    return {key: ids for key, ids in users.items() if len(ids) > 1}


class Actions(QObject):
    """The table as Qt actions of one widget and its window. `run` carries out an act by its id."""

    keys_changed = Signal()

    def __init__(self, widget: QWidget, run: Callable[[str], None]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._run = run
        self._actions = {action.id: self._make(action) for action in TABLE}
        self._single_keys = True
        self._own_keys: dict[str, tuple[str, ...]] = {}
        self._dress()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus)

    def _make(self, action: Action) -> QAction:
        made = QAction(action.title, self._widget)
        made.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        made.triggered.connect(lambda _checked=False, id_=action.id: self._run(id_))
        self._widget.addAction(made)
        return made

    def __getitem__(self, action_id: str) -> QAction:
        """The Qt action of an id."""
        return self._actions[action_id]

    def keys(self, action_id: str) -> tuple[str, ...]:
        """The keys in force for an action."""
        keys = self._own_keys.get(action_id, BY_ID[action_id].keys)
        return keys if self._single_keys else tuple(key for key in keys if not is_single(key))

    def keys_in_words(self, action_id: str) -> str:
        """The first key of an action as this system writes it; empty where it has none."""
        first = QKeySequence(next(iter(self.keys(action_id)), ""))
        return first.toString(QKeySequence.SequenceFormat.NativeText)

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
            own = () if BY_ID[action_id].in_evidence else self.keys(action_id)
            made.setShortcuts([QKeySequence(key) for key in own])

    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        """Stand beside the one widget that Qt asks first; all others are left alone."""
        if before is not None:
            before.removeEventFilter(self)
        if now is not None and self._widget.isAncestorOf(now):
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Before a widget claims a key: whose it is, ours or the widget's."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(watched, QWidget):
            return False
        assert isinstance(event, QKeyEvent)
        if _presses(watched, event) or _steps(watched, event):
            event.accept()
            return True
        if self._is_ours(event) and not _edits(watched, event):
            event.ignore()
            return True
        return False

    def _is_ours(self, event: QKeyEvent) -> bool:
        """Whether an act has this key, and the key types nothing: no word needs Shift and Return."""
        shifted = event.key() in _RETURNS and bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        commanding = bool(event.modifiers() & _COMMANDING) or Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35
        if not commanding and not shifted:
            return False
        pressed = QKeySequence(event.keyCombination())
        return any(pressed in made.shortcuts() for made in self._actions.values() if made.isEnabled())


_COMMANDING = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)
_RETURNS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PRESSING = (Qt.Key.Key_Space, *_RETURNS)
_MOVING = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
#: What a field that undoes by itself keeps for itself.
_EDITING = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


def is_single(key: str) -> bool:
    """Whether a key acts without a modifier and would type, or move, elsewhere."""
    return len(key) == 1 or key in ("Space", "Left", "Right", "Up", "Down")


def _presses(widget: QWidget, event: QKeyEvent) -> bool:
    """Whether the widget itself does something with this plain key: a button with Space, a tab bar with the arrows."""
    if event.modifiers() & _COMMANDING:
        return False
    key = Qt.Key(event.key())
    if isinstance(widget, QAbstractButton | QComboBox) and key in _PRESSING:
        return True
    return isinstance(widget, QTabBar | QAbstractSlider | QComboBox) and key in _MOVING


def _steps(widget: QWidget, event: QKeyEvent) -> bool:
    """Whether the key goes to the next or previous place found, in a field of words to look for."""
    return widget.property("seeks") is True and event.key() in _RETURNS


def _edits(widget: QWidget, event: QKeyEvent) -> bool:
    """Whether the key undoes or redoes in a field that has an undo of its own."""
    own_undo = widget.property("undoRedoEnabled") is True or widget.inherits("QLineEdit")
    return own_undo and any(event.matches(key) for key in _EDITING)
