"""Assessor Desk: a desktop workstation for assessing educator micro-credentials."""

__version__ = "0.1.0"
