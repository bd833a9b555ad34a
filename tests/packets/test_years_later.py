"""Packets and case files years later: every certificate has expired and the hub is gone.

They were really sealed then, as far as any certificate knows, so that openssl is asked by today's clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.packets.building import Laboratory
from tests.packets.test_case_files import Case
from tests.packets.test_checking_with_other_tools import Recipient, said_by
from tests.verdict.stamping import StampingAuthority

from assessor_desk.packets.archive import write_whole, zip_bytes
from assessor_desk.packets.facts import BuiltPacket
from assessor_desk.packets.receiving import with_receipt
from assessor_desk.verdict import FactId, Standing, TrustList, Verdict, verify
from assessor_desk.verdict.archive import parse_archive

#: Beyond the two years of people's certificates, and the ten of the issuing authority's.
YEARS = {"3 years": timedelta(days=3 * 366), "10 years": timedelta(days=10 * 366)}


@dataclass
class Kept:
    """What somebody kept in a folder: things sealed long ago, and the trust list of about then."""

    folder: Path
    trust: Path
    packet: BuiltPacket
    case: BuiltPacket

    def verdict(self, packet: Path) -> Verdict:
        """By this computer's real clock."""
        return verify(packet, TrustList.load(self.trust), datetime.now(UTC))


@pytest.fixture(scope="module", params=YEARS)
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A packet with receipt and time-stamp, and a case file with it, of years ago."""
    folder = tmp_path_factory.mktemp("kept")
    lab = Laboratory(folder / "lab", (datetime.now(UTC) - YEARS[request.param]).replace(microsecond=0))
    packet = lab.packet()
    case = Case(lab, packet)
    signature = parse_archive(case.packet).files["signatures/assessor-1.p7s"]
    token = StampingAuthority(lab.authority, lab.now).stamp(signature)
    case.packet = with_receipt(case.packet, lab.receipt(packet), token)
    write_whole(packet.path, case.packet)
    sealed = BuiltPacket(folder / f"case-{case.award.id}.zip", "")
    sealed.path.write_bytes(case.receipted())
    return Kept(folder, lab.trust(timedelta(days=2)), packet, sealed)


def test_the_packet_still_verifies(kept: Kept, tmp_path: Path) -> None:
    verdict = kept.verdict(kept.packet.path)

    assert verdict.exit_code(frozenset({"revocation", "time", "record", "assignment"})) == 0


@pytest.mark.parametrize("without", ["signatures/assessor-1.p7s.tst", "signatures/assessor-1.receipt.p7s"])
def test_a_receipt_or_a_time_stamp_alone_is_enough(kept: Kept, without: str, tmp_path: Path) -> None:
    archive = parse_archive(kept.packet.path.read_bytes())
    alone = tmp_path / "packet.zip"
    alone.write_bytes(
        zip_bytes(archive.top, {name: data for name, data in archive.files.items() if name != without})
    )

    verdict = kept.verdict(alone)

    assert verdict.fact(FactId.TIME).standing is Standing.GOOD
    assert verdict.exit_code() == 0


def test_the_case_file_still_verifies(kept: Kept) -> None:
    verdict = kept.verdict(kept.case.path)

    assert verdict.exit_code(frozenset({"revocation", "time", "record"})) == 0
    assert verdict.fact(FactId.CONTAINED).standing is Standing.GOOD


@pytest.mark.parametrize("which", ["packet", "case"])
def test_every_line_of_verify_txt_still_succeeds(kept: Kept, which: str, tmp_path: Path) -> None:
    recipient = Recipient(tmp_path, getattr(kept, which), kept.trust)

    said = recipient.types_all()

    checks = [words for line, words in said.items() if "openssl cms -verify -cades" in line]
    assert set(checks) == {"CAdES Verification successful\n"}
    assert "Total document signed" in said_by(said, "pdfsig")
    assert "Signature is Valid" in said_by(said, "pdfsig")
    assert "Certificate has Expired" in said_by(said, "pdfsig")
    assert "Certificate has Expired" in " ".join(recipient.instructions.split())
    if which == "packet":
        receipt = said_by(said, "openssl cms", "receipt")
        assert "CMS Verification successful" in receipt
        assert f'"packet":"{kept.packet.digest}"' in receipt
        assert "Verification: OK" in said_by(said, "openssl ts -verify")
        assert "Time stamp: " in said_by(said, "openssl ts -reply")


def test_the_lines_still_find_another_receipt(kept: Kept, tmp_path: Path) -> None:
    """Asking for no date is asking for all else."""
    stranger = Laboratory(tmp_path / "stranger", datetime.now(UTC).replace(microsecond=0))
    forged = stranger.receipt(kept.packet)
    (tmp_path / "got").mkdir()
    packet = BuiltPacket(tmp_path / kept.packet.path.name, "")
    packet.path.write_bytes(with_receipt(kept.packet.path.read_bytes(), forged))
    recipient = Recipient(tmp_path / "got", packet, kept.trust)
    for line in recipient.lines[:1]:
        recipient.types(line)

    done = recipient.types(recipient.line("test ! -e signatures/assessor-1.receipt.p7s || openssl cms"))

    assert done.returncode != 0
    assert "Verification failure" in done.stderr
