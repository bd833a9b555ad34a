"""Evidence goes from a desk keys first; its source hears of it, signed, once nothing remains: on a real hub."""

import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from tests.desk.conftest import StandingClock
from tests.hub.making import import_quickly, make_template, submissions_folder

from assessor_desk.artifacts.vault import Vault
from assessor_desk.cli.command_line import run_command
from assessor_desk.desk import Desk
from assessor_desk.desk.contact import note_contact
from assessor_desk.desk.destroying import Remains
from assessor_desk.domain.changes import Receipt, SourceChanges
from assessor_desk.domain.custody import Destruction, Piece
from assessor_desk.domain.errors import DeskError, Refused
from assessor_desk.domain.roles import Role
from assessor_desk.gui.dialogs.evidence_here import destroyed_words
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign, withdraw, withdraw_consent
from assessor_desk.hub.auditing import entries
from assessor_desk.hub.custody import holders
from assessor_desk.hub.destructions import take_destruction
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import add_person, new_code, revoke
from assessor_desk.hub.serve import Server
from assessor_desk.protocol.destructions import read_receipt, receipt_bytes
from assessor_desk.store.connection import connect
from assessor_desk.store.preflights import Unseen
from assessor_desk.store.swapping import BEFORE
from assessor_desk.store.tables import metadata
from assessor_desk.sync.hub_source import HubSource
from assessor_desk.sync.unreached import Unreached, Why

T = TypeVar("T")
Finish = Callable[[Desk, str], tuple[str, ...]]
KEY, OTHER = "7F3A-21", "91BB-02"


@dataclass
class Office:
    """A hub with one assessor who is assigned two submissions, and their desk."""

    folder: Path
    person: str
    clock: StandingClock

    def do(self, act: Callable[[Hub], T]) -> T:
        with closing(Hub.open(self.folder, clock=self.clock)) as hub:
            return act(hub)


@pytest.fixture(scope="session")
def made_office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    place = tmp_path_factory.mktemp("custody")
    folder = make_template(place / "hub")
    with closing(Hub.open(folder)) as hub:
        incoming = submissions_folder(place / "incoming", KEY, OTHER)
        (incoming / "board.md").rename(incoming / "plan.md")
        table = incoming / "artifacts.csv"
        table.write_text(table.read_text(encoding="utf-8").replace("board.md", "plan.md"), encoding="utf-8")
        import_quickly(hub, incoming)
        person = add_person(hub, "Ana Sample", [Role.ASSESSOR])
        for key in (KEY, OTHER):
            assign(hub, key, person)
    return folder, person


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def office(made_office: tuple[Path, str], tmp_path: Path, clock: StandingClock) -> Office:
    shutil.copytree(made_office[0], tmp_path / "hub")
    return Office(tmp_path / "hub", made_office[1], clock)


@pytest.fixture
def desk(
    office: Office, tmp_path: Path, new_desk: tuple[Path, bytes], clock: StandingClock
) -> Iterator[Desk]:
    """Connected to the hub, which answers, with the evidence of both submissions on it."""
    shutil.copytree(new_desk[0], tmp_path / "desk")
    with Server(office.folder) as server, Desk.open_with_key(tmp_path / "desk", new_desk[1], clock) as desk:
        desk.connect(server.url, office.do(lambda hub: new_code(hub, office.person)), "demo")
        desk.sync()
        yield desk


def owed(desk: Desk) -> list[Any]:
    with desk.store.reading() as view:
        return view.custody.destructions()


def receipts(office: Office) -> list[Any]:
    def look(hub: Hub) -> list[Any]:
        with hub.database.reading() as view:
            return list(view.execute(sa.select(t.destructions)).all())

    return office.do(look)


def test_a_recusal_destroys_at_once_and_the_hub_gets_a_signed_receipt_in_the_same_round(
    desk: Desk, office: Office
) -> None:
    own_id = desk.find(KEY)
    here = [line for line in desk.store.keys.held() if line[0] == own_id]
    assert here
    office.do(lambda hub: withdraw(hub, KEY, office.person, recused=True))
    desk.sync()
    assert not desk.store.keys.of(own_id)
    (row,) = receipts(office)
    assert (row.submission_id, row.person, row.why, row.certificate_status) == (
        own_id, office.person, "recusal", "good",
    )  # fmt: skip
    stated = json.loads(row.document)["statement"]
    assert {piece["sha256"] for piece in stated["pieces"]} == {digest for _, _, digest in here}
    (one,) = owed(desk)
    assert one.delivered_at is not None
    assert one.receipt, "the hub has signed for it"
    with desk.store.reading() as view:
        assert view.custody.to_send(one.made.source) == [], "once is enough"
    assert [line.act for line in office.do(lambda hub: list(entries(hub)))].count("reported destroyed") == 1


def test_who_still_holds_what_is_read_from_the_hub(desk: Desk, office: Office) -> None:
    held = office.do(holders)
    assert [(one.key, one.person) for one in held] == [(KEY, office.person), (OTHER, office.person)]
    office.do(lambda hub: withdraw_consent(hub, KEY))
    desk.sync()
    assert [one.key for one in office.do(holders)] == [OTHER]
    every = office.do(lambda hub: holders(hub, [KEY], destroyed=True))
    assert [(one.key, one.why) for one in every] == [(KEY, "consent_withdrawn")]


def test_a_revoked_computer_destroys_and_can_still_say_so(desk: Desk, office: Office) -> None:
    office.do(lambda hub: revoke(hub, office.person))
    with pytest.raises(Refused, match="revoked"):
        desk.sync()
    assert not desk.store.keys.held()
    assert {(row.why, row.certificate_status) for row in receipts(office)} == {
        ("enrolment_revoked", "revoked")
    }
    assert len(receipts(office)) == 2
    assert not office.do(holders)


def test_after_delivery_and_the_policys_days_the_keys_go_and_the_receipt_says_why(
    desk: Desk, office: Office, finish: Finish, clock: StandingClock
) -> None:
    own_id = desk.find(OTHER)
    desk.seal_packet(own_id, "demo", finish(desk, own_id))
    desk.sync()
    days = desk.case(own_id).policy.retention.evidence_on_desk
    clock.move(days=days - 0.1)
    desk.tidy()
    assert not owed(desk)
    clock.move(days=0.2)
    with desk.store.reading() as view:
        source = view.source_of(own_id)
    note_contact(desk.store, source, clock(), told=True)
    desk.tidy()
    (one,) = owed(desk)
    assert (one.made.why, one.made.gone_at, bool(one.document)) == ("retention", clock(), True)
    assert not desk.store.keys.of(own_id)


def test_while_a_file_cannot_be_removed_the_receipt_is_owed_and_that_is_told(
    desk: Desk, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = Vault.remove

    def in_use(self: Vault, digest: str) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Vault, "remove", in_use)
    office.do(lambda hub: withdraw(hub, KEY, office.person, recused=True))
    desk.sync()
    (one,) = owed(desk)
    assert (one.made.gone_at, one.document) == (None, b"")
    assert "still in use" in one.made.trouble
    assert not receipts(office)
    assert not desk.store.keys.of(desk.find(KEY)), "but nothing can be opened any more"
    monkeypatch.setattr(Vault, "remove", remove)
    desk.sync()
    desk.tidy()
    desk.sync()
    assert len(receipts(office)) == 1


def test_that_nothing_is_here_is_told_where_its_source_cannot_hear_of_it(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    as_it_was = tmp_path / "desk" / BEFORE / "a file that was put back"
    as_it_was.mkdir(parents=True)
    source = desk.sources()[0].identity
    desk.store.accept(SourceChanges("", withdrawn=("a-x",), withdrawn_from={"a-x": "of-no-hub"}), source)
    desk.tidy()
    (one,) = desk.holdings().destroyed
    assert (one.key, one.files, one.gone_at) == ("of-no-hub", 0, None)
    words = "of-no-hub: that nothing of it is here was not told yet. The database as it was before it was restored"
    assert destroyed_words([one]).startswith(words)
    as_it_was.rmdir()
    desk.tidy()
    assert desk.holdings().destroyed == (), "there is nothing to tell"
    desk.sync()
    (one,) = desk.holdings().destroyed
    assert "The submission was never assigned" in destroyed_words([one])
    assert "Destroyed" not in destroyed_words([one])
    desk.close()
    (tmp_path / "word").write_text("demo")
    assert run("custody", "--desk", desk.folder, "--passphrase-file", tmp_path / "word") == 0
    assert "has nothing here since" in capsys.readouterr().out


def test_a_word_of_the_hubs_for_a_receipt_that_does_not_hold_does_not_count(
    desk: Desk, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver = HubSource.deliver
    monkeypatch.setattr(
        HubSource, "deliver", lambda *told: replace(deliver(*told), signed=b"not a signature of the hub's")
    )
    office.do(lambda hub: withdraw(hub, KEY, office.person, recused=True))
    desk.sync()
    (one,) = owed(desk)
    assert (one.delivered_at, one.receipt) == (None, b"")
    assert one.made.trouble
    monkeypatch.undo()
    desk.sync()
    (one,) = owed(desk)
    assert one.delivered_at is not None


@pytest.mark.parametrize(
    ("why", "tries"),
    [(Why.SILENT, 1), (Why.OFFLINE, 1), (Why.FAULT, 2)],
    ids=["silent", "offline", "at fault"],
)
def test_receipts_wait_for_a_hub_that_is_lost_and_are_not_told_as_refused(
    desk: Desk, office: Office, monkeypatch: pytest.MonkeyPatch, why: Why, tries: int
) -> None:
    tried = list[str]()

    def lost(_source: object, _receipt: object, _length: int, digest: str, _kind: object) -> Receipt:
        tried.append(digest)
        raise Unreached("Lakeside hub is not there", why)

    monkeypatch.setattr(HubSource, "deliver", lost)
    for key in (KEY, OTHER):
        office.do(lambda hub, key=key: withdraw(hub, key, office.person, recused=True))  # type: ignore[misc]
    desk.sync()
    assert len(owed(desk)) == 2
    tried.clear()
    if tries == 1:
        with pytest.raises(Unreached):
            desk.sync()
    else:
        desk.sync()
    assert len(set(tried)) == tries
    assert [one.made.trouble for one in owed(desk)] == ["", ""]
    monkeypatch.undo()
    desk.sync()
    assert all(one.delivered_at is not None for one in owed(desk))


def test_a_round_that_is_stopped_hands_over_no_further_receipt(
    desk: Desk, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, deliver, sent = threading.Event(), HubSource.deliver, list[object]()

    def stopping(*told: object) -> Receipt:
        sent.append(told)
        stop.set()
        return deliver(*told)  # type: ignore[arg-type]

    monkeypatch.setattr("assessor_desk.desk.connecting.send_receipts", lambda _: 0)
    for key in (KEY, OTHER):
        office.do(lambda hub, key=key: withdraw(hub, key, office.person, recused=True))  # type: ignore[misc]
    desk.sync()
    monkeypatch.setattr(HubSource, "deliver", stopping)
    assert desk.sync(stop=stop).stopped
    assert len(sent) == 1


def test_no_receipt_is_signed_while_anything_of_it_is_left(desk: Desk, tmp_path: Path) -> None:
    own_id, at = desk.find(KEY), datetime.now(UTC)
    pieces = tuple(
        Piece(artifact, "original", digest)
        for own, artifact, digest in desk.store.keys.held()
        if own == own_id
    )
    assert pieces
    made = Destruction("d-1", "urn:uuid:1", own_id, "recusal", at, pieces)
    remains = Remains(desk.store, desk.vault, tmp_path / "set-aside", lambda: at)
    with desk.store.transaction() as work:
        work.preflights.forget_likeness(own_id)
        work.commit()
    assert remains.of(made) == "The evidence is here again: it was sent once more"
    gone = replace(made, pieces=())
    assert remains.of(gone) == "The evidence is here again: it was sent once more"
    desk.store.keys.destroy(own_id)
    assert remains.of(gone) == ""
    with desk.store.transaction() as work:
        work.preflights.keep(Unseen(own_id, pieces[0].artifact_id, pieces[0].digest), (), "0f0f")
        work.commit()
    assert remains.of(gone) == "What copies of it are told by is still here"
    with desk.store.transaction() as work:
        work.preflights.forget_likeness(own_id)
        work.commit()
    for days in (-1, 3):  # a clock that was ahead names it so
        database = tmp_path / "set-aside" / f"{at + timedelta(days=days):%Y%m%dT%H%M%S}-desk.db"
        database.mkdir(parents=True)
        words = "The database as it was before it was restored is kept for two weeks"
        assert remains.of(gone).startswith(words)
        database.rmdir()
    assert remains.of(gone) == ""


def test_nothing_of_it_is_in_any_snapshot_or_in_the_journal(
    desk: Desk, office: Office, new_desk: tuple[Path, bytes]
) -> None:
    desk.examine()
    own_id = desk.find(KEY)
    with desk.store.reading() as view:
        assert view.preflights.has_likeness(own_id)
    desk.keep_snapshot()
    office.do(lambda hub: withdraw(hub, KEY, office.person, recused=True))
    desk.sync()
    key = desk.store._file_key
    for snapshot in desk.store.snapshots.glob("*.db"):
        with closing(connect(snapshot, key, journal="DELETE")) as file:
            found = file.execute("SELECT count(*) FROM preflights WHERE submission_id = ?", (own_id,))
            assert found.fetchone() == (0,)
    assert receipts(office)


#: Every table of a desk's file, and what of a submission's evidence is in it once its keys are destroyed.
TABLES = {
    "submissions": "names of files, as the source tells them",
    "assignments": "nothing of the files",
    "published": "nothing of the files",
    "reviews": "nothing of the files",
    "entries": "the person's own words and anchors; quotations are theirs",
    "drafts": "as entries",
    "outbox": "sealed packets, which are the person's work; pages only as the policy's booklet",
    "artifacts": "digests and lengths",
    "preflights": "what was found; likenesses are forgotten (store.preflights)",
    "exports": "where copies went that a person took out",
    "facts": "nothing of the files",
    "inbox": "sums of bytes",
    "delivered": "packets to decide on; forgotten with what was recalled",
    "passed_back": "nothing of the files",
    "holds": "nothing of the files",
    "recipients": "nothing of the files",
    "releases": "nothing of the files",
    "phrases": "the person's own words",
    "phrase_banks": "the programme's words",
    "phrase_use": "counts",
    "destructions": "digests of what was destroyed",
}
#: Everything that lies in a desk's folder.
PLACES = {
    "desk.db", "desk.db-wal", "desk.db-shm", "artifact-keys.db", "artifact-keys.db-journal", "journal", "keys.json",
    "keys-copy.json", "identity", "vault", "outbox", "snapshots", "before-restoring", "tries.json", "desk.lock",
    "settings.json", "desk.lock-journal",
}  # fmt: skip


def test_every_place_where_something_could_remain_is_known() -> None:
    """A new table is looked at here: does something of a submission's evidence lie in it, and who takes that away?"""
    assert set(metadata.tables) - set(TABLES) - OF_TWO_DEVICES == set()


#: What is on its way between the devices of one person, sealed, and the ids of that; nothing of the files.
OF_TWO_DEVICES = {
    name
    for name in metadata.tables
    if name.startswith(("device", "entry", "entries_", "deliveries_", "batch", "sealed_"))
}


def test_every_place_in_a_desks_folder_is_known(desk: Desk, office: Office) -> None:
    desk.examine()
    desk.keep_snapshot()
    office.do(lambda hub: withdraw(hub, KEY, office.person, recused=True))
    desk.sync()
    assert {path.name for path in desk.folder.iterdir()} <= PLACES
    names = {digest for one in owed(desk) for digest in (piece.digest for piece in one.made.pieces)}
    left = {path.name for path in desk.folder.rglob("*") if path.name in names}
    assert left == set()


# -- what the hub takes --------------------------------------------------------------------------------------


@pytest.fixture
def document(desk: Desk, office: Office) -> bytes:
    """A receipt that holds and that the hub has not seen."""
    office.do(lambda hub: withdraw(hub, KEY, office.person, recused=True))
    desk.sync()

    def forget(hub: Hub) -> None:
        with hub.database.writing() as work:
            work.execute(sa.delete(t.destructions))

    office.do(forget)
    return bytes(owed(desk)[0].document)


def take(office: Office, document: bytes) -> tuple[object, bool]:
    return office.do(lambda hub: take_destruction(hub, hashlib.sha256(document).hexdigest(), document))


def test_the_same_receipt_is_answered_the_same(office: Office, document: bytes) -> None:
    first, new = take(office, document)
    again, newly = take(office, document)
    assert (first, new, newly) == (again, True, False)


def test_a_receipt_that_was_changed_is_refused(office: Office, document: bytes) -> None:
    receipt = read_receipt(document)
    made = receipt.destruction
    for changed in (
        replace(made, why="retention"),
        replace(made, pieces=()),
        replace(made, destroyed_at=made.destroyed_at - timedelta(days=1)),
        replace(made, submission_id="another"),
    ):
        with pytest.raises(Declined, match="was changed"):
            take(office, receipt_bytes(replace(receipt, destruction=changed)))
    assert not receipts(office)


def test_what_is_no_receipt_is_refused(office: Office) -> None:
    for words in (b"", b"{}", b"[1]", b'{"format":"assessor-desk/destruction/1"}', b"\xff"):
        with pytest.raises(Declined, match="cannot be read"):
            take(office, words)


def test_a_receipt_whose_key_another_programme_attested_is_refused(
    office: Office, document: bytes, tmp_path: Path
) -> None:
    elsewhere = Hub.create(tmp_path / "elsewhere", "Another hub", "Another programme")
    with closing(elsewhere) as other, pytest.raises(DeskError, match="does not count"):
        take_destruction(other, hashlib.sha256(document).hexdigest(), document)


# -- room ----------------------------------------------------------------------------------------------------


def bytes_here(desk: Desk, key: str) -> int:
    row = next(row for row in desk.inbox() if row.key == key)
    return row.ready_bytes


def test_space_is_freed_and_fetched_again_when_it_is_wanted(desk: Desk) -> None:
    own_id = desk.find(KEY)
    before = desk.vault.size_on_disk()
    freed = desk.free_space([own_id])
    assert freed.bytes == before - desk.vault.size_on_disk() > 0
    row = next(row for row in desk.inbox() if row.key == KEY)
    assert (row.ready_bytes, row.total_bytes, row.offline) == (0, 0, "freed")
    assert row.parked_bytes > 0
    assert desk.sync().fetched == 0, "freed stays freed"
    assert desk.store.keys.of(own_id), "its keys stay: it is let go of, not destroyed"
    desk.make_offline([own_id])
    assert desk.sync().fetched == 4
    row = next(row for row in desk.inbox() if row.key == KEY)
    assert (row.ready_bytes, row.parked_bytes, row.offline) == (row.total_bytes, 0, "kept")
    assert not owed(desk)


def test_what_there_is_no_room_for_is_not_fetched_and_said(desk: Desk, clock: StandingClock) -> None:
    desk.free_space([desk.find(KEY), desk.find(OTHER)])
    with desk.store.transaction() as work:
        work.custody.wish([desk.find(KEY), desk.find(OTHER)], "")
        work.custody.park([one.place for one in work.custody.files()], "", "")
        work.commit()
    desk.set_evidence_limit(300)
    desk.sync()
    ledger = desk.ledger()
    assert 0 < ledger.parked < 6
    assert "not fetched" in ledger.no_room
    assert desk.vault.size_on_disk() <= 300
    states = desk.case(desk.find(KEY)).artifact_states | desk.case(desk.find(OTHER)).artifact_states
    assert any("evidence may take 300 bytes" in state.trouble for state in states.values())
    desk.set_evidence_limit(0)
    desk.sync()
    ledger = desk.ledger()
    assert (ledger.parked, ledger.no_room, ledger.ready) == (0, "", ledger.total)


def test_evidence_that_is_open_or_begun_stays_and_delivered_evidence_goes_first(
    desk: Desk, finish: Finish
) -> None:
    done, begun = desk.find(OTHER), desk.find(KEY)
    desk.record_completeness(begun)
    desk.seal_packet(done, "demo", finish(desk, done))
    desk.sync()
    desk._upkeep.opened.clear()
    desk.set_evidence_limit(1)
    assert (bytes_here(desk, OTHER), bytes_here(desk, KEY) > 0) == (0, True)
    assert desk.sync().fetched == 0, "what is delivered is not fetched again of itself"


# -- contact -------------------------------------------------------------------------------------------------


@pytest.fixture
def strict(desk: Desk) -> Desk:
    """The same desk, under a policy that closes evidence after fourteen days."""
    with desk.store.transaction() as work:
        for one in work.published_of("policy"):
            told = json.loads(one.canonical) | {"contact_within_days": 14}
            change = sa.update(metadata.tables["published"]).where(
                metadata.tables["published"].c.id == one.id
            )
            work._run(change.values(content=json.dumps(told).encode()))
        work.commit()
    return desk


def test_evidence_closes_without_contact_is_said_before_and_opens_with_contact(
    strict: Desk, clock: StandingClock
) -> None:
    own_id = strict.find(OTHER)
    clock.move(days=10)
    assert strict.evidence(own_id, "plan.md").path.is_file()
    assert strict.ledger().closing == ()
    clock.move(days=1.5)
    assert "Evidence closes in 3 days" in strict.ledger().closing[0]
    clock.move(days=3)
    with pytest.raises(Refused, match="closed: there was no contact with Lakeside hub for 14 days"):
        strict.evidence(own_id, "plan.md")
    strict.record_completeness(own_id)
    assert strict.case(own_id).review.completeness == (), "writing goes on"
    clock.move(days=-12)
    with pytest.raises(Refused, match="closed"):
        strict.evidence(own_id, "plan.md")
    strict.sync()
    assert strict.evidence(own_id, "plan.md").path.is_file()


# -- at the hub ----------------------------------------------------------------------------------------------


def run(*words: object) -> int:
    return run_command([str(word) for word in words])


def test_the_commands_tell_of_custody(
    desk: Desk, office: Office, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    office.do(lambda hub: withdraw(hub, KEY, office.person, recused=True))
    desk.sync()
    desk.close()
    (tmp_path / "word").write_text("demo")
    at = ("--desk", desk.folder, "--passphrase-file", tmp_path / "word")
    assert run("custody", *at, "--json", "--receipts", tmp_path / "out") == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["key"] for one in told["held"]] == [OTHER]
    assert [(one["key"], one["why"]) for one in told["destroyed"]] == [(KEY, "recusal")]
    (file,) = told["written"]
    assert run("custody", *at) == 0
    assert "the source has the receipt" in capsys.readouterr().out
    assert run("free", *at, OTHER) == 0
    assert run("offline", *at, OTHER) == 0
    assert "comes with the next sync" in capsys.readouterr().out
    hub = ("hub", "--at", office.folder)
    assert run(*hub, "custody", "--all", "--take", file) == 0
    told_by_hub = capsys.readouterr().out
    assert f"{OTHER:<12} {office.person}" in told_by_hub
    assert "destroyed it" in told_by_hub
    assert run(*hub, "hold", "add", OTHER, "--for", "appeal", "--why", "Appealed", "--by", "Pat") == 0
    assert run(*hub, "hold", "list", "--json") == 0
    assert (
        json.loads(capsys.readouterr().out.rpartition("Pat, ")[2].partition("\n")[2])["holds"][0]["kind"]
        == "appeal"
    )
    assert run(*hub, "hold", "release", OTHER, "--by", "Pat") == 0


def test_what_was_freed_is_brought_here_again_by_itself_with_what_is_told_on_the_way(desk: Desk) -> None:
    own = desk.find(KEY)
    desk.free_space([own])
    state = desk.case(own).artifact_states["work-1"]
    assert (state.here, state.freed) == (False, True)
    told: list[tuple[int, int]] = []
    assert desk.bring_here(own, "work-1", lambda here, of: told.append((here, of)))
    states = desk.case(own).artifact_states
    assert told[-1] == (state.bytes_total, state.bytes_total)
    assert {one for one, now in states.items() if now.here} == {"work-1", "work-2"}, (
        "its captions come with it"
    )
    with pytest.raises(Refused, match="cannot be brought"):
        desk.bring_here(own, "work-9")
