"""What is much like quoted words: for whoever finds quotations again in a text shown another way."""

from assessor_desk.artifacts.likeness import near

__all__ = ["near"]
