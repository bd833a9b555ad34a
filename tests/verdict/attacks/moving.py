"""Attacks on which version of its rubric a review is by: the issuer vouches for the words of each."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import rfc8785
from tests.verdict.altering import flipped

from assessor_desk.keys.cms import sign_detached
from assessor_desk.keys.signing import Signer
from assessor_desk.verdict import FactId

from .workshop import Workshop, must_fail

RUBRIC, BY_ISSUER = "data/rubric.json", "data/rubric.p7s"
ANEW = "2031.1"


def moved(w: Workshop, by: Signer | None, version: str = ANEW, before: str = "", **stated: Any) -> bytes:
    """The packet by a rubric of other words, signed by somebody or by nobody, as one that was moved to it."""
    rubric = json.loads(w.files[RUBRIC])
    assigned = rubric["version"]
    content = rfc8785.dumps({**rubric, "version": version, "title": "Easier"})
    digests = {**w.stated["digests"], "rubric": hashlib.sha256(content).hexdigest()}
    told = {"rubric": {"id": rubric["id"], "version": version}, "digests": digests, **stated}
    told.setdefault("rubric_moved", {"from": before or assigned})
    also = {RUBRIC: content}
    if by is not None:
        also[BY_ISSUER] = sign_detached(content, by.key, by.certificate, w.at)
    return w.restated(also=also, **told)


@must_fail(FactId.ASSIGNMENT)
def a_rubric_of_their_own_said_to_be_the_next_version(w: Workshop) -> bytes:
    return moved(w, None)


@must_fail(FactId.ASSIGNMENT)
def a_rubric_of_their_own_signed_by_themselves(w: Workshop) -> bytes:
    return moved(w, w.signer)


@must_fail(FactId.ASSIGNMENT)
def a_rubric_that_another_issuer_published(w: Workshop) -> bytes:
    return moved(w, w.forger.issuer_signer())


@must_fail(FactId.ASSIGNMENT)
def a_review_moved_from_a_version_that_was_not_assigned(w: Workshop) -> bytes:
    return moved(w, w.hub.authority.issuer_signer(), before="1999.1")


@must_fail(FactId.CONTENTS)
def a_review_moved_to_the_version_that_it_had(w: Workshop) -> bytes:
    return moved(w, w.hub.authority.issuer_signer(), version=json.loads(w.files[RUBRIC])["version"])


@must_fail(FactId.CONTENTS)
def a_review_moved_from_nowhere(w: Workshop) -> bytes:
    return moved(w, w.hub.authority.issuer_signer(), rubric_moved={})


@must_fail(FactId.CONTENTS)
def a_rubrics_signature_although_nothing_was_moved(w: Workshop) -> bytes:
    issuer = w.hub.authority.issuer_signer()
    return w.resealed({BY_ISSUER: sign_detached(w.files[RUBRIC], issuer.key, issuer.certificate, w.at)})


@must_fail(FactId.ASSIGNMENT)
def one_bit_of_the_rubrics_signature(w: Workshop) -> bytes:
    files = {name: content for name, content in w.moved.files.items() if name.startswith("data/")}
    return w.resealed({**files, BY_ISSUER: flipped(files[BY_ISSUER], 200)})
