"""Checking a hub's receipt, before a packet is said to be on the hub."""

from __future__ import annotations

import json
from datetime import datetime

from assessor_desk.domain.changes import Receipt
from assessor_desk.domain.errors import Damaged
from assessor_desk.keys.signing import roles
from assessor_desk.verdict.detached import verify_with_content
from assessor_desk.verdict.trust import TrustList

HUB_ROLE = "hub"
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
    if HUB_ROLE not in roles(signed.certificate):
        raise Damaged(f"The receipt was not signed by a hub. {_STAYS}")
    if not isinstance(stated, dict) or stated.get("packet") != digest:
        raise Damaged(f"The hub's receipt is for another packet. {_STAYS}")
