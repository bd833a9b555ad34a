"""Sealed files: what goes in comes out, from anywhere, and no change goes unnoticed."""

from __future__ import annotations

import io
import os
import random
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor_desk.artifacts.sealed_stream import (
    CHUNK,
    HEADER_LENGTH,
    TAG,
    SealingWriter,
    new_key,
    open_sealed,
    seal,
    sealed_length,
)
from assessor_desk.domain.errors import Damaged, Refused

SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17)


def sealed_file(folder: Path, plain: bytes, key: bytes) -> Path:
    path = folder / "lesson.sealed"
    with path.open("wb") as target:
        seal(io.BytesIO(plain), target, key, len(plain))
    return path


@pytest.mark.parametrize("size", SIZES)
def test_sealed_bytes_come_back_whole_and_have_the_announced_length(tmp_path: Path, size: int) -> None:
    plain, key = random.Random(size).randbytes(size), new_key()
    path = sealed_file(tmp_path, plain, key)
    assert path.stat().st_size == sealed_length(size)
    with open_sealed(path, key) as reader:
        assert (reader.size, reader.read()) == (size, plain)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(places=st.lists(st.tuples(st.integers(0, 3 * CHUNK + 40), st.integers(0, 2 * CHUNK)), max_size=8))
def test_any_part_can_be_read_alone(tmp_path: Path, places: list[tuple[int, int]]) -> None:
    plain, key = random.Random(7).randbytes(3 * CHUNK + 17), new_key()
    with open_sealed(sealed_file(tmp_path, plain, key), key) as reader:
        for offset, length in places:
            reader.seek(offset)
            assert reader.read(length) == plain[offset : offset + length]


def test_seeking_counts_from_start_place_and_end_and_never_before_the_start(tmp_path: Path) -> None:
    key = new_key()
    with open_sealed(sealed_file(tmp_path, b"abcdefgh", key), key) as reader:
        assert reader.seek(-3, io.SEEK_END) == 5
        assert reader.seek(1, io.SEEK_CUR) == 6
        assert reader.read() == b"gh"
        with pytest.raises(ValueError, match="before the beginning"):
            reader.seek(-1)


def test_no_plain_word_is_found_in_the_sealed_file(tmp_path: Path) -> None:
    plain = b"exit ticket, three quarters of twenty-four " * 4000
    assert b"exit ticket" not in sealed_file(tmp_path, plain, new_key()).read_bytes()


@pytest.mark.parametrize("size", SIZES)
def test_one_flipped_bit_anywhere_is_noticed_and_names_the_file(tmp_path: Path, size: int) -> None:
    key = new_key()
    path = sealed_file(tmp_path, bytes(size), key)
    whole = path.read_bytes()
    places = {
        *range(min(HEADER_LENGTH + 4, len(whole))),
        *random.Random(size).sample(range(len(whole)), 12),
        len(whole) - 1,
    }
    for place in places:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Damaged, match=r"plan\.docx"), open_sealed(path, key, "plan.docx") as reader:
            reader.read()


@pytest.mark.parametrize("cut", [1, TAG, CHUNK + TAG, 2 * (CHUNK + TAG) + 5, 3 * (CHUNK + TAG)])
def test_a_file_cut_short_is_noticed_on_opening(tmp_path: Path, cut: int) -> None:
    key = new_key()
    path = sealed_file(tmp_path, bytes(3 * CHUNK), key)
    os.truncate(path, path.stat().st_size - cut)
    with pytest.raises(Damaged, match="cut short"):
        open_sealed(path, key)


def test_bytes_added_at_the_end_are_noticed(tmp_path: Path) -> None:
    key = new_key()
    path = sealed_file(tmp_path, b"abc", key)
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(Damaged, match="too many"):
        open_sealed(path, key)


def test_two_chunks_changing_places_are_noticed(tmp_path: Path) -> None:
    key = new_key()
    path = sealed_file(tmp_path, bytes(3 * CHUNK), key)
    whole, step = path.read_bytes(), CHUNK + TAG
    first, second = (whole[HEADER_LENGTH + n * step : HEADER_LENGTH + (n + 1) * step] for n in (0, 1))
    path.write_bytes(whole[:HEADER_LENGTH] + second + first + whole[HEADER_LENGTH + 2 * step :])
    with open_sealed(path, key) as reader, pytest.raises(Damaged, match="part 1 of 3"):
        reader.read()


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    path = sealed_file(tmp_path, b"abc", new_key())
    with pytest.raises(Damaged):
        open_sealed(path, new_key())


def test_a_missing_file_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="photo"):
        open_sealed(tmp_path / "gone", new_key(), "photo.jpg")


@pytest.mark.parametrize("announced", [2, 4])
def test_a_source_of_another_size_than_announced_is_refused(announced: int) -> None:
    with pytest.raises(Refused):
        seal(io.BytesIO(b"abc"), io.BytesIO(), new_key(), announced)


def test_pieces_of_any_size_seal_to_a_file_that_opens(tmp_path: Path) -> None:
    plain, key, path = random.Random(3).randbytes(2 * CHUNK + 5), new_key(), tmp_path / "upload"
    with path.open("wb") as target, SealingWriter(target, key, len(plain)) as writer:
        for start in range(0, len(plain), 10_007):
            writer.write(plain[start : start + 10_007])
    with open_sealed(path, key) as reader:
        assert reader.read() == plain


def test_two_files_sealed_with_the_same_words_have_nothing_in_common(tmp_path: Path) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    for target in (first, second):
        seal(io.BytesIO(b"the same words"), target, new_key(), 14)
    assert first.getvalue()[20:] != second.getvalue()[20:]


def test_threads_sharing_a_reader_each_get_whole_pieces(tmp_path: Path) -> None:
    plain, key = b"".join(i.to_bytes(8, "big") for i in range(60_000)), new_key()
    found: list[bytes] = []
    with open_sealed(sealed_file(tmp_path, plain, key), key) as reader:

        def read_on() -> None:
            while piece := reader.read(8_000):
                found.append(piece)

        threads = [threading.Thread(target=read_on) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert b"".join(sorted(found)) == plain
