"""A concern counts on this desk at once, waits to be sent, and what it closed opens again when it is lifted."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.desk.conftest import StandingClock
from tests.hub.making import copied, import_quickly, make_template, submissions_folder

from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.desk import Desk
from assessor_desk.domain.changes import SourceChanges
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.roles import Role
from assessor_desk.hub.assigning import assign
from assessor_desk.hub.holds import holds, lift_holds
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import add_person, new_code
from assessor_desk.hub.serve import Server
from assessor_desk.protocol.concerns import read_concern

Finish = Callable[[Desk, str], tuple[str, ...]]
WORDS = "At the end of the clip a pupil says that somebody at home hurts them."
KEY = "7F3A-21"


def test_a_concern_waits_encrypted_and_holds_the_submission_here_at_once(desk: Desk, own_id: str) -> None:
    desk.raise_concern(own_id, "safety", WORDS)
    (held,) = desk.case(own_id).holds
    assert (held.kind, held.words, held.artifact_id) == ("safety", WORDS, "")
    (line,) = desk.store.outbox_waiting()
    with open_sealed(line.path, line.key, "the concern") as reader:
        concern = read_concern(reader.readall())
    assert (concern.words, concern.person, line.kind) == (WORDS, "p-17", "concern")
    assert desk.evidence(own_id, "plan.md").kind() == "markdown", "a concern about the whole closes no file"
    assert WORDS.encode() not in b"".join(one.read_bytes() for one in desk.folder.rglob("*") if one.is_file())


def test_a_file_that_a_concern_is_about_is_closed_at_once_and_the_others_stay_open(
    desk: Desk, own_id: str
) -> None:
    digest = desk.store.artifact(own_id, "plan").blob_digest
    assert desk.evidence(own_id, "plan.md").kind() == "markdown"
    changes = desk.raise_concern(own_id, "privacy", "A pupil's name stands on it.", "plan.md")
    assert own_id in changes.submissions
    with pytest.raises(Refused, match="a concern about it was raised"):
        desk.evidence(own_id, "plan.md")
    assert desk.store.keys.key(own_id, "plan", digest) is None
    assert not desk.vault.holds(digest)
    assert desk.evidence(own_id, "lesson.vtt").kind() == "captions"
    case = desk.case(own_id)
    assert case.artifact_states["plan"].removed
    assert case.evidence_removed == "", "the others are here"


def test_bytes_sent_while_the_concern_still_waits_do_not_open_the_file(
    desk: Desk, own_id: str, page: Callable[..., SourceChanges]
) -> None:
    from tests.desk.conftest import fill_vault

    desk.raise_concern(own_id, "privacy", "A pupil's name stands on it.", "plan")
    fill_vault(desk, page(1).submissions[0])
    with pytest.raises(Refused, match="a concern about it was raised"):
        desk.evidence(own_id, "plan.md")
    assert not any(artifact == "plan" for _, artifact, _ in desk.store.keys.held())


def test_neither_a_seal_nor_setting_aside_keeps_a_concern_from_being_raised(
    enrolled: Desk, own_id: str, finish: Finish
) -> None:
    enrolled.seal_packet(own_id, "demo", finish(enrolled, own_id))
    enrolled.raise_concern(own_id, "integrity", "The same pupils as in another submission.")
    other = enrolled.find("7F3A-01")
    enrolled.store.set_aside(["assignment-7F3A-01"])
    enrolled.raise_concern(other, "integrity", "The same lesson as in 7F3A-00.")
    assert [line.kind for line in enrolled.store.outbox_waiting()] == ["packet", "concern", "concern"]
    assert enrolled.case(own_id).review.sealed
    concern = enrolled.store.outbox_waiting()[1]
    state = enrolled.inbox()[0].state
    enrolled.store.outbox_delivered(concern.id, b"", enrolled._clock())
    assert enrolled.inbox()[0].state is state, "a concern that was sent is no review that was sent"


def test_without_words_of_an_unknown_kind_or_file_nothing_is_raised(desk: Desk, own_id: str) -> None:
    for kind, words, artifact, told in (
        ("safety", "  ", "", "own words"),
        ("gossip", WORDS, "", "safety, integrity, privacy"),
        ("safety", WORDS, "nothing.pdf", "lesson.mp4, plan.md"),
        ("safety", "x" * 20_001, "", "20000 characters"),
    ):
        with pytest.raises(Refused, match=told):
            desk.raise_concern(own_id, kind, words, artifact)
    with pytest.raises(Refused, match="no submission"):
        desk.raise_concern("unknown", "safety", WORDS)
    assert desk.store.outbox_waiting() == []
    assert desk.case(own_id).holds == ()


def test_captions_are_closed_with_their_recording(desk: Desk, own_id: str) -> None:
    digest = desk.store.artifact(own_id, "captions").blob_digest
    desk.raise_concern(own_id, "privacy", "A pupil is named in it.", "lesson.mp4")
    with pytest.raises(Refused, match="a concern about it was raised"):
        desk.evidence(own_id, "captions")
    assert not desk.vault.holds(digest)


def test_the_inbox_tells_what_is_on_hold(desk: Desk, own_id: str) -> None:
    assert {row.on_hold_for for row in desk.inbox()} == {()}
    desk.raise_concern(own_id, "safety", WORDS)
    desk.raise_concern(own_id, "privacy", WORDS)
    desk.raise_concern(own_id, "privacy", WORDS)
    told = {row.submission_id: row.on_hold_for for row in desk.inbox()}
    assert told.pop(own_id) == ("privacy", "safety")
    assert set(told.values()) == {()}


def test_the_contact_is_the_policys_word_for_word(desk: Desk, own_id: str) -> None:
    assert desk.concern_contact(own_id) == desk.case(own_id).policy.contacts.concerns != ""


# -- on a real hub ---------------------------------------------------------------------------------------------


@pytest.fixture
def hub(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Hub]:
    """A hub with one submission."""
    template = make_template(tmp_path_factory.mktemp("template") / "hub")
    made = copied(template, tmp_path / "hub", StandingClockOfToday())
    import_quickly(made, submissions_folder(tmp_path / "incoming", KEY))
    yield made
    made.close()


class StandingClockOfToday(StandingClock):
    """Certificates hold by the clock of today."""

    def __init__(self) -> None:
        from datetime import UTC, datetime

        super().__init__(datetime.now(UTC).replace(microsecond=0))


def assessor(hub: Hub, url: str, folder: Path) -> Desk:
    person = add_person(hub, f"Sample {folder.name}", [Role.ASSESSOR])
    assign(hub, KEY, person)
    desk = Desk.create(folder, "demo")[0]
    desk.connect(url, new_code(hub, person), "demo")
    assert desk.sync().troubles == ()
    return desk


def test_a_quarantined_file_is_closed_on_every_desk_and_comes_again_when_the_hold_is_lifted(
    hub: Hub, tmp_path: Path
) -> None:
    with (
        Server(hub.folder) as server,
        assessor(hub, server.url, tmp_path / "one") as desk,
        assessor(hub, server.url, tmp_path / "two") as other,
    ):
        own_id = desk.find(KEY)
        desk.raise_concern(own_id, "privacy", "A pupil is named in it.", "talk.txt")
        for each in (desk, other):
            result = each.sync()
            assert result.troubles == (), "the counts agree"
            with pytest.raises(Refused, match="a concern about it was raised"):
                each.evidence(own_id, "talk.txt")
            assert each.ledger().bytes_to_go == 0
        assert len(holds(hub)) == 1
        assert len(desk.case(own_id).holds) == 1
        (told,) = other.case(own_id).holds
        assert told.raised_at == desk.case(own_id).holds[0].raised_at
        assert (told.kind, told.words, told.artifact_id) == ("", "", ""), "who raised what is not for others"
        assert b"A pupil is named" not in wire(other)
        assert other.inbox()[0].on_hold_for == ("",)
        assert other.case(own_id).hold_lifted_at is None
        lift_holds(hub, KEY)
        for each in (desk, other):
            result = each.sync()
            assert (result.troubles, result.fetched) == ((), 2), "with its captions"
            assert "eighteen marbles" in each.evidence(own_id, "talk.txt").open().html  # type: ignore[attr-defined]
            assert each.case(own_id).holds == ()
            assert each.case(own_id).hold_lifted_at is not None
            assert each.inbox()[0].on_hold_for == ()


def wire(desk: Desk) -> bytes:
    """What the source tells this desk, from the beginning."""
    from assessor_desk.sync.hub_source import HubSource

    (kept,) = desk.store.fact("sources")
    source = HubSource(kept["address"], kept["token"], kept["identity"], kept["title"])
    try:
        return repr(source.changes("")).encode()
    finally:
        source.close()


def test_an_assessor_assigned_after_a_concern_was_raised_hears_of_the_hold_too(
    hub: Hub, tmp_path: Path
) -> None:
    with Server(hub.folder) as server, assessor(hub, server.url, tmp_path / "one") as desk:
        own_id = desk.find(KEY)
        desk.raise_concern(own_id, "safety", WORDS)
        desk.sync()
        with assessor(hub, server.url, tmp_path / "late") as late:
            (told,) = late.case(own_id).holds
            assert (told.kind, told.words) == ("", "")
