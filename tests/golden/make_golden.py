"""Makes a packet, a decision and a case file of the formats of today, each with the trust list of its time.

What is there stays: files of a released format must verify for ever, so none is ever made anew. A new format gets a
folder of its own. The digests of all of them are in `digests.txt`, which the tests compare.

    .venv/bin/python -m tests.golden.make_golden
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas
from tests.packets.building import (
    NOW,
    PROGRAMME,
    Laboratory,
    an_assignment,
    packet_facts,
    shipped_policy,
    shipped_rubric,
)
from tests.packets.test_case_files import Case
from tests.packets.test_decisions import REVIEWER
from tests.verdict.stamping import StampingAuthority

from assessor_desk.domain.award import EvidenceHeld
from assessor_desk.keys.cms import sign_detached, sign_with_content
from assessor_desk.packets.facts import Attested, PacketFacts
from assessor_desk.packets.receiving import with_receipt
from assessor_desk.packets.sealing import build_packet
from assessor_desk.protocol.documents import assignment_bytes, receipt_bytes
from assessor_desk.rubric_files import policy_to_json, rubric_to_json
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.layout import CASE_FILE, DECISION_BAG, PACKET, Layout

FOLDER = Path(__file__).parent
DIGESTS = FOLDER / "digests.txt"
#: A packet by another version of the rubric than assigned, which the issuer signed too (docs/decisions/0221).
MOVED = FOLDER / f"packet-{'.'.join(map(str, PACKET.format))}-moved"


def folder_of(layout: Layout) -> Path:
    """Where the golden file of a kind's present format lies: `packet-1.1`."""
    return FOLDER / f"{layout.kind}-{'.'.join(map(str, layout.format))}"


def golden_files() -> Iterator[Path]:
    """Every golden bag that was ever made, with its trust list, in order."""
    for bag in sorted(FOLDER.glob("*-*/*.zip")):
        yield from sorted(bag.parent.iterdir())


def digests() -> str:
    """As `sha256sum` prints them."""
    found = (
        (hashlib.sha256(path.read_bytes()).hexdigest(), path.relative_to(FOLDER)) for path in golden_files()
    )
    return "".join(f"{digest}  {path.as_posix()}\n" for digest, path in found)


def with_booklet(facts: PacketFacts) -> PacketFacts:
    """Facts of a packet that may show the evidence, with a booklet of one page."""
    written = BytesIO()
    page = Canvas(written, invariant=True)
    page.drawString(72, 720, "Two expected answers, one from a named misconception")
    page.save()
    policy = replace(facts.policy, evidence_booklet=True)
    return replace(facts, policy=policy, policy_json=policy_to_json(policy), evidence_pdf=written.getvalue())


def make(lab: Laboratory) -> dict[Layout, tuple[str, bytes]]:
    """Name and bytes of each: the packet with booklet, receipt and time-stamp, the decision with its receipt."""
    packet = build_packet(
        with_booklet(packet_facts(lab.attested(), at=lab.now)), lab.signer, lab.folder / "sealed"
    )
    case = Case(lab, packet)
    signature = parse_archive(case.packet).files["signatures/assessor-1.p7s"]
    stamped = StampingAuthority(lab.authority, lab.now).stamp(signature)
    case.packet = with_receipt(case.packet, lab.receipt(packet), stamped)
    received, hub = case.award.decided_at + timedelta(minutes=2), lab.authority.hub_signer()
    content = receipt_bytes(
        packet=case.award.decision, person=REVIEWER, hub=PROGRAMME, at=received, certificate_status="good"
    )
    case.decision = with_receipt(
        case.decision, sign_with_content(content, hub.key, hub.certificate, received)
    )
    sealed = case.sealed(case.facts(evidence=EvidenceHeld(PROGRAMME, date(2033, 11, 20))))
    decision = f"decision-{case.award.id}.zip"
    return {
        PACKET: (packet.path.name, case.packet),
        DECISION_BAG: (decision, case.decision),
        CASE_FILE: (f"case-{case.award.id}.zip", sealed),
    }


def make_moved(lab: Laboratory) -> tuple[str, bytes]:
    """Name and bytes of a packet whose review was moved to a rubric published after it was assigned by another."""
    issuer, assigned = lab.authority.issuer_signer(), shipped_rubric()
    first = assigned.criteria[0]
    said = replace(first, title=f"{first.title}, as a team")
    anew = replace(assigned, version="1.1.0", criteria=(said, *assigned.criteria[1:]))
    wording = rubric_to_json(anew)
    document = assignment_bytes(an_assignment(), (rubric_to_json(assigned), policy_to_json(shipped_policy())))
    attested = Attested(
        an_assignment().id, document, sign_detached(document, issuer.key, issuer.certificate, lab.now)
    )
    facts = packet_facts(
        attested, at=lab.now, rubric=anew, rubric_json=wording,
        rubric_signature=sign_detached(wording, issuer.key, issuer.certificate, lab.now),
    )  # fmt: skip
    packet = build_packet(facts, lab.signer, lab.folder / "moved")
    return packet.path.name, with_receipt(packet.path.read_bytes(), lab.receipt(packet))


def main() -> None:
    """Make what is not there yet."""
    wanted = [layout for layout in (PACKET, DECISION_BAG, CASE_FILE) if not folder_of(layout).exists()]
    with tempfile.TemporaryDirectory() as scratch:
        lab = Laboratory(Path(scratch), NOW - timedelta(days=60))
        made = make(lab) if wanted else {}
        moved = None if MOVED.exists() else make_moved(lab)
        trust = lab.trust(timedelta(days=2))
        for layout in wanted:
            _keep(folder_of(layout), *made[layout], trust)
        if moved is not None:
            _keep(MOVED, *moved, trust)
    DIGESTS.write_text(digests(), encoding="utf-8", newline="\n")


def _keep(folder: Path, name: str, content: bytes, trust: Path) -> None:
    folder.mkdir()
    (folder / name).write_bytes(content)
    for path in (trust, trust.with_suffix(".pem.p7s")):
        shutil.copy(path, folder)


if __name__ == "__main__":
    main()
