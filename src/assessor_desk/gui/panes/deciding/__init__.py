"""A delivered review beside the evidence it cites, to be decided on."""

from __future__ import annotations

from assessor_desk.gui.panes.deciding.pane import DecidingPane

__all__ = ["DecidingPane"]
