"""Packets that were looked at: how each fared, in the list, on paper and in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMessageBox, QVBoxLayout, QWidget

from assessor_desk.gui.controls import ElidedLabel, Pill
from assessor_desk.gui.out_of_sight import out_of_sight
from assessor_desk.places import resources

if TYPE_CHECKING:
    from assessor_desk.verdict import Verdict

SIGNS = {"good": "✓", "bad": "✗", "unknown": "?", "stated": "–", "absent": "–"}
STANDINGS = {
    "good": "checked",
    "bad": "failed",
    "unknown": "not known",
    "stated": "only stated",
    "absent": "not there",
}


@dataclass(frozen=True)
class Checked:
    """One packet with its verdict, or why there is none. `content` is that of one that is kept sealed, not a file."""

    path: Path
    verdict: Verdict | None
    trouble: str = ""
    content: bytes | None = None


class PacketLine(QWidget):
    """A packet in the list: its name, how it fared, and what it is about."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._pill = Pill("checking…", parent=self)
        self._about = ElidedLabel("", self)
        self._about.setObjectName("muted")
        title = ElidedLabel(name, self, Qt.TextElideMode.ElideMiddle)  # the ends tell files apart
        title.setObjectName("factTitle")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(title, 1)
        row.addWidget(self._pill)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self._about)

    def show_checked(self, checked: Checked) -> None:
        """Say how it fared."""
        words, tone, about = _in_short(checked)
        self._pill.say(words, tone)
        self._about.say(about)
        self.setAccessibleName(f"{self._name}, {words}. {about}")


def _in_short(checked: Checked) -> tuple[str, str, str]:
    """A packet's pill (words and tone), and the line below its name."""
    if checked.verdict is None:
        return (
            ("cannot be read", "danger", checked.trouble) if checked.trouble else ("checking…", "neutral", "")
        )
    verdict = checked.verdict
    if verdict.bad:
        return "do not rely on it", "danger", verdict.bad[0].sentence
    about = verdict.subject.in_short
    open_questions = sum(1 for fact in verdict.facts if str(fact.standing) == "unknown")
    if open_questions:
        return f"{open_questions} open question{'s' if open_questions > 1 else ''}", "caution", about
    return "all good", "positive", about


def print_verdicts(some: Sequence[Checked], trust: str, parent: QWidget) -> None:
    """Ask for a printer, and give it the verdicts on these packets, each on a page of its own."""
    from PySide6.QtGui import QTextDocument
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter

    printer = QPrinter()
    dialog = QPrintDialog(printer, parent)
    # Windows and macOS keep their box of printers on the screen while the desk is locked.
    if dialog.exec() and not out_of_sight():
        document = QTextDocument()
        document.setHtml(as_html(some, trust))
        document.print_(printer)
    dialog.deleteLater()


def as_html(some: Sequence[Checked], trust: str, at: datetime | None = None) -> str:
    """Verdicts for paper: every fact with its standing in words, by which list, and when it was checked."""
    checked = f"{trust} · Checked on {at or datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    pages = [_page(one, checked) for one in some]
    return "<div style='page-break-after: always'></div>".join(pages)


def _page(one: Checked, checked: str) -> str:
    name = escape(one.path.name)
    if one.verdict is None:
        return f"<h2>This packet cannot be read</h2><p>{name}<br>{escape(checked)}</p><p>{escape(one.trouble)}</p>"
    head = f"<h2>{escape(one.verdict.headline)}</h2><p>{escape(one.verdict.subject.sentence)}</p>"
    inside = "".join(
        f"<h3>{escape(bag.headline)}</h3><p>{escape(bag.subject.sentence)}</p>"
        f"<p>{escape(bag.name)}{_digest(bag)}</p>{_table(bag)}"
        for bag in one.verdict.contained
    )
    about = f"<p>{name}{_digest(one.verdict)}<br>{escape(checked)}</p>"
    return f"{head}{about}{_table(one.verdict)}{inside}"


def _digest(verdict: Verdict) -> str:
    """By which others name it: a verdict on paper must say on which packet it is."""
    return f", whose list of contents has the SHA-256 {verdict.digest}" if verdict.digest else ""


def _table(verdict: Verdict) -> str:
    rows = "".join(
        f"<tr><td><b>{escape(fact.title)}</b></td><td>{STANDINGS[str(fact.standing)]}</td>"
        f"<td>{escape(fact.sentence)}<br>{escape(fact.detail)}</td></tr>"
        for fact in verdict.facts
    )
    return f"<table cellpadding='4'>{rows}</table>"


def save_table(some: Sequence[Checked], parent: QWidget) -> None:
    """Ask for a name, and write one line on each packet into a table (CSV) of that name."""
    _save(table_of(some), "Save the verdicts", "verdicts.csv", "Tables (*.csv)", parent)


def save_page(parent: QWidget) -> None:
    """Ask for a name, and write the web page that verifies packets under it, for whoever has no program."""
    page = (resources() / "verify.html").read_text(encoding="utf-8")
    _save(page, "Save the page that verifies", "verify.html", "Web pages (*.html)", parent)


def _save(text: str, title: str, suggested: str, kinds: str, parent: QWidget) -> None:
    name, _ = QFileDialog.getSaveFileName(parent, title, suggested, kinds)
    if not name:
        return
    try:
        Path(name).write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        words = f"{name} could not be written: {error.strerror}. Choose another folder."
        QMessageBox.warning(parent, "Nothing was saved", words)


def table_of(some: Sequence[Checked]) -> str:
    """The table; a packet that could not be read has its reason in the place of a verdict."""
    from assessor_desk.verdict.table import as_table, unread

    return as_table([one.verdict or unread(one.path.name, one.trouble) for one in some])
