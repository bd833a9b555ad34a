"""A hub as a source, over HTTP (DESIGN §8).

Nothing that a network may answer in a hub's place (a log-in page, half a file, an error in HTML) is taken for
an answer: each becomes a sentence, and nothing is changed. httpx is imported with the first question.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
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
from assessor_desk.sync.source import Busy, EnrolmentRevoked

if TYPE_CHECKING:
    from datetime import datetime

    import httpx

    from assessor_desk.protocol.messages import Message

M = TypeVar("M", bound="Message")

CONNECT_SECONDS = 10.0
#: How long the hub may be silent between two pieces. A download of hours is fine as long as it moves.
IDLE_SECONDS = 30.0
_PIECE = 256 * 1024
_DEFAULT_WAIT = 30.0


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


class HubSource:
    """A hub at `address`. `token`, `identity` and `title` are empty until a device has been enrolled."""

    def __init__(self, address: str, token: str = "", identity: str = "", title: str = "") -> None:
        self._address = normalised(address)
        self._token = token
        self._identity = identity
        self._title = title or urlsplit(self._address).hostname or self._address

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

    def changes(self, cursor: str) -> SourceChanges:
        """The next page after `cursor`."""
        from assessor_desk.protocol.messages import ChangesAnswer

        return self._ask("GET", "/changes", ChangesAnswer, params={"cursor": cursor}).changes()

    def counts(self) -> SourceCounts:
        """What the hub holds for this person."""
        from assessor_desk.protocol.messages import CountsAnswer

        return self._ask("GET", "/counts", CountsAnswer).counts()

    def fetch(self, blob: Blob, offset: int) -> Iterator[bytes]:
        """The sealed bytes from `offset` on.

        Raises Unavailable when the connection ends early, Damaged when the hub announces another length.
        """
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        request = self._client.build_request("GET", f"/blobs/{blob.digest}", headers=headers)
        with self._reached(), self._closing(request) as response:
            skipped = self._begin_of_body(response, blob, offset)
            yield from _exactly(response.iter_raw(), blob.length - offset, skipped, self._title)

    def deliver(
        self, packet: BinaryIO, length: int, digest: str, kind: DeliveryKind = DeliveryKind.PACKET
    ) -> Receipt:
        """Hand over a packet or document; the answer is its receipt, whose signature is still to be checked."""
        from assessor_desk.protocol.messages import ReceiptAnswer

        path = f"/{_PLACES[kind]}/{digest}"
        answer = self._ask("PUT", path, ReceiptAnswer, headers=_length(length), content=_pieces(packet))
        if answer.packet_digest != digest:
            raise Damaged(f"{self._title} signed for another packet than the one sent. Tell the issuer")
        return answer.receipt()

    def release(self, decision: str, documents: BinaryIO | None, length: int) -> datetime:
        """Release the report on a decision: with `documents` (a ZIP) the hub hands it on, else it takes note."""
        from assessor_desk.protocol.messages import ReleaseAnswer

        how = "folder" if documents is None else "hub"
        body = b"" if documents is None else _pieces(documents)
        headers = _length(length if documents else 0)
        path = f"/releases/{decision}"
        return self._ask(
            "PUT", path, ReleaseAnswer, params={"how": how}, headers=headers, content=body
        ).released_at

    def leave_word(self) -> None:
        """Nothing is left to say: each thing was said as it came."""

    def close(self) -> None:
        """Close connections."""
        if "_client" in self.__dict__:
            self._client.close()
            del self.__dict__["_client"]

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx

        from assessor_desk import __version__
        from assessor_desk.protocol.messages import PREFIX

        timeout = httpx.Timeout(IDLE_SECONDS, connect=CONNECT_SECONDS)
        headers = {"User-Agent": f"assessor-desk/{__version__}", "Accept-Encoding": "identity"}
        own_computer = is_loopback(urlsplit(self._address).hostname or "")
        # A proxy of the surroundings has no business between this computer and itself.
        return httpx.Client(
            base_url=self._address + PREFIX, timeout=timeout, headers=headers, trust_env=not own_computer
        )

    def _ask(self, method: str, path: str, expected: type[M], **request: Any) -> M:
        with self._reached():
            response = self._client.send(
                self._authorised(self._client.build_request(method, path, **request))
            )
        self._refuse_errors(response)
        return self._understood(response, expected)

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
            raise Unavailable(self._no_hub_there())
        asked = {name: request.headers[name] for name in ("Range",) if name in request.headers}
        return self._client.build_request("GET", response.headers["location"], headers=asked)

    def _refuse_errors_elsewhere(self, response: httpx.Response) -> None:
        """What another computer says of itself is not the hub's word on this desk: it is asked again later."""
        if response.status_code in (429, 503):
            raise Busy(f"The files of {self._title} are much asked for. Try again later", _wait(response))
        if response.status_code >= 300:
            words = f"could not be fetched where it keeps them ({response.status_code}). Try again later"
            raise Unavailable(f"The files of {self._title} {words}")

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        """Say in a sentence that the network failed."""
        import httpx

        try:
            yield
        except httpx.ConnectError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                words = "shows a certificate that this computer does not trust. Check the address, or ask the issuer"
                raise Unavailable(f"{self._title} ({self._address}) {words}") from error
            words = "cannot be reached. Is this computer online, and the address right?"
            raise Unavailable(f"{self._title} ({self._address}) {words}") from error
        except httpx.TimeoutException as error:
            raise Unavailable(f"{self._title} did not answer in time. Try again later") from error
        except httpx.HTTPError as error:
            raise Unavailable(f"The connection to {self._title} ended too early. Try again") from error

    def _refuse_errors(self, response: httpx.Response) -> None:
        status = response.status_code
        if status < 300:
            return
        words, reason = self._words_of(response)
        if status in (401, 403) and reason == WithdrawalReason.ENROLMENT_REVOKED and self._token:
            raise EnrolmentRevoked(words)
        if status in (429, 503):
            raise Busy(words, _wait(response))
        if 400 <= status < 500 and status not in (408, 425):
            raise Refused(words)
        raise Unavailable(words)

    def _words_of(self, response: httpx.Response) -> tuple[str, str]:
        """The hub's own sentence and the reason it gives, or what can be said without one."""
        from assessor_desk.protocol.messages import Problem

        try:
            response.read()
            told = Problem.model_validate_json(response.content)
            return f"{self._title} says: {told.error}", told.reason
        except ValueError:
            status = response.status_code
            return f"{self._title} answered with an error ({status}) instead of data. Try again later", ""

    def _understood(self, response: httpx.Response, expected: type[M]) -> M:
        if "json" not in response.headers.get("content-type", ""):
            raise Unavailable(self._no_hub_there())
        try:
            return expected.model_validate_json(response.content)
        except ValueError as error:
            raise Unavailable(
                f"{self._title} answered in a way this program does not understand. Is one of them too old?"
            ) from error

    def _no_hub_there(self) -> str:
        return (
            f"{self._title} answered with a page instead of data. Check the address {self._address}, "
            "or log in to this network first"
        )

    def _begin_of_body(self, response: httpx.Response, blob: Blob, offset: int) -> int:
        """How many bytes at the beginning of this answer are here already."""
        if response.headers.get("content-type", "").partition(";")[0] in ("text/html", "application/json"):
            raise Unavailable(self._no_hub_there())
        skipped = 0 if response.status_code == 206 or not offset else offset
        if response.status_code == 206 and not _range_fits(response, blob, offset):
            raise Damaged(f"{self._title} sent another part of the file than was asked for. Try again")
        announced = response.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) != blob.length - offset + skipped:
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
}


def _length(length: int) -> dict[str, str]:
    return {"Content-Length": str(length), "Content-Type": "application/octet-stream"}


def _pieces(body: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: body.read(_PIECE), b"")


def _range_fits(response: httpx.Response, blob: Blob, offset: int) -> bool:
    return str(response.headers.get("content-range")) == f"bytes {offset}-{blob.length - 1}/{blob.length}"


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
        raise Unavailable(
            f"The connection to {title} ended too early. What came is kept; sync again to go on"
        )


def _wait(response: httpx.Response) -> float:
    """Seconds to wait by Retry-After (RFC 9110 §10.2.3), which is a number or a date."""
    told = response.headers.get("retry-after", "")
    if told.isdecimal():
        return float(told)
    try:
        at = parsedate_to_datetime(told)
    except ValueError:
        return _DEFAULT_WAIT
    from datetime import UTC, datetime

    return max(0.0, (at - datetime.now(UTC)).total_seconds()) if at.tzinfo else _DEFAULT_WAIT
