"""Copies of many submissions' packets, decisions and reports in one folder: deliberate, and each of them recorded.

Packets and decisions leave as they were sealed, with the hub's receipt beside the signature, so that anybody can verify
them. A report is made anew from its decision and says word for word what was released; its PDF bears no seal.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.desk.choosing import GatheringOutlook
from assessor_desk.desk.cohort import decided_in
from assessor_desk.desk.deciding import packet_bytes
from assessor_desk.desk.outgoing import refuse_elsewhere
from assessor_desk.desk.releasing import made_reports, report_order
from assessor_desk.domain.errors import DeskError, Refused, sentence
from assessor_desk.domain.exports import Gathered
from assessor_desk.keys.private_files import write_privately
from assessor_desk.packets.receiving import with_receipt
from assessor_desk.reports.many import ReportOrder
from assessor_desk.verdict.archive import parse_archive

if TYPE_CHECKING:
    from assessor_desk.artifacts.vault import Vault
    from assessor_desk.desk.pen import Pen
    from assessor_desk.domain.cohort import Selection
    from assessor_desk.store.deciding import ReleaseLine
    from assessor_desk.store.lines import OutboxLine
    from assessor_desk.store.reading import Reading


@dataclass(frozen=True, slots=True)
class GatheringProgress:
    """Where an export of many stands: `done` of `total`, the last of them about submission `key`."""

    done: int
    total: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Gathering:
    """What an export of many wrote, and what it could not and why, by the submission's key.

    `done` are kind and submission of everything that was seen to, so that it can be gone on with where it stopped.
    """

    paths: tuple[Path, ...] = ()
    troubles: tuple[tuple[str, str], ...] = ()
    stopped: bool = False
    done: frozenset[tuple[Gathered, str]] = frozenset()


Files = Mapping[str, bytes]
Told = tuple[str, str, "Files | DeskError"]
"""Id and key of a submission with its files by name, or why there are none."""


@dataclass(frozen=True, slots=True)
class _Source:
    """What is exported from."""

    pen: Pen
    vault: Vault
    stop: threading.Event


def selected(pen: Pen, selection: Selection) -> list[str]:
    """The submissions of a selection, in the order in which they were decided. Raises Refused as `decided_in`."""
    with pen.store.reading() as view:
        return [line.submission_id for line in decided_in(view.decided.lines(), selection)]


def outlook(pen: Pen, selection: Selection) -> GatheringOutlook:
    """What an export of a selection would bring. Raises Refused as `decided_in`."""
    with pen.store.reading() as view:
        lines = decided_in(view.decided.lines(), selection)
    released = sum(line.row.released_at is not None for line in lines)
    return GatheringOutlook(tuple(line.submission_id for line in lines), released)


def export_selection(
    pen: Pen,
    vault: Vault,
    submission_ids: Sequence[str],
    out: Path,
    what: Iterable[str],
    progress: Callable[[GatheringProgress], None],
    stop: threading.Event,
    before: Gathering | None = None,
) -> Gathering:
    """Write what is asked for of these submissions, each kind into a folder of its name within `out`.

    Exporting again replaces each file by one that says the same; with what a stopped run answered as `before`, only
    what is left is written. Raises Refused for an unknown kind, Unavailable where `out` cannot be written: what was
    written until then stays, and is recorded.
    """
    kinds = [_kind(one) for one in dict.fromkeys(what)]
    wanted = tuple(dict.fromkeys(submission_ids))
    run = _Run(pen, out, before or Gathering(), len(kinds) * len(wanted), progress)
    for kind in kinds:
        left = [one for one in wanted if (kind, one) not in run.done]
        with closing(_MAKERS[kind](_Source(pen, vault, stop), left)) as made:
            for told in made:
                if stop.is_set():
                    break
                run.take(kind, told)
    return Gathering(tuple(run.paths), tuple(run.troubles), stop.is_set(), frozenset(run.done))


class _Run:
    """One export under way, gone on with after what an earlier one did."""

    def __init__(
        self,
        pen: Pen,
        out: Path,
        before: Gathering,
        total: int,
        progress: Callable[[GatheringProgress], None],
    ) -> None:
        self._pen, self._out, self._total, self._progress = pen, out, total, progress
        self.paths, self.troubles, self.done = list(before.paths), list(before.troubles), set(before.done)
        progress(GatheringProgress(len(self.done), total))

    def take(self, kind: Gathered, told: Told) -> None:
        submission_id, key, files = told
        if isinstance(files, DeskError):
            self.troubles.append((key, sentence(files)))
        else:
            self.paths += _write(self._pen, submission_id, kind, self._out / kind, files)
        self.done.add((kind, submission_id))
        self._progress(GatheringProgress(len(self.done), self._total, key))


def _kind(name: str) -> Gathered:
    if name not in tuple(Gathered):
        raise Refused(f"“{name}” cannot be exported of a selection; there are {', '.join(Gathered)}")
    return Gathered(name)


def _write(pen: Pen, submission_id: str, kind: Gathered, folder: Path, files: Files) -> list[Path]:
    paths = [folder / name for name in files]
    for path, content in zip(paths, files.values(), strict=True):
        write_privately(path, content)
    with pen.store.transaction() as work:
        for path in paths:
            work.record_export(submission_id, kind, str(path), pen.clock())
        work.commit()
    return paths


# -- packets and decisions ---------------------------------------------------------------------------------


def _each(
    source: _Source, submission_ids: Iterable[str], files_of: Callable[[_Source, str, str], Files]
) -> Generator[Told]:
    for submission_id in submission_ids:
        with source.pen.store.reading() as view:
            key = _key(view, submission_id)
        try:
            yield submission_id, key, files_of(source, submission_id, key)
        except DeskError as trouble:
            yield submission_id, key, trouble


def _key(view: Reading, submission_id: str) -> str:
    found = view.submission(submission_id)
    if found is None:
        raise Refused(f"There is no submission {submission_id} on this desk")
    return found.key


def _refuse_recalled(view: Reading, submission_id: str, key: str) -> None:
    why = view.aside_for(submission_id)
    if why is not None and why.removes_evidence:
        raise Refused(f"{key} is not exported: {why.words}")


def _packets(source: _Source, submission_id: str, key: str) -> Files:
    with source.pen.store.reading() as view:
        _refuse_recalled(view, submission_id, key)
        lines = [line for line in view.deciding.of(submission_id) if line.here]
    if not any(line.held for line in lines):
        raise Refused(lines[0].verdict if lines else f"No packet of {key} has been delivered")
    held = [line for line in lines if line.held]
    return dict(_as_bag(packet_bytes(source.vault, line), line.receipt, line.time_stamp) for line in held)


def _decisions(source: _Source, submission_id: str, key: str) -> Files:
    with source.pen.store.reading() as view:
        _refuse_recalled(view, submission_id, key)
        lines = _sealed(view, submission_id)
    if not lines:
        raise Refused(f"{key} is not decided yet")
    return dict(_as_bag(_content(line), line.receipt, line.time_stamp) for line in lines)


def _sealed(view: Reading, submission_id: str) -> list[OutboxLine]:
    """The decisions sealed here, oldest first."""
    return [line for review in view.reviews(submission_id) for line in view.all_outbox_of(review.id)]


def _content(line: OutboxLine) -> bytes:
    refuse_elsewhere(line, "The decision")
    with open_sealed(line.path, line.key, "the sealed decision") as reader:
        return reader.read()


def _as_bag(content: bytes, receipt: bytes, time_stamp: bytes) -> tuple[str, bytes]:
    whole = with_receipt(content, receipt, time_stamp or None) if receipt else content
    return f"{parse_archive(content).top}.zip", whole


# -- reports -----------------------------------------------------------------------------------------------


def _reports(source: _Source, submission_ids: Iterable[str]) -> Generator[Told]:
    """Those that cannot be made come first."""
    ready: list[tuple[str, str]] = []
    orders: list[ReportOrder] = []
    for submission_id in submission_ids:
        with source.pen.store.reading() as view:
            key = _key(view, submission_id)
            try:
                orders.append(_as_released(source.pen, view, submission_id, key))
            except DeskError as trouble:
                yield submission_id, key, trouble
                continue
        ready.append((submission_id, key))
    with closing(made_reports(orders, source.stop)) as made:
        for (submission_id, key), report in zip(ready, made, strict=False):
            files = {f"{_plain(key)}-feedback.{one}": content for one, content in report.files.items()}
            yield submission_id, key, files


def _as_released(pen: Pen, view: Reading, submission_id: str, key: str) -> ReportOrder:
    _refuse_recalled(view, submission_id, key)
    standing, released = pen.look(view, submission_id), view.deciding.releases(submission_id)
    if not released:
        raise Refused(f"The report on {key} is not released yet")
    line = _line_of(released[-1], _sealed(view, submission_id))
    seal = standing.decision.seal if standing.decision else None
    if line is None or seal is None or seal.digest != line.digest:
        raise Refused(
            f"{key} was decided anew after its report was released, so that one is not made again. Release the new one"
        )
    return report_order(standing, line, view.deciding.recipient(submission_id), released[-1].at)


def _line_of(released: ReleaseLine, sealed: Iterable[OutboxLine]) -> OutboxLine | None:
    return next((line for line in sealed if line.digest == released.decision), None)


def _plain(key: str) -> str:
    """A key as part of a file name. It comes from the source, and must not lead out of the folder."""
    return re.sub(r"[^\w.-]+", "-", key)


_MAKERS: Mapping[Gathered, Callable[[_Source, Sequence[str]], Generator[Told]]] = {
    Gathered.PACKETS: lambda source, ids: _each(source, ids, _packets),
    Gathered.DECISIONS: lambda source, ids: _each(source, ids, _decisions),
    Gathered.REPORTS: _reports,
}
