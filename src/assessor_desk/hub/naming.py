"""What people may be called on a hub: a number for certificates and files, a name for its own lists."""

from __future__ import annotations

import re
import unicodedata

from assessor_desk.domain.errors import Refused

#: A certificate has 64 bytes for a name (X.520, ub-common-name); more would be cut, and two people be one.
LONGEST_NUMBER = 64
LONGEST_NAME = 200
_SHOWN = 40
_NUMBER = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST_NUMBER - 1}}}")
_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def refuse_odd_number(number: str) -> None:
    """Raise Refused for a number that certificates or file names could not carry."""
    if not _NUMBER.fullmatch(number):
        raise Refused(
            f"“{_shown(number)}” cannot be a person's number: it may hold {LONGEST_NUMBER} letters, digits, . _ - "
            "at most, and begins with a letter or a digit"
        )


def refuse_unshowable(what: str, words: str) -> None:
    """Raise Refused for a name or address that could not be shown on one line, or would disturb what follows it."""
    if len(words) > LONGEST_NAME or any(map(_upsets_a_line, words)):
        raise Refused(
            f"The {what} “{_shown(words)}” has signs that cannot be shown, such as a line break, "
            f"or more than {LONGEST_NAME} characters. Give it in one plain line"
        )


def _shown(words: str) -> str:
    shown = "".join("\N{REPLACEMENT CHARACTER}" if _upsets_a_line(sign) else sign for sign in words[:_SHOWN])
    return shown + ("…" if len(words) > _SHOWN else "")


def _upsets_a_line(sign: str) -> bool:
    """Control characters, separators of lines, halves of characters, and marks that turn the direction of writing;
    not the joiners that names in Persian and Hindi need.
    """
    return unicodedata.bidirectional(sign) in _TURNS or unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")
