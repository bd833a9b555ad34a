"""A real time-stamping authority on loopback: `openssl ts -reply` behind a small server, certified by a root of its own
that nobody else trusts. It can be made to fail as authorities do.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

CONFIGURATION = """\
[tsa]
default_tsa = office
[office]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/office.pem
certs = {folder}/root.pem
signer_key = {folder}/office.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


@dataclass
class StampingOffice:
    """The authority; `failing` is the status it answers with instead of a token, 0 while it works."""

    folder: Path
    certificate: x509.Certificate
    url: str = ""
    failing: int = 0
    asked: int = 0
    answer: bytes | None = None
    turn: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def made(cls, folder: Path, rsa_key: bool = False) -> StampingOffice:
        """Keys, certificates and configuration in `folder`."""
        assert shutil.which("openssl"), "These tests need openssl"
        folder.mkdir(parents=True)
        root_key, key = ec.generate_private_key(ec.SECP256R1()), _key(rsa_key)
        root = _certificate("Stamping Root", root_key, "Stamping Root", root_key, authority=True)
        own = _certificate("Stamping Office", key, "Stamping Root", root_key, authority=False)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "office.key").write_bytes(pem)
        (folder / "office.pem").write_bytes(own.public_bytes(Encoding.PEM))
        (folder / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
        root_pem = root_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "root.key").write_bytes(root_pem)
        (folder / "serial").write_text("01\n")
        (folder / "office.cnf").write_text(CONFIGURATION.format(folder=folder))
        return cls(folder, own)

    def reply(self, query: bytes) -> bytes:
        """openssl's answer to a request."""
        with self.turn:
            self.asked += 1
            (self.folder / "query").write_bytes(query)
            line = f"ts -reply -config {self.folder}/office.cnf -queryfile {self.folder}/query"
            return subprocess.run(["openssl", *line.split()], check=True, capture_output=True).stdout

    @contextmanager
    def answering(self) -> Iterator[StampingOffice]:
        """On a loopback port while the block runs."""
        office = self

        class Desk(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                body = b"out of order" if office.failing else office.answer or office.reply(query)
                self.send_response(office.failing or 200)
                kind = "text/plain" if office.failing else "application/timestamp-reply"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing is to be said on stderr."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        running = threading.Thread(target=server.serve_forever, daemon=True)
        running.start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}/"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            running.join()


def _key(rsa_key: bool) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    if rsa_key:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=400))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
    )
    if not authority:
        purposes = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(purposes, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())
