"""Assessing in a school without a network: a stick, two trips, and further ones in any order."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.desk import sticks
from tests.desk.conftest import StandingClock
from tests.desk.sticks import (
    ANA,
    PASSPHRASE,
    SECRET_NAME,
    WORDS,
    KeptTrip,
    Office,
    Trip,
    copy_of,
    everything_on,
    key_of,
    let_in,
    make_hub,
)

from assessor_desk.desk import Desk, InboxState
from assessor_desk.desk.connecting import source_of
from assessor_desk.domain.errors import Damaged, NoRoom, Refused, Unavailable
from assessor_desk.domain.roles import Role
from assessor_desk.hub import stick_bundles
from assessor_desk.hub import sticks as at_the_hub
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign_all, withdraw
from assessor_desk.hub.back_up import back_up
from assessor_desk.hub.certifying import Who
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.people import new_code, revoke
from assessor_desk.hub.restoring import restore
from assessor_desk.hub.serve import Server
from assessor_desk.keys.letters import LetterKey, seal_letter
from assessor_desk.protocol import stick as layout

Finish = Callable[[Desk, str], tuple[str, ...]]
BO = Who(name="Bo Sample", roles=(Role.ASSESSOR,))


@pytest.fixture
def office(stick_hub: Path, tmp_path: Path) -> Office:
    """A hub of this test alone with one submission."""
    shutil.copytree(stick_hub, tmp_path / "hub")
    return Office(tmp_path / "hub", tmp_path)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """An empty stick."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def fresh(tmp_path: Path, new_desk: tuple[Path, bytes]) -> Iterator[Desk]:
    """A desk just made, by the real clock."""
    shutil.copytree(new_desk[0], tmp_path / "mine")
    with Desk.open_with_key(tmp_path / "mine", new_desk[1]) as desk:
        yield desk


# -- being let in ------------------------------------------------------------------------------------------


def test_the_first_trip_leaves_a_request_and_the_second_brings_the_certificate(
    fresh: Desk, office: Office, stick: Path
) -> None:
    fresh.connect(f"folder:{stick}", "", PASSPHRASE)
    assert fresh.identity().key_words == key_of(fresh)
    (asking,) = office.visit(stick)
    assert (asking.person, asking.key) == ("", key_of(fresh))
    (visited,) = office.visit(stick, key_of(fresh).lower().replace("-", " "), ANA)
    assert visited.let_in
    with pytest.raises(Refused, match=office.fingerprint):
        fresh.connect(f"folder:{stick}", "", PASSPHRASE)
    fresh.connect(f"folder:{stick}", office.fingerprint, PASSPHRASE)
    profile = fresh.profile
    assert profile is not None
    assert (profile.person, profile.source_title) == (visited.person, "Lakeside hub")
    assert fresh.asked_by_stick() is None
    assert fresh.identity().vouched_for


def test_nobody_is_let_in_whose_key_was_not_told(fresh: Desk, office: Office, stick: Path) -> None:
    fresh.connect(f"folder:{stick}", "", PASSPHRASE)
    with pytest.raises(Refused, match=key_of(fresh)):
        office.visit(stick, "0000-1111-2222-3333", ANA)
    assert office.count(t.devices) == 0


def test_a_request_whose_encryption_key_was_exchanged_is_told_and_not_answered(
    fresh: Desk, office: Office, stick: Path
) -> None:
    fresh.connect(f"folder:{stick}", "", PASSPHRASE)
    (mine,) = stick.glob("from/*")
    mine.rename(mine.with_name("0" * 24))
    (visited,) = office.visit(stick)
    assert (visited.key, visited.person) == ("", "")
    assert "another desk's request" in visited.troubles[0]


def test_another_programmes_answer_is_not_taken(fresh: Desk, office: Office, stick: Path) -> None:
    fresh.connect(f"folder:{stick}", "", PASSPHRASE)
    office.visit(stick, key_of(fresh), ANA)
    with pytest.raises(Refused, match="another programme"):
        fresh.connect(f"folder:{stick}", "AAAA-" * 7 + "AAAA", PASSPHRASE)
    assert fresh.profile is None


def test_an_answer_that_was_lost_is_given_again_for_the_same_certificate(
    fresh: Desk, office: Office, stick: Path
) -> None:
    fresh.connect(f"folder:{stick}", "", PASSPHRASE)
    office.visit(stick, key_of(fresh), ANA)
    shutil.rmtree(stick / "for")
    (visited,) = office.visit(stick)
    assert not visited.let_in
    fresh.connect(f"folder:{stick}", office.fingerprint, PASSPHRASE)
    fresh.sync()
    assert office.visit(stick)[0].troubles == ()
    assert office.count(t.certificates) == 1


# -- work there, packets back ------------------------------------------------------------------------------


def test_work_comes_and_packets_go_and_only_the_receipt_counts_as_delivered(
    trip: Trip, finish: Finish
) -> None:
    result = trip.desk.sync()
    assert (result.taken, result.fetched, result.troubles) == (1, 2, ())
    trip.seal("7F3A-00", finish)
    result = trip.desk.sync()
    assert (result.delivered, result.troubles) == (0, ())
    assert result.told == ("1 packet is on the stick for Lakeside hub. The receipt comes back with it.",)
    assert (trip.desk.ledger().waiting_to_send, trip.desk.ledger().by_stick) == (1, True)
    assert trip.desk.inbox()[0].state is InboxState.SEALED_WAITING
    (visited,) = trip.office.visit(trip.stick)
    assert (visited.taken, visited.refused, visited.troubles) == (1, (), ())
    assert trip.letters() == []
    assert trip.desk.sync().delivered == 1
    assert trip.desk.inbox()[0].state is InboxState.DELIVERED


def test_trips_in_any_order_end_in_the_same_place(trip: Trip) -> None:
    for key in ("7F3A-01", "7F3A-02"):
        trip.office.take(key)
        trip.office.do(lambda hub: assign_all(hub, trip.person))
        trip.office.visit(trip.stick)
        trip.office.visit(trip.stick)
    assert trip.desk.sync().fetched == 6
    trip.raise_concern("7F3A-01")
    trip.desk.sync()
    trip.desk.sync()
    trip.office.visit(trip.stick)
    (visited,) = trip.office.visit(trip.stick)
    assert (visited.taken, visited.put.files) == (0, 0), "what the desk has is not carried again"
    trip.raise_concern("7F3A-02")
    assert trip.desk.sync().delivered == 1
    trip.office.visit(trip.stick)
    assert trip.desk.sync().delivered == 1
    assert trip.desk.ledger().waiting_to_send == 0
    assert trip.office.count(t.packets) == 2


def test_what_the_hub_refuses_comes_back_with_its_reason_until_it_is_seen(trip: Trip, finish: Finish) -> None:
    trip.desk.sync()
    trip.seal("7F3A-00", finish)
    trip.desk.sync()
    trip.office.do(lambda hub: withdraw(hub, "7F3A-00", trip.person))
    (first,) = trip.office.visit(trip.stick)
    (again,) = trip.office.visit(trip.stick)
    assert first.refused == again.refused != ()
    result = trip.desk.sync()
    assert result.delivered == 0
    assert any("stays on this computer" in words for words in result.told)


def test_a_refusal_that_came_by_stick_is_told_once_and_again_when_asked(
    trip: Trip, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decline(*_: object) -> None:
        raise Declined(422, "The packet does not name its assignment")

    trip.desk.sync()
    trip.seal("7F3A-00", finish)
    trip.desk.sync()
    monkeypatch.setattr(at_the_hub, "receive", decline)
    trip.office.visit(trip.stick)

    first, second = (trip.desk.sync(asked=False) for _ in range(2))
    assert "does not name its assignment" in " ".join(first.troubles)
    assert second.troubles == ()
    assert second.quiet
    [waiting] = trip.desk.sources()[0].waiting
    assert waiting.refused
    assert "does not name its assignment" in waiting.trouble
    assert "does not name its assignment" in " ".join(trip.desk.sync().troubles)


def test_a_revoked_desk_learns_so_and_its_evidence_goes(trip: Trip) -> None:
    trip.desk.sync()
    trip.office.do(lambda hub: revoke(hub, trip.person))
    trip.office.visit(trip.stick)
    with pytest.raises(Refused, match="was revoked"):
        trip.desk.sync()
    with pytest.raises(Refused):
        trip.desk.evidence(trip.desk.find("7F3A-00"), "plan.md").open()
    assert trip.desk.inbox()[0].state is InboxState.SET_ASIDE


def test_a_receipt_of_destruction_goes_with_the_letter_and_the_hubs_comes_back(trip: Trip) -> None:
    trip.desk.sync()
    trip.office.do(lambda hub: withdraw(hub, "7F3A-00", trip.person, recused=True))
    trip.office.visit(trip.stick)
    trip.desk.sync()
    assert not trip.desk.store.keys.held()
    trip.desk.sync()
    (visited,) = trip.office.visit(trip.stick)
    assert (visited.taken, visited.refused, visited.troubles) == (1, (), ())
    assert trip.office.count(t.destructions) == 1
    trip.desk.sync()
    (one,) = trip.desk.holdings().destroyed
    assert (one.key, one.why) == ("7F3A-00", "recusal")
    assert one.delivered_at is not None


def test_a_revoked_desk_hands_in_by_stick_that_it_destroyed_and_nothing_else(trip: Trip) -> None:
    trip.desk.sync()
    trip.office.do(lambda hub: revoke(hub, trip.person))
    trip.office.visit(trip.stick)
    trip.raise_concern("7F3A-00")
    for _ in range(2):  # in the first it destroys, and in the second it says so
        with pytest.raises(Refused, match="was revoked"):
            trip.desk.sync()
    (visited,) = trip.office.visit(trip.stick)
    assert (visited.taken, visited.refused, visited.troubles) == (1, (), ())
    assert (trip.office.count(t.destructions), trip.office.count(t.packets)) == (1, 0)
    with pytest.raises(Refused, match="was revoked"):
        trip.desk.sync()
    (one,) = trip.desk.holdings().destroyed
    assert one.delivered_at is not None


def test_two_desks_share_a_stick_and_neither_reads_the_others(
    trip: Trip, tmp_path: Path, new_desk: tuple[Path, bytes]
) -> None:
    shutil.copytree(new_desk[0], tmp_path / "second")
    with Desk.open_with_key(tmp_path / "second", new_desk[1]) as other:
        person = let_in(other, trip.office, trip.stick, BO)
        trip.office.take("91BB-00")
        trip.office.do(lambda hub: assign_all(hub, person))
        trip.desk.sync()
        other.sync()
        trip.office.visit(trip.stick)
        trip.desk.sync()
        other.sync()
        assert [row.key for row in trip.desk.inbox()] == ["7F3A-00"]
        assert [row.key for row in other.inbox()] == ["91BB-00"]
        for desk, key in ((trip.desk, "7F3A-00"), (other, "91BB-00")):
            desk.raise_concern(desk.find(key), "integrity", WORDS)
            desk.sync()
        assert [one.taken for one in trip.office.visit(trip.stick)] == [1, 1]
        assert trip.desk.sync().delivered == other.sync().delivered == 1


# -- what lies on the stick --------------------------------------------------------------------------------


def test_nothing_of_a_submission_can_be_read_on_the_stick(trip: Trip) -> None:
    trip.desk.sync()
    trip.raise_concern("7F3A-00")
    trip.desk.sync()
    secrets = (
        "7F3A",
        SECRET_NAME,
        "Exit tickets",
        "formative",
        "plan.md",
        trip.person,
        "BEGIN CERTIFICATE",
        WORDS,
    )
    for path in everything_on(trip.stick):
        content = path.read_bytes()
        name = str(path.relative_to(trip.stick))
        for secret in secrets:
            assert secret.encode() not in content, (name, secret)
            assert secret.lower() not in name
    assert trip.volumes()


def test_names_are_the_same_on_fat_and_exfat(trip: Trip) -> None:
    trip.desk.sync()
    names = [str(path.relative_to(trip.stick)) for path in trip.stick.rglob("*")]
    assert names == [name.lower() for name in names]
    for part in {part for name in names for part in Path(name).parts}:
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*[a-z0-9]", part)
        assert len(part) <= 100
        assert part.partition(".")[0] not in {"con", "prn", "aux", "nul"}


def test_sealed_files_are_split_and_read_over_the_joints(trip: Trip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "VOLUME", 50)
    trip.office.visit(trip.stick)
    sizes = [path.stat().st_size for path in trip.volumes()]
    assert len(sizes) > 3
    assert max(sizes) == 50
    assert trip.desk.sync().fetched == 2
    assert "Exit tickets" in trip.desk.evidence(trip.desk.find("7F3A-00"), "plan.md").open().html  # type: ignore[attr-defined]


# -- what is wrong with a stick ----------------------------------------------------------------------------


def test_without_the_stick_the_desk_says_what_waits_for_it(trip: Trip) -> None:
    trip.desk.sync()
    trip.raise_concern("7F3A-00")
    away = trip.stick.rename(trip.stick.with_name("pocket"))
    with pytest.raises(Unavailable, match=r"The stick is not here .*: 1 packet waits for it"):
        trip.desk.sync()
    assert "The stick is not here" in trip.desk.ledger().offline_reason
    assert [(one.kind, one.key) for one in trip.desk.sources()[0].waiting] == [("concern", "7F3A-00")]
    trip.stick.mkdir()  # as some systems leave it
    with pytest.raises(Unavailable, match="The stick is not here"):
        trip.desk.sync()
    trip.stick.rmdir()
    away.rename(trip.stick)
    trip.desk.sync()
    assert trip.desk.ledger().offline_reason in (None, "")


def test_a_stick_that_lies_elsewhere_now_is_named_once(trip: Trip) -> None:
    elsewhere = trip.stick.rename(trip.stick.with_name("elsewhere"))
    trip.desk.connect(f"folder:{elsewhere}", "", PASSPHRASE)
    assert trip.desk.sync().fetched == 2
    assert trip.desk.profile is not None
    assert trip.desk.profile.source_address == f"folder:{elsewhere}"


def test_a_new_stick_takes_the_place_of_one_that_was_lost(trip: Trip, tmp_path: Path) -> None:
    trip.desk.sync()
    trip.raise_concern("7F3A-00")
    trip.desk.sync()
    shutil.rmtree(trip.stick)
    new = tmp_path / "new stick"
    new.mkdir()
    trip.desk.connect(f"folder:{new}", "", PASSPHRASE)
    trip.desk.sync()
    assert trip.office.visit(new)[0].taken == 1
    assert trip.desk.sync().delivered == 1


def test_another_programmes_stick_is_named_as_such(trip: Trip, root: Path, tmp_path: Path) -> None:
    make_hub(tmp_path / "other", root, "Hillside hub")
    other = tmp_path / "other stick"
    other.mkdir()
    Office(tmp_path / "other", tmp_path).visit(other)
    with pytest.raises(Refused, match="goes to Hillside hub, not to Lakeside hub"):
        trip.office.visit(other)
    trip.stick.rename(tmp_path / "pocket")
    other.rename(trip.stick)
    with pytest.raises(Refused, match="goes to Hillside hub, not to Lakeside hub"):
        trip.desk.sync()


def test_another_desks_bundle_is_named_as_such(
    trip: Trip, tmp_path: Path, new_desk: tuple[Path, bytes]
) -> None:
    shutil.copytree(new_desk[0], tmp_path / "second")
    mine = trip.bundle()
    with Desk.open_with_key(tmp_path / "second", new_desk[1]) as other:
        let_in(other, trip.office, trip.stick, BO)
    theirs = next(path for path in trip.stick.glob("for/*/bundle-*.age") if path.parent != mine.parent)
    newest = max(mine.parent.glob("bundle-*.age"))
    newest.write_bytes(theirs.read_bytes())
    with pytest.raises(Refused, match=f"{newest.name} is encrypted to another key"):
        trip.desk.sync()


def test_what_cannot_be_read_on_the_stick_is_no_refusal_of_a_packet_that_waits(
    trip: Trip, finish: Finish
) -> None:
    trip.desk.sync()
    trip.seal("7F3A-00", finish)
    newest = trip.bundle()
    rightly = newest.read_bytes()
    newest.write_bytes(seal_letter(rightly, LetterKey.generate().recipient))
    with pytest.raises(Refused, match="is encrypted to another key"):
        trip.desk.sync()
    (line,) = trip.desk.store.outbox_waiting(trip.desk.sources()[0].identity)
    assert (line.refused, line.turned_away) == (False, False)
    trip.desk.begin_correction(trip.desk.find("7F3A-00"))
    newest.write_bytes(rightly)
    trip.desk.sync()
    assert trip.office.visit(trip.stick)[0].taken == 1
    assert trip.desk.sync().delivered == 1


def test_an_older_bundle_put_back_is_noticed_and_nothing_goes_backwards(trip: Trip, tmp_path: Path) -> None:
    before = copy_of(trip.stick, tmp_path / "before")
    trip.desk.sync()
    trip.office.take("7F3A-01")
    trip.office.do(lambda hub: assign_all(hub, trip.person))
    trip.office.visit(trip.stick)
    trip.desk.sync()
    copy_of(before, trip.stick)
    with pytest.raises(Refused, match="older bundle of Lakeside hub"):
        trip.desk.sync()
    assert len(trip.desk.inbox()) == 2
    trip.office.visit(trip.stick)
    assert trip.desk.sync().troubles == ()


def test_an_older_bundle_under_a_newer_name_is_noticed(trip: Trip) -> None:
    older = trip.bundle()
    older.rename(older.with_name("bundle-00000099.age"))
    with pytest.raises(Damaged, match="another bundle than its name says"):
        trip.desk.sync()


@pytest.mark.parametrize("how", ["cut", "flipped", "empty"])
def test_damage_names_the_file_and_the_next_trip_heals_it(trip: Trip, how: str) -> None:
    for which in (trip.bundle(), trip.volumes()[0]):
        content = which.read_bytes()
        middle = len(content) // 2
        changed = {
            "cut": content[:middle], "empty": b"",
            "flipped": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        }[how]  # fmt: skip
        which.write_bytes(changed)
        try:
            told = " ".join(trip.desk.sync().troubles)
        except Damaged as error:
            told = str(error)
        assert str(which) in told
        which.write_bytes(content)
    trip.office.visit(trip.stick)
    assert trip.desk.sync().troubles == ()
    assert trip.desk.ledger().bytes_to_go == 0


def test_a_damaged_letter_is_told_at_the_hub_and_on_the_desk_and_sent_again(trip: Trip) -> None:
    trip.desk.sync()
    trip.raise_concern("7F3A-00")
    trip.desk.sync()
    (letter,) = trip.letters()
    letter.write_bytes(letter.read_bytes()[:-9])
    (visited,) = trip.office.visit(trip.stick)
    assert str(letter) in visited.troubles[0]
    with pytest.raises(Refused, match=r"Lakeside hub says: .*damaged"):
        trip.desk.sync()
    assert trip.office.visit(trip.stick)[0].taken == 1
    assert trip.desk.sync().delivered == 1


def test_a_letter_by_somebody_without_the_desks_token_is_not_taken(trip: Trip) -> None:
    trip.desk.sync()
    trip.raise_concern("7F3A-00")
    sources = trip.desk.store.fact("sources")
    trip.desk.store.set_fact("sources", [{**one, "token": "guessed"} for one in sources])
    trip.desk.sync()
    (visited,) = trip.office.visit(trip.stick)
    assert visited.taken == 0
    assert "was not written by the computer that was let in" in visited.troubles[0]


def test_a_full_stick_gets_what_fits_and_then_a_sentence(trip: Trip, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 0

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage)
    with pytest.raises(NoRoom, match="The stick is full"):
        trip.office.visit(trip.stick)
    monkeypatch.setattr(stick_bundles, "_MARGIN", 0)
    Usage.free = 400_000
    assert trip.office.visit(trip.stick)[0].put.left == 0
    monkeypatch.setattr(stick_bundles, "_room", lambda *_: 100)
    (visited,) = trip.office.visit(trip.stick)
    assert (visited.put.files, visited.put.left) == (1, 1)
    result = trip.desk.sync()
    assert (result.fetched, result.troubles) == (1, ())
    monkeypatch.undo()
    trip.office.visit(trip.stick)
    assert trip.desk.sync().fetched == 1


def test_a_file_of_another_form_asks_for_an_update(trip: Trip) -> None:
    marker = trip.stick / layout.MARKER
    marker.write_text(json.dumps({**json.loads(marker.read_text()), "version": 2}))
    with pytest.raises(Refused, match="Update Assessor Desk"):
        trip.desk.sync()
    with pytest.raises(Refused, match="Update Assessor Desk"):
        trip.office.visit(trip.stick)


@pytest.mark.parametrize("visits", [1, 2], ids=["once", "twice before the stick comes back"])
def test_a_hub_put_back_from_a_back_up_gets_again_what_it_lacks(
    trip: Trip, tmp_path: Path, visits: int
) -> None:
    trip.desk.sync()
    trip.office.visit(trip.stick)
    trip.desk.sync()
    copy_of(trip.office.folder, tmp_path / "back-up")
    trip.raise_concern("7F3A-00")
    trip.desk.sync()
    trip.office.visit(trip.stick)
    assert trip.desk.sync().delivered == 1
    copy_of(tmp_path / "back-up", trip.office.folder)
    for _ in range(visits):
        trip.office.visit(trip.stick)
    result = trip.desk.sync()
    assert result.troubles == ()
    assert any("was restored from a back-up" in words for words in result.told)
    assert trip.office.visit(trip.stick)[0].taken == 1
    assert trip.desk.sync().delivered == 1
    assert trip.office.count(t.packets) == 1


def test_a_hub_put_back_after_it_took_the_letter_goes_on_once_the_desk_has_told_it_where(
    trip: Trip, tmp_path: Path
) -> None:
    """Nothing on the stick says then what the desk has seen: the hub counts on from its back-up."""
    trip.desk.sync()
    copy_of(trip.office.folder, tmp_path / "back-up")
    for _ in range(3):
        trip.office.visit(trip.stick)
        trip.desk.sync()
    trip.raise_concern("7F3A-00")
    trip.desk.sync()
    trip.office.visit(trip.stick)
    assert trip.desk.sync().delivered == 1
    for letter in trip.letters():
        letter.unlink()
    shutil.rmtree(trip.stick / "for")
    copy_of(tmp_path / "back-up", trip.office.folder)
    trip.office.visit(trip.stick)
    with pytest.raises(Refused, match="older bundle"):
        trip.desk.sync()
    trip.office.visit(trip.stick)
    assert any("was restored from a back-up" in words for words in trip.desk.sync().told)
    assert trip.office.visit(trip.stick)[0].taken == 1
    assert trip.desk.sync().delivered == 1
    assert (trip.office.count(t.packets), trip.desk.ledger().waiting_to_send) == (1, 0)


def test_a_desk_let_in_since_a_back_up_that_is_put_over_its_hub_goes_on_by_stick(
    fresh: Desk, office: Office, stick: Path, tmp_path: Path
) -> None:
    office.do(lambda hub: back_up(hub, tmp_path / "kept"))
    person = let_in(fresh, office, stick, ANA)
    office.do(lambda hub: assign_all(hub, person))
    office.visit(stick)
    fresh.sync()
    fresh.raise_concern(fresh.find("7F3A-00"), "integrity", WORDS)
    fresh.sync()
    restore(office.folder, tmp_path / "kept")
    (visited,) = office.visit(stick)
    assert (visited.person, visited.taken) == (person, 1)
    assert fresh.sync().delivered == 1


def test_a_letter_of_a_desk_that_the_hub_has_forgotten_is_told_there(
    trip: Trip, stick_hub: Path, tmp_path: Path
) -> None:
    trip.desk.sync()
    copy_of(stick_hub, trip.office.folder)
    (visited,) = trip.office.visit(trip.stick)
    assert str(trip.letters()[-1]) in visited.troubles[0]
    trip.desk.connect(f"folder:{trip.stick}", "", PASSPHRASE)
    (visited,) = trip.office.visit(trip.stick)
    assert (visited.key, visited.troubles) == (key_of(trip.desk), ())


def test_the_next_certificate_comes_by_stick_before_this_one_ends(
    kept_trip: KeptTrip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = kept_trip.copied(tmp_path / "trip")
    first = made.desk.identity().until
    made.desk.close()
    assert first is not None
    later = StandingClock(first - timedelta(days=30))
    monkeypatch.setattr(sticks, "utc_now", later)
    made.office.visit(made.stick)
    with Desk.open_with_key(made.desk.folder, made.data_key, later) as desk:
        desk.sync()
        made.office.visit(made.stick)
        told = desk.sync().told
        assert any("was renewed" in words for words in told)
        until = desk.identity().until
        assert until is not None
        assert until > first


def test_a_report_is_not_released_by_stick_and_what_is_told_to_do_about_it_works(
    trip: Trip, finish: Finish
) -> None:
    trip.desk.sync()
    trip.seal("7F3A-00", finish)
    trip.desk.sync()
    source = source_of(trip.desk._surroundings, trip.desk.store.fact("sources")[0]["identity"])
    with pytest.raises(Refused, match="connect this desk to the hub’s address where there is a network"):
        source.release("ab" * 32, None, 0)
    trip.office.visit(trip.stick)
    with Server(trip.office.folder) as server:
        trip.desk.connect(server.url, str(trip.office.do(lambda hub: new_code(hub, trip.person))), PASSPHRASE)
        assert [one["address"] for one in trip.desk.store.fact("sources")] == [server.url]
        assert trip.desk.sync().troubles == ()
    assert (trip.office.count(t.packets), trip.desk.ledger().waiting_to_send) == (1, 0)


def test_a_request_outlives_a_change_of_passphrase(fresh: Desk, office: Office, stick: Path) -> None:
    fresh.connect(f"folder:{stick}", "", PASSPHRASE)
    office.visit(stick, key_of(fresh), sticks.ANA)
    fresh.change_passphrase(PASSPHRASE, "another one altogether")
    fresh.connect(f"folder:{stick}", office.fingerprint, "another one altogether")
    assert fresh.identity().vouched_for
