"""What the educator read about the attempt before, where the programme shows it to whoever assesses this one."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from PySide6.QtWidgets import QWidget

from assessor_desk.domain.earlier import EarlierAttempt, EarlierCriterion, EarlierFeedback
from assessor_desk.gui.dialogs.page_to_read import PageToRead

_OUTCOMES: Mapping[str, str] = {
    "earned": "Earned",
    "not_yet": "Not yet earned",
    "incomplete": "Incomplete, not scored",
}


class EarlierFeedbackDialog(PageToRead):
    """Of an attempt whose feedback is shown."""

    def __init__(self, earlier: EarlierAttempt, parent: QWidget | None = None) -> None:
        title = f"Feedback on attempt {earlier.attempt}"
        assert earlier.feedback is not None
        super().__init__(title, title, feedback_as_html(earlier.attempt, earlier.feedback), parent)


def feedback_as_html(attempt: int, feedback: EarlierFeedback) -> str:
    """Outcome, overall feedback, and criterion by criterion."""
    when = f", released {feedback.released_at.astimezone():%d %b %Y}" if feedback.released_at else ""
    outcome = _OUTCOMES.get(feedback.outcome, feedback.outcome)
    parts = [f"<h2>Attempt {attempt}: {escape(outcome)}</h2>", f"<p>As the educator read it{when}.</p>"]
    if feedback.overall.strip():
        parts.append(f"<h3>Overall</h3><p>{_lines(feedback.overall)}</p>")
    return "".join([*parts, *map(_criterion, feedback.criteria)])


def _criterion(said: EarlierCriterion) -> str:
    texts = (
        ("Strength", said.strength),
        ("Next step", said.next_step),
        ("Evidence that would show it", said.would_show),
    )
    parts = [f"<p><b>{title}:</b> {_lines(text)}</p>" for title, text in texts if text.strip()]
    return f"<h3>{escape(said.title)} · {escape(said.level_title)}</h3>" + "".join(parts)


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
