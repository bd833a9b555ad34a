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

NEXT = {
    "untouched": InboxState.NEW,
    "typing": InboxState.IN_REVIEW,
    "ready": InboxState.READY_TO_SEAL,
    "waiting": InboxState.DELIVERED,
    "delivered": InboxState.DELIVERED,
}
LONG = (pytest.mark.long, pytest.mark.timeout(600))
BEFORE = {**NEXT, "waiting": InboxState.SEALED_WAITING}


@pytest.fixture(
    scope="module",
    params=["network", *(pytest.param(f"{way}, every state", marks=LONG) for way in ("network", "stick"))],
)
def story(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, root: Path
) -> Iterator[Story]:
    """The whole of it, once; by either way and in every state in the long run."""
    way, _, every = request.param.partition(", ")
    states = STATES if every else ("typing", "waiting", "delivered")
    folder = tmp_path_factory.mktemp("minds")
    with cheap_passphrases():
        told = minds.begin(folder, root, [key_of(change, state) for change in CHANGES for state in states])
        told.states = states
        if way == "network":
            with Server(told.office.folder) as server:
                minds.by_network(told, server)
                _tell(told)
        else:
            minds.by_stick(told)
            _tell(told)
        yield told
        told.desk.close()


def _tell(story: Story) -> None:
    minds.assign_everything(story)
    story.sync()
    cells = [(change, state) for change in CHANGES for state in story.states]
    for now in (True, False):  # what is sealed first goes out, what is sealed last waits
        for change, state in cells:
            if (state == "delivered") is now:
                story.bring(key_of(change, state), state)
        if now and "delivered" in story.states:
            story.sync()
    story.look("before")
    for change, state in cells:
        story.change(change, key_of(change, state))
    story.replace([key_of("replaced", state) for state in story.states])
    story.round("after", *CHANGES)
    story.round("settled", "withdrawn", "passed")
    for change, state in cells:
        story.undo(change, key_of(change, state))
    story.round("undone", "withdrawn", "passed")
    story.revoke()
    story.round("revoked", "recused", "replaced", "kept")


@pytest.mark.parametrize("change", ["withdrawn", "recused", "passed"])
def test_what_is_taken_away_is_set_aside_with_all_that_was_written(story: Story, change: str) -> None:
    recused = change == "recused"
    for state, before, after in story.at(change, "before", "after"):
        assert before.row.state is BEFORE[state], state
        assert after.row.state is InboxState.SET_ASIDE, state
        assert (after.case.set_aside, after.case.read_only) == (True, True)
        why = WithdrawalReason.RECUSAL if recused else WithdrawalReason.UNASSIGNED
        assert after.case.aside_for is why
        assert bool(after.case.evidence_removed) is recused, state
        assert after.table == before.table, state
        assert after.case.review.works == before.case.review.works, state
        assert (SECRET in after.case.review.notes) is (state != "untouched")
        assert (TYPED in after.written) is (state == "typing")


@pytest.mark.parametrize("change", ["withdrawn", "passed"])
def test_what_is_given_back_is_as_it_was_and_goes_on(story: Story, change: str) -> None:
    for state, before, back in story.at(change, "before", "undone"):
        assert back.row.state is NEXT[state], state
        assert (back.row.scored, back.row.criteria) == (before.row.scored, before.row.criteria)
        assert not back.case.set_aside
        assert back.case.review == before.case.review, state
        assert back.table == before.table, state
        assert all(one.here for one in back.case.artifact_states.values())
        assert (back.case.can_undo, back.case.can_redo) == (before.case.can_undo, before.case.can_redo)


def test_a_sealed_packet_of_what_was_taken_away_waits_quietly_and_goes_once_it_is_back(story: Story) -> None:
    assert story.troubles["after"] == story.troubles["settled"] == story.troubles["undone"] == ()
    for change in ("withdrawn", "passed"):
        seen = {state: looks for state, *looks in story.at(change, "settled", "undone")}
        aside, back = (look.case.delivery for look in seen["waiting"])
        assert (aside.delivered_at, back.receipted) == (None, True)


def test_a_due_date_that_moves_moves_in_the_inbox_and_changes_nothing_else(story: Story) -> None:
    for state, before, after in story.at("due", "before", "after"):
        assert before.row.due_at != after.row.due_at
        assert (after.row.due_at.year, after.case.assignment.due_at) == (2031, after.row.due_at)
        assert after.row.state is NEXT[state], state
        assert after.table == before.table, state


def test_replaced_evidence_leaves_what_was_written_and_says_what_differs(story: Story) -> None:
    everything = {
        ("Lesson plan", ArtifactChange.REPLACED),
        ("Exit tickets", ArtifactChange.ADDED),
        ("What was said", ArtifactChange.GONE),
    }
    for state, before, after in story.at("replaced", "before", "after"):
        begun = state != "untouched"
        assert after.row.state is (InboxState.IN_REVIEW if state == "ready" else NEXT[state]), state
        assert after.case.review.works == before.case.review.works, state
        assert after.case.version_changed is begun, state
        assert {(one.title, one.change) for one in after.case.replaced} == (everything if begun else set())


def test_what_nobody_changed_stays_as_it_is(story: Story) -> None:
    for state, before, after in story.at("kept", "before", "after"):
        assert after.row.state is NEXT[state], state
        assert after.table == before.table, state
        assert not after.case.set_aside


@pytest.mark.parametrize("change", ["recused", "replaced", "kept"])
def test_after_the_enrolment_ended_all_that_was_written_can_be_read_and_the_evidence_is_gone(
    story: Story, change: str
) -> None:
    for state, before, after in story.at(change, "after", "revoked"):
        assert after.row.state is InboxState.SET_ASIDE, state
        assert after.case.evidence_removed, state
        assert after.case.review.works == before.case.review.works, state
        assert after.table == before.table, state
