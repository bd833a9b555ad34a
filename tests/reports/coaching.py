"""A coach's notes on the sample draft, as a coach would leave them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from assessor_desk.domain.anchor import Anchor, TextQuote, Whole
from assessor_desk.domain.coaching import CoachingNotes, Uptake
from assessor_desk.domain.handed_notes import NotesFacts
from assessor_desk.domain.policy import Policy
from assessor_desk.domain.review import CriterionWork, TextField
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.rubric import Rubric
from assessor_desk.domain.submission import Artifact, Assignment, Part, Submission
from assessor_desk.places import resources, rubrics
from assessor_desk.rubric_files import load_policy, load_rubric

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PROGRAMME = "Lakeside Regional Programme"
PRIVATE = "NEVER-LEAVES ask how the term went"
ARABIC = "ابدئي بالطلاب الذين لم تتحدثي معهم بعد."
PRESENT, TRY_NEXT, QUESTION = TextField.PRESENT, TextField.TRY_NEXT, TextField.QUESTION


@cache
def shipped_relationships() -> Rubric:
    """The rubric of the sample draft."""
    return load_rubric(rubrics() / "positive-relationships.yaml")


@cache
def coaching_policy() -> Policy:
    """The policy for drafts."""
    return load_policy(resources() / "policies" / "draft-coaching.yaml")


def draft_file(name: str) -> Path:
    """A file of the sample draft."""
    return resources() / "demo" / "files" / "E5D2-11" / name


def _artifact(number: int, part: Part, name: str, label: str) -> Artifact:
    data = draft_file(name).read_bytes()
    return Artifact(f"a{number}", part, name, label, "", len(data), hashlib.sha256(data).hexdigest())


DRAFT = Submission(
    "5b1e6f5e-0000-5000-8000-00000000e5d2",
    "hub",
    "E5D2-11",
    "positive-relationships",
    1,
    (
        _artifact(1, Part.OVERVIEW, "overview.md", "Overview"),
        _artifact(2, Part.WORK, "advisory-plan.docx", "Draft plan"),
        _artifact(3, Part.REFLECTION, "reflection.md", "Draft reflection"),
    ),
    draft=True,
)

ANCHORS = (
    Anchor(
        "p1",
        "a2",
        TextQuote("a sheet of favourite foods, music and colours"),
        "A start. What would you learn from a sheet that asks what they are proud of?",
    ),
    Anchor("p2", "a2", TextQuote("Ask what they did at the weekend."), "A question everyone gets."),
    Anchor(
        "p3",
        "a2",
        TextQuote("Every student tries their best in advisory, and I tell them that I believe in them."),
        "The support is here; what is the expectation, student by student?",
    ),
    Anchor("p4", "a2", Whole(), ""),
    Anchor("p5", "a1", TextQuote("I do not know how to tell whether a talk was a good one."), ARABIC),
)

WORKS = {
    "learns-interests": CriterionWork(
        texts={
            PRESENT: "The sheets name music and food of each student, and you kept them.",
            TRY_NEXT: "Add one line a student on what you will do with it, for the six you know least.",
        },
        anchors=("p1",),
    ),
    "plans-contact": CriterionWork(
        texts={
            PRESENT: "Weeks 1 and 2 name six students for a talk.",
            TRY_NEXT: f"Put the other sixteen into the grid, those you reach least first.\n{ARABIC}",
            QUESTION: "What would the Friday of week 2 look like without the game?",
        },
        anchors=("p4",),
    ),
    "listens": CriterionWork(texts={QUESTION: "What could you ask after “It was fine”?"}, anchors=("p2",)),
}


def draft_notes() -> CoachingNotes:
    """Notes on three of five criteria and at five places."""
    return CoachingNotes(
        "4f6f4c1e-0000-5000-8000-0000000c0ac4",
        works=WORKS,
        overall="The plan knows its blind spot: you say that you talk with the same six. Build the rest on that.",
        notes=PRIVATE,
        anchors=ANCHORS,
        kept={("F8", "listens"): "KEPT-REASON-STAYS"},
        version_seen=DRAFT.version,
    )


def coach_facts() -> NotesFacts:
    """What goes back on the sample draft."""
    assignment = Assignment(
        "6e0f7a3c-0000-5000-8000-00000000a551", DRAFT.id, "C-2040", Role.COACH, Purpose.COACH,
        "positive-relationships", "2026.1", "draft-coaching", "2026.1",
    )  # fmt: skip
    return NotesFacts(
        notes=draft_notes(),
        submission=DRAFT,
        assignment=assignment,
        rubric=shipped_relationships(),
        policy=coaching_policy(),
        programme=PROGRAMME,
        at=AT,
        covers=("e1", "e2"),
    )


def a_second_draft() -> NotesFacts:
    """Notes on the draft after that, with what became of most of the earlier ones."""
    facts = coach_facts()
    earlier = replace(facts.notes, anchors=ANCHORS[1:4])
    earlier = replace(earlier, works={key: WORKS[key] for key in ("learns-interests", "plans-contact")})
    second = replace(
        facts.notes,
        id="4f6f4c1e-0000-5000-8000-0000000c0ac5",
        overall="Much has moved.\nThe grid now has everyone.",
        uptake={
            "learns-interests/try_next": Uptake.TAKEN_UP,
            "plans-contact/try_next": Uptake.PARTLY,
            "plans-contact/question": Uptake.NOT,
            "anchor/p3": Uptake.TAKEN_UP,
        },
    )
    return replace(facts, notes=second, earlier=(earlier, DRAFT))
