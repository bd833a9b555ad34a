"""What one device of a person tells the others in a batch: compressed JSON, before it is sealed."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.domain.review import Entry, EntryKind
from assessor_desk.domain.roles import Purpose
from assessor_desk.store.lines import ReviewLine
from assessor_desk.store.travelling import Delivered

_VERSION = 1
#: What a batch may grow to when it is decompressed.
_LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Letter:
    """Content of a batch.

    `writer` is the device's own name for itself, `title` the person's, `device` the hub's; `box` is its public key
    (X25519, hexadecimal). `seen` says how far it has the chains of others, `lacks` which of them have gaps, `instead`
    which chains of its own this one takes the place of. `keys` is one of the person's keys, wrapped for each device
    that it is handed to; `has` are the names of those that the writer has, empty from a program that does not tell.
    `tells` says up to where all of other devices' chains has been told in this one, with this letter or before.
    """

    writer: str
    title: str
    device: str
    box: str
    seen: Mapping[str, int] = field(default_factory=dict)
    lacks: Sequence[str] = ()
    instead: Sequence[str] = ()
    revisions: Sequence[ReviewLine] = ()
    entries: Sequence[Entry] = ()
    delivered: Sequence[Delivered] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    has: Sequence[str] = ()
    tells: Mapping[str, int] = field(default_factory=dict)

    def content(self) -> bytes:
        """As it is sealed."""
        told = {
            "version": _VERSION, "writer": self.writer, "title": self.title, "device": self.device, "box": self.box,
            "seen": dict(self.seen),
            "lacks": list(self.lacks), "instead": list(self.instead),
            "revisions": [_revision(r) for r in self.revisions],
            "entries": [_entry(e) for e in self.entries], "delivered": [_delivered(d) for d in self.delivered],
            "keys": dict(self.keys), "has": list(self.has), "tells": dict(self.tells),
        }  # fmt: skip
        return zlib.compress(json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def letter_from(content: bytes) -> Letter:
    """The inverse of `Letter.content`. Raises Damaged for anything else, Refused for one of a newer program."""
    try:
        opened = zlib.decompressobj()
        told = json.loads(opened.decompress(content, _LARGEST).decode("utf-8", "surrogatepass"))
        if told["version"] > _VERSION or not {e["kind"] for e in told["entries"]} <= set(EntryKind):
            raise Refused(
                f"“{told['title']}” has a newer Assessor Desk. Update this one; what it wrote is taken then"
            )
        return Letter(
            str(told["writer"]),
            str(told["title"]),
            str(told["device"]),
            str(told["box"]),
            {str(chain): int(number) for chain, number in told["seen"].items()},
            tuple(told["lacks"]),
            tuple(told["instead"]),
            tuple(_revision_from(one) for one in told["revisions"]),
            tuple(_entry_from(one) for one in told["entries"]),
            tuple(_delivered_from(one) for one in told["delivered"]),
            {str(name): str(key) for name, key in told["keys"].items()},
            tuple(str(name) for name in told.get("has", ())),
            {str(chain): int(number) for chain, number in told.get("tells", {}).items()},
        )
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged("What another device of yours sent cannot be read. Tell the issuer") from error


def _revision(line: ReviewLine) -> dict[str, Any]:
    return {
        "id": line.id, "submission": line.submission_id, "assignment": line.assignment_id,
        "revision": line.revision, "purpose": line.purpose.value, "opened_at": line.opened_at.isoformat(),
    }  # fmt: skip


def _revision_from(told: Mapping[str, Any]) -> ReviewLine:
    return ReviewLine(
        told["id"], told["submission"], told["assignment"], int(told["revision"]), Purpose(told["purpose"]),
        datetime.fromisoformat(told["opened_at"]),
    )  # fmt: skip


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id, "review": entry.review_id, "kind": entry.kind.value, "data": dict(entry.data),
        "at": entry.at.isoformat(), "device": entry.device, "counter": entry.counter, "step": entry.step,
    }  # fmt: skip


def _entry_from(told: Mapping[str, Any]) -> Entry:
    return Entry(
        told["id"], told["review"], EntryKind(told["kind"]), told["data"], datetime.fromisoformat(told["at"]),
        told["device"], int(told["counter"]), told["step"],
    )  # fmt: skip


def _delivered(one: Delivered) -> dict[str, Any]:
    return {
        "review": one.review_id, "digest": one.digest, "kind": one.kind, "at": one.delivered_at.isoformat(),
        "receipt": b64encode(one.receipt).decode(),
    }  # fmt: skip


def _delivered_from(told: Mapping[str, Any]) -> Delivered:
    at = datetime.fromisoformat(told["at"])
    return Delivered(told["review"], told["digest"], told["kind"], at, b64decode(told["receipt"]))
