"""Writing down what a person did: one act, one transaction, with everything that follows from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from assessor_desk.desk.acts import Act, Told
from assessor_desk.desk.answers import Changes, Kind
from assessor_desk.desk.standing import CARRIED, Shelf, Standing, revision_of
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.review import Draft, Entry, EntryKind, Review, TextField, anchor_to_json
from assessor_desk.store.store import Store

if TYPE_CHECKING:
    from assessor_desk.store.writing import Writing


@dataclass
class Pen:
    """Turns acts into entries of one device, at the time the clock says."""

    store: Store
    shelf: Shelf
    clock: Callable[[], datetime]
    device: str

    def act(
        self, submission_id: str, *acts: Act, replaces: Collection[tuple[TextField, str]] = ()
    ) -> Changes:
        """Do `acts`, each a step, in one transaction; texts still being typed become entries first, in order.

        `replaces` names texts whose drafts the acts themselves replace. Raises Refused, with nothing changed, where
        any of the acts is not possible.
        """
        with self.store.transaction() as work:
            standing = Standing.of(work, self.shelf, submission_id, self.clock())
            standing.require_open()
            script = _Script(self, work, standing)
            script.open_review()
            script.settle_drafts(replaces)
            for act in acts:
                script.write(act(script.standing))
            script.finish()
            work.commit()
        return _changed(submission_id)

    def settle(self, submission_id: str) -> Changes:
        """Turn texts still being typed into entries, where there are any; also for a case that is just being left."""
        with self.store.transaction() as work:
            standing = Standing.of(work, self.shelf, submission_id, self.clock())
            if not standing.drafts or standing.review.sealed or standing.set_aside:
                return Changes()
            script = _Script(self, work, standing)
            script.settle_drafts()
            script.finish()
            work.commit()
        return _changed(submission_id)

    def review_to_write_in(self, submission_id: str, field: TextField, criterion: str) -> Standing:
        """How a submission stands once its review is open for a text. Raises Refused where it has no such text."""
        from assessor_desk.desk.acts import check_text_place

        with self.store.transaction() as work:
            standing = Standing.of(work, self.shelf, submission_id, self.clock())
            standing.require_open()
            check_text_place(standing, field, criterion)
            script = _Script(self, work, standing)
            if script.open_review():
                script.finish()
                work.commit()
            return script.standing

    def begin_correction(self, submission_id: str) -> Changes:
        """Open the next revision of a sealed review, beginning with what the sealed one says."""
        with self.store.transaction() as work:
            standing = Standing.of(work, self.shelf, submission_id, self.clock())
            if not standing.review.sealed:
                raise Refused(
                    f"The review of {standing.submission.key} is not sealed: it can simply be changed"
                )
            if standing.set_aside:
                raise Refused(
                    f"{standing.submission.key} was set aside by its source and cannot be corrected here"
                )
            line = revision_of(standing.assignment, standing.line.revision + 1, self.clock())
            following = replace(standing, line=line, opened=False, entries=(), drafts=(), delivery=None)
            script = _Script(self, work, following)
            script.open_review(looked_at=standing.review.version_seen)
            script.write(_told_again(standing.review), step=f"{CARRIED} {line.id}")
            script.finish()
            work.commit()
        return _changed(submission_id)

    def entries(self, review_id: str, told: Iterable[Told], counter: int, step: str = "") -> list[Entry]:
        """Entries of one step, counted on from `counter`."""
        at, step = self.clock(), step or str(uuid4())
        return [
            Entry(str(uuid4()), review_id, kind, data, at, self.device, counter + place, step)
            for place, (kind, data) in enumerate(told, start=1)
        ]


class _Script:
    """One transaction's worth of writing, with how the submission stands after each line."""

    def __init__(self, pen: Pen, work: Writing, standing: Standing) -> None:
        self.pen = pen
        self.work = work
        self.standing = standing
        self._counter = work.highest_counter()

    def open_review(self, looked_at: str = "") -> bool:
        """Begin the review where it has not begun, and note which version of the evidence it looks at."""
        if self.standing.opened:
            return False
        self.work.open_review(self.standing.line)
        self.standing = replace(self.standing, opened=True)
        version = looked_at or self.standing.submission.version
        self.write(
            [(EntryKind.VERSION_SEEN, {"version": version})], step=f"{CARRIED} {self.standing.line.id}"
        )
        return True

    def settle_drafts(self, replaced: Collection[tuple[TextField, str]] = ()) -> None:
        drafts, self.standing = self.standing.drafts, replace(self.standing, drafts=())
        for draft in drafts:
            if (draft.field, draft.criterion) not in replaced and not self._stands_already(draft):
                data = {"field": draft.field.value, "criterion": draft.criterion, "text": draft.text}
                self.write([(EntryKind.TEXT_WRITTEN, data)])
        self.work.drop_drafts(drafts)

    def write(self, told: Sequence[Told], step: str = "") -> None:
        entries = self.pen.entries(self.standing.line.id, told, self._counter, step)
        self.work.record(entries)
        self._counter += len(entries)
        self.standing = replace(self.standing, entries=(*self.standing.entries, *entries))

    def finish(self) -> None:
        """Bring the inbox's line in line."""
        scored = self.standing.review.scored(self.standing.rubric)
        self.work.set_progress(self.standing.submission.id, scored, self.standing.state)

    def _stands_already(self, draft: Draft) -> bool:
        return self.standing.review.text(draft.field, draft.criterion) == draft.text


def _changed(submission_id: str) -> Changes:
    return Changes.of(Kind.INBOX, Kind.REVIEW, submission=submission_id)


def _told_again(review: Review) -> list[Told]:
    """A review as entries that amount to it: what a correction begins with."""
    told: list[Told] = []
    if review.completeness is not None:
        told.append((EntryKind.COMPLETENESS_CHECKED, {"incomplete": list(review.completeness)}))
    told += [(EntryKind.ANCHOR_PLACED, {"anchor": anchor_to_json(anchor)}) for anchor in review.anchors]
    for criterion, done in review.works.items():
        told += (
            [(EntryKind.SCORE_RECORDED, {"criterion": criterion, "level": done.level})] if done.level else []
        )
        told += [
            (EntryKind.TEXT_WRITTEN, _text_data(field, criterion, words))
            for field, words in done.texts.items()
            if words
        ]
        told += [(EntryKind.ANCHOR_GIVEN, {"anchor": one, "criterion": criterion}) for one in done.anchors]
        if done.no_evidence:
            told.append((EntryKind.NO_EVIDENCE_DECLARED, {"criterion": criterion, "absent": True}))
    for field, words in ((TextField.OVERALL, review.overall), (TextField.NOTES, review.notes)):
        told += [(EntryKind.TEXT_WRITTEN, _text_data(field, "", words))] if words else []
    return told + [
        (EntryKind.CHECK_KEPT, {"check": check, "subject": subject, "reason": reason})
        for (check, subject), reason in review.kept.items()
    ]


def _text_data(field: TextField, criterion: str, words: str) -> dict[str, str]:
    return {"field": field.value, "criterion": criterion, "text": words}
