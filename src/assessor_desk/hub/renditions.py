"""Small renditions of recordings, made once on the hub for desks on bad networks.

A recording waits until its rendition is made, or could not be: then the reason is kept, and desks fetch the recording
itself, as they do while it waits. A rendition that would save little is not made.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from assessor_desk.artifacts.rendering import render_small
from assessor_desk.domain.errors import DeskError, Unavailable, sentence
from assessor_desk.hub import tables as t
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.looks import tell_assigned
from assessor_desk.protocol.messages import RenditionMessage

SMALLEST = 8_000_000
"""Bytes; a shorter recording is fetched as soon as its rendition would be."""

_WORTH_IT = 0.8
"""A rendition that is longer than this part of its recording is not kept."""

_PAUSE = 5.0
_TOLD = "It is fetched as it was handed in."


@dataclass(frozen=True, slots=True)
class Waiting:
    """A recording without a rendition yet."""

    submission_id: str
    key: str
    artifact_id: str
    name: str
    size: int
    sha256: str
    blob: str
    blob_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Made:
    """What became of one: `bytes` of the rendition, 0 with the reason in `trouble` where there is none."""

    waiting: Waiting
    bytes: int = 0
    trouble: str = ""


def waiting(hub: Hub) -> list[Waiting]:
    """Recordings still to be rendered, the shortest first."""
    a, s, b, r = t.artifacts.c, t.submissions.c, t.blobs.c, t.renditions.c
    done = sa.exists().where(r.submission_id == a.submission_id, r.artifact_id == a.id, r.sha256 == a.sha256)
    query = (
        sa.select(a.submission_id, s.key, a.id, a.name, a.size, a.sha256, b.digest, b.key.label("blob_key"))
        .join(t.submissions, s.id == a.submission_id)
        .join(t.blobs, b.digest == a.blob)
        .where(sa.not_(a.removed), a.media_type.like("video/%"), a.size >= SMALLEST, sa.not_(done))
        .where(s.consent_withdrawn_at.is_(None))
        .order_by(a.size, a.submission_id, a.id)
    )
    with hub.database.reading() as view:
        return [Waiting(*row) for row in view.execute(query).all()]


def make_waiting(hub: Hub, told: Callable[[Made], None], stop: threading.Event) -> list[Made]:
    """Make what waits, one after another; `told` after each. What fails is kept as failed and holds up nothing."""
    made: list[Made] = []
    for one in waiting(hub):
        if stop.is_set():
            break
        try:
            made.append(_make(hub, one, stop))
        except Unavailable:
            if stop.is_set():
                break
            raise
        told(made[-1])
    return made


def keep_making(hub: Hub, stop: threading.Event) -> None:
    """For a hub that serves: make what waits, and look again now and then, until stopped."""
    while not stop.is_set():
        try:
            with hub.database.try_turn("renditions") as mine:  # of several processes one is enough
                if mine:
                    make_waiting(hub, lambda _: None, stop)
        except DeskError:
            stop.wait(12 * _PAUSE)  # no room, or the database is busy: desks fetch recordings meanwhile
        stop.wait(_PAUSE)


def _make(hub: Hub, one: Waiting, stop: threading.Event) -> Made:
    try:
        with hub.blobs.at_hand(one.blob) as path:
            sealed, facts = render_small(path, one.blob_key, one.name, hub.blobs, stop)
    except Unavailable:
        raise
    except DeskError as error:
        return _keep(hub, one, None, "", f"{sentence(error)} {_TOLD}")
    if sealed.length > _WORTH_IT * one.size:
        hub.blobs.remove(sealed.digest)
        return _keep(hub, one, None, "", f"“{one.name}” is small already. {_TOLD}")
    return _keep(hub, one, sealed, facts.media_type, "")


def _keep(hub: Hub, one: Waiting, sealed: Any, media_type: str, trouble: str) -> Made:
    row = {
        "submission_id": one.submission_id,
        "artifact_id": one.artifact_id,
        "sha256": one.sha256,
        "blob": sealed.digest if sealed else None,
        "media_type": media_type,
        "trouble": trouble,
    }
    r = t.renditions.c
    with hub.database.writing() as work:
        if sealed and not _is_here(work, one):  # it was destroyed while this was made of it
            hub.blobs.remove(sealed.digest)
            return Made(one, 0, f"“{one.name}” is not here any more")
        if sealed:
            key = {"digest": sealed.digest, "length": sealed.length, "key": sealed.key}
            work.execute(sa.insert(t.blobs).values(**key))
        work.execute(
            sa.delete(t.renditions).where(
                r.submission_id == one.submission_id, r.artifact_id == one.artifact_id
            )
        )
        work.execute(sa.insert(t.renditions).values(**row))
        if sealed:
            tell_assigned(work, one.submission_id)
    return Made(one, sealed.length if sealed else 0, trouble)


def _is_here(view: sa.Connection, one: Waiting) -> bool:
    a = t.artifacts.c
    which = (a.submission_id == one.submission_id, a.id == one.artifact_id, a.blob == one.blob)
    return view.execute(sa.select(a.id).where(*which)).first() is not None


def renditions_told(
    view: sa.Connection, submission_ids: Iterable[str], open_to: Callable[[Any], Any]
) -> tuple[RenditionMessage, ...]:
    """The renditions of these submissions' recordings, but of none that `open_to` closes."""
    ids = list(submission_ids)
    query = _standing().where(t.artifacts.c.submission_id.in_(ids), open_to(ids))
    return tuple(
        RenditionMessage(
            submission_id=row.submission_id,
            artifact_id=row.artifact_id,
            media_type=row.media_type,
            digest=row.digest,
            length=row.length,
            key=row.key,
        )
        for row in view.execute(query).all()
    )


def is_rendition(view: sa.Connection, digest: str, held: Any, open_to: Callable[[Any], Any]) -> bool:
    """Whether a sealed file is the rendition of a recording among the submissions `held`, and not closed."""
    which = (t.renditions.c.blob == digest, t.artifacts.c.submission_id.in_(held), open_to(held))
    return view.execute(_standing().where(*which)).first() is not None


def _standing() -> sa.Select[Any]:
    """Renditions of recordings that still are what was rendered."""
    a, b, r = t.artifacts.c, t.blobs.c, t.renditions.c
    return (
        sa.select(r.submission_id, r.artifact_id, r.media_type, b.digest, b.length, b.key)
        .join(t.artifacts, sa.and_(a.submission_id == r.submission_id, a.id == r.artifact_id))
        .join(t.blobs, b.digest == r.blob)
        .where(a.sha256 == r.sha256, sa.not_(a.removed))
        .order_by(r.submission_id, a.position)
    )
