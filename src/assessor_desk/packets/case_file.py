"""A case file as a bag (DESIGN §6): decision, packets, receipts, and the issuer's award record on whom it is about.

For whoever recognises an award or hears an appeal: `READ-FIRST.pdf` says in words what the signatures prove. Schema of
`data/award.json`: `docs/schemas/award.schema.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assessor_desk.domain.award import Award
from assessor_desk.domain.errors import Damaged
from assessor_desk.domain.programme_look import ProgrammeLook
from assessor_desk.keys.cms import sign_detached
from assessor_desk.keys.signing import Signer
from assessor_desk.protocol.documents import canonical, instant
from assessor_desk.reports.case_front import CaseFront, ContainedLine, front_docx, front_pdf
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.layout import (
    AWARD,
    AWARD_SIGNATURE,
    BADGE,
    CASE_FILE,
    RUBRIC,
    TAG_MANIFEST,
    Layout,
    layout_of,
)

from .facts import sha256
from .instructions import Contained, case_instructions
from .pades import sign_record
from .sealing import refuse_another_signer, sealed_bag

AWARD_FORMAT = "assessor-desk/award/1"
ISSUER = "issuer"


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is sealed. `decisions` are the bags of the decision in force and those it replaced, newest first;
    `packets` those that they rest on; each with the receipts and time-stamps that it has. `badge` is the Open Badges
    credential issued on the decision, None where there is none.
    """

    award: Award
    decisions: tuple[bytes, ...]
    packets: tuple[bytes, ...]
    look: ProgrammeLook
    language: str = "en"
    badge: bytes | None = None

    @property
    def layout(self) -> Layout:
        """A case file's."""
        return CASE_FILE

    @property
    def own_id(self) -> str:
        """The decision's id."""
        return self.award.id

    @property
    def person(self) -> str:
        """The issuer signs as such."""
        return ISSUER

    @property
    def role(self) -> str:
        """The issuer's."""
        return ISSUER

    @property
    def programme(self) -> str:
        """For whom."""
        return self.award.programme

    @property
    def at(self) -> datetime:
        """When it is sealed."""
        return self.award.issued_at

    @property
    def program_version(self) -> str:
        """Of this program."""
        return self.award.program_version


def case_bytes(facts: CaseFacts, issuer: Signer) -> tuple[bytes, str]:
    """The sealed case file and its digest.

    Raises Refused where the certificate is not the issuer's or has expired, Damaged where a bag cannot be read.
    """
    refuse_another_signer(facts, issuer)
    bags = [_read(bag) for bag in (*facts.decisions, *facts.packets)]
    record = canonical(award_json(facts.award))
    signature = sign_detached(record, issuer.key, issuer.certificate, facts.at)
    front = front_pdf(_front(facts, bags), record)
    signed_front = sign_record(front, issuer, facts.at, facts.award.issuer)
    badge = {} if facts.badge is None else {BADGE: facts.badge}
    payload = {AWARD: record, AWARD_SIGNATURE: signature, **badge, **dict(_named(facts, bags))}
    told = [Contained(one.top, one.stated["role"], _sealed_at(one)) for one in bags]
    return sealed_bag(facts, payload, issuer, case_instructions(facts, told), signed_front)


def front_word(facts: CaseFacts) -> bytes:
    """The first page as DOCX, with the same words; no part of the case file, since nobody could tell it was changed."""
    return front_docx(_front(facts, [_read(bag) for bag in (*facts.decisions, *facts.packets)]))


def award_json(award: Award) -> dict[str, Any]:
    """`data/award.json`: who was awarded what, on which decision and packets."""
    return {
        "format": AWARD_FORMAT,
        "id": award.id,
        "person": ISSUER,
        "role": ISSUER,
        "issuer": award.issuer,
        "programme": award.programme,
        "sealed_at": instant(award.issued_at),
        "program": {"name": "assessor-desk", "version": award.program_version},
        "holder": {"name": award.holder.name, "state_educator_id": award.holder.state_educator_id},
        "submission": {"id": award.submission_id, "key": award.submission_key, "attempt": award.attempt},
        "rubric": {"id": award.rubric_id, "version": award.rubric_version},
        "micro_credential": award.micro_credential,
        "outcome": award.outcome.value,
        "decided_at": instant(award.decided_at),
        "decision": award.decision,
        "replaced": list(award.replaced),
        "packets": list(award.packets),
        "uses": [{"kind": use.kind.value, "detail": use.detail} for use in award.uses],
        "evidence": {
            "held_by": award.evidence.by,
            "until": None if award.evidence.until is None else award.evidence.until.isoformat(),
        },
    }


@dataclass(frozen=True, slots=True)
class _Bag:
    """A contained bag, read as far as the front page speaks of it."""

    top: str
    layout: Layout
    stated: dict[str, Any]
    rubric: dict[str, Any]
    digest: str
    content: bytes


def _read(content: bytes) -> _Bag:
    archive = parse_archive(content)
    layout = layout_of(archive.top)
    try:
        stated, rubric = (json.loads(archive.files[name]) for name in (layout.stated, RUBRIC))
        return _Bag(archive.top, layout, stated, rubric, sha256(archive.files[TAG_MANIFEST]), content)
    except (KeyError, ValueError, RecursionError) as trouble:
        raise Damaged(f"{archive.top or 'A packet'} cannot be read, so no case file was made") from trouble


def _sealed_at(bag: _Bag) -> datetime:
    return datetime.fromisoformat(bag.stated["sealed_at"])


def _named(facts: CaseFacts, bags: list[_Bag]) -> Iterator[tuple[str, bytes]]:
    for number, bag in enumerate(bags):
        folder = "decisions" if number < len(facts.decisions) else "packets"
        yield f"data/{folder}/{bag.top}-{bag.digest[:12]}.zip", bag.content


def _front(facts: CaseFacts, bags: list[_Bag]) -> CaseFront:
    first = bags[0]
    return CaseFront(
        award=facts.award,
        how=first.stated["kind"],
        contained=tuple(map(_line, bags)),
        sample=bool(first.rubric.get("sample")),
        language=facts.language,
        look=facts.look,
    )


def _line(bag: _Bag) -> ContainedLine:
    said = bag.stated.get("recommendation") or bag.stated.get("outcome") or ""
    verb = "recommends" if "recommendation" in bag.stated else "decides"
    says = f"{verb} {said.replace('_', ' ')}"
    return ContainedLine(
        bag.layout.kind, bag.stated["role"], bag.stated["person"], _sealed_at(bag), says, bag.digest
    )
