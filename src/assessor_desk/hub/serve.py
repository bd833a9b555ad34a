"""Running a hub: on a thread of this process for tests and the sample, or for good from the command line."""

from __future__ import annotations

import ipaddress
import logging
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.protocol.addresses import is_loopback

if TYPE_CHECKING:
    import uvicorn

_START_SECONDS = 20.0
_WAITING = 128
_LAST_ANSWERS_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificate chain and key (PEM) that a hub shows to the network."""

    certificate: Path
    key: Path


class Server:
    """A hub that answers while the `with` block runs; `url` says where. `port` 0 takes a free one.

    `behind` names the balancers that speak https for it, by address or network, between commas: it may then listen
    beyond this computer, and takes plain http from them alone.
    """

    def __init__(
        self,
        folder: Path,
        port: int = 0,
        host: str = "127.0.0.1",
        tls: Tls | None = None,
        passphrase: str | None = None,
        behind: str = "",
    ) -> None:
        if not behind:
            _refuse_plain_http_beyond_this_computer(host, tls)
        self._socket = _listen(host, port)
        try:
            self._server = _server(folder, tls, passphrase, _addresses(behind))
        except BaseException:
            self._socket.close()
            raise
        scheme = "http" if tls is None else "https"
        shown = f"[{host}]" if ":" in host else host
        self.url = f"{scheme}://{shown}:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)

    def start(self) -> Self:
        """Answer from now on. Raises Unavailable when the server does not come up."""
        self._thread.start()
        give_up = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > give_up:
                self.stop()
                raise Unavailable(f"The hub at {self.url} did not start. Its log says more")
            time.sleep(0.01)
        return self

    def run(self) -> None:
        """Answer on this thread until the process is asked to end."""
        self._run()
        self._socket.close()

    def ask_to_stop(self) -> None:
        """Let `run` return once the answers under way are finished."""
        self._server.should_exit = True

    def stop(self) -> None:
        """Finish the answers under way and stop."""
        self.ask_to_stop()
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _addresses(behind: str) -> list[str]:
    """Addresses and networks, between commas. Raises Refused for what is neither, or is the whole world."""
    found = [each.strip() for each in behind.split(",") if each.strip()]
    for each in found:
        try:
            network = ipaddress.ip_network(each)
        except ValueError:
            network = None
        if network is None or network.prefixlen == 0:
            raise Refused(f"“{each}” names no balancer. Write its address, or a network such as 10.0.0.0/8")
    return found


def _refuse_plain_http_beyond_this_computer(host: str, tls: Tls | None) -> None:
    if tls is None and not is_loopback(host):
        raise Refused(
            f"A hub answers plain http on this computer alone, not on {host}. Give it --certificate and --key, "
            "or put it behind a server that speaks https"
        )


def _server(folder: Path, tls: Tls | None, passphrase: str | None, behind: list[str]) -> uvicorn.Server:
    import uvicorn

    from assessor_desk.hub.app import create_app
    from assessor_desk.hub.connections import bounded
    from assessor_desk.hub.watching import not_a_fault

    # A server for https in front of this one runs on this computer, or where it was told, and its word on the scheme
    # and on who asks is taken. Whoever comes past it has spoken plain http, and is turned away (`gate`).
    config = uvicorn.Config(
        create_app(folder, passphrase),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=["127.0.0.1", "::1", *behind],
        http=bounded(behind),
        ws="none",
        timeout_graceful_shutdown=_LAST_ANSWERS_SECONDS,
        ssl_certfile=None if tls is None else str(tls.certificate),
        ssl_keyfile=None if tls is None else str(tls.key),
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(not_a_fault)
    return uvicorn.Server(config)


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that the port is known, and taken, before the server starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named: only then does asyncio let each answer go at once. Else the body of one whose headers
    # went before it waits until those are acknowledged, which takes the other side 40 milliseconds.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let another program take the port over
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_WAITING)  # whoever comes before the server is ready waits, and is not turned away
    except (OSError, OverflowError) as error:
        listening.close()
        why = getattr(error, "strerror", None) or error
        raise Refused(f"The hub cannot listen on {host}, port {port}: {why}. Choose another port") from error
    return listening
