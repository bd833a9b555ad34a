"""Real packets for tests: a shipped rubric, a review as a person would leave it, an authority made for the run.

lab = Laboratory(tmp_path)
packet = lab.packet()                      # a BuiltPacket, signed by assessor A-1184, assignment attested
trust = lab.trust()                        # the path of trust.pem, with a fresh revocation list
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from assessor_desk.domain.anchor import Anchor, Box, ImageRegion, PageRegion, TextQuote, TimeSpan, Whole
from assessor_desk.domain.changes import Attested
from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.policy import CheckState, Policy
from assessor_desk.domain.review import CriterionWork, Review, TextField
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.rubric import Rubric
from assessor_desk.domain.submission import Artifact, Assignment, Part, Submission, review_id
from assessor_desk.keys.authority import Authority
from assessor_desk.keys.cms import sign_detached, sign_with_content
from assessor_desk.keys.signing import Signer, SigningKey, read_certificates
from assessor_desk.packets.facts import BuiltPacket, PacketFacts, sha256
from assessor_desk.packets.sealing import build_packet
from assessor_desk.places import resources, rubrics
from assessor_desk.protocol.documents import assignment_bytes, receipt_bytes
from assessor_desk.rubric_files import load_policy, load_rubric, policy_to_json, rubric_to_json

NOW = datetime(2026, 11, 21, 17, 3, 12, tzinfo=UTC)
PERSON = "A-1184"
PROGRAMME = "Lakeside Regional Programme"
VIETNAMESE = "Cô Nguyễn Thị Hồng Hạnh hỏi cả lớp trước khi gọi tên một em."
ARABIC = "سألت المعلمة ليلى الحربي الصف كله قبل أن تنادي أحداً."


@cache
def shipped_rubric() -> Rubric:
    """The math rubric that comes with the program."""
    return load_rubric(rubrics() / "formative-assessment-math.yaml")


@cache
def shipped_policy() -> Policy:
    """The default policy that comes with the program."""
    return load_policy(resources() / "policies" / "default.yaml")


ARTIFACTS = (
    Artifact("a1", Part.OVERVIEW, "overview.txt", "Overview", "text/plain", 2101, sha256(b"overview")),
    Artifact("a2", Part.WORK, "plan.docx", "Lesson plan", "application/msword", 40_123, sha256(b"plan")),
    Artifact(
        "a3",
        Part.WORK,
        "lesson.mp4",
        "Lesson video",
        "video/mp4",
        24_001_234,
        sha256(b"video"),
        captions="a5",
    ),
    Artifact("a4", Part.WORK, "work-3.jpg", "Student work 3", "image/jpeg", 300_200, sha256(b"work")),
    Artifact("a5", Part.WORK, "lesson.vtt", "", "text/vtt", 1200, sha256(b"captions")),
    Artifact(
        "a6",
        Part.REFLECTION,
        "suy-nghĩ-ليلى.pdf",
        "Reflection",
        "application/pdf",
        80_000,
        sha256(b"reflection"),
    ),
    Artifact("a7", Part.WORK, "board", "Online board", link="https://example.org/board"),
)

ANCHORS = (
    Anchor(
        "n1", "a2", PageRegion(2, Box(10, 20, 30, 5)), "Two expected answers, one from a named misconception"
    ),
    Anchor("n2", "a3", TimeSpan(133_000, 161_500), "The first check is asked"),
    Anchor("n3", "a3", TimeSpan(278_000), "Only three hands are up"),
    Anchor("n4", "a4", ImageRegion(Box(5, 5, 40, 40)), ""),
    Anchor(
        "n5",
        "a6",
        TextQuote("C and D split the bar in 3", "says that ", " because", 2),
        "A feature one can find",
    ),
    Anchor("n6", "a6", Whole()),
)

TEXTS: dict[str, dict[TextField, str]] = {
    "plans-checks": {
        TextField.RATIONALE: "Both checks come before the last activity, each with its question and two answers.",
        TextField.STRENGTH: "You plan the checks before the lesson: the entry problem names the misconception.",
        TextField.EXTENSION: "Let students compare their answer with the model before you collect it.",
    },
    "elicits-evidence": {
        TextField.RATIONALE: "At 04:38 three volunteers answer; nobody else commits to an answer.",
        TextField.STRENGTH: "Your question at 04:38 goes straight to the misconception you planned for.",
        TextField.NEXT_STEP: "Have every student commit to an answer before you call on anyone, on whiteboards or "
        "fingers, and read along the rows.",
        TextField.WOULD_SHOW: "An unedited clip of 2 to 15 minutes in which every student answers.",
    },
    "adjusts-lesson": {
        TextField.RATIONALE: f"Students with different answers go on to different tasks.\n{VIETNAMESE}",
        TextField.STRENGTH: "Regrouping by answer at the board is quick and visible.",
    },
    "gives-feedback": {
        TextField.RATIONALE: ARABIC,
        TextField.STRENGTH: "Each note asks about one step of the work.",
    },
    "explains-thinking": {
        TextField.RATIONALE: "Each level of performance has a feature that can be found on a piece."
    },
}
GIVEN = {
    "plans-checks": ("n1", "n2"), "elicits-evidence": ("n3",), "adjusts-lesson": ("n2",), "gives-feedback": ("n4",),
    "explains-thinking": ("n5", "n6"),
}  # fmt: skip
OVERALL = (
    "The lesson turns on one good question, and you know beforehand which answers to expect. What is missing is the "
    "moment in which everyone commits to an answer: with it, the regrouping you already do would rest on the whole "
    "class."
)


def a_review(identity: str, below: str = "elicits-evidence") -> Review:
    """A finished review in which one criterion (or none, if `below` is empty) is below passing."""
    works = {
        criterion.id: CriterionWork(
            "progressing" if criterion.id == below else "demonstrated",
            TEXTS[criterion.id],
            GIVEN[criterion.id],
        )
        for criterion in shipped_rubric().criteria
    }
    kept = {("F12", "explains-thinking"): "The evidence needs no more words than these."}
    return Review(
        identity,
        purpose=Purpose.ASSESS,
        completeness=(),
        works=works,
        overall=OVERALL,
        notes="NEVER-LEAVES private notes",
        anchors=ANCHORS,
        kept=kept,
    )


def an_assignment(person: str = PERSON, role: Role = Role.ASSESSOR) -> Assignment:
    """The issuer's assignment of the sample submission."""
    rubric, policy = shipped_rubric(), shipped_policy()
    return Assignment(
        "as-7f3a-21", "5b0d2f51-9d3f-5a52-9f0e-0f2f6ef8a111", person, role, Purpose.ASSESS, rubric.id, rubric.version,
        policy.id, policy.version, NOW + timedelta(days=5), policy.blindness, NOW - timedelta(days=2),
    )  # fmt: skip


def a_submission() -> Submission:
    """A second attempt with every kind of artifact, file names in three scripts."""
    return Submission(
        "5b0d2f51-9d3f-5a52-9f0e-0f2f6ef8a111", "https://hub.example", "7F3A-21", shipped_rubric().id, 2, ARTIFACTS,
        permission_attested=True, educator="Nguyễn Thị Hồng Hạnh", school="مدرسة النور",
    )  # fmt: skip


FINDINGS = (
    Finding("F7", CheckState.WARN, "gives-feedback", TextField.STRENGTH, "Would fit any submission"),
    Finding(
        "F12", CheckState.WARN, "explains-thinking", TextField.RATIONALE, "Shorter than 15 words",
        "The evidence needs no more words than these.",
    ),
)  # fmt: skip


def packet_facts(attested: Attested | None = None, **changes: Any) -> PacketFacts:
    """Facts of a review that recommends *not yet*; keyword arguments replace any of them."""
    assignment = an_assignment()
    facts = PacketFacts(
        review=a_review(review_id(PERSON, assignment.id, 1)),
        covers=("e1", "e2", "e3"),
        submission=a_submission(),
        assignment=assignment,
        rubric=shipped_rubric(),
        rubric_json=rubric_to_json(shipped_rubric()),
        policy=shipped_policy(),
        policy_json=policy_to_json(shipped_policy()),
        findings=FINDINGS,
        attestations=tuple(one.id for one in shipped_policy().attestations),
        programme=PROGRAMME,
        at=NOW,
        program_version="0.1.0",
        attested=attested,
    )
    return replace(facts, **changes)


@dataclass
class Laboratory:
    """An authority in a folder, a signer enrolled with it, and the packets they make; the clock stands at `now`."""

    folder: Path
    now: datetime = NOW
    signer: Signer = field(init=False)
    authority: Authority = field(init=False)

    def __post_init__(self) -> None:
        started = self.now - timedelta(days=10)
        Authority.create(self.folder / "authority", PROGRAMME, clock=lambda: started)
        self.authority = Authority.open(self.folder / "authority", clock=lambda: self.now)
        self.signer = self.enrolled(PERSON)

    def enrolled(self, number: str, role: str = "assessor") -> Signer:
        """A new key with a certificate for it."""
        key = SigningKey.generate()
        certificate = read_certificates(self.authority.issue(key.csr(number), number, role))[0]
        return Signer(key, certificate, (self.authority.issuing, self.authority.root))

    def attested(self, assignment: Assignment | None = None) -> Attested:
        """The assignment with the issuer's signature."""
        given, issuer = assignment or an_assignment(), self.authority.issuer_signer()
        document = assignment_bytes(given)
        signature = sign_detached(document, issuer.key, issuer.certificate, self.now)
        return Attested(given.id, document, signature)

    def packet(self, change: Callable[[PacketFacts], PacketFacts] = lambda facts: facts) -> BuiltPacket:
        """A sealed packet, of `packet_facts` after `change`, in a folder of its own: none replaces another's file."""
        folder = self.folder / f"packets-{uuid4()}"
        return build_packet(change(packet_facts(self.attested(), at=self.now)), self.signer, folder)

    def receipt(
        self, packet: BuiltPacket, at: datetime | None = None, status: str = "good", person: str = PERSON
    ) -> bytes:
        """The hub's signed receipt for what that person sealed."""
        hub, when = self.authority.hub_signer(), at or self.now + timedelta(minutes=5)
        content = receipt_bytes(
            packet=packet.digest, person=person, hub=PROGRAMME, at=when, certificate_status=status
        )
        return sign_with_content(content, hub.key, hub.certificate, when)

    def trust(self, later: timedelta = timedelta(hours=1)) -> Path:
        """The trust list as written some time after `now`, so that its revocation list is newer than the signature."""
        before, self.now = self.now, self.now + later
        path = self.folder / "trust.pem"
        self.authority.write_trust(path)
        self.now = before
        return path
