"""One changed byte anywhere makes the verdict bad, and the verdict names what was changed.

The ordinary run turns over a sample of the bytes; `python3 dev.py check --long` turns over several times as many.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime

import pytest
from tests.verdict.altering import Sealed, flipped

from assessor_desk.verdict import Standing, TrustList, Verdict
from assessor_desk.verdict.packet import verify_bytes


def words(verdict: Verdict) -> str:
    """All that the bad facts say."""
    return " ".join(f"{fact.sentence} {fact.detail}" for fact in verdict.bad)


def content_spans(sealed: Sealed) -> Iterator[tuple[str, int, int]]:
    """Each member's name, with the place of its bytes in the archive."""
    for name, content in sealed.files.items():
        start = sealed.content.index(content, sealed.content.index(f"{sealed.top}/{name}".encode()))
        yield name, start, start + len(content)


@pytest.mark.parametrize("each_member", [4, pytest.param(16, marks=pytest.mark.long)])
def test_a_flipped_byte_of_any_member_is_found_and_the_member_named(
    receipted: Sealed, trust: TrustList, tomorrow: datetime, each_member: int
) -> None:
    dice = random.Random(7)
    for name, start, end in content_spans(receipted):
        places = {start, end - 1, *(dice.randrange(start, end) for _ in range(each_member))}
        for place in places:
            altered = flipped(receipted.content, place, dice.randrange(8))
            verdict = verify_bytes(altered, "packet.zip", trust, tomorrow)
            assert verdict.exit_code() == 4, f"{name}, byte {place - start}"
            assert name in words(verdict), f"{name}, byte {place - start}: {words(verdict)}"


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("signatures/assessor-1.p7s", 13),
        ("signatures/assessor-1.receipt.p7s", 41),
        pytest.param("signatures/assessor-1.p7s", 3, marks=pytest.mark.long),
        pytest.param("signatures/assessor-1.receipt.p7s", 11, marks=pytest.mark.long),
    ],
)
def test_the_bytes_of_a_signature_file_count_even_where_the_archive_fits(
    name: str, step: int, receipted: Sealed, trust: TrustList, tomorrow: datetime
) -> None:
    dice = random.Random(11)
    signature = receipted.files[name]
    for place in range(0, len(signature), step):
        altered = receipted.with_files({name: flipped(signature, place, dice.randrange(8))})
        verdict = verify_bytes(altered, "packet.zip", trust, tomorrow)
        assert verdict.exit_code() == 4, f"byte {place}"
        assert name in words(verdict), f"byte {place}: {words(verdict)}"


@pytest.mark.parametrize("sample", [40, pytest.param(120, marks=pytest.mark.long)])
def test_a_flipped_byte_of_the_archive_itself_is_found(
    receipted: Sealed, trust: TrustList, tomorrow: datetime, sample: int
) -> None:
    dice = random.Random(13)
    inside = {place for _, start, end in content_spans(receipted) for place in range(start, end)}
    between = sorted(set(range(len(receipted.content))) - inside)
    for place in dice.sample(between, sample):
        for bit in (0, dice.randrange(1, 8)):
            verdict = verify_bytes(flipped(receipted.content, place, bit), "packet.zip", trust, tomorrow)
            assert verdict.exit_code() == 4, (
                f"byte {place}, bit {bit}: {receipted.content[place - 8 : place + 8]!r}"
            )
            assert words(verdict)


def test_each_required_file_is_missed_by_name(
    receipted: Sealed, trust: TrustList, tomorrow: datetime
) -> None:
    for name in receipted.files:
        if name == "signatures/assessor-1.receipt.p7s":
            continue
        verdict = verify_bytes(receipted.with_files({name: None}), "packet.zip", trust, tomorrow)
        assert verdict.exit_code() == 4, name
        assert name in words(verdict) or name.startswith("signatures/"), f"{name}: {words(verdict)}"


def test_a_packet_without_its_receipt_is_good_but_its_time_is_only_claimed(
    receipted: Sealed, trust: TrustList, tomorrow: datetime
) -> None:
    altered = receipted.with_files({"signatures/assessor-1.receipt.p7s": None})
    verdict = verify_bytes(altered, "packet.zip", trust, tomorrow)

    assert verdict.exit_code() == 0
    assert verdict.exit_code({"time"}) == 4


@pytest.mark.parametrize(
    "name",
    ["data/more.json", "more.txt", "data/artifacts/lesson.mp4", "signatures/more.txt", "signatures/reviewer-1.p7s.tst",
     "signatures/ASSESSOR-1.p7s", "signatures/assessor-0.p7s", "certs/root.pem"],
)  # fmt: skip
def test_an_added_file_is_named(name: str, receipted: Sealed, trust: TrustList, tomorrow: datetime) -> None:
    verdict = verify_bytes(receipted.with_files({name: b"added"}), "packet.zip", trust, tomorrow)

    assert verdict.exit_code() == 4
    assert name in words(verdict)


def test_the_untouched_packet_is_all_good(receipted: Sealed, trust: TrustList, tomorrow: datetime) -> None:
    verdict = verify_bytes(receipted.content, "packet.zip", trust, tomorrow)

    assert [fact for fact in verdict.facts if fact.standing in (Standing.BAD, Standing.UNKNOWN)] == []
    assert verdict.exit_code({"revocation", "time", "record", "assignment"}) == 0
    assert verdict.headline == "Unaltered since assessor A-1184 signed it."
