"""A desk's folder: where it may be, what lies in it, and who has it open.

::

    desk.db             what was done and what was assigned, encrypted
    artifact-keys.db    one wrapped key per artifact, in no snapshot
    journal/            every transaction on desk.db since some snapshots ago, encrypted
    keys.json           the data key, wrapped by passphrase and recovery key; keys-copy.json is the same once more
    identity/           signing key (wrapped by the passphrase alone), certificate, chain; the next key in next/
    vault/  outbox/     sealed files
    snapshots/          encrypted copies of desk.db: hourly, and from before rounds and migrations
    before-restoring/   desk.db as it was before it was restored
    tries.json          how many wrong passphrases were tried in a row
    recovering          while the recovery key gives the desk another passphrase
    desk.lock           held by the one process that has the desk open
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assessor_desk.domain.errors import Refused, Restorable, Unavailable
from assessor_desk.store.holding import Held, Hold
from assessor_desk.store.store import JOURNAL
from assessor_desk.store.swapping import finish

_SYNCED = {
    "dropbox", "google drive", "googledrive", "my drive", "icloud drive", "iclouddrive", "mobile documents",
    "cloudstorage", "com~apple~clouddocs", "nextcloud", "owncloud", "box", "box sync", "pcloud", "pclouddrive",
    "mega", "megasync", "proton drive", "tresorit", "seafile",
}  # fmt: skip
_SYNCED_BEGINNINGS = ("onedrive", "dropbox (", "googledrive-", "seafile-")


_LOCK = "desk.lock"
_LEFT_BY_MAKING = re.compile(
    r"desk\.(lock(-journal)?|db(-wal|-shm|-journal)?)|keys(-copy)?\.json\.[0-9a-f]{8}\.unfinished"
)


@dataclass(frozen=True)
class DeskFolder:
    """The places in one desk's folder."""

    path: Path

    @property
    def database(self) -> Path:
        """What was done and what was assigned."""
        return self.path / "desk.db"

    @property
    def keys(self) -> Path:
        """The wrapped data key."""
        return self.path / "keys.json"

    @property
    def identity(self) -> Path:
        """Signing key and certificate."""
        return self.path / "identity"

    @property
    def vault(self) -> Path:
        """The sealed evidence."""
        return self.path / "vault"

    @property
    def outbox(self) -> Path:
        """Sealed packets."""
        return self.path / "outbox"

    @property
    def snapshots(self) -> Path:
        """Encrypted copies of the database."""
        return self.path / "snapshots"

    @property
    def tries(self) -> Path:
        """Wrong passphrases in a row."""
        return self.path / "tries.json"

    @property
    def recovering(self) -> Path:
        """That the recovery key is giving the desk another passphrase."""
        return self.path / "recovering"

    @property
    def journal(self) -> Path:
        """Every transaction since some snapshots ago."""
        return self.path / JOURNAL

    def require_database(self) -> None:
        """Raise Restorable where there is no database, or an empty one, which SQLite would take for a new one."""
        finish(self.database)
        missing = not self.database.is_file()
        if missing or not self.database.stat().st_size:
            raise Restorable(
                f"“{self.database.name}” {'is missing from' if missing else 'is empty in'} {self.path}. “Restore” puts "
                "it together again from a snapshot and from what was saved since; or put the folder back from a back-up"
            )

    @property
    def lock(self) -> Path:
        """Held by the one process that has the desk open; made once."""
        return self.path / _LOCK

    @property
    def settings(self) -> Path:
        """Preferences."""
        return self.path / "settings.json"

    @property
    def exists(self) -> bool:
        """Whether a desk is here: one of the two copies of its wrapped key is enough to say so."""
        return self.keys.is_file() or (self.path / "keys-copy.json").is_file()

    def refuse_unless_free(self) -> None:
        """Raise Refused where a desk is there already, anything else lies there, or a cloud service copies it."""
        refuse_a_synced_folder(self.path)
        if self.exists:
            raise Refused(f"There is a desk in {self.path} already. Open it, or choose another folder")
        if self.path.exists() and (not self.path.is_dir() or self._holds_anything_else()):
            raise Refused(f"{self.path} is not empty. Choose a new or an empty folder for the desk")

    @contextlib.contextmanager
    def making(self) -> Iterator[Hold]:
        """The folder, held, to make a desk in; what an earlier try left is cleared away.

        Where the block fails nothing is left. Raises Refused as `refuse_unless_free`, and where another process makes
        a desk there at this moment; Unavailable where the folder cannot be made.
        """
        self.refuse_unless_free()
        fresh = [one for one in (self.path, *self.path.parents) if not one.exists()]
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                f"The folder {self.path} cannot be made ({error.strerror}). Choose another"
            ) from error
        lock = self.hold()
        try:
            self.refuse_unless_free()
            self._clear()
            yield lock
        except BaseException:
            self._unmake(lock, fresh)
            raise

    def _holds_anything_else(self) -> bool:
        """Whether there is more than what making a desk leaves behind when it is cut short."""
        return any(
            not one.is_file() or not _LEFT_BY_MAKING.fullmatch(one.name) for one in self.path.iterdir()
        )

    def _clear(self) -> None:
        """All that making left, but for the lock and its journal, which are in use."""
        for left in self.path.iterdir():
            if not left.name.startswith(_LOCK) and _LEFT_BY_MAKING.fullmatch(left.name):
                left.unlink()

    def _unmake(self, lock: Hold, fresh: Sequence[Path]) -> None:
        """`fresh` are the folders that were not there before, innermost first. What cannot be removed stays."""
        with contextlib.suppress(OSError):
            if not self.exists:
                self._clear()
        lock.release()
        with contextlib.suppress(OSError):
            for one in fresh:
                (one / _LOCK).unlink(missing_ok=True)
                one.rmdir()

    def hold(self) -> Hold:
        """Hold the desk for this process. Raises Refused where another holds it."""
        try:
            return Hold.take(self.lock)
        except Held as error:
            raise Refused(
                f"The desk in {self.path} is open in another window of Assessor Desk. "
                "Use that window, or close it first"
            ) from error


def refuse_a_synced_folder(path: Path) -> None:
    """Raise Refused for a folder that a cloud service copies elsewhere: it would copy, and mix up, a desk in use."""
    for part in path.expanduser().absolute().parts:
        name = part.casefold()
        if name in _SYNCED or name.startswith(_SYNCED_BEGINNINGS):
            raise Refused(
                f"{path} lies in “{part}”, which is copied to a cloud service. A desk holds submissions "
                "and must stay on this computer: choose a folder outside it"
            )
