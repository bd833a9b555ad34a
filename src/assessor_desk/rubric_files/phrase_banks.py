"""Phrase banks in and out: YAML for those who write and keep them, CSV for a spreadsheet.

Both are read by the same rules (`docs/schemas/phrases.schema.json`). A fault names the file and the line, or the row
and the column; where there is one, nothing is read. What is written comes back the same.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.phrases import Bank, Phrase, Scope, fault_of, phrase_id
from assessor_desk.domain.rubric import Rubric

from .written import Document, Fault, FaultyFile, checked, rules_of, words_of

#: A bank is text that people write; a file beyond this is something else.
MOST_BYTES = 5_000_000
COLUMNS = ("id", "text", "rubric", "criterion", "level", "scope", "tags", "used", "last_used")
#: What begins a formula in a spreadsheet program, and the apostrophe that says: this is text
#: (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")

#: Where a phrase stands: a key of it and a fault's words make the fault.
_Place = Callable[[str, str], Fault]
_Read = tuple[Mapping[str, Any], _Place]


def load_phrases(path: Path, rubrics: Iterable[Rubric] = ()) -> tuple[Phrase, ...]:
    """The phrases of a `.yaml` or `.csv` file, in its order.

    What is tied to one of `rubrics` must name a criterion and a level that it has; of other rubrics nothing is known.
    Raises FaultyFile with every fault found, or Refused where there is no such file or it is of another kind.
    """
    suffix = path.suffix.casefold()
    if suffix not in (".yaml", ".yml", ".csv"):
        raise Refused(f"{path.name} is no phrase bank; a bank is a .yaml or a .csv file")
    if path.is_file() and path.stat().st_size > MOST_BYTES:
        raise Refused(f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB; a phrase bank is not")
    read = list(_from_csv(path) if suffix == ".csv" else _from_yaml(path))
    phrases = [_phrase(data) for data, _ in read]
    known = {one.id: one for one in rubrics}
    faults = [
        fault for phrase, (data, at) in zip(phrases, read) for fault in _faults(phrase, data, at, known)
    ]
    faults += _twice(phrases, [at for _, at in read])
    if faults:
        raise FaultyFile(sorted(faults, key=lambda fault: fault.line))
    return tuple(phrases)


def load_bank(path: Path, rubrics: Iterable[Rubric] = ()) -> Bank:
    """The bank of a `.yaml` file, for a programme to publish: all its phrases are the programme's, and unused.

    Raises FaultyFile also where it lacks an id, a version or a title, or has no phrases; else as `load_phrases`.
    """
    document = checked(path, "phrases")
    lacking = [key for key in ("id", "version", "title", "phrases") if not document.data.get(key)]
    if lacking:
        words = f"to be published, a phrase bank needs {', '.join(lacking)}"
        raise FaultyFile([document.fault((), words)])
    phrases = tuple(
        replace(one, scope=Scope.PROGRAMME, used=0, last_used=None) for one in load_phrases(path, rubrics)
    )
    own_id, version, title = (str(document.data[key]) for key in ("id", "version", "title"))
    return Bank(own_id, version, title, phrases)


def save_phrases(path: Path, phrases: Iterable[Phrase], title: str = "") -> None:
    """Write a bank as its name says, `.yaml` or `.csv`; an older file of that name is replaced as a whole.

    Raises Refused for another kind of file, or where it cannot be written.
    """
    suffix = path.suffix.casefold()
    if suffix not in (".yaml", ".yml", ".csv"):
        raise Refused(
            f"A phrase bank is saved as .yaml or .csv, not as {path.suffix or 'a file without an ending'}"
        )
    content = phrases_to_csv(phrases) if suffix == ".csv" else phrases_to_yaml(phrases, title).encode()
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise Refused(f"The phrase bank cannot be written to {path}; choose another folder") from error


def phrases_to_yaml(phrases: Iterable[Phrase], title: str = "") -> str:
    """A bank as YAML, each phrase with all that is known of it."""
    from ruamel.yaml import YAML

    writer = YAML(typ="rt", pure=True)
    writer.allow_unicode, writer.width = True, 110
    bank: dict[str, Any] = {"title": title} if title else {}
    out = StringIO()
    writer.dump({**bank, "phrases": [_to_data(one) for one in phrases]}, out)
    return out.getvalue()


def phrases_to_csv(phrases: Iterable[Phrase]) -> bytes:
    """A bank as CSV that spreadsheet programs open as it is: UTF-8 with its signature, no cell a formula."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for phrase in phrases:
        data = {**_to_data(phrase), "tags": ";".join(phrase.tags)}
        writer.writerow([_guarded(str(data.get(column, ""))) for column in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _to_data(phrase: Phrase) -> dict[str, Any]:
    """What a file holds of a phrase: nothing that is empty."""
    data = {
        "id": phrase.id, "text": phrase.text, "rubric": phrase.rubric, "criterion": phrase.criterion,
        "level": phrase.level, "scope": phrase.scope.value, "tags": list(phrase.tags), "used": phrase.used,
        "last_used": phrase.last_used.isoformat() if phrase.last_used else "",
    }  # fmt: skip
    return {key: value for key, value in data.items() if value}


def _phrase(data: Mapping[str, Any]) -> Phrase:
    """A phrase from what its file holds, checked by the schema before."""
    phrase = Phrase(
        str(data.get("id", "")), str(data["text"]), str(data.get("rubric", "")), str(data.get("criterion", "")),
        str(data.get("level", "")), Scope(data.get("scope", Scope.PERSONAL)), tuple(map(str, data.get("tags", ()))),
        int(data.get("used", 0)), _time(data.get("last_used", "")),
    )  # fmt: skip
    own_id = phrase.id or phrase_id(phrase.text, phrase.rubric, phrase.criterion, phrase.level)
    return replace(phrase, id=own_id)


def _time(text: str) -> datetime | None:
    """A time, or None also where there is no such day: `_faults` says so."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _from_yaml(path: Path) -> Iterator[_Read]:
    document = checked(path, "phrases")
    shared = {key: document.data[key] for key in ("rubric", "scope") if key in document.data}
    for index, written in enumerate(document.data["phrases"]):
        yield {**shared, **written}, _in_yaml(document, index)


def _in_yaml(document: Document, index: int) -> _Place:
    return lambda key, words: document.fault(("phrases", index, key), words)


def _from_csv(path: Path) -> Iterator[_Read]:
    rows = _rows(path)
    header = [cell.strip().casefold() for cell in rows[0]] if rows else []
    if faults := list(_header_faults(path.name, header)):
        raise FaultyFile(faults)
    read = [(number, row) for number, row in enumerate(rows[1:], 2) if any(cell.strip() for cell in row)]
    faults = [fault for number, row in read for fault in _row_faults(path.name, number, header, row)]
    if faults:
        raise FaultyFile(faults)
    for number, row in read:
        yield _row_data(header, row), _in_csv(path.name, number)


def _in_csv(file: str, row: int) -> _Place:
    return lambda key, words: Fault(file, row, f"column “{key}”" if key else "", words, "row")


def _rows(path: Path) -> list[list[str]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise Refused(f"There is no file {path}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} cannot be read as UTF-8 text; save it as “CSV UTF-8”") from error
    first = text.partition("\n")[0]
    # Spreadsheet programs of many languages part the cells by semicolons.
    separator = ";" if first.count(";") > first.count(",") else ","
    try:
        return list(csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        row = text.count("\n") + 1
        raise FaultyFile([Fault(path.name, row, "", f"this is not CSV: {error}", "row")]) from error


def _header_faults(file: str, header: Sequence[str]) -> Iterator[Fault]:
    for index, name in enumerate(header):
        if name not in COLUMNS:
            words = f"“{name}” is not a column of a phrase bank; its columns are {', '.join(COLUMNS)}"
            yield _in_csv(file, 1)("", words)
        elif name in header[:index]:
            yield _in_csv(file, 1)(name, "the column is given twice")
    if "text" not in header:
        yield _in_csv(file, 1)("", "the column “text” is missing; the first row names the columns")


def _row_faults(file: str, number: int, header: Sequence[str], row: Sequence[str]) -> Iterator[Fault]:
    from jsonschema import Draft202012Validator

    place = _in_csv(file, number)
    if len(row) > len(header):
        yield place("", f"there are {len(row)} cells, and the first row names {len(header)} columns")
        return
    rules = rules_of("phrases")
    one_phrase = {"$ref": "#/$defs/phrase", "$defs": rules["$defs"]}
    errors = Draft202012Validator(one_phrase).iter_errors(_row_data(header, row))
    named = [(str(error.path[0]) if error.path else "text", words_of(error)) for error in errors]
    yield from (place(column, words) for column, words in sorted(named, key=lambda one: header.index(one[0])))


def _row_data(header: Sequence[str], row: Sequence[str]) -> dict[str, Any]:
    """A row as the schema knows a phrase. A count that is none stays text, for the schema to say so."""
    cells = {name: _unguarded(cell).replace("\r\n", "\n") for name, cell in zip(header, row)}
    data: dict[str, Any] = {
        name: cell if name == "text" else cell.strip() for name, cell in cells.items() if cell.strip()
    }
    if "tags" in data:
        data["tags"] = [tag.strip() for tag in data["tags"].split(";") if tag.strip()]
    if str(data.get("used", "")).isdecimal():
        data["used"] = int(data["used"])
    return data


def _twice(phrases: Sequence[Phrase], places: Sequence[_Place]) -> Iterator[Fault]:
    seen: set[str] = set()
    for phrase, at in zip(phrases, places):
        if phrase.id in seen:
            yield at("id", f"the phrase “{phrase.id}” is given twice")
        seen.add(phrase.id)


def _faults(
    phrase: Phrase, data: Mapping[str, Any], at: _Place, rubrics: Mapping[str, Rubric]
) -> Iterator[Fault]:
    """What the field's rules have against a phrase, read from `data`."""
    if words := fault_of(phrase.text):
        yield at("text", words)
    if data.get("last_used") and phrase.last_used is None:
        yield at("last_used", f"there is no time “{data['last_used']}”")
    if phrase.criterion and not phrase.rubric:
        yield at("criterion", "a criterion needs the rubric that it belongs to")
    if phrase.level and not phrase.criterion:
        yield at("level", "a level needs the criterion that it belongs to")
    elif phrase.criterion and phrase.rubric in rubrics:
        yield from _tie_faults(phrase, at, rubrics[phrase.rubric])


def _tie_faults(phrase: Phrase, at: _Place, rubric: Rubric) -> Iterator[Fault]:
    criteria = {one.id: one for one in rubric.criteria}
    if phrase.criterion not in criteria:
        yield at(
            "criterion",
            f"“{rubric.title}” has no criterion “{phrase.criterion}”; it has {', '.join(criteria)}",
        )
        return
    levels = [one.id for one in criteria[phrase.criterion].levels]
    if phrase.level and phrase.level not in levels:
        yield at("level", f"there is no level “{phrase.level}”; there are {', '.join(levels)}")
