"""A child process that reads hostile files for the desk, from both sides of its pipes.

The desk's side is `Child`: it asks one question at a time, ends a child that takes too long, and notices
one that died. The child's side is `serve`: it has limits from the operating system where there are any,
opens and writes no file (those to read are handed to it open), reaches no network, and ends at once when its
pipe does, so that none outlives the window.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, cast

from assessor_desk.artifacts.appetite import memory_used, watch_memory
from assessor_desk.artifacts.confinement import confine
from assessor_desk.artifacts.handover import Hand, hand_of, new_hands
from assessor_desk.artifacts.pipe import Message, Payload, receive, send
from assessor_desk.artifacts.scratch import Scratch, new_scratch
from assessor_desk.artifacts.watch import Watch

MEMORY_LIMIT = 2 * 1024**3
"""Bytes of address space a child may use, on Linux."""

CPU_SECONDS = 60
"""Seconds of processor time one question may take, on Linux; the desk's own clock rules everywhere."""

_SCRATCH_FLAG = "--shared-memory="
_HAND_FLAG = "--files="

Answer = tuple[Mapping[str, Any], Payload]
Room = Callable[[int], memoryview]
"""Gives a number of bytes to write an answer into, which need not be copied then."""


class ChildGone(Exception):
    """The child ended before it answered; `overdue` when it was ended for taking too long."""

    def __init__(self, overdue: bool) -> None:
        super().__init__("the child process ended before it answered")
        self.overdue = overdue


class Child:
    """One running child process. Not thread-safe: whoever shares it takes turns."""

    def __init__(self, command: list[str]) -> None:
        self._scratch = new_scratch()
        near, far = new_hands() or (None, None)
        self._hand = near
        inherited = {_SCRATCH_FLAG: self._scratch.descriptor} if self._scratch else {}
        inherited |= {_HAND_FLAG: far.number} if far else {}
        self._process = subprocess.Popen(
            command + [f"{flag}{descriptor}" for flag, descriptor in inherited.items()],
            pass_fds=tuple(inherited.values()),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        if far is not None:
            far.close()
        self._watch = Watch(self._process.kill)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, header: Mapping[str, Any], payload: Payload, seconds: float) -> Message:
        """The child's answer. Raises `ChildGone` when there is none within `seconds`.

        The file at the header's `path`, where it has one, is handed to the child open.
        """
        self._watch.begin(seconds)
        try:
            answer = self._exchange(header, payload)
        finally:
            self._watch.finish()
        if answer is None:
            raise ChildGone(self._watch.overdue)
        return answer

    def tell(self, header: Mapping[str, Any]) -> None:
        """Say something that has no answer. A child that has ended is noticed by the next question."""
        with contextlib.suppress(OSError, ValueError):
            send(cast("BinaryIO", self._process.stdin), header)

    def kill(self) -> None:
        """End the child from any thread; a question under way then raises `ChildGone`."""
        self._process.kill()

    def close(self) -> None:
        """End the child and wait until it is gone."""
        self._watch.stop()
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                _close_broken(stream)
        if self._scratch is not None:
            self._scratch.close()
            self._scratch = None
        if self._hand is not None:
            self._hand.close()
            self._hand = None

    def _with_file(self, header: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._hand is None or "path" not in header:
            return header
        try:
            self._hand.give(Path(header["path"]))
        except OSError as error:
            return {**header, "absent": error.strerror or str(error)}
        return {**header, "handed": True}

    def _exchange(self, header: Mapping[str, Any], payload: Payload) -> Message | None:
        try:
            send(cast("BinaryIO", self._process.stdin), self._with_file(header), payload)
            answer = receive(cast("BinaryIO", self._process.stdout))
        except (OSError, ValueError):
            return None
        if answer is not None and self._scratch is not None and "shared" in answer.header:
            return Message(answer.header, self._scratch.take(answer.header["shared"]))
        return answer


def _close_broken(stream: Any) -> None:
    """Closing a pipe flushes it, which fails when its reader is gone."""
    try:
        stream.close()
    except OSError:
        return


def command(module: str, flag: str) -> list[str]:
    """How to start `module` as a child. A frozen program starts itself with `flag`, known to `__main__`."""
    if getattr(sys, "frozen", False):
        return [sys.executable, flag]
    return [sys.executable, "-P", "-X", "utf8", "-m", module]


def environment() -> dict[str, str]:
    """The child's environment: nothing of the desk's, and no byte code written."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASSESSOR_DESK_")}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}


def serve(answer: Callable[[Message, Room], Answer | None]) -> None:
    """Answer questions from standard input until it ends; None is for what has no answer.

    The question `confinement`, what the system holds this child to, is answered here.
    """
    source, target = take_over_the_pipes()
    limit_this_process()
    scratch, hand = _shared_memory(), _hand()
    held = confine()
    room: Room = scratch.room if scratch is not None else _own_memory
    questions: queue.SimpleQueue[Message] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(source, questions), daemon=True).start()
    while True:
        question = questions.get()
        _allow_more_processor_time()
        if hand is not None and question.header.get("handed"):
            question.header["descriptor"] = hand.take()
        if question.header["op"] == "confinement":
            answered: Answer | None = (asdict(held), b"")
        else:
            answered = answer(question, room)
        if answered is not None:
            _send(target, scratch, *answered)


def _own_memory(length: int) -> memoryview:
    return memoryview(bytearray(length))


def _send(target: BinaryIO, scratch: Scratch | None, header: Mapping[str, Any], payload: Payload) -> None:
    shared = scratch.put(payload) if scratch is not None else 0
    if shared:
        send(target, {**header, "shared": shared})
    else:
        send(target, header, payload)


def _shared_memory() -> Scratch | None:
    """The memory that the desk shares, when it does; its descriptor is no secret."""
    number = _inherited(_SCRATCH_FLAG)
    return None if number is None else Scratch(number)


def _hand() -> Hand | None:
    """Where files are handed over, when they are."""
    number = _inherited(_HAND_FLAG)
    return None if number is None else hand_of(number)


def _inherited(flag: str) -> int | None:
    given = [word.removeprefix(flag) for word in sys.argv if word.startswith(flag)]
    return int(given[0]) if given else None


def _listen(source: BinaryIO, questions: queue.SimpleQueue[Message]) -> None:
    """Ends the process at the end of the pipe, whatever a parser is doing at that moment."""
    try:
        while (question := receive(source)) is not None:
            questions.put(question)
    finally:
        os._exit(0)


def take_over_the_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes for messages alone: what a library prints must not end up between them."""
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    return source, target


if sys.platform == "linux":
    import resource

    _MOST_FILES = 256

    def limit_this_process(memory: int = MEMORY_LIMIT) -> None:
        """Bound the memory; write no file, and no core dump, which would hold evidence in plain."""
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (_MOST_FILES, _MOST_FILES))

    def _allow_more_processor_time() -> None:
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + CPU_SECONDS, hard))

else:

    def limit_this_process(memory: int = MEMORY_LIMIT) -> None:
        """The system sets no bound here: a watch ends a child that takes too much."""
        watch_memory(memory, memory_used)

    def _allow_more_processor_time() -> None:
        """No limits here."""
