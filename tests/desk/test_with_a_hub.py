"""The whole way on a real hub: enrol, sync, assess, seal, send, check; and what happens when the hub is not there."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.sync import faulty

from assessor_desk.cli.command_line import run_command
from assessor_desk.desk import Desk, InboxState
from assessor_desk.desk.identity_answers import IdentityStanding
from assessor_desk.domain.changes import WithdrawalReason
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.phrases import Place, Scope
from assessor_desk.domain.review import TextField
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign, assign_all, withdraw
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.intake import import_folder
from assessor_desk.hub.people import add_person, new_code, revoke
from assessor_desk.hub.publishing import publish, withdraw_phrases
from assessor_desk.hub.serve import Server
from assessor_desk.sync.hub_source import HubSource

Finish = Callable[[Desk, str], tuple[str, ...]]

SUBMISSIONS = """\
submission_key,educator_key,name,micro_credential,attempt,draft,district,language,permission_attested
7F3A-00,E-1,Đặng Thị Hồng,formative-assessment-math,1,no,D-7,en,yes
"""
ARTIFACTS = """\
submission_key,part,file,link,label,captions
7F3A-00,overview,plan.md,,Lesson plan,
7F3A-00,work,clip.vtt,,What was said,
"""


@dataclass
class Issuer:
    """A hub's folder with one assessor, to whom one submission is assigned."""

    folder: Path
    person: str

    def do(self, act: Callable[[Hub], object]) -> object:
        hub = Hub.open(self.folder)
        try:
            return act(hub)
        finally:
            hub.close()

    def code(self) -> str:
        return str(self.do(lambda hub: new_code(hub, self.person)))


@pytest.fixture(scope="session")
def made_issuer(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Issuer:
    """Making certificates and sealing files takes a second, so it is done once and copied."""
    folder, incoming = tmp_path_factory.mktemp("hub") / "hub", tmp_path_factory.mktemp("incoming")
    hub = Hub.create(folder, "Lakeside hub", "Lakeside Regional Programme")
    publish(hub, root / "rubrics" / "formative-assessment-math.yaml")
    publish(hub, root / "resources" / "policies" / "default.yaml")
    (incoming / "submissions.csv").write_text(SUBMISSIONS, encoding="utf-8")
    (incoming / "artifacts.csv").write_text(ARTIFACTS, encoding="utf-8")
    files = incoming / "files" / "7F3A-00"
    files.mkdir(parents=True)
    (files / "plan.md").write_text("# Plan\n\nExit tickets for everybody.\n", encoding="utf-8")
    (files / "clip.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nWho else?\n", encoding="utf-8")
    import_folder(hub, incoming)
    person = add_person(hub, "Ana Sample", [Role.ASSESSOR])
    assign_all(hub, person)
    hub.close()
    return Issuer(folder, person)


@pytest.fixture
def issuer(made_issuer: Issuer, tmp_path: Path) -> Issuer:
    """A hub of this test alone."""
    shutil.copytree(made_issuer.folder, tmp_path / "hub")
    return Issuer(tmp_path / "hub", made_issuer.person)


@pytest.fixture
def server(issuer: Issuer) -> Iterator[Server]:
    """The hub, answering on loopback."""
    with Server(issuer.folder) as running:
        yield running


@pytest.fixture
def fresh(tmp_path: Path, new_desk: tuple[Path, bytes]) -> Iterator[Desk]:
    """A desk just made, by the real clock; its passphrase is "demo"."""
    folder, data_key = new_desk
    shutil.copytree(folder, tmp_path / "mine")
    with Desk.open_with_key(tmp_path / "mine", data_key) as desk:
        yield desk


def test_a_submission_is_assessed_sealed_sent_and_verified(
    fresh: Desk, issuer: Issuer, server: Server, finish: Finish, tmp_path: Path
) -> None:
    fresh.connect(server.url, issuer.code(), "demo")
    profile = fresh.profile
    assert profile is not None
    assert (profile.person, profile.programme, profile.source_title) == (
        issuer.person, "Lakeside Regional Programme", "Lakeside hub",
    )  # fmt: skip
    assert profile.certificate_until is not None
    result = fresh.sync()
    assert (result.taken, result.fetched, result.troubles) == (1, 2, ())
    ledger = fresh.ledger()
    assert (ledger.ready, ledger.total, ledger.bytes_to_go) == (2, 2, 0)
    own_id = fresh.find("7F3A-00")
    handle = fresh.evidence(own_id, "plan.md").open()
    assert "Exit tickets" in handle.html  # type: ignore[attr-defined]
    attestations = finish(fresh, own_id)
    fresh.seal_packet(own_id, "demo", attestations)
    assert fresh.sync().delivered == 1
    assert fresh.inbox()[0].state is InboxState.DELIVERED
    (packet,) = fresh.export(own_id, tmp_path / "out")
    (verdict,) = fresh.verify([packet])
    assert verdict.exit_code(frozenset({"revocation", "time", "assignment", "record"})) == 0, verdict.headline


def test_a_second_round_changes_nothing(fresh: Desk, issuer: Issuer, server: Server) -> None:
    fresh.connect(server.url, issuer.code(), "demo")
    fresh.sync()
    before = fresh.inbox()
    again = fresh.sync()
    assert (again.taken, again.fetched, again.troubles) == (0, 0, ())
    assert fresh.inbox() == before


def test_without_a_source_and_with_a_wrong_code_the_desk_says_so(fresh: Desk, server: Server) -> None:
    with pytest.raises(Refused, match="not connected"):
        fresh.sync()
    with pytest.raises(Refused, match="code"):
        fresh.connect(server.url, "AAAA-BBBB-CCCC-DDDD", "demo")
    with pytest.raises(Refused, match="passphrase is not right"):
        fresh.connect(server.url, "AAAA-BBBB-CCCC-DDDD", "wrong")
    with pytest.raises(Refused, match="not the address"):
        fresh.connect("hub.example", "AAAA-BBBB-CCCC-DDDD", "demo")
    assert fresh.profile is None


def test_work_goes_on_offline_and_is_sent_when_the_hub_is_back(
    fresh: Desk, issuer: Issuer, finish: Finish
) -> None:
    with Server(issuer.folder) as server:
        port = int(server.url.rpartition(":")[2])
        fresh.connect(server.url, issuer.code(), "demo")
        fresh.sync()
    own_id = fresh.find("7F3A-00")
    fresh.seal_packet(own_id, "demo", finish(fresh, own_id))
    with pytest.raises(Unavailable, match="cannot be reached"):
        fresh.sync()
    ledger = fresh.ledger()
    assert "cannot be reached" in ledger.offline_reason
    assert ledger.waiting_to_send == 1
    with Server(issuer.folder, port):
        assert fresh.sync().delivered == 1
    ledger = fresh.ledger()
    assert (ledger.offline_reason, ledger.waiting_to_send) == ("", 0)


def test_a_withdrawn_assignment_is_set_aside_with_its_work(
    fresh: Desk, issuer: Issuer, server: Server, tmp_path: Path
) -> None:
    fresh.connect(server.url, issuer.code(), "demo")
    fresh.sync()
    own_id = fresh.find("7F3A-00")
    fresh.record_completeness(own_id)
    issuer.do(lambda hub: withdraw(hub, "7F3A-00", issuer.person))
    fresh.sync()
    assert fresh.inbox()[0].state is InboxState.SET_ASIDE
    assert fresh.case(own_id).review.completeness == ()
    assert len(fresh.export(own_id, tmp_path / "out", "csv")) == 1


def test_what_was_written_under_an_assignment_before_is_shown_as_set_aside(
    fresh: Desk, issuer: Issuer, server: Server, tmp_path: Path
) -> None:
    fresh.connect(server.url, issuer.code(), "demo")
    fresh.sync()
    own_id = fresh.find("7F3A-00")
    fresh.record_completeness(own_id)
    fresh.write_text(own_id, TextField.OVERALL, "The quokka counts.")
    fresh.draft_text(own_id, TextField.NOTES, "Ask about the third file.")
    assert fresh.case(own_id).worked_before == ()
    with pytest.raises(Refused, match="You wrote nothing on 7F3A-00 under another"):
        fresh.export_work_before(own_id, tmp_path / "out")
    issuer.do(lambda hub: withdraw(hub, "7F3A-00", issuer.person))
    issuer.do(lambda hub: assign(hub, "7F3A-00", issuer.person, Purpose.CHECK))
    fresh.sync()
    case = fresh.case(own_id)
    assert (case.review.overall, case.set_aside, len(case.worked_before)) == ("", False, 1)
    (before,) = fresh.work_before(own_id)
    assert (before.review.overall, before.review.notes) == ("The quokka counts.", "Ask about the third file.")
    assert (before.aside_for, before.read_only) == (WithdrawalReason.UNASSIGNED, True)
    (table,) = fresh.export_work_before(own_id, tmp_path / "out")
    written = table.read_text(encoding="utf-8-sig")
    assert "The quokka counts." in written
    assert "Ask about the third file." in written
    assert fresh.case(own_id).review.overall == ""


def test_a_revoked_person_is_told_and_keeps_what_was_written(
    fresh: Desk, issuer: Issuer, server: Server
) -> None:
    fresh.connect(server.url, issuer.code(), "demo")
    fresh.sync()
    own_id = fresh.find("7F3A-00")
    fresh.record_completeness(own_id)
    issuer.do(lambda hub: revoke(hub, issuer.person))
    with pytest.raises(Refused, match="revoked"):
        fresh.sync()
    assert fresh.case(own_id).review.completeness == ()


def test_a_desk_stays_with_its_person(fresh: Desk, issuer: Issuer, server: Server) -> None:
    fresh.connect(server.url, issuer.code(), "demo")
    other = str(issuer.do(lambda hub: new_code(hub, add_person(hub, "Ben Sample", [Role.ASSESSOR]))))
    with pytest.raises(Refused, match="belongs to"):
        fresh.connect(server.url, other, "demo")
    profile = fresh.profile
    assert profile is not None
    assert profile.person == issuer.person
    fresh.sync()


def test_after_connecting_no_token_or_key_stands_in_any_file(
    fresh: Desk, issuer: Issuer, server: Server
) -> None:
    fresh.connect(server.url, issuer.code(), "demo")
    token = fresh.store.fact("sources")[0]["token"]
    for path in fresh.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert token.encode() not in content
            assert b"PRIVATE KEY" not in content


def test_the_commands_make_a_desk_connect_and_sync_it(
    issuer: Issuer,
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ASSESSOR_DESK_PASSPHRASE", "demo")
    common = ["--desk", str(tmp_path / "made"), "--json"]
    assert run_command(["connect", server.url, "AAAA-BBBB-CCCC-DDDD", *common]) == 1
    assert "recovery key" in capsys.readouterr().err
    assert run_command(["connect", f"{server.url}#{issuer.code()}", *common]) == 0
    told, said = capsys.readouterr()
    assert json.loads(told)["person"] == issuer.person
    assert "recovery key" not in said, "it is shown once, when the desk is made"
    assert run_command(["sync", *common]) == 0
    assert json.loads(capsys.readouterr().out)["fetched"] == 2
    assert run_command(["inbox", *common]) == 0
    (row,) = json.loads(capsys.readouterr().out)["submissions"]
    assert (row["key"], row["ready_bytes"]) == ("7F3A-00", row["total_bytes"])
    server.stop()
    assert run_command(["sync", *common]) == 3
    assert "cannot be reached" in capsys.readouterr().err


# -- phrases that the programme publishes ----------------------------------------------------------------------

BANK = """\
id: {id}
version: "{version}"
title: Beginnings of sentences
phrases:
  - id: one
    text: {text}
"""


def _publish_bank(issuer: Issuer, path: Path, version: str, text: str, own_id: str = "beginnings") -> None:
    path.write_text(BANK.format(id=own_id, version=version, text=text), encoding="utf-8")
    issuer.do(lambda hub: publish(hub, path))


def _from_hub(desk: Desk) -> list[str]:
    return [one.text for one in desk.phrases() if one.id == "one"]


def test_a_published_bank_reaches_the_desk_is_counted_there_and_goes_when_it_is_withdrawn(
    fresh: Desk, issuer: Issuer, server: Server, tmp_path: Path
) -> None:
    _publish_bank(issuer, tmp_path / "bank.yaml", "1", "On [page] you wrote [words].")
    fresh.connect(server.url, issuer.code(), "demo")
    assert fresh.sync().troubles == ()
    (phrase,) = [one for one in fresh.phrases(Place("formative-assessment-math"), "wrote") if one.id == "one"]
    assert phrase.scope is Scope.PROGRAMME
    with pytest.raises(Refused, match="of the programme"):
        fresh.save_phrase(replace(phrase, text="Something else", scope=Scope.PERSONAL))
    fresh.use_phrase("one")
    _publish_bank(issuer, tmp_path / "bank.yaml", "2", "On [page] stands [words].")
    fresh.sync()
    (phrase,) = [one for one in fresh.phrases() if one.id == "one"]
    assert (phrase.text, phrase.used) == ("On [page] stands [words].", 1)
    issuer.do(lambda hub: withdraw_phrases(hub, "beginnings"))
    fresh.sync()
    assert _from_hub(fresh) == []
    _publish_bank(issuer, tmp_path / "bank.yaml", "3", "On [page] is [what].")
    fresh.sync()
    assert _from_hub(fresh) == ["On [page] is [what]."]


def test_a_published_bank_stands_in_for_the_sample_with_its_id_also_when_it_is_withdrawn(
    fresh: Desk, issuer: Issuer, server: Server, tmp_path: Path
) -> None:
    samples = len(fresh.phrases())
    fresh.connect(server.url, issuer.code(), "demo")
    fresh.sync()
    assert len(fresh.phrases()) == samples, "what nobody published stays as it came"
    _publish_bank(issuer, tmp_path / "bank.yaml", "1", "On [page].", "formative-assessment-math")
    fresh.sync()
    assert {one.rubric for one in fresh.phrases()} == {"", "positive-relationships"}
    issuer.do(lambda hub: withdraw_phrases(hub, "formative-assessment-math"))
    fresh.sync()
    assert {one.rubric for one in fresh.phrases()} == {"positive-relationships"}


def test_a_bank_that_is_not_what_the_issuer_signed_is_not_taken(
    fresh: Desk, issuer: Issuer, server: Server, tmp_path: Path
) -> None:
    _publish_bank(issuer, tmp_path / "bank.yaml", "1", "On [page] you wrote [words].")
    fresh.connect(server.url, issuer.code(), "demo")
    fresh.sync()
    _publish_bank(issuer, tmp_path / "bank.yaml", "2", "On [page] stands [words].")
    issuer.do(_with_altered_bank)
    (trouble,) = fresh.sync().troubles
    assert "The phrase bank “beginnings” in version 2 is not what its issuer signed" in trouble
    assert _from_hub(fresh) == ["On [page] you wrote [words]."]


def test_a_bank_goes_with_the_enrolment(fresh: Desk, issuer: Issuer, server: Server, tmp_path: Path) -> None:
    _publish_bank(issuer, tmp_path / "bank.yaml", "1", "On [page] you wrote [words].")
    fresh.connect(server.url, issuer.code(), "demo")
    fresh.sync()
    issuer.do(lambda hub: revoke(hub, issuer.person))
    with pytest.raises(Refused, match="revoked"):
        fresh.sync()
    assert _from_hub(fresh) == []


def _with_altered_bank(hub: Hub) -> None:
    d = t.documents.c
    with hub.database.writing() as work:
        newest = (d.kind == "phrases", d.version == "2")
        canonical = work.execute(sa.select(d.canonical).where(*newest)).scalar_one()
        altered = canonical.replace(b"stands", b"stood")
        work.execute(sa.update(t.documents).where(*newest).values(canonical=altered))


# -- recalled, revoked, kept to the end ------------------------------------------------------------------------


def test_a_recused_assessor_keeps_the_words_and_not_the_evidence(
    fresh: Desk, issuer: Issuer, server: Server, tmp_path: Path
) -> None:
    fresh.connect(server.url, issuer.code(), "demo")
    fresh.sync()
    own_id = fresh.find("7F3A-00")
    fresh.record_completeness(own_id)
    issuer.do(lambda hub: withdraw(hub, "7F3A-00", issuer.person, recused=True))
    assert fresh.sync().troubles == ()
    assert fresh.case(own_id).evidence_removed == "you are recused from this submission"
    assert [path for path in fresh.vault.folder.rglob("*") if path.is_file()] == []
    assert fresh.case(own_id).review.completeness == ()
    assert len(fresh.export(own_id, tmp_path / "out", "csv")) == 1
    assert fresh.sync().troubles == (), "and so it stays"
    assert fresh.store.keys.held() == set()


def test_a_revoked_desk_loses_its_evidence_and_gets_it_again_once_it_is_enrolled_anew(
    fresh: Desk, issuer: Issuer, server: Server
) -> None:
    fresh.connect(server.url, issuer.code(), "demo")
    fresh.sync()
    own_id = fresh.find("7F3A-00")
    fresh.record_completeness(own_id)
    device = str(issuer.do(lambda hub: _device_of(hub)))
    issuer.do(lambda hub: revoke(hub, issuer.person, device=device))
    with pytest.raises(Refused, match="evidence was removed from this computer"):
        fresh.sync()
    assert fresh.inbox()[0].state is InboxState.SET_ASIDE
    assert fresh.case(own_id).evidence_removed == "the enrolment of this computer was revoked"
    fresh.connect(server.url, issuer.code(), "demo")
    assert fresh.sync().fetched == 2
    case = fresh.case(own_id)
    assert (case.set_aside, case.evidence_removed, case.review.completeness) == (False, "", ())
    assert "Exit tickets" in fresh.evidence(own_id, "plan.md").open().html  # type: ignore[attr-defined]


def test_who_connects_again_while_a_round_hears_that_the_desk_was_revoked_can_seal(
    fresh: Desk, issuer: Issuer, server: Server, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh.connect(server.url, issuer.code(), "demo")
    fresh.sync()
    device = str(issuer.do(lambda hub: _device_of(hub)))
    issuer.do(lambda hub: revoke(hub, issuer.person, device=device))
    code, ask = issuer.code(), HubSource.changes

    def meanwhile(*told: Any, **more: Any) -> Any:
        monkeypatch.undo()
        try:
            return ask(*told, **more)
        finally:
            fresh.connect(server.url, code, "demo")

    monkeypatch.setattr(HubSource, "changes", meanwhile)
    with pytest.raises(Refused, match="evidence was removed from this computer"):
        fresh.sync()
    assert fresh.identity().standing is IdentityStanding.ISSUED
    assert fresh.sync().fetched == 2
    own_id = fresh.find("7F3A-00")
    fresh.seal_packet(own_id, "demo", finish(fresh, own_id))
    assert fresh.sync().delivered == 1


def test_a_correction_after_the_evidence_went_fetches_it_with_its_keys(
    fresh: Desk, issuer: Issuer, server: Server, finish: Finish
) -> None:
    fresh.connect(server.url, issuer.code(), "demo")
    fresh.sync()
    own_id = fresh.find("7F3A-00")
    fresh.seal_packet(own_id, "demo", finish(fresh, own_id))
    fresh.sync()
    fresh.store.take_away_evidence(own_id, "retention")
    again = fresh.sync()
    assert (again.fetched, again.troubles, fresh.ledger().total) == (0, (), 0)
    fresh.begin_correction(own_id)
    assert (fresh.ledger().ready, fresh.ledger().total) == (0, 2)
    assert (fresh.sync().fetched, fresh.ledger().ready) == (2, 2)
    assert "Exit tickets" in fresh.evidence(own_id, "plan.md").open().html  # type: ignore[attr-defined]


def test_show_tells_what_was_set_aside_removed_or_is_not_vouched_for(
    issuer: Issuer,
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ASSESSOR_DESK_PASSPHRASE", "demo")
    common = ["--desk", str(tmp_path / "made")]
    issuer.do(_without_signatures)
    assert run_command(["connect", server.url, issuer.code(), *common]) == 0
    assert run_command(["sync", *common]) == 0
    capsys.readouterr()
    assert run_command(["show", "7F3A-00", *common]) == 0
    assert "in version 2026.1 carries no issuer’s signature" in capsys.readouterr().out
    issuer.do(lambda hub: withdraw(hub, "7F3A-00", issuer.person, recused=True))
    assert run_command(["sync", *common]) == 0
    capsys.readouterr()
    assert run_command(["show", "7F3A-00", *common]) == 0
    told = capsys.readouterr().out
    assert (
        "Set aside: you are recused from this submission; the evidence was removed from this computer" in told
    )
    assert "plan.md (removed: you are recused from this submission)" in told
    assert run_command(["show", "7F3A-00", *common, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["set_aside"] == "recusal"
    assert len(document["cautions"]) == 2


def test_an_empty_passphrase_leaves_no_desk_behind(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSESSOR_DESK_PASSPHRASE", "")
    empty = tmp_path / "passphrase"
    empty.write_text("", encoding="utf-8")
    for words in ([], ["--passphrase-file", str(empty)]):
        folder = tmp_path / "new" / "desk"
        assert run_command(["connect", server.url, "CODE", "--desk", str(folder), *words]) in (1, 2)
        assert not (tmp_path / "new").exists()
        capsys.readouterr()


def _device_of(hub: Hub) -> str:
    with hub.database.reading() as view:
        return str(view.execute(sa.select(t.devices.c.id)).scalar_one())


def _without_signatures(hub: Hub) -> None:
    with hub.database.writing() as work:
        work.execute(sa.update(t.documents).values(signature=b""))


@pytest.mark.parametrize("status", [400, 403, 404, 409, 411, 413])
def test_what_turns_a_packet_away_in_the_hubs_place_is_no_refusal_and_its_correction_arrives(
    fresh: Desk, issuer: Issuer, server: Server, finish: Finish, status: int
) -> None:
    """The hub took it; a server before it answered in JSON as the hub does."""
    turned_away = faulty.status(status, b'{"error": "Policy 17"}', "application/json")
    with faulty.network_before(server.url) as network:
        fresh.connect(network.url, issuer.code(), "demo")
        fresh.sync()
        own_id = fresh.find("7F3A-00")
        attestations = finish(fresh, own_id)
        fresh.seal_packet(own_id, "demo", attestations)
        network.fault = lambda path, answer: turned_away(path, answer) if "/packets/" in path else answer
        result = fresh.sync()
        case = fresh.case(own_id)
        assert case.delivery is not None
        assert (result.delivered, case.turned_away, case.delivery.refused) == (0, False, False)
        assert "“Policy 17”" in case.delivery.last_trouble
        assert result.troubles == (case.delivery.last_trouble,)

        fresh.begin_correction(own_id)
        network.fault = faulty.none
        assert fresh.case(own_id).supersedes == case.delivery.digest
        fresh.seal_packet(own_id, "demo", attestations)
        result = fresh.sync()

    assert (result.delivered, result.troubles, result.waiting) == (2, (), 0)
    assert fresh.inbox("7F3A-00")[0].state is InboxState.DELIVERED


def test_where_nothing_but_a_gateway_answers_a_packet_waits(
    fresh: Desk, issuer: Issuer, server: Server, finish: Finish
) -> None:
    with faulty.network_before(server.url) as network:
        fresh.connect(network.url, issuer.code(), "demo")
        fresh.sync()
        own_id = fresh.find("7F3A-00")
        fresh.seal_packet(own_id, "demo", finish(fresh, own_id))
        network.fault = faulty.status(403, b'{"error": "Policy 17"}', "application/json")
        with pytest.raises(Refused, match="Policy 17"):  # which the changes are met with too
            fresh.sync()
        case = fresh.case(own_id)
        assert case.delivery is not None
        assert (case.turned_away, case.delivery.delivered_at) == (False, None)


def test_a_hub_that_does_not_mark_its_refusals_yet_is_believed(
    fresh: Desk, issuer: Issuer, server: Server, finish: Finish
) -> None:
    """As hubs were before 0307: neither the greeting nor the refusal tells of it."""

    def older(path: str, answer: faulty.Answer) -> faulty.Answer:
        if "/packets/" in path:
            return replace(answer, status=422, body=b'{"error": "It does not hold"}')
        if path.endswith("/hello"):
            told = {k: v for k, v in json.loads(answer.body).items() if k != "marks_refusals"}
            return replace(answer, body=json.dumps(told).encode())
        return answer

    with faulty.network_before(server.url) as network:
        fresh.connect(network.url, issuer.code(), "demo")
        fresh.sync()
        own_id = fresh.find("7F3A-00")
        fresh.seal_packet(own_id, "demo", finish(fresh, own_id))
        network.fault = older
        assert fresh.sync().troubles == ("Lakeside hub says: It does not hold.",)
        assert fresh.case(own_id).turned_away


def _cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def _change_its_end(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-9] + bytes(one ^ 1 for one in content[-9:]))


@pytest.mark.parametrize("spoil", [Path.unlink, _cut_short, _change_its_end])
def test_a_sealed_review_whose_file_was_lost_before_it_went_can_be_sealed_anew(
    fresh: Desk, issuer: Issuer, server: Server, finish: Finish, spoil: Callable[[Path], object]
) -> None:
    fresh.connect(server.url, issuer.code(), "demo")
    fresh.sync()
    own_id = fresh.find("7F3A-00")
    attestations = finish(fresh, own_id)
    spoil(fresh.seal_packet(own_id, "demo", attestations).path)
    result = fresh.sync()
    assert (result.delivered, len(result.troubles), fresh.case(own_id).turned_away) == (0, 1, True)
    assert "Lakeside hub does not have it" in result.troubles[0]

    fresh.begin_correction(own_id)
    assert fresh.case(own_id).supersedes == ""
    fresh.seal_packet(own_id, "demo", attestations)
    result = fresh.sync()
    assert (result.delivered, result.troubles, result.waiting) == (1, (), 0)


def test_a_sealed_review_whose_file_was_lost_after_the_hub_took_it_counts_as_delivered(
    fresh: Desk, issuer: Issuer, server: Server, finish: Finish
) -> None:
    with faulty.network_before(server.url) as network:
        fresh.connect(network.url, issuer.code(), "demo")
        fresh.sync()
        own_id = fresh.find("7F3A-00")
        sealed = fresh.seal_packet(own_id, "demo", finish(fresh, own_id))
        network.first(1, faulty.cut(10, of="/packets/"), of="/packets/")
        assert fresh.sync().delivered == 0
        sealed.path.unlink()
        result = fresh.sync()
    assert (result.delivered, result.troubles, result.waiting) == (1, (), 0)
    assert fresh.inbox("7F3A-00")[0].state is InboxState.DELIVERED
