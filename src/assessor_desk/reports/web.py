"""Pieces of HTML documents: a head that lets nothing be fetched or run, tables with heading cells, quiet words."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Any

from lxml.html import builder as E  # noqa: N812 - as lxml's own documentation calls it
from lxml.html import tostring

from assessor_desk.domain.programme_look import Logo, ProgrammeLook
from assessor_desk.places import resources

PAPER_SIZES = {"letter": "letter", "a4": "A4"}
#: Neither scripts nor anything from elsewhere, whatever a text might hold; pictures only from within the file.
NOTHING_FETCHED = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
)


def page(head: Any, body: Any) -> bytes:
    """A whole file in UTF-8."""
    root = E.HTML(head, body, lang="en", dir="ltr")
    return bytes(tostring(root, doctype="<!DOCTYPE html>", encoding="utf-8", pretty_print=True))


def head(title: str, author: str, date: str, look: ProgrammeLook) -> Any:
    """A document's head with the style of all documents, in the programme's colour and on its paper."""
    shared = (resources() / "reports" / "paper.css").read_text(encoding="utf-8")
    own = (
        f"@media not (prefers-color-scheme: dark) {{ :root {{ --accent: {look.accent}; }} }}\n"
        f"@media print {{ :root {{ --accent: {look.accent}; }} }}\n@page {{ size: {PAPER_SIZES[look.paper]}; }}\n"
    )
    return E.HEAD(
        E.META(charset="utf-8"),
        E.META({"http-equiv": "Content-Security-Policy", "content": NOTHING_FETCHED}),
        E.META(name="viewport", content="width=device-width, initial-scale=1"),
        E.META(name="color-scheme", content="light dark"),
        E.META(name="author", content=author),
        E.META(name="date", content=date),
        E.TITLE(title),
        E.STYLE(shared + own),
    )


def letterhead(look: ProgrammeLook, programme: str, running: str) -> Any:
    """Whose document it is, with the programme's logo where it has one."""
    named = E.DIV(E.P(E.B(programme, dir="auto")), E.P(quiet(running)))
    return E.DIV(E.CLASS("letterhead"), _logo(look.logo), named) if look.logo else named


def _logo(logo: Logo) -> Any:
    data = base64.b64encode(logo.content).decode("ascii")
    return E.IMG(src=f"data:{logo.media_type};base64,{data}", alt=logo.alternative)


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
