"""Time-stamps (RFC 3161) that an outside authority gave over what this desk delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.domain.errors import Damaged
from assessor_desk.domain.policy import Confirmation
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.layout import SIGNATURE_NAME

if TYPE_CHECKING:
    from assessor_desk.domain.changes import TimeStamp
    from assessor_desk.domain.policy import Policy
    from assessor_desk.store.lines import OutboxLine
    from assessor_desk.store.store import Store
    from assessor_desk.verdict.trust import TrustList


def check_time_stamp(store: Store, stamp: TimeStamp, trust: TrustList | None) -> None:
    """Check a token against the packet that it came for, as its line in the outbox holds it.

    One for what another computer of the person's sealed, and whose file has not come yet, is let by: it counts for
    nothing until `check_over` has looked at it once the file is here. Raises Damaged where it is over something else,
    by nobody whom the trust list names for time-stamps, or where the file is lost.
    """
    with store.reading() as view:
        line = view.outbox_named(stamp.packet)
    if line is None or not line.came:
        return
    if not line.path.is_file():
        raise Damaged(
            f"A time-stamp came over packet {stamp.packet[:8]}, whose file is not here any more, so that it cannot be "
            "checked. It was not taken"
        )
    with open_sealed(line.path, line.key, "the sealed packet") as reader:
        check_over(reader.read(), stamp.token, trust)


def check_over(packet: bytes, token: bytes, trust: TrustList | None) -> None:
    """Check a token against a packet. Raises Damaged as `check_time_stamp` does."""
    from assessor_desk.verdict.stamp import time_stamp

    files = parse_archive(packet).files
    name = next(name for name in files if SIGNATURE_NAME.fullmatch(name))
    confirmed = time_stamp("The time-stamp", token, files[name], trust)
    if confirmed.trouble or confirmed.at is None:
        why = confirmed.trouble or "The time-stamp cannot be checked without a trust list"
        raise Damaged(f"{why}. It was not taken; tell the issuer")


def why_unconfirmed(policy: Policy, line: OutboxLine | None) -> str:
    """Why a decision, as its line in the outbox stands, lacks what the policy asks for before a release; else empty."""
    if line is not None and line.time_stamp and not line.came and why_without_stamp(policy):
        return (
            "Its time-stamp has come, and cannot be checked before what it is over has come from your other computer "
            "too. Sync again"
        )
    return "" if line is not None and line.time_stamp else why_without_stamp(policy)


def why_without_stamp(policy: Policy) -> str:
    """Why a decision that has no time-stamp is not released yet; empty where the policy asks for none."""
    if policy.release_needs is not Confirmation.TIME_STAMP:
        return ""
    return (
        "The policy asks for a time-stamp by an outside authority, and it has not come yet. The hub asks for it; "
        "sync again later"
    )
