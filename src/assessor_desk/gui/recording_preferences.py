"""How a person wants recordings played; kept with the desk's settings. Nothing of a recording is in it."""

from __future__ import annotations

from typing import TypeVar

from assessor_desk.settings import Preference, Settings

PRE_ROLLS_S = (0, 2, 5, 10, 15)
"""Seconds that an anchor may be played from before it begins."""


P = TypeVar("P", bound=Preference)


class RecordingPreferences:
    """Typed preferences over a desk's settings; without those they hold for as long as this object."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings
        self._unkept: dict[str, Preference] = {}

    def _get(self, key: str, default: P) -> P:
        key = f"recording_{key}"
        if self._settings is not None:
            return self._settings.get(key, default)
        value = self._unkept.get(key, default)
        return value if type(value) is type(default) else default

    def _set(self, key: str, value: Preference) -> None:
        key = f"recording_{key}"
        if self._settings is not None:
            self._settings.set(key, value)
        else:
            self._unkept[key] = value

    @property
    def pre_roll_s(self) -> int:
        """Seconds before an anchor from which it is played: what led to it belongs to the evidence."""
        return min(60, max(0, self._get("pre_roll_s", 5)))

    @pre_roll_s.setter
    def pre_roll_s(self, value: int) -> None:
        self._set("pre_roll_s", value)

    @property
    def stops_after_span(self) -> bool:
        """Whether playing an anchor's span pauses at its end, or goes on."""
        return self._get("stops_after_span", True)

    @stops_after_span.setter
    def stops_after_span(self, value: bool) -> None:
        self._set("stops_after_span", value)

    @property
    def pauses_for_writing(self) -> bool:
        """Whether writing a text of the review pauses the recording."""
        return self._get("pauses_for_writing", True)

    @pauses_for_writing.setter
    def pauses_for_writing(self, value: bool) -> None:
        self._set("pauses_for_writing", value)

    @property
    def rate(self) -> float:
        """The speed it was played at last, one of `playback.RATES`."""
        return self._get("rate", 1.0)

    @rate.setter
    def rate(self, value: float) -> None:
        self._set("rate", value)

    @property
    def volume(self) -> float:
        """From 0 to 1, as the ear hears it."""
        return min(1.0, max(0.0, self._get("volume", 1.0)))

    @volume.setter
    def volume(self, value: float) -> None:
        self._set("volume", value)

    @property
    def muted(self) -> bool:
        """Whether nothing is heard."""
        return self._get("muted", False)

    @muted.setter
    def muted(self, value: bool) -> None:
        self._set("muted", value)

    @property
    def captions(self) -> bool:
        """Whether captions are shown where there are any."""
        return self._get("captions", True)

    @captions.setter
    def captions(self, value: bool) -> None:
        self._set("captions", value)

    @property
    def transcript(self) -> bool:
        """Whether the transcript is shown where there is one."""
        return self._get("transcript", True)

    @transcript.setter
    def transcript(self, value: bool) -> None:
        self._set("transcript", value)

    @property
    def transcript_share(self) -> float:
        """The part of the viewer that the transcript takes."""
        return min(0.7, max(0.15, self._get("transcript_share", 0.34)))

    @transcript_share.setter
    def transcript_share(self, value: float) -> None:
        self._set("transcript_share", round(value, 3))

    @property
    def own_window(self) -> str:
        """The place of the recording's own window, as Qt wrote it."""
        return self._get("own_window", "")

    @own_window.setter
    def own_window(self, value: str) -> None:
        self._set("own_window", value)
