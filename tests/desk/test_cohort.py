"""Cohort reports and exports of selections from a reviewer's desk: equal to the packets, and silent about people."""

import csv
import json
import random
import re
import zipfile
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import unescape
from io import BytesIO, StringIO
from pathlib import Path
from threading import Event
from typing import Any

import pandas as pd
import pikepdf
import pypdfium2
import pytest
import sqlalchemy as sa
from asn1crypto import cms
from tests.desk.conftest import cheap_passphrases
from tests.desk.many_decided import fill
from tests.hub.conftest import Answering
from tests.hub.making import Device, StandingClock, copied, import_quickly, make_template, write_rows
from tests.hub.test_deciding import SECRET, passed_to
from tests.hub.test_deciding import TestNotes as HubNotes
from tests.reports.cohort_rows import MATHS, POLICY, RELATIONSHIPS, shipped, some_rows

from assessor_desk.desk import Desk
from assessor_desk.desk.selections import GatheringProgress
from assessor_desk.domain.changes import DeliveryKind, Held, SourceChanges, WithdrawalReason
from assessor_desk.domain.cohort import Recipient, Selection, strictest
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.exports import CohortFormat, Gathered
from assessor_desk.domain.policy import DueRule
from assessor_desk.domain.review import CriterionWork, Entry, EntryKind, Review, TextField
from assessor_desk.domain.roles import Role
from assessor_desk.domain.rubric import Rubric
from assessor_desk.domain.submission import review_id
from assessor_desk.hub.agreeing import record_agreement
from assessor_desk.hub.assigning import assign_all
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import add_person, new_code
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.serve import Server
from assessor_desk.packets.facts import PacketFacts
from assessor_desk.packets.sealing import build_packet
from assessor_desk.places import resources
from assessor_desk.rubric_files import policy_from_json, rubric_from_json
from assessor_desk.store import tables as t

KEYS = tuple(f"4C1D-{number:02}" for number in range(18))
PASSED_BACK, UNDECIDED, INCOMPLETE = KEYS[-1], KEYS[-2], KEYS[-3]
DECIDED = KEYS[:-2]
RELEASED = KEYS[:12]
DISTRICTS = ("Cedar Valley", "Lakeside")
SURNAMES = ("Achterberg", "Đặng", "الحربي", "Lindqvist", "李小龍", "Featherstonehaugh")
SECRETS = {
    TextField.RATIONALE: "rationalequokka",
    TextField.STRENGTH: "strengthquokka",
    TextField.NEXT_STEP: "nextquokka",
    TextField.WOULD_SHOW: "showquokka",
    TextField.EXTENSION: "extendquokka",
}
DRAFT, NOTES = "E5D2-11", "notequokka: looks hurried"
OVERALL = "overallquokka " + "Every check has its place in the plan, and one more would help. " * 4
REASON = "The third file is the reflection; look again."


def scored(device: Device, key: str, folder: Path, chance: random.Random) -> tuple[bytes, str]:
    """A packet about a submission with levels by chance; the one of INCOMPLETE hands it back."""
    page = device.changes()
    submission = next(one for one in page.submissions if one.key == key)
    assignment = next(one for one in page.assignments if one.submission_id == submission.id)
    published = next(one for one in page.rubrics if one.id == assignment.rubric_id)
    policy = next(
        one
        for one in page.policies
        if (one.id, one.version) == (assignment.policy_id, assignment.policy_version)
    )
    rubric, rules = rubric_from_json(published.canonical), policy_from_json(policy.canonical)
    own_id = review_id(device.person, assignment.id, 1)
    review = Review(own_id, completeness=(), works=works_of(rubric, chance), overall=OVERALL, notes=NOTES)
    if key == INCOMPLETE:
        review = Review(own_id, completeness=("missing_part",), overall=OVERALL)
    facts = PacketFacts(
        review=review, covers=(), submission=submission, assignment=assignment, rubric=rubric,
        rubric_json=published.canonical, policy=rules, policy_json=policy.canonical, findings=(),
        attestations=tuple(one.id for one in rules.attestations), programme=rules.programme,
        at=datetime.now(UTC), program_version="0.1.0",
        attested=next(one for one in page.attested if one.assignment_id == assignment.id),
    )  # fmt: skip
    built = build_packet(facts, device.signer, folder)
    return built.path.read_bytes(), built.digest


def works_of(rubric: Rubric, chance: random.Random) -> dict[str, CriterionWork]:
    """A level for each criterion; where it does not pass there is a next step, and sometimes where it does."""
    works = {}
    for criterion in rubric.criteria:
        level = chance.choices(criterion.levels, (1, 2, 12))[0].id
        texts = {
            one: f"{word} in {criterion.id}. What the plan says is done, and it shows in the work of everyone."
            for one, word in SECRETS.items()
        }
        if criterion.passes(level) and chance.random() < 0.7:
            del texts[TextField.NEXT_STEP], texts[TextField.WOULD_SHOW]
        works[criterion.id] = CriterionWork(level, texts, no_evidence=True)
    return works


@dataclass
class Place:
    """A reviewer's desk with decisions, and what must not leave it."""

    desk: Desk
    hub: Hub
    names: dict[str, str]
    people: tuple[str, ...]

    def ids(self, *keys: str) -> list[str]:
        return [self.desk.find(key) for key in keys]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Eighteen reviews on a real hub: sixteen decided, twelve of these released, one passed back, one to decide on."""
    folder = tmp_path_factory.mktemp("cohort")
    clock = StandingClock()
    hub = copied(make_template(folder / "template"), folder / "hub", clock)
    clock.move(seconds=2)  # the newest policy counts
    words = (resources() / "policies" / "default.yaml").read_text(encoding="utf-8")
    own = words.replace('"2026.1"', '"2026.2"').replace("smallest_cell: 10", "smallest_cell: 1")
    (folder / "own.yaml").write_text(own, encoding="utf-8")
    publish(hub, folder / "own.yaml")
    chance, rows = random.Random(5), []
    for number, key in enumerate(KEYS):
        rubric = RELATIONSHIPS if number % 3 == 2 else MATHS
        name = f"Ursel{number:02} {SURNAMES[number % len(SURNAMES)]}"
        rest = f"{rubric},{1 + number % 2},no,{DISTRICTS[number % 2]},en,yes,u{number}@example.org"
        rows.append(f"{key},E-77{number:02},{name},{rest}")
    rows.append(f"{DRAFT},E-7799,Ursel99 Draftsdottir,{MATHS},1,yes,Lakeside,en,yes,u99@example.org")
    (folder / "in").mkdir()
    (folder / "in" / "plan.md").write_text("# A plan\n\nIt counts.\n", encoding="utf-8")
    write_rows(folder / "in", rows, [f"{key},work,plan.md,The plan," for key in (*KEYS, DRAFT)])
    import_quickly(hub, folder / "in")
    with cheap_passphrases(), Server(hub.folder) as server:
        answering = Answering(hub, server.url)
        assessor = answering.enrol(Role.ASSESSOR, *KEYS)
        for key in KEYS:
            assessor.deliver(*scored(assessor, key, folder / "packets" / key, chance))
        coach = answering.enrol(Role.COACH, DRAFT)
        passed_to(coach, DeliveryKind.NOTES, HubNotes.notes_of(coach))
        person = add_person(hub, "Rita Reviewersdottir", [Role.REVIEWER])
        assign_all(hub, person)
        desk, _ = Desk.create(folder / "reviewer", "demo")
        desk.connect(server.url, new_code(hub, person), "demo")
        desk.sync()
        for key in DECIDED:
            desk.decide(desk.find(key), "demo")
        desk.pass_back(desk.find(PASSED_BACK), REASON, "demo")
        assert desk.sync().troubles == ()
        desk.release([desk.find(key) for key in RELEASED], "demo", folder / "released")
        names = {row.split(",")[0]: row.split(",")[2] for row in rows}
        yield Place(desk, hub, names, (assessor.person, coach.person, person, "Sample", "Reviewersdottir"))
        desk.close()
        for device in answering.devices:
            device.source.close()
    hub.close()


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
    for number, name in enumerate((RELATIONSHIPS, MATHS), 1):
        for position, criterion in enumerate(shipped(name).criteria, 1):
            row = f"{position}. {criterion.title}"
            for level, above in zip(criterion.levels, (*criterion.levels[1:], None), strict=True):
                key = (name, criterion.id, level.id)
                assert ours[f"levels-{number}", row, level.title] == counted.get(key, 0)
                way = f"{row} · {level.title} to {above.title}" if above else ""
                listed = ours.get((f"next-steps-{number}", way, "Reviews"))
                assert listed in (None, steps.get(key, 0))
    assert sum(name.startswith("next-steps") for name, _, _ in ours) > 4


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
        work.record([Entry("x", "d-1", EntryKind.SCORE_RECORDED, data, datetime.now(UTC), "here", 2, "x")])
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


# -- nothing about people ----------------------------------------------------------------------------------


def readable(path: Path) -> str:
    """All bytes of a file as text, with whatever is compressed or encoded in it opened."""
    content = path.read_bytes()
    if path.suffix in (".docx", ".xlsx"):
        with zipfile.ZipFile(BytesIO(content)) as bag:
            parts = [bag.read(name) for name in bag.namelist()]
        return unescape(" ".join(one.decode("utf-8", "replace") for one in parts))
    if path.suffix == ".pdf":
        with pikepdf.open(BytesIO(content)) as document:
            streams = [one.read_bytes() for one in document.objects if isinstance(one, pikepdf.Stream)]
            strings = [str(one) for one in document.objects if not isinstance(one, pikepdf.Stream)]
        document = pypdfium2.PdfDocument(content)
        pages = "".join(page.get_textpage().get_text_bounded() for page in document)
        document.close()
        return " ".join([*(one.decode("utf-8", "replace") for one in streams), *strings, pages])
    encoded = re.findall(rb"base64,([A-Za-z0-9+/=]+)", content)
    return unescape(b" ".join([content, *map(b64decode, encoded)]).decode("utf-8", "replace"))


def test_no_byte_of_a_cohort_report_is_about_a_person(place: Place, tmp_path: Path) -> None:
    place.desk.cohort_report(tmp_path / "programme")
    place.desk.cohort_report(tmp_path / "district", recipient=Recipient("district", "Lakeside"))
    words = [*place.people, *KEYS, DRAFT, *SECRETS.values(), "overallquokka", "notequokka", REASON, "E-77"]
    words += ["example.org", "You greet", SECRET, "A good start."]
    words += [part for name in place.names.values() for part in name.split()]
    packets = [line.packet for key in KEYS for line in place.desk.case(place.desk.find(key)).delivered]
    paths = [path for path in tmp_path.rglob("*") if path.is_file()]

    assert {path.suffix for path in paths} == {f".{one}" for one in CohortFormat}
    assert len(paths) == 2 * len(CohortFormat)
    for path in paths:
        said = readable(path)
        assert "Demonstrated" in re.sub(r"\s+", " ", said)
        assert not [word for word in (*words, *packets) if word in said], path.name


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
    released = Path(place.desk.case(place.desk.find(RELEASED[0])).released.folder)  # type: ignore[union-attr]

    assert len(done.paths) == 3 * len(RELEASED)
    assert [key for key, why in done.troubles if "not released yet" in why] == list(DECIDED[len(RELEASED) :])
    for path in done.paths:
        assert said_in(path) == said_in(released / path.name)


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
