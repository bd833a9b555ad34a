"""A folder of submissions to import: `submissions.csv`, `artifacts.csv` and the files they name (DESIGN §5).

A file is looked for in the folder itself, then in one named as its submission's key, then in
`files/<key>`. The one column “file or link” may be two, “file” and “link”.

All of it is looked at before anything is believed; a fault names file, row and column. Rows are counted
as a spreadsheet shows them, the heading being row 1.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.submission import Part

SUBMISSIONS_FILE, ARTIFACTS_FILE = "submissions.csv", "artifacts.csv"
_SUBMISSION_COLUMNS = (
    "submission key", "educator key", "name", "micro-credential", "attempt", "draft", "district", "language",
    "permission attested",
)  # fmt: skip
_ARTIFACT_COLUMNS = ("submission key", "part", "file or link", "label", "captions")
_AGREED = "disclosure agreed"
_YES, _NO = {"yes", "y", "true", "1"}, {"no", "n", "false", "0", ""}
_LONGEST_CELL = 500


@dataclass(frozen=True, slots=True)
class ArtifactRow:
    """One row of artifacts.csv: a file of the folder, or a link whose bytes nobody captured."""

    row: int
    part: Part
    origin: str
    path: Path | None
    label: str
    captions: Path | None
    captions_origin: str = ""
    column: str = "file or link"


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """One row of submissions.csv with its artifacts.

    `disclosure_agreed` is whether the educator lets a recipient that sees earned ones alone see this one whatever its
    outcome; None where the table does not say.
    """

    row: int
    key: str
    educator_key: str
    name: str
    rubric_id: str
    attempt: int
    draft: bool
    district: str
    language: str
    permission_attested: bool
    email: str
    state_educator_id: str
    disclosure_agreed: bool | None
    artifacts: tuple[ArtifactRow, ...]


class Faults(Refused):
    """What is wrong with a folder: the sentence is the first fault, `faults` are all."""

    def __init__(self, faults: list[str]) -> None:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"{faults[0]}{more}. Nothing was imported")
        self.faults = tuple(faults)


@dataclass
class _Table:
    """A CSV file with normalised headings; faults are gathered, so that a person can mend all at once."""

    file: str
    faults: list[str] = field(default_factory=list)
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def fault(self, row: int, column: str, words: str) -> None:
        self.faults.append(f"{self.file}, row {row}, column “{column}”: {words}")


def read_folder(folder: Path, rubrics: Iterable[str]) -> tuple[SubmissionRow, ...]:
    """Everything to import, in order. `rubrics` are the ids that a micro-credential may have.

    Raises Faults for any fault in either file or in the files they name, Refused where there is no such
    folder.
    """
    if not folder.is_dir():
        raise Refused(f"There is no folder {folder}")
    submissions = _read_table(folder / SUBMISSIONS_FILE, _SUBMISSION_COLUMNS)
    artifacts = _read_table(folder / ARTIFACTS_FILE, _ARTIFACT_COLUMNS)
    _refuse_faults(submissions, artifacts)
    keys = [cells["submission key"] for _, cells in submissions.rows]
    pieces = _artifact_rows(artifacts, folder, set(keys))
    rows = tuple(_submission_row(submissions, row, cells, pieces) for row, cells in submissions.rows)
    _check_submissions(submissions, rows, set(rubrics))
    _refuse_faults(submissions, artifacts)
    return rows


def _refuse_faults(*tables: _Table) -> None:
    if faults := [fault for table in tables for fault in table.faults]:
        raise Faults(faults)


def _read_table(path: Path, columns: tuple[str, ...]) -> _Table:
    table = _Table(path.name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        table.faults.append(f"{path.name} is not in {path.parent}")
        return table
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        table.faults.append(f"{path.name}, row {row}: this is not UTF-8. Save the file as “CSV UTF-8”")
        return table
    lines = _lines(text, table)
    headings = [_heading(cell) for cell in lines[0]] if lines else []
    present = {*headings, "file or link"} if {"file", "link"} & set(headings) else set(headings)
    for column in (column for column in columns if column not in present):
        table.fault(1, column, "this column is missing")
    if twice := {heading for heading in headings if heading and headings.count(heading) > 1}:
        table.fault(1, sorted(twice)[0], "there are two columns of this name")
    if not table.faults:
        _read_rows(table, headings, lines[1:])
    return table


def _lines(text: str, table: _Table) -> list[list[str]]:
    """The cells. Where the heading has semicolons and no comma, it was saved by a European spreadsheet."""
    first = text.partition("\n")[0]
    delimiter = ";" if ";" in first and "," not in first else ","
    try:
        return list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True))
    except csv.Error as error:
        table.faults.append(f"{table.file} cannot be read as CSV ({error})")
        return []


def _read_rows(table: _Table, headings: list[str], lines: list[list[str]]) -> None:
    for row, line in enumerate(lines, start=2):
        if not any(cell.strip() for cell in line):
            continue
        if len(line) > len(headings):
            table.fault(row, headings[-1], "there are more cells than columns; quote cells with a comma")
            continue
        cells = dict(zip(headings, [cell.strip() for cell in line] + [""] * (len(headings) - len(line))))
        for column, cell in cells.items():
            if len(cell) > _LONGEST_CELL or any(ord(sign) < 32 for sign in cell):
                table.fault(row, column, f"longer than {_LONGEST_CELL} characters, or with a line break")
        table.rows.append((row, cells))
    if not table.rows:
        table.faults.append(f"{table.file} has no rows below its heading")


def _heading(cell: str) -> str:
    """`Micro_credential`, `micro credential` and `micro-credential` are one column."""
    words = re.sub(r"[\s_-]+", " ", cell.strip().lower())
    return {"micro credential": "micro-credential", "e mail": "e-mail", "email": "e-mail"}.get(words, words)


def _submission_row(
    table: _Table, row: int, cells: Mapping[str, str], pieces: Mapping[str, list[ArtifactRow]]
) -> SubmissionRow:
    return SubmissionRow(
        row=row,
        key=_needed(table, row, cells, "submission key"),
        educator_key=_needed(table, row, cells, "educator key"),
        name=_needed(table, row, cells, "name"),
        rubric_id=_needed(table, row, cells, "micro-credential"),
        attempt=_whole_number(table, row, cells, "attempt"),
        draft=_yes_or_no(table, row, cells, "draft"),
        district=cells["district"],
        language=_language(table, row, cells),
        permission_attested=_yes_or_no(table, row, cells, "permission attested"),
        email=cells.get("e-mail", ""),
        state_educator_id=cells.get("state educator id", ""),
        disclosure_agreed=_yes_or_no(table, row, cells, _AGREED) if cells.get(_AGREED) else None,
        artifacts=tuple(pieces.get(cells["submission key"], ())),
    )


def _check_submissions(table: _Table, rows: tuple[SubmissionRow, ...], rubrics: set[str]) -> None:
    seen: dict[str, int] = {}
    for each in rows:
        if each.key and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", each.key):
            table.fault(each.row, "submission key", f"“{each.key}” may hold letters, digits, . _ - alone")
        if each.key in seen:
            table.fault(each.row, "submission key", f"“{each.key}” is in row {seen[each.key]} already")
        seen.setdefault(each.key, each.row)
        if each.rubric_id and each.rubric_id not in rubrics:
            known = ", ".join(sorted(rubrics)) or "none yet; see “hub publish”"
            words = f"“{each.rubric_id}” is not a published micro-credential; those that are: {known}"
            table.fault(each.row, "micro-credential", words)
        if each.key and not each.artifacts:
            table.fault(each.row, "submission key", f"{ARTIFACTS_FILE} has no row for “{each.key}”")


def _artifact_rows(table: _Table, folder: Path, keys: set[str]) -> dict[str, list[ArtifactRow]]:
    found: dict[str, list[ArtifactRow]] = {}
    seen: dict[tuple[str, str], int] = {}
    for row, cells in table.rows:
        key, column = cells["submission key"], _origin_column(table, row, cells)
        origin = _needed(table, row, cells, column)
        if key not in keys:
            table.fault(row, "submission key", f"“{key}” is not in {SUBMISSIONS_FILE}")
        if (key, origin) in seen:
            table.fault(row, column, f"“{origin}” is in row {seen[key, origin]} already")
        seen.setdefault((key, origin), row)
        found.setdefault(key, []).append(_artifact_row(table, row, cells, column, folder))
    return found


def _origin_column(table: _Table, row: int, cells: Mapping[str, str]) -> str:
    """Which column says where the artifact is."""
    if "file or link" in cells:
        return "file or link"
    if cells.get("file") and cells.get("link"):
        table.fault(row, "link", "an artifact is a file or a link, not both")
    return "link" if cells.get("link") or "file" not in cells else "file"


def _artifact_row(
    table: _Table, row: int, cells: Mapping[str, str], column: str, folder: Path
) -> ArtifactRow:
    key, origin, captions = cells["submission key"], cells[column], cells["captions"]
    is_link = "://" in origin or column == "link"
    if is_link and origin and not _is_web_address(origin):
        table.fault(row, column, f"“{origin}” is not a web address")
    if is_link and captions:
        table.fault(row, "captions", "a link has no captions of its own")
    path = None if is_link or not origin else _file(table, row, column, origin, key, folder)
    captions_path = _captions(table, row, captions, key, folder) if captions and not is_link else None
    return ArtifactRow(
        row, _part(table, row, cells), origin, path, cells["label"], captions_path, captions, column
    )


def _is_web_address(text: str) -> bool:
    try:
        split = urlsplit(text)
    except ValueError:
        return False
    return split.scheme in ("http", "https") and bool(split.hostname)


def _file(table: _Table, row: int, column: str, origin: str, key: str, folder: Path) -> Path | None:
    """The file inside the folder; neither a way out of it nor a link out of it is followed."""
    relative = PurePosixPath(origin.replace("\\", "/"))
    if relative.is_absolute() or {"..", ""} & {*relative.parts, key} or ".." in PurePosixPath(key).parts:
        table.fault(row, column, f"“{origin}” lies outside the folder")
        return None
    places = [place.joinpath(*relative.parts) for place in (folder, folder / key, folder / "files" / key)]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        table.fault(row, column, f"there is no file “{origin}” in the folder")
    elif not path.resolve().is_relative_to(folder.resolve()):
        table.fault(row, column, f"“{origin}” lies outside the folder")
    elif path.stat().st_size == 0:
        table.fault(row, column, f"the file “{origin}” is empty")
    else:
        return path
    return None


def _captions(table: _Table, row: int, origin: str, key: str, folder: Path) -> Path | None:
    if not origin.lower().endswith((".vtt", ".srt")):
        table.fault(row, "captions", f"“{origin}” is neither .vtt nor .srt")
        return None
    return _file(table, row, "captions", origin, key, folder)


def _part(table: _Table, row: int, cells: Mapping[str, str]) -> Part:
    try:
        return Part(cells["part"].lower())
    except ValueError:
        table.fault(row, "part", f"“{cells['part']}” is none of {', '.join(Part)}")
        return Part.WORK


def _needed(table: _Table, row: int, cells: Mapping[str, str], column: str) -> str:
    if not cells[column]:
        table.fault(row, column, "this cell is empty")
    return cells[column]


def _whole_number(table: _Table, row: int, cells: Mapping[str, str], column: str) -> int:
    if re.fullmatch(r"[1-9][0-9]{0,2}", cells[column]):
        return int(cells[column])
    table.fault(row, column, f"“{cells[column]}” is not a number from 1 on")
    return 1


def _yes_or_no(table: _Table, row: int, cells: Mapping[str, str], column: str) -> bool:
    answer = cells[column].lower()
    if answer not in _YES | _NO:
        table.fault(row, column, f"“{cells[column]}” is neither yes nor no")
    return answer in _YES


def _language(table: _Table, row: int, cells: Mapping[str, str]) -> str:
    language = cells["language"] or "en"
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", language):
        table.fault(row, "language", f"“{language}” is not a language tag such as en or es")
    return language


def files_of(rows: Iterable[SubmissionRow]) -> Iterator[Path]:
    """Every file that an import will read, captions included, each once."""
    paths = (path for row in rows for piece in row.artifacts for path in (piece.path, piece.captions))
    return iter(dict.fromkeys(path for path in paths if path is not None))
