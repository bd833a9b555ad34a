"""Words in a text that may identify somebody (F10): repeated wherever a text is about to leave."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from .submission import Submission

# A word is begun at its beginning only and has a bound, so that long text without spaces takes no longer than other.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{0,200}\w")
_TELEPHONE = re.compile(r"(?<![\w:.,–-])\+?\(?\d{2,4}\)?(?:[\s./-]\d{2,4}){2,4}(?![\w:])")
_TITLED_NAME = re.compile(r"\b(?:Mrs?|Ms|Mx|Miss|Dr|Prof|Sr|Sra|Herr|Frau)\.?\s+[A-Z][\w'’-]+")
_FILE_NAME = re.compile(
    r"(?<![\w-])[\w-]{1,200}\.(?:docx?|pdf|mp4|mov|jpe?g|png|heic|pptx?|xlsx?)\b", re.IGNORECASE
)


_LETTERS = re.compile(r"[^\W\d_]+")
#: A word of so many letters may be an ordinary one as well.
_SHORT = 4


def bare_words(text: str) -> list[str]:
    """Words of two letters and more in lower case and without accents, which names often lose.

    Arabic and Han stay as they are.
    """
    plain = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D"))
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return [word for word in _LETTERS.findall(bare.casefold()) if len(word) > 1]


def named_in(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """The words of `text`, as they stand there, that are among the words of `names`.

    A short one counts only where it is written as a name: “Do” is one, “do” is not. In a script without capitals
    each is.
    """
    telling = {word for name in names for word in bare_words(name)}
    found = (word for word in _LETTERS.findall(text) if telling.intersection(bare_words(word)))
    return tuple(dict.fromkeys(word for word in found if len(word) > _SHORT or not word.islower()))


@lru_cache(1024)
def identifying_words(text: str, names: tuple[str, ...] = (), files: tuple[str, ...] = ()) -> str | None:
    """The first words in `text` that may identify a person, or None.

    E-mail addresses, telephone numbers, names after a title, file names other than the submission's own `files`, and
    the `names` that the source knows. Remembered, since the checks ask after every key press.
    """
    for pattern in (_EMAIL, _TELEPHONE, _TITLED_NAME):
        if found := pattern.search(text):
            return found.group()
    own_files = {name.casefold() for name in files}
    for found in _FILE_NAME.finditer(text):
        if found.group().casefold() not in own_files:
            return found.group()
    return next(iter(named_in(text, names)), None) if names else None


def identifies(text: str, submission: Submission) -> str | None:
    """The first words in a text about this submission that may identify a person, or None."""
    return identifying_words(text, submission.name_words, tuple(one.name for one in submission.artifacts))
