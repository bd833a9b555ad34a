"""How hard a passphrase is to guess, in words: a hint, never a rule.

Length counts most (NIST SP 800-63B): what is guessed are words, years and repetitions, so these count as little as they
are worth.
"""

from __future__ import annotations

import re

LEAST = 10
GOOD = 16
_WEAK_WORDS = (
    "password",
    "passphrase",
    "passwort",
    "qwerty",
    "azerty",
    "letmein",
    "welcome",
    "assessor",
    "teacher",
)


def worth(passphrase: str) -> int:
    """Its length in characters that add something: runs, years and the commonest words count as one."""
    text = passphrase.casefold().strip()
    for word in _WEAK_WORDS:
        text = text.replace(word, "•")
    text = re.sub(r"(19|20)\d\d", "•", text)
    text = re.sub(r"(.)\1{2,}", r"\1", text)
    text = re.sub(r"0?123456?7?8?9?0?|abcdef?g?h?", "•", text)
    return len(text)


def hint(passphrase: str) -> tuple[str, str]:
    """A sentence on the strength, and the tone it is told in."""
    if not passphrase:
        return (
            "Four or five words that do not belong together are easy to remember and hard to guess.",
            "neutral",
        )
    length = worth(passphrase)
    if length < LEAST:
        return "Easy to guess. Add a word or two.", "caution"
    if length < GOOD:
        return "Fair. Another word would make it strong.", "neutral"
    return "Strong.", "positive"


def why_not(first: str, second: str) -> str:
    """Why these two are not taken for a new passphrase, as a sentence; empty where they are."""
    if worth(first) < LEAST:
        return f"This passphrase is easily guessed. Use at least {LEAST} characters, better several words."
    if first != second:
        return "The two passphrases differ. Type the same one twice; the eye shows what is typed."
    return ""
