"""A desk's store and vault, a real hub, and a network between them that can go wrong."""

import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests import homes as both
from tests.beyond import Beyond
from tests.hub.making import (
    Device,
    StandingClock,
    copied,
    copy_hub,
    enrol,
    import_quickly,
    submissions_folder,
)
from tests.sync.faulty import Network, network_before

from assessor_desk.artifacts.sealed_stream import new_key, open_sealed, seal, sealed_length
from assessor_desk.artifacts.vault import Vault
from assessor_desk.domain.changes import Receipt
from assessor_desk.domain.roles import Role
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.serve import Server
from assessor_desk.store.lines import OutboxLine
from assessor_desk.store.store import Store
from assessor_desk.sync.engine import Progress, RoundResult, Vouch, run_round, without_vouching
from assessor_desk.sync.hub_source import HubSource
from assessor_desk.sync.vouching import check_receipt, check_trust
from assessor_desk.verdict.trust import TrustList

KEY = b"k" * 32

# Fixtures of this room too.
beyond, home, homes, template = both.beyond, both.home, both.homes, both.template


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Which tests run in which home."""
    both.choose_homes(items)


@dataclass
class Bench:
    """One desk's side, one hub's side, and the network between."""

    hub: Hub
    device: Device
    network: Network
    source: HubSource
    store: Store
    vault: Vault
    clock: StandingClock
    folder: Path
    stop: threading.Event = field(default_factory=threading.Event)
    told: list[Progress] = field(default_factory=list)
    vouch: Vouch = without_vouching

    def sync(self) -> RoundResult:
        return run_round(
            self.store,
            self.vault,
            self.source,
            self.clock,
            self.told.append,
            self.stop,
            self.check_receipt,
            self.check_trust,
            self.vouch,
        )

    def check_receipt(self, receipt: Receipt, digest: str) -> None:
        """As a desk does that enrolled with this hub."""
        check_receipt(receipt, digest, TrustList.load(self.hub.folder / "trust.pem"), self.clock())

    def check_trust(self, files: Mapping[str, bytes]) -> None:
        """As a desk does that enrolled with this hub."""
        known = TrustList.load(self.hub.folder / "trust.pem")
        check_trust(files["trust.pem"], files["trust.pem.p7s"], known, self.clock())

    def put_in_outbox(self, packet: bytes, digest: str) -> None:
        """As the seal does it: the packet sealed once more, and its line."""
        path, key = self.store.path.parent / "outbox" / digest, new_key()
        path.parent.mkdir(exist_ok=True)
        plain = self.folder / "plain.zip"
        plain.write_bytes(packet)
        with plain.open("rb") as source, path.open("wb") as target:
            seal(source, target, key, len(packet))
        line = OutboxLine(
            id=digest,
            source=self.source.identity,
            kind="packet",
            review_id="a review of this desk",
            path=path,
            length=len(packet),
            key=key,
            digest=digest,
            waiting_since=self.clock(),
        )
        self.store.record((), [line])

    def all_here(self) -> bool:
        """Whether every artifact is in the vault and opens with its key."""
        page = self.device.changes()
        for blob in page.blobs:
            line = self.store.artifact(blob.submission_id, blob.artifact_id)
            if not line.here:
                return False
            with open_sealed(self.vault.path(blob.digest), self.store.artifact_key(*_place(blob))) as reader:
                assert sealed_length(len(reader.read())) == blob.length
        return bool(page.blobs)


def _place(blob: object) -> tuple[str, str]:
    return blob.submission_id, blob.artifact_id  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Begun:
    """A folder with a hub, what was imported and a desk's empty store, and a device enrolled with the hub."""

    folder: Path
    device: Device


@pytest.fixture(scope="session")
def all_begun() -> dict[str, Begun]:
    """One for each home, as soon as one is needed."""
    return {}


@pytest.fixture
def begun(
    home: str,
    template: Path,
    beyond: Beyond | None,
    all_begun: dict[str, Begun],
    tmp_path_factory: pytest.TempPathFactory,
) -> Begun:
    """Made once and copied: importing, enrolling and laying out a store take a quarter of a second."""
    if home not in all_begun:
        all_begun[home] = _begin(tmp_path_factory.mktemp("begun"), template, beyond)
    return all_begun[home]


def _begin(folder: Path, template: Path, beyond: Beyond | None) -> Begun:
    hub = copied(template, folder / "hub", StandingClock(), beyond)
    import_quickly(hub, submissions_folder(folder / "incoming"))
    (folder / "desk").mkdir()
    Store.open(folder / "desk" / "desk.db", KEY, StandingClock()).close()
    with Server(hub.folder) as server:
        device = enrol(hub, server.url, Role.ASSESSOR, "7F3A-21", "91BB-02")
        device.source.close()
    hub.close()
    return Begun(folder, device)


@pytest.fixture
def bench(begun: Begun, tmp_path: Path, beyond: Beyond | None) -> Iterator[Bench]:
    """Everything up and enrolled, nothing synced yet."""
    shutil.copytree(begun.folder, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("hub"))
    copy_hub(begun.folder / "hub", tmp_path / "hub", beyond)
    clock = StandingClock()
    hub = Hub.open(tmp_path / "hub", clock=clock)
    store = Store.open(tmp_path / "desk" / "desk.db", KEY, clock)
    with Server(hub.folder) as server, network_before(server.url) as network:
        device = begun.device.at(server.url, hub)
        source = HubSource(network.url, device.source._token, hub.identity, "Lakeside hub")
        yield Bench(hub, device, network, source, store, Vault(tmp_path / "desk" / "vault"), clock, tmp_path)
        source.close()
        device.source.close()
    store.close()
    hub.close()
    if beyond is not None:
        beyond.forget(hub.folder)
