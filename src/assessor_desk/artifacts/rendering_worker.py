"""The process that renders one recording: told its place and key by pipe, it sends the rendition piece by piece.

It ends with its pipe. Until then it may take long, so there is no limit on its time, but one on its memory.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any, BinaryIO, cast

from assessor_desk.artifacts.child import limit_this_process, take_over_the_pipes
from assessor_desk.artifacts.confinement import confine
from assessor_desk.artifacts.media.recording import Place
from assessor_desk.artifacts.media.rendition import Purpose, encode
from assessor_desk.artifacts.pipe import Message, receive, send
from assessor_desk.domain.errors import DeskError, Refused

MEMORY = 3 * 1024**3
"""Bytes of address space, as for the player: decoding and encoding on all processors."""

PIECE = 256 * 1024


def main() -> None:
    """Render what standard input asks for."""
    source, target = take_over_the_pipes()
    limit_this_process(MEMORY)
    question = receive(source)
    if question is None:
        return
    path = Path(question.header["path"])
    confine([path])
    threading.Thread(target=_end_with_the_pipe, args=(source,), daemon=True).start()
    place = Place(path, bytes(question.payload), question.header["name"])
    try:
        _render(place, question, target)
    except DeskError as error:
        send(target, {"event": "trouble", "kind": type(error).__name__, "sentence": str(error)})
    except MemoryError:
        words = f"“{place.name}” needs more memory to be rendered than it may have."
        send(target, {"event": "trouble", "kind": Refused.__name__, "sentence": words})
    os._exit(0)


def _render(place: Place, question: Message, target: BinaryIO) -> None:
    kept = bytearray()

    def write(piece: bytes) -> None:
        kept.extend(piece)
        if len(kept) >= PIECE:
            send(target, {"event": "piece"}, bytes(kept))
            kept.clear()

    def told(ms: int) -> None:
        send(target, {"event": "told", "ms": ms})

    with cast("Any", place.open()) as reader:
        facts = encode(reader, place.name, write, told, Purpose(question.header["purpose"]))
    send(target, {"event": "piece"}, bytes(kept))
    values = {name: getattr(facts, name) for name in type(facts).__dataclass_fields__}
    send(target, {"event": "done", "facts": values})


def _end_with_the_pipe(source: BinaryIO) -> None:
    receive(source)
    os._exit(0)


if __name__ == "__main__":
    main()
