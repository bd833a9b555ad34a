"""Open documents: the desk's side of the worker that reads them.

One `DocumentsClient` serves a desk, from any of its threads. The worker is started when first needed and
again after it died; handles opened before then open their document again by themselves.
"""

from __future__ import annotations

import re
import threading
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from assessor_desk.artifacts.annotating.markings import Annotated, Marking, to_pipe
from assessor_desk.artifacts.child import Child, ChildGone, command
from assessor_desk.artifacts.confinement import Confinement
from assessor_desk.artifacts.kinds import Kind
from assessor_desk.artifacts.pages import (
    NotesPart,
    OutlineEntry,
    PageField,
    PageLink,
    PageText,
    Raster,
    ReadPage,
    Rect,
    SearchPart,
    hit_from,
    note_from,
)
from assessor_desk.artifacts.pipe import Message, Payload
from assessor_desk.artifacts.preflight import Preflight
from assessor_desk.artifacts.reading.remarks import Remark
from assessor_desk.domain.errors import Damaged, DeskError, Refused, Unavailable
from assessor_desk.domain.plain_words import plain_words

WORKER_MODULE = "assessor_desk.artifacts.worker"
WORKER_FLAG = "--documents-worker"
"""What starts the worker in a frozen program: `__main__` calls `worker.main()` for it and nothing else."""

ANSWER_SECONDS = 45.0
"""A question that takes longer ends the worker."""

PAGES_A_SEARCH = 50

_ENDINGS = 2
"""So often may the worker end over one document; then that is asked nothing more, so that others get their turn."""

_GIVEN_UP = (
    "“{}” made the reader of documents stop more than once and is left alone. Hand it back as unreadable."
)

_CLOSED = "“{}” cannot be read any more: the desk is closed."

_ERRORS: dict[str, type[DeskError]] = {each.__name__: each for each in (Damaged, Refused, Unavailable)}


class AnotherWorker(Exception):
    """The worker that knew the document has ended; open it again."""


class DocumentsClient:
    """Opens documents in the worker. Close it: its process goes with it."""

    def __init__(self, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._seconds = answer_seconds
        self._turn = threading.Lock()
        self._child: Child | None = None
        self._closed = False
        self._generation = 0

    def start(self) -> None:
        """Start the worker ahead, so that the first document opens at once."""
        self.ask({"op": "ready"}, "The reader of documents")

    def open(self, path: Path, key: bytes, name: str, kind: Kind | None = None) -> Handle:
        """Open a sealed file of the vault, or with an empty key a plain one; `kind` is sniffed if None.

        Raises `Damaged` for a file cut short or changed, `Refused` for one that must not or cannot be
        opened (password, bomb), `Unavailable` when the worker died of it. Each names the file.
        """
        return _handle(self, _Place(path, key, name, kind))

    def preflight(self, path: Path, name: str, key: bytes = b"", names: Sequence[str] = ()) -> Preflight:
        """`preflight.preflight` in the worker."""
        question = {"op": "preflight", "path": str(path), "name": name, "names": list(names)}
        return Preflight.of(self.ask(question, name, key).header)

    def confinement(self) -> Confinement:
        """What the system keeps the worker from."""
        return Confinement(**self._header({"op": "confinement"}))

    def thumbnail(self, path: Path, key: bytes, name: str, longest: int) -> Raster:
        """A picture with its longer side at most `longest` pixels; nothing is left open. Raises as `open` does."""
        question = {"op": "thumbnail", "path": str(path), "name": name, "longest": longest}
        return _raster(self.ask(question, name, key))

    def annotate(
        self, path: Path, name: str, markings: Sequence[Marking], at: datetime, key: bytes = b""
    ) -> Annotated:
        """A copy of a PDF or Word document with a coach's notes in it, dated `at`; no file is written.

        Raises `Refused` for a file of another kind, and for one that is locked, signed or forbids it, `Damaged` for one
        that cannot be read. `annotating.markings` makes the markings, and the copy's file name.
        """
        question = {"op": "annotate", "path": str(path), "name": name, "at": at.isoformat()}
        answer = self.ask({**question, "markings": to_pipe(markings)}, name, key)
        return Annotated(bytes(answer.payload), tuple(answer.header["displaced"]))

    def ask(
        self, question: dict[str, Any], name: str, payload: Payload = b"", generation: int | None = None
    ) -> Message:
        """One question to the worker about the document called `name`. Raises what was wrong.

        Numbers of documents hold within one worker's life; the answer's `generation` tells which it was. A
        question for an earlier `generation` is not asked: `AnotherWorker` is raised.
        """
        with self._turn:
            if generation not in (None, self._generation):
                raise AnotherWorker
            answer = self._exchange(question, name, payload)
            answer.header["generation"] = self._generation
        if "error" in answer.header:
            raise _ERRORS[answer.header["error"]](answer.header["sentence"])
        return answer

    def _header(self, question: dict[str, Any]) -> dict[str, Any]:
        told = self.ask(question, "The reader of documents").header
        return {name: value for name, value in told.items() if name != "generation"}

    def forget(self, number: int, generation: int) -> None:
        """Let the worker of that generation close a document, if it still lives."""
        with self._turn:
            if self._child is not None and generation == self._generation:
                self._child.tell({"op": "close", "id": number})

    def close(self) -> None:
        """End the worker; a question under way is given up."""
        self._closed = True
        child = self._child
        if child is not None:
            child.kill()
        with self._turn:
            self._drop_child()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _exchange(self, question: dict[str, Any], name: str, payload: Payload) -> Message:
        if self._closed:
            raise Unavailable(_CLOSED.format(name))
        if self._child is None:
            self._child = Child(command(WORKER_MODULE, WORKER_FLAG))
        try:
            return self._child.ask(question, payload, self._seconds)
        except ChildGone as error:
            self._drop_child()
            if self._closed:
                raise Unavailable(_CLOSED.format(name)) from error
            raise Unavailable(_end_of_worker(name, error.overdue, self._seconds)) from error

    def _drop_child(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None
            self._generation += 1


def _end_of_worker(name: str, overdue: bool, seconds: float) -> str:
    if overdue:
        return (
            f"“{name}” took longer than {seconds:g} seconds to read and was given up. Try again; if it "
            "happens again, ask for a simpler copy."
        )
    return (
        f"“{name}” made the reader of documents stop; nothing else was touched. Try again; if it happens "
        "again, hand the file back as unreadable."
    )


@dataclass(frozen=True)
class _Place:
    """Where a document is, to open it again in another worker."""

    path: Path
    key: bytes = field(repr=False)
    name: str
    kind: Kind | None


class Handle:
    """An open document. Usable from any thread until closed."""

    def __init__(self, kind: Kind, name: str) -> None:
        self.kind = kind
        self.name = name

    def close(self) -> None:
        """Let the worker forget the document; closing twice is no fault."""


class WorkerHandle(Handle):
    """A document that stays open in the worker."""

    def __init__(self, client: DocumentsClient, place: _Place, answer: dict[str, Any]) -> None:
        super().__init__(Kind(answer["kind"]), place.name)
        self._client = client
        self._place = place
        self._opening = threading.Lock()
        self._ended = 0
        self._number: tuple[int, int] | None = answer["id"], answer["generation"]

    def close(self) -> None:
        with self._opening:
            number, self._number = self._number, None
        if number is not None:
            self._client.forget(*number)

    def _ask(self, question: dict[str, Any]) -> Message:
        if self._ended >= _ENDINGS:
            raise Unavailable(_GIVEN_UP.format(self.name))
        try:
            return self._ask_worker(question)
        except Unavailable:
            self._ended += 1
            raise

    def _ask_worker(self, question: dict[str, Any]) -> Message:
        while True:
            number = self._number
            if number is None:
                raise Refused(f"“{self.name}” is closed.")
            try:
                return self._client.ask(question | {"id": number[0]}, self.name, generation=number[1])
            except AnotherWorker:
                self._open_again(number)

    def _open_again(self, before: tuple[int, int]) -> None:
        """Open the document in the present worker, unless another thread has, or it was closed."""
        with self._opening:
            if self._number == before:
                facts = _opened(self._client, self._place).header
                self._number = facts["id"], facts["generation"]


class PdfHandle(WorkerHandle):
    """An open PDF; pages count from 0, sizes are in points."""

    def __init__(self, client: DocumentsClient, place: _Place, answer: dict[str, Any]) -> None:
        super().__init__(client, place, answer)
        self.page_count: int = answer["pages"]
        self._sizes: list[tuple[float, float]] = [tuple(answer["size"])] * self.page_count

    def page_size(self, page: int) -> tuple[float, float]:
        """Width and height as shown; the first page's for all until `measure` has been called."""
        return self._sizes[page]

    def measure(self) -> bool:
        """Look at the size of every page; whether any differs from what `page_size` said before."""
        before = self._sizes
        self._sizes = [(width, height) for width, height in self._ask({"op": "sizes"}).header["sizes"]]
        return self._sizes != before

    def outline(self) -> list[OutlineEntry]:
        """The table of contents; empty where the document has none."""
        return [OutlineEntry(*entry) for entry in self._ask({"op": "outline"}).header["entries"]]

    def labels(self) -> list[str]:
        """What the document calls its pages (`iv`, `A-3`); empty where they are merely counted."""
        return list(self._ask({"op": "labels"}).header["labels"])

    def render(
        self, page: int, scale: float, rotation: int = 0, clip: tuple[int, int, int, int] | None = None
    ) -> Raster:
        """A page at `scale` pixels a point, turned clockwise by 0, 90, 180 or 270 degrees.

        `clip` is the part wanted, in pixels of the whole as it is turned: left, top, width, height.
        """
        question = {"op": "render", "page": page, "scale": scale, "rotation": rotation, "clip": clip}
        return _raster(self._ask(question))

    def read(self, page: int) -> ReadPage:
        """A page to be read as text, with its headings, lists and tables."""
        answer = self._ask({"op": "read", "page": page}).header
        fields = tuple(PageField(name, value, Rect(*box)) for name, value, box in answer["fields"])
        return ReadPage(answer["markup"], answer["tagged"], fields, answer["is_picture"])

    def notes(self, first_page: int = 0, pages: int = PAGES_A_SEARCH) -> NotesPart:
        """Annotations that the document itself has, on the next `pages` pages."""
        answer = self._ask({"op": "notes", "first": first_page, "count": pages}).header
        return NotesPart(tuple(map(note_from, answer["notes"])), answer["next"])

    def links(self, page: int) -> list[PageLink]:
        """Links of a page, with where they would lead."""
        answer = self._ask({"op": "links", "page": page}).header
        return [PageLink(Rect(*box), address, target) for box, address, target in answer["links"]]

    def text(self, page: int) -> PageText:
        """The characters of a page in reading order, with their boxes."""
        answer = self._ask({"op": "text", "page": page})
        boxes = array("f")
        boxes.frombytes(answer.payload)
        return PageText(answer.header["text"], boxes)

    def search(self, query: str, first_page: int = 0, pages: int = PAGES_A_SEARCH) -> SearchPart:
        """Hits on the next `pages` pages; go on with the part's `next_page` until it is None."""
        question = {"op": "search", "query": query, "first": first_page, "count": pages}
        answer = self._ask(question).header
        return SearchPart(tuple(map(hit_from, answer["hits"])), answer["next"])


class ImageHandle(WorkerHandle):
    """An open picture, upright; `frame_count` is above 1 for a file with several scans, or one that is `animated`."""

    def __init__(self, client: DocumentsClient, place: _Place, answer: dict[str, Any]) -> None:
        super().__init__(client, place, answer)
        self.size: tuple[int, int] = (answer["width"], answer["height"])
        self.frame_count: int = answer["frames"]
        self.animated: bool = answer["animated"]
        self._sizes: list[tuple[int, int]] = [(width, height) for width, height in answer["sizes"]]

    def frame_size(self, frame: int) -> tuple[int, int]:
        """Width and height of a frame, which may be another than the first one's."""
        return self._sizes[frame] if self._sizes else self.size

    def render(self, max_px: int, rotation: int = 0, frame: int = 0, pencil: bool = False) -> Raster:
        """The picture with its longer side at most `max_px` pixels, turned clockwise.

        With `pencil` the light on the paper is evened out and faint strokes are darker.
        """
        question = {
            "op": "picture",
            "longest": max_px,
            "rotation": rotation,
            "frame": frame,
            "pencil": pencil,
        }
        return _raster(self._ask(question))


class TextHandle(Handle):
    """Plain text (or captions); `notes` are sentences on what is left out."""

    def __init__(self, kind: Kind, name: str, text: str, notes: tuple[str, ...]) -> None:
        super().__init__(kind, name)
        self.text = text
        self.notes = notes


@dataclass(frozen=True, slots=True)
class WordsPart:
    """What is shown at once of a document; `title` is empty where it is the whole."""

    title: str
    html: str


class WordHandle(Handle):
    """A document, page or table as clean HTML, in parts; `simplified` says that its own layout is not shown.

    `remarks` are the educator's own, beside the text: number, who wrote it (never a name), words.
    """

    def __init__(self, kind: Kind, name: str, facts: dict[str, Any], words: bytearray) -> None:
        super().__init__(kind, name)
        self.simplified: bool = facts["simplified"]
        self.notes: tuple[str, ...] = tuple(facts["notes"])
        self.remarks = tuple(Remark(**each) for each in facts["remarks"])
        parts, start = [], 0
        for title, length in facts["parts"]:
            parts.append(WordsPart(title, words[start : start + length].decode()))
            start += length
        self.parts: tuple[WordsPart, ...] = tuple(parts)

    @property
    def html(self) -> str:
        """All parts, one after the other."""
        return "".join(part.html for part in self.parts)

    @property
    def text(self) -> str:
        """The words as one quotes them: a line for each paragraph or cell, without numbers of lists and the like."""
        return re.sub(r"\s*\n\s*", "\n", plain_words(self.html)).strip()


class OtherHandle(Handle):
    """A file of which only facts are shown: its type as its bytes tell, and its size."""

    def __init__(self, kind: Kind, name: str, media_type: str, words: str, size: int) -> None:
        super().__init__(kind, name)
        self.media_type = media_type
        self.words = words
        self.size = size


def _opened(client: DocumentsClient, place: _Place) -> Message:
    question = {"op": "open", "path": str(place.path), "name": place.name, "kind": place.kind}
    return client.ask(question, place.name, place.key)


def _handle(client: DocumentsClient, place: _Place) -> Handle:
    answer = _opened(client, place)
    facts = answer.header
    kind = Kind(facts["kind"])
    if "format" in facts:
        if facts["format"] == "text":
            return TextHandle(kind, place.name, answer.payload.decode(), tuple(facts["notes"]))
        return WordHandle(kind, place.name, facts, answer.payload)
    makers: dict[Kind, Callable[[], Handle]] = {
        Kind.PDF: partial(PdfHandle, client, place, facts),
        Kind.IMAGE: partial(ImageHandle, client, place, facts),
    }
    if kind in makers:
        return makers[kind]()
    return OtherHandle(kind, place.name, facts["media_type"], facts["words"], facts["size"])


def _raster(answer: Message) -> Raster:
    facts = answer.header
    return Raster(facts["width"], facts["height"], answer.payload, facts["stride"], facts.get("duration", 0))
