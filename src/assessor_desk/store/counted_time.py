"""What time it is with a source, whatever this computer's clock says: as it told at the last contact, and counted on.

What goes for its age alone goes by this time: a clock that is wrong for once, or set right again, destroys nothing
(docs/decisions/0290). Between two looks at the clock a day counts at most, and none where it was set back.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assessor_desk.store.reading import Reading
    from assessor_desk.store.writing import Writing

#: `clock`: what this computer's clock said at the last look; `of`: the time with each source then.
_COUNTED = "counted_time"
#: More than that between two looks is to be confirmed: waiting longer does no harm, a clock that leapt would.
_BETWEEN_LOOKS = timedelta(days=1)
#: What comes by stick tells no time. It comes seldom, and not of itself: so much counts where this clock says so.
_BETWEEN_STICKS = timedelta(days=31)
#: Not every glance is written down.
_EVERY = timedelta(minutes=10)


def counted_time(view: Reading, source: str) -> datetime | None:
    """What time it was with a source at the last look, at least; None where it was never in contact."""
    told = view.fact(_COUNTED, {"of": {}})["of"].get(source)
    return None if told is None else datetime.fromisoformat(told)


def time_by(view: Reading, source: str, now: datetime) -> datetime:
    """What time to go by for a source's things, where this computer's clock says `now`.

    What the source itself told counts whatever that clock says; else the lesser of the two.
    """
    counted = counted_time(view, source)
    if counted is None:
        return now
    return counted if source in view.fact(_COUNTED)["told"] else min(now, counted)


def latest_counted(view: Reading) -> datetime | None:
    """The latest such time with any source."""
    return max(map(datetime.fromisoformat, view.fact(_COUNTED, {"of": {}})["of"].values()), default=None)


def not_before(view: Reading, source: str, now: datetime) -> datetime:
    """When something happened that this computer's clock says is `now`: not before what was counted already."""
    counted = counted_time(view, source)
    return now if counted is None else max(now, counted)


def count_on(work: Writing) -> bool:
    """Look at the clock; whether there was anything to write down."""
    kept: dict[str, Any] | None = work.fact(_COUNTED)
    if kept is None:
        return False
    passed = work.now - datetime.fromisoformat(kept["clock"])
    if timedelta() <= passed < _EVERY:
        return False
    counts = min(max(passed, timedelta()), _BETWEEN_LOOKS)
    of = {name: (datetime.fromisoformat(at) + counts).isoformat() for name, at in kept["of"].items()}
    work.set_fact(_COUNTED, {**kept, "clock": work.now.isoformat(), "of": of})
    return True


def confirm(work: Writing, source: str, at: datetime, *, told: bool) -> None:
    """A source was in contact: with it, it is `at`, as it `told`; else by this computer's clock, which may be wrong."""
    counted = counted_time(work, source)
    count_on(work)
    if not told and counted is not None:
        at = max(counted, min(at, counted + _BETWEEN_STICKS))
    kept = work.fact(_COUNTED, {"clock": work.now.isoformat(), "of": {}, "told": []})
    by_itself = sorted({*kept["told"], source} if told else {*kept["told"]} - {source})
    work.set_fact(_COUNTED, {**kept, "of": {**kept["of"], source: at.isoformat()}, "told": by_itself})
