"""RFC 3161 tokens over a packet's signature, given by an authority that the trust list knows."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import tsp
from cryptography import x509
from tests.packets.building import NOW, Laboratory
from tests.verdict.altering import Sealed, flipped
from tests.verdict.stamping import StampingAuthority

from assessor_desk.packets.receiving import with_receipt
from assessor_desk.verdict import FactId, Standing, TrustList, Verdict
from assessor_desk.verdict.packet import verify_bytes

TOKEN = "signatures/assessor-1.p7s.tst"
SIGNATURE = "signatures/assessor-1.p7s"


@pytest.fixture(scope="module")
def stamping(lab: Laboratory) -> StampingAuthority:
    """An authority certified by the programme."""
    return StampingAuthority(lab.authority, NOW)


@pytest.fixture(scope="module")
def stamped(sealed: Sealed, stamping: StampingAuthority) -> Sealed:
    """The packet with a token and no receipt."""
    token = stamping.stamp(sealed.files[SIGNATURE])
    return Sealed(sealed.with_files({TOKEN: token}), sealed.digest)


def judged(content: bytes, trust: TrustList | None) -> Verdict:
    """The verdict the day after."""
    return verify_bytes(content, "packet.zip", trust, NOW + timedelta(days=1))


def test_a_stamp_confirms_the_time(stamped: Sealed, trust: TrustList) -> None:
    fact = judged(stamped.content, trust).fact(FactId.TIME)

    assert (fact.standing, fact.basis) == (Standing.GOOD, "RFC 3161")
    assert fact.sentence == ("2026-11-21 17:03:12 UTC, stamped by Stamping Office on 2026-11-21 17:04:12 UTC")
    assert judged(stamped.content, trust).exit_code({"time"}) == 0


def test_a_stamp_and_a_receipt_can_be_added_together(
    lab: Laboratory, sealed: Sealed, stamping: StampingAuthority, trust: TrustList
) -> None:
    token = stamping.stamp(sealed.files[SIGNATURE])

    verdict = judged(with_receipt(sealed.content, lab.receipt(sealed), token), trust)

    assert verdict.exit_code({"time"}) == 0
    assert verdict.fact(FactId.TIME).basis == "RFC 3161"


def test_a_receipt_settles_revocation_also_where_a_stamp_is_older(tmp_path: Path) -> None:
    own = Laboratory(tmp_path)
    packet = own.packet()
    content = packet.path.read_bytes()
    token = StampingAuthority(own.authority, NOW).stamp(Sealed(content, packet.digest).files[SIGNATURE])
    older = TrustList.load(own.trust(later=-timedelta(days=1)))

    verdict = judged(with_receipt(content, own.receipt(packet), token), older)

    assert verdict.fact(FactId.REVOCATION).basis == "receipt"
    assert verdict.exit_code({"revocation", "time"}) == 0


def test_without_a_trust_list_a_stamp_confirms_nothing(stamped: Sealed) -> None:
    assert judged(stamped.content, None).fact(FactId.TIME).standing is Standing.STATED


def test_a_stamp_over_another_signature_is_bad(
    sealed: Sealed, stamping: StampingAuthority, trust: TrustList
) -> None:
    verdict = judged(sealed.with_files({TOKEN: stamping.stamp(b"another")}), trust)

    assert verdict.fact(FactId.TIME).sentence == f"{TOKEN} is over another signature"
    assert verdict.exit_code() == 4


def test_a_stamp_from_before_the_signature_is_bad(
    sealed: Sealed, stamping: StampingAuthority, trust: TrustList
) -> None:
    early = stamping.stamp(sealed.files[SIGNATURE], NOW - timedelta(hours=1))

    assert "before it was signed" in judged(sealed.with_files({TOKEN: early}), trust).headline


def test_a_stamp_by_nobody_on_the_trust_list_is_bad(sealed: Sealed, trust: TrustList, tmp_path: Path) -> None:
    other = StampingAuthority(Laboratory(tmp_path).authority, NOW)
    verdict = judged(sealed.with_files({TOKEN: other.stamp(sealed.files[SIGNATURE])}), trust)

    assert verdict.fact(FactId.TIME).sentence.startswith(f"{TOKEN} its certificate was issued by nobody")
    assert verdict.exit_code() == 4


def test_a_certificate_for_documents_gives_no_stamps(
    lab: Laboratory, sealed: Sealed, trust: TrustList
) -> None:
    other = StampingAuthority(lab.authority, NOW, x509.ExtendedKeyUsageOID.EMAIL_PROTECTION)
    verdict = judged(sealed.with_files({TOKEN: other.stamp(sealed.files[SIGNATURE])}), trust)

    assert verdict.fact(FactId.TIME).standing is Standing.BAD


@pytest.mark.parametrize("content", [b"", b"words", b"0\x03\x02\x01\x01"])
def test_what_is_no_token_is_bad(content: bytes, sealed: Sealed, trust: TrustList) -> None:
    verdict = judged(sealed.with_files({TOKEN: content}), trust)

    assert verdict.fact(FactId.TIME).sentence == f"{TOKEN} cannot be read as a time-stamp"


def test_each_byte_of_a_token_counts(stamped: Sealed, trust: TrustList) -> None:
    dice, token = random.Random(17), stamped.files[TOKEN]
    for place in range(0, len(token), 15):
        altered = stamped.with_files({TOKEN: flipped(token, place, dice.randrange(8))})
        verdict = judged(altered, trust)
        assert verdict.exit_code() == 4, f"byte {place}"
        assert TOKEN in verdict.fact(FactId.TIME).sentence


def test_the_token_is_what_rfc_3161_says(stamped: Sealed) -> None:
    info = tsp.ContentInfo.load(stamped.files[TOKEN])["content"]["encap_content_info"]["content"].parsed

    assert info["gen_time"].native == NOW + timedelta(minutes=1)
