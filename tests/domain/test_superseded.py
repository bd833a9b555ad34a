"""Words that stand no longer: the review says the same without them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from assessor_desk.domain.review import Entry, EntryKind, fold
from assessor_desk.domain.superseded import superseded_words

AT = datetime(2026, 11, 20, tzinfo=UTC)


def _entry(number: int, kind: EntryKind, step: str = "", **data: Any) -> Entry:
    return Entry(f"e{number}", "r", kind, data, AT, "device", number, step or f"s{number}")


def _text(number: int, text: str, field: str = "overall", criterion: str = "") -> Entry:
    return _entry(number, EntryKind.TEXT_WRITTEN, field=field, criterion=criterion, text=text)


def _placed(number: int, anchor: str, note: str) -> Entry:
    told = {"id": anchor, "artifact": "plan", "selector": {"type": "whole"}, "note": note}
    return _entry(number, EntryKind.ANCHOR_PLACED, anchor=told)


def _without_words(entry: Entry) -> Entry:
    match entry.kind:
        case EntryKind.TEXT_WRITTEN:
            return replace(entry, data={**entry.data, "text": ""})
        case EntryKind.ANCHOR_NAMED:
            return replace(entry, data={**entry.data, "note": ""})
        case _:
            return replace(entry, data={"anchor": {**entry.data["anchor"], "note": ""}})


ENTRIES = [
    _text(1, "first thought"),
    _text(2, "why", "rationale", "c1"),
    _text(3, "second thought"),
    _text(4, "undone"),
    _entry(5, EntryKind.UNDONE, undoes="s4"),
    _text(6, "why then", "rationale", "c2"),
    _placed(7, "a", "seen here"),
    _entry(8, EntryKind.ANCHOR_NAMED, anchor="a", note="better said"),
    _placed(9, "b", "a mistake"),
    _entry(10, EntryKind.ANCHOR_REMOVED, anchor="b"),
    _placed(11, "c", "kept"),
    _text(12, "undone and redone"),
    _entry(13, EntryKind.UNDONE, undoes="s12"),
    _entry(14, EntryKind.REDONE, undoes="s12"),
    _entry(15, EntryKind.SCORE_RECORDED, criterion="c1", level="high"),
]


def test_what_was_typed_over_undone_renamed_or_removed_no_longer_stands() -> None:
    assert superseded_words(ENTRIES) == ["e1", "e3", "e4", "e7", "e9"]


def test_without_those_words_the_review_is_the_same() -> None:
    gone = set(superseded_words(ENTRIES))
    shorter = [_without_words(one) if one.id in gone else one for one in ENTRIES]
    assert fold("r", shorter) == fold("r", ENTRIES)
    assert fold("r", ENTRIES).overall == "undone and redone"


def test_an_anchors_note_stands_again_where_its_removal_was_undone() -> None:
    back = _entry(16, EntryKind.UNDONE, undoes="s10")
    assert "e9" not in superseded_words([*ENTRIES, back])
