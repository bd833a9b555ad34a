"""Rubrics written for people: YAML that `rubric check` reads back as the same rubric, or canonical JSON.

What may be left out and says nothing is left out. Keys keep the order of `domain.rubric`, which is the order of
DESIGN §7.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.rubric import Rubric

from .published import rubric_to_json

_WIDTH = 100  # a word may stand out
_REMARK = """\
# {title}, version {version}, by {issuer}.
# A published version never changes: whoever edits this copy gives it a version of its own.
"""


def write_rubric(rubric: Rubric, path: Path) -> None:
    """Write a rubric into a new file, as the name asks for: `.yaml` or `.yml`, or `.json` for canonical JSON.

    Raises Refused for any other name, and for a file that is there already: it may hold somebody's work.
    """
    suffix = path.suffix.lower()
    if suffix not in (".yaml", ".yml", ".json"):
        raise Refused(f"“{path.name}” is no name for a rubric file: it ends in .yaml or .json")
    content = rubric_to_json(rubric) if suffix == ".json" else rubric_to_yaml(rubric).encode()
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise Refused(f"{path} is there already. Name a new file, so that nothing is overwritten") from error


def rubric_to_yaml(rubric: Rubric) -> str:
    """A rubric as a person would write it."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt", pure=True)
    yaml.width, yaml.allow_unicode, yaml.default_flow_style = _WIDTH, True, False
    yaml.indent(mapping=2, sequence=4, offset=2)
    written = io.StringIO()
    yaml.dump(_plain(rubric), written)
    named = {key: _one_line(getattr(rubric, key)) for key in ("title", "version", "issuer")}
    return _REMARK.format(**named) + written.getvalue()


def _plain(thing: Any) -> Any:
    """Mappings, lists and scalars, without empty texts and lists that may be left out."""
    if is_dataclass(thing):
        named = ((one, getattr(thing, one.name)) for one in fields(thing))
        return {one.name: _plain(value) for one, value in named if one.default is MISSING or value}
    if isinstance(thing, Mapping):
        return {key: _plain(value) for key, value in thing.items()}
    return [_plain(one) for one in thing] if isinstance(thing, tuple) else thing


def _one_line(words: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())
