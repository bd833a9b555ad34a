"""The computers of one person, as a hub knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OwnDevice:
    """One of the person's computers; `this` is the one that asks. Times are aware UTC.

    `shares`: it has the person's key, and what is written on it comes here. That the hub does not know; the desk does.
    """

    id: str
    title: str
    enrolled_at: datetime
    heard_at: datetime | None
    revoked_at: datetime | None
    this: bool
    shares: bool = False
