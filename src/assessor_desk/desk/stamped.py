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
    """Check a token against the packet that it came for, as its line in the outbox still holds it.

    Raises Damaged where it is over something else, or by nobody whom the trust list names for time-stamps.
    """
    from assessor_desk.verdict.stamp import time_stamp

    with store.reading() as view:
        line = view.outbox_named(stamp.packet)
    if line is None or not line.path.is_file():
        return  # what is not here any more is not exported either
    with open_sealed(line.path, line.key, "the sealed packet") as reader:
        files = parse_archive(reader.read()).files
    name = next(name for name in files if SIGNATURE_NAME.fullmatch(name))
    confirmed = time_stamp("The time-stamp", stamp.token, files[name], trust)
    if confirmed.trouble or confirmed.at is None:
        why = confirmed.trouble or "The time-stamp cannot be checked without a trust list"
        raise Damaged(f"{why}. It was not taken; tell the issuer")


def why_unconfirmed(policy: Policy, line: OutboxLine | None) -> str:
    """Why a decision, as its line in the outbox stands, lacks what the policy asks for before a release; else empty."""
    return "" if line is not None and line.time_stamp else why_without_stamp(policy)


def why_without_stamp(policy: Policy) -> str:
    """Why a decision that has no time-stamp is not released yet; empty where the policy asks for none."""
    if policy.release_needs is not Confirmation.TIME_STAMP:
        return ""
    return (
        "The policy asks for a time-stamp by an outside authority, and it has not come yet. The hub asks for it; "
        "sync again later"
    )
