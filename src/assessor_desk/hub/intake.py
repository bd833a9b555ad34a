"""Importing a folder of submissions: every file looked at and sealed first, then one transaction.

Importing the same folder again changes nothing; a changed one replaces what differs, and an artifact
keeps its id as long as it comes from the same file.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import sqlalchemy as sa

from assessor_desk.artifacts.kinds import Kind
from assessor_desk.artifacts.preflight import Preflight, unreadable
from assessor_desk.artifacts.vault import Sealed
from assessor_desk.domain.errors import DeskError, Refused
from assessor_desk.domain.submission import Part, submission_id
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.blobs import Blobs
from assessor_desk.hub.destroying import heard, held
from assessor_desk.hub.endings import consent_ended
from assessor_desk.hub.folder import ARTIFACTS_FILE, SUBMISSIONS_FILE, Faults, SubmissionRow, read_folder
from assessor_desk.hub.held_files import keep_replaced, kept_beside
from assessor_desk.hub.hub import Hub, tell_deciders
from assessor_desk.hub.link_capture import Captured, LinkCapture, NotCaptured
from assessor_desk.hub.looks import Looked, compare_looks, found_before, keep_looks, tell_assigned
from assessor_desk.hub.publishing import rubric_ids
from assessor_desk.hub.sweeping import remove_unnamed

Inspect = Callable[..., Preflight]
"""Tells what the file at a path is, called by a name; a third argument is the key of a sealed one."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `warnings` are sentences on files that were let in though they cannot be opened, on new ones
    that were not taken, and on those whose place in a submission under a hold others took.
    """

    new: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    artifacts: int
    links: int
    bytes: int
    warnings: tuple[str, ...] = ()
    captured: int = 0


@dataclass(frozen=True, slots=True)
class _Piece:
    """An artifact to be: a row of artifacts.csv, or the captions that one names."""

    origin: str
    part: Part
    path: Path | None
    label: str
    captions_origin: str
    row: int
    column: str = "file or link"

    @property
    def is_link(self) -> bool:
        return self.path is None

    @property
    def name(self) -> str:
        return PurePosixPath(self.origin.replace("\\", "/")).name if self.path else self.origin

    @property
    def place(self) -> str:
        """Where the folder names it, for sentences about it."""
        return f"{ARTIFACTS_FILE}, row {self.row}, column “{self.column}”"


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was found out about a file."""

    found: Preflight
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class _Behind:
    """What was captured behind a link: sealed already, and looked at."""

    sealed: Sealed
    name: str
    looked: _Looked


_NOTHING = _Looked(Preflight(Kind.OTHER, ""), "", 0)
"""Of a link that nobody captured there is nothing to look at."""


def import_folder(
    hub: Hub,
    folder: Path,
    accept_unreadable: bool = False,
    inspect: Inspect | None = None,
    links: LinkCapture | None = None,
) -> Imported:
    """Import `folder`. `inspect` tells what a file is; by default a worker process does, since files are hostile.

    With `links`, what is behind links is captured where it can be; a link that cannot is told among the warnings, and
    one that was captured before keeps what it had. Raises Faults, with nothing imported, naming file, row and column
    of whatever is wrong: also a file that cannot be opened, unless `accept_unreadable` lets it in for the assessor to
    hand back. Of a submission whose evidence was destroyed here, or without consent, no file is taken; what is new of
    it is told among the warnings. So is a file that takes the place of one that a hold keeps, which stays beside it.
    """
    with hub.database.turn("import"):
        return _import(hub, folder, accept_unreadable, inspect, links)


def _import(
    hub: Hub, folder: Path, accept_unreadable: bool, inspect: Inspect | None, links: LinkCapture | None
) -> Imported:
    with hub.database.reading() as view:
        rows = read_folder(folder, rubric_ids(view))
        _refuse_other_educators(view, rows)
    pieces = {row.key: _pieces(row) for row in rows}
    with _inspecting(inspect) as look:
        looked, complaints = _look_at_all(pieces.values(), look)
        if complaints and not accept_unreadable:
            raise Faults(complaints)
        behind, troubles = _capture_all(hub, pieces.values(), look, links)
    return _keep(hub, rows, pieces, _Gathered(looked, behind), (*complaints, *troubles))


def _capture_all(
    hub: Hub, pieces: Iterable[list[_Piece]], inspect: Inspect, links: LinkCapture | None
) -> tuple[dict[str, _Behind], list[str]]:
    """What is behind the links, by link; and a sentence for each that could not be captured."""
    behind: dict[str, _Behind] = {}
    troubles: list[str] = []
    try:
        for piece in (piece for each in pieces for piece in each if links is not None and piece.is_link):
            if links is not None and piece.origin not in behind:
                try:
                    behind[piece.origin] = _captured(hub, links.capture(piece.origin), inspect)
                except NotCaptured as error:
                    troubles.append(f"{piece.place}: not captured. {error}")
    except BaseException:
        for each in behind.values():
            hub.blobs.remove(each.sealed.digest)
        raise
    return behind, troubles


def _captured(hub: Hub, captured: Captured, inspect: Inspect) -> _Behind:
    """Sealed first, so that nothing of it is ever on the disk in plain; then looked at."""
    content = captured.content
    digest = hashlib.sha256(content).hexdigest()
    sealed = hub.blobs.write(io.BytesIO(content), len(content), digest)
    try:
        with hub.blobs.at_hand(sealed.digest) as path:
            found = inspect(path, captured.name, sealed.key)
    except DeskError as error:
        found = unreadable(error)
    if found.kind is Kind.HTML:
        hub.blobs.remove(sealed.digest)
        raise NotCaptured(f"“{captured.name}” is a page, not a file; ask for the file itself")
    return _Behind(sealed, captured.name, _Looked(found, digest, len(content)))


@contextlib.contextmanager
def _inspecting(inspect: Inspect | None) -> Iterator[Inspect]:
    if inspect is not None:
        yield inspect
        return
    from assessor_desk.artifacts.documents import DocumentsClient

    client = DocumentsClient()
    try:
        yield client.preflight
    finally:
        client.close()


def _refuse_other_educators(view: sa.Connection, rows: Iterable[SubmissionRow]) -> None:
    known = {
        r.key: r.educator_key
        for r in view.execute(sa.select(t.submissions.c.key, t.submissions.c.educator_key))
    }
    faults = [
        f"{SUBMISSIONS_FILE}, row {row.row}, column “educator key”: “{row.key}” was imported for another educator"
        for row in rows
        if known.get(row.key, row.educator_key) != row.educator_key
    ]
    if faults:
        raise Faults(faults)


def _pieces(row: SubmissionRow) -> list[_Piece]:
    """The artifacts of a submission in order, each followed by its captions unless these have a row of
    their own.
    """
    listed = {each.origin for each in row.artifacts}
    pieces = []
    for each in row.artifacts:
        captions = each.captions_origin
        pieces.append(_Piece(each.origin, each.part, each.path, each.label, captions, each.row, each.column))
        if each.captions is not None and captions not in listed:
            pieces.append(_Piece(captions, each.part, each.captions, "Captions", "", each.row, "captions"))
            listed.add(captions)
    return pieces


def _look_at_all(pieces: Iterable[list[_Piece]], inspect: Inspect) -> tuple[dict[Path, _Looked], list[str]]:
    looked: dict[Path, _Looked] = {}
    complaints: list[str] = []
    for piece in (piece for each in pieces for piece in each):
        if piece.path is not None and piece.path not in looked:
            looked[piece.path], words = _look_at(piece.path, piece.name, inspect)
            complaints += [f"{piece.place}: {each.rstrip('.')}" for each in words]
    return looked, complaints


def _look_at(path: Path, name: str, inspect: Inspect) -> tuple[_Looked, tuple[str, ...]]:
    """The digest first: whatever changes from here on is noticed when the file is sealed, or below."""
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        found = inspect(path, name)
    except DeskError as error:
        found = unreadable(error)
    if _state(path) != (before.st_size, before.st_mtime_ns):
        raise _changed(name)
    return _Looked(found, digest, before.st_size), found.faults


def _state(path: Path) -> tuple[int, int] | None:
    try:
        now = path.stat()
    except FileNotFoundError:
        return None
    return now.st_size, now.st_mtime_ns


def _changed(name: str) -> Faults:
    return Faults([f"The file “{name}” changed while it was imported. Import again when nobody writes to it"])


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What was found out: of files by their path, of links by their address."""

    looked: Mapping[Path, _Looked]
    behind: Mapping[str, _Behind]

    def of(self, piece: _Piece) -> _Looked | None:
        """What was found out about a piece, if anything was looked at."""
        if piece.path is not None:
            return self.looked[piece.path]
        behind = self.behind.get(piece.origin)
        return behind.looked if behind else None


def _keep(
    hub: Hub,
    rows: Iterable[SubmissionRow],
    pieces: Mapping[str, list[_Piece]],
    gathered: _Gathered,
    warnings: tuple[str, ...],
) -> Imported:
    """Seal what is new, then write everything at once; what was sealed is removed again should that fail."""
    rows = list(rows)
    sealed: list[Sealed] = [each.sealed for each in gathered.behind.values()]
    try:
        plans = [_plan(hub, row, pieces[row.key], gathered) for row in rows]
        for plan in plans:
            for blob in _seal_new(hub, plan):
                sealed.append(blob)  # noqa: PERF402 - one by one: what came before a full disk is removed too
        used = {artifact["blob"] for plan in plans for artifact in plan.artifacts}
        for unused in [each for each in sealed if each.digest not in used]:
            # The link gives what it gave before, which is kept.
            sealed.remove(unused)
            hub.blobs.remove(unused.digest)
    except BaseException:
        for each in sealed:
            hub.blobs.remove(each.digest)
        raise
    try:
        plans, new, changed, unchanged = _write(hub, plans, sealed)
    except BaseException:
        remove_unnamed(hub, hub.blobs, [each.digest for each in sealed])
        raise
    files = [a for plan in plans for a in plan.artifacts]
    captured = sum(1 for a in files if a["link"] and a["sha256"])
    links = sum(1 for a in files if a["link"]) - captured
    total = sum(a["size"] for a in files)
    told = (*warnings, *(words for plan in plans for words in plan.told))
    return Imported(new, changed, unchanged, len(files) - links, links, total, told, captured)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The rows that one submission will have, beside those it has. `paths`: artifact id → file still to be
    sealed.
    """

    id: str
    key: str
    known: Mapping[str, Any] | None
    submission: dict[str, Any]
    artifacts: list[dict[str, Any]]
    known_artifacts: list[dict[str, Any]]
    paths: dict[str, Path]
    found: dict[str, Preflight]
    #: What each artifact comes from, by its id.
    pieces: Mapping[str, _Piece]
    #: Why no file of it is taken; empty where files are.
    takes_nothing: str = ""
    #: A sentence for each new file that is not taken, and each that takes the place of one that is kept.
    told: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing differs from what the hub has."""
        present = [dict(a) for a in self.known_artifacts if not a["removed"]]
        own = self.known and {
            k: v for k, v in self.known.items() if k not in ("imported_at", "consent_withdrawn_at")
        }
        return own == self.submission and present == self.artifacts


def _plan(hub: Hub, row: SubmissionRow, pieces: list[_Piece], gathered: _Gathered) -> _Plan:
    own_id = submission_id(hub.identity, row.key)
    with hub.database.reading() as view:
        known = view.execute(sa.select(t.submissions).where(t.submissions.c.id == own_id)).mappings().first()
        query = sa.select(t.artifacts).where(t.artifacts.c.submission_id == own_id, sa.not_(kept_beside()))
        artifacts = [dict(a) for a in view.execute(query.order_by(t.artifacts.c.position)).mappings()]
        why = _takes_nothing(view, own_id, row.key)
        seen = found_before(view, own_id)
    ids = _ids(pieces, artifacts)
    before = {a["id"]: a for a in artifacts if a["link"] and a["sha256"]}
    planned = [
        _artifact_row(own_id, position, piece, ids, gathered, before.get(ids[piece.origin]))
        for position, piece in enumerate(pieces)
    ]
    blobs = {(a["id"], a["sha256"]): a["blob"] for a in artifacts if a["blob"]}
    paths = {}
    for each, piece in zip(planned, pieces):
        each["blob"] = blobs.get((each["id"], each["sha256"]))
        if each["blob"] is None and piece.origin in gathered.behind:
            each["blob"] = gathered.behind[piece.origin].sealed.digest
        if piece.path is not None and each["blob"] is None:
            paths[each["id"]] = piece.path
    plan = _Plan(
        own_id,
        row.key,
        None if known is None else dict(known),
        _submission_row(own_id, row, known),
        planned,
        artifacts,
        paths,
        {
            each["id"]: found
            for each, piece in zip(planned, pieces)
            if (found := _found(gathered.of(piece), seen.get((each["id"], each["sha256"])))) is not None
        },
        {ids[piece.origin]: piece for piece in pieces},
    )
    return _without_files(plan, why) if why else plan


def _found(looked: _Looked | None, before: Preflight | None) -> Preflight | None:
    """What a link gave when it was captured earlier was looked at then."""
    return before if looked is None else looked.found


def _without_files(plan: _Plan, why: str) -> _Plan:
    """What was destroyed stays so, whatever its folder brings, also another file; and nothing is taken without consent.
    What is here stays as it is then: a hold may keep it.
    """
    had = {(a["id"], a["sha256"]) for a in plan.known_artifacts}
    return replace(
        plan,
        artifacts=[dict(a) for a in plan.known_artifacts if not a["removed"]],
        paths={},
        found={},
        takes_nothing=why,
        told=tuple(
            f"{plan.pieces[each['id']].place}: not taken. {why}"
            for each in plan.artifacts
            if each["sha256"] and (each["id"], each["sha256"]) not in had
        ),
    )


def _takes_nothing(view: sa.Connection, own_id: str, key: str) -> str:
    """Why no file of a submission is taken any more; empty where files are."""
    s, ended = t.submissions.c, t.evidence_ended.c
    known = view.execute(sa.select(s.consent_withdrawn_at).where(s.id == own_id)).first()
    withdrawn = consent_ended(view, own_id) if known is None else known.consent_withdrawn_at
    if withdrawn is not None:
        return f"The educator of {key} withdrew their consent"
    over = view.execute(sa.select(ended.at).where(ended.submission_id == own_id)).first()
    return "" if over is None else f"The evidence of {key} was destroyed here on {over.at:%Y-%m-%d}"


def _submission_row(own_id: str, row: SubmissionRow, known: Mapping[Any, Any] | None) -> dict[str, Any]:
    """What the table does not say of an agreement leaves standing what was said before, also by `hub agreement`."""
    agreed = row.disclosure_agreed
    if agreed is None:
        agreed = known is not None and known["disclosure_agreed"]
    return {
        "id": own_id,
        "key": row.key,
        "rubric_id": row.rubric_id,
        "attempt": row.attempt,
        "draft": row.draft,
        "language": row.language,
        "permission_attested": row.permission_attested,
        "educator_key": row.educator_key,
        "educator_name": row.name,
        "district": row.district,
        "email": row.email,
        "state_educator_id": row.state_educator_id,
        "disclosure_agreed": agreed,
    }


def _artifact_row(
    own_id: str,
    position: int,
    piece: _Piece,
    ids: Mapping[str, str],
    gathered: _Gathered,
    before: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """`before` is what a link gave when it was captured earlier: that stands where it was not captured again."""
    looked = gathered.of(piece)
    behind = gathered.behind.get(piece.origin) if piece.is_link else None
    facts = looked or _NOTHING
    row = {
        "submission_id": own_id,
        "id": ids[piece.origin],
        "position": position,
        "origin": piece.origin,
        "part": piece.part.value,
        "name": behind.name if behind else piece.name,
        "label": piece.label,
        "media_type": facts.found.media_type,
        "size": facts.size,
        "sha256": facts.sha256,
        "link": "" if piece.path is not None else piece.origin,
        "captions": ids.get(piece.captions_origin, ""),
        "blob": None,
        "removed": False,
    }
    if piece.is_link and looked is None and before is not None:
        row |= {each: before[each] for each in ("name", "media_type", "size", "sha256")}
    return row


def _ids(pieces: list[_Piece], known: list[dict[str, Any]]) -> dict[str, str]:
    """`work-1`, `work-2`, …; an id stays with its file, and is not given again once that is gone."""
    ids = {a["origin"]: a["id"] for a in known}
    for piece in (piece for piece in pieces if piece.origin not in ids):
        taken = sum(1 for each in ids.values() if each.rpartition("-")[0] == piece.part.value)
        ids[piece.origin] = f"{piece.part.value}-{taken + 1}"
    return ids


def _seal_new(hub: Hub, plan: _Plan) -> Iterator[Sealed]:
    for artifact in plan.artifacts:
        path = plan.paths.get(artifact["id"])
        if path is None:
            continue
        blob = _seal(hub.blobs, path, artifact)
        artifact["blob"] = blob.digest
        yield blob


def _seal(blobs: Blobs, path: Path, artifact: Mapping[str, Any]) -> Sealed:
    """Seal a file if it still is what was looked at. Raises Faults, with nothing kept, if it is not."""
    try:
        with path.open("rb") as source:
            return blobs.write(source, artifact["size"], artifact["sha256"])
    except (FileNotFoundError, Refused) as error:
        raise _changed(artifact["origin"]) from error


def _write(
    hub: Hub, plans: list[_Plan], sealed: list[Sealed]
) -> tuple[list[_Plan], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Write the plans, and return them as they were written: consent or an agreement may have been withdrawn, or a
    hold placed, since they were made.
    """
    new: list[str] = []
    changed: list[str] = []
    unchanged: list[str] = []
    with hub.database.reading() as view:
        compared = compare_looks(view, _found_in(plans))
    with hub.database.writing() as work:
        plans = [_as_it_stands(work, plan) for plan in plans]
        taken = {artifact["blob"] for plan in plans for artifact in plan.artifacts}
        keys = [{"digest": s.digest, "length": s.length, "key": s.key} for s in sealed if s.digest in taken]
        if keys:
            work.execute(sa.insert(t.blobs), keys)
        for place, plan in enumerate(plans):
            if plan.same:
                unchanged.append(plan.key)
                continue
            (changed if plan.known else new).append(plan.key)
            plans[place] = _write_plan(work, plan, hub)
        keep_looks(work, _found_in(plans), compared)
        imported = {*new, *changed}
        lines = (Line(Act.IMPORTED, submission=plan.id) for plan in plans if plan.key in imported)
        append(work, hub.clock(), *lines)
    remove_unnamed(hub, hub.blobs, [each.digest for each in sealed if each.digest not in taken])
    return plans, tuple(new), tuple(changed), tuple(unchanged)


def _found_in(plans: Iterable[_Plan]) -> list[Looked]:
    """What was found in the files of those that are to be written."""
    written = (plan for plan in plans if not plan.same and not plan.takes_nothing)
    return [Looked.of(plan.submission, plan.artifacts, plan.found) for plan in written]


def _as_it_stands(work: sa.Connection, plan: _Plan) -> _Plan:
    if plan.same:
        return plan
    plan = _with_agreement(work, plan)
    if plan.takes_nothing:
        return plan
    why = _takes_nothing(work, plan.id, plan.key)
    return _without_files(plan, why) if why else plan


def _with_agreement(work: sa.Connection, plan: _Plan) -> _Plan:
    """What `hub agreement` recorded since the plan was made is newer than the table, whatever that says."""
    if plan.known is None:
        return plan
    own = t.submissions.c
    agreed = work.execute(sa.select(own.disclosure_agreed).where(own.id == plan.id)).scalar_one()
    if agreed == plan.known["disclosure_agreed"]:
        return plan
    said = {"disclosure_agreed": agreed}
    return replace(plan, known={**plan.known, **said}, submission={**plan.submission, **said})


def _write_plan(work: sa.Connection, plan: _Plan, hub: Hub) -> _Plan:
    """Write it. Returns it with what is to be told of files that are kept beside those that came."""
    values = {**plan.submission, "imported_at": hub.clock()}
    if plan.known is None:
        withdrawn = consent_ended(work, plan.id)
        work.execute(sa.insert(t.submissions).values(**values, consent_withdrawn_at=withdrawn))
    else:
        work.execute(sa.update(t.submissions).where(t.submissions.c.id == plan.id).values(**values))
    if not plan.takes_nothing:
        plan = _write_artifacts(work, plan, _why_kept(work, plan.id, hub.clock()))
    tell_assigned(work, plan.id)
    tell_deciders(work, plan.id)
    return plan


def _why_kept(work: sa.Connection, own_id: str, now: datetime) -> str:
    """For how long a file stays that another takes the place of; empty where it goes."""
    if heard(work, own_id):
        return "with the evidence, as a review was made of it"
    return "while the hold stands" if held(work, own_id, now) else ""


def _write_artifacts(work: sa.Connection, plan: _Plan, why_kept: str) -> _Plan:
    replaced = keep_replaced(work, plan.id, plan.artifacts) if why_kept else set()
    known = {a["id"] for a in plan.known_artifacts}
    artifacts = t.artifacts.c
    work.execute(sa.update(t.artifacts).where(artifacts.submission_id == plan.id).values(removed=True))
    for row in plan.artifacts:
        if row["id"] in known:
            which = (artifacts.submission_id == plan.id, artifacts.id == row["id"])
            work.execute(sa.update(t.artifacts).where(*which).values(**row))
        else:
            work.execute(sa.insert(t.artifacts).values(**row))
    told = (
        f"{plan.pieces[each['id']].place}: taken. The file before it is kept {why_kept}; whoever is assigned is sent "
        "this one"
        for each in plan.artifacts
        if each["id"] in replaced
    )
    return replace(plan, told=(*plan.told, *told))
