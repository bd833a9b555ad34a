"""Pieces of HTML documents: a head that lets nothing be fetched or run, tables with heading cells, quiet words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lxml.html import builder as E  # noqa: N812 - as lxml's own documentation calls it
from lxml.html import tostring

from assessor_desk.places import resources

#: Neither scripts nor anything from elsewhere, whatever a text might hold; pictures only from within the file.
NOTHING_FETCHED = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
)


def page(head: Any, body: Any) -> bytes:
    """A whole file in UTF-8."""
    root = E.HTML(head, body, lang="en", dir="ltr")
    return bytes(tostring(root, doctype="<!DOCTYPE html>", encoding="utf-8", pretty_print=True))


def head(title: str, author: str, date: str, style: str = "") -> Any:
    """A document's head with the style of all documents, and `style` after it."""
    shared = (resources() / "reports" / "paper.css").read_text(encoding="utf-8")
    return E.HEAD(
        E.META(charset="utf-8"),
        E.META({"http-equiv": "Content-Security-Policy", "content": NOTHING_FETCHED}),
        E.META(name="viewport", content="width=device-width, initial-scale=1"),
        E.META(name="color-scheme", content="light dark"),
        E.META(name="author", content=author),
        E.META(name="date", content=date),
        E.TITLE(title),
        E.STYLE(shared + style),
    )


def table(called: str, heads: Iterable[str], rows: Iterable[Any]) -> Any:
    """A table that may be scrolled sideways alone where the window is narrow, by keyboard too."""
    heading = E.THEAD(E.TR(*(E.TH(one, scope="col") for one in heads)))
    region = {"class": "wide", "role": "region", "aria-label": called, "tabindex": "0"}
    return E.DIV(region, E.TABLE(heading, E.TBODY(*rows)))


def listing(kind: Any, entries: Iterable[Sequence[Any]]) -> list[Any]:
    """A list; nothing where there is nothing to list."""
    found = [E.LI(*entry) for entry in entries]
    return [kind(*found)] if found else []


def quiet(words: str) -> Any:
    """Words that stand back."""
    return E.SPAN(words, E.CLASS("quiet"))
