"""Cohort reports and exports of selections from a reviewer's desk: equal to the packets, and silent about people."""

import csv
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from threading import Event
from typing import Any

import pandas as pd
import pypdfium2
import pytest
import sqlalchemy as sa
from asn1crypto import cms
from tests.desk.decided_place import (
    DECIDED,
    DISTRICTS,
    KEYS,
    RELEASED,
    THROUGH_HUB,
    UNDECIDED,
    Place,
)
from tests.desk.many_decided import fill
from tests.reports.cohort_rows import MATHS, POLICY, RELATIONSHIPS, shipped, some_rows

from assessor_desk.desk import Desk
from assessor_desk.desk.selections import GatheringProgress
from assessor_desk.domain.changes import Held, SourceChanges, WithdrawalReason
from assessor_desk.domain.cohort import Recipient, Selection, strictest
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.exports import Gathered
from assessor_desk.domain.policy import DueRule
from assessor_desk.domain.review import Entry, EntryKind
from assessor_desk.hub.agreeing import record_agreement
from assessor_desk.store import tables as t

# -- figures -----------------------------------------------------------------------------------------------


def in_bag(path: Path, name: str) -> Any:
    """A document of a packet or decision."""
    with zipfile.ZipFile(path) as bag:
        [found] = [one for one in bag.namelist() if one.endswith(name)]
        return json.loads(bag.read(found))


def receipt_time(path: Path) -> pd.Timestamp:
    """When the hub received a packet, from the receipt beside its signature."""
    with zipfile.ZipFile(path) as bag:
        [found] = [one for one in bag.namelist() if one.endswith(".receipt.p7s")]
        content = cms.ContentInfo.load(bag.read(found))["content"]["encap_content_info"]["content"].native
    return pd.Timestamp(json.loads(content)["received_at"])


@pytest.fixture(scope="module")
def bags(place: Place, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The packets and the decisions on them as they were exported, a line a criterion, read without the program."""
    out = tmp_path_factory.mktemp("bags")
    done = place.desk.export_selection(place.ids(*KEYS), out, [Gathered.PACKETS, Gathered.DECISIONS])
    assert [key for key, _ in done.troubles] == [UNDECIDED]
    packets = {
        in_bag(path, "data/review.json")["submission"]["id"]: path for path in (out / "packets").iterdir()
    }
    lines = []
    for path in (out / "decisions").iterdir():
        decision = in_bag(path, "data/decision.json")
        if decision["kind"] == "passed_back":
            continue
        packet = packets[decision["submission"]["id"]]
        known = {
            "key": decision["submission"]["key"], "rubric": decision["rubric"]["id"], "outcome": decision["outcome"],
            "attempt": decision["submission"]["attempt"], "decided": pd.Timestamp(decision["sealed_at"]),
            "delivered": receipt_time(packet),
        }  # fmt: skip
        stated = in_bag(packet, "data/feedback.json")["criteria"] or [{"criterion": None}]
        lines += [{**known, **{k: v for k, v in one.items() if k in ("criterion", "level", "next_step")}}
                  for one in stated]  # fmt: skip
    return pd.DataFrame(lines)


def table(path: Path) -> dict[tuple[str, str, str], float]:
    """The figures of a cohort report's CSV, by table, row and column."""
    lines = csv.DictReader(StringIO(path.read_text(encoding="utf-8-sig")))
    return {(one["table"], one["row"], one["column"]): float(one["value"]) for one in lines if one["value"]}


def test_figures_are_those_of_the_packets(place: Place, bags: pd.DataFrame, tmp_path: Path) -> None:
    [path] = place.desk.cohort_report(tmp_path, formats=["csv"])
    ours, cases = table(path), bags.drop_duplicates("key")
    assessed = cases[cases.outcome != "incomplete"]
    outcomes, attempts = cases.outcome.value_counts(), assessed.groupby("attempt").outcome
    earned = attempts.agg(lambda told: (told == "earned").sum())
    taken = (assessed.decided - assessed.delivered).dt.total_seconds().clip(lower=0) / 86400

    assert len(cases) == len(DECIDED)
    assert outcomes.min() > 0
    assert ours["outcomes", "Earned", "Reviews"] == outcomes["earned"]
    assert ours["outcomes", "Not yet earned", "Reviews"] == outcomes["not_yet"]
    assert ours["outcomes", "Incomplete, not scored", "Reviews"] == outcomes["incomplete"]
    for attempt, count in attempts.size().items():
        assert ours["attempts", f"Attempt {attempt}", "Reviews"] == count
        assert ours["attempts", f"Attempt {attempt}", "Earned"] == earned[attempt]
    half = ours["turnaround-days", "Delivered to decided", "Half within"]
    assert half == pytest.approx(taken.median(), abs=0.0001)  # as many decimals


def test_levels_and_next_steps_are_those_of_the_packets(
    place: Place, bags: pd.DataFrame, tmp_path: Path
) -> None:
    [path] = place.desk.cohort_report(tmp_path, formats=["csv"])
    ours, told = table(path), bags.dropna(subset="criterion")
    counted = told.groupby(["rubric", "criterion", "level"]).size()
    steps = told[told.next_step != ""].groupby(["rubric", "criterion", "level"]).size()
    expected = {}
    for number, name in enumerate((RELATIONSHIPS, MATHS), 1):
        for position, criterion in enumerate(shipped(name).criteria, 1):
            row = f"{position}. {criterion.title}"
            for level, above in zip(criterion.levels, (*criterion.levels[1:], None), strict=True):
                key = (name, criterion.id, level.id)
                assert ours[f"levels-{number}", row, level.title] == counted.get(key, 0)
                if above:
                    way = f"{row} · {level.title} to {above.title}"
                    expected[f"next-steps-{number}", way] = steps.get(key, 0)
    listed = {
        (name, way): count
        for (name, way, what), count in ours.items()
        if name.startswith("next-steps") and what == "Reviews"
    }
    assert max(listed.values()) > 1
    assert listed.items() <= expected.items()


def test_a_desks_file_gives_back_every_row_of_a_cohort(desk: Desk) -> None:
    rows = some_rows(300, names=(MATHS, RELATIONSHIPS))
    fill(desk, rows, map(shipped, (MATHS, RELATIONSHIPS)), POLICY)
    with desk.store.reading() as view:
        lines = view.decided.lines()

    assert [line.row for line in lines] == rows
    assert {line.policy for line in lines} == {(POLICY.id, POLICY.version)}


def test_what_is_adjudicated_counts_as_it_was_decided(desk: Desk) -> None:
    fill(desk, some_rows(3, incomplete=0), [shipped(MATHS)], POLICY)
    first = shipped(MATHS).criteria[0]
    with desk.store.transaction() as work:
        data = {"criterion": first.id, "level": "not-met"}
        work.record([Entry("x", "d-1", EntryKind.SCORE_RECORDED, data, datetime.now(UTC), "here", 2, "d-1")])
        work.commit()
    with desk.store.reading() as view:
        rows = {line.submission_id: line.row for line in view.decided.lines()}

    assert rows["s-1"].levels[first.id] == "not-met"
    assert rows["s-1"].levels.keys() == rows["s-0"].levels.keys()


def test_what_is_on_hold_or_recalled_counts_no_more(desk: Desk) -> None:
    fill(desk, some_rows(4), [shipped(MATHS)], POLICY)
    held = Held("h", "s-0", "privacy", "A pupil is named.", datetime.now(UTC))
    desk.store.accept(SourceChanges("c3", holds=(held,)))
    aside = {"a-1": WithdrawalReason.CONSENT_WITHDRAWN, "a-2": WithdrawalReason.UNASSIGNED}
    with desk.store.transaction() as work:
        for own_id, reason in aside.items():
            rows = sa.update(t.assignments).where(t.assignments.c.id == own_id)
            work._connection.execute(rows.values(set_aside=True, aside_for=reason.value))
        work.commit()

    assert desk.decided() == ["s-2", "s-3"]


# -- for whom ----------------------------------------------------------------------------------------------


def test_a_district_has_what_its_own_educators_earned_once_it_is_released(
    place: Place, bags: pd.DataFrame, tmp_path: Path
) -> None:
    own = [key for number, key in enumerate(KEYS) if DISTRICTS[number % 2] == "Lakeside"]
    cases = bags.drop_duplicates("key")
    theirs = cases[cases.key.isin(own) & (cases.outcome == "earned")]
    earned = theirs[theirs.key.isin(RELEASED)]
    [path] = place.desk.cohort_report(tmp_path, recipient=Recipient("district", "Lakeside"), formats=["csv"])
    ours = table(path)

    assert path.name.startswith("cohort-report-for-Lakeside-")
    assert ours["outcomes", "All reviews that were scored", "Reviews"] == len(earned) > 0
    assert "Cedar Valley" not in path.read_text(encoding="utf-8")
    with pytest.raises(Refused, match="Name the district"):
        place.desk.cohort_report(tmp_path, recipient=Recipient("district"))


def test_an_agreement_that_the_hub_records_counts_at_the_next_round(
    place: Place, bags: pd.DataFrame, tmp_path: Path
) -> None:
    lakeside = [key for number, key in enumerate(KEYS) if DISTRICTS[number % 2] == "Lakeside"]
    cases = bags[(bags.outcome == "not_yet") & bags.key.isin(lakeside)]
    told = next(key for key in cases.key if key in RELEASED)
    untold = next(key for key in cases.key if key not in RELEASED)

    def counted() -> float:
        out = tmp_path / "out"
        [path] = place.desk.cohort_report(out, recipient=Recipient("district", "Lakeside"), formats=["csv"])
        return table(path)["outcomes", "All reviews that were scored", "Reviews"]

    before = counted()
    record_agreement(place.hub, [told, untold], agreed=True)
    assert counted() == before
    place.desk.sync()
    assert counted() == before + 1
    record_agreement(place.hub, [told, untold], agreed=False)
    place.desk.sync()
    assert counted() == before


def test_below_the_policys_smallest_count_there_are_no_figures(desk: Desk, tmp_path: Path) -> None:
    fill(desk, some_rows(9, incomplete=0), [shipped(MATHS)], POLICY)
    [path] = desk.cohort_report(tmp_path, formats=["csv"])

    assert {name for name, _, _ in table(path)} <= {"about"}


def test_of_several_policies_the_strictest_holds() -> None:
    open_to_all = replace(POLICY, smallest_cell=1, disclosure={"district": "all", "state": "all"})
    both = strictest([POLICY, open_to_all])

    assert both.smallest_cell == POLICY.smallest_cell
    assert Recipient("district", "Lakeside").earned_alone(both)
    early = replace(POLICY, before_release=("programme", "state"))
    assert not Recipient("state").released_alone(early)
    assert Recipient("state").released_alone(strictest([POLICY, early]))
    assert not Recipient().released_alone(strictest([POLICY, early]))
    assert not Recipient("district", "Lakeside").earned_alone(strictest([open_to_all]))
    assert not Recipient().earned_alone(both)
    assert strictest([POLICY, replace(POLICY, due=DueRule(3))]).due.days == 0
    with pytest.raises(Refused, match="several programmes"):
        strictest([POLICY, replace(POLICY, programme="Another")])


def test_what_there_is_not_is_refused_by_name(place: Place, desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Nothing is decided on this desk"):
        desk.cohort_report(tmp_path)
    with pytest.raises(Refused, match=r"district “Nowhere”\. There is Cedar Valley, Lakeside"):
        place.desk.cohort_report(tmp_path, Selection(districts=("Nowhere",)))
    with pytest.raises(Refused, match="micro-credential “knots”"):
        place.desk.decided(Selection(("knots",)))
    with pytest.raises(Refused, match="“odt” is no format"):
        place.desk.cohort_report(tmp_path, formats=["odt"])
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unavailable):
        place.desk.cohort_report(tmp_path / "file", formats=["csv"])


def test_what_a_report_would_cover_and_hide_is_told_beforehand(desk: Desk, tmp_path: Path) -> None:
    rows = some_rows(200)
    fill(desk, rows, [shipped(MATHS)], POLICY)
    lakeside = Recipient("district", "Lakeside")
    outlook = desk.cohort_outlook(Selection(), lakeside)
    own = [row for row in rows if row.district == "Lakeside"]
    released = [row for row in own if row.released_at]

    assert (outlook.decided, outlook.unreleased) == (len(own), len(own) - len(released))
    assert outlook.covered == sum(row.agreed or row.outcome == "earned" for row in released)
    assert outlook.unearned == len(released) - outlook.covered
    assert (outlook.smallest, outlook.earned_alone, outlook.released_alone) == (10, True, True)
    [path] = desk.cohort_report(tmp_path, recipient=lakeside, formats=["html"])
    assert outlook.few > 0
    assert "fewer than 10" in path.read_text(encoding="utf-8")

    few = desk.cohort_outlook(
        Selection(until=rows[0].decided_at.date(), since=rows[0].decided_at.date()), lakeside
    )
    assert few.empty
    assert desk.choices().districts == tuple(sorted({row.district for row in rows}))
    assert desk.choices().recipients == ("programme", "district")
    assert desk.choices().micro_credentials == {MATHS: shipped(MATHS).title}


def test_what_is_chosen_is_kept_on_the_desk(desk: Desk) -> None:
    assert desk.kept_choices("cohort report") == {}
    desk.keep_choices("cohort report", {"district": "Lakeside"})
    assert desk.kept_choices("cohort report") == {"district": "Lakeside"}
    assert desk.kept_choices("export of many") == {}


def test_a_report_that_is_stopped_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    fill(desk, some_rows(20), [shipped(MATHS)], POLICY)
    stop, told = Event(), list[tuple[int, int]]()

    def after_one(done: int, total: int) -> None:
        told.append((done, total))
        if done == 1:
            stop.set()

    assert desk.cohort_report(tmp_path / "out", progress=after_one, stop=stop) == []
    assert told == [(0, 5), (1, 5)]
    assert not (tmp_path / "out").exists()


# -- exports of a selection --------------------------------------------------------------------------------


def test_packets_and_decisions_leave_with_their_receipts_and_hold(place: Place, tmp_path: Path) -> None:
    chosen = place.desk.decided(Selection((RELATIONSHIPS,)))
    done = place.desk.export_selection(chosen, tmp_path, [Gathered.PACKETS, Gathered.DECISIONS])

    assert (len(done.paths), done.troubles, done.stopped) == (2 * len(chosen), (), False)
    assert sorted(one.parent.name for one in done.paths) == ["decisions"] * len(chosen) + ["packets"] * len(
        chosen
    )
    for verdict in place.desk.verify(done.paths):
        assert verdict.exit_code(frozenset({"time"})) == 0
    with place.desk.store.reading() as view:
        assert {form for _, form, _ in view.exports(chosen[0])} >= {"packets", "decisions"}


def test_reports_are_made_again_word_for_word(place: Place, tmp_path: Path) -> None:
    done = place.desk.export_selection(place.ids(*DECIDED), tmp_path, [Gathered.REPORTS])

    assert len(done.paths) == 3 * len(RELEASED)
    assert [key for key, why in done.troubles if "not released yet" in why] == list(DECIDED[len(RELEASED) :])
    for path in done.paths:
        there = "handed" if path.name.startswith(THROUGH_HUB) else "released"
        assert said_in(path) == said_in(place.folder / there / path.name)


def said_in(path: Path) -> object:
    """What a report says, without what its container and its seal add."""
    if path.suffix == ".html":
        return path.read_bytes()
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as bag:
            return {name: bag.read(name) for name in bag.namelist()}
    document = pypdfium2.PdfDocument(path)
    try:
        return "".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def test_an_export_of_many_tells_how_far_it_is_and_stops_when_asked(place: Place, tmp_path: Path) -> None:
    stop, told = Event(), list[GatheringProgress]()

    def after_two(progress: GatheringProgress) -> None:
        told.append(progress)
        if progress.done == 2:
            stop.set()

    done = place.desk.export_selection(place.ids(*DECIDED), tmp_path, [Gathered.DECISIONS], after_two, stop)

    assert done.stopped
    assert [one.done for one in told] == [0, 1, 2]
    assert {one.total for one in told} == {len(DECIDED)}
    assert len(done.paths) == len(list((tmp_path / "decisions").iterdir())) == 2

    written = {path: path.stat().st_mtime_ns for path in done.paths}
    rest = place.desk.export_selection(place.ids(*DECIDED), tmp_path, [Gathered.DECISIONS], before=done)
    assert (rest.stopped, len(rest.paths)) == (False, len(DECIDED))
    assert {path: path.stat().st_mtime_ns for path in written} == written
    with pytest.raises(Refused, match="“all” cannot be exported"):
        place.desk.export_selection(place.ids(KEYS[0]), tmp_path, ["all"])
