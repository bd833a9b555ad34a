"""A module that is imported when it is first used.

The window lists the inbox before anything else is asked of a desk. The rules of reviews, whose many small classes cost
half a bare window's start, come with the first act.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """Stands for a module; import it for type checkers under TYPE_CHECKING."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)
