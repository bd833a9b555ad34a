"""What a disk may hold after the power went, made from a record of everything that was written.

The record (`recorder.c`) is in the order in which things happened. What is sure to be there after a cut: bytes and
lengths of a file up to its last flush, and names in a folder up to the folder's last flush, as POSIX has it
(https://pubs.opengroup.org/onlinepubs/9699919799/functions/fsync.html). Everything else may be there or not, in any
combination, the last bytes only in part, in whole sectors of 512 bytes. A name is either the old or the new one: a
renaming is there once the folder of the new name was flushed.
"""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

_HEAD = struct.Struct("=cIQI")
_SECTOR = 512
#: Made anew whenever they are needed: memory shared by processes.
_NEVER_ON_DISK = ("-shm",)


class Losing(StrEnum):
    """Which part of what was not flushed is lost."""

    ALL = "all"
    NOTHING = "nothing"
    THE_END = "the end"
    ANYTHING = "anything"


@dataclass
class Step:
    """One change of a file's bytes, or of names. `sure` is when it was flushed; None where that never happened."""

    at: int
    kind: str
    bytes: bytes = b""
    offset: int = 0
    names: tuple[str, ...] = ()
    inode: int = -1
    waits_for: set[str] = field(default_factory=set)
    sure: int | None = None


@dataclass
class Record:
    """A writing session. `marks` are what the writer said, and when."""

    begun: dict[str, bytes]
    folders: set[str]
    names: list[Step] = field(default_factory=list)
    content: dict[int, list[Step]] = field(default_factory=dict)
    inode_of: dict[str, int] = field(default_factory=dict)
    began_with: dict[int, bytes] = field(default_factory=dict)
    marks: list[tuple[int, list[Any]]] = field(default_factory=list)
    length: int = 0
    kinds: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, log: Path, root: Path, before: Path) -> Record:
        """Of a session in `root`, which held the same as `before` when it began."""
        found = list(before.rglob("*"))
        names = {path: str(root / path.relative_to(before)) for path in found}
        record = cls(
            {names[path]: path.read_bytes() for path in found if path.is_file()},
            {str(root), *(names[path] for path in found if path.is_dir())},
        )
        for number, (name, content) in enumerate(record.begun.items()):
            record.inode_of[name] = number
            record.began_with[number] = content
            record.content[number] = []
        for kind, name, offset, data in _entries(log.read_bytes()):
            record._take(kind, name, offset, data)
        return record

    def _take(self, kind: str, name: str, offset: int, data: bytes) -> None:
        self.length += 1
        self.kinds.append(kind)
        at = self.length
        if kind == "m":
            self.marks.append((at, json.loads(data)))
        elif name.split("\x01")[0].endswith(_NEVER_ON_DISK):
            return
        elif kind == "o":
            number = len(self.began_with)
            self.inode_of[name], self.began_with[number], self.content[number] = number, b"", []
            self._name(Step(at, kind, names=(name,), inode=number))
        elif kind in "wt":
            inode = self.inode_of[name]
            self.content[inode].append(Step(at, kind, data, offset))
        elif kind == "s":
            for step in self.content[self.inode_of[name]]:
                step.sure = step.sure or at
        elif kind == "f":
            self._flush_folder(name, at)
        elif kind == "r":
            source, target = name.split("\x01")
            self.inode_of[target] = self.inode_of.pop(source)
            self._name(Step(at, kind, names=(source, target), inode=self.inode_of[target]))
        else:
            if kind == "u":
                self.inode_of.pop(name)
            self._name(Step(at, kind, names=(name,)))

    def _name(self, step: Step) -> None:
        step.waits_for = {str(Path(step.names[-1]).parent)}
        self.names.append(step)

    def _flush_folder(self, folder: str, at: int) -> None:
        for step in self.names:
            step.waits_for.discard(folder)
            if not step.waits_for and step.sure is None:
                step.sure = at

    def renamed(self) -> list[Step]:
        """Files that took the name of another, as what is written beside a file and put in its place does."""
        return [step for step in self.names if step.kind == "r"]

    def renamed_too_early(self) -> list[str]:
        """Those of which some byte was not flushed by then: the name may last and the bytes not."""

        def unflushed(renaming: Step) -> bool:
            written = (step for step in self.content[renaming.inode] if step.at < renaming.at)
            return any(step.sure is None or step.sure > renaming.at for step in written)

        return [step.names[1] for step in self.renamed() if unflushed(step)]

    def forget_flushes(self) -> None:
        """As if the program had never flushed anything."""
        for step in (*self.names, *(one for steps in self.content.values() for one in steps)):
            step.sure = None

    def acknowledged(self, cut: int) -> list[list[Any]]:
        """What the writer had said by then."""
        return [said for at, said in self.marks if at <= cut]

    def write_state(self, root: Path, target: Path, cut: int, losing: Losing, chance: random.Random) -> None:
        """One of the states that a disk may be in when the power goes after so many changes."""
        end = chance.randint(0, cut) if losing is Losing.THE_END else cut

        def there(step: Step) -> bool:
            if step.at > cut:
                return False
            if step.sure is not None and step.sure <= cut:
                return True
            kept: dict[Losing, Callable[[], bool]] = {
                Losing.ALL: lambda: False,
                Losing.NOTHING: lambda: True,
                Losing.THE_END: lambda: step.at <= end,
                Losing.ANYTHING: lambda: chance.random() < 0.5,
            }
            return kept[losing]()

        files, folders = self._names_then(there)
        for folder in sorted(folders):
            (target / Path(folder).relative_to(root)).mkdir(parents=True, exist_ok=True)
        for name, inode in files.items():
            path = target / Path(name).relative_to(root)
            if path.parent.is_dir():
                path.write_bytes(self._bytes_then(inode, there, losing, chance, cut))

    def _names_then(self, there: Callable[[Step], bool]) -> tuple[dict[str, int], set[str]]:
        files = {name: number for number, name in enumerate(self.begun)}
        folders = set(self.folders)
        for step in self.names:
            if not there(step):
                continue
            name = step.names[0]
            if step.kind == "o":
                files[name] = step.inode
            elif step.kind == "d":
                folders.add(name)
            elif step.kind == "x":
                folders.discard(name)
            elif step.kind == "u":
                files.pop(name, None)
            else:  # the new name stands for the file, whether or not the folder of the old one ever knew it
                files.pop(name, None)
                files[step.names[1]] = step.inode
        return files, folders

    def _bytes_then(
        self, inode: int, there: Callable[[Step], bool], losing: Losing, chance: random.Random, cut: int
    ) -> bytes:
        content = bytearray(self.began_with[inode])
        unsure = [
            one for one in self.content[inode] if one.at <= cut and (one.sure is None or one.sure > cut)
        ]
        for step in self.content[inode]:
            if not there(step):
                continue
            data = step.bytes
            if losing in (Losing.THE_END, Losing.ANYTHING) and unsure and step is unsure[-1]:
                data = data[: chance.randint(0, len(data)) // _SECTOR * _SECTOR]
            if step.kind == "t":
                del content[step.offset :]
                content.extend(bytes(step.offset - len(content)))
            elif data:
                content.extend(bytes(max(0, step.offset - len(content))))
                content[step.offset : step.offset + len(data)] = data
        return bytes(content)


def _entries(log: bytes) -> Iterator[tuple[str, str, int, bytes]]:
    at = 0
    while at + _HEAD.size <= len(log):
        kind, named, offset, length = _HEAD.unpack_from(log, at)
        at += _HEAD.size
        name, data = log[at : at + named].decode(), log[at + named : at + named + length]
        at += named + length
        yield kind.decode(), name, offset, data
