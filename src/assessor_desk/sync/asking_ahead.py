"""The next page of changes is asked for while the one before is written: a hub makes it meanwhile.

Nothing follows from a page that was asked for ahead until its turn comes: it is looked through and written only after
the one before is, and what went wrong with it is raised only then. Where the one before could not be written nobody
hears of it at all; the hub's cursors are questions, so that it was asked changes nothing there.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from assessor_desk.domain.changes import SourceChanges

#: Asks for the page after a cursor; told whether the two agree as of it.
Ask = Callable[[str, bool], SourceChanges]


class AskingAhead:
    """Within `with`, at most one question is under way; leaving waits until it is over."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._lane: ThreadPoolExecutor | None = None
        self._under_way: tuple[str, Future[SourceChanges]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lane is not None:
            self._lane.shutdown(cancel_futures=True)

    def begin(self, cursor: str) -> None:
        """Ask for the page after `cursor` on a thread of its own."""
        self._lane = self._lane or ThreadPoolExecutor(1, "asking")
        self._under_way = (cursor, self._lane.submit(self._ask, cursor, False))

    def answer(self, cursor: str, agreed: bool) -> SourceChanges:
        """The page after `cursor`: the one begun where it is that, else asked for now. Raises what asking raised."""
        begun, self._under_way = self._under_way, None
        if begun is None:
            return self._ask(cursor, agreed)
        if begun[0] == cursor:
            return begun[1].result()
        begun[1].exception()  # it is over before anything else is asked
        return self._ask(cursor, agreed)
