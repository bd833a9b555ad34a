"""What the hub keeps, looked at where it is known what must come of it: scenarios seldom get as far as a decision."""

from collections import Counter
from pathlib import Path

import sqlalchemy as sa
from tests.model.keeping import hold, troubles_of_keeping
from tests.model.people import Person
from tests.model.town import ADA, RITA, Kept, town_from

from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import withdraw_consent
from assessor_desk.hub.retention_holds import HoldKind, place_hold


def test_decided_evidence_goes_after_its_days_held_evidence_after_its_hold_and_undecided_stays(
    town: Kept, tmp_path: Path
) -> None:
    with town_from(town, tmp_path / "here", [ADA, RITA]) as (office, now):
        ada, rita = (
            Person(name, town.numbers[name], tmp_path / "here" / name, town.keys[name], now)
            for name in (ADA, RITA)
        )
        for person in (ada, rita):
            person.open()
        ada.check_completeness("S-1", ["missing_part"])
        ada.write("S-1", "The second part is missing.")
        ada.seal("S-1")
        for person in (ada, rita):
            now.move(seconds=20)
            person.sync()
        rita.decide("S-1")
        now.move(seconds=20)
        assert "delivered 1" in rita.sync()
        place_hold(office.hub, "S-1", HoldKind.APPEAL, "She appealed.", "The office")
        place_hold(office.hub, "S-2", HoldKind.APPEAL, "She appealed.", "The office")
        census: Counter[str] = Counter()
        assert troubles_of_keeping(office, census) == []
        assert census == Counter({"evidence that a hold kept": 2})
        assert _kept(office.hub.database) == {"S-2"}, "nobody decided on it"
        for person in (ada, rita):
            person.close()


def test_held_evidence_that_is_gone_all_the_same_is_seen(town: Kept, tmp_path: Path) -> None:
    with town_from(town, tmp_path / "here", []) as (office, _now):
        place_hold(office.hub, "S-1", HoldKind.APPEAL, "She appealed.", "The office")
        for one in office.hub.blobs.stored():
            office.hub.blobs.remove(one.digest)
        told = "\n".join(troubles_of_keeping(office, Counter()))
        assert "of S-1 is gone, which a hold keeps, before its days passed" in told
        assert "of S-2 is gone, which nobody let go, before its days passed" in told


def test_a_held_file_that_another_takes_the_place_of_stays_with_its_hold_and_is_missed_where_it_is_gone(
    town: Kept, tmp_path: Path
) -> None:
    with town_from(town, tmp_path / "here", []) as (office, _now):
        hold(office, "S-1")
        for words in ("repaired", "and again"):
            office.take(words, "S-1")
        census: Counter[str] = Counter()
        assert troubles_of_keeping(office, census) == []
        assert census["files that a hold alone kept"] == 2
    with town_from(town, tmp_path / "there", []) as (office, _now):
        hold(office, "S-1")
        office.take("repaired", "S-1")
        with office.hub.database.writing() as work:
            work.execute(sa.delete(t.artifacts).where(t.artifacts.c.id.startswith("held-")))
        (told,) = troubles_of_keeping(office, Counter())
        assert "of S-1 is gone" in told
        assert "which was here when it was held" in told


def test_a_concern_that_comes_after_the_evidence_has_gone_keeps_nothing(town: Kept, tmp_path: Path) -> None:
    with town_from(town, tmp_path / "here", [ADA]) as (office, now):
        ada = Person(ADA, town.numbers[ADA], tmp_path / "here" / ADA, town.keys[ADA], now)
        ada.open()
        withdraw_consent(office.hub, "S-1")
        now.move(seconds=20)
        ada.raise_concern("S-1")
        now.move(seconds=20)
        ada.sync()
        with office.hub.database.reading() as view:
            assert view.execute(sa.select(sa.func.count()).select_from(t.holds)).scalar() == 1
        assert troubles_of_keeping(office, Counter()) == []
        ada.close()


def _kept(database: object) -> set[str]:
    with database.reading() as view:  # type: ignore[attr-defined]
        query = sa.select(t.submissions.c.key).join(
            t.artifacts, t.artifacts.c.submission_id == t.submissions.c.id
        )
        return set(view.execute(query.where(t.artifacts.c.blob.is_not(None))).scalars())
