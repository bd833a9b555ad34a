"""The evidence booklet at the seal: made where the policy lets the evidence leave, told how far, and stopped."""

import io
import json
import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import typst

from assessor_desk.artifacts import laying_out
from assessor_desk.artifacts.kinds import Kind
from assessor_desk.desk import Desk
from assessor_desk.desk.evidence import Evidence
from assessor_desk.domain.anchor import TextQuote, TimeSpan, Whole
from assessor_desk.domain.changes import Published, SourceChanges
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.renditions import Shown
from assessor_desk.rubric_files import load_policy, policy_to_json

Finish = Callable[[Desk, str], tuple[str, ...]]


@pytest.fixture
def lenient(enrolled: Desk, page: Callable[..., SourceChanges], root: Path) -> Desk:
    """A desk whose programme lets the evidence leave."""
    policy = load_policy(root / "resources" / "policies" / "default.yaml")
    newer = replace(policy, version="2026.2", evidence_booklet=True)
    assignments = tuple(replace(one, policy_version=newer.version) for one in page(1).assignments)
    published = Published(newer.id, newer.version, policy_to_json(newer))
    enrolled.store.accept(SourceChanges("c9", policies=(published,), assignments=assignments))
    return enrolled


def booklet_of(desk: Desk, own_id: str, out: Path) -> str | None:
    """The words of the booklet in the sealed packet; None where there is none."""
    (path,) = desk.export(own_id, out)
    with zipfile.ZipFile(path) as bag:
        names = [name for name in bag.namelist() if name.endswith("data/evidence.pdf")]
        content = bag.read(names[0]) if names else None
    if content is None:
        return None
    document = pypdfium2.PdfDocument(io.BytesIO(content))
    try:
        return " ".join(" ".join(one.get_textpage().get_text_range() for one in document).split())
    finally:
        document.close()


def test_the_booklet_shows_the_places_and_says_what_cannot_be_shown(
    lenient: Desk, own_id: str, finish: Finish, tmp_path: Path
) -> None:
    attestations = finish(lenient, own_id)
    lenient.place_anchor(own_id, "plan", TextQuote("mark their own exit tickets"), "they mark their own")
    lenient.place_anchor(own_id, "video", TimeSpan(1000, 2000), "three hands")
    told: list[tuple[int, int]] = []
    lenient.seal_packet(own_id, "demo", attestations, lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    words = booklet_of(lenient, own_id, tmp_path / "out")
    assert words is not None
    assert "Pupils mark their own exit tickets; the quokka waits." in words
    assert "they mark their own" in words
    assert "This cannot be shown. “lesson.mp4” is not on this computer yet" in words


def test_where_the_policy_says_nothing_the_evidence_stays(
    enrolled: Desk, own_id: str, finish: Finish, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    enrolled.seal_packet(own_id, "demo", finish(enrolled, own_id), lambda done, of: told.append((done, of)))
    assert told == []
    assert booklet_of(enrolled, own_id, tmp_path / "out") is None


def test_stopping_while_the_booklet_is_made_seals_nothing(lenient: Desk, own_id: str, finish: Finish) -> None:
    attestations, stop = finish(lenient, own_id), threading.Event()
    with pytest.raises(Refused, match="stopped while the evidence booklet was made"):
        lenient.seal_packet(own_id, "demo", attestations, lambda _done, _of: stop.set(), stop)
    assert not lenient.case(own_id).review.sealed
    assert lenient.store.outbox_waiting() == []
    lenient.seal_packet(own_id, "demo", attestations)
    assert lenient.case(own_id).review.sealed


def review_of(desk: Desk, own_id: str, out: Path) -> dict[str, Any]:
    """The review in the sealed packet."""
    (path,) = desk.export(own_id, out)
    with zipfile.ZipFile(path) as bag:
        (name,) = [name for name in bag.namelist() if name.endswith("data/review.json")]
        found: dict[str, Any] = json.loads(bag.read(name))
        return found


def test_what_was_looked_at_laid_out_is_said_in_the_packet_and_its_pages_are_in_the_booklet(
    lenient: Desk, own_id: str, finish: Finish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LibreOffice is stood in for: what it would make of the plan is a page with a line more."""
    page = typst.compile(b"= Made by LibreOffice\nPupils mark their own exit tickets; the quokka waits.")
    monkeypatch.setattr(laying_out, "lay_out", lambda *_: laying_out.LaidOut(page, lacks_equations=False))
    attestations = finish(lenient, own_id)
    lenient.evidence(own_id, "plan").lay_out(threading.Event()).close()
    lenient.note_shown(own_id, "plan", Shown.LAID_OUT)
    lenient.place_anchor(own_id, "plan", TextQuote("mark their own exit tickets"), "they mark their own")
    lenient.seal_packet(own_id, "demo", attestations)
    words = booklet_of(lenient, own_id, tmp_path / "out")
    assert words is not None
    assert "as LibreOffice lays it out; these are its pages" in words
    assert "mark their own exit tickets" in words
    shown = review_of(lenient, own_id, tmp_path / "again")["shown"]
    assert shown == [{"artifact": "plan", "as": ["laid_out"]}]


def test_words_that_are_on_none_of_the_laid_out_pages_are_shown_as_they_were_handed_in(
    lenient: Desk, own_id: str, finish: Finish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = typst.compile(b"Nothing of it.")
    monkeypatch.setattr(laying_out, "lay_out", lambda *_: laying_out.LaidOut(page, lacks_equations=False))
    attestations = finish(lenient, own_id)
    lenient.evidence(own_id, "plan").lay_out(threading.Event()).close()
    lenient.note_shown(own_id, "plan", Shown.LAID_OUT)
    lenient.place_anchor(own_id, "plan", TextQuote("mark their own exit tickets"), "they mark their own")
    lenient.seal_packet(own_id, "demo", attestations)
    words = booklet_of(lenient, own_id, tmp_path / "out")
    assert words is not None
    assert "Pupils mark their own exit tickets; the quokka waits." in words


def test_an_older_word_document_is_in_the_booklet_though_no_window_showed_it(
    lenient: Desk, own_id: str, finish: Finish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealed on the command line: nobody noted that it was looked at laid out, but it has no other view."""
    page = typst.compile(b"= Made by LibreOffice")
    monkeypatch.setattr(laying_out, "lay_out", lambda *_: laying_out.LaidOut(page, lacks_equations=False))
    monkeypatch.setattr(Evidence, "kind", lambda evidence: Kind.OLDER_OFFICE)
    attestations = finish(lenient, own_id)
    lenient.evidence(own_id, "plan").lay_out(threading.Event()).close()
    lenient.place_anchor(own_id, "plan", Whole(), "the whole plan")
    lenient.seal_packet(own_id, "demo", attestations)
    words = booklet_of(lenient, own_id, tmp_path / "out")
    assert words is not None
    assert "the pages of the document as LibreOffice lays it out; it can be shown in no other way" in words
    assert review_of(lenient, own_id, tmp_path / "again")["shown"] == []  # nobody said it was looked at so
