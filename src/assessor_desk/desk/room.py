"""What every part of the desk works with. Imported with the window, so it imports little."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from assessor_desk.desk.folder import DeskFolder
from assessor_desk.desk.later import Later
from assessor_desk.desk.readers import Readers
from assessor_desk.desk.upkeep import Upkeep
from assessor_desk.settings import EVIDENCE_BYTES, KILOBYTES, Settings
from assessor_desk.store.holding import Hold
from assessor_desk.store.store import Store

if TYPE_CHECKING:
    from assessor_desk.artifacts.vault import Vault
    from assessor_desk.desk.connecting import Surroundings
    from assessor_desk.desk.evidence import Evidence
    from assessor_desk.desk.pen import Pen
    from assessor_desk.desk.room_for_evidence import RoomForEvidence
    from assessor_desk.sync.pace import Pace
else:
    Vault = Later("assessor_desk.artifacts.vault", "Vault")

Clock = Callable[[], datetime]


class Room:
    """An open desk's folder, store, vault and clock. `settings` are its preferences."""

    def __init__(self, place: DeskFolder, lock: Hold, store: Store, clock: Clock) -> None:
        self._place = place
        self._lock = lock
        self._clock = clock
        self._round = threading.Lock()
        self._upkeep = Upkeep()
        self._readers = Readers()
        self.store = store
        #: Sentences on how the desk was found when it was opened, for the person to read.
        self.told_at_opening: tuple[str, ...] = ()
        self.settings = Settings.load(place.path)

    @cached_property
    def vault(self) -> Vault:
        """The sealed evidence."""
        vault = Vault(self._place.vault)
        vault.clear_unfinished()
        return vault

    @cached_property
    def _pen(self) -> Pen:
        from assessor_desk.desk.neighbours import Neighbours
        from assessor_desk.desk.pen import Pen
        from assessor_desk.desk.standing import Shelf

        return Pen(self.store, Shelf(Neighbours(self.store, self._place.vault)), self._clock)

    def evidence(self, submission_id: str, artifact_id: str) -> Evidence:
        """An artifact to be opened.

        Raises Refused for an unknown one and one that was taken away, Unavailable while its bytes are not here.
        """
        from assessor_desk.desk.contact import refuse_closed
        from assessor_desk.desk.evidence import evidence_of

        refuse_closed(self.store, submission_id, self._clock())
        return evidence_of(
            self.store, self.vault, self._readers, self._upkeep.opened, submission_id, artifact_id
        )

    def get_readers_ready(self, for_recordings: bool = False) -> None:
        """Start the reader of documents before the first is opened, or with `for_recordings` that of recordings."""
        if for_recordings:
            self._readers.get_ready_for_recordings()
        else:
            self._readers.get_ready()

    @property
    def _surroundings(self) -> Surroundings:
        from assessor_desk.desk.connecting import Surroundings

        identity, arrived = self._place.identity, self._take_in_arrived
        return Surroundings(
            self.store, self.vault, identity, self._clock, pace=self._pace, arrived=arrived,
            make_room=self._room_for_evidence.fit, exchanging=self._upkeep.exchanging,
        )  # fmt: skip

    @property
    def _room_for_evidence(self) -> RoomForEvidence:
        from assessor_desk.desk.room_for_evidence import RoomForEvidence

        chosen = self.settings.get(EVIDENCE_BYTES, 0)
        return RoomForEvidence(self.store, self.vault, self._upkeep.opened, chosen)

    def _hear_others(self, submission_id: str) -> None:
        """To be called before a seal. Raises `ChangedElsewhere`, `OthersUnheard` (see `desk.hearing`)."""
        # Nobody's other computers: nothing of the network is imported.
        if any(self.store.fact(f"devices {one['identity']}") for one in self.store.fact("sources", [])):
            from assessor_desk.desk.hearing import hear_others

            hear_others(self._surroundings, self._pen, submission_id)

    def _take_in_arrived(self) -> None:
        from assessor_desk.desk.merging import merge_arrived

        merge_arrived(self._pen)

    @cached_property
    def _pace(self) -> Pace:
        """How fast bytes may come and go; the setting counts at once, for whatever is under way."""
        from assessor_desk.sync.pace import Pace

        return Pace(lambda: 1000 * self.settings.get(KILOBYTES, 0))
