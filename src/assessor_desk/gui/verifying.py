"""Opens the window that checks packets, with the desk's own trust list unless another is chosen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.gui.session import Session
from assessor_desk.gui.verify_window import Lists, VerifyWindow

if TYPE_CHECKING:
    from assessor_desk.verdict import TrustList, Verdict


def verify_window(session: Session) -> VerifyWindow:
    """A window over this session's desk; whoever opens it shows it and lets it go when it has closed."""
    desk = session.desk

    def trust_of(lists: Lists) -> TrustList | None:
        from assessor_desk.verdict import TrustList

        return TrustList.load(*lists) if lists else desk.trust_list()

    def verify(packet: Path, trust: Lists, content: bytes | None) -> Verdict:
        from assessor_desk.verdict import BadgePapers
        from assessor_desk.verdict.packet import verify as verify_file
        from assessor_desk.verdict.packet import verify_bytes

        if content is not None:
            return verify_bytes(content, packet.name, trust_of(trust), datetime.now(UTC))
        if not trust:
            return desk.verify([packet])[0]
        papers = BadgePapers.beside(*(path.parent for path in trust))
        return verify_file(packet, trust_of(trust), datetime.now(UTC), papers)

    def title(trust: Lists) -> str:
        chosen = trust_of(trust)
        if chosen is None:
            return "No trust list yet: choose the issuer’s trust.pem"
        return f"Trust list: {chosen.title}{f', {chosen.dated:%Y-%m-%d}' if chosen.dated else ''}"

    return VerifyWindow(session.tasks, verify, title)
