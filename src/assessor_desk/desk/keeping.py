"""What a person says about evidence on this computer: what is to be available offline, and what need not be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.desk.room import Room
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.settings import EVIDENCE_BYTES

if TYPE_CHECKING:
    from assessor_desk.domain.quota import Space
    from assessor_desk.store.custody import Owed


@dataclass(frozen=True, slots=True)
class HeldEvidence:
    """Evidence of a submission as far as it is here: sealed bytes of originals, of renditions, and made here.

    `away` are bytes that could be here. `offline` is `kept` or `freed` where a person said so. `goes_at` is when the
    policy lets it go, None while there is work to do; `closes_at` when it closes without contact, None for never.
    """

    submission_id: str
    key: str
    state: str
    originals: int
    renditions: int
    away: int
    offline: str = ""
    goes_at: datetime | None = None
    closes_at: datetime | None = None

    @property
    def offline_words(self) -> str:
        """What a person said about it; what is to be kept is not called so before it is here."""
        if self.offline == "kept":
            return "to be kept offline" if self.away else "kept offline"
        return "space freed" if self.offline == "freed" else ""


@dataclass(frozen=True, slots=True)
class Destroyed:
    """That evidence was destroyed here, and how far the receipt for its source has come; of no `files`, that nothing of
    it was here.

    `gone_at` None: something is left, and `trouble` says what. `signed`: the receipt is signed; `delivered_at` is when
    the source took it.
    """

    key: str
    why: str
    destroyed_at: datetime
    files: int
    gone_at: datetime | None
    signed: bool
    delivered_at: datetime | None
    trouble: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Holdings:
    """All evidence on this computer, what it may take, and what was destroyed, the last first."""

    space: Space
    held: tuple[HeldEvidence, ...]
    destroyed: tuple[Destroyed, ...]
    closing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FreedSpace:
    """What freeing space came to: bytes, and how many files are open and go when they are closed."""

    changes: Changes
    bytes: int
    in_use: int


class Keeping(Room):
    """Quota, what is available offline, and what was destroyed."""

    def holdings(self) -> Holdings:
        """What evidence is on this computer. Blocks: call it on a side lane."""
        from assessor_desk.desk.contact import closing_soon
        from assessor_desk.desk.holdings import destroyed_here, held_here

        now = self._clock()
        return Holdings(
            self._room_for_evidence.space(),
            held_here(self.store, now),
            destroyed_here(self.store),
            closing_soon(self.store, now),
        )

    def set_evidence_limit(self, most: int) -> Changes:
        """Evidence may take so many bytes from now on; 0: by what is free on the disk. Makes room at once."""
        if most < 0:
            raise Refused("Evidence cannot take less than nothing")
        self.settings.set(EVIDENCE_BYTES, most)
        self._room_for_evidence.fit(())
        return Changes.of(Kind.SETTINGS, Kind.INBOX, Kind.LEDGER, Kind.REVIEW)

    def make_offline(self, submission_ids: Iterable[str]) -> Changes:
        """All evidence of these is to be here, original recordings too; a round fetches it.

        Raises Refused for an unknown submission, and for one whose evidence was taken away.
        """
        wanted = tuple(submission_ids)
        for submission_id in wanted:
            self._refuse_taken_away(submission_id)
        self._room_for_evidence.keep(wanted)
        return self._touched(wanted)

    def free_space(self, submission_ids: Iterable[str], originals_only: bool = False) -> FreedSpace:
        """Evidence of these need not be here; it can be fetched again. With `originals_only` small copies stay.

        What is written stays, and so do packets that wait. Raises Refused for an unknown submission.
        """
        wanted = tuple(submission_ids)
        for submission_id in wanted:
            self._known_key(submission_id)
        with self.store.reading() as view:
            digests = {line.blob_digest for own in wanted for line in view.artifacts(own)}
        freed = self._room_for_evidence.free(wanted, originals_only)
        self._upkeep.opened -= digests
        return FreedSpace(self._touched(wanted), freed.bytes, freed.in_use)

    def write_destruction_receipts(self, folder: Path) -> list[Path]:
        """Write the signed receipts of destruction into a folder, as for a source that takes files alone.

        Raises Unavailable where it cannot be written.
        """
        with self.store.reading() as view:
            signed: list[Owed] = [one for one in view.custody.destructions() if one.document]
        written = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for one in signed:
                path = folder / f"destruction-{one.digest[:16]}.json"
                path.write_bytes(one.document)
                written.append(path)
        except OSError as error:
            raise Unavailable(f"The receipts cannot be written to {folder} ({error.strerror})") from error
        return written

    def evidence_closing(self) -> tuple[str, ...]:
        """A sentence for each source whose evidence closes soon without contact, or is closed."""
        from assessor_desk.desk.contact import closing_soon

        return closing_soon(self.store, self._clock())

    def _refuse_taken_away(self, submission_id: str) -> None:
        from assessor_desk.desk.answers import why_removed

        key = self._known_key(submission_id)
        with self.store.reading() as view:
            lines = [line for line in view.artifacts(submission_id) if "~" not in line.artifact_id]
        if lines and all(line.removed for line in lines):
            raise Refused(
                f"The evidence of {key} is not to be on this computer: {why_removed(lines[0].removed)}"
            )

    def _known_key(self, submission_id: str) -> str:
        with self.store.reading() as view:
            submission = view.submission(submission_id)
        if submission is None:
            raise Refused(f"There is no submission {submission_id} on this desk")
        return submission.key

    @staticmethod
    def _touched(submission_ids: Iterable[str]) -> Changes:
        kinds = frozenset({Kind.INBOX, Kind.LEDGER, Kind.REVIEW})
        return Changes(frozenset(submission_ids), kinds)
