"""Making the evidence booklet at the seal: each artifact that is cited is opened once, in its worker, and looked at.

It may take a while, so it tells how far it is and can be stopped. What cannot be shown is said in the booklet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

from assessor_desk.artifacts.citing import Cited, cite_document
from assessor_desk.artifacts.citing_recordings import RecordingCiter
from assessor_desk.artifacts.kinds import Kind
from assessor_desk.desk.evidence import Evidence
from assessor_desk.domain.anchor import Anchor, Selector
from assessor_desk.domain.errors import DeskError, Refused, sentence
from assessor_desk.domain.renditions import Shown
from assessor_desk.packets.booklet import booklet_content
from assessor_desk.packets.facts import PacketFacts
from assessor_desk.reports.booklet import booklet_pdf

_LAID_OUT = "The assessor looked at the document as LibreOffice lays it out; these are its pages."
_ONLY_LAID_OUT = (
    "These are the pages of the document as LibreOffice lays it out; it can be shown in no other way."
)
#: How far the booklet is: places looked at, of how many.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Making:
    """Who is told how far it is, and what stops it."""

    progress: Progress = lambda _done, _of: None
    stop: threading.Event | None = None

    @property
    def stopped(self) -> bool:
        """Whether it is no longer wanted."""
        return self.stop is not None and self.stop.is_set()

    def require_wanted(self) -> None:
        """Raise Refused once it was stopped."""
        if self.stopped:
            raise Refused("Sealing was stopped while the evidence booklet was made; nothing was sealed")


def wanted(facts: PacketFacts) -> bool:
    """Whether a booklet belongs into the packet: the policy lets it leave the desk, and there is something to show."""
    return facts.policy.evidence_booklet and bool(facts.review.anchors)


def evidence_booklet(facts: PacketFacts, evidence: Callable[[str], Evidence], making: Making) -> bytes:
    """The booklet as PDF. Raises Refused once it was stopped; what cannot be read is said in it."""
    citations: dict[str, Cited | str] = {}
    anchors = facts.review.anchors
    for artifact_id in dict.fromkeys(anchor.artifact_id for anchor in anchors):
        here = [anchor for anchor in anchors if anchor.artifact_id == artifact_id]
        laid_out = Shown.LAID_OUT.value in facts.review.shown.get(artifact_id, ())
        opening = partial(_opened, laid_out=laid_out, making=making)
        for anchor, cited in _cited(artifact_id, here, evidence, opening):
            citations[anchor.id] = cited
            making.progress(len(citations), len(anchors))
            making.require_wanted()
    return booklet_pdf(booklet_content(facts, citations))


def _cited(
    artifact_id: str,
    anchors: Sequence[Anchor],
    evidence: Callable[[str], Evidence],
    opening: Callable[[Evidence], _Opened],
) -> Iterator[tuple[Anchor, Cited | str]]:
    """What each anchor of one artifact cites, or in a sentence why it cannot be shown."""
    try:
        with closing(opening(evidence(artifact_id))) as opened:
            for anchor in anchors:
                yield anchor, _tried(opened, anchor)
    except DeskError as error:
        yield from ((anchor, sentence(error)) for anchor in anchors)


def _tried(opened: _Opened, anchor: Anchor) -> Cited | str:
    try:
        return opened.cite(anchor.selector)
    except DeskError as error:
        return sentence(error)


@dataclass(frozen=True)
class _Opened:
    """An artifact open in its worker, and how its places are cited."""

    cite: Callable[[Selector], Cited]
    close: Callable[[], None]


def _opened(evidence: Evidence, laid_out: bool, making: Making) -> _Opened:
    """In pages where the assessor chose places on them, and where there is no other way to show it."""
    if laid_out:
        return _in_pages(evidence, _LAID_OUT, making)
    if evidence.kind() is Kind.OLDER_OFFICE:
        return _in_pages(evidence, _ONLY_LAID_OUT, making)
    return _as_handed_in(evidence, making)


def _as_handed_in(evidence: Evidence, making: Making) -> _Opened:
    if evidence.kind() in (Kind.VIDEO, Kind.AUDIO):
        recording = evidence.open_media()
        citer = RecordingCiter(recording, evidence.captions(), lambda: making.stopped)

        def cite(selector: Selector) -> Cited:
            return replace(citer.cite(selector), rendition=evidence.rendition_words)

        return _Opened(cite, recording.close)
    document = evidence.open()
    return _Opened(partial(cite_document, document), document.close)


def _in_pages(evidence: Evidence, told: str, making: Making) -> _Opened:
    """A document as LibreOffice lays it out: these pages, else its words.

    What stands in the document and not on its pages, and what cannot be laid out here, is cited as it was handed in.
    """
    if not (evidence.is_laid_out() or evidence.can_be_laid_out()):
        return _as_handed_in(evidence, making)
    try:
        pages = evidence.lay_out(making.stop or threading.Event())
    except DeskError:
        making.require_wanted()
        return _as_handed_in(evidence, making)
    document = evidence.open()

    def cite(selector: Selector) -> Cited:
        cited = cite_document(pages, selector)
        if cited.words is not None and cited.words.lost:
            return cite_document(document, selector)
        return replace(cited, rendition=told)

    def close() -> None:
        pages.close()
        document.close()

    return _Opened(cite, close)
