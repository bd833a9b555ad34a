"""Quotations that go on over the end of a page."""

from __future__ import annotations

from dataclasses import replace

from assessor_desk.domain.page_ends import Pages, Part, goes_on, parts_of

TEXTS = (
    "At first they guess. Then the children write what they",
    "12\nhave seen on their boards, and read it aloud.",
    "A last page.",
)


def test_words_over_a_page_end_are_one_quotation_and_found_in_parts() -> None:
    quote = Pages(0, TEXTS[:2]).quote(TEXTS[0].index("the children"), 1, TEXTS[1].index(" on their"))
    assert quote is not None
    assert quote.exact == "the children write what they 12 have seen"
    assert quote.page == 1
    assert goes_on(quote, TEXTS[0])
    start = TEXTS[0].index("the children")
    found = parts_of(quote, 0, 3, dict(enumerate(TEXTS)).get)
    assert found == (Part(0, start, len(TEXTS[0])), Part(1, 0, TEXTS[1].index(" on their")))


def test_words_on_one_page_ask_for_no_other() -> None:
    quote = Pages(0, TEXTS[:1]).quote(0, 0, 20)
    assert quote is not None
    asked = list[int]()

    def text_of(page: int) -> str:
        asked.append(page)
        return TEXTS[page]

    assert parts_of(quote, 0, 3, text_of) == (Part(0, 0, 20),)
    assert asked == [0]


def test_a_page_that_is_not_known_yet_is_no_page_without_the_words() -> None:
    quote = Pages(0, TEXTS[:2]).quote(40, 1, 10)
    assert quote is not None
    assert parts_of(quote, 0, 3, {0: TEXTS[0]}.get) is None
    assert parts_of(replace(quote, exact="never said by anyone"), 0, 3, dict(enumerate(TEXTS)).get) == ()
