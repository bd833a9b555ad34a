"""A review is the fold of what a person did: entries, appended and never changed (DESIGN §2).

Undo and redo are entries too. Acts made together share a `step` and are undone together. Entries of two
devices merge as a union, ordered by Lamport counter and then device, so both compute the same review.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from .anchor import Anchor, from_json, to_json
from .choices import OF_ANCHORS, Choice, ChoicePlace, choice_of, differ, place_of
from .earlier import Addressed
from .entries import CARRIED as CARRIED
from .entries import NOT_UNDOABLE as NOT_UNDOABLE
from .entries import Draft as Draft
from .entries import Entry as Entry
from .entries import EntryKind as EntryKind
from .entries import in_order as in_order
from .entries import redoable_step as redoable_step
from .entries import seal_digest as seal_digest
from .entries import seal_withdrawn as seal_withdrawn
from .entries import standing as standing
from .entries import standing_seals as standing_seals
from .entries import under_seal as under_seal
from .entries import undoable_step as undoable_step
from .entries import undone_steps as undone_steps
from .exports import CopyMade
from .preflight import ArtifactFinding, Judged, finding_from_json
from .replaced import SeenArtifact
from .replaced import from_json as seen_from_json
from .roles import Purpose
from .rubric import Outcome, Rubric
from .text_fields import AUDIENCE as AUDIENCE
from .text_fields import COACHING_FIELDS as COACHING_FIELDS
from .text_fields import FEEDBACK_FIELDS as FEEDBACK_FIELDS
from .text_fields import TITLES as TITLES
from .text_fields import TextField as TextField
from .wordings import Place, Wording, in_dispute


@dataclass(frozen=True, slots=True)
class CriterionWork:
    """What was done for one criterion. `anchors` are ids, in the order given."""

    level: str | None = None
    texts: Mapping[TextField, str] = field(default_factory=dict)
    anchors: tuple[str, ...] = ()
    no_evidence: bool = False

    def text(self, which: TextField) -> str:
        """A text of this criterion, empty where none was written."""
        return self.texts.get(which, "")


@dataclass(frozen=True, slots=True)
class Seal:
    """When the review was sealed, as which packet (SHA-256 of its tagmanifest), and the entries it covers."""

    at: datetime
    packet_digest: str
    recommendation: Outcome
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RubricMoved:
    """That a review was moved to another version of its rubric: from the assigned one to `version`.

    `levels_before` are levels, by criterion, that were chosen on other words and are to be chosen again.
    """

    assigned: str
    version: str
    levels_before: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What assessing, coaching and deciding share: work on criteria, texts, anchors, findings kept with a reason.

    They never turn into one another (DESIGN §2): each adds what is its own, and has its own table of entries.
    `artifacts_seen` are the artifacts of the version that was looked at; empty for what was begun before they were
    written down.
    """

    id: str = field(kw_only=False)
    works: Mapping[str, CriterionWork] = field(default_factory=dict)
    overall: str = ""
    notes: str = ""
    anchors: tuple[Anchor, ...] = ()
    kept: Mapping[tuple[str, str], str] = field(default_factory=dict)
    version_seen: str = ""
    artifacts_seen: tuple[SeenArtifact, ...] = ()
    copies: tuple[CopyMade, ...] = ()
    #: The texts of each place that none has replaced: more than one where two devices wrote without seeing each other.
    wordings: Mapping[Place, tuple[Wording, ...]] = field(default_factory=dict, compare=False)
    #: The same of choices: the answers at each place that no other took the place of.
    choices: Mapping[ChoicePlace, tuple[Choice, ...]] = field(default_factory=dict, compare=False)

    @property
    def disputed(self) -> dict[Place, tuple[Wording, ...]]:
        """Places where two texts stand that say different things; which one stays is for the person to say."""
        return {place: words for place, words in self.wordings.items() if in_dispute(words)}

    @property
    def chosen_twice(self) -> dict[ChoicePlace, tuple[Choice, ...]]:
        """Places where two answers stand that differ; of an anchor as long as it is there."""
        return {
            (kind, where): stand
            for (kind, where), stand in self.choices.items()
            if differ(stand) and (kind not in OF_ANCHORS or self.anchor(where[0]) is not None)
        }

    @property
    def stands(self) -> frozenset[str]:
        """The entries whose texts and answers stand: what whoever is shown this sheet has seen."""
        places: list[Iterable[Wording | Choice]] = [*self.wordings.values(), *self.choices.values()]
        return frozenset(one.entry_id for stand in places for one in stand)

    def seen(self, which: TextField, criterion: str = "") -> tuple[str, ...]:
        """The entries whose texts stand at a place: what is written there next replaces them."""
        return tuple(one.entry_id for one in self.wordings.get((which, criterion), ()))

    def work(self, criterion_id: str) -> CriterionWork:
        """What was done for a criterion, empty where nothing was."""
        return self.works.get(criterion_id, CriterionWork())

    def text(self, which: TextField, criterion_id: str = "") -> str:
        """A text of a criterion, or of the whole review where `criterion_id` is empty."""
        if criterion_id:
            return self.work(criterion_id).text(which)
        return str(getattr(self, which.value, ""))

    @property
    def closed(self) -> bool:
        """Whether it can be changed no more."""
        return False

    def anchor(self, anchor_id: str) -> Anchor | None:
        """The anchor with that id, if it is still placed."""
        return next((anchor for anchor in self.anchors if anchor.id == anchor_id), None)

    def criteria_citing(self, anchor_id: str) -> tuple[str, ...]:
        """The criteria an anchor was given to."""
        return tuple(criterion for criterion, work in self.works.items() if anchor_id in work.anchors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Sheet):
    """The state of one review.

    `completeness` is None until checked, then the reason codes (empty: complete); `missing_parts` are the parts
    (`domain.submission.Part`) that `missing_part` is about, as far as they were named. `earlier_steps` says, by
    criterion, what became of the next steps given on the attempt before. `judged` are findings of the pre-flight that
    were accepted or dismissed; `shown` says of a recording whether its original was looked at or a rendition. `moved`
    is by which version of the rubric it is made, where that is not the assigned one. `words_now` is the version that it
    was moved to last, the assigned one too, empty before any move; `reworded` are criteria whose words differ between
    the versions that it was made by.
    """

    purpose: Purpose = Purpose.ASSESS
    moved: RubricMoved | None = None
    completeness: tuple[str, ...] | None = None
    missing_parts: tuple[str, ...] = ()
    seal: Seal | None = None
    earlier_steps: Mapping[str, Addressed] = field(default_factory=dict)
    judged: tuple[ArtifactFinding, ...] = ()
    shown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words_now: str = field(default="", compare=False)
    reworded: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def levels(self) -> dict[str, str]:
        """Criterion id → level id, of those scored."""
        return {criterion: work.level for criterion, work in self.works.items() if work.level}

    @property
    def incomplete(self) -> bool:
        """Whether the completeness check failed: competence is then not scored."""
        return bool(self.completeness)

    @property
    def sealed(self) -> bool:
        """Sealed means frozen."""
        return self.seal is not None

    @property
    def closed(self) -> bool:
        """A sealed review can be changed no more."""
        return self.sealed

    def scored(self, rubric: Rubric) -> int:
        """How many of the rubric's criteria have a level."""
        return sum(1 for criterion in rubric.criteria if self.work(criterion.id).level)

    def recommendation(self, rubric: Rubric) -> Outcome | None:
        """What this review recommends as it stands; None while a level is missing."""
        return Outcome.INCOMPLETE if self.incomplete else rubric.outcome(self.levels)


S = TypeVar("S", bound=Sheet)
#: What each kind of entry makes of a sheet; kinds that do not concern it are absent.
Table = Mapping[EntryKind, Callable[[S, Entry], S]]


def fold(
    review_id: str, entries: Iterable[Entry], drafts: Iterable[Draft] = (), purpose: Purpose = Purpose.ASSESS
) -> Review:
    """The review that these entries, and texts still being typed, amount to. A seal freezes what it covers."""
    entries = tuple(entries)
    covered = under_seal(entries)
    if covered is not None:
        entries, drafts = tuple(covered), ()
    elif any(one.kind is EntryKind.SEALED for one in entries):  # withdrawn
        entries = tuple(one for one in entries if one.kind is not EntryKind.SEALED)
    return folded(Review(review_id, purpose=purpose), entries, drafts, _APPLY)


def followed_by(review: Review, entries: Iterable[Entry]) -> Review | None:
    """The fold of a review with acts that come after all its own; None where they undo or redo, for `fold` to tell."""
    return carried_on(review, entries, _APPLY)


def folded(sheet: S, entries: Iterable[Entry], drafts: Iterable[Draft], table: Table[S]) -> S:
    """What entries and texts still being typed make of an empty sheet; `table` has the kinds that concern it."""
    ordered = in_order(entries)
    undone = undone_steps(ordered)
    for entry in standing(ordered, undone, _answered):
        if apply := table.get(entry.kind):
            sheet = _noted(apply(sheet, entry), entry)
    for draft in drafts:
        sheet = with_text(sheet, draft.field, draft.criterion, draft.text)
    return sheet


def carried_on(sheet: S, entries: Iterable[Entry], table: Table[S]) -> S | None:
    """A sheet with acts that come after all its own; None where they undo or redo, so that it must be folded anew.

    So it must for a text that was begun when another stood there than does now.
    """
    for entry in entries:
        if entry.kind in (EntryKind.UNDONE, EntryKind.REDONE) or not _replaces_what_stands(sheet, entry):
            return None
        if apply := table.get(entry.kind):
            sheet = _noted(apply(sheet, entry), entry)
    return sheet


def replaced_by(sheet: Sheet, entry: Entry) -> tuple[str, ...]:
    """The entries that stand where this one answers or writes: it takes their place, as far as it saw them."""
    if entry.kind is EntryKind.TEXT_WRITTEN:
        return sheet.seen(TextField(entry.data["field"]), entry.data["criterion"])
    place = place_of(entry)
    return () if place is None else tuple(one.entry_id for one in sheet.choices.get(place, ()))


def _answered(entry: Entry) -> Place | ChoicePlace | None:
    if entry.kind is EntryKind.TEXT_WRITTEN:
        return TextField(entry.data["field"]), entry.data["criterion"]
    return place_of(entry)


def _noted(sheet: S, entry: Entry) -> S:
    """The sheet with a choice among those that stand at its place."""
    place = place_of(entry)
    if place is None:
        return sheet
    replaced = entry.data.get("replaces")  # absent: all that came before, as long as there was one device
    before = sheet.choices.get(place, ())
    left = () if replaced is None else tuple(one for one in before if one.entry_id not in replaced)
    return replace(sheet, choices={**sheet.choices, place: (*left, choice_of(entry))})


def with_work(sheet: S, criterion: str, **changes: Any) -> S:
    """The sheet with something of one criterion's work changed."""
    return replace(sheet, works={**sheet.works, criterion: replace(sheet.work(criterion), **changes)})


def with_text(sheet: S, which: TextField, criterion: str, text: str) -> S:
    """The sheet with a text of a criterion, or where none is named of the whole."""
    if criterion:
        return with_work(sheet, criterion, texts={**sheet.work(criterion).texts, which: text})
    change: dict[str, Any] = {which.value: text}
    return replace(sheet, **change)


def _completeness_checked(review: Review, entry: Entry) -> Review:
    told = entry.data
    return replace(
        review, completeness=tuple(told["incomplete"]), missing_parts=tuple(told.get("missing_parts", ()))
    )


def _score_recorded(review: Review, entry: Entry) -> Review:
    """A level that another computer chose by words which the review was moved away from does not count under others."""
    criterion, by = entry.data["criterion"], entry.data.get("by", "")
    if by and review.words_now not in ("", by) and criterion in review.reworded:
        if review.moved is None:
            return review
        before = {**review.moved.levels_before, criterion: entry.data["level"]}
        return replace(review, moved=replace(review.moved, levels_before=before))
    return with_work(review, criterion, level=entry.data["level"])


def _replaces_what_stands(sheet: Sheet, entry: Entry) -> bool:
    return set(entry.data.get("replaces") or ()) <= set(replaced_by(sheet, entry))


def _text_written(sheet: S, entry: Entry) -> S:
    which, criterion, words = TextField(entry.data["field"]), entry.data["criterion"], entry.data["text"]
    replaced = entry.data.get("replaces")  # absent: all that came before, as long as there was one device
    place, own = (which, criterion), Wording(entry.id, words, entry.device, entry.at)
    before = sheet.wordings.get(place, ())
    left = () if replaced is None else tuple(one for one in before if one.entry_id not in replaced)
    sheet = replace(sheet, wordings={**sheet.wordings, place: (*left, own)})
    return with_text(sheet, which, criterion, words)


def _anchor_placed(sheet: S, entry: Entry) -> S:
    anchor = anchor_from_json(entry.data["anchor"])
    others = tuple(a for a in sheet.anchors if a.id != anchor.id)
    return replace(sheet, anchors=(*others, anchor))


def _anchor_named(sheet: S, entry: Entry) -> S:
    wanted, note = entry.data["anchor"], entry.data["note"]
    return replace(
        sheet, anchors=tuple(replace(a, note=note) if a.id == wanted else a for a in sheet.anchors)
    )


def _anchor_moved(sheet: S, entry: Entry) -> S:
    wanted, place = entry.data["anchor"], from_json(entry.data["selector"])
    there = tuple(replace(a, selector=place) if a.id == wanted else a for a in sheet.anchors)
    return replace(sheet, anchors=there)


def _anchor_removed(sheet: S, entry: Entry) -> S:
    gone = entry.data["anchor"]
    works = {c: replace(w, anchors=tuple(a for a in w.anchors if a != gone)) for c, w in sheet.works.items()}
    return replace(sheet, anchors=tuple(a for a in sheet.anchors if a.id != gone), works=works)


def _anchor_given(sheet: S, entry: Entry) -> S:
    anchor, criterion = entry.data["anchor"], entry.data["criterion"]
    held = sheet.work(criterion).anchors
    if sheet.anchor(anchor) is None or anchor in held:
        return sheet
    return with_work(sheet, criterion, anchors=(*held, anchor), no_evidence=False)


def _anchor_taken(sheet: S, entry: Entry) -> S:
    anchor, criterion = entry.data["anchor"], entry.data["criterion"]
    return with_work(sheet, criterion, anchors=tuple(a for a in sheet.work(criterion).anchors if a != anchor))


def _no_evidence_declared(review: Review, entry: Entry) -> Review:
    """Whoever declares it takes all anchors first; one that is left was given on another computer, and stands."""
    criterion = entry.data["criterion"]
    absent = bool(entry.data["absent"]) and not review.work(criterion).anchors
    return with_work(review, criterion, no_evidence=absent)


def _earlier_step_marked(review: Review, entry: Entry) -> Review:
    criterion, addressed = entry.data["criterion"], entry.data["addressed"]
    others = {k: v for k, v in review.earlier_steps.items() if k != criterion}
    return replace(review, earlier_steps={**others, criterion: Addressed(addressed)} if addressed else others)


def _check_kept(sheet: S, entry: Entry) -> S:
    key, reason = (entry.data["check"], entry.data["subject"]), entry.data["reason"]
    kept = {k: v for k, v in sheet.kept.items() if k != key}
    return replace(sheet, kept={**kept, key: reason} if reason else kept)


def _version_seen(sheet: S, entry: Entry) -> S:
    seen = seen_from_json(entry.data.get("artifacts", ()))
    return replace(sheet, version_seen=entry.data["version"], artifacts_seen=seen)


def _rubric_moved(review: Review, entry: Entry) -> Review:
    """Levels chosen on other words count no more; all else stays where it is, of criteria that are gone too.

    Moved to the same version on another computer before, it stays as it is; to another, whatever either words otherwise
    is chosen anew.
    """
    data, before = entry.data, dict(review.moved.levels_before) if review.moved else {}
    if data["to"] == review.words_now:
        return review
    again = {*data["again"], *data.get("reworded", ())}
    reworded = review.reworded | again
    for criterion in reworded if review.words_now not in ("", data["from"]) else again:
        if level := review.work(criterion).level:
            before[criterion] = level
            review = with_work(review, criterion, level=None)
    moved = RubricMoved(data["assigned"], data["to"], before)
    review = replace(review, words_now=data["to"], reworded=reworded)
    return replace(review, moved=None if moved.version == moved.assigned else moved)


def _finding_judged(review: Review, entry: Entry) -> Review:
    artifact, finding = entry.data["artifact"], finding_from_json(entry.data["finding"])
    others = tuple(
        one for one in review.judged if (one.artifact_id, one.finding.id) != (artifact, finding.id)
    )
    verdict = entry.data["judged"]
    own = (ArtifactFinding(artifact, finding, Judged(verdict)),) if verdict else ()
    return replace(review, judged=(*others, *own))


def _evidence_shown(review: Review, entry: Entry) -> Review:
    artifact, shown = entry.data["artifact"], entry.data["shown"]
    before = tuple(one for one in review.shown.get(artifact, ()) if one != shown)
    return replace(review, shown={**review.shown, artifact: (*before, shown)})


def _sealed(review: Review, entry: Entry) -> Review:
    data = entry.data
    return replace(
        review,
        seal=Seal(entry.at, data["packet_digest"], Outcome(data["recommendation"]), tuple(data["covers"])),
    )


def _copy_exported(sheet: S, entry: Entry) -> S:
    made = CopyMade(entry.data["artifact"], datetime.fromisoformat(entry.data["at"]))
    return replace(sheet, copies=(*sheet.copies, made))


def shared_table() -> dict[EntryKind, Callable[[S, Entry], S]]:
    """The kinds of entries that concern every sheet: texts, anchors, findings kept, the version looked at."""
    return {
        EntryKind.TEXT_WRITTEN: _text_written,
        EntryKind.ANCHOR_PLACED: _anchor_placed,
        EntryKind.ANCHOR_NAMED: _anchor_named,
        EntryKind.ANCHOR_MOVED: _anchor_moved,
        EntryKind.ANCHOR_REMOVED: _anchor_removed,
        EntryKind.ANCHOR_GIVEN: _anchor_given,
        EntryKind.ANCHOR_TAKEN: _anchor_taken,
        EntryKind.CHECK_KEPT: _check_kept,
        EntryKind.VERSION_SEEN: _version_seen,
        EntryKind.COPY_EXPORTED: _copy_exported,
    }


_APPLY: Table[Review] = {
    **shared_table(),
    EntryKind.COMPLETENESS_CHECKED: _completeness_checked,
    EntryKind.SCORE_RECORDED: _score_recorded,
    EntryKind.NO_EVIDENCE_DECLARED: _no_evidence_declared,
    EntryKind.EARLIER_STEP_MARKED: _earlier_step_marked,
    EntryKind.SEALED: _sealed,
    EntryKind.FINDING_JUDGED: _finding_judged,
    EntryKind.EVIDENCE_SHOWN: _evidence_shown,
    EntryKind.RUBRIC_MOVED: _rubric_moved,
}


def anchor_to_json(anchor: Anchor) -> dict[str, Any]:
    """An anchor as an entry carries it."""
    return {
        "id": anchor.id,
        "artifact": anchor.artifact_id,
        "selector": to_json(anchor.selector),
        "note": anchor.note,
    }


def anchor_from_json(data: Mapping[str, Any]) -> Anchor:
    """The inverse of `anchor_to_json`."""
    return Anchor(data["id"], data["artifact"], from_json(data["selector"]), data.get("note", ""))
