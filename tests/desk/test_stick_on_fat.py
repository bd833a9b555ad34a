"""What a stick's FAT does to files: names it cannot hold, no difference of case, times of two seconds, a cut-off write.

Where this computer can mount one (`mkfs.vfat`, a loop device, root) a trip goes over a real one too.
"""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.desk.sticks import Trip, copy_of

from assessor_desk.domain.errors import Damaged, Refused, Unavailable
from assessor_desk.hub import tables as t

#: Device names that Windows keeps to itself, with any ending.
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def _names(stick: Path) -> list[Path]:
    return [path.relative_to(stick) for path in stick.rglob("*")]


def _two_trips(trip: Trip) -> None:
    """What was written goes to the hub, and its receipt comes back."""
    trip.desk.sync()
    trip.raise_concern("7F3A-00")
    trip.desk.sync()
    (visited,) = trip.office.visit(trip.stick)
    assert (visited.refused, visited.troubles) == ((), ())
    trip.desk.sync()
    assert trip.desk.ledger().waiting_to_send == 0
    assert trip.office.count(t.packets) == 1


def test_every_name_on_it_can_be_held_by_fat_also_where_case_makes_no_difference(trip: Trip) -> None:
    _two_trips(trip)
    names = _names(trip.stick)
    assert len(names) > 6
    for path in names:
        for part in path.parts:
            assert not set(part) & set('<>:"\\|?*'), path
            assert part.isprintable(), path
            assert part == part.rstrip(" ."), path
            assert len(part) <= 255, path
            assert not RESERVED.match(part), path
    assert len({str(path).casefold() for path in names}) == len(names)


def test_times_of_two_seconds_and_a_wrong_zone_change_nothing(trip: Trip) -> None:
    """FAT rounds to even seconds, and knows no zone: a stick may come back an hour off."""
    trip.desk.sync()
    trip.raise_concern("7F3A-00")
    trip.desk.sync()
    for hours in (0, 1, -26):
        for path in trip.stick.rglob("*"):
            even = int(path.stat().st_mtime) // 2 * 2 + hours * 3600
            os.utime(path, (even, even))
        (visited,) = trip.office.visit(trip.stick)
        assert (visited.refused, visited.troubles) == ((), ())
        trip.desk.sync()
    assert trip.desk.ledger().waiting_to_send == 0
    assert trip.office.count(t.packets) == 1


def test_files_that_fat_cut_off_or_left_full_of_zeros_are_told_and_mended_by_the_next_visit(
    trip: Trip, tmp_path: Path
) -> None:
    """Pulled out amid writing, a directory may know a file whose blocks never came."""
    whole = copy_of(trip.stick, tmp_path / "whole")
    files = sorted(path for path in whole.rglob("*") if path.is_file() and path.stat().st_size)
    for number, path in enumerate(files):
        name, content = path.relative_to(whole), path.read_bytes()
        for torn in (content[: len(content) // 2], bytes(len(content)), b""):
            (trip.stick / name).write_bytes(torn)
            with contextlib.suppress(Unavailable, Refused, Damaged):  # a sentence, and never anything else
                trip.desk.sync()
        trip.office.visit(trip.stick)
        assert number < len(files)
    result = trip.desk.sync()
    assert result.troubles == ()
    assert {row.ready_bytes == row.total_bytes for row in trip.desk.inbox()} == {True}


@pytest.fixture
def fat(tmp_path: Path) -> Iterator[Path]:
    """A real FAT of 64 MB."""
    if not hasattr(os, "geteuid") or os.geteuid() or not shutil.which("mkfs.vfat"):
        pytest.skip("a FAT can be mounted by root alone, with mkfs.vfat (dosfstools)")
    image, place = tmp_path / "stick.img", tmp_path / "mounted"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(64 << 20)
    subprocess.run(["mkfs.vfat", image], check=True, capture_output=True)
    done = subprocess.run(["mount", "-t", "vfat", "-o", "loop", image, place], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"this system mounts no FAT: {(done.stderr.strip() or 'refused').splitlines()[0]}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=False)


def test_a_real_fat_carries_both_trips(trip: Trip, fat: Path) -> None:
    for path in sorted(trip.stick.rglob("*")):
        there = fat / path.relative_to(trip.stick)
        there.mkdir() if path.is_dir() else there.write_bytes(path.read_bytes())
    shutil.rmtree(trip.stick)
    trip.stick.symlink_to(fat)
    _two_trips(trip)
