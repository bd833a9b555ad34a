"""What `packaging/hub` says of a hub in containers is so: the same commands, the shipped balancer, real servers."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from ruamel.yaml import YAML
from tests import homes
from tests.beyond import Beyond, free_port
from tests.hub.conftest import Answering
from tests.hub.processes import Process, empty_folder

from assessor_desk.cli.command_line import parser
from assessor_desk.domain.roles import Role
from assessor_desk.hub.whereabouts import PREFIX, keep_whereabouts, whereabouts_of


@pytest.fixture
def packaging(root: Path) -> Path:
    """The folder that an operator is given."""
    return root / "packaging" / "hub"


def _services(packaging: Path) -> dict[str, dict[str, object]]:
    told = YAML(typ="safe").load((packaging / "compose.yaml").read_text(encoding="utf-8"))
    services: dict[str, dict[str, object]] = told["services"]
    return services


def test_every_service_is_named_with_its_start(packaging: Path) -> None:
    services = _services(packaging)
    assert set(services) == {"balancer", "hub", "database", "store"}
    assert all("image" in each for each in services.values())
    assert not [name for name, each in services.items() if name != "balancer" and "ports" in each]


def test_the_hub_starts_with_a_command_that_there_is(packaging: Path) -> None:
    text = (packaging / "Containerfile").read_text(encoding="utf-8")
    entry, start = (re.search(rf"^{word} \[(.*)\]$", text, re.M) for word in ("ENTRYPOINT", "CMD"))
    assert entry is not None
    assert start is not None
    _, *words = shlex.split(f"{entry[1]} {start[1]}".replace(",", " "))
    args = parser().parse_args(words)
    assert (args.host, args.behind) == ("0.0.0.0", "10.89.0.0/24")
    assert args.behind in (packaging / "compose.yaml").read_text(encoding="utf-8")


def test_every_variable_is_one_that_the_hub_reads(packaging: Path, root: Path) -> None:
    told = set(re.findall(rf"{PREFIX}(\w+):", (packaging / "compose.yaml").read_text(encoding="utf-8")))
    source = (root / "src" / "assessor_desk" / "hub" / "whereabouts.py").read_text(encoding="utf-8")
    known = {"DATABASE", "DATABASE_PASSWORD", "KEY", "BLOBS"}
    known |= {
        f"BLOBS_{each}" for each in ("ENDPOINT", "PUBLIC", "REGION", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
    }
    assert all(each.removeprefix("BLOBS_") in source for each in known)
    assert {name.removesuffix("_FILE") for name in told} <= known


def test_the_image_has_the_locked_libraries_and_no_window(packaging: Path, root: Path) -> None:
    pinned = re.compile(r"^([\w.-]+)==(\S+)", re.M)
    ours = dict(pinned.findall((packaging / "requirements.lock").read_text(encoding="utf-8")))
    whole = dict(pinned.findall((root / "requirements.lock").read_text(encoding="utf-8")))
    assert {name: version for name, version in ours.items() if whole.get(name) != version} == {}
    assert not [name for name in ours if "pyside" in name or "shiboken" in name]
    assert {"fastapi", "uvicorn", "psycopg-binary", "obstore", "sqlcipher3", "alembic"} <= set(ours)


# -- the shipped balancer, in earnest ----------------------------------------------------------------------


def _certificate(folder: Path) -> Path:
    """Key and certificate for this computer, in one file as the balancer reads them."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "tls.pem").write_bytes(private + certificate.public_bytes(pem))
    return folder / "tls.pem"


@contextlib.contextmanager
def _balancer(
    haproxy: str, shipped: Path, folder: Path, port: int, hubs: list[str], store: str
) -> Iterator[None]:
    """The shipped configuration with the addresses of this computer in place of the containers' names."""
    text = shipped.read_text(encoding="utf-8")
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
    names = {**os.environ, "HUB_NAME": "localhost", "FILES_NAME": "127.0.0.1"}
    command = [haproxy, "-db", "-f", str(folder / "haproxy.cfg")]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, env=names, stdout=log, stderr=log) as running,
    ):
        try:
            yield
        finally:
            running.kill()


@pytest.mark.both_homes
@pytest.mark.parametrize("home", [homes.BEYOND], indirect=True)
def test_desks_reach_hub_and_files_through_the_shipped_balancer(
    answering: Answering, beyond: Beyond, packaging: Path, tmp_path: Path, tool: Callable[[str], str]
) -> None:
    haproxy, port = tool("haproxy"), free_port()
    device = answering.enrol(Role.ASSESSOR, "7F3A-21")
    told = whereabouts_of(answering.hub.folder)
    assert told.blobs is not None
    folders = [empty_folder(answering.hub.folder, tmp_path / name) for name in ("one", "two")]
    for folder in folders:
        keep_whereabouts(folder, replace(told, blobs=replace(told.blobs, public=f"https://127.0.0.1:{port}")))
    processes = [Process.start(folder) for folder in folders]
    trusted = ssl.create_default_context(cafile=str(_certificate(tmp_path)))
    urls = [each.url for each in processes]
    with (
        _balancer(haproxy, packaging / "haproxy.cfg", tmp_path, port, urls, beyond.servers.store),
        httpx.Client(base_url=f"https://localhost:{port}", verify=trusted, trust_env=False) as desk,
    ):
        _until_it_answers(desk)
        token = {"Authorization": f"Bearer {device.source._token}"}
        blobs = desk.get("/v1/changes", headers=token).json()["blobs"]
        for blob in blobs:
            whole = desk.get(f"/v1/blobs/{blob['digest']}", headers=token, follow_redirects=True)
            assert (whole.status_code, len(whole.content)) == (200, blob["length"])
            assert whole.url.host == "127.0.0.1"
        assert desk.put(f"https://127.0.0.1:{port}/hub/other", content=b"mine").status_code == 403
        assert desk.get("/v1/hello", headers={"Host": "elsewhere.example.org"}).status_code == 421
        processes[0].kill()
        assert [desk.get("/v1/counts", headers=token).status_code for _ in range(6)] == [200] * 6
    processes[1].stop()


def _until_it_answers(desk: httpx.Client) -> None:
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        with contextlib.suppress(httpx.TransportError):
            if desk.get("/v1/hello").status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError("nothing answered through the balancer")
