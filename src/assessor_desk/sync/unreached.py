"""Why a source could not be reached, told apart: each in a sentence that says what to do.

A kitchen table's network fails in many ways that look alike to a program: no network, a name that nobody knows, a
log-in page of a hotel in the hub's place, a clock that is wrong, so that every certificate is. `Why` names them for the
window, the sentence is for the person.
"""

from __future__ import annotations

import errno
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from assessor_desk.domain.errors import Unavailable
from assessor_desk.protocol.addresses import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx


class Why(StrEnum):
    """What keeps a source from being reached."""

    OFFLINE = "offline"
    NAME = "name"
    NOBODY = "nobody"
    SILENT = "silent"
    CUT = "cut"
    CERTIFICATE = "certificate"
    CLOCK = "clock"
    SIGN_IN = "sign_in"
    BUSY = "busy"
    FAULT = "fault"
    BY_STICK = "by_stick"


class Unreached(Unavailable):
    """The source was not reached, or something else answered. `page` is where the network wants one to sign in."""

    def __init__(self, words: str, why: Why, page: str = "") -> None:
        super().__init__(words)
        self.why = why
        self.page = page


def may_be_of_one_thing(error: Unavailable) -> bool:
    """Whether the source may be there for all else: something answered, broke off or fell silent amid one request."""
    return not isinstance(error, Unreached) or error.why in (Why.FAULT, Why.CUT, Why.SILENT)


def is_silence(error: Unavailable) -> bool:
    """Whether it took a wait for nothing to learn it: two in a row are one too many."""
    return isinstance(error, Unreached) and error.why is Why.SILENT


_NO_WAY = {
    getattr(errno, name)
    for name in ("ENETUNREACH", "ENETDOWN", "EHOSTUNREACH", "EHOSTDOWN", "EADDRNOTAVAIL")
    if hasattr(errno, name)
}
#: OpenSSL's X509_V_ERR_*: not valid yet, expired, for another name.
_NOT_YET, _EXPIRED, _OTHER_NAME = 9, 10, 62
_PROBE_SECONDS = 3.0
#: Where a network that wants one to sign in shows itself: it answers there in anybody's name.
_PLAIN_PORT = 80


@dataclass(frozen=True)
class Reaching:
    """A source's name and address, and the clock of this computer, for sentences."""

    title: str
    address: str
    now: datetime

    @property
    def host(self) -> str:
        """The source's host name."""
        return urlsplit(self.address).hostname or self.address

    def trouble(self, error: httpx.HTTPError) -> Unreached:
        """What a failed request means."""
        import httpx

        if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
            return Unreached(f"{self.title} did not answer in time. Try again later", Why.SILENT)
        told = (
            self._connecting(error) if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) else None
        )
        return told or Unreached(f"The connection to {self.title} ended too early. Try again", Why.CUT)

    def _connecting(self, error: httpx.HTTPError) -> Unreached:
        cause = next(_system_errors(error), None)
        if isinstance(cause, ssl.SSLError):
            return self.sign_in_instead() or self._secure(cause)
        if isinstance(cause, socket.gaierror):
            return self._name(cause)
        if isinstance(cause, OSError) and cause.errno in _NO_WAY:
            words = f"This computer is offline: there is no way to {self.title} ({self.address})"
            return Unreached(words, Why.OFFLINE)
        if isinstance(cause, ConnectionRefusedError):
            words = (
                "cannot be reached: nothing answers there. The hub may be starting, or the address be wrong"
            )
            return Unreached(f"{self.title} ({self.address}) {words}", Why.NOBODY)
        words = "cannot be reached: nothing answers in time. Is this computer online, and the address right?"
        return self.sign_in_instead() or Unreached(f"{self.title} ({self.address}) {words}", Why.SILENT)

    def _name(self, error: socket.gaierror) -> Unreached:
        if error.errno == getattr(socket, "EAI_NONAME", None):
            words = f"cannot be reached: nobody knows the name {self.host}. Check the address, or the network"
            return Unreached(f"{self.title} {words}", Why.NAME)
        words = f"This computer is offline, or its network finds no names ({self.host})"
        return Unreached(words, Why.OFFLINE)

    def _secure(self, error: ssl.SSLError) -> Unreached:
        code = getattr(error, "verify_code", None)
        if code in (_NOT_YET, _EXPIRED):
            state = "is not valid yet" if code == _NOT_YET else "has expired"
            words = f"certificate {state} by this computer's clock ({self.now.astimezone():%Y-%m-%d %H:%M})"
            return Unreached(f"{self.title}'s {words}. Set the clock right; else tell the issuer", Why.CLOCK)
        if code == _OTHER_NAME:
            words = f"Something else answers in place of {self.host}: its certificate is for another name"
            return Unreached(f"{words}. Sign in to this network, or check the address", Why.CERTIFICATE)
        if isinstance(error, ssl.SSLCertVerificationError):
            words = "shows a certificate that this computer does not trust. Sign in to this network, or ask the issuer"
            return Unreached(f"{self.title} ({self.address}) {words}", Why.CERTIFICATE)
        told = getattr(error, "reason", "") or error
        words = f"No secure connection to {self.title} ({self.address}) comes about ({told})"
        return Unreached(f"{words}. Sign in to this network, or try another", Why.CERTIFICATE)

    def instead_of_data(self, response: httpx.Response) -> Unreached:
        """A page came where data were expected."""
        page = f"http://{self.host}/" if self.address.startswith("https") else str(response.url)
        return self.sign_in(urljoin(str(response.url), response.headers.get("location", "")) or page)

    def sign_in(self, page: str) -> Unreached:
        """The network wants one to sign in on that page."""
        words = f"{self.title} answered with a page instead of data: the network wants you to sign in"
        return Unreached(
            f"{words}. Open {page} in a browser, then try again; or check the address {self.address}",
            Why.SIGN_IN,
            page,
        )

    def sign_in_instead(self) -> Unreached | None:
        """Ask in the open whether a network that wants one to sign in stands between, saying no more than the name.

        Such networks cannot answer over TLS in another's name, so they break it, and answer over plain HTTP.
        """
        import httpx

        if not self.address.startswith("https") or is_loopback(self.host):
            return None
        try:
            answer = httpx.get(f"http://{self.host}:{_PLAIN_PORT}/", timeout=_PROBE_SECONDS)
        except httpx.HTTPError:
            return None
        page = answer.headers.get("location", "")
        elsewhere = (urlsplit(page).hostname or self.host) != self.host
        if answer.status_code == 511 or (answer.is_redirect and elsewhere):
            return self.sign_in(page or f"http://{self.host}/")
        return None


def portal(response: httpx.Response) -> bool:
    """Whether something else than a hub answered: a page, or a way to one (RFC 6585 §6)."""
    if response.status_code == 511:
        return True
    if response.is_redirect:
        target = urlsplit(urljoin(str(response.url), response.headers["location"]))
        return target.hostname != response.url.host
    return response.status_code < 300 and is_page(response)


def is_page(response: httpx.Response) -> bool:
    """Whether the answer is for a browser."""
    kind = str(response.headers.get("content-type", "")).partition(";")[0].strip()
    return kind in ("text/html", "application/xhtml+xml")


def _system_errors(error: BaseException) -> Iterator[OSError]:
    """What the operating system said, at the bottom of a library's error."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError):
            yield seen
        seen = seen.__cause__ or seen.__context__
