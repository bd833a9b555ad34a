"""What can be measured of a text: its words, sentences, how hard it is to read, how alike two texts are.

All of it is pure and remembered for the texts met last, since the checks run after every key press and all texts but
one are then the same as before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

from .word_lists import WORD_LISTS, WordList

#: How alike two lists of words are, from 0 to 1; below the third argument it may say 0. DESIGN §1: passed in.
Likeness = Callable[[Sequence[str], Sequence[str], float], float]

#: A text of more words is a report of its own; comparing takes time by the square of them.
WORDS_COMPARED = 600
#: Characters of a text that are looked at; more than any field is meant for.
CHARACTERS_READ = 20_000

_WORD = re.compile(r"[^\W_]+")
_READ_WORD = re.compile(r"[^\W_]+(?:['’\u2011:.,/-][^\W_]+)*")
_QUOTED = re.compile(r"“[^”]{1,400}”|„[^“”]{1,400}[“”]|«[^»]{1,400}»|\"[^\"]{1,400}\"")
# Flesch counts as a sentence what a full stop, colon or semicolon ends. A time (0:28) and a decimal have no space.
_END = re.compile(r"(?<!\b[A-Za-z])(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\betc)[.!?…:;][\"”’')\]]*\s+|\n+")
_VOWELS = re.compile(r"[aeiouyáàâäéèêëíîïóôöúùûü]+")
_PLACE = re.compile(
    r"(?<![\d:])\d{1,2}:\d{2}(?![\d:])|\b(?:minutes?|seconds?|pages?|p\.|slides?|lines?|rows?|paragraphs?|figures?)\s+"
    r"(?:\d+|[A-Z])\b"
)


@lru_cache(1024)
def plain_words(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, without signs."""
    return tuple(_WORD.findall(text.casefold()))


def difflib_likeness(one: Sequence[str], other: Sequence[str], at_least: float) -> float:
    """Likeness by the standard library alone, for where no faster one is handed in."""
    from difflib import SequenceMatcher  # the desk hands in a faster one

    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < at_least or matcher.quick_ratio() < at_least:
        return 0.0
    return matcher.ratio()


def are_alike(one: Sequence[str], other: Sequence[str], likeness: Likeness, at_least: float = 0.9) -> bool:
    """Whether two texts say the same in nearly the same words: nine in ten, in the same order."""
    # Twice the shorter one is the most that they can have in common.
    size, other_size = min(len(one), WORDS_COMPARED), min(len(other), WORDS_COMPARED)
    if not size or 2 * min(size, other_size) < at_least * (size + other_size):
        return False
    return likeness(one[:WORDS_COMPARED], other[:WORDS_COMPARED], at_least) >= at_least


def root(word: str) -> str:
    """A word's first six letters: enough for “answer” and “answered” to meet, and to be explained."""
    return word[:6] if len(word) > 6 else word.removesuffix("s") if len(word) > 3 else word


@lru_cache(512)
def content_roots(text: str) -> frozenset[str]:
    """The roots of a text's words of three letters and more that carry meaning, in any language known here."""
    function = frozenset().union(*(one.function for one in WORD_LISTS.values()))
    words = plain_words(text[:CHARACTERS_READ])
    return frozenset(root(word) for word in words if len(word) > 2 and word not in function)


def common_roots(roots_of_others: Iterable[AbstractSet[str]]) -> frozenset[str]:
    """The roots that occur in more than half of other submissions (each given as the roots of all its words)."""
    each = list(roots_of_others)
    counted: dict[str, int] = {}
    for roots in each:
        for one in roots:
            counted[one] = counted.get(one, 0) + 1
    return frozenset(one for one, count in counted.items() if 2 * count > len(each))


@lru_cache(512)
def unquoted(text: str) -> str:
    """A text without what it quotes: others' words are not the writer's."""
    return _QUOTED.sub(" … ", text[:CHARACTERS_READ])


def quotes(text: str) -> bool:
    """Whether a text quotes somebody or something."""
    return bool(_QUOTED.search(text[:CHARACTERS_READ]))


def names_a_place(text: str) -> bool:
    """Whether a text names a time, a page or a row of the evidence."""
    return bool(_PLACE.search(text[:CHARACTERS_READ]))


@lru_cache(512)
def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text as Flesch counts them: what a full stop, a colon or a semicolon ends."""
    found: list[str] = []
    start = 0
    text = text[:CHARACTERS_READ]
    for end in _END.finditer(text):
        found.append(text[start : end.end()].strip())
        start = end.end()
    found.append(text[start:].strip())
    return tuple(one for one in found if _WORD.search(one))


def read_words(sentence: str) -> list[str]:
    """The words as a reader counts them: “don't” and “follow-up” are one each."""
    return _READ_WORD.findall(sentence)


@lru_cache(4096)
def syllables(word: str) -> int:
    """The syllables of an English word, by its groups of vowels; a number or a sign is read as one (Flesch)."""
    letters = word.casefold()
    groups = len(_VOWELS.findall(letters))
    silent = letters.endswith("e") and not letters.endswith(("le", "ee", "ie", "oe", "ye")) and groups > 1
    ending = letters.endswith("ed") and not letters.endswith(("ted", "ded")) and groups > 1
    return max(1, groups - silent - ending)


@lru_cache(512)
def school_years(text: str) -> float:
    """How many years of school reading an English text takes, by the Flesch–Kincaid formula.

    0.39 · words per sentence + 11.8 · syllables per word − 15.59: Kincaid, J. P., Fishburne, R. P., Rogers, R. L., &
    Chissom, B. S. (1975), Research Branch Report 8-75, Naval Technical Training Command.
    """
    found = sentences(text)
    words = [word for sentence in found for word in read_words(sentence)]
    if not words:
        return 0.0
    spoken = sum(syllables(word) for word in words)
    return 0.39 * len(words) / len(found) + 11.8 * spoken / len(words) - 15.59


@lru_cache(512)
def written_in(text: str, words: WordList) -> bool:
    """Whether a text seems to be in a language: one word in six is one of its function words."""
    said = plain_words(text[:CHARACTERS_READ])
    return 6 * sum(word in words.function for word in said) >= len(said) > 0


def begins(sentence: str, count: int = 8) -> str:
    """The first words of a sentence, to point at it."""
    words = sentence.split()
    return sentence if len(words) <= count else " ".join(words[:count]) + " …"
