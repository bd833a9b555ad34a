"""What somebody with a key of their own, enrolled or not, might try: nothing passes, and nothing breaks the program."""

from __future__ import annotations

import io
import json
import sys
import zlib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID, ObjectIdentifier
from tests.packets.building import (
    NOW,
    PERSON,
    PROGRAMME,
    Laboratory,
    an_assignment,
    packet_facts,
    shipped_policy,
    shipped_rubric,
)
from tests.verdict.altering import Sealed

from assessor_desk.domain.changes import Attested
from assessor_desk.keys.certificates import for_documents
from assessor_desk.keys.cms import sign_detached, sign_with_content
from assessor_desk.keys.signing import Signer, SigningKey
from assessor_desk.packets import sealing
from assessor_desk.packets.sealing import build_packet
from assessor_desk.protocol.documents import assignment_bytes, canonical
from assessor_desk.reports.content import RecordContent
from assessor_desk.reports.pdf import Attachment
from assessor_desk.rubric_files import policy_to_json, rubric_to_json
from assessor_desk.verdict import FactId, Standing, TrustList, Verdict
from assessor_desk.verdict.packet import verify_bytes

SIGNATURE, RECEIPT = "signatures/assessor-1.p7s", "signatures/assessor-1.receipt.p7s"


def _impostor(lab: Laboratory, role: str, *extensions: x509.UnrecognizedExtension) -> Signer:
    """A key with a certificate of its owner's making, which names the programme's authority as who issued it."""
    key = SigningKey.generate()
    unit = x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, role)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([unit, x509.NameAttribute(NameOID.COMMON_NAME, PERSON)]))
        .issuer_name(lab.authority.issuing.subject)
        .public_key(key.private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    certificate = for_documents(builder, "urn:uuid:0").sign(key.private, hashes.SHA256())
    return Signer(key, certificate)


def _signed_by(sealed: Sealed, signer: Signer) -> bytes:
    listed = sealed.files["tagmanifest-sha256.txt"]
    return sealed.with_files({SIGNATURE: sign_detached(listed, signer.key, signer.certificate, NOW)})


def _bad(verdict: Verdict) -> set[FactId]:
    return {fact.id for fact in verdict.bad}


@pytest.mark.parametrize("kind", ["2.5.29.33", "2.5.29.9"])  # policy mappings, subject directory attributes
def test_a_certificate_with_parts_that_no_parser_can_read_is_judged_like_any_stranger_s(
    lab: Laboratory, sealed: Sealed, trust: TrustList, tomorrow: datetime, kind: str
) -> None:
    odd = x509.UnrecognizedExtension(ObjectIdentifier(kind), b"\xff\xff")
    verdict = verify_bytes(_signed_by(sealed, _impostor(lab, "assessor", odd)), "x.zip", trust, tomorrow)
    assert FactId.CHAIN in _bad(verdict)
    assert "issued by nobody on the trust list" in verdict.headline


@pytest.mark.parametrize(
    "received",
    ["2026-11-21T17:10:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "20261121", 5],
)
def test_a_receipt_of_no_time_on_earth_is_no_receipt(
    lab: Laboratory, sealed: Sealed, trust: TrustList, tomorrow: datetime, received: object
) -> None:
    hub = _impostor(lab, "hub")
    stated = {"packet": sealed.digest, "person": PERSON, "hub": PROGRAMME, "received_at": received}
    content = json.dumps({**stated, "certificate_status": "good"}).encode()
    receipt = sign_with_content(content, hub.key, hub.certificate, NOW)
    verdict = verify_bytes(sealed.with_files({RECEIPT: receipt}), "x.zip", trust, tomorrow)
    assert verdict.fact(FactId.TIME).standing is Standing.BAD
    assert "cannot be read as a receipt" in verdict.headline


def _sealed_by(lab: Laboratory, tmp_path: Path, attested: Attested, **changes: bytes) -> bytes:
    """A packet as an enrolled person's own program may seal it."""
    facts = replace(packet_facts(attested), **changes)  # type: ignore[arg-type]
    return build_packet(facts, lab.signer, tmp_path).path.read_bytes()


def _assigned_with_its_wording(lab: Laboratory) -> Attested:
    issuer, given = lab.authority.issuer_signer(), an_assignment()
    rules = (rubric_to_json(shipped_rubric()), policy_to_json(shipped_policy()))
    document = assignment_bytes(given, rules)
    return Attested(given.id, document, sign_detached(document, issuer.key, issuer.certificate, NOW))


def test_a_rubric_worded_anew_under_its_old_name_is_not_what_was_assigned(
    lab: Laboratory, trust: TrustList, tomorrow: datetime, tmp_path: Path
) -> None:
    attested = _assigned_with_its_wording(lab)
    honest = verify_bytes(_sealed_by(lab, tmp_path, attested), "x.zip", trust, tomorrow)
    assert honest.fact(FactId.ASSIGNMENT).standing is Standing.GOOD
    assert honest.exit_code() == 0

    rubric = json.loads(rubric_to_json(shipped_rubric()))
    easier = canonical({**rubric, "criteria": rubric["criteria"][:1]})
    forged = verify_bytes(
        _sealed_by(lab, tmp_path / "forged", attested, rubric_json=easier), "x.zip", trust, tomorrow
    )
    assert _bad(forged) == {FactId.ASSIGNMENT}
    assert "another rubric's wording" in forged.headline


@pytest.mark.parametrize("other", [{"id": "another", "version": "1"}, [1, 2], None])
def test_a_rubric_of_another_name_than_the_review_says_is_noticed_whatever_was_assigned(
    lab: Laboratory, trust: TrustList, tomorrow: datetime, tmp_path: Path, other: object
) -> None:
    forged = _sealed_by(lab, tmp_path, lab.attested(), rubric_json=canonical(other))
    verdict = verify_bytes(forged, "x.zip", trust, tomorrow)
    assert verdict.fact(FactId.CONTENTS).standing is Standing.BAD
    assert "data/rubric.json is not the rubric" in verdict.headline


def _bomb(mebibytes: int) -> bytes:
    """A PDF of some hundred kilobytes whose one stream, a cross-reference, unpacks to so much."""
    deflating, block = zlib.compressobj(9), b"\0" * (1 << 20)
    packed = b"".join(deflating.compress(block) for _ in range(mebibytes)) + deflating.flush()
    head = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    told = f"/Type /XRef /Size {mebibytes << 17} /W [1 5 2] /Root 1 0 R /Length {len(packed)}"
    stream = f"2 0 obj\n<< {told} /Filter /FlateDecode >>\nstream\n".encode()
    end = f"\nendstream\nendobj\nstartxref\n{len(head)}\n%%EOF\n".encode()
    return head + stream + packed + end


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows does not tell a process's peak of memory this way"
)
def test_a_record_that_unpacks_without_end_takes_little_memory(
    lab: Laboratory, sealed: Sealed, trust: TrustList, tomorrow: datetime
) -> None:
    import resource

    altered = Sealed(sealed.with_manifests_written_again({"data/record.pdf": _bomb(250)}), "")
    verify_bytes(sealed.content, "x.zip", trust, tomorrow)  # whatever is imported is there
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    verdict = verify_bytes(_signed_by(altered, lab.signer), "x.zip", trust, tomorrow)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert _bad(verdict) == {FactId.RECORD}
    assert grown < 200 << (10 if sys.platform == "linux" else 20)


def test_a_record_is_not_opened_where_nothing_says_who_signed_it(sealed: Sealed, tomorrow: datetime) -> None:
    verdict = verify_bytes(sealed.content, "x.zip", None, tomorrow)
    assert verdict.fact(FactId.RECORD).standing is Standing.UNKNOWN
    assert not verdict.bad


def test_a_record_that_carries_a_second_review_beside_the_first_is_bad(
    lab: Laboratory, trust: TrustList, tomorrow: datetime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = sealing.record_pdf

    def with_a_twin(content: RecordContent, attachments: tuple[Attachment, ...]) -> bytes:
        output = io.BytesIO()
        with pikepdf.open(io.BytesIO(made(content, attachments))) as pdf:
            names = pdf.Root.Names.EmbeddedFiles.Names
            other = pikepdf.AttachedFileSpec(pdf, b'{"recommendation":"earned"}', filename="review.json")
            names.insert(0, other.obj)
            names.insert(0, pikepdf.String("review.json"))
            pdf.save(output)
        return output.getvalue()

    monkeypatch.setattr(sealing, "record_pdf", with_a_twin)
    verdict = verify_bytes(_sealed_by(lab, tmp_path, lab.attested()), "x.zip", trust, tomorrow)
    assert _bad(verdict) == {FactId.RECORD}
    assert "carries another review" in verdict.headline
