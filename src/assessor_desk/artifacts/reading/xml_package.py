"""The parts of an Office or OpenDocument file: checked as a whole, then read without entities or network."""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from typing import BinaryIO, cast

from lxml import etree

from assessor_desk.artifacts.packages import doctype_faults, package_faults
from assessor_desk.artifacts.reading.source import Source
from assessor_desk.domain.errors import Refused

FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    etree.LxmlError,
    RecursionError,
    ArithmeticError,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    RuntimeError,
    SyntaxError,
)
"""What a broken document makes its readers raise."""

LARGEST_FILE = 100_000_000
_LARGEST_PICTURE = 60_000_000
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class XmlPackage:
    """An open package. Raises `Refused` for one that must not be opened (see `artifacts.packages`)."""

    def __init__(self, source: Source) -> None:
        if source.size() > LARGEST_FILE:
            raise Refused(f"“{source.name}” is too large to show: more than {LARGEST_FILE // 10**6} MB.")
        reader = cast("BinaryIO", source)
        faults = package_faults(reader, source.name) or doctype_faults(reader, source.name)
        source.check()
        if faults:
            raise Refused(faults[0])
        source.seek(0)
        self._zip = zipfile.ZipFile(reader)
        self.names = frozenset(self._zip.namelist())

    def tree(self, name: str) -> etree._Element:
        """A part as a tree. Raises one of `FAULTS`."""
        return parsed(self._zip.read(name))

    def tree_or_none(self, name: str) -> etree._Element | None:
        """A part that may be missing, or damaged while the rest can be read."""
        if name not in self.names:
            return None
        try:
            return self.tree(name)
        except etree.XMLSyntaxError:
            return None

    def data(self, name: str) -> bytes:
        """The bytes of a part, a picture mostly; empty for one that is not there or too large."""
        if name not in self.names or self._zip.getinfo(name).file_size > _LARGEST_PICTURE:
            return b""
        return self._zip.read(name)

    def size(self, name: str) -> int:
        """Bytes of a part after inflating."""
        return self._zip.getinfo(name).file_size

    def relations(self, part: str) -> dict[str, str]:
        """Ids of what a part refers to within the package → names; what lies outside is never followed."""
        folder, name = posixpath.split(part)
        tree = self.tree_or_none(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, str] = {}
        for relation in () if tree is None else tree.iter(_RELATIONS):
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", "")))
                found[relation.get("Id", "")] = target.lstrip("/")
        return found

    def links(self, part: str) -> dict[str, str]:
        """Ids of what a part refers to outside the package → addresses, to be named and never followed."""
        folder, name = posixpath.split(part)
        tree = self.tree_or_none(posixpath.join(folder, "_rels", f"{name}.rels"))
        relations = () if tree is None else tree.iter(_RELATIONS)
        return {
            each.get("Id", ""): each.get("Target", "")
            for each in relations
            if each.get("TargetMode") == "External"
        }


def parsed(data: bytes) -> etree._Element:
    """XML without entities, DTDs, network or unlimited depth."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(data, parser)
