"""One artifact and the ways to open it. Its bytes are decrypted in memory only, in the process that reads them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from assessor_desk.desk.acts import require_fit
from assessor_desk.desk.answers import why_removed
from assessor_desk.desk.artifact_states import shown_of, words_on
from assessor_desk.desk.laid_out import LaidOutKept, can_lay_out
from assessor_desk.domain.anchor import PageRegion, Selector, TimeSpan, clock, fragment
from assessor_desk.domain.errors import Damaged, Refused, Unavailable
from assessor_desk.domain.renditions import Shown, rendition_id
from assessor_desk.domain.submission import Artifact, Submission

if TYPE_CHECKING:
    from threading import Event

    from assessor_desk.artifacts.documents import Handle, PdfHandle
    from assessor_desk.artifacts.kinds import Kind
    from assessor_desk.artifacts.media import MediaHandle
    from assessor_desk.artifacts.pages import Raster
    from assessor_desk.artifacts.preflight import Preflight
    from assessor_desk.artifacts.vault import Vault
    from assessor_desk.desk.readers import Readers
    from assessor_desk.store.store import Store


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
    laid_out_kept: LaidOutKept | None = field(default=None, repr=False)
    vault: Vault | None = field(default=None, repr=False)
    shown: Shown = Shown.ORIGINAL
    rendition_words: str = ""
    """What a viewer says of a rendition that stands in for the original, empty for that."""
    told_damaged: Callable[[], object] = field(default=lambda: None, repr=False)
    """The ledger hears that a file was removed because its bytes had changed."""

    @contextlib.contextmanager
    def _fetched_anew(self) -> Iterator[None]:
        """A file whose bytes changed on this computer is removed, so that the next round fetches it."""
        try:
            yield
        except Damaged as error:
            if self.vault is not None and self.vault.drop_where_spoilt(self.path.name):
                self.told_damaged()
                raise Damaged(
                    f"“{self.artifact.name}” was damaged on this disk and was removed. Sync to fetch it again"
                ) from error
            raise

    def kind(self) -> Kind:
        """What the artifact is, as its bytes tell."""
        from assessor_desk.artifacts.kinds import sniff
        from assessor_desk.artifacts.sealed_stream import open_sealed

        with self._fetched_anew(), open_sealed(self.path, self.key, self.artifact.name) as reader:
            return sniff(cast("Any", reader)).kind

    def open(self) -> Handle:
        """Open a document, picture or text in the documents' worker."""
        with self._fetched_anew():
            return self.readers.documents.open(self.path, self.key, self.artifact.name)

    def can_be_laid_out(self) -> bool:
        """Whether LibreOffice is installed here and lays out such documents."""
        return self.laid_out_kept is not None and can_lay_out(self)

    def is_laid_out(self) -> bool:
        """Whether that was done before, so that `lay_out` takes no time."""
        return self.laid_out_kept is not None and self.laid_out_kept.found() is not None

    def notes_on_laid_out(self) -> tuple[str, ...]:
        """Sentences on what is not as in the original, once it is laid out."""
        return self.laid_out_kept.notes if self.laid_out_kept is not None else ()

    def lay_out(self, stop: Event) -> PdfHandle:
        """The document as LibreOffice lays it out: kept since the last time, else made now, which takes seconds.

        `stop` gives it up. Raises as `artifacts.laying_out.lay_out` does.
        """
        if self.laid_out_kept is None:
            raise Refused(f"“{self.artifact.name}” cannot be laid out here")
        return self.laid_out_kept.open(self, stop)

    def thumbnail(self, longest: int) -> Raster:
        """A picture with its longer side at most `longest` pixels, without opening it for more."""
        return self.readers.documents.thumbnail(self.path, self.key, self.artifact.name, longest)

    def open_media(self) -> MediaHandle:
        """Open sound or video in the media worker."""
        with self._fetched_anew():
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


def evidence_of(
    store: Store, vault: Vault, readers: Readers, opened: set[str], submission_id: str, artifact_id: str
) -> Evidence:
    """An artifact to be opened, with its captions where they are here; the files' digests are noted in `opened`.

    Raises Refused for an unknown one and one that was taken away, Unavailable while its bytes are not here.
    """
    with store.reading() as view:
        submission, lines = view.submission(submission_id), view.artifacts(submission_id)
    artifact = submission and submission.piece(artifact_id)
    if not submission or not artifact:
        raise Refused(f"There is no artifact “{artifact_id}” in submission {submission_id}")
    require_captured(artifact)
    captions = submission.piece(artifact.captions) if artifact.captions else None

    def note_missing() -> int:
        return store.note_missing(vault.holds, vault.spoilt)

    def find(wanted: Artifact, beside: Evidence | None = None) -> Evidence | None:
        original = store.artifact(submission_id, wanted.id)
        if original.removed and wanted is artifact:
            raise Refused(
                f"“{artifact.name}” was removed from this computer: {why_removed(original.removed)}"
            )
        shown = shown_of(lines, wanted.id)
        line = store.artifact(submission_id, rendition_id(wanted.id, shown))
        if not line.here:
            return None
        key = store.artifact_key(submission_id, line.artifact_id)
        opened.add(line.blob_digest)
        kept = LaidOutKept(store, vault, opened, (submission_id, wanted.id, line.blob_digest))
        words = words_on(shown, original.length)
        return Evidence(
            wanted, vault.path(line.blob_digest), key, readers, beside, kept, vault, shown, words, note_missing
        )  # fmt: skip

    evidence = find(artifact, find(captions) if captions and captions.captured else None)
    if evidence is None:
        raise Unavailable(f"“{artifact.name}” is not on this computer yet. Sync to fetch it")
    if not evidence.path.is_file():
        note_missing()
        raise Unavailable(f"“{artifact.name}” is not on this computer any more. Sync to fetch it again")
    return evidence


def require_places(
    submission: Submission, evidence: Callable[[str], Evidence], anchors: Iterable[tuple[str, Selector]]
) -> None:
    """Raise Refused, naming the artifact and how long it is, for a page or moment beyond its end.

    Opens each artifact with such a place in its worker, so it blocks; raises what that raises, and Unavailable where
    the bytes are not here. All else that may be wrong with an anchor the act of placing it refuses.
    """
    for named, place in anchors:
        artifact = submission.artifact(named)
        if artifact is not None and isinstance(place, PageRegion | TimeSpan):
            require_fit(artifact, place)
            _require_within(evidence(artifact.id), place)


def _require_within(evidence: Evidence, place: PageRegion | TimeSpan) -> None:
    if isinstance(place, PageRegion):
        _require_page(evidence, place.page)
    else:
        _require_moment(evidence, place)


def _require_page(evidence: Evidence, page: int) -> None:
    from assessor_desk.artifacts.documents import ImageHandle, PdfHandle

    name = evidence.artifact.name
    with closing(evidence.open()) as handle:
        if isinstance(handle, ImageHandle):
            count = handle.frame_count
        elif isinstance(handle, PdfHandle):
            count = handle.page_count
        else:
            raise Refused(f"“{name}” is no PDF, so it has no pages to anchor")
    if page > count:
        pages = "1 page" if count == 1 else f"{count} pages"
        raise Refused(f"“{name}” has {pages}, so there is no page {page}")


def _require_moment(evidence: Evidence, span: TimeSpan) -> None:
    with closing(evidence.open_media()) as handle:
        duration = int(handle.facts["duration_ms"])
    if max(span.start_ms, span.end_ms or 0) > duration:
        raise Refused(
            f"“{evidence.artifact.name}” is {duration / 1000:g} seconds long ({clock(duration)}), "
            f"so {fragment(span)} lies beyond its end"
        )


def require_captured(artifact: Artifact) -> None:
    """Raise Refused for an artifact that is a link of which the source captured nothing."""
    if not artifact.captured:
        what = f"a link ({artifact.link})" if artifact.link else "only named"
        raise Refused(f"“{artifact.name}” is {what}: the source captured no bytes of it")
