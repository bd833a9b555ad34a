"""A co-signature: given by reviewers alone, once each, beside what was signed, which stays as it was."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.packets.building import NOW, Laboratory
from tests.packets.test_checking_with_other_tools import Recipient, said_by

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.packets.archive import zip_bytes
from assessor_desk.packets.co_signing import co_signed
from assessor_desk.packets.facts import BuiltPacket
from assessor_desk.verdict import FactId, TrustList
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.packet import verify_bytes

AT = NOW + timedelta(minutes=20)


@pytest.fixture(scope="module")
def twice(lab: Laboratory, packet: BuiltPacket) -> bytes:
    """A packet that two reviewers co-signed."""
    once = co_signed(packet.path.read_bytes(), lab.enrolled("R-0207", "reviewer"), AT)
    return co_signed(once, lab.enrolled("R-0300", "reviewer"), AT)


def test_a_packet_that_two_reviewers_co_signed_is_good_and_names_them(twice: bytes, trust: Path) -> None:
    verdict = verify_bytes(twice, "packet.zip", TrustList.load(trust), NOW + timedelta(hours=2))

    assert verdict.exit_code({"revocation"}) == 0
    names = ("Assessor A-1184", "Reviewer R-0207", "Reviewer R-0300")
    assert all(name in verdict.fact(FactId.SIGNATURE).sentence for name in names)
    assert verdict.fact(FactId.SIGNER).sentence == "Assessor A-1184"


def test_what_was_signed_stays_as_it_was(twice: bytes, packet: BuiltPacket) -> None:
    before, after = parse_archive(packet.path.read_bytes()).files, parse_archive(twice).files

    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() == {"signatures/reviewer-1.p7s", "signatures/reviewer-2.p7s"}


def test_the_lines_of_verify_txt_still_hold(
    twice: bytes, packet: BuiltPacket, trust: Path, tmp_path: Path
) -> None:
    path = tmp_path / packet.path.name
    path.write_bytes(twice)
    (tmp_path / "got").mkdir()

    said = Recipient(tmp_path / "got", BuiltPacket(path, packet.digest), trust).types_all()

    assert said_by(said, "openssl cms", "signatures/assessor-1.p7s") == "CAdES Verification successful\n"


def test_nobody_signs_twice(twice: bytes, lab: Laboratory) -> None:
    with pytest.raises(Refused, match="R-0207 has signed this packet already"):
        co_signed(twice, lab.enrolled("R-0207", "reviewer"), AT)


def test_only_reviewers_co_sign(packet: BuiltPacket, lab: Laboratory) -> None:
    with pytest.raises(Refused, match="only reviewers co-sign"):
        co_signed(packet.path.read_bytes(), lab.enrolled("A-2001", "assessor"), AT)


def test_what_is_no_packet_is_not_co_signed(packet: BuiltPacket, lab: Laboratory) -> None:
    archive = parse_archive(packet.path.read_bytes())
    unsigned = {name: content for name, content in archive.files.items() if "signatures/" not in name}

    with pytest.raises(Damaged, match="no packet as it was sealed"):
        co_signed(zip_bytes(archive.top, unsigned), lab.enrolled("R-0207", "reviewer"), AT)
