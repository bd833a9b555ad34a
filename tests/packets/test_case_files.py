"""A case file joins decision, packets and person; it verifies by itself, by its parts, and with standard tools."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.packets.building import NOW, PROGRAMME, Laboratory, a_submission, shipped_rubric
from tests.packets.following import faults
from tests.packets.test_checking_with_other_tools import Recipient
from tests.packets.test_decisions import DECISION_ID, REVIEWER, basis_of, facts_of
from tests.reports.reading_back import assert_compliant, pdf_headings, word_headings

from assessor_desk.domain.award import Award, EvidenceHeld, Holder, Use, UseKind, read_use
from assessor_desk.domain.badge import Identity
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.programme_look import ProgrammeLook
from assessor_desk.domain.rubric import Outcome
from assessor_desk.keys.badge_key import BadgeKey
from assessor_desk.keys.data_integrity import with_proof
from assessor_desk.packets import case_file
from assessor_desk.packets.archive import zip_bytes
from assessor_desk.packets.badge import Educator, Issuing, badge_for_decision
from assessor_desk.packets.case_file import ISSUER, CaseFacts, award_json, case_bytes, front_word
from assessor_desk.packets.decision import decision_bytes
from assessor_desk.packets.facts import BuiltPacket
from assessor_desk.packets.receiving import with_receipt
from assessor_desk.protocol.documents import canonical
from assessor_desk.verdict import FactId, Standing, TrustList, Verdict
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.layout import AWARD, AWARD_SIGNATURE, BADGE, READ_FIRST
from assessor_desk.verdict.packet import verify_bytes

HOLDER = Holder("Nguyễn Thị Hồng Hạnh", "WI-204-118")
LATER = NOW + timedelta(days=3)
BADGE_KEY = BadgeKey.generate()


class Case:
    """A decision on one packet, receipted, and what a case file is made of."""

    def __init__(self, lab: Laboratory, packet: BuiltPacket) -> None:
        self.lab = lab
        self.issuer = lab.authority.issuer_signer()
        self.packet = with_receipt(packet.path.read_bytes(), lab.receipt(packet))
        decided = lab.now + timedelta(hours=3)
        facts = facts_of(lab, basis_of(packet), at=decided)
        decision, digest = decision_bytes(facts, lab.enrolled(REVIEWER, "reviewer"))
        at = decided + timedelta(minutes=5)
        self.decision = with_receipt(decision, lab.receipt(BuiltPacket(Path(), digest), at, person=REVIEWER))
        self.award = Award(
            id=DECISION_ID,
            programme=PROGRAMME,
            issuer=PROGRAMME,
            holder=HOLDER,
            submission_id=a_submission().id,
            submission_key="7F3A-21",
            attempt=2,
            rubric_id=shipped_rubric().id,
            rubric_version=shipped_rubric().version,
            micro_credential=shipped_rubric().title,
            outcome=Outcome.NOT_YET,
            decided_at=decided,
            decision=digest,
            replaced=(),
            packets=(packet.digest,),
            uses=(),
            evidence=EvidenceHeld("Lakeside Regional Programme", date(2031, 11, 20)),
            issued_at=lab.now + timedelta(days=1),
            program_version="0.1.0",
        )

    def facts(self, **award: Any) -> CaseFacts:
        """What is sealed; keyword arguments replace any of the award's."""
        return CaseFacts(
            replace(self.award, **award), (self.decision,), (self.packet,), ProgrammeLook(PROGRAMME)
        )

    def sealed(self, facts: CaseFacts | None = None) -> bytes:
        """A case file."""
        return case_bytes(facts or self.facts(), self.issuer)[0]

    def receipted(self) -> bytes:
        """One as a hub makes it, with its receipt."""
        content, digest = case_bytes(self.facts(), self.issuer)
        built, at = BuiltPacket(Path(), digest), self.award.issued_at + timedelta(minutes=1)
        return with_receipt(content, self.lab.receipt(built, at, person=ISSUER))


@pytest.fixture(scope="module")
def case(lab: Laboratory, packet: BuiltPacket) -> Case:
    return Case(lab, packet)


@pytest.fixture(scope="module")
def sealed(case: Case) -> bytes:
    return case.sealed()


@pytest.fixture(scope="module")
def trust_list(lab: Laboratory) -> TrustList:
    return TrustList.load(lab.trust(timedelta(days=2)))


def judged(content: bytes, trust: TrustList | None) -> Verdict:
    return verify_bytes(content, "case.zip", trust, LATER)


def rewritten(content: bytes, **files: bytes | None) -> bytes:
    """The case file with files replaced, added or (None) left out; names are as in the bag."""
    archive = parse_archive(content)
    changed = {**archive.files, **files}
    return zip_bytes(archive.top, {name: data for name, data in changed.items() if data is not None})


def test_a_case_file_is_good_and_says_whom_it_is_about(sealed: bytes, trust_list: TrustList) -> None:
    verdict = judged(sealed, trust_list)

    assert verdict.bad == ()
    assert verdict.exit_code() == 0
    assert verdict.fact(FactId.RECORD).standing is Standing.GOOD
    assert verdict.fact(FactId.AWARD).standing is Standing.GOOD
    assert verdict.fact(FactId.CONTAINED).standing is Standing.GOOD
    assert verdict.subject.holder == "Nguyễn Thị Hồng Hạnh · WI-204-118"
    assert "not yet: Nguyễn Thị Hồng Hạnh" in verdict.subject.sentence
    assert [one.subject.kind for one in verdict.contained] == ["decision", "packet"]


def test_its_first_page_is_archival_and_tagged_after_signing(sealed: bytes) -> None:
    assert_compliant(parse_archive(sealed).files[READ_FIRST])


def test_its_first_page_has_a_twin_in_word(sealed: bytes, case: Case) -> None:
    """Outside the case file: nothing signs it."""
    archive = parse_archive(sealed)

    assert word_headings(front_word(case.facts())) == pdf_headings(archive.files[READ_FIRST])
    assert not any(name.endswith(".docx") for name in archive.files)


def test_the_award_record_follows_its_schema(case: Case) -> None:
    uses = (Use(UseKind.HOURS, "7.5"), Use(UseKind.SALARY))
    earned = replace(case.award, outcome=Outcome.EARNED, uses=uses)

    assert faults(award_json(case.award), "award") == []
    assert faults(award_json(earned), "award") == []
    assert faults({**award_json(case.award), "holder": {"name": ""}}, "award") != []


def test_the_same_facts_give_the_same_award_record(sealed: bytes, case: Case) -> None:
    assert json.loads(parse_archive(sealed).files[AWARD]) == award_json(case.award)


def test_without_a_trust_list_nothing_of_it_is_good(sealed: bytes) -> None:
    verdict = judged(sealed, None)

    assert verdict.exit_code() == 4
    assert verdict.fact(FactId.AWARD).standing is Standing.UNKNOWN
    assert verdict.fact(FactId.CONTAINED).standing is Standing.UNKNOWN


def another_packet(case: Case) -> CaseFacts:
    packet = case.lab.packet(lambda facts: replace(facts, covers=("e9",)))
    return replace(case.facts(), packets=(packet.path.read_bytes(),))


MISFITS: dict[str, tuple[Callable[[Case], CaseFacts], str]] = {
    "another packet than named": (another_packet, "The packets here are not those"),
    "no packet": (lambda case: replace(case.facts(), packets=()), "The packets here are not those"),
    "a decision that is not here": (
        lambda case: case.facts(replaced=("ab" * 32,)),
        "The decisions here are not those",
    ),
    "another submission": (lambda case: case.facts(submission_id="5b0d-other"), "about another submission"),
    "another outcome": (lambda case: case.facts(outcome=Outcome.EARNED), "another outcome"),
    "another micro-credential": (
        lambda case: case.facts(rubric_version="1999.1"),
        "another micro-credential",
    ),
}


@pytest.mark.parametrize("misfit", MISFITS)
def test_an_issuer_cannot_join_what_does_not_belong_together(
    misfit: str, case: Case, trust_list: TrustList
) -> None:
    change, words = MISFITS[misfit]

    verdict = judged(case.sealed(change(case)), trust_list)

    found = verdict.fact(FactId.CONTAINED)
    assert found.standing is Standing.BAD
    assert words in f"{found.sentence}; {found.detail}"
    assert verdict.exit_code() == 4


def test_a_packet_that_is_there_twice_is_found(
    case: Case, trust_list: TrustList, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = case_file._named
    monkeypatch.setattr(
        case_file,
        "_named",
        lambda facts, bags: [*named(facts, bags), ("data/packets/copy.zip", case.packet)],
    )

    verdict = judged(case.sealed(), trust_list)

    assert "is there twice" in verdict.fact(FactId.CONTAINED).sentence


def test_a_contained_packet_that_does_not_hold_makes_the_case_bad(case: Case, trust_list: TrustList) -> None:
    archive = parse_archive(case.packet)
    broken = zip_bytes(archive.top, {**archive.files, "data/feedback.json": b"{}"})

    verdict = judged(case.sealed(replace(case.facts(), packets=(broken,))), trust_list)

    assert "data/feedback.json differs" in verdict.fact(FactId.CONTAINED).sentence


@pytest.mark.parametrize("name", [AWARD, AWARD_SIGNATURE, READ_FIRST, "VERIFY.txt"])
def test_a_changed_or_missing_file_is_found(name: str, sealed: bytes, trust_list: TrustList) -> None:
    content = parse_archive(sealed).files[name]

    assert judged(rewritten(sealed, **{name: content + b" "}), trust_list).bad
    assert judged(rewritten(sealed, **{name: None}), trust_list).bad


def test_a_case_file_that_is_not_the_issuers_is_bad(
    case: Case, lab: Laboratory, trust_list: TrustList
) -> None:
    with pytest.raises(Refused, match="certificate is A-1184's"):
        case_bytes(case.facts(), lab.signer)

    passing_for = lab.enrolled("issuer", "assessor")
    verdict = judged(case_bytes(case.facts(), passing_for)[0], trust_list)

    assert "holds no certificate as issuer" in verdict.fact(FactId.SIGNER).sentence
    assert verdict.contained == ()


def test_a_case_file_renamed_to_a_packet_is_no_packet(sealed: bytes, trust_list: TrustList) -> None:
    archive = parse_archive(sealed)
    renamed = zip_bytes(archive.top.replace("case-", "packet-"), archive.files)

    assert judged(renamed, trust_list).bad


def test_it_still_verifies_when_every_certificate_has_expired(
    case: Case, sealed: bytes, lab: Laboratory
) -> None:
    trust = TrustList.load(lab.trust(timedelta(days=2)))

    verdict = verify_bytes(case.receipted(), "case.zip", trust, NOW + timedelta(days=3650))
    without = verify_bytes(sealed, "case.zip", trust, NOW + timedelta(days=3650))

    assert verdict.bad == ()
    assert verdict.fact(FactId.CONTAINED).standing is Standing.GOOD
    assert verdict.fact(FactId.REVOCATION).standing is Standing.GOOD
    assert (without.bad, without.fact(FactId.REVOCATION).standing) == ((), Standing.UNKNOWN)


def test_verify_txt_checks_the_case_and_what_it_contains(case: Case, lab: Laboratory, tmp_path: Path) -> None:
    path = tmp_path / f"case-{DECISION_ID}.zip"
    path.write_bytes(case.sealed(replace(case.facts(), badge=badge_on(case.award.decision))))
    (tmp_path / "got").mkdir()
    recipient = Recipient(tmp_path / "got", BuiltPacket(path, ""), lab.trust(timedelta(days=2)))

    said = recipient.types_all()

    checks = [words for line, words in said.items() if "openssl cms -verify -cades" in line]
    assert checks == ["CAdES Verification successful\n"] * 4
    [badge] = [words for line, words in said.items() if "urn:sha256" in line]
    [award] = [words for line, words in said.items() if '"decision"' in line]
    assert badge == f'"urn:sha256:{case.award.decision}"\n'
    assert award == f'"decision":"{case.award.decision}"\n'
    assert "openssl and coreutils cannot check" in recipient.instructions


@pytest.mark.parametrize(
    ("words", "use"),
    [
        ("hours=15", Use(UseKind.HOURS, "15")),
        ("licence = Residency licence", Use(UseKind.LICENCE, "Residency licence")),
        ("salary", Use(UseKind.SALARY)),
    ],
)
def test_a_use_is_read_from_words(words: str, use: Use) -> None:
    assert read_use(words) == use


@pytest.mark.parametrize("words", ["hours", "hours=many", "hours=0", "licence", "prize", "designation="])
def test_a_use_that_says_too_little_is_refused(words: str) -> None:
    with pytest.raises(Refused):
        read_use(words)


def test_nothing_is_awarded_for_what_was_not_earned(case: Case) -> None:
    with pytest.raises(Refused, match="decided not yet"):
        replace(case.award, uses=(Use(UseKind.HOURS, "15"),))


def badge_on(decision: str, **altered: Any) -> bytes:
    """The issuer's badge for a decision; what is altered is so after the proof was made."""
    issuing = Issuing(
        id=UUID("5b0dc3a1-1111-4222-8333-444444444444"),
        did=BADGE_KEY.did,
        title=PROGRAMME,
        address="https://badges.example.org",
        status_list="https://badges.example.org/v1/badges/status/1",
        place=61121,
        educator=Educator("E-204", HOLDER.name),
        identity=Identity.NAME,
        picture=b"\x89PNG",
        issued_at=NOW,
    )
    rubric = shipped_rubric()
    levels = {criterion.id: criterion.passing for criterion in rubric.criteria}
    badge = with_proof(badge_for_decision(issuing, rubric, levels, decision), BADGE_KEY, NOW)
    return canonical({**badge, **altered})


@pytest.mark.parametrize(
    ("badge", "standing", "words"),
    [
        (lambda case: badge_on(case.award.decision), Standing.GOOD, "whether it was revoked since"),
        (lambda case: badge_on(case.award.decision, name="Another"), Standing.BAD, "altered after"),
        (lambda case: badge_on("ab" * 32), Standing.BAD, "another decision"),
        (lambda case: b'{"type":["VerifiableCredential"]}', Standing.UNKNOWN, "does not know"),
    ],
    ids=["whole", "altered", "of another decision", "of another kind"],
)
def test_the_badge_in_a_case_file_is_checked_by_its_own_proof(
    badge: Callable[[Case], bytes], standing: Standing, words: str, case: Case, trust_list: TrustList
) -> None:
    verdict = judged(case.sealed(replace(case.facts(), badge=badge(case))), trust_list)

    assert (verdict.fact(FactId.BADGE).standing, verdict.exit_code() == 0) == (
        standing,
        standing is not Standing.BAD,
    )
    assert words in verdict.fact(FactId.BADGE).sentence


def test_a_badge_is_looked_into_only_where_somebody_known_sealed_it(case: Case) -> None:
    content = case.sealed(replace(case.facts(), badge=badge_on(case.award.decision)))

    assert judged(content, None).fact(FactId.BADGE).standing is Standing.UNKNOWN


def test_a_badge_goes_with_the_case_file_and_is_sealed_with_it(case: Case, trust_list: TrustList) -> None:
    content = case.sealed(replace(case.facts(), badge=b'{"type":["VerifiableCredential"]}'))

    assert judged(content, trust_list).bad == ()
    assert judged(rewritten(content, **{BADGE: None}), trust_list).bad
    assert judged(rewritten(content, **{BADGE: b"{}"}), trust_list).bad
