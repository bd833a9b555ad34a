"""What a hub declines over the network, with the HTTP status that says so."""

from __future__ import annotations

from assessor_desk.domain.errors import Refused


class Declined(Refused):
    """A request that a hub understood and does not carry out.

    `retry_after` is in seconds; `reason` is a `Problem`'s, for the program that asked.
    """

    def __init__(self, status: int, words: str, retry_after: int | None = None, reason: str = "") -> None:
        super().__init__(words)
        self.status = status
        self.retry_after = retry_after
        self.reason = reason
