"""One artifact and the ways to open it. Its bytes are decrypted in memory only, in the process that reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.submission import Artifact

if TYPE_CHECKING:
    from assessor_desk.artifacts.documents import Handle
    from assessor_desk.artifacts.kinds import Kind
    from assessor_desk.artifacts.media import MediaHandle
    from assessor_desk.artifacts.preflight import Preflight
    from assessor_desk.desk.readers import Readers


@dataclass(frozen=True)
class Evidence:
    """An artifact whose bytes are here. All but `artifact` blocks: call it on a side lane.

    Every way to open it raises Damaged for bytes that are not what was sealed, Refused for a file that must not
    or cannot be opened, Unavailable when its reader died of it; each names the file.
    """

    artifact: Artifact
    path: Path = field(repr=False)
    key: bytes = field(repr=False)
    readers: Readers = field(repr=False)
    captions_evidence: Evidence | None = field(default=None, repr=False)

    def kind(self) -> Kind:
        """What the artifact is, as its bytes tell."""
        from assessor_desk.artifacts.kinds import sniff
        from assessor_desk.artifacts.sealed_stream import open_sealed

        with open_sealed(self.path, self.key, self.artifact.name) as reader:
            return sniff(cast("Any", reader)).kind

    def open(self) -> Handle:
        """Open a document, picture or text in the documents' worker."""
        return self.readers.documents.open(self.path, self.key, self.artifact.name)

    def open_media(self) -> MediaHandle:
        """Open sound or video in the media worker."""
        return self.readers.media.open(self.path, self.key, self.artifact.name)

    def captions(self) -> str | None:
        """The captions' text (WebVTT or SRT), None where there are none or they are not here yet."""
        if self.captions_evidence is None:
            return None
        handle = self.captions_evidence.open()
        try:
            return str(getattr(handle, "text", "")) or None
        finally:
            handle.close()

    def preflight(self) -> Preflight:
        """What keeps the artifact from being assessed, as sentences."""
        return self.readers.documents.preflight(self.path, self.artifact.name, self.key)


def require_captured(artifact: Artifact) -> None:
    """Raise Refused for an artifact that is a link of which the source captured nothing."""
    if not artifact.captured:
        what = f"a link ({artifact.link})" if artifact.link else "only named"
        raise Refused(f"“{artifact.name}” is {what}: the source captured no bytes of it")
