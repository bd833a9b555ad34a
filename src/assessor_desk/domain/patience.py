"""How long the next try waits after wrong passphrases."""

from __future__ import annotations

from .errors import Refused

_FREE_TRIES = 2
_LONGEST_WAIT = 30


class TooSoon(Refused):
    """Another passphrase may be tried in `seconds`."""

    def __init__(self, seconds: int) -> None:
        one = "one second" if seconds == 1 else f"{seconds} seconds"
        super().__init__(
            f"After several wrong passphrases the next may be tried in {one}. Nothing was changed"
        )
        self.seconds = seconds


def seconds_to_wait(refusals: int) -> int:
    """After so many wrong tries in a row: nothing at first, then twice as long each time."""
    return min(_LONGEST_WAIT, 2 ** min(refusals - _FREE_TRIES, 10)) if refusals > _FREE_TRIES else 0
