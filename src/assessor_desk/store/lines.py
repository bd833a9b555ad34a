"""What the store gives out that the domain has no word for: lines of inbox, outbox, review list and ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.domain.roles import Purpose, Role

if TYPE_CHECKING:
    from assessor_desk.domain.changes import Blob


class InboxState(StrEnum):
    """How far a submission has come on this desk."""

    NEW = "new"
    CHECKING = "checking"
    IN_REVIEW = "in_review"
    AWAITED = "awaited"
    TO_DECIDE = "to_decide"
    RELEASED = "released"
    PASSED_BACK = "passed_back"
    INCOMPLETE = "incomplete"
    READY_TO_SEAL = "ready_to_seal"
    SEALED_WAITING = "sealed_waiting"
    DELIVERED = "delivered"
    SET_ASIDE = "set_aside"


class InboxSection(StrEnum):
    """Where a line of the inbox stands, in this order. What a reviewer decides on stands in one, `QUEUE`."""

    PASSED_BACK = "passed_back"
    OVERDUE = "overdue"
    DUE_TODAY = "due_today"
    THIS_WEEK = "this_week"
    LATER = "later"
    NO_DUE_DATE = "no_due_date"
    DRAFTS = "drafts"
    QUEUE = "queue"
    SEALED = "sealed"
    HANDED_BACK = "handed_back"
    SET_ASIDE = "set_aside"


class QueueState(StrEnum):
    """Where a submission that a reviewer decides on stands on its way to the educator."""

    AWAITED = "awaited"
    TO_DECIDE = "to_decide"
    ON_HOLD = "on_hold"
    PASSED_BACK = "passed_back"
    SEALED_WAITING = "sealed_waiting"
    ON_HUB = "on_hub"
    RELEASED = "released"


class QueueSection(StrEnum):
    """Where a line of a reviewer's queue stands, in this order."""

    OVERDUE = "overdue"
    TO_DECIDE = "to_decide"
    ON_HOLD = "on_hold"
    AWAITED = "awaited"
    PASSED_BACK = "passed_back"
    DECIDED = "decided"
    RELEASED = "released"


#: Why evidence is not on this desk any more: it was kept as long as the policy says.
RETENTION = "retention"

#: Why evidence is not on this desk any more: its source keeps it no longer.
ENDED = "ended"

#: Why one artifact is not on this desk: a concern about it stands. It comes again once that is lifted.
QUARANTINE = "quarantine"

#: Why a file is not here though it may be: evidence takes as much of the disk as it may, or a person freed its space.
QUOTA, FREED = "quota", "freed"
DAMAGED_HERE = "It was damaged on this disk and is being fetched again."
"""Why bytes that were here are wanted again, where they had changed."""
#: A submission that a person made available offline.
KEPT = "kept"


def newest_rubrics(source: str) -> str:
    """The name of the fact that says which version of each rubric a source published last."""
    return f"newest rubrics {source}"


#: The inbox's order: work first, then what waits to be sent, what is done, what was set aside; by due date within.
RANK = {
    InboxState.SEALED_WAITING: 1,
    InboxState.DELIVERED: 2,
    InboxState.RELEASED: 2,
    InboxState.SET_ASIDE: 3,
}


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One line of the inbox. `scored` of `criteria` have a level; bytes count the sealed artifacts that are here.

    `on_hold_for` are the kinds of the concerns that hold the submission; an empty one where this person is not told.
    """

    submission_id: str
    key: str
    title: str
    short_title: str
    attempt: int
    due_at: datetime | None
    scored: int
    criteria: int
    state: InboxState
    ready_bytes: int
    total_bytes: int
    role: Role
    draft: bool
    sealed_at: datetime | None = None
    delivered_at: datetime | None = None
    on_hold_for: tuple[str, ...] = ()
    later_bytes: int = 0
    """Bytes of recordings that are not here while their small renditions are, or are to come."""
    parked_bytes: int = 0
    """Bytes that are not here to save room on this computer; they come when they are asked for."""
    offline: str = ""
    """`kept` or `freed` where a person said whether it is to be available offline."""


@dataclass(frozen=True, slots=True)
class InboxOrder:
    """What is in the inbox: of each section that is not empty the submissions in their order, by id."""

    sections: Mapping[InboxSection, Sequence[str]]

    @property
    def count(self) -> int:
        """How many lines there are."""
        return sum(map(len, self.sections.values()))


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One revision of a review: whose, of which submission, under which assignment."""

    id: str
    submission_id: str
    assignment_id: str
    revision: int
    purpose: Purpose
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """Something made here that a source must get. `path` is a sealed file of `length` plain bytes, opened with `key`.

    `receipt` is what the source signed (empty where it cannot sign); `delivered_at` None while the line waits.
    `time_stamp` is the token of an authority outside (RFC 3161), empty while there is none; before the file `came` it
    is not checked, and proves nothing.
    `refused`: the source answered the last time, and would not take it; for certain it does not have it.
    """

    id: str
    source: str
    kind: str
    review_id: str
    path: Path
    length: int
    key: bytes = field(repr=False)
    digest: str = ""
    attempts: int = 0
    waiting_since: datetime | None = None
    last_trouble: str = ""
    delivered_at: datetime | None = None
    receipt: bytes = field(repr=False, default=b"")
    refused: bool = False
    time_stamp: bytes = field(repr=False, default=b"")

    @property
    def came(self) -> bool:
        """Whether its file was ever here: what another device sealed is fetched once the source has it."""
        return self.length > 0

    @property
    def turned_away(self) -> bool:
        """Whether the source would not take it and never had it: a restored one may refuse what it once signed for."""
        return self.refused and self.delivered_at is None and not self.receipt


@dataclass(frozen=True, slots=True)
class WantedArtifact:
    """An artifact whose bytes are not here yet. `blob` says where they are, what they weigh and what opens them.

    `plain`: the source keeps plain bytes, which are sealed as they arrive. For any other the key must be here.
    """

    blob: Blob
    due_at: datetime | None
    plain: bool = False

    @property
    def submission_id(self) -> str:
        """The submission it belongs to."""
        return self.blob.submission_id

    @property
    def artifact_id(self) -> str:
        """The artifact."""
        return self.blob.artifact_id

    @property
    def blob_digest(self) -> str:
        """SHA-256 of the sealed bytes, or the source's own name for plain ones."""
        return self.blob.digest

    @property
    def length(self) -> int:
        """Bytes to fetch."""
        return self.blob.length


@dataclass(frozen=True, slots=True)
class ArtifactLine:
    """What the ledger says of one artifact: where its sealed bytes are and whether they are here.

    `removed` is why they were taken away for good, empty where they were not: a `WithdrawalReason`, or `RETENTION`.
    `asked`: a person wants it although a small rendition of it is here.
    """

    submission_id: str
    artifact_id: str
    blob_digest: str
    length: int
    here: bool
    trouble: str
    removed: str = ""
    asked: bool = False
    parked: str = ""
    """Why it is not here although it may be: `QUOTA`, `FREED`; empty for what is here or is to come."""


@dataclass(frozen=True, slots=True)
class Finished:
    """Something whose time on this desk runs: a submission or the review of it, and the policy that says how long.

    `since` is when it was delivered or set aside.
    """

    own_id: str
    policy_id: str
    policy_version: str
    since: datetime
    source: str = ""


@dataclass(frozen=True, slots=True)
class LedgerTotals:
    """Artifacts ready of all, sealed bytes still to fetch of all, lines waiting in the outbox."""

    ready: int
    total: int
    bytes_to_go: int
    bytes_total: int
    waiting_to_send: int
    later_bytes: int = 0
    """Bytes of recordings that come on demand, since small renditions of them do."""
    parked: int = 0
    """Files that are not here because evidence takes as much of this disk as it may."""
    parked_bytes: int = 0
