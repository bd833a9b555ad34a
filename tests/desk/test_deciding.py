"""A reviewer's desk on a real hub: packets come, are read, searched and decided on; what is passed back comes again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.desk.conftest import cheap_passphrases
from tests.desk.kept import KeptDesk
from tests.desk.test_own_devices import let_in
from tests.hub.conftest import Answering, answering_from
from tests.hub.making import Device, StandingClock, copied, import_quickly, make_template, submissions_folder

from assessor_desk.cli.command_line import run_command
from assessor_desk.desk import Desk, InboxState
from assessor_desk.desk.shown import Shown
from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.decision import DecisionKind
from assessor_desk.domain.errors import ChangedElsewhere, OthersUnheard, Refused
from assessor_desk.domain.review import TextField
from assessor_desk.domain.roles import Role
from assessor_desk.domain.rubric import Outcome
from assessor_desk.domain.superseded import superseded_words
from assessor_desk.hub.assigning import assign, withdraw
from assessor_desk.hub.people import add_person, new_code
from assessor_desk.verdict import FactId

KEY = "7F3A-21"
REASON = "The third file is the reflection; look again."


@dataclass(frozen=True)
class Begun:
    """A hub's folder with three submissions, and the desk of the reviewer who has one of them."""

    hub: Path
    reviewer: KeptDesk


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Begun:
    """Made once: certificates, enrolment and the first round take two seconds."""
    folder = tmp_path_factory.mktemp("begun")
    hub = copied(make_template(folder / "template"), folder / "hub", StandingClock())
    import_quickly(hub, submissions_folder(folder / "incoming"))
    person = add_person(hub, "Rita Sample", [Role.REVIEWER])
    assign(hub, KEY, person)
    with cheap_passphrases(), answering_from(hub) as made:
        desk, _ = Desk.create(folder / "reviewer", "demo")
        desk.connect(made.url, new_code(hub, person), "demo")
        desk.sync()
        kept = KeptDesk.of(desk, "demo")
    hub.close()
    return Begun(hub.folder, kept)


@pytest.fixture
def answering(begun: Begun, tmp_path: Path) -> Iterator[Answering]:
    """A hub with its three submissions, answering on loopback."""
    hub = copied(begun.hub, tmp_path / "hub", StandingClock())
    with answering_from(hub) as made:
        yield made
    hub.close()


@pytest.fixture
def assessor(answering: Answering) -> Device:
    return answering.enrol(Role.ASSESSOR, KEY)


@pytest.fixture
def desk(answering: Answering, begun: Begun, tmp_path: Path) -> Iterator[Desk]:
    """A reviewer's desk with one submission to decide on."""
    with begun.reviewer.copied(tmp_path / "reviewer", answering.url) as desk:
        yield desk


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


@pytest.fixture
def laptop(desk: Desk, answering: Answering, tmp_path: Path) -> Iterator[Desk]:
    """A second computer of the reviewer's, let in by the first."""
    with cheap_passphrases():
        laptop, _ = Desk.create(tmp_path / "laptop", "demo")
        profile = desk.profile
        assert profile is not None
        with laptop:
            laptop.connect(answering.url, new_code(answering.hub, profile.person), "demo")
            let_in(desk, laptop)
            yield laptop


def test_a_decision_hears_the_reviewers_other_computers_first(
    desk: Desk, laptop: Desk, assessor: Device, answering: Answering, tmp_path: Path
) -> None:
    deliver(assessor, tmp_path / "packets")
    for each in (desk, laptop):
        assert each.sync().troubles == ()
    own_id, criterion = desk.find(KEY), desk.case(desk.find(KEY)).rubric.criteria[0]
    desk.write_text(own_id, TextField.RATIONALE, "As the second file shows.", criterion.id)
    desk.sync()
    with pytest.raises(ChangedElsewhere, match="came just now"):
        laptop.decide(own_id, "demo")
    laptop.decide_level(own_id, criterion.id, criterion.levels[-1].id)
    passed = desk.pass_back(own_id, REASON, "demo", unheard=True)
    desk.sync()
    with pytest.raises(ChangedElsewhere, match=f"passed back on another computer.*{passed.digest[:8]}"):
        laptop.pass_back(own_id, REASON, "demo")
    there, here = laptop.case(own_id).decision, desk.case(own_id).decision
    assert there is not None
    assert there.seal is not None
    assert there.seal.digest == passed.digest
    assert there == here, "what was chosen here since is not in what was signed there"
    with pytest.raises(Refused, match="sealed and stays"):
        desk.decide(own_id, "demo")


def test_a_correction_that_came_after_the_review_was_shown_is_not_decided_on(
    desk: Desk, assessor: Device, tmp_path: Path
) -> None:
    first = deliver(assessor, tmp_path / "packets")
    desk.sync()
    own_id = desk.find(KEY)
    shown = Shown.of(desk.case(own_id))
    packet, second = assessor.seal(tmp_path / "again", supersedes=first)
    assessor.deliver(packet, second)
    desk.sync()

    with pytest.raises(ChangedElsewhere, match="is not shown here"):
        desk.decide(own_id, "demo", shown=shown)
    with pytest.raises(ChangedElsewhere, match="is not shown here"):
        desk.pass_back(own_id, REASON, "demo", shown=shown)
    case = desk.case(own_id)
    assert (case.read_only, case.decision.reason) == (False, "")  # type: ignore[union-attr]
    assert desk.ledger().waiting_to_send == 0
    desk.decide(own_id, "demo", shown=Shown.of(case))
    assert desk.case(own_id).decision.bases == (second,)  # type: ignore[union-attr]


def test_what_a_round_brought_from_another_computer_after_it_was_shown_is_not_decided_on(
    desk: Desk, laptop: Desk, assessor: Device, tmp_path: Path
) -> None:
    deliver(assessor, tmp_path / "packets")
    for each in (desk, laptop):
        assert each.sync().troubles == ()
    own_id, criterion = desk.find(KEY), desk.case(desk.find(KEY)).rubric.criteria[0]
    shown = Shown.of(laptop.case(own_id))
    desk.write_text(own_id, TextField.RATIONALE, "As the second file shows.", criterion.id)
    for each in (desk, laptop):
        each.sync()
    with pytest.raises(ChangedElsewhere, match="is not shown here"):
        laptop.decide(own_id, "demo", shown=shown)
    assert not laptop.case(own_id).read_only
    assert laptop.ledger().waiting_to_send == 0


def test_a_reason_takes_no_other_ones_place_that_was_not_shown(
    desk: Desk, laptop: Desk, assessor: Device, tmp_path: Path
) -> None:
    deliver(assessor, tmp_path / "packets")
    for each in (desk, laptop):
        assert each.sync().troubles == ()
    own_id, newer = desk.find(KEY), "The second file is cut off; ask for it."
    laptop.write_text(own_id, TextField.REASON, REASON)
    for each in (laptop, desk):
        each.sync()
    shown = Shown.of(laptop.case(own_id))
    assert shown.reason == REASON
    desk.write_text(own_id, TextField.REASON, newer)
    for each in (desk, laptop):
        each.sync()
    with pytest.raises(ChangedElsewhere, match="is not shown here"):
        laptop.pass_back(own_id, REASON, "demo", shown=shown)
    assert laptop.case(own_id).decision.reason == newer  # type: ignore[union-attr]

    shown = Shown.of(laptop.case(own_id))
    desk.write_text(own_id, TextField.REASON, f"{newer} Twice.")
    laptop.draft_text(own_id, TextField.REASON, REASON, over=newer)
    for each in (desk, laptop):
        each.sync()
    with pytest.raises(ChangedElsewhere, match="is not shown here"):
        laptop.pass_back(own_id, REASON, "demo", shown=shown)
    assert len(laptop.case(own_id).sheet.disputed) == 1
    laptop.choose_text(own_id, TextField.REASON, REASON)
    laptop.draft_text(own_id, TextField.REASON, f"{REASON} Please.")
    laptop.pass_back(own_id, f"{REASON} Please.", "demo", shown=shown)
    assert laptop.case(own_id).decision.seal is not None  # type: ignore[union-attr]
    assert laptop.case(own_id).decision.reason == f"{REASON} Please."  # type: ignore[union-attr]


def test_without_the_hub_a_decision_may_be_sealed_all_the_same(
    desk: Desk, laptop: Desk, assessor: Device, answering: Answering, tmp_path: Path
) -> None:
    deliver(assessor, tmp_path / "packets")
    desk.sync()
    (source,) = desk.store.fact("sources")
    desk.store.set_fact("sources", [{**source, "address": "http://127.0.0.1:9"}])
    own_id = desk.find(KEY)
    for act in (lambda: desk.decide(own_id, "demo"), lambda: desk.pass_back(own_id, REASON, "demo")):
        with pytest.raises(OthersUnheard, match="all the same"):
            act()
    assert desk.case(own_id).decision.reason == ""  # type: ignore[union-attr]
    assert desk.decide(own_id, "demo", unheard=True).digest


@pytest.mark.parametrize("sealed_first", ["desk", "laptop"])
@pytest.mark.parametrize(
    ("on_the_desk", "on_the_laptop", "counts"),
    [
        ("decided", "passed back", "desk"),
        ("decided", "decided", "desk"),
        ("passed back", "decided", "laptop"),
    ],
)
def test_of_two_decisions_made_unheard_the_one_that_the_source_goes_by_counts_on_both(
    desk: Desk,
    laptop: Desk,
    assessor: Device,
    tmp_path: Path,
    on_the_desk: str,
    on_the_laptop: str,
    counts: str,
    sealed_first: str,
) -> None:
    deliver(assessor, tmp_path / "packets")
    for each in (desk, laptop):
        assert each.sync().troubles == ()
    own_id, made = desk.find(KEY), {}
    acts = [("desk", desk, on_the_desk), ("laptop", laptop, on_the_laptop)]
    for name, each, act in acts if sealed_first == "desk" else reversed(acts):
        if act == "decided":
            made[name] = each.decide(own_id, "demo", unheard=True).digest
        else:
            made[name] = each.pass_back(own_id, REASON, "demo", unheard=True).digest
    for each in (desk, laptop, desk, laptop):  # the desk's is delivered first
        each.sync()

    for each in (desk, laptop):
        decision = each.case(own_id).decision
        assert decision is not None
        assert decision.seal is not None
        assert decision.seal.digest == made[counts]
        assert each.ledger().waiting_to_send == 0
        assert each.inbox()[0].state is InboxState.DELIVERED
        assert each.sync().troubles == ()
        assert each.case(own_id).delivery.digest == made[counts]  # type: ignore[union-attr]


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


@pytest.fixture
def refused(desk: Desk, assessor: Device, tmp_path: Path) -> str:
    """The id of a submission whose decision the hub refused: it knows a name that stands in the feedback."""
    deliver(assessor, tmp_path / "packets", overall="Hồng asks well. The reflection is missing.")
    desk.sync()
    own_id = desk.find(KEY)
    desk.decide(own_id, "demo")
    assert "F10: “Hồng” in the feedback" in desk.sync().troubles[0]
    return own_id


def kept_by_the_newest(desk: Desk, own_id: str) -> dict[tuple[str, str], str]:
    decision = desk.case(own_id).decision
    assert decision is not None
    return dict(decision.kept)


def test_a_decision_that_the_hub_refuses_is_taken_anew_with_a_reason_and_delivered(
    desk: Desk, refused: str
) -> None:
    delivery = desk.case(refused).delivery
    assert delivery is not None
    assert (delivery.refused, "F10" in delivery.last_trouble) == (True, True)

    changes = desk.decide_anew(refused, " A colour here, not a name. ")

    assert changes.submissions == {refused}
    assert desk.inbox()[0].state is InboxState.TO_DECIDE
    assert desk.ledger().waiting_to_send == 0
    assert kept_by_the_newest(desk, refused) == {("F10", ""): "A colour here, not a name."}
    desk.decide(refused, "demo")
    result = desk.sync()
    assert (result.delivered, result.troubles) == (1, ())
    assert desk.inbox()[0].state is InboxState.DELIVERED


def test_what_was_refused_stays_as_it_was_sealed_and_only_its_file_goes(desk: Desk, refused: str) -> None:
    with desk.store.reading() as view:
        (first,) = view.reviews(refused)
        sealed = view.entries(first.id)
        (line,) = view.outbox_waiting()
    assert line.path.is_file()

    desk.decide_anew(refused)
    desk.tidy()

    with desk.store.reading() as view:
        assert view.entries(first.id) == sealed
        assert [one.revision for one in view.reviews(refused)] == [1, 2]
    assert not line.path.exists()
    assert desk.queue.standing([refused])[refused].outcome == ""
    with desk.store.reading() as view:
        assert view.decided.lines() == []


def test_a_refused_decision_can_be_passed_back_instead(desk: Desk, assessor: Device, refused: str) -> None:
    desk.decide_anew(refused)
    desk.pass_back(refused, REASON, "demo")

    assert desk.sync().troubles == ()
    assert [one.reason for one in assessor.changes().passed_back] == [REASON]


def test_a_pass_back_that_crossed_with_the_correction_is_left_behind_by_the_next_decision(
    desk: Desk, assessor: Device, tmp_path: Path
) -> None:
    first = deliver(assessor, tmp_path / "packets")
    desk.sync()
    own_id = desk.find(KEY)
    desk.pass_back(own_id, REASON, "demo")
    assessor.deliver(*assessor.seal(tmp_path / "again", supersedes=first))
    assert "corrected since" in desk.sync().troubles[0]

    desk.decide(own_id, "demo")

    result = desk.sync()
    assert (result.delivered, result.waiting, result.troubles) == (1, 0, ())


def test_a_refused_pass_back_is_taken_up_with_the_reason_written(
    desk: Desk, assessor: Device, tmp_path: Path
) -> None:
    from tests.hub.test_deciding import concern_of, passed_to

    deliver(assessor, tmp_path / "packets")
    desk.sync()
    own_id = desk.find(KEY)
    desk.pass_back(own_id, REASON, "demo")
    passed_to(assessor, DeliveryKind.CONCERN, concern_of(assessor))
    assert "on hold" in desk.sync().troubles[0]
    with pytest.raises(Refused, match="not refused for F10"):
        desk.decide_anew(own_id, "A colour here, not a name.")

    desk.decide_anew(own_id)

    decision = desk.case(own_id).decision
    assert decision is not None
    assert (decision.seal, decision.reason) == (None, REASON)


def test_only_what_the_hub_refused_is_taken_anew(desk: Desk, assessor: Device, tmp_path: Path) -> None:
    deliver(assessor, tmp_path / "packets")
    desk.sync()
    own_id = desk.find(KEY)
    with pytest.raises(Refused, match="is not sealed"):
        desk.decide_anew(own_id)
    desk.decide(own_id, "demo")
    with pytest.raises(Refused, match="was not refused: it waits to be sent"):
        desk.decide_anew(own_id)
    desk.sync()
    with pytest.raises(Refused, match="is on the hub and stays"):
        desk.decide_anew(own_id)


def test_a_refused_decision_still_waits_where_the_hub_cannot_be_reached_since(
    desk: Desk, refused: str, answering: Answering
) -> None:
    """An answer that is lost leaves open whether the hub has it; then nothing is dropped."""
    with desk.store.reading() as view:
        (line,) = view.outbox_waiting()
    desk.store.outbox_failed(line.id, "The connection ended too early.")

    with pytest.raises(Refused, match="was not refused"):
        desk.decide_anew(refused)
    assert desk.ledger().waiting_to_send == 1


def test_on_the_command_line_a_refused_decision_is_taken_anew(
    desk: Desk, refused: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.close()
    words = tmp_path / "passphrase"
    words.write_text("demo\n", encoding="utf-8")

    def say(*arguments: str) -> tuple[int, dict[str, object]]:
        code = run_command(
            [*arguments, "--desk", str(desk.folder), "--passphrase-file", str(words), "--json"]
        )
        return code, json.loads(capsys.readouterr().out)

    assert say("decide", KEY, "--keep", "F10=A colour, not a name")[0] == 1
    assert say("decide", KEY, "--anew", "--keep", "F9=A colour, not a name")[0] == 1
    assert say("decide", KEY, "--anew", "--keep", "F10=A colour, not a name") == (0, {"to_decide": [KEY]})
    assert say("decide", KEY, "--anew")[0] == 1
    assert say("decide", KEY)[0] == 0
    assert say("sync")[0] == 0


class TestCoSigning:
    @pytest.fixture
    def packet(self, assessor: Device, tmp_path: Path) -> Path:
        content, _ = assessor.seal(tmp_path / "packets")
        path = tmp_path / "7F3A-21.zip"
        path.write_bytes(content)
        return path

    def test_a_reviewer_co_signs_a_packet_in_a_copy(self, desk: Desk, packet: Path, tmp_path: Path) -> None:
        before = packet.read_bytes()

        written = desk.co_sign(packet, "demo", tmp_path / "co-signed")

        (verdict,) = desk.verify([written])
        assert not verdict.bad
        assert "and Reviewer P-1001 signed" in verdict.fact(FactId.SIGNATURE).sentence
        assert packet.read_bytes() == before
        with pytest.raises(Refused, match="is there already"):
            desk.co_sign(packet, "demo", tmp_path / "co-signed")

    def test_a_wrong_passphrase_signs_nothing(self, desk: Desk, packet: Path, tmp_path: Path) -> None:
        with pytest.raises(Refused, match="passphrase"):
            desk.co_sign(packet, "wrong", tmp_path / "co-signed")
        assert not (tmp_path / "co-signed").exists()

    def test_a_packet_that_does_not_hold_is_not_co_signed(
        self, desk: Desk, packet: Path, tmp_path: Path
    ) -> None:
        content = bytearray(packet.read_bytes())
        content[len(content) // 2] ^= 1
        packet.write_bytes(content)

        with pytest.raises(Refused, match=r"was not co-signed\. Do not rely"):
            desk.co_sign(packet, "demo", tmp_path / "co-signed")
