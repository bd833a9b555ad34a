"""Releasing: each report once, whole or not at all, also where it is interrupted; nothing in it but what is meant."""

import contextlib
import csv
import hashlib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from threading import Event

import pytest
from tests.desk.conftest import cheap_passphrases
from tests.desk.kept import KeptDesk
from tests.desk.test_deciding import REASON
from tests.hub.conftest import Answering, answering_from
from tests.hub.making import (
    Device,
    StandingClock,
    copied,
    import_quickly,
    make_template,
    write_rows,
)
from tests.reports.leaks import found_in

from assessor_desk.desk import Desk, InboxState
from assessor_desk.desk.releasing import MAIL_MERGE, ReleaseProgress
from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.concern import Concern, ConcernKind
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.roles import Role
from assessor_desk.hub.assigning import assign_all
from assessor_desk.hub.people import add_person, new_code
from assessor_desk.hub.releases import released_documents, releases
from assessor_desk.protocol.concerns import concern_bytes
from assessor_desk.sync.hub_source import HubSource
from assessor_desk.sync.pace import Pace

COUNT = 6
KEYS = tuple(f"4C1D-{number:02}" for number in range(COUNT))
OVERALL = "The reflection is missing; with it the rest can be looked at. Nothing else is needed before."


class Deadly(BaseException):
    """The process ends here."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub with six submissions; making its certificates takes half a second."""
    folder, incoming = (
        make_template(tmp_path_factory.mktemp("template") / "hub"),
        tmp_path_factory.mktemp("in"),
    )
    names = ("Rosalind Achterberg", "Đặng Thị Hoa", "ليلى الحربي", "=SUM(A1)", "Tobias Lindqvist", "李小龍")
    write_rows(
        incoming,
        [
            f"{key},E-{key},{name},formative-assessment-math,1,no,North Prairie,en,yes,{key}@example.org"
            for key, name in zip(KEYS, names, strict=True)
        ],
        [f"{key},work,plan.md,The plan," for key in KEYS],
    )
    (incoming / "plan.md").write_text("# A plan\n\nThe quokka counts.\n", encoding="utf-8")
    hub = copied(folder, tmp_path_factory.mktemp("full") / "hub", StandingClock())
    import_quickly(hub, incoming)
    hub.close()
    return hub.folder


@contextlib.contextmanager
def hub_at(folder: Path, original: Path) -> Iterator[Answering]:
    hub = copied(original, folder, StandingClock())
    with answering_from(hub) as made:
        yield made
    hub.close()


def connected(answering: Answering, folder: Path) -> Desk:
    """The desk of a new reviewer, to whom everything is assigned."""
    person = add_person(answering.hub, "Rita Sample", [Role.REVIEWER])
    assign_all(answering.hub, person)
    desk, _ = Desk.create(folder, "demo")
    desk.connect(answering.url, new_code(answering.hub, person), "demo")
    desk.sync()
    return desk


@dataclass(frozen=True)
class Decided:
    """A hub's folder with six decided reviews, the reviewer's desk, and the assessor as they were enrolled."""

    hub: Path
    reviewer: KeptDesk
    assessor: Device


@pytest.fixture(scope="module")
def decided(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Decided:
    """Made once: six packets and six decisions take three seconds."""
    folder = tmp_path_factory.mktemp("decided")
    with cheap_passphrases(), hub_at(folder / "hub", template) as answering:
        assessor = answering.enrol(Role.ASSESSOR, *KEYS)
        for key in KEYS:
            assessor.deliver(*assessor.seal(folder / "packets" / key, key, overall=OVERALL))
        desk = connected(answering, folder / "reviewer")
        for key in KEYS:
            desk.decide(desk.find(key), "demo")
        assert desk.sync().troubles == ()
        return Decided(answering.hub.folder, KeptDesk.of(desk, "demo"), assessor)


@pytest.fixture
def answering(decided: Decided, tmp_path: Path) -> Iterator[Answering]:
    """The hub on which all six are decided."""
    with hub_at(tmp_path / "hub", decided.hub) as made:
        yield made


@pytest.fixture
def assessor(answering: Answering, decided: Decided) -> Device:
    """Whoever assessed all six."""
    answering.devices.append(decided.assessor.at(answering.url, answering.hub))
    return answering.devices[-1]


@pytest.fixture
def desk(answering: Answering, decided: Decided, tmp_path: Path) -> Iterator[Desk]:
    """A reviewer's desk on which all six are decided, and on the hub."""
    with decided.reviewer.copied(tmp_path / "reviewer", answering.url) as desk:
        yield desk


@pytest.fixture
def undecided(template: Path, tmp_path: Path) -> Iterator[Answering]:
    """The hub before anything was assessed."""
    with hub_at(tmp_path / "hub", template) as made:
        yield made


def ids(desk: Desk, *keys: str) -> list[str]:
    return [desk.find(key) for key in keys or KEYS]


def merged(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO((out / MAIL_MERGE).read_text(encoding="utf-8-sig"))))


def assert_each_once(desk: Desk, answering: Answering, out: Path) -> None:
    """Every report is in the folder, in the list, on the desk and on the hub: once."""
    assert sorted(row["Submission"] for row in merged(out)) == sorted(KEYS)
    assert {path.name for path in out.iterdir()} == {
        MAIL_MERGE,
        *(f"{key}-feedback.{form}" for key in KEYS for form in ("pdf", "docx", "html")),
    }
    assert sorted(one.key for one in releases(answering.hub)) == sorted(KEYS)
    with desk.store.reading() as view:
        assert len(view.deciding.releases()) == COUNT
    assert {row.state for row in desk.inbox()} == {InboxState.RELEASED}


def test_reports_are_released_into_a_folder_with_a_list_for_the_mail(
    desk: Desk, answering: Answering, tmp_path: Path
) -> None:
    told: list[ReleaseProgress] = []
    result = desk.release(ids(desk), "demo", tmp_path / "out", told.append)

    assert (result.released, result.troubles, result.stopped) == (KEYS, (), False)
    assert [one.done for one in told] == list(range(COUNT + 1))
    assert_each_once(desk, answering, tmp_path / "out")
    rows = {row["Submission"]: row for row in merged(tmp_path / "out")}
    assert rows[KEYS[1]]["Name"] == "Đặng Thị Hoa"
    assert rows[KEYS[3]]["Name"] == "'=SUM(A1)"
    assert rows[KEYS[0]]["Outcome"] == "incomplete"


def test_releasing_again_releases_nothing_twice(desk: Desk, answering: Answering, tmp_path: Path) -> None:
    desk.release(ids(desk, *KEYS[:2]), "demo", tmp_path / "out")
    again = desk.release(ids(desk), "demo", tmp_path / "out")

    assert (again.before, again.released) == (KEYS[:2], KEYS[2:])
    assert_each_once(desk, answering, tmp_path / "out")


@pytest.mark.parametrize("after", [1, 3, COUNT])
def test_what_ends_in_the_middle_is_finished_by_releasing_again(
    desk: Desk, answering: Answering, tmp_path: Path, after: int
) -> None:
    def end(told: ReleaseProgress) -> None:
        if told.done == after:
            raise Deadly

    with pytest.raises(Deadly):
        desk.release(ids(desk), "demo", tmp_path / "out", end)
    result = desk.release(ids(desk), "demo", tmp_path / "out")

    assert len(result.before) == after
    assert_each_once(desk, answering, tmp_path / "out")


@pytest.mark.parametrize("place", ["files", "hub", "row"])
def test_an_end_between_the_steps_of_one_report_loses_and_doubles_nothing(
    desk: Desk, answering: Answering, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    from assessor_desk.desk import releasing

    calls = {"files": "write_privately", "hub": "_told", "row": "_release_one"}
    real: Callable[..., object] = getattr(releasing, calls[place])
    count = 0

    def dying(*args: object, **kwargs: object) -> object:
        nonlocal count
        count += 1
        done = real(*args, **kwargs)
        if count == 2:
            raise Deadly
        return done

    with monkeypatch.context() as patch:
        patch.setattr(releasing, calls[place], dying)
        with pytest.raises(Deadly):
            desk.release(ids(desk), "demo", tmp_path / "out")
    desk.release(ids(desk), "demo", tmp_path / "out")

    assert_each_once(desk, answering, tmp_path / "out")


@pytest.mark.parametrize("first", ["folder", "hub"])
def test_a_report_that_the_hub_has_as_released_another_way_is_not_told_as_released_this_way(
    desk: Desk, answering: Answering, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """The answer to the first release was lost; then the person chose the other way."""
    out = {"folder": tmp_path / "out", "hub": None}
    other = "hub" if first == "folder" else "folder"
    real = HubSource.release

    def lost(*args: object) -> object:
        real(*args)  # type: ignore[arg-type]
        raise Unavailable("The connection ended too early")

    with monkeypatch.context() as patch:
        patch.setattr(HubSource, "release", lost)
        with pytest.raises(Unavailable):
            desk.release(ids(desk, KEYS[0]), "demo", out[first])

    result = desk.release(ids(desk, KEYS[0]), "demo", out[other])
    assert result.released == ()
    [(_, words)] = result.troubles
    assert ("into a folder" if first == "folder" else "through the hub") in words

    assert desk.release(ids(desk, KEYS[0]), "demo", out[first]).released == KEYS[:1]
    [line] = releases(answering.hub)
    assert line.how == first
    assert desk.case(desk.find(KEYS[0])).released.how == first


def test_a_stop_ends_it_soon_and_says_how_far_it_came(
    desk: Desk, answering: Answering, tmp_path: Path
) -> None:
    stop = Event()

    def after_two(told: ReleaseProgress) -> None:
        if told.done == 2:
            stop.set()

    result = desk.release(ids(desk), "demo", tmp_path / "out", after_two, stop)

    assert (result.released, result.stopped) == (KEYS[:2], True)
    assert len(merged(tmp_path / "out")) == 2
    desk.release(ids(desk), "demo", tmp_path / "out")
    assert_each_once(desk, answering, tmp_path / "out")


def test_a_concern_that_only_the_hub_knows_of_keeps_that_report_back(
    desk: Desk, assessor: Device, answering: Answering, tmp_path: Path
) -> None:
    submission = next(one for one in assessor.changes().submissions if one.key == KEYS[2])
    assert submission.submitted_at is not None
    concern = Concern(
        "c", submission.id, ConcernKind.SAFETY, "Look.", submission.submitted_at, assessor.person
    )
    document = concern_bytes(concern)
    assessor.deliver(document, hashlib.sha256(document).hexdigest(), DeliveryKind.CONCERN)

    result = desk.release(ids(desk), "demo", tmp_path / "out")

    assert [(key, "on hold" in words) for key, words in result.troubles] == [(KEYS[2], True)]
    assert len(result.released) == COUNT - 1
    assert not list((tmp_path / "out").glob(f"{KEYS[2]}*"))


def test_through_the_hub_the_documents_stay_with_it(desk: Desk, answering: Answering) -> None:
    result = desk.release(ids(desk, KEYS[0]), "demo")

    assert result.released == KEYS[:1]
    (line,) = releases(answering.hub)
    with zipfile.ZipFile(BytesIO(released_documents(answering.hub, line.decision))) as bag:
        assert sorted(bag.namelist()) == [f"{KEYS[0]}-feedback.{form}" for form in ("docx", "html", "pdf")]


def test_reports_go_to_the_hub_no_faster_than_the_person_set(
    desk: Desk, answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[tuple[Pace, int]] = []
    monkeypatch.setattr(Pace, "take", lambda pace, count, _stop: went.append((pace, count)))
    desk.release(ids(desk, KEYS[0]), "demo")
    (line,) = releases(answering.hub)
    assert sum(count for _, count in went) > len(released_documents(answering.hub, line.decision))
    assert {pace for pace, _ in went} == {desk._pace}


def test_nothing_is_released_before_the_decision_is_on_the_hub_nor_after_a_pass_back(
    undecided: Answering, tmp_path: Path
) -> None:
    assessor = undecided.enrol(Role.ASSESSOR, *KEYS)
    for key in KEYS[:2]:
        assessor.deliver(*assessor.seal(tmp_path / "packets" / key, key))
    with connected(undecided, tmp_path / "reviewer") as desk:
        desk.decide(desk.find(KEYS[0]), "demo")
        desk.pass_back(desk.find(KEYS[1]), REASON, "demo")
        result = desk.release(ids(desk, *KEYS[:3]), "demo", tmp_path / "out")

        words = dict(result.troubles)
        assert result.released == ()
        assert "not on the hub yet" in words[KEYS[0]]
        assert "passed back" in words[KEYS[1]]
        assert "not decided" in words[KEYS[2]]
        assert not (tmp_path / "out").exists()


def test_without_the_hub_or_with_a_wrong_passphrase_nothing_is_released(
    answering: Answering, desk: Desk, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="passphrase is not right"):
        desk.release(ids(desk), "wrong", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with desk.store.transaction() as work:
        sources = work.fact("sources", [])
        work.set_fact("sources", [{**one, "address": "http://127.0.0.1:1"} for one in sources])
        work.commit()
    with pytest.raises(Unavailable):
        desk.release(ids(desk), "demo", tmp_path / "out")
    assert releases(answering.hub) == []


def test_a_report_says_nothing_of_who_assessed_nor_of_others(
    desk: Desk, assessor: Device, tmp_path: Path
) -> None:
    desk.release(ids(desk), "demo", tmp_path / "out")
    others = ("Rosalind", "Lindqvist", "Sample assessor", "Rita Sample", assessor.person)

    for path in (tmp_path / "out").glob(f"{KEYS[1]}-feedback.*"):
        assert found_in(path.read_bytes(), others) == [], path.name


def test_the_preview_is_the_report_before_it_is_decided(undecided: Answering, tmp_path: Path) -> None:
    assessor = undecided.enrol(Role.ASSESSOR, *KEYS)
    assessor.deliver(*assessor.seal(tmp_path / "packets", KEYS[0], overall=OVERALL))
    with connected(undecided, tmp_path / "reviewer") as desk:
        assert desk.preview_report(desk.find(KEYS[0])).startswith(b"%PDF")
        with pytest.raises(Refused, match="no review"):
            desk.preview_report(desk.find(KEYS[1]))
        assert DeliveryKind.DECISION.value not in {line.kind for line in desk.store.outbox_waiting()}
