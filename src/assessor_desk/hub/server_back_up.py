"""Backing up and restoring a hub beyond one machine: database on a PostgreSQL server, files in an object store.

The database is dumped by PostgreSQL's own `pg_dump`, in the same snapshot in which is read what files it names; these
are copied as those of a folder are (`back_up`). What is secret in a dump is sealed by the hub's key, which a back-up
has only where a passphrase wraps it. Restoring fills an empty database and whatever of the store lacks: the hub that
was there stays as it is, and processes are pointed to the new one (docs/decisions/0228).
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from assessor_desk.domain.errors import DeskError, Refused, Unavailable
from assessor_desk.hub import half_restored
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.badge_papers import issues_badges, renew_status
from assessor_desk.hub.database_server import ServerHome
from assessor_desk.hub.endings_kept import (
    KeptEndings,
    Since,
    keep_endings,
    kept_beside,
    refuse_untold,
    take_endings,
)
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.kept import SECRETS, Kept, Manifest, opened
from assessor_desk.hub.object_store import StoredBlobs
from assessor_desk.hub.sweeping import count_as_swept
from assessor_desk.hub.timeline import begin_epoch
from assessor_desk.hub.whereabouts import KEY_FILE, Whereabouts, key_is_told, key_of, whereabouts_of
from assessor_desk.keys.private_files import write_privately

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

#: The database of such a back-up, in the custom format of PostgreSQL.
DUMP = "hub.dump"
#: What the server calls the tool while it fills a database.
_FILLING = "assessor-desk restore"
_ENDS_SECONDS = 10.0
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
#: From this version on pg_restore begins with a setting (transaction_timeout) that servers before refuse; and what its
#: pg_dump wrote no pg_restore before it reads.
_TELLS_MORE = 17
#: How a dump begins, with major and minor number of its own format, and from which version on that is read.
_READ_FROM = {b"PGDMP\x01\x0f": 16, b"PGDMP\x01\x10": 17}


def is_on_servers(told: Whereabouts) -> bool:
    """Whether both are elsewhere. Raises Refused where one is, and the other in a folder: no back-up has both then."""
    if bool(told.database) != (told.blobs is not None):
        raise Refused(
            "This hub keeps its database in one place and its files in another kind of place. Back up each by its own "
            "means, the database first"
        )
    return bool(told.database)


def dump(database: str, view: sa.Connection, target: Path) -> None:
    """The database as `view` sees it.

    Raises Unavailable without PostgreSQL's tools, or where they give up; Refused where they are older than the server,
    or so much newer that what they write could not be restored there.
    """
    _refuse_misfit("pg_dump", view)
    snapshot = view.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
    _run("pg_dump", database, ["--format=custom", f"--snapshot={snapshot}", f"--file={target}"])


def restore_on_servers(
    folder: Path,
    place: Path,
    passphrase: str | None,
    authority: str | None,
    clock: Callable[[], datetime],
    since: Since,
) -> Manifest:
    """Fill the empty database, and the store, that `folder` or the environment names. All of the back-up is read first.

    `passphrase` is the back-up's own, `authority` that of the authority's keys. Whoever was revoked since stays so, by
    what is kept beside the files, or by what `since` tells. Raises Refused where there is something in the database, or
    no key, or nothing tells who was revoked since, or the tool's version does not fit the server's or the dump's;
    Damaged where the back-up is not whole, or the key is another hub's.
    """
    told = whereabouts_of(folder)
    assert told.blobs is not None
    with opened(place) as kept:
        if DUMP not in kept.manifest.files:
            raise Refused(f"{kept} is of a hub in a folder. Restore it into an empty folder of its own")
        _take_key(folder, kept, passphrase)
        with _database(folder, told) as home, home.reading() as view:
            _refuse_what_is_there(view, home.place)
            needed = _refuse_unreadable(kept, view)
            _refuse_misfit("pg_restore", view, needed)
        known = kept_beside(told, key_of(folder), kept.manifest.identity)
        if known is None:
            refuse_untold(since, kept.manifest.made_at)
        kept.verify()
        for room, digests in (("blobs", kept.manifest.blobs), ("packets", kept.manifest.packets)):
            files = StoredBlobs(told.blobs, room)
            for digest, length in digests.items():
                if files.length(digest) != length:
                    with kept.open_sealed(digest) as sealed:
                        files.put_back(digest, sealed.read())
        with _alone(folder, told) as home:
            with tempfile.TemporaryDirectory(prefix="hub-") as stage, kept.open(DUMP) as dumped:
                copy = Path(stage) / DUMP
                with copy.open("wb") as file:
                    shutil.copyfileobj(dumped, file)
                _fill(home, told, copy)
            _begin_anew(folder, kept.manifest, authority, clock, known, since)
        return kept.manifest


def _take_key(folder: Path, kept: Kept, passphrase: str | None) -> None:
    """The key of the hub, from where it is told, or out of the back-up."""
    if key_is_told() or (folder / KEY_FILE).is_file():
        return
    if SECRETS not in kept.manifest.files:
        raise Refused(
            f"The key of the hub is not in {kept}: put {KEY_FILE} into {folder} from where it is kept, and try again"
        )
    if passphrase is None:
        raise Refused(f"{kept} has a passphrase. Name a file that holds it")
    from assessor_desk.hub.back_up import unpacked

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_privately(folder / KEY_FILE, unpacked(kept, passphrase)[KEY_FILE])


@contextlib.contextmanager
def _database(folder: Path, told: Whereabouts) -> Iterator[ServerHome]:
    home = ServerHome(told.database, key_of(folder))
    try:
        with home.telling():
            yield home
    finally:
        home.close()


def _refuse_what_is_there(view: sa.Connection, place: str) -> None:
    if sa.inspect(view).get_table_names() and not half_restored.is_marked(view):
        raise Refused(f"{place} is not empty. Make another, and name that: what is there stays as it is")


@contextlib.contextmanager
def _alone(folder: Path, told: Whereabouts) -> Iterator[ServerHome]:
    """The database, with no other restore at it: neither another's, nor what is left of one that was killed."""
    with _database(folder, told) as home, home.try_turn("restoring") as mine:
        if not mine:
            raise Refused(f"Another restore fills {home.place} just now. Wait until it has ended")
        _end_what_is_left(home)
        yield home


def _end_what_is_left(home: ServerHome) -> None:
    """PostgreSQL's tool goes on where the hub that called it was killed, and would fill the database after all."""
    theirs = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = :name"
    own, give_up = {"name": _FILLING}, time.monotonic() + _ENDS_SECONDS
    with home.looking() as view:
        view.execute(sa.text(f"SELECT pg_terminate_backend(pid) {theirs}"), own)
        while view.execute(sa.text(f"SELECT count(*) {theirs}"), own).scalar():
            if time.monotonic() > give_up:
                raise Unavailable(
                    f"What an earlier restore left at work in {home.place} does not end. Try again"
                )
            time.sleep(0.05)


def _fill(home: ServerHome, told: Whereabouts, copy: Path) -> None:
    """Let the tool fill the database, marked as one that nobody may use yet; what an earlier try left there goes."""
    with home.writing() as work, work.begin():
        _refuse_what_is_there(work, home.place)
        half_restored.empty(work)
        half_restored.mark(work)
    options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    try:
        _run("pg_restore", told.database, [*options, str(copy)])
    except DeskError:
        _end_what_is_left(home)  # its last word may be under way; where it does not end the mark stays
        with home.writing() as work, work.begin():
            half_restored.empty(work)
        raise


def _begin_anew(
    folder: Path, manifest: Manifest, authority: str | None, clock: Callable[[], datetime],
    known: KeptEndings | None, since: Since,
) -> None:  # fmt: skip
    """Desks notice by the epoch, and deliver again what they have receipts for and the back-up has not."""
    hub = Hub.open(folder, authority, clock, restoring=True)
    try:
        try:
            take_endings(hub, known, since, manifest.made_at)
        except DeskError:  # it does not know who was revoked, and is not to be served
            with hub.database.writing() as work:
                half_restored.empty(work)
            raise
        with hub.database.writing() as work:
            half_restored.unmark(work)
            begin_epoch(work)
            # What consent was withdrawn for goes with the look of the next day: concerns come again from desks before.
            count_as_swept(work, hub.clock())
            append(work, hub.clock(), Line(Act.RESTORED, manifest.name, detail=manifest.audit))
        keep_endings(hub)
        hub.renew_trust()
        if issues_badges(hub):
            with contextlib.suppress(
                Refused
            ):  # set up since the back-up, of which its papers alone are left here
                renew_status(hub)
    finally:
        hub.close()


def _refuse_misfit(tool: str, view: sa.Connection, needed: int = 0) -> None:
    """Before anything is done that would only fail: pg_dump takes no newer server, and pg_restore tells an older one
    settings that it does not know, so a dump that no other pg_restore reads is of no use. `needed`: the version from
    which on a dump is read.
    """
    told = subprocess.run([_program(tool), "--version"], capture_output=True, check=False, text=True).stdout
    found = _VERSION.search(told)
    if found is None:
        return
    here, there = int(found[1]), _version_there(view)
    if (tool == "pg_dump" and here < there) or here >= _TELLS_MORE > there:
        raise Refused(
            f"{tool} is of PostgreSQL {here} here, and the server is of {there}: these do not work together. Nothing "
            f"was changed; install the client of the server’s version (postgresql-client-{max(there, needed)})"
        )
    if here < needed:
        raise Refused(
            f"{tool} is of PostgreSQL {here} here, and this back-up was made by a newer pg_dump: only from {needed} on "
            f"is it read. Nothing was changed; install that client (postgresql-client-{max(there, needed)})"
        )


def _refuse_unreadable(kept: Kept, view: sa.Connection) -> int:
    """From which version on PostgreSQL's tools read the dump, as far as that is known.

    Raises Refused for one that is read by none that the server understands.
    """
    with kept.open(DUMP) as dumped:
        begins = dumped.read(7)
    needed = _READ_FROM.get(begins, 0)
    there = _version_there(view)
    if needed >= _TELLS_MORE > there:
        raise Refused(
            f"{kept} was made by pg_dump of PostgreSQL {needed} or later, and the server is of {there}: what reads the "
            f"one does not work with the other. Nothing was changed; restore it onto a server of {needed} or later, "
            f"with that server’s client (postgresql-client-{needed})"
        )
    return needed


def _version_there(view: sa.Connection) -> int:
    return int(view.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000


def _program(tool: str) -> str:
    program = shutil.which(tool)
    if program is None:
        raise Unavailable(
            f"{tool} is not installed here. It is part of PostgreSQL’s client (postgresql-client)"
        )
    return program


def _run(tool: str, database: str, options: list[str]) -> None:
    """One of PostgreSQL's tools; the password goes by its environment, which others of this machine do not see."""
    program = _program(tool)
    url = sa.make_url(database)
    bare = sa.URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    address = bare.render_as_string()
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    known = {**os.environ, **password, "PGAPPNAME": _FILLING if tool == "pg_restore" else tool}
    done = subprocess.run(
        [program, f"--dbname={address}", *options], env=known, capture_output=True, check=False, text=True
    )
    if done.returncode:
        words = (done.stderr.strip() or tool).splitlines()[-1]
        raise Unavailable(f"{tool} gave up ({words}). Nothing counts that it wrote")
