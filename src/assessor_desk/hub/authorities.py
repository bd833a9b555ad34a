"""Revoking an issuing authority, and what the hub puts right at once: all that the authority's issuer had signed.

People have to be given new codes: their certificates count no more, and neither does the signature that a renewal is
asked for with. What they delivered before stays good where a receipt says so that the authority's thief could not have
made (docs/decisions/0167).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.badge_papers import issues_badges, sign_issuer_again
from assessor_desk.hub.hub import Hub, note_change
from assessor_desk.hub.publishing import PHRASES
from assessor_desk.keys.cms import sign_detached
from assessor_desk.keys.signing import common_name, read_certificates
from assessor_desk.verdict.trust import Revocation


@dataclass(frozen=True, slots=True)
class RevokedIssuing:
    """What revoking an issuing authority came to: whose certificates count no more, and how much was signed again.

    `takes_receipts` is whether receipts that its hub gave prove nothing any more, for the reason that was given.
    """

    title: str
    takes_receipts: bool
    people: tuple[str, ...]
    signed_again: int


def revoke_issuing(hub: Hub, path: Path, passphrase: str, reason: str, number: int = 0) -> RevokedIssuing:
    """Revoke an issuing authority with the root's exported key, and sign again what its issuer signed.

    Interrupted, it is done by doing it again. Raises Refused as `Authority.revoke_issuing`.
    """
    gone = hub.authority.revoke_issuing(path, passphrase, reason, number or _in_use(hub))
    documents, assignments, people = _under(hub, gone)
    issuer, now = hub.authority.issuer_signer(), hub.clock()
    signed = [(row, _signed(row.canonical, issuer, now)) for row in documents]
    given = [(row, _signed(row.document, issuer, now)) for row in assignments]
    with hub.database.writing() as work:
        for row, signature in signed:
            own = t.documents.c
            which = (own.kind == row.kind, own.id == row.id, own.version == row.version)
            work.execute(sa.update(t.documents).where(*which).values(signature=signature))
            if row.kind == PHRASES:
                note_change(work, PHRASES, row.id)
        for row, signature in given:
            work.execute(
                sa.update(t.assignments).where(t.assignments.c.id == row.id).values(signature=signature)
            )
            note_change(work, "assignment", row.id, row.person)
        append(work, now, Line(Act.REVOKED, common_name(gone), detail=f"issuing authority: {reason}"))
    if issues_badges(hub):
        sign_issuer_again(hub)
    hub.renew_trust()
    title = common_name(gone)
    return RevokedIssuing(
        title, Revocation(now, reason, title).takes_receipts, people, len(signed) + len(given)
    )


def _in_use(hub: Hub) -> int:
    """The number of the authority in use; of the one before where that was revoked and nobody certified since.

    Then it was interrupted: whoever does it again does not mean the one that took its place.
    """
    every = hub.authority.issuing_authorities()
    begun = len(every) > 1 and every[-2][1] is not None and not _under(hub, every[-1][0])[2]
    return len(every) - 1 if begun else len(every)


def _signed(content: bytes, issuer: Any, at: Any) -> bytes:
    return sign_detached(content, issuer.key, issuer.certificate, at)


def _under(hub: Hub, gone: Any) -> tuple[list[Any], list[Any], tuple[str, ...]]:
    """What stands and was signed, and who was certified, under an issuing authority."""
    own = t.certificates.c
    with hub.database.reading() as view:
        documents = view.execute(sa.select(t.documents).where(t.documents.c.withdrawn_at.is_(None))).all()
        assigned = sa.select(t.assignments).where(t.assignments.c.withdrawn_at.is_(None))
        assignments = view.execute(assigned).all()
        standing = sa.select(own.person, own.content).join(t.people, t.people.c.number == own.person)
        certified = view.execute(standing.where(t.people.c.revoked_at.is_(None))).all()
    people = _issued_by(gone, certified)
    return list(documents), list(assignments), people


def _issued_by(gone: Any, certified: Iterable[Any]) -> tuple[str, ...]:
    found = {row.person for row in certified if row.content and _is_by(gone, row.content)}
    return tuple(sorted(found))


def _is_by(gone: Any, content: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        read_certificates(content)[0].verify_directly_issued_by(gone)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
