"""Messages say the same at both ends; signed documents have the same bytes wherever they are made."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from assessor_desk.domain.changes import Blob
from assessor_desk.domain.policy import Blindness
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.submission import Artifact, Assignment, Part, Submission
from assessor_desk.protocol.addresses import is_loopback
from assessor_desk.protocol.documents import assignment_bytes, receipt_bytes
from assessor_desk.protocol.messages import AssignmentMessage, BlobMessage, Problem, SubmissionMessage
from assessor_desk.protocol.streams import PieceReader

WHEN = datetime(2026, 11, 20, 9, 30, 15, tzinfo=UTC)
ASSIGNMENT = Assignment(
    "a-1",
    "s-1",
    "P-1001",
    Role.ASSESSOR,
    Purpose.ASSESS,
    "r",
    "1",
    "p",
    "2",
    WHEN,
    Blindness(school=False),
    WHEN,
)

_artifacts = st.builds(
    Artifact,
    id=st.text(min_size=1),
    part=st.sampled_from(Part),
    name=st.text(),
    label=st.text(),
    size=st.integers(0, 2**53),
    link=st.text(),
)
_submissions = st.builds(
    Submission,
    id=st.text(min_size=1),
    source=st.text(),
    key=st.text(),
    rubric_id=st.text(),
    attempt=st.integers(0, 99),
    artifacts=st.lists(_artifacts, max_size=3).map(tuple),
    educator=st.text(),
    submitted_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    name_words=st.lists(st.text(), max_size=3).map(tuple),
)


@given(_submissions)
def test_a_submission_comes_back_as_it_was_sent(submission: Submission) -> None:
    wire = SubmissionMessage.of(submission).model_dump_json()
    assert SubmissionMessage.model_validate_json(wire).submission() == submission


def test_an_assignment_comes_back_with_its_document_and_signature() -> None:
    row = {**dataclasses.asdict(ASSIGNMENT), "document": b"\0\xff{}", "signature": b"\x30\x82"}
    message = AssignmentMessage.model_validate_json(AssignmentMessage.model_validate(row).model_dump_json())
    assert message.assignment() == ASSIGNMENT
    assert (message.attested().canonical, message.attested().signature) == (b"\0\xff{}", b"\x30\x82")


@given(st.binary(max_size=200))
def test_binary_values_travel_as_base64_without_line_breaks(key: bytes) -> None:
    message = BlobMessage(submission_id="s", artifact_id="a", digest="ab" * 32, length=1, key=key)
    wire = message.model_dump_json()
    assert "\\n" not in wire
    assert BlobMessage.model_validate_json(wire).blob() == Blob("s", "a", "ab" * 32, 1, key)


@pytest.mark.parametrize(
    "wrong",
    [{"digest": "AB" * 32}, {"digest": "../../hub.key"}, {"length": -1}, {"key": "not base64!"}, {"key": 7}],
)
def test_a_malformed_blob_is_refused(wrong: dict[str, object]) -> None:
    good = {"submission_id": "s", "artifact_id": "a", "digest": "ab" * 32, "length": 1, "key": "AAAA"}
    BlobMessage.model_validate_json(json.dumps(good))
    with pytest.raises(ValidationError):
        BlobMessage.model_validate_json(json.dumps(good | wrong))


def test_what_a_newer_hub_adds_is_passed_over() -> None:
    assert Problem.model_validate_json('{"error": "No.", "since": 2}').error == "No."


def test_the_signed_form_of_an_assignment_is_canonical_and_says_times_in_utc() -> None:
    elsewhere = WHEN.astimezone(timezone(timedelta(hours=7)))
    same = dataclasses.replace(ASSIGNMENT, due_at=elsewhere, assigned_at=elsewhere)
    assert assignment_bytes(same) == assignment_bytes(ASSIGNMENT)
    text = assignment_bytes(ASSIGNMENT).decode()
    assert text.startswith('{"assigned_at":"2026-11-20T09:30:15Z","blindness":{"attempt":false,')
    assert '"person":"P-1001"' in text


def test_a_receipt_says_which_packet_from_whom_and_when() -> None:
    content = receipt_bytes(packet="ab", person="P-1", hub="urn:x", at=WHEN, certificate_status="good")
    assert content == (
        b'{"certificate_status":"good","hub":"urn:x","packet":"ab","person":"P-1","received_at":"2026-11-20T09:30:15Z"}'
    )


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(1, 50))
def test_pieces_read_as_one_file_whatever_is_read_at_a_time(pieces: list[bytes], size: int) -> None:
    reader = PieceReader(iter(pieces))
    read = b"".join(iter(lambda: reader.read(size) or b"", b""))
    assert read == b"".join(pieces)


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("10.0.0.1", False), ("", False),
     ("localhost.example.org", False), ("0.0.0.0", False)],
)  # fmt: skip
def test_loopback_is_this_computer_alone(host: str, here: bool) -> None:
    assert is_loopback(host) is here
