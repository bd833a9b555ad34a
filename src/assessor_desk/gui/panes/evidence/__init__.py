"""The evidence pane: artifacts, their viewers, the anchors placed in them."""

from assessor_desk.gui.panes.evidence.arrangement import Arrangement
from assessor_desk.gui.panes.evidence.pane import EvidencePane

__all__ = ["Arrangement", "EvidencePane"]
