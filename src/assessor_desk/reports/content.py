"""What a record says, made once, so that its PDF and its DOCX say the same in the same order."""

from __future__ import annotations

from dataclasses import dataclass

from assessor_desk.domain.programme_look import ProgrammeLook


@dataclass(frozen=True, slots=True)
class Point:
    """A strength, next step or extension: the criterion it belongs to, the words, where it can be seen."""

    title: str
    text: str
    would_show: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CriterionPart:
    """One criterion as scored. `standing` is passing, below or unscored; `next_level` is the descriptor above.

    `cited` names the evidence shortly, one line an artifact; `evidence` each place. `seen` has, for each of these, the
    line on what is seen there, or nothing.
    """

    number: int
    title: str
    level: str
    standing: str
    standing_words: str
    descriptor: str
    cited: tuple[str, ...]
    evidence: tuple[str, ...]
    seen: tuple[str, ...]
    no_evidence: str
    rationale: str
    strength: str
    next_step: str
    would_show: str
    extension: str
    next_level: str


@dataclass(frozen=True, slots=True)
class KeptCheck:
    """A check that spoke up and was kept all the same."""

    title: str
    sentence: str
    reason: str


@dataclass(frozen=True, slots=True)
class ArtifactLine:
    """An artifact that was looked at; `address` is its SHA-256, or that nothing was captured, with the link."""

    part: str
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Detail:
    """A labelled fact about the record itself, with the SHA-256 that pins it down where there is one."""

    label: str
    value: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class RecordContent:
    """A whole record, in reading order. `date` is ISO 8601 and dates the documents as well."""

    title: str
    key: str
    date: str
    programme: str
    running: str
    foot: str
    micro_credential: str
    headline: str
    lead: tuple[str, ...]
    sample: bool
    sample_notice: str
    reasons: tuple[str, ...]
    overall: str
    strengths: tuple[Point, ...]
    next_steps: tuple[Point, ...]
    extensions: tuple[Point, ...]
    criteria: tuple[CriterionPart, ...]
    checks: tuple[KeptCheck, ...]
    artifacts: tuple[ArtifactLine, ...]
    attestations: tuple[str, ...]
    details: tuple[Detail, ...]
    how_to_check: tuple[str, ...]
    look: ProgrammeLook
