"""The feedback report as PDF, DOCX and HTML, all from one flow of blocks."""

from __future__ import annotations

from collections.abc import Iterator

from .content import Detail, Point
from .feedback_report import CriterionFeedback, FeedbackReport
from .flow import (
    Block,
    Cell,
    Flow,
    Heading,
    Line,
    Listing,
    NewPage,
    Notice,
    Paragraph,
    Quote,
    Run,
    Table,
    Tone,
    ended,
    joined,
    opened,
    own_lines,
)
from .flow_docx import flow_docx
from .flow_html import flow_html
from .flow_pdf import flow_pdf
from .typesetting import Attachment

FEEDBACK_FILE = "feedback.json"
WOULD_SHOW = "What would show it: "
CRITERIA_HEADS = ("Criterion", "Level", "What the rubric says at this level", "Evidence")
ABOUT_HEADS = ("What", "As decided")


def report_pdf(report: FeedbackReport, feedback_json: bytes) -> bytes:
    """The report as PDF/A-3a and PDF/UA-1 with the decision's feedback.json in it, ready to be sealed."""
    feedback = Attachment(FEEDBACK_FILE, "application/json", "The feedback as data", feedback_json)
    return flow_pdf(report_flow(report), (feedback,))


def report_docx(report: FeedbackReport) -> bytes:
    """The report as a Word document."""
    return flow_docx(report_flow(report))


def report_html(report: FeedbackReport) -> bytes:
    """The report as one HTML file, in UTF-8."""
    return flow_html(report_flow(report))


def report_flow(report: FeedbackReport) -> Flow:
    """What the report says, in reading order."""
    return Flow(
        title=report.title,
        date=report.date,
        keywords=("feedback report", report.key),
        running=report.running,
        foot=report.foot,
        programme=report.programme,
        look=report.look,
        own_language=report.language,
        blocks=tuple(_blocks(report)),
    )


def _blocks(report: FeedbackReport) -> Iterator[Block]:
    yield from _opening(report)
    yield Heading(2, "Overall feedback")
    yield from map(Paragraph, own_lines(report.overall))
    yield from _points("What is already strong", report.strengths, cards=True)
    yield from _points("To earn it", report.to_earn)
    yield from _points("If you like", report.if_you_like)
    if report.criteria:
        yield Heading(2, "Criterion by criterion")
        yield _criteria_table(report.criteria)
    yield Heading(2, report.onward.title)
    yield from (_plain(words) for words in report.onward.paragraphs)
    if report.below:
        yield NewPage()
    for criterion in report.below:
        yield from _section(criterion)
    yield from _closing(report)


def _opening(report: FeedbackReport) -> Iterator[Block]:
    yield Paragraph((Run(report.micro_credential, Tone.QUIET),))
    yield Heading(1, report.headline)
    if report.greeting:
        yield Paragraph((Run(report.greeting, own=True, strong=True),))
    yield from (_plain(words) for words in report.lead)
    if report.sample_notice:
        yield Notice((Run(report.sample_notice, Tone.BELOW),))
    if report.reasons:
        yield Heading(2, "What is missing")
        yield Listing(tuple(((Run(words),),) for words in report.reasons))


def _plain(words: str) -> Paragraph:
    return Paragraph((Run(words),))


def _points(title: str, points: tuple[Point, ...], *, cards: bool = False) -> Iterator[Block]:
    if points:
        yield Heading(2, title)
        yield Listing(tuple(map(_point, points)), numbered=not cards, cards=cards)


def _point(point: Point) -> Cell:
    lines = opened(point.text)
    if point.would_show.strip():
        first, *others = own_lines(point.would_show)
        lines += ((Run(WOULD_SHOW, Tone.QUIET), *_toned(first)), *map(_toned, others))
    where = (Run(f"{point.title} · ", Tone.QUIET), Run(joined(point.evidence), Tone.EVIDENCE))
    return (*lines, where if point.evidence else (Run(point.title, Tone.QUIET),))


def _toned(line: Line) -> Line:
    return tuple(Run(run.words, Tone.QUIET, own=True) for run in line)


def _criteria_table(criteria: tuple[CriterionFeedback, ...]) -> Table:
    rows = tuple(
        (
            ((Run(f"{one.number} {one.title}"),),),
            ((_level(one),),),
            ((Run(one.descriptor),),),
            tuple((Run(place, Tone.EVIDENCE),) for place in one.cited) or ((Run("none cited", Tone.QUIET),),),
        )
        for one in criteria
    )
    return Table("Criterion by criterion", CRITERIA_HEADS, rows, (1.45, 1.2, 2.7, 1.3))


def _level(one: CriterionFeedback) -> Run:
    return Run(one.level, Tone.PASSING if one.passed else Tone.BELOW, strong=True)


def _section(one: CriterionFeedback) -> Iterator[Block]:
    yield Heading(2, f"Criterion {one.number}. {one.title}")
    yield Paragraph((_level(one), Run(f"  below the passing level, {one.passing_level}", Tone.QUIET)))
    yield _plain(one.descriptor)
    yield from _part("Strength", one.strength, one.evidence)
    yield from _part("Next step", one.next_step)
    yield from _part("What would show it", one.would_show)
    if one.next_descriptor:
        yield Heading(3, f"At the next level, {one.next_level}")
        yield Quote(((Run(one.next_descriptor),),))


def _part(title: str, words: str, evidence: tuple[str, ...] = ()) -> Iterator[Block]:
    lines = own_lines(words)
    if not lines:
        return
    yield Heading(3, title)
    if evidence:
        lines = ended(lines, Run("  "), Run(joined(evidence), Tone.EVIDENCE))
    yield from map(Paragraph, lines)


def _closing(report: FeedbackReport) -> Iterator[Block]:
    yield Heading(2, "About this report")
    yield Table("About this report", ABOUT_HEADS, tuple(map(_detail, report.about)), (1.2, 4.9))
    yield from (_plain(words) for words in report.closing)


def _detail(detail: Detail) -> tuple[Cell, ...]:
    return ((Run(detail.label, Tone.QUIET),),), ((Run(detail.value),),)
