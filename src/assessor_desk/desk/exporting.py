"""Copies that leave the desk: deliberate, named by the person, and recorded."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.artifacts.vault import Vault
from assessor_desk.desk.deciding import packet_bytes
from assessor_desk.desk.outgoing import refuse_elsewhere
from assessor_desk.desk.pen import Pen
from assessor_desk.desk.sealing import facts_of
from assessor_desk.desk.standing import Standing
from assessor_desk.domain.anchor import words
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.exports import ExportFormat
from assessor_desk.domain.review import COACHING_FIELDS, TITLES, Sheet, TextField
from assessor_desk.keys.private_files import write_privately
from assessor_desk.packets.documents import sealed_json
from assessor_desk.packets.facts import PacketFacts
from assessor_desk.packets.receiving import with_receipt
from assessor_desk.packets.record import record_content
from assessor_desk.reports.content import RecordContent
from assessor_desk.reports.docx import record_docx
from assessor_desk.reports.html import record_html
from assessor_desk.reports.pdf import record_pdf
from assessor_desk.store.lines import OutboxLine
from assessor_desk.verdict.layout import RECORD_DOCX, RECORD_PDF, REVIEW, top_folder

#: All that can be exported; commands and window offer these.
FORMATS = tuple(ExportFormat)
_TEXTS = (
    TextField.RATIONALE,
    TextField.STRENGTH,
    TextField.NEXT_STEP,
    TextField.WOULD_SHOW,
    TextField.EXTENSION,
)


def export(pen: Pen, vault: Vault, submission_id: str, out: Path, format: str) -> list[Path]:  # noqa: A002
    """Write one copy into the folder `out` and record it.

    Whoever decides has the record of the review that was delivered. Raises Refused for an unknown format or an
    unsealed packet.
    """
    if format not in FORMATS:
        raise Refused(f"“{format}” is no format to export; the formats are {', '.join(FORMATS)}")
    standing = _reviewed(pen, submission_id)
    if standing.decision is not None and format not in _OF_DECISIONS:
        name, content = _delivered_record(pen, vault, standing, ExportFormat(format))
    else:
        name, content = _WRITERS[ExportFormat(format)](pen, submission_id)
    path = out / name
    write_privately(path, content)
    with pen.store.transaction() as work:
        work.record_export(submission_id, format, str(path), pen.clock())
        work.commit()
    return [path]


def _reviewed(pen: Pen, submission_id: str) -> Standing:
    """How a submission stands. A coach's notes are no review: they have files of their own (`desk.notes_files`)."""
    with pen.store.reading() as view:
        standing = pen.look(view, submission_id)
    if standing.notes is not None:
        raise Refused(f"You coach {standing.submission.key}: there is no review to export. Export the notes")
    return standing


def _delivered_record(
    pen: Pen,
    vault: Vault,
    standing: Standing,
    format: ExportFormat,  # noqa: A002
) -> tuple[str, bytes]:
    """The record as it lies in the newest delivered packet that holds.

    Raises Refused where there is none, and for a form that no packet holds.
    """
    key = standing.submission.key
    if format not in _SEALED_AS:
        raise Refused(
            f"The record of {key} is its assessor's, in the packet as PDF and DOCX. Export one of these"
        )
    with pen.store.reading() as view:
        held = [line for line in view.deciding.of(standing.submission.id) if line.here and line.held]
    if not held:
        raise Refused(f"No review of {key} has been delivered, so there is no record of one")
    with zipfile.ZipFile(io.BytesIO(packet_bytes(vault, held[-1]))) as bag:
        [name] = [one for one in bag.namelist() if one.endswith(f"/{_SEALED_AS[format]}")]
        return f"record-{_plain(key)}.{format}", bag.read(name)


def preview_record(pen: Pen, submission_id: str) -> bytes:
    """The record as a PDF, not signed: what the packet would say now. Raises Refused while a level is missing."""
    return record_pdf(record_content(facts_of(pen, submission_id)))


def sealed_packet(pen: Pen, submission_id: str) -> tuple[Standing, OutboxLine, bytes]:
    """The packet of the newest sealed revision. Raises Refused where there is none."""
    with pen.store.reading() as view:
        standing = Standing.of(view, pen.shelf, submission_id, pen.clock())
        lines = [view.outbox_of(review.id) for review in view.reviews(submission_id)]
    sealed = [line for line in lines if line is not None]
    if not sealed:
        raise Refused(
            f"The review of {standing.submission.key} is not sealed yet, so there is no packet of it"
        )
    line = sealed[-1]
    refuse_elsewhere(line, f"The review of {standing.submission.key}")
    with open_sealed(line.path, line.key, f"packet of {standing.submission.key}") as reader:
        return standing, line, reader.readall()


def _packet(pen: Pen, submission_id: str) -> tuple[str, bytes]:
    """The packet as sealed, with the source's receipt beside the signature where one has come back.

    Its file is named for people, by submission, micro-credential and the day of the seal; the bag in it by its review.
    """
    standing, line, content = sealed_packet(pen, submission_id)
    with pen.store.reading() as view:
        review = view.review(line.review_id)
    revision = f"-revision-{review.revision}" if review is not None and review.revision > 1 else ""
    key, title, at = _plain(standing.submission.key), _plain(standing.rubric.id), line.waiting_since
    name = f"{key}-{title}-{at:%Y-%m-%d}{revision}.zip"
    return name, with_receipt(content, line.receipt, line.time_stamp or None) if line.receipt else content


def _record(pen: Pen, submission_id: str, format: ExportFormat) -> tuple[str, bytes]:  # noqa: A002
    """The record as sealed; before the seal, what it would say now."""
    with pen.store.reading() as view:
        standing = Standing.of(view, pen.shelf, submission_id, pen.clock())
    name = f"record-{_plain(standing.submission.key)}"
    if not standing.review.sealed:
        content = _MAKERS[format](record_content(facts_of(pen, submission_id)))
        return f"{name}-not-sealed.{format}", content
    _, line, packet = sealed_packet(pen, submission_id)
    with zipfile.ZipFile(io.BytesIO(packet)) as bag:
        top = top_folder(line.review_id)
        if format in _SEALED_AS:
            return f"{name}.{format}", bag.read(f"{top}/{_SEALED_AS[format]}")
        said = record_content(_as_sealed(pen, standing, bag.read(f"{top}/{REVIEW}")))
    return f"{name}.{format}", _MAKERS[format](said)


def _as_sealed(pen: Pen, standing: Standing, review_json: bytes) -> PacketFacts:
    """What a packet was made from, for a document that it does not hold.

    Raises Refused where the facts of today do not give the very review.json that was sealed: the evidence may have
    been replaced since, or the checks be a newer program's.
    """
    told = json.loads(review_json)
    facts = replace(
        facts_of(pen, standing.submission.id, [one["id"] for one in told["attestations"]]),
        at=datetime.fromisoformat(told["sealed_at"]),
        covers=tuple(told["entries"]),
        program_version=told["program"]["version"],
    )
    if sealed_json(facts)[1] != review_json:
        raise Refused(
            f"What is known of {standing.submission.key} has changed since its review was sealed, so its record cannot "
            "be written anew. Export it as PDF or DOCX: both are in the packet"
        )
    return facts


def _plain(key: str) -> str:
    """A key as part of a file name. It comes from the source, and must not lead out of the folder."""
    return re.sub(r"[^\w.-]+", "-", key)


def _table(pen: Pen, submission_id: str) -> tuple[str, bytes]:
    """The review as a table, one row a criterion; everything the person wrote but the private notes."""
    with pen.store.reading() as view:
        standing = Standing.of(view, pen.shelf, submission_id, pen.clock())
    name = f"review-{_plain(standing.submission.key)}.csv"
    return name, _as_table(standing, standing.review, [TextField.OVERALL])


def export_tables(pen: Pen, submission_id: str, standings: Sequence[Standing], out: Path) -> list[Path]:
    """Write what the person themselves made of a submission, under other assignments of it, as tables into `out`.

    Raises Refused where they made nothing under another.
    """
    if not standings:
        with pen.store.reading() as view:
            key = pen.look(view, submission_id).submission.key
        raise Refused(f"You wrote nothing on {key} under another assignment")
    paths = []
    for number, standing in enumerate(standings, start=1):
        content = _as_table(standing, standing.sheet, [TextField.OVERALL, TextField.REASON, TextField.NOTES])
        paths.append(out / f"work-before-{_plain(standing.submission.key)}-{number}.csv")
        write_privately(paths[-1], content)
    with pen.store.transaction() as work:
        for path in paths:
            work.record_export(submission_id, ExportFormat.CSV, str(path), pen.clock())
        work.commit()
    return paths


def _as_table(standing: Standing, sheet: Sheet, of_the_whole: Sequence[TextField]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    fields = _TEXTS if standing.notes is None else COACHING_FIELDS
    writer.writerow(
        ["Submission", "Criterion", "Level", "Passing", "Evidence", *(TITLES[field] for field in fields)]
    )
    writer.writerows(_rows(standing, sheet, fields))
    for field in of_the_whole:
        if field is TextField.OVERALL or sheet.text(field):
            words = _cell(sheet.text(field))
            writer.writerow([_cell(standing.submission.key), TITLES[field], "", "", "", words])
    # The mark makes spreadsheets read UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _rows(standing: Standing, sheet: Sheet, fields: Sequence[TextField]) -> Iterator[list[str]]:
    for criterion in standing.rubric.criteria:
        work = sheet.work(criterion.id)
        level = criterion.level(work.level).title if work.level else ""
        passing = "" if not work.level else "yes" if criterion.passes(work.level) else "no"
        texts = [work.text(field) for field in fields]
        evidence = "none found" if work.no_evidence else _evidence(standing, sheet, criterion.id)
        yield [*map(_cell, [standing.submission.key, criterion.title, level, passing, evidence, *texts])]


def _evidence(standing: Standing, sheet: Sheet, criterion: str) -> str:
    cited = [sheet.anchor(anchor) for anchor in sheet.work(criterion).anchors]
    names = {artifact.id: artifact.name for artifact in standing.submission.artifacts}
    return "; ".join(
        f"{names.get(one.artifact_id, one.artifact_id)}, {words(one.selector)}" for one in cited if one
    )


def _cell(value: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, “CSV Injection”)."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


#: The files of a packet that are a record of the review.
#: What is of a decision itself: its own packet, and the table of what was delivered.
_OF_DECISIONS = (ExportFormat.PACKET, ExportFormat.CSV)
_SEALED_AS = {ExportFormat.PDF: RECORD_PDF, ExportFormat.DOCX: RECORD_DOCX}
_MAKERS: Mapping[ExportFormat, Callable[[RecordContent], bytes]] = {
    ExportFormat.PDF: record_pdf,
    ExportFormat.DOCX: record_docx,
    ExportFormat.HTML: record_html,
}
_WRITERS: Mapping[ExportFormat, Callable[[Pen, str], tuple[str, bytes]]] = {
    ExportFormat.PACKET: _packet,
    ExportFormat.CSV: _table,
    **{one: partial(_record, format=one) for one in _MAKERS},
}
