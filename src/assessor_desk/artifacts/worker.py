"""The documents worker: reads hostile documents in a process of its own and gives back what to show.

Started by `documents.DocumentsClient`; keys come through the pipe and live in this process alone. One
question at a time, each a JSON header with an `op`, and where that names a `path` the file itself, open, as its
`descriptor` (where the system can hand it over):

    ready                              load the PDF library ahead
    open      path name kind           payload: the key, empty for a plain file → facts and an `id`, or words
    close     id                       has no answer
    preflight path name                payload: the key, empty for a plain file → what was found
    annotate  path name markings at    payload: the key, empty for a plain file → a copy with a coach's notes in it
    sizes, outline, labels, render, text, read, notes, links, search   of an open PDF
    picture                            of an open picture
    thumbnail path name longest        payload: the key, empty for a plain file → a small picture, nothing left open
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from assessor_desk.artifacts.child import Answer, Room, serve
from assessor_desk.artifacts.kinds import SVG, Kind, sniff
from assessor_desk.artifacts.pipe import Message
from assessor_desk.artifacts.sealed_stream import open_sealed, unseal
from assessor_desk.domain.errors import Damaged, DeskError, Refused

if TYPE_CHECKING:
    from assessor_desk.artifacts.reading.drawing import DrawingReading
    from assessor_desk.artifacts.reading.pdf import PdfReading
    from assessor_desk.artifacts.reading.picture import PictureReading

_WRITING = {
    *(Kind.WORD, Kind.OPEN_TEXT, Kind.RTF, Kind.SLIDES, Kind.SHEET, Kind.OLDER_OFFICE),
    *(Kind.MARKDOWN, Kind.CSV, Kind.HTML, Kind.TEXT, Kind.CAPTIONS),
}


class Worker:
    """Open documents by number, and what can be asked of them."""

    def __init__(self) -> None:
        self._open: dict[int, Any] = {}
        self._opened_so_far = 0
        self._room: Room = lambda length: memoryview(bytearray(length))
        self._operations: dict[str, Callable[[dict[str, Any], bytes], Answer]] = {
            "ready": self._ready,
            "open": self._opened,
            "preflight": self._preflighted,
            "annotate": self._annotated,
            "sizes": self._sizes,
            "outline": self._outline,
            "render": self._rendered,
            "text": self._text,
            "search": self._searched,
            "read": self._read,
            "notes": self._notes,
            "links": self._links,
            "labels": self._labels,
            "picture": self._picture,
            "thumbnail": self._thumbnail,
        }

    def answer(self, question: Message, room: Room) -> Answer | None:
        """The answer, or what was wrong, in the header's `error` and `sentence`."""
        self._room = room
        if question.header["op"] == "close":
            self._close(question.header["id"])
            return None
        try:
            return self._operations[question.header["op"]](question.header, bytes(question.payload))
        except DeskError as error:
            return {"error": type(error).__name__, "sentence": str(error)}, b""
        except MemoryError:
            name = question.header.get("name", "This file")
            sentence = f"“{name}” needs more memory than a document may have. Ask for a smaller copy."
            return {"error": Refused.__name__, "sentence": sentence}, b""

    def _ready(self, _: dict[str, Any], __: bytes) -> Answer:
        import assessor_desk.artifacts.reading.pdf

        return {"pdf": assessor_desk.artifacts.reading.pdf.__name__}, b""

    def _opened(self, question: dict[str, Any], key: bytes) -> Answer:
        source = _source(question, key)
        kind = Kind(question["kind"]) if question.get("kind") else sniff(_binary(source)).kind
        source.check()
        if kind in _WRITING:
            from assessor_desk.artifacts.reading.writing import read_writing

            facts, words = read_writing(source, kind)
            source.close()
            return {"kind": kind, **facts}, words
        if kind not in (Kind.PDF, Kind.IMAGE):
            sniffed = sniff(_binary(source))
            size = source.size()
            source.close()
            return {"kind": kind, "media_type": sniffed.media_type, "words": sniffed.words, "size": size}, b""
        document = _document(source, kind)
        # A number is never used again: a question that comes late must not reach another document.
        self._opened_so_far += 1
        self._open[self._opened_so_far] = document
        return {"kind": kind, "id": self._opened_so_far, **document.facts()}, b""

    def _close(self, number: int) -> None:
        document = self._open.pop(number, None)
        if document is not None:
            document.close()

    def _preflighted(self, question: dict[str, Any], key: bytes) -> Answer:
        from assessor_desk.artifacts.preflight import preflight

        source = _source(question, key)
        found = preflight(_binary(source), source.name, question.get("names", ()))
        source.check()
        source.close()
        return found.to_json(), b""

    def _annotated(self, question: dict[str, Any], key: bytes) -> Answer:
        from assessor_desk.artifacts.annotating.copying import annotated_copy

        source = _source(question, key)
        copy = annotated_copy(source, question["markings"], datetime.fromisoformat(question["at"]))
        source.close()
        return {"displaced": copy.displaced}, copy.content

    def _sizes(self, question: dict[str, Any], _: bytes) -> Answer:
        return {"sizes": self._pdf(question).sizes()}, b""

    def _outline(self, question: dict[str, Any], _: bytes) -> Answer:
        return {"entries": self._pdf(question).outline()}, b""

    def _rendered(self, question: dict[str, Any], _: bytes) -> Answer:
        clip = tuple(question["clip"]) if question.get("clip") else None
        pdf = self._pdf(question)
        return pdf.render(question["page"], question["scale"], question["rotation"], self._room, clip)

    def _text(self, question: dict[str, Any], _: bytes) -> Answer:
        text = self._pdf(question).text(question["page"])
        return {"text": text.text}, text.boxes.tobytes()

    def _searched(self, question: dict[str, Any], _: bytes) -> Answer:
        hits, after = self._pdf(question).search(question["query"], question["first"], question["count"])
        return {"hits": hits, "next": after}, b""

    def _read(self, question: dict[str, Any], _: bytes) -> Answer:
        return self._pdf(question).read(question["page"]), b""

    def _notes(self, question: dict[str, Any], _: bytes) -> Answer:
        notes, after = self._pdf(question).notes(question["first"], question["count"])
        return {"notes": notes, "next": after}, b""

    def _links(self, question: dict[str, Any], _: bytes) -> Answer:
        return {"links": self._pdf(question).links(question["page"])}, b""

    def _labels(self, question: dict[str, Any], _: bytes) -> Answer:
        return {"labels": self._pdf(question).labels()}, b""

    def _picture(self, question: dict[str, Any], _: bytes) -> Answer:
        picture = cast("PictureReading", self._asked_about(question))
        pencil = question.get("pencil", False)
        return picture.render(question["longest"], question["rotation"], question["frame"], pencil)

    def _thumbnail(self, question: dict[str, Any], key: bytes) -> Answer:
        source = _source(question, key)
        if sniff(_binary(source)).kind is not Kind.IMAGE:
            source.close()
            raise Refused(f"“{question['name']}” is no picture.")
        picture = _picture(source)
        try:
            return picture.render(question["longest"], 0, 0)
        finally:
            picture.close()

    def _pdf(self, question: dict[str, Any]) -> PdfReading:
        return cast("PdfReading", self._asked_about(question))

    def _asked_about(self, question: dict[str, Any]) -> Any:
        """One thread may close a document while another is about to ask for more of it."""
        if question["id"] not in self._open:
            raise Refused("The document was closed meanwhile.")
        return self._open[question["id"]]


def _source(question: dict[str, Any], key: bytes) -> Any:
    from assessor_desk.artifacts.reading.source import Source

    path, name = Path(question["path"]), question["name"]
    if "descriptor" in question:
        file = io.FileIO(question["descriptor"])
        return Source(unseal(file, key, name) if key else file, name)
    if key:
        return Source(open_sealed(path, key, name), name)
    try:
        return Source(path.open("rb", buffering=0), name)
    except OSError as error:
        raise Damaged(f"“{name}” cannot be read: {question.get('absent', error.strerror)}.") from error


def _binary(source: io.RawIOBase) -> Any:
    """A raw stream that never reads short does for every reader of binary files."""
    return source


def _document(source: Any, kind: Kind) -> PdfReading | PictureReading | DrawingReading:
    if kind is Kind.PDF:
        from assessor_desk.artifacts.reading.pdf import PdfReading

        return PdfReading(source)
    return _picture(source)


def _picture(source: Any) -> PictureReading | DrawingReading:
    if sniff(_binary(source)).media_type == SVG:
        from assessor_desk.artifacts.reading.drawing import DrawingReading

        return DrawingReading(source)
    from assessor_desk.artifacts.reading.picture import PictureReading

    return PictureReading(source)


def main() -> None:
    """Serve until the pipe ends."""
    serve(Worker().answer)


if __name__ == "__main__":
    main()
