"""What a case file says besides any bag: the award record, and whether what it holds is what that names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from assessor_desk.domain.errors import Damaged, Refused

from .archive import Archive, parse_archive
from .badge import check_contained
from .contents import read_stated
from .documents import listing, mapping
from .facts import NOT_LOOKED_AT, Fact, FactId, Standing, Verdict
from .layout import AWARD, AWARD_SIGNATURE, BADGE, CASE_FILE, DECISION_BAG, layout_of
from .stated import refuse_untrusted, short, signed_by_issuer
from .trust import TrustList, Untrusted

#: A bag in a case file that is no case file itself; none of its facts may stand so.
_MUST_HOLD = "must be valid in itself"
ASK_FOR_STATUS = f"For that, check {BADGE} by itself with the issuer's status list beside it."


def contained_bags(archive: Archive) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each decision and packet in a case file, decisions first."""
    pattern = CASE_FILE.contained
    assert pattern is not None
    names = sorted(name for name in archive.files if pattern.fullmatch(name))
    yield from ((name.rpartition("/")[2], archive.files[name]) for name in names)


def award_fact(found: Mapping[str, bytes], trust: TrustList | None, existed: datetime) -> Fact:
    """Whether the issuer signed the award record by itself, so that it can be shown without the case file."""
    basis = "issuer's CMS"
    try:
        signed = signed_by_issuer(found.get(AWARD_SIGNATURE, b""), found.get(AWARD, b""), "award")
        if trust is None:
            return Fact(FactId.AWARD, Standing.UNKNOWN, "Not checked: no trust list was given", basis=basis)
        refuse_untrusted(signed, trust, existed)
    except (Damaged, Untrusted) as trouble:
        return Fact(FactId.AWARD, Standing.BAD, f"{AWARD_SIGNATURE} {trouble}", basis=basis)
    words = "The issuer signed the award record, which says whom it is about"
    return Fact(FactId.AWARD, Standing.GOOD, words, basis=basis)


def badge_fact(archive: Archive, vouched: bool) -> Fact:
    """Whether the badge beside an award record is whole and for the same decision.

    It is looked into only where somebody on the trust list sealed it with the case file, whose key it then is. Whether
    it was revoked since says the issuer's status list, which is no part of a case file.
    """
    basis = "eddsa-rdfc-2022"
    if not vouched:
        return Fact(FactId.BADGE, Standing.UNKNOWN, "Not checked: nobody known sealed it here", basis=basis)
    try:
        check_contained(archive.files[BADGE], str(read_stated(archive).get("decision")))
    except Refused:
        words = "Not checked: it has parts that this version does not know, which may need a newer one"
        return Fact(FactId.BADGE, Standing.UNKNOWN, words, basis=basis)
    except Damaged as trouble:
        return Fact(FactId.BADGE, Standing.BAD, f"{BADGE} does not hold: {trouble}", basis=basis)
    words = "The issuer's badge for this decision, unaltered. Not looked at: whether it was revoked since"
    return Fact(FactId.BADGE, Standing.GOOD, words, ASK_FOR_STATUS, basis)


def contained_fact(
    archive: Archive, inner: Sequence[Verdict], trust: TrustList | None, newer: bool = False
) -> Fact:
    """Whether decision and packets are those that the award record names, fit each other, and hold by themselves.

    In a `newer` format, or where one of them has it, that they fit is not looked at.
    """
    basis = "each one's own facts"
    if not inner:
        words = "Not checked: the case file could not be read that far"
        return Fact(FactId.CONTAINED, Standing.UNKNOWN, words, basis=basis)
    newer = newer or any(one.newer for one in inner)
    troubles = [
        *(() if newer else _unfit(read_stated(archive), archive, inner)),
        *_unasked(inner),
        *_bad(inner),
    ]
    if troubles:
        return Fact(FactId.CONTAINED, Standing.BAD, troubles[0], "; ".join(troubles[1:6]), basis)
    listed = "; ".join(f"{_called(one)}: {one.headline.removesuffix('.')}" for one in inner)
    if trust is None:
        return Fact(FactId.CONTAINED, Standing.UNKNOWN, "Not checked: no trust list was given", listed, basis)
    if newer:
        return Fact(FactId.CONTAINED, Standing.UNKNOWN, NOT_LOOKED_AT, listed, basis)
    if any(one.fact(FactId.REVOCATION).standing is not Standing.GOOD for one in inner):
        words = "Not known of each: whether its certificate was revoked"
        return Fact(FactId.CONTAINED, Standing.UNKNOWN, words, listed, basis)
    words = f"The decision and what it rests on are here, {len(inner)} in all, and hold by themselves"
    return Fact(FactId.CONTAINED, Standing.GOOD, words, listed, basis)


def _called(one: Verdict) -> str:
    return f"{one.subject.kind} {short(one.digest)}" if one.digest else one.name


def _bad(inner: Sequence[Verdict]) -> Iterator[str]:
    for one in inner:
        if one.bad:
            yield f"{one.name} {_MUST_HOLD}: {one.bad[0].sentence}"


def _unasked(inner: Sequence[Verdict]) -> Iterator[str]:
    """An issuer awards nothing on what it asked nobody to assess or decide."""
    for one in inner:
        if one.fact(FactId.ASSIGNMENT).standing is Standing.ABSENT:
            yield f"{one.name} carries no assignment: the issuer asked nobody for it"


def _unfit(award: Mapping[str, Any], archive: Archive, inner: Sequence[Verdict]) -> Iterator[str]:
    """How what is contained differs from what the award record names."""
    stated: dict[str, Mapping[str, Any]] = {}
    decisions = set()
    for (name, content), verdict in zip(contained_bags(archive), inner, strict=True):
        if not verdict.digest:
            continue  # it could not be read, as the verdict on it says
        bag = parse_archive(content)
        layout = layout_of(bag.top)
        folder = "decisions" if layout is DECISION_BAG else "packets"
        if layout is CASE_FILE or f"data/{folder}/{name}" not in archive.files:
            yield f"{name} does not belong where it lies"
            continue
        if layout is DECISION_BAG:
            decisions.add(verdict.digest)
        stated[verdict.digest] = read_stated(bag)
    named = {str(award.get("decision")), *_texts(award.get("replaced"))}
    if decisions != named:
        yield f"The decisions here are not those that {AWARD} names"
    if stated.keys() - decisions != set(_texts(award.get("packets"))):
        yield f"The packets here are not those that {AWARD} names"
    if len(stated) != len(inner):
        yield "One of the bags here is there twice, or cannot be read"
    yield from _unlike(award, stated, decisions)


def _unlike(
    award: Mapping[str, Any], stated: Mapping[str, Mapping[str, Any]], decisions: set[str]
) -> Iterator[str]:
    for digest, document in stated.items():
        if mapping(document.get("submission")).get("id") != mapping(award.get("submission")).get("id"):
            yield f"{AWARD} is about another submission than {short(digest)}"
    decided = mapping(stated.get(str(award.get("decision"))))
    if decided.get("outcome") != award.get("outcome"):
        yield f"{AWARD} says another outcome than the decision"
    if decided.get("rubric") != award.get("rubric"):
        yield f"{AWARD} is for another micro-credential than the decision"
    replaced = str(mapping(decided.get("supersedes")).get("packet", ""))
    if replaced != next(iter(_texts(award.get("replaced"))), ""):
        yield f"{AWARD} names another earlier decision than the decision does"
    rests_on = {str(mapping(one).get("packet")) for one in listing(decided.get("bases"))}
    if not rests_on <= stated.keys() - decisions:
        yield "A packet that the decision rests on is missing"


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(one for one in listing(value) if isinstance(one, str))
