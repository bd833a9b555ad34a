"""A resubmission over the hub: what is new comes marked, and earlier feedback only where the programme shows it."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from tests.hub.conftest import Answering
from tests.hub.making import ARTIFACT_ROWS, ROWS, Device, import_quickly, write_rows

from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.earlier import News
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.roles import Role
from assessor_desk.domain.submission import Submission
from assessor_desk.hub.assigning import assign, withdraw_consent
from assessor_desk.hub.people import add_person
from assessor_desk.hub.publishing import publish
from assessor_desk.places import resources

AGAIN = "91BB-03"
OVERALL = "The board shows no second answer. " * 12


@pytest.fixture
def people(answering: Answering) -> tuple[Device, Device]:
    """Who assesses the first attempt, and who decides on it."""
    return answering.enrol(Role.ASSESSOR, "91BB-02"), answering.enrol(Role.REVIEWER, "91BB-02")


@pytest.fixture
def released(people: tuple[Device, Device], tmp_path: Path) -> str:
    """The first attempt, decided and released."""
    assessor, reviewer = people
    assessor.deliver(*assessor.seal(tmp_path / "packets", "91BB-02", overall=OVERALL))
    decision, digest = reviewer.decide("91BB-02")
    reviewer.deliver(decision, digest, DeliveryKind.DECISION)
    bag = BytesIO()
    with zipfile.ZipFile(bag, "w") as archive:
        archive.writestr("91BB-02-feedback.pdf", b"%PDF")
    reviewer.source.release(digest, BytesIO(bag.getvalue()), len(bag.getvalue()))
    return digest


@pytest.fixture
def sent_again(answering: Answering, incoming: Path) -> None:
    """The same educator's second attempt: one file as before, one changed, one new."""
    row = ROWS["91BB-02"].replace("91BB-02", AGAIN).replace(",1,no,", ",2,no,")
    artifacts = [one.replace("91BB-02", AGAIN) for one in ARTIFACT_ROWS["91BB-02"]]
    added = [f"{AGAIN},reflection,achterberg again.md,What I changed,"]
    (incoming / "board.md").write_text("# Another board\n", encoding="utf-8")
    (incoming / "achterberg again.md").write_text("# What I changed\n", encoding="utf-8")
    write_rows(incoming, [row], [*artifacts, *added])
    import_quickly(answering.hub, incoming)


def assigned(answering: Answering, tmp_path: Path, *, shown: bool) -> Device:
    """An assessor of the second attempt under a policy that shows earlier feedback, or the usual one."""
    policy = "default"
    if shown:
        text = (resources() / "policies" / "default.yaml").read_text(encoding="utf-8")
        text = text.replace("id: default", "id: shows-earlier").replace(
            "earlier_scores: true", "earlier_scores: false"
        )
        (tmp_path / "shows.yaml").write_text(text, encoding="utf-8")
        publish(answering.hub, tmp_path / "shows.yaml")
        policy = "shows-earlier"
    person = add_person(answering.hub, "Second Sample", [Role.ASSESSOR])
    assign(answering.hub, AGAIN, person, policy_id=policy)
    return answering.another_device(person)


def sent(device: Device) -> Submission:
    return next(one for one in device.changes().submissions if one.key == AGAIN)


@pytest.mark.usefixtures("released", "sent_again")
def test_what_is_new_or_changed_is_told_and_comes_first(answering: Answering, tmp_path: Path) -> None:
    submission = sent(assigned(answering, tmp_path, shown=False))

    news = {(one.label or one.name): submission.news_of(one) for one in submission.shown}
    assert news == {"The board": News.CHANGED, "What I changed": News.NEW, "The lesson": News.SAME}
    assert [submission.news_of(one) for one in submission.shown][-1] is News.SAME


@pytest.mark.usefixtures("released", "sent_again")
def test_earlier_feedback_and_evidence_are_kept_from_whom_policy_keeps_them(
    answering: Answering, tmp_path: Path
) -> None:
    blind = assigned(answering, tmp_path, shown=False)

    page = blind.changes()
    assert all(one.earlier and one.earlier.feedback is None for one in page.submissions)
    assert not any(blob.artifact_id.startswith("earlier-") for blob in page.blobs)
    assert "no second answer" not in repr(page)


@pytest.mark.usefixtures("released", "sent_again")
def test_what_was_released_is_at_hand_where_policy_shows_it(answering: Answering, tmp_path: Path) -> None:
    device = assigned(answering, tmp_path, shown=True)

    page = device.changes()
    (submission,) = page.submissions
    assert submission.earlier is not None
    assert submission.earlier.feedback is not None
    assert submission.earlier.feedback.overall == OVERALL
    assert submission.earlier.feedback.released_at is not None
    assert "chterberg" not in repr(submission.earlier)
    before = [blob for blob in page.blobs if blob.artifact_id.startswith("earlier-")]
    assert [submission.piece(blob.artifact_id).name for blob in before] == ["board.md"]  # type: ignore[union-attr]
    assert b"".join(device.source.fetch(before[0], 0))
    counts = device.source.counts()
    assert (counts.artifacts, counts.bytes) == (len(page.blobs), sum(blob.length for blob in page.blobs))


@pytest.mark.usefixtures("sent_again")
def test_what_was_not_released_is_not_shown(answering: Answering, tmp_path: Path) -> None:
    submission = sent(assigned(answering, tmp_path, shown=True))

    assert submission.earlier is not None
    assert submission.earlier.feedback is None


@pytest.mark.usefixtures("released", "sent_again")
def test_an_earlier_attempt_whose_consent_was_withdrawn_is_gone(answering: Answering, tmp_path: Path) -> None:
    device = assigned(answering, tmp_path, shown=True)
    (before,) = [blob for blob in device.changes().blobs if blob.artifact_id.startswith("earlier-")]
    withdraw_consent(answering.hub, "91BB-02")

    assert sent(device).earlier is None
    with pytest.raises(Refused, match="no such artifact"):
        list(device.source.fetch(before, 0))


@pytest.mark.usefixtures("people", "sent_again")
def test_who_has_the_later_attempt_is_told_of_a_release_and_of_a_withdrawn_consent(
    answering: Answering, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    device = assigned(answering, tmp_path, shown=True)
    cursor = device.changes().cursor

    request.getfixturevalue("released")
    (told,) = device.source.changes(cursor).submissions
    assert told.earlier is not None
    assert told.earlier.feedback is not None
    cursor = device.changes().cursor
    withdraw_consent(answering.hub, "91BB-02")
    (told,) = device.source.changes(cursor).submissions
    assert told.earlier is None
