"""A module, or one thing in it, that is imported when it is first used.

The window lists the inbox before anything else is asked of a desk. The rules of reviews, whose many small classes cost
half a bare window's start, come with the first act.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """Stands for a module, or for what has that name in it; import it for type checkers under TYPE_CHECKING."""

    def __init__(self, module: str, name: str = "") -> None:
        self._module, self._name = module, name

    def _it(self) -> Any:
        module = import_module(self._module)
        return getattr(module, self._name) if self._name else module

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._it(), attribute)

    def __call__(self, *values: Any) -> Any:
        return self._it()(*values)
