"""Writing down what a person did: one act, one small commit, with everything that follows from it.

How a submission stands is kept in memory between acts, so that a key press costs little more than its commit. The
store's generation says when somebody else (a round, a seal) wrote and it must be read again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from assessor_desk.desk.acts import Act, Told, check_text_place, version_seen
from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.desk.longest import require_bounded, require_room
from assessor_desk.desk.standing import Shelf, Standing
from assessor_desk.domain.choices import REPLACING, Choice, differ, place_of
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.late import carried_over
from assessor_desk.domain.replaced import to_json as seen_to_json
from assessor_desk.domain.review import (
    CARRIED,
    Draft,
    Entry,
    EntryKind,
    Review,
    TextField,
    anchor_to_json,
)
from assessor_desk.domain.wordings import Place, Wording, in_dispute
from assessor_desk.store.quick import Quick
from assessor_desk.store.store import Store

if TYPE_CHECKING:
    from assessor_desk.store.reading import Reading

_KEPT_IN_MEMORY = 16
_Said = TypeVar("_Said", Wording, Choice)
_CHANGE_TEXTS = (EntryKind.TEXT_WRITTEN, EntryKind.UNDONE, EntryKind.REDONE)


class Pen:
    """Turns acts into entries of this device, at the time the clock says. Thread-safe."""

    def __init__(self, store: Store, shelf: Shelf, clock: Callable[[], datetime]) -> None:
        self.store = store
        self.shelf = shelf
        self.clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Standing] = OrderedDict()
        self._generation = -1
        self._counter = 0
        self._shown = threading.local()

    @contextmanager
    def having_shown(self, entries: Collection[str]) -> Iterator[None]:
        """What this thread does within takes the place of these entries (`Sheet.stands`) and of this device's own.

        What else stands there came after the screen was drawn: nobody saw it, and it stands beside what is done.
        """
        before = self.entries_shown
        self._shown.entries = entries
        try:
            yield
        finally:
            self._shown.entries = before

    @property
    def entries_shown(self) -> Collection[str] | None:
        """What this thread's person was shown; None for a command, which shows nothing."""
        shown: Collection[str] | None = getattr(self._shown, "entries", None)
        return shown

    def seen_of(self, stand: Sequence[_Said], disputed: bool) -> tuple[_Said, ...]:
        """Of texts or answers that stand at one place those that the person saw, who may let another take their place.

        Where nothing was shown, as for a command, and several stand, it is this device's own alone.
        """
        shown, own = self.entries_shown, self.store.device
        if shown is None and not disputed:
            return tuple(stand)
        return tuple(one for one in stand if one.device == own or one.entry_id in (shown or ()))

    def act(
        self,
        submission_id: str,
        *acts: Act,
        replaces: Collection[tuple[TextField, str]] = (),
        over: str | None = None,
    ) -> Changes:
        """Do `acts`, each a step, in one transaction; texts still being typed become entries first, in order.

        `replaces` names texts whose drafts the acts themselves replace; `over` are the words that stood on the screen
        when the one that is written was begun (None: what stands now). Raises Refused, with nothing changed, where any
        of the acts is not possible, or has a longer text than any may be.
        """
        with self.store.quick() as quick:
            script = self._script(quick, submission_id)
            script.over = over
            script.standing.require_open()
            script.open_review()
            begun = script.standing
            script.settle_drafts(replaces)
            for act in acts:
                told = act(script.standing)
                require_bounded(told, begun)
                script.write(told)
            script.finish()
            self._commit(script)
        return _changed(submission_id)

    def draft(
        self, submission_id: str, field: TextField, text: str, criterion: str, over: str | None = None
    ) -> Changes:
        """Keep a text as it stands while it is being typed. Raises Refused for one that has no place, or is too long.

        `over` are the words that stood on the screen when it was begun: what came since was not seen.
        Also of what its source has just taken back: words on their way to the disk are not lost for that.
        """
        with self.store.quick() as quick:
            script = self._script(quick, submission_id)
            script.over = over
            script.standing.require_unsealed()
            check_text_place(script.standing, field, criterion)
            require_room(script.standing, (field, criterion), text)
            opened = script.open_review()
            script.write_draft(field, criterion, text)
            if opened:
                script.finish()
            self._commit(script)
        return Changes.of(Kind.REVIEW, submission=submission_id)

    def settle(self, submission_id: str) -> Changes:
        """Turn texts still being typed into entries, where there are any; also for a case that is just being left."""
        with self.store.quick() as quick:
            script = self._script(quick, submission_id)
            standing = script.standing
            if not standing.drafts or standing.sheet.closed or standing.set_aside:
                return Changes()
            script.settle_drafts()
            script.finish()
            self._commit(script)
        return _changed(submission_id)

    def begin_correction(self, submission_id: str) -> Changes:
        """Open the next revision of a sealed review, beginning with what the sealed one says."""
        with self.store.quick() as quick:
            script = self._script(quick, submission_id)
            sealed = script.standing
            if not sealed.own_review.sealed:
                raise Refused(
                    f"The review of {sealed.submission.key} is not sealed: it can simply be changed"
                )
            if sealed.set_aside:
                raise Refused(
                    f"{sealed.submission.key} was set aside by its source and cannot be corrected here"
                )
            script.standing = sealed.following(self.clock())
            own = script.standing.line.id
            script.open_review(carried_over(own, sealed.own_review, told_again(sealed.own_review)))
            script.finish()
            self._commit(script)
        with self._lock:
            # Evidence whose time was over is wanted again, which the file says and the memory does not.
            self._known.pop(submission_id, None)
        return _changed(submission_id)

    def opened(self, submission_id: str) -> None:
        """A submission is looked at: where texts elsewhere changed since it was last, its checks compare anew."""
        neighbours = self.shelf.neighbours
        if neighbours is not None and neighbours.opened(submission_id):
            with self._lock:
                self._known.pop(submission_id, None)

    def compare_anew(self, submission_id: str) -> None:
        """More is known of what the checks of a submission compare with."""
        if self.shelf.neighbours is not None:
            self.shelf.neighbours.compare_anew(submission_id)
        with self._lock:
            self._known.pop(submission_id, None)

    def known(self, submission_id: str) -> Standing | None:
        """How a submission stands, if that is in memory and still holds."""
        with self._lock:
            return self._known.get(submission_id) if self._generation == self.store.generation else None

    def entries(self, review_id: str, told: Iterable[Told], counter: int, step: str = "") -> list[Entry]:
        """Entries of one step, counted on from `counter`."""
        at, step = self.clock(), step or str(uuid4())
        return [
            Entry(str(uuid4()), review_id, kind, data, at, self.store.device, counter + place, step)
            for place, (kind, data) in enumerate(told, start=1)
        ]

    def look(self, view: Reading, submission_id: str) -> Standing:
        """How a submission stands in a view of the store. Raises Refused for an unknown one."""
        return Standing.of(view, self.shelf, submission_id, self.clock())

    def _script(self, quick: Quick, submission_id: str) -> _Script:
        """To be called within a turn: nobody else writes until it ends."""
        standing = self.known(submission_id)
        if standing is None:
            with self.store.reading() as view:
                standing = self.look(view, submission_id)
                counter = view.highest_counter()
            with self._lock:
                if self._generation != self.store.generation:
                    self._known.clear()
                self._generation, self._counter = self.store.generation, counter
        return _Script(self, quick, standing, self._counter)

    def _commit(self, script: _Script) -> None:
        script.quick.commit()
        own_id = script.standing.submission.id
        if script.wrote and self.shelf.neighbours is not None:
            self.shelf.neighbours.wrote(own_id)
        with self._lock:
            self._counter = script.counter
            self._known[own_id] = script.standing.saved(self.clock())
            self._known.move_to_end(own_id)
            if len(self._known) > _KEPT_IN_MEMORY:
                self._known.popitem(last=False)


class _Script:
    """One transaction's worth of writing, with how the submission stands after each line."""

    def __init__(self, pen: Pen, quick: Quick, standing: Standing, counter: int) -> None:
        self.pen = pen
        self.quick = quick
        self.standing = standing
        self.counter = counter
        self.wrote = False
        #: What stood at each place whose draft was settled when that was begun.
        self._begun: dict[Place, tuple[str, ...]] = {}
        #: The words on the screen when what is written was begun; None where that is what stands now.
        self.over: str | None = None

    def open_review(self, carried: Sequence[Entry] = ()) -> bool:
        """Begin the review where it has not begun, and note which version of the evidence it looks at."""
        if self.standing.opened:
            return False
        self.quick.open_review(self.standing.line)
        self.standing = replace(self.standing, opened=True)
        if carried:
            self.keep(carried)
        else:
            self.write([version_seen(self.standing.submission)], step=f"{CARRIED} {self.standing.line.id}")
        return True

    def settle_drafts(self, replaced: Collection[tuple[TextField, str]] = ()) -> None:
        drafts = self.standing.drafts
        if not drafts:
            return
        self._begun |= {(one.field, one.criterion): one.seen for one in drafts if one.seen is not None}
        self.standing = replace(self.standing, drafts=())
        for draft in drafts:
            if (draft.field, draft.criterion) not in replaced and not self._stands_already(draft):
                data = {"field": draft.field.value, "criterion": draft.criterion, "text": draft.text}
                self.write([(EntryKind.TEXT_WRITTEN, data)])
        self.quick.drop_drafts(drafts)

    def write_draft(self, field: TextField, criterion: str, text: str) -> None:
        place = (field, criterion)
        draft = Draft(self.standing.line.id, field, criterion, text, self._seen(place))
        self.quick.write_draft(draft, self.pen.clock())
        others = [one for one in self.standing.drafts if (one.field, one.criterion) != place]
        self.standing = replace(self.standing, drafts=(*others, draft))

    def write(self, told: Sequence[Told], step: str = "") -> None:
        if not told:
            return
        told = [(kind, self._with_seen(kind, data)) for kind, data in told]
        entries = self.pen.entries(self.standing.line.id, told, self.counter, step)
        self.counter += len(entries)
        self.keep(entries)

    def keep(self, entries: Sequence[Entry]) -> None:
        self.quick.record(entries)
        self.wrote |= any(entry.kind in _CHANGE_TEXTS for entry in entries)
        self.standing = self.standing.followed_by(entries)

    def _with_seen(self, kind: EntryKind, data: dict[str, Any]) -> dict[str, Any]:
        """Say what is replaced: texts that stood there when this one was begun, choices that stand there now."""
        if kind not in REPLACING or "replaces" in data:
            return data
        if kind is EntryKind.TEXT_WRITTEN:
            return {**data, "replaces": list(self._seen((TextField(data["field"]), data["criterion"])))}
        [told] = self.pen.entries("", [(kind, data)], 0)
        if kind is EntryKind.ANCHOR_NAMED and self.over is not None:
            return {**data, "replaces": self._names_seen(told)}
        place = place_of(told)
        stand = () if place is None else self.standing.sheet.choices.get(place, ())
        return {**data, "replaces": [one.entry_id for one in self.pen.seen_of(stand, differ(stand))]}

    def _names_seen(self, told: Entry) -> list[str]:
        """As `_seen`, of the line at an anchor."""
        place = place_of(told)
        stand = () if place is None else self.standing.sheet.choices.get(place, ())
        own = [one for one in stand if one.device == self.pen.store.device]
        return [one.entry_id for one in [one for one in stand if one.says == (self.over,)] or own[-1:]]

    def _seen(self, place: Place) -> tuple[str, ...]:
        """What stands at a place for whoever types there: what was on the screen when that began. Where several texts
        stand, this device's own: it is for the person to say that one takes the place of another device's.
        """
        if place in self._begun:
            return self._begun.pop(place)
        for draft in self.standing.drafts:
            if (draft.field, draft.criterion) == place and draft.seen is not None:
                return draft.seen
        stand = self.standing.sheet.wordings.get(place, ())
        own = [one for one in stand if one.device == self.pen.store.device]
        if self.over is not None:
            # What went out from the same field since takes the place of what was on the screen.
            return tuple(one.entry_id for one in [one for one in stand if one.text == self.over] or own[-1:])
        seen = own if in_dispute(stand) else self.pen.seen_of(stand, disputed=False)
        return tuple(one.entry_id for one in seen)

    def finish(self) -> None:
        """Bring the inbox's line in line."""
        standing = self.standing
        criteria = len(standing.rubric.criteria)
        self.quick.set_progress(standing.submission.id, standing.done, standing.state, criteria)

    def _stands_already(self, draft: Draft) -> bool:
        return self.standing.sheet.text(draft.field, draft.criterion) == draft.text


def _changed(submission_id: str) -> Changes:
    return Changes.of(Kind.INBOX, Kind.REVIEW, submission=submission_id)


def _seen_by(review: Review) -> Told:
    """Which version of the evidence a review looked at."""
    seen = seen_to_json(review.artifacts_seen)
    return EntryKind.VERSION_SEEN, {"version": review.version_seen, "artifacts": seen}


def told_again(review: Review) -> list[Told]:
    """A review as entries that amount to it: what a correction begins with."""
    told: list[Told] = [_seen_by(review)]
    if moved := review.moved:
        to = {
            "assigned": moved.assigned, "from": moved.assigned, "to": moved.version, "again": [],
            "reworded": sorted(review.reworded),
        }  # fmt: skip
        told.append((EntryKind.RUBRIC_MOVED, to))
    if review.completeness is not None:
        parts = {"missing_parts": list(review.missing_parts)} if review.missing_parts else {}
        told.append((EntryKind.COMPLETENESS_CHECKED, {"incomplete": list(review.completeness), **parts}))
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
    told += [
        (
            EntryKind.FINDING_JUDGED,
            {"artifact": one.artifact_id, "finding": one.finding.to_json(), "judged": one.judged},
        )
        for one in review.judged
    ]
    told += [
        (EntryKind.EVIDENCE_SHOWN, {"artifact": artifact, "shown": shown})
        for artifact, each in review.shown.items()
        for shown in each
    ]
    told += [
        (EntryKind.CHECK_KEPT, {"check": check, "subject": subject, "reason": reason})
        for (check, subject), reason in review.kept.items()
    ]
    return told + [
        (EntryKind.COPY_EXPORTED, {"artifact": copy.artifact_id, "at": copy.at.isoformat()})
        for copy in review.copies
    ]


def _text_data(field: TextField, criterion: str, words: str) -> dict[str, str]:
    return {"field": field.value, "criterion": criterion, "text": words}
