"""An educator's agreement to disclosure, from submissions.csv or said later, on its way to whoever decides."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.hub.conftest import Answering
from tests.hub.making import (
    ARTIFACT_ROWS,
    HEADING,
    ROWS,
    Device,
    import_quickly,
    submissions_folder,
    write_rows,
)

from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.roles import Role
from assessor_desk.hub import intake
from assessor_desk.hub import tables as t
from assessor_desk.hub.agreeing import record_agreement
from assessor_desk.hub.folder import Faults
from assessor_desk.hub.hub import Hub

KEY, OTHER = "7F3A-21", "91BB-02"
AGREED_HEADING = f"{HEADING},Disclosure agreed"


def import_saying(hub: Hub, folder: Path, answer: str, reflection: str = "A reflection") -> None:
    submissions_folder(folder)
    (folder / "reflection.md").write_text(reflection, encoding="utf-8")
    rows = [f"{ROWS[KEY]},{answer}", f"{ROWS[OTHER]},"]
    write_rows(folder, rows, [*ARTIFACT_ROWS[KEY], *ARTIFACT_ROWS[OTHER]])
    table = folder / "submissions.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(HEADING, AGREED_HEADING), encoding="utf-8")
    import_quickly(hub, folder)


def agreed(hub: Hub) -> dict[str, bool]:
    with hub.database.reading() as view:
        return {row.key: row.disclosure_agreed for row in view.execute(sa.select(t.submissions))}


@pytest.fixture
def decided(answering: Answering, tmp_path: Path) -> Device:
    """A reviewer who has decided on KEY, and taken all that followed."""
    assessor, reviewer = answering.enrol(Role.ASSESSOR, KEY), answering.enrol(Role.REVIEWER, KEY)
    assessor.deliver(*assessor.seal(tmp_path / "packets"))
    reviewer.deliver(*reviewer.decide(), DeliveryKind.DECISION)
    return reviewer


def test_nobody_agreed_who_was_not_said_to_have(hub: Hub, incoming: Path) -> None:
    import_quickly(hub, incoming)

    assert set(agreed(hub).values()) == {False}


def test_what_the_table_says_is_taken_and_what_it_leaves_out_stays(hub: Hub, tmp_path: Path) -> None:
    import_saying(hub, tmp_path / "first", "yes")
    assert agreed(hub) == {KEY: True, OTHER: False}

    record_agreement(hub, [OTHER], agreed=True)
    import_quickly(hub, submissions_folder(tmp_path / "silent", KEY, OTHER))
    assert agreed(hub) == {KEY: True, OTHER: True}

    import_saying(hub, tmp_path / "second", "no")
    assert agreed(hub) == {KEY: False, OTHER: True}


def test_an_answer_that_is_neither_is_named(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(Faults, match=r"row 2, column “disclosure agreed”: “perhaps” is neither yes nor no"):
        import_saying(hub, tmp_path / "in", "perhaps")


def test_whoever_decided_hears_of_an_agreement_given_and_withdrawn(
    answering: Answering, decided: Device
) -> None:
    page = decided.changes()
    assert [one.disclosure_agreed for one in page.recipients] == [False]

    assert record_agreement(answering.hub, [KEY, KEY], agreed=True) == [KEY]
    given = decided.source.changes(page.cursor)
    assert [(one.name, one.disclosure_agreed) for one in given.recipients] == [
        ("Nguyễn Thị Hồng Nhung", True)
    ]

    assert record_agreement(answering.hub, [KEY], agreed=True) == []
    assert decided.source.changes(given.cursor).empty

    record_agreement(answering.hub, [KEY], agreed=False)
    assert [one.disclosure_agreed for one in decided.source.changes(given.cursor).recipients] == [False]


def test_an_import_that_changes_it_is_heard_too(
    answering: Answering, decided: Device, tmp_path: Path
) -> None:
    page = decided.changes()
    import_saying(answering.hub, tmp_path / "again", "yes")

    assert [one.disclosure_agreed for one in decided.source.changes(page.cursor).recipients] == [True]


@pytest.mark.both_homes
@pytest.mark.parametrize("answer", ["", "yes"])
def test_an_agreement_that_is_withdrawn_while_the_folder_is_imported_stays_withdrawn(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    import_saying(hub, tmp_path / "first", "yes")
    seal = intake._seal_new

    def withdrawn_meanwhile(*given: object) -> object:
        record_agreement(hub, [KEY], agreed=False)
        return seal(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "_seal_new", withdrawn_meanwhile)
    import_saying(hub, tmp_path / "again", answer, reflection="Another reflection")
    assert not agreed(hub)[KEY]


def test_who_has_not_decided_hears_nothing(answering: Answering, tmp_path: Path) -> None:
    assessor, reviewer = answering.enrol(Role.ASSESSOR, KEY), answering.enrol(Role.REVIEWER, KEY)
    assessor.deliver(*assessor.seal(tmp_path / "packets"))
    cursors = [(one, one.changes().cursor) for one in (assessor, reviewer)]
    record_agreement(answering.hub, [KEY], agreed=True)

    for device, cursor in cursors:
        assert device.source.changes(cursor).empty


def test_an_unknown_submission_is_refused_and_nothing_is_recorded(hub: Hub, incoming: Path) -> None:
    import_quickly(hub, incoming)
    with pytest.raises(Refused, match="no submission “nope”"):
        record_agreement(hub, [KEY, "nope"], agreed=True)

    assert not any(agreed(hub).values())
