"""The evidence booklet of a packet, made from the review's facts and from what its anchors cite."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from assessor_desk.artifacts.citing import Cited, Words
from assessor_desk.artifacts.encoding import encoded
from assessor_desk.domain.anchor import Anchor, TextQuote, TimeSpan, clock, region
from assessor_desk.domain.anchor_signs import Sign, sign_of
from assessor_desk.protocol.documents import instant
from assessor_desk.reports import booklet_marks
from assessor_desk.reports.booklet import BookletContent, BookletPlace, Drawn, Quoted, Shown
from assessor_desk.reports.saying import day

from .facts import PacketFacts, role_title

LEAD = (
    """This booklet shows {count} in the evidence that the review of submission {key} cites, with what the assessor \
says is seen there. It is made so that the packet can be read where the evidence itself is not at hand.""",
    """Pupils may be seen or heard in it. It is in this packet because the programme’s policy lets it leave the desk; \
whoever holds it keeps it as an education record, shows it to nobody who need not see it, and makes no copies.""",
)

PICTURES_TOGETHER = 24 * 1024 * 1024
"""Bytes; a hub takes packets of 64 MiB."""
NOTHING_TO_SEE = "This cannot be shown: it has no page, picture or words."

#: What is cited, or why it cannot be shown.
Citations = Mapping[str, Cited | str]


def booklet_content(facts: PacketFacts, citations: Citations) -> BookletContent:
    """What the booklet of this review says. `citations` has what each anchor cites, by the anchor's id."""
    anchors, submission = facts.review.anchors, facts.submission
    when = day(facts.at.astimezone(UTC))
    count = "the one place" if len(anchors) == 1 else f"the {len(anchors)} places"
    return BookletContent(
        title=f"Evidence booklet, submission {submission.key}",
        key=submission.key,
        date=instant(facts.at),
        programme=facts.programme,
        running=f"Evidence booklet · submission {submission.key} · {when}",
        foot=f"Made at the seal by {role_title(facts)} for {facts.programme}",
        micro_credential=facts.rubric.title,
        language=submission.language,
        lead=tuple(words.format(count=count, key=submission.key) for words in LEAD),
        details=_details(facts),
        links=tuple(
            _link(one.label or one.name, one.link) for one in submission.artifacts if not one.captured
        ),
        places=tuple(
            _place(facts, number, anchor, citations.get(anchor.id, "It was not looked at."))
            for number, anchor in enumerate(anchors, 1)
        ),
    )


def _details(facts: PacketFacts) -> tuple[tuple[str, str], ...]:
    rubric, policy = facts.rubric, facts.policy
    return (
        ("Submission", facts.submission.key),
        ("Review", facts.review.id),
        ("Rubric", f"{rubric.title}, version {rubric.version}, by {rubric.issuer}"),
        ("Policy", f"{policy.title}, version {policy.version}"),
        ("Places cited", str(len(facts.review.anchors))),
        ("How to check it", "VERIFY.txt in the packet; review.json there has this file’s SHA-256"),
    )


def _link(title: str, address: str) -> str:
    return f"{title}: {address}" if address and address != title else title


def _place(facts: PacketFacts, number: int, anchor: Anchor, cited: Cited | str) -> BookletPlace:
    ids = [criterion.id for criterion in facts.rubric.criteria]
    citing = sorted(ids.index(one) for one in facts.review.criteria_citing(anchor.id) if one in ids)
    sign = sign_of(citing[0] if citing else None)
    numbers = ",".join(str(index + 1) for index in citing) or "·"
    place = facts.submission.place(anchor)
    criteria = tuple(f"{index + 1}. {facts.rubric.criteria[index].title}" for index in citing)
    badge = booklet_marks.badge(sign, numbers)
    if isinstance(cited, str):
        return BookletPlace(
            number, badge, place, anchor.note, criteria, trouble=f"This cannot be shown. {cited}"
        )
    seen = cited.picture or cited.words or cited.sound
    most = PICTURES_TOGETHER // len(facts.review.anchors)
    return BookletPlace(
        number, badge, place, anchor.note, criteria, tuple(_facts_of(anchor, cited)),
        _shown(place, anchor, cited, sign, numbers, most), tuple(_drawn(anchor, cited, sign, numbers)),
        _quoted(cited.words), cited.heard, "" if seen else NOTHING_TO_SEE,
    )  # fmt: skip


def _shown(place: str, anchor: Anchor, cited: Cited, sign: Sign, numbers: str, most: int) -> Shown | None:
    picture = cited.picture
    if picture is None:
        return None
    content, format_ = encoded(picture, most)
    words = isinstance(anchor.selector, TextQuote)
    drawn = booklet_marks.marks(picture.width, picture.height, cited.boxes, sign, numbers, words)
    seen = f" What is seen: {anchor.note}" if anchor.note else ""
    where = "" if words or not cited.boxes else f", the mark {region(cited.boxes[0])}"
    alternative = f"Picture of {place}{where}, marked with a {sign.shape.value} and {numbers}.{seen}"
    return Shown(content, format_, picture.width, picture.height, drawn, alternative)


def _drawn(anchor: Anchor, cited: Cited, sign: Sign, numbers: str) -> list[Drawn]:
    """The stretch of sound, and where in the recording it is."""
    span = anchor.selector
    if not isinstance(span, TimeSpan):
        return []
    end = span.end_ms if span.end_ms is not None else span.start_ms
    drawings = []
    if sound := cited.sound:
        between = (max(span.start_ms, sound.start_ms), min(max(end, span.start_ms), sound.end_ms))
        svg = booklet_marks.levels(sound.levels, sound.start_ms, sound.end_ms, between, sign, numbers)
        heard = f"from {clock(sound.start_ms)} to {clock(sound.end_ms)}"
        spoken = f"How loud the recording is {heard}, the cited part marked."
        drawings.append(Drawn(svg, spoken))
    if cited.duration_ms:
        svg = booklet_marks.whereabouts(span.start_ms, end, cited.duration_ms, sign)
        drawings.append(Drawn(svg, f"Where this is in a recording of {clock(cited.duration_ms)}."))
    return drawings


def _facts_of(anchor: Anchor, cited: Cited) -> list[str]:
    span, told = anchor.selector, []
    if isinstance(span, TimeSpan) and cited.duration_ms:
        until = "" if span.end_ms is None else f" to {exactly(span.end_ms)}"
        told.append(f"From {exactly(span.start_ms)}{until} of {exactly(cited.duration_ms)}.")
        if cited.frame_us is not None:
            told.append(f"The frame shown begins at {exactly(cited.frame_us / 1000)}.")
    if cited.rendition:
        told.append(f"Not the original is shown here. {cited.rendition}")
    if cited.picture and cited.boxes and (cited.of.width < 100 or cited.of.height < 100):
        told.append("A part of the picture is shown, with some of what is around the mark.")
    return told


def exactly(milliseconds: float) -> str:
    """Media time to the millisecond: `04:38.044`."""
    whole = round(milliseconds)
    return f"{clock(whole)}.{whole % 1000:03}"


def _quoted(words: Words | None) -> Quoted | None:
    if words is None:
        return None
    if words.lost:
        remark = "These words were quoted and are not found in the file as it is now."
    else:
        remark = (
            "Found again nearby: the file has these words, much like those quoted." if words.nearby else ""
        )
    return Quoted(words.before, words.exact, words.after, remark)
