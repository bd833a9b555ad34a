"""Which copies of a review may leave a desk, and what a spreadsheet must not make of them."""

from enum import StrEnum


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
