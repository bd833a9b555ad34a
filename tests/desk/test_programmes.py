"""Two programmes at one desk: each keeps its own authority, and the person a number and a key in each."""

import json
import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor_desk.cli.command_line import run_command
from assessor_desk.desk import Desk, InboxState
from assessor_desk.desk.devices import JoinState
from assessor_desk.desk.identity_answers import IdentityStanding
from assessor_desk.desk.programmes import trust_list
from assessor_desk.domain.changes import PassedBack, Published, SourceChanges, TimeStamp
from assessor_desk.domain.errors import Damaged, DeskError, Refused
from assessor_desk.domain.review import TextField
from assessor_desk.domain.roles import Role
from assessor_desk.hub.assigning import assign_all
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.intake import import_folder
from assessor_desk.hub.people import add_person, new_code, revoke
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.serve import Server
from assessor_desk.keys.cms import sign_detached
from assessor_desk.keys.signing import load_identity, organisation
from assessor_desk.rubric_files import rubric_to_json
from assessor_desk.sync.hub_source import HubSource
from assessor_desk.verdict import FactId, Standing, TrustList
from assessor_desk.verdict.trust import fingerprint_of

Finish = Callable[[Desk, str], tuple[str, ...]]
_ARTIFACTS = "submission key,part,file or link,label,captions\n{key},overview,plan.md,Plan,\n"
_SUBMISSIONS = (
    "submission key,educator key,name,micro-credential,attempt,draft,district,language,permission attested\n"
    "{key},E-1,Lan Sample,formative-assessment-math,1,no,D-7,en,yes\n"
)


@dataclass
class Programme:
    """A hub that answers, where one submission is assigned to a person of that number."""

    hub: Hub
    server: Server
    person: str

    def code(self) -> str:
        return new_code(self.hub, self.person)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, root: Path) -> dict[str, Path]:
    """Two hubs' folders; their one submission is named after each."""
    return {key: _made(tmp_path_factory.mktemp(key), key, root) for key in ("LAKE-1", "BAY-1")}


def _made(folder: Path, key: str, root: Path, title: str = "") -> Path:
    hub = Hub.create(folder / "hub", f"{key} hub", f"{key} Programme")
    words = (root / "rubrics" / "formative-assessment-math.yaml").read_text(encoding="utf-8")
    rubric = folder / "rubric.yaml"
    rubric.write_text(
        re.sub(r"(?m)^title: .*$", f"title: {title}", words) if title else words, encoding="utf-8"
    )
    publish(hub, rubric)
    publish(hub, root / "resources" / "policies" / "default.yaml")
    incoming = folder / "incoming"
    incoming.mkdir()
    for name, content in (("submissions", _SUBMISSIONS), ("artifacts", _ARTIFACTS)):
        (incoming / f"{name}.csv").write_text(content.format(key=key), encoding="utf-8")
    (incoming / "plan.md").write_text("# Plan\n", encoding="utf-8")
    import_folder(hub, incoming)
    assign_all(hub, add_person(hub, "Ana Sample", [Role.ASSESSOR], number=f"P-{key}"))
    hub.close()
    return folder / "hub"


@pytest.fixture
def programmes(made: dict[str, Path], tmp_path: Path) -> Iterator[list[Programme]]:
    """Both, answering."""
    with ExitStack() as running:
        found = []
        for key, folder in made.items():
            own = tmp_path / key
            shutil.copytree(folder, own)
            hub = Hub.open(own)
            running.callback(hub.close)
            found.append(Programme(hub, running.enter_context(Server(own)), f"P-{key}"))
        yield found


@pytest.fixture
def desk(tmp_path: Path, new_desk: tuple[Path, bytes]) -> Iterator[Desk]:
    """A desk just made; its passphrase is "demo"."""
    folder, data_key = new_desk
    shutil.copytree(folder, tmp_path / "mine")
    with Desk.open_with_key(tmp_path / "mine", data_key) as opened:
        yield opened


def test_a_packet_of_each_programme_is_signed_sent_and_judged_by_that_programmes_own_authority(
    desk: Desk, programmes: list[Programme], finish: Finish, tmp_path: Path
) -> None:
    for one in programmes:
        desk.connect(one.server.url, one.code(), "demo")
    assert [one.person for one in desk.identities()] == ["P-LAKE-1", "P-BAY-1"]
    assert desk.profile is not None
    assert desk.profile.person == "P-LAKE-1", "the first programme's number stays"
    assert desk.sync().troubles == ()
    for key in ("LAKE-1", "BAY-1"):
        own_id = desk.find(key)
        desk.seal_packet(own_id, "demo", finish(desk, own_id))

    result = desk.sync()

    assert (result.delivered, result.troubles) == (2, ())
    packets = [desk.export(desk.find(key), tmp_path)[0] for key in ("LAKE-1", "BAY-1")]
    verdicts = desk.verify(packets)
    required = frozenset({"revocation", "time", "assignment", "record"})
    assert [one.exit_code(required) for one in verdicts] == [0, 0], [one.headline for one in verdicts]
    roots = [fingerprint_of(one.hub.authority.root) for one in programmes]
    assert [one.root for one in verdicts] == roots
    for own, verdict in zip(reversed(programmes), (desk.verify([one])[0] for one in packets), strict=True):
        assert verdict.subject.person != own.person
    [alone] = desk.verify(packets[:1], TrustList.parse(programmes[1].hub.trust()["trust.pem"]))
    assert alone.fact(FactId.CHAIN).standing is Standing.BAD


def test_a_second_programme_leaves_the_first_ones_trust_list_key_and_certificate_alone(
    desk: Desk, programmes: list[Programme]
) -> None:
    first, second = programmes
    desk.connect(first.server.url, first.code(), "demo")
    place = desk.folder / "identity"
    before = (load_identity(place)[0], (place / "signing-key.json").read_bytes())

    desk.connect(second.server.url, second.code(), "demo")

    assert (load_identity(place)[0], (place / "signing-key.json").read_bytes()) == before
    for one in programmes:
        own = trust_list(desk.store, one.hub.identity)
        assert own is not None
        assert own.roots == (one.hub.authority.root,)
    both = desk.trust_list()
    assert both is not None
    assert {organisation(each) for each in both.roots} == {"LAKE-1 hub", "BAY-1 hub"}


def test_the_command_that_connects_a_second_programme_says_who_one_is_there(
    programmes: list[Programme],
    desk: Desk,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ASSESSOR_DESK_PASSPHRASE", "demo")
    folder = str(desk.folder)
    desk.close()
    for one in programmes:
        assert run_command(["connect", one.server.url, one.code(), "--desk", folder]) == 0

    told = capsys.readouterr().out
    assert "In another programme: P-BAY-1 (assessor). Issued by BAY-1 hub" in told
    assert run_command(["identity", "show", "--desk", folder, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["others"][0]["person"] == "P-BAY-1"


def test_a_programme_that_cannot_be_reached_or_revoked_the_person_stops_no_other(
    desk: Desk, programmes: list[Programme]
) -> None:
    first, second = programmes
    for one in programmes:
        desk.connect(one.server.url, one.code(), "demo")
    revoke(first.hub, first.person, "affiliationChanged")

    result = desk.sync()

    assert result.taken == 1
    assert "LAKE-1 hub" in result.troubles[0]
    assert "revoked" in result.troubles[0]
    assert [one.standing for one in desk.identities()] == [IdentityStanding.REVOKED, IdentityStanding.ISSUED]
    second.server.__exit__(None, None, None)
    with pytest.raises(Refused, match="revoked"):
        desk.sync()
    assert "cannot be reached" in desk.ledger().offline_reason


def test_whoever_says_to_be_a_source_that_is_here_does_not_take_its_place(
    desk: Desk, programmes: list[Programme], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = programmes
    desk.connect(first.server.url, first.code(), "demo")
    enrol = HubSource.enrol

    def pretending(self: HubSource, *given: str) -> object:
        return replace(enrol(self, *given), identity=first.hub.identity)

    monkeypatch.setattr(HubSource, "enrol", pretending)
    with pytest.raises(Damaged, match="the one before is kept"):
        desk.connect(second.server.url, second.code(), "demo")

    own = trust_list(desk.store, first.hub.identity)
    assert own is not None
    assert own.roots == (first.hub.authority.root,)
    assert [one.person for one in desk.identities()] == [first.person]


def test_another_passphrase_opens_every_programmes_key(
    desk: Desk, programmes: list[Programme], finish: Finish
) -> None:
    for one in programmes:
        desk.connect(one.server.url, one.code(), "demo")
    desk.sync()
    desk.change_passphrase("demo", "another one")
    for key in ("LAKE-1", "BAY-1"):
        own_id = desk.find(key)
        attested = finish(desk, own_id)
        with pytest.raises(Refused, match="passphrase"):
            desk.seal_packet(own_id, "demo", attested)
        desk.seal_packet(own_id, "another one", attested)
    assert desk.sync().delivered == 2


def test_each_programme_is_assessed_by_its_own_words_where_two_publish_under_one_id_and_version(
    desk: Desk, programmes: list[Programme], tmp_path: Path, root: Path, finish: Finish
) -> None:
    (tmp_path / "hill").mkdir()
    folder = _made(tmp_path / "hill", "HILL-1", root, title="Another thing")
    first, hub = programmes[0], Hub.open(folder)
    with Server(folder) as server:
        for one in (first, Programme(hub, server, "P-HILL-1")):
            desk.connect(one.server.url, one.code(), "demo")

        result = desk.sync()

        assert (result.taken, result.troubles) == (2, ())
        lake, hill = (desk.case(desk.find(key)) for key in ("LAKE-1", "HILL-1"))
        assert (lake.rubric.id, lake.rubric.version) == (hill.rubric.id, hill.rubric.version)
        assert lake.rubric.title != hill.rubric.title == "Another thing"
        assert [row.title == "Another thing" for row in desk.inbox("HILL-1")] == [True]
        for case in (lake, hill):
            desk.seal_packet(case.submission.id, "demo", finish(desk, case.submission.id))
        # Each hub takes only what holds its own words, byte for byte.
        assert (desk.sync().delivered, desk.sync().troubles) == (2, ())
    hub.close()
    packets = [desk.export(case.submission.id, tmp_path)[0] for case in (lake, hill)]
    assert [one.exit_code() for one in desk.verify(packets)] == [0, 0]


def test_a_programme_that_words_its_own_published_version_otherwise_changes_nothing(
    desk: Desk, programmes: list[Programme], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = programmes[0]
    desk.connect(first.server.url, first.code(), "demo")
    desk.sync()
    before = desk.case(desk.find("LAKE-1")).rubric
    canonical = json.dumps(json.loads(rubric_to_json(before)) | {"title": "Easier"}).encode()
    signer = first.hub.authority.issuer_signer()
    forged = Published(
        before.id,
        before.version,
        canonical,
        sign_detached(canonical, signer.key, signer.certificate, datetime.now(UTC)),
    )
    monkeypatch.setattr(HubSource, "changes", lambda *_, **__: SourceChanges("", rubrics=(forged,)))

    desk.sync()

    with desk.store.reading() as view:
        assert [json.loads(one.canonical)["title"] for one in view.published_of("rubric")] == [before.title]


def test_a_source_changes_nothing_of_another_ones_work(
    desk: Desk, programmes: list[Programme], finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in programmes:
        desk.connect(one.server.url, one.code(), "demo")
    desk.sync()
    own_id, theirs = desk.find("LAKE-1"), desk.find("BAY-1")
    sealed = desk.seal_packet(own_id, "demo", finish(desk, own_id))
    before = desk.case(own_id)
    with desk.store.reading() as view:
        own = view.submission(own_id)
        [(assignment, _)] = view.assignments(own_id)
        [(other, _)] = view.assignments(theirs)
    assert own is not None
    [artifact] = own.artifacts
    hostile = SourceChanges(
        "",
        submissions=(replace(own, key="TAKEN"),),
        assignments=(replace(other, id=assignment.id),),
        withdrawn=(assignment.id,),
        withheld=((own_id, artifact.id),),
        time_stamps=(TimeStamp(sealed.digest, b"x"),),
        passed_back=(PassedBack("d" * 64, assignment.id, sealed.digest, "Again.", datetime.now(UTC)),),
    )
    answer = HubSource.changes

    def changes(self: HubSource, cursor: str, agreed: bool = False) -> SourceChanges:
        page = answer(self, cursor, agreed)
        if self.identity != programmes[1].hub.identity:
            return page
        return replace(hostile, cursor=page.cursor)

    monkeypatch.setattr(HubSource, "changes", changes)
    result = desk.sync()

    assert any("BAY-1 hub sent something about another source's work" in one for one in result.troubles)
    after = desk.case(own_id)
    assert (after.submission, after.assignment) == (before.submission, before.assignment)
    assert desk.find("LAKE-1") == own_id
    assert after.artifact_states[artifact.id].here
    with desk.store.reading() as view:
        line = view.outbox_named(sealed.digest)
    assert line is not None
    assert line.time_stamp == b""
    assert desk.inbox("LAKE-1")[0].state is not InboxState.PASSED_BACK


# -- two computers, at several hubs ---------------------------------------------------------------------------


@pytest.fixture
def other(
    desk: Desk, programmes: list[Programme], tmp_path: Path, new_desk: tuple[Path, bytes]
) -> Iterator[Desk]:
    """The person's other computer, connected to the same hubs the other way round."""
    shutil.copytree(new_desk[0], tmp_path / "other")
    with Desk.open_with_key(tmp_path / "other", new_desk[1]) as opened:
        for one, hubs in ((desk, programmes), (opened, programmes[::-1])):
            for hub in hubs:
                one.connect(hub.server.url, hub.code(), "demo")
            one.sync()
        yield opened


def _let_in(has: Desk, asks: Desk, where: str) -> None:
    asks.ask_to_join(where)
    has.joins(where)
    shown = asks.joining(where)
    [there] = has.joins(where)
    assert shown is not None
    assert shown.code == there.code != ""
    asks.confirm_joining(where)
    has.let_in(there.id, where)
    asks.joining(where)


def _as_told(desk: Desk, person: str | None) -> None:
    """Its sources' facts with that number in them; None: as they were before any was kept."""
    facts = [
        {name: value for name, value in one.items() if name != "person"} for one in desk.store.fact("sources")
    ]
    desk.store.set_fact("sources", facts if person is None else [{**one, "person": person} for one in facts])


def test_a_hub_that_is_connected_again_keeps_its_place_among_the_others(
    desk: Desk, programmes: list[Programme]
) -> None:
    for one in (*programmes, programmes[0]):
        desk.connect(one.server.url, one.code(), "demo")
    assert [one.title for one in desk.sources()] == ["LAKE-1 hub", "BAY-1 hub"]
    assert [one.title for one in desk.hubs()] == ["LAKE-1 hub", "BAY-1 hub"]


def test_a_computer_is_let_in_at_each_hub_by_itself_in_whichever_order_they_were_connected(
    desk: Desk, other: Desk, programmes: list[Programme]
) -> None:
    own_id = desk.find("BAY-1")
    for where in ("BAY-1 hub", programmes[0].server.url):
        _let_in(desk, other, where)
        assert [one.shares_entries("LAKE-1 hub") for one in (desk, other)] == [where != "BAY-1 hub"] * 2
    desk.write_text(own_id, TextField.OVERALL, "Written on the first computer.")
    for one in (desk, other, desk):
        assert one.sync().troubles == ()
    assert other.case(own_id).review.overall == "Written on the first computer."
    with pytest.raises(Refused, match="It knows “LAKE-1 hub”, “BAY-1 hub”"):
        desk.devices("Another hub")


def test_a_hub_that_does_not_answer_holds_up_no_look_at_another(desk: Desk, other: Desk) -> None:
    other.ask_to_join("BAY-1 hub")

    def look() -> None:
        with suppress(DeskError):
            desk.joins("LAKE-1 hub")

    with socket.create_server(("127.0.0.1", 0)) as silent:
        lake, bay = desk.store.fact("sources")
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        desk.store.set_fact("sources", [{**lake, "address": address}, bay])
        waits = threading.Thread(target=look)
        waits.start()
        taken, _ = silent.accept()
        (asks,) = desk.joins("BAY-1 hub")
        assert waits.is_alive()
        assert asks.state is JoinState.ASKED
    taken.close()
    waits.join()


def test_a_computer_connected_before_a_hub_s_number_was_kept_takes_it_from_that_programme_s_certificate(
    desk: Desk, other: Desk
) -> None:
    _as_told(desk, None)
    _let_in(desk, other, "BAY-1 hub")
    desk.write_text(desk.find("BAY-1"), TextField.OVERALL, "Written on the first computer.")
    for one in (desk, other, desk):
        assert one.sync().troubles == ()
    assert other.case(desk.find("BAY-1")).review.overall == "Written on the first computer."


@pytest.mark.parametrize("way", ["a code", "a copy", "a copy left before"])
def test_what_was_begun_under_the_first_programme_s_number_goes_on_under_it_at_a_further_hub(
    desk: Desk,
    other: Desk,
    programmes: list[Programme],
    tmp_path: Path,
    new_desk: tuple[Path, bytes],
    way: str,
) -> None:
    own_id, words = desk.find("BAY-1"), "five words taken by chance"
    shutil.copytree(new_desk[0], tmp_path / "third")
    with Desk.open_with_key(tmp_path / "third", new_desk[1]) as third:
        for hub in programmes:
            third.connect(hub.server.url, hub.code(), "demo")
        for one in (desk, third):  # what both did before any number was kept
            _as_told(one, "P-LAKE-1")
        _let_in(desk, third, "BAY-1 hub")
        if way == "a copy left before":
            desk.leave_key_copy(words, "BAY-1 hub")
        for one in (desk, third):
            one.sync()
            name = f"devices {programmes[1].hub.identity}"
            bond = one.store.fact(name)
            one.store.set_fact(name, {key: value for key, value in bond.items() if key != "person"})
            _as_told(one, None)
        for one in (desk, third):
            assert one.sync().troubles == ()
        desk.connect(programmes[1].server.url, programmes[1].code(), "demo")
        if way == "a copy":
            desk.leave_key_copy(words, "BAY-1 hub")
        if way != "a code":
            other.join_with_passphrase(words, "BAY-1 hub")
        else:
            _let_in(desk, other, "BAY-1 hub")
        desk.write_text(own_id, TextField.OVERALL, "Written once connected again.")
        for _ in range(2):
            for one in (desk, third, other):
                assert one.sync().troubles == ()
        assert {one.case(own_id).review.overall for one in (third, other)} == {
            "Written once connected again."
        }
        other.write_text(own_id, TextField.OVERALL, "Answered.")
        for one in (other, third):
            assert one.sync().troubles == ()
        assert third.case(own_id).review.overall == "Answered."


def test_the_commands_on_one_s_computers_take_the_hub_that_is_meant(
    desk: Desk, other: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other.call_device("Other at the bay", "BAY-1 hub")
    other.ask_to_join("BAY-1 hub")
    folder = str(desk.folder)
    desk.close()
    monkeypatch.setenv("ASSESSOR_DESK_PASSPHRASE", "demo")

    def told(*words: str) -> str:
        assert run_command(["devices", *words, "--desk", folder]) == 0
        return capsys.readouterr().out

    first = told("list")
    assert "Other at the bay" not in first
    assert "--hub names one: “LAKE-1 hub”, “BAY-1 hub”" in first
    listed = told("list", "--hub", "BAY-1 hub")
    assert listed.count("Other at the bay") == 2
    wish = next(line.split()[0] for line in listed.splitlines() if "waits" in line)
    told("name", "Mine at the bay", "--hub", "BAY-1 hub")
    assert "turned away" in told("turn-away", wish, "--hub", "BAY-1 hub")
    assert [one.title for one in other.devices("BAY-1 hub") if not one.this] == ["Mine at the bay"]
    assert other.joining("BAY-1 hub").state is JoinState.TURNED_AWAY  # type: ignore[union-attr]
    other.ask_to_join("BAY-1 hub")
    told("list", "--hub", "BAY-1 hub")
    assert other.joining("BAY-1 hub").code in told("list", "--hub", "BAY-1 hub")  # type: ignore[union-attr]
    other.confirm_joining("BAY-1 hub")
    assert "is let in" in told("let-in", other.joining("BAY-1 hub").id[:8], "--hub", "BAY-1 hub")  # type: ignore[union-attr]
    assert other.joining("BAY-1 hub").state is JoinState.LET_IN  # type: ignore[union-attr]
    assert not other.shares_entries("LAKE-1 hub")
