"""An anchor as a chip: where it is, in words short enough for a card, and what was said of it."""

from __future__ import annotations

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from assessor_desk.domain import anchor as anchors
from assessor_desk.domain.anchor import Anchor, TimeSpan
from assessor_desk.domain.anchor_signs import Shape
from assessor_desk.domain.submission import Submission
from assessor_desk.gui.artifact_names import short_title, short_titles
from assessor_desk.gui.controls import Chip


def place_in_short(submission: Submission, anchor: Anchor) -> str:
    """Where an anchor is. A moment is told by its time alone; a page or the whole needs to say of what."""
    artifact = submission.artifact(anchor.artifact_id)
    where = anchors.words(anchor.selector)
    if artifact and not isinstance(anchor.selector, TimeSpan):
        return f"{short_titles(submission.shown).get(artifact.id) or short_title(artifact)}, {where}"
    return where + still_in_words(anchor)


def still_in_words(anchor: Anchor) -> str:
    """That a moment is kept as a picture; empty for any other place."""
    return " (still)" if isinstance(anchor.selector, TimeSpan) and anchor.selector.still else ""


def placed_chip(
    submission: Submission,
    anchor: Anchor,
    colour: QColor,
    parent: QWidget,
    *,
    removable: bool,
    note: bool = True,
    shape: Shape = Shape.SQUARE,
) -> Chip:
    """The chip; without `note` it tells the place alone."""
    artifact = submission.artifact(anchor.artifact_id)
    said = anchor.note if note else ""
    text = f"{place_in_short(submission, anchor)} {said}".strip()
    chip = Chip(text, colour, parent, removable=removable, shape=shape)
    name = artifact.name if artifact else "an artifact that is gone"
    chip.setToolTip(f"{name}: {text}")
    chip.setAccessibleName(f"Anchor, {name}, {anchors.words(anchor.selector)} {anchor.note}".strip())
    return chip
