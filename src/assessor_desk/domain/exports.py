"""Which copies of a review may leave a desk, and what a spreadsheet must not make of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: What is said before a copy of the evidence is made: on screen, on the command line, in the help.
COPY_WARNING = (
    "A copy outside the desk is not protected any more: it is not encrypted, nothing removes it when the evidence’s "
    "time is over, and a file of an unknown kind may harm the computer that opens it. Make one only where the "
    "assessment needs it, open it where that is safe, and delete it afterwards. That a copy was made is recorded in "
    "the review."
)


@dataclass(frozen=True, slots=True)
class CopyMade:
    """That a copy of an artifact was exported, and when."""

    artifact_id: str
    at: datetime


class ExportFormat(StrEnum):
    """What `export` writes: the sealed packet, the record of a review for people, or its table."""

    PACKET = "packet"
    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"
    CSV = "csv"


class NotesFormat(StrEnum):
    """The forms in which a coach's notes leave as files; `annotated` are copies of the educator's own documents."""

    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"
    JSON = "json"
    JSONLD = "jsonld"
    ANNOTATED = "annotated"


class CohortFormat(StrEnum):
    """The forms in which a cohort report leaves: documents for people, a workbook, one table."""

    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"
    XLSX = "xlsx"
    CSV = "csv"


class Gathered(StrEnum):
    """What is gathered of a selection: packets as delivered, decisions as sealed, reports as released."""

    PACKETS = "packets"
    DECISIONS = "decisions"
    REPORTS = "reports"


def spreadsheet_safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, “CSV Injection”): an apostrophe stands before it."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
