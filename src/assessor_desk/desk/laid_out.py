"""Documents as LibreOffice lays them out, kept sealed in the vault.

What was made belongs to the very bytes it was made of: its key lies beside theirs and is destroyed with it, and other
bytes under the same artifact are laid out anew. The original stays the evidence.
"""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from assessor_desk.domain.errors import Refused

if TYPE_CHECKING:
    from assessor_desk.artifacts.documents import PdfHandle
    from assessor_desk.artifacts.vault import Vault
    from assessor_desk.desk.evidence import Evidence
    from assessor_desk.store.artifact_keys import Held
    from assessor_desk.store.store import Store

PURPOSE, LACKING_EQUATIONS = "laid_out", "laid_out_without_equations"
"""What the key is kept for, which says what is lacking too."""

WITHOUT_EQUATIONS = (
    "Equations are left out: LibreOffice’s part for them is not installed. The built-in view has them."
)
_ONE_AT_A_TIME = threading.Lock()
"""LibreOffice takes a processor and hundreds of megabytes: two documents are laid out one after the other."""


@dataclass(frozen=True)
class LaidOutKept:
    """Where one artifact's laid-out form is kept; `source` names the bytes it is made of."""

    store: Store = field(repr=False)
    vault: Vault
    opened: set[str] = field(repr=False)
    source: Held

    def found(self) -> tuple[str, bytes] | None:
        """Digest and key of what was made before, if it is still here."""
        found = (self.store.keys.made(self.source, purpose) for purpose in (PURPOSE, LACKING_EQUATIONS))
        return next((made for made in found if made is not None and self.vault.holds(made[0])), None)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what is not as in the original."""
        lacking = self.store.keys.made(self.source, LACKING_EQUATIONS) is not None
        return (WITHOUT_EQUATIONS,) if lacking else ()

    def open(self, evidence: Evidence, stop: threading.Event) -> PdfHandle:
        """Open what was made before, else make it now."""
        from assessor_desk.artifacts.kinds import Kind

        digest, key = self.found() or self._made(evidence, stop)
        self.opened.add(digest)
        opened = evidence.readers.documents.open(
            self.vault.path(digest), key, evidence.artifact.name, Kind.PDF
        )
        return cast("PdfHandle", opened)

    def _made(self, evidence: Evidence, stop: threading.Event) -> tuple[str, bytes]:
        from assessor_desk.artifacts.laying_out import lay_out

        with _turn(evidence.artifact.name, stop):
            if (already := self.found()) is not None:
                return already
            sniffed = _sniffed(evidence)
            made = lay_out(evidence.path, evidence.key, evidence.artifact.name, sniffed, stop)
            sealed = self.vault.write(io.BytesIO(made.pdf), len(made.pdf))
            self.opened.add(sealed.digest)  # a sweep between these lines leaves it
            purpose = LACKING_EQUATIONS if made.lacks_equations else PURPOSE
            if not self.store.keep_made(self.source, purpose, sealed.digest, sealed.key):
                self.opened.discard(sealed.digest)
                self.vault.remove(sealed.digest)
                raise Refused(f"“{evidence.artifact.name}” was removed or replaced while it was laid out")
        return sealed.digest, sealed.key


@contextlib.contextmanager
def _turn(name: str, stop: threading.Event) -> Iterator[None]:
    """Wait until no other document is being laid out. Raises Refused when stopped meanwhile."""
    while not _ONE_AT_A_TIME.acquire(timeout=0.1):
        if stop.is_set():
            raise Refused(f"Laying out “{name}” was stopped.")
    try:
        yield
    finally:
        _ONE_AT_A_TIME.release()


def can_lay_out(evidence: Evidence) -> bool:
    """Whether LibreOffice is here, with its part for such documents."""
    from assessor_desk.artifacts.laying_out import office, way_of

    here = office()
    if here is None:
        return False
    sniffed = _sniffed(evidence)
    return way_of(sniffed) is not None and here.lays_out(sniffed)


def _sniffed(evidence: Evidence) -> Any:
    from assessor_desk.artifacts.kinds import sniff
    from assessor_desk.artifacts.sealed_stream import open_sealed

    with open_sealed(evidence.path, evidence.key, evidence.artifact.name) as reader:
        return sniff(cast("Any", reader))
