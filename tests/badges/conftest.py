"""A hub that issued a badge, made once: its folder, and the files that it wrote."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.hub.making import (
    Device,
    StandingClock,
    copied,
    enrol,
    import_quickly,
    make_template,
    submissions_folder,
)

from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.roles import Role
from assessor_desk.hub.badge_papers import papers, set_up_badges
from assessor_desk.hub.badges import badge_files, issue_badge
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.serve import Server
from assessor_desk.places import resources
from assessor_desk.rubric_files import load_look
from assessor_desk.verdict import BadgePapers, TrustList

ADDRESS = "https://badges.example.org"
KEY = "91BB-02"
EDUCATOR = "Rosalind Achterberg"


@dataclass(frozen=True)
class Issued:
    """What came of issuing one badge. `decided` is the hub's folder before badges were set up."""

    decided: Path
    hub: Path
    folder: Path
    decision: str
    json: bytes
    png: bytes
    svg: bytes
    papers: BadgePapers
    trust: TrustList

    @property
    def credential(self) -> dict[str, Any]:
        """The badge, parsed anew."""
        credential: dict[str, Any] = json.loads(self.json)
        return credential


def earn(device: Device, reviewer: Device, folder: Path, key: str) -> str:
    """Assess a submission at the passing levels and decide so; the decision's digest."""
    device.deliver(*device.seal(folder, key, earned=True))
    decision, digest = reviewer.decide(key)
    reviewer.deliver(decision, digest, DeliveryKind.DECISION)
    return digest


@pytest.fixture(scope="session")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Issued:
    """One badge, for a decision that was delivered and released over the network."""
    folder = tmp_path_factory.mktemp("issued")
    hub = copied(make_template(folder / "template"), folder / "decided", lambda: datetime.now(UTC))
    import_quickly(hub, submissions_folder(folder / "incoming"))
    with contextlib.closing(hub), Server(hub.folder) as server, contextlib.ExitStack() as stack:
        assessor, reviewer = (enrol(hub, server.url, role, KEY) for role in (Role.ASSESSOR, Role.REVIEWER))
        for device in (assessor, reviewer):
            stack.callback(device.source.close)
        decision = earn(assessor, reviewer, folder / "sealed", KEY)
        reviewer.source.release(decision, None, 0)
    return _issue(folder, decision)


def _issue(folder: Path, decision: str) -> Issued:
    hub = copied(folder / "decided", folder / "hub", lambda: datetime.now(UTC))
    publish(hub, resources() / "stacks" / "responsive-teaching.yaml")
    set_up_badges(hub, ADDRESS, load_look(resources() / "looks" / "lakeside.yaml"))
    issue_badge(hub, KEY)
    files, beside = badge_files(hub, KEY), papers(hub)
    out = folder / "out"
    out.mkdir()
    named = {f"badge.{form}": getattr(files, form) for form in ("json", "png", "svg")}
    for name, content in {**named, **beside, **hub.trust()}.items():
        (out / name).write_bytes(content)
    trust = TrustList.parse(hub.trust()["trust.pem"])
    hub.close()
    return Issued(
        folder / "decided", folder / "hub", out, decision, files.json, files.png, files.svg,
        BadgePapers.of(beside), trust,
    )  # fmt: skip


@pytest.fixture
def clock() -> StandingClock:
    """The hub's clock."""
    return StandingClock()


@pytest.fixture
def hub(issued: Issued, tmp_path: Path, clock: StandingClock) -> Iterator[Hub]:
    """A copy of the hub that issued the badge."""
    hub = copied(issued.hub, tmp_path / "hub", clock)
    yield hub
    hub.close()


@pytest.fixture
def decided(issued: Issued, tmp_path: Path, clock: StandingClock) -> Iterator[Hub]:
    """A copy of the hub before badges were set up."""
    hub = copied(issued.decided, tmp_path / "decided", clock)
    yield hub
    hub.close()
