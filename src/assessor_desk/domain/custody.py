"""What of the evidence is held where, and that it was destroyed: facts for desk, hub and source alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

#: How far a desk's clock may be behind its source's: what it destroyed so long before keys were given may be of them.
BEHIND = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Piece:
    """One sealed file of a submission's evidence: of which artifact, what of it, and the SHA-256 of the sealed bytes.

    `what` is `original`, `small` or `playable` for a rendition of a recording, `laid_out` for pages made here, `packet`
    for a sealed review that this desk was sent to decide on.
    """

    artifact_id: str
    what: str
    digest: str


@dataclass(frozen=True, slots=True)
class Destruction:
    """That a desk destroyed the evidence of a submission: its keys first, and at the end the last that was left of it.

    `why` is a `WithdrawalReason`, or `retention`. `gone_at` is None while something of it is still there, which
    `trouble` then names. `exports` counts copies that a person took out of the program on purpose, which it cannot
    destroy. `source` is the unchanging name of where the evidence came from.
    """

    id: str
    source: str
    submission_id: str
    why: str
    destroyed_at: datetime
    pieces: tuple[Piece, ...]
    exports: int = 0
    gone_at: datetime | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Attested:
    """A desk's custody key as the person's own certificate attested it.

    `key` is the Ed25519 public key (32 bytes), `signature` the detached CMS over the document that names it.
    """

    key: bytes
    source: str
    at: datetime
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt of destruction: what was destroyed, whose key says so, and its signature (Ed25519, 64 bytes)."""

    destruction: Destruction
    attested: Attested
    signature: bytes = field(repr=False)
