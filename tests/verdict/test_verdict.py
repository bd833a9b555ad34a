"""A verdict tells facts apart: what holds, what does not, what is not known, what is only stated."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from tests.packets.building import (
    NOW,
    PERSON,
    PROGRAMME,
    Laboratory,
    a_submission,
    an_assignment,
    packet_facts,
)
from tests.verdict.altering import Sealed

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.domain.roles import Role
from assessor_desk.keys.authority import Authority
from assessor_desk.keys.cms import sign_detached, sign_with_content
from assessor_desk.keys.signing import Signer, roles
from assessor_desk.packets.archive import zip_bytes
from assessor_desk.packets.facts import PacketFacts
from assessor_desk.packets.receiving import with_receipt
from assessor_desk.packets.sealing import build_packet, packet_bytes
from assessor_desk.protocol.documents import receipt_bytes
from assessor_desk.verdict import (
    FactId,
    Standing,
    TrustList,
    Verdict,
    verify,
    verify_all,
    verify_detached,
    verify_with_content,
)
from assessor_desk.verdict.packet import verify_bytes


def judged(content: bytes, trust: TrustList | None, now: datetime = NOW + timedelta(days=1)) -> Verdict:
    """The verdict on a packet in memory."""
    return verify_bytes(content, "packet.zip", trust, now)


def sealed_by(lab: Laboratory, signer: Signer | None = None, **changes: Any) -> Sealed:
    """A packet of changed facts."""
    facts: PacketFacts = replace(packet_facts(lab.attested()), **changes)
    return Sealed(*packet_bytes(facts, signer or lab.signer))


def standing(verdict: Verdict, fact_id: FactId) -> Standing:
    """How one fact stands."""
    return verdict.fact(fact_id).standing


# -- trust and revocation ----------------------------------------------------------------------------------


def test_without_a_trust_list_the_chain_is_not_checked_and_the_exit_code_says_so(sealed: Sealed) -> None:
    verdict = judged(sealed.content, None)

    assert verdict.exit_code() == 4
    assert verdict.bad == ()
    assert verdict.fact(FactId.CHAIN).sentence == "Chain not checked: no trust list was given"
    assert standing(verdict, FactId.SIGNER) is Standing.UNKNOWN
    assert "Not checked: who signed it" in verdict.headline


def test_another_programmes_trust_list_does_not_vouch_for_the_signer(sealed: Sealed, tmp_path: Path) -> None:
    other = Authority.create(tmp_path / "other", "Another Programme", clock=lambda: NOW - timedelta(days=1))

    verdict = judged(sealed.content, TrustList.parse(other.trust_list()))

    assert standing(verdict, FactId.CHAIN) is Standing.BAD
    assert "issued by nobody on the trust list" in verdict.headline
    assert standing(verdict, FactId.RECORD) is Standing.UNKNOWN, "a stranger's PDF is not opened"


def test_the_chain_in_the_packet_is_no_trust_anchor(sealed: Sealed, tmp_path: Path) -> None:
    """A forger seals with an authority of the same names and puts its chain into certs/."""
    forger = Laboratory(tmp_path / "forger")
    forged = sealed_by(forger)

    verdict = judged(forged.content, TrustList.parse(Laboratory(tmp_path / "real").authority.trust_list()))

    assert standing(verdict, FactId.SIGNATURE) is Standing.GOOD
    assert standing(verdict, FactId.CHAIN) is Standing.BAD


def test_revocation_is_not_known_from_a_list_older_than_the_signature(tmp_path: Path) -> None:
    lab = Laboratory(tmp_path)
    old = TrustList.load(lab.trust(later=-timedelta(days=1)))

    verdict = judged(sealed_by(lab).content, old)

    assert standing(verdict, FactId.REVOCATION) is Standing.UNKNOWN
    assert verdict.exit_code() == 0
    assert verdict.exit_code({"revocation"}) == 4
    assert verdict.headline.startswith("Unaltered since assessor A-1184 signed it. Not known: whether")


def test_a_list_that_is_out_of_date_settles_nothing_where_nothing_confirms_the_time(
    sealed: Sealed, trust: TrustList
) -> None:
    soon, later = (judged(sealed.content, trust, NOW + timedelta(days=days)) for days in (25, 45))

    assert soon.fact(FactId.REVOCATION).standing is Standing.GOOD
    assert later.fact(FactId.REVOCATION).standing is Standing.UNKNOWN
    assert "was out of date on" in later.fact(FactId.REVOCATION).sentence
    assert (later.bad, later.exit_code({"revocation"})) == ((), 4)


def test_a_receipt_settles_revocation_where_the_list_is_old(tmp_path: Path) -> None:
    lab = Laboratory(tmp_path)
    old = TrustList.load(lab.trust(later=-timedelta(days=1)))
    packet = sealed_by(lab)

    fact = judged(with_receipt(packet.content, lab.receipt(packet)), old).fact(FactId.REVOCATION)

    assert (fact.standing, fact.basis) == (Standing.GOOD, "receipt")


def revoked_laboratory(folder: Path, days: int, reason: str) -> tuple[Laboratory, TrustList]:
    """A laboratory whose assessor's certificate was revoked so many days after NOW."""
    lab = Laboratory(folder)
    lab.now = NOW + timedelta(days=days)
    lab.authority.revoke(lab.signer.certificate.serial_number, reason)
    trust = TrustList.parse(lab.authority.trust_list())
    lab.now = NOW
    return lab, trust


def test_a_certificate_revoked_before_is_bad(tmp_path: Path) -> None:
    lab, trust = revoked_laboratory(tmp_path, -1, "keyCompromise")

    verdict = judged(sealed_by(lab).content, trust)

    assert verdict.exit_code() == 4
    assert "Assessor A-1184 was revoked on 2026-11-20" in verdict.headline
    assert "keyCompromise" in verdict.headline


def test_a_certificate_revoked_later_is_bad_while_nothing_confirms_the_time(tmp_path: Path) -> None:
    lab, trust = revoked_laboratory(tmp_path, 1, "unspecified")

    fact = judged(sealed_by(lab).content, trust, NOW + timedelta(days=3)).fact(FactId.REVOCATION)

    assert fact.standing is Standing.BAD
    assert "nothing confirms it" in fact.detail


def test_a_certificate_revoked_after_the_receipt_still_counts(tmp_path: Path) -> None:
    lab, trust = revoked_laboratory(tmp_path, 1, "cessationOfOperation")
    packet = sealed_by(lab)
    content = with_receipt(packet.content, lab.receipt(packet))

    fact = judged(content, trust, NOW + timedelta(days=3)).fact(FactId.REVOCATION)

    assert fact.standing is Standing.GOOD
    assert "after this was received" in fact.sentence


def test_a_packet_is_good_long_after_its_certificate_expired(sealed: Sealed, trust: TrustList) -> None:
    assert judged(sealed.content, trust, NOW + timedelta(days=3000)).exit_code() == 0


def test_a_certificate_of_another_role_does_not_sign_for_an_assessor(
    lab: Laboratory, trust: TrustList
) -> None:
    verdict = judged(sealed_by(lab, lab.enrolled(PERSON, "coach")).content, trust)

    assert verdict.fact(FactId.SIGNER).sentence == "A-1184 holds no certificate as assessor"
    assert verdict.exit_code() == 4


def test_a_reviewers_packet_is_signed_by_the_reviewer(lab: Laboratory, trust: TrustList) -> None:
    assignment = replace(an_assignment(), role=Role.REVIEWER)
    packet = sealed_by(
        lab, lab.enrolled(PERSON, "reviewer"), assignment=assignment, attested=lab.attested(assignment)
    )

    verdict = judged(packet.content, trust)

    assert "signatures/reviewer-1.p7s" in packet.files
    assert verdict.headline.startswith("Unaltered since reviewer A-1184 signed it.")


def test_a_co_signature_is_checked_as_the_first_is(lab: Laboratory, sealed: Sealed, trust: TrustList) -> None:
    reviewer = lab.enrolled("R-0207", "reviewer")
    listed = sealed.files["tagmanifest-sha256.txt"]
    signature = sign_detached(listed, reviewer.key, reviewer.certificate, NOW)

    both = judged(sealed.with_files({"signatures/reviewer-1.p7s": signature}), trust)
    assert both.exit_code() == 0
    assert (
        both.fact(FactId.SIGNATURE).sentence
        == "Assessor A-1184 and Reviewer R-0207 signed the list of contents"
    )

    other = sign_detached(listed + b"\n", reviewer.key, reviewer.certificate, NOW)
    assert judged(sealed.with_files({"signatures/reviewer-1.p7s": other}), trust).exit_code() == 4


def test_a_co_signer_must_hold_the_role_that_the_signature_is_named_for(
    lab: Laboratory, sealed: Sealed, trust: TrustList
) -> None:
    assessor = lab.enrolled("A-2001", "assessor")
    signature = sign_detached(sealed.files["tagmanifest-sha256.txt"], assessor.key, assessor.certificate, NOW)

    verdict = judged(sealed.with_files({"signatures/reviewer-1.p7s": signature}), trust)

    assert verdict.fact(FactId.SIGNER).sentence == "A-2001 holds no certificate as reviewer"
    assert verdict.exit_code() == 4


def test_a_co_signers_receipt_must_hold_too(lab: Laboratory, sealed: Sealed, trust: TrustList) -> None:
    reviewer = lab.enrolled("R-0208", "reviewer")
    signature = sign_detached(sealed.files["tagmanifest-sha256.txt"], reviewer.key, reviewer.certificate, NOW)
    added = {
        "signatures/reviewer-1.p7s": signature,
        "signatures/reviewer-1.receipt.p7s": lab.receipt(sealed),
    }

    verdict = judged(sealed.with_files(added), trust)

    assert verdict.fact(FactId.TIME).sentence.endswith("is for another person's packet")
    assert verdict.exit_code() == 4


# -- forgeries ---------------------------------------------------------------------------------------------


def test_a_review_rewritten_with_all_its_manifests_is_found_by_the_signature(
    sealed: Sealed, trust: TrustList
) -> None:
    review = json.loads(sealed.files["data/review.json"])
    review["recommendation"] = "earned"
    forged = sealed.with_manifests_written_again({"data/review.json": rfc8785.dumps(review)})

    verdict = judged(forged, trust)

    assert standing(verdict, FactId.CONTENTS) is Standing.GOOD
    assert verdict.fact(FactId.SIGNATURE).sentence == "signatures/assessor-1.p7s was made over other content"


def resigned(lab: Laboratory, sealed: Sealed, changes: dict[str, bytes]) -> bytes:
    """The packet altered and signed again by its own signer, as only they could."""
    content = sealed.with_manifests_written_again(changes)
    files = Sealed(content, "").files
    signer = lab.signer
    signature = sign_detached(files["tagmanifest-sha256.txt"], signer.key, signer.certificate, NOW)
    return zip_bytes(sealed.top, {**files, "signatures/assessor-1.p7s": signature})


def test_a_record_that_carries_another_review_is_bad_even_if_its_signer_made_it(
    lab: Laboratory, sealed: Sealed, trust: TrustList
) -> None:
    review = json.loads(sealed.files["data/review.json"])
    review["programme"] = "Elsewhere"

    fact = judged(resigned(lab, sealed, {"data/review.json": rfc8785.dumps(review)}), trust).fact(
        FactId.RECORD
    )

    assert fact.standing is Standing.BAD
    assert fact.sentence == "data/record.pdf carries another review than data/review.json"


def test_a_note_added_to_the_signed_record_is_found(
    lab: Laboratory, sealed: Sealed, trust: TrustList
) -> None:
    """pdfsig still calls the signature of such a file valid; it only no longer says that all of it is signed."""
    record = sealed.files["data/record.pdf"] + b"\n% added\n"

    fact = judged(resigned(lab, sealed, {"data/record.pdf": record}), trust).fact(FactId.RECORD)

    assert fact.sentence == "data/record.pdf is not signed as a whole"


def test_a_record_that_is_no_pdf_is_bad(lab: Laboratory, sealed: Sealed, trust: TrustList) -> None:
    assert "cannot be read" in judged(resigned(lab, sealed, {"data/record.pdf": b"words"}), trust).headline


def test_json_that_is_not_canonical_is_bad_even_if_signed(
    lab: Laboratory, sealed: Sealed, trust: TrustList
) -> None:
    loose = json.dumps(json.loads(sealed.files["data/feedback.json"]), indent=1).encode()

    assert (
        "data/feedback.json is not canonical JSON"
        in judged(resigned(lab, sealed, {"data/feedback.json": loose}), trust).headline
    )


def test_another_rubric_beside_the_review_is_bad_even_if_signed(
    lab: Laboratory, sealed: Sealed, trust: TrustList
) -> None:
    headline = judged(resigned(lab, sealed, {"data/rubric.json": b"{}"}), trust).headline

    assert "data/rubric.json is another than data/review.json names" in headline


def test_deeply_nested_json_is_no_review(lab: Laboratory, sealed: Sealed, trust: TrustList) -> None:
    nested = b"[" * 200_000

    assert judged(resigned(lab, sealed, {"data/review.json": nested}), trust).exit_code() == 4


def test_openssls_signature_with_the_whole_chain_is_not_a_packets(
    lab: Laboratory, sealed: Sealed, trust: TrustList
) -> None:
    """Other tools accept further certificates in the file, which no signature covers."""
    from asn1crypto import cms
    from cryptography.hazmat.primitives.serialization import Encoding

    info = cms.ContentInfo.load(sealed.files["signatures/assessor-1.p7s"])
    issuing = lab.authority.issuing.public_bytes(Encoding.DER)
    choice = cms.CertificateChoices(name="certificate", value=cms.Certificate.load(issuing))
    info["content"]["certificates"].append(choice)

    with_chain = sealed.with_files({"signatures/assessor-1.p7s": info.dump(force=True)})

    assert "must hold one signature and one certificate" in judged(with_chain, trust).headline


# -- time --------------------------------------------------------------------------------------------------


def test_a_claimed_time_is_stated_and_never_shown_as_checked(sealed: Sealed, trust: TrustList) -> None:
    verdict = judged(sealed.content, trust)

    assert standing(verdict, FactId.TIME) is Standing.STATED
    assert verdict.fact(FactId.TIME).sentence == "2026-11-21 17:03:12 UTC, claimed by the signer"
    assert (verdict.exit_code(), verdict.exit_code({"time"})) == (0, 4)


def test_a_receipt_confirms_the_time(receipted: Sealed, trust: TrustList) -> None:
    verdict = judged(receipted.content, trust)

    assert verdict.fact(FactId.TIME).standing is Standing.GOOD
    assert (
        "received by Lakeside Regional Programme on 2026-11-21 17:08:12 UTC"
        in verdict.fact(FactId.TIME).sentence
    )
    assert verdict.exit_code({"time"}) == 0


def test_a_receipt_for_another_packet_is_bad(lab: Laboratory, sealed: Sealed, trust: TrustList) -> None:
    receipt = lab.receipt(Sealed(b"", "0" * 64))

    verdict = judged(with_receipt(sealed.content, receipt), trust)

    assert verdict.fact(FactId.TIME).sentence == "signatures/assessor-1.receipt.p7s is for another packet"
    assert verdict.exit_code() == 4


def test_a_receipt_by_an_assessor_is_bad(lab: Laboratory, sealed: Sealed, trust: TrustList) -> None:
    content = receipt_bytes(packet=sealed.digest, person=PERSON, hub="Me", at=NOW, certificate_status="good")
    own = sign_with_content(content, lab.signer.key, lab.signer.certificate, NOW)

    assert (
        "signed by nobody who may give receipts" in judged(with_receipt(sealed.content, own), trust).headline
    )


def test_a_receipt_from_before_the_signature_is_bad(
    lab: Laboratory, sealed: Sealed, trust: TrustList
) -> None:
    early = lab.receipt(sealed, NOW - timedelta(minutes=30))

    assert "before it was signed" in judged(with_receipt(sealed.content, early), trust).headline


def test_a_signature_from_the_future_is_bad(sealed: Sealed, trust: TrustList) -> None:
    verdict = judged(sealed.content, trust, NOW - timedelta(days=1))

    assert "claims a time to come" in verdict.headline
    assert verdict.exit_code() == 4


# -- assignment and what is stated -------------------------------------------------------------------------


def test_an_assignment_by_the_issuer_is_checked(sealed: Sealed, trust: TrustList) -> None:
    assert standing(judged(sealed.content, trust), FactId.ASSIGNMENT) is Standing.GOOD


def test_a_packet_without_an_issuer_has_no_assignment_and_is_good_all_the_same(
    lab: Laboratory, trust: TrustList
) -> None:
    verdict = judged(sealed_by(lab, attested=None).content, trust)

    assert standing(verdict, FactId.ASSIGNMENT) is Standing.ABSENT
    assert (verdict.exit_code(), verdict.exit_code({"assignment"})) == (0, 4)


def test_half_an_assignment_is_a_missing_file(sealed: Sealed, trust: TrustList) -> None:
    verdict = judged(sealed.with_manifests_written_again({}), trust)
    assert verdict.exit_code() == 0

    assert (
        "data/assignment.p7s is missing"
        in judged(sealed.with_files({"data/assignment.p7s": None}), trust).headline
    )


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ("another person", {"person": "A-2000"}),
        ("another blindness", {"blindness": replace(an_assignment().blindness, school=False)}),
        ("another policy", {"policy_version": "2020.1"}),
        ("another submission", {"submission_id": "0" * 8}),
    ],
)
def test_an_assignment_of_something_else_is_bad(
    words: str, changes: dict[str, Any], lab: Laboratory, trust: TrustList
) -> None:
    other = lab.attested(replace(an_assignment(), **changes))

    verdict = judged(sealed_by(lab, attested=other).content, trust)

    assert f"data/assignment.p7s assigns {words} than data/review.json says" in verdict.headline


def test_an_assignment_that_the_assessor_signed_is_bad(lab: Laboratory, trust: TrustList) -> None:
    attested = lab.attested()
    own = sign_detached(attested.canonical, lab.signer.key, lab.signer.certificate, NOW)

    verdict = judged(sealed_by(lab, attested=replace(attested, signature=own)).content, trust)

    assert "signed by nobody who may assign" in verdict.headline


def test_blindness_and_attestations_are_stated(sealed: Sealed, trust: TrustList) -> None:
    verdict = judged(sealed.content, trust)

    for fact_id in (FactId.BLINDNESS, FactId.ATTESTATIONS):
        assert verdict.fact(fact_id).standing is Standing.STATED
        assert verdict.fact(fact_id).sentence.startswith("Stated by the signer: ")


def test_a_correction_says_what_it_replaces_and_what_is_not_known(lab: Laboratory, trust: TrustList) -> None:
    fact = judged(sealed_by(lab, supersedes="1c9e" + "0" * 56 + "aa44").content, trust).fact(
        FactId.SUPERSEDES
    )

    assert fact.sentence == "Stated by the signer: replaces packet 1c9e…aa44"
    assert "Not known: whether a later packet replaces this one" in fact.detail


def test_a_packet_given_with_its_correction_is_said_to_be_replaced(
    lab: Laboratory, sealed: Sealed, trust: TrustList, tmp_path: Path
) -> None:
    (tmp_path / "first.zip").write_bytes(sealed.content)
    (tmp_path / "correction.zip").write_bytes(sealed_by(lab, supersedes=sealed.digest).content)
    somebody = replace(an_assignment(), person="A-2000")
    other = sealed_by(
        lab, lab.enrolled("A-2000"), assignment=somebody, attested=lab.attested(somebody), supersedes="f" * 64
    )
    (tmp_path / "other.zip").write_bytes(other.content)
    paths = [tmp_path / name for name in ("first.zip", "correction.zip", "other.zip")]

    first, correction, another = verify_all(paths, trust, NOW + timedelta(days=1))

    assert "(correction.zip)" in first.fact(FactId.SUPERSEDES).sentence
    assert correction.fact(FactId.SUPERSEDES).sentence.startswith("Stated by the signer: replaces packet")
    assert [one.exit_code() for one in (first, correction, another)] == [0, 0, 0]


def test_nobody_replaces_another_persons_packet(
    lab: Laboratory, sealed: Sealed, trust: TrustList, tmp_path: Path
) -> None:
    somebody = replace(an_assignment(), person="A-2000")
    other = sealed_by(
        lab,
        lab.enrolled("A-2000"),
        assignment=somebody,
        attested=lab.attested(somebody),
        supersedes=sealed.digest,
    )
    (tmp_path / "first.zip").write_bytes(sealed.content)
    (tmp_path / "other.zip").write_bytes(other.content)

    first, _ = verify_all([tmp_path / "first.zip", tmp_path / "other.zip"], trust, NOW + timedelta(days=1))

    assert first.fact(FactId.SUPERSEDES).standing is Standing.ABSENT


def test_the_subject_is_said_in_one_line(sealed: Sealed, trust: TrustList) -> None:
    subject = judged(sealed.content, trust).subject

    assert subject.sentence == (
        "Leveraging Formative Assessment During a Math Lesson · submission 7F3A-21, attempt 2 · recommends not yet"
    )
    assert (subject.person, subject.role, subject.programme) == (PERSON, "assessor", PROGRAMME)
    assert a_submission().educator not in subject.sentence


# -- other signed things -----------------------------------------------------------------------------------


def test_the_issuers_signature_on_a_rubric_is_checked(lab: Laboratory, trust: TrustList) -> None:
    issuer = lab.authority.issuer_signer()
    signature = sign_detached(b"rubric", issuer.key, issuer.certificate, NOW)

    assert roles(verify_detached(b"rubric", signature, trust, NOW).certificate) == ("issuer",)
    with pytest.raises(Damaged, match="other content"):
        verify_detached(b"rubric, edited", signature, trust, NOW)


def test_a_receipt_gives_its_content(lab: Laboratory, sealed: Sealed, trust: TrustList) -> None:
    signed = verify_with_content(lab.receipt(sealed), trust, NOW + timedelta(hours=1))

    assert json.loads(signed.content)["packet"] == sealed.digest


def test_a_detached_signature_is_no_receipt(lab: Laboratory, trust: TrustList) -> None:
    signature = sign_detached(b"content", lab.signer.key, lab.signer.certificate, NOW)

    with pytest.raises(Damaged):
        verify_with_content(signature, trust, NOW)


def test_a_signature_by_a_revoked_certificate_does_not_count(tmp_path: Path) -> None:
    lab, trust = revoked_laboratory(tmp_path, -1, "keyCompromise")
    signature = sign_detached(b"rubric", lab.signer.key, lab.signer.certificate, NOW)

    with pytest.raises(Damaged, match="was revoked on 2026-11-20"):
        verify_detached(b"rubric", signature, trust, NOW)


def test_a_trust_list_without_a_root_is_refused(lab: Laboratory, tmp_path: Path) -> None:
    path = tmp_path / "trust.pem"
    path.write_bytes(
        lab.authority.chain().partition(b"-----END CERTIFICATE-----\n")[0] + b"-----END CERTIFICATE-----\n"
    )

    with pytest.raises(Refused, match="holds no root certificate"):
        TrustList.load(path)


@pytest.mark.parametrize(
    "content", [b"", b"words", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_what_is_no_trust_list_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "trust.pem"
    path.write_bytes(content)

    with pytest.raises(Refused, match=r"trust\.pem is no trust list"):
        TrustList.load(path)


def test_a_packet_is_no_trust_list_though_it_has_certificates_inside(sealed: Sealed, tmp_path: Path) -> None:
    path = tmp_path / "packet.zip"
    path.write_bytes(sealed.content)

    with pytest.raises(Refused, match="something besides certificates"):
        TrustList.load(path)


def test_remarks_in_a_trust_list_are_read_over(lab: Laboratory) -> None:
    remarked = b"# Lakeside, 2026\r\n\n" + lab.authority.trust_list().replace(b"\n", b"\r\n") + b"# end"

    assert TrustList.parse(remarked).title == PROGRAMME


def test_several_packets_have_a_verdict_each(lab: Laboratory, trust: TrustList, tmp_path: Path) -> None:
    good = lab.packet().path
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"no packet")

    codes = [verdict.exit_code() for verdict in verify_all([good, bad], trust, NOW)]

    assert codes == [0, 4]


def test_a_fresh_process_that_only_verifies_comes_to_the_same(lab: Laboratory, tmp_path: Path) -> None:
    """Some parsers know an attribute only after another module was imported; verifying alone must know it."""
    packet = build_packet(packet_facts(lab.attested()), lab.signer, tmp_path)
    script = (
        "import sys; from datetime import datetime; from pathlib import Path\n"
        "from assessor_desk.verdict import TrustList, verify\n"
        "trust = TrustList.load(Path(sys.argv[2]))\n"
        "heavy = {'PySide6', 'sqlalchemy', 'typst', 'pikepdf', 'httpx', 'pydantic'} & sys.modules.keys()\n"
        "verdict = verify(Path(sys.argv[1]), trust, datetime.fromisoformat(sys.argv[3]))\n"
        "print(sorted(heavy), verdict.exit_code(), verdict.headline)"
    )
    arguments = [str(packet.path), str(lab.trust()), (NOW + timedelta(days=1)).isoformat()]

    said = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, *arguments], capture_output=True, text=True
    )

    assert (said.stdout, said.stderr) == (
        f"[] 0 {verify(packet.path, TrustList.load(lab.trust()), NOW).headline}\n",
        "",
    )
