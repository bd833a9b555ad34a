"""What leaves a desk or hub is searched byte by byte for what is not its reader's: every form of every export."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.desk.decided_place import (
    DISTRICTS,
    DRAFT,
    KEYS,
    NOTES,
    OVERALL,
    REASON,
    RELEASED,
    SECRETS,
    THROUGH_HUB,
    Place,
)
from tests.hub.test_deciding import SECRET
from tests.reports.leaks import every_byte, found_in

from assessor_desk.domain.cohort import Recipient
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.exports import CohortFormat, Gathered
from assessor_desk.domain.review import TextField

RATIONALE = SECRETS[TextField.RATIONALE]
PRIVATE_NOTES = NOTES.partition(":")[0]
COACHED = (SECRET, "You greet", "A good start.", DRAFT)
FEEDBACK = "overallquokka"


def files_in(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    assert found
    return found


def key_of(path: Path) -> str:
    """The submission that a report's file is named by."""
    return path.name.removesuffix(f"-feedback{path.suffix}")


def of_educator(place: Place, key: str) -> list[str]:
    """What tells who an educator is: each part of the name, key, e-mail address."""
    number = key.rpartition("-")[2]
    return [key, place.names[key].split()[0], f"E-77{number}", f"u{int(number)}@example.org"]


def of_others(place: Place, *own: str) -> list[str]:
    """What tells who any other educator is."""
    found = [word for key in (*KEYS, DRAFT) if key not in own for word in of_educator(place, key)]
    surnames = {place.names[key].split()[1] for key in own}
    return found + sorted({name.split()[1] for name in place.names.values()} - surnames)


def who_judged(place: Place) -> list[str]:
    """Numbers and names of assessor and coach, and the reviewer's name; whose number stands in what they sealed."""
    assessor, coach, _, *names = place.people
    return [assessor, coach, *names]


def reports(place: Place, folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Each feedback report with all that must not be in it."""
    for path in files_in(folder):
        if path.name != "mail-merge.csv":
            yield (
                path,
                [
                    RATIONALE,
                    PRIVATE_NOTES,
                    *COACHED,
                    REASON,
                    *who_judged(place),
                    *of_others(place, key_of(path)),
                ],
            )


@pytest.mark.parametrize(("folder", "count"), [("released", len(RELEASED) - 1), ("handed", 1)])
def test_a_released_report_is_about_its_educator_alone(place: Place, folder: str, count: int) -> None:
    found = list(reports(place, place.folder / folder))

    assert len(found) == 3 * count
    for path, words in found:
        assert found_in(path.read_bytes(), [key_of(path), place.names[key_of(path)]]), path.name
        assert found_in(path.read_bytes(), [FEEDBACK]), path.name
        assert found_in(path.read_bytes(), words) == [], path.name


def test_a_report_made_again_for_an_archive_is_about_its_educator_alone(place: Place, tmp_path: Path) -> None:
    place.desk.export_selection(place.ids(*KEYS), tmp_path, [Gathered.REPORTS])
    found = list(reports(place, tmp_path))

    assert len(found) == 3 * len(RELEASED)
    for path, words in found:
        assert found_in(path.read_bytes(), [FEEDBACK]), path.name
        assert found_in(path.read_bytes(), words) == [], path.name


def test_a_preview_is_about_its_educator_alone(place: Place) -> None:
    key = RELEASED[0]
    pdf = place.desk.preview_report(place.desk.find(key))

    assert found_in(pdf, [FEEDBACK])
    words = [RATIONALE, PRIVATE_NOTES, *COACHED, REASON, *who_judged(place), *of_others(place, key)]
    assert found_in(pdf, words) == []


def test_the_table_for_letters_names_those_released_and_says_nothing_else(place: Place) -> None:
    table = (place.folder / "released" / "mail-merge.csv").read_bytes()
    into_folder = [key for key in RELEASED if key != THROUGH_HUB]

    for key in into_folder:
        assert found_in(table, [key, place.names[key]])
    assert (
        found_in(table, [*SECRETS.values(), FEEDBACK, PRIVATE_NOTES, *COACHED, REASON, *place.people]) == []
    )
    assert (
        found_in(table, [word for key in KEYS if key not in into_folder for word in of_educator(place, key)])
        == []
    )


@pytest.mark.parametrize("recipient", [Recipient(), Recipient("district", DISTRICTS[1]), Recipient("state")])
def test_no_byte_of_a_cohort_report_is_about_a_person(
    place: Place, tmp_path: Path, recipient: Recipient
) -> None:
    place.desk.cohort_report(tmp_path, recipient=recipient)
    words = [
        *place.people,
        *SECRETS.values(),
        FEEDBACK,
        PRIVATE_NOTES,
        REASON,
        "E-77",
        "example.org",
        *COACHED,
    ]
    words += [part for name in place.names.values() for part in name.split()]
    words += [
        *KEYS,
        *(line.packet for key in KEYS for line in place.desk.case(place.desk.find(key)).delivered),
    ]

    assert {path.suffix for path in files_in(tmp_path)} == {f".{one}" for one in CohortFormat}
    for path in files_in(tmp_path):
        assert b"Demonstrated" in re.sub(rb"\s+", b" ", every_byte(path.read_bytes())), path.name
        assert found_in(path.read_bytes(), words) == [], path.name


def test_a_preview_of_a_cohort_is_about_nobody(place: Place) -> None:
    from assessor_desk.domain.cohort import Selection

    pdf = place.desk.preview_cohort(Selection(), Recipient())
    words = [
        *place.people,
        *SECRETS.values(),
        FEEDBACK,
        PRIVATE_NOTES,
        REASON,
        "E-77",
        "example.org",
        *COACHED,
    ]

    assert b"Demonstrated" in every_byte(pdf)
    assert found_in(pdf, [*words, *KEYS, *(name for name in place.names.values())]) == []


@pytest.mark.parametrize("kind", [Gathered.PACKETS, Gathered.DECISIONS])
def test_packets_and_decisions_hold_no_notes_no_names_and_nothing_of_others(
    place: Place, tmp_path: Path, kind: Gathered
) -> None:
    names = [part for name in place.names.values() for part in name.split()]
    for key in RELEASED[:4]:
        done = place.desk.export_selection(place.ids(key), tmp_path / key, [kind])
        assert done.paths
        others = [one for one in KEYS if one != key]
        for path in done.paths:
            held = path.read_bytes()
            assert found_in(held, [key]) == [key]
            words = [
                PRIVATE_NOTES,
                *COACHED,
                "Sample assessor",
                "Sample coach",
                "Reviewersdottir",
                "example.org",
                *names,
                *others,
            ]
            words += [RATIONALE] if kind is Gathered.DECISIONS else []
            assert found_in(held, words) == [], path.name


@pytest.mark.parametrize("form", ["pdf", "docx", "csv"])
def test_a_record_and_its_table_hold_no_private_notes_and_nothing_of_others(
    place: Place, tmp_path: Path, form: str
) -> None:
    key = RELEASED[0]
    names = [part for name in place.names.values() for part in name.split()]
    for path in place.desk.export(place.desk.find(key), tmp_path, form):
        held = path.read_bytes()
        assert found_in(held, [key]) == [key]
        words = [PRIVATE_NOTES, *COACHED, "example.org", *names, *(one for one in KEYS if one != key)]
        assert found_in(held, words) == [], path.name


def test_a_reviewer_has_the_record_as_it_was_sealed_or_is_told_why_not(place: Place, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"in the packet as PDF and DOCX\. Export one of these"):
        place.desk.export(place.desk.find(RELEASED[0]), tmp_path, "html")
    [packet] = place.desk.export_selection(place.ids(RELEASED[0]), tmp_path, [Gathered.PACKETS]).paths
    [record] = place.desk.export(place.desk.find(RELEASED[0]), tmp_path, "pdf")
    with zipfile.ZipFile(packet) as bag:
        [name] = [one for one in bag.namelist() if one.endswith("/data/record.pdf")]
        assert record.read_bytes() == bag.read(name)


def test_a_coachs_notes_go_to_their_educator_without_names_and_levels(place: Place) -> None:
    found = files_in(place.folder / "notes")

    assert sorted(path.suffix for path in found) == [".docx", ".html", ".pdf"]
    for path in found:
        held = path.read_bytes()
        assert found_in(held, [SECRET, DRAFT]) == [SECRET, DRAFT]
        assert (
            found_in(
                held,
                [
                    place.people[0],
                    *place.people[2:],
                    *KEYS,
                    *SECRETS.values(),
                    FEEDBACK,
                    "Demonstrated",
                    REASON,
                ],
            )
            == []
        ), path.name


@pytest.mark.parametrize("wrapped", ["docx", "pdf", "html", "zip"])
def test_the_search_itself_finds_what_is_wrapped(place: Place, tmp_path: Path, wrapped: str) -> None:
    if wrapped == "zip":
        done = place.desk.export_selection(place.ids(RELEASED[0]), tmp_path, [Gathered.PACKETS])
        [path] = done.paths
        assert found_in(path.read_bytes(), [RATIONALE, OVERALL[:40]]) == [RATIONALE, OVERALL[:40]]
        return
    path = place.folder / "released" / f"{RELEASED[0]}-feedback.{wrapped}"
    name = place.names[RELEASED[0]]
    assert name.encode() not in path.read_bytes() or wrapped == "html"
    assert found_in(path.read_bytes(), [name]) == [name]
