"""Copies with a coach's notes, made in the documents worker from what lies encrypted in the vault."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from tests.reports.coaching import AT, coach_facts, draft_file

from assessor_desk.artifacts.annotating.markings import Marking, annotated_name, markings_of
from assessor_desk.artifacts.documents import DocumentsClient, WordHandle
from assessor_desk.artifacts.vault import Vault
from assessor_desk.domain.anchor import TextQuote, Whole
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.handed_notes import handed_notes

LOST = Marking("n1", TextQuote("never written"), "Why?")


def test_a_sealed_document_comes_back_with_its_notes(client: DocumentsClient, vault: Vault) -> None:
    data = draft_file("advisory-plan.docx").read_bytes()
    sealed = vault.write(io.BytesIO(data), len(data))
    path = vault.path(sealed.digest)
    notes = markings_of(handed_notes(coach_facts()), "a2")
    copy = client.annotate(path, "advisory-plan.docx", (*notes, LOST), AT, sealed.key)
    assert copy.displaced == ("n1",)
    again = vault.write(io.BytesIO(copy.content), len(copy.content))
    handle = client.open(vault.path(again.digest), again.key, "copy.docx")
    assert isinstance(handle, WordHandle)
    assert "Advisory plan" in handle.html


def test_a_pdf_comes_back_with_its_notes(client: DocumentsClient, tmp_path: Path, lesson_pdf: bytes) -> None:
    (tmp_path / "plan.pdf").write_bytes(lesson_pdf)
    copy = client.annotate(tmp_path / "plan.pdf", "plan.pdf", (LOST,), AT)
    assert copy.content.startswith(b"%PDF-")
    assert copy.displaced == ("n1",)


def test_other_files_carry_no_notes_and_are_left_to_the_documents(client: DocumentsClient) -> None:
    with pytest.raises(
        Refused, match=r"PDF and Word documents; “overview\.md” is a .*Send the notes on it as documents"
    ):
        client.annotate(draft_file("overview.md"), "overview.md", (Marking("n1", Whole(), "x"),), AT)


def test_notes_name_the_criteria_they_speak_of() -> None:
    said = [one.words for one in markings_of(handed_notes(coach_facts()), "a2")]
    assert said[0] == "Marked without words.\nOn: Plans contact with every student"
    assert said[-1] == "The support is here; what is the expectation, student by student?"


def test_control_characters_stay_out_of_files() -> None:
    facts = coach_facts()
    [first, *_] = facts.notes.anchors
    odd = replace(first, note="a\0b\x1b[m\ud800c\ufffe\nd")
    notes = replace(facts.notes, anchors=(odd,), works={})
    [one] = markings_of(handed_notes(replace(facts, notes=notes)), "a2")
    assert one.words == "ab[mc\nd"


@pytest.mark.parametrize(
    ("name", "copy"),
    [
        ("plan.pdf", "plan - with notes.pdf"),
        ("v1.2 plan.DOCX", "v1.2 plan - with notes.DOCX"),
        ("خطة", "خطة - with notes"),
        (".hidden", ".hidden - with notes"),
    ],
)
def test_a_copy_keeps_the_educators_file_name(name: str, copy: str) -> None:
    assert annotated_name(name) == copy
