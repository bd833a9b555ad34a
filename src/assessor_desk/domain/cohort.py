"""The figures of a cohort: what many decided reviews say together, counted exactly.

Nothing here may leave the programme as it is: `disclosure.disclosed` says what a recipient may be shown of it.
Figures are of reviews in which competence was scored; a submission found incomplete counts in one number alone,
so that this number can be withheld without taking another with it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from math import ceil, floor
from operator import attrgetter

from .due import DayCount, WorkingDays, calendar_days
from .errors import Refused
from .policy import DueRule, Policy
from .rubric import Criterion, Outcome, Rubric

#: What a policy's `disclosure` may say of a recipient; any other word counts as the narrower.
EVERYTHING, EARNED_ONLY = "all", "earned_only"
#: The recipient that needs no line in a policy, the programme itself; and the one that has a name of its own.
PROGRAMME, DISTRICT = "programme", "district"
_SECONDS_A_DAY = 86400.0

RubricKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class CohortRow:
    """One decided attempt, as a cohort counts it.

    `decision` is the decision's digest. `levels` are criterion id → level id as decided, empty for an incomplete one;
    `next_steps` the ids of the criteria whose feedback names a next step. Times are aware. `agreed` is whether the
    educator lets a recipient that sees earned ones alone see this one all the same.
    """

    decision: str
    micro_credential: str
    rubric_version: str
    district: str
    attempt: int
    outcome: Outcome
    levels: Mapping[str, str]
    next_steps: tuple[str, ...]
    submitted_at: datetime | None
    delivered_at: datetime
    decided_at: datetime
    released_at: datetime | None = None
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """Which decided attempts: of these micro-credentials and districts (none named: all), decided in these days.

    `since` and `until` are days of UTC, both counted in.
    """

    micro_credentials: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def takes(self, row: CohortRow) -> bool:
        """Whether a row belongs to it."""
        if self.micro_credentials and row.micro_credential not in self.micro_credentials:
            return False
        if self.districts and row.district not in self.districts:
            return False
        if self.since is None and self.until is None:
            return True
        day = row.decided_at.astimezone(UTC).date()
        return (self.since or date.min) <= day <= (self.until or date.max)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a report is for. `kind` is a key of `Policy.disclosure`; a district names itself in `district`."""

    kind: str = PROGRAMME
    district: str = ""

    def earned_alone(self, policy: Policy) -> bool:
        """Whether it sees only what was earned, or what its educator agreed to. The narrower where policy is silent."""
        usual = EVERYTHING if self.kind == PROGRAMME else EARNED_ONLY
        return policy.disclosure.get(self.kind, usual) != EVERYTHING

    def released_alone(self, policy: Policy) -> bool:
        """Whether it is told of a decision only once its educator has the report."""
        return self.kind not in policy.before_release


def strictest(policies: Sequence[Policy]) -> Policy:
    """The one policy for reviews decided under several: the newest, which comes last, where it is narrower the others.

    The largest of the smallest counts holds; a recipient sees everything, or sooner than the educator, only where each
    policy says so; a due rule that is not the same in all is none. Raises Refused for policies of several programmes.
    """
    newest = policies[-1]
    programmes = sorted({one.programme for one in policies})
    if len(programmes) > 1:
        raise Refused(
            f"The selection is of several programmes: {', '.join(programmes)}. Report on one at a time"
        )
    kinds = {kind for one in policies for kind in one.disclosure}
    narrow = {kind for kind in kinds if any(Recipient(kind).earned_alone(one) for one in policies)}
    return replace(
        newest,
        smallest_cell=max(one.smallest_cell for one in policies),
        disclosure={kind: EARNED_ONLY if kind in narrow else EVERYTHING for kind in kinds},
        before_release=tuple(
            kind for kind in newest.before_release if all(kind in one.before_release for one in policies)
        ),
        due=newest.due if all(one.due == newest.due for one in policies) else replace(newest.due, days=0),
    )


def chosen(
    rows: Iterable[CohortRow], selection: Selection, recipient: Recipient, policy: Policy
) -> list[CohortRow]:
    """The rows of a selection that policy lets a recipient have; a district has those of its own educators alone.

    Raises Refused for a district that is not named.
    """
    if recipient.kind == DISTRICT and not recipient.district:
        raise Refused("Name the district that the cohort report is for: it sees its own educators alone")
    narrow, released = recipient.earned_alone(policy), recipient.released_alone(policy)
    own = recipient.district
    return [
        row
        for row in rows
        if selection.takes(row)
        and (not own or row.district == own)
        and (not released or row.released_at is not None)
        and (not narrow or row.agreed or row.outcome is Outcome.EARNED)
    ]


class Span(StrEnum):
    """A stretch of an attempt's way from the educator and back."""

    ASSESSING = "submitted to delivered"
    DECIDING = "delivered to decided"
    RELEASING = "decided to released"
    WHOLE = "submitted to released"


@dataclass(frozen=True, slots=True)
class Turnaround:
    """How long one span took, review by review, shortest first: in days, and in working days."""

    span: Span
    days: tuple[float, ...]
    working_days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CriterionFigures:
    """How often each level was reached, lowest first, and from how many of these reviews a next step goes out."""

    criterion: Criterion
    levels: tuple[int, ...]
    next_steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RubricFigures:
    """The reviews by one version of a rubric."""

    rubric: Rubric
    scored: int
    criteria: tuple[CriterionFigures, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """How many reviews of a group there are, and how many of them earned."""

    scored: int
    earned: int

    def __add__(self, other: Share) -> Share:
        return Share(self.scored + other.scored, self.earned + other.earned)


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """The reviews decided in one month of UTC.

    `month` is its first day, `deciding` the working days that deciding took, sorted.
    """

    month: date
    share: Share
    deciding: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CohortFigures:
    """All figures, exact. `on_time` and `late` are of the policy's due rule, None where it sets no time."""

    scored: int
    incomplete: int
    earned: int
    rubrics: tuple[RubricFigures, ...]
    districts: tuple[tuple[str, int], ...]
    attempts: tuple[tuple[int, Share], ...]
    months: tuple[MonthFigures, ...]
    turnaround: tuple[Turnaround, ...]
    on_time: int | None
    late: int | None

    @property
    def not_yet(self) -> int:
        """How many were scored and not yet earned."""
        return self.scored - self.earned


def cohort_figures(
    rows: Sequence[CohortRow], rubrics: Mapping[RubricKey, Rubric], calendar: WorkingDays, due: DueRule
) -> CohortFigures:
    """Count. `rubrics` has every rubric in use by id and version.

    Raises Refused for a rubric that is not there, and for a decision that lacks a level.
    """
    scored = [row for row in rows if row.outcome is not Outcome.INCOMPLETE]
    count = _day_count(scored, calendar)
    timed = {span: _taken(scored, span, count) for span in Span}
    on_time, late = _punctual(timed[Span.ASSESSING], due)
    return CohortFigures(
        scored=len(scored),
        incomplete=len(rows) - len(scored),
        earned=_share(scored).earned,
        rubrics=_by_rubric(scored, rubrics),
        districts=tuple(sorted(Counter(row.district for row in scored).items())),
        attempts=_by_attempt(scored),
        months=_by_month(scored, timed[Span.DECIDING].working_days),
        turnaround=tuple(_turnaround(span, taken) for span, taken in timed.items()),
        on_time=on_time,
        late=late,
    )


def _share(rows: Sequence[CohortRow]) -> Share:
    return Share(len(rows), sum(row.outcome is Outcome.EARNED for row in rows))


def _by_rubric(rows: Sequence[CohortRow], rubrics: Mapping[RubricKey, Rubric]) -> tuple[RubricFigures, ...]:
    groups = defaultdict[RubricKey, list[CohortRow]](list)
    for row in rows:
        groups[row.micro_credential, row.rubric_version].append(row)
    missing = sorted(groups.keys() - rubrics.keys())
    if missing:
        raise Refused(f"The rubric {' '.join(missing[0])} is not here; sync, or leave its reviews out")
    found = [_rubric_figures(rubrics[key], group) for key, group in groups.items()]
    return tuple(sorted(found, key=lambda one: (one.rubric.title, one.rubric.version, one.rubric.id)))


def _rubric_figures(rubric: Rubric, rows: Sequence[CohortRow]) -> RubricFigures:
    chosen_levels = [row.levels for row in rows]
    scores = {one.id: Counter(levels.get(one.id) for levels in chosen_levels) for one in rubric.criteria}
    steps = Counter((criterion, row.levels.get(criterion)) for row in rows for criterion in row.next_steps)
    criteria = tuple(
        CriterionFigures(
            criterion,
            tuple(scores[criterion.id][level.id] for level in criterion.levels),
            tuple(steps[criterion.id, level.id] for level in criterion.levels),
        )
        for criterion in rubric.criteria
    )
    for one in criteria:
        if sum(one.levels) != len(rows):
            raise Refused(
                f"A decision on “{rubric.title}” {rubric.version} has no known level for “{one.criterion.title}”"
            )
    return RubricFigures(rubric, len(rows), criteria)


def _by_attempt(rows: Iterable[CohortRow]) -> tuple[tuple[int, Share], ...]:
    groups = Counter((row.attempt, row.outcome is Outcome.EARNED) for row in rows)
    attempts = sorted({attempt for attempt, _ in groups})
    return tuple((one, Share(groups[one, True] + groups[one, False], groups[one, True])) for one in attempts)


def _by_month(rows: Sequence[CohortRow], working_days: Sequence[int]) -> tuple[MonthFigures, ...]:
    """Every month from the first to the last, those without reviews too."""
    deciding, earned = defaultdict[int, list[int]](list), Counter[int]()
    for row, taken in zip(rows, working_days, strict=True):
        at = row.decided_at if row.decided_at.tzinfo is UTC else row.decided_at.astimezone(UTC)
        number = at.year * 12 + at.month - 1
        deciding[number].append(taken)
        if row.outcome is Outcome.EARNED:
            earned[number] += 1
    months = range(min(deciding), max(deciding) + 1) if deciding else ()
    return tuple(
        MonthFigures(
            date(number // 12, number % 12 + 1, 1),
            Share(len(deciding[number]), earned[number]),
            tuple(sorted(deciding[number])),
        )
        for number in months
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    """When a span began and ended, review by review, and the working days between."""

    starts: list[datetime]
    ends: list[datetime]
    working_days: list[int]


def _taken(rows: Sequence[CohortRow], span: Span, count: DayCount) -> _Taken:
    """Of the reviews that have gone through all of the span."""
    if span in (Span.ASSESSING, Span.WHOLE):
        rows = [row for row in rows if row.submitted_at]
    if span in (Span.RELEASING, Span.WHOLE):
        rows = [row for row in rows if row.released_at]
    start, end = _ENDS[span]
    starts, ends = list(map(attrgetter(start), rows)), list(map(attrgetter(end), rows))
    return _Taken(starts, ends, count.each(starts, ends))


_ENDS = {
    Span.ASSESSING: ("submitted_at", "delivered_at"),
    Span.DECIDING: ("delivered_at", "decided_at"),
    Span.RELEASING: ("decided_at", "released_at"),
    Span.WHOLE: ("submitted_at", "released_at"),
}


def _turnaround(span: Span, taken: _Taken) -> Turnaround:
    # The clocks of two computers differ a little: what came at once may seem to have come before.
    seconds = (max(0.0, (end - start).total_seconds()) for start, end in zip(taken.starts, taken.ends))
    lasted = [each / _SECONDS_A_DAY for each in seconds]
    return Turnaround(span, tuple(sorted(lasted)), tuple(sorted(taken.working_days)))


def _punctual(assessing: _Taken, due: DueRule) -> tuple[int | None, int | None]:
    """How many reviews came by the end of the policy's last day, and how many did not."""
    if due.days <= 0 or not assessing.ends:
        return None, None
    business = due.unit == "business"
    taken = assessing.working_days if business else calendar_days(assessing.starts, assessing.ends)
    on_time = sum(days <= due.days for days in taken)
    return on_time, len(taken) - on_time


def _day_count(rows: Sequence[CohortRow], calendar: WorkingDays) -> DayCount:
    if not rows:
        nothing = datetime(2000, 1, 1, tzinfo=UTC)
        return DayCount(calendar, nothing, nothing)
    times = [row.submitted_at or row.delivered_at for row in rows]
    times += [row.delivered_at for row in rows]
    times += [row.decided_at for row in rows]
    times += [row.released_at for row in rows if row.released_at]
    return DayCount(calendar, min(times), max(times))


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` of the ordered values lie, between neighbours in proportion.

    Definition 7 of Hyndman and Fan (1996), the default of NumPy, pandas and spreadsheets.
    """
    place = (len(ordered) - 1) * share
    low, high = ordered[floor(place)], ordered[ceil(place)]
    return low + (high - low) * (place - floor(place))
