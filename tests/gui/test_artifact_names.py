"""What artifacts are called on tabs, chips and lists."""

from __future__ import annotations

from assessor_desk.domain.submission import Artifact, Part
from assessor_desk.gui.artifact_names import short_titles


def titles(*names: str) -> list[str]:
    artifacts = [
        Artifact(f"a{number}", Part.WORK, name, sha256="ab" * 32) for number, name in enumerate(names)
    ]
    return list(short_titles(artifacts).values())


def test_artifacts_are_called_by_their_files_without_the_ending() -> None:
    assert titles("lesson-plan.docx", "exit_ticket.pdf") == ["Lesson plan", "Exit ticket"]


def test_a_plan_as_word_and_as_pdf_are_told_apart_by_their_endings() -> None:
    assert titles("plan.docx", "plan.pdf", "work.jpg") == ["Plan .docx", "Plan .pdf", "Work"]


def test_a_link_is_called_by_where_it_leads_not_by_its_query() -> None:
    links = ("https://www.video.example.org/watch/42?list=long", "https://[oops", "")
    artifacts = [
        Artifact(f"a{at}", Part.WORK, "42?list=long"[:at], link=link) for at, link in enumerate(links)
    ]
    assert next(iter(short_titles(artifacts).values())) == "video.example.org"
    assert list(short_titles([Artifact("a", Part.WORK, "", link=links[1])]).values()) == ["Link"]


def test_files_of_one_name_are_numbered() -> None:
    assert titles("board.jpg", "board.jpg") == ["Board .jpg (1)", "Board .jpg (2)"]
