"""A hub with the sample submissions, answering on this computer from a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Self

from assessor_desk.domain.errors import Unavailable
from assessor_desk.domain.roles import Role
from assessor_desk.places import resources, rubrics

TITLE = "Lakeside hub (sample)"
PROGRAMME = "Lakeside Regional Programme (sample)"
_PEOPLE = {Role.ASSESSOR: "Sample assessor", Role.COACH: "Sample coach", Role.REVIEWER: "Sample reviewer"}
_END_SECONDS = 10


def make_sample_hub(folder: Path) -> dict[Role, str]:
    """Make a hub in `folder` with what comes with the program: all is published, and the submissions are assigned.

    Returns an enrolment code for each role. Raises Refused where the folder is in use.
    """
    from assessor_desk.hub.assigning import assign_all
    from assessor_desk.hub.hub import Hub
    from assessor_desk.hub.intake import import_folder
    from assessor_desk.hub.people import add_person, new_code
    from assessor_desk.hub.publishing import publish

    hub = Hub.create(folder, TITLE, PROGRAMME)
    try:
        for path in _published():
            publish(hub, path)
        # One of the samples has a photograph that cannot be read: it is there to be handed back.
        import_folder(hub, resources() / "demo", accept_unreadable=True)
        numbers = {role: add_person(hub, name, [role]) for role, name in _PEOPLE.items()}
        for number in numbers.values():
            assign_all(hub, number)
        return {role: new_code(hub, number) for role, number in numbers.items()}
    finally:
        hub.close()


def _published() -> Iterator[Path]:
    yield from sorted(rubrics().glob("*.yaml"))
    yield from sorted((resources() / "policies").glob("*.yaml"))
    yield from sorted((resources() / "phrases").glob("*.yaml"))


class HubProcess:
    """`assessor-desk hub serve` in a child process, which ends with this one however that ends.

    `port` 0 takes a free one at the first start; a desk knows its hub by the address, so later starts keep to it.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._folder = folder
        self._port = port
        self._child: subprocess.Popen[str] | None = None
        self.url = ""

    @property
    def running(self) -> bool:
        """Whether it answers."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int:
        """The number of its process, 0 where it has none."""
        return self._child.pid if self._child is not None else 0

    def start(self) -> Self:
        """Answer from now on, at the same address as before. Raises Unavailable where it does not come up."""
        self.stop()  # what is left of one that was ended from outside
        command = [*_program(), "hub", "--at", str(self._folder), "serve", "--port", str(self._port)]
        child = subprocess.Popen(
            [*command, "--while-open", "--json"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._child = child
        assert child.stdout is not None
        told = _document(child.stdout)
        if told is None or "url" not in told:
            self.stop()
            why = f": {told['error']}" if told and "error" in told else ""
            raise Unavailable(f"The sample hub in {self._folder} did not start{why}")
        self.url = told["url"]
        self._port = int(self.url.rpartition(":")[2])
        return self

    def stop(self) -> None:
        """End it. Doing so twice changes nothing."""
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.close()  # what it waits for
        try:
            child.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _program() -> list[str]:
    """How to start this program again, from its source or as a bundle."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "assessor_desk"]


def _document(stream: IO[str]) -> dict[str, Any] | None:
    """The first JSON document on `stream`; None where it ends before."""
    text = ""
    for line in stream:
        text += line
        try:
            document: dict[str, Any] = json.loads(text)
            return document
        except json.JSONDecodeError:
            continue
    return None
