"""Which pictures are also in another educator's submission: compared before anything is written, and told by pairs.

Not every pair is kept: of one handout in ten thousand submissions there are fifty million. A picture is told of as long
as it has one partner, and another is looked for once that is gone. A pair stands twice, once for either picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from assessor_desk.domain.preflight import alike, picture_bits
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, head_of
from assessor_desk.hub.parts import in_parts

Place = tuple[str, str]
"""A submission's id, and an artifact's in it."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by its hash, whose it is, and where."""

    place: Place
    educator_key: str
    bits: int


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing came to, for pictures `arriving` in place of all that the submissions `replaced` had.

    `looks`: of how many files the hub knew what they are. An import alone adds one or changes it, and is in the audit
    log: with none after the line `line`, as many as before are the same ones.
    """

    replaced: frozenset[str]
    arriving: tuple[Picture, ...]
    looks: int
    line: int
    pairs: tuple[tuple[Place, Place], ...]
    #: Of others' pictures those that have their first partner by this, or none any more.
    changed: frozenset[Place]

    def still_holds(self, view: sa.Connection, replaced: Iterable[str], arriving: Sequence[Picture]) -> bool:
        """Whether it is of these, and the others are the same as then."""
        same = (self.replaced, self.arriving) == (frozenset(replaced), tuple(arriving))
        return same and self.looks == _looks(view) and not _imported_since(view, self.line)


def pictures(submission_id: str, educator_key: str, hashes: Mapping[str, str]) -> Iterator[Picture]:
    """Those of a submission's artifacts that are pictures; `hashes` has the likeness of each artifact by its id."""
    for artifact_id, likeness in hashes.items():
        bits = picture_bits(likeness)
        if bits is not None:
            yield Picture((submission_id, artifact_id), educator_key, bits)


def compare(view: sa.Connection, replaced: Iterable[str], arriving: Sequence[Picture]) -> Compared:
    """Compare with the pictures of all other submissions. Changes nothing."""
    gone = frozenset(replaced)
    lost = _without_partner(view, gone)
    pairs, changed = _paired(_others(view, gone), lost, arriving) if arriving or lost else ([], set())
    looks, line = _looks(view), head_of(view).seq
    return Compared(gone, tuple(arriving), looks, line, tuple(pairs), frozenset(changed))


def keep_pairs(work: sa.Connection, compared: Compared) -> None:
    """Write what comparing came to, in place of the pairs that there were."""
    c = t.copies.c
    columns = (c.submission_id, c.artifact_id, c.other_submission, c.other_artifact)
    for some in in_parts(sorted(compared.replaced)):
        rows = work.execute(sa.select(*columns).where(c.submission_id.in_(some))).all()
        work.execute(sa.delete(t.copies).where(c.submission_id.in_(some)))
        if rows:  # its other half by its whole key: no index begins with the other submission
            half = sa.delete(t.copies).where(*(own == sa.bindparam(f"its_{own.name}") for own in columns))
            names = [f"its_{own.name}" for own in (*columns[2:], *columns[:2])]
            work.execute(half, [dict(zip(names, row, strict=True)) for row in rows])
    both = [half for one, two in compared.pairs for half in ((*one, *two), (*two, *one))]
    for some_rows in in_parts(both):
        names = [own.name for own in columns]
        rows_now = [{**dict(zip(names, row, strict=True)), "exact": False} for row in some_rows]
        work.execute(sa.insert(t.copies), rows_now)


def _looks(view: sa.Connection) -> int:
    return int(view.execute(sa.select(sa.func.count()).select_from(t.looks)).scalar_one())


def _imported_since(view: sa.Connection, line: int) -> bool:
    own = t.audit.c
    query = sa.select(own.seq).where(own.seq > line, own.act == Act.IMPORTED.value)
    return view.execute(query.limit(1)).first() is not None


def _without_partner(view: sa.Connection, gone: frozenset[str]) -> set[Place]:
    """Pictures of other submissions that have partners in those alone that go: no more than go.

    That there is one more is all that is asked: a picture may have very many.
    """
    own, c = t.looks.c, t.copies.c
    going = Counter[Place]()
    for some in in_parts(sorted(gone)):
        rows = view.execute(sa.select(c.other_submission, c.other_artifact).where(c.submission_id.in_(some)))
        going.update((row[0], row[1]) for row in rows if row[0] not in gone)
    lost: set[Place] = set()
    for count in sorted(set(going.values())):
        places = {place for place, theirs in going.items() if theirs == count}
        its = sa.select(c.other_artifact).where(
            c.submission_id == own.submission_id, c.artifact_id == own.artifact_id
        )
        one_more = its.offset(count).limit(1).correlate(t.looks).scalar_subquery()
        query = sa.select(own.submission_id, own.artifact_id).where(one_more.is_(None))
        for some in in_parts(sorted({one for one, _ in places})):
            rows = view.execute(query.where(own.submission_id.in_(some)))
            lost |= places & {(row[0], row[1]) for row in rows}
    return lost


def _others(view: sa.Connection, gone: frozenset[str]) -> Iterator[tuple[Picture, bool]]:
    """The pictures of all submissions but these, and whether each has a partner."""
    own, c = t.looks.c, t.copies.c
    has_partner = sa.exists().where(c.submission_id == own.submission_id, c.artifact_id == own.artifact_id)
    query = (
        sa.select(own.submission_id, own.artifact_id, own.likeness, t.submissions.c.educator_key, has_partner)
        .join(t.submissions, t.submissions.c.id == own.submission_id)
        .where(own.likeness != "")
        .order_by(own.submission_id, own.artifact_id)
    )
    for row in view.execute(query):
        if row.submission_id not in gone:
            for one in pictures(row.submission_id, row.educator_key, {row.artifact_id: row.likeness}):
                yield one, bool(row[4])


def _paired(
    others: Iterable[tuple[Picture, bool]], lost: set[Place], arriving: Sequence[Picture]
) -> tuple[list[tuple[Place, Place]], set[Place]]:
    """The new pairs, and which of the others have their first partner by them, or none any more.

    However many show one picture, each is compared with few of them: those that have a partner already need no other,
    and the first of them is partner enough.
    """
    pairs: list[tuple[Place, Place]] = []
    changed: set[Place] = set()
    known = _Known()
    again: list[Picture] = []
    for one, has_partner in others:
        if one.place in lost:
            again.append(one)
        elif has_partner:
            known.keep_some(one)
        else:
            known.leave(one)
    new = {one.place for one in arriving}
    for one in (*again, *arriving):
        partners = known.take_all(one)
        for each in partners:
            known.keep_some(each)
        changed |= {each.place for each in partners if each.place not in new}
        partners = partners or known.first(one)
        pairs += ((one.place, each.place) for each in partners)
        if partners:
            known.keep_some(one)
        else:
            known.leave(one)
    return pairs, (changed - lost) | (lost & known.still_alone())


class _Known:
    """Pictures that others are compared with: all that are alone, and of those that have a partner some."""

    def __init__(self) -> None:
        self._alone: dict[int, dict[str, list[Picture]]] = {}
        self._partnered: dict[int, dict[str, Picture]] = {}
        self._hashes: set[int] = set()
        self._in_order: list[int] = []
        #: Of a hash that was asked for: with how many it was compared, and which of them are alike.
        self._like: dict[int, tuple[int, list[int]]] = {}

    def leave(self, one: Picture) -> None:
        """It is alone."""
        self._note(one.bits)
        self._alone.setdefault(one.bits, {}).setdefault(one.educator_key, []).append(one)

    def keep_some(self, one: Picture) -> None:
        """It has a partner. Of one picture those of two educators are enough: one is another's, whoever asks."""
        self._note(one.bits)
        several = self._partnered.setdefault(one.bits, {})
        if len(several) < 2:
            several.setdefault(one.educator_key, one)

    def take_all(self, one: Picture) -> list[Picture]:
        """Other educators' pictures like this one, which are alone no more."""
        places = [
            (bits, educator_key)
            for bits in self._like_this(one)
            for educator_key in self._alone.get(bits, ())
            if educator_key != one.educator_key
        ]
        taken = [each for bits, educator_key in places for each in self._alone[bits].pop(educator_key)]
        for bits in {bits for bits, _ in places if not self._alone[bits]}:
            del self._alone[bits]
        return taken

    def first(self, one: Picture) -> list[Picture]:
        """One of another educator's like it that has a partner; none where there is none."""
        found = (
            each
            for bits in self._like_this(one)
            for educator_key, each in self._partnered.get(bits, {}).items()
            if educator_key != one.educator_key
        )
        return [each for each in (next(found, None),) if each is not None]

    def still_alone(self) -> set[Place]:
        """Where those are that have no partner."""
        return {
            each.place for several in self._alone.values() for theirs in several.values() for each in theirs
        }

    def _note(self, bits: int) -> None:
        if bits not in self._hashes:
            self._hashes.add(bits)
            self._in_order.append(bits)

    def _like_this(self, one: Picture) -> list[int]:
        """However many have one hash, that is compared with each other once."""
        count, like = self._like.get(one.bits, (0, []))
        like += (bits for bits in self._in_order[count:] if alike(bits, one.bits))
        self._like[one.bits] = (len(self._in_order), like)
        return like
