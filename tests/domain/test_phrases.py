"""The phrase bank: placeholders, searching and counting."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from assessor_desk.domain.phrases import (
    Phrase,
    Place,
    fault_of,
    gaps,
    next_gap,
    phrase_id,
    search,
    without_gaps,
)

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
BOARDS = Phrase("boards", "At [time] all boards are up.", "math", "elicits", "high", tags=("strength",))
COMMIT = Phrase("commit", "Have every student commit before one is heard.", "math", "elicits", "low")
PLAN = Phrase(
    "plan", "Beside [check], write two answers.", "math", "plans-checks", "low", tags=("next_step",)
)
THREAD = Phrase("thread", "The evidence goes from [place] to [place].", "math")
LISTEN = Phrase("listen", "At [time] the student’s words come back.", "relations", "listens")
ANYWHERE = Phrase("anywhere", "One thing first: [the step that matters most].")
NOWHERE = Place()
BANK = (ANYWHERE, LISTEN, THREAD, PLAN, COMMIT, BOARDS)


def ids(query: str = "", place: Place = NOWHERE) -> list[str]:
    return [phrase.id for phrase in search(BANK, query, place)]


def test_every_word_of_the_query_begins_a_word_of_the_phrase() -> None:
    assert ids("comm stu") == ["commit"]
    assert ids("STUDENT'S") == ["listen"]
    assert ids("tudent") == []
    assert ids("commit boards") == []


def test_criterion_level_and_tags_can_be_searched_for() -> None:
    assert ids("plans") == ["plan"]
    assert ids("high") == ["boards"]
    assert ids("strength") == ["boards"]


def test_what_is_tied_to_the_place_comes_first_and_another_rubrics_phrases_stay_away() -> None:
    assert ids(place=Place("math", "elicits", "low")) == ["commit", "boards", "thread", "anywhere", "plan"]
    assert ids(place=Place("math", "elicits", "high")) == ["boards", "commit", "thread", "anywhere", "plan"]
    assert ids(place=Place("relations"))[0] == "listen"


def test_a_phrase_tagged_for_the_field_comes_before_its_neighbours() -> None:
    strength = replace(COMMIT, id="strength", tags=("strength",))
    place = Place("math", "elicits", "low", "strength")
    assert [one.id for one in search((COMMIT, strength), "", place)] == ["strength", "commit"]


def test_a_whole_word_counts_before_a_beginning() -> None:
    begun = Phrase("begun", "Answers that part ways")
    whole = Phrase("whole", "Zebra answer")
    assert [one.id for one in search((begun, whole), "answer")] == ["whole", "begun"]


def test_among_equals_the_phrase_taken_more_often_and_later_comes_first() -> None:
    one, other = Phrase("one", "Alpha"), Phrase("other", "Beta")
    assert [p.id for p in search((one, other.taken(NOW)))] == ["other", "one"]
    earlier = one.taken(NOW.replace(year=2025))
    assert [p.id for p in search((earlier, other.taken(NOW)))] == ["other", "one"]


def test_taking_a_phrase_counts_and_leaves_its_words() -> None:
    taken = BOARDS.taken(NOW).taken(NOW)
    assert (taken.used, taken.last_used, taken.text) == (2, NOW, BOARDS.text)


def test_placeholders_are_found_one_after_the_other() -> None:
    text = "From [place] to [other place]."
    assert list(gaps(text)) == ["[place]", "[other place]"]
    first = next_gap(text)
    assert first is not None
    assert text[slice(*first)] == "[place]"
    second = next_gap(text, first[1])
    assert second is not None
    assert text[slice(*second)] == "[other place]"
    assert next_gap(text, second[1]) is None
    assert without_gaps(text).split() == ["From", "to", "."]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" ", "needs words"),
        ("a" * 1001, "1000 characters at most; this one has 1001"),
        ("Tab\x07", "control character"),
        ("At [time", "[like this]"),
        ("At time]", "[like this]"),
        ("At [" + "a" * 61 + "]", "60 characters at most"),
        ("At []", "[like this]"),
    ],
)
def test_what_is_no_phrase_says_why(text: str, words: str) -> None:
    assert words in fault_of(text)


def test_a_phrase_may_run_over_lines() -> None:
    assert fault_of("At [time]:\n\tall boards are up.") == ""


def test_the_same_words_for_the_same_place_have_the_same_id() -> None:
    assert phrase_id("At [time]", "math") == phrase_id("At [time]", "math")
    assert phrase_id("At [time]", "math") != phrase_id("At [time]")
