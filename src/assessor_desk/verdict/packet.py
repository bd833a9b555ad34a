"""Checking a packet, decision or case file, offline, from its file alone and a trust list that came another way."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from cryptography import x509

from assessor_desk.domain.errors import Damaged

from .archive import LARGEST_CONTENT, Archive, parse_archive, read_archive
from .badge import BadgePapers, looks_like_badge, verify_badge_file
from .case import award_fact, badge_fact, contained_bags, contained_fact
from .contents import contents, files, read_stated, structure
from .facts import Fact, FactId, Standing, Verdict
from .layout import AWARD_SIGNATURE, BADGE, CASE_FILE, TAG_MANIFEST, layout_of
from .newer import format_fact, newer_formats, not_looked_at, said
from .record import not_checked, record_fact
from .signers import (
    chain_fact,
    existed_at,
    programme_of,
    read_signatures,
    revocation_fact,
    signature_fact,
    signer_fact,
    time_fact,
    with_confirmations,
)
from .stated import (
    assignment_fact,
    attestations_fact,
    blindness_fact,
    replaced_fact,
    subject,
    supersedes_fact,
)
from .trust import TrustList, fingerprint_of


def verify(path: Path, trust: TrustList | None, now: datetime, papers: BadgePapers | None = None) -> Verdict:
    """All facts about the packet at `path`; nothing is unpacked to disk. Raises Refused where there is no such file.

    A picture or a JSON file is taken for a badge, with `papers` and those that lie beside it.
    """
    if looks_like_badge(path):
        beside = BadgePapers.beside(path.parent)
        return verify_badge_file(path, trust, papers.and_also(beside) if papers else beside, now)
    try:
        archive = read_archive(path)
    except Damaged as trouble:
        return _unreadable(path.name, trouble)
    return _judge(path.name, archive, trust, now)


def verify_bytes(data: bytes, name: str, trust: TrustList | None, now: datetime) -> Verdict:
    """`verify` of a packet held in memory, for whoever keeps packets sealed; `name` is what the verdict calls it."""
    try:
        archive = parse_archive(data)
    except Damaged as trouble:
        return _unreadable(name, trouble)
    return _judge(name, archive, trust, now)


def _unreadable(name: str, trouble: Damaged) -> Verdict:
    return Verdict(name, (Fact(FactId.STRUCTURE, Standing.BAD, str(trouble), basis="ZIP"),))


def _judge(name: str, archive: Archive, trust: TrustList | None, now: datetime) -> Verdict:
    stated, layout = read_stated(archive), layout_of(archive.top)
    formats = newer_formats(archive, stated)
    newer, shown = bool(formats), said(stated) if formats else ()
    digest = hashlib.sha256(archive.files.get(TAG_MANIFEST, b"")).hexdigest()
    about_files = (structure(archive), contents(archive, newer), files(archive, newer))
    signatures = read_signatures(archive.files)
    trust = programme_of(signatures, trust)
    signatures = with_confirmations(signatures, archive.files, digest, trust)
    holding = bool(signatures) and not any(one.trouble for one in signatures)
    chain = chain_fact(signatures, trust) if holding else None
    trusted = chain is not None and chain.standing is Standing.GOOD
    root = fingerprint_of(trust.roots[0]) if trust is not None and trusted else ""
    facts = [*about_files, signature_fact(signatures, trusted)]
    if newer:
        facts.insert(1, format_fact(archive, formats))
    if chain is not None:
        facts += [
            signer_fact(signatures, stated, trusted, layout, newer),
            chain,
            revocation_fact(signatures, trust, now),
            time_fact(signatures, stated, now, layout, newer),
        ]
        signed = signatures[0].signed
        assert signed is not None
        if layout.record:
            facts.append(_record(archive, signed.certificate, about_files, chain, newer))
    if layout is CASE_FILE:
        sealed = all(fact.standing is not Standing.BAD for fact in facts)
        inner = _contained(archive, trust, now) if sealed else ()
        if chain is not None:
            facts.append(_award(archive, trust, existed_at(signatures[0], now), newer))
        if BADGE in archive.files:
            facts.append(not_looked_at(FactId.BADGE) if newer else badge_fact(archive, sealed and trusted))
        facts.append(contained_fact(archive, inner, trust, newer))
        return Verdict(name, tuple(facts), subject(archive.files, stated), digest, inner, shown, root)
    if chain is not None:
        existed = existed_at(signatures[0], now)
        facts.append(assignment_fact(archive.files, stated, trust, existed, layout.stated, newer))
    about_work = (supersedes_fact(stated), blindness_fact(stated), attestations_fact(stated))
    facts += [not_looked_at(one.id) if newer else one for one in about_work]
    return Verdict(name, tuple(facts), subject(archive.files, stated), digest, said=shown, root=root)


def _record(
    archive: Archive, certificate: x509.Certificate, about_files: Sequence[Fact], chain: Fact, newer: bool
) -> Fact:
    """A PDF that nobody known signed for is not opened: inflating it could take all of this computer's memory.

    Of a `newer` format it may be another document than this program knows.
    """
    layout = layout_of(archive.top)
    if any(fact.standing is Standing.BAD for fact in about_files):
        return not_checked(f"the {layout.title}'s signature does not cover what is here")
    if chain.standing is Standing.BAD:
        return not_checked(f"nobody on the trust list signed the {layout.title}")
    if chain.standing is not Standing.GOOD:
        return not_checked(f"without a trust list nobody known signed the {layout.title}")
    if newer and not {layout.record, layout.stated} <= archive.files.keys():
        return not_looked_at(FactId.RECORD)
    fact = record_fact(archive.files, layout, certificate)
    return not_looked_at(FactId.RECORD) if newer and fact.standing is Standing.BAD else fact


def _contained(archive: Archive, trust: TrustList | None, now: datetime) -> tuple[Verdict, ...]:
    """Verdicts on what a case file holds.

    All of it together may unpack to no more than a packet alone, and a case file lies in no other: whoever writes one
    cannot make this computer unpack for ever.
    """
    verdicts, room = [], LARGEST_CONTENT
    for name, content in contained_bags(archive):
        try:
            inside = parse_archive(content, room)
            if layout_of(inside.top) is CASE_FILE:
                raise Damaged("A case file lies in no other")
        except Damaged as trouble:
            verdicts.append(_unreadable(name, trouble))
            continue
        room -= sum(map(len, inside.files.values()))
        verdicts.append(_judge(name, inside, trust, now))
    return tuple(verdicts)


def _award(archive: Archive, trust: TrustList | None, existed: datetime, newer: bool) -> Fact:
    if newer and AWARD_SIGNATURE not in archive.files:
        return not_looked_at(FactId.AWARD)
    return award_fact(archive.files, trust, existed)


def verify_all(
    paths: Sequence[Path], trust: TrustList | None, now: datetime, papers: BadgePapers | None = None
) -> list[Verdict]:
    """Verdicts on several packets, in their order; where one replaces another, the other's verdict says so."""
    return with_replacements([verify(path, trust, now, papers) for path in paths])


def with_replacements(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts with what only several packets together can say: which one replaces which."""
    later = {
        (one.subject.supersedes, one.subject.person, one.root): one
        for one in verdicts
        if not (one.bad or one.newer)
    }
    return [_replaced(one, later.get((one.digest, one.subject.person, one.root))) for one in verdicts]


def _replaced(verdict: Verdict, later: Verdict | None) -> Verdict:
    """A person corrects only their own packets; the same number in another programme is another person."""
    if later is None:
        return verdict
    facts = (
        replaced_fact(fact, later.digest, later.name) if fact.id is FactId.SUPERSEDES else fact
        for fact in verdict.facts
    )
    return replace(verdict, facts=tuple(facts))
