"""The record as DOCX: real headings, table headers, language and direction, the same words as the PDF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .content import CriterionPart, Point, RecordContent
from .letters import legible
from .word import (
    QUIET,
    SIZES,
    STANDING,
    About,
    add_bullets,
    add_letterhead,
    add_own_words,
    add_rows,
    add_run,
    add_table,
    add_words,
    keep_together,
    new_document,
    saved,
)

if TYPE_CHECKING:
    from docx.document import Document


def record_docx(content: RecordContent) -> bytes:
    """The record as a Word document."""
    content = legible(content)
    look = content.look
    about = About(
        content.title, content.programme, content.date, content.running, content.foot, look.paper, SIZES, True
    )
    document = new_document(about)
    add_letterhead(document, content.programme, content.running, look)
    _opening(document, content)
    accent = look.accent.removeprefix("#")
    _feedback(document, content, accent)
    if content.criteria:
        _criteria_table(document, content.criteria, accent)
    for criterion in content.criteria:
        _criterion(document, criterion, accent)
    _closing(document, content)
    return saved(document)


def _opening(document: Document, content: RecordContent) -> None:
    add_run(document.add_paragraph(), content.micro_credential, colour=QUIET)
    document.add_heading(content.headline, 1)
    for paragraph in content.lead:
        document.add_paragraph(paragraph)
    if content.sample:
        add_run(document.add_paragraph(), content.sample_notice, colour=STANDING["below"], bold=True)
    if content.reasons:
        document.add_heading("What is missing", 2)
        add_bullets(document, content.reasons)


def _feedback(document: Document, content: RecordContent, accent: str) -> None:
    document.add_heading("Overall feedback", 2)
    add_own_words(document, content.overall)
    _points(document, "What is strong", content.strengths, "List Bullet", accent)
    _points(document, "Next steps", content.next_steps, "List Number", accent)
    _points(document, "Extensions", content.extensions, "List Bullet", accent)


def _points(document: Document, title: str, points: Sequence[Point], style: str, accent: str) -> None:
    if not points:
        return
    document.add_heading(title, 2)
    for point in points:
        paragraph = document.add_paragraph(style=style)
        add_run(paragraph, f"{point.title}. ", bold=True)
        add_words(paragraph, point.text)
        if point.would_show:
            add_run(paragraph, " What would show it: ", colour=QUIET)
            add_words(paragraph, point.would_show, colour=QUIET)
        if point.evidence:
            add_run(paragraph, f" {' · '.join(point.evidence)}", colour=accent)


def _criteria_table(document: Document, criteria: Sequence[CriterionPart], accent: str) -> None:
    document.add_heading("Criterion by criterion", 2)
    heads = ("Criterion", "Level", "What the rubric says at this level", "Evidence")
    table = add_table(document, heads, (1.7, 1.25, 2.6, 1.35))
    for criterion in criteria:
        row = table.add_row()
        keep_together(row)
        cells = row.cells
        add_run(cells[0].paragraphs[0], f"{criterion.number} {criterion.title}")
        add_run(cells[1].paragraphs[0], criterion.level, bold=True, colour=STANDING[criterion.standing])
        add_words(cells[2].paragraphs[0], criterion.descriptor)
        add_run(cells[3].paragraphs[0], "\n".join(criterion.cited) or criterion.no_evidence, colour=accent)


def _criterion(document: Document, criterion: CriterionPart, accent: str) -> None:
    document.add_heading(f"{criterion.number}. {criterion.title}", 2)
    standing = document.add_paragraph()
    add_run(standing, criterion.level, bold=True, colour=STANDING[criterion.standing])
    add_run(standing, f"  {criterion.standing_words}", colour=QUIET)
    add_own_words(document, criterion.descriptor)
    _part(document, "Rationale", criterion.rationale)
    _seen(document, criterion, accent)
    _part(document, "Strength", criterion.strength)
    _part(document, "Next step", criterion.next_step)
    _part(document, "Evidence that would show it", criterion.would_show)
    _part(document, "Extension", criterion.extension)
    _part(document, "At the next level", criterion.next_level)


def _seen(document: Document, criterion: CriterionPart, accent: str) -> None:
    if not (criterion.evidence or criterion.no_evidence):
        return
    document.add_heading("Evidence", 3)
    if not criterion.evidence:
        add_run(document.add_paragraph(), criterion.no_evidence.capitalize(), colour=QUIET)
    for place, note in zip(criterion.evidence, criterion.seen, strict=True):
        paragraph = document.add_paragraph(style="List Bullet")
        add_run(paragraph, place, colour=accent)
        if note:
            add_words(paragraph, f"  {note}")


def _part(document: Document, title: str, words: str) -> None:
    if words.strip():
        document.add_heading(title, 3)
        add_own_words(document, words)


def _closing(document: Document, content: RecordContent) -> None:
    if content.checks:
        document.add_heading("Checks kept, with the reason", 2)
        for check in content.checks:
            paragraph = document.add_paragraph()
            add_run(paragraph, f"{check.title}. ", bold=True)
            add_words(paragraph, check.sentence)
            add_run(paragraph, " Kept because: ", colour=QUIET)
            add_words(paragraph, check.reason)
    if content.attestations:
        document.add_heading("Attested by the signer", 2)
        add_bullets(document, content.attestations)
    document.add_heading("What was looked at", 2)
    rows = [(line.part, line.label, line.address) for line in content.artifacts]
    add_rows(add_table(document, ("Part", "Artifact", "SHA-256, or the link"), (0.9, 2.3, 3.7)), rows)
    document.add_heading("About this record", 2)
    add_rows(
        add_table(document, ("What", "As stated by the signer"), (1.6, 5.3)),
        [(d.label, " ".join(filter(None, (d.value, d.digest)))) for d in content.details],
    )
    document.add_heading("How to check it", 2)
    for paragraph_text in content.how_to_check:
        document.add_paragraph(paragraph_text)
