"""Fitting what is to be fetched into the room that evidence may take on this disk (`domain.quota`)."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.domain.quota import Coming, Letting, Plan, Space, plan, space
from assessor_desk.domain.sizes import bytes_in_words
from assessor_desk.store.lines import FREED, KEPT, QUOTA

if TYPE_CHECKING:
    from assessor_desk.artifacts.vault import Vault
    from assessor_desk.store.custody import HeldFile
    from assessor_desk.store.lines import WantedArtifact
    from assessor_desk.store.store import Store

#: Total, used and free bytes of the disk that a folder is on.
Disk = Callable[[Path], Any]


_FETCHES = "“Make available offline” fetches it."
_FREED = f"Its space was freed on this computer. {_FETCHES}"


@dataclass(frozen=True, slots=True)
class Freed:
    """Bytes that were freed, and how many files are in use and go with the next tidying."""

    bytes: int
    in_use: int


@dataclass(frozen=True)
class RoomForEvidence:
    """The vault, how much it may take (`chosen` bytes; 0: by what is free), and what is open and so must stay."""

    store: Store
    vault: Vault
    opened: AbstractSet[str]
    chosen: int = 0
    disk: Disk = shutil.disk_usage

    def space(self) -> Space:
        """What evidence may take, and takes."""
        disk = self.disk(self.vault.folder)
        return space(self.vault.size_on_disk(), disk.free, disk.total, self.chosen)

    def fit(self, lines: Sequence[WantedArtifact]) -> None:
        """Make room for these as far as may be. What is left out is parked, and says so in the ledger."""
        with self.store.reading() as view:
            files = view.custody.files()
        wishes = {one.submission_id: one.offline for one in files}
        coming = [
            Coming(
                one.submission_id,
                one.artifact_id,
                one.length,
                one.due_at,
                wishes.get(one.submission_id) == KEPT,
            )
            for one in lines
        ]
        room = self.space()
        made = plan(room, coming, self._may_go(files))
        self._carry_out(made, files, room)

    def _may_go(self, files: Iterable[HeldFile]) -> list[Letting]:
        return [
            Letting(one.submission_id, one.artifact_id, one.digest, one.length, one.due_at, one.over)
            for one in files
            if one.here and not one.begun and one.offline != KEPT and one.digest not in self.opened
            if not one.made_here
        ]

    def _carry_out(self, made: Plan, files: Iterable[HeldFile], room: Space) -> None:
        parked = {one.place for one in files if one.parked == QUOTA}
        going = {(one.submission_id, one.artifact_id) for one in made.let_go}
        left = {(one.submission_id, one.artifact_id) for one in made.left_out}
        back = parked & {(one.submission_id, one.artifact_id) for one in made.fetch}
        changed = going | (left - parked)
        if not (changed or back):
            return
        words = f"Not kept on this computer, where evidence may take {bytes_in_words(room.limit)}. {_FETCHES}"
        with self.store.transaction() as work:
            work.custody.park(sorted(changed), QUOTA, words)
            work.custody.unpark(sorted(back))
            for submission_id in sorted({own for own, _ in changed | back}):
                work.weigh(submission_id)
            work.commit()
        self.remove(one.digest for one in made.let_go)

    def free(self, submission_ids: Iterable[str], originals_only: bool) -> Freed:
        """Let go of what is here of these, by a person's wish; with `originals_only` of recordings that a copy shows.

        What this desk made of a recording that cannot be played stays: it cannot be fetched.
        """
        wanted = set(submission_ids)
        with self.store.reading() as view:
            files = [one for one in view.custody.files() if one.submission_id in wanted and not one.made_here]
        shown = {(one.submission_id, one.stands_for) for one in files if one.rendition and one.here}
        going = [one for one in files if not one.removed and (one.here or not originals_only)]
        if originals_only:
            going = [one for one in going if (one.submission_id, one.artifact_id) in shown]
        with self.store.transaction() as work:
            if not originals_only:
                work.custody.park([one.place for one in going], FREED, _FREED)
                work.custody.wish(wanted, FREED)
            else:
                work.artifacts_missing(one.place for one in going)
                # Whoever lets originals go no longer wants all of it kept; small copies need no wish.
                work.custody.wish({one.submission_id for one in going if one.offline == KEPT}, "")
            for own_id, artifact_id in sorted({one.place for one in going}):
                work.renditions.ask(own_id, artifact_id, wanted=False)
            for submission_id in sorted(wanted):
                work.weigh(submission_id)
            work.commit()
        return self._freed(wanted, [one.digest for one in going if one.here], originals_only)

    def _freed(self, wanted: set[str], digests: list[str], originals_only: bool) -> Freed:
        before, made = self.vault.size_on_disk(), set[str]()
        for submission_id in () if originals_only else sorted(wanted):
            made |= {digest for _, digest in self.store.keys.made_of(submission_id)}
            self.store.keys.forget_made(submission_id)
        stuck = self.remove([*digests, *made])
        return Freed(max(0, before - self.vault.size_on_disk()), len(stuck))

    def keep(self, submission_ids: Iterable[str]) -> None:
        """A person wants these available offline: all of it, originals of recordings too, and before anything else."""
        wanted = set(submission_ids)
        with self.store.transaction() as work:
            files = [one for one in work.custody.files() if one.submission_id in wanted]
            work.custody.wish(wanted, KEPT)
            work.custody.unpark([one.place for one in files if one.parked])
            for one in files:
                if not one.rendition and not one.here:
                    work.renditions.ask(one.submission_id, one.artifact_id)
            for submission_id in sorted(wanted):
                work.weigh(submission_id)
            work.commit()

    def remove(self, digests: Iterable[str]) -> tuple[str, ...]:
        """Remove files that no other submission needs; those that are in use stay for the sweep, and are named."""
        with self.store.reading() as view:
            still = {one.digest for one in view.custody.files() if one.here}
        stuck = []
        for digest in set(digests) - still:
            with contextlib.suppress(OSError):
                self.vault.remove(digest)
            if self.vault.holds(digest):
                stuck.append(digest)
        return tuple(stuck)
