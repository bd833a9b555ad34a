"""The audit log: each act leaves its line, no line says more than numbers, and whoever meddles with it is found out."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.hub.conftest import Answering
from tests.hub.making import ROWS, SECRET, StandingClock, import_quickly

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.agreeing import record_agreement
from assessor_desk.hub.assigning import assign, withdraw, withdraw_consent
from assessor_desk.hub.audit_csv import write_table
from assessor_desk.hub.auditing import Act, Entry, Head, Line, append, entries, head_of, note, verify
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.limits import set_limits
from assessor_desk.hub.people import revoke


def acts(hub: Hub, **which: str) -> list[str]:
    return [one.act for one in entries(hub, **which)]  # type: ignore[arg-type]


def last(hub: Hub) -> Entry:
    return list(entries(hub))[-1]


@pytest.fixture
def busy(answering: Answering, tmp_path: Path) -> Answering:
    """A hub on which somebody did most of what can be done."""
    hub = answering.hub
    lan, reviewer = answering.enrol(Role.ASSESSOR, "7F3A-21"), answering.enrol(Role.REVIEWER)
    assign(hub, "7F3A-21", reviewer.person)
    packet, digest = lan.seal(tmp_path / "sealed")
    for blob in lan.changes().blobs:
        assert list(lan.source.fetch(blob, 0))
    lan.deliver(packet, digest)
    reviewer.fetch_packet(reviewer.changes().packets[0])
    record_agreement(hub, ["7F3A-21"], agreed=True)
    assign(hub, "91BB-02", lan.person)
    withdraw(hub, "91BB-02", lan.person)
    withdraw_consent(hub, "E5D2-11")
    set_limits(hub, wrong_codes=20)
    revoke(hub, lan.person, "keyCompromise")
    return answering


@pytest.mark.both_homes
def test_who_saw_and_did_what_is_in_the_log_in_order(busy: Answering) -> None:
    lan, reviewer = busy.devices
    own = acts(busy.hub, person=lan.person)
    assert list(dict.fromkeys(own)) == ["enrolled", "was given keys", "fetched", "delivered"]
    assert list(dict.fromkeys(acts(busy.hub, person=reviewer.person))) == [
        "enrolled",
        "was given keys",
        "fetched",
    ]
    of_it = acts(busy.hub, submission="7F3A-21")
    assert set(of_it) == {
        "imported", "assigned", "was given keys", "fetched", "delivered", "recorded agreement",
    }  # fmt: skip
    assert {"added", "gave code", "withdrew", "recorded withdrawn consent", "set limits", "revoked"} <= set(
        acts(busy.hub)
    )
    assert verify(busy.hub).faults == ()


def test_a_line_says_who_with_which_computer_on_what(busy: Answering) -> None:
    lan = busy.devices[0]
    line = next(one for one in entries(busy.hub, person=lan.person) if one.act == "delivered")
    with busy.hub.database.reading() as view:
        packet = view.execute(sa.select(t.packets)).one()
    assert (line.submission, line.subject, line.device) == ("7F3A-21", packet.digest, packet.device)
    fetched = [one for one in entries(busy.hub, person=lan.person) if one.act == "fetched"]
    assert {one.detail for one in fetched} == {"overview-1", "work-1", "work-2", "reflection-1"}


def test_no_line_names_an_educator_or_says_what_was_written(busy: Answering) -> None:
    with busy.hub.database.reading() as view:
        log = repr(view.execute(sa.select(t.audit)).all())
    names = [cell for row in ROWS.values() for cell in row.split(",")[2:3] + row.split(",")[6:7]]
    for word in (
        *names,
        "Nhung",
        "nhung.n@",
        "plan of hong",
        "talk.txt",
        SECRET,
        "Sample",
        "reflection is missing",
    ):
        assert word not in log


def _let_meddle(work: sa.Connection) -> None:
    """Take away what keeps the log as it is, as somebody can who has the database."""
    triggers = {"sqlite": ["audit_update", "audit_delete"], "postgresql": ["audit_stays ON audit"]}
    for trigger in triggers[work.dialect.name]:
        work.exec_driver_sql(f"DROP TRIGGER {trigger}")


def test_fetching_in_parts_is_one_line_within_an_hour_and_another_after_it(
    answering: Answering, clock: StandingClock
) -> None:
    lan = answering.enrol(Role.ASSESSOR, "91BB-02")
    blob = lan.changes().blobs[0]
    for offset in (0, 10, 20):
        assert list(lan.source.fetch(blob, offset))
    assert acts(answering.hub, person=lan.person).count("fetched") == 1
    with answering.hub.database.writing() as work:  # the serving hub's clock is the real one
        _let_meddle(work)
        before = clock().replace(year=clock().year - 1)
        work.execute(sa.update(t.audit).where(t.audit.c.act == "fetched").values(at=before))
    assert list(lan.source.fetch(blob, 0))
    assert acts(answering.hub, person=lan.person).count("fetched") == 2


def test_an_act_that_fails_leaves_no_line_and_a_line_that_fails_no_act(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    import assessor_desk.hub.people as people

    before = verify(hub)
    with pytest.raises(Refused):
        revoke(hub, "P-9")

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(people, "append", fail)
    with pytest.raises(RuntimeError):
        people.add_person(hub, "Ada Okafor", [Role.ASSESSOR])
    assert people.list_people(hub) == []
    assert verify(hub) == before


@pytest.mark.both_homes
def test_the_database_itself_refuses_to_change_or_remove_a_line(hub: Hub) -> None:
    note(hub, Line(Act.SWEPT))
    for statement in (sa.update(t.audit).values(person="P-9"), sa.delete(t.audit)):
        with pytest.raises(sa.exc.DatabaseError, match="only added to"), hub.database.writing() as work:
            work.execute(statement)
    assert verify(hub).faults == ()


def _set(seq: int, **values: object) -> Callable[[sa.Connection], object]:
    return lambda work: work.execute(sa.update(t.audit).where(t.audit.c.seq == seq).values(**values))


def _remove(*seqs: int) -> Callable[[sa.Connection], object]:
    return lambda work: work.execute(sa.delete(t.audit).where(t.audit.c.seq.in_(seqs)))


def _exchange(work: sa.Connection) -> None:
    for before, after in ((3, 99), (4, 3), (99, 4)):
        work.execute(sa.update(t.audit).where(t.audit.c.seq == before).values(seq=after))


def _cut(work: sa.Connection) -> None:
    work.execute(sa.delete(t.audit).where(t.audit.c.seq > 3))
    row = work.execute(sa.select(t.audit).where(t.audit.c.seq == 3)).one()
    work.execute(sa.update(t.audit_head).values(seq=3, digest=row.digest))


def _written_anew(work: sa.Connection) -> None:
    """Somebody who knows how: all lines again, without the second."""
    rows = [row for row in work.execute(sa.select(t.audit).order_by(t.audit.c.seq)) if row.seq != 2]
    work.execute(sa.delete(t.audit))
    work.execute(sa.update(t.audit_head).values(seq=0, digest="0" * 64))
    for row in rows:
        append(
            work, row.at, Line(Act(row.act), row.subject, row.submission, row.person, row.device, row.detail)
        )


def _last_line_anew(work: sa.Connection) -> None:
    """The last line again in other words, with the digest that goes with them; the end is told of apart."""
    head = head_of(work)
    row = work.execute(sa.select(t.audit).where(t.audit.c.seq == head.seq)).one()
    work.execute(sa.delete(t.audit).where(t.audit.c.seq == head.seq))
    work.execute(sa.update(t.audit_head).values(seq=head.seq - 1, digest=row.previous))
    append(work, row.at, Line(Act(row.act), "another file", person="P-1002"))
    work.execute(sa.update(t.audit_head).values(seq=head.seq, digest=head.digest))


@pytest.mark.parametrize(
    ("meddle", "told"),
    [
        (_set(3, person="P-1009"), "Line 3 was changed or moved"),
        (_set(3, detail="nothing"), "Line 3 was changed or moved"),
        (_set(3, previous="1" * 64), "Line 2 is not the one that line 3 followed"),
        (_remove(3), "Line 3 is missing"),
        (_remove(2, 3), "Lines 2 to 3 are missing"),
        (_remove(1), "Line 1 is missing"),
        (_remove(5, 6), "Lines 5 to 6 are missing from the end"),
        (_exchange, "Line 3 was changed or moved"),
        (_cut, "Lines 4 to 6 are missing from the end"),
        (_written_anew, "missing from the end"),
        (_last_line_anew, "The log ends with line 6, which is not what was written down of its end"),
    ],
    ids=[
        "who",
        "what",
        "link",
        "one gone",
        "two gone",
        "first gone",
        "last gone",
        "exchanged",
        "cut off",
        "anew",
        "last anew",
    ],
)
def test_a_line_that_was_changed_removed_or_moved_is_named(
    hub: Hub, meddle: Callable[[sa.Connection], object], told: str
) -> None:
    note(hub, *(Line(Act.FETCHED, f"file {number}", person="P-1001") for number in range(6)))
    with hub.database.writing() as work:
        before = work.execute(sa.select(sa.func.count()).select_from(t.audit)).scalar_one()
        _let_meddle(work)
        work.execute(sa.delete(t.audit).where(t.audit.c.seq <= before - 6))
        work.execute(sa.delete(t.audit))
        work.execute(sa.update(t.audit_head).values(seq=0, digest="0" * 64))
        now = hub.clock()
        append(work, now, *(Line(Act.FETCHED, f"file {number}", person="P-1001") for number in range(6)))
        kept = head_of(work)
    assert verify(hub, [kept]).faults == ()
    with hub.database.writing() as work:
        meddle(work)
    faults = verify(hub, [kept]).faults
    assert any(told in fault for fault in faults), faults


def test_a_log_written_anew_to_the_same_length_is_not_the_one_that_was_told_of(hub: Hub) -> None:
    note(hub, Line(Act.SWEPT))
    head = verify(hub).head
    faults = verify(hub, [Head(head.seq, "1" * 64)]).faults
    assert faults == (
        f"Line {head.seq} is another than the one that was told of: the log was written anew up to there",
    )


@pytest.mark.parametrize(
    "text", ["", "12", "x:" + "0" * 64, "1:" + "0" * 63, "-1:" + "0" * 64, "1:" + "g" * 64]
)
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="no head of an audit log"):
        Head.parse(text)
    assert str(Head.parse("7:" + "a" * 64)) == "7:" + "a" * 64


def test_as_a_table_it_holds_every_line_and_no_formula(hub: Hub, incoming: Path, tmp_path: Path) -> None:
    import_quickly(hub, incoming)
    note(hub, Line(Act.LIMITED, detail="=1+1"))
    write_table(tmp_path / "audit.csv", entries(hub))
    with (tmp_path / "audit.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["seq"]) for row in rows] == [one.seq for one in entries(hub)]
    assert rows[-1]["detail"] == "'=1+1"
    assert {row["submission"] for row in rows} >= set(ROWS)


def test_since_a_day_for_a_person_and_on_a_submission(busy: Answering, clock: StandingClock) -> None:
    assert list(entries(busy.hub, since=clock().replace(year=clock().year + 1))) == []
    assert len(list(entries(busy.hub, since=clock().replace(year=clock().year - 1)))) == len(
        list(entries(busy.hub))
    )
    assert acts(busy.hub, person="P-9999") == []
    with pytest.raises(Refused, match="no submission"):
        acts(busy.hub, submission="NO-99")
