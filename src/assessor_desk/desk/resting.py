"""When a source that could not be reached is tried again, remembered over a restart (docs/decisions/0191).

A source that asks to be left alone is, until it said; of itself a desk waits longer after each failure, by chance a
little more or less, so that the desks of a programme do not all come back to a hub in the same second. What a person
asks for is tried at once in either case.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from assessor_desk.domain.errors import DeskError, sentence

if TYPE_CHECKING:
    from assessor_desk.store.reading import Reading
    from assessor_desk.store.store import Store

#: The pause after the first failure, doubled with each more up to the longest.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Rest:
    """Why a source is left alone, since when and until when.

    `why` is one of `sync.unreached.Why`; `page` is where the network wants one to sign in. `asked`: the source itself
    said until when.
    """

    words: str
    why: str
    page: str
    failures: int
    since: datetime
    until: datetime
    asked: bool = False

    @property
    def is_away(self) -> bool:
        """Whether nothing answered in the source's name, or no stick is in."""
        from assessor_desk.sync.unreached import Why  # what asks is there before anything of syncing is

        return self.why not in (Why.BUSY, Why.FAULT, Why.BY_STICK)

    def holds(self, now: datetime) -> bool:
        """Whether it is too early to try by oneself. A clock that was set back keeps nobody waiting for long."""
        from assessor_desk.sync.source import LONGEST_REST

        return now < self.until <= now + LONGEST_REST


def rest_of(store: Store | Reading, source: str) -> Rest | None:
    """Why a source is left alone; None where it was reached the last time."""
    kept = store.fact(_name(source))
    if kept is None:
        return None
    since, until = (datetime.fromisoformat(kept[one]) for one in ("since", "until"))
    return Rest(**{**kept, "since": since, "until": until})


def note_failure(
    store: Store, source: str, error: DeskError, now: datetime, chance: Callable[[], float] = random.random
) -> Rest:
    """A round failed: the source is left alone for longer than after the failure before."""
    from assessor_desk.sync.unreached import Unreached, Why

    known = rest_of(store, source)
    failures, pause = _pause(known, chance)
    why, page = (error.why, error.page) if isinstance(error, Unreached) else (Why.FAULT, "")
    since = now if known is None else min(known.since, now)
    return _keep(store, source, Rest(sentence(error), str(why), page, failures, since, now + pause))


def note_asked(
    store: Store,
    source: str,
    words: str,
    until: datetime,
    now: datetime,
    chance: Callable[[], float] = random.random,
) -> Rest:
    """The source asks to be left alone until then; it is for no less than after so many failures."""
    from assessor_desk.sync.unreached import Why

    known = rest_of(store, source)
    failures, pause = _pause(known, chance)
    since = now if known is None else min(known.since, now)
    own = now + pause
    return _keep(
        store,
        source,
        Rest(words, str(Why.BUSY), "", failures, since, max(until, own), asked=until >= own),
    )


def _pause(known: Rest | None, chance: Callable[[], float]) -> tuple[int, timedelta]:
    """The how manieth failure in a row this is, and how long it lets a desk wait."""
    failures = 1 if known is None else known.failures + 1
    return failures, min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE) * (0.5 + chance() / 2)


def note_reached(store: Store, source: str) -> None:
    """The source was reached."""
    if rest_of(store, source) is not None:
        store.set_fact(_name(source), None)


def _keep(store: Store, source: str, rest: Rest) -> Rest:
    told = {**asdict(rest), "since": rest.since.isoformat(), "until": rest.until.isoformat()}
    store.set_fact(_name(source), told)
    return rest


def _name(source: str) -> str:
    return f"rest {source}"
