"""A coach's notes for the educator as PDF, DOCX and HTML, all from one flow of blocks.

They are help on a draft and say so first. Nothing here can hold a level: `HandedNotes` has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from assessor_desk.domain.coaching import UPTAKE_TITLES
from assessor_desk.domain.handed_notes import CriterionNotes, EarlierNote, HandedNotes, PlacedNote
from assessor_desk.domain.programme_look import ProgrammeLook
from assessor_desk.domain.review import TITLES, TextField
from assessor_desk.domain.submission import Submission
from assessor_desk.protocol.notes import NOTES_MEDIA_TYPE, annotations_bytes, notes_bytes

from .flow import (
    Block,
    Cell,
    Flow,
    Heading,
    Listing,
    Notice,
    Paragraph,
    Run,
    Table,
    Tone,
    own_lines,
)
from .flow_docx import flow_docx
from .flow_html import flow_html
from .flow_pdf import flow_pdf
from .saying import day, sentence
from .typesetting import Attachment

NOTES_FILE = "notes.json"
HELP_NOTICE = (
    "This is help on a draft, not an assessment. Nothing in it is scored and nothing in it counts for or against you: "
    "whoever assesses what you hand in never sees it, and neither does your district."
)
LEAD = (
    "Your coach looked at the draft with the rubric beside it. The notes are about the draft, not about you; what to "
    "make of them is up to you."
)
EARLIER_HEADS = ("Earlier note", "What it said", "In this draft")
ABOUT_HEADS = ("What", "As handed back")
NOT_SAID = "Not said"
WITHOUT_WORDS = "Marked without words."


def notes_pdf(notes: HandedNotes, look: ProgrammeLook) -> bytes:
    """The notes as PDF/A-3a and PDF/UA-1, with their document of data in it."""
    data = Attachment(NOTES_FILE, NOTES_MEDIA_TYPE, "The notes as data", notes_bytes(notes))
    return flow_pdf(notes_flow(notes, look), (data,))


def notes_docx(notes: HandedNotes, look: ProgrammeLook) -> bytes:
    """The notes as a Word document."""
    return flow_docx(notes_flow(notes, look))


def notes_html(notes: HandedNotes, look: ProgrammeLook) -> bytes:
    """The notes as one HTML file, in UTF-8."""
    return flow_html(notes_flow(notes, look))


def notes_files(notes: HandedNotes, submission: Submission, look: ProgrammeLook) -> dict[str, bytes]:
    """Every form in which notes leave as a file of their own, by the ending of its name."""
    return {
        "pdf": notes_pdf(notes, look),
        "docx": notes_docx(notes, look),
        "html": notes_html(notes, look),
        "json": notes_bytes(notes),
        "jsonld": annotations_bytes(notes, submission),
    }


def notes_flow(notes: HandedNotes, look: ProgrammeLook) -> Flow:
    """What the documents say, in reading order."""
    key = f"submission {notes.submission_key}"
    return Flow(
        title=f"Notes on a draft, {key}",
        date=notes.at.isoformat(),
        keywords=("notes on a draft", notes.submission_key),
        running=f"Notes on a draft · {key} · {day(notes.at)}",
        foot=f"Help on a draft, not an assessment · {notes.programme} · rubric {notes.rubric.version}",
        programme=notes.programme,
        look=look,
        own_language=notes.language,
        blocks=tuple(_blocks(notes)),
    )


def _blocks(notes: HandedNotes) -> Iterator[Block]:
    yield Paragraph((Run(notes.rubric.title, Tone.QUIET),))
    yield Heading(1, "Notes on your draft")
    yield Notice((Run(HELP_NOTICE, strong=True),))
    yield Paragraph((Run(LEAD),))
    if notes.overall.strip():
        yield Heading(2, "All in all")
        yield from map(Paragraph, own_lines(notes.overall))
    if notes.earlier:
        yield Heading(2, "What became of the earlier notes")
        yield _earlier_table(notes.earlier)
    for criterion in notes.criteria:
        yield from _criterion(notes, criterion)
    yield from _place_by_place(notes)
    yield Heading(2, "About these notes")
    yield _about(notes)


def _earlier_table(earlier: tuple[EarlierNote, ...]) -> Table:
    rows = tuple(
        (
            ((Run(one.about),),),
            own_lines(one.words),
            ((Run(UPTAKE_TITLES[one.uptake], strong=True) if one.uptake else Run(NOT_SAID, Tone.QUIET),),),
        )
        for one in earlier
    )
    return Table("What became of the earlier notes", EARLIER_HEADS, rows, (2.0, 3.4, 1.0))


def _criterion(notes: HandedNotes, criterion: CriterionNotes) -> Iterator[Block]:
    yield Heading(2, criterion.title)
    texts = (
        (TextField.PRESENT, criterion.present),
        (TextField.TRY_NEXT, criterion.try_next),
        (TextField.QUESTION, criterion.question),
    )
    for which, words in texts:
        if words.strip():
            yield Heading(3, TITLES[which])
            yield from map(Paragraph, own_lines(words))
    if criterion.anchors:
        yield Heading(3, "Where to look")
        numbered = enumerate(notes.placed, 1)
        cited = [_where(number, one) for number, one in numbered if one.anchor.id in criterion.anchors]
        yield Listing(tuple(cited))


def _where(number: int, placed: PlacedNote) -> Cell:
    return ((Run(f"Note {number} · ", Tone.QUIET), Run(placed.place, Tone.EVIDENCE, own=True)),)


def _place_by_place(notes: HandedNotes) -> Iterator[Block]:
    """Each note at a place, artifact by artifact, by the number under which the criteria name it."""
    if not notes.placed:
        return
    yield Heading(2, "Place by place")
    numbered = enumerate(notes.placed, 1)
    for _, group in groupby(numbered, key=lambda one: one[1].anchor.artifact_id):
        entries = list(group)
        yield Heading(3, entries[0][1].artifact)
        yield Listing(tuple(_placed_note(notes, number, one) for number, one in entries))


def _placed_note(notes: HandedNotes, number: int, placed: PlacedNote) -> Cell:
    words = own_lines(placed.anchor.note) or ((Run(WITHOUT_WORDS, Tone.QUIET),),)
    titles = " · ".join(one.title for one in notes.criteria_citing(placed.anchor.id))
    on = ((Run(f"On: {titles}", Tone.QUIET),),) if titles else ()
    return (*_where(number, placed), *words, *on)


def _about(notes: HandedNotes) -> Table:
    facts = (
        ("Micro-credential", notes.rubric.title),
        ("Rubric", f"Version {notes.rubric.version}"),
        ("Draft", notes.submission_key),
        ("Handed back", f"{day(notes.at)}, by coach {notes.person} for {notes.programme}"),
        ("Kept", _kept(notes.kept_days)),
        ("Questions", sentence(notes.questions)),
    )
    rows = tuple((((Run(label, Tone.QUIET),),), ((Run(value),),)) for label, value in facts if value)
    return Table("About these notes", ABOUT_HEADS, rows, (1.2, 4.9))


def _kept(days: int) -> str:
    return f"For {days} days, then the programme removes them" if days else "Not beyond handing them back"
