"""Work is bounded by what a packet may be, not by the clock: whoever writes the file cannot make it longer."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.packets.building import NOW, Laboratory
from tests.packets.test_case_files import Case
from tests.verdict.altering import Sealed, archived

from assessor_desk.packets.archive import zip_bytes
from assessor_desk.verdict import FactId, Standing
from assessor_desk.verdict import archive as archives
from assessor_desk.verdict.packet import verify_bytes


@pytest.fixture
def inflated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes each member was unpacked to."""
    sizes: list[int] = []
    unpack: Callable[[bytes, Any], bytes | None] = archives._unpacked

    def counted(packed: bytes, member: Any) -> bytes | None:
        content = unpack(packed, member)
        sizes.append(len(content or b""))
        return content

    monkeypatch.setattr(archives, "_unpacked", counted)
    return sizes


def test_a_bomb_is_not_unpacked_at_all(inflated: list[int], tomorrow: datetime) -> None:
    packed = archived([("packet-00000000/data/bomb", bytes(64 << 20))], compression=zipfile.ZIP_DEFLATED)

    assert verify_bytes(packed, "bomb.zip", None, tomorrow).bad
    assert sum(inflated) == 0


def test_a_member_is_unpacked_to_no_more_than_it_says(inflated: list[int], tomorrow: datetime) -> None:
    packed = bytearray(
        archived([("packet-00000000/data/x", bytes(8 << 20))], compression=zipfile.ZIP_DEFLATED)
    )
    central = int.from_bytes(packed[-6:-2], "little")
    packed[22:26] = packed[central + 24 : central + 28] = (1000).to_bytes(4, "little")

    assert verify_bytes(bytes(packed), "bomb.zip", None, tomorrow).bad
    assert sum(inflated) <= 1001


@pytest.fixture(scope="module")
def case(lab: Laboratory) -> Case:
    return Case(lab, lab.packet())


def nested(case: Case, inner: dict[str, bytes]) -> bytes:
    """A case file with other things in it, listed and signed by its issuer: without a trust list anybody's."""
    from assessor_desk.keys.cms import sign_detached

    outer = Sealed(case.sealed(), "")
    files = {name: found for name, found in outer.files.items() if not name.endswith(".zip")}
    files.update({f"data/packets/{name}.zip": content for name, content in inner.items()})
    payload = {name: found for name, found in files.items() if name.startswith("data/")}
    info = files["bag-info.txt"].decode().splitlines()
    oxum = f"Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}"
    lines = [oxum if line.startswith("Payload-Oxum") else line for line in info]
    files["bag-info.txt"] = ("\n".join(lines) + "\n").encode()
    files["manifest-sha256.txt"] = listed(payload)
    tags = {name: files[name] for name in files if "/" not in name or name.startswith("certs/")}
    del tags["tagmanifest-sha256.txt"]
    files["tagmanifest-sha256.txt"] = listed(tags)
    signed = sign_detached(
        files["tagmanifest-sha256.txt"], case.issuer.key, case.issuer.certificate, NOW + timedelta(days=1)
    )
    return zip_bytes(outer.top, {**files, "signatures/issuer-1.p7s": signed})


def listed(files: dict[str, bytes]) -> bytes:
    from assessor_desk.packets.facts import sha256

    return "".join(f"{sha256(found)}  {name}\n" for name, found in sorted(files.items())).encode()


def test_a_case_file_in_a_case_file_is_not_opened(case: Case, inflated: list[int]) -> None:
    within = nested(case, {"case": case.sealed()})

    verdict = verify_bytes(within, "case.zip", None, NOW + timedelta(days=3))

    assert [one.headline for one in verdict.contained] == [
        "Do not rely on this packet. A case file lies in no other."
    ]
    assert verdict.fact(FactId.CONTAINED).standing is Standing.BAD


def test_what_lies_in_a_case_file_unpacks_to_no_more_than_a_packet_may(
    case: Case, inflated: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 3 << 20
    monkeypatch.setattr("assessor_desk.verdict.packet.LARGEST_CONTENT", most)
    bulky = archived([("packet-0000000000/data/x", b"0123456789" * 100_000)], compression=zipfile.ZIP_STORED)
    within = nested(case, {f"bulky-{number}": bulky for number in range(9)})
    inflated.clear()

    verdict = verify_bytes(within, "case.zip", None, NOW + timedelta(days=3))

    refused = [one for one in verdict.contained if "more than a packet may hold" in one.headline]
    assert (len(verdict.contained), len(refused)) == (9, 6)
    assert verdict.fact(FactId.CONTAINED).standing is Standing.BAD


def test_a_stream_of_the_record_is_unpacked_within_its_bound() -> None:
    import zlib

    from assessor_desk.domain.errors import Damaged
    from assessor_desk.verdict import record

    class Embedded:
        def get(self, name: str) -> object:
            return "/FlateDecode"

        def __contains__(self, name: str) -> bool:
            return False

        def read_raw_bytes(self) -> bytes:
            return zlib.compress(bytes(record._LARGEST + 1))

    with pytest.raises(Damaged, match="cannot be read as a signed PDF"):
        record._content(Embedded())
