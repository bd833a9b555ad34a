"""What the packet says of itself: assignment, corrections, blindness, attestations, and what it is about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from assessor_desk.domain.errors import Damaged

from .detached import ISSUER_ROLE, refuse_without
from .documents import mapping, moved_from, parsed, text
from .facts import Fact, FactId, Standing, Subject
from .layout import ASSIGNMENT, ASSIGNMENT_SIGNATURE, DECISION, RUBRIC, RUBRIC_SIGNATURE
from .newer import not_looked_at
from .signature import Signed, read_signature
from .trust import TrustList, Untrusted

_SAW_NO = {
    "name": "name",
    "school": "school",
    "attempt": "attempt number",
    "earlier_scores": "earlier score",
    "co_assessor": "other review",
    "coach": "coach's work",
}
LATER_UNKNOWN = "Not known: whether a later packet replaces this one."
#: Assignments from before 0164 do not name the digests of rubric and policy; hubs compare them all the same.
_BY_NAME = "By name and version: it does not say how they are worded. A hub takes only what it published"
_ANOTHER_PACKET = "another packet"
_DONE = {False: "the review was moved and is", True: "the decision is"}
Document = Mapping[str, Any]


def subject(found: Mapping[str, bytes], review: Document) -> Subject:
    """What the packet says it is about."""
    submission, rubric = mapping(review.get("submission")), _read(found.get(RUBRIC, b""))
    holder = mapping(review.get("holder"))
    attempt = submission.get("attempt")
    return Subject(
        review=text(review.get("id")),
        micro_credential=text(rubric.get("title")) or text(review.get("micro_credential")),
        submission=text(submission.get("key")),
        attempt=attempt if isinstance(attempt, int) else None,
        recommendation=text(review.get("recommendation")),
        decision=_decided(review),
        person=text(review.get("person")),
        role=text(review.get("role")),
        programme=text(review.get("programme")),
        supersedes=text(mapping(review.get("supersedes")).get("packet")),
        award=text(review.get("outcome")) if "holder" in review else "",
        holder=" · ".join(filter(None, (text(holder.get("name")), text(holder.get("state_educator_id"))))),
    )


def _decided(stated: Document) -> str:
    """What a decision says, in one word; empty for a packet."""
    if "bases" not in stated:
        return ""
    return text(stated.get("outcome")) or text(stated.get("kind"))


def assignment_fact(
    found: Mapping[str, bytes],
    review: Document,
    trust: TrustList | None,
    existed: datetime,
    stated: str,
    newer: bool = False,
) -> Fact:
    """Whether the issuer asked this person for it, seeing no more than the document `stated` says.

    `existed` is when the packet is known to have been there. In a `newer` format what they say is not compared: then it
    is never good.
    """
    basis = "issuer's CMS"
    if ASSIGNMENT not in found or ASSIGNMENT_SIGNATURE not in found:
        if newer:
            return not_looked_at(FactId.ASSIGNMENT)
        words = "The packet carries no assignment by an issuer"
        return Fact(FactId.ASSIGNMENT, Standing.ABSENT, words, basis="not there")
    try:
        signed = signed_by_issuer(found[ASSIGNMENT_SIGNATURE], found[ASSIGNMENT], "assign")
        if not newer:
            _compare(_read(found[ASSIGNMENT]), review, stated)
        if trust is None:
            return Fact(
                FactId.ASSIGNMENT, Standing.UNKNOWN, "Not checked: no trust list was given", basis=basis
            )
        refuse_untrusted(signed, trust, existed)
    except (Damaged, Untrusted) as trouble:
        return Fact(FactId.ASSIGNMENT, Standing.BAD, f"{ASSIGNMENT_SIGNATURE} {trouble}", basis=basis)
    if newer:
        return not_looked_at(FactId.ASSIGNMENT)
    words = "The issuer assigned this submission to this person, with this rubric and policy"
    if before := moved_from(review):
        try:
            published = signed_by_issuer(found.get(RUBRIC_SIGNATURE, b""), found[RUBRIC], "publish")
            refuse_untrusted(published, trust, existed)
        except (Damaged, Untrusted) as trouble:
            return Fact(FactId.ASSIGNMENT, Standing.BAD, f"{RUBRIC_SIGNATURE} {trouble}", basis=basis)
        after = text(mapping(review.get("rubric")).get("version"))
        words = (
            "The issuer assigned this submission to this person, with this policy and this rubric in version "
            f"{before}; {_DONE[stated == DECISION]} by version {after}, which the issuer published"
        )
    detail = "" if "digests" in _read(found[ASSIGNMENT]) else _BY_NAME
    return Fact(FactId.ASSIGNMENT, Standing.GOOD, words, detail, basis)


def signed_by_issuer(signature: bytes, content: bytes, act: str) -> Signed:
    """The issuer's signature over a document. Raises Damaged for anybody else's; `act` is what it would be for."""
    signed = read_signature(signature, content)
    refuse_without(ISSUER_ROLE, signed, f"is signed by nobody who may {act}")
    return signed


def refuse_untrusted(signed: Signed, trust: TrustList, existed: datetime) -> None:
    """Raise Untrusted or Damaged where a document's certificate did not count at its signing, or was revoked before
    the document is known to have `existed`: the time that its signer claims could be any.
    """
    trust.check_chain(signed.certificate, signed.signing_time or existed)
    if (entry := trust.revoked(signed.certificate)) is not None and entry.at <= existed:
        raise Damaged("is signed with a revoked certificate")


def _compare(assignment: Document, review: Document, stated: str) -> None:
    """Raise Damaged where the assignment is for something else than the document `stated` says it was."""
    submission, blindness = mapping(review.get("submission")), mapping(review.get("blindness"))
    pairs = {
        "assignment": (assignment.get("id"), review.get("assignment")),
        "person": (assignment.get("person"), review.get("person")),
        "role": (assignment.get("role"), review.get("role")),
        "purpose": (assignment.get("purpose"), review.get("purpose")),
        "submission": (assignment.get("submission"), submission.get("id")),
        "blindness": (assignment.get("blindness"), blindness.get("hidden_from_signer")),
        "rubric": (assignment.get("rubric"), review.get("rubric")),
        "policy": (assignment.get("policy"), review.get("policy")),
    }
    if "digests" in assignment:
        used, given = mapping(review.get("digests")), mapping(assignment["digests"])
        pairs |= {f"{name}'s wording": (given.get(name), used.get(name)) for name in ("rubric", "policy")}
    if before := moved_from(review):
        # Its wording is the issuer's own, by a signature over it.
        pairs.pop("rubric's wording", None)
        pairs["rubric"] = (assignment.get("rubric"), {**mapping(review.get("rubric")), "version": before})
    for name, (assigned, reviewed) in pairs.items():
        if not _same(assigned, reviewed):
            raise Damaged(f"assigns another {name} than {stated} says")
    if (assignment.get("purpose") == "decide") != (stated == DECISION):
        raise Damaged(f"asks for something else than {stated}")


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same in JSON, where 1 is not true."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def supersedes_fact(review: Document) -> Fact:
    """Which packet this one corrects. Whether a later one corrects this, no packet can know."""
    replaced = text(mapping(review.get("supersedes")).get("packet"))
    if not replaced:
        return Fact(FactId.SUPERSEDES, Standing.ABSENT, "Corrects no earlier packet", LATER_UNKNOWN, "stated")
    words = f"Stated by the signer: replaces packet {short(replaced)}"
    return Fact(FactId.SUPERSEDES, Standing.STATED, words, f"{replaced}. {LATER_UNKNOWN}", "stated")


def replaced_fact(fact: Fact, later: str, later_name: str) -> Fact:
    """The fact of a packet that another one given with it, and itself sound, says to replace."""
    words = f"Replaced by packet {short(later)} ({later_name})"
    before = fact.detail if fact.basis == _ANOTHER_PACKET else fact.sentence
    return Fact(FactId.SUPERSEDES, Standing.STATED, words, before, _ANOTHER_PACKET)


def short(digest: str) -> str:
    """A digest within a sentence: its ends tell it from others."""
    return f"{digest[:4]}…{digest[-4:]}"


def blindness_fact(review: Document) -> Fact:
    """What the signer says was hidden."""
    hidden = mapping(mapping(review.get("blindness")).get("hidden_from_signer"))
    things = [words for name, words in _SAW_NO.items() if hidden.get(name) is True]
    saw = f"saw no {', no '.join(things)}" if things else "nothing was hidden"
    return Fact(FactId.BLINDNESS, Standing.STATED, f"Stated by the signer: {saw}", basis="stated")


def attestations_fact(review: Document) -> Fact:
    """What the signer attests, word for word."""
    made = review.get("attestations")
    sentences = [text(mapping(one).get("sentence")) for one in made] if isinstance(made, list) else []
    if not sentences:
        return Fact(FactId.ATTESTATIONS, Standing.ABSENT, "The signer attests nothing", basis="stated")
    words = f"Stated by the signer: {sentences[0]}"
    return Fact(FactId.ATTESTATIONS, Standing.STATED, words, " ".join(sentences[1:]), "stated")


def _read(content: bytes) -> Document:
    try:
        return mapping(parsed(content))
    except ValueError:
        return {}
