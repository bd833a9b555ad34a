"""How each source stands: what waits to go there and to come from there, why, and when it is tried next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from assessor_desk.desk.connecting import CLOCK, LAST_ROUND
from assessor_desk.desk.programmes import SOURCES
from assessor_desk.desk.resting import rest_of
from assessor_desk.sync.bond import bond_name

if TYPE_CHECKING:
    from assessor_desk.store.lines import OutboxLine
    from assessor_desk.store.reading import Reading
    from assessor_desk.store.store import Store


@dataclass(frozen=True, slots=True)
class WaitingDelivery:
    """Something sealed that waits to be sent: of which submission, what, since when.

    `trouble` is why it did not go through the last time; `refused`: the source answered that it will not take it.
    """

    key: str
    kind: str
    since: datetime | None
    trouble: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """A source as it stands.

    `trouble` is why it was not reached, of the kind `why` (`sync.unreached.Why`), with `page` where the network wants
    one to sign in. `try_again_at` is when it is tried next, `asked`: because it said so itself. `clock_off` is by how
    many minutes this computer's clock is ahead, 0 where that is not worth a word. `unsent` is why what was written here
    does not reach the person's other computers.
    """

    identity: str
    title: str
    last_round_at: datetime | None = None
    waiting: tuple[WaitingDelivery, ...] = ()
    files_to_come: int = 0
    bytes_to_come: int = 0
    trouble: str = ""
    why: str = ""
    page: str = ""
    try_again_at: datetime | None = None
    asked: bool = False
    clock_off: int = 0
    unsent: str = ""


def sources_of(store: Store) -> tuple[SourceStanding, ...]:
    """Every source of a desk, in the order in which it was connected."""
    return tuple(_standing(store, one) for one in store.fact(SOURCES, []))


def _standing(store: Store, kept: dict[str, Any]) -> SourceStanding:
    source = kept["identity"]
    rest = rest_of(store, source)
    with store.reading() as view:
        last, off = view.fact(f"{LAST_ROUND} {source}"), view.fact(f"{CLOCK} {source}", 0)
        waiting = tuple(_waiting(view, line) for line in view.outbox_waiting(source))
        files, count = view.artifacts_to_come(source)
        unsent = (view.fact(bond_name(source)) or {}).get("unsent", "")
    at = None if last is None else datetime.fromisoformat(last)
    standing = SourceStanding(
        source, kept["title"], at, waiting, files, count, clock_off=int(off), unsent=unsent
    )
    if rest is None:
        return standing
    return replace(
        standing, trouble=rest.words, why=rest.why, page=rest.page, try_again_at=rest.until, asked=rest.asked
    )


def _waiting(view: Reading, line: OutboxLine) -> WaitingDelivery:
    review = view.review(line.review_id)
    # A concern is no part of a review; its hold has the name of what is sent.
    about = review.submission_id if review else view.deciding.about(line.digest)
    submission = view.submission(about) if about else None
    key = submission.key if submission else ""
    return WaitingDelivery(key, line.kind, line.waiting_since, line.last_trouble, line.refused)
