"""Anchors are written, read and said in one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor_desk.domain import anchor
from assessor_desk.domain.anchor import Box, ImageRegion, PageRegion, TextQuote, TimeSpan, Whole
from assessor_desk.domain.errors import Refused

boxes = st.builds(Box, *[st.integers(0, 49)] * 2, *[st.integers(1, 50)] * 2)
selectors = st.one_of(
    st.integers(0, 10**8).map(TimeSpan),
    st.tuples(st.integers(0, 10**7), st.integers(1, 10**6)).map(lambda p: TimeSpan(p[0], p[0] + p[1])),
    st.builds(PageRegion, st.integers(1, 999), st.none() | boxes),
    st.builds(ImageRegion, boxes),
    st.text(min_size=1).filter(str.strip).map(TextQuote),
    st.just(Whole()),
)


@given(selectors)
def test_a_spec_read_back_is_the_same_selector(selector: anchor.Selector) -> None:
    assert anchor.parse_spec(f"plan.pdf@{anchor.fragment(selector)}") == ("plan.pdf", selector)


@given(selectors)
def test_a_stored_selector_read_back_is_the_same(selector: anchor.Selector) -> None:
    assert anchor.from_json(anchor.to_json(selector)) == selector


@pytest.mark.parametrize(
    "spec", ["plan.pdf", "@page=2", "plan.pdf@page=two", "a@t=", "a@t=5-6", "a@xywh=10,10,10,10"]
)
def test_what_is_no_anchor_is_refused_by_name(spec: str) -> None:
    with pytest.raises(Refused, match="no anchor"):
        anchor.parse_spec(spec)


@pytest.mark.parametrize("spec", ["a@t=31,12", "a@page=0", "a@page=1&xywh=percent:90,0,20,5", "a@quote= "])
def test_an_impossible_place_is_refused(spec: str) -> None:
    with pytest.raises(Refused):
        anchor.parse_spec(spec)


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        (TimeSpan(278_000, 295_000), "04:38–04:55"),
        (TimeSpan(3_878_000), "1:04:38"),
        (PageRegion(2), "page 2"),
        (PageRegion(2, Box(1, 2, 3, 4)), "page 2, part"),
        (TextQuote("exit ticket", page=3), "“exit ticket” (page 3)"),
        (ImageRegion(Box(1, 2, 3, 4)), "part of the picture"),
        (Whole(), "the whole"),
    ],
)
def test_places_are_said_in_plain_words(selector: anchor.Selector, said: str) -> None:
    assert anchor.words(selector) == said
