"""Opening a desk, and what an assessor does on it, act by act."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from assessor_desk.desk import Desk, InboxState, Kind
from assessor_desk.desk import longest as longest_words
from assessor_desk.desk.folder import DeskFolder
from assessor_desk.domain.anchor import PageRegion, TextQuote, TimeSpan, Whole
from assessor_desk.domain.changes import SourceChanges
from assessor_desk.domain.errors import Damaged, Refused, Unavailable
from assessor_desk.domain.review import TextField
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.submission import Artifact, Part
from assessor_desk.domain.text_fields import LONGEST_TEXT
from assessor_desk.keys import keyring_copy
from assessor_desk.keys.envelope import Envelope
from assessor_desk.store.quick import Quick

RATIONALE, OVERALL, NOTES = TextField.RATIONALE, TextField.OVERALL, TextField.NOTES


def criterion_of(desk: Desk, own_id: str, place: int = 0) -> str:
    return desk.case(own_id).rubric.criteria[place].id


def level_of(desk: Desk, own_id: str, place: int = 0) -> str:
    return desk.case(own_id).rubric.criteria[0].levels[place].id


# -- opening -----------------------------------------------------------------------------------------------


def test_a_desk_opens_again_with_its_passphrase_and_shows_what_was_there(desk: Desk, own_id: str) -> None:
    desk.record_completeness(own_id)
    desk.close()
    with Desk.open(desk.folder, "demo") as again:
        assert [row.key for row in again.inbox()] == ["7F3A-00", "7F3A-01"]
        assert again.case(own_id).review.completeness == ()


def test_a_wrong_passphrase_is_refused_and_leaves_the_desk_closed(desk: Desk) -> None:
    desk.close()
    with pytest.raises(Refused, match="passphrase is not right"):
        Desk.open(desk.folder, "wrong")
    Desk.open(desk.folder, "demo").close()


def test_a_second_opening_is_told_which_desk_is_in_use(desk: Desk) -> None:
    with pytest.raises(Refused, match="another window") as told:
        Desk.open(desk.folder, "demo")
    assert str(desk.folder) in str(told.value)


def test_the_recovery_key_opens_a_desk_and_sets_a_new_passphrase(tmp_path: Path) -> None:
    made, recovery_key = Desk.create(tmp_path / "desk", "forgotten")
    made.close()
    Desk.open_with_recovery_key(tmp_path / "desk", recovery_key, "remembered").close()
    Desk.open(tmp_path / "desk", "remembered").close()
    with pytest.raises(Refused):
        Desk.open(tmp_path / "desk", "forgotten")


def test_a_changed_passphrase_opens_the_desk_and_the_old_one_does_not(desk: Desk) -> None:
    with pytest.raises(Refused, match="not right"):
        desk.change_passphrase("wrong", "new words")
    desk.change_passphrase("demo", "new words")
    desk.close()
    with pytest.raises(Refused):
        Desk.open(desk.folder, "demo")
    Desk.open(desk.folder, "new words").close()


def test_there_is_no_desk_where_there_is_none(tmp_path: Path) -> None:
    assert not Desk.exists(tmp_path)
    with pytest.raises(Refused, match="no desk"):
        Desk.open(tmp_path, "demo")


def test_a_folder_in_use_is_not_made_a_desk(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="already"):
        Desk.create(desk.folder, "demo")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(Refused, match="not empty"):
        Desk.create(tmp_path / "mine", "demo")


@pytest.mark.parametrize(
    "folder",
    ["Dropbox/desk", "OneDrive - District 7/a/desk", "Google Drive/desk", "Library/Mobile Documents/desk"],
)
def test_a_folder_that_a_cloud_service_copies_is_refused(tmp_path: Path, folder: str) -> None:
    with pytest.raises(Refused, match="cloud service"):
        Desk.create(tmp_path / folder, "demo")
    assert not (tmp_path / folder).exists()


def test_an_empty_passphrase_makes_no_desk(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="empty"):
        Desk.create(tmp_path / "desk", "")
    assert not Desk.exists(tmp_path / "desk")


def test_a_desk_without_its_database_key_file_is_called_damaged(desk: Desk) -> None:
    desk.close()
    for name in ("keys.json", "keys-copy.json"):
        (desk.folder / name).write_text("{}", encoding="utf-8")
    with pytest.raises(Damaged, match=r"keys\.json"):
        Desk.open(desk.folder, "demo")


# -- finding -----------------------------------------------------------------------------------------------


def test_a_submission_is_found_by_key_id_or_the_beginning_of_either(desk: Desk, own_id: str) -> None:
    assert desk.find("7f3a-00") == own_id
    assert desk.find(own_id) == own_id
    assert desk.find(own_id[:12]) == own_id


def test_an_unknown_submission_is_refused_naming_near_ones(desk: Desk) -> None:
    with pytest.raises(Refused, match=r"“7F3A-09”.*7F3A-0"):
        desk.find("7F3A-09")
    with pytest.raises(Refused, match="fits several"):
        desk.find("7F3A")
    with pytest.raises(Refused, match="no submission"):
        desk.case("nothing")


# -- acts --------------------------------------------------------------------------------------------------


def test_a_score_is_recorded_and_the_inbox_counts_it(desk: Desk, own_id: str) -> None:
    changes = desk.record_score(own_id, criterion_of(desk, own_id), level_of(desk, own_id))
    assert changes.submissions == {own_id}
    assert Kind.INBOX in changes.kinds
    assert desk.inbox()[0].scored == 1
    desk.record_score(own_id, criterion_of(desk, own_id), None)
    assert desk.inbox()[0].scored == 0


def test_a_level_the_rubric_lacks_is_refused_and_changes_nothing(desk: Desk, own_id: str) -> None:
    with pytest.raises(Refused, match="no level “excellent”"):
        desk.record_score(own_id, criterion_of(desk, own_id), "excellent")
    with pytest.raises(Refused, match="no criterion “charm”"):
        desk.record_score(own_id, "charm", level_of(desk, own_id))
    assert desk.case(own_id).review.works == {}
    assert desk.inbox()[0].state is InboxState.NEW


def test_an_incomplete_submission_cannot_be_scored(desk: Desk, own_id: str) -> None:
    desk.record_completeness(own_id, ["missing_part", "language"])
    assert desk.inbox()[0].state is InboxState.INCOMPLETE
    with pytest.raises(Refused, match="incomplete"):
        desk.record_score(own_id, criterion_of(desk, own_id), level_of(desk, own_id))
    desk.record_completeness(own_id)
    desk.record_score(own_id, criterion_of(desk, own_id), level_of(desk, own_id))


def test_an_unknown_reason_code_is_refused_naming_the_codes(desk: Desk, own_id: str) -> None:
    with pytest.raises(Refused, match=r"“ugly”.*missing_part"):
        desk.record_completeness(own_id, ["ugly"])


def test_the_state_of_a_submission_follows_the_work(desk: Desk, own_id: str) -> None:
    def state() -> InboxState:
        return desk.inbox()[0].state

    assert state() is InboxState.NEW
    desk.write_text(own_id, NOTES, "Watched twice")
    assert state() is InboxState.CHECKING
    desk.record_completeness(own_id)
    assert state() is InboxState.IN_REVIEW


@pytest.mark.parametrize(
    ("field", "place"), [(RATIONALE, False), (TextField.NEXT_STEP, False), (OVERALL, True)]
)
def test_a_text_in_the_wrong_place_is_refused(desk: Desk, own_id: str, field: TextField, place: bool) -> None:
    criterion = criterion_of(desk, own_id) if place else ""
    for write in (desk.write_text, desk.draft_text):
        with pytest.raises(Refused):
            write(own_id, field, "words", criterion)


def test_a_coach_does_not_score(desk: Desk, own_id: str, page: Callable[..., SourceChanges]) -> None:
    coached = replace(page(1).assignments[0], role=Role.COACH, purpose=Purpose.COACH)
    desk.store.accept(SourceChanges("c3", assignments=(coached,)))
    with pytest.raises(Refused, match="a coach does not score"):
        desk.record_score(own_id, criterion_of(desk, own_id), level_of(desk, own_id))
    desk.write_text(own_id, NOTES, "Ask about the second ticket")


# -- drafts ------------------------------------------------------------------------------------------------


def test_a_draft_is_there_after_closing_without_another_act(desk: Desk, own_id: str) -> None:
    desk.draft_text(own_id, OVERALL, "You let them ex")
    desk.draft_text(own_id, OVERALL, "You let them explain")
    desk.close()
    with Desk.open(desk.folder, "demo") as again:
        assert again.case(own_id).review.overall == "You let them explain"


def test_another_act_makes_an_entry_of_the_draft_first(desk: Desk, own_id: str) -> None:
    desk.draft_text(own_id, OVERALL, "You let them explain")
    desk.record_score(own_id, criterion_of(desk, own_id), level_of(desk, own_id))
    desk.undo(own_id)
    assert desk.case(own_id).review.overall == "You let them explain"
    desk.undo(own_id)
    assert desk.case(own_id).review.overall == ""


def test_writing_a_text_replaces_its_draft_as_one_step(desk: Desk, own_id: str) -> None:
    desk.draft_text(own_id, OVERALL, "You let")
    desk.write_text(own_id, OVERALL, "You let them explain")
    desk.undo(own_id)
    assert desk.case(own_id).review.overall == ""
    desk.redo(own_id)
    assert desk.case(own_id).review.overall == "You let them explain"


def test_a_draft_typed_back_to_what_stands_makes_no_step(desk: Desk, own_id: str) -> None:
    desk.write_text(own_id, OVERALL, "As it stands")
    desk.draft_text(own_id, OVERALL, "As it stan")
    desk.draft_text(own_id, OVERALL, "As it stands")
    desk.settle_drafts(own_id)
    desk.undo(own_id)
    assert desk.case(own_id).review.overall == ""


def test_undoing_while_typing_takes_back_what_was_typed(desk: Desk, own_id: str) -> None:
    desk.record_completeness(own_id)
    desk.draft_text(own_id, OVERALL, "Hasty")
    desk.undo(own_id)
    case = desk.case(own_id)
    assert case.review.overall == ""
    assert case.review.completeness == ()


def test_drafts_of_two_submissions_do_not_mix(desk: Desk, own_id: str) -> None:
    other = desk.find("7F3A-01")
    desk.draft_text(own_id, OVERALL, "one")
    desk.draft_text(other, OVERALL, "other")
    assert (desk.case(own_id).review.overall, desk.case(other).review.overall) == ("one", "other")


def test_a_text_that_is_too_long_is_refused_and_changes_nothing(desk: Desk, own_id: str) -> None:
    longest, more = "q" * LONGEST_TEXT, "q" * (LONGEST_TEXT + 1)
    criterion = criterion_of(desk, own_id)
    plan = next(one for one in desk.case(own_id).submission.artifacts if one.name == "plan.md")
    desk.write_text(own_id, OVERALL, longest)
    before = desk.case(own_id).review
    for write in (
        lambda: desk.write_text(own_id, OVERALL, more),
        lambda: desk.draft_text(own_id, OVERALL, more),
        lambda: desk.write_texts(own_id, {TextField.STRENGTH: "Kept.", TextField.NEXT_STEP: more}, criterion),
        lambda: desk.place_anchor(own_id, plan.id, Whole(), more),
        lambda: desk.place_anchor(own_id, plan.id, TextQuote(more)),
    ):
        with pytest.raises(Refused, match="100,000 characters at most; this one would have 100,001"):
            write()
    assert desk.case(own_id).review == before
    assert before.overall == longest


def test_a_longer_text_from_before_is_read_and_may_become_shorter(
    desk: Desk, own_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(longest_words, "LONGEST_TEXT", 10**9)
        desk.write_text(own_id, OVERALL, "o" * 300_000)
        desk.draft_text(own_id, NOTES, "n" * 300_000)
    desk.close()
    with Desk.open(desk.folder, "demo") as again:
        review = again.case(own_id).review
        assert (len(review.overall), len(review.notes)) == (300_000, 300_000)
        again.settle_drafts(own_id)
        for field in (OVERALL, NOTES):
            again.draft_text(own_id, field, "s" * 200_000)
            again.write_text(own_id, field, "s" * 200_000)
            with pytest.raises(Refused, match="100,000 characters at most"):
                again.write_text(own_id, field, "s" * 200_001)
        again.undo(own_id)
        assert len(again.case(own_id).review.notes) == 300_000


# -- anchors -----------------------------------------------------------------------------------------------


def test_an_anchor_is_placed_given_named_taken_and_removed(desk: Desk, own_id: str) -> None:
    first, second = criterion_of(desk, own_id), criterion_of(desk, own_id, 1)
    _, anchor = desk.place_anchor(
        own_id, "lesson.mp4", TimeSpan(273_000, 281_000), "waits\nfor a third hand", first
    )
    desk.give_anchor(own_id, anchor, second)
    review = desk.case(own_id).review
    assert review.criteria_citing(anchor) == (first, second)
    placed = review.anchor(anchor)
    assert placed is not None
    assert (placed.artifact_id, placed.note) == ("video", "waits for a third hand")
    desk.name_anchor(own_id, anchor, "three hands")
    desk.take_anchor(own_id, anchor, second)
    assert desk.case(own_id).review.criteria_citing(anchor) == (first,)
    desk.remove_anchor(own_id, anchor)
    assert desk.case(own_id).review.work(first).anchors == ()
    desk.undo(own_id)
    assert desk.case(own_id).review.work(first).anchors == (anchor,)


def test_placing_an_anchor_with_its_criterion_is_one_step(desk: Desk, own_id: str) -> None:
    desk.place_anchor(own_id, "plan", Whole(), criterion=criterion_of(desk, own_id))
    desk.undo(own_id)
    review = desk.case(own_id).review
    assert review.anchors == ()
    assert review.work(criterion_of(desk, own_id)).anchors == ()


def test_an_anchor_where_nothing_can_be_is_refused(desk: Desk, own_id: str) -> None:
    with pytest.raises(Refused, match=r"no artifact “diary\.pdf”.*lesson\.mp4"):
        desk.place_anchor(own_id, "diary.pdf", Whole())
    with pytest.raises(Refused, match="no moments"):
        desk.place_anchor(own_id, "plan", TimeSpan(10))
    with pytest.raises(Refused, match="no pages or words"):
        desk.place_anchor(own_id, "video", PageRegion(1))
    with pytest.raises(Refused, match="has no anchor"):
        desk.name_anchor(own_id, "unknown", "note")
    desk.place_anchor(own_id, "plan", TextQuote("exit tickets"))


def test_declaring_no_evidence_takes_the_anchors_and_an_anchor_takes_that_back(
    desk: Desk, own_id: str
) -> None:
    criterion = criterion_of(desk, own_id)
    _, anchor = desk.place_anchor(own_id, "plan", Whole(), criterion=criterion)
    desk.declare_no_evidence(own_id, criterion)
    work = desk.case(own_id).review.work(criterion)
    assert (work.no_evidence, work.anchors) == (True, ())
    desk.give_anchor(own_id, anchor, criterion)
    assert not desk.case(own_id).review.work(criterion).no_evidence


# -- findings ----------------------------------------------------------------------------------------------


def test_a_finding_that_may_be_kept_is_kept_with_its_reason(desk: Desk, own_id: str) -> None:
    desk.record_completeness(own_id)
    desk.write_text(own_id, OVERALL, "Write to marta.lee@district7.example, who asked for it")
    (found,) = [one for one in desk.case(own_id).findings if one.check == "F10"]
    desk.keep_finding(own_id, "F10", found.subject, "The address is the programme's own")
    (kept,) = [one for one in desk.case(own_id).findings if one.check == "F10"]
    assert kept.kept == "The address is the programme's own"
    assert not kept.blocks


def test_a_finding_that_blocks_cannot_be_kept(desk: Desk, own_id: str) -> None:
    desk.record_completeness(own_id)
    with pytest.raises(Refused, match="does not let F1 be kept"):
        desk.keep_finding(own_id, "F1", desk.case(own_id).findings[0].subject, "No time")
    with pytest.raises(Refused, match="finds nothing"):
        desk.keep_finding(own_id, "F99", "", "Why not")


# -- undo --------------------------------------------------------------------------------------------------


def test_undo_is_per_submission_and_survives_closing(desk: Desk, own_id: str) -> None:
    other = desk.find("7F3A-01")
    desk.record_completeness(own_id)
    desk.record_completeness(other)
    desk.close()
    with Desk.open(desk.folder, "demo") as again:
        assert again.case(own_id).can_undo
        again.undo(own_id)
        assert again.case(own_id).review.completeness is None
        assert again.case(other).review.completeness == ()
        assert again.case(own_id).can_redo


def test_with_nothing_to_undo_or_redo_both_are_refused(desk: Desk, own_id: str) -> None:
    assert not desk.case(own_id).can_undo
    with pytest.raises(Refused, match="nothing to undo"):
        desk.undo(own_id)
    with pytest.raises(Refused, match="nothing to redo"):
        desk.redo(own_id)


# -- evidence that changes, work that is withdrawn ---------------------------------------------------------


def test_replaced_evidence_asks_for_a_second_look(
    desk: Desk, own_id: str, page: Callable[..., SourceChanges]
) -> None:
    desk.record_completeness(own_id)
    was = page(1).submissions[0]
    desk.store.accept(
        SourceChanges(
            "c3", submissions=(replace(was, artifacts=(Artifact("plan", Part.OVERVIEW, "new.md"),)),)
        )
    )
    case = desk.case(own_id)
    assert case.version_changed
    again = replace(was, artifacts=(Artifact("plan", Part.OVERVIEW, "newer.md"),))
    desk.store.accept(SourceChanges("c4", submissions=(again,)))
    with pytest.raises(Refused, match="replaced once more, just now"):
        desk.confirm_second_look(own_id, case.submission.version)
    assert desk.case(own_id).version_changed
    desk.confirm_second_look(own_id, again.version)
    assert not desk.case(own_id).version_changed
    with pytest.raises(Refused, match="not replaced"):
        desk.confirm_second_look(own_id)


def test_what_was_set_aside_can_be_read_and_not_changed(desk: Desk, own_id: str) -> None:
    desk.write_text(own_id, OVERALL, "Mine to keep")
    desk.store.set_aside(["assignment-7F3A-00"])
    case = desk.case(own_id)
    assert case.read_only
    assert not case.can_undo
    assert case.review.overall == "Mine to keep"
    with pytest.raises(Refused, match="set aside"):
        desk.write_text(own_id, OVERALL, "More")
    assert [row.state for row in desk.inbox()] == [InboxState.NEW, InboxState.SET_ASIDE]


# -- what is kept in memory --------------------------------------------------------------------------------


def test_what_a_round_brings_between_two_acts_is_seen_by_the_second(desk: Desk, own_id: str) -> None:
    desk.record_completeness(own_id)
    desk.store.set_aside(["assignment-7F3A-00"])
    with pytest.raises(Refused, match="set aside"):
        desk.record_score(own_id, criterion_of(desk, own_id), level_of(desk, own_id))
    desk.draft_text(own_id, OVERALL, "What was on its way to the disk stays.")
    assert desk.case(own_id).review.overall == "What was on its way to the disk stays."


def test_an_act_that_fails_leaves_nothing_in_memory_either(
    desk: Desk, own_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.record_completeness(own_id)

    def full(_: object) -> None:
        raise dbapi2.OperationalError("database or disk is full")

    monkeypatch.setattr(Quick, "commit", full)
    with pytest.raises(Unavailable, match="Nothing was changed"):
        desk.write_text(own_id, OVERALL, "Not kept")
    with pytest.raises(Unavailable, match="full"):
        desk.draft_text(own_id, OVERALL, "Not kept")
    monkeypatch.undo()
    assert desk.case(own_id).review.overall == ""
    desk.write_text(own_id, OVERALL, "Kept")
    assert desk.case(own_id).review.overall == "Kept"


def test_counters_go_on_where_they_were_after_opening_again(desk: Desk, own_id: str) -> None:
    desk.record_completeness(own_id)
    desk.close()
    with Desk.open(desk.folder, "demo") as again:
        again.record_completeness(own_id, ["language"])
        again.record_completeness(again.find("7F3A-01"))
        with again.store.reading() as view:
            counters = [one.counter for review in view.reviews(own_id) for one in view.entries(review.id)]
    assert counters == [1, 2, 3]


# -- making a desk -----------------------------------------------------------------------------------------


def test_making_a_desk_that_was_cut_short_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Unavailable("The disk is full")

    monkeypatch.setattr(Envelope, "save", full)
    with pytest.raises(Unavailable):
        Desk.create(tmp_path / "desk", "demo")
    monkeypatch.undo()
    assert not Desk.exists(tmp_path / "desk")
    Desk.create(tmp_path / "desk", "demo")[0].close()
    assert Desk.exists(tmp_path / "desk")


def test_a_desk_opens_from_the_keyring_only_where_a_copy_was_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[str, bytes] = {}
    monkeypatch.setattr(keyring_copy, "keep", lambda name, key: kept.update({name: key}) is None)
    monkeypatch.setattr(keyring_copy, "recall", kept.get)
    monkeypatch.setattr(keyring_copy, "forget", kept.pop)
    folder = desk.folder
    with pytest.raises(Refused, match="not right"):
        desk.remember_in_keyring("wrong")
    assert desk.remember_in_keyring("demo")
    desk.close()
    opened = Desk.open_from_keyring(folder)
    assert opened is not None
    opened.remember_in_keyring("demo", remember=False)
    opened.close()
    assert Desk.open_from_keyring(folder) is None
    kept[Envelope.load(folder / "keys.json").id] = b"of another desk" + bytes(17)
    assert Desk.open_from_keyring(folder) is None
    assert Desk.open_from_keyring(folder.parent / "none") is None


# -- evidence ----------------------------------------------------------------------------------------------


def test_evidence_opens_in_the_reader_with_its_captions_beside_it(desk: Desk, own_id: str) -> None:
    evidence = desk.evidence(own_id, "plan.md")
    assert evidence.kind() == "markdown"
    handle = evidence.open()
    assert "quokka waits" in handle.html  # type: ignore[attr-defined]
    handle.close()
    assert evidence.preflight().faults == ()
    assert evidence.captions() is None
    place = desk.vault.path("e" * 64)
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(b"sealed")
    desk.store.artifact_arrived(own_id, "video")
    captions = desk.evidence(own_id, "lesson.mp4").captions()
    assert captions is not None
    assert "Who has another way?" in captions


def test_evidence_that_is_not_here_or_not_known_is_told_apart(desk: Desk, own_id: str) -> None:
    with pytest.raises(Unavailable, match="not on this computer yet"):
        desk.evidence(own_id, "video")
    with pytest.raises(Refused, match="no artifact “diary”"):
        desk.evidence(own_id, "diary")
    states = desk.case(own_id).artifact_states
    assert (states["plan"].here, states["video"].here, states["video"].bytes_total) == (True, False, 1000)


def test_a_download_under_way_is_counted(desk: Desk, own_id: str) -> None:
    desk.vault.partial("e" * 64).write_bytes(b"x" * 250)
    assert desk.case(own_id).artifact_states["video"].bytes_here == 250


def test_damaged_evidence_is_named(desk: Desk, own_id: str) -> None:
    path = desk.evidence(own_id, "plan").path
    sealed = path.read_bytes()
    path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(Damaged, match=r"plan\.md"):
        desk.evidence(own_id, "plan").open()


def test_acts_and_rounds_take_turns(desk: Desk, own_id: str, page: Callable[..., SourceChanges]) -> None:
    """Two threads write as fast as they can; nothing is lost, nobody waits for long."""
    stop = threading.Event()

    def pull() -> None:
        while not stop.is_set():
            desk.store.accept(page(2))

    puller = threading.Thread(target=pull)
    puller.start()
    slowest = 0.0
    for number in range(60):
        begun = time.monotonic()
        desk.draft_text(own_id, OVERALL, f"text {number}")
        desk.record_completeness(own_id, ["language"] if number % 2 else [])
        slowest = max(slowest, time.monotonic() - begun)
    stop.set()
    puller.join()
    case = desk.case(own_id)
    assert (case.review.overall, case.review.completeness) == ("text 59", ("language",))
    assert slowest < 3, "first come, first served"


# -- making a desk -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", [False, True])
def test_a_desk_that_could_not_be_made_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    folder = tmp_path / "some" / "where" / "desk"
    if there:
        folder.mkdir(parents=True)

    def full(*_: object) -> None:
        raise Unavailable("The disk is full")

    with pytest.raises(Refused):
        Desk.create(folder, "")
    assert folder.exists() is there
    with monkeypatch.context() as patch, pytest.raises(Unavailable, match="The disk is full"):
        patch.setattr(Envelope, "save", full)
        Desk.create(folder, "demo")
    assert (tmp_path / "some").exists() is there
    assert [path for path in tmp_path.rglob("*") if path.is_file() and "lock" not in path.name] == []
    Desk.create(folder, "demo")[0].close()


def test_what_another_process_is_making_is_not_cleared_away(tmp_path: Path) -> None:
    with DeskFolder(tmp_path / "desk").making():
        (tmp_path / "desk" / "desk.db").write_bytes(b"half of a desk")
        with pytest.raises(Refused, match="open in another window"):
            Desk.create(tmp_path / "desk", "demo")
        assert (tmp_path / "desk" / "desk.db").read_bytes() == b"half of a desk"


def test_a_quotation_of_signs_alone_is_refused(desk: Desk, own_id: str) -> None:
    desk.record_completeness(own_id)
    with pytest.raises(Refused, match="needs a letter or a figure"):
        desk.place_anchor(own_id, "plan.md", TextQuote("."), "")
    assert desk.case(own_id).review.anchors == ()


def test_the_part_that_is_missing_is_named_kept_and_carried_on(desk: Desk, own_id: str) -> None:
    desk.record_completeness(own_id, ["missing_part", "unreadable"], ["reflection", "overview"])
    review = desk.case(own_id).review
    assert (review.completeness, review.missing_parts) == (
        ("missing_part", "unreadable"),
        ("overview", "reflection"),
    )
    desk.record_completeness(own_id, ["missing_part"])
    assert desk.case(own_id).review.missing_parts == ()
    desk.undo(own_id)
    assert desk.case(own_id).review.missing_parts == ("overview", "reflection")
    with pytest.raises(Refused, match="no part of a submission; the parts are overview, work, reflection"):
        desk.record_completeness(own_id, ["missing_part"], ["appendix"])
    with pytest.raises(Refused, match="must have “missing_part” among them"):
        desk.record_completeness(own_id, ["unreadable"], ["work"])
