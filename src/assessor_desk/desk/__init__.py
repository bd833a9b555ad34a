"""The desk: what an assessor can do, as one object for window, commands and tests."""

from assessor_desk.desk.answers import (
    ArtifactState,
    Case,
    Changes,
    Delivery,
    Kind,
    Ledger,
    Profile,
    SealedPacket,
)
from assessor_desk.desk.desk import Desk
from assessor_desk.store.lines import InboxRow, InboxState

__all__ = [
    "ArtifactState",
    "Case",
    "Changes",
    "Delivery",
    "Desk",
    "InboxRow",
    "InboxState",
    "Kind",
    "Ledger",
    "Profile",
    "SealedPacket",
]
