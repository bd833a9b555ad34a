"""An archive that two programs could read in two ways is refused, and so is one that leads out of its folder."""

from __future__ import annotations

import stat
import struct
import time
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from tests.verdict.altering import Sealed, archived

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.verdict import FactId, Standing, TrustList, Verdict, verify
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.packet import verify_bytes


def look(content: bytes, trust: TrustList, now: datetime) -> Verdict:
    """The verdict, which must be bad."""
    verdict = verify_bytes(content, "packet.zip", trust, now)
    assert verdict.exit_code() == 4
    return verdict


def structure(content: bytes, trust: TrustList, now: datetime) -> str:
    """What the verdict says of the structure."""
    fact = look(content, trust, now).fact(FactId.STRUCTURE)
    assert fact.standing is Standing.BAD
    return f"{fact.sentence}; {fact.detail}"


def directory(content: bytes | bytearray) -> int:
    """Where the archive's directory starts (record.docx has one of its own inside)."""
    return int.from_bytes(content[-6:-2], "little")


def members(sealed: Sealed) -> list[tuple[str | zipfile.ZipInfo, bytes]]:
    """The packet's members, to be archived otherwise."""
    return [(f"{sealed.top}/{name}", content) for name, content in sealed.files.items()]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_packet_archived_again_by_another_program_is_still_good(
    method: int, sealed: Sealed, trust: TrustList, tomorrow: datetime
) -> None:
    again = archived(members(sealed), compression=method)

    assert verify_bytes(again, "packet.zip", trust, tomorrow).exit_code() == 0


def test_folders_of_their_own_are_taken_for_what_they_are(
    sealed: Sealed, trust: TrustList, tomorrow: datetime
) -> None:
    folders: list[tuple[str | zipfile.ZipInfo, bytes]] = [
        (f"{sealed.top}/", b""),
        (f"{sealed.top}/data/", b""),
    ]

    assert (
        verify_bytes(archived([*folders, *members(sealed)]), "packet.zip", trust, tomorrow).exit_code() == 0
    )


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice(sealed: Sealed, trust: TrustList, tomorrow: datetime) -> None:
    twice = [*members(sealed), (f"{sealed.top}/data/review.json", b"{}")]

    assert "data/review.json is there twice" in structure(archived(twice), trust, tomorrow)


@pytest.mark.parametrize("twin", ["data/Review.json", "data/rev\u0131ew.json".replace("\u0131", "\uff49")])
def test_a_name_that_looks_like_another(
    twin: str, sealed: Sealed, trust: TrustList, tomorrow: datetime
) -> None:
    with_twin = archived([*members(sealed), (f"{sealed.top}/{twin}", b"{}")])

    assert f"{twin} has a twin" in structure(with_twin, trust, tomorrow)


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../outside", "packet/../../outside", "C:/windows", "folder\\file", "a//b", "cafe\u0301"],
)
def test_a_name_that_leads_elsewhere(name: str, sealed: Sealed, trust: TrustList, tomorrow: datetime) -> None:
    assert "is no name for a file in a packet" in structure(
        archived([*members(sealed), (name, b"")]), trust, tomorrow
    )


def test_a_link(sealed: Sealed, trust: TrustList, tomorrow: datetime) -> None:
    link = zipfile.ZipInfo(f"{sealed.top}/data/link")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16

    assert "data/link is a link" in structure(
        archived([*members(sealed), (link, b"/etc/passwd")]), trust, tomorrow
    )


def test_an_encrypted_member(sealed: Sealed, trust: TrustList, tomorrow: datetime) -> None:
    content = bytearray(sealed.content)
    central = directory(content)
    content[6] |= 1
    content[central + 8] |= 1

    assert "bagit.txt is encrypted" in structure(bytes(content), trust, tomorrow)


def test_a_member_that_is_streamed(sealed: Sealed, trust: TrustList, tomorrow: datetime) -> None:
    content = bytearray(sealed.content)
    central = directory(content)
    content[6] |= 8
    content[central + 8] |= 8

    assert "bagit.txt has flags" in structure(bytes(content), trust, tomorrow)


def test_a_bomb_is_not_unpacked(sealed: Sealed, trust: TrustList, tomorrow: datetime) -> None:
    bomb = [*members(sealed), (f"{sealed.top}/data/bomb", bytes(300 << 20))]
    packed = archived(bomb, compression=zipfile.ZIP_DEFLATED)

    started = time.perf_counter()
    said = structure(packed, trust, tomorrow)

    assert "data/bomb cannot be unpacked" in said
    assert time.perf_counter() - started < 2


def test_a_member_that_claims_to_be_small_and_is_not(
    sealed: Sealed, trust: TrustList, tomorrow: datetime
) -> None:
    packed = bytearray(archived([(f"{sealed.top}/data/x", bytes(100_000))], compression=zipfile.ZIP_DEFLATED))
    central = directory(packed)
    packed[22:26] = packed[central + 24 : central + 28] = struct.pack("<L", 10)

    assert "data/x cannot be unpacked" in structure(bytes(packed), trust, tomorrow)


def test_an_archive_that_unpacks_to_more_than_a_packet_may_hold(sealed: Sealed) -> None:
    content = bytearray(sealed.content)
    central = directory(content)
    content[central + 24 : central + 28] = struct.pack("<L", 0xF0000000)

    with pytest.raises(Damaged, match="more than a packet may hold"):
        parse_archive(bytes(content))


def test_bytes_before_the_archive(sealed: Sealed, trust: TrustList, tomorrow: datetime) -> None:
    assert "disagree" in structure(b"before" + sealed.content, trust, tomorrow)


def test_bytes_after_the_archive(sealed: Sealed, trust: TrustList, tomorrow: datetime) -> None:
    assert "does not end where its directory ends" in structure(sealed.content + b"after", trust, tomorrow)


def test_a_remark_on_the_archive(sealed: Sealed, trust: TrustList, tomorrow: datetime) -> None:
    remarked = sealed.content[:-2] + b"\x05\x00after"

    assert "does not end where its directory ends" in structure(remarked, trust, tomorrow)


def test_bytes_between_the_members(sealed: Sealed, trust: TrustList, tomorrow: datetime) -> None:
    start = directory(sealed.content)
    end = bytearray(sealed.content[-22:])
    end[16:20] = struct.pack("<L", start + 6)
    content = sealed.content[:start] + b"hidden" + sealed.content[start:-22] + bytes(end)

    assert "between the last member and the archive's directory" in structure(content, trust, tomorrow)


def test_a_member_named_otherwise_in_its_own_header(
    sealed: Sealed, trust: TrustList, tomorrow: datetime
) -> None:
    other = sealed.content.replace(b"/data/record.docx", b"/data/record.doc_", 1)

    assert "data/record.docx says other things of itself" in structure(other, trust, tomorrow)


def test_a_second_folder(sealed: Sealed, trust: TrustList, tomorrow: datetime) -> None:
    verdict = look(archived([*members(sealed), ("other/file", b"")]), trust, tomorrow)

    assert verdict.fact(FactId.FILES).sentence == "other/file lies outside the packet's folder"


def test_a_folder_of_another_name(sealed: Sealed, trust: TrustList, tomorrow: datetime) -> None:
    renamed = archived([(f"packet-0000000000/{name}", content) for name, content in sealed.files.items()])

    assert "is not named after the review" in look(renamed, trust, tomorrow).headline


@pytest.mark.parametrize(
    "content", [b"", b"PK\5\6" + bytes(18), b"no archive at all, only words" * 10, b"PK\3\4" * 100]
)
def test_what_is_no_archive(content: bytes, trust: TrustList, tomorrow: datetime) -> None:
    verdict = look(content, trust, tomorrow)

    assert verdict.fact(FactId.SIGNATURE).standing is Standing.UNKNOWN


def test_half_an_archive(sealed: Sealed, trust: TrustList, tomorrow: datetime) -> None:
    assert "cut short" in structure(sealed.content[: len(sealed.content) // 2], trust, tomorrow)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path, tomorrow: datetime) -> None:
    with pytest.raises(Refused, match=r"nowhere\.zip cannot be read"):
        verify(tmp_path / "nowhere.zip", None, tomorrow)


def test_nothing_is_unpacked_to_disk(
    sealed: Sealed, trust: TrustList, tomorrow: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "packet.zip"
    path.write_bytes(sealed.content)
    monkeypatch.setattr(Path, "write_bytes", None)
    monkeypatch.setattr("os.mkdir", None)
    monkeypatch.setattr("tempfile.mkstemp", None)

    assert verify(path, trust, tomorrow).exit_code() == 0
    assert [found.name for found in tmp_path.iterdir()] == ["packet.zip"]
