"""One corpus of manipulated packets, walked by every way of verifying: each must find each of them, by the same fact.

    for attack in ATTACKS: content = attack.make(workshop)

An attack is a function of the workshop, named for what it does. `fact` is what must fail of it; where nothing but the
archive could be read, that is its structure.
"""

from __future__ import annotations

from .workshop import ATTACKS, Attack, Workshop

from . import archives, documents, listings, moving, programmes, signatures, vouching  # isort: skip  # noqa: F401  each adds its attacks

__all__ = ["ATTACKS", "Attack", "Workshop"]
