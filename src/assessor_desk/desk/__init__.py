"""The desk: what an assessor can do, as one object for window, commands and tests."""

from typing import TYPE_CHECKING, Any

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.desk.desk import Desk
from assessor_desk.store.lines import InboxOrder, InboxRow, InboxSection, InboxState

if TYPE_CHECKING:
    from assessor_desk.desk.answers import ArtifactState, Case, Delivery, Ledger, Profile, SealedPacket

__all__ = [
    "ArtifactState",
    "Case",
    "Changes",
    "Delivery",
    "Desk",
    "InboxOrder",
    "InboxRow",
    "InboxSection",
    "InboxState",
    "Kind",
    "Ledger",
    "Profile",
    "SealedPacket",
]


def __getattr__(name: str) -> Any:
    """The answers are imported when the first is asked for (PEP 562): the inbox is shown without them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from assessor_desk.desk import answers

    return getattr(answers, name)
