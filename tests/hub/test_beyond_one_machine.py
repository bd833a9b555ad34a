"""A hub with its database on PostgreSQL and its files in an object store, run by several processes."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
import sqlalchemy as sa
from tests import homes
from tests.beyond import Beyond, free_port
from tests.hub.conftest import Answering
from tests.hub.making import ARTIFACT_ROWS, ROWS, Device, StandingClock, enrol, import_quickly, write_rows
from tests.hub.processes import Balancer, Process, balancing, empty_folder, running
from tests.hub.stamping_office import StampingOffice

from assessor_desk.domain.changes import SourceChanges
from assessor_desk.domain.errors import Damaged, DeskError, Refused, Unavailable
from assessor_desk.domain.roles import Role
from assessor_desk.hub import database_server, papers, stamping
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign_all
from assessor_desk.hub.auditing import Act, Line, append, entries, note, verify
from assessor_desk.hub.database import Database
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import caller_of, revoke
from assessor_desk.hub.stamper import Stamper
from assessor_desk.hub.whereabouts import (
    KEY_FILE,
    PREFIX,
    keep_whereabouts,
    make_key,
    told_whereabouts,
    whereabouts_of,
)
from assessor_desk.sync.hub_source import HubSource
from assessor_desk.verdict.trust import TrustList

pytestmark = [pytest.mark.both_homes, pytest.mark.parametrize("home", [homes.BEYOND], indirect=True)]
KEY = "7F3A-21"


def _all_bytes_of(beyond: Beyond, folder: Path) -> bytes:
    """Whatever a copy of the database holds, as its server would give it to whoever backs it up."""
    address = whereabouts_of(folder).database
    found = bytearray()
    with psycopg.connect(address) as server:
        names = server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (name,) in names:
            with server.cursor().copy(f'COPY "{name}" TO STDOUT (FORMAT binary)') as rows:
                for piece in rows:
                    found += piece
    return bytes(found)


def test_a_copy_of_the_database_names_nobody_and_opens_nothing(
    answering: Answering, beyond: Beyond, tmp_path: Path
) -> None:
    hub = answering.hub
    device = answering.enrol(Role.ASSESSOR, KEY)
    device.deliver(*device.seal(tmp_path / "packets"))
    copy = _all_bytes_of(beyond, hub.folder)
    assert device.person.encode() in copy, "this looks where something is to be found"
    with hub.database.reading() as view:
        names = view.execute(sa.select(t.submissions.c.educator_name, t.submissions.c.email)).all()
        keys = [
            *view.execute(sa.select(t.blobs.c.key)).scalars(),
            *view.execute(sa.select(t.packets.c.file_key)).scalars(),
        ]
        files = view.execute(sa.select(t.artifacts.c.name).where(t.artifacts.c.name != "")).scalars().all()
    assert names
    assert keys
    words = [word for row in names for word in row if word] + ["Sample assessor", "North Prairie", *files]
    assert [word for word in words if word.encode() in copy] == []
    assert [key for key in keys if key in copy] == []
    authority = hub.folder / "authority"
    assert [each.name for each in authority.glob("*.key") if each.read_bytes() in copy] == []


def test_another_key_is_told_as_damage(hub: Hub, tmp_path: Path) -> None:
    folder = empty_folder(hub.folder, tmp_path / "other")
    make_key(folder)
    with pytest.raises(Damaged, match="another key"):
        Hub.open(folder)


def test_a_process_begins_with_an_empty_folder_and_sees_what_others_did(hub: Hub, tmp_path: Path) -> None:
    other = Hub.open(empty_folder(hub.folder, tmp_path / "other"))
    assert other.trust() == hub.trust()
    assert other.authority.chain() == hub.authority.chain()
    hub.authority.revoke(4711, "keyCompromise")
    hub.renew_trust()
    newest = TrustList.parse(other.trust()["trust.pem"])
    assert any(crl.get_revoked_certificate_by_serial_number(4711) for crl in newest.crls)
    other.authority.revoke(4712, "superseded")
    hub.renew_trust()
    newest = TrustList.parse(hub.trust()["trust.pem"])
    assert all(
        any(crl.get_revoked_certificate_by_serial_number(n) for crl in newest.crls) for n in (4711, 4712)
    )
    other.close()


def test_two_processes_that_revoke_at_once_lose_neither(hub: Hub, tmp_path: Path) -> None:
    other = Hub.open(empty_folder(hub.folder, tmp_path / "other"))
    with ThreadPoolExecutor(8) as threads:
        for number in range(1, 13):
            threads.submit((hub, other)[number % 2].authority.revoke, number, "superseded")
    hub.papers.refresh()
    assert {int(line["serial"]) for line in hub.authority._revoked()} == set(range(1, 13))
    other.close()


def test_a_revoked_person_is_turned_away_by_every_process(answering: Answering, tmp_path: Path) -> None:
    other = Hub.open(empty_folder(answering.hub.folder, tmp_path / "other"))
    device = answering.enrol(Role.ASSESSOR)
    assert caller_of(other, device.source._token).person == device.person
    revoke(answering.hub, device.person)
    with pytest.raises(DeskError):
        caller_of(other, device.source._token)
    other.close()


# -- the object store --------------------------------------------------------------------------------------


def test_artifacts_are_fetched_from_the_store_itself_without_the_token(
    answering: Answering, beyond: Beyond
) -> None:
    device = answering.enrol(Role.ASSESSOR, KEY)
    blob = next(each for each in device.changes().blobs if each.length > 100)
    token = {"Authorization": f"Bearer {device.source._token}"}
    answer = httpx.get(f"{answering.url}/v1/blobs/{blob.digest}", headers=token)
    assert answer.status_code == 307
    assert answer.headers["cache-control"] == "private, no-store"
    place = urlsplit(answer.headers["location"])
    assert f"{place.scheme}://{place.netloc}" == beyond.servers.store
    assert beyond.servers.credentials[1] not in answer.headers["location"]
    part = httpx.get(answer.headers["location"], headers={"Range": "bytes=50-"})
    assert part.status_code == 206
    whole = b"".join(device.source.fetch(blob, 0))
    assert len(whole) == blob.length
    assert b"".join(device.source.fetch(blob, 50)) == whole[50:] == part.content


def test_an_address_holds_no_longer_than_it_takes_to_follow_it(answering: Answering) -> None:
    device = answering.enrol(Role.ASSESSOR, KEY)
    address = answering.hub.blobs.address(device.changes().blobs[0].digest)
    (told,) = parse_qs(urlsplit(address).query)["X-Amz-Expires"]
    assert int(told) <= 120


def test_whoever_may_not_have_a_file_is_given_no_address(answering: Answering) -> None:
    one, other = answering.enrol(Role.ASSESSOR, KEY), answering.enrol(Role.ASSESSOR, "91BB-02")
    token = {"Authorization": f"Bearer {other.source._token}"}
    for blob in one.changes().blobs:
        assert httpx.get(f"{answering.url}/v1/blobs/{blob.digest}", headers=token).status_code == 404


def test_an_address_holds_for_one_file_and_not_for_writing(answering: Answering) -> None:
    device = answering.enrol(Role.ASSESSOR, KEY)
    one, other, *_ = device.changes().blobs
    address = answering.hub.blobs.address(one.digest)
    assert httpx.get(address).status_code == 200
    assert httpx.get(address.replace(one.digest, other.digest)).status_code == 403
    assert httpx.put(address, content=b"mine").status_code == 403
    assert httpx.get(address.partition("?")[0]).status_code == 403


def test_a_store_that_is_down_is_told_and_nothing_is_taken(hub: Hub, tmp_path: Path) -> None:
    told = whereabouts_of(hub.folder)
    assert told.blobs is not None
    folder = empty_folder(hub.folder, tmp_path / "other")
    keep_whereabouts(
        folder, replace(told, blobs=replace(told.blobs, endpoint=f"http://127.0.0.1:{free_port()}"))
    )
    other = Hub.open(folder)
    with pytest.raises(Unavailable, match="cannot be reached"):
        other.packets.write(BytesIO(b"x"), 1)
    with pytest.raises(Unavailable, match="cannot be reached"):
        other.packets.holds("0" * 64)
    other.close()


def test_a_store_that_does_not_know_the_hub_is_told(hub: Hub, tmp_path: Path) -> None:
    told = whereabouts_of(hub.folder)
    assert told.blobs is not None
    folder = empty_folder(hub.folder, tmp_path / "other")
    keep_whereabouts(folder, replace(told, blobs=replace(told.blobs, secret_access_key="another")))
    other = Hub.open(folder)
    with pytest.raises(Unavailable, match="does not let the hub in"):
        other.packets.write(BytesIO(b"x"), 1)
    other.close()


# -- the database ------------------------------------------------------------------------------------------


def test_a_server_that_is_down_is_told_without_its_password(home: str, tmp_path: Path) -> None:
    assert home == homes.BEYOND
    keep_whereabouts(tmp_path, told_whereabouts(f"postgresql://hub@127.0.0.1:{free_port()}/hub", "marbles"))
    make_key(tmp_path)
    with pytest.raises(Unavailable, match="cannot be reached") as told:
        Hub.open(tmp_path)
    assert "marbles" not in str(told.value)


def test_a_wrong_password_is_told(hub: Hub, tmp_path: Path) -> None:
    told = whereabouts_of(hub.folder)
    folder = empty_folder(hub.folder, tmp_path / "other")
    keep_whereabouts(folder, replace(told, database=told.database.replace("hub:", "hub:not-")))
    with pytest.raises(Unavailable, match="does not let the hub in"):
        Hub.open(folder)


def test_a_database_with_a_hub_takes_no_second_one(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is a hub in the database"):
        Hub.create(tmp_path / "second", "title", "programme", told=whereabouts_of(hub.folder))


def test_connections_that_the_server_ended_are_made_again(answering: Answering) -> None:
    device = answering.enrol(Role.ASSESSOR, KEY)
    before = device.changes()
    own = "pid <> pg_backend_pid() AND datname = current_database()"
    with answering.hub.database.writing() as work:
        # Waited for: one that is about to end still answers whether it lives.
        ended = work.exec_driver_sql(
            f"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE {own}"
        )
        assert all(ended.scalars())
    assert device.changes().submissions == before.submissions


def test_the_server_plans_for_whoever_asks_and_not_for_the_average(hub: Hub) -> None:
    """With one plan for all a desk with 50 assignments waited as long as one with 1,000, in a hub of 200,000."""
    with hub.database.reading() as view:
        told = [view.exec_driver_sql(f"SHOW {name}").scalar() for name in ("plan_cache_mode", "jit")]
    assert told == ["force_custom_plan", "off"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems name and tell these otherwise")
def test_a_machine_that_dies_is_noticed_from_both_sides(hub: Hub) -> None:
    """Else its connections, and the locks that they have, stay for the two hours that systems wait by themselves."""
    names = (
        "tcp_keepalives_idle",
        "tcp_keepalives_interval",
        "tcp_keepalives_count",
        "tcp_user_timeout",
        "jit",
    )
    with hub.database.looking() as view:
        there = [view.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
        driver = view.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        asked = driver.info.get_parameters()
        wanted = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
        with socket.socket(fileno=os.dup(driver.fileno())) as own:
            here = [own.getsockopt(socket.IPPROTO_TCP, each) for each in wanted]
    assert there == ["30", "10", "3", "60000", "off"]
    assert (here, asked["keepalives"]) == ([30, 10, 3, 60_000], "1")


@contextlib.contextmanager
def _having(hub: Hub, lock: str) -> Iterator[None]:
    """Another machine has one of the hub's locks."""
    with psycopg.connect(whereabouts_of(hub.folder).database, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (database_server._number(lock),))
        yield


def test_a_lock_that_another_has_for_long_is_told_and_later_is_free(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_server, "PATIENCE", 0.3)
    monkeypatch.setattr(papers, "PATIENCE", 0.3)
    with _having(hub, "writing"), pytest.raises(Unavailable, match="for longer than is waited for"):
        note(hub, Line(Act.SWEPT))
    with (
        _having(hub, "papers badge"),
        pytest.raises(Unavailable, match="for longer than is waited for"),
        hub.turn("badge"),
    ):
        pass
    with hub.turn("badge"):
        note(hub, Line(Act.SWEPT))


def test_threads_that_wait_for_each_other_give_up_together(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not one after another, each with a patience of its own."""
    monkeypatch.setattr(database_server, "PATIENCE", 1.0)

    def write(_: int) -> str:
        try:
            note(hub, Line(Act.SWEPT))
        except Unavailable as error:
            return str(error)
        return ""

    with _having(hub, "writing"), ThreadPoolExecutor(6) as threads:
        begun = time.monotonic()
        told = list(threads.map(write, range(6)))
        took = time.monotonic() - begun
    assert all("for longer than is waited for" in each for each in told)
    assert took < 4


def _those_at(hub: Hub, lock: str, has: bool) -> list[int]:
    """The server's processes for the connections that have one of the hub's locks, or wait for it."""
    query = (
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted = %s "
        "AND (classid::bigint << 32) | objid::bigint = %s"
    )
    with psycopg.connect(whereabouts_of(hub.folder).database, autocommit=True) as other:
        return [pid for (pid,) in other.execute(query, (has, database_server._number(lock)))]


def test_what_takes_long_is_waited_for(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import takes minutes; the connection of its turn is one that waited for less before."""
    monkeypatch.setattr(database_server, "_CONNECTIONS", 1)
    own = Database(empty_folder(hub.folder, tmp_path / "other"))
    with own.turn("badge", 0.2):
        (first,) = _those_at(hub, "badge", has=True)

    def import_too() -> bool:
        with own.turn("import"):
            return True

    with ThreadPoolExecutor(1) as waiting:
        with _having(hub, "import"):
            result = waiting.submit(import_too)
            time.sleep(1)
            assert not result.done()
            assert _those_at(hub, "import", has=False) == [first]
        assert result.result(20)
    own.close()


def test_a_writer_that_stands_still_is_ended_and_others_go_on(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Hub.open(empty_folder(hub.folder, tmp_path / "other"))
    monkeypatch.setattr(database_server, "_STANDS_STILL_SECONDS", 1)
    with pytest.raises(Unavailable, match="cannot be reached, or gave up"), hub.database.writing() as work:
        append(work, hub.clock(), Line(Act.SWEPT, "half"))
        note(other, Line(Act.SWEPT, "whole"))
        append(work, hub.clock(), Line(Act.SWEPT, "the other half"))
    assert [one.subject for one in entries(hub) if one.act == Act.SWEPT] == ["whole"]
    other.close()


def test_everything_may_come_from_the_environment(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = whereabouts_of(hub.folder)
    assert told.blobs is not None
    secret = tmp_path / "secret"
    secret.write_text(told.blobs.secret_access_key + "\n", encoding="ascii")
    variables = {
        "DATABASE": told.database,
        "KEY_FILE": str(hub.folder / KEY_FILE),
        "BLOBS": f"s3://{told.blobs.bucket}/{told.blobs.prefix}",
        "BLOBS_ENDPOINT": told.blobs.endpoint,
        "BLOBS_ACCESS_KEY_ID": told.blobs.access_key_id,
        "BLOBS_SECRET_ACCESS_KEY_FILE": str(secret),
    }
    for name, value in variables.items():
        monkeypatch.setenv(PREFIX + name, value)
    other = Hub.open(tmp_path / "not there yet")
    assert other.identity == hub.identity
    sealed = other.packets.write(BytesIO(b"x"), 1)
    assert hub.packets.holds(sealed.digest)
    other.close()


# -- time-stamps -------------------------------------------------------------------------------------------


def test_two_processes_ask_for_each_time_stamp_once(
    answering: Answering, tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stamper, "_stamp", lambda _: None)  # the serving hub's own thread would be a third
    office, asked = StampingOffice.made(tmp_path / "office"), list[bytes]()
    device = answering.enrol(Role.ASSESSOR, KEY)
    device.deliver(*device.seal(tmp_path / "packets"))
    other = Hub.open(empty_folder(answering.hub.folder, tmp_path / "other"), clock=clock)
    together = threading.Barrier(2, timeout=20)

    def ask(address: str, digest: bytes) -> bytes:
        asked.append(digest)
        time.sleep(0.3)
        return stamping.ask_authority(address, digest)

    def work_on(hub: Hub) -> int:
        together.wait()
        return stamping.stamp_due(hub, ask, at_once=True).done

    with office.answering(), ThreadPoolExecutor(2) as threads:
        stamping.configure(answering.hub, office.url, office.certificate)
        assert sum(threads.map(work_on, (answering.hub, other))) == 1
    other.close()
    assert len(asked) == 1
    assert len(device.changes().time_stamps) == 1


def test_what_a_dead_process_had_claimed_is_asked_for_by_another(
    answering: Answering, tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stamper, "_stamp", lambda _: None)
    office = StampingOffice.made(tmp_path / "office")
    device = answering.enrol(Role.ASSESSOR, KEY)
    _, digest = device.seal(tmp_path / "packets")
    device.deliver(_, digest)
    with office.answering():
        stamping.configure(answering.hub, office.url, office.certificate)
        assert stamping._claim(answering.hub, digest), "and then it is gone"
        assert stamping.stamp_due(answering.hub, at_once=True).done == 0
        clock.move(minutes=3)
        assert stamping.stamp_due(answering.hub, at_once=True).done == 1


# -- several processes -------------------------------------------------------------------------------------


def _many_submissions(folder: Path, count: int) -> Path:
    """So many of one kind, each with a file of its own."""
    folder.mkdir()
    keys = [f"S-{number:03}" for number in range(count)]
    row, artifact = ROWS["91BB-02"], ARTIFACT_ROWS["91BB-02"][0]
    write_rows(
        folder,
        [row.replace("91BB-02", key).replace("E-2", f"E-{key}") for key in keys],
        [artifact.replace("91BB-02", key).replace("board.md", f"{key}.md") for key in keys],
    )
    for key in keys:
        (folder / f"{key}.md").write_text(
            f"# {key}\n\nThe quokka counted eighteen marbles.\n", encoding="utf-8"
        )
    return folder


class _Sealer(Device):
    """A device that asks once for what it is to seal."""

    @cached_property
    def _told(self) -> SourceChanges:
        return super().changes()

    def changes(self) -> SourceChanges:
        return self._told


def _deliver_until_taken(source: HubSource, packet: bytes, digest: str) -> bytes:
    """As a desk does: again, until there is a receipt. Its second asking is answered by the first receipt."""
    give_up = time.monotonic() + 120
    while True:
        try:
            return source.deliver(BytesIO(packet), len(packet), digest).signed
        except Unavailable:
            assert time.monotonic() < give_up
            time.sleep(0.05)


@pytest.mark.parametrize("count", [8, pytest.param(120, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_killing_a_process_amid_deliveries_loses_and_doubles_nothing(
    hub: Hub, tmp_path: Path, count: int
) -> None:
    import_quickly(hub, _many_submissions(tmp_path / "many", count))
    folders = [empty_folder(hub.folder, tmp_path / f"process-{number}") for number in range(2)]
    with running(folders) as processes, balancing(*(each.url for each in processes)) as balancer:
        device = enrol(hub, balancer.url)
        assign_all(hub, device.person)
        sealer = _Sealer(device.person, device.source, device.signer, device.folder)
        packets = [sealer.seal(tmp_path / "packets", f"S-{number:03}") for number in range(count)]
        sources = [HubSource(balancer.url, device.source._token, hub.identity) for _ in range(4)]
        killer = threading.Thread(
            target=_kill_in_turn, args=(processes, folders, balancer, max(2, count // 10))
        )
        killer.start()
        with ThreadPoolExecutor(4) as threads:
            work = [
                threads.submit(_deliver_until_taken, sources[number % 4], *packet)
                for number, packet in enumerate(packets)
            ]
            receipts = [each.result() for each in work]
        killer.join()
        told = device.source.counts()
        for source in (*sources, device.source):
            source.close()
    with hub.database.reading() as view:
        rows = view.execute(sa.select(t.packets)).all()
    assert sorted(row.digest for row in rows) == sorted(digest for _, digest in packets)
    assert {row.receipt for row in rows} == set(receipts)
    assert all(hub.packets.holds(row.file) for row in rows)
    assert told.assignments == count
    assert verify(hub).faults == ()


def _kill_in_turn(processes: list[Process], folders: list[Path], balancer: Balancer, times: int) -> None:
    for number in range(times):
        time.sleep(0.25)
        which = number % len(processes)
        processes[which].kill()
        processes[which] = Process.start(folders[which])
        balancer.backends[which] = processes[which].url
