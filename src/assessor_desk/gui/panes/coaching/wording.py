"""What the pane says about notes as a whole: how many, how far the programme lets help go, what is still needed."""

from __future__ import annotations

from assessor_desk.desk.answers import Case
from assessor_desk.domain.coaching import CoachingNotes, note_keys


def limits_in_words(case: Case, notes: CoachingNotes) -> str:
    """How far help may go, plainly; empty where the programme sets no limit."""
    limits, told = case.policy.coaching, []
    if limits.notes_at_most:
        told.append(f"up to {_counted(limits.notes_at_most, 'note')}; {notes.written} so far")
    titles = [f"“{one.title}”" for one in case.rubric.criteria if one.id in limits.criteria]
    if titles:
        told.append(f"on {' and '.join(titles)} alone")
    said = ", ".join(told)
    return said[:1].upper() + said[1:]


def progress_in_words(case: Case, notes: CoachingNotes) -> str:
    """How much is written, and what is needed before it goes back."""
    spoken = sum(1 for one in case.rubric.criteria if notes.speaks_of(one.id))
    count = f"{_counted(notes.written, 'note')}, {spoken} of {len(case.rubric.criteria)} criteria"
    if not notes.written and not notes.overall.strip():
        return f"{count}\n{unmarked_in_words(case, notes) or 'Nothing to hand back yet'}"
    if notes.handed_back is not None and not case.changed_since:
        return f"{count}\nHanded back"
    needed = len(case.blocking)
    if needed:
        return f"{count}\nNeeded before handing back: {_counted(needed, 'thing')}"
    return f"{count}\n{unmarked_in_words(case, notes) or 'Nothing needed before handing back'}"


def unmarked_in_words(case: Case, notes: CoachingNotes) -> str:
    """How many notes on the draft before are still to be marked; empty where none is."""
    if case.previous is None:
        return ""
    keys = list(note_keys(case.previous[0]))
    open_ones = sum(1 for key in keys if key not in notes.uptake)
    return f"{open_ones} of {_counted(len(keys), 'earlier note')} not marked" if open_ones else ""


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
