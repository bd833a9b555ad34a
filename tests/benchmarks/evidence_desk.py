"""A desk whose evidence is here: real files, sealed in its vault, as a round with a hub leaves them."""

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from assigned import PASSPHRASE, page

from assessor_desk.artifacts.vault import Vault
from assessor_desk.desk import Desk
from assessor_desk.domain.changes import Blob, SourceChanges
from assessor_desk.domain.submission import Artifact, Part
from assessor_desk.keys.envelope import Envelope

Files = Sequence[tuple[str, bytes]]


def make_desk(folder: Path, submissions: Sequence[Files]) -> bytes:
    """Make the desk and close it again; the key that opens it. Each submission has these files, in this order."""
    desk, _recovery_key = Desk.create(folder, PASSPHRASE)
    with desk:
        changes = page(len(submissions))
        artifacts = [_artifacts(files) for files in submissions]
        given = tuple(
            replace(one, artifacts=its) for one, its in zip(changes.submissions, artifacts, strict=True)
        )
        desk.store.accept(replace(changes, submissions=given))
        vault, blobs = Vault(folder / "vault"), []
        for submission, files in zip(given, submissions, strict=True):
            for artifact, (_name, content) in zip(submission.artifacts, files, strict=True):
                sealed = vault.write(io.BytesIO(content), len(content))
                blobs.append(Blob(submission.id, artifact.id, sealed.digest, sealed.length, sealed.key))
        desk.store.accept(SourceChanges("c2", blobs=tuple(blobs)))
        for blob in blobs:
            desk.store.artifact_arrived(blob.submission_id, blob.artifact_id)
    return Envelope.load(folder / "keys.json").unlock(PASSPHRASE)


def _artifacts(files: Files) -> tuple[Artifact, ...]:
    return tuple(
        Artifact(f"a{number}", Part.WORK, name, "", "", len(content), f"{number:02x}" * 32)
        for number, (name, content) in enumerate(files)
    )
