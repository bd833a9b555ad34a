"""Messages between the desk and a worker: a JSON header and bytes, each preceded by its length."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

_LENGTHS = struct.Struct(">IQ")
_LONGEST_HEADER = 64 * 1024 * 1024
_LONGEST_PAYLOAD = 1024 * 1024 * 1024

Payload = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `header` says what it is, `payload` carries its bytes."""

    header: dict[str, Any]
    payload: bytearray


def send(stream: BinaryIO, header: Mapping[str, Any], payload: Payload = b"") -> None:
    """Write one message. Raises OSError when the other end is gone."""
    head = json.dumps(header).encode()
    body = memoryview(payload).cast("B")
    stream.write(_LENGTHS.pack(len(head), len(body)) + head)
    stream.write(body)
    stream.flush()


def receive(stream: BinaryIO) -> Message | None:
    """Read one message; None when the other end is gone, also in the middle of a message.

    Raises ValueError for what is no message.
    """
    lengths = _exactly(stream, _LENGTHS.size)
    if lengths is None:
        return None
    head_length, body_length = _LENGTHS.unpack(lengths)
    if head_length > _LONGEST_HEADER or body_length > _LONGEST_PAYLOAD:
        raise ValueError("a message longer than any that is sent")
    head, body = _exactly(stream, head_length), _exactly(stream, body_length)
    if head is None or body is None:
        return None
    return Message(json.loads(bytes(head)), body)


def _exactly(stream: BinaryIO, length: int) -> bytearray | None:
    data = bytearray(length)
    view = memoryview(data)
    filled = 0
    while filled < length:
        count: int | None = stream.readinto(view[filled:])  # type: ignore[attr-defined]
        if not count:
            return None
        filled += count
    return data
