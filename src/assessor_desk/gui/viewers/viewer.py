"""What every viewer of evidence is: one widget per kind of artifact, built when first shown.

A viewer is handed *evidence* (an artifact and a way to open it) and *marks* (anchors already placed). It
gives back selectors that a person made, and says which mark was clicked. It knows nothing of rubrics,
reviews or the desk.

Opening is slow and may fail, so it happens on a side lane: `Viewer.open_in_background` drops the answer when
another artifact has been shown meanwhile.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from PySide6.QtCore import QKeyCombination, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import QWidget

from assessor_desk.domain.anchor_signs import Shape
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.domain.renditions import Shown
from assessor_desk.gui.abstract_widget import AbstractWidget
from assessor_desk.gui.actions import default_keys
from assessor_desk.gui.controls import EmptyState
from assessor_desk.gui.viewers import look
from assessor_desk.gui.viewers.offer_pill import OfferPill

if TYPE_CHECKING:
    from assessor_desk.domain.anchor import Anchor, Selector
    from assessor_desk.domain.submission import Artifact
    from assessor_desk.gui.original import Standing
    from assessor_desk.settings import Settings

T = TypeVar("T")


class Tasks(Protocol):
    """The part of `gui.tasks` a viewer needs: work off the GUI thread, its result back on it."""

    def side(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[DeskError], None]
    ) -> None: ...


class Evidence(Protocol):
    """An artifact with a way to open it. `open` and `captions` block: call them on a side lane."""

    @property
    def artifact(self) -> Artifact: ...

    def open(self) -> Any: ...

    def captions(self) -> str | None: ...


def content_of(artifact: Artifact) -> str:
    """What tells an artifact from those of other submissions: ids are only unique within one."""
    return f"{artifact.id} {artifact.sha256}"


@dataclass(frozen=True)
class Mark:
    """An anchor as the evidence shows it: `number` and `title` say in words what `colour` and `shape` say."""

    anchor: Anchor
    colour: QColor
    number: str
    title: str
    shape: Shape = Shape.CIRCLE


class Viewer(QWidget, metaclass=AbstractWidget):
    """The interface the workbench uses, and the book-keeping that all viewers share."""

    selector_offered = Signal(object)
    """A `domain.anchor` selector that the person made by selecting text, dragging a box or pressing A."""

    noted_selector_offered = Signal(object, str)
    """A selector, and the one line on what is seen there: words that were selected stand for themselves."""

    original_wanted = Signal()
    """The original is to be fetched, of which a small copy is shown."""

    original_given_up = Signal()
    """It is not to be fetched after all."""

    reopening_wanted = Signal()
    """The artifact is to be shown anew, since its original is here now."""

    anchor_activated = Signal(str)
    """The id of an anchor whose mark was clicked in the evidence."""

    anchor_moved = Signal(str, object)
    """The id of an anchor whose mark was moved or resized in the evidence, and the selector of where it is now."""

    anchor_removed = Signal(str)
    """The id of an anchor that is to be removed, by its mark in the evidence."""

    artifact_wanted = Signal(str)
    """The id of another artifact, chosen in the viewer of this one."""

    shows_sets = False
    """Whether it shows, beside its artifact, the others of the same kind: `ImageViewer.show_set`."""

    copy_wanted = Signal()
    """The person asks for a copy of the file itself, outside the desk."""

    trouble = Signal(str)
    """A sentence for the notices."""

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tasks = tasks
        self._showing = 0
        self._handle: Any = None
        self._shortcuts: list[QShortcut] = []
        self._keys: dict[str, Callable[[], object]] = {}
        self.moving_allowed = True
        self.seen = Shown.ORIGINAL
        self.settings: Settings | None = None
        self._why_not = EmptyState("warning", "", "", parent=self)
        self._why_not.setObjectName("stage")
        self._why_not.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._why_not.hide()

    @abstractmethod
    def show_artifact(self, evidence: Evidence) -> None:
        """Show another artifact, from its beginning or where one last was; the marks before are forgotten."""

    @abstractmethod
    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Replace the marks; those of other artifacts or kinds of selector are ignored."""

    @abstractmethod
    def reveal(self, selector: Selector) -> None:
        """Bring what the selector names into sight, also when the artifact is still being opened."""

    @abstractmethod
    def current_selector(self) -> Selector | None:
        """What 'A: anchor here' would anchor now: the selection, else the place in sight, else the whole."""

    def selected(self) -> Selector | None:
        """What is selected or framed, and nothing else: an anchor may be moved there."""
        return None

    @abstractmethod
    def set_marks_visible(self, visible: bool) -> None:
        """Show or hide all marks without forgetting them."""

    def allow_moving(self, allowed: bool) -> None:
        """Whether anchors may be placed, moved and resized: not in a review that is sealed, nor in another's."""
        self.moving_allowed = allowed
        for pill in self.findChildren(OfferPill):
            pill.allow(allowed)

    def show_original(self, original: Standing) -> None:
        """How far the original is, where a small copy is shown. Viewers of anything else have no use for it."""

    def remember_in(self, settings: Settings) -> None:
        """Where this viewer finds, and keeps, how it was set; told once, before anything is shown."""
        self.settings = settings

    def clear(self) -> None:
        """Show nothing, and let go of what was open."""
        self._showing += 1
        self._why_not.hide()
        self._close_handle()

    keys_as_shortcuts = True
    """Whether keys act wherever in the viewer the focus is; else the viewer takes them as they are pressed."""

    def acts(self) -> Mapping[str, Callable[[], object]]:
        """What this viewer can do, by the ids of the actions table."""
        return {}

    def set_keys(self, keys_of: Callable[[str], tuple[str, ...]] = default_keys) -> None:
        """Put keys in force for what this viewer does, and tell them in its tooltips."""
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        acts = self.acts()
        self._keys = {QKeySequence(key).toString(): act for id_, act in acts.items() for key in keys_of(id_)}
        self._shortcuts = (
            [self._shortcut(*one) for one in self._keys.items()] if self.keys_as_shortcuts else []
        )
        first = {id_: QKeySequence(next(iter(keys_of(id_)), "")) for id_ in acts}
        native = QKeySequence.SequenceFormat.NativeText
        look.tell_keys(self, {id_: key.toString(native) for id_, key in first.items()})

    def _shortcut(self, key: str, act: Callable[[], object]) -> QShortcut:
        shortcut = QShortcut(QKeySequence(key), self, act)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return shortcut

    def act_for(self, event: QKeyEvent) -> Callable[[], object] | None:
        """What a pressed key does here; punctuation counts however a keyboard makes one type it."""
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        pressed = QKeySequence(QKeyCombination(plain, Qt.Key(event.key()))).toString()
        typed = event.text() if event.text() and not event.text().isalnum() else ""
        return self._keys.get(pressed) or self._keys.get(typed)

    @property
    def stage(self) -> QWidget:
        """The part of the viewer without controls: what may be laid over for a moment."""
        return self

    def offer_current_selector(self) -> None:
        """Offer what `current_selector` gives, as key A does."""
        selector = self.current_selector()
        if selector is not None:
            self.selector_offered.emit(selector)

    def in_background(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[DeskError], None] | None = None,
    ) -> None:
        """Run `work` on a side lane; `done` or `failed` follow only if the same artifact is still shown."""
        showing = self._showing

        def if_current(answer: Callable[[Any], None]) -> Callable[[Any], None]:
            return lambda value: answer(value) if showing == self._showing else None

        self.tasks.side(work, if_current(done), if_current(failed or self._tell))

    def open_in_background(
        self,
        evidence: Evidence,
        opened: Callable[[Any], None],
        failed: Callable[[DeskError], None] | None = None,
    ) -> None:
        """Open `evidence`; `opened` gets the handle, closed by this viewer when it shows another artifact."""
        self.clear()
        showing = self._showing

        def keep(handle: Any) -> None:
            if showing != self._showing:
                self._close_later(handle)
                return
            self._handle = handle
            opened(handle)

        def tell(error: DeskError) -> None:
            if showing == self._showing:
                (failed or self._say_why_not)(error)

        self.tasks.side(evidence.open, keep, tell)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._why_not.setGeometry(self.rect())

    def _say_why_not(self, error: DeskError) -> None:
        """In place of what cannot be opened, so that it is seen for as long as the artifact is in front."""
        self._why_not.say("warning", "This cannot be shown", sentence(error))
        self._why_not.setGeometry(self.rect())
        self._why_not.show()
        self._why_not.raise_()
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._why_not, sentence(error)))

    def _tell(self, error: DeskError) -> None:
        self.trouble.emit(sentence(error))

    def _close_handle(self) -> None:
        if self._handle is not None:
            handle, self._handle = self._handle, None
            self._close_later(handle)

    def _close_later(self, handle: Any) -> None:
        """On a side lane, since handles answer over a pipe; one whose worker has died is closed already."""
        self.tasks.side(handle.close, lambda _: None, lambda _: None)
