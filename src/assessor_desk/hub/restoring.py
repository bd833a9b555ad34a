"""Putting a hub back from a back-up: into an empty folder, or over the hub that is there, also while it serves.

Everything in the back-up is read before anything is touched. Over a hub that can be opened, what it holds is kept aside
as a back-up of its own; files that it lacks are put in place; then one transaction takes the back-up's rows instead of
its own, so that it is restored or it is not. What others rely on never goes back: the audit log; who is enrolled, who
was certified and who was revoked; the authority with its lists; badges and how they are issued, published documents
and assignments, which are signed and out in the world; consent that was withdrawn, and recusals; who comes by stick;
copies of keys that people left or took back. A hub that is damaged is moved aside whole: of these things at most its
authority tells, so that whoever restores has to say who was revoked since (docs/decisions/0279). Either way a new epoch
begins, by which desks notice (docs/decisions/0174).
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Head, Line, append
from assessor_desk.hub.back_up import back_up, telling_of_room, unpacked
from assessor_desk.hub.badge_papers import BADGE_FACTS, issues_badges, renew_status, sign_issuer_again
from assessor_desk.hub.database import Database
from assessor_desk.hub.database_file import DATABASE_FILE, FileHome
from assessor_desk.hub.destroying import destroy_again, finish
from assessor_desk.hub.endings import Endings, carry_over, endings_of
from assessor_desk.hub.endings_kept import UNTOLD, Since, refuse_untold, take_endings
from assessor_desk.hub.hub import TRUST_FILES, Clock, Hub, note_change, utc_now
from assessor_desk.hub.kept import SECRETS, Kept, opened
from assessor_desk.hub.publishing import PHRASES
from assessor_desk.hub.server_back_up import DUMP, is_on_servers, restore_on_servers
from assessor_desk.hub.stick_desks import what_is_remembered
from assessor_desk.hub.sweeping import IMPORT, KEEPING, count_as_swept
from assessor_desk.hub.timeline import begin_epoch
from assessor_desk.hub.whereabouts import KEY_FILE, Whereabouts, key_is_told, key_of, whereabouts_of
from assessor_desk.keys.newer_authority import keep_newer_issuing
from assessor_desk.keys.private_files import flush_folder, write_privately

#: What goes on in a hub whatever it is restored to; of the second kind what only the back-up has comes in addition, of
#: the third it goes as the back-up says, but what was signed since stays: desks have it, and answer it.
_GOES_ON = {
    table.name for table in (t.audit, t.audit_head, t.tries, t.codes, t.allowances, t.key_copies)
}  # fmt: skip
_ADDED_TO = {
    table.name
    for table in (
        t.people, t.devices, t.certificates, t.badges, t.entry_batches, t.destructions,
        t.retention_holds, t.evidence_ended, t.ended_blobs, t.endings,
    )
}  # fmt: skip
_STAYS = {t.documents.name, t.assignments.name}
#: Goes where its submission does.
_WITH_A_SUBMISSION = {t.artifacts.name, t.looks.name, t.renditions.name}
#: What a person would miss, by what names each. A submission without consent stays.
_MISSED = {
    "submissions": sa.select(t.submissions.c.key).where(t.submissions.c.consent_withdrawn_at.is_(None)),
    "deliveries": sa.select(t.packets.c.digest),
    "releases": sa.select(t.releases.c.decision),
}
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Gone:
    """What the hub has and the back-up has not: how many of a kind, and the first few of them."""

    kind: str
    count: int
    some: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restoring:
    """What a back-up brings back and what would be gone; `over` says what is in the folder now."""

    name: str
    made_at: datetime
    title: str
    counts: Mapping[str, int]
    over: str  # nothing | a hub | a damaged hub
    gone: tuple[Gone, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done: `aside` is where the hub that was there is kept, None where none was."""

    restoring: Restoring
    aside: Path | None
    audit_lines: int


@dataclass(frozen=True, slots=True)
class Secrets:
    """The passphrases that restoring may ask for: the authority's, and the back-up's own."""

    authority: str | None = None
    kept: str | None = None


def look(folder: Path, place: Path, given: Secrets = Secrets(), clock: Clock = utc_now) -> Restoring:
    """What restoring `place` into `folder` would do; nothing is changed. Everything in the back-up is read.

    Raises Refused where it is of another hub or its passphrase is wrong, Damaged where it is not whole.
    """
    with _ready(folder, place, given, clock) as ready:
        return ready.restoring


def restore(
    folder: Path, place: Path, given: Secrets = Secrets(), clock: Clock = utc_now, since: Since = UNTOLD
) -> Restored:
    """Restore `place` into `folder`. Raises as `look`, and NoRoom or Unavailable for the disk: nothing is changed.

    Into an empty place, and over a damaged hub, `since` has to tell who was revoked since the back-up: raises Refused
    where nothing does.
    """
    if is_on_servers(whereabouts_of(folder)):
        told = restore_on_servers(folder, place, given.kept, given.authority, clock, since)
        restoring = Restoring(told.name, told.made_at, told.title, told.counts, "nothing", (), told.missing)
        return Restored(restoring, None, Head.parse(told.audit).seq + 1)
    with _ready(folder, place, given, clock) as ready:
        if ready.hub is not None:
            return _in_place(ready, ready.hub)
        refuse_untold(since, ready.restoring.made_at)
        return _anew(ready, given, since)


@dataclass(frozen=True)
class _Ready:
    """A verified back-up, its database unpacked in `stage` and brought up to date, and the hub that is there."""

    folder: Path
    stage: Path
    kept: Kept
    key: str
    papers: Mapping[str, bytes]
    hub: Hub | None
    restoring: Restoring
    clock: Clock


@contextlib.contextmanager
def _ready(folder: Path, place: Path, given: Secrets, clock: Clock) -> Iterator[_Ready]:
    with opened(place) as kept, contextlib.ExitStack() as closing:
        if DUMP in kept.manifest.files:
            raise Refused(
                f"{kept} is of a hub on servers. Name an empty database and a place for its files, as “init” is told"
            )
        hub, over = _what_is_there(folder, given, clock)
        if hub is not None:
            closing.callback(hub.close)
            _refuse_another(hub, kept)
        papers = _papers(kept, given)
        kept.verify()
        stage = closing.enter_context(_staging(folder))
        key = _unpack_database(kept, stage, papers, clock)
        gone = () if hub is None else _gone(hub, stage, key)
        told = kept.manifest
        restoring = Restoring(told.name, told.made_at, told.title, told.counts, over, gone, told.missing)
        yield _Ready(folder, stage, kept, key, papers, hub, restoring, clock)


def _refuse_elsewhere(folder: Path) -> None:
    if whereabouts_of(folder) != Whereabouts():
        raise Refused(
            "This hub keeps its database and files on servers, where a back-up is restored into an empty database "
            "alone: there is nothing to preview"
        )


def _what_is_there(folder: Path, given: Secrets, clock: Clock) -> tuple[Hub | None, str]:
    """The hub in the folder where it can be opened. Raises Refused for something that is no hub."""
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} is a file. Name a new folder, or that of the hub")
    _refuse_elsewhere(folder)
    if not folder.exists() or not any(folder.iterdir()):
        return None, "nothing"
    if not any((folder / name).exists() for name in (DATABASE_FILE, KEY_FILE, "authority")):
        raise Refused(f"{folder} is not empty and holds no hub. Name a new folder, or that of the hub")
    if not (folder / DATABASE_FILE).is_file():
        return None, "a damaged hub"
    try:
        hub = Hub.open(folder, given.authority, clock)
    except Damaged:
        return None, "a damaged hub"
    try:
        _refuse_torn(hub)
    except Damaged:
        hub.close()
        return None, "a damaged hub"
    return hub, "a hub"


def _refuse_torn(hub: Hub) -> None:
    """Raises Damaged where pages of the database are not what was written, or do not belong together."""
    with hub.database.reading() as view:
        torn = list(view.exec_driver_sql("PRAGMA cipher_integrity_check").scalars())
        said = view.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if torn or said != "ok":
        raise Damaged(f"{DATABASE_FILE} in {hub.folder} is damaged")


def _refuse_another(hub: Hub, kept: Kept) -> None:
    if kept.manifest.identity != hub.identity:
        raise Refused(
            f"{kept} is a back-up of another hub, “{kept.manifest.title}”, and {hub.folder} holds “{hub.title}”. "
            "Restore it into an empty folder"
        )


def _papers(kept: Kept, given: Secrets) -> dict[str, bytes]:
    """The hub's small files, those among the wrapped ones. Raises Refused for a missing or wrong passphrase."""
    papers = {name: kept.read(name) for name in kept.manifest.files if name != DATABASE_FILE}
    wrapped = papers.pop(SECRETS, None)
    if wrapped is None:
        return papers
    if given.kept is None:
        raise Refused(f"{kept} was made with a passphrase. Name a file with it: --back-up-passphrase-file")
    return papers | unpacked(kept, given.kept)


@contextlib.contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """A folder beside the hub's, gone afterwards whatever happens; one that was killed is removed by the next."""
    with telling_of_room(folder.parent):
        folder.parent.mkdir(parents=True, exist_ok=True)
        for leftover in folder.parent.glob(f".{folder.name}.restoring-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        stage = folder.parent / f".{folder.name}.restoring-{secrets.token_hex(4)}"
        stage.mkdir(mode=0o700)
        try:
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def _unpack_database(kept: Kept, stage: Path, papers: Mapping[str, bytes], clock: Clock) -> str:
    """Put the back-up's database into `stage` and migrate it; its key. Raises Damaged where it does not open."""
    key = papers.get(KEY_FILE, b"").decode("ascii", "replace").strip() or (
        key_of(stage) if key_is_told() else ""
    )
    if not key:
        raise Refused(f"{kept} was made without the hub's key. Give it as the hub is given it")
    with kept.open(DATABASE_FILE) as content, (stage / DATABASE_FILE).open("wb") as target:
        shutil.copyfileobj(content, target)
    write_privately(stage / KEY_FILE, key.encode())
    database = Database(stage)
    try:
        database.migrate(clock())
    finally:
        database.close()
    for before in stage.glob("hub-*.db"):
        before.unlink()  # the back-up itself is what the migration set out from
    return key


def _gone(hub: Hub, stage: Path, key: str) -> tuple[Gone, ...]:
    """What the hub has that the back-up has not."""
    home = FileHome(stage, key)
    try:
        with hub.database.reading() as now, home.reading() as then:
            lost = {kind: _missed(now, then, own) for kind, own in _MISSED.items()}
    finally:
        home.engine.dispose()
    return tuple(Gone(kind, len(names), tuple(names[:_NAMED])) for kind, names in lost.items() if names)


def _missed(now: sa.Connection, then: sa.Connection, own: sa.Select[Any]) -> list[str]:
    present, past = (set(view.execute(own).scalars()) for view in (now, then))
    return sorted(present - past)


# -- over a hub ----------------------------------------------------------------------------------------------


def _in_place(ready: _Ready, hub: Hub) -> Restored:
    aside = hub.folder.with_name(f"{hub.folder.name}-before-restore")
    kept = back_up(hub, aside, link=True)
    with hub.database.turn(IMPORT), hub.database.turn(KEEPING), telling_of_room(hub.folder):
        _put_files(ready, hub.folder)
        _take_rows(ready, hub)
    finish(hub)
    hub.renew_trust()
    if issues_badges(hub):
        sign_issuer_again(hub)
        renew_status(hub)
    return Restored(ready.restoring, kept.place, _audit_lines(hub))


def _put_files(ready: _Ready, folder: Path) -> None:
    """The sealed files that the folder lacks. Until a row names them nothing has changed."""
    told = ready.kept.manifest
    for place, digests in (("blobs", told.blobs), ("packets", told.packets)):
        for digest, length in digests.items():
            path = folder / place / digest[:2] / digest
            if path.is_file() and path.stat().st_size == length:
                continue
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with ready.kept.open_sealed(digest) as content:
                write_privately_from(path, content)


def _take_rows(ready: _Ready, hub: Hub) -> None:
    """The back-up's rows in place of the hub's own, in one transaction."""
    with hub.database.home.telling(), hub.database.home.writing() as work:
        raw = work.connection.driver_connection
        assert raw is not None
        raw.execute(f"ATTACH DATABASE ? AS kept KEY \"x'{ready.key}'\"", (str(ready.stage / DATABASE_FILE),))
        try:
            with work.begin():
                ended = endings_of(work)
                work.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
                for table in t.metadata.sorted_tables:
                    if table.name not in _GOES_ON:
                        _take_table(work, table)
                _without_their_submission(work)
                _tell_of_those_that_stay(work)
                _began(work, ready, ended, hub.clock())
        finally:
            raw.execute("DETACH DATABASE kept")


def _take_table(work: sa.Connection, table: sa.Table) -> None:
    names = [column.name for column in table.columns]
    kept = sa.table(table.name, *map(sa.column, names), schema="kept").alias("kept_then")
    ours = sa.tuple_(*table.primary_key.columns)
    theirs = [kept.c[column.name] for column in table.primary_key.columns]
    rows = sa.select(kept)
    if table.name in _ADDED_TO:
        rows = rows.where(sa.tuple_(*theirs).not_in(sa.select(*table.primary_key.columns)))
    elif table.name == t.facts.name:
        # How badges are issued goes on with their keys and papers, and who comes by stick as a computer: both stay.
        goes = sa.not_(sa.or_(table.c.name.in_(BADGE_FACTS), what_is_remembered()))
        work.execute(sa.delete(table).where(goes))
        rows = rows.where(sa.tuple_(*theirs).not_in(sa.select(*table.primary_key.columns)))
    elif table.name == t.submissions.name:
        work.execute(sa.delete(table).where(table.c.id.not_in(_staying())))
    elif table.name in _WITH_A_SUBMISSION:
        work.execute(sa.delete(table).where(table.c.submission_id.not_in(_staying())))
    elif table.name == t.blobs.name:
        work.execute(sa.delete(table).where(table.c.digest.not_in(_used_by_those())))
        rows = rows.where(sa.tuple_(*theirs).not_in(sa.select(*table.primary_key.columns)))
    elif table.name in _STAYS:
        work.execute(sa.delete(table).where(ours.in_(sa.select(*theirs))))
    else:
        work.execute(sa.delete(table))
    work.execute(sa.insert(table).from_select(names, rows))


def _staying() -> sa.Select[Any]:
    """Submissions without consent that the back-up has not: desks that have one hear so by its assignments, its folder
    brings nothing, and what a hold keeps of it stays.
    """
    own, there = t.submissions.c, sa.table("submissions", sa.column("id"), schema="kept")
    return sa.select(own.id).where(
        own.consent_withdrawn_at.is_not(None), own.id.not_in(sa.select(there.c.id))
    )


def _used_by_those() -> sa.CompoundSelect[Any]:
    return sa.union(
        *(
            sa.select(table.c.blob).where(table.c.blob.is_not(None), table.c.submission_id.in_(_staying()))
            for table in (t.artifacts, t.renditions)
        )
    )


def _without_their_submission(work: sa.Connection) -> None:
    """Of submissions that came since the back-up badges stay, and assignments go: there is nothing to look at."""
    here = sa.select(t.submissions.c.id)
    gone = sa.update(t.badges).where(t.badges.c.submission_id.not_in(here))
    work.execute(gone.values(submission_id=None))
    work.execute(sa.delete(t.assignments).where(t.assignments.c.submission_id.not_in(here)))


def _tell_of_those_that_stay(work: sa.Connection) -> None:
    """The back-up's list of changes knows nothing of assignments that were made since, nor of phrases."""
    own, log, documents = t.assignments.c, t.changes.c, t.documents.c
    told = sa.select(log.subject).where(log.kind == "assignment")
    for row in work.execute(sa.select(own.id, own.person).where(own.id.not_in(told))).all():
        note_change(work, "assignment", row.id, row.person)
    banks = sa.select(documents.id).where(documents.kind == PHRASES).distinct()
    told = sa.select(log.subject).where(log.kind == PHRASES)
    for bank in work.execute(banks.where(documents.id.not_in(told))).scalars().all():
        note_change(work, PHRASES, bank)


def _began(work: sa.Connection, ready: _Ready, ended: Endings, now: datetime) -> None:
    """What is true of a restored hub alone."""
    carry_over(work, ended)
    destroy_again(work)
    begin_epoch(work)
    # What is over, or without consent, goes with the look of the next day: concerns come again from desks before.
    count_as_swept(work, now)
    told = f"as of {ready.restoring.made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    append(work, now, Line(Act.RESTORED, ready.restoring.name, detail=told))


# -- into an empty folder, or instead of a damaged hub -------------------------------------------------------


def _anew(ready: _Ready, given: Secrets, since: Since) -> Restored:
    """Build the hub beside its place; it takes the name once it is whole."""
    stage, folder = ready.stage, ready.folder
    for name, content in ready.papers.items():
        if not (name == KEY_FILE and key_is_told()):
            (stage / name).parent.mkdir(mode=0o700, exist_ok=True)
            write_privately(stage / name, content)
    if key_is_told():
        (stage / KEY_FILE).unlink()
    made_at = ready.restoring.made_at.timestamp()
    os.utime(stage / TRUST_FILES[0], (made_at, made_at))  # as old as it is, so that the first round renews it
    _put_files(ready, stage)
    _keep_newer_authority(folder / "authority", stage / "authority")
    database = Database(stage)
    try:
        with database.writing() as work:
            _began(work, ready, endings_of(work, stage / "authority"), ready.clock())
            lines = work.execute(sa.select(t.audit_head.c.seq)).scalar_one()
    finally:
        database.close()
    if since.trust is not None:
        hub = Hub.open(stage, given.authority, ready.clock)
        try:
            take_endings(hub, None, since, ready.restoring.made_at)
        finally:
            hub.close()
    aside = _take_the_place(stage, folder, ready.clock())
    return Restored(ready.restoring, aside, lines)


def _keep_newer_authority(there: Path, restored: Path) -> None:
    """Of a damaged hub the authority may be whole: it knows of more revocations than the back-up's."""
    try:
        told, known = (json.loads((one / "authority.json").read_bytes()) for one in (there, restored))
        revoked = [
            json.loads((one / "revoked.json").read_bytes()) for one in (there, restored) if _has_list(one)
        ]
        same = told["id"] == known["id"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    if same:
        keep_newer_issuing(there, restored)
    if same and revoked and _has_list(there):
        union = {line["serial"]: line for lines in reversed(revoked) for line in lines}
        write_privately(restored / "revoked.json", json.dumps([*union.values()], indent=2).encode())


def _has_list(authority: Path) -> bool:
    return (authority / "revoked.json").is_file()


def _take_the_place(stage: Path, folder: Path, now: datetime) -> Path | None:
    """Rename: the hub that was there aside, this one into its place. Killed in between, `restore` does it again."""
    aside = None
    if folder.exists() and any(folder.iterdir()):
        aside = folder.with_name(f"{folder.name}-damaged-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
        folder.rename(aside)
    elif folder.exists():
        folder.rmdir()
    stage.rename(folder)
    flush_folder(folder.parent)
    return aside


def _audit_lines(hub: Hub) -> int:
    with hub.database.reading() as view:
        return int(view.execute(sa.select(t.audit_head.c.seq)).scalar_one())


def write_privately_from(path: Path, content: Any) -> None:
    """A large file, whole or not at all."""
    from assessor_desk.keys.private_files import write_privately_in_pieces

    write_privately_in_pieces(path, iter(lambda: content.read(1 << 20), b""))
