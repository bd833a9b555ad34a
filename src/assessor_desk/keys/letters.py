"""Letters for one reader: encrypted to an X25519 key in the format age (https://age-encryption.org/v1).

For what travels on a stick. A letter says nothing of who wrote it: what is in it must. Letters are read and written as
a whole in memory, so that nothing of them is ever on a disk in the open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from assessor_desk.domain.errors import Damaged, Refused


@dataclass(frozen=True)
class LetterKey:
    """What opens the letters that were encrypted to `recipient`. `secret` is age's text form of it."""

    secret: str = field(repr=False)

    @classmethod
    def generate(cls) -> LetterKey:
        """A new random key."""
        from pyrage import x25519

        return cls(str(x25519.Identity.generate()))

    @cached_property
    def recipient(self) -> str:
        """What others encrypt to: `age1…`, 62 characters."""
        from pyrage import x25519

        return str(x25519.Identity.from_str(self.secret).to_public())

    def open(self, sealed: bytes, name: str) -> bytes:
        """What is in a letter. Raises Refused for one that is for another key, Damaged for one that is not whole."""
        import pyrage

        try:
            content: bytes = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(self.secret)])
        except pyrage.DecryptError as error:
            if "No matching keys" in str(error):
                raise Refused(f"{name} is encrypted to another key, and cannot be read here") from error
            raise Damaged(f"{name} is damaged: it was cut off or changed") from error
        return content


def seal_letter(content: bytes, recipient: str) -> bytes:
    """A letter that only the key of `recipient` opens."""
    import pyrage

    sealed: bytes = pyrage.encrypt(content, [_recipient(recipient)])
    return sealed


def refuse_no_recipient(recipient: str) -> None:
    """Raise Refused for a text that nobody can encrypt to."""
    _recipient(recipient)


def _recipient(text: str) -> object:
    import pyrage

    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise Refused("The encryption key of the request cannot be read") from error
