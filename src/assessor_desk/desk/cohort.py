"""Cohort reports: from the decisions on this desk to files that show no more than policy lets their recipient see."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.desk.choosing import Choices, CohortOutlook
from assessor_desk.domain.cohort import (
    DISTRICT,
    PROGRAMME,
    CohortFigures,
    CohortRow,
    Recipient,
    RubricKey,
    Selection,
    chosen,
    cohort_figures,
    strictest,
)
from assessor_desk.domain.disclosure import Disclosed, concealed, disclosed
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.exports import CohortFormat
from assessor_desk.domain.suppression import Hidden
from assessor_desk.keys.private_files import write_privately
from assessor_desk.reports.cohort_content import CohortReport
from assessor_desk.reports.cohort_csv import cohort_csv
from assessor_desk.reports.cohort_documents import cohort_docx, cohort_html, cohort_pdf
from assessor_desk.reports.cohort_wording import CohortFacts
from assessor_desk.reports.cohort_wording import cohort_report as report_on
from assessor_desk.reports.cohort_xlsx import cohort_xlsx
from assessor_desk.rubric_files import look_of, policy_from_json, rubric_from_json
from assessor_desk.rubric_files.calendars import working_days

if TYPE_CHECKING:
    from assessor_desk.desk.pen import Pen
    from assessor_desk.domain.policy import Policy
    from assessor_desk.domain.rubric import Rubric
    from assessor_desk.store.decided import DecidedLine
    from assessor_desk.store.reading import Reading

#: In the log of exports a cohort report is of no one submission.
OF_MANY = ""
_LONGEST_NAME = 120
_WRITERS: Mapping[CohortFormat, Callable[[CohortReport], bytes]] = {
    CohortFormat.PDF: cohort_pdf,
    CohortFormat.DOCX: cohort_docx,
    CohortFormat.HTML: cohort_html,
    CohortFormat.XLSX: cohort_xlsx,
    CohortFormat.CSV: cohort_csv,
}


def cohort_report(
    pen: Pen,
    selection: Selection,
    recipient: Recipient,
    out: Path,
    formats: Iterable[str],
    progress: Callable[[int, int], None],
    stop: threading.Event,
) -> list[Path]:
    """Write the report on a selection for a recipient into the folder `out`, a file a format, and record it.

    All files are made before the first is written; `progress` hears of how many are ready of how many. Stopped, nothing
    is written and the answer is empty. Raises Refused for an unknown format, micro-credential or district and where
    nothing is decided, Unavailable where `out` cannot be written.
    """
    wanted = [_format(one) for one in dict.fromkeys(formats)]
    progress(0, len(wanted))
    report, name = report_for(pen, selection, recipient)
    made: dict[CohortFormat, bytes] = {}
    for one in wanted:
        if stop.is_set():
            return []
        made[one] = _WRITERS[one](report)
        progress(len(made), len(wanted))
    return [] if stop.is_set() else [_write(pen, out / f"{name}.{one}", one, made[one]) for one in made]


def _write(pen: Pen, path: Path, form: CohortFormat, content: bytes) -> Path:
    write_privately(path, content)
    with pen.store.transaction() as work:
        work.record_export(OF_MANY, f"cohort {form}", str(path), pen.clock())
        work.commit()
    return path


def preview(pen: Pen, selection: Selection, recipient: Recipient) -> bytes:
    """The report as a PDF, kept nowhere. Raises Refused as `cohort_report`."""
    report, _ = report_for(pen, selection, recipient)
    return cohort_pdf(report)


@dataclass(frozen=True, slots=True)
class _Cohort:
    """What a report rests on: the decisions of a selection, those that its recipient may have, and the exact figures.

    `named` is what the selected micro-credentials are called.
    """

    taken: Sequence[DecidedLine]
    rows: Sequence[CohortRow]
    policy: Policy
    figures: CohortFigures
    named: str

    def shown_to(self, recipient: Recipient) -> Disclosed:
        crossed = not recipient.earned_alone(self.policy)
        return disclosed(self.figures, self.policy.smallest_cell, outcomes_crossed=crossed)


def _cohort(pen: Pen, selection: Selection, recipient: Recipient) -> _Cohort:
    with pen.store.reading() as view:
        lines = view.decided.lines()
        taken = decided_in(lines, selection)
        # A selection in which nothing is decided is told like one with too few: both by the rules of all.
        policy = strictest(_policies(view, taken or lines))
        rows = chosen((line.row for line in taken), selection, recipient, policy)
        used = {(row.micro_credential, row.rubric_version) for row in rows}
        rubrics = {key: _rubric(view, key) for key in used}
        named = ", ".join(_titles(view, lines, selection.micro_credentials).values())
    figures = cohort_figures(rows, rubrics, working_days(policy.due.calendar), policy.due)
    return _Cohort(taken, rows, policy, figures, named)


def report_for(pen: Pen, selection: Selection, recipient: Recipient) -> tuple[CohortReport, str]:
    """The report on a selection as a recipient may have it, and what to call its files. Raises as `cohort_report`."""
    found = _cohort(pen, selection, recipient)
    facts = CohortFacts(
        found.policy,
        selection,
        recipient,
        pen.clock(),
        look_of(found.policy.programme),
        found.named or "All micro-credentials",
    )
    today = f"{pen.clock().astimezone(UTC):%Y-%m-%d}"
    return report_on(found.shown_to(recipient), facts), _name(selection, recipient, today)


def choices(pen: Pen) -> Choices:
    """What there is to choose from."""
    with pen.store.reading() as view:
        lines = view.decided.lines()
        if not lines:
            return Choices()
        titles = _titles(view, lines, sorted({line.row.micro_credential for line in lines}))
        policies = _policies(view, lines)
    named = {kind for one in policies for kind in one.disclosure} - {PROGRAMME, DISTRICT}
    days = [line.row.decided_at.astimezone(UTC).date() for line in lines]
    districts = sorted({line.row.district for line in lines} - {""})
    whom = (PROGRAMME, *((DISTRICT,) if districts else ()), *sorted(named))
    return Choices(titles, tuple(districts), whom, min(days), max(days))


def outlook(pen: Pen, selection: Selection, recipient: Recipient) -> CohortOutlook:
    """What a report would cover and hide. Raises Refused as `cohort_report`."""
    found = _cohort(pen, selection, recipient)
    shown, policy = found.shown_to(recipient), found.policy
    hidden = concealed(shown)
    eligible = [line.row for line in found.taken if recipient.district in ("", line.row.district)]
    waiting = [one for one in eligible if recipient.released_alone(policy) and one.released_at is None]
    return CohortOutlook(
        decided=len(eligible),
        covered=len(found.rows),
        unreleased=len(waiting),
        unearned=len(eligible) - len(waiting) - len(found.rows),
        smallest=policy.smallest_cell,
        counts=hidden.counts,
        few=hidden.few,
        withheld=hidden.withheld,
        empty=isinstance(shown.scored, Hidden),
        earned_alone=recipient.earned_alone(policy),
        released_alone=recipient.released_alone(policy),
    )


def decided_in(lines: Sequence[DecidedLine], selection: Selection) -> list[DecidedLine]:
    """The decisions of a selection.

    Raises Refused where nothing is decided yet, and for a micro-credential or district of which nothing is.
    """
    if not lines:
        raise Refused("Nothing is decided on this desk yet, so there is nothing to report on or export")
    _refuse_unknown(
        "micro-credential", selection.micro_credentials, {one.row.micro_credential for one in lines}
    )
    _refuse_unknown("district", selection.districts, {one.row.district for one in lines} - {""})
    return [line for line in lines if selection.takes(line.row)]


def _refuse_unknown(what: str, wanted: Iterable[str], known: set[str]) -> None:
    for one in wanted:
        if one not in known:
            raise Refused(
                f"Nothing is decided of the {what} “{one}”. There is {', '.join(sorted(known)) or 'none'}"
            )


def _format(name: str) -> CohortFormat:
    if name not in tuple(CohortFormat):
        raise Refused(f"“{name}” is no format of a cohort report; the formats are {', '.join(CohortFormat)}")
    return CohortFormat(name)


def _policies(view: Reading, lines: Iterable[DecidedLine]) -> list[Policy]:
    """The policies that these were decided under, that of the newest decision last."""
    newest: dict[tuple[str, str], None] = {}
    for line in lines:
        newest.pop(line.policy, None)
        newest[line.policy] = None
    return [_policy(view, *key) for key in newest]


def _policy(view: Reading, own_id: str, version: str) -> Policy:
    found = view.published("policy", own_id, version)
    if found is None:
        raise Refused(
            f"The policy {own_id} {version} is not here, which says what may be shown. Sync to fetch it"
        )
    return policy_from_json(found.canonical)


def _titles(view: Reading, lines: Iterable[DecidedLine], wanted: Iterable[str]) -> dict[str, str]:
    """What micro-credentials are called, by the version decided by last."""
    versions = {line.row.micro_credential: line.row.rubric_version for line in lines}
    return {one: _rubric(view, (one, versions[one])).title for one in wanted}


def _rubric(view: Reading, key: RubricKey) -> Rubric:
    found = view.published("rubric", *key)
    if found is None:
        raise Refused(f"The rubric {' '.join(key)} is not here. Sync to fetch it, or leave its reviews out")
    return rubric_from_json(found.canonical)


def _name(selection: Selection, recipient: Recipient, today: str) -> str:
    """A file's name that says of what and for whom, so that reports for several go into one folder."""
    whom = recipient.district or ("" if recipient.kind == PROGRAMME else recipient.kind)
    of = chain(selection.micro_credentials, () if recipient.district else selection.districts)
    period = [f"{word}-{day}" for word, day in (("from", selection.since), ("to", selection.until)) if day]
    said = [*of, *([f"for-{whom}"] if whom else []), *period]
    plain = re.sub(r"[^\w-]+", "-", "-".join(said)).strip("-")[:_LONGEST_NAME]
    return "-".join(filter(None, ("cohort-report", plain, today)))
