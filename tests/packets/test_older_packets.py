"""A packet of format 1.0, as an earlier version of the program sealed it, verifies and is read as before."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from tests.packets.building import ANCHORS, NOW, a_submission, an_assignment
from tests.packets.following import faults

from assessor_desk.packets.reading import read_basis
from assessor_desk.verdict import Standing, TrustList, verify


@pytest.fixture(scope="module")
def golden(root: Path) -> Path:
    """The folder with the packet and the trust list of its time."""
    return root / "tests" / "golden" / "packet-1.0"


@pytest.fixture(scope="module")
def packet(golden: Path) -> Path:
    """The packet."""
    (found,) = golden.glob("packet-*.zip")
    return found


def test_it_verifies(golden: Path, packet: Path) -> None:
    verdict = verify(packet, TrustList.load(golden / "trust.pem"), NOW)
    assert [fact.sentence for fact in verdict.facts if fact.standing is Standing.BAD] == []
    assert verdict.exit_code(frozenset()) == 0


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("data/review.json", "review"),
        ("data/feedback.json", "feedback"),
        ("data/annotations.jsonld", "annotations"),
    ],
)
def test_its_documents_follow_the_schemas_of_today(packet: Path, name: str, schema: str) -> None:
    with zipfile.ZipFile(packet) as bag:
        (found,) = [one for one in bag.namelist() if one.endswith(name)]
        assert faults(json.loads(bag.read(found)), schema) == []


def test_its_anchors_are_read_as_they_were_placed(packet: Path) -> None:
    basis = read_basis(packet.read_bytes(), a_submission(), an_assignment())
    assert basis.delivered.review.anchors == ANCHORS
