"""The process that plays one recording: it reads a hostile file, so it has limits and dies with the window.

It is told where the recording lies and its key by pipe, answers with the facts, and then obeys until its pipe
ends. Trouble is told in a sentence and ends the process; the window starts another where the person goes on.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import av.error

from assessor_desk.artifacts.child import limit_this_process, take_over_the_pipes
from assessor_desk.artifacts.confinement import Confining
from assessor_desk.artifacts.media.beginning import Beginning, begin
from assessor_desk.artifacts.media.lanes import GlanceLane, Opened, PictureLane, SoundLane, Wanted
from assessor_desk.artifacts.media.recording import Place, Recording, ends_early
from assessor_desk.artifacts.media.ring import SLOT_BYTES, Ring
from assessor_desk.artifacts.media.scaling import Scaler
from assessor_desk.artifacts.media.survey import peaks_per_second, survey
from assessor_desk.artifacts.media.warming import warm_up
from assessor_desk.artifacts.pipe import Message, Payload, receive, send
from assessor_desk.domain.errors import DeskError, Refused, sentence

RING_FLAG = "--ring="
MEMORY = 3 * 1024**3
"""Bytes of address space on Linux; decoding 4K on eight threads takes about one GiB."""

_FIRST_PICTURE_SECONDS = 0.5
"""For so long at most the survey waits for the first picture, to leave the processor to it."""

Command = Callable[[Mapping[str, Any]], None]


class Worker:
    """One recording and the lanes that serve it."""

    def __init__(self, target: BinaryIO, ring: Ring | None) -> None:
        self._confining = Confining()
        self._target = target
        self._ring = ring
        self._sending = threading.Lock()
        self._commands: dict[str, Command] = {}
        self._playing = False
        self._seen = threading.Event()

    def tell(self, header: Mapping[str, Any], payload: Payload = b"") -> None:
        """Send one event. The process ends when nobody listens any more."""
        if header["event"] == "picture":
            self._seen.set()
        try:
            with self._sending:
                send(self._target, header, payload)
        except OSError:
            os._exit(0)

    def obey(self, message: Message) -> None:
        """Carry out one command; what needs time is left to a lane."""
        if message.header["do"] == "open":
            place = Place(Path(message.header["path"]), bytes(message.payload), message.header["name"])
            # Each lane opens the recording for itself; nothing else can be opened from here on.
            self._confining.confine([place.path])
            self._start(lambda: self._open(place, message.header["box"]))
        else:
            self._commands[message.header["do"]](message.header)

    def _open(self, place: Place, box: tuple[int, int]) -> None:
        beginning = begin(place)
        facts = beginning.facts
        opened = Opened(place, beginning.origin, facts, self.tell)
        if facts.has_video:
            self._serve_pictures(opened, box, beginning)
        sound = SoundLane(opened)
        self._start(sound.run)
        self._commands |= {
            "listen": sound.want,
            "hush": lambda _: sound.want(None),
            "heard": lambda told: sound.heard(int(told["count"])),
            "survey": lambda _: self._start(lambda: self._survey(opened)),
            "playing": self._note_playing,
        }
        self.tell({"event": "opened", "facts": facts.to_json()})

    def _serve_pictures(self, opened: Opened, box: tuple[int, int], beginning: Beginning) -> None:
        scaler = Scaler(opened.facts, SLOT_BYTES)
        scaler.fit(*box)
        pictures, glances = PictureLane(opened, self._ring, scaler, beginning), GlanceLane(opened)
        self._start(pictures.run)
        self._start(glances.run)
        self._commands |= {
            "show": lambda told: pictures.want(_wanted(told)),
            "free": lambda told: pictures.free(int(told["slot"]), told["now"]),
            "fit": lambda told: pictures.fit(int(told["width"]), int(told["height"])),
            "glance": lambda told: glances.want("glance", int(told["ms"]), int(told["width"])),
            "still": lambda told: glances.want("still", float(told["ms"]), 0),
        }

    def _note_playing(self, told: Mapping[str, Any]) -> None:
        self._playing = bool(told["playing"])

    def _survey(self, opened: Opened) -> None:
        if opened.facts.has_video:
            self._seen.wait(_FIRST_PICTURE_SECONDS)
        self._tell_if_short(opened)
        per_second = peaks_per_second(opened.facts)

        def report(first: int, peaks: bytes, last: bool) -> None:
            header = {"event": "peaks", "first": first, "per_second": per_second, "last": last}
            self.tell(header, peaks)

        cues = survey(opened.place, opened.origin, opened.facts, report, lambda: self._playing)
        if cues:
            self.tell({"event": "cues", "cues": [[cue.start_ms, cue.end_ms, cue.text] for cue in cues]})

    def _tell_if_short(self, opened: Opened) -> None:
        recording = Recording(opened.place)
        try:
            ends = ends_early(recording, opened.origin)
        finally:
            recording.close()
        if ends is not None:
            self.tell({"event": "short", "ms": ends})

    def _start(self, work: Callable[[], None]) -> None:
        threading.Thread(target=self._carry_out, args=(work,), daemon=True).start()

    def _carry_out(self, work: Callable[[], None]) -> None:
        try:
            work()
        except DeskError as error:
            self._give_up(type(error).__name__, sentence(error))
        except (av.error.FFmpegError, OSError, ValueError, ArithmeticError) as error:
            self._give_up("Damaged", f"The recording cannot be played on: it is damaged ({error}).")
        except MemoryError:
            self._give_up(
                Refused.__name__, "The recording needs more memory than it may have. Ask for a smaller copy."
            )

    def _give_up(self, kind: str, words: str) -> None:
        self.tell({"event": "trouble", "kind": kind, "sentence": words})
        os._exit(1)


def _wanted(told: Mapping[str, Any]) -> Wanted:
    return Wanted(int(told["serial"]), int(told["ms"]), bool(told["before"]), bool(told["scrubbing"]))


def _ring() -> Ring | None:
    given = [word.removeprefix(RING_FLAG) for word in sys.argv if word.startswith(RING_FLAG)]
    ring = Ring(int(given[0])) if given else None
    if ring is not None:
        ring.take_some()
    return ring


def main() -> None:
    """Obey commands from standard input until it ends."""
    source, target = take_over_the_pipes()
    limit_this_process(MEMORY)
    # A defect in a thread must not leave the window waiting.
    threading.excepthook = lambda _: os._exit(1)
    worker = Worker(target, _ring())
    warm_up()
    try:
        while (message := receive(source)) is not None:
            worker.obey(message)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
