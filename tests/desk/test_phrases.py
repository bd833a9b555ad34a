"""The phrase bank on a desk: found, counted, kept, brought in and out; and what the checks compare texts with."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tests.desk.conftest import StandingClock
from tests.desk.documents import give_documents, pdf_document, word_document

from assessor_desk.desk import Desk
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.phrases import Phrase, Place, Scope
from assessor_desk.domain.review import TextField
from assessor_desk.rubric_files import FaultyFile, load_phrases
from assessor_desk.store import store as store_module

RUBRIC = "formative-assessment-math"
OWN = Phrase(
    "",
    "Read [whose] answer aloud before [moment], and ask who would say it another way.",
    tags=("next_step",),
)
LONG = "The exit tickets are sorted by the mistake that they show, and the next lesson begins with one of them at once."


def own_phrases(desk: Desk) -> list[Phrase]:
    return [one for one in desk.phrases() if one.scope is Scope.PERSONAL]


def test_the_programmes_phrases_are_offered_for_their_rubric_and_stay_as_they_are(desk: Desk) -> None:
    offered = desk.phrases(Place(RUBRIC))
    assert len(offered) > 30
    assert {one.rubric for one in offered} == {RUBRIC}
    assert {one.scope for one in offered} == {Scope.PROGRAMME}
    theirs = offered[0]
    with pytest.raises(Refused, match="of the programme"):
        desk.save_phrase(replace(theirs, text="Something else", scope=Scope.PERSONAL))
    with pytest.raises(Refused, match="of the programme"):
        desk.save_phrase(replace(theirs, id="another"))
    with pytest.raises(Refused, match="is the programme's"):
        desk.remove_phrase(theirs.id)
    assert desk.phrases(Place(RUBRIC)) == offered


def test_a_phrase_of_ones_own_is_kept_changed_found_and_removed(desk: Desk) -> None:
    desk.save_phrase(OWN)
    (kept,) = own_phrases(desk)
    assert kept.text == OWN.text
    desk.save_phrase(replace(kept, text="Read [whose] answer aloud at [moment]."))
    (changed,) = desk.phrases(query="aloud")
    assert (changed.id, changed.text) == (kept.id, "Read [whose] answer aloud at [moment].")
    desk.remove_phrase(kept.id)
    assert own_phrases(desk) == []
    with pytest.raises(Refused, match="no phrase"):
        desk.remove_phrase(kept.id)


def test_what_is_no_phrase_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="placeholder is written"):
        desk.save_phrase(replace(OWN, text="an open [bracket"))
    with pytest.raises(Refused, match="needs its criterion"):
        desk.save_phrase(replace(OWN, rubric=RUBRIC, level="progressing"))


def test_use_is_counted_for_ones_own_and_the_programmes_and_the_used_come_first(
    desk: Desk, clock: StandingClock
) -> None:
    desk.save_phrase(OWN)
    (own,) = own_phrases(desk)
    theirs = desk.phrases(Place(RUBRIC))[0]
    for _ in range(2):
        desk.use_phrase(theirs.id)
    desk.use_phrase(own.id)
    found = {one.id: one for one in desk.phrases()}
    assert (found[theirs.id].used, found[theirs.id].last_used) == (2, clock.now)
    assert found[own.id].used == 1
    assert [one.id for one in desk.phrases()[:2]] == [theirs.id, own.id]
    with pytest.raises(Refused, match="no phrase"):
        desk.use_phrase("unknown")


@pytest.mark.parametrize("name", ["bank.yaml", "bank.csv"])
def test_a_bank_goes_out_and_comes_in_again_with_its_use(desk: Desk, tmp_path: Path, name: str) -> None:
    desk.save_phrase(OWN)
    (own,) = own_phrases(desk)
    desk.use_phrase(own.id)
    assert desk.export_phrases(tmp_path / name, Scope.PERSONAL) == 1
    desk.remove_phrase(own.id)
    assert desk.import_phrases(tmp_path / name) == 1
    (again,) = own_phrases(desk)
    assert (again.text, again.tags, again.used) == (own.text, own.tags, 1)
    assert desk.export_phrases(tmp_path / f"all-{name}") == len(load_phrases(tmp_path / f"all-{name}")) > 30


def test_a_faulty_bank_leaves_everything_as_it_was(desk: Desk, tmp_path: Path) -> None:
    faulty = tmp_path / "bank.yaml"
    faulty.write_text("phrases:\n  - text: Fine words\n  - text: an open [bracket\n", encoding="utf-8")
    with pytest.raises(FaultyFile, match="line 3"):
        desk.import_phrases(faulty)
    assert own_phrases(desk) == []


def test_the_bank_is_there_when_the_desk_is_opened_again(
    desk: Desk, new_desk: tuple[Path, bytes], clock: StandingClock
) -> None:
    desk.save_phrase(OWN)
    desk.tidy()
    desk.close()
    with Desk.open_with_key(desk.folder, new_desk[1], clock) as again:
        assert [one.text for one in own_phrases(again)] == [OWN.text]
        assert len(again.phrases(Place(RUBRIC))) > 30
    assert OWN.text.encode() not in (desk.folder / "desk.db").read_bytes()
    assert store_module.SNAPSHOTS not in {path.name for path in desk.folder.iterdir()}


# -- what the checks compare with ------------------------------------------------------------------------------


def said_before(desk: Desk, own_id: str) -> list[str]:
    return [one.sentence for one in desk.case(own_id).findings if one.check == "F6"]


def around(desk: Desk, own_id: str) -> object:
    with desk.store.reading() as view:
        return desk._pen.look(view, own_id).around


@pytest.fixture
def other_id(desk: Desk) -> str:
    """The id of the second submission."""
    return desk.find("7F3A-01")


def open_with_level(desk: Desk, own_id: str) -> str:
    desk.record_completeness(own_id)
    criterion = desk.case(own_id).rubric.criteria[0]
    desk.record_score(own_id, criterion.id, criterion.levels[-1].id)
    return criterion.id


def test_a_text_said_of_another_submission_is_noticed_and_one_taken_back_is_not(
    desk: Desk, own_id: str, other_id: str
) -> None:
    criterion = open_with_level(desk, own_id)
    desk.write_text(own_id, TextField.STRENGTH, LONG, criterion)
    assert said_before(desk, own_id) == []
    criterion = open_with_level(desk, other_id)
    desk.write_text(other_id, TextField.STRENGTH, LONG, criterion)
    (sentence,) = said_before(desk, other_id)
    assert "your review of 7F3A-00" in sentence
    desk.case(own_id)
    desk.undo(own_id)
    assert said_before(desk, other_id) == []


def test_private_notes_are_compared_with_nothing(desk: Desk, own_id: str, other_id: str) -> None:
    desk.write_text(own_id, TextField.NOTES, LONG)
    criterion = open_with_level(desk, other_id)
    desk.write_text(other_id, TextField.STRENGTH, LONG, criterion)
    assert said_before(desk, other_id) == []


def test_a_phrase_left_as_it_came_is_noticed(desk: Desk, own_id: str) -> None:
    desk.save_phrase(Phrase("", LONG))
    criterion = open_with_level(desk, own_id)
    desk.write_text(own_id, TextField.STRENGTH, LONG, criterion)
    (sentence,) = said_before(desk, own_id)
    assert "the phrase bank" in sentence


def test_while_a_submission_is_worked_on_the_checks_compare_with_the_same_texts(
    desk: Desk, own_id: str, other_id: str
) -> None:
    criterion = open_with_level(desk, own_id)
    desk.case(own_id)
    before = around(desk, own_id)
    desk.write_text(own_id, TextField.STRENGTH, LONG, criterion)
    desk.case(own_id)
    desk.save_phrase(OWN)
    assert around(desk, own_id) is before
    desk.case(other_id)
    desk.case(own_id)
    assert around(desk, own_id) is not before, "it was opened anew after something else was written"


def test_words_of_the_evidence_make_a_text_one_about_this_submission(desk: Desk, own_id: str) -> None:
    criterion = open_with_level(desk, own_id)

    def generic(words: str) -> list[str]:
        desk.write_text(own_id, TextField.STRENGTH, words, criterion)
        return [
            one.check for one in desk.case(own_id).findings if (one.check, one.subject) == ("F7", criterion)
        ]

    assert generic("Somebody did something nicely in a way that pleased all of those who were around.") == [
        "F7"
    ]
    assert generic("Somebody did something nicely while the quokka was left to stand around there.") == []


PLAIN = "Somebody did something nicely in a way that pleased all of those who were around"


def is_generic(desk: Desk, own_id: str, criterion: str, words: str) -> bool:
    desk.write_text(own_id, TextField.STRENGTH, words, criterion)
    return ("F7", criterion) in {(one.check, one.subject) for one in desk.case(own_id).findings}


def test_words_of_pdf_and_word_documents_count_once_they_were_read(desk: Desk, own_id: str) -> None:
    documents = {
        "a.docx": word_document("The wombat digs."),
        "b.pdf": pdf_document("A platypus swims.", "An echidna too."),
    }
    give_documents(desk, own_id, documents)
    criterion = open_with_level(desk, own_id)
    for animal in ("wombat", "platypus", "echidna"):
        assert is_generic(desk, own_id, criterion, f"{PLAIN}, a {animal} among them.")
    assert is_generic(desk, own_id, criterion, PLAIN)
    assert not is_generic(desk, own_id, criterion, f"{PLAIN}, 3 of them."), "the documents might have three"
    assert own_id in desk.read_words(own_id).submissions
    for animal in ("wombat", "platypus", "echidna", "quokka"):
        assert not is_generic(desk, own_id, criterion, f"{PLAIN}, a {animal} among them.")
    assert is_generic(desk, own_id, criterion, f"{PLAIN}, 3 of them."), "all is read, and nothing has three"
    assert not desk.read_words(own_id), "what was read is not read again"


def test_a_page_that_may_be_a_picture_leaves_the_evidence_partly_unread(desk: Desk, own_id: str) -> None:
    give_documents(desk, own_id, {"b.pdf": pdf_document("A platypus swims.", "")})
    criterion = open_with_level(desk, own_id)
    desk.read_words(own_id)
    assert not is_generic(desk, own_id, criterion, f"{PLAIN}, a platypus among them.")
    assert not is_generic(desk, own_id, criterion, f"{PLAIN}, 3 of them.")


def test_a_document_that_cannot_be_read_says_nothing(desk: Desk, own_id: str) -> None:
    give_documents(desk, own_id, {"a.docx": b"no document", "b.pdf": pdf_document("A platypus swims.")})
    criterion = open_with_level(desk, own_id)
    desk.read_words(own_id)
    assert not is_generic(desk, own_id, criterion, f"{PLAIN}, a platypus among them.")
    assert is_generic(desk, own_id, criterion, PLAIN)


def test_what_most_other_documents_say_too_ties_a_text_to_none(
    desk: Desk, own_id: str, other_id: str
) -> None:
    for one in (own_id, other_id):
        give_documents(desk, one, {"a.docx": word_document(f"A wombat digs in {one}.")})
    criterion = open_with_level(desk, own_id)
    desk.read_words(own_id)
    assert is_generic(desk, own_id, criterion, f"{PLAIN}, a wombat among them.")


def test_reading_that_is_stopped_goes_on_the_next_time(desk: Desk, own_id: str) -> None:
    give_documents(desk, own_id, {"a.docx": word_document("The wombat digs.")})
    stopped = threading.Event()
    stopped.set()
    assert not desk.read_words(own_id, stopped)
    assert desk.read_words(own_id)
