"""A person's own packets and decisions, handed back to their other computers as they were delivered."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import note_fetch
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import Caller

#: What is sealed and signed; notes and concerns are documents that every computer can write anew.
_SEALED = ("packet", "decision")
_PIECE = 256 * 1024


def own_packet(hub: Hub, caller: Caller, digest: str) -> Iterator[bytes]:
    """The bytes of what the caller's person delivered, as they came.

    Raises Declined (404) for what they did not deliver, in the same words whether it exists or not.
    """
    own = t.packets.c
    query = sa.select(own.file, own.file_key).where(
        own.digest == digest, own.person == caller.person, own.kind.in_(_SEALED)
    )
    with hub.database.looking() as view:
        row = view.execute(query).first()
    if row is None or not hub.packets.length(row.file):
        raise Declined(404, "You delivered no packet of that name here")
    note_fetch(hub, caller.person, caller.device, row.file)
    return _pieces(hub, row.file, row.file_key)


def _pieces(hub: Hub, file: str, key: bytes) -> Iterator[bytes]:
    with hub.packets.open(file, key, "the delivered packet") as reader:
        while piece := reader.read(_PIECE):
            yield piece
