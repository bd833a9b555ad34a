"""What a programme awards on a decision: the record that joins a person with the pseudonymous packets (DOMAIN: award).

Packets and decisions name nobody. Who gives a licence, hours, a designation or pay for a micro-credential needs the
name: it stands in the issuer's award record, and there alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from .errors import Refused
from .rubric import Outcome


class UseKind(StrEnum):
    """What the award counts for."""

    LICENCE = "licence"
    HOURS = "hours"
    DESIGNATION = "designation"
    SALARY = "salary"


#: What each use must say besides its kind, in the words that a command asks for.
_ASKS = {
    UseKind.LICENCE: "which licence, as in licence=Residency licence",
    UseKind.HOURS: "how many, as in hours=15",
    UseKind.DESIGNATION: "which designation, as in designation=Reading specialist",
}


@dataclass(frozen=True, slots=True)
class Use:
    """One use of an award. `detail` is the licence's or designation's name, or the number of hours."""

    kind: UseKind
    detail: str = ""

    def __post_init__(self) -> None:
        if self.kind in _ASKS and not self.detail:
            raise Refused(f"The use “{self.kind}” must say {_ASKS[self.kind]}")
        if self.kind is UseKind.HOURS and not re.fullmatch(r"[1-9]\d{0,3}(\.\d{1,2})?", self.detail):
            raise Refused(f"“{self.detail}” is no number of hours; write it as in hours=15 or hours=7.5")

    @property
    def sentence(self) -> str:
        """The use in words."""
        if self.kind is UseKind.HOURS:
            return f"{self.detail} hours of professional learning"
        return f"{self.kind}: {self.detail}" if self.detail else str(self.kind)


def read_use(words: str) -> Use:
    """A use as a command is given it: `hours=15`, `licence=NAME`, `designation=NAME`, `salary`. Raises Refused."""
    kind, _, detail = (part.strip() for part in words.partition("="))
    if kind not in set(UseKind):
        raise Refused(f"“{kind}” is no use of an award; choose from {', '.join(UseKind)}")
    return Use(UseKind(kind), detail)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who the award is for, as the issuer knows them. `state_educator_id` is empty where it was not imported."""

    name: str
    state_educator_id: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceHeld:
    """Where the evidence is held, and until which day; None where the programme's policy does not say."""

    by: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Award:
    """The award record. `id` is the decision's; digests name the decision in force, the earlier ones it replaced
    (newest first), and the packets that these rest on. Raises Refused for a use of what was not earned.
    """

    id: str
    programme: str
    issuer: str
    holder: Holder
    submission_id: str
    submission_key: str
    attempt: int
    rubric_id: str
    rubric_version: str
    micro_credential: str
    outcome: Outcome
    decided_at: datetime
    decision: str
    replaced: tuple[str, ...]
    packets: tuple[str, ...]
    uses: tuple[Use, ...]
    evidence: EvidenceHeld
    issued_at: datetime
    program_version: str

    def __post_init__(self) -> None:
        if self.uses and self.outcome is not Outcome.EARNED:
            raise Refused(
                f"{self.submission_key} was decided {self.outcome.value.replace('_', ' ')}: nothing can be awarded "
                "for it. Leave out the use to make a case file for an appeal"
            )
