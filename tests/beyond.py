"""What a hub beyond one machine needs, started for a test run and gone with it: PostgreSQL and an object store.

PostgreSQL is Debian's; it refuses to run as root, so root becomes another user for it. The object store is SeaweedFS,
a real one that a package of the test dependencies carries (docs/decisions/0181). Each lies in a folder of its own, and
neither outlives the run, however that ends: see `_Keeper`.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from assessor_desk.hub.whereabouts import (
    KEY_FILE,
    Whereabouts,
    keep_whereabouts,
    told_whereabouts,
    whereabouts_of,
)

BUCKET = "hub"
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_LOCK = "lock"
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Servers:
    """Both, answering on loopback. A hub's folder is told of them by `tell`."""

    postgres: str
    password: str
    store: str
    credentials: tuple[str, str]


def missing() -> str:
    """Why there can be no such servers here; empty where there can."""
    if sys.platform == "win32":
        return "PostgreSQL and the object store are started on Linux and macOS alone"
    if _initdb() is None:
        return "PostgreSQL's server is not installed (Debian's package: postgresql)"
    if _weed() is None:
        return "the object store of the test dependencies, weed, is not installed"
    return ""


class Beyond:
    """The servers of a run, started when a test first needs them, and what is copied on them.

    Where they are not `durable` nothing waits for the disk: nothing there outlives a power cut.
    """

    def __init__(self, durable: bool = False) -> None:
        self._kept: _Keeper | None = None
        self._durable = durable
        self._count = itertools.count(1)

    @property
    def servers(self) -> Servers:
        """Both, answering."""
        if self._kept is None:
            self._kept = _Keeper(self._durable)
        return self._kept.servers

    def close(self) -> None:
        """End what was started."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def place(self) -> Whereabouts:
        """A database and a prefix that are nobody's yet."""
        own, name = self.servers, f"hub{next(self._count)}"
        self._command(f'CREATE DATABASE "{name}"')
        return self._told(own, name)

    def copy(self, template: Path, folder: Path) -> None:
        """Another hub with all that the one in `template`, which is closed, has.

        Its folder has nothing but what says where all else is: everything comes from the database.
        """
        before = whereabouts_of(template)
        name, old = f"hub{next(self._count)}", before.database.rpartition("/")[2]
        self._command(f'CREATE DATABASE "{name}" TEMPLATE "{old}"')
        folder.mkdir(mode=0o700, parents=True)
        shutil.copy(template / KEY_FILE, folder)
        told = self._told(self.servers, name)
        keep_whereabouts(folder, told)
        self._copy_objects(old, name)

    def forget(self, folder: Path) -> None:
        """Remove the database of the hub in `folder`; the objects go with the store."""
        self._command(f'DROP DATABASE "{whereabouts_of(folder).database.rpartition("/")[2]}" WITH (FORCE)')

    def _told(self, own: Servers, name: str) -> Whereabouts:
        return told_whereabouts(
            f"{own.postgres}/{name}",
            own.password,
            f"s3://{BUCKET}/{name}",
            own.store,
            "",
            "",
            own.credentials,
        )

    def _command(self, words: str) -> None:
        import psycopg

        with psycopg.connect(f"{self.servers.postgres}/postgres", password=self.servers.password) as server:
            server.autocommit = True
            server.execute(words)

    def _copy_objects(self, old: str, new: str) -> None:
        import obstore

        store = bucket(self.servers)
        for one in obstore.list(store, prefix=old).collect():
            obstore.copy(store, one["path"], new + one["path"].removeprefix(old))


def bucket(own: Servers) -> Any:
    """The store's one bucket, with the hub's own rights."""
    from obstore.store import S3Store

    key, secret = own.credentials
    return S3Store(
        BUCKET, endpoint=own.store, access_key_id=key, secret_access_key=secret, region="us-east-1",
        client_options={"allow_http": True},
    )  # fmt: skip


class _Keeper:
    """A process that keeps the servers for as long as this one lives, and is no child of it.

    So what is looked for after each test, children still running, is not them; and they end even where a run is killed:
    then the pipe closes. Where that process is killed itself the system ends the servers (Linux), and the folders that
    it could not remove go when the next run starts its own.
    """

    def __init__(self, durable: bool) -> None:
        end, self._alive = os.pipe()
        command = [sys.executable, str(Path(__file__)), str(end), str(int(durable))]
        started = subprocess.Popen(command, stdout=subprocess.PIPE, pass_fds=(end,), text=True)
        os.close(end)
        assert started.stdout is not None
        with started.stdout as told:
            started.wait()
            line = told.readline()
        if not line:
            self.close()
            raise RuntimeError("the servers did not start; what they said stands above")
        told_of = json.loads(line)
        self.pid: int = told_of.pop("keeper")
        self.servers = Servers(**told_of)

    def close(self) -> None:
        os.close(self._alive)


def _keep(alive: int, durable: bool) -> None:
    """Detach, start, tell, and wait until whoever asked is gone."""
    if os.fork():
        return
    os.setsid()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _remove_abandoned()
    with _both(durable) as own:
        print(json.dumps({**asdict(own), "keeper": os.getpid()}), flush=True)
        os.close(1)
        while os.read(alive, 1):
            pass


@contextlib.contextmanager
def _both(durable: bool) -> Iterator[Servers]:
    password, key, secret = (secrets.token_hex(12) for _ in range(3))
    with (
        _folder("pg") as pg,
        _folder("s3") as s3,
        _seaweed(s3, key, secret) as at,
        _postgres(pg, password, durable) as port,
    ):
        store = f"http://127.0.0.1:{at}"
        _make_bucket(store, key, secret)  # which begins to answer while the database is made
        yield Servers(f"postgresql://hub@127.0.0.1:{port}", password, store, (key, secret))


# -- PostgreSQL --------------------------------------------------------------------------------------------


def _initdb() -> Path | None:
    found = shutil.which("initdb")
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return Path(found) if found else (kept[-1] if kept else None)


def _other_user() -> dict[str, Any]:
    """For root, the user that PostgreSQL runs as; others run it themselves."""
    if os.geteuid() != 0:
        return {}
    import pwd

    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    chosen = names.get("postgres") or names["nobody"]
    return {"user": chosen.pw_uid, "group": chosen.pw_gid}


@contextlib.contextmanager
def _postgres(folder: Path, password: str, durable: bool) -> Iterator[int]:
    initdb, other = _initdb(), _other_user()
    assert initdb is not None
    if other:
        os.chown(folder, int(other["user"]), int(other["group"]))
    told = folder / "password"
    told.write_text(password, encoding="ascii")
    told.chmod(0o644)  # the folder is closed to others
    data = folder / "data"
    make = [initdb, "--pgdata", data, "--username=hub", f"--pwfile={told}", "--auth=scram-sha-256"]
    make += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL, cwd=folder, **other)
    port = free_port()
    options = [] if durable else ["fsync=off", "full_page_writes=off", "synchronous_commit=off"]
    options += [
        "max_connections=300",
        "listen_addresses=127.0.0.1",
        f"unix_socket_directories={folder}",
        f"shared_buffers={'256MB' if durable else '32MB'}",
        *(["max_wal_size=4GB"] if durable else []),
    ]
    command = [initdb.with_name("postgres"), "-D", data, "-p", str(port), *(f"--{each}" for each in options)]
    with _running(command, folder, signal.SIGQUIT, other) as process:
        _wait_for(f"127.0.0.1:{port}", process, folder / "log")
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
    with _running(command, folder, signal.SIGKILL):  # asked politely it takes ten seconds
        yield ports["s3.port"]


def _make_bucket(address: str, key: str, secret: str) -> None:
    """A bucket is made by PUT on its name, which the library for objects has no verb for; signed as it signs."""

    import httpx
    from obstore import sign
    from obstore.store import S3Store

    give_up = time.monotonic() + _START_SECONDS
    store = S3Store(
        BUCKET, endpoint=address, access_key_id=key, secret_access_key=secret, region="us-east-1",
        client_options={"allow_http": True},
    )  # fmt: skip
    with httpx.Client(trust_env=False) as asking:
        while time.monotonic() < give_up:
            url = sign(store, "PUT", "", timedelta(minutes=1))
            with contextlib.suppress(httpx.HTTPError):
                if asking.put(url).status_code in (200, 409):
                    return
            time.sleep(0.1)
    raise RuntimeError("the object store did not make a bucket")


# -- both --------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _folder(name: str) -> Iterator[Path]:
    """A folder for what one server keeps, locked for as long as it does."""
    folder = Path(tempfile.mkdtemp(prefix=f"hub-{name}-"))
    with (folder / _LOCK).open("wb") as held:
        _lock(held.fileno())
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _lock(file: int) -> None:
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove_abandoned() -> None:
    """Folders whose keeper was killed: nobody holds their lock any more."""
    for name in ("pg", "s3"):
        for lock in Path(tempfile.gettempdir()).glob(f"hub-{name}-*/{_LOCK}"):
            with contextlib.suppress(OSError), lock.open("rb") as held:
                _lock(held.fileno())
                shutil.rmtree(lock.parent, ignore_errors=True)


@contextlib.contextmanager
def _running(
    command: list[Path | str], folder: Path, end: signal.Signals, other: dict[str, Any] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A server until the block ends, or this process, whatever ends it. Nothing of it is kept, so it ends at once."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, preexec_fn=_ends_with_its_parent(), **(other or {})
        )
        try:
            yield process
        finally:
            process.send_signal(end)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ends_with_its_parent() -> Callable[[], object] | None:
    """What a child does before it becomes the server, after it became another user, which would undo it (prctl(2))."""
    if sys.platform != "linux":
        return None
    import ctypes

    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


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


if __name__ == "__main__":
    _keep(int(sys.argv[1]), sys.argv[2] == "1")
