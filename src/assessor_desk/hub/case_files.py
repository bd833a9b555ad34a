"""Case files: what the issuer hands to whoever recognises an award, or hears an appeal.

Only here are a name and the pseudonymous packets brought together; each one made is kept, sealed, with what it was for.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assessor_desk import __version__
from assessor_desk.domain.award import Award, EvidenceHeld, Holder, Use
from assessor_desk.domain.decision import DecisionKind
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.programme_look import ProgrammeLook
from assessor_desk.domain.rubric import Outcome
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.badges import badge_for
from assessor_desk.hub.by_key import refuse_unknown
from assessor_desk.hub.deliveries import signed_receipt
from assessor_desk.hub.holds import refuse_held
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.own_look import own_look
from assessor_desk.keys.private_files import write_privately
from assessor_desk.packets.case_file import ISSUER, CaseFacts, case_bytes, front_word
from assessor_desk.packets.receiving import with_receipt
from assessor_desk.rubric_files import policy_from_json, rubric_from_json
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.layout import DECISION, POLICY, RUBRIC


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case file as it was sealed; `name` is that of the file to write.

    `word` is its first page as DOCX where asked for: unsigned, for copying words from, so that it stays outside.
    """

    name: str
    content: bytes
    digest: str
    award: Award
    word: bytes = b""


@dataclass(frozen=True, slots=True)
class Awarded:
    """A case file that was made, as `hub awards` lists it."""

    key: str
    outcome: str
    uses: tuple[str, ...]
    issued_at: datetime
    digest: str


def make_case(
    hub: Hub,
    key: str,
    uses: Sequence[Use] = (),
    *,
    for_appeal: bool = False,
    look: ProgrammeLook | None = None,
    word: bool = False,
) -> CaseFile:
    """Seal the case file of a submission's decision, once its report was released, with the hub's receipt for it: that
    the issuer's certificate stood then must be known in ten years too.

    Raises Refused for an unknown submission, one that is on hold, undecided or unreleased, for uses of what was not
    earned, and for what was not earned at all unless the educator agreed to disclosure or it is for their appeal.
    """
    with hub.database.reading() as view:
        row = view.execute(
            sa.select(t.submissions).where(t.submissions.c.id == refuse_unknown(view, key))
        ).one()
        refuse_held(view, row.id)
        decided = _in_force(view, row)
        _refuse_undisclosed(row, decided[0], for_appeal)
        decisions = tuple(_bag(hub, view, one.digest) for one in decided)
        digests = tuple(dict.fromkeys(digest for one in decided for digest in one.bases))
        packets = tuple(_bag(hub, view, digest) for digest in digests)
    award = _award(hub, row, decided, decisions[0], digests, tuple(uses))
    shown = look or own_look(hub)
    badge = badge_for(hub, award.decision)
    facts = CaseFacts(award, decisions, packets, shown, row.language, badge)
    sealed, digest = case_bytes(facts, hub.authority.issuer_signer())
    content = with_receipt(sealed, signed_receipt(hub, digest, ISSUER, "good").signed)
    _keep(hub, award, digest, content)
    name = f"{key}-case-{award.issued_at:%Y-%m-%d}.zip"
    return CaseFile(name, content, digest, award, front_word(facts) if word else b"")


def write_case(case: CaseFile, out: Path) -> Path:
    """Write a case file, and the DOCX of its first page where it has one, into the folder `out`, for its owner's eyes
    alone. Raises Unavailable where that fails.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"{out} cannot be made ({error.strerror}). Name another folder") from error
    path = out / case.name
    write_privately(path, case.content)
    if case.word:
        write_privately(path.with_suffix(".docx"), case.word)
    return path


def awards(hub: Hub) -> list[Awarded]:
    """Every case file that was made, oldest first."""
    query = (
        sa.select(t.awards, t.submissions.c.key, t.decisions.c.outcome)
        .join(t.decisions, t.decisions.c.digest == t.awards.c.decision)
        .join(t.submissions, t.submissions.c.id == t.decisions.c.submission_id)
        .order_by(t.awards.c.issued_at, t.submissions.c.key)
    )
    with hub.database.reading() as view:
        rows = view.execute(query).all()
    return [Awarded(r.key, r.outcome, tuple(r.uses), r.issued_at, r.digest) for r in rows]


def _in_force(view: sa.Connection, row: Any) -> list[Any]:
    """The released decision that stands, and those that it replaced, newest first."""
    packets = t.packets.c
    query = (
        sa.select(t.decisions, packets.received_at, packets.supersedes, t.releases.c.released_at)
        .join(t.packets, packets.digest == t.decisions.c.digest)
        .outerjoin(t.releases, t.releases.c.decision == t.decisions.c.digest)
        .where(t.decisions.c.submission_id == row.id)
        .where(t.decisions.c.kind != DecisionKind.PASSED_BACK.value)
    )
    known = {one.digest: one for one in view.execute(query)}
    replaced = {one.supersedes for one in known.values()}
    newest = next((one for digest, one in known.items() if digest not in replaced), None)
    if newest is None:
        raise Refused(f"{row.key} is not decided yet; there is nothing to make a case file of")
    if newest.released_at is None:
        raise Refused(f"{row.key} is decided, but its report was not released yet; that comes first")
    return list(_chain(newest, known))


def _chain(newest: Any, known: dict[str, Any]) -> Iterator[Any]:
    one = newest
    while one is not None:
        yield one
        one = known.get(one.supersedes)


def _refuse_undisclosed(row: Any, decision: Any, for_appeal: bool) -> None:
    if decision.outcome == Outcome.EARNED.value or row.disclosure_agreed or for_appeal:
        return
    raise Refused(
        f"{row.key} was decided {decision.outcome.replace('_', ' ')}. A case file names the educator: make it with "
        "--appeal for their appeal, or record first that they agree (hub agreement --given)"
    )


def _bag(hub: Hub, view: sa.Connection, digest: str) -> bytes:
    """A packet or decision as it was delivered, with its receipt, and its time-stamp where there is one."""
    row = view.execute(
        sa.select(t.packets, t.stamps.c.token)
        .outerjoin(t.stamps, t.stamps.c.digest == t.packets.c.digest)
        .where(t.packets.c.digest == digest)
    ).one()
    with hub.packets.open(row.file, row.file_key, "the packet") as reader:
        return with_receipt(reader.read(), row.receipt, row.token)


def _award(
    hub: Hub, row: Any, decided: list[Any], decision: bytes, packets: tuple[str, ...], uses: tuple[Use, ...]
) -> Award:
    files = parse_archive(decision).files
    rubric, policy = rubric_from_json(files[RUBRIC]), policy_from_json(files[POLICY])
    newest = decided[0]
    stated = json.loads(files[DECISION])
    return Award(
        id=stated["id"],
        programme=hub.programme,
        issuer=hub.title,
        holder=Holder(row.educator_name, row.state_educator_id),
        submission_id=row.id,
        submission_key=row.key,
        attempt=row.attempt,
        rubric_id=rubric.id,
        rubric_version=rubric.version,
        micro_credential=rubric.title,
        outcome=Outcome(newest.outcome),
        decided_at=datetime.fromisoformat(stated["sealed_at"]),
        decision=newest.digest,
        replaced=tuple(one.digest for one in decided[1:]),
        packets=packets,
        uses=uses,
        evidence=EvidenceHeld(hub.title, _held_until(newest, policy.retention.evidence_with_programme)),
        issued_at=hub.clock().replace(microsecond=0),
        program_version=__version__,
    )


def _held_until(decision: Any, days: int) -> date | None:
    """The last day on which the policy keeps the evidence; None where it does not say."""
    received: datetime = decision.received_at
    return (received + timedelta(days=days)).date() if days else None


def _keep(hub: Hub, award: Award, digest: str, content: bytes) -> None:
    sealed = hub.packets.write(io.BytesIO(content), len(content))
    with hub.database.writing() as work:
        values = {
            "digest": digest,
            "decision": award.decision,
            "issued_at": award.issued_at,
            "uses": [use.sentence for use in award.uses],
            "file": sealed.digest,
            "file_key": sealed.key,
        }
        work.execute(sa.insert(t.awards).values(**values))
        append(work, hub.clock(), Line(Act.EXPORTED, digest, award.submission_id, detail="case file"))
