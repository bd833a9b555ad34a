"""Handing receipts of destruction to the source whose evidence it was, and keeping its own receipt for each."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from assessor_desk.domain.changes import DeliveryKind, Receipt
from assessor_desk.domain.errors import Damaged, Refused, Unavailable, sentence
from assessor_desk.sync.downloading import FAILURES_IN_A_ROW
from assessor_desk.sync.source import OnItsWay
from assessor_desk.sync.unreached import is_silence, may_be_of_one_thing

if TYPE_CHECKING:
    from assessor_desk.store.store import Store
    from assessor_desk.sync.source import Source


def deliver_receipts(
    store: Store,
    source: Source,
    clock: Callable[[], datetime],
    check_receipt: Callable[[Receipt, str], None],
    heed_stop: Callable[[], object] = lambda: None,
) -> int:
    """Deliver what is signed and was not taken yet; how many were taken.

    Done first in a round, since whoever is not enrolled any more may hand in these and nothing else. What the source
    will not take stays, with why, and so does what it cannot take now; Unavailable is raised where it cannot be
    reached. `heed_stop` raises where no more is to be sent.
    """
    with store.reading() as view:
        waiting = view.custody.to_send(source.identity)
    taken = failures = 0
    for owed in waiting:
        heed_stop()
        try:
            receipt = source.deliver(
                io.BytesIO(owed.document), len(owed.document), owed.digest, DeliveryKind.DESTRUCTION
            )
            if receipt.packet_digest != owed.digest:
                raise Damaged(f"{source.title} signed for another receipt than the one sent")
            if receipt.signed:
                check_receipt(receipt, owed.digest)
        except OnItsWay:
            continue
        except Unavailable as error:
            heed_stop()
            failures += 1
            if is_silence(error) or not may_be_of_one_thing(error) or failures >= FAILURES_IN_A_ROW:
                raise
            continue  # on its way it may have been taken, so nothing is said of it
        except (Refused, Damaged) as error:
            with store.transaction() as work:
                work.custody.not_sent(owed.made.id, sentence(error))
                work.commit()
            continue
        with store.transaction() as work:
            work.custody.taken(owed.made.id, receipt.signed, clock())
            work.note_delivered(source.identity)
            work.commit()
        taken += 1
    return taken
