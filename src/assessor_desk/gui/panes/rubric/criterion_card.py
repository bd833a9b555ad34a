"""One criterion: its levels, the evidence it cites, why, and what the educator will read.

The current card is open; the others show their level and what they cite, and open when clicked.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.domain import anchor as anchors
from assessor_desk.domain.anchor import Anchor, TimeSpan
from assessor_desk.domain.review import TITLES, CriterionWork, TextField
from assessor_desk.domain.rubric import Criterion, EvidenceRequirement
from assessor_desk.gui import theme
from assessor_desk.gui.artifact_names import short_title
from assessor_desk.gui.controls import Card, Chip, ElidedLabel, Pill, quiet_button
from assessor_desk.gui.flow_layout import FlowLayout
from assessor_desk.gui.panes.rubric.level_chooser import LevelChooser
from assessor_desk.gui.writing.finding_lines import FindingLines
from assessor_desk.gui.writing.text_block import TextBlock

#: Fields that matter once the level is known: below passing the way forward, at or above it what comes after.
_BELOW = (TextField.NEXT_STEP, TextField.WOULD_SHOW)
_PASSED = (TextField.EXTENSION,)
_ALWAYS = (TextField.RATIONALE, TextField.STRENGTH)


class CriterionCard(Card):
    """A card for one criterion; says what the assessor does and stores nothing."""

    activated = Signal(str)
    level_chosen = Signal(str, object)
    anchor_activated = Signal(str)
    anchor_wanted = Signal(str)
    anchor_taken = Signal(str, str)
    no_evidence_declared = Signal(str, bool)
    keep_wanted = Signal(object)
    rearranged = Signal()

    def __init__(self, number: int, criterion: Criterion, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.criterion = criterion
        self.number = number
        self._current = False
        self._asked_for: set[TextField] = set()
        self._chips_of: tuple[object, ...] = ()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(self._heading())
        self.levels = LevelChooser(criterion, self)
        self.levels.level_chosen.connect(lambda level: self.level_chosen.emit(criterion.id, level))
        layout.addWidget(self.levels)
        self._what_counts = self._about_passing()
        layout.addWidget(self._what_counts)
        self._cited = QWidget(self)
        self._cited_layout = FlowLayout(self._cited, gap=8)
        layout.addWidget(self._cited)
        self._none_found = QCheckBox("No evidence found for this criterion", self)
        self._none_found.clicked.connect(lambda on: self.no_evidence_declared.emit(criterion.id, on))
        layout.addWidget(self._none_found)
        self.open_points = FindingLines(self)
        self.open_points.keep_wanted.connect(self.keep_wanted)
        layout.addWidget(self.open_points)
        self.blocks = {field: self._block(field) for field in (*_ALWAYS, *_BELOW, *_PASSED)}
        for block in self.blocks.values():
            layout.addWidget(block)
        self._further = QWidget(self)
        layout.addWidget(self._further)
        self._adders = self._further_fields()
        self.setAccessibleName(f"Criterion {number}, {criterion.title}")

    def _further_fields(self) -> dict[TextField, QPushButton]:
        """Buttons for the texts that this level does not ask for, but that may be written all the same."""
        row = QHBoxLayout(self._further)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        adders = {}
        for field in (*_BELOW, *_PASSED):
            button = quiet_button(f"+ {TITLES[field]}", self._further)
            button.setProperty("small", True)
            button.clicked.connect(lambda _=False, wanted=field: self._on_further(wanted))
            row.addWidget(button)
            adders[field] = button
        row.addStretch(1)
        return adders

    def _on_further(self, field: TextField) -> None:
        self._asked_for.add(field)
        self._adders[field].hide()
        self.blocks[field].show()
        self.blocks[field].focus()

    def offer_evidence(self, requirements: Sequence[EvidenceRequirement]) -> None:
        """What the rubric wants as evidence for this criterion: a hint, and titles to be inserted."""
        if requirements:
            first = requirements[0]
            block = self.blocks[TextField.WOULD_SHOW]
            length = first.length[:1].lower() + first.length[1:]
            block.hint(f"From the rubric: {first.title.lower()}, {length}…")
            block.offer("From the rubric", [requirement.title for requirement in requirements])

    def _heading(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        number = QLabel(str(self.number), self)
        number.setObjectName("criterionNumber")
        self._title = ElidedLabel(self.criterion.title, self)
        self._title.setObjectName("criterionTitle")
        self._pill = Pill("not scored", parent=self)
        row.addWidget(number)
        row.addWidget(self._title, 1)
        row.addWidget(self._pill)
        return row

    def _about_passing(self) -> QLabel:
        """What counts at the passing level, and the near miss: behind one link, so that it never crowds the levels."""
        label = QLabel(self)
        label.setObjectName("whatCounts")
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.RichText)
        flag = Qt.TextInteractionFlag
        label.setTextInteractionFlags(flag.LinksAccessibleByKeyboard | flag.LinksAccessibleByMouse)
        label.linkActivated.connect(self._on_what_counts)
        self._telling = False
        return label

    def _block(self, field: TextField) -> TextBlock:
        block = TextBlock(field, self)
        criterion_id = self.criterion.id
        block.focused.connect(lambda: self.activated.emit(criterion_id))
        block.keep_wanted.connect(self.keep_wanted)
        return block

    def show_case(self, case: Case, *, current: bool, colour_index: int) -> None:
        """Show this criterion's part of the review."""
        self._current = current
        work = case.review.work(self.criterion.id)
        self.set_current(current)
        self._show_level(work)
        self.levels.setVisible(current)
        self.levels.setEnabled(not case.read_only)
        self._show_what_counts(visible=current)
        self._show_cited(case, work, colour_index)
        self._none_found.setVisible(current and not work.anchors and work.level is not None)
        self._none_found.setEnabled(not case.read_only)
        self._none_found.setChecked(work.no_evidence)
        self._show_texts(case, work)

    def _show_level(self, work: CriterionWork) -> None:
        self.levels.show_level(work.level)
        if work.level is None:
            self._pill.say("not scored", "neutral")
            return
        level = self.criterion.level(work.level)
        self._pill.say(level.title, "positive" if self.criterion.passes(level.id) else "caution")

    def _show_cited(self, case: Case, work: CriterionWork, colour_index: int) -> None:
        placed = [found for one in work.anchors if (found := case.review.anchor(one))]
        adding = self._current and not case.read_only
        chips_of = (tuple(placed), theme.anchor_colour(colour_index).rgba(), adding, case.read_only)
        if chips_of == self._chips_of:
            return
        self._chips_of = chips_of
        while (held := self._cited_layout.takeAt(0)) is not None:
            if widget := held.widget():
                widget.hide()
                widget.deleteLater()
        for anchor in placed:
            self._cited_layout.addWidget(self._chip(case, anchor, colour_index))
        if adding:
            self._cited_layout.addWidget(self._adding_chip())
        self._cited.setVisible(self._cited_layout.count() > 0)
        self._cited.updateGeometry()
        self.rearranged.emit()

    def _adding_chip(self) -> QPushButton:
        add = quiet_button("+ Anchor", self._cited)
        add.setProperty("chip", True)
        add.setToolTip("Anchor what is shown on the left (A)")
        add.setAccessibleName(f"Anchor what is shown for criterion {self.number}")
        add.clicked.connect(lambda: self.anchor_wanted.emit(self.criterion.id))
        return add

    def _chip(self, case: Case, placed: Anchor, colour_index: int) -> Chip:
        artifact = case.submission.artifact(placed.artifact_id)
        where = anchors.words(placed.selector)
        # A moment is told by its time alone; a page or the whole needs to say of what.
        if artifact and not isinstance(placed.selector, TimeSpan):
            where = f"{short_title(artifact)}, {where}"
        text = f"{where} {placed.note}".strip()
        chip = Chip(text, theme.anchor_colour(colour_index), self._cited, removable=not case.read_only)
        name = artifact.name if artifact else "an artifact that is gone"
        chip.setToolTip(f"{name}: {text}")
        chip.setAccessibleName(f"Anchor, {name}, {anchors.words(placed.selector)} {placed.note}".strip())
        chip.clicked.connect(lambda: self.anchor_activated.emit(placed.id))
        chip.removed.connect(lambda: self.anchor_taken.emit(self.criterion.id, placed.id))
        return chip

    def _show_texts(self, case: Case, work: CriterionWork) -> None:
        found = [finding for finding in case.findings if finding.subject == self.criterion.id]
        wanted = self._fields_wanted(work)
        for field, block in self.blocks.items():
            block.setVisible(
                self._current and field in wanted and bool(work.text(field) or not case.read_only)
            )
            block.show_text(work.text(field), read_only=case.read_only)
            block.show_findings([one for one in found if one.field is field], read_only=case.read_only)
        # That a level is missing is said by the pill; in a card nobody has begun it would only nag.
        loose = [one for one in found if one.field not in wanted and work.level is not None]
        self.open_points.show_findings(loose if self._current else ())
        for field, button in self._adders.items():
            button.setVisible(field not in wanted)
        self._further.setVisible(self._current and work.level is not None and not case.read_only)

    def _fields_wanted(self, work: CriterionWork) -> set[TextField]:
        wanted = set(_ALWAYS)
        if work.level is not None:
            wanted.update(_PASSED if self.criterion.passes(work.level) else _BELOW)
        written = {field for field, block in self.blocks.items() if work.text(field) or block.text()}
        return wanted | written | self._asked_for

    def _show_what_counts(self, *, visible: bool) -> None:
        passing = self.criterion.level(self.criterion.passing)
        self._what_counts.setVisible(visible and bool(passing.what_counts or passing.near_miss))
        if not self._telling:
            self._what_counts.setText(_link("tell", f"What counts as {passing.title}"))
            return
        shown = "".join(f"<li>{theme.escaped(one)}</li>" for one in passing.what_counts)
        near = f"<p>Not yet: {theme.escaped(passing.near_miss)}</p>" if passing.near_miss else ""
        self._what_counts.setText(f"{_link('hide', 'Hide what counts')}<ul>{shown}</ul>{near}")

    def _on_what_counts(self, link: str) -> None:
        self._telling = link == "tell"
        self._show_what_counts(visible=True)

    def focus_levels(self) -> None:
        """Put the cursor on the level chosen, else on the first one."""
        chosen = next((one for one in self.levels.columns if one.isChecked()), self.levels.columns[0])
        chosen.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_text(self) -> None:
        """Put the cursor into the first text that is still empty, else into the rationale."""
        shown = [block for block in self.blocks.values() if not block.isHidden()]
        empty = next((block for block in shown if not block.text()), shown[0] if shown else None)
        if empty:
            empty.focus()

    def flush(self) -> None:
        """Send every text that is still being typed."""
        for block in self.blocks.values():
            block.field.flush()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click anywhere on the card makes it the current one."""
        self.activated.emit(self.criterion.id)
        super().mousePressEvent(event)


def _link(name: str, words: str) -> str:
    """A link in the accent as it is now: a label keeps the colour it was given."""
    colour = theme.colour("accent").name()
    return f'<a href="{name}" style="color: {colour}">{theme.escaped(words)}</a>'
