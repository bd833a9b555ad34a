"""The page in front of a case file: what a clerk reads first, in words, before anybody checks a signature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from assessor_desk.domain.award import Award
from assessor_desk.domain.programme_look import ProgrammeLook
from assessor_desk.domain.rubric import Outcome

from .flow import (
    Block,
    Cell,
    Flow,
    Heading,
    Listing,
    NewPage,
    Notice,
    Paragraph,
    Run,
    Table,
    Tone,
    goes_right_to_left,
)
from .flow_docx import flow_docx
from .flow_pdf import flow_pdf
from .saying import SAMPLE_NOTICE, day, listed, number
from .typesetting import Attachment

AWARD_FILE = "award.json"
DECIDED = {
    Outcome.EARNED: "earned the micro-credential",
    Outcome.NOT_YET: "has not yet earned the micro-credential",
    Outcome.INCOMPLETE: "handed in an incomplete submission for the micro-credential",
}
OUTCOMES = {Outcome.EARNED: "Earned", Outcome.NOT_YET: "Not yet", Outcome.INCOMPLETE: "Incomplete"}
PROVES = """Nobody has to trust this page. It is one file of a case file, and everything that it says is signed: the \
case file by the programme, the decision by the reviewer who made it, each review by its assessor."""
WAYS = (
    """With the program that made it: assessor-desk verify CASE-FILE.zip --trust trust.pem. Nothing leaves your \
computer.""",
    """In a browser, without installing anything: open the programme's verification page, give it the case file and \
the trust list. It works without a network.""",
    """With tools that everybody can get (openssl, sha256sum, bagit, pdfsig, qpdf): VERIFY.txt in the case file has \
the lines to type.""",
)
TRUST = """The trust list (trust.pem) comes from the programme, never out of a case file. Keep one from about the day \
of this page with it: then the check works in ten years too, though certificates have expired by then."""
APART = (
    "The reviews and the decision name nobody, since they are made without knowing whose work it is. Only the award "
    "record (data/award.json) joins them with a name. Keep it as you keep other records on people."
)


@dataclass(frozen=True, slots=True)
class ContainedLine:
    """One decision or packet in the case file: who signed it as what and when, what it says, and its digest."""

    kind: str
    role: str
    person: str
    sealed_at: datetime
    says: str
    digest: str


@dataclass(frozen=True, slots=True)
class CaseFront:
    """All that the front page says. `how` is how the decision came about: confirmed or adjudicated."""

    award: Award
    how: str
    contained: tuple[ContainedLine, ...]
    sample: bool
    language: str
    look: ProgrammeLook


def front_pdf(front: CaseFront, award_json: bytes) -> bytes:
    """The page as PDF/A-3a and PDF/UA-1 with the award record in it, ready to be sealed."""
    record = Attachment(AWARD_FILE, "application/json", "The award record as data", award_json)
    return flow_pdf(front_flow(front), (record,))


def front_docx(front: CaseFront) -> bytes:
    """The page as a Word document."""
    return flow_docx(front_flow(front))


def front_flow(front: CaseFront) -> Flow:
    """What the page says, in reading order."""
    award = front.award
    issued = day(award.issued_at.astimezone(UTC))
    return Flow(
        title=f"Case file, submission {award.submission_key}",
        date=award.issued_at.astimezone(UTC).isoformat(),
        keywords=("case file", "award record", award.submission_key),
        running=f"Case file · submission {award.submission_key} · {issued}",
        foot=f"Sealed by {award.issuer} for {award.programme} · {issued}",
        programme=award.programme,
        look=front.look,
        own_language=front.language,
        blocks=tuple(_blocks(front)),
    )


def _blocks(front: CaseFront) -> Iterator[Block]:
    award = front.award
    yield _quiet(award.micro_credential)
    yield Heading(1, f"{OUTCOMES[award.outcome]}: {award.holder.name}")
    yield _decided(award)
    if front.sample:
        yield Notice((Run(SAMPLE_NOTICE, Tone.BELOW),))
    yield Heading(2, "What was decided")
    yield Table("What was decided", ("What", "As decided"), tuple(_decision_rows(award)), (1.2, 4.9))
    yield Heading(2, "On what, and by whom")
    yield _plain(_how(front))
    yield Table("In this case file", HEADS, tuple(map(_row, front.contained)), (0.9, 1.3, 1.5, 1.2, 2.4))
    yield _plain(APART)
    yield Heading(2, "Where the evidence is held")
    yield _plain(_held(award))
    yield NewPage(in_word=False)
    yield Heading(2, "How to check it")
    yield _plain(PROVES)
    yield Listing(tuple(((Run(words),),) for words in WAYS), numbered=True)
    yield _plain(TRUST)


HEADS = ("File", "Signed by", "Signed on", "Says", "SHA-256 of its list of contents")


def _decided(award: Award) -> Paragraph:
    # Not as their own words where these go right to left: the sentence around the name does not.
    name = award.holder.name
    who = Run(name, strong=True, own=not goes_right_to_left(name))
    said = f" {DECIDED[award.outcome]} “{award.micro_credential}”. {award.programme} decided so on "
    return Paragraph((who, Run(said), Run(f"{day(award.decided_at.astimezone(UTC))}.")))


def _decision_rows(award: Award) -> Iterator[tuple[Cell, ...]]:
    uses = "; ".join(use.sentence for use in award.uses)
    rows = (
        ("Educator", award.holder.name),
        ("State educator id", award.holder.state_educator_id or "not known to the programme"),
        ("Micro-credential", f"{award.micro_credential}, rubric version {award.rubric_version}"),
        ("Outcome", OUTCOMES[award.outcome]),
        ("Counts for", uses or "no use is stated"),
        ("Submission", f"{award.submission_key}, attempt {award.attempt}"),
        ("Decided", day(award.decided_at.astimezone(UTC))),
        ("Issued by", award.issuer),
    )
    for label, value in rows:
        yield ((Run(label, Tone.QUIET),),), ((Run(value, own=label == "Educator"),),)


def _how(front: CaseFront) -> str:
    packets = [one for one in front.contained if one.kind == "packet"]
    count = number(len(packets))
    reviews = f"{count} review{'' if len(packets) == 1 else 's'}"
    came = {
        "confirmed": f"The decision confirms {reviews} of the evidence",
        "adjudicated": f"The decision was made by adjudication on {reviews} of the evidence",
    }[front.how]
    people = listed(sorted({one.person for one in front.contained}))
    replaced = " It replaces an earlier decision, which is here as well." if front.award.replaced else ""
    return (
        f"{came}, against the rubric's criteria. Assessors and reviewers sign under the programme's numbers for them "
        f"({people}); the programme knows who they are.{replaced}"
    )


def _row(one: ContainedLine) -> tuple[Cell, ...]:
    at = one.sealed_at.astimezone(UTC)
    return (
        _cell(one.kind.capitalize()),
        _cell(f"{one.role} {one.person}"),
        _cell(f"{day(at)}, {at:%H:%M} UTC"),
        _cell(one.says),
        _cell(_grouped(one.digest)),
    )


def _grouped(digest: str) -> str:
    """In groups of eight, so that it can be compared by eye and breaks between them."""
    return " ".join(digest[place : place + 8] for place in range(0, len(digest), 8))


def _cell(words: str) -> Cell:
    return ((Run(words),),)


def _held(award: Award) -> str:
    kept = (
        f"The evidence itself (recordings, plans, pupils' work) is not in here. {award.evidence.by} holds it"
    )
    if award.evidence.until is None:
        return f"{kept}; the programme's policy does not say until when. Ask there."
    return f"{kept} until {day(award.evidence.until)} at least; ask there if you must see it."


def _plain(words: str) -> Paragraph:
    return Paragraph((Run(words),))


def _quiet(words: str) -> Paragraph:
    return Paragraph((Run(words, Tone.QUIET),))
