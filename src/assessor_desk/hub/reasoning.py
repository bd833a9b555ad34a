"""Whether what a desk sealed follows from what it says: a recommendation from its levels, a decision from its reviews.

Assessor Desk computes these itself; a program of somebody's own could state anything, and its signature would hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.decision import DecisionKind
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.rubric import Outcome, Rubric
from assessor_desk.hub import tables as t
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.layout import REVIEW

Document = Mapping[str, Any]


def refuse_unfounded_review(review: Document, feedback: Document, rubric: Rubric) -> None:
    """Raises Declined (422) where a recommendation does not follow from the levels, or the educator is told another."""
    levels, recommended = _levels(review), review["recommendation"]
    if feedback["recommendation"] != recommended or not _levels(feedback).items() <= levels.items():
        raise Declined(422, "The packet does not hold. Its feedback says something else than its review")
    expected = Outcome.INCOMPLETE if review["reasons"] else _outcome(rubric, levels)
    if expected is None or expected.value != recommended:
        raise Declined(
            422, f"The packet does not hold. That it is {recommended} does not follow from its levels"
        )


def refuse_unfounded_decision(hub: Hub, decision: Document, rubric: Rubric, wanted: int) -> None:
    """Raises Declined (422) where a decision does not follow from its reviews, misquotes them, or has too few.

    `wanted` is by how many persons the policy asks for reviews.
    """
    reviews = list(_quoted(hub, decision["bases"]))
    if decision["kind"] != DecisionKind.PASSED_BACK.value and any(
        one["rubric"] != decision["rubric"] for one in reviews
    ):
        raise Declined(
            422,
            "The decision does not hold. Its reviews were made by another version of the rubric. Pass one back",
        )
    if decision["kind"] == DecisionKind.PASSED_BACK.value or len(reviews) < len(decision["bases"]):
        return  # a review that is not here is refused by who looks for it
    if len({one["person"] for one in reviews}) < wanted:
        raise Declined(422, f"The decision does not hold. The policy asks for reviews by {wanted} persons")
    levels = _levels(decision)
    if levels:
        agreed = _levels(reviews[0]) if len(reviews) == 1 else {}
        expected = _outcome(rubric, {**agreed, **levels})
        kind = DecisionKind.ADJUDICATED
    else:
        recommended = {Outcome(one["recommendation"]) for one in reviews}
        expected = recommended.pop() if len(recommended) == 1 else None
        kind = DecisionKind.CONFIRMED
    if expected is None or (expected.value, kind.value) != (decision["outcome"], decision["kind"]):
        raise Declined(
            422, "The decision does not hold. Its outcome does not follow from the reviews it rests on"
        )


def _levels(document: Document) -> dict[str, str]:
    return {one["criterion"]: one["level"] for one in document["criteria"] if one["level"]}


def _outcome(rubric: Rubric, levels: Mapping[str, str]) -> Outcome | None:
    try:
        return rubric.outcome(levels)
    except Refused as trouble:
        raise Declined(422, str(trouble)) from trouble


def _quoted(hub: Hub, bases: Iterable[Document]) -> Iterator[Document]:
    """The reviews that a decision names, as their packets here state them."""
    for quoted in bases:
        review = _review(hub, quoted["packet"])
        if review is None:
            continue
        said = (review["person"], review["id"], review["recommendation"])
        if (quoted["person"], quoted["review"], quoted["recommendation"]) != said:
            raise Declined(422, f"The decision does not hold. Packet {quoted['packet']} says something else")
        yield review


def _review(hub: Hub, digest: str) -> Document | None:
    packets = t.packets.c
    query = sa.select(t.packets).where(packets.digest == digest, packets.kind == "packet")
    with hub.database.reading() as view:
        row = view.execute(query).first()
    if row is None:
        return None
    with hub.packets.open(row.file, row.file_key, "the packet") as reader:
        review: Document = json.loads(parse_archive(reader.read()).files[REVIEW])
    return review
