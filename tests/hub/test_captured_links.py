"""Links that the issuer asks to capture: a file over https is taken once, and nothing of the hub's own network."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.hub.making import ROWS, write_rows

from assessor_desk.artifacts.preflight import Preflight, preflight
from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.hub import tables as t
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.intake import Imported, import_folder
from assessor_desk.hub.link_capture import LinkCapture, NotCaptured, is_public

WORDS = b"# What the class wrote\n\nEighteen boards, one by one.\n"


class Answers(BaseHTTPRequestHandler):
    """A file, a page, and ways that lead astray."""

    words = WORDS

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        leads = {
            "/moved": "/files/notes.md",
            "/round": "/round",
            "/inside": "https://10.1.2.3/secret",
            "/plain": "http://127.0.0.1/notes.md",
        }
        if path in leads:
            self._answer(302, b"", ("Location", leads[path]))
        elif path == "/page":
            self._answer(200, b"<html>sign in</html>", ("Content-Type", "text/html; charset=utf-8"))
        elif path == "/disguised":
            self._answer(200, b"<!doctype html><html><p>sign in</p></html>")
        elif path == "/gone":
            self._answer(404, b"")
        elif path == "/large":
            self._answer(200, b"x" * 5000)
        elif path == "/named":
            self._answer(200, self.words, ("Content-Disposition", 'attachment; filename="../the notes.md"'))
        else:
            self._answer(200, self.words, ("Content-Type", "text/markdown"))

    def _answer(self, status: int, content: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(content)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Quietly."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, own = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    own.write_bytes(key.private_bytes(*plain))
    return pem, own


@pytest.fixture
def server(certificate: tuple[Path, Path]) -> Iterator[str]:
    """The address of a server over https on this computer."""
    Answers.words = WORDS
    pem, own = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, own)
    served = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    served.socket = context.wrap_socket(served.socket, server_side=True)
    thread = threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{served.server_address[1]}"
    served.shutdown()
    served.server_close()
    thread.join()


@pytest.fixture
def links(certificate: tuple[Path, Path]) -> Iterator[LinkCapture]:
    """Captures that may reach this computer, and trust that server."""
    trusted = ssl.create_default_context(cafile=str(certificate[0]))
    with closing(LinkCapture(lambda address: address == "127.0.0.1", trusted, largest=4000)) as capture:
        yield capture


@pytest.mark.parametrize(
    ("path", "name"),
    [("/files/notes.md", "notes.md"), ("/moved", "notes.md"), ("/named", "the notes.md"), ("/", "127.0.0.1")],
)
def test_a_file_is_captured_with_its_name(server: str, links: LinkCapture, path: str, name: str) -> None:
    captured = links.capture(server + path)
    assert (captured.content, captured.name) == (WORDS, name)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/page", "is a page, not a file"),
        ("/gone", "answered with 404"),
        ("/large", "larger than"),
        ("/round", "leads on more than 5 times"),
        ("/inside", "10.1.2.3 is no public address"),
        ("/plain", "not https"),
    ],
)
def test_what_is_no_file_to_take_says_why(server: str, links: LinkCapture, path: str, why: str) -> None:
    with pytest.raises(NotCaptured, match=why):
        links.capture(server + path)


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("http://example.org/a.pdf", "not https"),
        ("file:///etc/passwd", "not https"),
        ("https://user:word@example.org/a.pdf", "names a user"),
        ("https://example.org:25/a.pdf", "unusual port"),
        ("https://127.0.0.1/a.pdf", "no public address"),
        ("https://[::1]/a.pdf", "no public address"),
        ("https://[fe80::1]/a.pdf", "no public address"),
        ("https://169.254.169.254/latest/meta-data", "no public address"),
        ("https://localhost/a.pdf", "no public address"),
        ("https://[", "no address"),
    ],
)
def test_no_link_reaches_the_hubs_own_network(link: str, why: str) -> None:
    with closing(LinkCapture()) as capture, pytest.raises(NotCaptured, match=why):
        capture.capture(link)


def test_a_name_with_one_private_address_among_public_ones_is_not_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("93.184.216.34", "10.0.0.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with closing(LinkCapture()) as capture, pytest.raises(NotCaptured, match="no public address"):
        capture.capture("https://files.example.org/a.pdf")


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::", "::ffff:10.0.0.1",
     "fd00::1", "2002:0a00:0001::"],
)  # fmt: skip
def test_addresses_of_networks_are_not(address: str) -> None:
    assert not is_public(address)


# -- at import -----------------------------------------------------------------------------------------------


def imported(hub: Hub, folder: Path, links: LinkCapture | None) -> Imported:
    def look(path: Path, name: str, key: bytes = b"") -> Preflight:
        with open_sealed(path, key, name) if key else path.open("rb") as file:
            return preflight(file, name)  # type: ignore[arg-type]

    return import_folder(hub, folder, inspect=look, links=links)


def with_links(folder: Path, *links: str) -> Path:
    folder.mkdir(exist_ok=True)
    write_rows(folder, [ROWS["91BB-02"]], [f"91BB-02,work,{link},A link," for link in links])
    return folder


def rows_of(hub: Hub) -> list[sa.Row[tuple[object, ...]]]:
    with hub.database.reading() as view:
        return list(view.execute(sa.select(t.artifacts).order_by(t.artifacts.c.position)).all())


def test_a_captured_link_is_evidence_with_its_bytes_and_the_others_say_why_not(
    hub: Hub, server: str, links: LinkCapture, tmp_path: Path
) -> None:
    folder = with_links(tmp_path / "in", f"{server}/files/notes.md", f"{server}/disguised", f"{server}/gone")
    done = imported(hub, folder, links)
    assert (done.artifacts, done.captured, done.links) == (1, 1, 2)
    assert len(done.warnings) == 2
    assert "artifacts.csv, row 3" in done.warnings[0]
    assert "is a page, not a file" in done.warnings[0]
    taken, page, gone = rows_of(hub)
    assert (taken.name, taken.link, taken.media_type) == (
        "notes.md", f"{server}/files/notes.md", "text/markdown",
    )  # fmt: skip
    assert (page.sha256, page.blob, gone.sha256) == ("", None, "")
    with hub.database.reading() as view:
        key = view.execute(sa.select(t.blobs.c.key).where(t.blobs.c.digest == taken.blob)).scalar_one()
    with hub.blobs.open(taken.blob, key, "the file") as reader:
        assert reader.read() == WORDS
    assert {one.digest for one in hub.blobs.stored()} == {taken.blob}, "nothing of what was not kept is left"


def test_without_being_asked_nothing_is_fetched(hub: Hub, server: str, tmp_path: Path) -> None:
    done = imported(hub, with_links(tmp_path / "in", f"{server}/files/notes.md"), None)
    assert (done.captured, done.links, done.warnings) == (0, 1, ())


def test_what_was_captured_stays_until_it_is_captured_anew_as_something_else(
    hub: Hub, server: str, links: LinkCapture, tmp_path: Path
) -> None:
    folder = with_links(tmp_path / "in", f"{server}/files/notes.md")
    imported(hub, folder, links)
    (before,) = rows_of(hub)
    for again in (None, links):
        assert imported(hub, folder, again).unchanged == ("91BB-02",)
    assert rows_of(hub) == [before]
    assert {one.digest for one in hub.blobs.stored()} == {before.blob}
    Answers.words = b"# Something else\n"
    assert imported(hub, folder, links).changed == ("91BB-02",)
    (after,) = rows_of(hub)
    assert (after.id, after.sha256 != before.sha256) == (before.id, True)
