"""What a person set in this window, typed, kept in the desk folder's settings file.

Nothing of a submission is in it.
"""

from __future__ import annotations

from collections.abc import Mapping

from assessor_desk.gui.theme import Appearance
from assessor_desk.settings import KILOBYTES, Settings


class Preferences:
    """The window's preferences over the desk's settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def kept(self) -> Settings:
        """What they are kept in."""
        return self._settings

    @property
    def appearance(self) -> Appearance:
        """Light, dark, high contrast, or as the system says."""
        value = self._settings.get("appearance", "system")
        return Appearance(value) if value in list(Appearance) else Appearance.SYSTEM

    @appearance.setter
    def appearance(self, value: Appearance) -> None:
        self._settings.set("appearance", str(value))

    @property
    def text_size(self) -> float:
        """Times the normal text, 0.8 to 2."""
        return min(2.0, max(0.8, self._settings.get("text_size", 1.0)))

    @text_size.setter
    def text_size(self, value: float) -> None:
        self._settings.set("text_size", value)

    @property
    def single_keys(self) -> bool:
        """Whether keys without a modifier act."""
        return bool(self._settings.get("single_keys", True))

    @single_keys.setter
    def single_keys(self, value: bool) -> None:
        self._settings.set("single_keys", value)

    @property
    def sync_minutes(self) -> int:
        """Minutes between rounds, 0 for only when asked."""
        return int(self._settings.get("sync_minutes", 5))

    @sync_minutes.setter
    def sync_minutes(self, value: int) -> None:
        self._settings.set("sync_minutes", value)

    @property
    def lock_minutes(self) -> int:
        """After so many minutes in which nobody is there the window is locked, 0 for never."""
        return int(self._settings.get("lock_minutes", 15))

    @lock_minutes.setter
    def lock_minutes(self, value: int) -> None:
        self._settings.set("lock_minutes", value)

    @property
    def pause_on_metered(self) -> bool:
        """Whether rounds that nobody asked for wait while the connection is paid for by volume."""
        return bool(self._settings.get("pause_on_metered", True))

    @pause_on_metered.setter
    def pause_on_metered(self, value: bool) -> None:
        self._settings.set("pause_on_metered", value)

    @property
    def most_kilobytes(self) -> int:
        """How many kB a second are fetched and sent at most, 0 for as many as come."""
        return max(0, self._settings.get(KILOBYTES, 0))

    @most_kilobytes.setter
    def most_kilobytes(self, value: int) -> None:
        self._settings.set(KILOBYTES, value)

    @property
    def originals_overnight(self) -> bool:
        """Whether rounds at night fetch recordings too of which small renditions are here."""
        return bool(self._settings.get("originals_overnight", False))

    @originals_overnight.setter
    def originals_overnight(self, value: bool) -> None:
        self._settings.set("originals_overnight", value)

    @property
    def remembered(self) -> bool:
        """Whether the system's keyring was given a key to this desk, so that it opens without asking."""
        return bool(self._settings.get("remembered", False))

    @remembered.setter
    def remembered(self, value: bool) -> None:
        self._settings.set("remembered", value)

    @property
    def export_format(self) -> str:
        """What was exported last, one of `ExportFormat`."""
        # Imported here, because preferences are read before the first paint.
        from assessor_desk.domain.exports import ExportFormat

        value = self._settings.get("export_format", ExportFormat.PACKET.value)
        return value if value in list(ExportFormat) else ExportFormat.PACKET.value

    @export_format.setter
    def export_format(self, value: str) -> None:
        self._settings.set("export_format", value)

    @property
    def export_folder(self) -> str:
        """Where it went; empty before anything was exported."""
        return str(self._settings.get("export_folder", ""))

    @export_folder.setter
    def export_folder(self, value: str) -> None:
        self._settings.set("export_folder", value)

    @property
    def release_how(self) -> str:
        """How reports were released last: `folder` or `hub`."""
        return "folder" if self._settings.get("release_how", "hub") == "folder" else "hub"

    @release_how.setter
    def release_how(self, value: str) -> None:
        self._settings.set("release_how", value)

    @property
    def release_folder(self) -> str:
        """The folder for them; empty before one was chosen."""
        return str(self._settings.get("release_folder", ""))

    @release_folder.setter
    def release_folder(self, value: str) -> None:
        self._settings.set("release_folder", value)

    @property
    def geometry(self) -> str:
        """The window's place, as Qt wrote it."""
        return str(self._settings.get("geometry", ""))

    @geometry.setter
    def geometry(self, value: str) -> None:
        self._settings.set("geometry", value)

    @property
    def pane_widths(self) -> list[int]:
        """Widths of inbox, evidence and rubric in pixels; empty before they were ever moved."""
        widths = self._settings.get("pane_widths", "")
        parts = widths.split(",")
        return [int(one) for one in parts] if all(part.isdecimal() for part in parts) else []

    @pane_widths.setter
    def pane_widths(self, value: list[int]) -> None:
        self._settings.set("pane_widths", ",".join(map(str, value)))

    @property
    def inbox_shown(self) -> bool:
        """Whether the inbox is unfolded."""
        return bool(self._settings.get("inbox_shown", True))

    @inbox_shown.setter
    def inbox_shown(self, value: bool) -> None:
        self._settings.set("inbox_shown", value)

    @property
    def evidence_arrangement(self) -> str:
        """How the evidence pane was laid out, in its own words; empty before it ever was otherwise than usual."""
        return self._settings.get("evidence_arrangement", "")

    @evidence_arrangement.setter
    def evidence_arrangement(self, value: str) -> None:
        self._settings.set("evidence_arrangement", value)

    @property
    def own_keys(self) -> dict[str, tuple[str, ...]]:
        """Action id → keys, of the actions whose keys the person changed."""
        stored: Mapping[str, str] = self._settings.get("keys", {})
        return {id_: tuple(filter(None, keys.split(" "))) for id_, keys in stored.items()}

    @own_keys.setter
    def own_keys(self, value: Mapping[str, tuple[str, ...]]) -> None:
        self._settings.set("keys", {id_: " ".join(keys) for id_, keys in value.items()})
