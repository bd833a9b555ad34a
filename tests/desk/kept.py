"""Desks that were connected to a hub once, to be copied: enrolling and the first round take half a second."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from assessor_desk.desk import Desk
from assessor_desk.keys.envelope import Envelope


@dataclass(frozen=True)
class KeptDesk:
    """The folder of a desk that is closed, and its data key."""

    folder: Path
    data_key: bytes

    @classmethod
    def of(cls, desk: Desk, passphrase: str) -> Self:
        """Close a desk and keep it."""
        desk.close()
        return cls(desk.folder, Envelope.load(desk.folder / "keys.json").unlock(passphrase))

    def copied(self, folder: Path, url: str) -> Desk:
        """An open copy in `folder`; its hub, a copy too, answers at `url`."""
        shutil.copytree(self.folder, folder)
        desk = Desk.open_with_key(folder, self.data_key)
        desk.store.set_fact("profile", {**desk.store.fact("profile"), "source_address": url})
        desk.store.set_fact("sources", [{**one, "address": url} for one in desk.store.fact("sources")])
        return desk
