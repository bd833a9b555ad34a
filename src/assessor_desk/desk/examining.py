"""Looking through what came from a source before anybody assesses it, each artifact once, and judging what was found.

It happens in a reader of its own, so that nobody who opens a document waits for it, and one file that the reader dies
of has that as its finding. A recording that cannot be played reliably gets a rendition that can; it stays the evidence.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assessor_desk.desk.acts import Act, Told
from assessor_desk.domain.changes import Blob
from assessor_desk.domain.errors import DeskError, Refused
from assessor_desk.domain.preflight import Judged, PreflightFinding, Severity
from assessor_desk.domain.renditions import Shown
from assessor_desk.domain.review import EntryKind, Review

if TYPE_CHECKING:
    from assessor_desk.artifacts.documents import DocumentsClient
    from assessor_desk.artifacts.preflight import Preflight
    from assessor_desk.artifacts.vault import Vault
    from assessor_desk.desk.standing import Standing
    from assessor_desk.domain.submission import Artifact
    from assessor_desk.store.preflights import Unseen
    from assessor_desk.store.store import Store
    from assessor_desk.store.writing import Writing

_TO_RENDER = {"badly_indexed", "cut_short", "damaged"}
"""What may be found in a recording of which a rendition can still be played."""

MORE_PATIENCE = 2
"""A reader gets that many times as long when a person asks again."""


def judge_finding(artifact_id: str, finding_id: str, judged: Judged | None) -> Act:
    """Accept or dismiss a finding; None takes that back. The finding is written down as it stood then."""

    def act(standing: Standing) -> Sequence[Told]:
        found = next(
            (
                one
                for one in standing.preflight
                if (one.artifact_id, one.finding.id) == (artifact_id, finding_id) and one.to_judge
            ),
            None,
        )
        if found is None:
            raise Refused(
                f"Nothing called “{finding_id}” was found in {standing.submission.title_of(artifact_id)}"
            )
        if found.judged is judged:
            return []
        told = {"artifact": artifact_id, "finding": found.finding.to_json()}
        return [(EntryKind.FINDING_JUDGED, {**told, "judged": judged.value if judged else ""})]

    return act


def note_shown(artifact_id: str, shown: Shown) -> Act:
    """What of a recording was looked at; said once."""

    def act(standing: Standing) -> Sequence[Told]:
        review = standing.sheet
        if not isinstance(review, Review) or shown.value in review.shown.get(artifact_id, ()):
            return []
        return [(EntryKind.EVIDENCE_SHOWN, {"artifact": artifact_id, "shown": shown.value})]

    return act


@dataclass(frozen=True)
class Examining:
    """What looking through needs of a desk. `opened` notes the digests of files in use."""

    store: Store
    vault: Vault
    opened: set[str]
    stop: threading.Event

    def examine(self, told: Callable[[str], None] = lambda _: None) -> None:
        """Look through whatever is here and was not looked at yet; `told` the submission after each artifact."""
        with self.store.reading() as view:
            unseen = view.preflights.unseen()
        if not unseen:
            return
        from assessor_desk.artifacts.documents import DocumentsClient

        with closing(DocumentsClient()) as reader:
            for one in unseen:
                if self.stop.is_set():
                    return
                self._examine(reader, one)
                told(one.submission_id)

    def look_again(self, submission_id: str, artifact_id: str) -> None:
        """Look once more at what was given up, with more patience. Raises Refused where nothing was."""
        with self.store.reading() as view:
            one = view.preflights.given_up(submission_id, artifact_id)
        if one is None:
            raise Refused("This file was looked through already. Nothing is left to try again")
        from assessor_desk.artifacts.documents import ANSWER_SECONDS, DocumentsClient

        with closing(DocumentsClient(ANSWER_SECONDS * MORE_PATIENCE)) as reader:
            self._examine(reader, one)

    def _examine(self, reader: DocumentsClient, one: Unseen) -> None:
        from assessor_desk.artifacts.preflight import unreadable

        with self.store.reading() as view:
            submission = view.submission(one.submission_id)
        artifact = submission.piece(one.artifact_id) if submission else None
        if submission is None or artifact is None or not self.vault.holds(one.blob_digest):
            return
        try:
            key = self.store.artifact_key(one.submission_id, one.artifact_id)
            path = self.vault.path(one.blob_digest)
            found = reader.preflight(path, artifact.name, key, submission.name_words)
        except Refused:
            return  # its key is gone: it was recalled meanwhile
        except DeskError as error:
            found = unreadable(error, one.tries + 1)
        else:
            self._render_where_needed(one, found, artifact.name, key)
        with self.store.transaction() as work:
            if not work.is_here((one.submission_id, one.artifact_id, one.blob_digest)):
                return  # recalled or replaced while it was looked through: what was found goes with it
            copied = _copy_here(work, one, found, artifact)
            work.preflights.keep(one, (*found.findings, *copied), found.likeness or artifact.sha256)
            work.commit()

    def _render_where_needed(self, one: Unseen, found: Preflight, name: str, key: bytes) -> None:
        """A rendition of what cannot be played reliably; that it cannot be made says nothing new."""
        if found.kind.value != "video" or not _TO_RENDER & {each.id for each in found.findings}:
            return
        from assessor_desk.artifacts.rendering import render_playable

        try:
            sealed, _ = render_playable(self.vault.path(one.blob_digest), key, name, self.vault, self.stop)
        except DeskError:
            return
        self.opened.add(sealed.digest)
        made = Blob(one.submission_id, one.artifact_id, sealed.digest, sealed.length, sealed.key)
        if not self.store.keep_rendition(made, Shown.PLAYABLE, one.blob_digest):
            self.opened.discard(sealed.digest)
            self.vault.remove(sealed.digest)


def _copy_here(work: Writing, one: Unseen, found: Preflight, artifact: Artifact) -> list[PreflightFinding]:
    """Whether another submission on this desk holds the same, where no source compared them."""
    if work.preflights.told_by_source(one) or not work.preflights.copied(
        one, found.likeness or artifact.sha256
    ):
        return []
    words = f"“{artifact.name}” is also in another submission on this computer."
    return [PreflightFinding("same_picture" if found.likeness else "duplicate", Severity.LOOK, words)]


def refuse_unless_later(standing: Standing, artifact_id: str) -> None:
    """Raise Refused where there is no original still to be fetched."""
    line = next((one for one in standing.artifacts if one.artifact_id == artifact_id), None)
    if line is None or line.here or line.removed:
        raise Refused(f"The original of {standing.submission.title_of(artifact_id)} is here already, or gone")
