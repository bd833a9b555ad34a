"""Fetching many files: several at a time, in the order in which they are wanted.

A connection that breaks is taken up again at once as long as it brings anything; what brings nothing is left to a later
round. One that waits for its turn holds nothing, so stopping is a matter of the few that are under way.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assessor_desk.artifacts.downloads import GivenUp
from assessor_desk.domain.errors import DeskError, NoRoom, Unavailable, sentence
from assessor_desk.sync.source import Busy, NotEnrolled, OnItsWay

if TYPE_CHECKING:
    from assessor_desk.sync.fetching import Told

#: Downloads at a time. More help no line that is slow, and crowd out whatever else needs it.
AT_ONCE = 3
#: So many files in a row that the source could not give mean that it is gone.
FAILURES_IN_A_ROW = 3
#: A source that asks for longer is left alone until then, and the round ends.
LONGEST_WAIT = 20.0
_PAUSE_SECONDS = 0.2


class Stopped(Exception):
    """The person stopped the round."""


@dataclass(frozen=True)
class Wanted:
    """One file to fetch: `fetch` does so and keeps it, `failed` is told why it could not be had."""

    name: str
    length: int
    fetch: Callable[[Told], None]
    failed: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the downloads are: the file spoken of, bytes here of all that are wanted, files done."""

    name: str
    bytes_here: int
    files_done: int


@dataclass
class Downloading:
    """The downloads of one round. `stop` ends them soon; what came is kept."""

    wanted: Sequence[Wanted]
    told: Callable[[Standing], None]
    stop: threading.Event
    fetched: int = 0
    troubles: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ending: threading.Event = field(default_factory=threading.Event)
    _fatal: BaseException | None = None
    _failures: int = 0
    _done: int = 0
    _bytes_done: int = 0
    _under_way: dict[int, int] = field(default_factory=dict)

    def run(self) -> None:
        """Fetch them all.

        What cannot be had is told and passed over. Raises Busy and NotEnrolled as they come, Unavailable where the
        source seems to be gone, Stopped.
        """
        waiting = deque(self.wanted)
        workers = min(AT_ONCE, len(waiting))
        if not workers:
            return
        with ThreadPoolExecutor(workers, "download") as pool:
            going = [pool.submit(self._work, waiting) for _ in range(workers)]
        for one in going:
            one.result()
        if self._fatal is not None:
            raise self._fatal
        self._heed_stop()

    def _work(self, waiting: deque[Wanted]) -> None:
        while not self._ending.is_set():
            with self._lock:
                if not waiting:
                    return
                one = waiting.popleft()
            try:
                self._note(one, self._fetched(one))
            except (Busy, NotEnrolled, Stopped) as error:
                self._end(error)
            except BaseException as error:
                self._end(error)
                raise

    def _fetched(self, one: Wanted) -> DeskError | None:
        """Fetch one; what keeps it from being had, None where nothing does or it is not wanted any more."""
        while True:
            before = self._under_way.get(id(one), 0)
            try:
                self._patiently(one)
            except GivenUp:
                return None
            except (Busy, NotEnrolled):
                raise
            except DeskError as error:
                self._heed_stop()
                gained = self._under_way.get(id(one), 0) > before
                if not gained or not isinstance(error, Unavailable) or isinstance(error, NoRoom):
                    return error
                self.stop.wait(_PAUSE_SECONDS * random.random())
            else:
                with self._lock:
                    self.fetched += 1
                return None

    def _patiently(self, one: Wanted) -> None:
        """Ask once more after a source's own waiting time, unless that is long."""
        self._heed_stop()
        try:
            one.fetch(lambda here: self._heard(one, here))
        except Busy as busy:
            if busy.seconds > LONGEST_WAIT:
                raise
            self.stop.wait(busy.seconds)
            self._heed_stop()
            one.fetch(lambda here: self._heard(one, here))

    def _heard(self, one: Wanted, here: int) -> None:
        with self._lock:
            self._under_way[id(one)] = here
            self._tell(one.name)
        self._heed_stop()

    def _note(self, one: Wanted, error: DeskError | None) -> None:
        if error is not None:
            one.failed(sentence(error))
        lost = isinstance(error, Unavailable) and not isinstance(error, NoRoom | OnItsWay)
        with self._lock:
            self._under_way.pop(id(one), None)
            self._bytes_done += one.length
            self._done += 1
            self._failures = self._failures + 1 if lost else 0
            if error is not None and not isinstance(error, OnItsWay):
                self.troubles.append(sentence(error))
            self._tell(one.name)
            gone = self._failures >= FAILURES_IN_A_ROW
        if gone and error is not None:
            self._end(error)

    def _tell(self, name: str) -> None:
        self.told(Standing(name, self._bytes_done + sum(self._under_way.values()), self._done))

    def _end(self, error: BaseException) -> None:
        with self._lock:
            self._fatal = self._fatal or error
        self._ending.set()

    def _heed_stop(self) -> None:
        if self.stop.is_set() or self._ending.is_set():
            raise Stopped
