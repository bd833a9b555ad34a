"""A reviewer's desk on a real hub: packets come, are read, searched and decided on; what is passed back comes again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.hub.conftest import Answering
from tests.hub.making import Device, StandingClock, copied, import_quickly, make_template, submissions_folder

from assessor_desk.desk import Desk, InboxState
from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.decision import DecisionKind
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.review import TextField
from assessor_desk.domain.roles import Role
from assessor_desk.domain.rubric import Outcome
from assessor_desk.domain.superseded import superseded_words
from assessor_desk.hub.assigning import assign, withdraw
from assessor_desk.hub.people import add_person, new_code
from assessor_desk.hub.serve import Server

KEY = "7F3A-21"
REASON = "The third file is the reflection; look again."


@pytest.fixture(scope="session")
def hub_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("template") / "hub")


@pytest.fixture
def answering(hub_template: Path, tmp_path: Path) -> Iterator[Answering]:
    """A hub with its three submissions, answering on loopback."""
    hub = copied(hub_template, tmp_path / "hub", StandingClock())
    import_quickly(hub, submissions_folder(tmp_path / "incoming"))
    with Server(hub.folder) as server:
        made = Answering(hub, server.url)
        yield made
        for device in made.devices:
            device.source.close()
    hub.close()


@pytest.fixture
def assessor(answering: Answering) -> Device:
    return answering.enrol(Role.ASSESSOR, KEY)


@pytest.fixture
def desk(answering: Answering, tmp_path: Path) -> Iterator[Desk]:
    """A reviewer's desk with one submission to decide on."""
    person = add_person(answering.hub, "Rita Sample", [Role.REVIEWER])
    assign(answering.hub, KEY, person)
    desk, _ = Desk.create(tmp_path / "reviewer", "demo")
    desk.connect(answering.url, new_code(answering.hub, person), "demo")
    desk.sync()
    yield desk
    desk.close()


def deliver(assessor: Device, folder: Path, **kwargs: str) -> str:
    packet, digest = assessor.seal(folder, **kwargs)  # type: ignore[arg-type]
    assessor.deliver(packet, digest)
    return digest


def test_before_a_review_comes_there_is_nothing_to_decide(desk: Desk) -> None:
    own_id = desk.find(KEY)

    assert desk.case(own_id).delivered == ()
    with pytest.raises(Refused, match="No review has been delivered"):
        desk.decide(own_id, "demo")


def test_a_delivered_review_is_verified_and_shown(desk: Desk, assessor: Device, tmp_path: Path) -> None:
    digest = deliver(assessor, tmp_path / "packets")
    desk.sync()
    case = desk.case(desk.find(KEY))

    (delivered,) = case.delivered
    assert (delivered.packet, delivered.held, delivered.person) == (digest, True, assessor.person)
    assert case.review.overall.startswith("The reflection is missing.")
    assert case.review.sealed
    assert not case.read_only
    assert desk.inbox()[0].state is InboxState.TO_DECIDE
    assert desk.verdict_on(digest).exit_code({"time", "revocation"}) == 0


def test_the_words_of_delivered_reviews_are_found_in_any_order_and_without_accents(
    desk: Desk, assessor: Device, tmp_path: Path
) -> None:
    deliver(assessor, tmp_path / "packets", overall="Vật phẩm thứ ba is missing; the quokka waits.")
    desk.sync()

    assert [one.field for one in desk.search_reviews("quok vat")] == []
    (found,) = desk.search_reviews("vat quok")
    assert (found.submission_id, found.field) == (desk.find(KEY), "overall")
    assert "\x02Vật\x03" in found.excerpt
    assert desk.search_reviews('"; DROP TABLE') == []
    assert desk.search_reviews("  ") == []


def test_a_decision_is_sealed_sent_and_on_the_hub(
    desk: Desk, assessor: Device, answering: Answering, tmp_path: Path
) -> None:
    deliver(assessor, tmp_path / "packets")
    desk.sync()
    own_id = desk.find(KEY)

    sealed = desk.decide(own_id, "demo")
    case = desk.case(own_id)
    assert case.read_only
    assert case.decision is not None
    assert case.decision.seal is not None
    assert (case.decision.seal.kind, case.decision.seal.outcome) == (
        DecisionKind.CONFIRMED,
        Outcome.INCOMPLETE,
    )
    assert desk.inbox()[0].state is InboxState.SEALED_WAITING
    result = desk.sync()
    assert (result.delivered, result.troubles) == (1, ())
    assert desk.inbox()[0].state is InboxState.DELIVERED
    assert sealed.digest == case.decision.seal.digest
    with pytest.raises(Refused, match="sealed and stays"):
        desk.decide(own_id, "demo")


def test_a_wrong_passphrase_decides_nothing(desk: Desk, assessor: Device, tmp_path: Path) -> None:
    deliver(assessor, tmp_path / "packets")
    desk.sync()
    own_id = desk.find(KEY)

    with pytest.raises(Refused, match="passphrase is not right"):
        desk.decide(own_id, "wrong")
    assert not desk.case(own_id).read_only
    assert desk.ledger().waiting_to_send == 0


def test_a_review_passed_back_waits_for_its_correction_and_is_decided_anew(
    desk: Desk, assessor: Device, tmp_path: Path
) -> None:
    first = deliver(assessor, tmp_path / "packets")
    desk.sync()
    own_id = desk.find(KEY)
    with pytest.raises(Refused, match="Say why"):
        desk.pass_back(own_id, "  ", "demo")

    desk.pass_back(own_id, REASON, "demo")
    desk.sync()
    assert [one.reason for one in assessor.changes().passed_back] == [REASON]
    assert desk.case(own_id).read_only
    packet, digest = assessor.seal(tmp_path / "again", supersedes=first)
    assessor.deliver(packet, digest)
    desk.sync()

    case = desk.case(own_id)
    assert [one.packet for one in case.delivered] == [digest]
    assert not case.read_only
    assert desk.inbox()[0].state is InboxState.TO_DECIDE
    desk.decide(own_id, "demo")
    assert desk.sync().troubles == ()
    assert desk.inbox()[0].state is InboxState.DELIVERED


def test_a_hold_keeps_a_submission_from_being_decided(
    desk: Desk, assessor: Device, answering: Answering, tmp_path: Path
) -> None:
    from tests.hub.test_deciding import concern_of, passed_to

    deliver(assessor, tmp_path / "packets")
    passed_to(assessor, DeliveryKind.CONCERN, concern_of(assessor))
    desk.sync()
    own_id = desk.find(KEY)

    assert [one.words for one in desk.case(own_id).holds] == ["A pupil is named."]
    with pytest.raises(Refused, match="on hold: a privacy concern"):
        desk.decide(own_id, "demo")


def test_a_reviewer_scores_nothing_and_writes_no_feedback(
    desk: Desk, assessor: Device, tmp_path: Path
) -> None:
    deliver(assessor, tmp_path / "packets")
    desk.sync()
    own_id, criterion = desk.find(KEY), "plans-checks"

    with pytest.raises(Refused, match="stays as it is"):
        desk.record_score(own_id, criterion, "demonstrated")
    with pytest.raises(Refused, match="stays as it is"):
        desk.record_completeness(own_id)
    for field in (TextField.STRENGTH, TextField.NEXT_STEP, TextField.OVERALL):
        with pytest.raises(Refused, match="There is no"):
            desk.write_text(own_id, field, "words", "" if field is TextField.OVERALL else criterion)


def test_whoever_is_recused_keeps_nothing_of_the_reviews(
    desk: Desk, assessor: Device, answering: Answering, tmp_path: Path
) -> None:
    deliver(assessor, tmp_path / "packets", overall="The quokka waits for its reflection.")
    desk.sync()
    assert desk.search_reviews("quokka")
    person = desk.profile.person if desk.profile else ""
    withdraw(answering.hub, KEY, person, recused=True)
    desk.sync()

    assert desk.search_reviews("quokka") == []
    assert desk.case(desk.find(KEY)).delivered == ()


def test_a_packet_whose_file_was_deleted_is_fetched_again(
    desk: Desk, assessor: Device, tmp_path: Path
) -> None:
    digest = deliver(assessor, tmp_path / "packets")
    desk.sync()
    with desk.store.reading() as view:
        line = view.deciding.packet(digest)
    assert line is not None
    desk.vault.remove(line.blob)

    desk.sync()

    assert desk.verdict_on(digest).exit_code() == 0


def test_what_was_typed_over_in_a_sealed_decision_can_go_as_in_a_review(
    desk: Desk, assessor: Device, tmp_path: Path
) -> None:
    deliver(assessor, tmp_path / "packets")
    desk.sync()
    own_id = desk.find(KEY)
    desk.write_text(own_id, TextField.REASON, "My first thought, which nobody is to read")
    desk.pass_back(own_id, REASON, "demo")
    desk.sync()
    with desk.store.reading() as view:
        (line,) = view.reviews(own_id)
        assert [one.own_id for one in view.wordings_kept()] == [line.id]
        over = superseded_words(view.entries(line.id))
    desk.store.drop_wordings(line.id, over)
    with desk.store.reading() as view:
        assert "first thought" not in str([entry.data for entry in view.entries(line.id)])
    decision = desk.case(own_id).decision
    assert decision is not None
    assert decision.reason == REASON
