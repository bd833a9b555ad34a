"""The balancer that `packaging/hub` ships, in earnest: haproxy with its configuration, before processes here."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SHIPPED = Path(__file__).resolve().parents[2] / "packaging" / "hub" / "haproxy.cfg"
#: How desks reach the hub here, and how they reach its files: both are this computer.
HUB_NAME, FILES_NAME = "localhost", "127.0.0.1"


def make_certificate(folder: Path) -> Path:
    """Key and certificate for this computer, in one file as the balancer reads them."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HUB_NAME)])
    names = x509.SubjectAlternativeName([x509.DNSName(HUB_NAME), x509.IPAddress(ip_address(FILES_NAME))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "tls.pem").write_bytes(private + certificate.public_bytes(pem))
    return folder / "tls.pem"


@contextlib.contextmanager
def shipped_balancer(haproxy: str, folder: Path, port: int, hubs: list[str], store: str) -> Iterator[None]:
    """Answers at `port` with the certificate in `folder`, for these processes and this store.

    The shipped configuration, with the addresses of this computer in place of the containers' names.
    """
    text = SHIPPED.read_text(encoding="utf-8")
    servers = "\n".join(
        f"    server hub{n} {url.removeprefix('http://')} check" for n, url in enumerate(hubs)
    )
    for before, after in (
        (":8443", f"127.0.0.1:{port}"),
        ("/run/secrets/tls.pem", str(folder / "tls.pem")),
        ("    server-template hub 10 hub:8391 check inter 2s resolvers inside init-addr none", servers),
        ("store:8333 check resolvers inside init-addr none", f"{store.removeprefix('http://')} check"),
    ):
        assert before in text
        text = text.replace(before, after)
    (folder / "haproxy.cfg").write_text(text, encoding="utf-8")
    names = {**os.environ, "HUB_NAME": HUB_NAME, "FILES_NAME": FILES_NAME}
    command = [haproxy, "-db", "-f", str(folder / "haproxy.cfg")]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, env=names, stdout=log, stderr=log) as running,
    ):
        try:
            yield
        finally:
            running.kill()
