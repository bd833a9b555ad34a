"""A hub and desks of three people, made once and copied for each scenario: enrolling takes longer than one may."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

import yaml
from fastapi import FastAPI
from tests.desk.sticks import PASSPHRASE, let_in
from tests.hub.making import StandingClock, import_quickly, write_rows
from tests.model.wire import Wire, wired

from assessor_desk.desk import Desk
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.hub.allowance import Allowance
from assessor_desk.hub.app import create_app
from assessor_desk.hub.assigning import assign
from assessor_desk.hub.certifying import Who
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import add_person, new_code
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.sticks import Visited, fingerprint, visit
from assessor_desk.keys.envelope import Envelope
from assessor_desk.places import resources, rubrics

#: Nobody listens there: `Wire` takes what is asked.
ADDRESS = "http://127.0.0.1:9"
KEYS = ("S-1", "S-2")
CRITERIA = ("listens", "plans")
LEVELS = ("not-met", "progressing", "demonstrated")
NAME = "Zuzanna Quokkowska"
ADA, BEN, RITA = "Ada", "Ben", "Rita"
#: Ada's other desk, and Ben's, which no network reaches.
LAPTOP, BY_STICK = "Ada's laptop", "Ben, by stick"
#: Whose desk it is.
OWNER = {ADA: ADA, LAPTOP: ADA, BEN: BEN, BY_STICK: BEN, RITA: RITA}
#: Under which Ada leaves her key at the hub for her laptop.
KEY_WORDS = "five words taken by chance"
#: A bundle for somebody else's desk, beside the stick that the scenarios carry.
STRAY = "stray.age"
_SMALL = b"# A plan\n\nExit tickets, read the same evening.\n"


@dataclass(frozen=True)
class Kept:
    """A hub and desks, closed, and what opens them."""

    folder: Path
    numbers: dict[str, str]
    keys: dict[str, bytes]


@dataclass
class Office:
    """The hub and whoever works at it; `now` is the true time."""

    folder: Path
    now: StandingClock
    wire: Wire
    hub: Hub = field(init=False)
    imports: int = 0
    #: Whether its folder ever was put back.
    put_back: bool = False
    #: Which files (SHA-256) were here of a submission when it was held, by the hold.
    held: dict[str, set[str]] = field(default_factory=dict)

    def open(self) -> None:
        """Let it answer."""
        self.hub = Hub.open(self.folder / "hub", clock=self.now)
        self.wire.app = _application(self.hub)

    def close(self) -> None:
        """Let it answer no more."""
        self.wire.app = None
        self.hub.close()

    def visit(self, stick: Path, key: str = "", who: Who | None = None) -> list[Visited]:
        """What `hub stick` does."""
        return visit(self.hub, stick, who, key)

    @property
    def fingerprint(self) -> str:
        """As the programme tells it to its people."""
        return fingerprint(self.hub)

    def take(self, words: str, *keys: str) -> None:
        """Import the submissions, their plans with these words."""
        self.imports += 1
        folder = self.folder / f"incoming-{self.imports}"
        folder.mkdir()
        write_rows(
            folder,
            [f"{key},E-{key},{NAME},small,1,no,Lakeside,en,yes," for key in keys],
            [f"{key},{part},{key}-{part}.md,The {part}," for key in keys for part in ("overview", "work")],
        )
        for key in keys:
            (folder / f"{key}-overview.md").write_bytes(_SMALL + f"{key} {words}".encode())
            (folder / f"{key}-work.md").write_bytes(_SMALL + f"Work of {key}".encode())
        import_quickly(self.hub, folder)
        shutil.rmtree(folder)

    def publish_rubric(self, version: int) -> None:
        """The one rubric in another version."""
        self._publish(_rubric(version))

    def publish_policy(self) -> None:
        """One under which little is needed before sealing: what the checks say is looked at elsewhere."""
        told = yaml.safe_load((resources() / "policies" / "default.yaml").read_text(encoding="utf-8"))
        told |= {"checks": dict.fromkeys(told["checks"], "off")}
        self._publish(yaml.safe_dump(told, allow_unicode=True))

    def _publish(self, told: str) -> None:
        path = self.folder / "published.yaml"
        path.write_text(told, encoding="utf-8")
        publish(self.hub, path)
        path.unlink()


@cache
def _rubric(version: int) -> str:
    told = yaml.safe_load((rubrics() / "positive-relationships.yaml").read_text(encoding="utf-8"))
    told |= {"id": "small", "version": f"{version}", "title": f"Small, version {version}"}
    told |= {name: told[name][:1] for name in ("components", "research", "resources")}
    levels = [_level(one) for one in LEVELS]
    told["criteria"] = [
        {"id": name, "title": name.title(), "passing": LEVELS[-1], "levels": levels} for name in CRITERIA
    ]
    told["evidence"] = [{**told["evidence"][0], "criteria": list(CRITERIA)}]
    written: str = yaml.safe_dump(told, allow_unicode=True)
    return written


def _level(name: str) -> dict[str, str]:
    return {"id": name, "title": name, "descriptor": f"What was handed in is {name}."}


@cache
def _one_application() -> list[FastAPI]:
    return []


def _application(hub: Hub) -> FastAPI:
    """The hub's application, as a process that begins would make it; made once, since that takes ten milliseconds."""
    made = _one_application()
    if not made:
        made.append(create_app(hub.folder, hub=hub))
    made[0].state.hub, made[0].state.allowance = hub, Allowance(hub)
    return made[0]


def keep_a_town(folder: Path) -> Kept:
    """Make one. Ada has both submissions, Ben the second, Rita decides on both; each desk has synced once."""
    now = StandingClock()
    wire = Wire(now)
    office = Office(folder, now, wire)
    Hub.create(folder / "hub", "Lakeside hub", "Lakeside Programme", clock=now).close()
    with wired(wire):
        office.open()
        office.publish_rubric(1)
        office.publish_policy()
        office.take("as it was first", *KEYS)
        hub = office.hub
        numbers = {
            name: add_person(hub, f"{name} Sample", [role])
            for name, role in (
                (ADA, Role.ASSESSOR),
                (BEN, Role.ASSESSOR),
                (RITA, Role.REVIEWER),
            )
        }
        for name, key in (
            (ADA, "S-1"),
            (ADA, "S-2"),
            (BEN, "S-2"),
            (RITA, "S-1"),
            (RITA, "S-2"),
        ):
            assign(
                hub,
                key,
                numbers[name],
                Purpose.DECIDE if name == RITA else Purpose.ASSESS,
            )
        keys = {}
        for name in (ADA, LAPTOP, BEN, RITA):
            desk, _ = Desk.create(folder / name, PASSPHRASE, now)
            desk.connect(ADDRESS, new_code(hub, numbers[OWNER[name]]), PASSPHRASE)
            keys[name] = _kept(desk)
        _by_stick(office, folder, "another's", numbers[ADA])
        keys[BY_STICK] = _by_stick(office, folder, BY_STICK, numbers[BEN])
        shutil.copy(
            next((folder / "another's stick").glob("for/*/bundle-*.age")),
            folder / STRAY,
        )
        office.close()
    wire.shut()
    return Kept(folder, numbers, keys)


def _by_stick(office: Office, folder: Path, name: str, number: str) -> bytes:
    stick = folder / ("stick" if name == BY_STICK else f"{name} stick")
    stick.mkdir()
    desk, _ = Desk.create(folder / name, PASSPHRASE, office.now)
    assert let_in(desk, office, stick, Who(number=number)) == number  # type: ignore[arg-type]
    return _kept(desk)


def _kept(desk: Desk) -> bytes:
    assert desk.sync().troubles == ()
    desk.close()
    return Envelope.load(desk.folder / "keys.json").unlock(PASSPHRASE)


@contextmanager
def town_from(kept: Kept, folder: Path, desks: list[str]) -> Iterator[tuple[Office, StandingClock]]:
    """A copy with these desks, and the network between, at peace."""
    now = StandingClock()
    now.move(seconds=5)
    for name in ("hub", *desks):
        shutil.copytree(kept.folder / name, folder / name)
    if BY_STICK in desks:
        shutil.copytree(kept.folder / "stick", folder / "stick")
        shutil.copy(kept.folder / STRAY, folder / STRAY)
    wire = Wire(now)
    office = Office(folder, now, wire)
    office.open()
    # Revocation lists are renewed when an hour old, by the file's own time.
    fresh = (now() + timedelta(minutes=1)).timestamp()
    os.utime(folder / "hub" / "trust.pem", (fresh, fresh))
    try:
        with wired(wire):
            yield office, now
    finally:
        with suppress(Exception):
            office.close()
        wire.shut()
        shutil.rmtree(folder, ignore_errors=True)
