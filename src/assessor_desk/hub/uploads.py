"""What came of deliveries whose connection broke: kept so that the rest alone has to be sent (docs/decisions/0188).

It lies where every process of the hub finds it (`upload_parts`), so that a delivery that broke off at one goes on at
another. Its name is a digest of who delivers what: device, kind, the delivery's own digest, and SHA-256 and length of
its bytes. Each attempt writes parts of its own, so that one whose connection hangs disturbs no other, whichever process
serves it. What is read is the longest run from the beginning. Nothing here counts for anything but saving a person's
time: the whole is hashed and judged as if it had come at once. `sweep` removes what nobody came back for.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from assessor_desk.domain.errors import Damaged
from assessor_desk.hub import tables as t
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import Caller
from assessor_desk.hub.upload_parts import Attempt, Part, Parts

#: How long the rest of a delivery is waited for.
LIFE = timedelta(days=3)
#: Shorter deliveries are sent again as a whole: asking where to go on would take as long.
WORTH_KEEPING = 64 * 1024
_KEY = "uploads key"


@dataclass(frozen=True)
class Upload:
    """What is here of one delivery. `length` and `sha256` are of its bytes as a whole."""

    parts: Parts = field(repr=False)
    name: str
    length: int
    key: bytes = field(repr=False)

    @property
    def kept(self) -> int:
        """Bytes from the beginning on that need not be sent again."""
        return max((one.end for one in self._run()), default=0)

    def read(self, count: int) -> Iterator[bytes]:
        """The first `count` bytes. Raises Damaged where they are not what was kept."""
        at = 0
        for part in self._run() if count else ():
            place = part.start
            for piece in self.parts.read(self.name, part, self.key):
                fresh = piece[max(0, at - place) :][: count - at] if place <= at else b""
                place += len(piece)
                at += len(fresh)
                if fresh:
                    yield fresh
        if at < count:
            raise Damaged("What was kept of an unfinished upload is damaged. Send it as a whole")

    def attempt(self, start: int) -> Attempt:
        """Keep what comes from byte `start` on. Raises NoRoom where there is none."""
        return self.parts.attempt(self.name, start, self.key)

    def forget(self) -> None:
        """It has arrived, or will not be taken: nothing of it is kept."""
        self.parts.forget(self.name)

    def _run(self) -> list[Part]:
        """The parts that together have the longest run from the beginning."""
        parts = self.parts.of(self.name)
        run: list[Part] = []
        at = 0
        while further := [one for one in parts if one.start <= at < min(one.end, self.length)]:
            run.append(max(further, key=lambda one: one.end))
            at = run[-1].end
        return run


def upload_of(hub: Hub, caller: Caller, kind: str, digest: str, length: int, sha256: str) -> Upload:
    """The delivery of `length` bytes with that SHA-256 by a device; there may be nothing of it here."""
    told = "\n".join((caller.device, kind, digest, str(length), sha256))
    name = hashlib.sha256(told.encode()).hexdigest()
    return Upload(hub.unfinished, name, length, _key(hub))


def nameless(hub: Hub, length: int) -> Upload:
    """One that nobody can go on with: only whoever has this object finds and opens it."""
    return Upload(hub.unfinished, secrets.token_hex(32), length, secrets.token_bytes(32))


def sweep(hub: Hub, now: datetime, life: timedelta = LIFE) -> int:
    """Remove the uploads that nobody has gone on with for so long; how many."""
    return hub.unfinished.sweep(now - life)


def _key(hub: Hub) -> bytes:
    """What unfinished uploads are sealed with; made with the first one."""
    query = sa.select(t.facts.c.value).where(t.facts.c.name == _KEY)
    with hub.database.reading() as view:
        known = view.execute(query).scalar()
    if known is None:
        with hub.database.writing() as work:
            if work.execute(query).scalar() is None:
                work.execute(sa.insert(t.facts).values(name=_KEY, value=secrets.token_hex(32)))
            known = work.execute(query).scalar()
    return bytes.fromhex(str(known))
