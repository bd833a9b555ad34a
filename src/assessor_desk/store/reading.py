"""What can be asked of the store within one consistent view of the file. Only domain objects and lines leave it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.changes import Published, WithdrawalReason
from assessor_desk.domain.review import Draft, Entry, EntryKind, TextField
from assessor_desk.domain.roles import Purpose
from assessor_desk.domain.submission import Assignment, Submission
from assessor_desk.store import tables as t
from assessor_desk.store.artifact_keys import ArtifactKeys
from assessor_desk.store.custody import OVER, Custody
from assessor_desk.store.decided import Decided
from assessor_desk.store.deciding import Deciding
from assessor_desk.store.evidence_here import EvidenceHere
from assessor_desk.store.first_page import KEPT_FACT
from assessor_desk.store.lines import (
    Finished,
    InboxState,
    OutboxLine,
    ReviewLine,
)
from assessor_desk.store.phrases import Phrases
from assessor_desk.store.preflights import Preflights
from assessor_desk.store.prepared import IDS, named
from assessor_desk.store.records import assignment_from_json, submission_from_json
from assessor_desk.store.renditions import Renditions
from assessor_desk.store.revisions import kept_back, later_delivered
from assessor_desk.store.travelling import Travelling


class Reading(EvidenceHere):
    """One view of the file, the same from the first question to the last."""

    def __init__(self, connection: sa.Connection, keys: ArtifactKeys, outbox_folder: Path) -> None:
        super().__init__(connection, keys)
        self._outbox_folder = outbox_folder

    @property
    def deciding(self) -> Deciding:
        """What a reviewer decides on."""
        return Deciding(self._connection)

    @property
    def decided(self) -> Decided:
        """What was decided, for figures over many decisions."""
        return Decided(self._connection)

    @property
    def preflights(self) -> Preflights:
        """What was found in artifacts."""
        return Preflights(self._connection)

    @property
    def renditions(self) -> Renditions:
        """Renditions of recordings."""
        return Renditions(self._connection)

    @property
    def custody(self) -> Custody:
        """What is held here, what need not be, and what was destroyed."""
        return Custody(self._connection)

    @property
    def travelling(self) -> Travelling:
        """What goes to the person's other devices, and comes from them."""
        return Travelling(self._connection)

    @property
    def phrases(self) -> Phrases:
        """The phrase bank."""
        return Phrases(self._connection)

    # -- what came from sources --------------------------------------------------------------------------------

    def submission(self, submission_id: str) -> Submission | None:
        """What was handed in, or None for an unknown id."""
        content = self._value(sa.select(t.submissions.c.content).where(t.submissions.c.id == submission_id))
        return None if content is None else submission_from_json(content)

    def submissions_beside(self, submission_id: str, rubric_id: str, most: int) -> list[Submission]:
        """Other submissions to the same rubric, at most so many."""
        own = t.submissions.c
        # In these words, as the index `submissions_of_rubric` is over them: each case that is opened asks for this.
        place: sa.ColumnElement[str] = sa.literal_column("'$.rubric_id'")
        same = sa.func.json_extract(own.content, place, type_=sa.String) == rubric_id
        wanted = sa.select(own.content).where(own.id != submission_id, same).order_by(own.key).limit(most)
        return [submission_from_json(row.content) for row in self._rows(wanted)]

    def names(self) -> list[tuple[str, str, str]]:
        """Id, key and title of every submission in the inbox's table."""
        wanted = sa.select(t.inbox.c.submission_id, t.inbox.c.key, t.inbox.c.title).order_by(t.inbox.c.key)
        return [(row.submission_id, row.key, row.title) for row in self._rows(wanted)]

    def artifact_names(self) -> list[tuple[str, str, str, str, str]]:
        """Of every artifact that has a tab, in the inbox's order: submission, its key, artifact, name and label."""
        rows = self._connection.execute(
            sa.text("""
            SELECT inbox.submission_id, inbox.key, json_extract(one.value, '$.id') AS artifact,
                   json_extract(one.value, '$.name') AS name, json_extract(one.value, '$.label') AS label
            FROM inbox JOIN submissions ON submissions.id = inbox.submission_id,
                 json_each(submissions.content, '$.artifacts') AS one
            WHERE NOT inbox.set_aside AND NOT EXISTS (
                SELECT 1 FROM json_each(submissions.content, '$.artifacts') AS spoken
                WHERE json_extract(spoken.value, '$.captions') = json_extract(one.value, '$.id'))
            ORDER BY inbox.rank, inbox.due_at IS NULL, inbox.due_at, inbox.key, one.key""")
        )
        return [(row.submission_id, row.key, row.artifact, row.name, row.label or "") for row in rows]

    def assignments(self, submission_id: str) -> list[tuple[Assignment, bool]]:
        """Every assignment of a submission with whether it is set aside; the standing and newest last."""
        wanted = sa.select(t.assignments).where(t.assignments.c.submission_id == submission_id)
        found = [(assignment_from_json(row.content), bool(row.set_aside)) for row in self._rows(wanted)]
        return sorted(found, key=lambda one: (not one[1], _when(one[0].assigned_at), one[0].id))

    def aside_for(self, submission_id: str, assignment_id: str = "") -> WithdrawalReason | None:
        """Why a submission is set aside; None where an assignment of it stands. A reason that removes evidence counts
        before one that does not. With an `assignment_id`, the same of that one alone.
        """
        a = t.assignments.c
        which = a.id == assignment_id if assignment_id else a.submission_id == submission_id
        rows = self._rows(sa.select(a.set_aside, a.aside_for).where(which))
        if not rows or not all(row.set_aside for row in rows):
            return None
        told = [WithdrawalReason(row.aside_for) for row in rows if row.aside_for]
        return told[-1] if told else WithdrawalReason.UNASSIGNED

    def published(self, kind: str, id: str, version: str, source: str = "") -> Published | None:  # noqa: A002
        """A rubric, policy, attested assignment or trust file as published; `kind` is one of these words.

        Where `source` is of a programme that words it otherwise than the one it first came from, its own.
        """
        c, own = t.published.c, apart(kind, source)
        found = sa.select(t.published).where(c.kind.in_((kind, own)), c.id == id, c.version == version)
        row = self._row(found.order_by(c.kind != own))
        return None if row is None else _published(row)

    def source_of(self, submission_id: str) -> str:
        """Which source a submission came from; empty for an unknown one."""
        return str(
            self._value(sa.select(t.submissions.c.source).where(t.submissions.c.id == submission_id)) or ""
        )

    def published_of(self, kind: str) -> list[Published]:
        """All that was published of one kind, in every programme's words."""
        c = t.published.c
        begin = apart(kind, "")
        # A range and no LIKE: thousands of other rows lie here, and an index does not help a LIKE with an escape.
        after = begin[:-1] + chr(ord(begin[-1]) + 1)
        which = sa.or_(c.kind == kind, sa.and_(c.kind >= begin, c.kind < after))
        rows = self._rows(sa.select(t.published).where(which).order_by(c.id))
        return [_published(row) for row in rows]

    def cursor(self, source: str) -> str:
        """The place after the last page taken from a source; empty at the beginning."""
        return str(self.fact(f"cursor {source}", ""))

    def fact(self, name: str, otherwise: Any = None) -> Any:
        """A small fact kept under a name, as JSON gives it back."""
        # In plain SQL: a round asks for two dozen of them.
        row = self._connection.exec_driver_sql(KEPT_FACT, (name,)).first()
        found = None if row is None else json.loads(row[0])
        return otherwise if found is None else found

    # -- what was made here ------------------------------------------------------------------------------------

    def reviews(self, submission_id: str) -> list[ReviewLine]:
        """The revisions of the person's reviews of a submission, those of one assignment together, oldest first.

        Revisions follow their numbers: the clock may have been set back between two.
        """
        wanted = sa.select(t.reviews).where(t.reviews.c.submission_id == submission_id)
        rows = self._rows(wanted.order_by(t.reviews.c.opened_at.desc()))
        begun = {row.assignment_id: row.opened_at for row in rows}
        rows = sorted(rows, key=lambda row: (begun[row.assignment_id], row.assignment_id, row.revision))
        return [_review_line(row) for row in rows]

    def review(self, review_id: str) -> ReviewLine | None:
        """One revision, or None for an unknown id."""
        row = self._row(sa.select(t.reviews).where(t.reviews.c.id == review_id))
        return None if row is None else _review_line(row)

    def entries(self, review_id: str) -> list[Entry]:
        """The entries of a review, in order."""
        c = t.entries.c
        wanted = sa.select(t.entries).where(c.review_id == review_id).order_by(c.counter, c.device, c.id)
        return [_entry(row) for row in self._rows(wanted)]

    def texts_elsewhere(self, submission_id: str, most: int) -> list[tuple[ReviewLine, str, list[Entry]]]:
        """The newest revisions of what the person made of other submissions, at most so many, the last begun first.

        Each with the submission's key and the entries that tell how its texts stand.
        """
        r, e, i = t.reviews.c, t.entries.c, t.inbox.c
        later = t.reviews.alias("later")
        newer = sa.exists().where(later.c.assignment_id == r.assignment_id, later.c.revision > r.revision)
        newest = (
            sa.select(t.reviews, i.key)
            .join(t.inbox, i.submission_id == r.submission_id)
            .where(r.submission_id != submission_id, sa.not_(newer))
            .order_by(r.opened_at.desc(), r.id)
            .limit(most)
        )
        lines = [(_review_line(row), row.key) for row in self._rows(newest)]
        kinds = [EntryKind.TEXT_WRITTEN.value, EntryKind.UNDONE.value, EntryKind.REDONE.value]
        texts = sa.select(t.entries).where(e.review_id.in_([line.id for line, _ in lines]), e.kind.in_(kinds))
        found: dict[str, list[Entry]] = {line.id: [] for line, _ in lines}
        for row in self._rows(texts):
            found[row.review_id].append(_entry(row))
        return [(line, key, found[line.id]) for line, key in lines]

    def highest_counter(self) -> int:
        """The highest Lamport counter seen, 0 before the first entry."""
        return int(self._value(sa.select(sa.func.max(t.entries.c.counter))) or 0)

    def drafts(self, review_id: str) -> list[Draft]:
        """Texts still being typed."""
        wanted = sa.select(t.drafts).where(t.drafts.c.review_id == review_id).order_by(t.drafts.c.at)
        return [
            Draft(
                row.review_id, TextField(row.field), row.criterion, row.text,
                None if row.seen is None else tuple(row.seen),
            )
            for row in self._rows(wanted)
        ]  # fmt: skip

    def saved_at(self, review_id: str) -> datetime | None:
        """When something of a review last reached the disk."""
        latest = [
            self._value(
                sa.select(sa.func.max(table.c.at, type_=t.Instant)).where(table.c.review_id == review_id)
            )
            for table in (t.entries, t.drafts)
        ]
        return max((one for one in latest if one is not None), default=None)

    def outbox_waiting(self, source: str | None = None) -> list[OutboxLine]:
        """What still has to be delivered, oldest first; of one source or of all.

        What was made under an assignment that its source withdrew is kept, and goes should it stand again.
        """
        wanted = (
            sa.select(t.outbox)
            .where(t.outbox.c.delivered_at.is_(None), sa.not_(kept_back()))
            .order_by(t.outbox.c.waiting_since)
        )
        if source is not None:
            wanted = wanted.where(t.outbox.c.source == source)
        return self._corrections_last([self._outbox_line(row) for row in self._rows(wanted)])

    def outbox_to_offer(self, source: str) -> list[OutboxLine]:
        """The same in the order in which it is offered: what was tried least often first, so that nothing which fails
        each time stands before all else in each round.
        """
        return self._corrections_last(sorted(self.outbox_waiting(source), key=lambda line: line.attempts))

    def _corrections_last(self, lines: list[OutboxLine]) -> list[OutboxLine]:
        """What corrects another goes after it, also where the clock was set back between the two. So do notes that were
        handed back later.
        """
        if len(lines) < 2:
            return lines
        r = t.reviews.c
        wanted = sa.select(r.id, r.assignment_id, r.revision).where(
            r.id.in_([line.review_id for line in lines])
        )
        of = {row.id: (row.assignment_id, row.revision) for row in self._rows(wanted)}
        places = [of.get(line.review_id, (line.id, 0)) for line in lines]
        first = {about: place for place, (about, _) in reversed(list(enumerate(places)))}

        def turn(place: int) -> tuple[int, int, float]:
            about, revision = places[place]  # notes go back several times as the same revision
            since = lines[place].waiting_since
            return first[about], revision, since.timestamp() if since else 0.0

        return [lines[place] for place in sorted(range(len(lines)), key=turn)]

    def outbox_receipted(self, source: str) -> list[str]:
        """Digests of what was delivered to a source, and could be once more."""
        o = t.outbox.c
        wanted = sa.select(o.digest).where(o.source == source, o.delivered_at.is_not(None), o.file != "")
        return [row.digest for row in self._rows(wanted.order_by(o.delivered_at))]

    def was_restored(self, source: str) -> bool:
        """Whether a source was restored from a back-up, and nobody has looked yet what it lacks."""
        return bool(self.fact(f"restored {source}", False))

    def delivered_unheard(self, source: str) -> bool:
        """Whether something was delivered to a source since it told its changes last, and with them that it has it."""
        return bool(self.fact(f"delivered {source}", False))

    def elsewhere(
        self, source: str, submissions: Iterable[str], assignments: Iterable[str], packets: Iterable[str]
    ) -> tuple[set[str], set[str], set[str]]:
        """Which of these submissions, assignments and packets in the outbox are here as another source's."""
        s, a, o = t.submissions.c, t.assignments.c, t.outbox.c
        of_it = sa.select(a.id).join(t.submissions, s.id == a.submission_id)
        queries = (
            (sa.select(s.id).where(s.id.in_(IDS), s.source != source), submissions),
            (of_it.where(a.id.in_(IDS), s.source != source), assignments),
            (sa.select(o.digest).where(o.digest.in_(IDS), o.source != source), packets),
        )
        theirs, given, sent = (
            set(self._connection.execute(query, named(ids)).scalars()) for query, ids in queries
        )
        return theirs, given, sent

    def outbox_named(self, digest: str) -> OutboxLine | None:
        """The line of what goes out, or went, under a digest."""
        row = self._row(sa.select(t.outbox).where(t.outbox.c.digest == digest))
        return None if row is None else self._outbox_line(row)

    def outbox_of(self, review_id: str) -> OutboxLine | None:
        """What went out last of a review, decision or notes, delivered or not; notes may go back several times."""
        row = self._row(_latest_first(review_id))
        return None if row is None else self._outbox_line(row)

    def all_outbox_of(self, review_id: str) -> list[OutboxLine]:
        """All that went out of it, the oldest first: of a decision the seals of several computers."""
        return [self._outbox_line(row) for row in reversed(self._rows(_latest_first(review_id)))]

    def exports(self, submission_id: str) -> list[tuple[datetime, str, str]]:
        """When, as what and where to copies of a submission's review left the desk."""
        wanted = (
            sa.select(t.exports).where(t.exports.c.submission_id == submission_id).order_by(t.exports.c.at)
        )
        return [(row.at, row.format, row.path) for row in self._rows(wanted)]

    # -- how long things are kept ------------------------------------------------------------------------------

    def evidence_kept(self) -> list[Finished]:
        """Submissions whose evidence is kept though the work is over: delivered, or merely set aside."""
        a, i, o = t.assignments.c, t.inbox.c, t.outbox.c
        delivered = (
            sa.select(sa.func.max(o.delivered_at, type_=t.Instant))
            .join(t.reviews, t.reviews.c.id == o.review_id)
            .where(t.reviews.c.submission_id == i.submission_id)
            .scalar_subquery()
        )
        aside = (
            sa.select(sa.func.max(a.aside_at, type_=t.Instant))
            .where(a.submission_id == i.submission_id)
            .scalar_subquery()
        )
        since = sa.case((i.set_aside, aside), else_=delivered).label("since")
        kept = sa.exists().where(t.artifacts.c.submission_id == i.submission_id, t.artifacts.c.removed == "")
        over = sa.or_(i.set_aside, i.state.in_(OVER))
        wanted = sa.select(i.submission_id, since).where(over, kept)
        return [
            found
            for row in self._rows(wanted)
            if row.since is not None
            and (found := self._finished(row.submission_id, row.submission_id, row.since))
        ]

    def wordings_kept(self) -> list[Finished]:
        """Sealed reviews, delivered or set aside, that still hold earlier wordings; refused ones with what followed."""
        r, o, a = t.reviews.c, t.outbox.c, t.assignments.c
        aside = sa.case((a.set_aside, a.aside_at))
        since = sa.func.coalesce(o.delivered_at, aside, later_delivered(), type_=t.Instant)
        wanted = (
            sa.select(r.id, r.submission_id, since.label("since"))
            .select_from(
                t.reviews.outerjoin(t.outbox, o.review_id == r.id).join(
                    t.assignments, a.id == r.assignment_id
                )
            )
            .where(sa.or_(o.id.is_not(None), later_delivered().is_not(None)))
            .where(r.wordings_dropped.is_(False), since.is_not(None), r.purpose != Purpose.COACH.value)
        )
        return [
            found
            for row in self._rows(wanted)
            if (found := self._finished(row.id, row.submission_id, row.since))
        ]

    def coaching_kept(self) -> list[Finished]:
        """A coach's notes that went back as they stand, or were set aside, and still hold words."""
        r, o, a, i, e = t.reviews.c, t.outbox.c, t.assignments.c, t.inbox.c, t.entries.c
        back = (
            sa.select(sa.func.max(o.delivered_at, type_=t.Instant))
            .where(o.review_id == r.id)
            .correlate(t.reviews)
            .scalar_subquery()
        )
        since = sa.case((a.set_aside, a.aside_at), else_=back).label("since")
        words = sa.exists().where(e.review_id == r.id, e.kind != EntryKind.HANDED_BACK.value)
        wanted = (
            sa.select(r.id, r.submission_id, since)
            .select_from(
                t.reviews.join(t.assignments, a.id == r.assignment_id).join(
                    t.inbox, i.submission_id == r.submission_id
                )
            )
            .where(r.purpose == Purpose.COACH.value, words)
            .where(sa.or_(a.set_aside, i.state == InboxState.DELIVERED.value))
        )
        return [
            found
            for row in self._rows(wanted)
            if row.since is not None and (found := self._finished(row.id, row.submission_id, row.since))
        ]

    def outbox_files(self) -> set[str]:
        """Every sealed file that the outbox names, as a path within its folder."""
        return {row.file for row in self._rows(sa.select(t.outbox.c.file).where(t.outbox.c.file != ""))}

    def _finished(self, own_id: str, submission_id: str, since: datetime) -> Finished | None:
        assignments = self.assignments(submission_id)
        if not assignments:
            return None
        newest, _ = assignments[-1]
        source = self.source_of(submission_id)
        return Finished(own_id, newest.policy_id, newest.policy_version, since, source)

    # ----------------------------------------------------------------------------------------------------------

    def _outbox_line(self, row: sa.Row[Any]) -> OutboxLine:
        return OutboxLine(
            row.id, row.source, row.kind, row.review_id, self._outbox_folder / row.file, row.length, row.file_key,
            row.digest, row.attempts, row.waiting_since, row.last_trouble, row.delivered_at, row.receipt or b"",
            bool(row.refused), row.time_stamp or b"",
        )  # fmt: skip


def _latest_first(review_id: str) -> sa.Select[Any]:
    of_it = sa.select(t.outbox).where(t.outbox.c.review_id == review_id)
    return of_it.order_by(t.outbox.c.waiting_since.desc(), sa.text("outbox.rowid DESC"))


def apart(kind: str, source: str) -> str:
    """The kind under which what a programme words otherwise than another is kept for its source."""
    return f"{kind} of {source}"


def _published(row: sa.Row[Any]) -> Published:
    return Published(row.id, row.version, row.content, row.signature, row.vouched)


def _when(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0


def _review_line(row: sa.Row[Any]) -> ReviewLine:
    return ReviewLine(
        row.id, row.submission_id, row.assignment_id, row.revision, Purpose(row.purpose), row.opened_at
    )


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(
        row.id, row.review_id, EntryKind(row.kind), row.data, row.at, row.device, row.counter, row.step
    )
