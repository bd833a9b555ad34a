"""Rubrics and policies as people write them: YAML, checked against the schema and against the field's rules.

Every fault carries the file, the line (counted from 1) and, inside a criterion, its title, so that whoever
wrote the file finds the place.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.policy import Policy
from assessor_desk.domain.rubric import Rubric
from assessor_desk.places import schemas

from .published import build, policy_from_data

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a file. `where` names the criterion or part, empty at the top level.

    `line` counts from 1; it is a row where `unit` says so.
    """

    file: str
    line: int
    where: str
    words: str
    unit: str = "line"

    def __str__(self) -> str:
        place = f"{self.file}, {self.unit} {self.line}"
        return f"{place}, {self.where}: {self.words}" if self.where else f"{place}: {self.words}"


class FaultyFile(Refused):
    """A rubric or policy file with faults; the sentence is the first, `faults` are all."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"{faults[0]}{more}")
        self.faults = tuple(faults)


def load_rubric(path: Path) -> Rubric:
    """Read a rubric. Raises FaultyFile with every fault found, or Refused when there is no such file."""
    document = checked(path, "rubric")
    if faults := list(_rubric_faults(document)):
        raise FaultyFile(faults)
    rubric: Rubric = build(Rubric, document.data)
    return rubric


def load_policy(path: Path) -> Policy:
    """Read a policy. Raises FaultyFile with every fault found, or Refused when there is no such file."""
    return policy_from_data(checked(path, "policy").data)


def load_rubric_or_policy(path: Path) -> Rubric | Policy:
    """Read whichever the file is: what has criteria is a rubric."""
    return load_rubric(path) if "criteria" in _parse(path).data else load_policy(path)


def holds_phrases(path: Path) -> bool:
    """Whether a YAML file is a phrase bank. Raises FaultyFile or Refused where it cannot be read."""
    return "phrases" in _parse(path).data


def parts_of(path: Path) -> frozenset[str]:
    """The keys that a YAML file has at its top. Raises FaultyFile or Refused where it cannot be read."""
    return frozenset(map(str, _parse(path).data))


@dataclass(frozen=True)
class Document:
    """Parsed YAML that remembers the line of every node."""

    file: str
    data: Any

    def line(self, path: Sequence[str | int]) -> int:
        """The line of the node at `path`, or of its nearest ancestor, counted from 1."""
        node, line = self.data, 0
        for key in path:
            positions = getattr(getattr(node, "lc", None), "data", None) or {}
            if key not in positions:
                break
            line = positions[key][0]
            node = node[key]
        return line + 1

    def fault(self, path: Sequence[str | int], words: str) -> Fault:
        """A fault at a node."""
        return Fault(self.file, self.line(path), self._where(path), words)

    def _where(self, path: Sequence[str | int]) -> str:
        if len(path) < 2 or path[0] not in _PARTS or not isinstance(path[1], int):
            return ""
        node = self.data[path[0]][path[1]]
        title = node.get("title") or node.get("id") if isinstance(node, Mapping) else None
        kind = _PARTS[path[0]]
        return f"{kind} “{title}”" if title else f"{kind} {path[1] + 1}"


_PARTS: Mapping[str | int, str] = {
    "criteria": "criterion",
    "evidence": "evidence requirement",
    "phrases": "phrase",
}


def _parse(path: Path) -> Document:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise Refused(f"There is no file {path}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} cannot be read as UTF-8 text") from error
    return _parsed(path.name, text)


@lru_cache(maxsize=8)
def _parsed(name: str, text: str) -> Document:
    """Kept, since what a file holds is asked several times before it is read, and reading takes long."""
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        data = YAML(typ="rt", pure=True).load(text)
    except DuplicateKeyError as error:
        raise FaultyFile([Fault(name, _line_of(error), "", "a key is given twice")]) from error
    except MarkedYAMLError as error:
        problem = (error.problem or "this is not YAML").strip()
        raise FaultyFile([Fault(name, _line_of(error), "", problem)]) from error
    except RecursionError as error:
        raise FaultyFile([Fault(name, 1, "", "this is nested too deeply")]) from error
    except YAMLError as error:
        raise FaultyFile([Fault(name, 1, "", "this is not YAML")]) from error
    if not isinstance(data, Mapping):
        raise FaultyFile([Fault(name, 1, "", "the file must be a mapping of keys to values")])
    return Document(name, data)


def _line_of(error: Any) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return mark.line + 1 if mark else 1


def checked(path: Path, schema: str) -> Document:
    """A file that its schema (its name in `docs/schemas`) finds no fault with. Raises as `load_rubric` does."""
    from jsonschema import Draft202012Validator

    document = _parse(path)
    errors = sorted(
        Draft202012Validator(rules_of(schema)).iter_errors(document.data),
        key=lambda e: [str(p) for p in e.path],
    )
    if errors:
        # A mapping with several keys missing gives an error for each, and one fault names them all.
        faults = dict.fromkeys(document.fault(list(e.path), words_of(e)) for e in errors)
        raise FaultyFile(sorted(faults, key=lambda fault: fault.line))
    return document


def rules_of(schema: str) -> dict[str, Any]:
    """A JSON Schema by its name in `docs/schemas`."""
    rules: dict[str, Any] = json.loads((schemas() / f"{schema}.schema.json").read_text(encoding="utf-8"))
    return rules


def words_of(error: Any) -> str:
    """What a schema error means, said to the person who wrote the file."""
    name = error.path[-1] if error.path and isinstance(error.path[-1], str) else ""
    match error.validator:
        case "required":
            missing = [f"“{key}”" for key in error.validator_value if key not in error.instance]
            return f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
        case "additionalProperties":
            allowed = error.schema.get("properties", {})
            extra = next((key for key in error.instance if key not in allowed), "?")
            return f"“{extra}” is not a key that belongs here"
        case "enum":
            return f"“{error.instance}” is not one of {', '.join(map(str, error.validator_value))}"
        case "type":
            return f"“{name}” must be {_KINDS.get(error.validator_value, error.validator_value)}"
        case "minItems":
            return f"“{name}” needs at least {error.validator_value}"
        case "minLength":
            return f"“{name}” is empty"
        case "minimum":
            return f"“{name}” must be at least {error.validator_value}"
        case "maxLength":
            return f"“{name}” is longer than {error.validator_value} characters"
        case "pattern":
            return f"“{error.instance}” is not a valid {name}"
        case _:
            return str(error.message)


_KINDS = {
    "string": "text (put it in quotation marks)",
    "array": "a list",
    "object": "a mapping",
    "integer": "a whole number",
    "boolean": "true or false",
}


def _rubric_faults(document: Document) -> Iterator[Fault]:
    data = document.data
    criteria = [criterion["id"] for criterion in data["criteria"]]
    yield from _twice(document, ("criteria",), criteria, "criterion")
    for index, criterion in enumerate(data["criteria"]):
        yield from _criterion_faults(document, index, criterion)
    for index, piece in enumerate(data["evidence"]):
        for unknown in (c for c in piece["criteria"] if c not in criteria):
            yield document.fault(("evidence", index, "criteria"), f"there is no criterion “{unknown}”")
    spoken_to = {c for piece in data["evidence"] for c in piece["criteria"]}
    for index, criterion_id in enumerate(criteria):
        if criterion_id not in spoken_to:
            yield document.fault(("criteria", index), "no evidence requirement speaks to this criterion")
    yield from _rule_faults(document, criteria)


def _criterion_faults(document: Document, index: int, criterion: Mapping[str, Any]) -> Iterator[Fault]:
    place: Path_ = ("criteria", index, "levels")
    levels = [level["id"] for level in criterion["levels"]]
    yield from _twice(document, place, levels, "level")
    yield from _twice(document, place, [level["title"] for level in criterion["levels"]], "level titled")
    if criterion["passing"] not in levels:
        yield document.fault(
            ("criteria", index, "passing"),
            f"the passing level “{criterion['passing']}” is none of {', '.join(levels)}",
        )
    elif levels[0] == criterion["passing"]:
        yield document.fault(("criteria", index, "passing"), "the lowest level cannot be the passing one")


def _twice(document: Document, place: Path_, ids: Iterable[str], what: str) -> Iterator[Fault]:
    ordered = list(ids)
    for value in (value for value, count in Counter(ordered).items() if count > 1):
        second = [index for index, one in enumerate(ordered) if one == value][1]
        yield document.fault((*place, second), f"the {what} “{value}” is given twice")


def _rule_faults(document: Document, criteria: Sequence[str]) -> Iterator[Fault]:
    rule = document.data["decision_rule"]
    for unknown in (c for c in rule.get("required", ()) if c not in criteria):
        yield document.fault(("decision_rule", "required"), f"there is no criterion “{unknown}”")
    if rule["kind"] == "at_least" and not 1 <= rule.get("count", 0) <= len(criteria):
        yield document.fault(("decision_rule",), f"“count” must lie between 1 and {len(criteria)}")
