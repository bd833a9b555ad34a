"""What a packet or decision says, as a page to read before somebody stands by it: the same order as the record."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from assessor_desk.domain.review import FEEDBACK_FIELDS, TITLES, TextField

#: In the order of the record.
_TEXTS = (TextField.RATIONALE, *FEEDBACK_FIELDS)


def packet_as_html(packet: Path) -> str:
    """Outcome, feedback, and each criterion with its level, evidence and texts; every word of theirs escaped.

    What its documents do not hold is left out. Raises Damaged where the packet cannot be read.
    """
    from assessor_desk.verdict.archive import read_archive
    from assessor_desk.verdict.contents import read_stated
    from assessor_desk.verdict.documents import listing, mapping, parsed, text
    from assessor_desk.verdict.layout import FEEDBACK

    archive = read_archive(packet)
    stated, feedback = read_stated(archive), mapping(parsed(archive.files.get(FEEDBACK, b"null")))
    said = text(feedback.get("recommendation")) or text(feedback.get("outcome"))
    verb = "Recommends" if feedback.get("recommendation") else "Decides"
    parts = [f"<h3>{verb}: {escape(said.replace('_', ' '))}</h3>" if said else ""]
    parts += [
        f"<p>{escape(text(mapping(one).get('sentence')))}</p>" for one in listing(feedback.get("reasons"))
    ]
    parts += _paragraphs(text(feedback.get("overall")))
    worked = {text(mapping(one).get("criterion")): mapping(one) for one in listing(stated.get("criteria"))}
    for number, one in enumerate(map(mapping, listing(feedback.get("criteria"))), start=1):
        parts.append(_criterion(number, {**worked.get(text(one.get("criterion")), {}), **one}))
    attested = [text(mapping(one).get("sentence")) for one in listing(stated.get("attestations"))]
    if attested:
        parts += ["<h3>Attested by the signer</h3>", *(f"<p>{escape(one)}</p>" for one in attested)]
    return "".join(parts)


def _criterion(number: int, one: Mapping[str, Any]) -> str:
    from assessor_desk.verdict.documents import listing, mapping, text

    level = text(one.get("level_title")) or "no level"
    parts = [f"<h3>{number} {escape(text(one.get('title')))}: {escape(level)}</h3>"]
    places = [text(mapping(each).get("place")) for each in listing(one.get("evidence"))]
    parts.append(f"<p><b>Evidence:</b> {escape('; '.join(filter(None, places)) or 'none cited')}</p>")
    texts = {field: text(one.get(field.value)).strip() for field in _TEXTS}
    parts += [f"<p><b>{TITLES[field]}:</b> {escape(words)}</p>" for field, words in texts.items() if words]
    return "".join(parts)


def _paragraphs(words: str) -> list[str]:
    return [f"<p>{escape(one)}</p>" for one in words.split("\n") if one.strip()]
