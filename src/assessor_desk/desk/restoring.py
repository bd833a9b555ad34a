"""Restoring a desk's database: which snapshots there are, what each would change, in words, and doing it.

Works on a desk that is open, and on one that cannot be opened because its database is damaged or gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from assessor_desk.desk.folder import DeskFolder
from assessor_desk.desk.tries import counted
from assessor_desk.domain.errors import DeskError, Refused
from assessor_desk.keys.derivation import derive
from assessor_desk.keys.envelope import Envelope
from assessor_desk.store.restoring import Built, Choice, Restoring, Step, Told, silently
from assessor_desk.store.snapshots import Snapshot, Why, require_sound
from assessor_desk.store.swapping import finish

if TYPE_CHECKING:
    from threading import Event

    from assessor_desk.store.holding import Hold
    from assessor_desk.store.store import Store

__all__ = [
    "FROM_JOURNAL",
    "ClosedDesk",
    "OpenDesk",
    "Preview",
    "Restored",
    "Restorer",
    "SnapshotLine",
    "Step",
]

FROM_JOURNAL = "journal"
"""In place of a snapshot's name: the journal alone, from the very beginning."""

_TAKEN = {
    Why.HOURLY: "while you worked",
    Why.ROUND: "before a sync",
    Why.UPGRADE: "before an update of the program",
}
#: What a person calls the kinds of entries, of one and of several; all others are acts.
_NAMED = {
    "score_recorded": ("level", "levels"),
    "text_written": ("text", "texts"),
    "draft": ("text still being typed", "texts still being typed"),
    "anchor_placed": ("anchor", "anchors"),
    "packet": ("sealed packet", "sealed packets"),
}
_ACT = ("other act", "other acts")


@dataclass(frozen=True, slots=True)
class _Tense:
    """How a restore is spoken of before it, and once it is done."""

    be: str
    can: str
    cannot: str
    lost: str
    back: str
    same: str
    kept: str


_TO_COME = _Tense(
    be="is",
    can="can",
    cannot="cannot",
    lost="Some of what the database gives now would not be there any more: see the list.",
    back="What is damaged comes back. ",
    same="Nothing you see would change. ",
    kept="is kept",
)
_DONE = _Tense(
    be="was",
    can="could",
    cannot="could not",
    lost="Some of what the database gave before is not there any more.",
    back="What was damaged is back. ",
    same="Nothing you see has changed. ",
    kept="was kept",
)


@dataclass(frozen=True, slots=True)
class SnapshotLine:
    """A snapshot in a list. `holds` says what is in it; `sound` is False for one that is damaged itself."""

    id: str
    taken_at: datetime
    bytes: int
    why: str
    holds: str
    sound: bool


@dataclass(frozen=True, slots=True)
class SubmissionPreview:
    """What a restore means for one submission: `comes_back` is in the present database no more, `kept` was made after
    the snapshot and is put on top of it, `lost` would not be there any more. Each empty where there is nothing of it.
    """

    submission_id: str
    key: str
    title: str
    comes_back: str
    kept: str
    lost: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a restore would change. `present` says how the database is now, `summary` what would come of it.

    Of a restore that was done they say how it was before, and what came of it.
    """

    snapshot: str
    present: str
    present_sound: bool
    summary: str
    submissions: tuple[SubmissionPreview, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did, and where the database is kept as it was before."""

    preview: Preview
    kept: Path


class Restorer(Protocol):
    """A desk's snapshots. All of it blocks."""

    def snapshots(self) -> list[SnapshotLine]:
        """Newest first."""

    def preview(self, name: str = "", stop: Event | None = None) -> Preview:
        """What restoring from a snapshot would change. Raises as `restore`, and changes nothing."""

    def restore(self, name: str = "", told: Told = silently, stop: Event | None = None) -> Restored:
        """Put the database together again from a snapshot, from the newest sound one where none is named.

        Whatever was made since is put on top of it, from the journal and from what the present database still gives.
        `told` hears how far it is; `stop` ends it until the database's place is taken. Raises Refused for an unknown
        name and where it was stopped, Damaged for a damaged snapshot, Unavailable for the disk; then nothing was
        changed.
        """


class _Common:
    """What a restorer of an open desk and one of a closed desk share."""

    def __init__(
        self, means: Callable[[], Restoring], database: Path, key: bytes, clock: Callable[[], datetime]
    ) -> None:
        self._means = means
        self._database = database
        self._key = key
        self._clock = clock

    def snapshots(self) -> list[SnapshotLine]:
        return [_line(choice) for choice in self._means().choices()]

    def preview(self, name: str = "", stop: Event | None = None) -> Preview:
        _refuse_where_stopped(stop)
        snapshot = self._named(name)
        _refuse_where_stopped(stop)
        sound = self._present_is_sound()
        with self._means().built(snapshot, self._clock(), _heeding(stop, silently)) as built:
            return _preview(snapshot, built, sound)

    def _named(self, name: str) -> Snapshot | None:
        means = self._means()
        if not name:
            return means.newest()
        if name == FROM_JOURNAL:
            return None
        choices = [one.snapshot for one in means.choices()]
        found = [one for one in choices if one.id.startswith(name)]
        if name.isdecimal() and 0 < int(name) <= len(choices) < 1000:
            found = [choices[int(name) - 1]]
        if not found:
            known = ", ".join(one.id for one in choices[:3]) or "there is none"
            raise Refused(
                f"There is no snapshot “{name}”. The newest: {known}. See them all with restore --list"
            )
        return found[0]

    def _present_is_sound(self) -> bool:
        try:
            require_sound(self._database, self._key)
        except DeskError:
            return False
        return True


class ClosedDesk(_Common):
    """The snapshots of a desk that nobody has open, held until `close`."""

    def __init__(self, place: DeskFolder, hold: Hold, data_key: bytes, clock: Callable[[], datetime]) -> None:
        keys = derive(data_key, "desk file"), derive(data_key, "journal")
        finish(place.database)
        super().__init__(
            lambda: Restoring(place.database, *keys, place.snapshots, place.journal),
            place.database,
            keys[0],
            clock,
        )
        self._hold = hold

    @classmethod
    def open(cls, folder: Path, passphrase: str, clock: Callable[[], datetime]) -> Self:
        """Hold the desk in `folder`. Raises Refused for a wrong passphrase and where another window has it open."""
        place = DeskFolder(folder)
        if not place.exists:
            raise Refused(f"There is no desk in {folder}. Check the folder")
        hold = place.hold()
        try:
            with counted(place, clock):
                data_key = Envelope.load(place.keys).unlock(passphrase)
            return cls(place, hold, data_key, clock)
        except BaseException:
            hold.release()
            raise

    def restore(self, name: str = "", told: Told = silently, stop: Event | None = None) -> Restored:
        snapshot, sound = self._named(name), self._present_is_sound()
        built, kept = self._means().restore(snapshot, self._clock(), _heeding(stop, told))
        return Restored(_preview(snapshot, built, sound, _DONE), kept)

    def close(self) -> None:
        """Let go of the desk."""
        self._hold.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class OpenDesk(_Common):
    """The snapshots of a desk that is open, restored under the hands of whoever works on it."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        super().__init__(lambda: store.restoring, store.path, store.restoring.key, clock)
        self._store = store

    def preview(self, name: str = "", stop: Event | None = None) -> Preview:
        with self._store.held_still():
            return super().preview(name, stop)

    def restore(self, name: str = "", told: Told = silently, stop: Event | None = None) -> Restored:
        snapshot = self._named(name)
        with self._store.held_still():
            sound = self._present_is_sound()
        built, kept = self._store.restore(snapshot, _heeding(stop, told))
        return Restored(_preview(snapshot, built, sound, _DONE), kept)


def _heeding(stop: Event | None, told: Told) -> Told:
    """As `told`, and ends it once `stop` is set, as long as nothing was changed."""

    def tell(step: Step, done: int, of: int) -> None:
        _refuse_where_stopped(stop)
        told(step, done, of)

    return tell


def _refuse_where_stopped(stop: Event | None) -> None:
    if stop is not None and stop.is_set():
        raise Refused("Restoring was stopped. Nothing was changed")


def _line(choice: Choice) -> SnapshotLine:
    snapshot, held = choice.snapshot, choice.held
    if held is None:
        holds = "damaged: nothing can be restored from it"
    else:
        told = [
            _counted(held.submissions, "submission", "submissions"),
            _counted(held.reviews, "review", "reviews"),
            _counted(held.entries, "entry", "entries"),
        ]
        told += [f"{_counted(held.waiting, 'packet', 'packets')} to be sent"] if held.waiting else []
        holds = " · ".join(told)
    return SnapshotLine(
        snapshot.id, snapshot.taken_at, snapshot.bytes, _TAKEN[snapshot.why], holds, held is not None
    )


def _preview(snapshot: Snapshot | None, built: Built, sound: bool, tense: _Tense = _TO_COME) -> Preview:
    lines = [_about(own_id, built) for own_id in sorted({*built.in_result, *(built.in_present or ())})]
    told = tuple(
        sorted((one for one in lines if one.comes_back or one.kept or one.lost), key=lambda one: one.key)
    )
    return Preview(
        FROM_JOURNAL if snapshot is None else snapshot.id,
        _present(built, sound, tense),
        sound,
        _summary(told, built, sound, tense, "made since this snapshot" if snapshot else "saved"),
        told,
    )


def _about(own_id: str, built: Built) -> SubmissionPreview:
    none: Counter[str] = Counter()
    result, snapshot = built.in_result.get(own_id, none), built.in_snapshot.get(own_id, none)
    present = none if built.in_present is None else built.in_present.get(own_id, none)
    key, title = built.names.get(own_id, (own_id, ""))
    lost = present - result
    if built.complete:
        del lost["draft"]  # the journal knows that it ended
    else:
        lost -= built.overtaken.get(own_id, none)
    return SubmissionPreview(
        own_id, key, title, _in_words(result - present), _in_words(result - snapshot), _in_words(lost)
    )


def _present(built: Built, sound: bool, tense: _Tense) -> str:
    if sound:
        return f"The database {tense.be} sound."
    if built.in_present is None:
        return f"The database {tense.cannot} be read."
    return f"The database {tense.be} damaged; part of it {tense.can} be read."


def _summary(told: Sequence[SubmissionPreview], built: Built, sound: bool, tense: _Tense, made: str) -> str:
    if any(one.lost for one in told):
        return tense.lost
    back = any(one.comes_back for one in told)
    begun = tense.back if back else tense.same if sound else ""
    if built.complete:
        return f"{begun}Everything {made} {tense.kept}."
    return (
        f"{begun}What was {made} {tense.kept} as far as it {tense.can} be read. The next sync brings all that "
        "came from your programme."
    )


def _in_words(counts: Counter[str]) -> str:
    said = [_counted(counts[kind], *names) for kind, names in _NAMED.items() if counts[kind]]
    others = sum(count for kind, count in counts.items() if kind not in _NAMED)
    said += [_counted(others, *_ACT)] if others else []
    return ", ".join(said[:-1]) + (" and " if said[1:] else "") + "".join(said[-1:])


def _counted(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"
