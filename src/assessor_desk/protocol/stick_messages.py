"""What travels on a stick, inside its encryption (docs/folder-source.md): bundles to a desk, letters from it.

Each tells all of the present state, so that one may be lost or repeated; the newest counts alone. Unknown fields are
ignored, as on the network.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import AwareDatetime, Field

from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.errors import Damaged
from assessor_desk.protocol.messages import (
    ChangesAnswer,
    CountsAnswer,
    Digest,
    EnrolAnswer,
    Message,
    ReceiptAnswer,
    RenewAnswer,
    RenewRequest,
)
from assessor_desk.protocol.stick import refuse_newer

M = TypeVar("M", bound=Message)


class PlacedFile(Message):
    """Where a sealed file begins, counted through the bundle's volumes in order."""

    digest: Digest
    at: int = Field(ge=0)
    length: int = Field(ge=0)


class Bundle(Message):
    """What a hub tells a desk; on the stick the content of the hub's CMS signature, encrypted to the desk."""

    kind: Literal["assessor-desk bundle"]
    version: Literal[1]
    desk: str
    sequence: int = Field(ge=1, description="Grows with each bundle for this desk")
    made_at: AwareDatetime
    hub: str = Field(description="The hub's own unchanging address")
    title: str
    recipient: str = Field(description="What letters to the hub are encrypted to (age)")
    letter: int = Field(
        default=0, ge=0, description="The newest letter that was read, 0 where there was none"
    )
    letter_refused: str = Field(default="", description="Why nothing was taken from that letter")
    enrolment: EnrolAnswer | None = Field(default=None, description="The answer to the desk's request")
    ended: str = Field(default="", description="That the desk's enrolment was revoked, and why")
    pages: tuple[ChangesAnswer, ...] = Field(default=(), description="All changes from the beginning")
    counts: CountsAnswer | None = None
    anew: bool = Field(
        default=False, description="The newest letter's cursor is of a hub that was restored since"
    )
    receipts: tuple[ReceiptAnswer, ...] = Field(default=(), description="For all that this person delivered")
    released: tuple[Digest, ...] = Field(
        default=(), description="Decisions of this person whose report is out"
    )
    refused: dict[str, str] = Field(
        default_factory=dict, description="By digest, why a delivery of the letter was not taken"
    )
    renewed: dict[str, RenewAnswer] = Field(
        default_factory=dict, description="By the SHA-256 of the request, the certificate that answers it"
    )
    volumes: tuple[int, ...] = Field(default=(), description="Lengths of this bundle's files of sealed files")
    files: tuple[PlacedFile, ...] = ()


class Sent(Message):
    """Something in a letter that is to be delivered: `length` bytes, known by `digest`."""

    kind: DeliveryKind
    digest: Digest
    length: int = Field(ge=0)


class Letter(Message):
    """The head of a desk's letter; after it and a line feed come the deliveries' bytes, one after the other."""

    kind: Literal["assessor-desk letter"]
    version: Literal[1]
    desk: str
    sequence: int = Field(ge=1)
    written_at: AwareDatetime
    token: str = Field(description="The device's token: who writes")
    taken: int = Field(default=0, ge=0, description="The newest bundle that the desk has seen")
    cursor: str = Field(default="", description="The place up to which the desk has taken changes")
    held: tuple[Digest, ...] = Field(default=(), description="Sealed files that need not come again")
    renewal: RenewRequest | None = None
    deliveries: tuple[Sent, ...] = ()


def sealed_files(page: ChangesAnswer) -> Iterator[str]:
    """Digests of the sealed files that a page names: small renditions and packets before the rest."""
    yield from (one.digest for one in page.renditions)
    yield from (one.blob for one in page.packets)
    yield from (one.digest for one in page.blobs)


@dataclass(frozen=True)
class Delivery:
    """What is handed in, with its bytes."""

    sent: Sent
    content: bytes


def write_letter(head: Letter, deliveries: Iterable[Delivery]) -> bytes:
    """A letter's bytes, to be encrypted."""
    return b"".join([head.model_dump_json().encode(), b"\n", *(one.content for one in deliveries)])


def read_letter(content: bytes, path: Path) -> tuple[Letter, list[Delivery]]:
    """Head and deliveries. Raises Damaged for anything else, Refused for a newer form."""
    stream = io.BytesIO(content)
    head = _read(Letter, stream.readline(), path)
    deliveries = [Delivery(one, stream.read(one.length)) for one in head.deliveries]
    if any(len(one.content) != one.sent.length for one in deliveries) or stream.read(1):
        raise Damaged(f"{path} is damaged: what it holds is not what its beginning says")
    return head, deliveries


def read_bundle(content: bytes, path: Path) -> Bundle:
    """A bundle, once its signature was checked. Raises as `read_letter`."""
    return _read(Bundle, content, path)


def _read(expected: type[M], content: bytes, path: Path) -> M:
    try:
        told = json.loads(content)
        if isinstance(told, dict) and "version" in told:
            refuse_newer(told["version"], path)
        return expected.model_validate_json(content)
    except ValueError as error:
        raise Damaged(f"{path} is damaged: it does not hold what it should") from error
