"""The bag around the documents: BagIt 1.0 (RFC 8493), so that sha256sum and bagit can check it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC

from assessor_desk.verdict.layout import (
    BAG_INFO,
    BAGIT,
    BAGIT_TEXT,
    CHAIN,
    MANIFEST,
    READ_FIRST,
    TAG_MANIFEST,
    VERIFY,
)

from .facts import BagFacts, sha256


def bag(
    facts: BagFacts, payload: Mapping[str, bytes], instructions: bytes, chain: bytes, first: bytes = b""
) -> dict[str, bytes]:
    """All files of the bag but the signatures, in the order they are written; the tagmanifest is the last."""
    files = {
        **({READ_FIRST: first} if first else {}),
        BAGIT: BAGIT_TEXT,
        BAG_INFO: _bag_info(facts, payload),
        VERIFY: instructions,
        CHAIN: chain,
        **payload,
    }
    files[MANIFEST] = _manifest(files, payload)
    files[TAG_MANIFEST] = _manifest(files, (BAGIT, *facts.layout.tags, MANIFEST))
    return files


def _manifest(files: Mapping[str, bytes], names: Iterable[str]) -> bytes:
    return "".join(f"{sha256(files[name])}  {name}\n" for name in sorted(names)).encode()


def _bag_info(facts: BagFacts, payload: Mapping[str, bytes]) -> bytes:
    lines = {
        "Source-Organization": _one_line(facts.programme),
        "External-Identifier": facts.own_id,
        "Internal-Sender-Identifier": facts.person,
        "Bagging-Date": f"{facts.at.astimezone(UTC):%Y-%m-%d}",
        "Payload-Oxum": f"{sum(map(len, payload.values()))}.{len(payload)}",
        facts.layout.format_label: ".".join(map(str, facts.layout.format)),
        "Bag-Software-Agent": f"Assessor Desk {facts.program_version}",
    }
    return "".join(f"{label}: {value}\n" for label, value in lines.items()).encode()


def _one_line(words: str) -> str:
    return " ".join(words.split())
