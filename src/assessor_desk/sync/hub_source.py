"""A hub as a source, over HTTP (DESIGN §8).

Nothing that a network may answer in a hub's place (a log-in page, half a file, an error in HTML) is taken for
an answer: each becomes a sentence, and nothing is changed. httpx is imported with the first question.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import socket
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar
from urllib.parse import urlsplit, urlunsplit

from assessor_desk.domain.changes import (
    Blob,
    DeliveryKind,
    Enrolment,
    Receipt,
    SourceChanges,
    SourceCounts,
    WithdrawalReason,
)
from assessor_desk.domain.errors import Damaged, Refused, Unavailable
from assessor_desk.protocol.addresses import is_loopback
from assessor_desk.sync.authorities import authorities
from assessor_desk.sync.hub_devices import HubDevices
from assessor_desk.sync.pace import Pace
from assessor_desk.sync.source import Busy, EnrolmentRevoked, Held, NotEnrolled, UnknownCursor
from assessor_desk.sync.uncollected import uncollected
from assessor_desk.sync.unreached import Reaching, Unreached, Why, portal

if TYPE_CHECKING:
    import httpx

    from assessor_desk.protocol.messages import Message, Problem

M = TypeVar("M", bound="Message")

CONNECT_SECONDS = 10.0
#: How long the hub may be silent between two pieces. A download of hours is fine as long as it moves.
IDLE_SECONDS = 30.0
#: A connection that nobody uses is given up before hubs do, after five seconds: else a question may meet its end.
REUSE_SECONDS = 3.0
#: Rows in a page of changes. A round begins with a small one, which a bad network may bring as a whole; each that came
#: soon makes the next one larger, for every page is a commit here and a dozen questions to the hub's database. The time
#: is taken with what the pace made it wait: a page that breaks off is lost as a whole, however it came to be slow.
_SMALL_PAGE, _LARGEST_PAGE = 200, 2000
_SOON, _LATE = 3.0, 15.0
_PIECE = 256 * 1024
#: A longer delivery that broke off goes on where the hub has it; of a shorter one asking would take as long.
_WORTH_ASKING = 64 * 1024
_NAMES_CONTENT = re.compile(r'(?:W/)?"([0-9a-f]{64})"')


def normalised(address: str) -> str:
    """The address of a hub as it is kept: scheme and host in lower case, no slash at the end.

    Raises Refused for anything but https, where http is allowed to this computer alone.
    """
    try:
        split = urlsplit(address.strip())
        host, port = split.hostname or "", split.port
    except ValueError:
        split, host, port = urlsplit(""), "", None
    if split.scheme not in ("http", "https") or not host or split.query or split.fragment or split.username:
        raise Refused(f"“{address}” is not the address of a hub. Write it as https://hub.example.org")
    if split.scheme == "http" and not is_loopback(host):
        raise Refused(f"“{address}” is not encrypted. Ask the issuer for the hub's https address")
    name = f"[{host}]" if ":" in host else host
    place = name if port is None else f"{name}:{port}"
    return urlunsplit((split.scheme, place, split.path.rstrip("/"), "", ""))


class HubSource(HubDevices):
    """A hub at `address`. `token`, `identity` and `title` are empty until a device has been enrolled."""

    def __init__(
        self, address: str, token: str = "", identity: str = "", title: str = "", pace: Pace | None = None
    ) -> None:
        self._address = normalised(address)
        self._token = token
        self._identity = identity
        self._title = title or urlsplit(self._address).hostname or self._address
        self._pace = pace or Pace()
        self._interrupted = threading.Event()
        self._most = _SMALL_PAGE
        self._streams: list[Any] = []

    @property
    def address(self) -> str:
        """Where the hub is reached."""
        return self._address

    @property
    def identity(self) -> str:
        """The hub's unchanging name for itself."""
        return self._identity

    @property
    def title(self) -> str:
        """What people call it."""
        return self._title

    def enrol(self, code: str, csr: str, device: str) -> Enrolment:
        """Trade a code for a token and a certificate; this source uses the token from then on."""
        from assessor_desk.protocol.messages import EnrolAnswer

        wanted = {"code": code.strip(), "csr": csr, "device": device}
        enrolment = self._ask("POST", "/enrolments", EnrolAnswer, json=wanted).enrolment()
        self._token, self._identity, self._title = enrolment.token, enrolment.identity, enrolment.title
        return enrolment

    def renew(self, csr: str, proof: bytes) -> tuple[bytes, bytes]:
        """Another certificate for this device, and its chain (PEM): `proof` is the present key's signature over `csr`.

        Asked again, the hub answers the same. Raises Refused where it will not renew.
        """
        from base64 import b64encode

        from assessor_desk.protocol.messages import RenewAnswer

        wanted = {"csr": csr, "proof": b64encode(proof).decode()}
        answer = self._ask("POST", "/certificates", RenewAnswer, json=wanted)
        return answer.certificate.encode(), answer.chain.encode()

    def changes(self, cursor: str, agreed: bool = False) -> SourceChanges:
        """The next page after `cursor`."""
        from assessor_desk.protocol.messages import UNKNOWN_CURSOR, ChangesAnswer

        # A hub that does not know conditions, counts or sizes yet passes them over, and answers with a page.
        known = f'"{cursor}"' if agreed and cursor.isascii() and cursor.isprintable() else ""
        response = self._send(
            "GET",
            "/changes",
            params={"cursor": cursor, "counts": "true", "most": str(self._most)},
            headers={"If-None-Match": known} if known else {},
        )
        self._most = _next_size(self._most, response.elapsed.total_seconds())
        self._hear(response.headers)
        if known and response.status_code == 304 and response.headers.get("etag") == known:
            return SourceChanges(cursor, told_at=_dated(response))
        told = self._problem(response) if response.status_code == 400 and cursor else None
        if told is not None and told.reason == UNKNOWN_CURSOR:  # any other 400 is no word on the cursor
            raise UnknownCursor(f"{self._title} does not know where this desk left off")
        self._refuse_errors(response)
        with uncollected():
            return replace(self._understood(response, ChangesAnswer).changes(), told_at=_dated(response))

    def held(self, digests: Iterable[str]) -> Held:
        """What of these deliveries the hub has."""
        from assessor_desk.protocol.messages import DIGESTS_AT_ONCE, HeldAnswer

        wanted, found, released = list(digests), set[str](), set[str]()
        for start in range(0, len(wanted), DIGESTS_AT_ONCE):
            asked = {"digests": wanted[start : start + DIGESTS_AT_ONCE]}
            answer = self._ask("POST", "/deliveries", HeldAnswer, json=asked)
            found |= set(answer.held)
            released |= set(answer.released)
        return Held(frozenset(found), frozenset(released))

    def counts(self) -> SourceCounts:
        """What the hub holds for this person."""
        from assessor_desk.protocol.messages import CountsAnswer

        return self._ask("GET", "/counts", CountsAnswer).counts()

    def fetch(self, blob: Blob, offset: int, end: int | None = None) -> Iterator[bytes]:
        """The sealed bytes from `offset` on, to the end or up to byte `end`.

        Raises Unavailable when the connection ends early, Damaged when the hub announces another length.
        """
        end = blob.length if end is None else end
        last = "" if end == blob.length else end - 1
        headers = {"Range": f"bytes={offset}-{last}"} if offset or end < blob.length else {}
        path = f"/blobs/{blob.digest}"
        request = self._client.build_request("GET", path, headers=headers, extensions=self._tracing)
        with self._reached(), self._closing(request) as response:
            skipped = self._begin_of_body(response, blob, offset, end)
            coming = (end if response.status_code == 206 else blob.length) - offset
            left = end - offset
            for piece in _exactly(response.iter_raw(), coming, skipped, self._title):
                yield piece[:left]
                left -= len(piece)
                if left <= 0:
                    break

    def deliver(
        self, packet: BinaryIO, length: int, digest: str, kind: DeliveryKind = DeliveryKind.PACKET
    ) -> Receipt:
        """Hand over a packet or document; the answer is its receipt, whose signature is still to be checked.

        Raises Refused only where the hub itself looked at it (docs/decisions/0307). A receipt of destruction waits
        whatever was said of it.
        """
        try:
            return self._hand_over(packet, length, digest, kind)
        except (NotEnrolled, _NotTaken):
            raise
        except Refused as error:
            if kind is DeliveryKind.DESTRUCTION or self._marks_no_refusals():
                raise
            said = str(error).removeprefix(f"{self._title} says: ").rstrip(".")
            words = f"Something on the way to {self._title} turned a delivery away: “{said}”. It waits on this computer"
            raise Unreached(
                f"{words}. Try again on another network; if it stays so, tell the issuer", Why.FAULT
            ) from error

    def _marks_no_refusals(self) -> bool:
        """Whether this is a hub from before refusals were marked as its own; False where it cannot be known."""
        from assessor_desk.protocol.messages import Greeting

        try:
            greeting = self._ask("GET", "/hello", Greeting)
        except Refused:
            return False
        return greeting.identity == self._identity and not greeting.marks_refusals

    def _hand_over(self, packet: BinaryIO, length: int, digest: str, kind: DeliveryKind) -> Receipt:
        path = f"/{_PLACES[kind]}/{digest}"
        if length < _WORTH_ASKING:
            return self._put(path, digest, packet, 0, length, {})
        told = {"Repr-Digest": f"sha-256=:{base64.b64encode(_sha256_of(packet)).decode()}:"}
        offset = (
            self._offset(path, length, told) if kind in (DeliveryKind.PACKET, DeliveryKind.DECISION) else 0
        )
        if offset:
            with contextlib.suppress(_BeginAgain):
                return self._put(path, digest, packet, offset, length, told)
        try:
            return self._put(path, digest, packet, 0, length, told)
        except _BeginAgain as error:
            words = f"What was sent to {self._title} arrived changed on its way. Try again on another network"
            raise Unreached(words, Why.FAULT) from error

    def _put(
        self, path: str, digest: str, packet: BinaryIO, offset: int, length: int, told: dict[str, str]
    ) -> Receipt:
        from assessor_desk.protocol.messages import ReceiptAnswer

        packet.seek(offset)
        headers = {**_length(length - offset), **told}
        if offset:
            span = f"{offset}-{length - 1}" if offset < length else "*"
            headers["Content-Range"] = f"bytes {span}/{length}"
        answer = self._ask("PUT", path, ReceiptAnswer, headers=headers, content=self._pieces(packet))
        if answer.packet_digest != digest:
            raise Damaged(f"{self._title} signed for another packet than the one sent. Tell the issuer")
        return answer.receipt()

    def _offset(self, path: str, length: int, told: dict[str, str]) -> int:
        """How much of a delivery the hub has; 0 for one that keeps no beginnings, as hubs did not at first."""
        answer = self._send("HEAD", path, headers={**told, "Upload-Length": str(length)})
        here = answer.headers.get("upload-offset", "")
        known = answer.status_code == 204 and here.isdecimal() and len(here) < 19
        return min(int(here), length) if known else 0

    def release(self, decision: str, documents: BinaryIO | None, length: int) -> datetime:
        """Release the report on a decision: with `documents` (a ZIP) the hub hands it on, else it takes note.

        Raises Refused where it was released the other way before, as when that answer was lost: who hands it on is then
        another than is wanted now.
        """
        from assessor_desk.protocol.messages import ReleaseAnswer

        how = "folder" if documents is None else "hub"
        body = b"" if documents is None else self._pieces(documents)
        headers = _length(length if documents else 0)
        path = f"/releases/{decision}"
        answer = self._ask("PUT", path, ReleaseAnswer, params={"how": how}, headers=headers, content=body)
        if answer.how != how:
            before = "into a folder" if answer.how == "folder" else "through the hub"
            raise Refused(f"{self._title} has it as released {before} already. Release it {before} once more")
        return answer.released_at

    @property
    def interrupted(self) -> bool:
        """Whether a person ended what was asked."""
        return self._interrupted.is_set()

    def interrupt(self) -> None:
        """End whatever is being asked: it raises Unavailable at once. This source is not asked again afterwards."""
        self._interrupted.set()
        for stream in list(self._streams):
            with contextlib.suppress(OSError):
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def _note_stream(self, event: str, info: dict[str, Any]) -> None:
        """Keep what connections are made of: only a socket can be woken from outside while it waits."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._streams = [one for one in self._streams if one.get_extra_info("socket").fileno() >= 0]
            self._streams.append(info["return_value"])

    def leave_word(self) -> str:
        """Nothing is left to say: each thing was said as it came."""
        return ""

    def close(self) -> None:
        """Close connections."""
        self._streams.clear()
        if "_client" in self.__dict__:
            self._client.close()
            del self.__dict__["_client"]

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx

        from assessor_desk import __version__
        from assessor_desk.protocol.messages import PREFIX
        from assessor_desk.sync.paced import keep_pace

        timeout = httpx.Timeout(IDLE_SECONDS, connect=CONNECT_SECONDS)
        headers = {"User-Agent": f"assessor-desk/{__version__}", "Accept-Encoding": "identity"}
        # A proxy of the surroundings has no business between this computer and itself.
        outside = not is_loopback(urlsplit(self._address).hostname or "")
        place = self._address + PREFIX
        limits = httpx.Limits(
            max_connections=100, max_keepalive_connections=20, keepalive_expiry=REUSE_SECONDS
        )
        client = httpx.Client(
            base_url=place, timeout=timeout, headers=headers, limits=limits, trust_env=outside,
            verify=authorities(outside),
        )  # fmt: skip
        keep_pace(client, self._pace, self._interrupted)
        return client

    def _ask(self, method: str, path: str, expected: type[M], **request: Any) -> M:
        response = self._send(method, path, **request)
        self._refuse_errors(response)
        return self._understood(response, expected)

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        with self._reached():
            return self._client.send(
                self._authorised(
                    self._client.build_request(method, path, **request, extensions=self._tracing)
                )
            )

    def _pieces(self, body: BinaryIO) -> Iterator[bytes]:
        while piece := body.read(_PIECE):
            yield piece

    @property
    def _tracing(self) -> dict[str, Any]:
        return {"trace": self._note_stream}

    @property
    def _reaching(self) -> Reaching:
        return Reaching(self._title, self._address, datetime.now(UTC))

    def _authorised(self, request: httpx.Request) -> httpx.Request:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    @contextlib.contextmanager
    def _closing(self, request: httpx.Request) -> Iterator[httpx.Response]:
        """The answer to a question for bytes, from the hub or from where it says that they are."""
        response = self._client.send(self._authorised(request), stream=True)
        try:
            if response.has_redirect_location:
                response.close()
                response = self._client.send(self._elsewhere(request, response), stream=True)
                self._refuse_errors_elsewhere(response)
            self._refuse_errors(response)
            yield response
        finally:
            response.close()

    def _elsewhere(self, request: httpx.Request, response: httpx.Response) -> httpx.Request:
        """The same question to the address that the hub names, such as a store's of files: without the token, once.

        Raises Unavailable for an address that is not encrypted: a network's log-in page, most likely. Plain http is for
        a hub on this computer alone, so that no other hub makes this desk ask around on it.
        """
        place = urlsplit(response.headers["location"])
        own_computer = is_loopback(urlsplit(self._address).hostname or "") and is_loopback(
            place.hostname or ""
        )
        if place.scheme != "https" and not (place.scheme == "http" and own_computer):
            raise self._reaching.instead_of_data(response)
        asked = {name: request.headers[name] for name in ("Range",) if name in request.headers}
        address = response.headers["location"]
        return self._client.build_request("GET", address, headers=asked, extensions=self._tracing)

    def _refuse_errors_elsewhere(self, response: httpx.Response) -> None:
        """What another computer says of itself is not the hub's word on this desk: it is asked again later."""
        if response.status_code in (429, 503):
            raise _busy(f"The files of {self._title} are much asked for. Try again later", response)
        if response.status_code >= 300:
            words = f"could not be fetched where it keeps them ({response.status_code}). Try again later"
            raise Unreached(f"The files of {self._title} {words}", Why.FAULT)

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        """Say in a sentence that the network failed."""
        import httpx

        try:
            yield
        except httpx.HTTPError as error:
            raise self._reaching.trouble(error) from error

    def _refuse_errors(self, response: httpx.Response) -> None:
        status = response.status_code
        if portal(response):
            raise self._reaching.instead_of_data(response)
        if status < 300:
            return
        told = self._problem(response)
        words = self._words_of(response) if told is None else f"{self._title} says: {told.error}"
        if status in (429, 503):
            raise _busy(words, response, Why.BUSY if told is None else Why.FAULT)
        if told is None or not 400 <= status < 500 or status in (408, 425):
            # Only a hub's own refusal is one: whatever else lies on the way knows nothing of packets.
            raise Unreached(words, Why.FAULT)
        raise self._refusal(status, told.reason, words)

    def _refusal(self, status: int, reason: str, words: str) -> Refused:
        from assessor_desk.protocol.messages import BEGIN_AGAIN, NOT_TAKEN

        if status in (401, 403) and reason == WithdrawalReason.ENROLMENT_REVOKED and self._token:
            return EnrolmentRevoked(words)
        if status == 401:
            return NotEnrolled(words)
        kinds: dict[str, type[Refused]] = {BEGIN_AGAIN: _BeginAgain, NOT_TAKEN: _NotTaken}
        return kinds.get(reason, Refused)(words)

    def _problem(self, response: httpx.Response) -> Problem | None:
        """The hub's own sentence, None where something else answered."""
        from assessor_desk.protocol.messages import Problem

        try:
            with self._reached():
                response.read()
            return Problem.model_validate_json(response.content)
        except (ValueError, Unavailable):
            return None

    def _words_of(self, response: httpx.Response) -> str:
        if response.status_code == 413:
            return (
                f"A server before {self._title} takes no deliveries of this size (413). Tell the issuer; "
                "yours waits on this computer"
            )
        return (
            f"{self._title} answered with an error ({response.status_code}) instead of data. Try again later"
        )

    def _understood(self, response: httpx.Response, expected: type[M]) -> M:
        if "json" not in response.headers.get("content-type", ""):
            raise self._reaching.instead_of_data(response)
        try:
            return expected.model_validate_json(response.content)
        except ValueError as error:
            raise Unavailable(
                f"{self._title} answered in a way this program does not understand. Is one of them too old?"
            ) from error

    def _begin_of_body(self, response: httpx.Response, blob: Blob, offset: int, end: int) -> int:
        """How many bytes at the beginning of this answer are here already."""
        if response.headers.get("content-type", "").partition(";")[0] in ("text/html", "application/json"):
            raise self._reaching.instead_of_data(response)
        named = _NAMES_CONTENT.fullmatch(response.headers.get("etag", ""))
        if named is not None and named[1] != blob.digest:
            raise Damaged(f"{self._title} sent another file than was asked for. Sync again")
        part = response.status_code == 206
        skipped, end = (0, end) if part else (offset, blob.length)
        if part and not _range_fits(response, blob, offset, end):
            raise Damaged(f"{self._title} sent another part of the file than was asked for. Try again")
        announced = response.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) != end - offset + skipped:
            raise Damaged(
                f"{self._title} announced a file of another length. Sync again; tell the issuer if it stays so"
            )
        return skipped


#: Where each kind of delivery goes.
_PLACES = {
    DeliveryKind.PACKET: "packets",
    DeliveryKind.DECISION: "packets",
    DeliveryKind.NOTES: "notes",
    DeliveryKind.CONCERN: "concerns",
    DeliveryKind.DESTRUCTION: "destructions",
}


def _next_size(rows: int, seconds: float) -> int:
    """How many rows to ask for after a page of so many took so long."""
    if seconds > _LATE:
        return max(_SMALL_PAGE, rows // 4)
    return min(_LARGEST_PAGE, rows * 4) if seconds < _SOON else rows


def _length(length: int) -> dict[str, str]:
    return {"Content-Length": str(length), "Content-Type": "application/octet-stream"}


def _sha256_of(body: BinaryIO) -> bytes:
    """SHA-256 of the whole of what can be read again from its beginning."""
    body.seek(0)
    hashed = hashlib.sha256()
    while piece := body.read(_PIECE):
        hashed.update(piece)
    return hashed.digest()


def _range_fits(response: httpx.Response, blob: Blob, offset: int, end: int) -> bool:
    return str(response.headers.get("content-range")) == f"bytes {offset}-{end - 1}/{blob.length}"


def _exactly(pieces: Iterator[bytes], length: int, skipped: int, title: str) -> Iterator[bytes]:
    """`length` bytes after the first `skipped`. Raises Unavailable for fewer, Damaged for more."""
    left, passing = length, skipped
    for piece in pieces:
        passed, piece = min(passing, len(piece)), piece[passing:]
        passing -= passed
        left -= len(piece)
        if left < 0:
            raise Damaged(
                f"{title} sent more bytes than it announced. Sync again; tell the issuer if it stays so"
            )
        if piece:
            yield piece
    if left:
        words = f"The connection to {title} ended too early. What came is kept; sync again to go on"
        raise Unreached(words, Why.CUT)


def _busy(words: str, response: httpx.Response, why: Why = Why.BUSY) -> Unreached:
    """Whoever asks to be left alone says for how long: Retry-After (RFC 9110 §10.2.3) is a number of seconds, or a date
    by the other side's clock. Else it is out of reach: nobody is there behind a balancer, or a hub lacks something.
    """
    told = response.headers.get("retry-after", "")
    if told.isdecimal():
        return Busy(words, float(told))
    at = _moment(told)
    if at is None:
        return Unreached(words, why)
    return Busy(words, max(0.0, (at - (_dated(response) or datetime.now(UTC))).total_seconds()))


def _dated(response: httpx.Response) -> datetime | None:
    """When the answer was made, by the other side's clock (RFC 9110 §6.6.1)."""
    return _moment(response.headers.get("date", ""))


def _moment(told: str) -> datetime | None:
    """The time that a header tells; None for what is none, for whatever answers may write anything there."""
    try:
        at = parsedate_to_datetime(told)
    except (ValueError, TypeError, OverflowError):
        return None
    return at if at.tzinfo else None


class _BeginAgain(Refused):
    """The hub cannot go on with an upload, or what came is not what was announced."""


class _NotTaken(Refused):
    """The hub itself looked at what was delivered, and will not take it."""
