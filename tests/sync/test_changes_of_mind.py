"""Changes of mind at the source, in every state that a review can be in: hub, desk and what the person sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.desk.conftest import cheap_passphrases
from tests.sync import minds
from tests.sync.minds import CHANGES, SECRET, STATES, TYPED, Story, key_of

from assessor_desk.domain.changes import WithdrawalReason
from assessor_desk.domain.replaced import ArtifactChange
from assessor_desk.hub.serve import Server
from assessor_desk.store.lines import InboxState

ASIDE = ("withdrawn", "recused", "passed")
ON = {
    "untouched": InboxState.NEW,
    "typing": InboxState.IN_REVIEW,
    "ready": InboxState.READY_TO_SEAL,
    "waiting": InboxState.SEALED_WAITING,
    "delivered": InboxState.DELIVERED,
}
every_state = pytest.mark.parametrize("state", STATES)


@pytest.fixture(scope="module", params=["network", "stick"])
def story(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, root: Path
) -> Iterator[Story]:
    """The whole of it, by either way, once."""
    by_stick = request.param == "stick"
    changes = [one for one in CHANGES if not by_stick or one != "recused"]
    folder = tmp_path_factory.mktemp(request.param)
    with cheap_passphrases():
        told = minds.begin(folder, root, [key_of(change, state) for change in changes for state in STATES])
        if by_stick:
            minds.by_stick(told)
            _tell(told, changes)
        else:
            with Server(told.office.folder) as server:
                minds.by_network(told, server)
                _tell(told, changes)
        yield told
        told.desk.close()


def _tell(story: Story, changes: list[str]) -> None:
    minds.assign_everything(story)
    story.round("assigned")
    cells = [(change, state) for change in changes for state in STATES]
    for change, state in cells:
        if state == "delivered":
            story.bring(key_of(change, state), state)
    story.sync()
    for change, state in cells:
        if state != "delivered":
            story.bring(key_of(change, state), state)
    story.look("before")
    for change, state in cells:
        story.change(change, key_of(change, state))
    story.replace([key_of("replaced", state) for state in STATES])
    story.round("after")
    story.round("settled")
    for change, state in cells:
        story.undo(change, key_of(change, state))
    story.round("undone")
    story.revoke()
    story.round("revoked")


@every_state
@pytest.mark.parametrize("change", ASIDE)
def test_what_is_taken_away_is_set_aside_with_all_that_was_written(
    story: Story, change: str, state: str
) -> None:
    if key_of(change, state) not in story.seen["after"]:
        pytest.skip("told by network")
    before, after = (story.at(stage, change, state) for stage in ("before", "after"))
    assert before.row.state is ON[state]
    assert after.row.state is InboxState.SET_ASIDE
    assert (after.case.set_aside, after.case.read_only) == (True, True)
    assert after.case.aside_for is (
        WithdrawalReason.RECUSAL if change == "recused" else WithdrawalReason.UNASSIGNED
    )
    assert bool(after.case.evidence_removed) is (change == "recused")
    assert after.table == before.table
    assert after.case.review.works == before.case.review.works
    assert (SECRET in after.case.review.notes) is (state != "untouched")
    assert (TYPED in after.written) is (state == "typing")


@every_state
@pytest.mark.parametrize("change", ["withdrawn", "passed"])
def test_what_is_given_back_is_as_it_was_and_goes_on(story: Story, change: str, state: str) -> None:
    before, back = (story.at(stage, change, state) for stage in ("before", "undone"))
    assert back.row.state is (InboxState.DELIVERED if state == "waiting" else ON[state])
    assert (back.row.scored, back.row.criteria) == (before.row.scored, before.row.criteria)
    assert not back.case.set_aside
    assert back.case.review == before.case.review or state == "waiting"
    assert back.table == before.table
    assert all(one.here for one in back.case.artifact_states.values())
    assert back.case.can_undo == before.case.can_undo


def test_a_sealed_packet_of_what_was_taken_away_waits_quietly_and_goes_once_it_is_back(story: Story) -> None:
    assert len(story.troubles["after"]) <= 3, story.troubles["after"]
    assert story.troubles["settled"] == ()
    for change in ("withdrawn", "passed"):
        aside, back = (story.at(stage, change, "waiting").case for stage in ("settled", "undone"))
        assert aside.delivery is not None
        assert aside.delivery.delivered_at is None
        assert back.delivery is not None
        assert back.delivery.receipted


@every_state
def test_a_due_date_that_moves_moves_in_the_inbox_and_changes_nothing_else(story: Story, state: str) -> None:
    before, after = (story.at(stage, "due", state) for stage in ("before", "after"))
    assert before.row.due_at != after.row.due_at
    assert (after.row.due_at.year, after.case.assignment.due_at) == (2031, after.row.due_at)
    assert after.row.state is (InboxState.DELIVERED if state == "waiting" else ON[state])
    assert after.table == before.table


@every_state
def test_replaced_evidence_leaves_what_was_written_and_says_what_differs(story: Story, state: str) -> None:
    before, after = (story.at(stage, "replaced", state) for stage in ("before", "after"))
    assert after.row.state is (InboxState.DELIVERED if state == "waiting" else ON[state])
    assert after.case.review.works == before.case.review.works
    begun = state != "untouched"
    assert after.case.version_changed is begun
    told = {(one.title, one.change) for one in after.case.replaced}
    everything = {
        ("Lesson plan", ArtifactChange.REPLACED),
        ("Exit tickets", ArtifactChange.ADDED),
        ("What was said", ArtifactChange.GONE),
    }
    assert told == (everything if begun else set())


@every_state
def test_what_nobody_changed_stays_as_it_is(story: Story, state: str) -> None:
    before, after = (story.at(stage, "kept", state) for stage in ("before", "settled"))
    assert after.row.state is (InboxState.DELIVERED if state == "waiting" else ON[state])
    assert after.table == before.table
    assert not after.case.set_aside


@every_state
@pytest.mark.parametrize("change", CHANGES)
def test_after_the_enrolment_ended_all_that_was_written_can_be_read_and_the_evidence_is_gone(
    story: Story, change: str, state: str
) -> None:
    if key_of(change, state) not in story.seen["revoked"]:
        pytest.skip("told by network")
    before, after = (story.at(stage, change, state) for stage in ("undone", "revoked"))
    assert after.row.state is InboxState.SET_ASIDE
    assert after.case.evidence_removed
    assert after.case.review.works == before.case.review.works
    assert after.table == before.table
