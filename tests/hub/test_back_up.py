"""Backing a hub up while it serves, and putting it back: everything or nothing, and what was ended stays ended."""

import contextlib
import itertools
import json
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.beyond import Beyond
from tests.hub.conftest import Answering, answering_from
from tests.hub.elsewhere import Elsewhere
from tests.hub.making import Device, StandingClock, import_quickly

import assessor_desk.hub.back_up as back_up_module
import assessor_desk.hub.restoring as restoring_module
from assessor_desk.domain.errors import Damaged, NoRoom, Refused
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign, withdraw, withdraw_consent
from assessor_desk.hub.auditing import head_of, verify
from assessor_desk.hub.back_up import back_up
from assessor_desk.hub.badge_papers import (
    ISSUER_FILE,
    STATUS_FILE,
    papers,
    replace_badge_key,
    set_up_badges,
    setting,
)
from assessor_desk.hub.endings_kept import AS_IT_WAS, Since
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.kept import MANIFEST, names_in, opened
from assessor_desk.hub.object_store import Bucket
from assessor_desk.hub.people import enrol_device, new_code, revoke
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.restoring import Secrets, look, restore
from assessor_desk.hub.serve import Server
from assessor_desk.hub.server_back_up import DUMP
from assessor_desk.hub.whereabouts import KEY_FILE, whereabouts_of
from assessor_desk.protocol.status_list import encoded

over_a_hub = pytest.mark.in_a_folder(
    reason="puts a back-up over the hub that is there; on servers one is put into an empty database alone "
    "(test_server_back_up.py: what was there is left as it is, and what was ended since stays so)"
)

TABLES = [table for table in t.metadata.sorted_tables if not table.name.startswith("audit")]


def rows(hub: Hub, *without: str) -> dict[str, list[tuple[object, ...]]]:
    """All that a hub's database holds but its audit log."""
    with hub.database.reading() as view:
        return {
            table.name: sorted(map(tuple, view.execute(sa.select(table))), key=repr)
            for table in TABLES
            if table.name not in without
        }


def files(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextlib.contextmanager
def before_a_copy(device: Device, again: Hub) -> Iterator[Device]:
    """The same device before a copy of its hub, which answers meanwhile."""
    with Server(again.folder) as server:
        own = device.at(server.url, again)
        try:
            yield own
        finally:
            own.source.close()


@pytest.fixture
def filled(hub: Hub, incoming: Path) -> Hub:
    """A hub with its submissions, of which an assessor has one."""
    import_quickly(hub, incoming)
    return hub


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Where back-ups go."""
    return tmp_path / "shelf"


# -- making ------------------------------------------------------------------------------------------------


def test_a_back_up_made_while_desks_are_answered_is_the_hub_as_of_one_moment(
    answering: Answering, shelf: Path, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21")
    packet, digest = lan.seal(tmp_path / "sealed")
    stop, asked = threading.Event(), [0]

    def keep_asking() -> None:
        while not stop.is_set():
            lan.changes()
            asked[0] += 1

    asking = threading.Thread(target=keep_asking)
    asking.start()
    try:
        made = back_up(answering.hub, shelf)
    finally:
        stop.set()
        asking.join()
    lan.deliver(packet, digest)
    assert asked[0] > 0
    assert made.missing == ()
    place = elsewhere.named()
    restored = restore(place, made.place, since=AS_IT_WAS)
    assert restored.restoring.over == "nothing"
    again = Hub.open(place)
    try:
        assert {row[1] for row in rows(again)["submissions"]} == {"7F3A-21", "91BB-02", "E5D2-11"}
        assert rows(again)["packets"] == []
        with before_a_copy(lan, again) as own:
            for blob in own.changes().blobs:
                assert b"".join(own.source.fetch(blob, 0))
    finally:
        again.close()


def test_a_second_back_up_copies_new_files_alone_and_old_ones_go_with_what_only_they_had(
    filled: Hub, shelf: Path, incoming: Path, clock: StandingClock
) -> None:
    first = back_up(filled, shelf)
    assert (first.new, first.new_bytes > 0) == (6, True)
    clock.move(seconds=1)
    assert back_up(filled, shelf).new == 0
    (incoming / "board.md").write_text("# Another board\n", encoding="utf-8")
    import_quickly(filled, incoming)
    clock.move(seconds=1)
    third = back_up(filled, shelf, keep=1)
    assert third.new == 1
    assert len(third.removed) == 2
    assert third.removed[0] == first.manifest.name
    assert names_in(shelf) == [third.manifest.name]
    with opened(shelf) as kept:
        kept.verify()


def test_one_file_holds_all_of_it(filled: Hub, elsewhere: Elsewhere, tmp_path: Path) -> None:
    target = tmp_path / "hub.zip"
    made = back_up(filled, target)
    assert made.place == target
    assert zipfile.ZipFile(target).testzip() is None
    place = elsewhere.named()
    restore(place, target, since=AS_IT_WAS)
    again = Hub.open(place)
    of_its_own = ("facts", "papers", "changes")  # another epoch, and on servers a trust list of today
    assert rows(again, *of_its_own) == rows(filled, *of_its_own)
    again.close()
    with pytest.raises(Refused, match="there already"):
        back_up(filled, target)


def test_with_a_passphrase_nothing_in_it_opens_without(
    filled: Hub, shelf: Path, elsewhere: Elsewhere
) -> None:
    made = back_up(filled, shelf, "calm quokka")
    key = (filled.folder / KEY_FILE).read_bytes().strip()
    assert all(key not in content for content in files(shelf).values())
    assert not (made.place / KEY_FILE).exists()
    assert not (made.place / "authority").exists()
    place = elsewhere.named(with_key=False)
    for given in (None, "loud quokka"):
        with pytest.raises(Refused, match="passphrase"):
            restore(place, shelf, Secrets(kept=given), since=AS_IT_WAS)
    assert elsewhere.is_empty(place)
    restore(place, shelf, Secrets(kept="calm quokka"), since=AS_IT_WAS)
    Hub.open(place).close()


def _spoil(hub: Hub, digest: str, content: bytes) -> None:
    """Let other bytes lie where a sealed file was."""
    told = whereabouts_of(hub.folder).blobs
    if told is None:
        (hub.folder / "blobs" / digest[:2] / digest).write_bytes(content)
    else:
        Bucket(told, "blobs").put(f"blobs/{digest[:2]}/{digest}", content)


def test_a_file_that_the_hub_lost_is_named_and_the_rest_is_kept(filled: Hub, shelf: Path) -> None:
    one, other = list(filled.blobs.stored())[:2]
    filled.blobs.remove(one.digest)
    _spoil(filled, other.digest, b"x" * other.length)
    made = back_up(filled, shelf)
    assert set(made.missing) == {one.digest, other.digest}
    assert made.new == 4


def _but_locks(folder: Path) -> dict[str, bytes]:
    return {
        name: content
        for name, content in files(folder).items()
        if not name.endswith((".lock", "-wal", "-shm"))
    }


@pytest.mark.parametrize("where", ["inside", "a file", "another hub's"])
def test_a_place_that_would_not_do_is_refused(
    filled: Hub, shelf: Path, template: Path, tmp_path: Path, clock: StandingClock, where: str
) -> None:
    target = shelf
    if where == "inside":
        target = filled.folder / "back-ups"
    elif where == "a file":
        shelf.write_text("mine", encoding="utf-8")
    else:
        stranger = Hub.create(tmp_path / "stranger", "Another", "Another programme", clock=clock)
        back_up(stranger, shelf)
        stranger.close()
        clock.move(seconds=1)
    before = _but_locks(tmp_path)
    with pytest.raises(Refused):
        back_up(filled, target)
    assert _but_locks(tmp_path) == before


# -- what can go wrong ---------------------------------------------------------------------------------------


class PulledOut(BaseException):
    """The process ends here."""


def _writes(monkeypatch: pytest.MonkeyPatch, fail_at: int, error: BaseException) -> list[int]:
    """Let the nth writing call of a back-up or restore fail."""
    count = [0]
    for module, name in (
        (back_up_module, "_write"),
        (back_up_module, "flush_folder"),
        (restoring_module, "write_privately"),
        (restoring_module, "write_privately_from"),
        (restoring_module, "begin_epoch"),
        (restoring_module, "append"),
        (restoring_module, "flush_folder"),
    ):
        real = getattr(module, name)

        def step(*args: object, _real: Callable[..., object] = real, **more: object) -> object:
            count[0] += 1
            if count[0] == fail_at:
                raise error
            return _real(*args, **more)

        monkeypatch.setattr(module, name, step)
    return count


@pytest.mark.parametrize(
    "fault", [PulledOut(), OSError(28, "No space left on device")], ids=["ended", "full"]
)
def test_a_back_up_interrupted_at_any_write_leaves_the_earlier_one_whole(
    hub: Hub,
    incoming: Path,
    shelf: Path,
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
    fault: BaseException,
) -> None:
    first = back_up(hub, shelf)
    import_quickly(hub, incoming)
    interrupted, finished = 0, False
    while not finished:
        with monkeypatch.context() as patched:
            _writes(patched, interrupted + 1, fault)
            try:
                last = back_up(hub, shelf)
                finished = True
            except (PulledOut, NoRoom):
                interrupted += 1 if isinstance(fault, PulledOut) else 4
                names = names_in(shelf)
        if finished or len(names) > 1:
            break  # the last write of all makes it count
        assert names == [first.manifest.name]
        with opened(shelf) as kept:
            kept.verify()
        shutil.rmtree(shelf / "files", ignore_errors=True)
    assert interrupted > 10
    last = back_up(hub, shelf)
    assert not list(shelf.glob(".unfinished*"))
    with opened(last.place) as kept:
        assert len(kept.manifest.blobs) == 6
        kept.verify()


def _damage(shelf: Path, which: str) -> None:
    place = next(shelf.glob("hub-*"))
    if which == "sealed":
        path = next(path for path in (shelf / "files").rglob("*") if path.is_file())
    elif which == "gone":
        next(path for path in (shelf / "files").rglob("*") if path.is_file()).unlink()
        return
    elif which == "database":
        path = next(place / name for name in ("hub.db", DUMP) if (place / name).is_file())
    else:
        path = place / which
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


IN_ANY = ("sealed", "gone", "database", MANIFEST, "manifest.sha256")
PAPERS = ("hub.key", "authority/issuing.key", "trust.pem")
with_papers = pytest.mark.in_a_folder(
    reason="damages papers that are files of their own in a folder's back-up; of servers they are in the database"
)


@pytest.mark.parametrize("which", [*IN_ANY, *(pytest.param(one, marks=with_papers) for one in PAPERS)])
def test_a_damaged_back_up_changes_nothing(
    filled: Hub, shelf: Path, elsewhere: Elsewhere, tmp_path: Path, which: str
) -> None:
    back_up(filled, shelf)
    _damage(shelf, which)
    place = elsewhere.named()
    before, there = rows(filled), sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(Damaged):
        restore(place, shelf, since=AS_IT_WAS)
    assert rows(filled) == before
    assert elsewhere.is_empty(place)
    assert sorted(path.name for path in tmp_path.iterdir()) == there


@over_a_hub
@pytest.mark.parametrize("which", [*IN_ANY, *PAPERS])
def test_a_damaged_back_up_changes_nothing_of_the_hub_that_is_there(
    filled: Hub, shelf: Path, tmp_path: Path, which: str
) -> None:
    back_up(filled, shelf)
    _damage(shelf, which)
    before = rows(filled)
    with pytest.raises(Damaged):
        restore(filled.folder, shelf, since=AS_IT_WAS)
    assert rows(filled) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hub", "incoming", "shelf"]


def test_a_cut_off_file_is_told(filled: Hub, elsewhere: Elsewhere, tmp_path: Path) -> None:
    target = tmp_path / "hub.zip"
    back_up(filled, target)
    target.write_bytes(target.read_bytes()[:-100])
    place = elsewhere.named()
    with pytest.raises(Damaged):
        restore(place, target, since=AS_IT_WAS)
    assert elsewhere.is_empty(place)


@pytest.mark.in_a_folder(
    reason="looks at folders with other things in them; of databases test_server_back_up.py says that they stay"
)
def test_a_folder_with_something_else_and_another_hubs_back_up_are_refused(
    filled: Hub, shelf: Path, tmp_path: Path, clock: StandingClock
) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("mine", encoding="utf-8")
    back_up(filled, shelf)
    with pytest.raises(Refused, match="holds no hub"):
        restore(tmp_path / "letters", shelf, since=AS_IT_WAS)
    stranger = Hub.create(tmp_path / "stranger", "Another", "Another programme", clock=clock)
    stranger.close()
    with pytest.raises(Refused, match="another hub"):
        restore(tmp_path / "stranger", shelf, since=AS_IT_WAS)
    with pytest.raises(Refused, match="no back-up"):
        restore(tmp_path / "again", tmp_path / "letters", since=AS_IT_WAS)


# -- over a hub ----------------------------------------------------------------------------------------------


@pytest.fixture
def gone_back(
    answering: Answering, shelf: Path, tmp_path: Path, clock: StandingClock
) -> tuple[Answering, Device, str]:
    """A serving hub that was restored to before somebody delivered; the device, and what it delivered."""
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21")
    lan.changes()
    back_up(answering.hub, shelf)
    clock.move(minutes=1)
    packet, digest = lan.seal(tmp_path / "sealed")
    lan.deliver(packet, digest)
    return answering, lan, digest


@over_a_hub
def test_over_a_serving_hub_what_came_since_is_named_kept_aside_and_delivered_anew(
    gone_back: tuple[Answering, Device, str], shelf: Path, tmp_path: Path, clock: StandingClock
) -> None:
    answering, lan, digest = gone_back
    cursor = lan.changes().cursor
    told = look(answering.hub.folder, shelf, clock=clock)
    assert told.over == "a hub"
    assert [(gone.kind, gone.count, gone.some) for gone in told.gone] == [("deliveries", 1, (digest,))]
    done = restore(answering.hub.folder, shelf, clock=clock)
    after = lan.source.changes(cursor)
    assert after.anew
    assert [s.key for s in after.submissions] == ["7F3A-21"]
    assert lan.source.changes(after.cursor).anew is False
    assert rows(answering.hub)["packets"] == []
    packet = next((tmp_path / "sealed").glob("*.zip")).read_bytes()
    assert lan.deliver(packet, digest).packet_digest == digest
    assert done.aside is not None
    assert done.aside.parent.name == "hub-before-restore"
    restore(answering.hub.folder, done.aside, clock=clock)
    assert [row[0] for row in rows(answering.hub)["packets"]] == [digest]


@over_a_hub
def test_the_audit_log_goes_on_over_a_restore(
    gone_back: tuple[Answering, Device, str], shelf: Path, clock: StandingClock
) -> None:
    answering = gone_back[0]
    with answering.hub.database.reading() as view:
        before = head_of(view)
    restore(answering.hub.folder, shelf, clock=clock)
    found = verify(answering.hub, [before])
    assert found.faults == ()
    assert found.head.seq > before.seq
    with answering.hub.database.reading() as view:
        acts = list(view.execute(sa.select(t.audit.c.act).order_by(t.audit.c.seq)).scalars())
    assert acts[-1] == "restored"
    assert "delivered" in acts


@over_a_hub
def test_what_was_ended_since_stays_ended(answering: Answering, shelf: Path, clock: StandingClock) -> None:
    lan, minh = answering.enrol(Role.ASSESSOR, "7F3A-21"), answering.enrol(Role.ASSESSOR, "91BB-02")
    recused = answering.enrol(Role.ASSESSOR, "7F3A-21")
    coach = answering.enrol(Role.COACH, "E5D2-11")
    back_up(answering.hub, shelf)
    clock.move(minutes=1)
    revoke(answering.hub, lan.person, "keyCompromise")
    withdraw_consent(answering.hub, "91BB-02")
    withdraw(answering.hub, "7F3A-21", recused.person, recused=True)
    trust = answering.hub.trust()["trust.pem"]
    restore(answering.hub.folder, shelf, clock=clock)
    with pytest.raises(Refused, match="revoked"):
        lan.changes()
    for device, why in ((minh, "consent_withdrawn"), (recused, "recusal")):
        page = device.changes()
        assert (page.submissions, page.blobs) == ((), ())
        assert list(page.withdrawn_for.values()) == [why]
    assert [s.key for s in coach.changes().submissions] == ["E5D2-11"]
    assert answering.hub.trust()["trust.pem"].count(b"X509 CRL") >= trust.count(b"X509 CRL")
    with pytest.raises(Refused, match="recused"):
        assign(answering.hub, "7F3A-21", recused.person)


@over_a_hub
def test_who_was_enrolled_since_stays_enrolled_and_can_be_revoked(
    answering: Answering, shelf: Path, clock: StandingClock
) -> None:
    back_up(answering.hub, shelf)
    clock.move(minutes=1)
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21")
    restore(answering.hub.folder, shelf, clock=clock)
    page = lan.changes()
    assert [s.key for s in page.submissions] == ["7F3A-21"]
    assert revoke(answering.hub, lan.person) == 1
    with pytest.raises(Refused, match="revoked"):
        lan.changes()


@over_a_hub
def test_what_was_assigned_since_stays_so_that_its_packet_is_taken(
    answering: Answering, shelf: Path, tmp_path: Path, clock: StandingClock
) -> None:
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21")
    back_up(answering.hub, shelf)
    clock.move(minutes=1)
    assign(answering.hub, "91BB-02", lan.person)
    withdraw(answering.hub, "7F3A-21", lan.person)
    packet, digest = lan.seal(tmp_path / "sealed", "91BB-02")
    lan.deliver(packet, digest)
    cursor = lan.changes().cursor
    restore(answering.hub.folder, shelf, clock=clock)
    page = lan.source.changes(cursor)
    assert page.anew
    assert {s.key for s in page.submissions} == {"7F3A-21", "91BB-02"}
    assert lan.deliver(packet, digest).packet_digest == digest


@over_a_hub
def test_phrases_published_since_stay_for_whoever_is_enrolled_later(
    answering: Answering, shelf: Path, tmp_path: Path, clock: StandingClock
) -> None:
    back_up(answering.hub, shelf)
    clock.move(minutes=1)
    bank = tmp_path / "beginnings.yaml"
    words = "id: beginnings\nversion: '1'\ntitle: Beginnings\nphrases:\n  - {id: one, text: You wrote}\n"
    bank.write_text(words, encoding="utf-8")
    publish(answering.hub, bank)
    restore(answering.hub.folder, shelf, clock=clock)
    (told,) = answering.enrol().changes().phrase_banks
    assert told.id == "beginnings"


@over_a_hub
def test_a_copy_of_keys_that_was_taken_back_since_does_not_come_back(
    answering: Answering, shelf: Path, clock: StandingClock
) -> None:
    lan, minh = answering.enrol(), answering.enrol()
    for one in (lan, minh):
        one.source.keep_keys("wrapped")
    back_up(answering.hub, shelf)
    clock.move(minutes=1)
    lan.source.keep_keys("")
    minh.source.keep_keys("wrapped anew")
    restore(answering.hub.folder, shelf, clock=clock)
    assert (lan.source.kept_keys(), minh.source.kept_keys()) == ("", "wrapped anew")


def test_a_hub_that_lost_its_folder_takes_an_assignment_up_again_from_the_packet_that_answers_it(
    answering: Answering, shelf: Path, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    lan, minh = answering.enrol(Role.ASSESSOR), answering.enrol(Role.ASSESSOR, "7F3A-21")
    coach = answering.enrol(Role.COACH)
    back_up(answering.hub, shelf)
    assign(answering.hub, "91BB-02", lan.person)
    packet, digest = lan.seal(tmp_path / "sealed", "91BB-02")
    recused, recused_digest = minh.seal(tmp_path / "sealed", "7F3A-21")
    place = elsewhere.named()
    restore(place, shelf, since=AS_IT_WAS)
    again = Hub.open(place)
    try:
        with before_a_copy(coach, again) as own, pytest.raises(Refused, match="sealed by"):
            own.deliver(packet, digest)
        with before_a_copy(lan, again) as own:
            assert own.changes().submissions == ()
            assert own.deliver(packet, digest).packet_digest == digest
            assert [s.key for s in own.changes().submissions] == ["91BB-02"]
        withdraw(again, "7F3A-21", minh.person, recused=True)
        with before_a_copy(minh, again) as own, pytest.raises(Refused, match="was withdrawn"):
            own.deliver(recused, recused_digest)
        assert verify(again).faults == ()
    finally:
        again.close()


def test_an_assignment_is_not_taken_up_for_a_submission_without_consent(
    answering: Answering, shelf: Path, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    lan = answering.enrol(Role.ASSESSOR)
    back_up(answering.hub, shelf)
    assign(answering.hub, "91BB-02", lan.person)
    packet, digest = lan.seal(tmp_path / "sealed", "91BB-02")
    place = elsewhere.named()
    restore(place, shelf, since=AS_IT_WAS)
    again = Hub.open(place)
    try:
        withdraw_consent(again, "91BB-02")
        with before_a_copy(lan, again) as own, pytest.raises(Refused, match="none of yours"):
            own.deliver(packet, digest)
        assert rows(again)["assignments"] == []
    finally:
        again.close()


@over_a_hub
def test_a_badge_that_was_issued_and_revoked_since_stays_revoked(
    filled: Hub, shelf: Path, clock: StandingClock
) -> None:
    set_up_badges(filled, "http://127.0.0.1:8391")
    back_up(filled, shelf)
    clock.move(minutes=1)
    with filled.database.writing() as work:
        submission = work.execute(sa.select(t.submissions.c.id)).scalars().first()
        values = dict.fromkeys(("kind", "subject", "educator_key", "achievement", "title"), "x")
        row = {"id": "urn:uuid:1", "submission_id": submission, "list": 1, "place": 77, "issued_at": clock()}
        pictures = dict.fromkeys(("credential", "svg", "png"), b"x")
        work.execute(sa.insert(t.badges).values(**values, **row, **pictures, revoked_at=clock(), reason="x"))
    restore(filled.folder, shelf, clock=clock)
    assert [row[0] for row in rows(filled)["badges"]] == ["urn:uuid:1"]
    listed = json.loads(papers(filled)[STATUS_FILE])["credentialSubject"]["encodedList"]
    assert listed == encoded([77])


@over_a_hub
@pytest.mark.parametrize("since", ["set up", "replaced"])
def test_how_badges_are_issued_since_stays_with_their_keys_and_papers(
    answering: Answering, shelf: Path, clock: StandingClock, since: str
) -> None:
    hub, lan = answering.hub, answering.enrol(Role.ASSESSOR, "7F3A-21")
    if since == "replaced":
        set_up_badges(hub, "http://127.0.0.1:8391")
    back_up(hub, shelf)
    clock.move(minutes=1)
    if since == "replaced":
        replace_badge_key(hub)
    else:
        set_up_badges(hub, "http://127.0.0.1:8391")
    before, published = setting(hub), papers(hub)
    restore(hub.folder, shelf, clock=clock)
    assert setting(hub) == before
    assert papers(hub).keys() == published.keys()
    assert papers(hub)[ISSUER_FILE] == published[ISSUER_FILE]
    assert published.keys() <= lan.source.changes("").trust.keys()


def test_a_file_that_was_swept_since_comes_back(
    filled: Hub, shelf: Path, elsewhere: Elsewhere, clock: StandingClock
) -> None:
    back_up(filled, shelf)
    clock.move(seconds=1)
    for one in list(filled.blobs.stored()):
        filled.blobs.remove(one.digest)
    place = elsewhere.beside_its_files()
    restore(place, shelf, clock=clock)
    with contextlib.closing(Hub.open(place, clock=clock)) as again, again.database.reading() as view:
        digests = list(view.execute(sa.select(t.blobs.c.digest)).scalars())
        assert [again.blobs.holds(digest) for digest in digests] == [True] * 6


@over_a_hub
@pytest.mark.parametrize(
    "fault", [PulledOut(), OSError(28, "No space left on device")], ids=["ended", "full"]
)
def test_a_restore_interrupted_at_any_step_leaves_the_hub_as_it_was_or_as_it_is_to_be(
    filled: Hub,
    shelf: Path,
    incoming: Path,
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
    fault: BaseException,
) -> None:
    back_up(filled, shelf)
    wanted = rows(filled, "facts", "changes")
    withdraw_consent(filled, "7F3A-21")
    (incoming / "board.md").write_text("# Another board\n", encoding="utf-8")
    import_quickly(filled, incoming)
    before = rows(filled, "facts", "changes")
    at, done, steps = 0, False, 0
    while not done:
        at += 1 if isinstance(fault, PulledOut) else 4
        clock.move(seconds=2)
        with monkeypatch.context() as patched:
            count = _writes(patched, at, fault)
            try:
                restore(filled.folder, shelf, clock=clock)
                done = True
            except (PulledOut, NoRoom):
                assert rows(filled, "facts", "changes") == before
                steps = count[0]
    assert steps > 10
    assert verify(filled).faults == ()
    now = rows(filled, "facts", "changes")
    # But for the consent, which stays withdrawn, and the evidence that went with it.
    gone = {row[0] for row in now["evidence_ended"]} | {row[0] for row in now["ended_blobs"]}
    assert _without(gone, now) == _without(gone, wanted)
    assert not list(filled.folder.parent.glob(".hub.restoring*"))


def _without(
    gone: set[str], tables: dict[str, list[tuple[object, ...]]]
) -> dict[str, list[tuple[object, ...]]]:
    """All rows but those that name one of these."""
    return {
        name: [row for row in known if not any(isinstance(each, str) and each in gone for each in row)]
        for name, known in tables.items()
    }


# -- into an empty place: who was revoked since --------------------------------------------------------------


def test_into_an_empty_place_it_is_asked_who_was_revoked_since_and_a_trust_list_tells(
    hub: Hub, incoming: Path, shelf: Path, elsewhere: Elsewhere, clock: StandingClock, tmp_path: Path
) -> None:
    import_quickly(hub, incoming)
    with answering_from(hub) as answering:
        lan, minh = answering.enrol(Role.ASSESSOR, "7F3A-21"), answering.enrol(Role.ASSESSOR, "91BB-02")
        code, old = new_code(hub, lan.person), tmp_path / "old.pem"
        old.write_bytes(hub.trust()["trust.pem"])
        clock.move(hours=2)
        back_up(hub, shelf)
        clock.move(hours=2)
        revoke(hub, lan.person)
    newest = tmp_path / "newest.pem"
    newest.write_bytes(hub.trust()["trust.pem"])
    hub.close()
    place = elsewhere.named()
    for since, says in ((Since(), "would let them in again"), (Since(old), "older than the back-up")):
        with pytest.raises(Refused, match=says):
            restore(place, shelf, clock=clock, since=since)
        assert elsewhere.is_empty(place)
    restore(place, shelf, clock=clock, since=Since(newest))
    with contextlib.closing(Hub.open(place, clock=clock)) as again:
        with before_a_copy(lan, again) as own, pytest.raises(Refused, match="revoked"):
            own.changes()
        with before_a_copy(minh, again) as own:
            assert [s.key for s in own.changes().submissions] == ["91BB-02"]
        with pytest.raises(Declined, match="not known"):
            enrol_device(again, code, "", "A computer", "127.0.0.1")


# -- a damaged hub -------------------------------------------------------------------------------------------


@pytest.mark.in_a_folder(reason="damages the file of the database, and has the whole folder moved aside")
@pytest.mark.parametrize("damage", ["torn page", "no database", "another key"])
def test_a_damaged_hub_is_moved_aside_whole_and_its_revocations_count_on(
    hub: Hub, incoming: Path, shelf: Path, clock: StandingClock, damage: str
) -> None:
    import_quickly(hub, incoming)
    with answering_from(hub) as answering:
        lan, minh = answering.enrol(Role.ASSESSOR, "7F3A-21"), answering.enrol(Role.ASSESSOR, "91BB-02")
        back_up(hub, shelf)
        clock.move(minutes=1)
        revoke(hub, lan.person)
    hub.close()
    path = hub.folder / "hub.db"
    if damage == "torn page":
        content = bytearray(path.read_bytes())
        content[len(content) // 2 : len(content) // 2 + 64] = bytes(64)
        path.write_bytes(content)
    elif damage == "no database":
        path.unlink()
    else:
        (hub.folder / KEY_FILE).write_text("0" * 64, encoding="ascii")
    before = _but_locks(hub.folder)
    with pytest.raises(Refused, match="would let them in again"):
        restore(hub.folder, shelf, clock=clock)
    assert _but_locks(hub.folder) == before
    done = restore(hub.folder, shelf, clock=clock, since=AS_IT_WAS)
    assert done.restoring.over == "a damaged hub"
    assert done.aside is not None
    assert _but_locks(done.aside) == before
    again = Hub.open(hub.folder, clock=clock)
    with before_a_copy(lan, again) as own, pytest.raises(Refused, match="revoked"):
        own.changes()
    with before_a_copy(minh, again) as own:
        assert [s.key for s in own.changes().submissions] == ["91BB-02"]
    again.close()


# -- real processes ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Worked:
    """How long a command worked, from its first trace on, and whether it came to its end."""

    seconds: float
    ended: bool


def _worked(
    folder: Path, words: list[str], traces: Callable[[], set[str]], killed_after: float | None
) -> Worked:
    """Run a command and kill it so many seconds after its first trace, not at all for None."""
    before = traces()
    command = [sys.executable, "-m", "assessor_desk", "hub", "--at", str(folder), *words]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and traces() <= before:
        time.sleep(0.005)
    began = time.monotonic()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(killed_after)
    worked = Worked(time.monotonic() - began, process.poll() is not None)
    process.kill()
    assert process.wait() == 0 or not worked.ended
    return worked


def worked_to_its_end(place: Path) -> bool:
    """Whether a hub was restored there; else nobody may use what is there, and the next restore begins anew."""
    try:
        Hub.open(place).close()
    except Refused as error:
        return "being filled from a back-up" not in str(error)
    return True


@dataclass(frozen=True)
class Interrupted:
    """A hub, its back-ups, and the two commands that are killed while they work."""

    hub: Hub
    shelf: Path
    elsewhere: Elsewhere
    beyond: bool
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def back_up(self, killed_after: float | None) -> Worked:
        def traces() -> set[str]:
            return {path.name for path in self.shelf.glob(".unfinished*")}

        return _worked(self.hub.folder, ["backup", str(self.shelf)], traces, killed_after)

    def restore(self, killed_after: float | None) -> Worked:
        """Over the hub in its folder, on servers into an empty place; nothing of it counts, or everything."""
        if self.beyond:
            return self._restore_on_servers(killed_after)

        def traces() -> set[str]:
            return {path.name for path in self.hub.folder.parent.glob(f".{self.hub.folder.name}.restoring*")}

        return _worked(self.hub.folder, ["restore", str(self.shelf), "--replace"], traces, killed_after)

    def _restore_on_servers(self, killed_after: float | None) -> Worked:
        place = self.elsewhere.named(f"again-{next(self.numbers)}")
        told = whereabouts_of(place).blobs
        assert told is not None
        bucket = Bucket(told, "blobs")
        words = ["restore", str(self.shelf), "--since-nothing"]
        took = _worked(place, words, lambda: {one.name for one in bucket.under("")}, killed_after)
        if not self.elsewhere.is_empty(place):
            if not worked_to_its_end(place):
                restore(place, self.shelf, since=AS_IT_WAS)
            with contextlib.closing(Hub.open(place)) as again:
                assert self.rows(again) == self.rows(self.hub)
        return took

    def rows(self, hub: Hub) -> dict[str, list[tuple[object, ...]]]:
        """All that a restore brings back as it was."""
        return rows(hub, "facts", "changes", "papers")


def _killed(own: Interrupted, times: int, seconds: list[float]) -> int:
    """Neither hub nor back-ups show it, wherever in their work both commands are killed; how often they were.

    `seconds` is how long each of them takes, and follows what the machine is busy with.
    """
    before, killed = own.rows(own.hub), 0
    for number in range(1, times + 1):
        part = number * 0.618034 % 1  # all over the time that it takes, in no order
        for which, act in enumerate((own.back_up, own.restore)):
            worked = act(seconds[which] * part)
            seconds[which] = worked.seconds if worked.ended else seconds[which] * 1.05
            killed += not worked.ended
            assert own.rows(own.hub) == before
            assert verify(own.hub).faults == ()
            for name in names_in(own.shelf)[-3:]:
                with opened(own.shelf / name) as kept:
                    kept.verify()
    return killed


@pytest.fixture
def interrupted(filled: Hub, shelf: Path, elsewhere: Elsewhere, beyond: Beyond | None) -> Interrupted:
    """Ready to be killed."""
    return Interrupted(filled, shelf, elsewhere, beyond is not None)


def test_a_killed_back_up_and_a_killed_restore_are_as_if_never_begun(interrupted: Interrupted) -> None:
    back_up(interrupted.hub, interrupted.shelf)
    _killed(interrupted, 1, [0.1, 0.1])


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_killed_at_a_hundred_moments_they_are_as_if_never_begun(interrupted: Interrupted) -> None:
    back_up(interrupted.hub, interrupted.shelf)
    whole = [act(None).seconds for act in (interrupted.back_up, interrupted.restore)]
    killed = _killed(interrupted, 50, whole)
    print(f"\n{killed} of 100 killed amid their work")
    assert killed > 30
