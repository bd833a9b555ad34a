"""A coach's notes as files: deliberate, recorded, and word for word what went back to the educator.

They are made from the very document that was handed back. Where one of the educator's own files does not take notes
(it is locked, or not here), that is told and the others are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from assessor_desk.artifacts.annotating.markings import annotated_name, markings_of
from assessor_desk.artifacts.kinds import Kind
from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.desk.evidence import Evidence
from assessor_desk.desk.pen import Pen
from assessor_desk.domain.errors import Damaged, DeskError, Refused, Unavailable, sentence
from assessor_desk.domain.exports import NotesFormat
from assessor_desk.domain.handed_notes import HandedNotes
from assessor_desk.domain.submission import Submission
from assessor_desk.keys.private_files import write_privately
from assessor_desk.protocol.notes import read_notes
from assessor_desk.reports.notes import notes_files
from assessor_desk.rubric_files import look_of

#: What notes can be written into: their own annotations in a PDF, comments in a Word document.
_TAKES_NOTES = (Kind.PDF, Kind.WORD)
_ENDINGS = (".pdf", ".docx")
_NO_DOCUMENT = (
    "No note stands in a PDF or Word file of this draft, so there is no copy of one with the notes in it."
)
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


class NotesFiles(list[Path]):
    """The files written. `troubles` are sentences on those of the educator's that took no notes, or not all."""

    def __init__(self, paths: Iterable[Path] = (), troubles: Iterable[str] = ()) -> None:
        super().__init__(paths)
        self.troubles = tuple(troubles)


def export_notes(
    pen: Pen,
    evidence: Callable[[str], Evidence],
    submission_id: str,
    out: Path,
    formats: Sequence[str] = tuple(NotesFormat),
) -> NotesFiles:
    """Write the notes that went back into the folder `out`, in these formats, and record it.

    Raises Refused for an unknown format and for notes that did not go back yet, Unavailable where `out` cannot be
    written.
    """
    wanted = [_format(one) for one in formats]
    submission, handed = handed_document(pen, submission_id)
    files: list[tuple[NotesFormat, str, bytes]] = []
    troubles: list[str] = []
    made = notes_files(handed, submission, look_of(handed.programme))
    key = re.sub(r"[^\w.-]+", "-", submission.key)
    files += [(one, f"notes-{key}.{one}", made[one]) for one in wanted if one in made]
    if NotesFormat.ANNOTATED in wanted:
        copies = _copies(evidence, submission, handed, troubles)
        annotated = [(NotesFormat.ANNOTATED, name, content) for name, content in copies]
        if not (annotated or troubles):
            troubles.append(_NO_DOCUMENT)
        files += annotated
    return NotesFiles(_written(pen, submission_id, out, files), troubles)


def handed_document(pen: Pen, submission_id: str) -> tuple[Submission, HandedNotes]:
    """The notes as they last went back, and the draft. Raises Refused where they did not, or had their time."""
    with pen.store.reading() as view:
        standing = pen.look(view, submission_id)
    key, line = standing.submission.key, standing.delivery
    if standing.notes is None:
        raise Refused(f"{key} is not assigned to you to coach, so there are no notes of yours on it")
    if line is None:
        raise Refused(f"The notes on {key} have not gone back yet. Hand them back, then write the files")
    if not line.key:
        raise Refused(
            f"The notes on {key} were kept for as long as the policy says; they are not here any more"
        )
    with open_sealed(line.path, line.key, f"notes on {key}") as reader:
        return standing.submission, read_notes(reader.readall())


def _format(name: str) -> NotesFormat:
    if name not in tuple(NotesFormat):
        raise Refused(f"“{name}” is no format for notes; the formats are {', '.join(NotesFormat)}")
    return NotesFormat(name)


def _copies(
    evidence: Callable[[str], Evidence], submission: Submission, handed: HandedNotes, troubles: list[str]
) -> Iterator[tuple[str, bytes]]:
    """The educator's documents with the notes in them; what could not be is added to `troubles`."""
    names: set[str] = set()
    for artifact in submission.shown:
        markings = markings_of(handed, artifact.id)
        if not (markings and artifact.captured):
            continue
        try:
            opened = evidence(artifact.id)
            if opened.kind() not in _TAKES_NOTES:
                continue
            copy = opened.readers.documents.annotate(
                opened.path, artifact.name, markings, handed.at, opened.key
            )
        except (Refused, Damaged, Unavailable) as error:
            if artifact.name.casefold().endswith(_ENDINGS):
                troubles.append(_not_annotated(artifact.name, error))
            continue
        if copy.displaced:
            troubles.append(_displaced(artifact.name, len(copy.displaced)))
        yield _free_name(annotated_name(artifact.name), names), copy.content


def _not_annotated(name: str, error: DeskError) -> str:
    return f"“{name}” was not copied with the notes in it: {sentence(error)}"


def _displaced(name: str, count: int) -> str:
    places = "The place of 1 note was" if count == 1 else f"The places of {count} notes were"
    return f"{places} not found in “{name}”; the copy says so where the note stands."


def _free_name(name: str, taken: set[str]) -> str:
    """A name that leads out of no folder, is allowed everywhere, and that no other copy has."""
    path = Path(_UNFIT.sub("-", name))
    found, number = path.name, 2
    while found.casefold() in taken:
        found, number = f"{path.stem} ({number}){path.suffix}", number + 1
    taken.add(found.casefold())
    return found


def _written(
    pen: Pen, submission_id: str, out: Path, files: Sequence[tuple[NotesFormat, str, bytes]]
) -> Iterator[Path]:
    for format_, name, content in files:
        path = out / name
        write_privately(path, content)
        with pen.store.transaction() as work:
            work.record_export(submission_id, f"notes-{format_}", str(path), pen.clock())
            work.commit()
        yield path
