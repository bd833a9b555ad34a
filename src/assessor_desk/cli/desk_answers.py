"""What an assessor's verbs print: as JSON documents, whose keys scripts may rely on, and as lines for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.domain.addresses import folder_named
from assessor_desk.domain.anchor import fragment, words
from assessor_desk.domain.review import TITLES, TextField

if TYPE_CHECKING:
    from assessor_desk.desk import Case, InboxRow, Ledger, Profile
    from assessor_desk.desk.answers import Delivery, RoundResult, Sealing
    from assessor_desk.desk.by_folder import Asked
    from assessor_desk.desk.rubric_versions import RubricOffer
    from assessor_desk.domain.changes import Held
    from assessor_desk.domain.feedback import Finding
    from assessor_desk.domain.review import Sheet
    from assessor_desk.domain.rubric import Criterion
    from assessor_desk.domain.submission import Artifact

#: What a coach's notes are called where a review would be sealed.
_OF_NOTES = {"in_review": "notes begun", "sealed_waiting": "handed back, waiting", "delivered": "handed back"}
_STATES = {
    "new": "new",
    "checking": "completeness to check",
    "in_review": "in review",
    "awaited": "a review is awaited",
    "to_decide": "to decide",
    "passed_back": "passed back",
    "released": "released",
    "incomplete": "incomplete",
    "ready_to_seal": "ready to seal",
    "sealed_waiting": "sealed, waiting to be sent",
    "delivered": "on the hub",
    "set_aside": "set aside",
}


def recovery_lines(recovery_key: str) -> str:
    """The recovery key of a desk just made, with what it is for."""
    return (
        f"The desk was made. Its recovery key is\n\n    {recovery_key}\n\n"
        "Write it down and keep it apart from this computer: it is shown this once, and opens the desk "
        "if the passphrase is lost."
    )


def profile_document(profile: Profile, desk: Path) -> dict[str, Any]:
    """Whose desk it is."""
    return {
        "desk": str(desk),
        "person": profile.person,
        "programme": profile.programme,
        "roles": [role.value for role in profile.roles],
        "source": {"title": profile.source_title, "address": profile.source_address},
        "certificate_until": _time(profile.certificate_until),
    }


def profile_lines(profile: Profile, desk: Path) -> list[str]:
    """Whose desk it is, for a person."""
    roles = ", ".join(role.value for role in profile.roles)
    return [
        f"{desk} is connected to {profile.source_title} as {profile.person} ({roles}). Next: assessor-desk sync"
    ]


def asked_document(asked: Asked) -> dict[str, Any]:
    """A request on a stick."""
    return {"asked": True, "folder": folder_named(asked.address), "key": asked.key_words}


def asked_lines(asked: Asked) -> list[str]:
    """What to do with a request on a stick."""
    return [
        f"The request is on the stick, in {folder_named(asked.address)}. It holds no secret.",
        f"Its key is {asked.key_words}: your programme compares that with you before it answers.",
        f"When the stick is back: assessor-desk connect {asked.address}",
    ]


def round_document(result: RoundResult, ledger: Ledger) -> dict[str, Any]:
    """What a round did, and what is on this computer after it."""
    return {
        "delivered": result.delivered,
        "taken": result.taken,
        "fetched": result.fetched,
        "waiting": result.waiting,
        "troubles": list(result.troubles),
        "told": list(result.told),
        "ready": ledger.ready,
        "total": ledger.total,
        "bytes_to_go": ledger.bytes_to_go,
        "later_bytes": ledger.later_bytes,
        "parked": ledger.parked,
        "parked_bytes": ledger.parked_bytes,
        "closing": list(ledger.closing),
    }


def round_lines(result: RoundResult, ledger: Ledger) -> list[str]:
    """What a round did, for a person."""
    done = f"Sent {result.delivered}, took {result.taken} assignments, fetched {result.fetched} files"
    here = (
        f"{ledger.ready} of {ledger.total} files ready offline · {result.waiting} packets waiting to be sent"
    )
    later = f"Originals of {ledger.later_bytes / 10**6:,.1f} MB come on demand, or with sync --originals"
    return [done, here, *([later] if ledger.later_bytes else []), *_kept_back(ledger), *result.told]


def _kept_back(ledger: Ledger) -> list[str]:
    return [*([ledger.no_room] if ledger.no_room else []), *ledger.closing]


def row_document(row: InboxRow) -> dict[str, Any]:
    """One line of the inbox."""
    return {
        "id": row.submission_id,
        "key": row.key,
        "title": row.title,
        "attempt": row.attempt,
        "due_at": _time(row.due_at),
        "scored": row.scored,
        "criteria": row.criteria,
        "state": row.state.value,
        "ready_bytes": row.ready_bytes,
        "total_bytes": row.total_bytes,
        "later_bytes": row.later_bytes,
        "parked_bytes": row.parked_bytes,
        "offline": row.offline,
        "role": row.role.value,
        "draft": row.draft,
    }


def inbox_lines(rows: Sequence[InboxRow]) -> list[str]:
    """The inbox for a person."""
    if not rows:
        return ["Nothing is assigned to you on this desk. assessor-desk sync asks the source"]
    return [
        f"{row.key:<10} {_day(row.due_at):<12} {row.scored}/{row.criteria}  {_state(row):<26} "
        f"{row.title}{_how_ready(row)}"
        for row in rows
    ]


def _how_ready(row: InboxRow) -> str:
    """What is missing for a journey without a network; nothing for what is all here."""
    to_go, later = row.total_bytes - row.ready_bytes, row.later_bytes
    told = [f"{to_go / 10**6:,.1f} MB to fetch"] if to_go > 0 else []
    told += [f"originals of {later / 10**6:,.1f} MB on demand"] if later else []
    return f" ({', '.join(told)})" if told else ""


def _state(row: InboxRow) -> str:
    of_notes = _OF_NOTES.get(row.state) if row.role == "coach" else None
    return of_notes or _STATES[row.state]


def case_document(case: Case) -> dict[str, Any]:
    """A submission with its review."""
    submission, review = case.submission, case.review
    return {
        "id": submission.id,
        "key": submission.key,
        "title": case.rubric.title,
        "attempt": submission.attempt,
        "due_at": _time(case.assignment.due_at),
        "language": submission.language,
        "artifacts": [
            {"id": one.id, "name": one.name, "label": one.label, "part": one.part.value, "size": one.size,
             "here": one.id in case.artifact_states and case.artifact_states[one.id].here,
             "removed": case.artifact_states[one.id].removed if one.id in case.artifact_states else ""}
            for one in submission.artifacts
        ],
        "preflight": [
            {"artifact": one.artifact_id, **one.finding.to_json(), "judged": one.judged and one.judged.value}
            for one in case.preflight
        ],
        "set_aside": case.aside_for.value if case.aside_for else None,
        "cautions": list(case.cautions),
        "rubric": {"id": case.rubric.id, "version": case.rubric.version, **offer_document(case)},
        "replaced": [
            {"artifact": one.id, "title": one.title, "change": one.change.value} for one in case.replaced
        ],
        "holds": [hold_document(one) for one in case.holds],
        "review": {
            "id": review.id,
            "revision": case.revision,
            "completeness": None if review.completeness is None else list(review.completeness),
            "missing_parts": list(review.missing_parts),
            "criteria": [_criterion_document(case, criterion) for criterion in case.rubric.criteria],
            "overall": _shown(case).overall,
            "notes": _shown(case).notes,
            "recommendation": review.recommendation(case.rubric),
            "sealed": review.seal.packet_digest if review.seal else None,
        },
        "delivered_at": _time(case.delivery.delivered_at) if case.delivery else None,
        "worked_before": list(case.worked_before),
        "sealings": list(map(_sealing_document, case.sealings)),
        **check_document(case),
    }  # fmt: skip


def _sealing_document(one: Sealing) -> dict[str, Any]:
    return {
        "revision": one.revision,
        "digest": one.delivery.digest,
        "sealed_at": _time(one.delivery.waiting_since),
        "delivered_at": _time(one.delivery.delivered_at),
        "receipted": one.delivery.receipted,
        "refused": one.delivery.last_trouble if one.delivery.turned_away else "",
    }


def _sealing_lines(sealings: Sequence[Sealing]) -> Iterator[str]:
    """What was sealed, each with what replaced it."""
    for one, later in zip(sealings, (*sealings[1:], None)):
        came = _how_far(one.delivery)
        replaced = f", replaced by {later.delivery.digest[:12]}" if later else ""
        yield f"Sealed {one.delivery.digest[:12]} (revision {one.revision}), {came}{replaced}"


def _how_far(delivery: Delivery) -> str:
    if delivery.receipted:
        return f"on the hub since {_day(delivery.delivered_at)}"
    return f"not taken: {delivery.last_trouble}" if delivery.turned_away else "not sent yet"


def hold_document(held: Held) -> dict[str, Any]:
    """A concern that holds a submission."""
    return {
        "kind": held.kind,
        "words": held.words,
        "raised_at": _time(held.raised_at),
        "artifact": held.artifact_id,
    }


def _shown(case: Case) -> Sheet:
    """What was written: a coach's notes, else the review, for a reviewer the one that was delivered."""
    return case.notes or case.review


def _criterion_document(case: Case, criterion: Criterion) -> dict[str, Any]:
    sheet = _shown(case)
    work = sheet.work(criterion.id)
    anchors = [anchor for one in work.anchors if (anchor := sheet.anchor(one))]
    return {
        "id": criterion.id,
        "title": criterion.title,
        "levels": [level.id for level in criterion.levels],
        "level": work.level,
        "no_evidence": work.no_evidence,
        "anchors": [f"{anchor.artifact_id}@{fragment(anchor.selector)}" for anchor in anchors],
        "texts": {field.value: text for field, text in work.texts.items() if text},
    }


def case_lines(case: Case) -> Iterator[str]:
    """A submission with its review, for a person."""
    submission = case.submission
    yield f"{submission.key} · {case.rubric.title} · attempt {submission.attempt} · due {_day(case.assignment.due_at)}"
    if case.aside_for is not None:
        removed = "; the evidence was removed from this computer" if case.evidence_removed else ""
        yield f"Set aside: {case.aside_for.words}{removed}. Your work is kept and can be read and exported."
    yield from case.cautions
    for held in case.holds:
        yield f"On hold since {_day(held.raised_at)}: {held.concern} was raised. The programme lifts it"
    for one in submission.shown:
        where = _where(case, one)
        yield f"  {one.part.value:<11} {one.name} ({where})" + (f" · {one.label}" if one.label else "")
    for found in case.preflight:
        if found.to_judge:
            yield f"  Found: {found.finding.sentence}" + (f" ({found.judged.value})" if found.judged else "")
    for number, criterion in enumerate(case.rubric.criteria, start=1):
        yield from _criterion_lines(case, number, criterion)
    if _shown(case).overall:
        yield f"{TITLES[TextField.OVERALL]}: {_shown(case).overall}"
    yield from _sealing_lines(case.sealings)
    if case.worked_before:
        yield "You wrote on it under another assignment: show --before, export --before."
    yield from check_lines(case)


def _where(case: Case, artifact: Artifact) -> str:
    state = case.artifact_states.get(artifact.id)
    if state is not None and state.removed:
        return f"removed: {state.removed}"
    return (
        "here" if state and state.here else "not here yet" if artifact.captured else f"link {artifact.link}"
    )


def _criterion_lines(case: Case, number: int, criterion: Criterion) -> Iterator[str]:
    sheet = _shown(case)
    work = sheet.work(criterion.id)
    chosen = criterion.level(work.level).title if work.level else "no level yet"
    yield f"{number}. {criterion.title} ({criterion.id})" + ("" if case.notes else f": {chosen}")
    names = {artifact.id: artifact.name for artifact in case.submission.artifacts}
    for one in work.anchors:
        if anchor := sheet.anchor(one):
            note = f": {anchor.note}" if anchor.note else ""
            yield f"     {names.get(anchor.artifact_id, anchor.artifact_id)}, {words(anchor.selector)}{note}"
    for field, text in work.texts.items():
        if text:
            yield f"     {TITLES[field]}: {text}"


def check_document(case: Case) -> dict[str, Any]:
    """What the checks find."""
    return {
        "submission": case.submission.key,
        "ready_to_seal": not case.blocking and not case.read_only and not case.hindrances,
        "findings": [_finding_document(finding) for finding in case.findings],
        "attestations": [
            {"id": one.id, "sentence": one.sentence}
            for one in case.policy.attestations_of(incomplete=case.review.incomplete)
        ],
    }


def _finding_document(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "state": finding.state.value,
        "subject": finding.subject,
        "field": finding.field.value if finding.field else None,
        "sentence": finding.sentence,
        "blocks": finding.blocks,
        "kept": finding.kept,
    }


def check_lines(case: Case) -> Iterator[str]:
    """What the checks find, for a person."""
    if case.review.sealed:
        yield f"{case.submission.key} is sealed"
        return
    yield from replaced_lines(case)
    if case.offer is not None:
        yield from offer_lines(case, case.offer)
    if not case.blocking and not case.hindrances:
        yield f"{case.submission.key} is ready to {'hand back' if case.notes else 'seal'}"
    titles = {criterion.id: criterion.title for criterion in case.rubric.criteria}
    for finding in case.findings:
        needed = "needed first" if case.notes else "needed before sealing"
        standing = needed if finding.blocks else "kept" if finding.kept else "look again"
        place = f"{titles[finding.subject]}: " if finding.subject in titles else ""
        yield f"  {finding.check:<4} {standing:<22} {place}{finding.sentence}"


def replaced_lines(case: Case) -> Iterator[str]:
    """That the evidence was replaced, and what of it differs."""
    if not case.version_changed:
        return
    yield f"The evidence of {case.submission.key} was replaced since this review began: look at it again"
    for one in case.replaced:
        yield f"  {one.title}: {one.change.value}"


def offer_document(case: Case) -> dict[str, Any]:
    """Which version was assigned and which was published last, where they are not the one in use."""
    offer = case.offer
    if offer is None:
        return {}
    moved = {"moved_from": offer.moved.assigned} if offer.moved else {}
    newer = {"newer": offer.move.after, "move": offer.policy.value} if offer.move and not offer.closed else {}
    return {**moved, **newer}


def offer_lines(case: Case, offer: RubricOffer) -> Iterator[str]:
    """The same for a person."""
    key, now = case.submission.key, case.rubric.version
    if offer.moved is not None:
        yield f"{key} was moved from version {offer.moved.assigned} of its rubric to {offer.moved.version}"
    if offer.move is not None and not offer.closed:
        newer = f"Version {offer.move.after} of its rubric is published; {key} stays on {now}."
        yield f"{newer} See: move-rubric {key} --preview"
        if offer.must:
            yield "The programme asks that it is moved before it is sealed"


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _day(at: datetime | None) -> str:
    """The local date, or a dash."""
    return "–" if at is None else f"{at.astimezone():%Y-%m-%d}"
