"""A review that cites the demo's real files, each kind of place once, and what the workers give of them."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from tests.packets.building import packet_facts

from assessor_desk.artifacts.citing import Cited, cite_document
from assessor_desk.artifacts.citing_recordings import RecordingCiter
from assessor_desk.artifacts.documents import DocumentsClient
from assessor_desk.artifacts.media import open_media
from assessor_desk.domain.anchor import Anchor, Box, ImageRegion, PageRegion, TextQuote, TimeSpan, Whole
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.domain.submission import Artifact, Part
from assessor_desk.packets.booklet import booklet_content
from assessor_desk.packets.facts import PacketFacts
from assessor_desk.places import resources

FILES = resources() / "demo" / "files"
VIDEO = FILES / "7F3A-21" / "lesson-video.mp4"
PLAN = FILES / "91BB-02" / "lesson-plan.pdf"
WORK = FILES / "7F3A-21" / "student-work-c.jpg"
TALK = FILES / "A93F-30" / "conference.m4a"
CAPTIONS = {VIDEO: VIDEO.with_suffix(".vtt"), TALK: TALK.with_suffix(".vtt")}
WORDS = FILES / "7F3A-21" / "reflection.docx"


def _artifact(name: str, path: Path, label: str, media_type: str) -> Artifact:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return Artifact(name, Part.WORK, path.name, label, media_type, len(content), digest)


PATHS = {"video": VIDEO, "plan": PLAN, "work": WORK, "talk": TALK, "words": WORDS}
ARTIFACTS = (
    _artifact("video", VIDEO, "Lesson video", "video/mp4"),
    _artifact("plan", PLAN, "Lesson plan", "application/pdf"),
    _artifact("work", WORK, "Student work C", "image/jpeg"),
    _artifact("talk", TALK, "A talk about the bridge report", "audio/mp4"),
    _artifact(
        "words", WORDS, "Reflection",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    Artifact("board", Part.WORK, "board", "Online board", link="https://example.org/board"),
)  # fmt: skip
ANCHORS = (
    Anchor("b1", "video", TimeSpan(25_040, 40_000), "Every board goes up at the same time"),
    Anchor("b2", "video", TimeSpan(70_000, still=True), "طلاب عند السبورة بعد السؤال الأول"),
    Anchor(
        "b3",
        "plan",
        TextQuote("One fifth of thirty", page=1),
        "Two checks, each with the answers that are expected",
    ),
    Anchor(
        "b4", "plan", PageRegion(1, Box(10, 30, 60, 12), "iv"), "The first check, before the last activity"
    ),
    Anchor("b5", "work", ImageRegion(Box(20, 30, 35, 25)), "The old bar is rubbed out: 8 became 18"),
    Anchor("b6", "talk", TimeSpan(9_000, 15_500), "学生がまず自分で言う。"),
    Anchor("b7", "words", TextQuote("What the boards told me"), ""),
    Anchor("b8", "board", Whole(), "The board is named in the plan"),
)
GIVEN = (("b1", "b4"), ("b2", "b1"), ("b3",), ("b5",), ("b6", "b7"))


def cited_facts() -> PacketFacts:
    """Facts of a review whose anchors lie in the demo's files, under a policy that lets them leave."""
    facts = packet_facts()
    works = {
        criterion.id: replace(facts.review.work(criterion.id), anchors=given)
        for criterion, given in zip(facts.rubric.criteria, GIVEN, strict=False)
    }
    review = replace(facts.review, anchors=ANCHORS, works={**facts.review.works, **works})
    submission = replace(facts.submission, artifacts=ARTIFACTS)
    return replace(
        facts, review=review, submission=submission, policy=replace(facts.policy, evidence_booklet=True)
    )


def citations() -> dict[str, Cited | str]:
    """What each of the anchors cites, by the real workers."""
    found: dict[str, Cited | str] = {}
    with DocumentsClient() as documents:
        for anchor in ANCHORS:
            try:
                found[anchor.id] = _cite(documents, anchor)
            except DeskError as error:
                found[anchor.id] = sentence(error)
            except KeyError:
                found[anchor.id] = "“board” is a link: the source captured no bytes of it."
    return found


def _cite(documents: DocumentsClient, anchor: Anchor) -> Cited:
    path = PATHS[anchor.artifact_id]
    if path in CAPTIONS:
        with closing(open_media(path, b"", path.name)) as handle:
            return RecordingCiter(handle, CAPTIONS[path].read_text(encoding="utf-8")).cite(anchor.selector)
    with closing(documents.open(path, b"", path.name)) as document:
        return cite_document(document, anchor.selector)


if __name__ == "__main__":
    import sys
    import time

    from assessor_desk.reports.booklet import booklet_pdf

    began = time.monotonic()
    told = citations()
    looked = time.monotonic()
    made = booklet_pdf(booklet_content(cited_facts(), told))
    Path(sys.argv[1]).write_bytes(made)
    print(f"{looked - began:.1f} s to look, {time.monotonic() - looked:.1f} s to write, {len(made)} bytes")
