"""Reading a packet's ZIP (APPNOTE 6.3) so that there is one way to understand it, in memory only.

A ZIP says most things twice, and readers differ in which they believe. Here both must agree, members must fill
the file from the first byte to the directory without gap or overlap, and names must mean the same everywhere.
What could not be read safely is refused; what is merely odd is a trouble, told beside what the members hold.
"""

from __future__ import annotations

import stat
import struct
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from assessor_desk.domain.errors import Damaged, Refused

LARGEST_FILE = 256 << 20
LARGEST_CONTENT = 512 << 20
MOST_MEMBERS = 256
LARGEST_RATIO = 200
"""Packets hold little that shrinks by more than 20; a bomb shrinks by 1,000."""

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED, _STREAMED, _UTF8, _LEVEL = 0x1, 0x8, 0x800, 0x6
_STORED, _DEFLATED = 0, 8
_HARMLESS_EXTRA = {0x5455, 0x7875, 0x000A}  # times and owners, as Info-ZIP and Windows write them
_INFO_ZIP = 0x031E  # the one writer known to guess which files are text, and to note it


@dataclass(frozen=True, slots=True)
class _Member:
    made_by: int
    shared: tuple[int, ...]  # needed, flags, method, time, date, crc, packed, size: said twice
    name: bytes
    extra: bytes
    text_flag: int
    attributes: int
    offset: int

    @property
    def flags(self) -> int:
        return self.shared[1]

    @property
    def method(self) -> int:
        return self.shared[2]

    @property
    def crc(self) -> int:
        return self.shared[5]

    @property
    def packed(self) -> int:
        return self.shared[6]

    @property
    def size(self) -> int:
        return self.shared[7]

    @property
    def words(self) -> str:
        """The name for people."""
        return self.name.decode("utf-8", "replace")

    @property
    def is_folder(self) -> bool:
        return self.name.endswith(b"/")


@dataclass(slots=True)
class Archive:
    """What a packet's ZIP holds: the one top folder, the files below it, and what is odd about the archive."""

    top: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    outside: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def read_archive(path: Path) -> Archive:
    """Read the ZIP at `path`. Raises Refused where there is none, Damaged where it cannot be read as a ZIP."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise Damaged("The file is too large for a packet")
        data = path.read_bytes()
    except OSError as trouble:
        raise Refused(f"The packet {path} cannot be read: {trouble.strerror or trouble}") from trouble
    return parse_archive(data)


def parse_archive(data: bytes, room: int = LARGEST_CONTENT) -> Archive:
    """Read a ZIP held in memory, of at most `room` bytes unpacked. Raises Damaged where it cannot be read as one."""
    members, directory = _directory(data)
    if sum(member.size for member in members) > room:
        raise Damaged("The archive unpacks to more than a packet may hold")
    archive = Archive(troubles=[*_odd_directory(members), *_odd_layout(data, members, directory)])
    contents: dict[str, bytes] = {}
    for member in members:
        archive.troubles += _odd_member(member)
        if not member.is_folder and (content := _content(data, member, archive.troubles)) is not None:
            contents.setdefault(member.words, content)
    _sort_by_top(archive, contents)
    return archive


def _directory(data: bytes) -> tuple[list[_Member], int]:
    """The members as the central directory lists them, and where it starts."""
    if len(data) < _END.size:
        raise Damaged("This is no ZIP archive")
    start = len(data) - _END.size
    signature, *numbers = _END.unpack_from(data, start)
    disk, other_disk, here, count, size, offset, remark = numbers
    if signature != b"PK\5\6" or remark:
        raise Damaged(
            "The archive does not end where its directory ends: it is no ZIP, cut short, or has bytes added"
        )
    if disk or other_disk or here != count or offset + size != start:
        raise Damaged("The archive's end record and its directory disagree")
    if not 0 < count <= MOST_MEMBERS:
        raise Damaged(f"The archive has {count} members; a packet has between 1 and {MOST_MEMBERS}")
    return _members(data, offset, start, count), offset


def _members(data: bytes, position: int, end: int, count: int) -> list[_Member]:
    members = []
    for number in range(1, count + 1):
        if position + _CENTRAL.size > end:
            raise Damaged("The archive's directory is cut short")
        signature, made_by, *rest = _CENTRAL.unpack_from(data, position)
        shared, (names, extras, remarks, disk, text_flag, attributes, offset) = tuple(rest[:8]), rest[8:]
        name_at = position + _CENTRAL.size
        position = name_at + names + extras + remarks
        if signature != b"PK\1\2" or disk or remarks or position > end:
            raise Damaged(f"Line {number} of the archive's directory cannot be read")
        name = data[name_at : name_at + names]
        extra = data[name_at + names : name_at + names + extras]
        members.append(_Member(made_by, shared, name, extra, text_flag, attributes, offset))
    if position != end:
        raise Damaged("The archive's directory holds more than it counts")
    return members


def _odd_directory(members: list[_Member]) -> Iterator[str]:
    """Names that are there twice or look alike, and members that differ in what one writer gives all alike."""
    yield from (f"{name.decode('utf-8', 'replace')} is there twice" for name, n in _counted(members) if n > 1)
    alike = Counter(_folded(member.words) for member in members)
    yield from (
        f"{m.words} has a twin that differs only in case or form"
        for m in members
        if alike[_folded(m.words)] > 1
    )
    files = [member for member in members if not member.is_folder]
    usual = Counter((member.made_by, member.attributes) for member in files).most_common(1)
    odd = (member for member in files if (member.made_by, member.attributes) != usual[0][0])
    yield from (f"{member.words} has other attributes in the archive than the rest" for member in odd)


def _counted(members: list[_Member]) -> list[tuple[bytes, int]]:
    return list(Counter(member.name for member in members).items())


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _odd_layout(data: bytes, members: list[_Member], directory: int) -> Iterator[str]:
    """Members must follow one another from the first byte on, each saying of itself what the directory says."""
    expected = 0
    for member in sorted(members, key=lambda one: one.offset):
        if member.offset != expected:
            yield f"There are bytes before or around {member.words} that belong to no member"
        expected = member.offset + _local_size(data, member) + member.packed
        if not _agrees(data, member):
            yield f"{member.words} says other things of itself than the archive's directory says of it"
    if expected != directory:
        yield "There are bytes between the last member and the archive's directory"


def _local_size(data: bytes, member: _Member) -> int:
    if member.offset + _LOCAL.size > len(data):
        raise Damaged(f"{member.words} lies outside the archive")
    *_, names, extras = _LOCAL.unpack_from(data, member.offset)
    return int(_LOCAL.size + names + extras)


def _agrees(data: bytes, member: _Member) -> bool:
    signature, *shared, names, _extras = _LOCAL.unpack_from(data, member.offset)
    start = member.offset + _LOCAL.size
    extra = data[start + names : member.offset + _local_size(data, member)]
    named = data[start : start + names] == member.name
    return (
        signature == b"PK\3\4"
        and tuple(shared) == member.shared
        and named
        and _extra_ids(extra) <= _HARMLESS_EXTRA
    )


def _extra_ids(extra: bytes) -> set[int]:
    ids, position = set(), 0
    while position + 4 <= len(extra):
        identity, length = struct.unpack_from("<2H", extra, position)
        ids.add(identity)
        position += 4 + length
    return ids if position == len(extra) else {-1}


def _odd_member(member: _Member) -> Iterator[str]:
    if member.flags & _ENCRYPTED:
        yield f"{member.words} is encrypted"
    elif member.flags & ~(_UTF8 | _LEVEL):
        yield f"{member.words} has flags that a packet has no use for"
    if not _extra_ids(member.extra) <= _HARMLESS_EXTRA:
        yield f"{member.words} has extra fields that a packet has no use for"
    if member.text_flag and not (member.text_flag == 1 and member.made_by == _INFO_ZIP):
        yield f"{member.words} has internal attributes that a packet has no use for"
    if stat.S_ISLNK(member.attributes >> 16):
        yield f"{member.words} is a link"
    if problem := _name_problem(member):
        yield f"{member.words!r} is no name for a file in a packet: {problem}"
    if member.is_folder and member.size:
        yield f"{member.words} is a folder with content"


def _name_problem(member: _Member) -> str:
    try:
        name = member.name.decode("utf-8")
    except UnicodeDecodeError:
        return "it is not UTF-8"
    segments = name.removesuffix("/").split("/")
    if name.startswith("/") or "\\" in name or ":" in name:
        return "it is absolute or not portable"
    if any(segment in ("", ".", "..") for segment in segments):
        return "it leads out of its folder"
    if not (name.isascii() and name.isprintable()):
        return "it has characters that not every system writes alike"
    return ""


def _content(data: bytes, member: _Member, troubles: list[str]) -> bytes | None:
    """The member's bytes, None where they cannot be had; a wrong checksum is told, and the bytes given."""
    start = member.offset + _local_size(data, member)
    packed = data[start : start + member.packed]
    content = None if member.flags & _ENCRYPTED else _unpacked(packed, member)
    if content is None:
        troubles.append(f"{member.words} cannot be unpacked")
    elif len(content) != member.size or zlib.crc32(content) != member.crc:
        troubles.append(f"{member.words} has not the length or checksum that the archive says")
    return content


def _unpacked(packed: bytes, member: _Member) -> bytes | None:
    if member.method == _STORED:
        return packed
    if member.method != _DEFLATED or member.size > LARGEST_RATIO * max(len(packed), 1024):
        return None
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = inflating.decompress(packed, member.size + 1)
    except zlib.error:
        return None
    return content if inflating.eof and not inflating.unused_data else None


def _sort_by_top(archive: Archive, contents: dict[str, bytes]) -> None:
    """The folder that most files lie in is the packet; files elsewhere are outside it."""
    tops = Counter(name.partition("/")[0] for name in contents if "/" in name)
    archive.top = tops.most_common(1)[0][0] if tops else ""
    for name, content in contents.items():
        top, slash, below = name.partition("/")
        if slash and top == archive.top and below:
            archive.files[below] = content
        else:
            archive.outside.append(name)
