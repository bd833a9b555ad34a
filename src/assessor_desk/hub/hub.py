"""An open hub and what it is made of.

By default all of it lies in the hub's folder::

    hub.db  hub.key        the database, encrypted, and its key
    authority/             root and issuing authority, and the keys that sign receipts and publications
    trust.pem  trust.pem.p7s
    badge-issuer.json …    where badges are issued: whose key signs them, and which were revoked (`badge_papers`)
    blobs/                 artifacts, sealed
    packets/               what assessors sealed, sealed once more

Beyond one machine the database is on a server and the sealed files are in an object store (`whereabouts`); the folder
is then a working copy of what lies in the database (`papers`), and may be empty when a process starts.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.hub import tables as t
from assessor_desk.hub.blobs import Blobs, blobs_of
from assessor_desk.hub.database import Database
from assessor_desk.hub.half_restored import refuse_marked
from assessor_desk.hub.papers import Papers, papers_of
from assessor_desk.hub.upload_parts import Parts, parts_of
from assessor_desk.hub.whereabouts import (
    Whereabouts,
    keep_whereabouts,
    key_is_told,
    make_key,
    whereabouts_of,
)
from assessor_desk.keys.authority import Authority
from assessor_desk.keys.file_turns import PATIENCE

Clock = Callable[[], datetime]

TRUST_FILES = ("trust.pem", "trust.pem.p7s")
#: How old the revocation lists in `trust.pem` may become before a round renews them: each brings one of this hour.
TRUST_LIFE = timedelta(hours=1)


def utc_now() -> datetime:
    """The clock of a real hub."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Hub:
    """An open hub. What it can do stands in the modules of this room; all of them are handed a hub."""

    folder: Path
    database: Database = field(repr=False)
    authority: Authority = field(repr=False)
    title: str
    programme: str
    #: The source that its submissions name; made once, so that the hub may move to another address.
    identity: str
    clock: Clock = field(default=utc_now, repr=False)
    papers: Papers = field(kw_only=True, repr=False)

    @classmethod
    def create(
        cls, folder: Path, title: str, programme: str, passphrase: str | None = None, clock: Clock = utc_now,
        told: Whereabouts | None = None,
    ) -> Hub:  # fmt: skip
        """Make a hub in `folder`: database, certificate authority, trust list; `told` says what lies elsewhere.
        With a passphrase the authority's keys are wrapped by it, and `serve` asks for it. Raises Refused
        where there is a hub already, or something else.
        """
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Refused(f"{folder} is not empty. Name a new folder for the hub")
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                f"The folder {folder} cannot be made ({error.strerror}). Choose another"
            ) from error
        keep_whereabouts(folder, told or Whereabouts())
        if not key_is_told():
            make_key(folder)
        database = Database(folder)
        try:
            return cls._make(folder, database, title, programme, passphrase, clock)
        except BaseException:
            database.close()
            raise

    @classmethod
    def _make(
        cls,
        folder: Path,
        database: Database,
        title: str,
        programme: str,
        passphrase: str | None,
        clock: Clock,
    ) -> Hub:
        if database.home.shared:
            with database.reading() as view:
                refuse_marked(view, database.home.place)
        database.migrate(clock())
        about = {"title": title, "programme": programme, "identity": uuid4().urn}
        papers = papers_of(folder, database)
        with database.writing() as work:
            if work.execute(sa.select(t.facts.c.name)).first():
                raise Refused(f"There is a hub in {database.home.place} already. Name another database")
            work.execute(
                sa.insert(t.facts), [{"name": name, "value": value} for name, value in about.items()]
            )
        authority = Authority.create(
            folder / "authority", title, passphrase, clock=clock, turns=papers.authority_turns
        )
        hub = cls(folder, database, authority, **about, clock=clock, papers=papers)
        hub.authority.write_trust(folder / TRUST_FILES[0])
        return hub

    @classmethod
    def open(
        cls, folder: Path, passphrase: str | None = None, clock: Clock = utc_now, *, restoring: bool = False
    ) -> Hub:
        """Open the hub in `folder`, migrating its database where it is older.

        Raises Refused where there is none, or for a wrong passphrase, or unless `restoring` for one that is half
        restored; Damaged where it cannot be read.
        """
        database = Database(folder)
        try:
            if database.home.shared and not restoring:
                with database.reading() as view:
                    refuse_marked(view, database.home.place)
            database.migrate(clock())
            with database.reading() as view:
                about = {row.name: row.value for row in view.execute(sa.select(t.facts))}
            if "identity" not in about:
                raise Refused(f"{database.home.place} holds no hub. Make one with “assessor-desk hub init”")
            papers = papers_of(folder, database)
            papers.refresh()
            authority = Authority.open(
                folder / "authority", passphrase, clock=clock, turns=papers.authority_turns
            )
            names = {name: about[name] for name in ("title", "programme", "identity")}
            return cls(folder, database, authority, **names, clock=clock, papers=papers)
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    @cached_property
    def blobs(self) -> Blobs:
        """Where the artifacts are."""
        return blobs_of(self.folder, whereabouts_of(self.folder), "blobs")

    @cached_property
    def packets(self) -> Blobs:
        """Where delivered packets are, and whatever else was sealed by people."""
        return blobs_of(self.folder, whereabouts_of(self.folder), "packets")

    @cached_property
    def unfinished(self) -> Parts:
        """Where deliveries are of which only the beginning came."""
        return parts_of(self.folder, whereabouts_of(self.folder))

    def turn(self, name: str) -> AbstractContextManager[None]:
        """To be alone, among all processes of the hub, with those of its papers that `name` stands for."""
        return self.papers.turn(name)

    def trust(self) -> dict[str, bytes]:
        """The trust list and its signature, by file name; always of the same making."""
        return dict(zip(TRUST_FILES, self.authority.read_trust(self.folder / TRUST_FILES[0]), strict=True))

    def renew_trust(self) -> None:
        """Write the trust list anew and tell every desk of it."""
        self.authority.write_trust(self.folder / TRUST_FILES[0])
        with self.database.writing() as work:
            # The newest alone is told, or a desk that is new would page through one for each hour of years.
            work.execute(sa.delete(t.changes).where(t.changes.c.kind == "trust"))
            note_change(work, "trust", TRUST_FILES[0])

    def renew_old_trust(self, life: timedelta = TRUST_LIFE) -> None:
        """Renew the trust list when its revocation lists are an hour old, or another `life`."""
        if self._trust_is_old(life):
            with self.database.turn("renewing-trust", PATIENCE):
                if self._trust_is_old(life):  # of many that come at the hour, one renews
                    self.renew_trust()

    def _trust_is_old(self, life: timedelta) -> bool:
        """What was fetched so short a time ago is not old, whatever others have written since."""
        if not self._trust_here_is_old(life):
            return False
        self.papers.refresh()
        return self._trust_here_is_old(life)

    def _trust_here_is_old(self, life: timedelta) -> bool:
        try:
            written = datetime.fromtimestamp((self.folder / TRUST_FILES[0]).stat().st_mtime, UTC)
        except FileNotFoundError:  # of a process that has fetched nothing yet
            return True
        return self.clock() - written > life


def note_change(work: sa.Connection, kind: str, subject: str, person: str | None = None) -> None:
    """Let `person`, or everybody, hear of a change at their next round."""
    work.execute(sa.insert(t.changes).values(person=person, kind=kind, subject=subject))


def tell_deciders(work: sa.Connection, submission_id: str) -> None:
    """Let whoever decided on a submission hear anew who its report is for, and what that educator agreed to."""
    packets, decided = t.packets.c, t.decisions.c
    query = sa.select(packets.person).join(t.decisions, decided.digest == packets.digest)
    people = query.where(decided.submission_id == submission_id, decided.outcome != "").distinct()
    for person in list(work.execute(people).scalars()):
        note_change(work, "recipient", submission_id, person)
