"""The attempt before this one, as far as the programme shows it: what was handed in then, and what was said of it.

A resubmission sends again what was asked for. What is new or changed is looked at first; where policy does not keep the
earlier outcome from the assessor (`blindness.earlier_scores`), the feedback that the educator got is at hand, and each
next step of it is marked addressed, partly or not (F15).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .submission import Artifact

#: Begins the ids of an earlier attempt's artifacts, so that none is taken for one of this submission.
PREFIX = "earlier-"


class Addressed(StrEnum):
    """What the educator made of a next step in this attempt."""

    ADDRESSED = "addressed"
    PARTLY = "partly"
    NOT = "not"


ADDRESSED_TITLES: Mapping[Addressed, str] = {
    Addressed.ADDRESSED: "Addressed",
    Addressed.PARTLY: "Partly",
    Addressed.NOT: "Not yet",
}


class News(StrEnum):
    """How an artifact stands to the attempt before."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "as before"


@dataclass(frozen=True, slots=True)
class EarlierCriterion:
    """What the educator read on one criterion."""

    criterion: str
    title: str
    level_title: str
    passed: bool
    strength: str = ""
    next_step: str = ""
    would_show: str = ""


@dataclass(frozen=True, slots=True)
class EarlierFeedback:
    """What was released to the educator: `outcome` is `earned`, `not_yet` or `incomplete`."""

    outcome: str
    overall: str
    criteria: tuple[EarlierCriterion, ...]
    released_at: datetime | None = None

    def on(self, criterion_id: str) -> EarlierCriterion | None:
        """What was said on a criterion."""
        return next((one for one in self.criteria if one.criterion == criterion_id), None)

    def steps(self) -> Iterator[EarlierCriterion]:
        """Those with a next step."""
        return (one for one in self.criteria if one.next_step.strip())


@dataclass(frozen=True, slots=True)
class EarlierAttempt:
    """`artifacts` have ids that begin with `PREFIX`; their bytes are here only where policy shows the feedback too."""

    attempt: int
    artifacts: tuple[Artifact, ...] = ()
    feedback: EarlierFeedback | None = None

    def artifact(self, artifact_id: str) -> Artifact | None:
        """The artifact of then with that id."""
        return next((one for one in self.artifacts if one.id == artifact_id), None)

    def before(self, artifact: Artifact) -> Artifact | None:
        """What stood then in the place of an artifact: the same bytes, else the same file name, else the same label."""
        same = (one for one in self.artifacts if artifact.sha256 and one.sha256 == artifact.sha256)
        named = (one for one in self.artifacts if (one.part, one.name) == (artifact.part, artifact.name))
        labelled = (
            one
            for one in self.artifacts
            if artifact.label and (one.part, one.label) == (artifact.part, artifact.label)
        )
        return next(same, None) or next(named, None) or next(labelled, None)

    def news_of(self, artifact: Artifact) -> News:
        """Whether an artifact is new, changed, or was looked at before."""
        before = self.before(artifact)
        if before is None:
            return News.NEW
        same = (before.sha256, before.link) == (artifact.sha256, artifact.link)
        return News.SAME if same else News.CHANGED


def feedback_from_document(document: Mapping[str, Any], released_at: datetime | None) -> EarlierFeedback:
    """From a decision's `feedback.json`. Raises KeyError for what is none."""
    return EarlierFeedback(
        outcome=document["outcome"],
        overall=document["overall"],
        criteria=tuple(
            EarlierCriterion(
                criterion=one["criterion"],
                title=one["title"],
                level_title=one["level_title"],
                passed=one["passed"],
                strength=one["strength"],
                next_step=one["next_step"],
                would_show=one["would_show"],
            )
            for one in document["criteria"]
        ),
        released_at=released_at,
    )
