"""The rubric pane: completeness check, criteria, overall feedback, notes."""

from assessor_desk.gui.panes.rubric.pane import RubricPane

__all__ = ["RubricPane"]
