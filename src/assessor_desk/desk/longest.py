"""Whether the words of an act are as long as words may be (`domain.text_fields.LONGEST_TEXT`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from assessor_desk.desk.acts import Told
from assessor_desk.desk.standing import Standing
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.review import EntryKind, TextField
from assessor_desk.domain.text_fields import LONGEST_TEXT, too_long
from assessor_desk.domain.wordings import Place


def require_bounded(told: Iterable[Told], standing: Standing) -> None:
    """Raise Refused for an act with words that are too long; `standing` is how it stood when the act began."""
    for kind, data in told:
        if kind is EntryKind.TEXT_WRITTEN:
            require_room(standing, (TextField(data["field"]), data["criterion"]), data["text"])
        elif "replaces" not in data:  # else one of the answers that stand there is kept
            for words in _words_in(data):
                _require_at_most(LONGEST_TEXT, words)


def require_room(standing: Standing, place: Place, words: str) -> None:
    """Raise Refused for a text that is too long for its place. One from before that counted may become shorter."""
    if len(words) > LONGEST_TEXT:
        typed = (one.text for one in standing.drafts if (one.field, one.criterion) == place)
        written = (one.text for one in standing.sheet.wordings.get(place, ()))
        _require_at_most(max(map(len, (*typed, *written)), default=0), words)


def _require_at_most(most: int, words: str) -> None:
    if len(words) > most:
        raise Refused(f"{too_long(len(words))}. Shorten it; nothing was changed")


def _words_in(told: Any) -> Iterator[str]:
    """All strings in the data of an entry, at whatever depth."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, Mapping):
        for value in told.values():
            yield from _words_in(value)
    elif isinstance(told, list | tuple):
        for value in told:
            yield from _words_in(value)
