"""The thread of a serving hub that sweeps it at quiet times, and where there are none all the same."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.hub.endings_kept import keep_endings
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.retention import expire
from assessor_desk.hub.sweeping import sweep, swept_at, waiting_since

_log = logging.getLogger(__name__)
#: Nobody asked anything for so long.
QUIET_SECONDS = 300.0
#: A little less than a day, so that it does not wander around the clock.
AGAIN_AFTER = timedelta(hours=20)
#: After so long it is no longer waited for a quiet time: open desks ask every few minutes, and there may be none.
AT_LATEST_AFTER = timedelta(hours=30)
_LOOK_EVERY = 60.0
#: A defect comes again: what it costs is not to be spent every minute.
_AFTER_DEFECT = 6 * 3600.0
_LAST_FILE_SECONDS = 5.0


class Sweeper:
    """Works while the hub answers; `quiet_for` says for how many seconds nobody has asked this process anything."""

    def __init__(self, hub: Hub, quiet_for: Callable[[], float], look_every: float = _LOOK_EVERY) -> None:
        self._hub, self._quiet_for, self._look_every = hub, quiet_for, look_every
        self._begun = hub.clock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sweeping", daemon=True)

    def start(self) -> None:
        """Look around now and then from now on."""
        self._thread.start()

    def stop(self) -> None:
        """End; a sweep under way is left to itself, and what it did not come to is for the next."""
        self._ending.set()
        self._thread.join(_LAST_FILE_SECONDS)

    def _work(self) -> None:
        rest, left = self._look_every, set[str]()
        while not self._ending.wait(rest):
            due = self._tried(self._is_due)
            # Each by itself: what one fails at keeps none of the others from its turn, and it is tried again.
            steps: dict[str, Callable[[Hub], object]] = {"keep": keep_endings, "end": expire, "sweep": sweep}
            done = {name: self._tried(step, self._hub) for name, step in steps.items() if due or name in left}
            left = {name for name, went in done.items() if went is False}
            rest = self._look_every if None not in (due, *done.values()) else _AFTER_DEFECT

    def _tried(self, step: Callable[..., object], *hub: Hub) -> bool | None:
        """Whether it said so, or was done, and not kept from it for now; None for a defect."""
        try:
            return step(*hub) is not False
        except DeskError as error:
            _log.warning("The hub could not be swept: %s", sentence(error))
            return False
        except Exception:  # noqa: BLE001  # a defect; what else is due is not to be left undone for it
            _log.exception("The hub could not be swept")
            return None

    def _is_due(self) -> bool:
        last, now = swept_at(self._hub), self._hub.clock()
        if self._quiet_for() < QUIET_SECONDS:
            return abs(now - waiting_since(self._hub, self._begun)) > AT_LATEST_AFTER
        # Of a time to come as of one that is over: the clock was ahead then.
        return last is None or abs(now - last) > AGAIN_AFTER
