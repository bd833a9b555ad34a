"""Attacks on what the packet lists: files altered, swapped, missing and added, with lists that fit or do not."""

from __future__ import annotations

import json
import re

import rfc8785
from tests.verdict.altering import Sealed, flipped

from assessor_desk.verdict import FactId

from .workshop import FEEDBACK, LISTED, RECEIPT, RECORD, REVIEW, SIGNATURE, Workshop, must_fail

MANIFEST = "manifest-sha256.txt"


@must_fail(FactId.CONTENTS)
def one_bit_of_the_review(w: Workshop) -> bytes:
    return w.with_files({REVIEW: flipped(w.files[REVIEW], len(w.files[REVIEW]) // 2)})


@must_fail(FactId.CONTENTS)
def one_bit_of_the_record(w: Workshop) -> bytes:
    return w.with_files({RECORD: flipped(w.files[RECORD], 5000)})


@must_fail(FactId.CONTENTS)
def one_bit_of_the_instructions(w: Workshop) -> bytes:
    return w.with_files({"VERIFY.txt": flipped(w.files["VERIFY.txt"], 100)})


@must_fail(FactId.CONTENTS)
def one_bit_of_the_list(w: Workshop) -> bytes:
    return w.with_files({MANIFEST: flipped(w.files[MANIFEST], 3)})


@must_fail(FactId.SIGNATURE)
def one_bit_of_the_signed_list(w: Workshop) -> bytes:
    return w.with_files({LISTED: flipped(w.files[LISTED], 70)})


@must_fail(FactId.CONTENTS)
def an_emptied_file(w: Workshop) -> bytes:
    return w.with_files({"data/annotations.jsonld": b""})


@must_fail(FactId.CONTENTS)
def two_files_that_changed_places(w: Workshop) -> bytes:
    return w.with_files({REVIEW: w.files[FEEDBACK], FEEDBACK: w.files[REVIEW]})


@must_fail(FactId.CONTENTS)
def the_feedback_of_another_packet(w: Workshop) -> bytes:
    return w.with_files({FEEDBACK: w.elsewhere.files[FEEDBACK]})


@must_fail(FactId.CONTENTS)
def the_record_of_another_packet(w: Workshop) -> bytes:
    return w.with_files({RECORD: w.elsewhere.files[RECORD]})


@must_fail(FactId.SIGNATURE)
def the_payload_of_another_packet_with_its_lists(w: Workshop) -> bytes:
    other = {
        name: content for name, content in w.elsewhere.files.items() if not name.startswith("signatures/")
    }
    return w.with_files(other)


@must_fail(FactId.SIGNATURE)
def a_review_written_again_with_every_list(w: Workshop) -> bytes:
    review = rfc8785.dumps({**w.stated, "recommendation": "earned"})
    return w.receipted.with_manifests_written_again({REVIEW: review})


@must_fail(FactId.FILES)
def a_file_that_is_missing(w: Workshop) -> bytes:
    return w.with_files({"data/record.docx": None})


@must_fail(FactId.FILES)
def a_file_that_is_missing_from_the_list_as_well(w: Workshop) -> bytes:
    return w.resealed({"data/record.docx": None})


@must_fail(FactId.FILES)
def no_list_of_the_contents(w: Workshop) -> bytes:
    return w.with_files({MANIFEST: None})


@must_fail(FactId.FILES)
def no_signed_list(w: Workshop) -> bytes:
    return w.with_files({LISTED: None})


@must_fail(FactId.FILES)
def no_declaration_of_a_bag(w: Workshop) -> bytes:
    return w.with_files({"bagit.txt": None})


@must_fail(FactId.FILES)
def a_renamed_file(w: Workshop) -> bytes:
    return w.with_files({"data/record.docx": None, "data/Record.docx": w.files["data/record.docx"]})


@must_fail(FactId.FILES)
def an_added_document(w: Workshop) -> bytes:
    return w.with_files({"data/more.json": b"{}"})


@must_fail(FactId.FILES)
def an_added_document_that_the_unsigned_list_names(w: Workshop) -> bytes:
    lines = w.files[MANIFEST] + b"0" * 64 + b"  data/more.json\n"
    return w.with_files({MANIFEST: lines, "data/more.json": b"{}"})


@must_fail(FactId.FILES)
def an_added_document_that_is_listed_and_signed(w: Workshop) -> bytes:
    return w.resealed({"data/more.json": b"{}"})


@must_fail(FactId.FILES)
def a_program_beside_the_documents(w: Workshop) -> bytes:
    return w.with_files({"READ-ME-FIRST.exe": b"MZ"})


@must_fail(FactId.FILES)
def a_file_more_among_the_signatures(w: Workshop) -> bytes:
    return w.with_files({"signatures/more.txt": b"words"})


@must_fail(FactId.FILES)
def a_time_stamp_for_nobodys_signature(w: Workshop) -> bytes:
    return w.with_files({"signatures/reviewer-1.p7s.tst": b"0"})


@must_fail(FactId.FILES)
def a_signature_of_a_number_that_there_is_none_of(w: Workshop) -> bytes:
    return w.with_files({"signatures/assessor-0.p7s": w.files[SIGNATURE]})


@must_fail(FactId.FILES)
def a_folder_below_the_signatures(w: Workshop) -> bytes:
    return w.with_files({"signatures/old/assessor-1.p7s": w.files[SIGNATURE]})


@must_fail(FactId.CONTENTS)
def digests_in_capital_letters(w: Workshop) -> bytes:
    return w.with_files(
        {MANIFEST: re.sub(rb"[0-9a-f]{64}", lambda found: found[0].upper(), w.files[MANIFEST])}
    )


@must_fail(FactId.CONTENTS)
def a_list_with_lines_as_windows_ends_them(w: Workshop) -> bytes:
    return w.with_files({MANIFEST: w.files[MANIFEST].replace(b"\n", b"\r\n")})


@must_fail(FactId.CONTENTS)
def a_list_that_names_a_file_twice(w: Workshop) -> bytes:
    first = w.files[MANIFEST].splitlines(keepends=True)[0]
    return w.with_files({MANIFEST: w.files[MANIFEST] + b"0" * 64 + first[64:]})


@must_fail(FactId.CONTENTS)
def another_count_of_what_is_carried(w: Workshop) -> bytes:
    info = re.sub(rb"Payload-Oxum: \d+", b"Payload-Oxum: 1", w.files["bag-info.txt"])
    return relisted(w, {"bag-info.txt": info})


@must_fail(FactId.STRUCTURE)
def a_bag_of_another_version(w: Workshop) -> bytes:
    return relisted(w, {"bagit.txt": w.files["bagit.txt"].replace(b"1.0", b"2.0")})


def relisted(w: Workshop, tags: dict[str, bytes]) -> bytes:
    """The packet with other tag files, signed as they are: `resealed` would count again."""
    from assessor_desk.keys.cms import sign_detached
    from assessor_desk.packets.facts import sha256

    files = {**w.files, **tags}
    for name, content in tags.items():
        listed = re.sub(
            rb"[0-9a-f]{64}(?=  " + name.encode() + rb"\n)", sha256(content).encode(), files[LISTED]
        )
        files[LISTED] = listed
    signature = sign_detached(files[LISTED], w.signer.key, w.signer.certificate, w.at)
    return w.zipped({**files, SIGNATURE: signature, RECEIPT: None})


@must_fail(FactId.CONTENTS)
def a_review_that_is_not_canonical(w: Workshop) -> bytes:
    return w.resealed({REVIEW: json.dumps(w.stated, indent=1).encode()})


@must_fail(FactId.CONTENTS)
def a_review_that_says_something_twice(w: Workshop) -> bytes:
    twice = w.files[REVIEW][:-1] + b',"recommendation":"earned"}'
    return w.resealed({REVIEW: twice})


@must_fail(FactId.CONTENTS)
def a_review_with_a_mark_before_it(w: Workshop) -> bytes:
    return w.resealed({REVIEW: b"\xef\xbb\xbf" + w.files[REVIEW]})


@must_fail(FactId.CONTENTS)
def a_review_in_another_encoding(w: Workshop) -> bytes:
    return w.resealed({REVIEW: w.files[REVIEW].decode().encode("utf-16-le")})


@must_fail(FactId.CONTENTS)
def a_review_with_a_number_that_is_none(w: Workshop) -> bytes:
    return w.resealed({REVIEW: w.files[REVIEW][:-1] + b',"zzz":NaN}'})


@must_fail(FactId.CONTENTS)
def a_review_with_a_number_that_readers_round(w: Workshop) -> bytes:
    return w.resealed({REVIEW: w.files[REVIEW][:-1] + b',"zzz":9007199254740992}'})


@must_fail(FactId.CONTENTS)
def a_review_with_half_a_letter(w: Workshop) -> bytes:
    return w.resealed({REVIEW: w.files[REVIEW][:-1] + b',"zzz":"\\ud800"}'})


@must_fail(FactId.CONTENTS)
def a_review_nested_beyond_reason(w: Workshop) -> bytes:
    return w.resealed({REVIEW: b"[" * 200_000})


@must_fail(FactId.CONTENTS)
def a_review_that_is_a_list(w: Workshop) -> bytes:
    return w.resealed({REVIEW: b"[1,2]"})


@must_fail(FactId.CONTENTS)
def another_rubric_than_the_review_names(w: Workshop) -> bytes:
    return w.resealed({"data/rubric.json": b"{}"})


@must_fail(FactId.CONTENTS)
def other_feedback_than_the_review_names(w: Workshop) -> bytes:
    feedback = json.loads(w.files[FEEDBACK])
    return w.resealed({FEEDBACK: rfc8785.dumps({**feedback, "overall": "Well done."})})


@must_fail(FactId.CONTENTS)
def a_review_with_another_number_than_its_folder(w: Workshop) -> bytes:
    return w.restated(id="00000000-0000-5000-8000-000000000000")


@must_fail(FactId.CONTENTS)
def evidence_that_the_policy_keeps_on_the_desk(w: Workshop) -> bytes:
    return w.resealed({"data/evidence.pdf": b"%PDF-1.7 pictures of children"})


@must_fail(FactId.FILES)
def half_an_assignment(w: Workshop) -> bytes:
    return w.resealed({"data/assignment.p7s": None})


@must_fail(FactId.SIGNATURE)
def a_list_of_another_packet_of_the_same_person(w: Workshop) -> bytes:
    return w.with_files({LISTED: Sealed(w.correction.content, "").files[LISTED]})
