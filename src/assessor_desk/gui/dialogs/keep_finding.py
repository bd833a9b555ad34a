"""Asks for the reason why a finding may stand; the reason goes into the packet."""

from __future__ import annotations

from PySide6.QtWidgets import QInputDialog, QWidget

from assessor_desk.domain.feedback import Finding


def ask_reason(finding: Finding, parent: QWidget) -> str | None:
    """The reason given, empty to withdraw one given before, or None when the person thought better of it."""
    label = f"{finding.sentence}.\n\nWhy may it stand? The reason is part of the packet."
    reason, accepted = QInputDialog.getMultiLineText(parent, "Keep as it is", label, finding.kept)
    return reason.strip() if accepted else None
