"""A packet can be checked without this program: the lines of VERIFY.txt, run as they are printed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from tests.packets.building import NOW, Laboratory, packet_facts

from assessor_desk.domain.changes import Attested
from assessor_desk.packets.facts import BuiltPacket
from assessor_desk.packets.receiving import add_receipt
from assessor_desk.packets.sealing import build_packet

TOOLS = {
    "openssl": "openssl", "sha256sum": "coreutils", "unzip": "unzip", "pdfsig": "poppler-utils", "qpdf": "qpdf",
    "certutil": "libnss3-tools", "cmp": "diffutils",
}  # fmt: skip
PRINTED = re.compile(r"^    (\S.*)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def _tools() -> None:
    missing = [f"{tool} (Debian: {package})" for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if sys.platform == "linux":
        assert not missing, f"These tests need {', '.join(missing)}"
    elif missing:
        pytest.skip(f"Without {', '.join(missing)}")


class Recipient:
    """Somebody with the packet and the trust list in an empty folder, who types what VERIFY.txt prints."""

    def __init__(self, folder: Path, packet: BuiltPacket, trust: Path) -> None:
        self.folder = folder
        shutil.copy(packet.path, folder)
        shutil.copy(trust, folder / "trust.pem")
        self.top = packet.path.stem
        with zipfile.ZipFile(packet.path) as archive:
            self.instructions = archive.read(f"{self.top}/VERIFY.txt").decode()
        self.lines = PRINTED.findall(self.instructions)

    def types(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run one line in the unpacked packet."""
        line = line.replace("python3 -m bagit", f"'{sys.executable}' -m bagit")
        inside = self.folder / self.top
        where = inside if inside.exists() else self.folder
        return subprocess.run(
            ["bash", "-c", f"set -o pipefail; {line}"], cwd=where, capture_output=True, text=True
        )

    def types_all(self) -> dict[str, str]:
        """Run every line; what each said, by the line. Fails on the first that fails."""
        said = {}
        for line in self.lines:
            if not line.startswith("cd "):
                done = self.types(line)
                assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
                said[line] = done.stdout + done.stderr
        return said

    def line(self, start: str) -> str:
        """The first printed line that starts with these words."""
        return next(line for line in self.lines if line.startswith(start))


@pytest.fixture
def recipient(tmp_path: Path, packet: BuiltPacket, trust: Path) -> Recipient:
    return Recipient(tmp_path, packet, trust)


def said_by(said: dict[str, str], *words: str) -> str:
    """What the one line said that has all these words in it."""
    [line] = [line for line in said if all(word in line for word in words)]
    return said[line]


def test_every_printed_line_succeeds_and_says_what_the_text_promises(recipient: Recipient) -> None:
    said = recipient.types_all()

    assert said_by(said, "openssl cms", "signatures/assessor-1.p7s") == "CAdES Verification successful\n"
    assert said_by(said, "openssl cms", "data/assignment.p7s") == "CAdES Verification successful\n"
    assert said_by(said, "sha256sum --check", " tagmanifest") == ""
    assert said_by(said, "sha256sum --check", " manifest") == ""
    assert ". is valid" in said_by(said, "bagit")
    for words in ("Total document signed", "Signature is Valid", "Certificate is Trusted"):
        assert words in said_by(said, "pdfsig")
    assert said_by(said, "qpdf") == ""


def test_the_receipt_is_shown_by_openssl(lab: Laboratory, trust: Path, tmp_path: Path) -> None:
    packet = build_packet(packet_facts(lab.attested()), lab.signer, tmp_path / "sealed")
    add_receipt(packet, lab.receipt(packet))
    (tmp_path / "got").mkdir()

    said = Recipient(tmp_path / "got", packet, trust).types_all()

    assert f'"packet":"{packet.digest}"' in said_by(said, "openssl cms", "receipt")


def test_a_packet_without_an_issuer_says_nothing_of_an_assignment(
    lab: Laboratory, trust: Path, tmp_path: Path
) -> None:
    packet = build_packet(packet_facts(), lab.signer, tmp_path / "sealed")
    (tmp_path / "got").mkdir()
    recipient = Recipient(tmp_path / "got", packet, trust)

    recipient.types_all()

    assert "assignment" not in recipient.instructions


def test_the_lines_still_work_after_the_certificate_was_revoked_later(
    lab: Laboratory, tmp_path: Path
) -> None:
    signer = lab.enrolled("A-1184")
    packet = build_packet(packet_facts(lab.attested()), signer, tmp_path / "sealed")
    lab.authority.crl()  # the revocation list that was current at the signing
    lab.now = NOW + timedelta(days=1)
    lab.authority.revoke(signer.certificate.serial_number, "cessationOfOperation")
    trust = lab.trust()
    lab.now = NOW
    (tmp_path / "got").mkdir()

    said = Recipient(tmp_path / "got", packet, trust).types_all()

    assert said_by(said, "openssl cms", "signatures/assessor-1.p7s") == "CAdES Verification successful\n"
    assert "-attime" in next(
        line for line in said if "signatures/assessor-1.p7s" in line and "openssl cms" in line
    )
    assert "Signature is Valid" in said_by(said, "pdfsig")


def test_a_trust_list_of_two_programmes_is_taken_apart_so_that_each_vouches_for_its_own(
    lab: Laboratory, trust: Path, tmp_path: Path
) -> None:
    (tmp_path / "bay").mkdir()
    bay = Laboratory(tmp_path / "bay")
    both = tmp_path / "both.pem"
    both.write_bytes(bay.trust().read_bytes() + trust.read_bytes())
    theirs = Recipient(_made(tmp_path / "theirs"), bay.packet(), both)
    ours = Recipient(_made(tmp_path / "ours"), lab.packet(), both)
    told = []
    for each in (theirs, ours):
        _, _, split, sort, show, *_ = each.lines
        assert [each.types(line).returncode for line in (each.line("unzip"), split, sort)] == [0, 0, 0]
        told.append(re.findall(r"Fingerprint=(.*)", each.types(show).stdout))
        each.types("cp ../programme-2.pem ../trust.pem")

    assert told == [[_print_of(one.authority.root) for one in (bay, lab)]] * 2
    for line in ours.lines[5:]:
        assert ours.types(line).returncode == 0, line
    assert "Verification failure" in theirs.types(theirs.line("openssl cms")).stderr


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _print_of(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def test_openssl_refuses_a_list_of_contents_that_was_written_again(recipient: Recipient) -> None:
    recipient.types(recipient.line("unzip"))
    listed = recipient.folder / recipient.top / "tagmanifest-sha256.txt"
    listed.write_bytes(listed.read_bytes().replace(b"0", b"1", 1))

    assert "verification failure" in recipient.types(recipient.line("openssl cms")).stderr.lower()


def test_sha256sum_finds_an_edited_review_and_bagit_an_added_file(recipient: Recipient) -> None:
    recipient.types(recipient.line("unzip"))
    inside = recipient.folder / recipient.top
    (inside / "data/added.txt").write_text("added")

    assert recipient.types(recipient.line("sha256sum --check --quiet manifest")).returncode == 0
    assert recipient.types(recipient.line("python3 -m bagit")).returncode != 0

    review = inside / "data/review.json"
    review.write_bytes(review.read_bytes() + b" ")
    assert (
        "data/review.json: FAILED"
        in recipient.types(recipient.line("sha256sum --check --quiet manifest")).stdout
    )


def test_pdfsig_finds_a_changed_byte_of_the_record(recipient: Recipient) -> None:
    for line in recipient.lines:
        if line.startswith(("unzip", "mkdir", "openssl x509", "certutil")):
            recipient.types(line)
    record = recipient.folder / recipient.top / "data/record.pdf"
    content = bytearray(record.read_bytes())
    content[len(content) // 2] ^= 1
    record.write_bytes(content)

    assert "Signature is Valid" not in recipient.types(recipient.line("pdfsig")).stdout


def test_the_attested_assignment_is_carried_byte_for_byte(lab: Laboratory, tmp_path: Path) -> None:
    attested: Attested = lab.attested()
    packet = build_packet(packet_facts(attested), lab.signer, tmp_path)

    with zipfile.ZipFile(packet.path) as archive:
        assert archive.read(f"{packet.path.stem}/data/assignment.json") == attested.canonical
        assert archive.read(f"{packet.path.stem}/data/assignment.p7s") == attested.signature
