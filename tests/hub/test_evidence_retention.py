"""Decided evidence goes at the hub when its policy says, keys first; a hold, an appeal or open work keeps it."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.beyond import Beyond
from tests.hub.conftest import Answering
from tests.hub.elsewhere import Elsewhere
from tests.hub.making import Device, StandingClock, import_quickly, kept

from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.hub import destroying, intake
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign, withdraw_consent
from assessor_desk.hub.auditing import entries
from assessor_desk.hub.back_up import back_up
from assessor_desk.hub.custody import holders
from assessor_desk.hub.destroying import records
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import add_person
from assessor_desk.hub.restoring import restore
from assessor_desk.hub.retention import expire, over
from assessor_desk.hub.retention_holds import HoldKind, list_holds, place_hold, release_hold
from assessor_desk.protocol.documents import instant
from assessor_desk.sync.engine import SourceCounts

KEY = "7F3A-21"
DAYS = 1825


@pytest.fixture
def assessor(answering: Answering) -> Device:
    return answering.enrol(Role.ASSESSOR, KEY)


@pytest.fixture
def reviewer(answering: Answering) -> Device:
    return answering.enrol(Role.REVIEWER, KEY)


@pytest.fixture
def decided(answering: Answering, assessor: Device, reviewer: Device, tmp_path: Path) -> Hub:
    """The hub, one submission of which is decided."""
    assessor.deliver(*assessor.seal(tmp_path / "packets"))
    reviewer.deliver(*reviewer.decide(), DeliveryKind.DECISION)
    return answering.hub


def keys_of(hub: Hub, key: str) -> int:
    a, s = t.artifacts.c, t.submissions.c
    query = (
        sa.select(sa.func.count())
        .select_from(
            t.artifacts.join(t.blobs, t.blobs.c.digest == a.blob).join(t.submissions, s.id == a.submission_id)
        )
        .where(s.key == key)
    )
    with hub.database.reading() as view:
        return int(view.execute(query).scalar_one())


@pytest.mark.both_homes
def test_decided_evidence_goes_keys_first_after_the_policys_days_and_all_else_stays(
    decided: Hub, clock: StandingClock
) -> None:
    before, packets, others = kept(decided.blobs), kept(decided.packets), keys_of(decided, "91BB-02")
    clock.move(days=DAYS - 1)
    assert expire(decided) == []
    clock.move(days=2)
    (would_go,) = over(decided)
    assert keys_of(decided, KEY) == would_go.files == 4
    (gone,) = expire(decided)
    assert (gone.key, gone.files) == (KEY, 4)
    assert str(DAYS) in gone.why
    assert keys_of(decided, KEY) == 0
    assert len(before) - len(kept(decided.blobs)) == 4
    assert (kept(decided.packets), keys_of(decided, "91BB-02")) == (packets, others)
    assert expire(decided) == [], "once"
    assert [one.act for one in entries(decided)].count("destroyed evidence") == 1


def test_desks_hear_that_it_is_gone_and_agree_on_what_there_is(
    decided: Hub, clock: StandingClock, assessor: Device
) -> None:
    assert assessor.source.counts() == SourceCounts(
        1, 4, sum(blob.length for blob in assessor.changes().blobs)
    )
    clock.move(days=DAYS + 1)
    expire(decided)
    page = assessor.changes()
    (submission,) = page.submissions
    assert page.evidence_ended == (submission.id,)
    assert {own for own, _ in page.withheld} == {submission.id}
    assert len(page.withheld) == 4
    assert page.blobs == ()
    assert assessor.source.counts() == SourceCounts(1, 0, 0)


def test_a_hold_keeps_it_until_it_is_released_or_over(decided: Hub, clock: StandingClock) -> None:
    place_hold(
        decided,
        KEY,
        HoldKind.RECORDS_REQUEST,
        "Asked for by the district",
        "Pat",
        clock() + timedelta(days=DAYS + 30),
    )
    complaint = place_hold(decided, KEY, HoldKind.COMPLAINT, "The educator complained", "Pat")
    clock.move(days=DAYS + 40)
    assert [one.kind for one in list_holds(decided)] == ["complaint"], "the other is over by its day"
    assert expire(decided) == []
    release_hold(decided, complaint.id[:8], "Pat")
    assert [one.key for one in expire(decided)] == [KEY]
    assert sorted(one.released_by for one in list_holds(decided, past=True)) == ["", "Pat"]
    with pytest.raises(Refused, match="was destroyed on"):
        place_hold(decided, KEY, HoldKind.APPEAL, "Too late", "Pat")
    acts = [one.act for one in entries(decided)]
    assert (acts.count("placed hold"), acts.count("released hold")) == (2, 1)


def test_an_appeal_that_is_assigned_places_a_hold_by_itself(decided: Hub, clock: StandingClock) -> None:
    other = add_person(decided, "Another", [Role.REVIEWER])
    assign(decided, KEY, other, Purpose.APPEAL)
    assert [(one.key, one.kind) for one in list_holds(decided)] == [(KEY, "appeal")]
    clock.move(days=DAYS + 1)
    assert expire(decided) == []


def test_an_appeal_places_a_hold_also_where_an_earlier_one_is_over(
    decided: Hub, clock: StandingClock
) -> None:
    place_hold(decided, KEY, HoldKind.APPEAL, "An appeal was announced", "Pat", clock() + timedelta(days=5))
    clock.move(days=6)
    assign(decided, KEY, add_person(decided, "Another", [Role.REVIEWER]), Purpose.APPEAL)
    assert [(one.key, one.kind, one.until) for one in list_holds(decided)] == [(KEY, "appeal", None)]
    withdraw_consent(decided, KEY)
    assert keys_of(decided, KEY) == 4


def test_work_that_somebody_has_yet_to_hand_in_keeps_it(decided: Hub, clock: StandingClock) -> None:
    assign(decided, KEY, add_person(decided, "Another", [Role.ASSESSOR]))
    clock.move(days=DAYS + 1)
    assert over(decided) == []


def test_work_that_somebody_is_given_while_it_is_looked_for_what_is_alike_keeps_it(
    decided: Hub, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, compare = add_person(decided, "Another", [Role.ASSESSOR]), destroying.compare_without

    def assigned_meanwhile(view: Any, submissions: Any) -> Any:
        assign(decided, KEY, other)
        return compare(view, submissions)

    monkeypatch.setattr(destroying, "compare_without", assigned_meanwhile)
    clock.move(days=DAYS + 1)
    assert expire(decided) == []
    assert keys_of(decided, KEY) == 4


def test_a_hold_says_why_and_who_and_ends_in_a_time_to_come(decided: Hub, clock: StandingClock) -> None:
    for why, by, until in (("", "Pat", None), ("Because", " ", None), ("Because", "Pat", clock())):
        with pytest.raises(Refused):
            place_hold(decided, KEY, HoldKind.OTHER, why, by, until)
    with pytest.raises(Refused, match="no submission"):
        place_hold(decided, "NO-1", HoldKind.OTHER, "Because", "Pat")
    with pytest.raises(Refused, match="No hold stands"):
        release_hold(decided, KEY, "Pat")


def test_a_back_up_from_before_brings_no_destroyed_evidence_back(
    decided: Hub, clock: StandingClock, elsewhere: Elsewhere, beyond: Beyond | None, tmp_path: Path
) -> None:
    back_up(decided, tmp_path / "kept")
    clock.move(days=DAYS + 1)
    expire(decided)
    place = elsewhere.beside_its_files()
    restore(place, tmp_path / "kept", clock=clock)
    with closing(Hub.open(place, clock=clock)) as again:
        if beyond is not None:
            assert expire(again), "the look of each day does it there: a hold made since can be placed before"
        assert keys_of(again, KEY) == 0


def test_whoever_was_given_keys_holds_evidence(decided: Hub, assessor: Device, reviewer: Device) -> None:
    assert {(one.key, one.person) for one in holders(decided)} >= {
        (KEY, assessor.person),
        (KEY, reviewer.person),
    }


def test_importing_its_folder_again_brings_nothing_back(
    decided: Hub, clock: StandingClock, incoming: Path
) -> None:
    clock.move(days=DAYS + 1)
    expire(decided)
    import_quickly(decided, incoming)
    assert keys_of(decided, KEY) == 0
    assert keys_of(decided, "91BB-02") > 0


def test_of_a_submission_whose_evidence_is_over_no_other_file_is_taken_and_that_is_told(
    decided: Hub, clock: StandingClock, incoming: Path
) -> None:
    clock.move(days=DAYS + 1)
    expire(decided)
    before = kept(decided.blobs)
    (incoming / "reflection.md").write_text("Another reflection", encoding="utf-8")
    (incoming / "new.txt").write_text("Another file", encoding="utf-8")
    with (incoming / "artifacts.csv").open("a", encoding="utf-8") as table:
        table.write(f"{KEY},work,new.txt,Another,\n")
    done = import_quickly(decided, incoming)
    assert keys_of(decided, KEY) == 0
    assert kept(decided.blobs) == before
    assert len(done.warnings) == 2
    assert all(f"not taken. The evidence of {KEY} was destroyed here on" in one for one in done.warnings)
    assert import_quickly(decided, incoming).warnings == done.warnings, "it is told as often as it is brought"


def test_evidence_that_is_over_while_its_folder_is_imported_goes_with_what_came(
    decided: Hub, clock: StandingClock, incoming: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal = intake._seal_new

    def expired_meanwhile(*given: object) -> object:
        expire(decided)
        return seal(*given)  # type: ignore[arg-type]

    for name in ("plan of hong nhung.md", "talk.txt", "talk.vtt", "reflection.md"):
        (incoming / name).write_text(f"WEBVTT\n\nAnother {name}", encoding="utf-8")
    clock.move(days=DAYS + 1)
    monkeypatch.setattr(intake, "_seal_new", expired_meanwhile)
    import_quickly(decided, incoming)
    expire(decided)
    assert keys_of(decided, KEY) == 0
    assert len(kept(decided.blobs)) == keys_of(decided, "91BB-02") + keys_of(decided, "E5D2-11")


def test_the_hubs_record_says_when_the_last_file_was_gone_and_not_when_that_began(
    decided: Hub, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = type(decided.blobs).remove

    def slowly(store: Any, digest: str) -> None:
        clock.move(seconds=60)
        remove(store, digest)

    monkeypatch.setattr(type(decided.blobs), "remove", slowly)
    clock.move(days=DAYS + 1)
    begun = clock()
    expire(decided)
    ((_, record),) = records(decided, set())
    assert clock() - begun == timedelta(minutes=4)
    assert f'"gone_at":"{instant(clock())}"'.encode() in record


@pytest.mark.both_homes
def test_evidence_of_a_whole_term_that_ends_on_one_day_is_gone_and_recorded(
    decided: Hub, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More files than a statement takes values."""
    with decided.database.writing() as work:
        rows = [{"digest": f"{number:064x}", "submission_id": "of before"} for number in range(70_000)]
        work.execute(sa.insert(t.ended_blobs), rows)
    # Files that are not there: asking a store for each would take minutes.
    remove = type(decided.blobs).remove
    monkeypatch.setattr(
        type(decided.blobs), "remove", lambda own, one: None if one.startswith("0" * 50) else remove(own, one)
    )
    clock.move(days=DAYS + 1)
    assert [one.key for one in expire(decided)] == [KEY]
    with decided.database.reading() as view:
        left = sa.select(sa.func.count()).where(t.ended_blobs.c.removed_at.is_(None))
        assert view.execute(left).scalar_one() == 0
        assert view.execute(sa.select(t.evidence_ended.c.record)).scalar_one()
