"""What is sent: names, schools and telling file names as the policy says."""

from dataclasses import replace

import pytest

from assessor_desk.domain.policy import Blindness
from assessor_desk.domain.submission import Artifact, Part, Submission
from assessor_desk.hub.blindness import Identifying, as_seen, blindest

SEEING = Blindness(False, False, False, False, False, False)
WHO = Identifying("Nguyễn Thị Hồng Nhung", "h.nhung@example.org", "Lakeside County Schools")


def _submission(name: str, label: str = "", link: str = "") -> Submission:
    artifact = Artifact("work-1", Part.WORK, name, label, link=link, sha256="" if link else "aa" * 32)
    return Submission("id", "hub", "7F3A-21", "rubric", 2, (artifact,), source_attempt="2")


def _seen(name: str, blindness: Blindness, label: str = "", link: str = "") -> Artifact:
    return as_seen(_submission(name, label, link), WHO, blindness).artifacts[0]


@pytest.mark.parametrize(
    "name",
    [
        "nhung plan.pdf", "HongNhungPlan2.PDF", "Nguyen_lesson.pdf", "plan-Nguyễn.pdf", "NHUNG.pdf",
        "lakeside lesson.pdf", "LakesideLesson.pdf",
    ],
)  # fmt: skip
def test_a_telling_file_name_becomes_a_neutral_one(name: str) -> None:
    seen = _seen(name, Blindness())
    assert seen.name.lower() == "work-1.pdf"
    assert _seen(name, SEEING).name == name


@pytest.mark.parametrize(
    "name", ["lesson plan.pdf", "County fair.pdf", "Thinking.pdf", "schools of fish.pdf", "hi.pdf"]
)
def test_an_innocent_file_name_stays(name: str) -> None:
    assert _seen(name, Blindness()).name == name


def test_labels_and_links_that_tell_are_hidden_too() -> None:
    assert _seen("plan.pdf", Blindness(), label="Ms Nhung's plan").label == ""
    assert _seen("plan.pdf", Blindness(), label="The plan").label == "The plan"
    link = "https://video.example.org/u/hongnhung/7"
    seen = _seen(link, Blindness(), link=link)
    assert (seen.link, seen.name) == ("https://video.example.org/…", "https://video.example.org/…")


def test_names_in_other_scripts_are_found() -> None:
    who = Identifying("سلمى يوسف الحداد", "", "")
    seen = as_seen(_submission("خطة سلمى.pdf"), who, Blindness())
    assert seen.artifacts[0].name == "work-1.pdf"


@pytest.mark.parametrize(
    ("hidden", "attribute", "shown", "blind"),
    [
        ("name", "educator", "Nguyễn Thị Hồng Nhung", ""),
        ("name", "name_words", ("nguyen", "thi", "hong", "nhung"), ()),
        ("school", "school", "Lakeside County Schools", ""),
        ("attempt", "attempt", 2, 0),
        ("attempt", "source_attempt", "2", ""),
    ],
)
def test_each_thing_is_hidden_by_its_own_switch(
    hidden: str, attribute: str, shown: object, blind: object
) -> None:
    assert getattr(as_seen(_submission("plan.pdf"), WHO, SEEING), attribute) == shown
    assert (
        getattr(as_seen(_submission("plan.pdf"), WHO, replace(SEEING, **{hidden: True})), attribute) == blind
    )


def test_of_several_assignments_the_blindest_counts() -> None:
    assert blindest([SEEING, replace(SEEING, school=True)]) == replace(SEEING, school=True)
