"""Widgets that leave something to be said by their subclasses.

Qt's classes have a metaclass of their own, and their `__new__` never asks whether a class is whole. This metaclass is
both Qt's and `abc`'s, and asks.
"""

from __future__ import annotations

from abc import ABCMeta
from typing import Any

from PySide6.QtWidgets import QWidget


class AbstractWidget(ABCMeta, type(QWidget)):  # type: ignore[misc]  # a base that only running tells
    """The metaclass of a widget with abstract methods: only what defines them all can be made."""

    def __call__(cls, *given: Any, **named: Any) -> Any:
        if cls.__abstractmethods__:
            missing = ", ".join(sorted(cls.__abstractmethods__))
            raise TypeError(f"{cls.__name__} cannot be made: it does not say {missing}")
        return super().__call__(*given, **named)
