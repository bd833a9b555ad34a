"""One hub in a process of its own and one desk, made by commands, copied by whoever changes them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2 as sqlcipher
from tests.journey.programme import PASSPHRASE, Said, Serving, Terminal, make_hub, new_code, terminal
from tests.journey.wrong_files import write_wrong_submission
from tests.sync.faulty import Network, network_before, none

from assessor_desk.keys import envelope
from assessor_desk.keys.derivation import derive
from assessor_desk.keys.envelope import Envelope

Dump = dict[str, list[Any]]


@dataclass
class Harbour:
    """What all tests share: the hub that answers, a network before it, and two desks to copy."""

    folder: Path
    hub: Path
    number: str
    person: Terminal
    network: Network
    data_key: bytes
    #: What the hub said of files that cannot be opened, and what it held before and after.
    refused: tuple[Said, Dump, Dump]

    @property
    def trust(self) -> Path:
        """The trust list as the issuer gives it away."""
        return self.hub / "trust.pem"

    def code(self) -> str:
        """An enrolment code."""
        return new_code(self.person, self.hub, self.number)


@pytest.fixture(scope="session", autouse=True)
def _each_key_is_derived_once() -> Iterator[None]:
    """Deriving a key takes a third of a second on purpose, and the same words and salt give the same key."""
    known: dict[str, bytes] = {}
    derive_key = envelope._key_from

    def remembered(words: str, salt: bytes, cost: Mapping[str, Any]) -> bytes:
        asked = repr((words, salt, sorted(cost.items())))
        if asked not in known:
            known[asked] = derive_key(words, salt, cost)
        return known[asked]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope, "_key_from", remembered)
        yield


@pytest.fixture(scope="session")
def made_hub(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a hub with everything assigned, which nobody has opened since; and the assessor's number."""
    folder = tmp_path_factory.mktemp("issuer")
    return folder / "hub", make_hub(terminal(folder), folder / "hub", folder / "programme")


@pytest.fixture(scope="session")
def harbour(tmp_path_factory: pytest.TempPathFactory, made_hub: tuple[Path, str]) -> Iterator[Harbour]:
    """A desk connected and one that has synced too; one submission is of files that cannot be opened."""
    folder = tmp_path_factory.mktemp("harbour")
    person, hub, number = terminal(folder, "synced"), folder / "hub", made_hub[1]
    shutil.copytree(made_hub[0], hub)
    wrong = write_wrong_submission(folder / "wrong")
    before = hub_facts(hub)
    said = person.says("hub", "--at", hub, "import", wrong)
    refused = said, before, hub_facts(hub)
    person.does("hub", "--at", hub, "import", wrong, "--accept-unreadable")
    person.does("hub", "--at", hub, "assign", "--all", "--to", number)
    with Serving(hub) as serving, network_before(serving.url) as network:
        connected = person.says("connect", network.url, new_code(person, hub, number))
        assert connected.code == 0, connected
        shutil.copytree(person.desk, folder / "connected")
        person.does("sync")
        person.does("completeness", "VN-01")
        data_key = Envelope.load(person.desk / "keys.json").unlock(PASSPHRASE)
        yield Harbour(folder, hub, number, person, network, data_key, refused)


@pytest.fixture
def person(harbour: Harbour, tmp_path: Path) -> Iterator[Terminal]:
    """A person whose desk has synced, over a network without faults."""
    harbour.network.fault = none
    shutil.copytree(harbour.folder / "synced", tmp_path / "desk")
    yield harbour.person.at(tmp_path / "desk")
    harbour.network.fault = none


@pytest.fixture
def newcomer(harbour: Harbour, person: Terminal, tmp_path: Path) -> Terminal:
    """A person whose desk is connected and still empty."""
    shutil.copytree(harbour.folder / "connected", tmp_path / "connected")
    return person.at(tmp_path / "connected")


@pytest.fixture
def desk_facts(harbour: Harbour) -> Callable[[Terminal], Dump]:
    """Everything that a desk's database and its folder hold."""

    def read(person: Terminal) -> Dump:
        key = derive(harbour.data_key, "desk file").hex()
        return _rows(person.desk / "desk.db", key) | {"files": _files(person.desk)}

    return read


def hub_facts(hub: Path) -> Dump:
    """Everything that a hub's database and its folder hold."""
    key = (hub / "hub.key").read_text("ascii").strip()
    return _rows(hub / "hub.db", key) | {"files": _files(hub)}


def _rows(path: Path, key: str) -> Dump:
    connection = sqlcipher.connect(str(path))
    try:
        connection.execute(f"PRAGMA key = \"x'{key}'\"")
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        names = [name for (name,) in connection.execute(query)]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in names}
    finally:
        connection.close()


def _files(folder: Path) -> list[str]:
    """The files but the database's own journals and locks, which come and go."""
    passing = (".lock", "-wal", "-shm")
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(passing))
    return sorted(str(path.relative_to(folder)) for path in files)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """`small_disk("size=2m")` mounts a memory disk at `tmp_path / "small"`, or again with other options."""
    mounted, place = False, tmp_path / "small"

    def mount(options: str) -> None:
        nonlocal mounted
        place.mkdir(exist_ok=True)
        again = f"remount,{options}" if mounted else options
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", again, "tmpfs", str(place)], capture_output=True)
        if done.returncode != 0:
            pytest.skip(f"No memory disk can be mounted here: {done.stderr.decode().strip()}")
        mounted = True

    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("Only root may mount a small disk")
    yield mount
    if mounted:
        subprocess.run(["umount", str(place)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Not one byte is left on the disk of `folder`."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    yield
    ballast.unlink()
