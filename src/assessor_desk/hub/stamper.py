"""The thread of a serving hub that asks for time-stamps, so that no delivery waits for somebody else's server."""

from __future__ import annotations

import logging
import threading

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.stamping import stamp_due

_log = logging.getLogger(__name__)
#: How often the queue is looked at where nothing was delivered.
_EVERY_SECONDS = 30.0
_LAST_ANSWER_SECONDS = 5.0


class Stamper:
    """Works while the hub answers. `wake` says that something was delivered."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._woken, self._ending = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="stamping", daemon=True)

    def start(self) -> None:
        """Begin with what waits already."""
        self._woken.set()
        self._thread.start()

    def wake(self) -> None:
        """Look at the queue now."""
        self._woken.set()

    def stop(self) -> None:
        """End once the question under way is answered, or without its answer where that takes long."""
        self._ending.set()
        self._woken.set()
        self._thread.join(_LAST_ANSWER_SECONDS)

    def _work(self) -> None:
        while not self._ending.is_set():
            self._woken.wait(_EVERY_SECONDS)
            self._woken.clear()
            if not self._ending.is_set():
                self._stamp()

    def _stamp(self) -> None:
        """Of several processes of one hub, each asks for others: what one asks for is claimed."""
        try:
            stamp_due(self._hub, stop=self._ending)
        except DeskError as error:
            _log.warning("Time-stamps could not be asked for: %s", sentence(error))
