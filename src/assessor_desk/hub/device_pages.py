"""The hub's pages for the devices of one person: each sees and touches their own alone."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse

from assessor_desk.hub import own_devices, own_packets
from assessor_desk.hub.answers import problems
from assessor_desk.hub.asking import Asking, Served
from assessor_desk.protocol.device_messages import (
    BatchLine,
    BatchMessage,
    BatchTaken,
    DeviceLine,
    DevicesAnswer,
    DeviceTitle,
    EntriesAnswer,
    JoinLine,
    JoinRequest,
    JoinsAnswer,
    JoinWord,
    KeyCopy,
    Name,
    RemovalRequest,
)
from assessor_desk.protocol.messages import PREFIX, Digest

device_pages = APIRouter(prefix=PREFIX)
_NOT_KEPT = {"Cache-Control": "private, no-store"}


class Step(StrEnum):
    """What devices say to each other while one is let in, in this order."""

    ANSWER = "answer"
    REVEAL = "reveal"
    WELCOME = "welcome"


Join = Annotated[Name, Path()]


@device_pages.get("/devices", operation_id="devices", responses=problems(401))
def devices(hub: Served, caller: Asking) -> DevicesAnswer:
    """The caller's own devices."""
    rows = own_devices.devices_of_caller(hub, caller)
    return DevicesAnswer(devices=tuple(_device(row, caller.device) for row in rows))


@device_pages.put("/devices/this", status_code=204, operation_id="call_device", responses=problems(401))
def call_device(hub: Served, caller: Asking, wanted: DeviceTitle) -> None:
    """Give the caller's device a name, for their own eyes."""
    own_devices.call_device(hub, caller, wanted.title)


@device_pages.post("/removals", status_code=204, operation_id="remove_device", responses=problems(401))
def remove_device(hub: Served, caller: Asking, wanted: RemovalRequest) -> None:
    """Revoke another device of the caller's, as one does that was lost."""
    own_devices.remove_device(hub, caller, wanted.device, wanted.proof)


@device_pages.get("/joins", operation_id="joins", responses=problems(401))
def joins(response: Response, hub: Served, caller: Asking) -> JoinsAnswer:
    """Devices of the caller's that ask to join."""
    response.headers.update(_NOT_KEPT)
    fields = set(JoinLine.model_fields)
    rows = own_devices.joins_of(hub, caller)
    return JoinsAnswer(joins=tuple(JoinLine(**{name: getattr(row, name) for name in fields}) for row in rows))


@device_pages.post("/joins", status_code=204, operation_id="ask_to_join", responses=problems(401, 409))
def ask_to_join(hub: Served, caller: Asking, wanted: JoinRequest) -> None:
    """Ask one's other devices for the key that they share."""
    own_devices.ask_to_join(hub, caller, wanted)


@device_pages.put(
    "/joins/{join}/{step}", status_code=204, operation_id="say_to_device", responses=problems(401, 409)
)
def say_to_device(hub: Served, caller: Asking, join: Join, step: Step, wanted: JoinWord) -> None:
    """Say the next word to the other device; the hub hands it on."""
    own_devices.say(hub, caller, join, step.value, wanted.word)


@device_pages.delete("/joins/{join}", status_code=204, operation_id="end_join", responses=problems(401))
def end_join(hub: Served, caller: Asking, join: Join) -> None:
    """Turn a device away, or withdraw one's own wish."""
    own_devices.end_join(hub, caller, join)


@device_pages.post(
    "/entries",
    operation_id="send_entries",
    responses={201: {"model": BatchTaken, "description": "It is new"}, **problems(401, 409, 507)},
)
def send_entries(response: Response, hub: Served, caller: Asking, batch: BatchMessage) -> BatchTaken:
    """Leave a sealed batch for one's other devices; the same again is answered the same, with 200."""
    seq, new = own_devices.take_batch(hub, caller, batch)
    response.status_code = 201 if new else 200
    return BatchTaken(seq=seq)


@device_pages.get("/entries", operation_id="entries", responses=problems(401))
def entries(
    response: Response,
    hub: Served,
    caller: Asking,
    after: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    but: Annotated[str, Query(max_length=64)] = "",
) -> EntriesAnswer:
    """Sealed batches of one's own devices after a place, in pages, without those of the chain `but`."""
    response.headers.update(_NOT_KEPT)
    kept = own_devices.batches_after(hub, caller, after, but)
    first = own_devices.first_kept(hub, caller, {row.chain for row in kept.rows})
    return EntriesAnswer(
        batches=tuple(map(_batch, kept.rows)),
        more=kept.more,
        last=kept.last,
        at=kept.at,
        last_digest=kept.last_digest,
        first=first,
    )


@device_pages.get(
    "/packets/{digest}",
    operation_id="own_packet",
    response_class=StreamingResponse,
    responses=problems(401, 404),
)
def own_packet(hub: Served, caller: Asking, digest: Digest) -> StreamingResponse:
    """A packet or decision that the caller delivered, from whichever of their devices; as it came."""
    pieces = own_packets.own_packet(hub, caller, digest)
    return StreamingResponse(pieces, media_type="application/zip", headers=_NOT_KEPT)


@device_pages.get("/person-key", operation_id="kept_keys", responses=problems(401))
def kept_keys(response: Response, hub: Served, caller: Asking) -> KeyCopy:
    """The copy of the caller's keys that one of their devices wrapped with a passphrase."""
    response.headers.update(_NOT_KEPT)
    return KeyCopy(wrapped=own_devices.kept_keys(hub, caller))


@device_pages.put("/person-key", status_code=204, operation_id="keep_keys", responses=problems(401))
def keep_keys(hub: Served, caller: Asking, wanted: KeyCopy) -> None:
    """Leave such a copy, or with an empty one take it back."""
    own_devices.keep_keys(hub, caller, wanted.wrapped)


def _device(row: sa.Row[Any], this: str) -> DeviceLine:
    told = {name: getattr(row, name) for name in ("id", "title", "enrolled_at", "heard_at", "revoked_at")}
    return DeviceLine(**told, this=row.id == this)


def _batch(row: sa.Row[Any]) -> BatchLine:
    names = ("chain", "number", "previous", "digest", "sealed", "seq")
    return BatchLine(**{name: getattr(row, name) for name in names}, key=row.key_name)
