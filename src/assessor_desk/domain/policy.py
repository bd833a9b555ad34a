"""What a programme may decide differently: data, one per programme and use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .badge import Identity


class CheckState(StrEnum):
    """What a check does when it finds something: nothing, a warning that can be kept with a reason, or stop
    the seal.
    """

    OFF = "off"
    WARN = "warn"
    BLOCK = "block"
    BLOCK_UNLESS_REASON = "block_unless_reason"


#: The field's defaults, check by check; F16 (a line at each place) is the programme's to ask for.
DEFAULT_CHECKS: Mapping[str, CheckState] = {
    "F1": CheckState.BLOCK,
    "F2": CheckState.BLOCK,
    "F3": CheckState.BLOCK,
    "F4": CheckState.BLOCK,
    "F5": CheckState.BLOCK,
    "F6": CheckState.WARN,
    "F7": CheckState.WARN,
    "F8": CheckState.WARN,
    "F9": CheckState.WARN,
    "F10": CheckState.BLOCK_UNLESS_REASON,
    "F11": CheckState.WARN,
    "F12": CheckState.WARN,
    "F13": CheckState.WARN,
    "F14": CheckState.WARN,
    "F15": CheckState.BLOCK,
    "F16": CheckState.OFF,
}


class MovePolicy(StrEnum):
    """Whether an open review may be moved to a rubric published since, must be before the seal, or never is."""

    MAY = "may"
    MUST = "must"
    NEVER = "never"


class Confirmation(StrEnum):
    """What must confirm when a decision was made before its report is released: the hub's receipt, or besides a
    time-stamp by an authority outside the programme (RFC 3161).
    """

    RECEIPT = "receipt"
    TIME_STAMP = "time_stamp"


@dataclass(frozen=True, slots=True)
class Blindness:
    """What an assessor is not shown; True means hidden.

    Enforced where data comes from, not by hiding widgets.
    """

    name: bool = True
    school: bool = True
    attempt: bool = False
    earlier_scores: bool = True
    co_assessor: bool = True
    coach: bool = True


@dataclass(frozen=True, slots=True)
class FeedbackFloors:
    """Fewest words (F12), where feedback is required (F1: `below_passing` or `all`), and how hard it may be to read
    (F14): the longest sentence, and the years of school that reading takes by the Flesch–Kincaid formula.
    """

    words_per_criterion: int = 15
    words_overall: int = 40
    feedback_on: str = "below_passing"
    words_per_sentence: int = 50
    school_years: int = 14


@dataclass(frozen=True, slots=True)
class DueRule:
    """Days to return a review.

    `unit` is `business` or `calendar`; `calendar` names a holidays country or subdivision.
    """

    days: int = 5
    unit: str = "business"
    calendar: str = "US"


@dataclass(frozen=True, slots=True)
class Appeal:
    """Whom an educator writes to, and until how many calendar days after release."""

    route: str = ""
    window_days: int = 30


@dataclass(frozen=True, slots=True)
class BadgeTerms:
    """What a badge says of its earner (see domain.badge.Identity), and how many years it counts (0: without end)."""

    identity: Identity = Identity.HASHED
    valid_years: int = 0


@dataclass(frozen=True, slots=True)
class Contacts:
    """Whom an educator asks about a report, and who hears of a concern. Shown word for word, also offline."""

    questions: str = ""
    concerns: str = ""


@dataclass(frozen=True, slots=True)
class CoachingLimits:
    """How far help on a draft may go: on which criteria (none named: all), and how many notes (0: as many as help)."""

    criteria: tuple[str, ...] = ()
    notes_at_most: int = 0


@dataclass(frozen=True, slots=True)
class Retention:
    """Days each class of data is kept; 0 keeps none beyond delivery.

    `evidence_with_programme` counts from the decision; 0 is a policy that does not say, and then nobody is told a day.
    """

    evidence_on_desk: int = 14
    evidence_with_programme: int = 0
    drafts_and_coaching: int = 365
    wordings_before_seal: int = 30
    notes: int = 365
    logs: int = 730


@dataclass(frozen=True, slots=True)
class Attestation:
    """A sentence the assessor attests at the seal; `when_scored`: not where the submission is incomplete."""

    id: str
    sentence: str
    when_scored: bool = False


DEFAULT_ATTESTATIONS = (
    Attestation(
        "no_affiliation",
        "I have no affiliation with this educator: I neither work with, coach nor supervise them.",
    ),
    Attestation(
        "educator_not_recognised", "I did not recognise the educator, the school or a pupil in the evidence."
    ),
    Attestation("rubric_used", "I scored with this rubric beside the evidence, and with nothing else.", True),
    Attestation("no_ai_text", "The rationale and the feedback are my own words; no tool wrote them."),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """A programme's rules for one use of a micro-credential.

    `disclosure` says per recipient of reports on many whether they cover `all` or `earned_only`; `before_release` names
    the recipients that are told of a decision before its report was released to the educator.
    `evidence_booklet` lets pages, stills and crops of the evidence leave the desk in packets: off unless a programme
    says so, since minors may be seen on them. `release_needs` is what must confirm a decision before its report leaves.
    `contact_within_days` is after how many days without contact with its source evidence closes at a desk (0: never).
    `resubmission_window_days` is how many calendar days after release new evidence may be sent. `republished_rubric` is
    whether a review that is open when its rubric is published anew may, must or can never be moved to the new version.
    """

    id: str
    version: str
    title: str
    programme: str
    use: str = "licence"
    assessors_per_submission: int = 1
    decided_by: str = "assessor"
    attempts: int = 3
    resubmission_carries: str = "passed_criteria"
    resubmission_shows_feedback: bool = True
    adjudication: str = "reviewer"
    back_read_percent: int = 10
    blindness: Blindness = field(default_factory=Blindness)
    checks: Mapping[str, CheckState] = field(default_factory=lambda: dict(DEFAULT_CHECKS))
    warnings_kept_by: tuple[str, ...] = ("assessor",)
    floors: FeedbackFloors = field(default_factory=FeedbackFloors)
    due: DueRule = field(default_factory=DueRule)
    disclosure: Mapping[str, str] = field(default_factory=lambda: {"district": "earned_only"})
    before_release: tuple[str, ...] = ("programme",)
    retention: Retention = field(default_factory=Retention)
    appeal: Appeal = field(default_factory=Appeal)
    badge: BadgeTerms = field(default_factory=BadgeTerms)
    resubmission_window_days: int = 30
    contacts: Contacts = field(default_factory=Contacts)
    coaching: CoachingLimits = field(default_factory=CoachingLimits)
    evidence_booklet: bool = False
    release_needs: Confirmation = Confirmation.RECEIPT
    republished_rubric: MovePolicy = MovePolicy.MAY
    contact_within_days: int = 0
    smallest_cell: int = 10
    languages: tuple[str, ...] = ("en",)
    tools_allowed: tuple[str, ...] = ()
    attestations: tuple[Attestation, ...] = DEFAULT_ATTESTATIONS

    def attestations_of(self, *, incomplete: bool) -> tuple[Attestation, ...]:
        """The attestations that a seal asks for."""
        return tuple(one for one in self.attestations if not (incomplete and one.when_scored))

    def check_state(self, check_id: str) -> CheckState:
        """How this programme wants a check treated; DOMAIN.md's default where it says nothing."""
        return self.checks.get(check_id, DEFAULT_CHECKS.get(check_id, CheckState.OFF))
