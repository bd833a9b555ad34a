"""A copy of an artifact leaves the desk: only on purpose, byte for byte, and recorded in the review."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.desk import acts
from assessor_desk.domain.errors import Damaged, Unavailable
from assessor_desk.keys.private_files import write_privately_in_pieces

if TYPE_CHECKING:
    from assessor_desk.artifacts.vault import Vault
    from assessor_desk.desk.changes import Changes
    from assessor_desk.desk.evidence import Evidence
    from assessor_desk.desk.pen import Pen
    from assessor_desk.domain.submission import Artifact

_PIECE = 1024 * 1024
#: What no file system takes, or some shell makes something else of.
_ODD = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*]")
#: Names that are devices on Windows, whatever follows the dot.
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def export_copy(
    pen: Pen, vault: Vault, submission_id: str, evidence: Evidence, out: Path
) -> tuple[Changes, Path]:
    """Write a copy into the folder `out`, beside what is there; where it is, and what changed.

    Raises Refused once the review is sealed, Damaged for bytes that are not the artifact's, Unavailable where only a
    rendition is here or `out` cannot be written. Nothing is left behind then, and nothing recorded.
    """
    with pen.store.reading() as view:
        standing = pen.look(view, submission_id)
    standing.require_open()
    path, at = _free(out, _file_name(evidence.artifact.name)), pen.clock()
    write_privately_in_pieces(path, _pieces(pen, vault, submission_id, evidence.artifact))
    try:
        changes = pen.act(submission_id, acts.copy_exported(evidence.artifact.id, at))
        with pen.store.transaction() as work:
            work.record_export(submission_id, "copy", str(path), at)
            work.commit()
    except BaseException:
        # A copy that nothing tells of must not be there.
        with contextlib.suppress(OSError):
            path.unlink()
        raise
    return changes, path


def _pieces(pen: Pen, vault: Vault, submission_id: str, artifact: Artifact) -> Iterator[bytes]:
    """The original's bytes. Raises Damaged, at the end, where they are not those that were captured."""
    digest, line = hashlib.sha256(), pen.store.artifact(submission_id, artifact.id)
    if not line.here:
        raise Unavailable(f"Only a small copy of “{artifact.name}” is here. Fetch the original first")
    key = pen.store.artifact_key(submission_id, artifact.id)
    with open_sealed(vault.path(line.blob_digest), key, artifact.name) as reader:
        while piece := reader.read(_PIECE):
            digest.update(piece)
            yield piece
    if digest.hexdigest() != artifact.sha256:
        raise Damaged(f"“{artifact.name}” is not what the source captured. Sync to fetch it again")


def _file_name(name: str) -> str:
    plain = _ODD.sub("_", name).strip(". ")[:120] or "artifact"
    return f"_{plain}" if _DEVICE.fullmatch(plain) else plain


def _free(out: Path, name: str) -> Path:
    """A name that no file there has: nothing is replaced."""
    path, number = out / name, 1
    while path.exists():
        number += 1
        path = out / f"{Path(name).stem} {number}{Path(name).suffix}"
    return path
