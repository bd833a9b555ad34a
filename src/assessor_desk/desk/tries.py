"""Wrong passphrases make the next try wait, in every window and after every restart.

How many there were in a row, and when the last, stands in `tries.json`, outside what they would open. Whoever has the
folder may delete it or copy the folder: what holds against them is Argon2id (`keys.envelope`). This holds against
somebody who sits down at the computer.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from assessor_desk.domain.errors import WrongPassphrase
from assessor_desk.domain.patience import TooSoon, seconds_to_wait

if TYPE_CHECKING:
    from assessor_desk.desk.folder import DeskFolder
    from assessor_desk.desk.room import Clock, Room

P = ParamSpec("P")
T = TypeVar("T")


@contextlib.contextmanager
def counted(place: DeskFolder, clock: Clock) -> Iterator[None]:
    """Let a passphrase be tried, and count it where it is wrong.

    Raises TooSoon, before anything is tried, while the last wrong one is too near.
    """
    now = clock()
    refusals, last = _read(place)
    if last > now:
        # The clock was put back: the wait is counted from here, or it would last until then.
        last = now
        _write(place, refusals, now)
    left = math.ceil(seconds_to_wait(refusals) - (now - last).total_seconds())
    if left > 0:
        raise TooSoon(left)
    try:
        yield
    except WrongPassphrase:
        _write(place, refusals + 1, clock())
        raise
    if refusals:
        with contextlib.suppress(OSError):
            place.tries.unlink()


def slowed(
    act: Callable[Concatenate[Any, P], T],
) -> Callable[Concatenate[Any, P], T]:
    """For an act of a desk that takes a passphrase: as `counted`."""

    @wraps(act)
    def tried(self: Room, /, *args: P.args, **named: P.kwargs) -> T:
        with counted(self._place, self._clock):
            return act(self, *args, **named)

    return tried


def _read(place: DeskFolder) -> tuple[int, datetime]:
    """What cannot be read counts as none: it must never keep a person out."""
    try:
        told = json.loads(place.tries.read_text(encoding="utf-8"))
        return max(0, int(told["wrong"])), datetime.fromisoformat(told["last"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, datetime.min.replace(tzinfo=UTC)


def _write(place: DeskFolder, refusals: int, now: datetime) -> None:
    with contextlib.suppress(OSError):
        place.tries.write_text(json.dumps({"wrong": refusals, "last": now.isoformat()}), encoding="utf-8")
