"""Attacks with the authority of another programme that is on the same trust list, and with one that was revoked.

The neighbour is trusted as much as the hub's own programme: for its own packets. What it says of another's counts for
nothing, or whoever runs one programme could sign for all of them.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from tests.verdict.stamping import StampingAuthority

from assessor_desk.keys.authority import Authority
from assessor_desk.keys.cms import sign_detached, sign_with_content
from assessor_desk.keys.signing import Signer, SigningKey, read_certificates
from assessor_desk.protocol.documents import receipt_bytes
from assessor_desk.verdict import FactId

from .workshop import LATER, LISTED, RECEIPT, SIGNATURE, TOKEN, Workshop, must_fail

ASSIGNMENT, BY_ISSUER = "data/assignment.json", "data/assignment.p7s"


def certified(authority: Authority, number: str, role: str = "assessor") -> Signer:
    """Somebody whom that authority gave a certificate."""
    key = SigningKey.generate()
    certificate = read_certificates(authority.issue(key.csr(number), number, role))[0]
    return Signer(key, certificate, (authority.issuing, authority.root))


def received(w: Workshop, signer: Signer, by: Authority, at: datetime, at_hub: datetime) -> bytes:
    """The packet sealed by that signer at that time, with a receipt by that authority's hub."""
    sealed = w.restated(signer, at, sealed_at=f"{at:%Y-%m-%dT%H:%M:%SZ}")
    files = w.unzipped(sealed)
    hub = by.hub_signer()
    said = receipt_bytes(
        packet=hashlib.sha256(files[LISTED]).hexdigest(),
        person=w.device.person,
        hub="urn:uuid:1",
        at=at_hub,
        certificate_status="good",
    )
    return w.zipped({**files, RECEIPT: sign_with_content(said, hub.key, hub.certificate, at_hub)})


@must_fail(FactId.TIME)
def a_receipt_by_another_programmes_hub(w: Workshop) -> bytes:
    return w.with_files({RECEIPT: w.receipt(w.neighbour)})


@must_fail(FactId.TIME)
def a_receipt_by_the_hub_of_a_programme_of_the_same_name(w: Workshop) -> bytes:
    return w.with_files({RECEIPT: w.receipt(w.namesake)})


@must_fail(FactId.ASSIGNMENT)
def an_assignment_by_another_programmes_issuer(w: Workshop) -> bytes:
    issuer = w.neighbour.issuer_signer()
    return w.resealed({BY_ISSUER: sign_detached(w.files[ASSIGNMENT], issuer.key, issuer.certificate, w.at)})


@must_fail(FactId.ASSIGNMENT)
def an_assignment_by_the_issuer_of_a_programme_of_the_same_name(w: Workshop) -> bytes:
    issuer = w.namesake.issuer_signer()
    return w.resealed({BY_ISSUER: sign_detached(w.files[ASSIGNMENT], issuer.key, issuer.certificate, w.at)})


@must_fail(FactId.ASSIGNMENT)
def the_work_of_an_assessor_signed_by_whoever_has_their_number_in_another_programme(w: Workshop) -> bytes:
    return w.resealed({}, certified(w.neighbour, w.device.person))


@must_fail(FactId.TIME)
def a_receipt_of_ones_own_programme_on_what_another_programmes_assessor_signed(w: Workshop) -> bytes:
    signature = sign_detached(
        w.files[LISTED], (by := certified(w.neighbour, w.device.person)).key, by.certificate, w.at
    )
    return w.with_files({SIGNATURE: signature})


@must_fail(FactId.CHAIN)
def another_programmes_reviewer_beside_the_assessor(w: Workshop) -> bytes:
    by = certified(w.neighbour, "R-1", "reviewer")
    return w.with_files({LATER: sign_detached(w.files[LISTED], by.key, by.certificate, w.at)})


@must_fail(FactId.TIME)
def a_time_stamp_by_an_office_that_another_programme_certified(w: Workshop) -> bytes:
    office = StampingAuthority(w.neighbour, w.at)
    return w.with_files({TOKEN: office.stamp(w.files[SIGNATURE]), RECEIPT: None})


@must_fail(FactId.TIME)
def a_time_stamp_by_an_office_that_another_programme_named(w: Workshop) -> bytes:
    return w.with_files({TOKEN: w.office_of_the_neighbour.stamp(w.files[SIGNATURE]), RECEIPT: None})


@must_fail(FactId.REVOCATION)
def a_certificate_of_a_revoked_authority(w: Workshop) -> bytes:
    return w.resealed({}, w.of_the_revoked, w.at)


@must_fail(FactId.REVOCATION)
def a_certificate_of_a_revoked_authority_and_a_time_before_it(w: Workshop) -> bytes:
    before = w.at - timedelta(days=3)
    return w.restated(w.of_the_revoked, before, sealed_at=f"{before:%Y-%m-%dT%H:%M:%SZ}")


@must_fail(FactId.REVOCATION)
def a_receipt_from_before_by_whoever_has_the_key_of_a_revoked_authority(w: Workshop) -> bytes:
    before = w.at - timedelta(days=3)
    return received(w, w.of_the_revoked, w.stolen, before, before + timedelta(minutes=1))


@must_fail(FactId.TIME)
def a_receipt_of_a_revoked_authority_given_after_it(w: Workshop) -> bytes:
    return received(w, w.of_the_revoked, w.stolen, w.at, w.at)


@must_fail(FactId.ASSIGNMENT)
def an_assignment_dated_back_by_whoever_has_an_issuers_revoked_key(w: Workshop) -> bytes:
    """With a packet dated back as well, by an assessor who is of the same mind: nothing confirms either time."""
    issuer, before = w.enrolled("issuer", "issuer"), w.at - timedelta(minutes=30)
    w.hub.authority.revoke(issuer.certificate.serial_number, "keyCompromise")
    signature = sign_detached(w.files[ASSIGNMENT], issuer.key, issuer.certificate, before)
    said = f"{before:%Y-%m-%dT%H:%M:%SZ}"
    return w.restated(at=before, sealed_at=said, also={BY_ISSUER: signature})
