"""Verdicts on many packets as a table (CSV, RFC 4180), one packet a line, for a spreadsheet or a script."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable

from assessor_desk.domain.exports import spreadsheet_safe

from .facts import Fact, FactId, Standing, Verdict

#: The mark by which spreadsheet programs know UTF-8.
_MARK = "\ufeff"
_ABOUT = ("packet", "holds", "verdict", "about", "digest")


def as_table(verdicts: Iterable[Verdict], require: Collection[str] = ()) -> str:
    """The table: what each packet is and says, whether it holds, and how each fact stands.

    A fact that could not be looked at has an empty cell. No cell is one that a spreadsheet takes for a formula.
    """
    text = io.StringIO(_MARK)
    text.seek(len(_MARK))
    table = csv.writer(text)
    table.writerow((*_ABOUT, *(fact_id.value for fact_id in FactId)))
    for one in verdicts:
        standings = {fact.id: fact.standing.value for fact in one.facts}
        holds = "no" if one.exit_code(require) else "yes"
        about = (one.name, holds, one.headline, one.subject.sentence, one.digest)
        cells = (*about, *(standings.get(fact_id, "") for fact_id in FactId))
        table.writerow([spreadsheet_safe(cell) for cell in cells])
    return text.getvalue()


def unread(name: str, trouble: str) -> Verdict:
    """What stands in a table for a packet that could not be read at all."""
    return Verdict(name, (Fact(FactId.STRUCTURE, Standing.BAD, trouble, basis="ZIP"),))
