"""The words of a document's markup as one quotes them: without its dress, and without what is no part of its text.

Markup names what is not quoted by a title: a list’s number or sign, a word that a tracked change took out, the sign of
a remark, a page break (`artifacts.reading.markup`).
"""

from __future__ import annotations

from html.parser import HTMLParser

LABEL, DELETED, REMARKED, BREAK = "List number", "Deleted, tracked", "A remark", "Page break"
NOT_QUOTED = frozenset({LABEL, DELETED, REMARKED, BREAK})

_LINES = frozenset(
    {
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "td",
        "th",
        "tr",
        "br",
        "hr",
        "div",
        "pre",
        "table",
        "blockquote",
    }
)
_ALONE = frozenset({"br", "hr", "img"})


def plain_words(markup: str) -> str:
    """The words, a line for each paragraph or cell."""
    parser = _Plain()
    parser.feed(markup)
    parser.close()
    return "".join(parser.pieces)


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unquoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _LINES:
            self.pieces.append("\n")
        if tag in _ALONE:
            return
        if self._unquoted or any(name == "title" and value in NOT_QUOTED for name, value in attrs):
            self._unquoted += 1

    def handle_endtag(self, tag: str) -> None:
        if self._unquoted and tag not in _ALONE:
            self._unquoted -= 1
        if tag in _LINES:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unquoted:
            self.pieces.append(data)
