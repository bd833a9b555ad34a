"""The audit log as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from assessor_desk.domain.exports import spreadsheet_safe
from assessor_desk.hub.auditing import Entry
from assessor_desk.keys.private_files import write_privately


def write_table(path: Path, found: Iterable[Entry]) -> None:
    """Write lines as CSV (UTF-8, with a mark that spreadsheets know it by) for the eyes of its owner alone.

    Raises Unavailable where that fails.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(one.name for one in fields(Entry))
    for one in found:
        writer.writerow([_cell(value) for value in asdict(one).values()])
    write_privately(path, table.getvalue().encode("utf-8-sig"))


def _cell(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else spreadsheet_safe(str(value))
