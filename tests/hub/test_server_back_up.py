"""A hub on servers is backed up while it serves, and comes back in an empty database and another place for files."""

import json
import os
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.beyond import Beyond
from tests.homes import BEYOND
from tests.hub.conftest import Answering, answering_from
from tests.hub.making import SECRET, StandingClock, import_quickly
from tests.hub.test_evidence_retention import keys_of

from assessor_desk.domain.errors import Damaged, Refused, Unavailable
from assessor_desk.domain.roles import Role
from assessor_desk.hub import endings_kept, half_restored, server_back_up
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import withdraw_consent
from assessor_desk.hub.auditing import verify
from assessor_desk.hub.back_up import back_up
from assessor_desk.hub.badge_papers import STATUS_FILE, papers, set_up_badges
from assessor_desk.hub.badges import revoke_badge
from assessor_desk.hub.database_server import ServerHome
from assessor_desk.hub.endings import Endings
from assessor_desk.hub.endings_kept import AS_IT_WAS, UNTOLD, Since
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.kept import Kept, opened
from assessor_desk.hub.object_store import StoredBlobs
from assessor_desk.hub.people import revoke
from assessor_desk.hub.restoring import Secrets, look, restore
from assessor_desk.hub.retention import expire
from assessor_desk.hub.retention_holds import HoldKind, list_holds, place_hold, release_hold
from assessor_desk.hub.sweeping import swept_at
from assessor_desk.hub.whereabouts import KEY_FILE, WHEREABOUTS_FILE, keep_whereabouts, key_of, whereabouts_of
from assessor_desk.keys.authority import Authority
from assessor_desk.protocol.status_list import encoded

pytestmark = [pytest.mark.both_homes, pytest.mark.parametrize("home", [BEYOND], indirect=True)]
KEY, LATER = "7F3A-21", "91BB-02"
WORDS = "marbles in a jar"


def _empty_place(folder: Path, beyond: Beyond, key_from: Path | None = None) -> Path:
    """A folder that names an empty database and an empty prefix, and has the key where it is given one."""
    folder.mkdir()
    keep_whereabouts(folder, beyond.place())
    if key_from is not None:
        (folder / KEY_FILE).write_bytes((key_from / KEY_FILE).read_bytes())
    return folder


def _rows(hub: Hub) -> dict[str, int]:
    with hub.database.reading() as view:
        return {
            table.name: view.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in (t.people, t.submissions, t.artifacts, t.assignments, t.packets)
        }


def test_what_was_backed_up_while_it_served_comes_back_and_desks_deliver_the_rest(
    answering: Answering, beyond: Beyond, tmp_path: Path, clock: StandingClock
) -> None:
    lan, minh = answering.enrol(Role.ASSESSOR, KEY), answering.enrol(Role.ASSESSOR, LATER)
    lan.deliver(*lan.seal(tmp_path / "packets"))
    done = back_up(answering.hub, tmp_path / "kept", WORDS)
    assert done.missing == ()
    before, cursor = _rows(answering.hub), minh.changes().cursor
    packet = minh.seal(tmp_path / "packets", LATER)
    minh.deliver(*packet)
    assert back_up(answering.hub, tmp_path / "kept", WORDS).new == 1, "the second has the new packet alone"
    place = _empty_place(tmp_path / "other", beyond)
    restore(place, done.place, Secrets(kept=WORDS), since=AS_IT_WAS)
    other = Hub.open(place, clock=clock)
    assert _rows(other) == before
    assert verify(other).faults == ()
    with other.database.reading() as view:
        (row,) = view.execute(sa.select(t.packets)).all()
    with other.packets.open(row.file, row.file_key, "the packet") as reader:
        assert reader.read(2) == b"PK"
    with answering_from(other) as again:
        moved = minh.at(again.url, other)
        assert moved.source.changes(cursor).anew
        assert moved.deliver(*packet).packet_digest == packet[1]
        blob = next(each for each in moved.changes().blobs)
        assert len(b"".join(moved.source.fetch(blob, 0))) == blob.length
        moved.source.close()
    other.close()
    beyond.forget(place)


def test_a_back_up_says_nothing_without_its_key(
    hub: Hub, incoming: Path, beyond: Beyond, tmp_path: Path
) -> None:
    import_quickly(hub, incoming)
    done = back_up(hub, tmp_path / "kept")
    content = b"".join(path.read_bytes() for path in (tmp_path / "kept").rglob("*") if path.is_file())
    key = (hub.folder / KEY_FILE).read_bytes().strip()
    assert [word for word in (SECRET.encode(), "Nguyễn".encode(), key) if word in content] == []
    place = _empty_place(tmp_path / "other", beyond)
    with pytest.raises(Refused, match=f"put {KEY_FILE} into"):
        restore(place, done.place, since=AS_IT_WAS)
    (place / KEY_FILE).write_bytes((hub.folder / KEY_FILE).read_bytes())
    restore(place, done.place, since=AS_IT_WAS)
    beyond.forget(place)


@pytest.mark.long
def test_one_file_holds_it_too_and_a_damaged_one_changes_nothing(
    hub: Hub, incoming: Path, beyond: Beyond, tmp_path: Path
) -> None:
    import_quickly(hub, incoming)
    whole = tmp_path / "hub.zip"
    back_up(hub, whole)
    content = whole.read_bytes()
    at = len(content) // 2
    whole.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    place = _empty_place(tmp_path / "other", beyond, hub.folder)
    with pytest.raises(Damaged):
        restore(place, whole, since=AS_IT_WAS)
    whole.write_bytes(content)
    restore(place, whole, since=AS_IT_WAS)
    beyond.forget(place)


def test_a_database_with_something_in_it_is_left_as_it_is(hub: Hub, beyond: Beyond, tmp_path: Path) -> None:
    done = back_up(hub, tmp_path / "kept")
    before = _rows(hub)
    with pytest.raises(Refused, match="is not empty"):
        restore(hub.folder, done.place)
    assert _rows(hub) == before


def test_a_back_up_of_servers_is_no_back_up_of_a_folder(hub: Hub, tmp_path: Path) -> None:
    done = back_up(hub, tmp_path / "kept")
    for act in (look, restore):
        with pytest.raises(Refused, match="is of a hub on servers"):
            act(tmp_path / "a folder", done.place)


def test_half_on_servers_is_refused(hub: Hub, tmp_path: Path) -> None:
    keep_whereabouts(hub.folder, replace(whereabouts_of(hub.folder), blobs=None))
    with pytest.raises(Refused, match="each by its own"):
        back_up(hub, tmp_path / "kept")


def test_without_the_tools_of_the_database_that_is_said(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="pg_dump is not installed here"):
        back_up(hub, tmp_path / "kept")
    assert not list((tmp_path / "kept").glob("hub-*"))


def _install(folder: Path, tool: str, version: int, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tool of PostgreSQL’s, of that version, which only fails. The file returned is there once it was run."""
    folder.mkdir()
    was_run = folder / "was run"
    script = f'#!/bin/sh\n[ "$1" = --version ] && echo "{tool} (PostgreSQL) {version}.2 (Debian)" && exit\n'
    (folder / tool).write_text(f'{script}touch "{was_run}"\nexit 1\n', encoding="utf-8")
    (folder / tool).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return was_run


def _version_of_the_server(hub: Hub) -> int:
    with hub.database.looking() as view:
        return int(view.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000


def test_a_dump_by_an_older_tool_is_refused_before_it_begins(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = _version_of_the_server(hub)
    was_run = _install(tmp_path / "bin", "pg_dump", server - 1, monkeypatch)
    with pytest.raises(Refused, match=rf"PostgreSQL {server - 1} here, and the server is of {server}"):
        back_up(hub, tmp_path / "kept")
    assert not was_run.exists()
    assert not list((tmp_path / "kept").glob("hub-*"))


def test_a_dump_that_no_tool_could_restore_onto_its_server_is_refused_before_it_begins(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = _version_of_the_server(hub)
    if server >= 17:
        pytest.skip("this server understands all that a tool tells it")
    was_run = _install(tmp_path / "bin", "pg_dump", 17, monkeypatch)
    with pytest.raises(Refused, match=rf"pg_dump is of PostgreSQL 17 here, and the server is of {server}"):
        back_up(hub, tmp_path / "kept")
    assert not was_run.exists()
    assert not list((tmp_path / "kept").glob("hub-*"))


@pytest.mark.parametrize(
    ("format_", "version", "advice"),
    [
        (16, 15, r"by pg_dump of PostgreSQL 17 or later.*restore it onto a server of 17 or later"),
        (16, 17, r"by pg_dump of PostgreSQL 17 or later.*restore it onto a server of 17 or later"),
        (15, 15, r"only from 16 on is it read.*postgresql-client-16"),
        (15, 17, r"do not work together.*postgresql-client-16"),
    ],
)
def test_a_dump_that_the_tool_here_cannot_read_is_told_before_anything_is_put_back(
    hub: Hub, beyond: Beyond, incoming: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    format_: int, version: int, advice: str,
) -> None:  # fmt: skip
    if _version_of_the_server(hub) > 15:
        pytest.skip("what is advised is for a server of 15")
    import_quickly(hub, incoming)
    done = back_up(hub, tmp_path / "kept")
    place = _empty_place(tmp_path / "other", beyond, hub.folder)
    with (done.place / server_back_up.DUMP).open("r+b") as dumped:
        assert dumped.read(6) == b"PGDMP\x01"
        dumped.write(bytes([format_]))
    was_run = _install(tmp_path / "bin", "pg_restore", version, monkeypatch)
    monkeypatch.setattr(Kept, "verify", lambda _: 0)  # as if it had been made with these bytes
    with pytest.raises(Refused, match=f"(?s){advice}"):
        restore(place, done.place, since=AS_IT_WAS)
    assert not was_run.exists()
    blobs = whereabouts_of(place).blobs
    assert blobs is not None
    assert not list(StoredBlobs(blobs, "blobs").stored())
    beyond.forget(place)


def test_a_restore_by_a_tool_that_the_server_does_not_understand_is_refused_before_anything_is_emptied(
    hub: Hub, beyond: Beyond, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if _version_of_the_server(hub) >= 17:
        pytest.skip("this server understands all that a tool tells it")
    done = back_up(hub, tmp_path / "kept")
    place = _empty_place(tmp_path / "other", beyond, hub.folder)
    home = ServerHome(whereabouts_of(place).database, key_of(place))
    with home.writing() as work, work.begin():
        half_restored.mark(work)
        work.exec_driver_sql("CREATE TABLE what_was_cut_short ()")
    was_run = _install(tmp_path / "bin", "pg_restore", 17, monkeypatch)
    with pytest.raises(Refused, match=r"pg_restore is of PostgreSQL 17 here.*do not work together"):
        restore(place, done.place, since=AS_IT_WAS)
    assert not was_run.exists()
    with home.reading() as view:
        assert "what_was_cut_short" in sa.inspect(view).get_table_names()
    home.close()
    beyond.forget(place)


def test_a_file_that_the_store_lost_is_named_and_the_rest_is_kept(
    hub: Hub, incoming: Path, tmp_path: Path
) -> None:
    import_quickly(hub, incoming)
    lost = next(hub.blobs.stored()).digest
    hub.blobs.remove(lost)
    done = back_up(hub, tmp_path / "kept")
    assert done.missing == (lost,)
    with opened(done.place) as kept:
        kept.verify()
    assert not (tmp_path / "kept" / WHEREABOUTS_FILE).exists()


def _database_of(place: Path, files_of: Path) -> None:
    """Let a new place keep its files where another does."""
    keep_whereabouts(place, replace(whereabouts_of(place), blobs=whereabouts_of(files_of).blobs))


def test_what_was_ended_since_stays_so_by_what_is_kept_beside_the_files(
    answering: Answering, beyond: Beyond, tmp_path: Path, clock: StandingClock
) -> None:
    hub = answering.hub
    lan, minh = answering.enrol(Role.ASSESSOR, KEY), answering.enrol(Role.ASSESSOR, LATER)
    done = back_up(hub, tmp_path / "kept")
    clock.move(minutes=5)
    revoke(hub, lan.person)
    withdraw_consent(hub, LATER)
    place = _empty_place(tmp_path / "other", beyond, hub.folder)
    _database_of(place, hub.folder)
    restore(place, done.place, clock=clock)
    with closing(Hub.open(place, clock=clock)) as other, answering_from(other) as again:
        late, moved = lan.at(again.url, other), minh.at(again.url, other)
        with pytest.raises(Refused, match="revoked"):
            late.changes()
        page = moved.changes()
        assert (page.submissions, page.blobs) == ((), ())
        assert (
            str(lan.signer.certificate.serial_number)
            in (other.folder / "authority" / "revoked.json").read_text()
        )
        for own in (late, moved):
            own.source.close()
    beyond.forget(place)


def test_what_two_processes_end_at_once_is_kept_beside_the_files_for_both(
    answering: Answering,
    beyond: Beyond,
    tmp_path: Path,
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub, read = answering.hub, endings_kept.endings_of
    done = back_up(hub, tmp_path / "kept")
    clock.move(minutes=5)
    with closing(Hub.open(hub.folder, clock=clock)) as other:
        later = threading.Thread(target=withdraw_consent, args=(other, LATER))

        def read_before(view: sa.Connection) -> Endings:
            found = read(view)
            if later.ident is None:
                later.start()
                later.join(3)
            return found

        with monkeypatch.context() as patch:
            patch.setattr(endings_kept, "endings_of", read_before)
            withdraw_consent(hub, KEY)
            later.join()
    place = _empty_place(tmp_path / "other", beyond, hub.folder)
    _database_of(place, hub.folder)
    restore(place, done.place, clock=clock)
    with closing(Hub.open(place, clock=clock)) as again, again.database.reading() as view:
        s = t.submissions.c
        ended = view.execute(sa.select(s.key).where(s.consent_withdrawn_at.is_not(None)))
        assert set(ended.scalars()) == {KEY, LATER}
    beyond.forget(place)


def test_what_a_hold_keeps_that_was_placed_since_is_there_and_goes_when_it_is_released(
    answering: Answering, beyond: Beyond, tmp_path: Path, clock: StandingClock
) -> None:
    hub = answering.hub
    done = back_up(hub, tmp_path / "kept")
    clock.move(minutes=5)
    for key in (KEY, LATER):
        place_hold(
            hub, key, HoldKind.COMPLAINT, "The educator complained", "Pat", clock() + timedelta(days=30)
        )
    withdraw_consent(hub, KEY)
    withdraw_consent(hub, "E5D2-11")
    release_hold(hub, LATER, "Pat")
    place = _empty_place(tmp_path / "other", beyond, hub.folder)
    _database_of(place, hub.folder)
    restore(place, done.place, clock=clock)
    with closing(Hub.open(place, clock=clock)) as other:
        assert list_holds(other) == list_holds(hub)
        assert [one.key for one in list_holds(other)] == [KEY]
        assert keys_of(other, KEY) == 4
        assert keys_of(other, "E5D2-11") > 0, "concerns come again from desks before the look of the next day"
        assert swept_at(other) == clock()
        assert [one.key for one in expire(other)] == ["E5D2-11"]
        release_hold(other, KEY, "Pat")
        assert keys_of(other, KEY) == 0
    beyond.forget(place)


def test_of_a_restore_that_was_cut_short_nobody_uses_what_is_there_and_the_next_begins_anew(
    answering: Answering,
    beyond: Beyond,
    tmp_path: Path,
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    hub, lan = answering.hub, answering.enrol(Role.ASSESSOR, KEY)
    done = back_up(hub, tmp_path / "kept")
    revoke(hub, lan.person)
    place = _empty_place(tmp_path / "other", beyond, hub.folder)
    _database_of(place, hub.folder)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(
            server_back_up, "take_endings", killed
        )  # the database is filled, and nobody in it revoked
        restore(place, done.place, clock=clock)
    with pytest.raises(Refused, match=r"being filled from a back-up.*begins anew"):
        Hub.open(place, clock=clock)
    with pytest.raises(Refused, match="name another database"):
        Hub.create(tmp_path / "fresh", "Another", "Another programme", told=whereabouts_of(place))
    restore(place, done.place, clock=clock)
    with closing(Hub.open(place, clock=clock)) as other, answering_from(other) as again:
        assert _rows(other) == _rows(hub)
        late = lan.at(again.url, other)
        with pytest.raises(Refused, match="revoked"):
            late.changes()
        late.source.close()
    beyond.forget(place)


def test_what_a_killed_restore_left_at_work_is_ended_by_the_next(
    answering: Answering, beyond: Beyond, tmp_path: Path
) -> None:
    done = back_up(answering.hub, tmp_path / "kept")
    place = _empty_place(tmp_path / "other", beyond, answering.hub.folder)
    address = sa.make_url(whereabouts_of(place).database).set(drivername="postgresql+psycopg")
    left = sa.create_engine(address, connect_args={"application_name": "assessor-desk restore"})
    with left.connect() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE facts (name text)"
        )  # as the tool does; it would be there with the commit
        restore(place, done.place, since=AS_IT_WAS)
        with pytest.raises(sa.exc.OperationalError, match="terminating connection"):
            connection.commit()
        connection.invalidate()
    left.dispose()
    with closing(Hub.open(place)) as other:
        assert _rows(other) == _rows(answering.hub)
    beyond.forget(place)


def test_two_restores_into_one_database_do_not_meet(
    answering: Answering, beyond: Beyond, tmp_path: Path
) -> None:
    done = back_up(answering.hub, tmp_path / "kept")
    place = _empty_place(tmp_path / "other", beyond, answering.hub.folder)
    home = ServerHome(whereabouts_of(place).database, key_of(place))
    with home.turn("restoring"), pytest.raises(Refused, match="Another restore fills"):
        restore(place, done.place, since=AS_IT_WAS)
    home.close()
    restore(place, done.place, since=AS_IT_WAS)
    Hub.open(place).close()
    beyond.forget(place)


def test_where_the_tool_gives_up_the_database_is_as_empty_as_before(
    answering: Answering, beyond: Beyond, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = back_up(answering.hub, tmp_path / "kept")
    place = _empty_place(tmp_path / "other", beyond, answering.hub.folder)
    was_run = _install(tmp_path / "bin", "pg_restore", 15, monkeypatch)
    with pytest.raises(Unavailable, match="pg_restore gave up"):
        restore(place, done.place, since=AS_IT_WAS)
    assert was_run.exists()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unavailable, match="pg_restore is not installed"):
        restore(place, done.place, since=AS_IT_WAS)
    with pytest.raises(Refused, match="holds no hub"):
        Hub.open(place)
    beyond.forget(place)


def test_a_badge_that_was_revoked_since_stays_revoked(
    answering: Answering, beyond: Beyond, tmp_path: Path, clock: StandingClock
) -> None:
    hub = answering.hub
    set_up_badges(hub, "http://127.0.0.1:8391")
    with hub.database.writing() as work:
        words = dict.fromkeys(("kind", "subject", "educator_key", "achievement", "title"), "x")
        pictures = dict.fromkeys(("credential", "svg", "png"), b"x")
        row = {"id": "urn:uuid:1", "list": 1, "place": 77, "issued_at": clock()}
        work.execute(sa.insert(t.badges).values(**words, **pictures, **row))
    done = back_up(hub, tmp_path / "kept")
    clock.move(minutes=5)
    revoke_badge(hub, "urn:uuid:1", "Issued by mistake.")
    place = _empty_place(tmp_path / "other", beyond, hub.folder)
    _database_of(place, hub.folder)
    restore(place, done.place, clock=clock)
    with closing(Hub.open(place, clock=clock)) as other:
        with other.database.reading() as view:
            [badge] = view.execute(sa.select(t.badges)).all()
        listed = json.loads(papers(other)[STATUS_FILE])["credentialSubject"]["encodedList"]
    assert badge.revoked_at == clock()
    assert badge.reason == "Issued by mistake."
    assert listed == encoded([77])
    beyond.forget(place)


def test_where_nothing_is_kept_beside_the_files_it_is_asked(
    answering: Answering, beyond: Beyond, tmp_path: Path, clock: StandingClock
) -> None:
    hub, lan = answering.hub, answering.enrol(Role.ASSESSOR, KEY)
    done, newest = back_up(hub, tmp_path / "kept"), tmp_path / "trust.pem"
    clock.move(hours=2)
    revoke(hub, lan.person)
    newest.write_bytes(hub.trust()["trust.pem"])
    place = _empty_place(tmp_path / "other", beyond, hub.folder)
    foreign = tmp_path / "foreign.pem"
    Authority.create(tmp_path / "another", "Another", clock=clock).write_trust(foreign)
    for since, says in (
        (UNTOLD, "would let them in again"),
        (Since(foreign), "is not a trust list of this hub"),
    ):
        with pytest.raises(Refused, match=says):
            restore(place, done.place, clock=clock, since=since)
    restore(place, done.place, clock=clock, since=Since(newest))
    with closing(Hub.open(place, clock=clock)) as other, answering_from(other) as again:
        late = lan.at(again.url, other)
        with pytest.raises(Refused, match="revoked"):
            late.changes()
        late.source.close()
    beyond.forget(place)
