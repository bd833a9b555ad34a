"""Fetching a recording itself, of which there is a small rendition: at once, beside whatever round is under way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assessor_desk.artifacts.downloads import GivenUp
from assessor_desk.desk.answers import why_removed
from assessor_desk.desk.connecting import source_of
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.domain.renditions import Shown, rendition_id
from assessor_desk.sync.fetching import Fetching

if TYPE_CHECKING:
    from assessor_desk.desk.connecting import Surroundings
    from assessor_desk.store.lines import WantedArtifact
    from assessor_desk.store.store import Store

#: How often one looks how far a round has come that downloads the same recording.
_LOOK_EVERY_S = 0.15


@dataclass(frozen=True)
class Original:
    """One recording that is wanted. `told` hears how many of its sealed bytes are here, and of how many."""

    desk: Surroundings
    submission_id: str
    artifact_id: str
    told: Callable[[int, int], None]
    stop: threading.Event

    def fetch(self) -> bool:
        """Whether it is here now; not where `stop` was set or it is not wanted any more.

        Raises Unavailable where the source cannot be reached or there is no room: it stays wanted.
        """
        while not self.stop.is_set():
            with self.desk.store.reading() as view:
                found = view.artifact_wanted(self.submission_id, self.artifact_id)
            if found is None:
                return True
            try:
                if self._fetch(*found):
                    return True
            except GivenUp:
                return False
            self.stop.wait(_LOOK_EVERY_S)
        return False

    def _fetch(self, identity: str, wanted: WantedArtifact) -> bool:
        """False where a round is downloading it: that is waited for."""
        if not wanted.plain and not wanted.blob.key:
            raise Damaged("The source sent no key for this recording. Sync, then try again")
        source = source_of(self.desk, identity)
        fetching = Fetching(source, self.desk.vault)
        try:
            if wanted.plain:
                sealed = fetching.fetch_plain(wanted.blob, self._heeding_stop(wanted))
                self._arrived(wanted, sealed.digest, sealed.key)
                return True
            if fetching.fetch(wanted.blob, self._heeding_stop(wanted)):
                self._arrived(wanted)
                return True
        finally:
            source.close()
        self.told(self.desk.vault.partial_length(wanted.blob_digest), wanted.length)
        return False

    def _arrived(self, wanted: WantedArtifact, digest: str = "", key: bytes = b"") -> None:
        """Unless it was replaced or taken away meanwhile: then what came is swept up, and the round knows better."""
        with self.desk.store.reading() as view:
            now = view.artifact_wanted(self.submission_id, self.artifact_id)
        if now is not None and now[1].blob_digest == wanted.blob_digest:
            self.desk.store.artifact_arrived(self.submission_id, self.artifact_id, digest, key)

    def _heeding_stop(self, wanted: WantedArtifact) -> Callable[[int], None]:
        def told(here: int) -> None:
            self.told(here, wanted.length)
            if self.stop.is_set():
                raise GivenUp

        return told


def pieces_of(store: Store, submission_id: str, artifact_id: str) -> list[str]:
    """What is to be fetched for an artifact to be shown: its captions, then its small copy if it has one, or itself.

    Raises Refused where it was taken away, or the source captured none such.
    """
    with store.reading() as view:
        known = {line.artifact_id: line for line in view.artifacts(submission_id)}
        submission = view.submission(submission_id)
    own = known.get(artifact_id)
    if own is None or own.removed:
        why = f": {why_removed(own.removed)}" if own is not None else ""
        raise Refused(f"“{artifact_id}” cannot be brought to this computer{why}")
    artifacts = () if submission is None else submission.artifacts
    captions = next((one.captions for one in artifacts if one.id == artifact_id), "")
    small = rendition_id(artifact_id, Shown.SMALL)
    shown = small if small in known and not known[small].removed and not own.asked else artifact_id
    return [
        one for one in (captions, shown) if one in known and not known[one].here and not known[one].removed
    ]


def give_up(desk: Surroundings, submission_id: str, artifact_id: str) -> None:
    """The recording is not wanted any more; what came of it stays, to go on with another time."""
    desk.store.ask_for_original(submission_id, artifact_id, wanted=False)
    with desk.store.reading() as view:
        found = view.artifact_wanted(submission_id, artifact_id)
    if found is not None and not found[1].plain:
        desk.vault.downloads.give_up(found[1].blob_digest)
