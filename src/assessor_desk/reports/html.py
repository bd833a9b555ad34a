"""The record as one HTML file: the words of PDF and DOCX in their order, and nothing fetched or run.

For reading in a browser and for screen readers (WCAG 2.2, AA): landmarks, headings without gaps, tables with heading
cells, a direction for each text of a person, light and dark, and a style for paper. It carries no signature and
says so; what is signed is the packet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lxml.html import builder as E  # noqa: N812 - as lxml's own documentation calls it

from .content import CriterionPart, Detail, KeptCheck, Point, RecordContent
from .letters import legible
from .web import head, letterhead, listing, page, quiet, table

COPY_NOTICE = (
    "This page is a copy for reading and carries no signature of its own. "
    "What is signed is the packet, with the record in it as PDF and Word document."
)


def record_html(content: RecordContent) -> bytes:
    """The record as HTML in UTF-8. The same content gives the same bytes."""
    content = legible(content)
    return page(head(content.title, content.programme, content.date, content.look), _body(content))


def _body(content: RecordContent) -> Any:
    main = [
        *_opening(content),
        *_feedback(content),
        *_criteria_table(content.criteria),
        *(_criterion(criterion) for criterion in content.criteria),
        *_closing(content),
    ]
    return E.BODY(
        E.HEADER(letterhead(content.look, content.programme, content.running)),
        E.MAIN(*main),
        E.FOOTER(E.P(content.foot), E.P(COPY_NOTICE)),
    )


def _opening(content: RecordContent) -> list[Any]:
    found = [
        E.P(content.micro_credential, E.CLASS("quiet"), dir="auto"),
        E.H1(content.headline),
        *(E.P(paragraph) for paragraph in content.lead),
    ]
    if content.sample:
        found.append(E.P(content.sample_notice, E.CLASS("card below")))
    return found + _section("What is missing", listing(E.UL, (_lines(one) for one in content.reasons)))


def _feedback(content: RecordContent) -> list[Any]:
    return [
        *_section("Overall feedback", _own_words(content.overall) or [E.P()]),
        *_section("What is strong", listing(E.UL, map(_point, content.strengths))),
        *_section("Next steps", listing(E.OL, map(_point, content.next_steps))),
        *_section("Extensions", listing(E.UL, map(_point, content.extensions))),
    ]


def _point(point: Point) -> list[Any]:
    first, *others = _own_words(point.text) or [E.P()]
    first.insert(0, _bold(f"{point.title}.", first))
    found = [first, *others]
    if point.would_show:
        shown, *rest = _own_words(point.would_show)
        shown.insert(0, _quiet_before("What would show it:", shown))
        found += [shown, *rest]
    if point.evidence:
        found.append(E.P(" · ".join(point.evidence), E.CLASS("evidence"), dir="auto"))
    return found


def _criteria_table(criteria: Sequence[CriterionPart]) -> list[Any]:
    heads = ("Criterion", "Level", "What the rubric says at this level", "Evidence")
    rows = [
        E.TR(
            E.TH(f"{one.number} {one.title}", scope="row", dir="auto"),
            E.TD(_level(one)),
            E.TD(*_own_words(one.descriptor)),
            E.TD(*_cited(one)),
        )
        for one in criteria
    ]
    title = "Criterion by criterion"
    return _section(title, [table(title, heads, rows)] if rows else [])


def _cited(criterion: CriterionPart) -> list[Any]:
    if not criterion.cited:
        return [E.P(criterion.no_evidence, E.CLASS("quiet"))]
    return [E.P(one, E.CLASS("evidence"), dir="auto") for one in criterion.cited]


def _criterion(criterion: CriterionPart) -> Any:
    return E.SECTION(
        E.H2(f"{criterion.number}. {criterion.title}", dir="auto"),
        E.P(_level(criterion), " ", quiet(criterion.standing_words)),
        *_own_words(criterion.descriptor),
        *_part("Rationale", _own_words(criterion.rationale)),
        *_part("Evidence", _seen(criterion)),
        *_part("Strength", _own_words(criterion.strength)),
        *_part("Next step", _own_words(criterion.next_step)),
        *_part("Evidence that would show it", _own_words(criterion.would_show)),
        *_part("Extension", _own_words(criterion.extension)),
        *_part("At the next level", _own_words(criterion.next_level)),
    )


def _level(criterion: CriterionPart) -> Any:
    return E.B(criterion.level, E.CLASS(criterion.standing), dir="auto")


def _seen(criterion: CriterionPart) -> list[Any]:
    """Each place with the line on what is seen there, or that there is none."""
    if not criterion.evidence:
        words = criterion.no_evidence.capitalize()
        return [E.P(words, E.CLASS("quiet"))] if words else []
    places = zip(criterion.evidence, criterion.seen, strict=True)
    return listing(
        E.UL, ([_place(where), *([" ", E.SPAN(note, dir="auto")] if note else [])] for where, note in places)
    )


def _place(words: str) -> Any:
    return E.SPAN(words, E.CLASS("evidence"), dir="auto")


def _part(title: str, found: Sequence[Any]) -> list[Any]:
    return [E.H3(title), *found] if found else []


def _closing(content: RecordContent) -> list[Any]:
    looked, about = "What was looked at", "About this record"
    artifacts = [
        E.TR(E.TD(one.part), E.TH(one.label, scope="row", dir="auto"), E.TD(E.CODE(one.address)))
        for one in content.artifacts
    ]
    details = [_detail(one) for one in content.details]
    return [
        *_section("Checks kept, with the reason", [_kept(one) for one in content.checks]),
        *_section("Attested by the signer", listing(E.UL, (_lines(one) for one in content.attestations))),
        *_section(looked, [table(looked, ("Part", "Artifact", "SHA-256, or the link"), artifacts)]),
        *_section(about, [table(about, ("What", "As stated by the signer"), details)]),
        *_section("How to check it", [E.P(paragraph) for paragraph in content.how_to_check]),
    ]


def _kept(check: KeptCheck) -> Any:
    return E.P(
        E.B(f"{check.title}."), " ", E.SPAN(check.sentence, dir="auto"), " ", quiet("Kept because:"), " ",
        E.SPAN(check.reason, dir="auto"),
    )  # fmt: skip


def _detail(detail: Detail) -> Any:
    digest = [" ", E.CODE(detail.digest)] if detail.digest else []
    return E.TR(E.TH(detail.label, scope="row"), E.TD(E.SPAN(detail.value, dir="auto"), *digest))


def _section(title: str, found: Sequence[Any]) -> list[Any]:
    """A part with its heading; nothing where there is nothing to say."""
    return [E.SECTION(E.H2(title), *found)] if found else []


def _lines(words: str) -> list[Any]:
    return [E.SPAN(words, dir="auto")]


def _own_words(words: str) -> list[Any]:
    """A person's words, a paragraph a line, each in its own direction."""
    return [E.P(line, dir="auto") for line in words.splitlines() if line.strip()]


def _bold(words: str, before: Any) -> Any:
    """Words of ours set before a person's in one paragraph, whose direction stays the person's."""
    return _moved_before(E.B(words, dir="ltr"), before)


def _quiet_before(words: str, before: Any) -> Any:
    span = quiet(words)
    span.set("dir", "ltr")
    return _moved_before(span, before)


def _moved_before(element: Any, paragraph: Any) -> Any:
    element.tail, paragraph.text = f" {paragraph.text or ''}", None
    return element
