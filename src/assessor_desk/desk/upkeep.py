"""When a desk may be tidied, and what is in use meanwhile. Imported with the desk, so it imports little."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from assessor_desk.store.scrubbing import LetGo


@dataclass
class Upkeep:
    """`rounds` is held during a round and while tidying, `seals` while a packet is put into the outbox or that swept,
    `exchanging` while something goes to the person's other computers or comes from them.

    `opened` are the digests of evidence that was handed out since the desk was opened, `let_go` is what the snapshots
    were last brought in line with, `tidied_at` is when it was last looked for what has had its time.
    """

    rounds: threading.Lock = field(default_factory=threading.Lock)
    seals: threading.Lock = field(default_factory=threading.Lock)
    exchanging: threading.Lock = field(default_factory=threading.Lock)
    _meetings: dict[str, threading.Lock] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    let_go: LetGo | None = None
    looked_over: str = ""
    tidied_at: datetime | None = None

    def meeting(self, source: str) -> threading.Lock:
        """What is held during one call of *Your devices* at a hub, before `exchanging`: no other hub's waits for it."""
        return self._meetings.setdefault(source, threading.Lock())
