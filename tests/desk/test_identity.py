"""Who a desk signs as: renewed in time, one person on two devices, revoked with a reason, certified by file."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
import sqlalchemy as sa

from assessor_desk.cli.command_line import run_command
from assessor_desk.desk import Desk, InboxState
from assessor_desk.desk.identity_answers import IdentityStanding
from assessor_desk.domain.changes import SourceChanges
from assessor_desk.domain.errors import Damaged, Refused, Unavailable
from assessor_desk.domain.review import TextField
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.app import create_app
from assessor_desk.hub.assigning import assign_all
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.intake import import_folder
from assessor_desk.hub.people import add_person, devices_of, list_people, new_code, revoke
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.serve import Server
from assessor_desk.keys.signing import (
    CERTIFICATE_FILE,
    KEY_FILE,
    Signer,
    SigningKey,
    common_name,
    load_identity,
    roles,
    root_words,
)
from assessor_desk.protocol.identity_files import IdentityAnswer, IdentityRequest
from assessor_desk.sync.hub_source import HubSource
from assessor_desk.verdict import FactId, Standing, TrustList
from assessor_desk.verdict.facts import NOT_VOUCHED_FOR

SUBMISSIONS = """\
submission_key,educator_key,name,micro-credential,attempt,draft,district,language,permission_attested
7F3A-00,E-1,Đặng Thị Hồng,formative-assessment-math,1,no,D-7,en,yes
7F3A-01,E-2,Lan Sample,formative-assessment-math,1,no,D-7,en,yes
"""
ARTIFACTS = """\
submission_key,part,file,link,label,captions
7F3A-00,overview,plan.md,,Lesson plan,
7F3A-01,overview,plan.md,,Lesson plan,
"""


@dataclass
class Clock:
    """The time on the hub and on its desks, as a test says."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def made_hub(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """A hub with two submissions and an assessor to whom both are assigned; copied for each test."""
    folder, incoming = tmp_path_factory.mktemp("identity-hub") / "hub", tmp_path_factory.mktemp("coming-in")
    hub = Hub.create(folder, "Lakeside hub", "Lakeside Regional Programme")
    publish(hub, root / "rubrics" / "formative-assessment-math.yaml")
    publish(hub, root / "resources" / "policies" / "default.yaml")
    (incoming / "submissions.csv").write_text(SUBMISSIONS, encoding="utf-8")
    (incoming / "artifacts.csv").write_text(ARTIFACTS, encoding="utf-8")
    for key in ("7F3A-00", "7F3A-01"):
        (incoming / "files" / key).mkdir(parents=True)
        (incoming / "files" / key / "plan.md").write_text("# Plan\n\nExit tickets.\n", encoding="utf-8")
    import_folder(hub, incoming)
    assign_all(hub, add_person(hub, "Ana Sample", [Role.ASSESSOR]))
    hub.close()
    return folder


@pytest.fixture
def hub(made_hub: Path, tmp_path: Path, clock: Clock) -> Iterator[Hub]:
    """The hub, by the test's clock."""
    shutil.copytree(made_hub, tmp_path / "hub")
    opened = Hub.open(tmp_path / "hub", clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def url(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where the hub answers, by the same clock."""
    monkeypatch.setattr("assessor_desk.hub.app.Hub.open", lambda *_: hub)
    monkeypatch.setattr("assessor_desk.hub.app.create_app", lambda folder, _: create_app(folder, hub=hub))
    with Server(hub.folder) as server:
        yield server.url


Make = Callable[[str], Desk]


@pytest.fixture
def make(tmp_path: Path, new_desk: tuple[Path, bytes], clock: Clock) -> Iterator[Make]:
    """`make("mine")`: a desk just made, by the test's clock; its passphrase is "demo"."""
    made: list[Desk] = []

    def desk(name: str) -> Desk:
        shutil.copytree(new_desk[0], tmp_path / name)
        made.append(Desk.open_with_key(tmp_path / name, new_desk[1], clock))
        return made[-1]

    yield desk
    for one in made:
        one.close()


def connected(desk: Desk, url: str, hub: Hub, person: str = "P-1001") -> Desk:
    """The desk, enrolled and up to date."""
    desk.connect(url, new_code(hub, person), "demo")
    desk.sync()
    return desk


def sealed(desk: Desk, key: str) -> str:
    """The submission, handed back as incomplete and sealed, which is the quickest; its id."""
    own_id = desk.find(key)
    desk.seal_packet(own_id, "demo", incomplete(desk, own_id))
    return own_id


def incomplete(desk: Desk, own_id: str) -> tuple[str, ...]:
    """A review that can be sealed; the attestations it asks for."""
    desk.record_completeness(own_id, ["missing_part"], ["reflection"])
    desk.write_text(own_id, TextField.OVERALL, OVERALL)
    policy = desk.case(own_id).policy
    return tuple(one.id for one in policy.attestations_of(incomplete=True))


OVERALL = (
    "Your plan begins with a question that every pupil answers, and that is a good beginning. The reflection is not in "
    "what was sent, so the rest cannot be looked at yet: please send it with the next attempt, in your own words, with "
    "what you saw and what you would change."
)


# -- renewal -----------------------------------------------------------------------------------------------


def test_a_round_renews_the_certificate_in_time_and_says_so(
    make: Make, url: str, hub: Hub, clock: Clock, tmp_path: Path
) -> None:
    desk = connected(make("mine"), url, hub)
    before, key = (
        load_identity(desk.folder / "identity")[0],
        (desk.folder / "identity" / KEY_FILE).read_bytes(),
    )
    clock.move(days=669)
    assert desk.sync().told == ()

    clock.move(days=2)
    told = desk.sync().told

    after = load_identity(desk.folder / "identity")[0]
    assert told == (f"Your certificate was renewed and holds until {after.not_valid_after_utc:%Y-%m-%d}.",)
    assert (common_name(after), roles(after)) == (common_name(before), ("assessor",))
    assert after.public_key() != before.public_key(), "a new key for the same person"
    assert (desk.folder / "identity" / KEY_FILE).read_bytes() != key
    assert desk.profile is not None
    assert desk.profile.certificate_until == after.not_valid_after_utc
    assert desk.sync().told == ()
    own_id = sealed(desk, "7F3A-00")
    assert desk.sync().troubles == ()
    [verdict] = desk.verify(desk.export(own_id, tmp_path / "out"))
    assert verdict.exit_code({"revocation", "time", "assignment"}) == 0, verdict.headline


def test_what_was_sealed_before_the_renewal_and_waits_is_still_taken(
    make: Make, url: str, hub: Hub, clock: Clock
) -> None:
    desk = connected(make("mine"), url, hub)
    clock.move(days=671)
    sealed(desk, "7F3A-00")
    result = desk.sync()
    assert (result.delivered, len(result.told), result.troubles) == (1, 1, ())
    sealed(desk, "7F3A-01")
    assert desk.sync().delivered == 1


def test_an_answer_that_is_lost_is_asked_for_again_and_gives_one_certificate(
    make: Make, url: str, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = connected(make("mine"), url, hub)
    clock.move(days=671)
    given: list[bytes] = []
    really = HubSource.renew

    def lose(self: HubSource, csr: str, proof: bytes) -> tuple[bytes, bytes]:
        given.append(really(self, csr, proof)[0])
        raise Unavailable("The connection ended too early")

    with monkeypatch.context() as faulty:
        faulty.setattr(HubSource, "renew", lose)
        assert desk.sync().told == ()
    assert len(desk.sync().told) == 1
    assert (desk.folder / "identity" / CERTIFICATE_FILE).read_bytes() == given[0]


def test_an_exchange_cut_short_is_finished_before_the_next_signature(
    make: Make, url: str, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = connected(make("mine"), url, hub)
    place = desk.folder / "identity"
    clock.move(days=671)
    really = Path.replace

    def die_after_the_key(self: Path, target: Path) -> Path:
        if self.parent.name == "next" and self.name == "chain.pem":
            raise KeyboardInterrupt
        return really(self, target)

    with monkeypatch.context() as faulty, pytest.raises(KeyboardInterrupt):
        faulty.setattr(Path, "replace", die_after_the_key)
        desk.sync()
    with pytest.raises(Refused, match="another signing key"):
        Signer.open(place, "demo")

    desk.change_passphrase("demo", "demo two")

    assert Signer.open(place, "demo two").certificate.not_valid_after_utc > clock.now + timedelta(days=700)


def test_a_stolen_token_gets_no_certificate(make: Make, url: str, hub: Hub, clock: Clock) -> None:
    desk, other = connected(make("mine"), url, hub), connected(make("other"), url, hub)
    [mine] = desk.store.fact("sources")
    source = HubSource(mine["address"], mine["token"])
    strange = SigningKey.generate().csr("P-1001")
    theirs = other.folder / "identity" / "next"
    try:
        with pytest.raises(Refused, match="does not hold"):
            source.renew(strange.decode(), (desk.folder / "identity" / "next" / "request.p7s").read_bytes())
        with pytest.raises(Refused, match="another computer"):
            source.renew((theirs / "request.pem").read_text(), (theirs / "request.p7s").read_bytes())
        clock.move(days=731)
        own = desk.folder / "identity" / "next"
        with pytest.raises(Refused, match="has ended"):
            source.renew((own / "request.pem").read_text(), (own / "request.p7s").read_bytes())
    finally:
        source.close()


def test_a_certificate_that_has_ended_seals_nothing_and_is_spoken_of_once_a_day(
    make: Make, url: str, hub: Hub, clock: Clock
) -> None:
    desk = connected(make("mine"), url, hub)
    own_id = desk.find("7F3A-00")
    attested = incomplete(desk, own_id)
    clock.move(days=731)

    with pytest.raises(Refused, match=r"certificate ended on .* new code"):
        desk.seal_packet(own_id, "demo", attested)
    assert "Nothing can be sealed" in desk.sync().told[0]
    assert desk.sync().told == ()
    assert desk.identity().standing is IdentityStanding.ENDED
    desk.connect(url, new_code(hub, "P-1001"), "demo")
    desk.seal_packet(own_id, "demo", attested)


def test_a_person_renews_ahead_of_time_by_hand(make: Make, url: str, hub: Hub, clock: Clock) -> None:
    desk = connected(make("mine"), url, hub)
    clock.move(days=100)
    for _ in range(2):  # the second time no key lies ready, and the passphrase makes one
        _, told = desk.renew_certificate("demo")
        assert f"{clock.now + timedelta(days=730):%Y-%m-%d}" in told
        clock.move(days=1)
    with pytest.raises(Refused, match="passphrase is not right"):
        desk.renew_certificate("wrong")


# -- devices, recovery, revocation -------------------------------------------------------------------------


def test_two_devices_of_one_person_have_one_number_and_two_keys(
    make: Make, url: str, hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    desk, other = connected(make("mine"), url, hub), connected(make("other"), url, hub)
    own, second = (load_identity(one.folder / "identity")[0] for one in (desk, other))
    assert common_name(own) == common_name(second) == "P-1001"
    assert own.public_key() != second.public_key()
    sealed(desk, "7F3A-00")
    sealed(other, "7F3A-01")
    assert (desk.sync().delivered, other.sync().delivered) == (1, 1)
    assert [person.devices for person in list_people(hub)] == [2]
    [first, _] = devices_of(hub, "P-1001")
    assert first.certified_until == own.not_valid_after_utc
    people = ["hub", "--at", str(hub.folder), "people", "P-1001"]
    revoke(hub, "P-1001", "superseded", first.id[:8])
    assert run_command(people) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(first.id[:8])
    assert ["(superseded)" in line for line in lines] == [True, False]


def test_coaches_and_reviewers_are_certified_under_their_numbers(make: Make, url: str, hub: Hub) -> None:
    for number, role in enumerate((Role.COACH, Role.REVIEWER), start=2):
        person = add_person(hub, "Nguyễn Văn Name", [role], "name@example.org")
        desk = connected(make(role.value), url, hub, person)
        certificate = load_identity(desk.folder / "identity")[0]
        assert (common_name(certificate), roles(certificate)) == (f"P-100{number}", (role.value,))
        assert b"Name" not in (desk.folder / "identity" / CERTIFICATE_FILE).read_bytes()
        assert "name@" not in certificate.subject.rfc4514_string()


def test_the_recovery_key_gives_the_work_back_and_never_the_signing_key(
    make: Make, url: str, hub: Hub, tmp_path: Path, clock: Clock
) -> None:
    desk, recovery_key = Desk.create(tmp_path / "lost", "forgotten words", clock)
    desk.connect(url, new_code(hub, "P-1001"), "forgotten words")
    desk.sync()
    own_id = desk.find("7F3A-00")
    attested = incomplete(desk, own_id)
    desk.close()

    with Desk.open_with_recovery_key(tmp_path / "lost", recovery_key, "new words", clock) as again:
        assert again.case(own_id).review.overall
        with pytest.raises(Refused, match="no signing key"):
            again.seal_packet(own_id, "new words", attested)
        for path in (tmp_path / "lost" / "identity").rglob(f"*{KEY_FILE}"):
            for words in ("new words", recovery_key):
                shutil.copy(path, tmp_path / KEY_FILE)
                with pytest.raises(Refused):
                    SigningKey.open(tmp_path, words)
        assert not (tmp_path / "lost" / "identity" / "next" / KEY_FILE).exists()
        again.connect(url, new_code(hub, "P-1001"), "new words")
        again.seal_packet(own_id, "new words", attested)
        assert again.sync().delivered == 1


def test_a_revoked_desk_is_told_why_and_what_it_had_not_delivered_never_counts(
    make: Make, url: str, hub: Hub, clock: Clock, tmp_path: Path
) -> None:
    desk, reader = connected(make("mine"), url, hub), connected(make("other"), url, hub)
    own_id = sealed(desk, "7F3A-00")
    [packet] = desk.export(own_id, tmp_path / "out")
    clock.move(minutes=5)
    device = next(iter(_devices(hub, desk)))
    revoke(hub, "P-1001", "keyCompromise", device)

    with pytest.raises(Refused, match="its key may be known to others"):
        desk.sync()

    identity = desk.identity()
    assert identity.standing is IdentityStanding.REVOKED
    assert "may be known to others" in identity.words
    clock.move(minutes=5)
    reader.sync()
    [verdict] = reader.verify([packet])
    assert verdict.fact(FactId.REVOCATION).standing is Standing.BAD
    assert "(keyCompromise)" in verdict.headline
    desk.connect(url, new_code(hub, "P-1001"), "demo")
    assert desk.identity().standing is IdentityStanding.ISSUED


@pytest.fixture
def refused(make: Make, url: str, hub: Hub, clock: Clock, tmp_path: Path) -> tuple[Desk, str]:
    """A desk whose review the hub refused: its certificate was revoked before it came; and the submission's id."""
    desk = connected(make("mine"), url, hub)
    own_id = sealed(desk, "7F3A-00")
    shutil.copytree(desk.folder / "identity", tmp_path / "old key")
    clock.move(minutes=5)
    revoke(hub, "P-1001", "superseded", _devices(hub, desk)[0])
    with pytest.raises(Refused, match="revoked"):
        desk.sync()
    desk.connect(url, new_code(hub, "P-1001"), "demo")
    clock.move(minutes=5)
    result = desk.sync()
    assert (result.delivered, len(result.troubles)) == (0, 1)
    assert "was revoked" in result.troubles[0]
    return desk, own_id


def test_a_review_refused_for_its_certificate_is_sealed_anew_and_replaces_nothing_at_the_hub(
    refused: tuple[Desk, str], hub: Hub, tmp_path: Path
) -> None:
    desk, own_id = refused
    before = desk.case(own_id)
    assert before.delivery is not None
    assert before.delivery.refused

    desk.begin_correction(own_id)

    case = desk.case(own_id)
    assert (case.revision, case.supersedes, case.review.overall) == (2, "", OVERALL)
    again = desk.seal_packet(own_id, "demo", incomplete(desk, own_id))
    result = desk.sync()
    assert (result.delivered, result.troubles, result.waiting) == (1, (), 0)
    assert desk.inbox("7F3A-00")[0].state is InboxState.DELIVERED
    [verdict] = desk.verify(desk.export(own_id, tmp_path / "out"))
    assert (verdict.digest, verdict.exit_code()) == (again.digest, 0)
    with hub.database.reading() as view:
        kept = view.execute(sa.select(t.packets.c.digest, t.packets.c.supersedes)).all()
    assert kept == [(again.digest, "")]


def test_a_correction_begun_or_sealed_before_its_packet_was_refused_replaces_nothing_either(
    make: Make, url: str, hub: Hub, clock: Clock
) -> None:
    desk = connected(make("mine"), url, hub)
    begun, done = sealed(desk, "7F3A-00"), sealed(desk, "7F3A-01")
    for own_id in (begun, done):
        desk.begin_correction(own_id)
    desk.seal_packet(done, "demo", incomplete(desk, done))
    assert desk.case(begun).supersedes
    clock.move(minutes=5)
    revoke(hub, "P-1001", "superseded", _devices(hub, desk)[0])
    with pytest.raises(Refused, match="revoked"):
        desk.sync()
    desk.connect(url, new_code(hub, "P-1001"), "demo")
    clock.move(minutes=5)

    assert desk.sync().delivered == 0

    assert desk.case(begun).supersedes == ""
    desk.begin_correction(done)
    assert desk.case(done).supersedes == ""
    for own_id in (begun, done):
        desk.seal_packet(own_id, "demo", incomplete(desk, own_id))
    result = desk.sync()
    assert (result.delivered, result.troubles, result.waiting) == (2, (), 0)


def test_after_a_refused_correction_the_next_replaces_what_the_hub_has(
    make: Make, url: str, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = connected(make("mine"), url, hub)
    own_id = sealed(desk, "7F3A-00")
    desk.sync()
    first = desk.case(own_id).delivery
    desk.begin_correction(own_id)
    desk.seal_packet(own_id, "demo", incomplete(desk, own_id))
    with monkeypatch.context() as patch:
        patch.setattr("assessor_desk.hub.bags.refuse_misshapen", _refuse)
        assert "Not like that" in desk.sync().troubles[0]

    desk.begin_correction(own_id)

    assert first is not None
    assert desk.case(own_id).supersedes == first.digest
    desk.seal_packet(own_id, "demo", incomplete(desk, own_id))
    assert desk.sync().troubles == ()
    with hub.database.reading() as view:
        assert sorted(view.execute(sa.select(t.packets.c.supersedes)).scalars()) == ["", first.digest]


def _refuse(*_: object) -> None:
    raise Declined(422, "Not like that")


def test_what_the_revoked_key_seals_next_is_refused_as_well_though_it_replaces_nothing(
    refused: tuple[Desk, str], hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As whoever has the old key would: the next revision, sealed with it, sent with a token that is good."""
    desk, own_id = refused
    desk.begin_correction(own_id)
    shutil.copytree(tmp_path / "old key", desk.folder / "identity", dirs_exist_ok=True)
    monkeypatch.setattr("assessor_desk.desk.programmes.revoked_here", lambda *_: "")
    desk.seal_packet(own_id, "demo", incomplete(desk, own_id))

    result = desk.sync()

    assert (result.delivered, len(result.troubles)) == (0, 1)
    assert "was revoked" in result.troubles[0]
    with hub.database.reading() as view:
        assert view.execute(sa.select(t.packets.c.digest)).all() == []


def _devices(hub: Hub, desk: Desk) -> list[str]:
    from assessor_desk.hub.people import caller_of

    [source] = desk.store.fact("sources")
    return [caller_of(hub, source["token"]).device]


def test_every_round_brings_a_revocation_list_of_the_hour(
    make: Make, url: str, hub: Hub, clock: Clock
) -> None:
    desk = connected(make("mine"), url, hub)
    for hours in (2, 30, 24 * 40):
        clock.move(hours=hours)
        desk.sync()
        trust = desk.trust_list()
        assert trust is not None
        assert trust.dated is not None
        assert clock.now - trust.dated < timedelta(hours=1)
    with hub.database.reading() as view:
        told = view.execute(sa.select(t.changes.c.seq).where(t.changes.c.kind == "trust")).all()
    assert len(told) == 1, "a new desk is told of the newest alone"


# -- by file -----------------------------------------------------------------------------------------------


def with_work(desk: Desk, page: SourceChanges, number: str) -> str:
    """The desk with one submission from a source that has no issuer; its id."""
    from dataclasses import replace

    mine = tuple(replace(one, person=number) for one in page.assignments)
    desk.store.accept(replace(page, assignments=mine))
    return page.submissions[0].id


def test_until_an_issuer_answers_what_is_sealed_is_vouched_for_by_nobody(
    make: Make, hub: Hub, page: Callable[..., SourceChanges], tmp_path: Path
) -> None:
    desk = make("mine")
    _, key = desk.request_identity(tmp_path / "request.json", "demo", (Role.ASSESSOR,))
    identity = desk.identity()
    assert (identity.standing, identity.key_words) == (IdentityStanding.SELF_MADE, key)
    assert "Not vouched for by any issuer" in identity.words
    changes = page(2)
    own_id = with_work(desk, changes, identity.person)
    desk.seal_packet(own_id, "demo", incomplete(desk, own_id))
    [packet] = desk.export(own_id, tmp_path / "before")
    for trust in (None, TrustList.parse(hub.trust()["trust.pem"])):
        [verdict] = desk.verify([packet], trust)
        fact = verdict.fact(FactId.CHAIN)
        assert (fact.sentence, verdict.exit_code()) == (NOT_VOUCHED_FOR, 4)
        assert fact.standing is (Standing.UNKNOWN if trust is None else Standing.BAD)
        assert f"{NOT_VOUCHED_FOR}." in verdict.headline
        assert verdict.fact(FactId.SIGNER).standing is not Standing.GOOD


def test_a_programme_without_a_hub_certifies_by_file(
    make: Make, hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str], root: Path
) -> None:
    desk = make("mine")
    request, answer = tmp_path / "request.json", tmp_path / "answer.json"
    _, key = desk.request_identity(request, "demo", (Role.ASSESSOR,))
    before = (desk.folder / "identity" / KEY_FILE).read_bytes()
    sign = ["hub", "--at", str(hub.folder), "ca", "sign", str(request), "--out", str(answer)]

    assert (
        run_command([*sign, "--name", "Lan Sample", "--role", "assessor", "--key", "0000-0000-0000-0000"])
        == 1
    )
    assert "is for key" in capsys.readouterr().err
    assert run_command(sign) == 1
    assert "Say whose request" in capsys.readouterr().err
    assert run_command([*sign, "--name", "Lan Sample", "--role", "assessor", "--key", key, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["person"] == "P-1002"

    desk.import_identity(answer, told["fingerprint"])

    identity, profile = desk.identity(), desk.profile
    assert (identity.standing, identity.person) == (IdentityStanding.ISSUED, "P-1002")
    assert (desk.folder / "identity" / KEY_FILE).read_bytes() == before, "the key stays where it was made"
    assert profile is not None
    assert (profile.person, profile.roles, profile.source_address) == ("P-1002", (Role.ASSESSOR,), "")
    assert profile.certificate_until == identity.until
    assert desk.trust_list() is not None
    assert "Lan" not in answer.read_text()
    for name, path in (("identity-request", request), ("identity", answer)):
        schema = json.loads((root / "docs" / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(schema).validate(json.loads(path.read_bytes()))


def test_the_same_request_is_answered_by_the_same_certificate_and_revoking_ends_it(
    make: Make, hub: Hub, tmp_path: Path, clock: Clock
) -> None:
    from assessor_desk.hub.certifying import Who, answer_request

    make("mine").request_identity(tmp_path / "request.json", "demo")
    request = IdentityRequest.from_bytes((tmp_path / "request.json").read_bytes())
    first = answer_request(hub, request, Who(name="Lan Sample", roles=(Role.ASSESSOR,)))
    again = answer_request(hub, request, Who(first.person))
    assert again.certificate == first.certificate

    revoke(hub, first.person, "privilegeWithdrawn")

    from assessor_desk.keys.signing import read_certificates

    trust = TrustList.parse(hub.trust()["trust.pem"])
    assert trust.revoked(read_certificates(first.certificate)[0]) is not None
    with pytest.raises(Refused, match="no person P-1002"):
        answer_request(hub, request, Who(first.person))


def test_a_certificate_by_file_is_renewed_by_file(make: Make, hub: Hub, tmp_path: Path, clock: Clock) -> None:
    from assessor_desk.hub.certifying import Who, answer_request

    desk = make("mine")

    def exchange(who: Who) -> IdentityAnswer:
        desk.request_identity(tmp_path / "request.json", "demo")
        request = IdentityRequest.from_bytes((tmp_path / "request.json").read_bytes())
        answer = answer_request(hub, request, who)
        (tmp_path / "answer.json").write_bytes(answer.to_bytes())
        known = desk.examine_identity(tmp_path / "answer.json").known
        desk.import_identity(tmp_path / "answer.json", "" if known else root_words(hub.authority.root))
        return answer

    first = exchange(Who(name="Lan Sample", roles=(Role.ASSESSOR,)))
    clock.move(days=700)
    second = exchange(Who())
    assert second.person == first.person
    assert second.certificate != first.certificate
    assert desk.identity().until == clock.now + timedelta(days=730)
    assert Signer.open(desk.folder / "identity", "demo").number == first.person


@pytest.mark.parametrize("lost", ["ended", "authority revoked"])
def test_by_file_a_certificate_that_counts_no_more_is_followed_by_another(
    make: Make, hub: Hub, tmp_path: Path, clock: Clock, lost: str
) -> None:
    from assessor_desk.hub.authorities import revoke_issuing
    from assessor_desk.hub.certifying import Who, answer_request

    desk, request, answer = make("mine"), tmp_path / "request.json", tmp_path / "answer.json"

    def exchange(who: Who) -> str:
        desk.request_identity(request, "demo")
        given = answer_request(hub, IdentityRequest.from_bytes(request.read_bytes()), who)
        answer.write_bytes(given.to_bytes())
        desk.import_identity(answer, root_words(hub.authority.root))
        return given.person

    number = exchange(Who(name="Lan Sample", roles=(Role.ASSESSOR,)))
    if lost == "ended":
        clock.move(days=800)
    else:
        hub.authority.export_root(tmp_path / "root.json", "words")
        clock.move(hours=1)
        revoke_issuing(hub, tmp_path / "root.json", "words", "superseded")
        clock.move(minutes=1)
        desk.request_identity(tmp_path / "other.json", "demo")
        told = IdentityRequest.from_bytes((tmp_path / "other.json").read_bytes())
        assert told.proof != b"", "not known here yet"
        with pytest.raises(Refused, match="was revoked"):
            answer_request(hub, told, Who())
        desk.store.accept(SourceChanges("", trust=hub.trust()), "by file")
        assert desk.identity().standing is IdentityStanding.REVOKED
        assert "which issued your certificate, was revoked" in desk.identity().words

    assert exchange(Who(number)) == number

    assert desk.identity().standing is IdentityStanding.ISSUED


def test_a_second_programme_certifies_by_file_beside_the_first_and_each_is_renewed_for_itself(
    make: Make, hub: Hub, tmp_path: Path, clock: Clock
) -> None:
    from assessor_desk.hub.certifying import Who, answer_request

    desk, request, answer = make("mine"), tmp_path / "request.json", tmp_path / "answer.json"
    bay = Hub.create(tmp_path / "bay", "Bay hub", "Bay Programme", clock=clock)

    def exchange(office: Hub, who: Who, programme: str = "") -> IdentityAnswer:
        desk.request_identity(request, "demo", (), programme)
        given = answer_request(office, IdentityRequest.from_bytes(request.read_bytes()), who)
        answer.write_bytes(given.to_bytes())
        desk.import_identity(answer, root_words(office.authority.root))
        return given

    first = exchange(hub, Who(name="Lan Sample", roles=(Role.ASSESSOR,)))
    before = desk.identity()
    with pytest.raises(Refused, match="passphrase is not right"):
        desk.request_identity(request, "wrong", (), "another")
    desk.request_identity(request, "demo", (), "another")
    [waiting] = [one for one in desk.identities() if one.key_words]
    assert (waiting.standing, desk.identity()) == (IdentityStanding.NONE, before)
    desk.change_passphrase("demo", "new words")
    desk.change_passphrase("new words", "demo")

    exchange(bay, Who(name="Lan Sample", roles=(Role.REVIEWER,)), "another")

    assert [one.issued_by for one in desk.identities()] == ["Lakeside hub", "Bay hub"]
    assert desk.identity() == before
    lake, other = desk.identities()
    assert desk.profile is not None
    assert (desk.profile.person, desk.profile.roles) == (first.person, (Role.ASSESSOR, Role.REVIEWER))
    trust = desk.trust_list()
    assert trust is not None
    assert {one.roots[0] for one in trust.programmes} == {hub.authority.root, bay.authority.root}
    clock.move(days=700)
    exchange(bay, Who(), other.root)
    untouched, renewed = desk.identities()
    assert (untouched.until, renewed.until) == (lake.until, clock.now + timedelta(days=730))
    exchange(hub, Who())
    assert desk.identity().until == clock.now + timedelta(days=730)
    assert desk.profile.roles == (Role.ASSESSOR, Role.REVIEWER)
    for own in (desk.folder / "identity", *(desk.folder / "identity" / "programmes").iterdir()):
        Signer.open(own, "demo")
    bay.close()


def test_the_key_for_another_programme_serves_no_other_answer(make: Make, hub: Hub, tmp_path: Path) -> None:
    from assessor_desk.hub.certifying import Who, answer_request

    desk, request, answer = make("mine"), tmp_path / "request.json", tmp_path / "answer.json"
    for programme in ("", "another"):
        desk.request_identity(request, "demo", (), programme)
        who = Who(name="Lan Sample", roles=(Role.ASSESSOR,))
        given = answer_request(hub, IdentityRequest.from_bytes(request.read_bytes()), who)
        answer.write_bytes(given.to_bytes())
        if not programme:
            desk.import_identity(answer, root_words(hub.authority.root))
    with pytest.raises(Refused, match="This desk belongs to P-1002"):
        desk.import_identity(answer, root_words(hub.authority.root))
    assert len([one for one in desk.identities() if one.person]) == 1


def test_an_answer_to_another_request_or_from_nobody_is_not_taken(
    make: Make, hub: Hub, tmp_path: Path, clock: Clock
) -> None:
    from dataclasses import replace

    from assessor_desk.hub.certifying import Who, answer_request

    mine, other, asked = make("mine"), make("other"), []
    for desk in (mine, other):
        desk.request_identity(tmp_path / "request.json", "demo")
        asked.append(IdentityRequest.from_bytes((tmp_path / "request.json").read_bytes()))
    who = Who(name="Lan Sample", roles=(Role.ASSESSOR,))
    own, theirs = (answer_request(hub, request, who) for request in asked)
    stranger = Hub.create(tmp_path / "stranger", "Another", "Another Programme", clock=clock)
    bad = {
        "another key": theirs,
        "not whose": replace(own, person="P-1"),
        "does not hold": replace(
            own, trust={**own.trust, "trust.pem.p7s": stranger.trust()["trust.pem.p7s"]}
        ),
        "not its certificate's": replace(own, trust=stranger.trust()),
        "it is another's": answer_request(stranger, asked[0], who),
    }
    told = root_words(hub.authority.root)
    stranger.close()
    for words, answer in bad.items():
        (tmp_path / "answer.json").write_bytes(answer.to_bytes())
        with pytest.raises((Refused, Damaged), match=words):
            mine.import_identity(tmp_path / "answer.json", told)
    for content in (b"", b"{}", b'{"kind":"assessor-desk identity","version":1}', b"\xff"):
        (tmp_path / "answer.json").write_bytes(content)
        with pytest.raises(Refused):
            mine.import_identity(tmp_path / "answer.json", told)
    assert mine.identity().standing is IdentityStanding.SELF_MADE
    (tmp_path / "answer.json").write_bytes(own.to_bytes())
    mine.import_identity(tmp_path / "answer.json", told)
    assert mine.identity().standing is IdentityStanding.ISSUED


def test_the_commands_request_import_and_show(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSESSOR_DESK_PASSPHRASE", "demo words of mine")
    desk = ["--desk", str(tmp_path / "new desk")]
    request, answer = str(tmp_path / "request.json"), str(tmp_path / "answer.json")
    assert run_command(["identity", "show", *desk]) == 1
    assert run_command(["identity", "request", "--out", request, "--role", "coach", *desk]) == 0
    told = capsys.readouterr()
    assert "recovery key" in told.err
    assert "Its key is" in told.out
    sign = ["hub", "--at", str(hub.folder), "ca", "sign", request, "--out", answer]
    assert run_command([*sign, "--name", "Lan Sample", "--role", "coach"]) == 0
    shown = re.search(r"fingerprint (([0-9A-F]{4}-?){8}) another way", capsys.readouterr().out)
    assert shown is not None
    assert run_command(["identity", "import", answer, *desk]) == 1
    assert "give that with --fingerprint" in capsys.readouterr().err
    other = "0" + shown[1][1:] if shown[1][0] != "0" else "1" + shown[1][1:]
    assert run_command(["identity", "import", answer, "--fingerprint", other, *desk]) == 1
    assert "it is another's" in capsys.readouterr().err
    told = shown[1].lower().replace("-", " ")
    assert run_command(["identity", "import", answer, "--fingerprint", told, *desk]) == 0
    assert "P-1002 (coach)" in capsys.readouterr().out
    assert run_command(["identity", "renew", *desk]) == 1
    assert "by file" in capsys.readouterr().err
    assert run_command(["identity", "show", "--json", *desk]) == 0
    assert json.loads(capsys.readouterr().out)["standing"] == "issued"


def test_the_root_leaves_by_command_and_the_hub_serves_on(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str], make: Make, url: str
) -> None:
    words = tmp_path / "words"
    words.write_text("kept in the safe\n")
    at = ["hub", "--at", str(hub.folder), "ca"]
    out = str(tmp_path / "root.json")
    assert run_command([*at, "export-root", out]) == 1
    assert "--root-passphrase-file" in capsys.readouterr().err
    assert run_command([*at, "export-root", out, "--root-passphrase-file", str(words)]) == 0
    assert run_command([*at, "show"]) == 0
    assert "its key kept elsewhere" in capsys.readouterr().out
    assert connected(make("mine"), url, hub).identity().standing is IdentityStanding.ISSUED
    assert run_command([*at, "trust", "--out", str(tmp_path / "published")]) == 0
    assert TrustList.load(tmp_path / "published" / "trust.pem").title == "Lakeside hub"
