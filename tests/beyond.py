"""What a hub beyond one machine needs, started for a test run and gone with it: PostgreSQL and an object store.

PostgreSQL is Debian's; it refuses to run as root, so root becomes another user for it. The object store is SeaweedFS,
a real one that a package of the test dependencies carries (docs/decisions/0181). Each lies in a folder of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BUCKET = "hub"
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0


@dataclass(frozen=True)
class Servers:
    """Both, answering on loopback. A hub's folder is told of them by `tell`."""

    postgres: str
    password: str
    store: str
    access_key_id: str
    secret_access_key: str

    def database(self, name: str) -> str:
        """The address of a database of the cluster."""
        return f"{self.postgres}/{name}"


def missing() -> str:
    """Why there can be no such servers here; empty where there can."""
    if sys.platform == "win32":
        return "PostgreSQL and the object store are started on Linux and macOS alone"
    if _initdb() is None:
        return "PostgreSQL's server is not installed (Debian's package: postgresql)"
    if _weed() is None:
        return "the object store of the test dependencies, weed, is not installed"
    return ""


@contextlib.contextmanager
def servers() -> Iterator[Servers]:
    """Start both; end and remove them at the end."""
    password, key, secret = (secrets.token_hex(12) for _ in range(3))
    with (
        _folder("pg") as pg,
        _folder("s3") as s3,
        _postgres(pg, password) as port,
        _seaweed(s3, key, secret) as at,
    ):
        yield Servers(f"postgresql://hub@127.0.0.1:{port}", password, f"http://127.0.0.1:{at}", key, secret)


# -- PostgreSQL --------------------------------------------------------------------------------------------


def _initdb() -> Path | None:
    found = shutil.which("initdb")
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return Path(found) if found else (kept[-1] if kept else None)


def _other_user() -> dict[str, str | int]:
    """For root, the user that PostgreSQL runs as; others run it themselves."""
    if os.geteuid() != 0:
        return {}
    import pwd

    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    chosen = names.get("postgres") or names["nobody"]
    return {"user": chosen.pw_uid, "group": chosen.pw_gid}


@contextlib.contextmanager
def _postgres(folder: Path, password: str) -> Iterator[int]:
    initdb, other = _initdb(), _other_user()
    assert initdb is not None
    if other:
        os.chown(folder, int(other["user"]), int(other["group"]))
    told = folder / "password"
    told.write_text(password, encoding="ascii")
    told.chmod(0o644)  # the folder is closed to others
    data = folder / "data"
    make = [initdb, "--pgdata", data, "--username=hub", f"--pwfile={told}", "--auth=scram-sha-256"]
    # Nothing here outlives a power cut, so nothing waits for the disk.
    make += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL, cwd=folder, **other)  # type: ignore[call-overload]
    port = free_port()
    options = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=300"]
    options += ["listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "shared_buffers=32MB"]
    command = [initdb.with_name("postgres"), "-D", data, "-p", str(port), *(f"--{each}" for each in options)]
    with _running(command, folder, f"127.0.0.1:{port}", other):
        yield port


# -- the object store --------------------------------------------------------------------------------------


def _weed() -> Path | None:
    beside = Path(sys.executable).with_name("weed")
    found = shutil.which("weed")
    return beside if beside.exists() else Path(found) if found else None


@contextlib.contextmanager
def _seaweed(folder: Path, key: str, secret: str) -> Iterator[int]:
    weed = _weed()
    assert weed is not None
    person = {"name": "hub", "credentials": [{"accessKey": key, "secretKey": secret}], "actions": ["Admin"]}
    (folder / "identities.json").write_text(json.dumps({"identities": [person]}), encoding="utf-8")
    names = ("master.port", "volume.port", "filer.port", "s3.port")
    ports = {f"{name}{end}": free_port() for name in names for end in ("", ".grpc")}
    command = [weed, "-logtostderr", "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3"]
    command += [f"-s3.config={folder / 'identities.json'}", "-s3.port.iceberg=0", "-iam=false"]
    command += [
        "-s3.port.lance=0",
        "-master.volumeSizeLimitMB=64",
        "-volume.max=200",
        "-master.telemetry=false",
    ]
    command += [f"-{name}={port}" for name, port in ports.items()]
    with _running(command, folder, f"127.0.0.1:{ports['s3.port']}"):
        _make_bucket(f"http://127.0.0.1:{ports['s3.port']}", key, secret)
        yield ports["s3.port"]


def _make_bucket(address: str, key: str, secret: str) -> None:
    """A bucket is made by PUT on its name, which the library for objects has no verb for; signed as it signs."""
    from datetime import timedelta

    import httpx
    from obstore import sign
    from obstore.store import S3Store

    give_up = time.monotonic() + _START_SECONDS
    store = S3Store(
        BUCKET, endpoint=address, access_key_id=key, secret_access_key=secret, region="us-east-1",
        client_options={"allow_http": True},
    )  # fmt: skip
    while True:
        url = sign(store, "PUT", "", timedelta(minutes=1))
        with contextlib.suppress(httpx.HTTPError):
            if httpx.put(url, trust_env=False).status_code in (200, 409):
                return
        if time.monotonic() > give_up:
            raise RuntimeError("the object store did not make a bucket")
        time.sleep(0.1)


# -- both --------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _folder(name: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f"hub-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _running(
    command: list[Path | str], folder: Path, address: str, other: dict[str, str | int] | None = None
) -> Iterator[None]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **(other or {}))  # type: ignore[call-overload]
        try:
            _wait_for(address, process, folder / "log")
            yield
        finally:
            process.send_signal(
                2
            )  # as Ctrl+C: both end at once, and PostgreSQL without waiting for its clients
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    host, _, port = address.rpartition(":")
    give_up = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < give_up:
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(
        f"nothing answers at {address}: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}"
    )


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
