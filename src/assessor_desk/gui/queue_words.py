"""A reviewer's queue in words: what a line says of how a submission stands, how long it waits, and where it belongs."""

from __future__ import annotations

from assessor_desk.desk.queued import DECIDED, Queued, QueueFilter, QueueSection, QueueState

STATES = {
    QueueState.AWAITED: "awaiting a review",
    QueueState.TO_DECIDE: "to decide",
    QueueState.ON_HOLD: "on hold",
    QueueState.PASSED_BACK: "passed back",
    QueueState.SEALED_WAITING: "sealed, waiting",
    QueueState.ON_HUB: "on the hub",
    QueueState.RELEASED: "released",
}
_TONES = {
    QueueState.TO_DECIDE: "accent",
    QueueState.ON_HOLD: "caution",
    QueueState.ON_HUB: "positive",
    QueueState.RELEASED: "positive",
}
OUTCOMES = {"earned": "earned", "not_yet": "not yet", "incomplete": "incomplete"}
HEADINGS = {
    QueueSection.OVERDUE: "Overdue",
    QueueSection.TO_DECIDE: "To decide",
    QueueSection.ON_HOLD: "On hold",
    QueueSection.AWAITED: "Awaiting a review",
    QueueSection.PASSED_BACK: "Passed back",
    QueueSection.DECIDED: "Decided",
    QueueSection.RELEASED: "Released",
}


def pill_of(one: Queued) -> tuple[str, str]:
    """The pill's words and tone; none for what its heading says already."""
    if one.state is QueueState.TO_DECIDE:
        return "", "neutral"
    if one.state is QueueState.SEALED_WAITING:
        return "to send", "neutral"
    return STATES[one.state], _TONES.get(one.state, "neutral")


def age_in_words(one: Queued) -> str:
    """`day 4 of 5` while it waits, `3 days over` after that; empty where nothing runs."""
    if not one.waits or one.since is None:
        return ""
    if one.overdue:
        over = one.day - one.days
        return f"{over} day{'' if over == 1 else 's'} over"
    if not one.day:
        return "came today"
    return f"day {one.day} of {one.days}" if one.days else f"day {one.day}"


def outcome_in_words(one: Queued) -> str:
    """What was decided; empty before."""
    return OUTCOMES.get(one.outcome, "")


def filter_in_words(wanted: QueueFilter, title: str = "") -> str:
    """A filter as its button says it; `title` is that of its micro-credential."""
    if wanted.empty:
        return "Everything"
    states = set(wanted.states)
    parts = []
    if states >= DECIDED:
        parts.append("decided")
        states -= DECIDED
    parts += [STATES[state] for state in QueueState if state in states]
    if wanted.overdue:
        parts.append("overdue")
    if title:
        parts.append(title)
    words = ", ".join(parts)
    return words[:1].upper() + words[1:]
