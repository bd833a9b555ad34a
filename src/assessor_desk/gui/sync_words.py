"""What the sync light says of a source, in words: what waits, why, and when it is tried next."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from assessor_desk.gui.sizes import bytes_in_words

if TYPE_CHECKING:
    from assessor_desk.desk.source_standing import SourceStanding, WaitingDelivery

#: Beyond so many, what waits is counted and not listed.
_LISTED = 3
_KINDS = {"packet": "review of", "decision": "decision on", "notes": "notes on", "concern": "concern about"}


def headline(source: SourceStanding, now: datetime) -> str:
    """The source, and when it was last spoken to."""
    at = source.last_round_at
    synced = "last synced" if source.trouble else "synced"
    return f"{source.title}: {f'{synced} {_when(at, now)}' if at else 'not synced yet'}"


def lines(
    source: SourceStanding, now: datetime, by_itself: bool, why_paused: str = "", files_wait: str = ""
) -> list[str]:
    """What there is to say of a source. `by_itself`: rounds begin without being asked for; `files_wait` says why they
    leave out files.
    """
    told = [source.trouble] if source.trouble else []
    told += [_refused(one) for one in source.waiting if one.refused]
    waiting = [one for one in source.waiting if not one.refused]
    told += _to_send(waiting, now)
    if not source.trouble:
        told += list(dict.fromkeys(one.trouble for one in waiting[:_LISTED] if one.trouble))
    told += [source.unsent] if source.unsent else []
    if source.files_to_come:
        files = "1 file is" if source.files_to_come == 1 else f"{source.files_to_come} files are"
        told.append(f"{files} still to come ({bytes_in_words(source.bytes_to_come)}).")
        told += [files_wait] if files_wait else []
    if source.clock_off:
        told.append(_clock(source.clock_off))
    if not told:
        told.append("Nothing waits.")
    elif source.trouble:
        told.append("Your work is safe on this computer.")
    return [*told, _next(source, now, by_itself, why_paused)]


def _to_send(waiting: list[WaitingDelivery], now: datetime) -> list[str]:
    if not waiting:
        return []
    named = [
        _what(one) + (f" since {_when(one.since, now)}" if one.since else "") for one in waiting[:_LISTED]
    ]
    more = [f"{len(waiting) - _LISTED} more"] if len(waiting) > _LISTED else []
    return [f"To be sent: {', '.join([*named, *more])}."]


def _refused(one: WaitingDelivery) -> str:
    return f"The {_what(one)} was not taken. {one.trouble}"


def _what(one: WaitingDelivery) -> str:
    return f"{_KINDS.get(one.kind, f'{one.kind} of')} {one.key or 'a submission'}"


def _clock(minutes: int) -> str:
    way = "ahead of" if minutes > 0 else "behind"
    words = f"This computer's clock is {_span(abs(minutes))} {way} the hub's"
    return f"{words}. Set it right: what you seal carries its time."


def _span(minutes: int) -> str:
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 2 * 24 * 60 else f"{minutes // (24 * 60)} days"


def _next(source: SourceStanding, now: datetime, by_itself: bool, why_paused: str) -> str:
    if why_paused:
        return why_paused
    at = source.try_again_at
    if at is not None and now < at and source.asked:
        return f"It asked to be left alone until {_when(at, now)}."
    if not by_itself:
        return "It is tried when you ask, as Settings say."
    if at is not None and now < at:
        return f"It is tried again at {_when(at, now)}."
    return "It is tried again in a moment." if source.trouble else ""


def _when(at: datetime, now: datetime) -> str:
    local = at.astimezone()
    return f"{local:%H:%M}" if local.date() == now.astimezone().date() else f"{local:%Y-%m-%d %H:%M}"
