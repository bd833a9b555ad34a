"""The sample rubrics, policies and submissions that are shipped keep what they promise."""

from __future__ import annotations

import csv
import itertools
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import av
import docx
import pypdfium2
import pytest
from PIL import Image
from ruamel.yaml import YAML

from assessor_desk.domain import feedback
from assessor_desk.domain.anchor import Anchor, PageRegion, TextQuote, TimeSpan, parse_spec
from assessor_desk.domain.review import CriterionWork, Review, TextField
from assessor_desk.domain.rubric import Outcome, Rubric
from assessor_desk.domain.submission import Artifact, Part, ReasonCode, Submission
from assessor_desk.hub.folder import read_folder
from assessor_desk.rubric_files import load_policy, load_rubric

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "resources" / "demo"
FILES = DEMO / "files"
RUBRICS = sorted((ROOT / "rubrics").glob("*.yaml"))
POLICIES = sorted((ROOT / "resources" / "policies").glob("*.yaml"))
ADVERBS = re.compile(
    r"\b(somewhat|mostly|effectively|appropriately|consistently|generally|often|sometimes|clearly|adequately|meaningfully)\b",
    re.IGNORECASE,
)


def _rows(name: str) -> list[dict[str, str]]:
    with (DEMO / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


ARTIFACTS = _rows("artifacts.csv")
SUBMISSIONS = _rows("submissions.csv")


@cache
def _reviews() -> dict[str, Any]:
    written = YAML(typ="safe").load((DEMO / "reviews.yaml").read_text(encoding="utf-8"))
    return {one["submission"]: one for one in written["reviews"]}


@cache
def _rubric(rubric_id: str) -> Rubric:
    return load_rubric(ROOT / "rubrics" / f"{rubric_id}.yaml")


def _path(row: dict[str, str]) -> Path:
    return FILES / row["submission_key"] / row["file"]


def _of_kind(*suffixes: str) -> list[Path]:
    return [_path(row) for row in ARTIFACTS if Path(row["file"]).suffix in suffixes]


def _named(path: Path) -> str:
    return path.name


# Rubrics and policies


@pytest.mark.parametrize("path", RUBRICS, ids=_named)
def test_a_rubric_loads_and_says_that_it_is_a_sample(path: Path) -> None:
    rubric = load_rubric(path)
    assert rubric.id == path.stem
    assert rubric.sample
    assert rubric.standard_setting.method == "sample"
    assert "not approved by any agency, not for decisions" in rubric.standard_setting.rationale


@pytest.mark.parametrize("path", RUBRICS, ids=_named)
def test_every_criterion_has_evidence_examples_and_a_near_miss(path: Path) -> None:
    rubric = load_rubric(path)
    assert 4 <= len(rubric.criteria) <= 6
    for criterion in rubric.criteria:
        assert rubric.evidence_for(criterion.id), f"no evidence requirement speaks to {criterion.id}"
        passing = criterion.level(criterion.passing)
        assert 2 <= len(passing.what_counts) <= 3, criterion.id
        assert passing.near_miss, criterion.id
        assert [level.id for level in criterion.levels] == ["not-met", "progressing", "demonstrated"]


@pytest.mark.parametrize("path", RUBRICS, ids=_named)
def test_descriptors_differ_in_what_is_seen_and_not_in_adverbs(path: Path) -> None:
    descriptors = [level.descriptor for criterion in load_rubric(path).criteria for level in criterion.levels]
    assert len(set(descriptors)) == len(descriptors)
    assert [found.group() for text in descriptors if (found := ADVERBS.search(text))] == []


@pytest.mark.parametrize("path", RUBRICS, ids=_named)
def test_research_is_cited_with_a_year_and_an_address(path: Path) -> None:
    for reference in load_rubric(path).research:
        assert re.search(r"\((19|20)\d\d\)", reference.citation)
        assert reference.url.startswith("https://doi.org/10.")


@pytest.mark.parametrize("path", POLICIES, ids=_named)
def test_a_policy_loads(path: Path) -> None:
    assert load_policy(path).id == path.stem


def test_coaching_never_stops_at_a_missing_score() -> None:
    policy = load_policy(ROOT / "resources" / "policies" / "draft-coaching.yaml")
    assert all(policy.check_state(check) == "off" for check in ("F1", "F3", "F4"))


# Submissions


def _shipped() -> list[Path]:
    """The files of the sample submissions with their lists and makers, without what programs left behind."""
    found = (path for path in DEMO.rglob("*") if path.is_file())
    return [path for path in found if not any("cache" in part for part in path.relative_to(DEMO).parts)]


def test_every_file_listed_exists_and_none_is_left_over() -> None:
    listed = {_path(row) for row in ARTIFACTS} | {
        _path(row).with_name(row["captions"]) for row in ARTIFACTS if row["captions"]
    }
    assert listed == {path for path in FILES.rglob("*") if path.is_file()}


def test_the_sample_submissions_stay_below_25_megabytes() -> None:
    assert sum(path.stat().st_size for path in _shipped()) <= 25_000_000


def test_three_submissions_and_a_draft_over_both_rubrics() -> None:
    assert [row["draft"] for row in SUBMISSIONS].count("no") == 3
    assert [row["draft"] for row in SUBMISSIONS].count("yes") == 1
    assert {row["micro_credential"] for row in SUBMISSIONS} == {path.stem for path in RUBRICS}
    assert {row["submission_key"] for row in ARTIFACTS} == {row["submission_key"] for row in SUBMISSIONS}
    assert {row["part"] for row in ARTIFACTS} <= {part.value for part in Part}


def test_the_hub_can_read_the_folder() -> None:
    rows = read_folder(DEMO, [path.stem for path in RUBRICS])
    assert [(row.key, row.draft, len(row.artifacts)) for row in rows] == [
        ("7F3A-21", False, 11),
        ("91BB-02", False, 5),
        ("A93F-30", False, 4),
        ("E5D2-11", True, 3),
    ]
    assert {row.name.isascii() for row in rows} == {True, False}


def _texts(path: Path) -> Iterator[bytes]:
    """What a file says: its bytes, the members of an archive, the text of a PDF."""
    yield path.read_bytes()
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(member) for member in archive.namelist())
    if path.suffix == ".pdf":
        yield _pdf_text(path).encode()


def test_no_educator_is_named_in_a_file_or_a_file_name() -> None:
    words = {word for row in SUBMISSIONS for word in row["name"].split() if len(word.encode()) >= 5}
    assert len(words) >= 8
    for path in [p for p in _shipped() if p.name != "submissions.csv"]:
        assert not [word for word in words if word.casefold() in str(path.relative_to(DEMO)).casefold()]
        for said in _texts(path):
            assert not [word for word in words if word.encode() in said], path.name


def _times(container: av.container.InputContainer) -> Iterator[float]:
    """When each picture is shown, or where there is none each block of sound is heard, in seconds."""
    frames = container.decode(video=0) if container.streams.video else container.decode(audio=0)
    for frame in frames:
        assert isinstance(frame, av.VideoFrame | av.AudioFrame)
        assert frame.time is not None
        yield frame.time


@pytest.mark.parametrize("path", _of_kind(".mp4", ".m4a"), ids=_named)
def test_a_recording_decodes_to_its_end_with_growing_times(path: Path) -> None:
    with av.open(str(path)) as container:
        length = (container.duration or 0) / 1_000_000
        assert container.streams.audio, "a recording has sound"
        times = list(_times(container))
    assert all(after > before for before, after in itertools.pairwise(times))
    assert 120 <= times[-1] <= 180
    assert abs(times[-1] - length) < 0.3


@pytest.mark.parametrize("row", [row for row in ARTIFACTS if row["captions"]], ids=lambda row: row["file"])
def test_captions_cover_the_recording(row: dict[str, str]) -> None:
    words = _path(row).with_name(row["captions"]).read_text(encoding="utf-8")
    assert words.startswith("WEBVTT\n")
    stamps = re.findall(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})", words)
    cues = [(_seconds(stamp[:3]), _seconds(stamp[3:])) for stamp in stamps]
    with av.open(str(_path(row))) as container:
        length = (container.duration or 0) / 1_000_000
    assert all(start < end for start, end in cues)
    gaps = [
        start - end
        for (_, end), (start, _) in zip([(0.0, 0.0), *cues], [*cues, (length, length)], strict=True)
    ]
    assert min(gaps[:-1]) >= 0
    assert max(gaps) <= 4


def _seconds(stamp: tuple[str, ...]) -> float:
    hours, minutes, seconds = stamp
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


@cache
def _pdf_pages(path: Path) -> tuple[str, ...]:
    with pypdfium2.PdfDocument(path) as document:
        return tuple(page.get_textpage().get_text_range() for page in document)


def _pdf_text(path: Path) -> str:
    return "\n".join(_pdf_pages(path))


@pytest.mark.parametrize("path", _of_kind(".pdf"), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_pdf_has_several_pages(path: Path) -> None:
    assert len(_pdf_pages(path)) >= 3


@cache
def _docx_text(path: Path) -> str:
    document = docx.Document(str(path))
    cells = [cell.text for made in document.tables for row in made.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


@pytest.mark.parametrize("path", _of_kind(".docx"), ids=_named)
def test_a_word_document_opens_and_names_no_author(path: Path) -> None:
    document = docx.Document(str(path))
    assert document.tables
    assert any(p.style and p.style.name.startswith("Heading") for p in document.paragraphs)
    assert document.core_properties.author == ""
    assert document.core_properties.last_modified_by == ""


def test_the_lesson_plan_has_pictures_with_descriptions_and_numbered_steps() -> None:
    document = docx.Document(str(FILES / "7F3A-21" / "lesson-plan.docx"))
    assert document.inline_shapes
    assert all(shape._inline.docPr.get("descr") for shape in document.inline_shapes)
    assert any(p.style and p.style.name == "List Number" for p in document.paragraphs)


@pytest.mark.parametrize("path", _of_kind(".jpg"), ids=_named)
def test_a_photograph_opens_and_carries_no_metadata(path: Path) -> None:
    with Image.open(path) as photo:
        photo.load()
        assert not photo.getexif()


# The sample reviews


def _submission(key: str) -> Submission:
    row = next(row for row in SUBMISSIONS if row["submission_key"] == key)
    artifacts = [
        Artifact(id=entry["file"], part=Part(entry["part"]), name=entry["file"])
        for entry in ARTIFACTS
        if entry["submission_key"] == key
    ]
    words = tuple(row["name"].split())
    return Submission(key, "", key, row["micro_credential"], 1, tuple(artifacts), name_words=words)


def _review(written: dict[str, Any]) -> Review:
    """The review as it would stand when everything in reviews.yaml was done."""
    codes = () if written["completeness"] == "ok" else tuple(written["completeness"])
    review = Review("sample", completeness=codes, overall=written["overall"])
    for criterion, done in written.get("criteria", {}).items():
        places = zip(done["anchors"], done["seen"], strict=True)
        anchors = [
            Anchor(f"{criterion}-{n}", *parse_spec(spec), line) for n, (spec, line) in enumerate(places)
        ]
        texts = {field: done[field.value] for field in TextField if field.value in done}
        work = CriterionWork(done["level"], texts, tuple(anchor.id for anchor in anchors))
        review = replace(review, works={**review.works, criterion: work}, anchors=(*review.anchors, *anchors))
    return review


def test_two_are_assessed_and_one_is_incomplete() -> None:
    outcomes = {}
    for key, written in _reviews().items():
        review = _review(written)
        outcomes[key] = (
            Outcome.INCOMPLETE
            if review.incomplete
            else _rubric(_submission(key).rubric_id).outcome(review.levels)
        )
        assert set(review.completeness or ()) <= {code.value for code in ReasonCode}
    assert outcomes == {"7F3A-21": Outcome.EARNED, "91BB-02": Outcome.NOT_YET, "A93F-30": Outcome.INCOMPLETE}


@pytest.mark.parametrize("key", ["7F3A-21", "91BB-02", "A93F-30"])
def test_a_sample_review_passes_every_check(key: str) -> None:
    submission = _submission(key)
    policy = load_policy(ROOT / "resources" / "policies" / "default.yaml")
    found = feedback.findings(_review(_reviews()[key]), _rubric(submission.rubric_id), policy, submission)
    assert [finding.sentence for finding in found] == []


@pytest.mark.parametrize("key", ["7F3A-21", "91BB-02"])
def test_every_text_of_a_sample_review_is_above_the_floor(key: str) -> None:
    for done in _reviews()[key]["criteria"].values():
        texts = [
            done[field]
            for field in ("rationale", "strength", "next_step", "would_show", "extension")
            if field in done
        ]
        assert min(len(text.split()) for text in texts) >= 15


@pytest.mark.parametrize("key", ["7F3A-21", "91BB-02"])
def test_every_anchor_of_a_sample_review_lies_in_its_artifact(key: str) -> None:
    submission = _submission(key)
    for anchor in _review(_reviews()[key]).anchors:
        assert submission.artifact(anchor.artifact_id), anchor.artifact_id
        path = FILES / key / anchor.artifact_id
        match anchor.selector:
            case TimeSpan(_, end):
                with av.open(str(path)) as container:
                    assert (end or 0) <= (container.duration or 0) / 1000
            case PageRegion(page, _):
                assert page <= len(_pdf_pages(path))
            case TextQuote(exact=exact):
                said = _docx_text(path) if path.suffix == ".docx" else path.read_text(encoding="utf-8")
                assert exact in said
