"""Makes the sample submissions: `python resources/demo/make [recordings|scans|documents …]`, or all.

Needs the packages of requirements.lock, the program espeak-ng and the Debian fonts named in `lettering.py`. Texts in
Markdown and the lists beside `files/` are written by hand and are not touched.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QGuiApplication

FILES = Path(__file__).parents[1] / "files"


def make_recordings() -> None:
    """Two films and one conversation, with captions."""
    import recordings

    moments = {key: recordings.make(key, FILES) for key in ("7F3A-21", "91BB-02", "A93F-30")}
    words = json.dumps(moments, indent=1, ensure_ascii=False) + "\n"
    FILES.with_name("moments.json").write_text(words, encoding="utf-8")


def make_scans() -> None:
    """Photographed pages."""
    import student_pages

    student_pages.three_quarters(FILES / "7F3A-21")
    student_pages.two_fifths(FILES / "91BB-02")
    student_pages.interest_page(FILES / "A93F-30")


def make_documents() -> None:
    """Word and PDF documents."""
    import documents
    import pages
    import word_plans

    documents.write(
        FILES / "7F3A-21/lesson-plan.docx", "A fraction of a set: 3/4 of 24", word_plans.LESSON_PLAN
    )
    documents.write(FILES / "7F3A-21/reflection.docx", "Reflection", word_plans.REFLECTION)
    documents.write(FILES / "E5D2-11/advisory-plan.docx", "Advisory plan", word_plans.ADVISORY_PLAN)
    pages.write("task-cards", FILES / "7F3A-21/task-cards.pdf")
    pages.write("lesson-plan", FILES / "91BB-02/lesson-plan.pdf")
    pages.write("connection-plan", FILES / "A93F-30/connection-plan.pdf")


MAKERS = {"recordings": make_recordings, "scans": make_scans, "documents": make_documents}


def main(wanted: list[str]) -> None:
    """Make what is named, or everything."""
    application = QGuiApplication([])
    for name in wanted or list(MAKERS):
        MAKERS[name]()
    application.quit()


main(sys.argv[1:])
