"""The window's side of one recording being played.

`open_media` starts the worker and waits for the recording's facts. `MediaHandle.listen_to` then names who gets
its events, from one reader thread of the handle. Commands return at once. A worker that dies or does not answer
is one event, `gone`; `reopen` starts another.

Events have a `name`, the `serial` of the command they answer, a time `ms`, further `facts` and `data`:

    picture       BGRA `data`; `width`, `height`, `stride`, `exact`; `ms` is the first whole millisecond at which it
                  is shown, `frame_us` the microsecond at which it begins. Give it back with `free`, always.
    pictures_end  there are no pictures after the one at `ms`
    sound         PCM `data`;  sound_end: there is no more
    peaks         one byte per slice of time from number `first`, `per_second`; `last`
    cues          captions inside the recording: `cues`, each start, end, text
    glance still  BGRA `data` for the moment `ms` that was asked for; `frame_us`
    short         the file ends at `ms`, earlier than its header says
    gone          the worker is no more; `sentence`
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from assessor_desk.artifacts.child import command, environment
from assessor_desk.artifacts.media.captions import Cue, captions_fault, parse_captions
from assessor_desk.artifacts.media.ring import Ring, new_ring
from assessor_desk.artifacts.pipe import Message, receive, send
from assessor_desk.domain.errors import Damaged, DeskError, Refused, Unavailable

WORKER_FLAG = "--media-worker"
"""With which a frozen program starts itself as a media worker."""

OPEN_SECONDS = 30.0
SPARE_AFTER_SECONDS = 1.5
ANSWER_SECONDS = 20.0
"""A picture that takes longer does not come: the worker is ended."""

_KINDS: dict[str, type[DeskError]] = {"Refused": Refused, "Unavailable": Unavailable, "Damaged": Damaged}
_EVENTS = {"picture", "pictures_end", "sound", "sound_end", "peaks", "cues", "glance", "still", "short"}


@dataclass(frozen=True, slots=True)
class Event:
    """What the worker tells; see the module."""

    name: str
    serial: int = 0
    ms: int = 0
    data: memoryview = field(default_factory=lambda: memoryview(b""), repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict)


Deliver = Callable[[Event], None]


def open_media(path: Path, key: bytes, name: str, spares: Spares | None = None) -> MediaHandle:
    """Start a worker on the recording at `path`, sealed with `key` (empty: a plain file), or take a spare one.

    `name` is what errors call it. Blocks until its facts are known; raises `Damaged`, `Refused` or
    `Unavailable`.
    """
    handle = MediaHandle(path, key, name, spares)
    handle.reopen()
    return handle


class Spares:
    """One worker that has started and has nothing to do yet: starting takes longer than opening. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spare: _Worker | None = None
        self._later: threading.Timer | None = None
        self._closed = False
        self.box = (1280, 720)
        """For how many pixels pictures were last wanted: those of the next recording are likely to be."""

    def take(self) -> _Worker:
        """A worker that is the caller's own from now on."""
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None and spare.alive:
            return spare
        if spare is not None:
            spare.close()
        return _Worker()

    def replace(self) -> None:
        """Start one for the next time, where there is none."""
        with self._lock:
            if self._spare is None and not self._closed:
                self._spare = _Worker()

    def replace_soon(self) -> None:
        """The same, once what was just opened can be seen."""
        with self._lock:
            if not self._closed and (self._later is None or not self._later.is_alive()):
                self._later = threading.Timer(SPARE_AFTER_SECONDS, self.replace)
                self._later.daemon = True
                self._later.start()

    def close(self) -> None:
        """End the spare one, and start no other."""
        with self._lock:
            spare, self._spare, self._closed = self._spare, None, True
            later, self._later = self._later, None
        if later is not None:
            later.cancel()
            later.join()
        if spare is not None:
            spare.close()


class MediaHandle:
    """One recording and the worker that plays it. Commands may be given from any thread."""

    def __init__(self, path: Path, key: bytes, name: str, spares: Spares | None = None) -> None:
        self._path, self._key, self.name = path, key, name
        self._spares = spares
        self._box = spares.box if spares is not None else (1280, 720)
        self._deliver: Deliver | None = None
        self._worker: _Worker | None = None
        self._serial = 0
        self.facts: Mapping[str, Any] = {}

    def reopen(self) -> None:
        """Start a worker, the former being gone. Blocks and raises as `open_media` does."""
        self.close()
        worker = self._spares.take() if self._spares is not None else _Worker()
        opening = {"do": "open", "path": str(self._path), "name": self.name, "box": self._box}
        try:
            self.facts = worker.open(opening, self._key, self.name)
        except BaseException:
            worker.close()
            raise
        self._worker = worker
        if self._deliver is not None:
            worker.deliver_to(self._deliver, self.name)

    def listen_to(self, deliver: Deliver) -> None:
        """Deliver events from now on, called on the handle's own thread."""
        self._deliver = deliver
        if self._worker is not None:
            self._worker.deliver_to(deliver, self.name)

    def silence(self) -> None:
        """Deliver nothing any more, from this moment on."""
        self._deliver = None
        if self._worker is not None:
            self._worker.silence()

    @property
    def alive(self) -> bool:
        """Whether its worker runs."""
        return self._worker is not None and self._worker.alive

    @property
    def closed(self) -> bool:
        """Whether it has no worker, not even one that died."""
        return self._worker is None

    def captions(self, text: str | None) -> tuple[Cue, ...]:
        """The cues of captions beside the recording (WebVTT or SubRip)."""
        return parse_captions(text or "")

    def captions_fault(self, text: str | None, name: str) -> str:
        """A sentence on what of the captions beside the recording cannot be read; empty where all can."""
        return captions_fault(text or "", name)

    def show(self, ms: int, before: bool = False, scrubbing: bool = False) -> int:
        """Ask for the picture at `ms` (or the one `before` it) and those that follow it.

        While `scrubbing`, a key frame near it comes first, not `exact`. Gives the serial of its pictures.
        """
        self._serial += 1
        self._send("show", serial=self._serial, ms=ms, before=before, scrubbing=scrubbing)
        if self._worker is not None:
            self._worker.expect()
        return self._serial

    def free(self, picture: Event, now: int | None) -> None:
        """Give back a picture's memory; `now` is the time being played, None while nothing plays."""
        picture.data.release()
        self._send("free", slot=picture.facts["slot"], now=now)

    def fit(self, width: int, height: int) -> None:
        """Have pictures scaled to fit so many pixels from now on; those larger than the recording's are not."""
        self._box = (width, height)
        if self._spares is not None:
            self._spares.box = self._box
        self._send("fit", width=width, height=height)

    def listen(self, ms: int, rate: float, sample_rate: int) -> int:
        """Ask for the sound from `ms` on, at a rate of 0.5 to 2. Gives its serial."""
        self._serial += 1
        self._send("listen", serial=self._serial, ms=ms, rate=rate, sample_rate=sample_rate)
        return self._serial

    def hush(self) -> None:
        """Have no sound sent."""
        self._send("hush")

    def heard(self, count: int) -> None:
        """So many bytes of sound were taken by the sound device."""
        self._send("heard", count=count)

    def note_playing(self, playing: bool) -> None:
        """While it plays, the survey takes second place."""
        self._send("playing", playing=playing)

    def survey(self) -> None:
        """Ask for the waveform, the captions inside, and whether the end is there."""
        self._send("survey")

    def glance(self, ms: int, width: int) -> None:
        """Ask for a small picture near `ms`; only the last one asked for comes."""
        self._send("glance", ms=ms, width=width)

    def still(self, ms: float) -> None:
        """Ask for the exact picture at `ms`, which need not be whole, in full size."""
        self._send("still", ms=ms)

    def end_if_overdue(self) -> None:
        """End a worker that has not answered in time; `gone` follows. To be called now and then."""
        if self._worker is not None:
            self._worker.end_if_overdue()

    def close(self) -> None:
        """End the worker and wait until it is gone. May be called twice."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()

    def _send(self, do: str, **told: Any) -> None:
        if self._worker is not None:
            self._worker.send({"do": do, **told})


class MediaClient:
    """All recordings that a desk has open, so that none outlives it. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handles: list[MediaHandle] = []
        self._spares = Spares()

    def start(self) -> None:
        """Have a worker ready before the first recording is opened."""
        self._spares.replace()

    def open(self, path: Path, key: bytes, name: str) -> MediaHandle:
        """As `open_media`."""
        handle = open_media(path, key, name, self._spares)
        with self._lock:
            self._handles = [one for one in self._handles if not one.closed] + [handle]
        self._spares.replace_soon()
        return handle

    def close(self) -> None:
        """End the workers of all handles that were not closed yet."""
        with self._lock:
            handles, self._handles = self._handles, []
        for handle in handles:
            handle.close()
        self._spares.close()


class _Worker:
    """One worker process, its pipes and its reader thread."""

    def __init__(self) -> None:
        self._ring = new_ring()
        shared = [self._ring.descriptor] if self._ring else []
        self._process = subprocess.Popen(
            [*command("assessor_desk.artifacts.media.worker", WORKER_FLAG), *(f"--ring={d}" for d in shared)],
            pass_fds=shared,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._sending = threading.Lock()
        self._reader: threading.Thread | None = None
        self._deliver: Deliver | None = None
        self._deadline: float | None = None

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def open(self, opening: Mapping[str, Any], key: bytes, name: str) -> Mapping[str, Any]:
        """The recording's facts, within OPEN_SECONDS."""
        clock = threading.Timer(OPEN_SECONDS, self._process.kill)
        clock.daemon = True
        clock.start()
        try:
            self.send(opening, key)
            answer = self._receive()
        finally:
            clock.cancel()
            clock.join()
        if answer is None:
            raise Damaged(
                f"“{name}” could not be opened: reading it took too long or failed. Ask for another copy."
            )
        if answer.header["event"] == "trouble":
            raise _KINDS.get(answer.header["kind"], Damaged)(answer.header["sentence"])
        return dict(answer.header["facts"])

    def deliver_to(self, deliver: Deliver, name: str) -> None:
        self._deliver = deliver
        if self._reader is None:
            self._reader = threading.Thread(target=self._read, args=(name,), name="media reader", daemon=True)
            self._reader.start()

    def silence(self) -> None:
        self._deliver = None

    def send(self, header: Mapping[str, Any], payload: bytes = b"") -> None:
        """A worker that is gone is not told: its reader tells that it is gone."""
        try:
            with self._sending:
                send(cast("BinaryIO", self._process.stdin), header, payload)
        except (OSError, ValueError):
            return

    def expect(self) -> None:
        """An answer is due from now on."""
        if self._deadline is None:
            self._deadline = time.monotonic() + ANSWER_SECONDS

    def end_if_overdue(self) -> None:
        deadline = self._deadline
        if deadline is not None and time.monotonic() > deadline:
            self._process.kill()

    def close(self) -> None:
        self._deliver = None
        self._process.kill()
        self._process.wait()
        if self._reader is not None and self._reader is not threading.current_thread():
            self._reader.join()
        for stream in (self._process.stdin, self._process.stdout):
            _close(stream)
        if self._ring is not None:
            self._ring.close()
            self._ring = None

    def _read(self, name: str) -> None:
        words = f"“{name}” stopped playing unexpectedly. Press Play to go on from here."
        while (message := self._receive()) is not None:
            if message.header.get("event") == "trouble":
                words = str(message.header["sentence"])
                continue
            try:
                event = _event(message, self._ring)
            except (KeyError, TypeError, ValueError):
                # No worker of ours says such things: what speaks there has been taken over by its file.
                self._process.kill()
                break
            if event.name in ("picture", "pictures_end"):
                self._deadline = None
            self._hand_over(event)
        self._process.wait()
        self._hand_over(Event("gone", facts={"sentence": words}))

    def _hand_over(self, event: Event) -> None:
        deliver = self._deliver
        if deliver is not None:
            deliver(event)

    def _receive(self) -> Message | None:
        try:
            return receive(cast("BinaryIO", self._process.stdout))
        except (OSError, ValueError):
            return None


def _event(message: Message, ring: Ring | None) -> Event:
    """One event, checked: the worker may have been taken over by the file it read.

    Raises KeyError, TypeError or ValueError for what no worker sends.
    """
    told = message.header
    name = told["event"]
    if name not in _EVENTS:
        raise ValueError(name)
    data = memoryview(message.payload)
    if name in ("picture", "glance", "still"):
        width, height, stride = int(told["width"]), int(told["height"]), int(told["stride"])
        if name == "picture" and ring is not None:
            data = ring.slot(int(told["slot"]), stride * height)
        if min(width, height) < 1 or stride < width * 4 or len(data) < stride * height:
            raise ValueError("a picture of impossible size")
    return Event(name, int(told.get("serial", 0)), int(told.get("ms", 0)), data, told)


def _close(stream: Any) -> None:
    try:
        stream.close()
    except OSError:
        # Closing flushes, which fails when the other end is gone.
        return
