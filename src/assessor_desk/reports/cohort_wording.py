"""What a cohort report says of figures that may be shown: sections, tables, plots and the words about them.

Nothing that is hidden gets in here: no writer, plot, workbook or file of values can leak what it was never given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from assessor_desk.domain.cohort import PROGRAMME, Recipient, Selection, Span
from assessor_desk.domain.disclosure import Disclosed, Quantiles, ShownCriterion, ShownRubric, Stretch
from assessor_desk.domain.policy import DueRule, Policy
from assessor_desk.domain.programme_look import ProgrammeLook
from assessor_desk.domain.suppression import Hidden, Shown

from .cohort_content import Bar, BarGroup, Cell, CohortReport, Column, Kind, Plot, Section, Table
from .saying import MONTHS, day

NEXT_STEPS_LISTED = 8
WIDEST_SCALE = 3
NOT_SHOWN, TOO_FEW = "not shown", "too few"


@dataclass(frozen=True, slots=True)
class CohortFacts:
    """What a report rests on beside its figures. `subject` names the selection for people."""

    policy: Policy
    selection: Selection
    recipient: Recipient
    made_at: datetime
    look: ProgrammeLook
    subject: str = "All micro-credentials"


def cohort_report(shown: Disclosed, facts: CohortFacts) -> CohortReport:
    """The report on what may be shown of a cohort."""
    today = day(facts.made_at.astimezone(UTC).date())
    return CohortReport(
        title=f"Cohort report, {facts.subject}, {_period(facts.selection)}",
        date=facts.made_at.astimezone(UTC).isoformat(timespec="seconds"),
        look=facts.look,
        running=f"Cohort report · {today}",
        foot=f"{facts.look.programme} · policy {facts.policy.id} {facts.policy.version}",
        overline=f"{facts.subject} · {_period(facts.selection)}",
        headline=_headline(shown),
        lead=_lead(shown, facts),
        sections=tuple(_sections(shown, facts)),
        about=_about(shown, facts, today),
    )


# -- words -------------------------------------------------------------------------------------------------


def _month(first: date) -> str:
    return f"{MONTHS[first.month - 1]} {first.year}"


def _period(selection: Selection) -> str:
    since, until = selection.since, selection.until
    if since and until:
        return f"{day(since)} to {day(until)}"
    if since:
        return f"from {day(since)} on"
    return f"up to {day(until)}" if until else "all dates"


def _reviews(count: int) -> str:
    return "1 review" if count == 1 else f"{count:,} reviews"


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _headline(shown: Disclosed) -> str:
    if isinstance(shown.scored, Hidden):
        return f"Fewer than {shown.smallest} reviews, or none, match this selection. No figures are shown."
    if not shown.scored:
        return "No review matches this selection."
    if isinstance(shown.earned, Hidden):
        return f"{_reviews(shown.scored)}. How many earned is not shown, as one of the counts is small."
    earned, not_yet = f"{shown.earned:,} earned", f"{_words(shown.not_yet, shown)} not yet"
    return f"{_reviews(shown.scored)}: {earned} ({_percent(shown.earned / shown.scored)}), {not_yet}."


def _lead(shown: Disclosed, facts: CohortFacts) -> tuple[str, ...]:
    if not shown.scored or isinstance(shown.scored, Hidden):
        return ("Choose a longer period, more micro-credentials or more districts.",)
    found = ["This report counts decisions. It names nobody, and quotes no feedback."]
    if shown.smallest > 1:
        found.append(
            f"A count below {shown.smallest} reads “{_few(shown)}”. Where it could be computed from the others, "
            f"another beside it reads “{NOT_SHOWN}”; attempts and months are put together until each line is "
            f"large enough."
        )
    if facts.recipient.released_alone(facts.policy):
        found.append("It counts a decision once its report was released to the educator.")
    if facts.recipient.earned_alone(facts.policy):
        found.append(
            "It covers what was earned, and of what was not only what its educator agreed to show. "
            "It says nothing of how many tried."
        )
    return tuple(found)


def _few(shown: Disclosed) -> str:
    return f"fewer than {shown.smallest}"


def _words(value: Shown, shown: Disclosed) -> str:
    if value is Hidden.FEW:
        return _few(shown)
    return NOT_SHOWN if isinstance(value, Hidden) else f"{value:,}"


def _count(value: Shown, shown: Disclosed) -> Cell:
    return Cell(_words(value, shown), None if isinstance(value, Hidden) else value)


def _share(value: Shown, whole: Shown) -> Cell:
    if isinstance(value, Hidden) or isinstance(whole, Hidden) or not whole:
        return Cell(NOT_SHOWN)
    return Cell(_percent(value / whole), value / whole)


def _days(value: float | None) -> Cell:
    return Cell(TOO_FEW) if value is None else Cell(f"{value:.1f}", value)


# -- sections ----------------------------------------------------------------------------------------------


def _sections(shown: Disclosed, facts: CohortFacts) -> Sequence[Section]:
    if not shown.scored or isinstance(shown.scored, Hidden):
        return ()
    found = [_outcomes(shown, facts)]
    if shown.months:
        found.append(_trend(shown))
    if shown.turnaround:
        found.append(_turnaround(shown, facts.policy.due))
    if shown.attempts:
        found.append(_attempts(shown))
    found += _parts(shown)
    for number, one in enumerate(shown.rubrics, 1):
        found += _rubric(one, shown, number)
    return found


def _outcomes(shown: Disclosed, facts: CohortFacts) -> Section:
    rows = [
        (Cell("Earned"), _count(shown.earned, shown), _share(shown.earned, shown.scored)),
        (Cell("Not yet earned"), _count(shown.not_yet, shown), _share(shown.not_yet, shown.scored)),
        (
            Cell("All reviews that were scored"),
            _count(shown.scored, shown),
            _share(shown.scored, shown.scored),
        ),
    ]
    said = ["Shares are of the reviews in which competence was scored."]
    if not facts.recipient.earned_alone(facts.policy):
        rows.append((Cell("Incomplete, not scored"), _count(shown.incomplete, shown), Cell("")))
        said.append("A submission found incomplete counts in its own line alone.")
    columns = (Column("Outcome"), Column("Reviews", Kind.COUNT), Column("Share", Kind.SHARE))
    return Section("Outcomes", (" ".join(said),), (), (Table("outcomes", "Outcomes", columns, tuple(rows)),))


def _trend(shown: Disclosed) -> Section:
    crossed = shown.months[0].earned is not None
    columns = [Column("Decided in"), Column("Reviews", Kind.COUNT)]
    if crossed:
        columns += [Column("Earned", Kind.COUNT), Column("Share earned", Kind.SHARE)]
    columns.append(Column("Median working days to decide", Kind.DAYS))
    rows = tuple((Cell(_months(one)), *_counts(one, shown), _days(one.deciding)) for one in shown.months)
    title = "Trend by month"
    plots = (_volume_plot(shown),) + ((_share_plot(shown),) if crossed and len(shown.months) > 1 else ())
    said = "By the month of the decision (UTC)."
    return Section(title, (said,), plots, (Table("months", title, tuple(columns), rows),))


def _months(one: Stretch) -> str:
    assert isinstance(one.first, date)
    assert isinstance(one.last, date)
    first, last = _month(one.first), _month(one.last)
    if first == last:
        return first
    return (
        f"{first.removesuffix(f' {one.first.year}') if one.first.year == one.last.year else first} to {last}"
    )


def _counts(one: Stretch, shown: Disclosed) -> tuple[Cell, ...]:
    reviews = _count(one.scored, shown)
    return (
        (reviews,)
        if one.earned is None
        else (reviews, _count(one.earned, shown), _share(one.earned, one.scored))
    )


def _volume_plot(shown: Disclosed) -> Plot:
    most = max(one.scored for one in shown.months)
    bars = tuple(Bar(_months(one), one.scored / most, f"{one.scored:,}") for one in shown.months)
    said = "; ".join(f"{bar.label} {bar.words}" for bar in bars)
    title = "Reviews decided by month"
    return Plot("reviews-by-month", title, f"Bars, {title.lower()}: {said}.", (BarGroup("", bars),), "months")


def _share_plot(shown: Disclosed) -> Plot:
    points = tuple(
        Bar(_months(one), one.earned / one.scored, _percent(one.earned / one.scored))
        for one in shown.months
        if one.earned is not None
    )
    said = "; ".join(f"{point.label} {point.words}" for point in points)
    title = "Share earned by month"
    words = f"A line from 0% to 100%, {title.lower()}: {said}."
    return Plot("earned-by-month", title, words, (BarGroup("", points),), "months", trend=True)


_SPANS = {
    Span.ASSESSING: "Submitted to delivered by the assessor",
    Span.DECIDING: "Delivered to decided",
    Span.RELEASING: "Decided to released",
    Span.WHOLE: "Submitted to released",
}


def _turnaround(shown: Disclosed, due: DueRule) -> Section:
    said = (
        f"Working days leave out weekends and the holidays of the calendar {due.calendar}; "
        f"the day on which a stretch begins does not count."
    )
    if shown.smallest > 1:
        said += (
            f" “{TOO_FEW.capitalize()}” stands where fewer than {shown.smallest} reviews lie beyond a figure."
        )
    tables = [
        _spans("turnaround-days", "In days", ((one.span, one.days) for one in shown.turnaround)),
        _spans(
            "turnaround-working",
            "In working days",
            ((one.span, one.working_days) for one in shown.turnaround),
        ),
    ]
    if shown.punctual:
        tables.append(_punctual(shown, due))
    return Section("Turnaround", (said,), (), tuple(tables))


def _spans(name: str, title: str, spans: Iterable[tuple[Span, Quantiles]]) -> Table:
    heads = ("A quarter within", "Half within", "Three quarters within", "Nine in ten within")
    rows = tuple((Cell(_SPANS[span]), *_quantiles(found)) for span, found in spans)
    return Table(name, title, (Column("Stretch"), *(Column(head, Kind.DAYS) for head in heads)), rows)


def _quantiles(one: Quantiles) -> tuple[Cell, ...]:
    lower, upper = one.quarters or (None, None)
    return _days(lower), _days(one.median), _days(upper), _days(one.most)


def _punctual(shown: Disclosed, due: DueRule) -> Table:
    assert shown.punctual is not None
    on_time, late = shown.punctual
    days = "day" if due.days == 1 else "days"
    whole = Hidden.WITHHELD if isinstance(on_time, Hidden) or isinstance(late, Hidden) else on_time + late
    columns = (
        Column("Delivered by the assessor"),
        Column("Reviews", Kind.COUNT),
        Column("Share", Kind.SHARE),
    )
    rows = (
        (Cell(f"Within {due.days} {due.unit} {days}"), _count(on_time, shown), _share(on_time, whole)),
        (Cell("Later"), _count(late, shown), _share(late, whole)),
    )
    return Table("on-time", "On time", columns, rows)


def _attempts(shown: Disclosed) -> Section:
    crossed = shown.attempts[0].earned is not None
    columns = [Column("Attempt"), Column("Reviews", Kind.COUNT)]
    if crossed:
        columns += [Column("Earned", Kind.COUNT), Column("Share earned", Kind.SHARE)]
    rows = tuple((Cell(_attempt(one)), *_counts(one, shown)) for one in shown.attempts)
    said = "Which attempt at the micro-credential the decision was on."
    return Section("Attempts", (said,), (), (Table("attempts", "Attempts", tuple(columns), rows),))


def _attempt(one: Stretch) -> str:
    if one.first == one.last:
        return f"Attempt {one.first}"
    return f"Attempt {one.first} or later" if one.open_end else f"Attempts {one.first} to {one.last}"


def _parts(shown: Disclosed) -> list[Section]:
    """Reviews by micro-credential and by district, where there are several."""
    found = []
    if len(shown.rubrics) > 1:
        counted = [(_rubric_title(one), one.scored) for one in shown.rubrics]
        found.append(_part("Micro-credentials", "Micro-credential", "micro-credentials", counted, shown))
    if len(shown.districts) > 1:
        named = [(name or "No district named", count) for name, count in shown.districts]
        found.append(_part("Districts", "District", "districts", named, shown))
    return found


def _part(
    title: str, head: str, name: str, counted: Sequence[tuple[str, Shown]], shown: Disclosed
) -> Section:
    columns = (Column(head), Column("Reviews", Kind.COUNT), Column("Share", Kind.SHARE))
    rows = tuple(
        (Cell(one, own=True), _count(count, shown), _share(count, shown.scored)) for one, count in counted
    )
    return Section(title, (), (), (Table(name, title, columns, rows),))


def _rubric_title(one: ShownRubric) -> str:
    return f"{one.rubric.title}, rubric {one.rubric.version}"


# -- a rubric's levels and next steps ----------------------------------------------------------------------


def _rubric(one: ShownRubric, shown: Disclosed, number: int) -> list[Section]:
    if isinstance(one.scored, Hidden):
        said = "Too few reviews, or too few beside them, to show levels and next steps."
        return [Section(_rubric_title(one), (said,))]
    said = f"{_reviews(one.scored)}. Levels as decided, in the rubric's order; a bar's length is the share of reviews."
    if one.rubric.sample:
        said += " This rubric is a sample, not approved by any agency."
    plot, table = _levels_plot(one, shown, number), _levels(one, shown, number)
    return [
        Section(_rubric_title(one), (said,), (plot,), (table,), own_page=True),
        _next_steps(one, shown, number),
    ]


def _levels_plot(one: ShownRubric, shown: Disclosed, number: int) -> Plot:
    groups = tuple(
        BarGroup(
            f"{place}. {line.criterion.title}",
            tuple(
                Bar(
                    level.title,
                    share.number,
                    _bar_words(count, share, shown),
                    line.criterion.passes(level.id),
                )
                for level, count in zip(line.criterion.levels, line.levels, strict=True)
                for share in (_share(count, one.scored),)
            ),
        )
        for place, line in enumerate(one.criteria, 1)
    )
    said = ". ".join(
        f"{group.title}: {', '.join(f'{bar.label} {bar.words}' for bar in group.bars)}" for group in groups
    )
    title = "Levels by criterion"
    words = f"Bars, share of reviews at each level by criterion. {said}."
    return Plot(f"levels-{number}", title, words, groups, f"levels-{number}")


def _bar_words(count: Shown, share: Cell, shown: Disclosed) -> str:
    return _words(count, shown) if share.number is None else share.words


def _levels(one: ShownRubric, shown: Disclosed, number: int) -> Table:
    name, title = f"levels-{number}", "Levels by criterion"
    scales = {tuple(level.title for level in line.criterion.levels) for line in one.criteria}
    if len(scales) == 1 and len(scale := scales.pop()) <= WIDEST_SCALE:
        columns = [Column("Criterion")]
        for level in scale:
            columns += [Column(level, Kind.COUNT), Column(f"{level}, share", Kind.SHARE)]
        return Table(name, title, tuple(columns), tuple(_across(one, shown)))
    columns = [
        Column("Criterion"),
        Column("Level"),
        Column("Reviews", Kind.COUNT),
        Column("Share", Kind.SHARE),
    ]
    return Table(name, title, tuple(columns), tuple(_down(one, shown)), keys=2)


def _across(one: ShownRubric, shown: Disclosed) -> Iterator[tuple[Cell, ...]]:
    """A line a criterion, for criteria with the same few levels."""
    for place, line in enumerate(one.criteria, 1):
        pairs = ((_count(count, shown), _share(count, one.scored)) for count in line.levels)
        yield (_criterion_name(place, line), *(cell for pair in pairs for cell in pair))


def _down(one: ShownRubric, shown: Disclosed) -> Iterator[tuple[Cell, ...]]:
    """A line a level."""
    for place, line in enumerate(one.criteria, 1):
        for level, count in zip(line.criterion.levels, line.levels, strict=True):
            name = Cell(level.title, own=True)
            yield _criterion_name(place, line), name, _count(count, shown), _share(count, one.scored)


def _criterion_name(place: int, line: ShownCriterion) -> Cell:
    return Cell(f"{place}. {line.criterion.title}", own=True)


def _next_steps(one: ShownRubric, shown: Disclosed, number: int) -> Section:
    assert not isinstance(one.scored, Hidden)
    steps = list(_steps(one, shown))
    counted = [row for count, row in steps if not isinstance(count, Hidden)]
    hidden = len(steps) - len(counted)
    ranked = sorted(counted, key=lambda row: -(row[-1].number or 0))[:NEXT_STEPS_LISTED]
    said = (
        "Counted by criterion and level: each next step leads to the level above, and what that asks for is said "
        "in the rubric's words. No educator's feedback was read for it."
    )
    if not counted:
        said += " All counts are hidden."
    elif hidden:
        said += f" Of {hidden} further kinds of next step the count is hidden."
    columns = (Column("Criterion"), Column("From level to level"), Column("What the rubric asks for there"),
               Column("Reviews", Kind.COUNT), Column("Share", Kind.SHARE))  # fmt: skip
    table = Table(f"next-steps-{number}", "Most frequent next steps", columns, tuple(ranked), keys=2)
    return Section("Most frequent next steps", (said,), (), (table,) if ranked else (), level=3)


def _steps(one: ShownRubric, shown: Disclosed) -> Iterator[tuple[Shown, tuple[Cell, ...]]]:
    """Every next step there is, with its count and its line of the table."""
    for place, line in enumerate(one.criteria, 1):
        for level, count in zip(line.criterion.levels, line.next_steps, strict=True):
            above = line.criterion.next_level(level.id)
            if above is not None:
                way = Cell(f"{level.title} to {above.title}", own=True)
                asks = Cell(above.descriptor, own=True)
                name, share = _criterion_name(place, line), _share(count, one.scored)
                yield count, (name, way, asks, _count(count, shown), share)


# -- about -------------------------------------------------------------------------------------------------


def _about(shown: Disclosed, facts: CohortFacts, today: str) -> Table:
    policy, recipient = facts.policy, facts.recipient
    seen = (
        "earned, and others only if their educator agreed"
        if recipient.earned_alone(policy)
        else "every outcome"
    )
    districts = (recipient.district,) if recipient.district else facts.selection.districts
    rows = [
        ("Selection", facts.subject),
        ("Districts", ", ".join(districts) or "all"),
        ("Decided", _period(facts.selection)),
        (
            "For",
            "the programme itself" if recipient.kind == PROGRAMME else recipient.district or recipient.kind,
        ),
        ("Outcomes that it may see", seen),
        ("Policy", f"{policy.title}, {policy.id} {policy.version}"),
        ("Smallest count shown", str(shown.smallest) if shown.smallest > 1 else "every count is shown"),
        ("Calendar of working days", policy.due.calendar),
        ("Made on", today),
        ("Signed", "no: what is signed are the decisions that it counts"),
    ]
    columns = (Column("What"), Column("As used for this report"))
    return Table(
        "about", "About this report", columns, tuple((Cell(what), Cell(said)) for what, said in rows)
    )
