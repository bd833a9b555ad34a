"""What somebody was heard on, or a hold keeps, stays, whatever its folder brings and whoever withdraws meanwhile."""

import json
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.hub.asking import most_values, what_is_asked
from tests.hub.conftest import Answering
from tests.hub.making import Device, StandingClock, import_quickly, kept, write_rows
from tests.hub.test_evidence_retention import keys_of

from assessor_desk.domain.roles import Role
from assessor_desk.hub import intake, parts, sweeping
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import withdraw_consent
from assessor_desk.hub.custody import write_receipts
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.intake import Imported
from assessor_desk.hub.retention import expire
from assessor_desk.hub.retention_holds import HoldKind, list_holds, place_hold, release_hold
from assessor_desk.hub.sweeping import sweep

KEY = "7F3A-21"


@pytest.fixture
def assessor(answering: Answering) -> Device:
    return answering.enrol(Role.ASSESSOR, KEY)


@pytest.fixture
def imported(hub: Hub, incoming: Path) -> Hub:
    """The hub with its submissions."""
    import_quickly(hub, incoming)
    return hub


@pytest.fixture
def bring(hub: Hub, incoming: Path) -> Callable[[str], Imported]:
    """Import the folder again, with this reflection."""

    def brought(words: str) -> Imported:
        (incoming / "reflection.md").write_text(words, encoding="utf-8")
        return import_quickly(hub, incoming)

    return brought


@pytest.fixture
def swept(hub: Hub, clock: StandingClock) -> Callable[[], None]:
    """Two days pass, and the hub is swept."""

    def days_later() -> None:
        clock.move(days=2)
        sweep(hub)

    return days_later


def _hold(hub: Hub, until: timedelta | None = None) -> None:
    end = None if until is None else hub.clock() + until
    place_hold(hub, KEY, HoldKind.APPEAL, "The educator appealed", "Pat", end)


def _reflections(hub: Hub) -> list[str]:
    """The ids under which reflections of the submission can still be opened."""
    a, s = t.artifacts.c, t.submissions.c
    query = (
        sa.select(a.id)
        .join(t.submissions, s.id == a.submission_id)
        .join(t.blobs, t.blobs.c.digest == a.blob)
        .where(s.key == KEY, a.part == "reflection")
    )
    with hub.database.reading() as view:
        return sorted(view.execute(query).scalars())


@pytest.mark.both_homes
def test_a_file_that_another_takes_the_place_of_under_a_hold_stays_until_it_is_released(
    answering: Answering,
    assessor: Device,
    bring: Callable[[str], Imported],
    swept: Callable[[], None],
) -> None:
    hub = answering.hub
    before = kept(hub.blobs)
    _hold(hub)
    done = bring("Another reflection")
    assert [one for one in done.warnings if "The file before it is kept while the hold stands" in one]
    swept()
    assert before.items() <= kept(hub.blobs).items()
    assert (len(kept(hub.blobs)), keys_of(hub, KEY)) == (len(before) + 1, 5)
    assert bring("Another reflection").changed == (), "it is the work’s own now"
    release_hold(hub, KEY, "Pat")
    assert sweep(hub, pretend=True).rows == 1
    swept()
    assert (len(kept(hub.blobs)), keys_of(hub, KEY)) == (len(before), 4)
    assert len(before.items() - kept(hub.blobs).items()) == 1


@pytest.mark.both_homes
def test_no_statement_of_a_sweep_takes_as_many_values_as_holds_are_over(
    hub: Hub, tmp_path: Path, swept: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in (parts, sweeping):
        monkeypatch.setattr(each, "AT_ONCE", 2)
    most = []
    for count in (2, 15):
        keys = [f"{count}-{number}" for number in range(count)]
        rows = [f"{key},E-{key},Anna Berg,formative-assessment-math,1,no,D,en,yes," for key in keys]
        (tmp_path / f"{count}").mkdir()
        write_rows(tmp_path / f"{count}", rows, [f"{key},work,board.md,," for key in keys])
        (tmp_path / f"{count}" / "board.md").write_text("# A board", encoding="utf-8")
        import_quickly(hub, tmp_path / f"{count}")
        for key in keys:
            place_hold(hub, key, HoldKind.APPEAL, "The educator appealed", "Pat", None)
        (tmp_path / f"{count}" / "board.md").write_text("# Another board", encoding="utf-8")
        import_quickly(hub, tmp_path / f"{count}")
        for key in keys:
            release_hold(hub, key, "Pat")
        with what_is_asked(hub) as asked:
            assert sweep(hub, pretend=True).rows == count
            swept()
        assert sweep(hub, pretend=True).rows == 0
        most.append(most_values(asked))
    assert most[0] == most[1]


@pytest.mark.both_homes
def test_whoever_is_assigned_is_sent_the_file_that_came_and_not_the_one_that_is_kept(
    answering: Answering, assessor: Device, bring: Callable[[str], Imported]
) -> None:
    _hold(answering.hub)
    before = {one.artifact_id: one.digest for one in assessor.changes().blobs}
    bring("Another reflection")
    page = assessor.changes()
    now = {one.artifact_id: one.digest for one in page.blobs}
    assert now.keys() == before.keys() == {one.id for one in page.submissions[0].artifacts}
    assert len(now.items() - before.items()) == 1
    assert assessor.source.counts().artifacts == len(now)


def test_what_is_kept_goes_once_the_hold_is_over_by_its_day(
    imported: Hub, bring: Callable[[str], Imported], swept: Callable[[], None]
) -> None:
    _hold(imported, timedelta(days=3))
    bring("Another reflection")
    swept()
    assert len(_reflections(imported)) == 2
    swept()
    assert list_holds(imported) == []
    assert len(_reflections(imported)) == 1


def test_each_content_is_kept_once_and_the_first_can_come_back(
    imported: Hub, bring: Callable[[str], Imported], swept: Callable[[], None]
) -> None:
    bring("A")
    swept()
    _hold(imported)
    for words in ("B", "A", "B", "C"):
        assert len(bring(words).warnings) == 1
    swept()
    assert len(_reflections(imported)) == 3, "A and B beside C"
    assert [one for one in _reflections(imported) if not one.startswith("held-")] == ["reflection-1"]


@pytest.mark.both_homes
def test_what_a_review_was_made_of_stays_as_long_as_the_evidence_whatever_comes_after_it(
    answering: Answering,
    assessor: Device,
    bring: Callable[[str], Imported],
    swept: Callable[[], None],
    tmp_path: Path,
) -> None:
    hub = answering.hub
    before = kept(hub.blobs)
    assessor.deliver(*assessor.seal(tmp_path / "packets"))
    (warning,) = bring("Another reflection").warnings
    assert "The file before it is kept with the evidence, as a review was made of it" in warning
    swept()
    _hold(hub)
    release_hold(hub, KEY, "Pat")
    swept()
    assert before.items() <= kept(hub.blobs).items()
    assert len(_reflections(hub)) == 2
    withdraw_consent(hub, KEY)
    assert keys_of(hub, KEY) == 0


def test_where_nobody_was_heard_and_nothing_is_held_nothing_is_kept_beside(
    imported: Hub, bring: Callable[[str], Imported], swept: Callable[[], None]
) -> None:
    assert bring("Another reflection").warnings == ()
    swept()
    assert _reflections(imported) == ["reflection-1"]


@pytest.mark.both_homes
def test_what_is_kept_is_destroyed_with_the_rest_and_stands_in_the_record(
    answering: Answering, assessor: Device, bring: Callable[[str], Imported], tmp_path: Path
) -> None:
    hub = answering.hub
    others = len(kept(hub.blobs)) - keys_of(hub, KEY)
    _hold(hub)
    bring("Another reflection")
    withdraw_consent(hub, KEY)
    assert keys_of(hub, KEY) == 5
    release_hold(hub, KEY, "Pat")
    assert (keys_of(hub, KEY), len(kept(hub.blobs))) == (0, others)
    sweep(hub)
    (path,) = write_receipts(hub, [KEY], tmp_path / "records")
    said = subprocess.run(
        ["openssl", "cms", "-verify", "-noverify", "-inform", "DER", "-in", path],
        capture_output=True, check=True,
    )  # fmt: skip
    assert len({one["sha256"] for one in json.loads(said.stdout)["files"]}) == 5


def test_a_sweep_before_that_leaves_it_to_be_destroyed_with_the_rest(
    answering: Answering, assessor: Device, bring: Callable[[str], Imported], clock: StandingClock
) -> None:
    hub = answering.hub
    place_hold(hub, KEY, HoldKind.COMPLAINT, "The educator complained", "Pat", clock() + timedelta(days=1))
    bring("Another reflection")
    withdraw_consent(hub, KEY)
    clock.move(days=2)
    sweep(hub)
    assert [(one.key, one.files) for one in expire(hub)] == [(KEY, 5)]


@pytest.mark.both_homes
def test_consent_that_is_withdrawn_while_the_folder_is_imported_lets_no_file_in_and_none_that_is_held_go(
    answering: Answering,
    assessor: Device,
    bring: Callable[[str], Imported],
    swept: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub, seal = answering.hub, intake._seal_new
    before = kept(hub.blobs)

    def withdrawn_meanwhile(*given: object) -> object:
        if list_holds(hub) == []:
            _hold(hub)
            withdraw_consent(hub, KEY)
        return seal(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "_seal_new", withdrawn_meanwhile)
    done = bring("Another reflection")
    assert [one for one in done.warnings if f"not taken. The educator of {KEY} withdrew their consent" in one]
    assert kept(hub.blobs) == before, "what was sealed in vain does not lie there"
    swept()
    assert (kept(hub.blobs), keys_of(hub, KEY)) == (before, 4)


def test_a_hold_that_is_placed_while_the_folder_is_imported_keeps_what_was_there(
    imported: Hub,
    bring: Callable[[str], Imported],
    swept: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seal = intake._seal_new

    def held_meanwhile(*given: object) -> object:
        if list_holds(imported) == []:
            _hold(imported)
        return seal(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "_seal_new", held_meanwhile)
    bring("Another reflection")
    swept()
    assert len(_reflections(imported)) == 2
