"""A desk's folder: where it may be, what lies in it, and who has it open.

::

    desk.db             what was done and what was assigned, encrypted
    artifact-keys.db    one wrapped key per artifact, in no snapshot
    keys.json           the data key, wrapped by passphrase and recovery key
    identity/           signing key (wrapped by the passphrase alone), certificate, chain
    vault/  outbox/     sealed files
    snapshots/          encrypted copies of desk.db from before each migration
    desk.lock           held by the one process that has the desk open
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.store.holding import Held, Hold

_SYNCED = {
    "dropbox", "google drive", "googledrive", "my drive", "icloud drive", "iclouddrive", "mobile documents",
    "cloudstorage", "com~apple~clouddocs", "nextcloud", "owncloud", "box", "box sync", "pcloud", "pclouddrive",
    "mega", "megasync", "proton drive", "tresorit", "seafile",
}  # fmt: skip
_SYNCED_BEGINNINGS = ("onedrive", "dropbox (", "googledrive-", "seafile-")


_LEFT_BY_MAKING = re.compile(r"desk\.(lock|db(-wal|-shm)?)|keys\.json\.[0-9a-f]{8}\.unfinished")


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
    def settings(self) -> Path:
        """Preferences."""
        return self.path / "settings.json"

    @property
    def exists(self) -> bool:
        """Whether a desk is here."""
        return self.keys.is_file()

    def make(self) -> None:
        """Make the folder for a new desk. Raises Refused where one is already, or anything else lies there."""
        refuse_a_synced_folder(self.path)
        if self.exists:
            raise Refused(f"There is a desk in {self.path} already. Open it, or choose another folder")
        if self.path.exists() and (not self.path.is_dir() or self._holds_anything_else()):
            raise Refused(f"{self.path} is not empty. Choose a new or an empty folder for the desk")
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                f"The folder {self.path} cannot be made ({error.strerror}). Choose another"
            ) from error

    def _holds_anything_else(self) -> bool:
        """Whether there is more than what making a desk leaves behind when it is cut short; that is cleared away."""
        found = list(self.path.iterdir())
        if any(not one.is_file() or not _LEFT_BY_MAKING.fullmatch(one.name) for one in found):
            return True
        for left in found:
            left.unlink()
        return False

    def hold(self) -> Hold:
        """Hold the desk for this process. Raises Refused where another holds it."""
        try:
            return Hold.take(self.path / "desk.lock")
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
