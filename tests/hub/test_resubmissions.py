"""A resubmission over the hub: what is new comes marked, and earlier feedback only where the programme shows it."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from tests.hub.asking import most_values, what_is_asked
from tests.hub.conftest import Answering
from tests.hub.making import ARTIFACT_ROWS, ROWS, Device, import_quickly, write_rows

from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.earlier import News
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.roles import Role
from assessor_desk.domain.submission import Submission
from assessor_desk.hub import parts
from assessor_desk.hub.assigning import assign, withdraw_consent
from assessor_desk.hub.feed import blobs_with, counts_for
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import Caller, add_person
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
        publish(answering.hub, shows_earlier(tmp_path))
        policy = "shows-earlier"
    person = add_person(answering.hub, "Second Sample", [Role.ASSESSOR])
    assign(answering.hub, AGAIN, person, policy_id=policy)
    return answering.another_device(person)


def shows_earlier(folder: Path) -> Path:
    """A policy that shows earlier feedback."""
    text = (resources() / "policies" / "default.yaml").read_text(encoding="utf-8")
    text = text.replace("id: default", "id: shows-earlier").replace(
        "earlier_scores: true", "earlier_scores: false"
    )
    (folder / "shows.yaml").write_text(text, encoding="utf-8")
    return folder / "shows.yaml"


def attempted_twice(hub: Hub, folder: Path, count: int) -> list[str]:
    """As many second attempts, each of an educator of its own, with a file in either attempt."""
    keys = [f"{count}-{number}-{attempt}" for number in range(count) for attempt in (1, 2)]
    rows = [f"{key},E-{key[:-2]},Anna Berg,formative-assessment-math,{key[-1]},no,D,en,yes," for key in keys]
    folder.mkdir()
    write_rows(folder, rows, [f"{key},work,{key}.md,," for key in keys])
    for key in keys:
        (folder / f"{key}.md").write_text(f"# {key}", encoding="utf-8")
    import_quickly(hub, folder)
    return keys[1::2]


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


def test_fetching_a_packet_asks_nothing_of_the_attempts_before_what_is_decided_on(
    answering: Answering, tmp_path: Path
) -> None:
    few, many = (asked_for_a_packet(answering, tmp_path / f"{count}", count) for count in (1, 6))
    assert few == many


def asked_for_a_packet(answering: Answering, folder: Path, count: int) -> int:
    """How many statements it takes to find the packet of a reviewer who decides on as many second attempts."""
    hub, keys = answering.hub, attempted_twice(answering.hub, folder, count)
    reviewer = answering.enrol(Role.REVIEWER, *keys)
    assessor = answering.enrol(Role.ASSESSOR, keys[0])
    assessor.deliver(*assessor.seal(folder / "packets", keys[0]))
    (packet,) = reviewer.changes().packets
    with what_is_asked(hub) as asked:
        blobs, _ = blobs_with(hub, Caller(reviewer.person, "a device", (Role.REVIEWER,)), packet.blob)
    assert blobs is hub.packets
    return len(asked)


@pytest.mark.both_homes
def test_no_statement_takes_as_many_values_as_somebody_has_second_attempts(
    answering: Answering, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "AT_ONCE", 2)
    publish(answering.hub, shows_earlier(tmp_path))
    most = []
    for count in (2, 15):
        person = add_person(answering.hub, "Second Sample", [Role.ASSESSOR])
        for key in attempted_twice(answering.hub, tmp_path / f"{count}", count):
            assign(answering.hub, key, person, policy_id="shows-earlier")
        caller = Caller(person, "a device", (Role.ASSESSOR,))
        with what_is_asked(answering.hub) as asked:
            assert counts_for(answering.hub, caller).artifacts == 2 * count
        most.append(most_values(asked))
    assert most[0] == most[1]


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
