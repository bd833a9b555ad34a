"""What a viewer of recordings can be asked to do from anywhere in the window."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


class Playback(Protocol):
    """The clock of a recording."""

    playing: bool

    def seek_by(self, ms: int) -> None:
        """Go forwards or back, in milliseconds."""


@runtime_checkable
class Playing(Protocol):
    """A viewer that plays."""

    playback: Playback

    def toggle_play(self) -> None:
        """Play, or pause."""

    def pause_to_write(self) -> bool:
        """Pause because somebody began to write, where they want that; whether it was playing, and paused."""

    def resume(self) -> None:
        """Go on from a little before."""
