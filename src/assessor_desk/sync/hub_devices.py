"""What a hub hands on between the devices of one person (`docs/two-devices.md`); `HubSource` takes this on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from assessor_desk.domain.errors import Refused, sentence
from assessor_desk.domain.own_devices import OwnDevice
from assessor_desk.keys.person_key import SealedBatch
from assessor_desk.sync.unreached import Unreached, Why

if TYPE_CHECKING:
    import httpx

    from assessor_desk.protocol.messages import Message

    M = TypeVar("M", bound=Message)


class OutOfOrder(Refused):
    """The hub does not have what a batch follows on: it was restored, or two programs write one chain."""


class TooLarge(Unreached):
    """The hub, or a server before it, takes nothing of this size."""


@dataclass(frozen=True, slots=True)
class Heard:
    """How far the person's entries go at the hub, and how many devices ask to join, as told with a round's answer.

    `digest` is that of the last batch of entries, empty from a hub that does not tell.
    """

    entries: int
    joins: int
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    """How far letting a device in has come: what was said of each step, empty where nothing was."""

    id: str
    device: str
    title: str
    asked_at: datetime
    commitment: str
    answer: str = ""
    reveal: str = ""
    welcome: str = ""


@dataclass(frozen=True, slots=True)
class Batches:
    """A page of sealed batches, each with its place, its digest as the hub told it; `last` is the highest place.

    `first` says of a chain whose beginning is not kept any more with which number it begins now. `at` is the digest of
    what lies at the place after which was asked, `last_digest` at the last; empty where that is not told.
    """

    batches: tuple[tuple[int, SealedBatch, str], ...]
    more: bool
    last: int
    at: str = ""
    last_digest: str = ""
    first: Mapping[str, int] = field(default_factory=dict)


class HubDevices(ABC):
    """The part of a hub that is about one's own devices. Raises as `Source` does."""

    #: As of the last round's answer; None before one, and from a hub that does not know of several devices.
    heard: Heard | None = None

    @abstractmethod
    def _ask(self, method: str, path: str, expected: type[M], **request: Any) -> M:
        """Ask the hub, and read its answer."""

    @abstractmethod
    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send to the hub, whatever it answers."""

    @abstractmethod
    def _refuse_errors(self, response: httpx.Response) -> None:
        """Raise what an answer says is wrong."""

    @abstractmethod
    def _understood(self, response: httpx.Response, expected: type[M]) -> M:
        """An answer, read."""

    @property
    @abstractmethod
    def interrupted(self) -> bool:
        """Whether a person ended what was asked."""

    def _hear(self, headers: Mapping[str, str]) -> None:
        """Note what an answer tells of the other devices."""
        from assessor_desk.protocol.device_messages import DIGEST_HEADER, ENTRIES_HEADER, JOINS_HEADER

        told = headers.get(ENTRIES_HEADER, ""), headers.get(JOINS_HEADER, "")
        if all(one.isdecimal() and len(one) < 12 for one in told):
            self.heard = Heard(int(told[0]), int(told[1]), headers.get(DIGEST_HEADER, ""))

    def devices(self) -> tuple[OwnDevice, ...]:
        """The person's devices, oldest first."""
        from assessor_desk.protocol.device_messages import DevicesAnswer

        found = self._ask("GET", "/devices", DevicesAnswer).devices
        return tuple(
            OwnDevice(one.id, one.title, one.enrolled_at, one.heard_at, one.revoked_at, one.this)
            for one in found
        )

    def call_device(self, title: str) -> None:
        """Give this device a name."""
        self._tell("PUT", "/devices/this", {"title": title})

    def remove_device(self, device: str, proof: bytes) -> None:
        """Revoke another of the person's devices; `proof` is this one's signature over `remove DEVICE`."""
        self._tell("POST", "/removals", {"device": device, "proof": b64encode(proof).decode()})

    def joins(self) -> tuple[Join, ...]:
        """Devices of the person that ask to join."""
        from assessor_desk.protocol.device_messages import JoinsAnswer

        found = self._ask("GET", "/joins", JoinsAnswer).joins
        return tuple(Join(**one.model_dump()) for one in found)

    def ask_to_join(self, own_id: str, commitment: str) -> None:
        """Ask the person's other devices for their key."""
        self._tell("POST", "/joins", {"id": own_id, "commitment": commitment})

    def say(self, join: str, step: str, word: str) -> None:
        """The next word to the other device."""
        self._tell("PUT", f"/joins/{join}/{step}", {"word": word})

    def end_join(self, join: str) -> None:
        """Turn a device away, or withdraw this one's wish."""
        self._tell("DELETE", f"/joins/{join}")

    def send_batch(self, batch: SealedBatch, digest: str) -> int:
        """Leave a batch for the other devices; its place.

        Raises OutOfOrder where the hub lacks what it follows on, TooLarge where it was not taken for its size.
        """
        from assessor_desk.protocol.device_messages import OUT_OF_ORDER, BatchTaken

        told = {"chain": batch.chain, "number": batch.number, "previous": batch.previous, "key": batch.key}
        body = {**told, "digest": digest, "sealed": b64encode(batch.sealed).decode()}
        response = self._send("POST", "/entries", json=body)
        if response.status_code == 409 and OUT_OF_ORDER in response.text:
            raise OutOfOrder("The hub does not have what this follows on")
        try:
            self._refuse_errors(response)
        except (Refused, Unreached) as error:
            if response.status_code == 413:
                raise TooLarge(sentence(error), Why.FAULT) from error
            raise
        return self._understood(response, BatchTaken).seq

    def batches(self, after: int, but: str) -> Batches:
        """Batches of the person's after a place, without those of the chain `but`."""
        from assessor_desk.protocol.device_messages import EntriesAnswer

        answer = self._ask("GET", "/entries", EntriesAnswer, params={"after": after, "but": but})
        found = tuple(
            (one.seq, SealedBatch(one.chain, one.number, one.previous, one.key, one.sealed), one.digest)
            for one in answer.batches
        )
        return Batches(found, answer.more, answer.last, answer.at, answer.last_digest, answer.first)

    def own_packet(self, digest: str) -> bytes:
        """What the person delivered from whichever device, as it came. Raises Refused for what they did not."""
        response = self._send("GET", f"/packets/{digest}")
        self._refuse_errors(response)
        return response.content

    def kept_keys(self) -> str:
        """The person's keys as one of their devices wrapped them with a passphrase; empty where none did."""
        from assessor_desk.protocol.device_messages import KeyCopy

        return self._ask("GET", "/person-key", KeyCopy).wrapped

    def keep_keys(self, wrapped: str) -> None:
        """Leave such a copy, or with an empty one take it back."""
        self._tell("PUT", "/person-key", {"wrapped": wrapped})

    def _tell(self, method: str, path: str, body: Mapping[str, str] | None = None) -> None:
        request = {} if body is None else {"json": dict(body)}
        self._refuse_errors(self._send(method, path, **request))


@dataclass(frozen=True, slots=True)
class Chain:
    """How far a chain of batches is known: its last number, that one's digest, and numbers that did not come."""

    number: int = 0
    digest: str = ""
    missing: tuple[int, ...] = field(default=())
