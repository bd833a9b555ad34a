"""Messages of the hub's `/v1` about the devices of one person. What devices say to each other is opaque to the hub."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from assessor_desk.protocol.messages import Binary, Digest, Message

#: The largest sealed batch of entries, in bytes, and about how many bytes of them are answered at once.
LARGEST_BATCH, ENTRIES_AT_ONCE = 512 * 1024, 2 * 1024 * 1024
#: The largest thing that one device says to another while it is let in.
LARGEST_WORD = 64 * 1024

#: Answered with every `GET /changes`: how far the person's entries go, and how many devices ask to join.
ENTRIES_HEADER, JOINS_HEADER = "Own-Entries", "Own-Joins"
#: The digest of the batch at that place: after a hub was put back the same place may be another batch's.
DIGEST_HEADER = "Own-Entries-Digest"

#: `Problem.reason` where a batch does not follow on what the hub has of its chain: the desk begins another chain.
OUT_OF_ORDER = "out_of_order"

Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9a-zA-Z-]+$")]
Word = Annotated[str, Field(min_length=1, max_length=LARGEST_WORD)]


class DeviceLine(Message):
    """One device of the person who asks; `this` is the one that does."""

    id: str
    title: str
    enrolled_at: AwareDatetime
    heard_at: AwareDatetime | None = None
    revoked_at: AwareDatetime | None = None
    this: bool = False


class DevicesAnswer(Message):
    """All devices of the person who asks, oldest first."""

    devices: tuple[DeviceLine, ...]


class DeviceTitle(Message):
    """What the person calls this computer."""

    title: str = Field(min_length=1, max_length=100)


class RemovalRequest(Message):
    """Another device of one's own is to count no longer."""

    device: Name
    proof: Binary = Field(description="Detached CMS over `remove DEVICE`, by the caller's certificate")


class JoinRequest(Message):
    """A device asks the person's others for their key; it commits to a public key that it shows later."""

    id: Name
    commitment: Digest


class JoinWord(Message):
    """One step of letting a device in: opaque to the hub, said once."""

    word: Word


class JoinLine(Message):
    """How far letting a device in has come. `device` is the one that asks."""

    id: str
    device: str
    title: str
    asked_at: AwareDatetime
    commitment: str
    answer: str = ""
    reveal: str = ""
    welcome: str = ""


class JoinsAnswer(Message):
    """Devices of the person that ask to join."""

    joins: tuple[JoinLine, ...]


class BatchMessage(Message):
    """A sealed batch: number `number` of a chain, after the one whose digest is `previous`."""

    chain: Name
    number: int = Field(ge=1, lt=2**53)
    previous: str = Field(pattern=r"^([0-9a-f]{64})?$")
    digest: Digest
    key: Name = Field(description="By what the devices call the key; the hub does not have it")
    sealed: Binary = Field(max_length=LARGEST_BATCH)


class BatchTaken(Message):
    """The hub has it; `seq` is its place among the person's batches."""

    seq: int


class BatchLine(BatchMessage):
    """A batch of the person's, at its place."""

    seq: int


class EntriesAnswer(Message):
    """Batches after the one that was asked for; `more` of them wait. `last` is the highest place there is.

    `first` says of a chain whose beginning the hub keeps no longer with which number it begins here. `at` is the digest
    of the batch after which was asked, `last_digest` that of the one at the highest place; empty where it is not kept.
    """

    batches: tuple[BatchLine, ...]
    more: bool
    last: int
    at: str = ""
    last_digest: str = ""
    first: dict[str, int] = Field(default_factory=dict)


class KeyCopy(Message):
    """A copy of the person's keys, wrapped with a passphrase by one of their devices; empty where there is none."""

    wrapped: str = Field(default="", max_length=LARGEST_WORD)
