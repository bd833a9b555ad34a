"""Checking a packet, decision or case file, offline, from its file alone and a trust list that came another way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from cryptography import x509

from assessor_desk.domain.errors import Damaged

from .archive import LARGEST_CONTENT, Archive, parse_archive, read_archive
from .badge import BadgePapers, looks_like_badge, verify_badge_file
from .case import award_fact, contained_bags, contained_fact
from .contents import contents, files, read_stated, structure
from .facts import Fact, FactId, Standing, Verdict
from .layout import AWARD_SIGNATURE, CASE_FILE, TAG_MANIFEST, layout_of
from .newer import format_fact, newer_formats, not_looked_at, said
from .record import not_checked, record_fact
from .signers import (
    PacketSignature,
    chain_fact,
    read_signatures,
    revocation_fact,
    signature_fact,
    signer_fact,
    time_fact,
)
from .stated import (
    assignment_fact,
    attestations_fact,
    blindness_fact,
    replaced_fact,
    subject,
    supersedes_fact,
)
from .trust import TrustList


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
    signatures = read_signatures(archive.files, digest, trust)
    holding = bool(signatures) and not any(one.trouble for one in signatures)
    chain = chain_fact(signatures, trust) if holding else None
    trusted = chain is not None and chain.standing is Standing.GOOD
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
        inner = _contained(archive, facts, trust, now)
        facts += _about_case(archive, signatures if chain else (), inner, trust, newer)
        return Verdict(name, tuple(facts), subject(archive.files, stated), digest, inner, shown)
    if chain is not None:
        facts.append(assignment_fact(archive.files, stated, trust, signatures[0].at, layout.stated, newer))
    about_work = (supersedes_fact(stated), blindness_fact(stated), attestations_fact(stated))
    facts += [not_looked_at(one.id) if newer else one for one in about_work]
    return Verdict(name, tuple(facts), subject(archive.files, stated), digest, said=shown)


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


def _contained(
    archive: Archive, facts: Sequence[Fact], trust: TrustList | None, now: datetime
) -> tuple[Verdict, ...]:
    """Verdicts on what a case file holds; none where the case file itself must not be relied on.

    All of it together may unpack to no more than a packet alone, and a case file lies in no other: whoever writes one
    cannot make this computer unpack for ever.
    """
    if any(fact.standing is Standing.BAD for fact in facts):
        return ()
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


def _about_case(
    archive: Archive,
    signatures: Sequence[PacketSignature],
    inner: Sequence[Verdict],
    trust: TrustList | None,
    newer: bool,
) -> Iterator[Fact]:
    if signatures and newer and AWARD_SIGNATURE not in archive.files:
        yield not_looked_at(FactId.AWARD)
    elif signatures:
        yield award_fact(archive.files, trust, signatures[0].at)
    yield contained_fact(archive, inner, trust, newer)


def verify_all(
    paths: Sequence[Path], trust: TrustList | None, now: datetime, papers: BadgePapers | None = None
) -> list[Verdict]:
    """Verdicts on several packets, in their order; where one replaces another, the other's verdict says so."""
    verdicts = [verify(path, trust, now, papers) for path in paths]
    later = {
        (one.subject.supersedes, one.subject.person): one for one in verdicts if not (one.bad or one.newer)
    }
    return [_replaced(one, later.get((one.digest, one.subject.person))) for one in verdicts]


def _replaced(verdict: Verdict, later: Verdict | None) -> Verdict:
    """A person corrects only their own packets."""
    if later is None:
        return verdict
    facts = (
        replaced_fact(fact, later.digest, later.name) if fact.id is FactId.SUPERSEDES else fact
        for fact in verdict.facts
    )
    return replace(verdict, facts=tuple(facts))
