"""Opens the window that checks packets, with the desk's own trust list unless another is chosen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.gui.session import Session
from assessor_desk.gui.verify_window import VerifyWindow

if TYPE_CHECKING:
    from assessor_desk.verdict import TrustList, Verdict


def verify_window(session: Session) -> VerifyWindow:
    """A window over this session's desk; whoever opens it shows it and lets it go when it has closed."""
    desk = session.desk

    def trust_of(path: Path | None) -> TrustList | None:
        from assessor_desk.verdict import TrustList

        return TrustList.load(path) if path else desk.trust_list()

    def verify(packet: Path, trust: Path | None, content: bytes | None) -> Verdict:
        if content is None:
            return desk.verify([packet], trust_of(trust))[0]
        from assessor_desk.verdict.packet import verify_bytes

        return verify_bytes(content, packet.name, trust_of(trust), datetime.now(UTC))

    def title(trust: Path | None) -> str:
        chosen = trust_of(trust)
        return f"Trust list: {chosen.title}" if chosen else "No trust list yet: choose the issuer’s trust.pem"

    return VerifyWindow(session.tasks, verify, title)
