"""A coach's notes as a page to read: what the educator will read, in the order of the documents they get."""

from __future__ import annotations

from html import escape

from assessor_desk.domain.coaching import UPTAKE_TITLES
from assessor_desk.domain.handed_notes import CriterionNotes, HandedNotes, PlacedNote
from assessor_desk.domain.review import TITLES, TextField


def notes_as_html(notes: HandedNotes) -> str:
    """Everything that goes to the educator; the private notes and levels are not among it."""
    parts = [
        f"<h2>Notes on the draft {escape(notes.submission_key)}</h2>",
        f"<p>{escape(notes.rubric.title)}</p>",
    ]
    if notes.overall.strip():
        parts.append("<h3>Overall</h3>" + _paragraphs(notes.overall))
    parts += [_criterion(notes, one) for one in notes.criteria]
    cited = {anchor for one in notes.criteria for anchor in one.anchors}
    elsewhere = [one for one in notes.placed if one.anchor.id not in cited]
    if elsewhere:
        parts.append("<h3>Elsewhere in the draft</h3>" + _places(elsewhere))
    if marked := [one for one in notes.earlier if one.uptake]:
        lines = (
            f"<li>{escape(one.about)}: {escape(one.words)} <b>({UPTAKE_TITLES[one.uptake].lower()})</b></li>"
            for one in marked
            if one.uptake
        )
        parts.append(f"<h3>What became of earlier notes</h3><ul>{''.join(lines)}</ul>")
    return "".join(parts)


def _criterion(notes: HandedNotes, said: CriterionNotes) -> str:
    parts = [f"<h3>{escape(said.title)}</h3>"]
    texts = (
        (TextField.PRESENT, said.present),
        (TextField.TRY_NEXT, said.try_next),
        (TextField.QUESTION, said.question),
    )
    parts += [f"<p><b>{TITLES[which]}:</b> {escape(text)}</p>" for which, text in texts if text.strip()]
    places = [one for one in notes.placed if one.anchor.id in said.anchors]
    return "".join([*parts, _places(places)])


def _places(places: list[PlacedNote]) -> str:
    lines = (
        f"<li>{escape(one.place)}{': ' if one.anchor.note else ''}{escape(one.anchor.note)}</li>"
        for one in places
    )
    return f"<ul>{''.join(lines)}</ul>" if places else ""


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(one)}</p>" for one in text.split("\n") if one.strip())
