"""Capturing what is behind a link: bytes and digest, once, at import, where the issuer asks for it.

Only a file that its address gives directly, over https: no pages, no log-ins, no players. The hub never reaches an
address of its own network for somebody else's link (OWASP, “Server Side Request Forgery Prevention”): each host is
looked up here, every address it has must be public, the connection goes to the address that was looked at, and each
redirect is treated as a new link. What comes is held in memory and sealed; its kind is told by its bytes.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

import httpcore

from assessor_desk.domain.errors import Unavailable

if TYPE_CHECKING:
    from httpcore._backends.base import SOCKET_OPTION

LARGEST = 256 * 1024 * 1024
"""Bytes; more is not captured."""

MOST_REDIRECTS = 5
_SILENT_SECONDS = 20.0
_SECONDS = 600.0
"""How long the other end may be silent, and how long all of it may take."""

_REDIRECTS = {301, 302, 303, 307, 308}
_PAGES = {"text/html", "application/xhtml+xml"}
_NAMED = re.compile(r"filename\*?=(?:UTF-8'')?\"?([^\";]+)", re.IGNORECASE)


class NotCaptured(Unavailable):
    """A link whose bytes could not be had; the sentence says why, for the issuer."""


@dataclass(frozen=True, slots=True)
class Captured:
    """What was behind a link, and what the file is called there."""

    content: bytes = field(repr=False)
    name: str


Reachable = Callable[[str], bool]
"""Whether an address (as text) may be connected to."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet: not of a private network, this computer, or a test range."""
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return found.is_global and not found.is_multicast and (inner is None or inner.is_global)


class LinkCapture:
    """Captures links one at a time. Tests let it reach a server of their own, and trust its certificate."""

    def __init__(
        self,
        may_reach: Reachable = is_public,
        trusted: ssl.SSLContext | None = None,
        largest: int = LARGEST,
        seconds: float = _SECONDS,
    ) -> None:
        self._largest = largest
        self._seconds = seconds
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusted or ssl.create_default_context(), network_backend=_Guarded(may_reach)
        )

    def capture(self, link: str) -> Captured:
        """The bytes behind `link`. Raises NotCaptured, saying why."""
        until = time.monotonic() + self._seconds
        address = link
        for _ in range(MOST_REDIRECTS + 1):
            parts = _direct(address, link)
            with self._asked(parts, link) as answer:
                if answer.status not in _REDIRECTS:
                    return Captured(self._body(answer, link, until), _name(answer, parts))
                address = urljoin(address, _header(answer, b"location"))
        raise NotCaptured(f"{link} leads on more than {MOST_REDIRECTS} times")

    def close(self) -> None:
        """End the connections."""
        self._pool.close()

    def _asked(self, parts: SplitResult, link: str) -> _Answering:
        silent = dict.fromkeys(("connect", "read", "write", "pool"), _SILENT_SECONDS)
        headers = [("User-Agent", "assessor-desk"), ("Accept", "*/*"), ("Accept-Encoding", "identity")]
        target = urlunsplit(parts._replace(fragment=""))
        return _Answering(
            self._pool.stream("GET", target, headers=headers, extensions={"timeout": silent}), link
        )

    def _body(self, answer: httpcore.Response, link: str, until: float) -> bytes:
        if answer.status != 200:
            raise NotCaptured(f"{link} was answered with {answer.status}")
        media_type = _header(answer, b"content-type").partition(";")[0].strip().lower()
        if media_type in _PAGES:
            raise NotCaptured(f"{link} is a page, not a file; ask for the file itself")
        if int(_header(answer, b"content-length") or 0) > self._largest:
            raise self._too_large(link)
        content = bytearray()
        for piece in answer.iter_stream():
            content += piece
            if len(content) > self._largest:
                raise self._too_large(link)
            if time.monotonic() > until:
                raise NotCaptured(f"{link} took longer than {self._seconds:g} seconds")
        if not content:
            raise NotCaptured(f"{link} gives an empty file")
        return bytes(content)

    def _too_large(self, link: str) -> NotCaptured:
        return NotCaptured(f"{link} is larger than {self._largest // 1024**2} MB")


class _Answering:
    """An answer being read, with the network's faults told in a sentence."""

    def __init__(self, stream: object, link: str) -> None:
        self._stream, self._link = stream, link

    def __enter__(self) -> httpcore.Response:
        try:
            answer = self._stream.__enter__()  # type: ignore[attr-defined]
        except _NETWORK_FAULTS as error:
            raise _unreached(self._link, error) from error
        assert isinstance(answer, httpcore.Response)
        return answer

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._stream.__exit__(kind, error, trace)  # type: ignore[attr-defined]
        if isinstance(error, _NETWORK_FAULTS):
            raise _unreached(self._link, error) from error


_NETWORK_FAULTS = (
    httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError,
    ValueError,
)  # fmt: skip


def _unreached(link: str, error: BaseException) -> NotCaptured:
    if isinstance(error, NotCaptured):
        return error
    return NotCaptured(f"{link} could not be reached ({str(error) or 'no answer'})")


class _Guarded(httpcore.NetworkBackend):
    """Connects only where it may: to the address that was looked at, so that a name cannot change meanwhile."""

    def __init__(self, may_reach: Reachable) -> None:
        self._may_reach = may_reach
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise NotCaptured(f"There is no {host} on the network") from error
        addresses = [str(one[4][0]) for one in found]
        if not addresses or not all(map(self._may_reach, addresses)):
            raise NotCaptured(f"{host} is no public address")
        return self._plain.connect_tcp(addresses[0], port, timeout, local_address, socket_options)


def _direct(address: str, link: str) -> SplitResult:
    """The parts of an address that may be asked. Raises NotCaptured."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise NotCaptured(f"{link} is no address") from error
    if parts.scheme != "https" or not parts.hostname:
        where = "" if address == link else " leads on to one that"
        raise NotCaptured(f"{link}{where} is not https; only https links are captured")
    if parts.username or parts.password or port not in (None, 443, *_OTHER_PORTS):
        raise NotCaptured(f"{link} names a user or an unusual port")
    return parts


_OTHER_PORTS = range(1024, 65536)


def _header(answer: httpcore.Response, name: bytes) -> str:
    found = next((value for key, value in answer.headers if key.lower() == name), b"")
    return found.decode("latin-1")


def _name(answer: httpcore.Response, parts: SplitResult) -> str:
    """What the file is called: as the answer says, else as the address ends."""
    said = _NAMED.search(_header(answer, b"content-disposition"))
    name = unquote(said.group(1)) if said else unquote(PurePosixPath(parts.path).name)
    plain = PurePosixPath(name.replace("\\", "/")).name
    return re.sub(r"[\x00-\x1f\x7f]", "", plain).strip()[:120] or str(parts.hostname)
