"""Packets, decisions and case files of every format that was ever released verify, and are read as before."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from tests.golden.make_golden import DIGESTS, FOLDER, MOVED, digests, folder_of
from tests.packets.building import ANCHORS, NOW, a_submission, an_assignment
from tests.packets.following import faults

from assessor_desk.packets.reading import read_basis
from assessor_desk.verdict import FactId, Standing, TrustList, Verdict, verify
from assessor_desk.verdict.layout import CASE_FILE, DECISION_BAG, PACKET, Layout

FORMATS = sorted(bag.parent.name for bag in FOLDER.glob("*-*/*.zip"))
PACKETS = [name for name in FORMATS if name.startswith("packet-")]
YEARS = [0, 3, 10, 30]


def golden(name: str) -> Path:
    """The one bag of a format."""
    (found,) = (FOLDER / name).glob("*.zip")
    return found


def judged(name: str, years: int = 0) -> Verdict:
    trust = TrustList.load(FOLDER / name / "trust.pem")
    return verify(golden(name), trust, NOW + timedelta(days=366 * years))


def test_they_are_as_they_were_made() -> None:
    assert DIGESTS.read_text(encoding="utf-8") == digests()


@pytest.mark.parametrize("layout", [PACKET, DECISION_BAG, CASE_FILE], ids=lambda layout: layout.kind)
def test_the_present_formats_are_among_them(layout: Layout) -> None:
    assert folder_of(layout).is_dir()


@pytest.mark.parametrize("years", YEARS)
@pytest.mark.parametrize("name", FORMATS)
def test_they_verify(name: str, years: int) -> None:
    verdict = judged(name, years)

    assert verdict.bad == ()
    assert verdict.exit_code() == 0
    assert not verdict.newer


@pytest.mark.parametrize("years", YEARS[1:])
@pytest.mark.parametrize("name", FORMATS)
def test_years_later_revocation_is_known_where_a_time_is_confirmed(name: str, years: int) -> None:
    verdict = judged(name, years)

    confirmed = verdict.fact(FactId.TIME).standing is Standing.GOOD
    expected = Standing.GOOD if confirmed else Standing.UNKNOWN
    assert verdict.fact(FactId.REVOCATION).standing is expected


def test_what_is_receipted_and_stamped_has_its_time() -> None:
    found = {name: judged(name).fact(FactId.TIME).standing for name in FORMATS}

    assert found["packet-1.1"] is found["decision-1.1"] is Standing.GOOD


def test_one_that_was_moved_to_a_republished_rubric_names_both_versions_and_who_vouches_for_the_wording() -> (
    None
):
    with zipfile.ZipFile(golden(MOVED.name)) as bag:
        told = {Path(name).name: bag.read(name) for name in bag.namelist()}
    review, assignment = (json.loads(told[name]) for name in ("review.json", "assignment.json"))
    assert review["rubric"]["version"] != assignment["rubric"]["version"] == review["rubric_moved"]["from"]
    verdict = judged(MOVED.name)
    fact = verdict.fact(FactId.ASSIGNMENT)
    assert fact.standing is Standing.GOOD
    assert told["rubric.p7s"]


def test_the_command_verifies_one_in_a_process_of_its_own() -> None:
    """Nothing that another test imported helps it to read the time-stamp."""
    command = [sys.executable, "-m", "assessor_desk", "verify", str(golden("packet-1.1")), "--trust"]
    done = subprocess.run(
        [*command, str(FOLDER / "packet-1.1" / "trust.pem")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("data/review.json", "review"),
        ("data/feedback.json", "feedback"),
        ("data/annotations.jsonld", "annotations"),
        ("data/decision.json", "decision"),
        ("data/award.json", "award"),
        ("data/assignment.json", "assignment"),
    ],
)
def test_their_documents_follow_the_schemas_of_today(name: str, schema: str) -> None:
    looked_at = 0
    for one in map(golden, FORMATS):
        with zipfile.ZipFile(one) as bag:
            for found in (inside for inside in bag.namelist() if inside.endswith(name)):
                looked_at += 1
                assert faults(json.loads(bag.read(found)), schema) == [], one
    assert looked_at


@pytest.mark.parametrize("name", PACKETS)
def test_their_anchors_are_read_as_they_were_placed(name: str) -> None:
    basis = read_basis(golden(name).read_bytes(), a_submission(), an_assignment())
    assert basis.delivered.review.anchors == ANCHORS
