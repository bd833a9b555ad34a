"""Deciding over the hub: packets reach whoever decides and nobody else, reports go once."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.hub.conftest import Answering
from tests.hub.lost_answers import lose_answers
from tests.hub.making import SECRET, Device, StandingClock, kept
from tests.sync.minds import republished

from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.coaching import CoachingNotes
from assessor_desk.domain.concern import Concern, ConcernKind
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.handed_notes import NotesFacts, handed_notes
from assessor_desk.domain.review import CriterionWork, TextField
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign, assign_all
from assessor_desk.hub.handed_in import forget_old_notes, notes_kept
from assessor_desk.hub.handing_on import write_notes, write_reports
from assessor_desk.hub.holds import holds, lift_holds
from assessor_desk.hub.people import add_person
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.releases import released_documents, releases
from assessor_desk.protocol.concerns import concern_bytes
from assessor_desk.protocol.notes import notes_bytes
from assessor_desk.rubric_files import policy_from_json, rubric_from_json

KEY = "7F3A-21"


@pytest.fixture
def assessor(answering: Answering) -> Device:
    return answering.enrol(Role.ASSESSOR, KEY)


@pytest.fixture
def reviewer(answering: Answering) -> Device:
    return answering.enrol(Role.REVIEWER, KEY)


@pytest.fixture
def delivered(assessor: Device, reviewer: Device, tmp_path: Path) -> str:
    """The digest of a packet that waits for a decision."""
    packet, digest = assessor.seal(tmp_path / "packets")
    assessor.deliver(packet, digest)
    return digest


def passed_to(device: Device, kind: DeliveryKind, document: bytes) -> None:
    device.deliver(document, hashlib.sha256(document).hexdigest(), kind)


def concern_of(device: Device, artifact: str = "") -> bytes:
    submission = next(each for each in device.changes().submissions if each.key == KEY)
    at = submission.submitted_at
    assert at is not None
    return concern_bytes(
        Concern("c-1", submission.id, ConcernKind.PRIVACY, "A pupil is named.", at, device.person, artifact)
    )


def test_a_reviewer_is_asked_to_decide_unless_told_otherwise(answering: Answering, reviewer: Device) -> None:
    (assignment,) = reviewer.changes().assignments

    assert (assignment.role, assignment.purpose) == (Role.REVIEWER, Purpose.DECIDE)


def test_nobody_decides_on_what_they_assess(answering: Answering) -> None:
    both = add_person(answering.hub, "Sample", [Role.ASSESSOR, Role.REVIEWER])
    assign(answering.hub, KEY, both, Purpose.ASSESS)

    with pytest.raises(Refused, match="cannot both assess"):
        assign(answering.hub, KEY, both, Purpose.DECIDE)
    assert KEY not in {each.key for each in assign_all(answering.hub, both)}


def test_everything_goes_to_a_reviewer_once_although_assessors_have_it(
    answering: Answering, assessor: Device
) -> None:
    person = add_person(answering.hub, "Sample", [Role.REVIEWER])

    assert [each.key for each in assign_all(answering.hub, person)] == [KEY, "91BB-02"]
    assert assign_all(answering.hub, add_person(answering.hub, "Another", [Role.REVIEWER])) == []


def test_a_packet_reaches_whoever_decides_with_its_bytes(reviewer: Device, delivered: str) -> None:
    (told,) = reviewer.changes().packets

    assert told.digest == delivered
    assert reviewer.fetch_packet(told).startswith(b"PK")


def test_a_packet_reaches_nobody_else(
    answering: Answering, assessor: Device, reviewer: Device, delivered: str
) -> None:
    (told,) = reviewer.changes().packets
    for other in (assessor, answering.enrol(Role.ASSESSOR, KEY), answering.enrol(Role.REVIEWER, "91BB-02")):
        assert other.changes().packets == ()
        with pytest.raises(Refused, match="no such artifact"):
            other.fetch_packet(told)


def test_who_is_asked_later_is_sent_what_was_delivered_before(
    answering: Answering, assessor: Device, tmp_path: Path
) -> None:
    assessor.deliver(*assessor.seal(tmp_path / "packets"))

    assert len(answering.enrol(Role.REVIEWER, KEY).changes().packets) == 1


def test_a_decision_is_answered_by_a_receipt_and_then_names_the_recipient(
    reviewer: Device, delivered: str
) -> None:
    assert reviewer.changes().recipients == ()
    assert reviewer.changes().submissions[0].educator == ""
    decision, digest = reviewer.decide()

    receipt = reviewer.deliver(decision, digest, DeliveryKind.DECISION)

    assert receipt.packet_digest == digest
    (recipient,) = reviewer.changes().recipients
    assert (recipient.name, recipient.email) == ("Nguyễn Thị Hồng Nhung", "nhung.n@example.org")


def test_a_second_decision_must_replace_the_first(reviewer: Device, delivered: str) -> None:
    decision, digest = reviewer.decide()
    reviewer.deliver(decision, digest, DeliveryKind.DECISION)
    other, other_digest = reviewer.decide(kept={("F12", ""): "as it is"})

    with pytest.raises(Refused, match="must supersede"):
        reviewer.deliver(other, other_digest, DeliveryKind.DECISION)
    later, later_digest = reviewer.decide(supersedes=digest)
    assert reviewer.deliver(later, later_digest, DeliveryKind.DECISION).packet_digest == later_digest


def test_an_assessor_cannot_deliver_a_decision_nor_a_reviewer_a_packet(
    reviewer: Device, delivered: str, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="another purpose"):
        reviewer.deliver(*reviewer.seal(tmp_path / "packets"))


def test_a_decision_is_by_the_version_that_its_review_was_moved_to(
    answering: Answering, assessor: Device, reviewer: Device, root: Path, tmp_path: Path
) -> None:
    hub = replace(answering.hub, clock=lambda: datetime.now(UTC) + timedelta(minutes=1))
    publish(hub, republished(root, tmp_path / "anew.yaml"))
    packet, digest = assessor.seal(tmp_path / "packets", version="2031.1")
    assessor.deliver(packet, digest)
    with pytest.raises(Refused, match="made by another version of the rubric"):
        reviewer.deliver(*reviewer.decide(KEY), DeliveryKind.DECISION)
    decision, named = reviewer.decide(KEY, version="2031.1")
    assert reviewer.deliver(decision, named, DeliveryKind.DECISION).packet_digest == named


def test_a_version_that_was_never_published_is_not_taken(
    answering: Answering, assessor: Device, root: Path, tmp_path: Path
) -> None:
    path = republished(root, tmp_path / "anew.yaml")
    hub = replace(answering.hub, clock=lambda: datetime.now(UTC) + timedelta(minutes=1))
    publish(hub, path)
    packet, digest = assessor.seal(tmp_path / "packets", version="2031.1")
    with answering.hub.database.writing() as work:
        work.execute(sa.delete(t.documents).where(t.documents.c.version == "2031.1"))
    with pytest.raises(Refused, match="not as it was published here"):
        assessor.deliver(packet, digest)


def test_a_review_passed_back_reaches_its_assessor_with_the_reason(
    assessor: Device, reviewer: Device, delivered: str, tmp_path: Path
) -> None:
    decision, digest = reviewer.decide(reason="The reflection is there; look at the third file.")
    reviewer.deliver(decision, digest, DeliveryKind.DECISION)

    (told,) = assessor.changes().passed_back
    assert (told.packet, told.reason) == (delivered, "The reflection is there; look at the third file.")
    assert reviewer.changes().passed_back == ()
    corrected, corrected_digest = assessor.seal(tmp_path / "again", supersedes=delivered)
    assessor.deliver(corrected, corrected_digest)
    confirmed, confirmed_digest = reviewer.decide()
    reviewer.deliver(confirmed, confirmed_digest, DeliveryKind.DECISION)


def test_a_decision_on_a_packet_that_was_corrected_meanwhile_is_declined(
    assessor: Device, reviewer: Device, delivered: str, tmp_path: Path
) -> None:
    decision, digest = reviewer.decide()
    assessor.deliver(*assessor.seal(tmp_path / "again", supersedes=delivered))

    with pytest.raises(Refused, match="corrected since"):
        reviewer.deliver(decision, digest, DeliveryKind.DECISION)


def test_the_hub_knows_the_name_that_the_assessor_could_not(
    assessor: Device, reviewer: Device, tmp_path: Path
) -> None:
    assessor.deliver(
        *assessor.seal(tmp_path / "packets", overall="Hồng asks well. The reflection is missing.")
    )
    decision, digest = reviewer.decide()

    with pytest.raises(Refused, match="F10: “Hồng”"):
        reviewer.deliver(decision, digest, DeliveryKind.DECISION)
    kept, kept_digest = reviewer.decide(kept={("F10", ""): "A colour here, not a name."})
    assert reviewer.deliver(kept, kept_digest, DeliveryKind.DECISION).packet_digest == kept_digest


class TestReleases:
    @pytest.fixture
    def decided(self, reviewer: Device, delivered: str) -> str:
        decision, digest = reviewer.decide()
        reviewer.deliver(decision, digest, DeliveryKind.DECISION)
        return digest

    def test_a_report_is_released_once_and_answered_alike_again(
        self, answering: Answering, clock: StandingClock, reviewer: Device, decided: str
    ) -> None:
        first = reviewer.source.release(decided, BytesIO(b"documents"), 9)
        clock.move(days=1)

        assert reviewer.source.release(decided, BytesIO(b"others"), 6) == first
        assert [(one.key, one.outcome, one.how) for one in releases(answering.hub)] == [
            (KEY, "incomplete", "hub")
        ]
        assert released_documents(answering.hub, decided) == b"documents"

    @pytest.mark.both_homes
    def test_a_report_is_kept_whose_commit_was_done_and_the_answer_to_it_lost(
        self, answering: Answering, reviewer: Device, decided: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as breaking:
            lost = lose_answers(breaking, "releases")
            with pytest.raises(Unavailable):
                reviewer.source.release(decided, BytesIO(b"documents"), 9)

        assert lost
        reviewer.source.release(decided, BytesIO(b"documents"), 9)
        assert released_documents(answering.hub, decided) == b"documents"

    def test_a_folder_release_is_noted_without_documents(
        self, answering: Answering, reviewer: Device, decided: str
    ) -> None:
        reviewer.source.release(decided, None, 0)

        assert [one.how for one in releases(answering.hub)] == ["folder"]

    def test_nobody_else_releases_it(self, answering: Answering, decided: str) -> None:
        other = answering.enrol(Role.REVIEWER, "91BB-02")

        with pytest.raises(Refused, match="no such decision of yours"):
            other.source.release(decided, None, 0)

    def test_nothing_is_released_while_a_concern_stands(
        self, answering: Answering, reviewer: Device, decided: str
    ) -> None:
        passed_to(reviewer, DeliveryKind.CONCERN, concern_of(reviewer))

        with pytest.raises(Refused, match="on hold"):
            reviewer.source.release(decided, None, 0)
        assert lift_holds(answering.hub, KEY) == 1
        reviewer.source.release(decided, None, 0)

    def test_a_pass_back_has_no_report(self, reviewer: Device, delivered: str) -> None:
        decision, digest = reviewer.decide(reason="Look again.")
        reviewer.deliver(decision, digest, DeliveryKind.DECISION)

        with pytest.raises(Refused, match="passed back"):
            reviewer.source.release(digest, None, 0)


class TestConcerns:
    def test_a_concern_holds_the_decision_and_reaches_the_reviewer(
        self, answering: Answering, assessor: Device, reviewer: Device, delivered: str
    ) -> None:
        passed_to(assessor, DeliveryKind.CONCERN, concern_of(assessor))

        (held,) = reviewer.changes().holds
        assert (held.kind, held.words, held.lifted_at) == ("privacy", "A pupil is named.", None)
        assert assessor.changes().holds == (held,), "whoever raised it hears how it stands"
        (other,) = answering.enrol(Role.ASSESSOR, KEY).changes().holds
        assert other == replace(held, kind="", words="", artifact_id=""), "that it is on hold, not why"
        with pytest.raises(Refused, match="on hold"):
            reviewer.deliver(*reviewer.decide(), DeliveryKind.DECISION)
        assert [one.key for one in holds(answering.hub)] == [KEY]

    def test_a_quarantined_file_is_sent_to_nobody_until_the_hold_is_lifted(
        self, answering: Answering, assessor: Device, reviewer: Device
    ) -> None:
        before = reviewer.changes()
        blob = before.blobs[0]
        passed_to(assessor, DeliveryKind.CONCERN, concern_of(assessor, blob.artifact_id))

        page = reviewer.changes()
        assert blob.artifact_id not in {one.artifact_id for one in page.blobs}
        assert page.withheld == ((blob.submission_id, blob.artifact_id),)
        with pytest.raises(Refused, match="no such artifact"):
            list(reviewer.source.fetch(blob, 0))
        lift_holds(answering.hub, KEY)
        page = reviewer.changes()
        assert blob.artifact_id in {one.artifact_id for one in page.blobs}
        assert page.withheld == ()

    def test_the_captions_of_a_quarantined_recording_are_sent_to_nobody_either(
        self, answering: Answering, assessor: Device, reviewer: Device
    ) -> None:
        page = reviewer.changes()
        submission = next(one for one in page.submissions if one.key == KEY)
        spoken = next(one for one in submission.artifacts if one.captions)
        captions = next(one for one in page.blobs if one.artifact_id == spoken.captions)
        passed_to(assessor, DeliveryKind.CONCERN, concern_of(assessor, spoken.id))

        page = reviewer.changes()
        assert set(page.withheld) == {(submission.id, spoken.id), (submission.id, spoken.captions)}
        assert {spoken.id, spoken.captions}.isdisjoint(one.artifact_id for one in page.blobs)
        with pytest.raises(Refused, match="no such artifact"):
            list(reviewer.source.fetch(captions, 0))
        lift_holds(answering.hub, KEY)
        assert spoken.captions in {one.artifact_id for one in reviewer.changes().blobs}

    def test_a_concern_about_a_submission_of_others_is_declined(
        self, answering: Answering, assessor: Device
    ) -> None:
        stranger = answering.enrol(Role.ASSESSOR, "91BB-02")
        document = concern_of(assessor).replace(assessor.person.encode(), stranger.person.encode())

        with pytest.raises(Refused, match="none of yours"):
            passed_to(stranger, DeliveryKind.CONCERN, document)
        assert holds(answering.hub) == []


class TestNotes:
    @pytest.fixture
    def coach(self, answering: Answering) -> Device:
        return answering.enrol(Role.COACH, "E5D2-11")

    @staticmethod
    def notes_of(coach: Device) -> bytes:
        page = coach.changes()
        rubric = rubric_from_json(page.rubrics[0].canonical)
        work = CriterionWork(texts={TextField.PRESENT: f"You greet by name. {SECRET}"})
        notes = CoachingNotes("n-1", works={rubric.criteria[0].id: work}, overall="A good start.")
        facts = NotesFacts(
            notes,
            page.submissions[0],
            page.assignments[0],
            rubric,
            policy_from_json(page.policies[0].canonical),
            "Lakeside Regional Programme",
            page.submissions[0].submitted_at or pytest.fail("a submission has its time"),
        )
        return notes_bytes(handed_notes(facts))

    def test_notes_are_receipted_and_go_to_no_desk(
        self, answering: Answering, coach: Device, tmp_path: Path
    ) -> None:
        document = self.notes_of(coach)
        passed_to(coach, DeliveryKind.NOTES, document)

        others = [answering.enrol(Role.ASSESSOR, "91BB-02"), answering.enrol(Role.REVIEWER, KEY), coach]
        assert all("You greet" not in repr(each.changes()) for each in others)
        sealed = kept(answering.hub.packets).values()
        assert sealed
        assert all(SECRET.encode() not in one for one in sealed)

    def test_an_issuer_writes_notes_and_reports_to_hand_on(
        self, answering: Answering, coach: Device, reviewer: Device, delivered: str, tmp_path: Path
    ) -> None:
        passed_to(coach, DeliveryKind.NOTES, self.notes_of(coach))
        decision, digest = reviewer.decide()
        reviewer.deliver(decision, digest, DeliveryKind.DECISION)
        bag = BytesIO()
        with zipfile.ZipFile(bag, "w") as archive:
            archive.writestr("../7F3A-21-feedback.pdf", b"%PDF")
        reviewer.source.release(digest, BytesIO(bag.getvalue()), len(bag.getvalue()))

        notes = write_notes(answering.hub, tmp_path / "out")
        reports = write_reports(answering.hub, tmp_path / "out")

        assert [path.name for path in notes] == [f"notes-E5D2-11.{form}" for form in ("pdf", "docx", "html")]
        assert [path.relative_to(tmp_path / "out") for path in reports] == [Path("7F3A-21-feedback.pdf")]

    def test_notes_of_another_coach_are_declined(self, answering: Answering, coach: Device) -> None:
        stranger = answering.enrol(Role.COACH)

        with pytest.raises(Refused, match="none of yours"):
            passed_to(stranger, DeliveryKind.NOTES, self.notes_of(coach))

    def test_what_is_no_notes_is_declined(self, coach: Device) -> None:
        for document in (b"{}", b"not json", json.dumps({"format": "assessor-desk/notes/1"}).encode()):
            with pytest.raises(Refused, match="cannot be read"):
                passed_to(coach, DeliveryKind.NOTES, document)

    def test_notes_go_when_policy_says(
        self, answering: Answering, clock: StandingClock, coach: Device
    ) -> None:
        passed_to(coach, DeliveryKind.NOTES, self.notes_of(coach))
        files = set(kept(answering.hub.packets))

        assert forget_old_notes(answering.hub) == 0
        clock.move(days=366)
        assert forget_old_notes(answering.hub) == 1
        assert set(kept(answering.hub.packets)) < files

    def test_notes_that_went_are_not_asked_for_and_do_not_come_back(
        self, answering: Answering, clock: StandingClock, coach: Device
    ) -> None:
        document = self.notes_of(coach)
        digest = hashlib.sha256(document).hexdigest()
        receipt = coach.deliver(document, digest, DeliveryKind.NOTES)
        clock.move(days=366)
        forget_old_notes(answering.hub)

        assert coach.source.held([digest]).delivered == {digest}
        assert coach.deliver(document, digest, DeliveryKind.NOTES) == receipt
        assert notes_kept(answering.hub) == []

    def test_the_next_draft_names_the_one_before(self, answering: Answering, coach: Device) -> None:
        (first,) = coach.changes().submissions

        assert first.previous == ""


@pytest.fixture(autouse=True)
def _nothing_in_plain(answering: Answering) -> Iterator[None]:
    """No word of a packet, decision or concern is found in any file of the hub."""
    yield
    words = (b"A pupil is named", b"The reflection is missing")
    for path in answering.hub.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(word in content for word in words), path
