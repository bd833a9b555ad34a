"""The record of a review in words, made once for PDF and DOCX alike."""

from __future__ import annotations

from datetime import UTC

from assessor_desk.domain.anchor import words
from assessor_desk.domain.programme_look import ProgrammeLook
from assessor_desk.domain.review import CriterionWork, TextField
from assessor_desk.domain.rubric import Criterion, Outcome
from assessor_desk.domain.submission import Artifact, Part
from assessor_desk.protocol.documents import instant
from assessor_desk.reports.content import ArtifactLine, CriterionPart, Detail, KeptCheck, Point, RecordContent
from assessor_desk.reports.saying import SAMPLE_NOTICE, day, short_title, standing

from .documents import anchors_of, reasons
from .facts import PacketFacts, moved_from, role_title, sha256

PARTS = {Part.OVERVIEW: "Overview", Part.WORK: "Work", Part.REFLECTION: "Reflection"}
RECOMMENDS = {Outcome.EARNED: "earned", Outcome.NOT_YET: "not yet", Outcome.INCOMPLETE: "incomplete"}
HIDDEN_THINGS = {
    "name": "the educator's name",
    "school": "the school",
    "attempt": "which attempt it was",
    "earlier_scores": "earlier scores",
    "co_assessor": "the other assessor's review",
    "coach": "the coach's work",
}
HOW_TO_CHECK = (
    """This record is one file of a packet. The packet's signature covers every file in it; this record's PDF is \
signed with the same key and carries review.json. Whoever has the packet can check it without this program: \
VERIFY.txt in it gives each line for openssl, sha256sum, bagit, pdfsig and qpdf. With it: \
assessor-desk verify PACKET --trust trust.pem.""",
    """The trust list (trust.pem) comes from the programme, never from the packet. What stands under “About this \
record” and “Attested by the signer” is stated by the signer; no signature can prove it.""",
)


def record_content(facts: PacketFacts) -> RecordContent:
    """What the record of this review says, in reading order."""
    submission = f"submission {facts.submission.key}{_attempt(facts)}"
    scored = () if facts.review.incomplete else facts.rubric.criteria
    return RecordContent(
        title=f"Record of review, {submission}",
        key=facts.submission.key,
        date=instant(facts.at),
        programme=facts.programme,
        running=f"Record of review · {submission} · {day(facts.at.astimezone(UTC))}",
        foot=f"Sealed by {role_title(facts)} for {facts.programme} · rubric {facts.rubric.version}",
        micro_credential=facts.rubric.title,
        headline=headline(facts),
        lead=(_lead(facts),),
        sample=facts.rubric.sample,
        sample_notice=SAMPLE_NOTICE,
        reasons=tuple(reason["sentence"] for reason in reasons(facts)),
        overall=facts.review.overall,
        strengths=_points(facts, TextField.STRENGTH),
        next_steps=_points(facts, TextField.NEXT_STEP),
        extensions=_points(facts, TextField.EXTENSION),
        criteria=tuple(_criterion(facts, number, one) for number, one in enumerate(scored, 1)),
        checks=_kept_checks(facts),
        artifacts=tuple(_artifact_line(artifact) for artifact in facts.submission.artifacts),
        attestations=tuple(one.sentence for one in facts.attested_sentences),
        details=_details(facts),
        how_to_check=HOW_TO_CHECK,
        look=facts.look or ProgrammeLook(facts.programme),
    )


def headline(facts: PacketFacts) -> str:
    """The outcome first and plainly: “Recommends not yet. Three of four criteria are Demonstrated; …”."""
    start = f"Recommends {RECOMMENDS[facts.recommendation]}."
    if facts.review.incomplete:
        return f"{start} Competence was not scored."
    below = [n for n, criterion in enumerate(facts.rubric.criteria, 1) if not _passed(facts, criterion)]
    return f"{start} {standing(facts.rubric, below, earned=facts.recommendation is Outcome.EARNED)}"


def _lead(facts: PacketFacts) -> str:
    who = {"assessor": "One assessor", "reviewer": "A reviewer", "coach": "A coach"}[
        facts.assignment.role.value
    ]
    if facts.review.incomplete:
        return f"{who} checked what was handed in and found it incomplete; nothing was said about competence."
    return (
        f"{who} looked at the evidence listed below, with the rubric beside it. The record is about the evidence, "
        "not about the person. It recommends; the programme decides."
    )


def _criterion(facts: PacketFacts, number: int, criterion: Criterion) -> CriterionPart:
    work = facts.review.work(criterion.id)
    level = criterion.level(work.level or "")
    above = criterion.next_level(level.id)
    passed = criterion.passes(level.id)
    return CriterionPart(
        number=number,
        title=criterion.title,
        level=level.title,
        standing="passing" if passed else "below",
        standing_words="passing"
        if passed
        else f"below the passing level, {criterion.level(criterion.passing).title}",
        descriptor=level.descriptor,
        cited=_places(facts, criterion),
        evidence=tuple(facts.submission.place(anchor) for anchor in anchors_of(facts, criterion.id)),
        seen=tuple(anchor.note for anchor in anchors_of(facts, criterion.id)),
        no_evidence="none found" if work.no_evidence else "",
        rationale=work.text(TextField.RATIONALE),
        strength=work.text(TextField.STRENGTH),
        next_step=work.text(TextField.NEXT_STEP),
        would_show=work.text(TextField.WOULD_SHOW),
        extension=work.text(TextField.EXTENSION),
        next_level=above.descriptor if above else "",
    )


def _points(facts: PacketFacts, field: TextField) -> tuple[Point, ...]:
    """The texts of one kind with the places they rest on; next steps name what would show them."""
    scored = () if facts.review.incomplete else facts.rubric.criteria
    works = ((criterion, facts.review.work(criterion.id)) for criterion in scored)
    return tuple(
        Point(criterion.title, work.text(field), _would_show(work, field), _places(facts, criterion))
        for criterion, work in works
        if work.text(field).strip()
    )


def _would_show(work: CriterionWork, field: TextField) -> str:
    return work.text(TextField.WOULD_SHOW) if field is TextField.NEXT_STEP else ""


def _places(facts: PacketFacts, criterion: Criterion) -> tuple[str, ...]:
    """The places a criterion rests on, shortly, one line an artifact: “Lesson video 02:13–02:41, 04:38”."""
    by_artifact: dict[str, list[str]] = {}
    for anchor in anchors_of(facts, criterion.id):
        by_artifact.setdefault(anchor.artifact_id, []).append(words(anchor.selector))
    return tuple(
        f"{short_title(facts.submission.title_of(one))}: {', '.join(found)}"
        for one, found in by_artifact.items()
    )


def _kept_checks(facts: PacketFacts) -> tuple[KeptCheck, ...]:
    return tuple(
        KeptCheck(f"{finding.check}{_subject(facts, finding.subject)}", finding.sentence, finding.kept)
        for finding in facts.findings
        if finding.kept
    )


def _subject(facts: PacketFacts, criterion_id: str) -> str:
    titles = {criterion.id: criterion.title for criterion in facts.rubric.criteria}
    return f" · {titles[criterion_id]}" if criterion_id in titles else ""


def _artifact_line(artifact: Artifact) -> ArtifactLine:
    named = f"{artifact.label} ({artifact.name})" if artifact.label else artifact.name
    address = artifact.sha256 if artifact.captured else f"not captured: {artifact.link}"
    return ArtifactLine(PARTS[artifact.part], named, address)


def _details(facts: PacketFacts) -> tuple[Detail, ...]:
    rubric, policy = facts.rubric, facts.policy
    lines = [
        (
            "Sealed by",
            f"{role_title(facts)}, {day(facts.at.astimezone(UTC))}, {facts.at.astimezone(UTC):%H:%M:%S} UTC",
        ),
        ("Submission", f"{facts.submission.key}{_attempt(facts)}"),
        ("Educator", "" if facts.assignment.blindness.name else facts.submission.educator),
        ("School", "" if facts.assignment.blindness.school else facts.submission.school),
        ("Hidden from the signer", hidden(facts)),
        (
            "Rubric",
            f"{rubric.title}, version {rubric.version}, by {rubric.issuer}{_moved(facts)}",
            sha256(facts.rubric_json),
        ),
        ("Policy", f"{policy.title}, version {policy.version}", sha256(facts.policy_json)),
        ("Review", facts.review.id),
        ("Corrects packet", facts.supersedes or ""),
        ("Copies that left the desk", _copies(facts)),
        ("Made with", f"Assessor Desk {facts.program_version}"),
    ]
    return tuple(Detail(*line) for line in lines if line[1])


def _moved(facts: PacketFacts) -> str:
    before = moved_from(facts)
    return f"; assigned with version {before}, moved while the review was open" if before else ""


def _copies(facts: PacketFacts) -> str:
    """Which artifacts were copied out of the desk, and when."""
    made = (
        (facts.submission.title_of(one.artifact_id), one.at.astimezone(UTC)) for one in facts.review.copies
    )
    return "; ".join(f"{title}, {day(at)}, {at:%H:%M} UTC" for title, at in made)


def hidden(facts: PacketFacts) -> str:
    """What the signer was not shown, in words."""
    blindness = facts.assignment.blindness
    things = [words for name, words in HIDDEN_THINGS.items() if getattr(blindness, name)]
    return ", ".join(things) or "nothing"


def _passed(facts: PacketFacts, criterion: Criterion) -> bool:
    return criterion.passes(facts.review.work(criterion.id).level or "")


def _attempt(facts: PacketFacts) -> str:
    return "" if facts.assignment.blindness.attempt else f", attempt {facts.submission.attempt}"
