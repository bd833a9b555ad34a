"""The lines of the inbox in words: what is shown on them, and what a screen reader says."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from assessor_desk.domain.roles import Role
from assessor_desk.gui import queue_words
from assessor_desk.gui.ordinals import ordinal_in_words
from assessor_desk.gui.sizes import bytes_in_words

if TYPE_CHECKING:
    from assessor_desk.desk import InboxRow
    from assessor_desk.desk.queued import Queued

_PILLS = {
    "new": ("new", "accent"),
    "checking": ("check first", "caution"),
    "in_review": ("", "neutral"),
    "incomplete": ("incomplete", "caution"),
    "ready_to_seal": ("ready to seal", "accent"),
    "sealed_waiting": ("to send", "neutral"),
    "delivered": ("on the hub", "positive"),
    "set_aside": ("set aside", "neutral"),
    "passed_back": ("passed back", "caution"),
    "awaited": ("awaiting a review", "neutral"),
    "to_decide": ("to decide", "accent"),
    "released": ("released", "positive"),
}
_ON_HOLD = ("on hold", "caution")
#: What is done takes two lines, all else three.
DONE = {"sealed_waiting", "delivered", "released"}


def hold_in_words(row: InboxRow) -> str:
    """What it means that a concern holds a submission; empty where none does."""
    if not row.on_hold_for:
        return ""
    kinds = " and ".join(filter(None, row.on_hold_for))
    concern = f"a {kinds} concern" if kinds else "a concern"
    return (
        f"On hold for {concern}: nothing is decided or released until the programme lifts it. "
        "Your own work is kept, and can go on."
    )


def in_words(row: InboxRow, queued: Queued | None = None) -> str:
    """All of a line."""
    said = _said(row, queued)
    return f"{said}. {hold_in_words(row)}" if row.on_hold_for else said


def _said(row: InboxRow, queued: Queued | None) -> str:
    if queued is not None:
        parts = (row.key, row.short_title or row.title, queue_words.STATES[queued.state], *told(row, queued))
        return ", ".join(filter(None, parts))
    done = str(row.state) in DONE
    due = f", due {due_in_words(row.due_at)}" if row.due_at and not done else ""
    due = f", {done_in_words(row)}" if done and done_in_words(row) else due
    pill = "" if row.delivered_at is not None and done else _PILLS[str(row.state)][0]
    state = f", {pill}" if pill else ""
    draft = f", {ordinal_in_words(row.attempt, draft=True)}" if row.draft else ""
    return f"{row.key}, {row.short_title or row.title}{draft}{state}, {_count(row)}{due}"


def told(row: InboxRow, queued: Queued) -> tuple[str, str]:
    """What the last line of a reviewer's row says at its left and right."""
    if queued.waits:
        return "", queue_words.age_in_words(queued)
    at = (row.delivered_at or row.sealed_at) if str(row.state) in DONE else None
    return queue_words.outcome_in_words(queued), past_in_words(at) if at else ""


def joined(*words: str) -> str:
    """Words beside each other, those left out that are empty."""
    return " · ".join(filter(None, words))


def due_in_words(due: datetime) -> str:
    """`17:00` today, `Tue` this week, `3 Dec` later."""
    local, today = due.astimezone(), datetime.now().astimezone().date()
    days = (local.date() - today).days
    if days == 0:
        return f"{local:%H:%M}"
    return f"{local:%a}" if 0 < days < 7 else f"{local.day} {local:%b}"


def done_in_words(row: InboxRow) -> str:
    """`sealed 17:00`, of notes `handed back 17:00`, until the hub has it, then `on the hub 3 Dec`; empty if unknown."""
    if row.delivered_at is not None:
        return f"on the hub {past_in_words(row.delivered_at)}"
    done = "handed back" if row.role is Role.COACH else "sealed"
    return f"{done} {past_in_words(row.sealed_at)}" if row.sealed_at is not None else ""


def ended(row: InboxRow) -> str:
    """The same beside the pill, which says already that the hub has it."""
    return past_in_words(row.delivered_at) if row.delivered_at is not None else done_in_words(row)


def past_in_words(at: datetime) -> str:
    """`17:00` today, `3 Dec` before."""
    local = at.astimezone()
    today = local.date() == datetime.now().astimezone().date()
    return f"{local:%H:%M}" if today else f"{local.day} {local:%b}"


def pills(row: InboxRow, queued: Queued | None) -> list[tuple[str, str]]:
    """The pills beside a key, in their order: what matters most stands last."""
    draft = ordinal_in_words(row.attempt, draft=True) if row.draft else ""
    attempt = f"attempt {row.attempt}" if row.attempt > 1 and not row.draft else ""
    state = queue_words.pill_of(queued) if queued is not None else _PILLS[str(row.state)]
    shown = [(attempt, "neutral"), (draft, "neutral"), state]
    if row.on_hold_for and state[0] != _ON_HOLD[0]:
        shown.append(_ON_HOLD)
    return [pill for pill in shown if pill[0]]


def progress(row: InboxRow) -> str:
    """How far the work is, or how much of the evidence is still to come."""
    if row.total_bytes and row.ready_bytes < row.total_bytes:
        return f"not offline yet, {bytes_in_words(row.total_bytes - row.ready_bytes)} to go"
    if row.parked_bytes:
        return f"not offline ({bytes_in_words(row.parked_bytes)})"
    if not row.scored and str(row.state) in ("incomplete", "ready_to_seal"):
        return "not scored"
    return _count(row)


def _count(row: InboxRow) -> str:
    """A coach scores nothing: what counts is on how many criteria there is a word."""
    if row.role is Role.COACH:
        return f"notes on {row.scored} of {row.criteria}"
    return f"{row.scored} of {row.criteria} scored"
