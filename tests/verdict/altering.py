"""Packets altered in one way at a time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessor_desk.packets.archive import zip_bytes
from assessor_desk.packets.facts import sha256
from assessor_desk.verdict.archive import parse_archive


@dataclass(frozen=True)
class Sealed:
    """A packet in memory."""

    content: bytes
    digest: str

    @property
    def top(self) -> str:
        """The name of its folder."""
        return parse_archive(self.content).top

    @property
    def files(self) -> dict[str, bytes]:
        """Its files by name."""
        return dict(parse_archive(self.content).files)

    def with_files(self, changes: Mapping[str, bytes | None]) -> bytes:
        """The packet with files replaced, added, or (None) removed, archived as this program would."""
        files = {**self.files, **changes}
        return zip_bytes(self.top, {name: content for name, content in files.items() if content is not None})

    def with_manifests_written_again(self, changes: Mapping[str, bytes]) -> bytes:
        """The packet with files replaced and both manifests made to fit: what a forger without a key can do."""
        files = {**self.files, **changes}
        payload = {name: content for name, content in files.items() if name.startswith("data/")}
        files["manifest-sha256.txt"] = _listed(payload)
        sizes = sum(map(len, payload.values()))
        lines = files["bag-info.txt"].decode().splitlines()
        oxum = [
            f"Payload-Oxum: {sizes}.{len(payload)}" if line.startswith("Payload-Oxum") else line
            for line in lines
        ]
        files["bag-info.txt"] = ("\n".join(oxum) + "\n").encode()
        tags = ("bagit.txt", "bag-info.txt", "VERIFY.txt", "certs/chain.pem", "manifest-sha256.txt")
        files["tagmanifest-sha256.txt"] = _listed({name: files[name] for name in tags})
        return zip_bytes(self.top, files)


def _listed(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{sha256(content)}  {name}\n" for name, content in sorted(files.items())).encode()


def archived(members: list[tuple[str | zipfile.ZipInfo, bytes]], **options: Any) -> bytes:
    """A ZIP by Python's own writer, with whatever members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def flipped(content: bytes, position: int, bit: int = 0) -> bytes:
    """The bytes with one bit turned over."""
    altered = bytearray(content)
    altered[position] ^= 1 << bit
    return bytes(altered)
