"""What can be changed in the store: `record` for what was made here, `accept` for what came from a source.

Every method is part of one transaction and counts only once that is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from assessor_desk.domain.changes import (
    DeliveryKind,
    PassedBack,
    Published,
    SourceChanges,
    Vouching,
    WithdrawalReason,
)
from assessor_desk.domain.custody import Piece
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.review import Entry, EntryKind, standing_seals
from assessor_desk.domain.roles import Purpose
from assessor_desk.domain.submission import Submission
from assessor_desk.store import tables as t
from assessor_desk.store.artifact_keys import ArtifactKeys
from assessor_desk.store.counted_time import not_before
from assessor_desk.store.custody import CONTACTS
from assessor_desk.store.evidence_here import may_be_here
from assessor_desk.store.lines import (
    ENDED,
    QUARANTINE,
    RANK,
    RETENTION,
    InboxState,
    OutboxLine,
    ReviewLine,
    newest_rubrics,
)
from assessor_desk.store.prepared import IDS, named
from assessor_desk.store.reading import Reading, apart
from assessor_desk.store.taking import Taking, published_row, weigh

#: The words of an entry go; that there was one, where and when stays. The file lets nothing else be changed.
_DROP_WORDS = {
    "text_written": "json_set(data, '$.text', '', '$.dropped', json('true'))",
    "anchor_named": "json_set(data, '$.note', '', '$.dropped', json('true'))",
    "anchor_placed": "json_set(data, '$.anchor.note', '', '$.dropped', json('true'))",
}


def _newest_revision() -> sa.ScalarSelect[int]:
    """The number of the newest revision of the review that a query is about."""
    same = t.reviews.alias("same")
    newest = sa.select(sa.func.max(same.c.revision)).where(same.c.assignment_id == t.reviews.c.assignment_id)
    return newest.correlate(t.reviews).scalar_subquery()


class Writing(Reading):
    """One transaction, at the time `now`. `commit` once at the end; without it nothing happened."""

    committed = False

    def __init__(
        self,
        connection: sa.Connection,
        keys: ArtifactKeys,
        outbox_folder: Path,
        now: datetime,
        commit: Callable[[], None],
    ) -> None:
        super().__init__(connection, keys, outbox_folder)
        self._now = now
        self._commit = commit
        self._recalled: set[str] = set()
        self._taken_away: set[str] = set()
        self._withheld: set[tuple[str, str]] = set()

    def commit(self) -> None:
        """Make everything durable. The transaction is over afterwards.

        Keys of evidence that is taken away are destroyed first: at no moment does the file say that evidence is gone
        while it could still be opened. Whatever is interrupted in between is said, and done, once more.
        """
        for submission_id in sorted(self._recalled):
            self._keys.destroy(submission_id)
        for submission_id, artifact_id in sorted(self._withheld):
            self._keys.destroy(submission_id, artifact_id)
        self._commit()
        self.committed = True

    @property
    def now(self) -> datetime:
        """By this computer's clock."""
        return self._now

    # -- made here ---------------------------------------------------------------------------------------------

    def record(self, entries: Iterable[Entry], outbox: Iterable[OutboxLine] = ()) -> None:
        """Append what a person did, with what a source must hear of it. An entry already here is passed over."""
        rows = [
            {"id": e.id, "review_id": e.review_id, "kind": e.kind.value, "data": dict(e.data), "at": e.at,
             "device": e.device, "counter": e.counter, "step": e.step}
            for e in entries
        ]  # fmt: skip
        if rows:
            self._run(insert(t.entries).on_conflict_do_nothing(), rows)
        for line in outbox:
            file = line.path.relative_to(self._outbox_folder).as_posix()
            self._run(sa.insert(t.outbox).values(
                id=line.id, source=line.source, kind=line.kind, review_id=line.review_id, file=file,
                length=line.length, file_key=line.key, digest=line.digest, waiting_since=line.waiting_since,
            ))  # fmt: skip

    def open_review(self, line: ReviewLine) -> None:
        """Begin a revision of what a person makes of a submission."""
        self._run(sa.insert(t.reviews).values(
            id=line.id, submission_id=line.submission_id, assignment_id=line.assignment_id, revision=line.revision,
            purpose=line.purpose.value, opened_at=line.opened_at,
        ))  # fmt: skip

    def set_progress(self, submission_id: str, scored: int, state: InboxState) -> None:
        """How far a submission has come, as its line in the inbox shows it."""
        aside = t.inbox.c.set_aside
        rank = sa.case((aside, RANK[InboxState.SET_ASIDE]), else_=RANK.get(state, 0))
        self._run(self._inbox_update(submission_id).values(scored=scored, state=state.value, rank=rank))

    def set_fact(self, name: str, value: Any) -> None:
        """Keep a small fact under a name; None forgets it."""
        if value is None:
            self._run(sa.delete(t.facts).where(t.facts.c.name == name))
        else:
            self._upsert(t.facts, {"name": name, "value": value})

    def record_export(self, submission_id: str, format: str, path: str, at: datetime) -> None:  # noqa: A002
        """That a copy of a review left the desk."""
        self._run(
            sa.insert(t.exports).values(
                id=str(uuid4()), submission_id=submission_id, format=format, path=path, at=at
            )
        )

    # -- came from a source ------------------------------------------------------------------------------------

    def accept(self, changes: SourceChanges, source: str = "", trust_of: str = "") -> None:
        """Take one page of changes and, where `source` is named, its cursor. Taking it twice changes nothing more.

        Each source keeps a trust list of its own: this one's, or that of `trust_of` where no page was asked for.

        Raises Refused when the page names a submission or rubric that neither it nor the store holds.
        """
        for kind, things in (("rubric", changes.rubrics), ("policy", changes.policies)):
            for thing in things:
                self.keep_published(kind, thing)
        for kind, thing in changes.worded_apart:
            self.keep_published(apart(kind, source), thing)
        taking = Taking(self, self._connection)
        taking.submissions(changes.submissions)
        taking.blobs(changes)
        self.preflights.accept(changes.findings)
        taking.assignments(changes.assignments, changes.submissions)
        taking.attested(changes)
        weigh(self._connection, taking.touched)
        for name, content in changes.trust.items():
            self._upsert(
                t.published,
                {
                    "kind": "trust",
                    "id": name,
                    "version": source or trust_of,
                    "content": content,
                    "signature": b"",
                },
            )
        self.deciding.accept(changes, source)
        for stamp in changes.time_stamps:
            self.travelling.take_stamp(stamp)
        self.phrases.accept(changes, source)
        for one in changes.passed_back:
            self._pass_back(one)
        self._heed_quarantine(changes)
        self._heed_endings(changes)
        at = changes.told_at or not_before(self, source, self._now)
        self.set_aside(changes.withdrawn, changes.withdrawn_for, at)
        if source:
            self._say_what_never_came(changes, source)
        # Bytes named for something that was recalled before must not come back with them.
        self._take_away_recalled({blob.submission_id for blob in changes.blobs})
        if source:
            self._left_off(changes, source)
            self._note_newest(changes, source)

    def _say_what_never_came(self, changes: SourceChanges, source: str) -> None:
        """Its source counts this desk as holding what a lost answer told of, and what was withdrawn since.

        A desk that was put back to before it came may have its keys all the same: they go. So does what is here without
        an assignment, which was left out as it did not hold (`sync.vetting`): no policy says when.
        """
        for assignment_id, submission_id in changes.withdrawn_from.items():
            known = self.source_of(submission_id)
            why = changes.withdrawn_for.get(assignment_id, WithdrawalReason.UNASSIGNED).value
            if known and (known != source or self._has_of(submission_id)):
                if known == source and not self.assignments(submission_id):
                    self.take_away_evidence(submission_id, why)
                continue  # else it goes in its time, and that is said then
            at = max(self._destroyed_at(source), changes.told_at or self._now)
            pieces = self.pieces_here(submission_id)
            self.custody.note_nothing_here(submission_id, source, why, at, pieces)
            self._recalled.add(submission_id)

    def _has_of(self, submission_id: str) -> bool:
        return (
            bool(self.pieces_here(submission_id))
            or bool(self.deciding.of(submission_id))  # a packet may hold pages of it
            or not all(aside for _, aside in self.assignments(submission_id))
        )

    def _left_off(self, changes: SourceChanges, source: str) -> None:
        self.set_fact(f"cursor {source}", changes.cursor)
        if changes.anew:
            self.set_fact(f"restored {source}", True)

    def _note_newest(self, changes: SourceChanges, source: str) -> None:
        """Which version of each rubric the source published last."""
        if changes.newest_rubrics:
            name = newest_rubrics(source)
            self.set_fact(name, {**self.fact(name, {}), **changes.newest_rubrics})

    def _pass_back(self, told: PassedBack) -> None:
        """A sealed review is open work again, unless it was corrected meanwhile."""
        sealed = self._row(
            sa.select(t.reviews.c.submission_id, t.reviews.c.revision)
            .join(t.outbox, t.outbox.c.review_id == t.reviews.c.id)
            .where(t.outbox.c.digest == told.packet)
        )
        if sealed is None or self.reviews(sealed.submission_id)[-1].revision != sealed.revision:
            return
        values = {"state": InboxState.PASSED_BACK.value, "rank": 0}
        self._run(self._inbox_update(sealed.submission_id).values(**values))

    def keep_published(self, kind: str, thing: Published) -> None:
        """Keep what an issuer published. A version, once here, stays as it was first published.

        The same words with a signature that was found to hold take the place of those without; so does what was
        published of a copy that was altered here.
        """
        known, row = self.published(kind, thing.id, thing.version), published_row(kind, thing)
        if known is None:
            self._run(sa.insert(t.published).values(**row))
        elif thing.vouching is Vouching.SIGNED and (
            known.canonical == thing.canonical or known.vouching is Vouching.ALTERED
        ):
            self._upsert(t.published, row)

    def set_aside(
        self,
        assignment_ids: Iterable[str],
        reasons: Mapping[str, WithdrawalReason] | None = None,
        at: datetime | None = None,
    ) -> None:
        """Set assignments aside: the work stays readable and exportable, nothing more is fetched for it.

        `at` is when, by the source's time where that is known: the policy's days count from it.

        Where none of a submission stands and any was withdrawn for a reason that removes evidence, its evidence goes
        with the commit.
        """
        touched: set[str] = set()
        for assignment_id in assignment_ids:
            reason = (reasons or {}).get(assignment_id, WithdrawalReason.UNASSIGNED)
            a = t.assignments.c
            aside = {
                "set_aside": True,
                "aside_at": sa.func.coalesce(a.aside_at, sa.literal(at or self._now, t.Instant)),
            }
            if reason.removes_evidence:
                aside["aside_for"] = reason.value
            self._run(sa.update(t.assignments).where(a.id == assignment_id).values(**aside))
            submission_id = self._value(sa.select(a.submission_id).where(a.id == assignment_id))
            touched |= {submission_id} - {None}
        for submission_id in touched:
            if all(aside for _, aside in self.assignments(submission_id)):
                rank = RANK[InboxState.SET_ASIDE]
                self._run(self._inbox_update(submission_id).values(set_aside=True, rank=rank))
        self._take_away_recalled(touched)

    def end_enrolment(self, source: str) -> None:
        """This desk is no longer enrolled with a source: all work from there is set aside and its evidence goes.

        Should it be enrolled again, everything is taken from the beginning.
        """
        a, s = t.assignments.c, t.submissions.c
        theirs = sa.select(a.id).join(t.submissions, s.id == a.submission_id).where(s.source == source)
        ids = list(self._connection.execute(theirs.where(a.aside_for == "")).scalars())
        at = not_before(self, source, self._now)
        self.set_aside(ids, dict.fromkeys(ids, WithdrawalReason.ENROLMENT_REVOKED), at)
        # Of what was left out of a page the evidence may be here without its assignment.
        unassigned = sa.select(s.id).where(s.source == source, s.id.not_in(sa.select(a.submission_id)))
        for submission_id in self._connection.execute(unassigned).scalars().all():
            self.take_away_evidence(submission_id, WithdrawalReason.ENROLMENT_REVOKED.value)
        self.phrases.end_enrolment(source)
        self.set_fact(f"cursor {source}", None)
        # Without a cursor nobody would notice that it was put back to before what was delivered from here.
        self.set_fact(f"restored {source}", True)

    def take_away_evidence(self, submission_id: str, why: str) -> None:
        """The evidence of a submission leaves this desk: its keys with the commit, its files when they are swept."""
        which = t.artifacts.c.submission_id == submission_id
        # What was kept to its end may turn out to be recalled; the other way round says nothing new.
        open_to = t.artifacts.c.removed.in_(["", RETENTION] + ([QUARANTINE] if why != RETENTION else []))
        self._taken_away |= {line.blob_digest for line in self._artifact_lines(which)}
        if submission_id not in self._recalled:
            self._note_destroyed(submission_id, why)
        gone = {"here": False, "trouble": "", "removed": why, "parked": ""}
        self._run(sa.update(t.artifacts).where(which, open_to).values(**gone))
        self.weigh(submission_id)
        if why in (RETENTION, ENDED):
            self.preflights.forget_likeness(submission_id)
        if why not in (RETENTION, ENDED):
            self._taken_away |= {line.blob for line in self.deciding.of(submission_id)}
            self.deciding.forget(submission_id)
            self.preflights.forget(submission_id)
        self._recalled.add(submission_id)

    def _note_destroyed(self, submission_id: str, why: str) -> None:
        packets = [] if why in (RETENTION, ENDED) else self.deciding.of(submission_id)
        pieces = [
            *self.pieces_here(submission_id),
            *(Piece(line.digest, "packet", line.blob) for line in packets),  # the key of each is in its row
        ]
        at = self._destroyed_at(self.source_of(submission_id))
        self.custody.note_destroyed(submission_id, why, at, pieces)

    def _destroyed_at(self, source: str) -> datetime:
        """Now; a clock that was set back does not make it happen before the source gave the keys."""
        told = self.fact(CONTACTS, {}).get(source)
        return self._now if told is None else max(self._now, datetime.fromisoformat(told))

    def withhold(self, submission_id: str, artifact_id: str) -> None:
        """An artifact is closed, with its captions, while a concern about it stands.

        Their keys go with the commit, their files when they are swept.
        """
        for one in self._with_captions(submission_id, artifact_id):
            self._withhold(submission_id, one)

    def _with_captions(self, submission_id: str, artifact_id: str) -> list[str]:
        submission = self.submission(submission_id)
        artifact = submission.artifact(artifact_id) if submission else None
        captions = [artifact.captions] if artifact and artifact.captions else []
        return [artifact_id, *captions, *self.renditions.of(submission_id, artifact_id)]

    def _withhold(self, submission_id: str, artifact_id: str) -> None:
        c = t.artifacts.c
        which = (c.submission_id == submission_id, c.artifact_id == artifact_id)
        self._taken_away |= {line.blob_digest for line in self._artifact_lines(sa.and_(*which))} - {""}
        gone = {"here": False, "trouble": "", "removed": QUARANTINE}
        unknown = {"source": self._submission(submission_id).source, "blob_digest": "", "length": 0}
        row = {"submission_id": submission_id, "artifact_id": artifact_id, **unknown, **gone}
        kept = insert(t.artifacts).values(**row)
        key = ("submission_id", "artifact_id")
        self._run(
            kept.on_conflict_do_update(index_elements=key, set_=gone, where=c.removed.in_(["", RETENTION]))
        )
        self._withheld.add((submission_id, artifact_id))
        self.weigh(submission_id)

    def _heed_quarantine(self, changes: SourceChanges) -> None:
        """Close what the source withholds; what it sends again is wanted again, unless a concern stands here still."""
        for submission_id, artifact_id in changes.withheld:
            self.withhold(submission_id, artifact_id)
        c = t.artifacts.c
        sent = {(blob.submission_id, blob.artifact_id) for blob in changes.ledger_blobs}
        which_sent = sa.select(c.submission_id, c.artifact_id).where(c.submission_id.in_(IDS))
        closed = self._connection.execute(
            which_sent.where(c.removed == QUARANTINE), named({own_id for own_id, _ in sent})
        ).all()
        standing = {
            (own_id, one)
            for own_id, artifact_id in self.deciding.quarantined()
            for one in self._with_captions(own_id, artifact_id)
        }
        for place in (sent & {(row.submission_id, row.artifact_id) for row in closed}) - standing:
            which = (c.submission_id == place[0], c.artifact_id == place[1])
            self._run(sa.update(t.artifacts).where(*which).values(removed=""))
            self.weigh(place[0])

    def _heed_endings(self, changes: SourceChanges) -> None:
        """Of evidence that its source keeps no longer nothing stays here; what was written about it does."""
        for submission_id in changes.evidence_ended:
            if self.submission(submission_id) is not None:
                self.take_away_evidence(submission_id, ENDED)

    def dropped(self) -> set[str]:
        """The vault's files of evidence that this transaction takes away. To be asked before the commit."""
        if not self._taken_away:
            return set()
        a = t.artifacts.c
        still = sa.select(a.blob_digest).where(a.blob_digest.in_(self._taken_away), may_be_here())
        return self._taken_away - set(self._connection.execute(still).scalars())

    def artifact_arrived(self, submission_id: str, artifact_id: str, digest: str = "") -> None:
        """The sealed bytes are in the vault; `digest` where they were sealed here and so have another name."""
        values: dict[str, Any] = {"here": True, "trouble": "", "removed": "", "parked": ""}
        self._change_artifact(
            submission_id, artifact_id, values | ({"blob_digest": digest} if digest else {})
        )

    def artifacts_missing(self, artifacts: Iterable[tuple[str, str]], trouble: str = "") -> None:
        """Bytes that were here are not, or cannot be opened: they are wanted again."""
        for submission_id, artifact_id in artifacts:
            self._change_artifact(submission_id, artifact_id, {"here": False, "trouble": trouble})

    def drop_wordings(self, review_id: str, entry_ids: Iterable[str]) -> None:
        """The words of these entries of a sealed review go. The file itself refuses it for any other."""
        c = t.entries.c
        for entry_id in entry_ids:
            for kind, words in _DROP_WORDS.items():
                which = (c.id == entry_id, c.review_id == review_id, c.kind == kind)
                self._run(sa.update(t.entries).where(*which).values(data=sa.literal_column(words)))
        self._run(sa.update(t.reviews).where(t.reviews.c.id == review_id).values(wordings_dropped=True))

    def forget_notes(self, review_id: str) -> None:
        """What a coach wrote goes, with every document of it that went back; that and when it went back stays.

        The file itself refuses it for anything but a coach's notes.
        """
        of_it = t.reviews.c.id == review_id
        self._run(sa.update(t.reviews).where(of_it).values(forgotten_at=self._now))
        kept = t.entries.c.kind == EntryKind.HANDED_BACK.value
        self._run(sa.delete(t.entries).where(t.entries.c.review_id == review_id, sa.not_(kept)))
        self._run(sa.delete(t.drafts).where(t.drafts.c.review_id == review_id))
        # Without a name its file is swept, and without a key no copy of it can be opened.
        lines = sa.update(t.outbox).where(t.outbox.c.review_id == review_id)
        self._run(lines.where(t.outbox.c.delivered_at.is_not(None)).values(file="", file_key=b""))

    def artifact_failed(self, submission_id: str, artifact_id: str, trouble: str) -> None:
        """Why the bytes of an artifact are not here; they are asked for again."""
        self._change_artifact(submission_id, artifact_id, {"here": False, "trouble": trouble})

    def outbox_delivered(self, line_id: str, receipt: bytes, at: datetime) -> None:
        """A source has taken a packet; its submission counts as delivered where this was its newest review."""
        # A source that was restored gives another receipt; the first one says that it came in time.
        first = sa.case((sa.func.length(t.outbox.c.receipt) > 0, t.outbox.c.receipt), else_=receipt)
        source = str(self._value(sa.select(t.outbox.c.source).where(t.outbox.c.id == line_id)))
        taken = {"receipt": first, "delivered_at": not_before(self, source, at)}
        line_delivered = sa.update(t.outbox).where(t.outbox.c.id == line_id)
        self._run(line_delivered.values(**taken, last_trouble="", refused=False))
        self.note_delivered(source)
        review_id = self._value(sa.select(t.outbox.c.review_id).where(t.outbox.c.id == line_id))
        line = self.review(review_id) if review_id else None
        self._note_two_seals(review_id)
        if (
            line is not None
            and self.reviews(line.submission_id)[-1].id == line.id
            and not self._carried_on(line)
        ):
            state = {"state": InboxState.DELIVERED.value}
            rank = sa.case(
                (t.inbox.c.set_aside, RANK[InboxState.SET_ASIDE]), else_=RANK[InboxState.DELIVERED]
            )
            self._run(self._inbox_update(line.submission_id).values(**state, rank=rank))

    def note_delivered(self, source: str) -> None:
        """A source has taken something, which its next changes tell."""
        self.set_fact(f"delivered {source}", True)

    def heard_of_deliveries(self, source: str, at_once: bool) -> None:
        """A source has told its changes since. Not `at_once`: it may have been put back between the two."""
        self.set_fact(f"delivered {source}", None)
        if not at_once:
            self.set_fact(f"restored {source}", True)

    def _carried_on(self, line: ReviewLine) -> bool:
        """Whether a coach's notes were changed since they went back, or went back once more."""
        state = sa.select(t.inbox.c.state).where(t.inbox.c.submission_id == line.submission_id)
        last = self.outbox_of(line.id)
        waits = last is not None and last.delivered_at is None
        return line.purpose is Purpose.COACH and (
            waits or self._value(state) != InboxState.SEALED_WAITING.value
        )

    def outbox_failed(self, line_id: str, trouble: str, refused: bool = False) -> None:
        """A delivery did not succeed; the line keeps waiting. `refused`: the source answered and will not take it."""
        change = sa.update(t.outbox).where(t.outbox.c.id == line_id)
        told = {"last_trouble": trouble, "refused": refused}
        self._run(change.values(attempts=t.outbox.c.attempts + 1, **told))
        if refused:
            review_id = self._value(sa.select(t.outbox.c.review_id).where(t.outbox.c.id == line_id))
            if self._note_two_seals(review_id):
                return
            self._drop_turned_away(t.outbox.c.id == line_id, t.reviews.c.revision < _newest_revision())

    def _note_two_seals(self, review_id: str | None) -> bool:
        """Whether it was sealed on two computers: what became of a line, to be merged, tells which the source took."""
        if not review_id or len(standing_seals(self.entries(review_id))) < 2:
            return False
        self.travelling.note_arrived({review_id})
        return True

    def deliver_again(self, source: str, digests: Iterable[str]) -> None:
        """A source that was restored lacks these: they wait to be delivered once more. Its state is known now."""
        for digest in digests:
            which = (t.outbox.c.source == source, t.outbox.c.digest == digest)
            self._run(sa.update(t.outbox).where(*which).values(delivered_at=None, attempts=0))
            review_id = self._value(sa.select(t.outbox.c.review_id).where(*which))
            line = self.review(review_id) if review_id else None
            if line is not None and self.reviews(line.submission_id)[-1].id == line.id:
                waits = {"state": InboxState.SEALED_WAITING.value, "rank": RANK[InboxState.SEALED_WAITING]}
                change = self._inbox_update(line.submission_id).where(
                    t.inbox.c.state == InboxState.DELIVERED.value, t.inbox.c.set_aside.is_(False)
                )
                self._run(change.values(**waits))
        self.set_fact(f"restored {source}", None)

    def drop_refused_decisions(self, submission_id: str) -> None:
        """Decisions on a submission that its source refused wait no longer. Named by nothing, their files are swept."""
        o, r = t.outbox.c, t.reviews.c
        of_it = o.review_id.in_(sa.select(r.id).where(r.submission_id == submission_id))
        refused = sa.and_(o.kind == DeliveryKind.DECISION.value, o.refused, o.delivered_at.is_(None))
        self._run(sa.delete(t.outbox).where(of_it, refused))

    def drop_refused_packets(self, submission_id: str) -> None:
        """Packets of a submission that its source refused and never had wait no longer, once a correction is begun."""
        r = t.reviews.c
        self._drop_turned_away(r.submission_id == submission_id, r.revision < _newest_revision())

    def _drop_turned_away(self, *of_them: sa.ColumnElement[bool]) -> None:
        o = t.outbox.c
        away = (o.kind == DeliveryKind.PACKET.value, o.refused, o.delivered_at.is_(None))
        unsigned = sa.func.coalesce(sa.func.length(o.receipt), 0) == 0
        dropped = (
            sa.select(o.id).join(t.reviews, t.reviews.c.id == o.review_id).where(*of_them, *away, unsigned)
        )
        self._run(sa.delete(t.outbox).where(o.id.in_(dropped)))

    # ----------------------------------------------------------------------------------------------------------

    def _take_away_recalled(self, submission_ids: AbstractSet[str]) -> None:
        a = t.assignments.c
        # A first round names thousands, none of which was recalled.
        recalled = sa.select(a.submission_id).where(a.submission_id.in_(IDS), a.aside_for != "").distinct()
        for submission_id in self._connection.execute(recalled, named(submission_ids)).scalars().all():
            reason = self.aside_for(submission_id)
            if reason is not None and reason.removes_evidence:
                self.take_away_evidence(submission_id, reason.value)

    def weigh(self, submission_id: str) -> None:
        """Bring the inbox's bytes of a submission in line with the ledger."""
        weigh(self._connection, (submission_id,))

    def _change_artifact(self, submission_id: str, artifact_id: str, values: dict[str, Any]) -> None:
        c = t.artifacts.c
        which = (c.submission_id == submission_id, c.artifact_id == artifact_id, may_be_here())
        self._run(sa.update(t.artifacts).where(*which).values(**values))
        self.weigh(submission_id)

    def _submission(self, submission_id: str) -> Submission:
        submission = self.submission(submission_id)
        if submission is None:
            raise Refused(
                f"The source spoke of a submission it never sent ({submission_id}); sync again later"
            )
        return submission

    def _inbox_update(self, submission_id: str) -> sa.Update:
        return sa.update(t.inbox).where(t.inbox.c.submission_id == submission_id)

    def _upsert(self, table: sa.Table, row: dict[str, Any]) -> None:
        keys = [column.name for column in table.primary_key]
        kept = insert(table).values(**row)
        changed = {name: kept.excluded[name] for name in row if name not in keys}
        self._run(kept.on_conflict_do_update(index_elements=keys, set_=changed))

    def _run(self, statement: sa.Executable, rows: list[dict[str, Any]] | None = None) -> None:
        self._connection.execute(statement, rows)
