"""Releasing: from a decision's feedback to what the educator reads, each report once, also across a killed process.

A release is a row, written once the report's files are whole on the disk and the source has taken note of it. Both of
these may be done again without harm: the files are the same name by name, and a source answers as the first time. So
whatever is interrupted is simply released again, and `mail-merge.csv` is made from the rows.
"""

from __future__ import annotations

import csv
import io
import json
import threading
import zipfile
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.desk.deciding import decision_facts
from assessor_desk.desk.outgoing import refuse_elsewhere
from assessor_desk.desk.programmes import SOURCES, signer_for
from assessor_desk.desk.stamped import why_unconfirmed
from assessor_desk.domain.addresses import is_folder
from assessor_desk.domain.errors import DeskError, Refused, sentence
from assessor_desk.domain.exports import ExportFormat, spreadsheet_safe
from assessor_desk.keys.private_files import write_privately
from assessor_desk.keys.signing import Signer
from assessor_desk.packets.decision import decided_feedback
from assessor_desk.packets.pades import sign_record
from assessor_desk.protocol.documents import canonical
from assessor_desk.reports.feedback_report import FeedbackReport, feedback_report
from assessor_desk.reports.many import MadeReport, ReportOrder, make_report, make_reports
from assessor_desk.rubric_files import look_of
from assessor_desk.store.deciding import ReleaseLine
from assessor_desk.sync.hub_source import HubSource
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.layout import FEEDBACK

if TYPE_CHECKING:
    from assessor_desk.desk.pen import Pen
    from assessor_desk.desk.standing import Standing
    from assessor_desk.domain.changes import Recipient
    from assessor_desk.store.lines import OutboxLine
    from assessor_desk.sync.pace import Pace
    from assessor_desk.sync.source import Source

MAIL_MERGE = "mail-merge.csv"
_FORMATS = (ExportFormat.PDF, ExportFormat.DOCX, ExportFormat.HTML)
#: From so many on a pool of processes is worth its start.
_WORTH_A_POOL = 4
_COLUMNS = (
    "Submission",
    "Educator key",
    "Name",
    "E-mail",
    "District",
    "Outcome",
    "Released",
    "PDF",
    "Word",
    "Web page",
)


@dataclass(frozen=True, slots=True)
class ReleaseProgress:
    """Where a release stands: `done` of `total` reports, the last of them about submission `key`."""

    done: int
    total: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseResult:
    """What a release did: submissions released, those that were released before, and why others were not (by key)."""

    changes: Changes
    released: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    troubles: tuple[tuple[str, str], ...] = ()
    stopped: bool = False


@dataclass(frozen=True)
class _Ready:
    """A decision whose report can be released."""

    submission_id: str
    key: str
    digest: str
    outcome: str
    source: str
    recipient: Recipient | None
    order: ReportOrder


def release(
    pen: Pen,
    submission_ids: Sequence[str],
    passphrase: str,
    identity: Path,
    out: Path | None,
    progress: Callable[[ReleaseProgress], None],
    stop: threading.Event,
    pace: Pace,
) -> ReleaseResult:
    """Release the reports on decided submissions into the folder `out`, or with None through their source at `pace`.

    Raises Refused for a wrong passphrase, Unavailable where the source cannot be reached or the folder not be written:
    what was released until then stays so, and releasing again goes on with the rest.
    """
    ready, before, troubles = _sorted(pen, submission_ids)
    signers = _signers(pen, identity, passphrase, {one.source for one in ready})
    if out is not None:
        _clear_unfinished(out)
    released: list[_Ready] = []
    progress(ReleaseProgress(0, len(ready)))
    try:
        with closing(made_reports([one.order for one in ready], stop)) as made:
            for one, report in zip(ready, made, strict=False):
                if stop.is_set():
                    break
                try:
                    _release_one(pen, one, _sealed(report, signers[one.source], pen.clock()), out, pace)
                    released.append(one)
                except Refused as error:
                    troubles.append((one.key, sentence(error)))
                progress(ReleaseProgress(len(released), len(ready), one.key))
    finally:
        if out is not None:
            write_mail_merge(pen, out)
    touched = frozenset(one.submission_id for one in released)
    changes = replace(Changes.of(Kind.INBOX, Kind.REVIEW), submissions=touched)
    keys = tuple(one.key for one in released)
    return ReleaseResult(changes, keys, tuple(before), tuple(troubles), stop.is_set())


def _signers(pen: Pen, identity: Path, passphrase: str, sources: Iterable[str]) -> dict[str, Signer]:
    """What the person signs with for each source. Raises Refused for a wrong passphrase, though nothing be ready."""
    return {
        source: signer_for(pen.store, identity, source, passphrase, pen.clock()) for source in {"", *sources}
    }


def preview(pen: Pen, submission_id: str) -> tuple[FeedbackReport, bytes]:
    """The report as the decision stands, sealed or not, and its feedback.json.

    Raises Refused while there is nothing to decide on.
    """
    facts = decision_facts(pen, submission_id)
    feedback = decided_feedback(facts)
    with pen.store.reading() as view:
        recipient = view.deciding.recipient(submission_id)
        standing = pen.look(view, submission_id)
    return _report(standing, feedback, pen.clock(), recipient), canonical(feedback)


def _sorted(pen: Pen, submission_ids: Iterable[str]) -> tuple[list[_Ready], list[str], list[tuple[str, str]]]:
    """What can be released, what was before, and what cannot be with the sentence that says why."""
    ready, before, troubles = [], [], []
    with pen.store.reading() as view:
        for submission_id in dict.fromkeys(submission_ids):
            standing = pen.look(view, submission_id)
            key = standing.submission.key
            if view.deciding.releases(submission_id):
                before.append(key)
                continue
            try:
                line = _decided(standing)
                recipient = view.deciding.recipient(submission_id)
                ready.append(_ready(pen, standing, line, recipient))
            except DeskError as error:
                troubles.append((key, sentence(error)))
    return ready, before, troubles


def _decided(standing: Standing) -> OutboxLine:
    """The decision's line in the outbox. Raises Refused for whatever keeps its report from being released."""
    key, decision = standing.submission.key, standing.decision
    if decision is None or decision.seal is None:
        raise Refused(f"{key} is not decided yet")
    if decision.seal.outcome is None:
        raise Refused(f"{key} was passed back: there is nothing to release until it is decided")
    if standing.holds:
        raise Refused(f"{key} is on hold: {standing.holds[0].concern} was raised. The programme lifts it")
    line = standing.delivery
    if line is None or line.delivered_at is None or not line.receipt:
        raise Refused(f"The decision on {key} is not on the hub yet. Sync first")
    if why := why_unconfirmed(standing.policy, line):
        raise Refused(f"{key}: {why}")
    return line


def _ready(pen: Pen, standing: Standing, line: OutboxLine, recipient: Recipient | None) -> _Ready:
    assert standing.decision is not None
    assert standing.decision.seal is not None
    outcome = standing.decision.seal.outcome
    return _Ready(
        standing.submission.id, standing.submission.key, line.digest, outcome.value if outcome else "",
        standing.submission.source, recipient, report_order(standing, line, recipient, pen.clock()),
    )  # fmt: skip


def report_order(
    standing: Standing, line: OutboxLine, recipient: Recipient | None, at: datetime
) -> ReportOrder:
    """The report on a sealed decision as it is released at a time; `line` is the decision's in the outbox."""
    refuse_elsewhere(line, f"The decision on {standing.submission.key}")
    with open_sealed(line.path, line.key, "the sealed decision") as reader:
        feedback_json = parse_archive(reader.read()).files[FEEDBACK]
    return ReportOrder(_report(standing, json.loads(feedback_json), at, recipient), feedback_json)


def _report(
    standing: Standing, feedback: dict[str, object], now: datetime, recipient: Recipient | None
) -> FeedbackReport:
    decision = standing.decision
    assert decision is not None
    return feedback_report(
        feedback,
        standing.rubric,
        standing.policy,
        look_of(standing.policy.programme),
        decided_at=(decision.seal.at if decision.seal else now).replace(microsecond=0),
        released_on=now.astimezone(UTC).date(),
        sealed_by=standing.assignment.person,
        assessors=len({one.delivered.person for one in standing.delivered}),
        attempt=standing.submission.attempt or None,
        educator=recipient.name if recipient else "",
    )


def made_reports(orders: list[ReportOrder], stop: threading.Event) -> Generator[MadeReport]:
    """The reports in this order, on all cores where there are several; setting `stop` ends it soon."""
    if len(orders) < _WORTH_A_POOL:
        yield from (make_report(order) for order in orders)
    else:
        yield from make_reports(orders, stop=stop)


def _sealed(report: MadeReport, signer: Signer, at: datetime) -> dict[str, bytes]:
    """The report's files by name, the PDF sealed by whoever decided."""
    title = f"Reviewer {signer.number}"
    files = {f"{report.key}-feedback.{one}": content for one, content in report.files.items()}
    pdf = f"{report.key}-feedback.{ExportFormat.PDF}"
    files[pdf] = sign_record(files[pdf], signer, at.replace(microsecond=0), title)
    return files


def _release_one(pen: Pen, one: _Ready, files: dict[str, bytes], out: Path | None, pace: Pace) -> None:
    if out is not None:
        for name, content in files.items():
            write_privately(out / name, content)
    source = _source(pen, one.source, pace)
    try:
        at = _told(source, one.digest, None if out is not None else _zipped(files))
    except Refused:
        if out is not None:
            for name in files:
                (out / name).unlink(missing_ok=True)
        raise
    finally:
        source.close()
    line = ReleaseLine(
        one.digest, one.submission_id, one.outcome, "folder" if out else "hub", str(out) if out else "", at
    )
    with pen.store.transaction() as work:
        work.deciding.record_release(line)
        standing = pen.look(work, one.submission_id)
        work.set_progress(one.submission_id, standing.done, standing.state)
        work.commit()


def _told(source: Source, decision: str, documents: bytes | None) -> datetime:
    body = None if documents is None else io.BytesIO(documents)
    return source.release(decision, body, len(documents or b""))


def _source(pen: Pen, identity: str, pace: Pace) -> Source:
    for one in pen.store.fact(SOURCES, []):
        if one["identity"] == identity:
            if is_folder(one["address"]):
                from assessor_desk.sync.folder_source import not_by_stick

                raise Refused(not_by_stick(one["title"]))
            return HubSource(one["address"], one["token"], one["identity"], one["title"], pace)
    raise Refused("This desk is no longer connected to the source that the submission came from")


def _zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def _clear_unfinished(out: Path) -> None:
    """Remove what a release that was killed had begun to write."""
    for name in ("*-feedback.*", MAIL_MERGE):
        for left in out.glob(f"{name}.*.unfinished"):
            left.unlink(missing_ok=True)


def write_mail_merge(pen: Pen, out: Path) -> None:
    """`mail-merge.csv` beside the reports: one line for each that was released into this folder."""
    with pen.store.reading() as view:
        lines = [one for one in view.deciding.releases() if one.folder == str(out)]
        names = {own_id: key for own_id, key, _ in view.names()}
        recipients = view.deciding.recipients()
    if not lines:
        return
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(_COLUMNS)
    for line in lines:
        row = _row(line, names[line.submission_id], recipients.get(line.submission_id))
        table.writerow([spreadsheet_safe(value) for value in row])
    write_privately(out / MAIL_MERGE, text.getvalue().encode("utf-8-sig"))


def _row(line: ReleaseLine, key: str, recipient: Recipient | None) -> list[str]:
    who = (
        [recipient.educator_key, recipient.name, recipient.email, recipient.district]
        if recipient
        else [""] * 4
    )
    files = [f"{key}-feedback.{one}" for one in _FORMATS]
    return [key, *who, line.outcome.replace("_", " "), f"{line.at.astimezone(UTC):%Y-%m-%d}", *files]
