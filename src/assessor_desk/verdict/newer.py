"""Bags of a format that came after this program: read as far as they can be, never good, never simply bad.

What every format shares stays strict: the archive, the signed lists, each file's digest, signature, trust, revocation.
What this program's own formats say of a document is not applied to one that it does not know (docs/decisions/0161).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .archive import Archive
from .facts import NOT_LOOKED_AT, Fact, FactId, Standing
from .layout import BAG_INFO, BAGIT, MANIFEST, TAG_MANIFEST, Layout, is_signature_file, layout_of

_FORMAT = re.compile(r"assessor-desk/(?P<about>[a-z]+)/(?P<number>[1-9][0-9]{0,3})")
_KNOWN_DOCUMENTS = 1
_MOST_NAMED, _MOST_LINES, _LONGEST = 8, 40, 160

#: What a bag is in every format; the rest is this program's own knowledge of its formats.
ALWAYS = (BAGIT, BAG_INFO, MANIFEST, TAG_MANIFEST)


def newer_formats(archive: Archive, stated: Mapping[str, Any]) -> tuple[str, ...]:
    """The formats that the bag names and this program does not know yet; none for any bag of today's."""
    layout = layout_of(archive.top)
    return (*_of_bag(archive.files.get(BAG_INFO, b""), layout), *_of_document(stated, layout))


def _of_bag(bag_info: bytes, layout: Layout) -> Iterator[str]:
    labelled = rf"^{layout.format_label}: ([0-9]{{1,4}})\.([0-9]{{1,4}})$"
    for major, minor in re.findall(labelled, bag_info.decode("utf-8", "replace"), re.MULTILINE):
        if (int(major), int(minor)) > layout.format:
            yield f"{layout.format_label} {major}.{minor}"


def _of_document(stated: Mapping[str, Any], layout: Layout) -> Iterator[str]:
    found = _FORMAT.fullmatch(str(stated.get("format", "")))
    if found and found["about"] == layout.about and int(found["number"]) > _KNOWN_DOCUMENTS:
        yield found[0]


def format_fact(archive: Archive, newer: tuple[str, ...]) -> Fact:
    """That the format is newer, and what was not looked at for it."""
    unknown = list(_unknown_files(archive))
    more = f" and {len(unknown) - _MOST_NAMED} more" if len(unknown) > _MOST_NAMED else ""
    files = f"; {', '.join(unknown[:_MOST_NAMED])}{more}" if unknown else ""
    detail = (
        "Checked as ever: the lists, every file's digest, signature, trust, revocation. "
        f"Not looked at: what its documents say{files}. A newer version of the program can."
    )
    words = f"Of a newer format than this program knows: {', '.join(newer)}"
    return Fact(FactId.FORMAT, Standing.UNKNOWN, words, detail, BAG_INFO)


def _unknown_files(archive: Archive) -> Iterator[str]:
    layout = layout_of(archive.top)
    known = {*ALWAYS, *layout.tags}
    for name in sorted(archive.files):
        if not (name in known or layout.may_hold(name) or is_signature_file(name, archive.files)):
            yield name


def not_looked_at(fact_id: FactId) -> Fact:
    """A fact that rests on what a document of a newer format says."""
    return Fact(fact_id, Standing.UNKNOWN, NOT_LOOKED_AT, basis="newer format")


def said(stated: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What a document of an unknown schema says, as paths and words for people to read; not judged, and shortened."""
    lines: list[tuple[str, str]] = []
    for path, words in _leaves("", stated):
        if len(lines) == _MOST_LINES:
            return (*lines, ("…", ""))
        lines.append((path, words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"))
    return tuple(lines)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}" if path else key, inner)
    elif isinstance(value, list):
        nested = any(isinstance(inner, dict | list) for inner in value)
        words = f"{len(value)} entries" if nested else ", ".join(map(str, value))
        yield from _leaves(path, words)
    elif value is not None and value != "":
        yield path, " ".join(str(value).split())
