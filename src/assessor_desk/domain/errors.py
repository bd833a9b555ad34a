"""What can go wrong, sorted by who can do something about it.

    DeskError
    ├── Refused       the request cannot be carried out as asked; nothing was changed     (exit 1)
    ├── Unavailable   a source, the network or the disk is not there right now            (exit 3)
    └── Damaged       bytes are not what they were signed, sealed or recorded to be       (exit 4)

Everything else that escapes is a defect of the program, and is reported as one.
"""

from __future__ import annotations

import re

_NAMES_A_FILE = re.compile(r"\S*[./\\]\w")


class DeskError(Exception):
    """A failure with a sentence for the person: what happened, to which thing, and what to do."""


class Refused(DeskError):
    """The request cannot be carried out as asked; nothing was changed."""


class WrongPassphrase(Refused):
    """A passphrase or recovery key does not open what it was tried on."""


class OthersUnheard(Refused):
    """The person's other computers could not be heard before something was sealed; it may be sealed all the same."""


class ChangedElsewhere(Refused):
    """What was to be sealed, or done, is about something else than the person saw.

    One of their other computers sealed it, or wrote more; or a round brought something else.
    """


class Unavailable(DeskError):
    """A source, the network or the disk is not available right now; trying later may work."""


class NoRoom(Unavailable):
    """The disk is full. What needs less room may still succeed."""


class Damaged(DeskError):
    """Bytes are not what they were recorded to be; the sentence names the damaged thing."""


class Restorable(Damaged):
    """The desk's database is damaged, missing or older than it was: restoring it from a snapshot helps."""


EXIT_CODES: dict[type[DeskError], int] = {Refused: 1, Unavailable: 3, Damaged: 4}


def exit_code(error: DeskError) -> int:
    """The exit code of DESIGN §5 for `error`; an unsorted DeskError counts as refused."""
    return next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), 1)


def sentence(error: BaseException) -> str:
    """One line a person can act on: the error's own words, first letter upright, closed by a full stop.

    A file's name at the beginning stays as it is written.
    """
    words = " ".join(str(error).split()) or f"Something unexpected happened ({type(error).__name__})"
    if not _NAMES_A_FILE.match(words):
        words = words[0].upper() + words[1:]
    return words if words[-1] in ".!?…”" else f"{words}."
