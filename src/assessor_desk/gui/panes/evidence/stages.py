"""What stands in front for an artifact: its viewer, or why there is none (yet).

Viewers are built when an artifact of their kind is first shown, so that the window starts without their libraries.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from assessor_desk.desk.answers import ArtifactState, Case
from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.domain.submission import Artifact
from assessor_desk.gui.artifact_names import short_title
from assessor_desk.gui.panes.evidence.not_here import NotHere
from assessor_desk.gui.session import Session
from assessor_desk.gui.sizes import bytes_in_words
from assessor_desk.gui.viewers.viewer import Viewer

if TYPE_CHECKING:
    from assessor_desk.desk.evidence import Evidence

#: Module and class of the viewer for each kind that `Evidence.kind` tells.
_VIEWERS = {
    "pdf": ("pdf", "PdfViewer"),
    "image": ("image", "ImageViewer"),
    "word": ("document", "DocumentViewer"),
    "slides": ("document", "DocumentViewer"),
    "sheet": ("document", "DocumentViewer"),
    "open_text": ("document", "DocumentViewer"),
    "rtf": ("document", "DocumentViewer"),
    "older_office": ("document", "DocumentViewer"),
    "html": ("word", "WordViewer"),
    "markdown": ("word", "WordViewer"),
    "csv": ("word", "WordViewer"),
    "text": ("text", "TextViewer"),
    "captions": ("text", "TextViewer"),
    "video": ("media", "MediaViewer"),
    "audio": ("media", "MediaViewer"),
}
_NOT_CAPTURED = (
    "The educator gave a link that was not captured as a file: {}\n"
    "It is never opened here. It can be cited as a whole, and the packet says that nobody captured it."
)
_OTHER = ("other", "OtherViewer")


class Stages(QStackedWidget):
    """Viewers by kind, and one page for artifacts that cannot be shown now."""

    viewer_ready = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._viewers: dict[tuple[str, str], Viewer] = {}
        self._front: tuple[str, str] | None = None
        self._artifact: Artifact | None = None
        self._opened = False
        self._fetched_again: set[tuple[str, str]] = set()
        self._why_not = NotHere(self)
        self._why_not.wanted.connect(self._on_wanted)
        self._why_not.unwanted.connect(self._on_unwanted)
        self.addWidget(self._why_not)
        session.originals.changed.connect(self._tell_coming)

    @property
    def viewer(self) -> Viewer | None:
        """The viewer in front, if the artifact is being shown."""
        current = self.currentWidget()
        return current if isinstance(current, Viewer) else None

    def show_artifact(self, case: Case, artifact: Artifact) -> None:
        """Bring an artifact to the front."""
        self._leave()
        self._artifact, self._opened = artifact, False
        self.refresh(case, artifact)

    def refresh(self, case: Case, artifact: Artifact) -> None:
        """Open the artifact once its bytes are here; until then say how far they have come.

        One that is taken away while it is open is closed, and so is one whose bytes turned out to have changed.
        """
        state = case.artifact_states.get(artifact.id)
        if state is not None and state.removed:
            self._leave()
            self._opened = False
            self._say("lock", *_removed(case, state))
            return
        if self._opened and not (state is not None and state.damaged and not state.here):
            return
        if self._opened:
            self._leave()
            self._opened = False
        if not artifact.captured:
            link = artifact.link or "no address was given"
            self._say("link", "Not captured", _NOT_CAPTURED.format(link))
        elif state is None or not state.here:
            self._say("download", "Not on this computer yet", _how_far(state))
        else:
            self._opened = True
            self._say("document", "Opening…", artifact.name)
            self._open(case.submission.id, artifact)
        self._offer(case, state)

    @property
    def act(self) -> QWidget | None:
        """What takes the keys where nothing can be shown and something can be done about it."""
        front = self.currentWidget() is self._why_not and self._why_not.offers
        return self._why_not.act if front else None

    def _offer(self, case: Case, state: ArtifactState | None) -> None:
        """The act that brings it here, where it may be and nobody brings it yet."""
        artifact = self._artifact
        if self._opened or state is None or artifact is None or not artifact.captured or case.set_aside:
            return
        if coming := self._session.originals.coming(case.submission.id, artifact.id):
            self._why_not.show_coming(*coming)
        elif state.damaged and (case.submission.id, artifact.id) not in self._fetched_again:
            # Once by itself; where that cannot be, as without a network, the button stays.
            self._fetched_again.add((case.submission.id, artifact.id))
            self._on_wanted()
        else:
            self._why_not.offer_bringing(state.bytes_total - state.bytes_here)

    def _tell_coming(self) -> None:
        case, artifact = self._session.case, self._artifact
        if case is not None and artifact is not None and not self._opened:
            self.refresh(case, artifact)

    def _on_wanted(self) -> None:
        case, artifact = self._session.case, self._artifact
        if case is not None and artifact is not None:
            self._session.originals.bring(case.submission.id, artifact.id, short_title(artifact))

    def _on_unwanted(self) -> None:
        case, artifact = self._session.case, self._artifact
        if case is not None and artifact is not None:
            self._session.originals.stop(case.submission.id, artifact.id)

    def clear(self) -> None:
        """Let go of everything that is open."""
        self._leave()
        self._artifact = None

    def _open(self, submission_id: str, artifact: Artifact) -> None:
        desk = self._session.desk

        def find() -> tuple[Evidence, str]:
            """Its viewer's module is imported here too: that would hold up the window a tenth of a second."""
            evidence = desk.evidence(submission_id, artifact.id)
            kind = str(evidence.kind())
            _module(_VIEWERS.get(kind, _OTHER))
            return evidence, kind

        def show(found: tuple[Evidence, str]) -> None:
            if self._artifact is not artifact or not self._opened:
                return
            evidence, kind = found
            viewer = self._viewer(_VIEWERS.get(kind, _OTHER))
            self.setCurrentWidget(viewer)
            viewer.show_artifact(evidence)
            self.viewer_ready.emit(viewer)

        def tell(error: DeskError) -> None:
            if self._artifact is artifact and self._opened:
                self._say("warning", "Cannot be shown", sentence(error))
                # What the ledger says now: one that is damaged or gone can be had again.
                touched = Changes.of(Kind.REVIEW, Kind.INBOX, Kind.LEDGER, submission=submission_id)
                self._session.announce(touched)

        self._session.tasks.side(find, show, tell)

    def _viewer(self, which: tuple[str, str]) -> Viewer:
        if which not in self._viewers:
            viewer: Viewer = getattr(_module(which), which[1])(self._session.tasks, self)
            viewer.remember_in(self._session.desk.settings)
            self._viewers[which] = viewer
            self.addWidget(viewer)
        self._front = which
        return self._viewers[which]

    def _leave(self) -> None:
        if self._front is not None:
            self._viewers[self._front].clear()
            self._front = None
        self.setCurrentWidget(self._why_not)

    def _say(self, icon: str, title: str, words: str) -> None:
        self._why_not.say(icon, title, words)
        self._why_not.offer_nothing()
        self.setCurrentWidget(self._why_not)


def _module(which: tuple[str, str]) -> ModuleType:
    return import_module(f"assessor_desk.gui.viewers.{which[0]}")


def _removed(case: Case, state: ArtifactState) -> tuple[str, str]:
    """Title and words for evidence that was taken away: nothing is wrong, and nothing is to be done."""
    title = "Set aside, evidence removed" if case.set_aside else "Evidence removed"
    words = (
        f"It is not on this computer any more: {state.removed}. What you wrote is kept and can be exported."
    )
    return title, words


def _how_far(state: ArtifactState | None) -> str:
    if state is None or not state.bytes_total:
        return "It comes with the next sync."
    if state.trouble:
        return state.trouble
    if state.freed:
        return "Its space was freed: it comes when it is asked for. What you wrote about it is here."
    percent = 100 * state.bytes_here // state.bytes_total
    here = f"{percent} % of {bytes_in_words(state.bytes_total)} is here."
    return f"{here} You can work on what is already here meanwhile."
