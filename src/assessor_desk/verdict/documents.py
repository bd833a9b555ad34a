"""JSON as packets carry it: UTF-8 in canonical form (RFC 8785), read in the one way that every reader agrees on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

#: Deeper than any packet's; Python's own limit differs between versions and computers.
DEEPEST = 100
_LARGEST_WHOLE = 2**53 - 1


def parsed(content: bytes) -> Any:
    """The document's value. Raises ValueError for what is no JSON in UTF-8 (RFC 8259), or nested beyond reason."""
    try:
        value = json.loads(content.decode("utf-8"), parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("The document is nested too deeply") from None
    _refuse_depth(value)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _refuse_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST + 1):
        containers = [one for one in level if isinstance(one, dict | list)]
        if not containers:
            return
        level = [inner for one in containers for inner in (one.values() if isinstance(one, dict) else one)]
    raise ValueError("The document is nested too deeply")


def is_canonical(content: bytes) -> bool:
    """Whether a document is written in the one way in which its content can be."""
    import rfc8785

    try:
        value = parsed(content)
        if _is_plain(value):
            written = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            return written.encode() == content
        return bool(rfc8785.dumps(value) == content)
    except (ValueError, RecursionError):  # rfc8785's own errors are ValueErrors
        return False


def _is_plain(value: Any) -> bool:
    """Whether Python's own writer, ten times as fast, writes this as RFC 8785 asks.

    It does where there is no fraction, no number that readers round, and no key whose order depends on the encoding.
    """
    if isinstance(value, dict):
        return all(key.isascii() for key in value) and all(map(_is_plain, value.values()))
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, float):
        return False
    return not isinstance(value, int) or abs(value) <= _LARGEST_WHOLE


def mapping(value: Any) -> Mapping[str, Any]:
    """An object of a document; empty for anything else that stands in its place."""
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> Sequence[Any]:
    """A list of a document; empty for anything else."""
    return value if isinstance(value, list) else ()


def text(value: Any) -> str:
    """A text of a document; empty for anything else."""
    return value if isinstance(value, str) else ""


def moved_from(stated: Mapping[str, Any]) -> str:
    """The version of the rubric that was assigned, where a document says that it is by another one; else empty."""
    return text(mapping(stated.get("rubric_moved")).get("from"))
