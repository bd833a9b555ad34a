"""What a packet holds: canonical JSON after published schemas, the right digests, and never the private notes."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from tests.packets.building import (
    NOW,
    PERSON,
    Laboratory,
    a_review,
    a_submission,
    an_assignment,
    packet_facts,
)
from tests.packets.following import faults, schema

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.domain.rubric import Outcome
from assessor_desk.domain.submission import ReasonCode
from assessor_desk.packets import archive
from assessor_desk.packets.facts import BuiltPacket, PacketFacts
from assessor_desk.packets.receiving import add_receipt, digest_of, with_receipt
from assessor_desk.packets.sealing import build_packet
from assessor_desk.protocol.documents import receipt_bytes

DOCUMENTS = {
    "data/feedback.json": "feedback", "data/review.json": "review", "data/rubric.json": "rubric",
    "data/policy.json": "policy", "data/assignment.json": "assignment", "data/annotations.jsonld": "annotations",
}  # fmt: skip


def files_of(packet: BuiltPacket) -> dict[str, bytes]:
    """A packet's files by their name below its folder, read by Python's own ZIP reader."""
    with zipfile.ZipFile(packet.path) as opened:
        return {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}


def document(packet: BuiltPacket, name: str) -> Any:
    """One of a packet's JSON files."""
    return json.loads(files_of(packet)[name])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_is_canonical_json(name: str, packet: BuiltPacket) -> None:
    content = files_of(packet)[name]

    assert rfc8785.dumps(json.loads(content)) == content


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_follows_its_schema(name: str, packet: BuiltPacket) -> None:
    assert faults(document(packet, name), DOCUMENTS[name]) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_schema_refuses_what_is_not_announced_and_asks_for_what_is(name: str, packet: BuiltPacket) -> None:
    whole = document(packet, name)
    required = schema(DOCUMENTS[name])["required"]

    assert required
    assert faults({**whole, "surprise": 1}, DOCUMENTS[name])
    for key in required:
        without = {one: value for one, value in whole.items() if one != key}
        assert any(key in fault for fault in faults(without, DOCUMENTS[name])), key


def test_an_incomplete_submission_gives_reasons_and_no_levels(lab: Laboratory, tmp_path: Path) -> None:
    review = replace(a_review("0" * 8 + "-incomplete"), completeness=(ReasonCode.UNREADABLE.value,), works={})
    packet = build_packet(packet_facts(review=review), lab.signer, tmp_path)

    feedback, whole = document(packet, "data/feedback.json"), document(packet, "data/review.json")
    assert faults(feedback, "feedback") == faults(whole, "review") == []
    assert feedback["recommendation"] == "incomplete"
    assert [reason["code"] for reason in feedback["reasons"]] == ["unreadable"]
    assert feedback["criteria"] == whole["criteria"] == []


def test_a_decisions_feedback_fits_the_same_schema(packet: BuiltPacket) -> None:
    decided = document(packet, "data/feedback.json")
    decided["outcome"] = decided.pop("recommendation")

    assert faults(decided, "feedback") == []
    assert faults({**decided, "recommendation": decided["outcome"]}, "feedback"), "one of the two, never both"


def test_a_receipt_follows_its_schema() -> None:
    receipt = receipt_bytes(packet="a" * 64, person=PERSON, hub="Hub", at=NOW, certificate_status="good")

    assert faults(json.loads(receipt), "receipt") == []
    assert faults({**json.loads(receipt), "certificate_status": "splendid"}, "receipt")


def test_the_private_notes_are_nowhere_in_the_packet(packet: BuiltPacket) -> None:
    for name, content in files_of(packet).items():
        assert b"NEVER-LEAVES" not in content, name
    with zipfile.ZipFile(io.BytesIO(files_of(packet)["data/record.docx"])) as word:
        assert all(b"NEVER-LEAVES" not in word.read(name) for name in word.namelist())


def test_feedback_carries_neither_rationale_nor_notes_on_anchors(packet: BuiltPacket) -> None:
    feedback = files_of(packet)["data/feedback.json"].decode()

    assert "nobody else commits to an answer" not in feedback  # a rationale
    assert "Only three hands are up" not in feedback  # what an anchor's line says
    assert "Have every student commit to an answer" in feedback


def test_a_blind_packet_names_nobody(packet: BuiltPacket) -> None:
    submission = a_submission()
    for name in ("data/feedback.json", "data/review.json", "bag-info.txt", "VERIFY.txt"):
        content = files_of(packet)[name].decode()
        assert submission.school not in content
    assert "educator" not in document(packet, "data/review.json")["submission"]


def test_a_name_that_policy_shows_is_carried_in_its_own_script(lab: Laboratory, tmp_path: Path) -> None:
    shown = replace(an_assignment().blindness, name=False, school=False)
    packet = build_packet(
        packet_facts(assignment=replace(an_assignment(), blindness=shown)), lab.signer, tmp_path
    )

    submission = document(packet, "data/review.json")["submission"]
    assert submission["educator"] == "Nguyễn Thị Hồng Hạnh"
    assert submission["school"] == "مدرسة النور"


def test_a_hidden_attempt_is_said_nowhere(lab: Laboratory, tmp_path: Path) -> None:
    hidden = replace(an_assignment().blindness, attempt=True)
    packet = build_packet(
        packet_facts(assignment=replace(an_assignment(), blindness=hidden)), lab.signer, tmp_path
    )

    assert "attempt" not in document(packet, "data/feedback.json")["submission"]
    assert b"attempt 2" not in b"".join(files_of(packet).values())


def test_review_names_the_digests_of_what_lies_beside_it(packet: BuiltPacket) -> None:
    files, digests = files_of(packet), document(packet, "data/review.json")["digests"]

    for name in ("feedback", "rubric", "policy"):
        assert digests[name] == hashlib.sha256(files[f"data/{name}.json"]).hexdigest()


def test_checks_that_fired_are_there_with_the_reason_they_were_kept_for(packet: BuiltPacket) -> None:
    checks = {check["check"]: check for check in document(packet, "data/review.json")["checks"]}

    assert checks["F7"]["kept"] == ""
    assert checks["F12"]["kept"] == "The evidence needs no more words than these."


def test_a_correction_names_the_packet_it_replaces(
    lab: Laboratory, packet: BuiltPacket, tmp_path: Path
) -> None:
    corrected = build_packet(packet_facts(supersedes=packet.digest), lab.signer, tmp_path)

    assert document(corrected, "data/review.json")["supersedes"] == {"packet": packet.digest}


def test_the_digest_is_that_of_the_list_of_contents(packet: BuiltPacket) -> None:
    listed = files_of(packet)["tagmanifest-sha256.txt"]

    assert packet.digest == hashlib.sha256(listed).hexdigest() == digest_of(packet.path)


def test_annotations_point_at_artifacts_by_digest_and_say_the_place_in_w3c_terms(packet: BuiltPacket) -> None:
    found = document(packet, "data/annotations.jsonld")["items"]
    selectors = [annotation["target"].get("selector") for annotation in found]

    assert found[1]["target"]["source"] == f"urn:sha256:{hashlib.sha256(b'video').hexdigest()}"
    assert selectors[1]["value"] == "t=133,161.5"
    assert selectors[0]["value"] == "page=2"
    assert selectors[0]["refinedBy"]["value"] == "xywh=percent:10,20,30,5"
    assert selectors[4]["refinedBy"]["exact"] == "C and D split the bar in 3"
    assert selectors[5] is None


def test_artifact_digests_are_in_the_form_of_sha256sum_and_leave_links_out(packet: BuiltPacket) -> None:
    lines = files_of(packet)["data/artifacts.sha256"].decode().splitlines()

    assert f"{hashlib.sha256(b'plan').hexdigest()}  plan.docx" in lines
    assert f"{hashlib.sha256(b'reflection').hexdigest()}  suy-nghĩ-ليلى.pdf" in lines
    assert not any("board" in line for line in lines)


def test_artifacts_of_the_same_name_are_told_apart(lab: Laboratory, tmp_path: Path) -> None:
    submission = a_submission()
    alike = tuple(replace(artifact, name="scan.jpg") for artifact in submission.artifacts[:2])
    packet = build_packet(packet_facts(submission=replace(submission, artifacts=alike)), lab.signer, tmp_path)

    names = [line[66:] for line in files_of(packet)["data/artifacts.sha256"].decode().splitlines()]
    assert names == ["a1/scan.jpg", "a2/scan.jpg"]


def test_the_same_files_give_the_same_archive(packet: BuiltPacket) -> None:
    again = archive.zip_bytes(packet.path.stem, files_of(packet))

    assert again == packet.path.read_bytes()


def test_a_receipt_is_added_without_changing_anything_else(lab: Laboratory, tmp_path: Path) -> None:
    packet = build_packet(packet_facts(lab.attested()), lab.signer, tmp_path)
    before, receipt = files_of(packet), lab.receipt(packet)

    add_receipt(packet, receipt)

    assert files_of(packet) == {**before, "signatures/assessor-1.receipt.p7s": receipt}
    assert digest_of(packet.path) == packet.digest


def test_a_receipt_added_twice_is_there_once(lab: Laboratory, packet: BuiltPacket) -> None:
    receipt = lab.receipt(packet)
    once = with_receipt(packet.path.read_bytes(), receipt)

    assert with_receipt(once, receipt) == once


def test_a_receipt_is_not_added_to_something_else() -> None:
    with pytest.raises(Damaged, match="no packet"):
        with_receipt(archive.zip_bytes("folder", {"file": b""}), b"receipt")


def test_another_persons_certificate_does_not_seal(lab: Laboratory, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="A-2000's and the assignment A-1184's"):
        build_packet(packet_facts(), lab.enrolled("A-2000"), tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_an_expired_certificate_does_not_seal(lab: Laboratory, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"valid from 2026-11-\d\d to 2028-11-\d\d, not now"):
        build_packet(packet_facts(at=NOW + timedelta(days=800)), lab.signer, tmp_path)


def test_a_review_with_a_criterion_unscored_makes_no_facts() -> None:
    review = a_review("0" * 8)
    works = {criterion: replace(work, level=None) for criterion, work in review.works.items()}

    with pytest.raises(Refused, match="no level yet"):
        packet_facts(review=replace(review, works=works))


def test_an_attestation_that_the_policy_lacks_makes_no_facts() -> None:
    with pytest.raises(Refused, match="“all_is_well” is no attestation"):
        packet_facts(attestations=("all_is_well",))


def test_all_criteria_passing_recommends_earned() -> None:
    facts: PacketFacts = packet_facts(review=a_review("0" * 8, below=""))

    assert facts.recommendation is Outcome.EARNED


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        archive.write_whole(tmp_path / "packet.zip", b"content")

    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_keeps_the_packet_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "packet.zip"
    archive.write_whole(path, b"before")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        archive.write_whole(path, b"after")

    assert path.read_bytes() == b"before"
