"""Putting something into the outbox: sealed as a file first, named by a line that the same transaction records."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from assessor_desk.artifacts.vault import Vault
from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.errors import Refused
from assessor_desk.store.lines import OutboxLine


def refuse_elsewhere(line: OutboxLine, what: str) -> None:
    """Raise Refused for what another computer of this person's sealed: its word came here, its file did not."""
    if not line.key:
        raise Refused(
            f"{what} was sealed on another computer of yours, and its file is not here yet. It comes with a round "
            "once the source has it; until then do this on the other computer"
        )


@contextlib.contextmanager
def outgoing(
    outbox: Path, source: str, kind: DeliveryKind, own_id: str, content: bytes, digest: str, at: datetime
) -> Iterator[OutboxLine]:
    """The line to record, its sealed file written; that file goes again where the block fails.

    `own_id` is of what goes out (a review, notes, a concern), `digest` the name it is delivered by. Raises Unavailable
    for a full disk. The desk's `seals` must be held, so that the file is not swept before its line is there.
    """
    boxes = Vault(outbox)
    sealed = boxes.write(io.BytesIO(content), len(content))
    try:
        yield OutboxLine(
            str(uuid4()), source, kind.value, own_id, boxes.path(sealed.digest), len(content), sealed.key, digest,
            waiting_since=at,
        )  # fmt: skip
    except Exception:  # an interrupt may come once the line is there: a file without one is swept later
        boxes.remove(sealed.digest)
        raise
