"""A bag of a format to come is shown as far as it can be read: never good, never simply bad, no less strictly."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from tests.packets.building import NOW, PERSON, Laboratory
from tests.packets.test_case_files import Case

from assessor_desk.cli.command_line import run_command
from assessor_desk.hub.bags import _refuse_bad
from assessor_desk.hub.errors import Declined
from assessor_desk.keys.cms import sign_detached
from assessor_desk.packets.archive import zip_bytes
from assessor_desk.packets.facts import BuiltPacket, sha256
from assessor_desk.packets.receiving import with_receipt
from assessor_desk.verdict import FactId, Standing, TrustList, Verdict
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.facts import NOT_LOOKED_AT
from assessor_desk.verdict.layout import (
    BAG_INFO,
    MANIFEST,
    REVIEW,
    TAG_MANIFEST,
    layout_of,
    signature_files,
)
from assessor_desk.verdict.packet import verify_all, verify_bytes
from assessor_desk.verdict.table import as_table

LATER = NOW + timedelta(days=3)
Files = dict[str, bytes]
Change = Callable[[Files], None]


def relisted(files: Files) -> None:
    """The lists and counts of a bag as whoever sealed it would have written them."""
    payload = {name: content for name, content in files.items() if name.startswith("data/")}
    lines = files[BAG_INFO].decode().splitlines()
    oxum = f"Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}"
    files[BAG_INFO] = "".join(f"{oxum if one.startswith('Payload-') else one}\n" for one in lines).encode()
    files[MANIFEST] = listing(payload)
    outside = ("data/", "signatures/", TAG_MANIFEST)
    files[TAG_MANIFEST] = listing({name: one for name, one in files.items() if not name.startswith(outside)})


def listing(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{sha256(files[name])}  {name}\n" for name in sorted(files)).encode()


def sealed_anew(content: bytes, lab: Laboratory, change: Change) -> bytes:
    """A bag changed by the program to come that its own signer used: everything is listed and signed."""
    archive = parse_archive(content)
    files, layout = dict(archive.files), layout_of(archive.top)
    for name in [name for name in files if name.startswith("signatures/")]:
        del files[name]
    change(files)
    relisted(files)
    issuing = layout.title == "case file"
    signer = lab.authority.issuer_signer() if issuing else lab.signer
    name = signature_files("issuer" if issuing else "assessor").name
    files[name] = sign_detached(files[TAG_MANIFEST], signer.key, signer.certificate, NOW)
    return zip_bytes(archive.top, files)


def labelled(label: str, number: str) -> Change:
    def change(files: Files) -> None:
        lines = files[BAG_INFO].decode().splitlines()
        files[BAG_INFO] = "".join(
            f"{f'{label}: {number}' if line.startswith(label) else line}\n" for line in lines
        ).encode()

    return change


def of_another_schema(files: Files) -> None:
    """`assessor-desk/review/2`: who signed, when, and what was attested stand elsewhere."""
    review: dict[str, Any] = json.loads(files[REVIEW])
    signer = {"number": review.pop("person"), "acting_as": review.pop("role")}
    del review["sealed_at"], review["attestations"], review["blindness"]
    newer = {**review, "format": "assessor-desk/review/2", "signer": signer, "moderated": ["twice", 2]}
    files[REVIEW] = json.dumps(newer, indent=1).encode()


def with_more_files(files: Files) -> None:
    labelled("Packet-Format", "1.9")(files)
    files["data/transcript.json"] = b"{}"
    files["LICENCE.txt"] = b"CC BY"
    del files["data/record.docx"]


def of_next_version(files: Files) -> None:
    labelled("Packet-Format", "2.0")(files)
    of_another_schema(files)
    del files["data/record.pdf"], files["data/assignment.p7s"], files["data/rubric.json"]
    files["signatures/assessor-1.p7s.ers"] = b"evidence record"


NEWER: dict[str, tuple[Change, str, str]] = {
    "1.9": (with_more_files, "Packet-Format 1.9", "LICENCE.txt, data/transcript.json"),
    "review/2": (of_another_schema, "assessor-desk/review/2", "what its documents say."),
    "2.0": (of_next_version, "Packet-Format 2.0, assessor-desk/review/2", "signatures/assessor-1.p7s.ers"),
}


@pytest.fixture(scope="module")
def packet(lab: Laboratory) -> BuiltPacket:
    return lab.packet()


@pytest.fixture(scope="module")
def trust_list(lab: Laboratory) -> TrustList:
    return TrustList.load(lab.trust(timedelta(days=2)))


@pytest.fixture(scope="module")
def case(lab: Laboratory, packet: BuiltPacket) -> Case:
    return Case(lab, packet)


@pytest.fixture(scope="module")
def made(lab: Laboratory, packet: BuiltPacket) -> dict[str, bytes]:
    """A packet of each newer format."""
    sealed = packet.path.read_bytes()
    return {name: sealed_anew(sealed, lab, change) for name, (change, _, _) in NEWER.items()}


def judged(content: bytes, trust: TrustList | None) -> Verdict:
    return verify_bytes(content, "packet.zip", trust, LATER)


@pytest.mark.parametrize("name", NEWER)
def test_a_packet_of_a_newer_format_is_neither_good_nor_bad(
    name: str, made: dict[str, bytes], trust_list: TrustList
) -> None:
    verdict = judged(made[name], trust_list)
    _, named, unknown = NEWER[name]

    assert verdict.bad == ()
    assert verdict.exit_code() == 4
    found = verdict.fact(FactId.FORMAT)
    assert found.standing is Standing.UNKNOWN
    assert found.sentence == f"Of a newer format than this program knows: {named}"
    assert unknown in found.detail
    assert verdict.headline.endswith("Not everything was checked: its format is newer than this program.")
    for checked in (FactId.STRUCTURE, FactId.CONTENTS, FactId.FILES, FactId.SIGNATURE, FactId.CHAIN):
        assert verdict.fact(checked).standing is Standing.GOOD
    assert verdict.fact(FactId.REVOCATION).standing is Standing.GOOD


def test_a_packet_of_a_known_format_has_no_fact_on_it(packet: BuiltPacket, trust_list: TrustList) -> None:
    verdict = judged(packet.path.read_bytes(), trust_list)

    assert FactId.FORMAT not in {fact.id for fact in verdict.facts}
    assert verdict.said == ()


def test_nothing_that_rests_on_an_unknown_document_is_said_to_hold(
    made: dict[str, bytes], trust_list: TrustList
) -> None:
    verdict = judged(made["2.0"], trust_list)

    resting = ("signer", "record", "assignment", "supersedes", "blindness", "attestations")
    found = {name: verdict.fact(FactId(name)) for name in resting}
    assert {(fact.standing, fact.sentence) for fact in found.values()} == {(Standing.UNKNOWN, NOT_LOOKED_AT)}
    assert f"Assessor {PERSON}" in found["signer"].detail
    assert verdict.headline.startswith("Unaltered since it was signed.")


def test_what_an_unknown_document_says_is_shown_unjudged(
    made: dict[str, bytes], trust_list: TrustList
) -> None:
    said = dict(judged(made["2.0"], trust_list).said)

    assert said["format"] == "assessor-desk/review/2"
    assert (said["signer.number"], said["moderated"]) == (PERSON, "twice, 2")
    assert len(said) <= 41


def altered(files: Files) -> None:
    files["data/feedback.json"] += b" "


def unlisted(files: Files) -> None:
    files["data/more.json"] = b"{}"


def missing(files: Files) -> None:
    del files["data/feedback.json"]


def relabelled(files: Files) -> None:
    labelled("Packet-Format", "3.0")(files)


def unsigned(files: Files) -> None:
    del files[signature_files("assessor").name]


@pytest.mark.parametrize("attack", [altered, unlisted, missing, relabelled, unsigned])
def test_a_newer_format_is_no_excuse_for_alterations(
    attack: Change, made: dict[str, bytes], trust_list: TrustList
) -> None:
    archive = parse_archive(made["2.0"])
    files = dict(archive.files)
    attack(files)

    verdict = judged(zip_bytes(archive.top, files), trust_list)

    assert verdict.bad
    assert verdict.headline.startswith("Do not rely on this")


@pytest.mark.parametrize("known", [relabelled, with_more_files])
def test_whoever_alters_a_packet_cannot_pass_it_off_as_newer(
    known: Change, packet: BuiltPacket, trust_list: TrustList
) -> None:
    archive = parse_archive(packet.path.read_bytes())
    files = dict(archive.files)
    known(files)
    relisted(files)

    assert judged(zip_bytes(archive.top, files), trust_list).fact(FactId.SIGNATURE).standing is Standing.BAD


def test_a_receipt_dates_a_packet_of_a_newer_format(
    made: dict[str, bytes], lab: Laboratory, trust_list: TrustList
) -> None:
    digest = sha256(parse_archive(made["2.0"]).files[TAG_MANIFEST])
    receipt = lab.receipt(BuiltPacket(Path(), digest))

    verdict = judged(with_receipt(made["2.0"], receipt), trust_list)

    assert verdict.fact(FactId.TIME).standing is Standing.GOOD
    assert verdict.exit_code() == 4


def test_a_newer_packet_replaces_none_since_whose_it_is_was_not_looked_at(
    packet: BuiltPacket, lab: Laboratory, trust_list: TrustList, tmp_path: Path
) -> None:
    def correcting(files: Files) -> None:
        of_another_schema(files)
        review = json.loads(files[REVIEW])
        files[REVIEW] = json.dumps(
            {**review, "person": PERSON, "supersedes": {"packet": packet.digest}}
        ).encode()

    other = tmp_path / "newer.zip"
    other.write_bytes(sealed_anew(packet.path.read_bytes(), lab, correcting))

    first, _ = verify_all([packet.path, other], trust_list, LATER)

    assert first.fact(FactId.SUPERSEDES).standing is Standing.ABSENT


def test_a_case_file_of_a_newer_format_is_not_simply_good(
    case: Case, lab: Laboratory, trust_list: TrustList
) -> None:
    verdict = judged(sealed_anew(case.sealed(), lab, labelled("Case-Format", "1.1")), trust_list)

    assert verdict.fact(FactId.FORMAT).sentence.endswith("Case-Format 1.1")
    assert verdict.fact(FactId.CONTAINED).standing is Standing.UNKNOWN
    assert verdict.fact(FactId.AWARD).standing is Standing.GOOD
    assert (verdict.bad, verdict.exit_code()) == ((), 4)


def test_a_case_file_with_a_newer_packet_in_it_is_not_simply_good(
    case: Case, made: dict[str, bytes], trust_list: TrustList
) -> None:
    facts = case.facts()
    digest = sha256(parse_archive(made["1.9"]).files[TAG_MANIFEST])
    award = replace(facts.award, packets=(digest,))

    verdict = judged(case.sealed(replace(facts, award=award, packets=(made["1.9"],))), trust_list)

    found = verdict.fact(FactId.CONTAINED)
    assert (found.standing, found.sentence) == (Standing.UNKNOWN, NOT_LOOKED_AT)
    assert verdict.bad == ()


def test_a_case_file_says_its_own_format(case: Case) -> None:
    bag_info = parse_archive(case.sealed()).files[BAG_INFO]

    assert b"Case-Format: 1.0\n" in bag_info
    assert b"Packet-Format" not in bag_info


def test_the_command_shows_the_newer_format_in_words_json_and_table(
    made: dict[str, bytes], lab: Laboratory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packet, trust = tmp_path / "packet.zip", lab.trust()
    packet.write_bytes(made["2.0"])

    assert run_command(["verify", str(packet), "--trust", str(trust)]) == 4
    words = capsys.readouterr().out
    assert "? Format" in words
    assert "signer.number: A-1184" in words
    assert "Not good enough: format." in words

    assert run_command(["--json", "verify", str(packet), "--trust", str(trust)]) == 4
    (verdict,) = json.loads(capsys.readouterr().out)["verdicts"]
    assert verdict["said"]["signer.number"] == PERSON
    assert ("format", "unknown") in {(fact["id"], fact["standing"]) for fact in verdict["facts"]}

    (row,) = csv.DictReader(io.StringIO(as_table([judged(made["2.0"], None)]).removeprefix("\ufeff")))
    assert (row["format"], row["holds"]) == ("unknown", "no")


def test_a_hub_takes_no_format_that_it_cannot_check(made: dict[str, bytes], trust_list: TrustList) -> None:
    verdict = judged(made["1.9"], trust_list)

    with pytest.raises(Declined, match=r"Packet-Format 1\.9\. Bring the hub up to date") as declined:
        _refuse_bad(verdict, verdict.digest)
    assert declined.value.status == 422


def test_the_window_shows_the_newer_format_and_what_it_says(
    made: dict[str, bytes], trust_list: TrustList, qtbot: QtBot, tmp_path: Path
) -> None:
    from PySide6.QtWidgets import QLabel

    from assessor_desk.gui.tasks import Tasks
    from assessor_desk.gui.verify_window import VerifyWindow

    packet = tmp_path / "packet.zip"
    packet.write_bytes(made["2.0"])
    tasks, verdict = Tasks(), judged(made["2.0"], trust_list)
    window = VerifyWindow(tasks, lambda path, trust, content: verdict, lambda trust: "Trust list")
    qtbot.addWidget(window)
    window.add_packets([packet])

    def said() -> str:
        return "\n".join(label.text() for label in window.findChildren(QLabel))

    qtbot.waitUntil(lambda: "It says, not judged:" in said())
    tasks.drain()
    assert "Of a newer format than this program knows: Packet-Format 2.0, assessor-desk/review/2" in said()
    assert "signer.number: A-1184" in said()
    window.close()
