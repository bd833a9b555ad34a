"""What scenarios found, each by itself."""

import shutil
from datetime import timedelta
from pathlib import Path

from tests.desk.sticks import PASSPHRASE
from tests.model.people import Person
from tests.model.town import ADA, ADDRESS, RITA, Kept, town_from

from assessor_desk.hub.people import new_code, revoke


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
