"""A desk looks through what came, once; what cannot be played reliably becomes playable, the original kept."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.artifacts.media_clips import clip

from assessor_desk.artifacts import documents, rendering
from assessor_desk.desk import Desk
from assessor_desk.domain.changes import Blob, SourceChanges
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.preflight import GIVEN_UP, PreflightFinding, Severity, merged
from assessor_desk.domain.renditions import Shown
from assessor_desk.domain.submission import Artifact, Part, Submission

Given = Callable[..., Submission]
PLAN = b"# Plan\n\nEverybody writes an exit ticket, and the quokka reads them all.\n"


@pytest.fixture
def given(desk: Desk, page: Callable[..., SourceChanges]) -> Given:
    """Submissions with other artifacts than usual, all of them here."""

    def give(*contents: dict[str, bytes]) -> list[Submission]:
        changes = page(len(contents))
        submissions, blobs = [], []
        for one, files in zip(changes.submissions, contents):
            artifacts = []
            for number, (name, data) in enumerate(files.items()):
                sealed = desk.vault.write(io.BytesIO(data), len(data))
                own_id = f"work-{number + 1}"
                artifacts.append(
                    Artifact(own_id, Part.WORK, name, "", "", len(data), f"{hash(data) & 0xFF:02x}" * 32)
                )
                blobs.append(Blob(one.id, own_id, sealed.digest, sealed.length, sealed.key))
            submissions.append(replace(one, artifacts=tuple(artifacts)))
        desk.store.accept(replace(changes, submissions=tuple(submissions), blobs=tuple(blobs)))
        for blob in blobs:
            desk.store.artifact_arrived(blob.submission_id, blob.artifact_id)
        return submissions

    return give  # type: ignore[return-value]


def found(desk: Desk, submission: Submission) -> set[tuple[str, str]]:
    return {(one.artifact_id, one.finding.id) for one in desk.case(submission.id).preflight if one.to_judge}


def test_what_is_also_in_another_submission_here_is_told_where_no_source_compared(
    desk: Desk, given: Given
) -> None:
    one, two = given({"plan.md": PLAN}, {"my plan.md": PLAN})
    desk.examine()
    assert ("work-1", "duplicate") in found(desk, one) | found(desk, two)


def test_a_recording_cut_short_becomes_playable_and_stays_the_evidence(
    desk: Desk, given: Given, tmp_path: Path
) -> None:
    clip(tmp_path / "whole.mkv", seconds=12)
    data = (tmp_path / "whole.mkv").read_bytes()
    (one,) = given({"lesson.mkv": data[: len(data) // 8]})
    assert desk.examine().submissions == {one.id}
    assert ("work-1", "cut_short") in found(desk, one)
    evidence = desk.evidence(one.id, "work-1")
    assert evidence.shown is Shown.PLAYABLE
    assert "made on this computer" in evidence.rendition_words
    handle = evidence.open_media()
    assert handle.facts["has_video"]
    handle.close()
    desk._readers.close()
    assert desk.vault.holds(desk.store.artifact(one.id, "work-1").blob_digest)
    row = next(each for each in desk.inbox() if each.submission_id == one.id)
    assert row.ready_bytes == row.total_bytes


def test_a_stopped_look_goes_on_the_next_time(desk: Desk, given: Given) -> None:
    (one,) = given({"a.md": PLAN, "b.md": PLAN + b"more"})
    stop, looked = threading.Event(), []

    def told(own_id: str) -> None:
        looked.append(own_id)
        stop.set()

    desk.examine(stop, told)
    assert looked == [one.id]
    assert desk.examine()
    assert not desk.examine()


def test_what_is_found_goes_with_evidence_that_is_recalled(desk: Desk, given: Given) -> None:
    (one,) = given({"empty.pdf": b"%PDF-1.7\n%%EOF\n"})
    desk.examine()
    (finding,) = [each.finding for each in desk.case(one.id).preflight if each.to_judge]
    assert isinstance(finding, PreflightFinding)
    assert finding.severity is Severity.BLOCKS
    desk.store.take_away_evidence(one.id, "recusal")
    assert desk.case(one.id).preflight == ()


def nothing_is_left(desk: Desk, submission: Submission) -> None:
    with desk.store.reading() as view:
        assert not view.preflights.of(submission.id)
        assert not view.preflights.has_likeness(submission.id)
        assert not any(line.here or not line.removed for line in view.artifacts(submission.id))
    assert not desk.store.keys.of(submission.id)


def test_what_is_recalled_while_it_is_looked_through_leaves_nothing(
    desk: Desk, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = given({"plan.md": PLAN})
    look = documents.DocumentsClient.preflight

    def recalled(*asked: Any) -> Any:
        answer = look(*asked)
        desk.store.take_away_evidence(one.id, "recusal")
        return answer

    monkeypatch.setattr(documents.DocumentsClient, "preflight", recalled)
    desk.examine()
    nothing_is_left(desk, one)


@pytest.mark.parametrize("how", ["recalled", "withheld"])
def test_a_recording_that_goes_while_it_is_made_playable_leaves_nothing(
    desk: Desk, given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    clip(tmp_path / "whole.mkv", seconds=12)
    data = (tmp_path / "whole.mkv").read_bytes()
    (one,) = given({"lesson.mkv": data[: len(data) // 8]})
    before, made = desk.vault.digests(), []
    render = rendering.render_playable

    def goes(*asked: Any) -> Any:
        made.append(render(*asked))
        if how == "recalled":
            desk.store.take_away_evidence(one.id, "recusal")
        else:
            desk.store.accept(SourceChanges("c9", withheld=((one.id, "work-1"),)))
        return made[0]

    monkeypatch.setattr(rendering, "render_playable", goes)
    desk.examine()
    assert made
    nothing_is_left(desk, one)
    assert desk.vault.digests() == before
    desk.tidy()
    assert not desk.vault.holds(made[0][0].digest)


def test_findings_in_bytes_that_were_replaced_meanwhile_are_not_those_of_the_new(
    desk: Desk, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = given({"empty.pdf": b"%PDF-1.7\n%%EOF\n"})
    look = documents.DocumentsClient.preflight

    def replaced(*asked: Any) -> Any:
        answer = look(*asked)
        sealed = desk.vault.write(io.BytesIO(PLAN), len(PLAN))
        desk.store.accept(
            SourceChanges("c9", blobs=(Blob(one.id, "work-1", sealed.digest, sealed.length, sealed.key),))
        )
        desk.store.artifact_arrived(one.id, "work-1")
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(documents.DocumentsClient, "preflight", replaced)
        desk.examine()
    assert found(desk, one) == set()
    assert desk.examine().submissions == {one.id}


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Every question to a reader is overdue at once."""
    monkeypatch.setattr(documents, "ANSWER_SECONDS", 0.0)
    monkeypatch.setattr(documents.DocumentsClient.__init__, "__defaults__", (0.0,))
    return monkeypatch


def test_a_file_given_up_is_looked_at_once_more_of_itself_and_then_when_asked(
    desk: Desk, given: Given, no_time: pytest.MonkeyPatch
) -> None:
    (one,) = given({"plan.md": PLAN})

    def tries() -> list[int]:
        return [each.finding.tries for each in desk.case(one.id).preflight if each.to_judge]

    desk.examine()
    assert found(desk, one) == {("work-1", GIVEN_UP)}
    assert tries() == [1]
    assert desk.examine().submissions == {one.id}
    assert tries() == [2]
    assert not desk.examine()
    assert desk.look_again(one.id, "work-1").submissions == {one.id}
    assert tries() == [3]
    no_time.undo()
    desk.look_again(one.id, "work-1")
    assert found(desk, one) == set()
    with pytest.raises(Refused, match="looked through already"):
        desk.look_again(one.id, "work-1")


def test_a_file_given_up_once_is_found_sound_after_the_next_round(
    desk: Desk, given: Given, no_time: pytest.MonkeyPatch
) -> None:
    (one,) = given({"plan.md": PLAN})
    desk.examine()
    no_time.undo()
    assert desk.examine().submissions == {one.id}
    assert found(desk, one) == set()
    assert not desk.examine()


def test_that_the_source_gave_a_file_up_counts_until_this_desk_has_looked() -> None:
    given_up = PreflightFinding(GIVEN_UP, Severity.BLOCKS, "It took too long.", {"tries": 1})
    fact = PreflightFinding("is", Severity.FACT, "PDF, 2 pages.")
    assert merged([], [given_up]) == (given_up,)
    assert merged([fact], [given_up]) == (fact,)
