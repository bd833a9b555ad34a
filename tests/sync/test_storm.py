"""Rounds through a network in which anything may happen, with a hub that restarts, is restored and changes version."""

import hashlib
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.beyond import Beyond
from tests.hub.making import StandingClock, copied, copy_hub, enrol, import_quickly, write_rows
from tests.sync.conftest import KEY, Bench
from tests.sync.faulty import Network
from tests.sync.storm import Storm, storm_before

from assessor_desk.artifacts.sealed_stream import CHUNK, HEADER_LENGTH, TAG
from assessor_desk.artifacts.vault import Vault
from assessor_desk.domain.errors import DeskError
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign, withdraw
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.serve import Server
from assessor_desk.store.store import Store
from assessor_desk.sync import hub_source
from assessor_desk.sync.hub_source import HubSource

#: So many bytes may come twice for each interruption: a chunk with its tag, and the header before the first.
_ONE_CHUNK = CHUNK + TAG + HEADER_LENGTH
_COMES_AND_GOES = "S-0"
_COUNTS_BYTES = pytest.mark.in_a_folder(
    reason="counts bytes that come twice, and a store sends them past the storm; a hundred rounds have servers too"
)


@dataclass
class Coast:
    """A hub and a desk with a stormy network between, and what has happened to them."""

    folder: Path
    bench: Bench
    storm: Storm
    server: Server
    chooser: random.Random
    keys: list[str]
    back_up: Path
    beyond: Beyond | None = None
    sealed: list[tuple[bytes, str]] = field(default_factory=list)
    queued: list[str] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)

    def where(self) -> tuple[str, int]:
        host, port = self.server.url.removeprefix("http://").split(":")
        return host, int(port)

    # -- what happens beside the rounds --------------------------------------------------------------------------

    def restart_hub(self) -> None:
        self.server.stop()
        self.server = Server(self.bench.hub.folder).start()

    def keep_back_up(self) -> None:
        """A copy of folder or servers, as a careful administrator makes one: while nothing runs."""
        self.server.stop()
        self.bench.hub.close()
        self._copy(self.bench.hub.folder, self.back_up)
        self._begin()

    def restore_back_up(self) -> None:
        self.server.stop()
        self.bench.hub.close()
        self._copy(self.back_up, self.bench.hub.folder)
        self._begin()

    def _copy(self, one: Path, other: Path) -> None:
        """In place of what may be there."""
        if other.exists() and self.beyond is not None:
            self.beyond.forget(other)
        shutil.rmtree(other, ignore_errors=True)
        copy_hub(one, other, self.beyond)

    def _begin(self) -> None:
        self.bench.hub = Hub.open(self.bench.hub.folder, clock=self.bench.clock)
        self.server = Server(self.bench.hub.folder).start()

    def queue_packet(self) -> None:
        if self.sealed:
            packet, digest = self.sealed.pop()
            self.bench.put_in_outbox(packet, digest)
            self.queued.append(digest)

    def replace_file(self) -> None:
        names = [name for key in self.keys for name in _files_of(key)]
        _write(self.folder / "incoming" / self.chooser.choice(names), self.chooser)
        import_quickly(self.bench.hub, self.folder / "incoming")

    def withdraw_or_assign(self) -> None:
        try:
            withdraw(self.bench.hub, _COMES_AND_GOES, self.bench.device.person)
        except DeskError:
            assign(self.bench.hub, _COMES_AND_GOES, self.bench.device.person)

    def reopen_desk(self) -> None:
        path, clock = self.bench.store.path, self.bench.clock
        self.bench.store.close()
        self.bench.store = Store.open(path, KEY, clock)
        self.bench.vault = Vault(self.bench.vault.folder)

    def change_era(self) -> None:
        self.storm.era = self.chooser.choice(["same", "older", "newer"])

    def something(self) -> None:
        """One of these, or mostly nothing."""
        acts = {
            "restart_hub": 0.02,
            "queue_packet": 0.1,
            "replace_file": 0.25,
            "withdraw_or_assign": 0.04,
            "reopen_desk": 0.03,
            "change_era": 0.04,
        }
        for name, chance in acts.items():
            if self.chooser.random() < chance:
                self.happened[name] += 1
                getattr(self, name)()

    def round(self) -> None:
        """One round, which may end as the network likes, but only in a sentence."""
        self.bench.clock.move(minutes=5)
        self.bench.told.clear()
        try:
            result = self.bench.sync()
        except DeskError as error:
            self.happened[f"round ended: {type(error).__name__}"] += 1
        else:
            self.happened["round with troubles" if result.troubles else "whole round"] += 1
            self.happened["delivered"] += result.delivered
            self.happened["fetched"] += result.fetched

    # -- what must hold ------------------------------------------------------------------------------------------

    def wrong_files(self) -> list[str]:
        """Files of the vault that are not what their names say."""
        files = [one for one in self.bench.vault.folder.glob("??/*") if one.is_file()]
        return [one.name for one in files if hashlib.sha256(one.read_bytes()).hexdigest() != one.name]

    def received(self) -> list[str]:
        with self.bench.hub.database.reading() as view:
            return sorted(view.execute(sa.select(t.packets.c.digest)).scalars())

    def kept_files(self) -> int:
        return sum(1 for _ in self.bench.hub.packets.stored())

    def differences(self) -> list[str]:
        """Where the desk is not as the hub says."""
        device = self.bench.device.at(self.server.url, self.bench.hub)
        page = device.changes()
        counts = device.source.counts()
        device.source.close()
        with self.bench.store.reading() as view:
            submissions = {one.id: view.submission(one.id) for one in page.submissions}
            standing = {
                one.id for each in page.submissions for one, aside in view.assignments(each.id) if not aside
            }
        return [
            *(one.key for one in page.submissions if submissions[one.id] != one),
            *(["other assignments"] if standing != {one.id for one in page.assignments} else []),
            *(["other counts"] if counts != self.bench.store.counts(self.bench.hub.identity) else []),
            *(
                f"{blob.artifact_id} is not here"
                for blob in page.blobs
                if not self.bench.store.artifact(blob.submission_id, blob.artifact_id).here
                or not self.bench.vault.holds(blob.digest)
            ),
        ]


def _files_of(key: str) -> list[str]:
    return [f"{key}-{number}.txt" for number in range(3)]


def _write(path: Path, chooser: random.Random) -> None:
    length = int(min(400_000, max(10, chooser.lognormvariate(10, 1.5))))
    path.write_text(chooser.randbytes(length // 2).hex(), encoding="ascii")


def _submissions(folder: Path, count: int, chooser: random.Random) -> list[str]:
    folder.mkdir()
    keys = [f"S-{number}" for number in range(count)]
    rows = [f"{key},E-{key},Person {key},positive-relationships,1,no,D,en,yes," for key in keys]
    write_rows(folder, rows, [f"{key},work,{name},," for key in keys for name in _files_of(key)])
    for key in keys:
        for name in _files_of(key):
            _write(folder / name, chooser)
    return keys


@contextmanager
def _coast(template: Path, tmp_path: Path, beyond: Beyond | None, seed: int, packets: int) -> Iterator[Coast]:
    clock, chooser = StandingClock(), random.Random(seed)
    hub = copied(template, tmp_path / "hub", clock, beyond)
    keys = _submissions(tmp_path / "incoming", packets + 2, chooser)
    import_quickly(hub, tmp_path / "incoming")
    (tmp_path / "desk").mkdir()
    store = Store.open(tmp_path / "desk" / "desk.db", KEY, clock)
    server = Server(hub.folder).start()
    device = enrol(hub, server.url, Role.ASSESSOR, *keys)
    made = [device.seal(tmp_path / "sealed", key) for key in keys[2:]]
    with storm_before(lambda: coast.where(), seed) as storm:
        source = HubSource(storm.url, device.source._token, hub.identity, "Lakeside hub")
        device.source.close()
        vault = Vault(tmp_path / "desk" / "vault")
        bench = Bench(hub, device, Network(server.url), source, store, vault, clock, tmp_path)
        coast = Coast(tmp_path, bench, storm, server, chooser, keys, tmp_path / "back-up", beyond, made)
        try:
            yield coast
        finally:
            source.close()
            coast.bench.store.close()
            coast.server.stop()
            coast.bench.hub.close()


def _weather(coast: Coast, rounds: int) -> None:
    coast.storm.chance = 0.35
    backed_up, restored = {rounds // 5, rounds // 2}, {rounds * 2 // 5, rounds * 4 // 5}
    for number in range(rounds):
        if number in backed_up:
            coast.keep_back_up()
        if number in restored:
            coast.restore_back_up()
            coast.happened["restored from a back-up"] += 1
        coast.something()
        coast.round()
        if number % 20 == 0:
            assert coast.wrong_files() == []
    while coast.sealed:
        coast.queue_packet()


def _calm(coast: Coast) -> int:
    """Quiet rounds until nothing changes any more; how many it took."""
    coast.storm.chance, coast.storm.era = 0.0, "same"
    for number in range(1, 6):
        asked = coast.storm.requests
        coast.round()
        if coast.storm.requests == asked + 1:
            return number
    return 99


@pytest.mark.parametrize(
    ("rounds", "packets", "seed"),
    [
        pytest.param(100, 6, 6, id="a hundred", marks=pytest.mark.timeout(600)),
        pytest.param(
            1000,
            30,
            1889,
            id="a thousand",
            marks=[pytest.mark.long, pytest.mark.timeout(3600), _COUNTS_BYTES],
        ),
    ],
)
def test_whatever_the_network_does_nothing_is_lost_doubled_or_believed(
    template: Path,
    tmp_path: Path,
    beyond: Beyond | None,
    monkeypatch: pytest.MonkeyPatch,
    rounds: int,
    packets: int,
    seed: int,
) -> None:
    """On servers files come from the store itself; the storm is between desk and hub."""
    with _coast(template, tmp_path, beyond, seed, packets) as coast:
        with monkeypatch.context() as impatient:
            impatient.setattr(hub_source, "IDLE_SECONDS", 1.0)
            _weather(coast, rounds)
        coast.bench.source.close()  # the next question is asked with patience
        quiet = _calm(coast)
        storm, received = coast.storm, coast.received()
        print(f"\n{rounds} rounds, {storm.requests} requests, faults: {dict(storm.done.most_common())}")
        print(
            f"beside them: {dict(coast.happened.most_common())}; {quiet} quiet rounds until nothing changed"
        )
        lost = set(coast.queued) - set(received)
        doubled = len(received) - len(set(received)) + coast.kept_files() - len(received)
        print(
            f"{len(received)} packets, {len(lost)} lost, {doubled} doubled, {len(coast.wrong_files())} wrong files"
        )
        print(f"{storm.sent} bytes fetched, {storm.twice} twice at {storm.interrupted} interruptions")
        assert sum(storm.done.values()) > rounds // 2
        assert quiet <= 4
        assert (lost, doubled, coast.wrong_files()) == (set(), 0, [])
        assert coast.differences() == []
        assert coast.bench.store.outbox_waiting() == []
        assert storm.twice <= _ONE_CHUNK * storm.interrupted
