"""Typed preferences, kept as one JSON file in the desk folder.

Nothing of a submission belongs here: the file is not encrypted. What another version of the program wrote
stays in the file untouched, and a file that cannot be read is set aside, never overwritten.
"""

import json
import os
from pathlib import Path
from typing import Final, Self, TypeVar

from assessor_desk.domain.errors import Unavailable
from assessor_desk.places.flushing import flush

FILE_NAME: Final = "settings.json"
#: Bounds what is fetched and sent, in kB a second; 0 is no bound.
KILOBYTES: Final = "most_kilobytes_a_second"
#: How many bytes evidence may take on this disk; 0: by what is free.
EVIDENCE_BYTES: Final = "evidence_bytes"

Preference = str | int | float | bool | list[str] | dict[str, str]
P = TypeVar("P", bound=Preference)


class Settings:
    """The preferences of one desk; `notice` is a sentence for the person when their file was set aside.

    No dataclass: they are read before the first paint, and nothing else needs that module until then.
    """

    def __init__(self, path: Path, notice: str = "", values: dict[str, object] | None = None) -> None:
        self.path = path
        self.notice = notice
        self._values = values or {}

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the preferences of the desk in `folder`; none there yet means all defaults."""
        path = folder / FILE_NAME
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls(path)
        except ValueError:
            return cls(path, notice=_set_aside(path))
        if not isinstance(values, dict):
            return cls(path, notice=_set_aside(path))
        return cls(path, values=values)

    def get(self, key: str, default: P) -> P:
        """The preference kept under `key` if it is of the default's type, else the default."""
        value = self._values.get(key)
        if isinstance(default, float) and type(value) is int:
            return type(default)(value)
        return value if type(value) is type(default) else default

    def set(self, key: str, value: Preference) -> None:
        """Keep a preference; it is on disk when this returns. `Unavailable` when the disk refuses."""
        if self._values.get(key) == value and type(self._values.get(key)) is type(value):
            return
        self._values[key] = value
        self._write()

    def _write(self) -> None:
        fresh = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with fresh.open("w", encoding="utf-8") as file:
                json.dump(self._values, file, indent=2, ensure_ascii=False, sort_keys=True)
                file.flush()
                flush(file.fileno())
            fresh.replace(self.path)
            _flush(self.path.parent)
        except OSError as error:
            raise Unavailable(
                f"The preferences in {self.path} could not be saved: {error.strerror}"
            ) from error


def _flush(folder: Path) -> None:
    """Make the rename last; Windows has no such call and does not need it."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            flush(descriptor)
        finally:
            os.close(descriptor)


def _set_aside(path: Path) -> str:
    """Rename the damaged file to a name that is free; a sentence about it."""
    number = 1
    while (kept := path.with_name(f"settings-damaged-{number}.json")).exists():
        number += 1
    path.rename(kept)
    return f"The preferences in {path.name} could not be read; they were set aside as {kept.name}."
