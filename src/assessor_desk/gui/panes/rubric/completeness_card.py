"""The completeness check: is everything there, and can it be looked at? Competence is scored only after it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QLabel, QRadioButton, QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.domain.preflight import ArtifactFinding, Judged
from assessor_desk.domain.submission import PARTS, REASONS, Part, ReasonCode, reasons_in_words
from assessor_desk.gui.artifact_names import short_titles
from assessor_desk.gui.controls import Card, primary_button, quiet_button
from assessor_desk.gui.flow_layout import FlowLayout
from assessor_desk.gui.panes.rubric.found_lines import FoundLines

_MOST_NAMED = 12
_PARTS = {part: words[:1].upper() + words[1:] for part, words in PARTS.items()}


class CompletenessCard(Card):
    """Asks once, beside what the rubric wants; afterwards one line that can be reopened.

    `checked` carries the reason codes and the parts that are missing, `judged` something found in an artifact and
    whether it was accepted or dismissed, `again_wanted` one that was given up and is to be looked at again.
    """

    checked = Signal(object, object)
    judged = Signal(object, object)
    again_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reopened = False
        self._checked = False
        self._part_of: dict[str, Part] = {}
        self._recorded: tuple[tuple[str, ...] | None, tuple[str, ...]] | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(8)
        layout.addLayout(self._summary_row())
        self._form = QWidget(self)
        layout.addWidget(self._form)
        self._fill_form()
        self.setAccessibleName("Completeness check")

    def _summary_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self._summary = QLabel("Completeness check", self)
        self._summary.setObjectName("criterionTitle")
        self._summary.setWordWrap(True)
        self._reopen = quiet_button("Change", self)
        self._reopen.setProperty("small", True)
        self._reopen.setAccessibleName("Change the completeness check")
        self._reopen.clicked.connect(self.reopen)
        row.addWidget(self._summary, 1)
        row.addWidget(self._reopen)
        return row

    def _fill_form(self) -> None:
        form = QVBoxLayout(self._form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(6)
        self._wanted = QLabel(self._form)
        self._wanted.setWordWrap(True)
        self._wanted.setTextFormat(Qt.TextFormat.PlainText)
        self._wanted.setObjectName("muted")
        form.addWidget(self._wanted)
        self._found = FoundLines(self._form)
        self._found.judged.connect(self._on_judged)
        self._found.again_wanted.connect(self.again_wanted)
        form.addWidget(self._found)
        self._complete = QRadioButton("Everything is here and can be looked at", self._form)
        self._incomplete = QRadioButton("Something is missing or cannot be used", self._form)
        self._group = QButtonGroup(self)
        for button in (self._complete, self._incomplete):
            self._group.addButton(button)
            form.addWidget(button)
            button.toggled.connect(self._on_answer)
        self._reasons = {code: QCheckBox(words, self._form) for code, words in REASONS.items()}
        for code, box in self._reasons.items():
            box.setObjectName("reason")
            box.toggled.connect(self._on_answer)
            form.addWidget(box)
            if code is ReasonCode.MISSING_PART:
                form.addWidget(self._parts_row())
        self._go = primary_button("Record the check", self._form)
        self._go.clicked.connect(self._on_record)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._go)
        form.addLayout(row)

    def _parts_row(self) -> QWidget:
        """Which part is missing, below the reason that one is."""
        self._which = QWidget(self._form)
        self._which.setAccessibleName("Which part is missing")
        self._which.setContentsMargins(26, 0, 0, 0)
        row = FlowLayout(self._which, gap=16)
        self._parts = {part: QCheckBox(words, self._which) for part, words in _PARTS.items()}
        for box in self._parts.values():
            box.setAccessibleDescription("This part is missing")
            box.toggled.connect(self._on_answer)
            row.addWidget(box)
        return self._which

    def renew(self) -> None:
        """Leave off an answer being given: another submission is about to be shown."""
        self._reopened, self._recorded = False, None
        self._found.show_findings(())

    def show_case(self, case: Case) -> None:
        """Show what was answered in one quiet line, or ask. An answer being given is left alone."""
        answered = case.review.completeness
        missing = case.review.missing_parts
        if (answered, missing) != self._recorded:
            self.answer(complete=answered == (), reasons=answered or (), missing=missing)
        self._recorded = (answered, missing)
        self._checked = answered is not None
        self._wanted.setText(_what_is_wanted(case))
        self._found.show_findings(case.preflight)
        self._part_of = {artifact.id: artifact.part for artifact in case.submission.artifacts}
        self._summary.setText(_in_words(answered, missing))
        if case.read_only:
            self._reopened = False
        self._arrange(read_only=case.read_only)

    def stop_looking(self) -> None:
        """Looking again at a file came to nothing."""
        self._found.stop_looking()

    def _on_judged(self, found: ArtifactFinding, judged: Judged | None) -> None:
        """What is accepted suggests its reason; the answer stays the assessor's."""
        reason = found.finding.reason
        if judged is Judged.ACCEPTED and reason is not None:
            self._incomplete.setChecked(True)
            self._reasons[reason].setChecked(True)
            if reason is ReasonCode.MISSING_PART and found.artifact_id in self._part_of:
                self._parts[self._part_of[found.artifact_id]].setChecked(True)
        self.judged.emit(found, judged)

    def _arrange(self, *, read_only: bool) -> None:
        asking = (not self._checked or self._reopened) and not read_only
        self._form.setVisible(asking)
        self._reopen.setVisible(self._checked and not asking and not read_only)
        self._summary.setObjectName("criterionTitle" if asking else "quietLine")
        self._summary.style().polish(self._summary)
        self._on_answer()

    def reopen(self) -> None:
        """Ask again, with the cursor on the question."""
        self._reopened = self._checked
        self._arrange(read_only=False)
        (self._incomplete if self._incomplete.isChecked() else self._complete).setFocus()

    def answer(self, *, complete: bool, reasons: tuple[str, ...] = (), missing: tuple[str, ...] = ()) -> None:
        """Fill in the form as if by hand."""
        self._group.setExclusive(False)
        self._complete.setChecked(complete)
        self._incomplete.setChecked(bool(reasons))
        self._group.setExclusive(True)
        for code, box in self._reasons.items():
            box.setChecked(code in reasons)
        for part, box in self._parts.items():
            box.setChecked(part in missing)

    def _on_answer(self) -> None:
        wanting = self._incomplete.isChecked()
        for box in self._reasons.values():
            box.setVisible(wanting)
        lacks_part = wanting and self._reasons[ReasonCode.MISSING_PART].isChecked()
        self._which.setVisible(lacks_part)
        named = any(box.isChecked() for box in self._reasons.values()) and (
            not lacks_part or self._missing != []
        )
        self._go.setEnabled(self._complete.isChecked() or (wanting and named))
        self._go.setToolTip("" if self._go.isEnabled() else "Choose an answer, and name what is missing")

    @property
    def _missing(self) -> list[str]:
        return [part.value for part, box in self._parts.items() if box.isChecked()]

    def _on_record(self) -> None:
        self._reopened = False
        chosen = [code for code, box in self._reasons.items() if box.isChecked()]
        if self._complete.isChecked():
            self.checked.emit([], [])
        else:
            self.checked.emit(chosen, self._missing if ReasonCode.MISSING_PART in chosen else [])


def _in_words(answered: tuple[str, ...] | None, missing: tuple[str, ...]) -> str:
    if answered is None:
        return "First: is everything here?"
    if not answered:
        return "✓ Everything is here"
    return "Incomplete: " + "; ".join(_begun_small(words) for words in reasons_in_words(answered, missing))


def _what_is_wanted(case: Case) -> str:
    """The rubric's evidence requirements, and what was handed in for each part, in words."""
    wanted = "\n".join(
        f"• {one.title}: {_begun_small(one.amount)}; {_begun_small(one.length)}"
        for one in case.rubric.evidence
    )
    handed = "\n".join(f"• {title}: {_names(case, part)}" for part, title in _PARTS.items())
    count = len(case.submission.shown)
    return (
        f"The rubric asks for\n{wanted}\n\nHanded in, {count} artifact{'' if count == 1 else 's'}\n{handed}"
    )


def _names(case: Case, part: Part) -> str:
    """The artifacts of a part under the names that their tabs have."""
    titles = short_titles(case.submission.shown)
    names = [titles[artifact.id] for artifact in case.submission.shown if artifact.part is part]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return (", ".join(names[:_MOST_NAMED]) + more) or "nothing"


def _begun_small(words: str) -> str:
    return words[:1].lower() + words[1:]
