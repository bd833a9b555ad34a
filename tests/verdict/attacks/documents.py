"""Attacks on what travels with the packet: receipt, time-stamp, record, assignment, a second signature."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import rfc8785
from tests.verdict.altering import flipped
from tests.verdict.stamping import StampingAuthority

from assessor_desk.keys.cms import sign_detached
from assessor_desk.keys.signing import Signer
from assessor_desk.packets.pades import sign_record
from assessor_desk.packets.receiving import with_receipt
from assessor_desk.verdict import FactId

from .vouching import signer_with
from .workshop import LATER, LISTED, RECEIPT, RECORD, SIGNATURE, TOKEN, Workshop, must_fail

ASSIGNMENT, ASSIGNMENT_SIGNATURE = "data/assignment.json", "data/assignment.p7s"


def receipted(w: Workshop, receipt: bytes) -> bytes:
    return with_receipt(w.sealed.content, receipt)


# -- receipts ------------------------------------------------------------------------------------------------


@must_fail(FactId.TIME)
def one_bit_of_the_receipt(w: Workshop) -> bytes:
    return w.with_files({RECEIPT: flipped(w.files[RECEIPT], 200)})


@must_fail(FactId.TIME)
def a_receipt_for_another_packet(w: Workshop) -> bytes:
    return receipted(w, w.receipt(packet=w.elsewhere.digest))


@must_fail(FactId.TIME)
def a_receipt_for_another_person(w: Workshop) -> bytes:
    return receipted(w, w.receipt(person="A-6666"))


@must_fail(FactId.TIME)
def a_receipt_that_the_assessor_signed(w: Workshop) -> bytes:
    return receipted(w, w.receipt_by(w.signer))


@must_fail(FactId.TIME)
def a_receipt_by_another_hub(w: Workshop) -> bytes:
    return receipted(w, w.receipt(w.forger))


@must_fail(FactId.TIME)
def a_receipt_from_before_the_signature(w: Workshop) -> bytes:
    return receipted(w, w.receipt(at=w.at - timedelta(minutes=30)))


@must_fail(FactId.TIME)
def a_signature_for_a_receipt(w: Workshop) -> bytes:
    return receipted(w, w.files[SIGNATURE])


# -- time-stamps ---------------------------------------------------------------------------------------------


def stamped(w: Workshop, token: bytes) -> bytes:
    return w.with_files({TOKEN: token, RECEIPT: None})


@must_fail(FactId.TIME)
def a_time_stamp_over_another_signature(w: Workshop) -> bytes:
    return stamped(w, w.office.stamp(b"another"))


@must_fail(FactId.TIME)
def a_time_stamp_from_before_the_signature(w: Workshop) -> bytes:
    early = w.at - timedelta(hours=1)
    return stamped(w, w.office.stamp(w.files[SIGNATURE], early))


@must_fail(FactId.TIME)
def a_time_stamp_by_nobody_on_the_trust_list(w: Workshop) -> bytes:
    return stamped(w, StampingAuthority(w.forger, w.at).stamp(w.files[SIGNATURE]))


@must_fail(FactId.TIME)
def a_time_stamp_by_a_certificate_for_documents(w: Workshop) -> bytes:
    from cryptography.x509.oid import ExtendedKeyUsageOID

    authority = StampingAuthority(w.hub.authority, w.at, ExtendedKeyUsageOID.EMAIL_PROTECTION)
    return stamped(w, authority.stamp(w.files[SIGNATURE]))


@must_fail(FactId.TIME)
def one_bit_of_a_time_stamp(w: Workshop) -> bytes:
    token = w.office.stamp(w.files[SIGNATURE])
    return stamped(w, flipped(token, len(token) // 3))


@must_fail(FactId.TIME)
def words_for_a_time_stamp(w: Workshop) -> bytes:
    return stamped(w, b"yesterday")


# -- the record ----------------------------------------------------------------------------------------------


@must_fail(FactId.RECORD)
def a_note_appended_to_the_record(w: Workshop) -> bytes:
    """pdfsig still calls the signature of such a file valid; it only no longer says that all of it is signed."""
    return w.resealed({RECORD: w.files[RECORD] + b"\n% a note\n"})


@must_fail(FactId.RECORD)
def a_revision_appended_to_the_record(w: Workshop) -> bytes:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    out = io.BytesIO(w.files[RECORD])
    writer = IncrementalPdfFileWriter(out)
    writer.root["/Lang"] = generic.pdf_string("fr")
    writer.update_root()
    writer.write_in_place()
    return w.resealed({RECORD: out.getvalue()})


@must_fail(FactId.RECORD)
def a_record_that_another_packet_had(w: Workshop) -> bytes:
    return w.resealed({RECORD: w.elsewhere.files[RECORD]})


@must_fail(FactId.RECORD)
def a_record_of_an_earlier_review_of_the_same_person(w: Workshop) -> bytes:
    return w.resealed({RECORD: w.correction.files[RECORD]})


@must_fail(FactId.RECORD)
def a_review_that_is_not_the_records(w: Workshop) -> bytes:
    return w.restated(programme="Elsewhere")


def unsigned_record(w: Workshop) -> bytes:
    """The record as it was before it was signed: what the first revision holds."""
    ends = [found.end() for found in re.finditer(rb"%%EOF\n?", w.files[RECORD])]
    return w.files[RECORD][: ends[-2]]


@must_fail(FactId.RECORD)
def a_record_without_its_signature(w: Workshop) -> bytes:
    return w.resealed({RECORD: unsigned_record(w)})


@must_fail(FactId.RECORD)
def a_record_that_somebody_else_signed(w: Workshop) -> bytes:
    other: Signer = w.enrolled("A-6666")
    return w.resealed({RECORD: sign_again(w, other)})


@must_fail(FactId.RECORD)
def a_record_signed_with_another_certificate_of_the_same_person(w: Workshop) -> bytes:
    return w.resealed({RECORD: sign_again(w, signer_with(w))})


def sign_again(w: Workshop, signer: Signer, **saved: Any) -> bytes:
    """The record's pages signed anew; keyword arguments say how they are saved."""
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(w.files[RECORD])) as pdf:
        del pdf.Root["/AcroForm"]
        for page in pdf.pages:
            if "/Annots" in page:
                del page["/Annots"]
        pdf.save(out, **saved)
    return sign_record(out.getvalue(), signer, w.at, "Assessor")


@must_fail(FactId.RECORD)
def one_bit_of_a_record_that_was_listed_again(w: Workshop) -> bytes:
    return w.resealed({RECORD: flipped(w.files[RECORD], 20000)})


@must_fail(FactId.RECORD)
def words_for_a_record(w: Workshop) -> bytes:
    return w.resealed({RECORD: b"words"})


@must_fail(FactId.RECORD)
def bytes_after_the_records_signature(w: Workshop) -> bytes:
    record = w.files[RECORD]
    at = record.rindex(b"00>", 0, record.rindex(b"/ByteRange"))
    return w.resealed({RECORD: record[:at] + b"41" + record[at + 2 :]})


@must_fail(FactId.RECORD)
def a_record_whose_signature_leaves_room(w: Workshop) -> bytes:
    record = w.files[RECORD]
    found = re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", record)
    assert found
    less = str(int(found[3]) - 1).encode().rjust(len(found[3]), b"0")
    altered = record[: found.start(3)] + less + record[found.end(3) :]
    return w.resealed({RECORD: altered})


# -- the assignment ------------------------------------------------------------------------------------------


@must_fail(FactId.ASSIGNMENT)
def another_persons_assignment(w: Workshop) -> bytes:
    other = w.elsewhere.files
    return w.resealed({name: other[name] for name in (ASSIGNMENT, ASSIGNMENT_SIGNATURE)})


@must_fail(FactId.ASSIGNMENT)
def an_assignment_that_the_assessor_signed(w: Workshop) -> bytes:
    return w.resealed({ASSIGNMENT_SIGNATURE: signature_by(w, w.signer)})


@must_fail(FactId.ASSIGNMENT)
def an_assignment_by_another_issuer(w: Workshop) -> bytes:
    return w.resealed({ASSIGNMENT_SIGNATURE: signature_by(w, w.forger.issuer_signer())})


def signature_by(w: Workshop, signer: Signer) -> bytes:
    return sign_detached(w.files[ASSIGNMENT], signer.key, signer.certificate, w.at)


@must_fail(FactId.ASSIGNMENT)
def an_assignment_written_by_oneself(w: Workshop) -> bytes:
    import json

    own = rfc8785.dumps({**json.loads(w.files[ASSIGNMENT]), "role": "assessor", "id": "mine"})
    return w.resealed({ASSIGNMENT: own})


@must_fail(FactId.ASSIGNMENT)
def a_review_of_another_submission_than_was_assigned(w: Workshop) -> bytes:
    return w.restated(submission={**w.stated["submission"], "id": "0" * 8})


@must_fail(FactId.ASSIGNMENT)
def a_review_that_saw_more_than_was_assigned(w: Workshop) -> bytes:
    seen = dict.fromkeys(w.stated["blindness"]["hidden_from_signer"], False)
    return w.restated(blindness={**w.stated["blindness"], "hidden_from_signer": seen})


@must_fail(FactId.ASSIGNMENT)
def a_review_by_another_policy_than_was_assigned(w: Workshop) -> bytes:
    return w.restated(policy={**w.stated["policy"], "version": "1999.1"})


# -- a second signature --------------------------------------------------------------------------------------


@must_fail(FactId.SIGNATURE)
def a_second_signature_over_something_else(w: Workshop) -> bytes:
    signer = w.reviewer.signer
    return w.with_files({LATER: sign_detached(b"else", signer.key, signer.certificate, w.at)})


@must_fail(FactId.SIGNER)
def a_second_signature_by_nobody_of_that_role(w: Workshop) -> bytes:
    return with_second(w, w.enrolled("A-2001"))


@must_fail(FactId.CHAIN)
def a_second_signature_by_somebody_unknown(w: Workshop) -> bytes:
    return with_second(w, signer_with(w, days=(-30, -1)))


@must_fail(FactId.REVOCATION)
def a_second_signature_with_a_revoked_certificate(w: Workshop) -> bytes:
    signer = w.enrolled("R-2002", "reviewer")
    w.hub.authority.revoke(signer.certificate.serial_number, "keyCompromise")
    return with_second(w, signer)


@must_fail(FactId.TIME)
def another_packets_receipt_at_the_second_signature(w: Workshop) -> bytes:
    signer = w.reviewer.signer
    second = sign_detached(w.files[LISTED], signer.key, signer.certificate, w.at)
    late = w.receipt(packet=w.elsewhere.digest, person=w.reviewer.person)
    return w.with_files({LATER: second, LATER.replace(".p7s", ".receipt.p7s"): late})


def with_second(w: Workshop, signer: Signer) -> bytes:
    return w.with_files({LATER: sign_detached(w.files[LISTED], signer.key, signer.certificate, w.at)})
