"""What an assessor does to a review, act by act: checked against how it stands, and told as entries.

Each function gives the facts of its entries and changes nothing. `desk.pen` writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from assessor_desk.desk.standing import Standing
from assessor_desk.desk.unseen_steps import redone_unseen, undone_unseen
from assessor_desk.domain.anchor import (
    Anchor,
    Box,
    ImageRegion,
    PageRegion,
    Selector,
    TextQuote,
    TimeSpan,
    Whole,
    moved,
    to_json,
)
from assessor_desk.domain.coaching import Uptake, note_keys
from assessor_desk.domain.earlier import Addressed
from assessor_desk.domain.errors import ChangedElsewhere, Refused
from assessor_desk.domain.quotation import says_something
from assessor_desk.domain.replaced import seen_in
from assessor_desk.domain.replaced import to_json as seen_to_json
from assessor_desk.domain.review import (
    COACHING_FIELDS,
    FEEDBACK_FIELDS,
    TITLES,
    EntryKind,
    TextField,
    anchor_to_json,
)
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.submission import Artifact, Part, ReasonCode, Submission

if TYPE_CHECKING:
    from assessor_desk.domain.decision import Decision

#: Kind and data of an entry to be made.
Told = tuple[EntryKind, dict[str, Any]]
Act = Callable[[Standing], Sequence[Told]]

_WHOLE_REVIEW = {TextField.OVERALL, TextField.NOTES}
_ASSESSORS = frozenset({TextField.NOTES, TextField.RATIONALE, TextField.OVERALL, *FEEDBACK_FIELDS})
#: The texts that each kind of work has.
_TEXTS_OF = {
    Purpose.COACH: frozenset({TextField.NOTES, TextField.OVERALL, *COACHING_FIELDS}),
    Purpose.DECIDE: frozenset({TextField.NOTES, TextField.RATIONALE, TextField.REASON}),
}


def new_anchor_id() -> str:
    """A name that no other anchor has, on whatever device it is made."""
    return str(uuid4())


def completeness(reasons: Sequence[str], missing: Sequence[str] = ()) -> Act:
    """The completeness check: no reason means complete; `missing` names the parts that `missing_part` is about.

    Raises Refused for a code DOMAIN.md does not have, and for a part that no submission has.
    """
    known = {code.value for code in ReasonCode}
    for reason in reasons:
        if reason not in known:
            raise Refused(f"“{reason}” is no reason code; the codes are {', '.join(sorted(known))}")
    chosen = [code.value for code in ReasonCode if code.value in set(reasons)]
    parts = _parts_named(missing)
    if parts and ReasonCode.MISSING_PART.value not in chosen:
        raise Refused(
            f"Parts are named as missing, so the reasons must have “{ReasonCode.MISSING_PART}” among them"
        )
    named = {"missing_parts": parts} if parts else {}

    def act(standing: Standing) -> Sequence[Told]:
        _refuse_unless_assessing(standing)
        return [(EntryKind.COMPLETENESS_CHECKED, {"incomplete": chosen, **named})]

    return act


def _parts_named(missing: Sequence[str]) -> list[str]:
    known = {part.value for part in Part}
    for one in missing:
        if one not in known:
            raise Refused(
                f"“{one}” is no part of a submission; the parts are {', '.join(part.value for part in Part)}"
            )
    return [part.value for part in Part if part.value in set(missing)]


def score(criterion: str, level: str | None) -> Act:
    """A level chosen, or with None taken back."""

    def act(standing: Standing) -> Sequence[Told]:
        _refuse_unless_assessing(standing)
        wanted = standing.rubric.criterion(criterion)
        if level is not None:
            wanted.level(level)
        if standing.own_review.incomplete:
            raise Refused(
                f"{standing.submission.key} is incomplete, so competence is not scored. Record it as complete first"
            )
        if standing.own_review.work(criterion).level == level and not _chosen_twice(standing, criterion):
            return []
        # By which words: on another computer of the person's the review may just have been moved to others.
        by = {"by": standing.rubric.version} if level is not None else {}
        return [(EntryKind.SCORE_RECORDED, {"criterion": criterion, "level": level, **by})]

    return act


def _chosen_twice(standing: Standing, criterion: str) -> bool:
    """Whether two levels stand: choosing the one that is shown then settles it."""
    return (EntryKind.SCORE_RECORDED, (criterion,)) in standing.sheet.chosen_twice


def _refuse_unless_assessing(standing: Standing) -> None:
    match standing.assignment.role:
        case Role.COACH:
            raise Refused(f"You coach {standing.submission.key}; a coach does not score")
        case Role.REVIEWER if standing.decision is not None:
            raise Refused(
                f"You decide on {standing.submission.key}; the assessor's sealed review stays as it is"
            )


def check_text_place(standing: Standing, field: TextField, criterion: str) -> None:
    """Raise Refused for a text that has no such place: feedback without criterion, overall feedback with one."""
    purpose = standing.assignment.purpose
    if field not in _TEXTS_OF.get(purpose, _ASSESSORS):
        raise Refused(f"There is no “{TITLES[field].lower()}” where you {purpose} {standing.submission.key}")
    if field is TextField.REASON:
        return
    if criterion:
        standing.rubric.criterion(criterion)
        if field is TextField.OVERALL:
            raise Refused("The overall feedback belongs to the whole review, not to one criterion")
    elif field not in _WHOLE_REVIEW:
        raise Refused(
            f"Say which criterion the text “{field.value}” is for; only overall feedback and notes "
            "are for the whole review"
        )


def text(field: TextField, words: str, criterion: str) -> Act:
    """A text as it stands when its field is left."""

    def act(standing: Standing) -> Sequence[Told]:
        check_text_place(standing, field, criterion)
        if standing.sheet.text(field, criterion) == words:
            return []
        return [(EntryKind.TEXT_WRITTEN, {"field": field.value, "criterion": criterion, "text": words})]

    return act


def rationale(words: str, criterion: str) -> Act:
    """The rationale of a criterion as it stands."""
    return text(TextField.RATIONALE, words, criterion)


def place_of_rationale(criterion: str) -> tuple[TextField, str]:
    """The field whose draft a rationale replaces."""
    return (TextField.RATIONALE, criterion)


def place_anchor(anchor_id: str, artifact_id: str, selector: Selector, note: str, criterion: str) -> Act:
    """An anchor, given to a criterion at once where one is named."""

    def act(standing: Standing) -> Sequence[Told]:
        artifact = _artifact(standing, artifact_id)
        require_fit(artifact, selector)
        placed = Anchor(anchor_id, artifact.id, selector, " ".join(note.split()))
        told: list[Told] = [(EntryKind.ANCHOR_PLACED, {"anchor": anchor_to_json(placed)})]
        if criterion:
            standing.rubric.criterion(criterion)
            told.append((EntryKind.ANCHOR_GIVEN, {"anchor": anchor_id, "criterion": criterion}))
        return told

    return act


def name_anchor(anchor_id: str, note: str) -> Act:
    """The one line on what is seen at an anchor."""

    def act(standing: Standing) -> Sequence[Told]:
        line = " ".join(note.split())
        if _anchor(standing, anchor_id).note == line:
            return []
        return [(EntryKind.ANCHOR_NAMED, {"anchor": anchor_id, "note": line})]

    return act


def move_anchor(anchor_id: str, selector: Selector) -> Act:
    """An anchor at another place of the same artifact: moved, made longer or shorter."""

    def act(standing: Standing) -> Sequence[Told]:
        anchor = _anchor(standing, anchor_id)
        require_fit(_artifact(standing, anchor.artifact_id), selector)
        place = moved(anchor.selector, selector)
        if place == anchor.selector:
            return []
        return [(EntryKind.ANCHOR_MOVED, {"anchor": anchor_id, "selector": to_json(place)})]

    return act


def remove_anchor(anchor_id: str) -> Act:
    """An anchor taken away, from every criterion that cites it too."""

    def act(standing: Standing) -> Sequence[Told]:
        return [(EntryKind.ANCHOR_REMOVED, {"anchor": _anchor(standing, anchor_id).id})]

    return act


def give_anchor(anchor_id: str, criterion: str) -> Act:
    """A criterion's score cites an anchor."""

    def act(standing: Standing) -> Sequence[Told]:
        _anchor(standing, anchor_id)
        standing.rubric.criterion(criterion)
        if anchor_id in standing.sheet.work(criterion).anchors:
            return []
        return [(EntryKind.ANCHOR_GIVEN, {"anchor": anchor_id, "criterion": criterion})]

    return act


def take_anchor(anchor_id: str, criterion: str) -> Act:
    """A criterion's score cites an anchor no longer."""

    def act(standing: Standing) -> Sequence[Told]:
        standing.rubric.criterion(criterion)
        if anchor_id not in standing.sheet.work(criterion).anchors:
            raise Refused(f"“{standing.rubric.criterion(criterion).title}” does not cite that anchor")
        return [(EntryKind.ANCHOR_TAKEN, {"anchor": anchor_id, "criterion": criterion})]

    return act


def declare_no_evidence(criterion: str, absent: bool) -> Act:
    """That no evidence was found for a criterion; anchors it cites are taken from it in the same step."""

    def act(standing: Standing) -> Sequence[Told]:
        _refuse_unless_assessing(standing)
        standing.rubric.criterion(criterion)
        work = standing.sheet.work(criterion)
        if work.no_evidence == absent:
            return []
        told: list[Told] = []
        if absent:
            told = [(EntryKind.ANCHOR_TAKEN, {"anchor": one, "criterion": criterion}) for one in work.anchors]
        return [*told, (EntryKind.NO_EVIDENCE_DECLARED, {"criterion": criterion, "absent": absent})]

    return act


def mark_earlier_step(criterion: str, addressed: Addressed | None) -> Act:
    """What became of the next step given on the attempt before; None takes that back."""

    def act(standing: Standing) -> Sequence[Told]:
        _refuse_unless_assessing(standing)
        title = standing.rubric.criterion(criterion).title
        earlier = standing.submission.earlier
        said = earlier.feedback.on(criterion) if earlier and earlier.feedback else None
        if said is None or not said.next_step.strip():
            raise Refused(
                f"No next step was given on “{title}” in an earlier attempt of {standing.submission.key}"
            )
        if standing.review.earlier_steps.get(criterion) is addressed:
            return []
        told = {"criterion": criterion, "addressed": addressed.value if addressed else ""}
        return [(EntryKind.EARLIER_STEP_MARKED, told)]

    return act


def copy_exported(artifact_id: str, at: datetime) -> Act:
    """That a copy of an artifact left the desk, which nothing takes back."""

    def act(standing: Standing) -> Sequence[Told]:
        return [(EntryKind.COPY_EXPORTED, {"artifact": artifact_id, "at": at.isoformat()})]

    return act


def mark_uptake(note: str, uptake: Uptake | None) -> Act:
    """What the educator made of a note on the draft before; None takes that back."""

    def act(standing: Standing) -> Sequence[Told]:
        notes = standing.notes
        if notes is None:
            raise Refused(f"{standing.submission.key} is not assigned to you to coach")
        if standing.previous is None or note not in set(note_keys(standing.previous[0])):
            raise Refused(f"You gave no note “{note}” on the draft before {standing.submission.key}")
        if notes.uptake.get(note) is uptake:
            return []
        return [(EntryKind.UPTAKE_MARKED, {"note": note, "uptake": uptake.value if uptake else ""})]

    return act


def decide_level(criterion: str, level: str | None) -> Act:
    """The level that a reviewer decides for a criterion; with None the reviews' own counts."""

    def act(standing: Standing) -> Sequence[Told]:
        decision = _decision(standing)
        wanted = standing.rubric.criterion(criterion)
        if level is not None:
            wanted.level(level)
        if decision.work(criterion).level == level and not _chosen_twice(standing, criterion):
            return []
        return [(EntryKind.SCORE_RECORDED, {"criterion": criterion, "level": level})]

    return act


def choose_feedback(criterion: str, packet: str) -> Act:
    """Whose feedback goes to the educator for a criterion, or where that is empty for the whole."""

    def act(standing: Standing) -> Sequence[Told]:
        _decision(standing)
        if criterion:
            standing.rubric.criterion(criterion)
        if packet not in {one.delivered.packet for one in standing.delivered}:
            raise Refused(f"{packet[:8]}… is no packet that {standing.submission.key} is decided on")
        return [(EntryKind.FEEDBACK_CHOSEN, {"criterion": criterion, "packet": packet})]

    return act


def _decision(standing: Standing) -> Decision:
    if standing.decision is None:
        raise Refused(f"{standing.submission.key} is not assigned to you to decide on")
    return standing.decision


def keep_finding(check: str, subject: str, reason: str) -> Act:
    """That a finding stands although it was pointed out, and why; an empty reason takes that back."""

    def act(standing: Standing) -> Sequence[Told]:
        found = [one for one in standing.findings if (one.check, one.subject) == (check, subject)]
        words = reason.strip()
        if words and not found:
            raise Refused(f"Check {check} finds nothing to keep" + (f" for “{subject}”" if subject else ""))
        if words and not any(one.can_be_kept for one in found):
            raise Refused(f"The programme does not let {check} be kept: {found[0].sentence}")
        return [(EntryKind.CHECK_KEPT, {"check": check, "subject": subject, "reason": words})]

    return act


def undo(shown: str | None = None, device: str = "") -> Act:
    """The latest step still standing, taken back; `shown` is the one that the person saw as that, None none.

    Raises ChangedElsewhere where another of their computers than `device` did something after that, or undid it itself.
    """

    def act(standing: Standing) -> Sequence[Told]:
        step, key = standing.undoable, standing.submission.key
        if step is None:
            raise Refused(f"There is nothing to undo in the review of {key}")
        if shown is not None and undone_unseen(standing.own_entries, step, shown, device):
            raise _came_unseen(key, "undone")
        return [(EntryKind.UNDONE, {"undoes": step})]

    return act


def redo(shown: str | None = None, device: str = "") -> Act:
    """The step last undone, brought back; `shown` is the one that the person saw as that, None none.

    Raises ChangedElsewhere where another of their computers than `device` undid something after that, or brought it
    back itself.
    """

    def act(standing: Standing) -> Sequence[Told]:
        step, key = standing.redoable, standing.submission.key
        if step is None:
            raise Refused(f"There is nothing to redo in the review of {key}")
        if shown is not None and redone_unseen(standing.own_entries, step, shown, device):
            raise _came_unseen(key, "brought back")
        return [(EntryKind.REDONE, {"undoes": step})]

    return act


def _came_unseen(key: str, what: str) -> ChangedElsewhere:
    return ChangedElsewhere(
        f"What would be {what} on {key} is another step by what came from another computer of yours just now, and was "
        "not shown here yet. Look at it first"
    )


def confirm_second_look(version: str = "") -> Act:
    """That the replaced evidence was looked at, as the submission's `version` has it; empty: as it is here."""

    def act(standing: Standing) -> Sequence[Told]:
        key, submission = standing.submission.key, standing.submission
        if not standing.version_changed:
            raise Refused(f"The evidence of {key} was not replaced since this review began")
        if version not in ("", submission.version):
            raise ChangedElsewhere(
                f"The evidence of {key} was replaced once more, just now. Look at it as it is now"
            )
        return [version_seen(submission)]

    return act


def version_seen(submission: Submission) -> Told:
    """That the evidence was looked at as it is now."""
    data = {"version": submission.version, "artifacts": seen_to_json(seen_in(submission))}
    return EntryKind.VERSION_SEEN, data


def move_rubric(version: str = "") -> Act:
    """The review moved to the version of its rubric that was published last; `version` is what the person was shown.

    One step: what it takes back, undo brings back.
    """

    def act(standing: Standing) -> Sequence[Told]:
        _refuse_unless_assessing(standing)
        key, offer = standing.submission.key, standing.offer
        if offer is None or offer.move is None:
            raise Refused(
                f"The rubric of {key} was not published anew since version {standing.rubric.version}"
            )
        if not offer.allowed:
            raise Refused(
                f"The programme keeps reviews on the version of the rubric that they were assigned with: {key} stays "
                f"on {standing.rubric.version}"
            )
        move = offer.move
        if version and version != move.after:
            raise Refused(
                f"The rubric of {key} was published once more, in version {move.after}. Look at what would change"
            )
        told = {
            "assigned": standing.assignment.rubric_version, "from": move.before, "to": move.after,
            "again": list(move.again), "reworded": list(move.reworded),
        }  # fmt: skip
        return [(EntryKind.RUBRIC_MOVED, told)]

    return act


def _artifact(standing: Standing, artifact_id: str) -> Artifact:
    artifact = standing.submission.artifact(artifact_id)
    if artifact is None:
        known = ", ".join(one.name for one in standing.submission.shown)
        raise Refused(f"{standing.submission.key} has no artifact “{artifact_id}”; it has {known or 'none'}")
    return artifact


def _anchor(standing: Standing, anchor_id: str) -> Anchor:
    anchor = standing.sheet.anchor(anchor_id)
    if anchor is None:
        raise Refused(f"The review of {standing.submission.key} has no anchor “{anchor_id}”")
    return anchor


#: What has pages that stay as they are; those of a TIFF are its scans.
_PAGED = ("application/pdf", "image/tiff")


def require_fit(artifact: Artifact, selector: Selector) -> None:
    """Raise Refused for a place that this kind of artifact cannot have.

    Where an artifact ends is told by its bytes alone: see `desk.evidence`.
    """
    if not artifact.captured and not isinstance(selector, Whole):
        name = artifact.label or artifact.link or artifact.name
        raise Refused(f"“{name}” is a link that nobody captured; it can be cited as a whole only (@whole)")
    if isinstance(selector, TextQuote) and not says_something(selector.exact):
        raise Refused("A quotation needs a letter or a figure; select the words that you mean")
    media = artifact.media_type
    if media in ("", "application/octet-stream"):
        return
    plays = artifact.plays
    match selector:
        case TimeSpan() if not plays:
            raise Refused(f"“{artifact.name}” has no moments to anchor: it is neither sound nor video")
        case TextQuote() if plays or media.startswith("image/"):
            raise Refused(f"“{artifact.name}” has no pages or words to anchor")
        case PageRegion() if plays or (media.startswith("image/") and media not in _PAGED):
            raise Refused(f"“{artifact.name}” has no pages or words to anchor")
        case PageRegion() if media not in _PAGED:
            raise Refused(
                f"“{artifact.name}” has no pages that stay as they are, as a PDF has; quote its words (@quote=words)"
            )
        case ImageRegion(Box()) if not media.startswith(("image/", "video/")):
            raise Refused(f"“{artifact.name}” is no picture to anchor a part of")
