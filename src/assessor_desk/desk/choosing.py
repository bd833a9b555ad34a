"""What one may choose for a report on many or an export of many, and what a choice amounts to before it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from: micro-credentials (id → title), districts, and whom policy names as recipients.

    `first` and `last` are the days (UTC) of the first and last decision; None, like all else, where nothing is decided.
    """

    micro_credentials: Mapping[str, str] = field(default_factory=dict)
    districts: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class CohortOutlook:
    """What a cohort report would cover: of `decided` decisions in the selection, `covered` ones may be counted.

    `unreleased` of the others wait for their release, `unearned` are shown to nobody but the programme. `few` counts
    would be below `smallest` and `withheld` ones beside them, of `counts`; `empty` says that no figure at all is shown.
    """

    decided: int
    covered: int
    unreleased: int
    unearned: int
    smallest: int
    counts: int = 0
    few: int = 0
    withheld: int = 0
    empty: bool = False
    earned_alone: bool = False
    released_alone: bool = False


@dataclass(frozen=True, slots=True)
class GatheringOutlook:
    """What an export of a selection would bring: how many submissions, and how many of their reports are released."""

    submission_ids: tuple[str, ...]
    released: int
