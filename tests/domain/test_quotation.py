"""Quotations are found again in texts that were re-flowed, re-extracted or retyped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor_desk.artifacts.likeness import near
from assessor_desk.domain.anchor import TextQuote
from assessor_desk.domain.quotation import Found, Quotable


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("one two three", "two", "two"),
        ("one\n  two\tthree", "one two three", "one\n  two\tthree"),
        ("a frac\u00ad\ntion of 24", "fraction", "frac\u00ad\ntion"),
        ("the of\ufb01ce", "office", "of\ufb01ce"),
        ("say “two”", 'say "two"', "say “two”"),
        ("it’s 3–4", "it's 3-4", "it’s 3–4"),
        ("Every STUDENT", "every student", "Every STUDENT"),
        ("three quart ers", "three quarters", "three quart ers"),
        ("Straße", "strasse", "Straße"),
    ],
)
def test_differences_of_form_do_not_matter(text: str, words: str, found: str) -> None:
    start, end = Quotable(text).find(TextQuote(words)) or (0, 0)
    assert text[start:end] == found


def test_of_several_places_the_surroundings_choose() -> None:
    text = "Ann said yes. Ben said yes. Cem said yes."
    assert Quotable(text).find(TextQuote("said yes", prefix="Ben ")) == (18, 26)
    assert Quotable(text).find(TextQuote("yes", suffix=". Cem")) == (23, 26)
    assert Quotable(text).find(TextQuote("yes")) == (9, 12)


def test_of_places_that_read_alike_the_one_where_the_words_stood_is_taken() -> None:
    text = "tick box. " * 9
    assert Quotable(text).find(TextQuote("tick box", start=41, end=49)) == (40, 48)
    assert Quotable(text).find(TextQuote("tick box", start=88, end=96)) == (80, 88)


def test_surroundings_count_before_the_way_words_are_written_and_that_before_where_they_stood() -> None:
    text = "Exit ticket: a title. The exit ticket is read. An\nexit\nticket again."
    assert Quotable(text).find(TextQuote("exit ticket")) == (26, 37)
    assert Quotable(text).find(TextQuote("exit ticket", suffix=": a title")) == (0, 11)
    assert Quotable(text).find(TextQuote("exit ticket", start=0, end=11)) == (26, 37)


def test_a_quotation_knows_where_its_words_stood() -> None:
    quote = Quotable("one  two three ").quote(3, 9)
    assert quote == TextQuote("two", "one ", " three ", None, 5, 8)


def test_words_changed_a_little_are_found_nearby_and_that_is_said() -> None:
    text = "Before the lesson. Every pupil writes an answer on the white board first. Then we talk."
    near_by = Quotable(text).find_again(TextQuote("every pupil writes the answer on a whiteboard"), near)
    assert near_by is not None
    assert near_by.nearby
    assert text[near_by.start : near_by.end] == "Every pupil writes an answer on the white board"
    same = Quotable(text).find_again(TextQuote("Then we talk"), near)
    assert same == Found(text.index("Then"), text.index("Then") + 12)


@pytest.mark.parametrize("words", ["Nothing of the kind stands here at all", "we walk", "x" * 3000])
def test_words_that_are_like_nothing_are_not_found_nearby(words: str) -> None:
    text = "Before the lesson. Every pupil writes an answer. Then we talk."
    assert Quotable(text).find_again(TextQuote(words), near) is None


def test_words_that_are_not_there_are_not_found() -> None:
    assert Quotable("one two").find(TextQuote("three")) is None
    assert Quotable("one two").find_all("  ") == []


def test_a_quotation_has_a_little_of_what_stands_around_it() -> None:
    text = "x" * 50 + " before\nthe   words after " + "y" * 50
    quote = Quotable(text).quote(text.index("the"), text.index(" after"), page=3)
    assert quote is not None
    assert (quote.exact, quote.page) == ("the words", 3)
    assert quote.prefix == "x" * 24 + " before "
    assert quote.suffix == " after " + "y" * 25


@pytest.mark.parametrize("text", [".", "…", " — ", "?!", "“”"])
def test_signs_alone_cannot_be_quoted(text: str) -> None:
    assert Quotable(text).quote(0, len(text)) is None


@pytest.mark.parametrize("text", ["3", "é", "文", "س", "½"])
def test_a_letter_or_a_figure_of_any_script_can(text: str) -> None:
    assert Quotable(f"{text}.").quote(0, 2) is not None


def test_white_space_alone_cannot_be_quoted() -> None:
    assert Quotable("a \n b").quote(1, 4) is None


def test_all_places_are_found_in_order() -> None:
    assert Quotable("Ab ab aB").find_all("ab") == [(0, 2), (3, 5), (6, 8)]


@given(st.text(max_size=60), st.data())
def test_whatever_is_quoted_is_found_again_where_it_says_the_same(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    quotable = Quotable(text)
    quote = quotable.quote(start, end)
    if quote is not None:
        place = quotable.find(quote)
        assert place is not None
        again = quotable.quote(*place)
        assert again is not None
        assert again.exact.casefold().split() == quote.exact.casefold().split()


def test_a_number_or_a_struck_word_between_quoted_words_does_not_hide_them() -> None:
    laid_out = "ask why\r\n2. Students explain\r\nThe ticket was skippedis read at the door."
    assert _shown(laid_out, "ask why Students explain") == "ask why\r\n2. Students explain"
    assert _shown(laid_out, "The ticket is read at the door") == "The ticket was skippedis read at the door"
    assert (
        _shown("Ask why\nStudents explain it", "1. Ask why 2. Students explain")
        == "Ask why\nStudents explain"
    )


def test_what_stands_at_the_end_and_head_of_a_page_does_not_hide_words_across_it() -> None:
    pages = "is read before the next\nLesson plan, page 1\fLakeside programme\nlesson begins."
    assert (_shown(pages, "before the next lesson begins") or "").endswith("lesson begins")


def test_other_words_are_not_passed_over_on_both_sides() -> None:
    assert (
        _shown("every pupil writes an answer on the board", "every pupil writes the answer on a board")
        is None
    )


def _shown(text: str, words: str) -> str | None:
    place = Quotable(text).find(TextQuote(words))
    return None if place is None else text[slice(*place)]


def test_a_long_text_is_taken_apart_by_paragraphs_and_not_by_words() -> None:
    paragraph = "Pupils mark their own exit tickets while the others compare ways to share.\n"
    text = Quotable(paragraph * 2_000 + "The quokka waits.")
    assert text.find(TextQuote("Nothing like this stands anywhere in the text")) is None
    assert len(text._spaced._runs) <= 2 * 2_001
    assert text.find(TextQuote("quok ka waits")) == (len(paragraph) * 2_000 + 4, len(text.text) - 1)
    assert text.find(TextQuote("share. 7. Pupils mark", suffix=" their own")) is not None


@pytest.mark.parametrize("query", ["aa", "A", "the", "co-\u00adop", " ", "", "ﬁ", "aa aa"])
def test_as_many_places_are_counted_as_are_found(query: str) -> None:
    text = Quotable("aaaaa Aa aa aa the The co\u00adop fi ﬁ  aa\naa aa")
    assert text.count(query) == len(text.find_all(query))
