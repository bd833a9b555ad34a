"""Which copies of a review may leave a desk."""

from enum import StrEnum


class ExportFormat(StrEnum):
    """What `export` writes: the sealed packet, the record of a review for people, or its table."""

    PACKET = "packet"
    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"
    CSV = "csv"
