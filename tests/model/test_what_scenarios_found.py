"""What scenarios found, each by itself."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.desk.sticks import PASSPHRASE
from tests.model.agreement import troubles
from tests.model.people import Person
from tests.model.town import ADA, ADDRESS, BEN, RITA, Kept, Office, town_from
from tests.model.wire import Fault

from assessor_desk.cli.command_line import run_command
from assessor_desk.desk import Desk
from assessor_desk.domain.custody import Destruction
from assessor_desk.domain.review import TextField
from assessor_desk.domain.roles import Purpose
from assessor_desk.hub.assigning import assign, withdraw, withdraw_consent
from assessor_desk.hub.custody import Holder, holders
from assessor_desk.hub.people import devices_of, new_code, revoke
from assessor_desk.store.custody import Owed
from assessor_desk.store.swapping import BEFORE


def test_at_a_hub_put_back_from_an_older_copy_a_computer_enrols_again_though_it_knows_a_later_trust_list(
    town: Kept, tmp_path: Path
) -> None:
    with town_from(town, tmp_path / "here", [RITA]) as (office, now):
        rita = Person(RITA, town.numbers[RITA], tmp_path / "here" / RITA, town.keys[RITA], now)
        rita.open()
        office.close()
        shutil.copytree(office.folder / "hub", office.folder / "back-up")
        office.open()
        now.now += timedelta(minutes=5)
        revoke(office.hub, town.numbers[ADA])  # a later trust list, which her round brings
        assert "Damaged" not in rita.sync()
        office.close()
        shutil.rmtree(office.folder / "hub")
        shutil.copytree(office.folder / "back-up", office.folder / "hub")
        office.open()
        rita.desk.connect(ADDRESS, new_code(office.hub, rita.number), PASSPHRASE)
        told = rita.sync()
        assert "older trust list" not in told
        rita.close()


def test_a_round_at_a_hub_put_back_from_an_older_copy_brings_a_trust_list_that_counts(
    town: Kept, tmp_path: Path
) -> None:
    with town_from(town, tmp_path / "here", [RITA]) as (office, now):
        rita = Person(RITA, town.numbers[RITA], tmp_path / "here" / RITA, town.keys[RITA], now)
        rita.open()
        office.close()
        shutil.copytree(office.folder / "hub", office.folder / "back-up")
        office.open()
        now.now += timedelta(minutes=5)
        revoke(office.hub, town.numbers[ADA])
        rita.sync()
        office.close()
        shutil.rmtree(office.folder / "hub")
        shutil.copytree(office.folder / "back-up", office.folder / "hub")
        office.open()
        assert "trust list" not in rita.sync()
        rita.close()


def test_what_the_hub_refused_and_a_correction_replaces_is_not_said_to_have_been_withdrawn(
    town: Kept, tmp_path: Path
) -> None:
    with town_from(town, tmp_path / "here", [ADA]) as (_office, now):
        ada = Person(ADA, town.numbers[ADA], tmp_path / "here" / ADA, town.keys[ADA], now)
        ada.open()
        ada.off = timedelta(days=365)  # the hub takes nothing that was sealed in a time to come
        ada.check_completeness("S-1", ["missing_part"])
        ada.write("S-1", "The second part is missing.")
        ada.seal("S-1")
        ada.correct("S-1")
        ada.off = timedelta()
        told = ada.sync()
        assert "claims a time to come" in told
        assert "withdrawn" not in told
        ada.close()


def test_a_correction_begun_after_the_clock_was_set_back_is_the_one_that_is_worked_on(
    town: Kept, tmp_path: Path
) -> None:
    with town_from(town, tmp_path / "here", [ADA]) as (_office, now):
        ada = Person(ADA, town.numbers[ADA], tmp_path / "here" / ADA, town.keys[ADA], now)
        ada.open()
        ada.off = timedelta(days=365)
        ada.check_completeness("S-1", ["missing_part"])
        ada.write("S-1", "The second part is missing.")
        ada.seal("S-1")
        ada.off = timedelta()
        ada.correct("S-1")
        case = ada.desk.case(ada.desk.find("S-1"))
        assert (case.revision, case.review.sealed) == (2, False)
        ada.write("S-1", "The second part is missing, and the first is another's.")
        ada.close()


def test_a_correction_goes_after_what_it_corrects_also_where_the_clock_was_set_back_between(
    town: Kept, tmp_path: Path
) -> None:
    with town_from(town, tmp_path / "here", [ADA]) as (_office, now):
        ada = Person(ADA, town.numbers[ADA], tmp_path / "here" / ADA, town.keys[ADA], now)
        ada.open()
        ada.check_completeness("S-1", ["missing_part"])
        ada.write("S-1", "The second part is missing.")
        ada.seal("S-1")
        ada.off = -timedelta(hours=1)
        now.now += timedelta(seconds=1)
        ada.correct("S-1")
        ada.write("S-1", "The second part is missing, as the list says.")
        ada.off = -timedelta(seconds=30)
        ada.seal("S-1")
        first, second = ada.waiting()
        assert [first.digest, second.digest] == list(ada.sealed)
        assert first.waiting_since > second.waiting_since
        assert ada.sync() == "delivered 2"
        ada.close()


def put_back(office: Office, act: Callable[[], object]) -> None:
    """The hub's folder is copied, something happens, and the copy takes the folder's place."""
    office.close()
    shutil.copytree(office.folder / "hub", office.folder / "back-up")
    office.open()
    act()
    office.close()
    shutil.rmtree(office.folder / "hub")
    shutil.copytree(office.folder / "back-up", office.folder / "hub")
    office.open()


def test_what_was_sealed_and_is_being_corrected_goes_to_a_hub_put_back_once_that_knows_the_computer_again(
    town: Kept, tmp_path: Path
) -> None:
    with town_from(town, tmp_path / "here", [ADA]) as (office, now):
        ada = Person(ADA, town.numbers[ADA], tmp_path / "here" / ADA, town.keys[ADA], now)
        ada.open()

        def enrolled_again() -> None:
            for device in devices_of(office.hub, ada.number):
                revoke(office.hub, ada.number, "keyCompromise", device.id)
            ada.desk.connect(ADDRESS, new_code(office.hub, ada.number), PASSPHRASE)
            now.move(minutes=5)

        put_back(office, enrolled_again)
        ada.check_completeness("S-1", [])
        for criterion in range(2):
            ada.score("S-1", criterion, 2)
        ada.write("S-1", "What was handed in says enough.")
        ada.seal("S-1")
        ada.correct("S-1")
        assert "not enrolled here" in ada.sync()
        ada.desk.connect(ADDRESS, new_code(office.hub, ada.number), PASSPHRASE)
        assert "delivered 1" in ada.sync()
        ada.seal("S-1")
        assert "delivered 1" in ada.sync()
        assert troubles(office, [ada]) == []
        ada.close()


def test_evidence_destroyed_by_a_clock_that_was_set_back_is_not_thought_to_be_held(
    town: Kept, tmp_path: Path
) -> None:
    with town_from(town, tmp_path / "here", [ADA]) as (office, now):
        ada = Person(ADA, town.numbers[ADA], tmp_path / "here" / ADA, town.keys[ADA], now)
        ada.open()
        ada.off = -timedelta(days=365)
        now.now += timedelta(minutes=5)
        withdraw(office.hub, "S-1", ada.number, recused=True)
        ada.sync()
        (receipt,) = [one for one in holders(office.hub, ["S-1"], destroyed=True) if one.why]
        assert receipt.person == ada.number
        assert receipt.destroyed_at is not None
        ada.close()


def test_a_receipt_of_destruction_signed_by_a_clock_that_was_ahead_is_signed_anew_once_that_is_right(
    town: Kept, tmp_path: Path
) -> None:
    def owed() -> Owed:
        with ada.desk.store.reading() as view:
            (one,) = view.custody.destructions()
            return one

    with town_from(town, tmp_path / "here", [ADA]) as (office, now):
        ada = Person(ADA, town.numbers[ADA], tmp_path / "here" / ADA, town.keys[ADA], now)
        ada.open()
        ada.off = timedelta(days=2)
        withdraw(office.hub, "S-1", ada.number, recused=True)
        ada.sync()
        ahead = owed()
        assert ahead.delivered_at is None, "a time to come was taken"
        assert "claims a time that cannot be" in ahead.made.trouble
        assert receipts_of(office) == []
        ada.off = timedelta()
        for _ in range(2):  # the first lets go of the old receipt and signs the new one
            now.move(seconds=20)
            ada.sync()
        anew = owed()
        assert anew.digest != ahead.digest
        assert anew.delivered_at is not None
        assert anew.made.destroyed_at <= now()
        assert [one.destroyed_at for one in receipts_of(office)] == [anew.made.destroyed_at]
        for _ in range(2):  # once taken it is signed no more
            now.move(days=1)
            ada.sync()
        assert owed().digest == anew.digest
        ada.close()


def receipts_of(office: Office) -> list[Holder]:
    """Of the one submission's destruction, as the hub knows of them."""
    return [one for one in holders(office.hub, ["S-1"], destroyed=True) if one.why]


def test_what_was_delivered_last_goes_again_to_a_hub_put_back_to_before_it(
    town: Kept, tmp_path: Path
) -> None:
    with town_from(town, tmp_path / "here", [ADA]) as (office, now):
        ada = Person(ADA, town.numbers[ADA], tmp_path / "here" / ADA, town.keys[ADA], now)
        ada.open()
        assert ada.sync() == "nothing new"
        ada.check_completeness("S-1", ["missing_part"])
        ada.write("S-1", "The second part is missing.")
        ada.seal("S-1")
        put_back(office, lambda: ada.sync())
        assert ada.waiting() == []
        assert "1 delivery that it lacked is sent again" in ada.sync()
        assert ada.sync() == "nothing new"
        assert troubles(office, [ada]) == []
        ada.close()


def test_what_was_delivered_in_a_round_that_broke_off_goes_again_to_a_hub_put_back_to_before_it(
    town: Kept, tmp_path: Path
) -> None:
    with town_from(town, tmp_path / "here", [ADA]) as (office, now):
        ada = Person(ADA, town.numbers[ADA], tmp_path / "here" / ADA, town.keys[ADA], now)
        ada.open()
        ada.raise_concern("S-1")

        def broken_off() -> None:
            office.wire.weather([Fault(2, "portal", 0)])
            assert "a page instead of data" in ada.sync()
            office.wire.weather([])

        put_back(office, broken_off)
        assert "1 delivery that it lacked is sent again" in ada.sync()
        ada.sync()
        assert ada.sync() == "nothing new"
        assert troubles(office, [ada]) == []
        ada.close()


def test_a_receipt_of_destruction_goes_with_another_certificate_where_a_hub_put_back_does_not_know_that_of_before(
    town: Kept, tmp_path: Path
) -> None:
    with town_from(town, tmp_path / "here", [ADA]) as (office, now):
        ada = Person(ADA, town.numbers[ADA], tmp_path / "here" / ADA, town.keys[ADA], now)
        ada.open()
        withdraw_consent(office.hub, "S-1")

        def enrolled_again() -> None:
            for device in devices_of(office.hub, ada.number):
                revoke(office.hub, ada.number, "keyCompromise", device.id)
            ada.desk.connect(ADDRESS, new_code(office.hub, ada.number), PASSPHRASE)
            ada.sync()

        put_back(office, enrolled_again)
        now.now += timedelta(minutes=5)
        assert "not enrolled here" in ada.sync()
        ada.desk.connect(ADDRESS, new_code(office.hub, ada.number), PASSPHRASE)
        for _ in range(3):
            ada.sync()
        assert troubles(office, [ada]) == []
        ada.close()


def test_who_enrols_again_at_a_hub_put_back_delivers_again_what_it_lacks(town: Kept, tmp_path: Path) -> None:
    with town_from(town, tmp_path / "here", [ADA]) as (office, now):
        ada = Person(ADA, town.numbers[ADA], tmp_path / "here" / ADA, town.keys[ADA], now)
        ada.open()
        ada.raise_concern("S-1")

        def delivered_and_revoked() -> None:
            assert "delivered 1" in ada.sync()
            revoke(office.hub, ada.number)
            assert "revoked" in ada.sync()

        put_back(office, delivered_and_revoked)
        ada.desk.connect(ADDRESS, new_code(office.hub, ada.number), PASSPHRASE)
        assert "delivered 1" in ada.sync()
        ada.sync()
        assert troubles(office, [ada]) == []
        ada.close()


def test_entries_that_a_hub_put_back_lacks_are_sent_once_more(town: Kept, tmp_path: Path) -> None:
    words, laptop = "five words taken by chance", tmp_path / "laptop"
    with town_from(town, tmp_path / "here", [ADA]) as (office, now):
        ada = Person(ADA, town.numbers[ADA], tmp_path / "here" / ADA, town.keys[ADA], now)
        ada.open()
        with Desk.create(laptop, PASSPHRASE, now)[0] as other:
            other.connect(ADDRESS, new_code(office.hub, ada.number), PASSPHRASE)
            ada.desk.leave_key_copy(words)
            other.join_with_passphrase(words)
            for desk in (ada.desk, other, ada.desk):
                desk.sync()
            ada.write("S-1", "The second part is missing.")
            put_back(office, lambda: ada.sync())
            ada.sync()
            other.sync()
            assert other.case(other.find("S-1")).review.overall == "The second part is missing."
        ada.close()


def test_at_a_hub_put_back_a_place_may_be_another_batchs_and_what_lies_there_is_taken(
    town: Kept, tmp_path: Path
) -> None:
    words, laptop = "five words taken by chance", tmp_path / "laptop"
    with town_from(town, tmp_path / "here", [ADA]) as (office, now):
        ada = Person(ADA, town.numbers[ADA], tmp_path / "here" / ADA, town.keys[ADA], now)
        ada.open()
        with Desk.create(laptop, PASSPHRASE, now)[0] as other:
            other.connect(ADDRESS, new_code(office.hub, ada.number), PASSPHRASE)
            ada.desk.leave_key_copy(words)
            other.join_with_passphrase(words)
            for desk in (ada.desk, other, ada.desk, other):
                desk.sync()
            other.write_text(other.find("S-2"), TextField.OVERALL, "Written on the laptop.")
            put_back(office, lambda: other.sync())
            ada.write("S-1", "The second part is missing.")
            ada.sync()  # at the place that the laptop's words had
            for desk in (other, ada.desk):
                assert desk.sync().troubles == ()
            assert other.case(other.find("S-1")).review.overall == "The second part is missing."
            assert ada.desk.case(ada.desk.find("S-2")).review.overall == "Written on the laptop."
            for desk in (other, ada.desk, other):
                assert desk.sync().troubles == ()
        ada.close()


@pytest.mark.parametrize("how", ["consent", "recused", "unassigned"])
def test_what_a_lost_answer_told_of_and_was_withdrawn_since_is_not_believed_to_be_held(
    town: Kept, tmp_path: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with town_from(town, tmp_path / "here", [BEN]) as (office, now):
        ben = Person(BEN, town.numbers[BEN], tmp_path / "here" / BEN, town.keys[BEN], now)
        ben.open()
        _withdrawn_unseen(office, ben, how)
        assert "S-1" in _held_by(office, ben)
        ben.sync()
        assert "S-1" not in _held_by(office, ben)
        assert troubles(office, [ben]) == []
        assert ben.desk.holdings().destroyed == ()
        (told,) = [one for one in holders(office.hub, ["S-1"], destroyed=True) if one.person == ben.number]
        assert (told.files, told.why) == (
            0,
            "consent_withdrawn" if how == "consent" else how.replace("recused", "recusal"),
        )

        assert run_command(["hub", "--at", str(office.folder / "hub"), "custody", "S-1", "--all"]) == 0
        assert "says that nothing of it is there" in capsys.readouterr().out
        if how == "unassigned":
            now.move(minutes=4)
            _withdrawn_unseen(office, ben, how)
            assert "S-1" in _held_by(office, ben)
            ben.sync()
            assert "S-1" not in _held_by(office, ben)
            now.move(minutes=4)
            assign(office.hub, "S-1", ben.number, Purpose.ASSESS)
            ben.sync()
            assert "S-1" in _held_by(office, ben)
        ben.close()


def test_what_was_destroyed_once_and_given_again_in_a_lost_answer_is_not_believed_to_be_held(
    town: Kept, tmp_path: Path
) -> None:
    with town_from(town, tmp_path / "here", [BEN]) as (office, now):
        ben = Person(BEN, town.numbers[BEN], tmp_path / "here" / BEN, town.keys[BEN], now)
        ben.open()
        assign(office.hub, "S-1", ben.number, Purpose.ASSESS)
        ben.sync()
        withdraw(office.hub, "S-1", ben.number)
        for days in (40, 40, 0):
            now.move(days=days)
            ben.sync()
        assert "S-1" not in _held_by(office, ben)
        now.move(hours=1)
        _withdrawn_unseen(office, ben, "unassigned")
        assert "S-1" in _held_by(office, ben)
        ben.sync()
        assert "S-1" not in _held_by(office, ben)
        assert [len(one.pieces) > 0 for one in _destroyed(ben)] == [True, False]
        ben.close()


def test_a_receipt_that_is_owed_does_not_speak_for_what_a_lost_answer_told_of_after_it(
    town: Kept, tmp_path: Path
) -> None:
    with town_from(town, tmp_path / "here", [BEN]) as (office, now):
        ben = Person(BEN, town.numbers[BEN], tmp_path / "here" / BEN, town.keys[BEN], now)
        ben.open()
        assign(office.hub, "S-1", ben.number, Purpose.ASSESS)
        ben.sync()
        withdraw(office.hub, "S-1", ben.number)
        as_it_was = ben.folder / BEFORE / "a file that was put back"
        as_it_was.mkdir(parents=True)
        for days in (40, 40, 0):
            now.move(days=days)
            ben.sync()
        assert [len(one.pieces) > 0 for one in _destroyed(ben)] == [True]
        now.move(days=3)
        _withdrawn_unseen(office, ben, "unassigned")
        ben.sync()
        assert "S-1" in _held_by(office, ben), "nothing is signed yet"
        as_it_was.rmdir()
        now.move(days=11)
        for _ in range(2):
            ben.sync()
        assert "S-1" not in _held_by(office, ben)
        assert [len(one.pieces) > 0 for one in _destroyed(ben)] == [True, False]
        ben.close()


def test_of_what_is_here_still_it_is_not_said_that_nothing_is_there(town: Kept, tmp_path: Path) -> None:
    with town_from(town, tmp_path / "here", [BEN]) as (office, now):
        ben = Person(BEN, town.numbers[BEN], tmp_path / "here" / BEN, town.keys[BEN], now)
        ben.open()
        assign(office.hub, "S-1", ben.number, Purpose.ASSESS)
        ben.sync()
        withdraw(office.hub, "S-1", ben.number)
        ben.sync()
        assert "S-1" in _held_by(office, ben)
        assert _destroyed(ben) == []
        ben.close()


def _withdrawn_unseen(office: Office, ben: Person, how: str) -> None:
    """An assignment of which the answer that tells of it is lost, and that is withdrawn before the next."""
    assign(office.hub, "S-1", ben.number, Purpose.ASSESS)
    office.wire.weather([Fault(1, "answer lost", 0)])
    ben.sync()
    office.wire.weather([])
    if how == "consent":
        withdraw_consent(office.hub, "S-1")
    else:
        withdraw(office.hub, "S-1", ben.number, recused=how == "recused")


def _held_by(office: Office, person: Person) -> set[str]:
    return {one.key for one in holders(office.hub) if one.person == person.number}


def _destroyed(person: Person) -> list[Destruction]:
    with person.desk.store.reading() as view:
        return [one.made for one in view.custody.destructions()]
