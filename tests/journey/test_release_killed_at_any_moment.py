"""`kill -9` of a real process while it releases reports: released again, each is there once, and whole."""

import csv
import random
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import psutil
import pytest
from tests.hub.making import Device, StandingClock, copied, enrol, import_quickly, make_template, write_rows

from assessor_desk.desk import Desk, InboxState
from assessor_desk.desk.releasing import MAIL_MERGE
from assessor_desk.domain.roles import Role
from assessor_desk.hub.assigning import assign_all
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import add_person, new_code
from assessor_desk.hub.releases import releases
from assessor_desk.hub.serve import Server

RELEASER = Path(__file__).with_name("releaser.py")
OVERALL = (
    "The reflection is missing; with it the rest can be looked at, and nothing else is needed before that."
)


def keys_of(count: int) -> list[str]:
    return [f"5D2E-{number:03}" for number in range(count)]


def hub_with(folder: Path, count: int) -> Hub:
    """A hub with so many submissions."""
    template = make_template(folder / "template")
    incoming = folder / "incoming"
    incoming.mkdir()
    keys = keys_of(count)
    write_rows(
        incoming,
        [f"{key},E-{key},Educator {key},formative-assessment-math,1,no,North,en,yes," for key in keys],
        [f"{key},work,plan.md,The plan," for key in keys],
    )
    (incoming / "plan.md").write_text("# A plan\n", encoding="utf-8")
    hub = copied(template, folder / "hub", StandingClock())
    import_quickly(hub, incoming)
    return hub


def decide_all(hub: Hub, url: str, folder: Path, count: int) -> None:
    """A reviewer's desk in `folder` on which everything is decided, and on the hub."""
    assessor: Device = enrol(hub, url, Role.ASSESSOR, *keys_of(count))
    for key in keys_of(count):
        assessor.deliver(*assessor.seal(folder.parent / "packets" / key, key, overall=OVERALL))
    assessor.source.close()
    person = add_person(hub, "Rita Sample", [Role.REVIEWER])
    assign_all(hub, person)
    desk, _ = Desk.create(folder, "demo")
    with desk:
        desk.connect(url, new_code(hub, person), "demo")
        desk.sync()
        for row in desk.inbox():
            desk.decide(row.submission_id, "demo")
        assert desk.sync().troubles == ()


def release_until_killed(desk: Path, out: Path, after: float) -> int:
    """Start releasing and kill the process and its children so long after it began; how many it had said were done."""
    process = subprocess.Popen(
        [sys.executable, str(RELEASER), str(desk), str(out)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(after)
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.kill()
    said = process.stdout.read()
    process.wait()
    process.stdout.close()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == [], "a process that makes reports outlived the one that was killed"
    return said.count("done") - 1


@pytest.mark.parametrize(
    ("count", "kills"),
    [(6, 4), pytest.param(200, 12, marks=[pytest.mark.long, pytest.mark.timeout(1800)])],
)
def test_killed_and_released_again_each_report_is_there_once(tmp_path: Path, count: int, kills: int) -> None:
    dice = random.Random(20261122)
    hub = hub_with(tmp_path, count)
    out, folder = tmp_path / "out", tmp_path / "reviewer"
    with Server(hub.folder) as server:
        decide_all(hub, server.url, folder, count)
        longest = 1.0 + count / 50
        for _ in range(kills):
            release_until_killed(folder, out, dice.uniform(0.05, longest))
        with Desk.open(folder, "demo") as desk:
            own_ids = [row.submission_id for row in desk.inbox()]
            result = desk.release(own_ids, "demo", out)
            assert len(result.before) + len(result.released) == count
            assert result.troubles == ()
            assert {row.state for row in desk.inbox()} == {InboxState.RELEASED}
    rows = list(csv.DictReader(StringIO((out / MAIL_MERGE).read_text(encoding="utf-8-sig"))))
    assert sorted(row["Submission"] for row in rows) == keys_of(count)
    assert sorted(one.key for one in releases(hub)) == keys_of(count)
    hub.close()
    names = {path.name for path in out.iterdir()}
    assert names == {
        MAIL_MERGE,
        *(f"{key}-feedback.{form}" for key in keys_of(count) for form in ("pdf", "docx", "html")),
    }
    for path in out.glob("*.pdf"):
        assert path.read_bytes().rstrip().endswith(b"%%EOF"), path
