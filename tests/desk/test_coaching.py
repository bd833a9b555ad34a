"""A coach's draft: notes are written, handed back, carried on and marked when the next draft comes; then they go."""

import hashlib
import io
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.desk.conftest import StandingClock
from tests.hub.making import StandingClock as HubClock
from tests.hub.making import copied, import_quickly, make_template, submissions_folder, write_rows
from tests.reports.leaks import found_in

from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.artifacts.vault import Vault
from assessor_desk.desk import Desk, InboxState
from assessor_desk.domain.anchor import TextQuote, TimeSpan, Whole
from assessor_desk.domain.changes import Blob, Published, SourceChanges
from assessor_desk.domain.coaching import Uptake, note_key
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.policy import CoachingLimits
from assessor_desk.domain.review import TextField
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.submission import Artifact, Part
from assessor_desk.hub.assigning import assign
from assessor_desk.hub.handed_in import notes_kept
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import add_person, new_code
from assessor_desk.hub.serve import Server
from assessor_desk.protocol.notes import notes_digest, read_notes
from assessor_desk.rubric_files import load_policy, policy_to_json
from assessor_desk.store.lines import OutboxLine

PRESENT, TRY_NEXT, QUESTION = TextField.PRESENT, TextField.TRY_NEXT, TextField.QUESTION
SECRET = "she sounded tired on the telephone"
TRY = "On the third slide, let every pupil write an answer before the first one is heard, and read them all."


def docx_of(text: str) -> bytes:
    from docx import Document

    document = Document()
    document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def drafts(page: SourceChanges) -> SourceChanges:
    """Two drafts of one educator, the second after the first, both to be coached."""
    first, second = page.submissions
    first = replace(first, draft=True)
    second = replace(second, draft=True, attempt=2, previous=first.id)
    coached = tuple(replace(one, role=Role.COACH, purpose=Purpose.COACH) for one in page.assignments)
    return replace(page, submissions=(first, second), assignments=coached)


@pytest.fixture
def coach(desk: Desk, page: Callable[..., SourceChanges]) -> Desk:
    """The desk of a coach with two drafts of one educator."""
    desk.store.accept(drafts(page(2)))
    return desk


@pytest.fixture
def draft(coach: Desk) -> str:
    """The first draft."""
    return coach.find("7F3A-00")


@pytest.fixture
def next_draft(coach: Desk) -> str:
    """The same educator's second draft."""
    return coach.find("7F3A-01")


def first_criterion(desk: Desk, own_id: str) -> str:
    return desk.case(own_id).rubric.criteria[0].id


def write_notes(desk: Desk, own_id: str) -> str:
    """Notes that go back: what is there with its place, something to try, a private line. Gives the criterion."""
    criterion = first_criterion(desk, own_id)
    present = "Page 1 of the plan has pupils mark their own exit tickets, and the quokka waits for them."
    desk.write_texts(own_id, {PRESENT: present, TRY_NEXT: TRY}, criterion)
    desk.place_anchor(own_id, "plan.md", TextQuote("exit tickets"), "here it begins", criterion)
    desk.write_text(own_id, TextField.NOTES, SECRET)
    return criterion


def document_of(line: OutboxLine) -> bytes:
    with open_sealed(line.path, line.key, "the notes") as reader:
        return reader.readall()


def test_notes_go_back_as_one_document_that_waits_encrypted(coach: Desk, draft: str) -> None:
    criterion = write_notes(coach, draft)
    changes = coach.hand_back_notes(draft)
    assert draft in changes.submissions
    (line,) = coach.store.outbox_waiting()
    assert (line.kind, line.digest) == ("notes", notes_digest(document_of(line)))
    handed = read_notes(document_of(line))
    assert [one.criterion for one in handed.criteria] == [criterion]
    assert handed.placed[0].anchor.note == "here it begins"
    case = coach.case(draft)
    assert case.notes is not None
    assert case.notes.handed_back is not None
    assert case.notes.handed_back.digest == line.digest
    assert coach.inbox()[-1].state is InboxState.SEALED_WAITING
    coach.store.outbox_delivered(line.id, b"", line.waiting_since or coach._clock())
    assert coach.inbox()[-1].state is InboxState.DELIVERED


def test_notes_that_no_hub_would_take_do_not_go_back_until_they_are_shorter(coach: Desk, draft: str) -> None:
    for place, criterion in enumerate(coach.case(draft).rubric.criteria):
        coach.place_anchor(draft, "plan.md", TextQuote("exit tickets"), "here", criterion.id)
        for field in (PRESENT, TRY_NEXT, QUESTION):
            words = f"{place} {field}: " + "\N{CJK UNIFIED IDEOGRAPH-20000}" * 90_000
            coach.write_text(draft, field, words, criterion.id)
    with pytest.raises(Refused, match=r"take 5,4\d\d,\d{3} bytes, and 4,194,304 go back at most"):
        coach.hand_back_notes(draft)
    assert coach.store.outbox_waiting() == []
    notes = coach.case(draft).notes
    assert notes is not None
    assert notes.handed_back is None
    assert notes.work(criterion.id).text(QUESTION) == words


def test_private_notes_are_in_nothing_that_leaves(coach: Desk, draft: str, tmp_path: Path) -> None:
    write_notes(coach, draft)
    coach.hand_back_notes(draft)
    (line,) = coach.store.outbox_waiting()
    assert SECRET.encode() not in document_of(line)
    for path in coach.export_notes(draft, tmp_path / "out"):
        assert found_in(path.read_bytes(), [SECRET]) == []
    for path in coach.folder.rglob("*"):
        if path.is_file():
            assert b"quokka waits for them" not in path.read_bytes()


def test_a_text_still_being_typed_goes_back_too(coach: Desk, draft: str) -> None:
    criterion = write_notes(coach, draft)
    coach.draft_text(draft, QUESTION, "Which of the answers surprised you most that day?", criterion)
    coach.hand_back_notes(draft)
    (line,) = coach.store.outbox_waiting()
    assert (
        read_notes(document_of(line)).criteria[0].question
        == "Which of the answers surprised you most that day?"
    )


def test_nothing_written_is_not_handed_back(coach: Desk, draft: str) -> None:
    with pytest.raises(Refused, match="no notes on 7F3A-00"):
        coach.hand_back_notes(draft)
    coach.write_text(draft, TextField.NOTES, SECRET)
    with pytest.raises(Refused, match="no notes on 7F3A-00"):
        coach.hand_back_notes(draft)
    assert coach.store.outbox_waiting() == []


def test_notes_go_back_again_only_after_a_change_and_the_last_ones_count(
    coach: Desk, draft: str, clock: StandingClock
) -> None:
    criterion = write_notes(coach, draft)
    coach.hand_back_notes(draft)
    with pytest.raises(Refused, match="nothing new"):
        coach.hand_back_notes(draft)
    (first,) = coach.store.outbox_waiting()
    clock.move(hours=1)
    coach.write_text(draft, QUESTION, "Who answers when nobody is asked to?", criterion)
    assert coach.inbox()[0].state is InboxState.IN_REVIEW
    coach.hand_back_notes(draft)
    one, two = coach.store.outbox_waiting()
    assert (one.digest, two.digest != one.digest) == (first.digest, True)
    coach.store.outbox_delivered(one.id, b"", clock())
    assert coach.inbox()[-1].state is InboxState.SEALED_WAITING, "the newer notes still wait"
    coach.store.outbox_delivered(two.id, b"", clock())
    assert coach.inbox()[-1].state is InboxState.DELIVERED
    case = coach.case(draft)
    assert case.delivery is not None
    assert case.delivery.digest == two.digest


def test_an_earlier_delivery_does_not_close_notes_that_were_carried_on(
    coach: Desk, draft: str, clock: StandingClock
) -> None:
    criterion = write_notes(coach, draft)
    coach.hand_back_notes(draft)
    coach.write_text(draft, QUESTION, "Who answers when nobody is asked to?", criterion)
    (line,) = coach.store.outbox_waiting()
    coach.store.outbox_delivered(line.id, b"", clock())
    assert coach.inbox()[0].state is InboxState.IN_REVIEW


def test_a_limit_of_the_policy_stands_in_the_way_and_is_named(
    coach: Desk, draft: str, page: Callable[..., SourceChanges], root: Path
) -> None:
    policy = load_policy(root / "resources" / "policies" / "default.yaml")
    strict = replace(policy, version="strict", coaching=CoachingLimits(notes_at_most=1))
    changes = drafts(page(2))
    coach.store.accept(
        SourceChanges(
            "c4",
            policies=(Published(strict.id, "strict", policy_to_json(strict)),),
            assignments=tuple(replace(one, policy_version="strict") for one in changes.assignments),
        )
    )
    write_notes(coach, draft)
    with pytest.raises(Refused, match=r"3 notes; the programme allows 1 .*\(C1\)"):
        coach.hand_back_notes(draft)
    assert coach.store.outbox_waiting() == []


def test_a_coach_scores_nothing_and_exports_no_review(coach: Desk, draft: str, tmp_path: Path) -> None:
    criterion = write_notes(coach, draft)
    with pytest.raises(Refused, match="does not score"):
        coach.declare_no_evidence(draft, criterion)
    with pytest.raises(Refused, match="no review to export"):
        coach.export(draft, tmp_path, "csv")
    with pytest.raises(Refused, match="no review to export"):
        coach.export(draft, tmp_path)


def test_an_assessor_has_no_notes_to_hand_back(desk: Desk, own_id: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="not assigned to you to coach"):
        desk.hand_back_notes(own_id)
    with pytest.raises(Refused, match="not assigned to you to coach"):
        desk.mark_uptake(own_id, "x/try_next", Uptake.NOT)
    with pytest.raises(Refused, match="not assigned to you to coach"):
        desk.export_notes(own_id, tmp_path)


# -- the next draft --------------------------------------------------------------------------------------------


def test_the_next_draft_has_the_notes_that_went_back_and_not_what_came_after(
    coach: Desk, draft: str, next_draft: str
) -> None:
    assert coach.case(next_draft).previous is None
    criterion = write_notes(coach, draft)
    assert coach.case(next_draft).previous is None, "nothing went back yet"
    coach.hand_back_notes(draft)
    coach.write_text(draft, TRY_NEXT, "Something that the educator never read", criterion)
    previous = coach.case(next_draft).previous
    assert previous is not None
    notes, submission = previous
    assert submission.id == draft
    assert notes.work(criterion).text(TRY_NEXT) == TRY


def test_earlier_notes_are_marked_and_what_became_of_them_goes_back(
    coach: Desk, draft: str, next_draft: str
) -> None:
    criterion = write_notes(coach, draft)
    coach.hand_back_notes(draft)
    key = note_key(criterion, "try_next")
    with pytest.raises(Refused, match="no note “nothing/try_next”"):
        coach.mark_uptake(next_draft, "nothing/try_next", Uptake.NOT)
    coach.mark_uptake(next_draft, key, Uptake.PARTLY)
    coach.mark_uptake(next_draft, key, Uptake.TAKEN_UP)
    notes = coach.case(next_draft).notes
    assert notes is not None
    assert notes.uptake == {key: Uptake.TAKEN_UP}
    coach.undo(next_draft)
    coach.mark_uptake(next_draft, key, None)
    after = coach.case(next_draft).notes
    assert after is not None
    assert after.uptake == {}
    coach.mark_uptake(next_draft, key, Uptake.TAKEN_UP)
    coach.hand_back_notes(next_draft)
    document = read_notes(document_of(coach.store.outbox_waiting()[-1]))
    assert (document.earlier[0].key, document.earlier[0].uptake) == (key, Uptake.TAKEN_UP)
    assert len(document.earlier) == 2, "the line at a place is an earlier note too"


# -- files -----------------------------------------------------------------------------------------------------


def test_files_say_what_went_back_and_are_recorded(coach: Desk, draft: str, tmp_path: Path) -> None:
    criterion = write_notes(coach, draft)
    with pytest.raises(Refused, match="have not gone back yet"):
        coach.export_notes(draft, tmp_path / "out")
    coach.hand_back_notes(draft)
    coach.write_text(draft, QUESTION, "Written after they went back", criterion)
    written = coach.export_notes(draft, tmp_path / "out")
    assert [path.suffix for path in written] == [".pdf", ".docx", ".html", ".json", ".jsonld"]
    (told,) = written.troubles
    assert told.startswith("No note stands in a PDF or Word file of this draft")
    assert coach.export_notes(draft, tmp_path / "page", ["html"]).troubles == ()
    html = next(path for path in written if path.suffix == ".html").read_text(encoding="utf-8")
    assert "let every pupil write an answer" in html
    assert "Written after" not in html
    with coach.store.reading() as view:
        kinds = [kind for _, kind, _ in view.exports(draft)]
    assert kinds == ["notes-pdf", "notes-docx", "notes-html", "notes-json", "notes-jsonld", "notes-html"]
    with pytest.raises(Refused, match="“rtf” is no format"):
        coach.export_notes(draft, tmp_path / "out", ["rtf"])


def test_the_educators_own_document_comes_with_the_notes_and_one_that_is_away_is_told(
    coach: Desk, page: Callable[..., SourceChanges], draft: str, tmp_path: Path
) -> None:
    give_documents(coach, drafts(page(2)))
    for artifact in ("essay", "slides"):
        coach.place_anchor(draft, artifact, TextQuote("exit tickets"), "say who reads them")
    coach.place_anchor(draft, "video", TimeSpan(0, 500), "the first question")
    coach.hand_back_notes(draft)
    written = coach.export_notes(draft, tmp_path / "out", ["annotated"])
    (copy,) = written
    assert copy.name == "essay - with notes.docx"
    (trouble,) = written.troubles
    assert "“slides.docx” was not copied with the notes in it" in trouble
    from docx import Document

    (comment,) = Document(str(copy)).comments
    assert comment.text.startswith("say who reads them")


def give_documents(desk: Desk, changes: SourceChanges) -> None:
    """Two Word documents more in the first draft, the bytes of one of them here."""
    first = changes.submissions[0]
    more = tuple(
        Artifact(name, Part.WORK, f"{name}.docx", "", _WORD, 900, f"{number}d" * 32)
        for number, name in enumerate(("essay", "slides"))
    )
    content = docx_of("Pupils mark their own exit tickets.")
    sealed = Vault(desk.folder / "vault").write(io.BytesIO(content), len(content))
    blobs = (
        Blob(first.id, "essay", sealed.digest, sealed.length, sealed.key),
        Blob(first.id, "slides", "d" * 64, 900, b"k" * 32),
    )
    submission = replace(first, artifacts=(*first.artifacts, *more))
    desk.store.accept(SourceChanges("c5", submissions=(submission,), blobs=blobs))
    desk.store.artifact_arrived(first.id, "essay")


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


# -- when their time has come ----------------------------------------------------------------------------------


def delivered(desk: Desk, clock: StandingClock) -> None:
    for line in desk.store.outbox_waiting():
        desk.store.outbox_delivered(line.id, b"receipt", clock())


def test_a_coachs_notes_go_when_the_policy_says_and_that_they_went_back_stays(
    coach: Desk, draft: str, next_draft: str, clock: StandingClock, tmp_path: Path
) -> None:
    write_notes(coach, draft)
    coach.hand_back_notes(draft)
    delivered(coach, clock)
    clock.move(days=364)
    coach.tidy()
    assert coach.case(next_draft).previous is not None
    clock.move(days=2)
    assert coach.tidy()
    case = coach.case(draft)
    assert case.notes is not None
    assert (case.notes.works, case.notes.anchors, case.notes.notes) == ({}, (), "")
    assert case.notes.handed_back is not None
    assert case.delivery is not None
    assert case.delivery.receipted
    assert coach.inbox()[-1].state is InboxState.DELIVERED, "no work is left to do on it"
    assert coach.case(next_draft).previous is None
    assert [one for one in (coach.folder / "outbox").rglob("*") if one.is_file()] == []
    with pytest.raises(Refused, match="kept for as long as the policy says"):
        coach.export_notes(draft, tmp_path)
    assert not coach.tidy(), "and nothing more is to go"


def test_notes_that_are_carried_on_stay(coach: Desk, draft: str, clock: StandingClock) -> None:
    criterion = write_notes(coach, draft)
    coach.hand_back_notes(draft)
    delivered(coach, clock)
    coach.write_text(draft, QUESTION, "Who answers when nobody is asked to?", criterion)
    clock.move(days=400)
    coach.tidy()
    notes = coach.case(draft).notes
    assert notes is not None
    assert notes.work(criterion).text(TRY_NEXT) == TRY


def test_the_file_lets_nothing_of_an_assessor_be_removed(desk: Desk, own_id: str) -> None:
    desk.write_text(own_id, TextField.OVERALL, "It stays")
    with desk.store.reading() as view:
        (line,) = view.reviews(own_id)
    with pytest.raises(sa.exc.IntegrityError, match="never removed"):
        desk.store.forget_notes(line.id)
    assert desk.case(own_id).review.overall == "It stays"


# -- on a real hub ---------------------------------------------------------------------------------------------

_FIRST = "E5D2-11,E-3,Tobias Lindqvist,positive-relationships,1,yes,Cedar Valley,en,yes,"
_SECOND = "E5D2-12,E-3,Tobias Lindqvist,positive-relationships,2,yes,Cedar Valley,en,yes,"


def hand_in(hub: Hub, folder: Path, row: str) -> None:
    """A draft as an issuer imports it."""
    submissions_folder(folder)
    write_rows(folder, [row], [f"{row.partition(',')[0]},overview,first.md,A draft,"])
    import_quickly(hub, folder)


def test_notes_reach_the_hub_and_the_educators_next_draft_brings_them_back(
    tmp_path: Path, new_desk: tuple[Path, bytes]
) -> None:
    hub = copied(make_template(tmp_path / "template"), tmp_path / "hub", HubClock())
    hand_in(hub, tmp_path / "one", _FIRST)
    person = add_person(hub, "Sample coach", [Role.COACH])
    assign(hub, "E5D2-11", person)
    shutil.copytree(new_desk[0], tmp_path / "mine")
    with (
        closing(hub),
        Server(hub.folder) as server,
        Desk.open_with_key(tmp_path / "mine", new_desk[1]) as desk,
    ):
        desk.connect(server.url, new_code(hub, person), "demo")
        assert desk.sync().troubles == ()
        draft = desk.find("E5D2-11")
        criterion = first_criterion(desk, draft)
        desk.write_texts(
            draft, {PRESENT: "One by one, in the third line, they count marbles.", TRY_NEXT: TRY}, criterion
        )
        desk.place_anchor(draft, "first.md", Whole(), "the counting", criterion)
        desk.hand_back_notes(draft)
        result = desk.sync()
        assert (result.delivered, result.troubles) == (1, ())
        delivery = desk.case(draft).delivery
        assert delivery is not None
        assert delivery.receipted
        assert desk.inbox()[0].state is InboxState.DELIVERED
        hand_in(hub, tmp_path / "two", _SECOND)
        assign(hub, "E5D2-12", person)
        assert desk.sync().troubles == ()
        previous = desk.case(desk.find("E5D2-12")).previous
        assert previous is not None
        assert (previous[1].key, previous[0].work(criterion).text(TRY_NEXT)) == ("E5D2-11", TRY)


def test_of_notes_that_waited_together_the_hub_hands_on_the_last_though_the_first_was_tried_before(
    tmp_path: Path, new_desk: tuple[Path, bytes]
) -> None:
    clock = HubClock()
    hub = copied(make_template(tmp_path / "template"), tmp_path / "hub", clock)
    hand_in(hub, tmp_path / "one", _FIRST)
    person = add_person(hub, "Sample coach", [Role.COACH])
    assign(hub, "E5D2-11", person)
    shutil.copytree(new_desk[0], tmp_path / "mine")
    with closing(hub), Desk.open_with_key(tmp_path / "mine", new_desk[1], clock) as desk:
        with Server(hub.folder) as server:
            desk.connect(server.url, new_code(hub, person), "demo")
            desk.sync()
        draft = desk.find("E5D2-11")
        criterion = first_criterion(desk, draft)
        handed = []
        for number in range(6):
            desk.write_text(draft, PRESENT, f"In line {number} they count marbles.", criterion)
            desk.hand_back_notes(draft)
            handed.append(desk.case(draft).delivery.digest)
            clock.move(seconds=5)
            if not number:
                with pytest.raises(Unavailable):
                    desk.sync()
        with desk.store.reading() as view:
            offered = view.outbox_to_offer(hub.identity)
        assert [line.digest for line in offered] == handed
        with Server(hub.folder) as server:
            sources = desk.store.fact("sources")
            desk.store.set_fact("sources", [{**one, "address": server.url} for one in sources])
            assert desk.sync().delivered == 6
        (document,) = notes_kept(hub)
        assert hashlib.sha256(document).hexdigest() == handed[-1]
