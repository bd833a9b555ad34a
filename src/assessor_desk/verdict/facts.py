"""A verdict is several facts, never one yes or no; what a signer only states is never shown as checked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How a fact stands: checked and good, checked and bad, could not be checked, only stated, not there."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"
    STATED = "stated"
    ABSENT = "absent"


class FactId(StrEnum):
    """What is looked at, in the order of a verdict."""

    STRUCTURE = "structure"
    FORMAT = "format"
    CONTENTS = "contents"
    FILES = "files"
    SIGNATURE = "signature"
    SIGNER = "signer"
    CHAIN = "chain"
    REVOCATION = "revocation"
    TIME = "time"
    RECORD = "record"
    ASSIGNMENT = "assignment"
    SUPERSEDES = "supersedes"
    BLINDNESS = "blindness"
    ATTESTATIONS = "attestations"
    AWARD = "award"
    BADGE = "badge"
    CONTAINED = "contained"


TITLES = {
    FactId.STRUCTURE: "Structure",
    FactId.FORMAT: "Format",
    FactId.CONTENTS: "Contents",
    FactId.FILES: "Files",
    FactId.SIGNATURE: "Signature",
    FactId.SIGNER: "Signer",
    FactId.CHAIN: "Trust",
    FactId.REVOCATION: "Revocation",
    FactId.TIME: "Time",
    FactId.RECORD: "Record",
    FactId.ASSIGNMENT: "Assignment",
    FactId.SUPERSEDES: "Corrections",
    FactId.BLINDNESS: "Blindness",
    FactId.ATTESTATIONS: "Attestations",
    FactId.AWARD: "Award record",
    FactId.BADGE: "Badge",
    FactId.CONTAINED: "Case contents",
}

#: Of a signer whose certificate is of their own making, for want of an issuer.
NOT_VOUCHED_FOR = "Not vouched for by any issuer"

#: Of what rests on documents that a newer program wrote (verdict/newer.py).
NOT_LOOKED_AT = "Not looked at: the format is newer than this program"
_NOT_ALL_CHECKED = "Not everything was checked: its format is newer than this program."

#: What `--require` may ask for beyond what is always asked.
REQUIRABLE = frozenset({"revocation", "time", "record", "assignment"})

#: Which bad fact a headline speaks of first: what was altered says more than where the archive shows it.
_HEADLINE_ORDER = (
    FactId.CONTENTS, FactId.FILES, FactId.SIGNATURE, FactId.STRUCTURE, FactId.CHAIN, FactId.SIGNER, FactId.REVOCATION,
    FactId.TIME, FactId.CONTAINED, FactId.AWARD, FactId.BADGE, FactId.RECORD, FactId.ASSIGNMENT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: a sentence, a second line of detail, and the standard or source that it rests on."""

    id: FactId
    standing: Standing
    sentence: str
    detail: str = ""
    basis: str = ""

    @property
    def title(self) -> str:
        """The fact's name on screen."""
        return TITLES[self.id]


@dataclass(frozen=True, slots=True)
class Subject:
    """What the packet says it is about; stated, not checked. Empty where it could not be read."""

    review: str = ""
    micro_credential: str = ""
    submission: str = ""
    attempt: int | None = None
    recommendation: str = ""
    decision: str = ""
    person: str = ""
    role: str = ""
    programme: str = ""
    supersedes: str = ""
    award: str = ""
    holder: str = ""
    badge: str = ""

    @property
    def kind(self) -> str:
        """What a person calls such a thing."""
        if self.badge:
            return "badge"
        return "case file" if self.award else "decision" if self.decision else "packet"

    @property
    def sentence(self) -> str:
        """One line: “Leveraging …  · submission 7F3A-21, attempt 2 · recommends earned”."""
        return " · ".join(filter(None, (self.micro_credential, self._submission, *self._says)))

    @property
    def in_short(self) -> str:
        """The same with what tells it from others first, for where the end of a line may not be seen."""
        return " · ".join(filter(None, (*self._says, self._submission, self.micro_credential)))

    @property
    def _submission(self) -> str:
        attempt = "" if self.attempt is None else f", attempt {self.attempt}"
        return self.submission and f"submission {self.submission}{attempt}"

    @property
    def _says(self) -> tuple[str, ...]:
        return (
            self.recommendation and f"recommends {self.recommendation.replace('_', ' ')}",
            self.decision and f"decides {self.decision.replace('_', ' ')}",
            self.award and f"{self.award.replace('_', ' ')}: {self.holder}",
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """All facts about one packet. `digest` is the SHA-256 of its list of contents, by which others name it.

    `contained` are the verdicts on the decisions and packets in a case file. `said` is what a document of a newer
    format says, as paths and words: shown, never judged. `root` is the SHA-256 of the root that it was judged by, empty
    where none vouches for the signer.
    """

    name: str
    facts: tuple[Fact, ...]
    subject: Subject = Subject()
    digest: str = ""
    contained: tuple[Verdict, ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    root: str = ""

    def fact(self, fact_id: FactId) -> Fact:
        """One of the facts; *unknown* where the packet was too damaged to get that far."""
        found = next((fact for fact in self.facts if fact.id is fact_id), None)
        return found or Fact(fact_id, Standing.UNKNOWN, "Not checked: the packet could not be read that far")

    @property
    def bad(self) -> tuple[Fact, ...]:
        """The bad facts, the one that says most first."""
        found = [fact for fact in self.facts if fact.standing is Standing.BAD]
        return tuple(sorted(found, key=lambda fact: _HEADLINE_ORDER.index(fact.id)))

    @property
    def newer(self) -> bool:
        """Whether the format is one that this program does not know yet."""
        return any(fact.id is FactId.FORMAT for fact in self.facts)

    @property
    def headline(self) -> str:
        """The verdict in a sentence or two, the worst first."""
        if self.newer and not self.bad:
            return f"{self._of_known_format} {_NOT_ALL_CHECKED}"
        return self._of_known_format

    @property
    def _of_known_format(self) -> str:
        if self.bad:
            return f"Do not rely on this {self.subject.kind}. {_closed(self.bad[0].sentence)}"
        if self.fact(FactId.CHAIN).standing is not Standing.GOOD:
            if self.subject.badge:
                return self._unvouched_badge
            if self.fact(FactId.CHAIN).sentence == NOT_VOUCHED_FOR:
                return f"Unaltered since it was signed. {NOT_VOUCHED_FOR}."
            return "Unaltered since it was signed. Not checked: who signed it, for want of a trust list."
        signer = "the issuer" if self.subject.award else f"{self.subject.role} {self.subject.person}"
        if self.fact(FactId.SIGNER).standing is not Standing.GOOD and not self.subject.badge:
            return " ".join(["Unaltered since it was signed.", *self._open_questions()])
        return " ".join([f"Unaltered since {signer} signed it.", *self._open_questions()])

    @property
    def _unvouched_badge(self) -> str:
        if self.fact(FactId.SIGNATURE).standing is Standing.GOOD:
            return "Unaltered since it was signed. Not checked: whose key signed it."
        return "This version cannot check this badge."

    def _open_questions(self) -> list[str]:
        questions = []
        if self.fact(FactId.REVOCATION).standing is not Standing.GOOD:
            what = "badge" if self.subject.badge else "certificate"
            questions.append(f"Not known: whether the {what} was revoked.")
        if self.fact(FactId.TIME).standing is not Standing.GOOD and not self.subject.badge:
            questions.append("When is the signer's own claim.")
        if self.fact(FactId.ASSIGNMENT).standing is Standing.ABSENT:
            questions.append("Not attested: that the issuer asked for it.")
        return questions

    def unmet(self, require: Collection[str] = ()) -> tuple[Fact, ...]:
        """The facts that keep the exit code from 0: bad ones, an unchecked chain, and what is required besides.

        Of a decision also that the issuer asked the signer to decide: else anybody enrolled could.
        """
        needed = {FactId.CHAIN, *(FactId(name) for name in require)}
        if self.subject.kind == "decision":
            needed.add(FactId.ASSIGNMENT)
        if self.newer:
            needed.add(FactId.FORMAT)
        missing = (self.fact(fact_id) for fact_id in FactId if fact_id in needed)
        return (*self.bad, *(f for f in missing if f.standing not in (Standing.GOOD, Standing.BAD)))

    def exit_code(self, require: Collection[str] = frozenset()) -> int:
        """0 or 4 (DESIGN §5). `require` may name revocation, time, record and assignment."""
        return 4 if self.unmet(require) else 0


def _closed(sentence: str) -> str:
    return sentence if sentence.endswith(".") else f"{sentence}."
