"""Checking packets and other signed things, offline, from files alone.

`verify(path, trust, now)` gives a `Verdict`; `verify_detached` and `verify_with_content` check the issuer's and the
hub's signatures. Imported lightly: cryptography at once, pyHanko's parts when they are needed.
"""

from .badge import BadgePapers
from .detached import verify_detached, verify_with_content
from .facts import REQUIRABLE, Fact, FactId, Standing, Subject, Verdict
from .packet import verify, verify_all, with_replacements
from .trust import TrustList, Untrusted

__all__ = [
    "REQUIRABLE",
    "BadgePapers",
    "Fact",
    "FactId",
    "Standing",
    "Subject",
    "TrustList",
    "Untrusted",
    "Verdict",
    "verify",
    "verify_all",
    "verify_detached",
    "verify_with_content",
    "with_replacements",
]
