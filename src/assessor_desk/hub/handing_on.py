"""What an issuer hands on to educators: reports that reviewers left with the hub, and coaches' notes on drafts."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from assessor_desk.hub.auditing import Act, Line, note
from assessor_desk.hub.handed_in import forget_old_notes, notes_kept
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.own_look import own_look
from assessor_desk.hub.releases import How, released_documents, releases
from assessor_desk.keys.private_files import write_privately
from assessor_desk.protocol.notes import read_notes
from assessor_desk.reports.notes import notes_docx, notes_html, notes_pdf


def write_reports(hub: Hub, out: Path) -> list[Path]:
    """Write every report that was released through the hub into `out`. Raises Unavailable where that fails."""
    written: list[Path] = []
    for one in releases(hub):
        if one.how == How.HUB:
            note(hub, Line(Act.EXPORTED, one.decision, one.submission_id, detail="report"))
            with zipfile.ZipFile(io.BytesIO(released_documents(hub, one.decision))) as bag:
                written += [_write(out / Path(name).name, bag.read(name)) for name in bag.namelist()]
    return written


def write_notes(hub: Hub, out: Path) -> list[Path]:
    """Write the notes on each draft into `out`, those that the policy still keeps. Raises as `write_reports`."""
    forget_old_notes(hub)
    written: list[Path] = []
    for document in notes_kept(hub):
        notes = read_notes(document)
        note(hub, Line(Act.EXPORTED, submission=notes.submission_id, detail="notes"))
        look = own_look(hub)
        for suffix, made in (("pdf", notes_pdf), ("docx", notes_docx), ("html", notes_html)):
            written.append(_write(out / f"notes-{notes.submission_key}.{suffix}", made(notes, look)))
    return written


def _write(path: Path, content: bytes) -> Path:
    write_privately(path, content)
    return path
