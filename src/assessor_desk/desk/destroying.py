"""Evidence that was destroyed: what is still left of it, and the signed receipt once nothing is.

Keys go first, in the transaction that says why (`store.writing`); files, snapshots and what was made of them are swept
after. Only when each place that could hold something of it was looked at is the receipt signed, with a key that the
person's certificate attested while their passphrase was at hand (docs/decisions/0215).
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.domain.custody import Attested, Destruction, Receipt

if TYPE_CHECKING:
    from assessor_desk.artifacts.vault import Vault
    from assessor_desk.keys.signing import Signer
    from assessor_desk.store.custody import Owed
    from assessor_desk.store.store import Store

#: By source: the custody key with the attestation of it.
CUSTODY_KEYS = "custody_keys"


@dataclass(frozen=True)
class Remains:
    """Where something of a submission's evidence could still be on this desk."""

    store: Store
    vault: Vault
    set_aside: Path
    clock: Callable[[], datetime]

    def of(self, made: Destruction) -> str:
        """The first place where something is left, as a sentence; empty where nothing is."""
        return next(self._found(made), "")

    @cached_property
    def _named(self) -> set[tuple[str, str, str]]:
        with self.store.reading() as view:
            return view.evidence_named()

    def _found(self, made: Destruction) -> Iterator[str]:
        digests = {piece.digest for piece in made.pieces}
        keys = self.store.keys
        kept = {digest for _, digest in keys.of(made.submission_id) | keys.made_of(made.submission_id)}
        if digests & kept or (kept and not digests):  # of no pieces, it says that nothing of it is here
            yield "The evidence is here again: it was sent once more"
        others = {digest for own, _, digest in self._named if own != made.submission_id}
        with self.store.reading() as view:
            alike = view.preflights.has_likeness(made.submission_id)
        left = [one for one in digests - others if self.vault.holds(one) or self.vault.partial(one).exists()]
        if left:
            files = "1 file is" if len(left) == 1 else f"{len(left)} files are"
            yield f"{files} still in use, or cannot be removed from the disk. Close and open the desk"
        if alike:
            yield "What copies of it are told by is still here"
        # Whether it was so before or after cannot be told by its name: the clock of then may have been wrong.
        if self.set_aside.is_dir() and any(self.set_aside.iterdir()):
            yield "The database as it was before it was restored is kept for two weeks, and may know of it"


def settle(remains: Remains) -> int:
    """See what is left of each destruction, and sign for those of which nothing is. How many were signed."""
    with remains.store.reading() as view:
        unsettled, keys = view.custody.unsettled(), view.fact(CUSTODY_KEYS, {})
    gone = [one for one in unsettled if one.made.gone_at is None and not remains.of(one.made)]
    if gone:
        remains.store.forget_in_journal()
    signed = 0
    for owed in unsettled:
        signed += _settle_one(remains, owed, owed in gone, keys.get(owed.made.source))
    return signed


def _settle_one(remains: Remains, owed: Owed, gone: bool, kept: dict[str, str] | None) -> bool:
    """Write down how it stands; whether its receipt is signed now."""
    made = owed.made
    if gone:
        made = replace(made, gone_at=max(remains.clock(), made.destroyed_at), trouble="")
    elif made.gone_at is None:
        made = replace(made, trouble=remains.of(made))
    elif owed.digest:
        now = remains.clock()
        if made.gone_at > now:  # by a clock that was ahead
            made = replace(made, destroyed_at=min(made.destroyed_at, now), gone_at=now, trouble="")
        elif _signs_otherwise(owed, kept):
            made = replace(made, trouble="")
        else:
            return False  # it would say the same
    document = _signed(made, kept) if made.gone_at is not None and kept is not None else b""
    if made == owed.made and not document:
        return False
    with remains.store.transaction() as work:
        work.custody.settle(made)
        if document:
            work.custody.sign(made.id, document, hashlib.sha256(document).hexdigest())
        work.commit()
    return bool(document)


def _signs_otherwise(owed: Owed, kept: dict[str, str] | None) -> bool:
    """Whether another certificate stands behind a receipt now: a hub that was put back may not know the one before."""
    from assessor_desk.protocol.destructions import read_receipt

    return kept is not None and read_receipt(owed.document).attested.signature != b64decode(kept["attested"])


def _signed(made: Destruction, kept: dict[str, str]) -> bytes:
    from assessor_desk.keys.custody_key import CustodyKey
    from assessor_desk.protocol.destructions import receipt_bytes, statement_bytes

    key = CustodyKey.from_secret(b64decode(kept["secret"]))
    at, signature = datetime.fromisoformat(kept["at"]), b64decode(kept["attested"])
    attested = Attested(key.public, made.source, at, signature)
    return receipt_bytes(Receipt(made, attested, key.sign(statement_bytes(made))))


def attest_custody(store: Store, source: str, signer: Signer, now: datetime) -> None:
    """Have a custody key attested for a source, unless that certificate did so before; for whenever one signs."""
    from assessor_desk.keys.cms import sign_detached
    from assessor_desk.keys.custody_key import CustodyKey
    from assessor_desk.keys.signing import is_issued
    from assessor_desk.protocol.destructions import key_bytes

    kept: dict[str, Any] = store.fact(CUSTODY_KEYS, {})
    serial = str(signer.certificate.serial_number)
    if not is_issued(signer.certificate) or kept.get(source, {}).get("serial") == serial:
        return
    at = now.replace(microsecond=0)
    key = CustodyKey.generate()
    attested = sign_detached(key_bytes(key.public, source, at), signer.key, signer.certificate, at)
    told = {
        "secret": b64encode(key.secret).decode(), "at": at.isoformat(), "serial": serial,
        "attested": b64encode(attested).decode(),
    }  # fmt: skip
    with store.transaction() as work:
        work.set_fact(CUSTODY_KEYS, {**work.fact(CUSTODY_KEYS, {}), source: told})
        work.commit()
