"""What counts of what a hub sends only once a signature vouches for it.

Its receipts, newer trust lists, and the rubrics, policies and phrase banks that an issuer published.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from assessor_desk.domain.changes import Published, Receipt
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.verdict.detached import (
    HUB_ROLE,
    ISSUER_ROLE,
    refuse_without,
    verify_detached,
    verify_with_content,
)
from assessor_desk.verdict.trust import TrustList

_STAYS = "The packet stays in the outbox"


def check_receipt(receipt: Receipt, digest: str, trust: TrustList, now: datetime) -> None:
    """Check that a hub on the trust list signed for the packet `digest`.

    Raises Damaged where the signature does not hold, is not a hub's, or is for another packet.
    """
    try:
        signed = verify_with_content(receipt.signed, trust, now)
        stated = json.loads(signed.content)
    except (Damaged, ValueError) as error:
        raise Damaged(f"The hub's receipt does not count ({error}). {_STAYS}") from error
    refuse_without(HUB_ROLE, signed, f"The receipt was not signed by a hub. {_STAYS}")
    if not isinstance(stated, dict) or stated.get("packet") != digest:
        raise Damaged(f"The hub's receipt is for another packet. {_STAYS}")


def check_trust(pem: bytes, signature: bytes, trusted: TrustList, now: datetime) -> None:
    """Check that the issuer on the trust list at hand signed the one that is to take its place.

    Its issuing authority may be a new one under the same root; one that either list knows to be revoked signs nothing
    that counts, so that whoever has its key cannot put an older list in place. Raises Damaged where the signature does
    not hold or is not an issuer's, where the new list cannot be read or is of another root, and where it is older than
    the one at hand: it would not know of later revocations.
    """
    try:
        fresh = TrustList.parse(pem)
        if set(fresh.roots) != set(trusted.roots):
            raise Damaged("it is of another programme")
        signed = verify_detached(pem, signature, TrustList.together([trusted, fresh]), now)
    except (Damaged, Refused) as error:
        raise Damaged(
            f"The source sent a trust list that does not hold, and the one before is kept: {error}"
        ) from error
    refuse_without(
        ISSUER_ROLE, signed, "The source sent a trust list that no issuer signed, and the one before is kept"
    )
    if trusted.dated is not None and (fresh.dated is None or fresh.dated < trusted.dated):
        raise Damaged("The source sent an older trust list than the one here, which is kept")


def vouched(thing: Published, kind: str, trust: TrustList, now: datetime) -> Published:
    """What was published, with its digest noted as vouched for where an issuer on the trust list signed it.

    One without a signature comes back as it is, to be told wherever it is used. Raises Damaged, naming it, where the
    signature does not hold or is not an issuer's, and where the signed bytes are another document than they are sent
    as.
    """
    if not thing.signature:
        return thing
    name = f"The {kind} “{thing.id}” in version {thing.version}"
    try:
        signed = verify_detached(thing.canonical, thing.signature, trust, now)
        stated = json.loads(thing.canonical)
    except (Damaged, ValueError) as error:
        raise Damaged(f"{name} is not what its issuer signed: {error}") from error
    refuse_without(ISSUER_ROLE, signed, f"{name} was not signed by an issuer")
    if not isinstance(stated, dict) or (stated.get("id"), stated.get("version")) != (thing.id, thing.version):
        raise Damaged(f"{name} was signed as another {kind} or another version")
    return replace(thing, vouched=thing.digest)
