"""Reports and exports of many in words: whom a report is for and what they may see, what a choice amounts to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from assessor_desk.desk.choosing import CohortOutlook, GatheringOutlook
from assessor_desk.domain.cohort import DISTRICT, PROGRAMME
from assessor_desk.domain.exports import CohortFormat, Gathered
from assessor_desk.domain.period import Days, Period

PERIODS = {
    Period.ALL: "At any time",
    Period.TERM: "This term",
    Period.SCHOOL_YEAR: "This school year",
    Period.LAST_SCHOOL_YEAR: "Last school year",
    Period.YEAR: "This calendar year",
    Period.CHOSEN: "Between two days…",
}
FORMATS = {
    CohortFormat.PDF: ("PDF", "To read and to print"),
    CohortFormat.DOCX: ("Word", "The same report as a DOCX file"),
    CohortFormat.HTML: ("Web page", "The same report as one HTML file"),
    CohortFormat.XLSX: ("Workbook", "Every table as a sheet of an XLSX file"),
    CohortFormat.CSV: ("Table", "Every figure as a row of one CSV file"),
}
KINDS = {
    Gathered.REPORTS: (
        "Feedback reports",
        "As released, in PDF, Word and as a web page. They name the educator.",
    ),
    Gathered.PACKETS: (
        "Packets",
        "As assessors sealed them, with the hub’s receipt. They hold the rationale.",
    ),
    Gathered.DECISIONS: ("Decisions", "As sealed here, with the hub’s receipt."),
}


def plural(count: int, one: str, many: str = "") -> str:
    """A number and its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def recipient_title(kind: str) -> str:
    """What a recipient that policy names is called."""
    return {PROGRAMME: "The programme", DISTRICT: "A district"}.get(kind, kind.replace("_", " ").capitalize())


def days_in_words(days: Days) -> str:
    """The days of a period: `1 Aug to 31 Dec 2026`."""
    since, until = days
    if since is None or until is None:
        return ""
    year = "" if since.year == until.year else f" {since.year}"
    return f"{since.day} {since:%b}{year} to {until.day} {until:%b %Y}"


def may_see(outlook: CohortOutlook, whom: str) -> str:
    """What policy lets a recipient see. `whom` is what they are called in the middle of a sentence."""
    what = "what its own educators earned" if whom == DISTRICT else "what was earned"
    if not outlook.earned_alone:
        what = "every decision on its own educators’ work" if whom == DISTRICT else "every decision"
    name = {PROGRAMME: "the programme", DISTRICT: "a district"}.get(whom, whom.replace("_", " "))
    said = f"Policy lets {name} see {what}"
    said += ", once it was released to the educator" if outlook.released_alone else ", released or not"
    if outlook.earned_alone:
        said += "; of the rest only what its educator agreed to"
    said += ". "
    if outlook.smallest <= 1:
        return said + "It hides no small counts."
    return said + f"Counts below {outlook.smallest} are not shown, nor what would give one away."


def covers(outlook: CohortOutlook) -> str:
    """How many decisions a report covers, and which are left out."""
    if not outlook.decided:
        return "Nothing is decided in this selection."
    if outlook.covered == outlook.decided:
        every = "the one decision" if outlook.decided == 1 else f"all {outlook.decided:,} decisions"
        return f"Covers {every} of this selection."
    left = []
    if outlook.unreleased:
        left.append(f"{outlook.unreleased:,} not released yet")
    if outlook.unearned:
        left.append(f"{outlook.unearned:,} that policy does not show")
    return (
        f"Covers {outlook.covered:,} of {plural(outlook.decided, 'decision')}; left out: {', '.join(left)}."
    )


def hides(outlook: CohortOutlook) -> str:
    """What would not be shown; empty where everything is."""
    if outlook.empty:
        return f"With fewer than {outlook.smallest} reviews no figures are shown at all."
    if not outlook.few + outlook.withheld:
        return "Every count is shown." if outlook.counts else ""
    hidden = [f"{outlook.few:,} below {outlook.smallest}"] if outlook.few else []
    if outlook.withheld:
        hidden.append(f"{outlook.withheld:,} that would give such a one away")
    return f"Of {plural(outlook.counts, 'count')} it hides {' and '.join(hidden)}."


def brings(outlook: GatheringOutlook) -> str:
    """What an export of a selection brings."""
    count = len(outlook.submission_ids)
    if not count:
        return "Nothing is decided in this selection."
    unreleased = count - outlook.released
    said = plural(count, "decided submission")
    if not unreleased:
        return f"{said}, {'its report' if count == 1 else 'all reports'} released."
    return (
        f"{said}; {unreleased:,} of {'its' if count == 1 else 'their'} reports not released yet and left out."
    )


def shortened(folder: Path) -> str:
    """A folder as people name it: below their own `~`, and of a long way only its end."""
    try:
        within = Path("~") / folder.relative_to(Path.home())
    except ValueError:
        within = folder
    parts = within.parts
    return str(within) if len(parts) <= 4 else str(Path(parts[0], "…", *parts[-2:]))


def kept_day(words: str) -> date | None:
    """A day that was kept, None where it is none."""
    try:
        return date.fromisoformat(words)
    except ValueError:
        return None
