"""The coach's pane: what is there, what to try next, a question, for each criterion of a draft."""

from assessor_desk.gui.panes.coaching.pane import CoachingPane

__all__ = ["CoachingPane"]
