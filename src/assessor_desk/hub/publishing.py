"""Publishing rubrics, policies, stacks and phrase banks: signed by the issuer, never changed under the same version.

Rubrics and policies go to a desk with the assignments that name them. A phrase bank goes to everybody, its newest
version in the place of the one before, until it is withdrawn.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.badge import Stack
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.phrases import Bank
from assessor_desk.domain.policy import Policy
from assessor_desk.domain.rubric import Rubric
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.hub import Hub, note_change
from assessor_desk.keys.cms import sign_detached
from assessor_desk.rubric_files import (
    bank_to_json,
    holds_phrases,
    holds_stack,
    load_bank,
    load_rubric_or_policy,
    load_stack,
    policy_from_json,
    policy_to_json,
    rubric_from_json,
    rubric_to_json,
    stack_from_json,
    stack_to_json,
)

#: The kind of a phrase bank, among documents and changes.
PHRASES = "phrases"
STACK = "stack"
RUBRIC = "rubric"


@dataclass(frozen=True, slots=True)
class Publication:
    """What was published; `new` is False where this version was here already, word for word."""

    kind: str
    id: str
    version: str
    title: str
    new: bool


def publish(hub: Hub, path: Path) -> Publication:
    """Publish the rubric, policy, stack or phrase bank in a YAML file. A bank that was withdrawn stands again.

    Raises Refused naming file, line and criterion for a faulty file, and for a version that is published with
    other words: whoever was assessed by it must find it unchanged.
    """
    thing = read_publishable(hub, path)
    kind, canonical = _canonical(thing)
    key = (t.documents.c.kind == kind, t.documents.c.id == thing.id, t.documents.c.version == thing.version)
    told = Publication(kind, thing.id, thing.version, thing.title, new=True)
    with hub.database.reading() as view:
        known = view.execute(
            sa.select(t.documents.c.canonical, t.documents.c.withdrawn_at).where(*key)
        ).first()
    if known is not None:
        _refuse_other_words(known.canonical, canonical, told, path)
        if known.withdrawn_at is None:
            return replace(told, new=False)
    issuer, now = hub.authority.issuer_signer(), hub.clock()
    signature = sign_detached(canonical, issuer.key, issuer.certificate, now)
    row = {"kind": kind, "id": thing.id, "version": thing.version, "canonical": canonical}
    with hub.database.writing() as work:
        work.execute(sa.delete(t.documents).where(*key))  # one that was withdrawn
        work.execute(sa.insert(t.documents).values(**row, signature=signature, published_at=now))
        if kind in (PHRASES, RUBRIC):
            note_change(work, kind, thing.id)
        append(work, now, Line(Act.PUBLISHED, thing.id, detail=f"{kind}, version {thing.version}"))
    return told


def read_publishable(hub: Hub, path: Path) -> Rubric | Policy | Bank | Stack:
    """What a YAML file has to publish, phrase banks and stacks checked against the rubrics here.

    Raises Refused as `publish`.
    """
    if holds_stack(path):
        return _refuse_unknown_parts(hub, load_stack(path), path)
    if not holds_phrases(path):
        return load_rubric_or_policy(path)
    with hub.database.reading() as view:
        return load_bank(path, [newest_rubric(view, one) for one in sorted(rubric_ids(view))])


def _refuse_unknown_parts(hub: Hub, stack: Stack, path: Path) -> Stack:
    with hub.database.reading() as view:
        known = rubric_ids(view)
    for name in (one for part in stack.parts for one in part.accepted if one not in known):
        raise Refused(
            f"{path.name}: “{name}” is no micro-credential published here; those that are: {', '.join(sorted(known))}"
        )
    return stack


def withdraw_phrases(hub: Hub, bank_id: str) -> None:
    """Withdraw every version of a phrase bank: it goes from each desk at its next round.

    What was written with its phrases stays. Raises Refused for a bank that does not stand.
    """
    documents = t.documents.c
    standing = (documents.kind == PHRASES, documents.id == bank_id, documents.withdrawn_at.is_(None))
    with hub.database.writing() as work:
        done = work.execute(sa.update(t.documents).where(*standing).values(withdrawn_at=hub.clock()))
        if not done.rowcount:
            raise Refused(f"No phrase bank “{bank_id}” stands here; those that do: {_known(work, PHRASES)}")
        note_change(work, PHRASES, bank_id)
        append(work, hub.clock(), Line(Act.WITHDREW_PHRASES, bank_id))


def newest_versions(view: sa.Connection, ids: Collection[str]) -> dict[str, str]:
    """Which version of each of these rubrics was published last."""
    own = t.documents.c
    wanted = sa.select(own.id, own.version).where(own.kind == RUBRIC, own.id.in_(ids))
    rows = view.execute(wanted.order_by(own.published_at, own.version)).all()
    return {row.id: row.version for row in rows}


def all_versions(view: sa.Connection, ids: Collection[str]) -> set[tuple[str, str]]:
    """Every version of these rubrics."""
    own = t.documents.c
    query = sa.select(own.id, own.version).where(own.kind == RUBRIC, own.id.in_(sorted(ids)))
    return {(row.id, row.version) for row in view.execute(query).all()}


def versions_since(view: sa.Connection, wanted: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """These versions of rubrics, and those of the same published after them."""
    own = t.documents.c
    ids = sorted({own_id for own_id, _ in wanted})
    query = sa.select(own.id, own.version, own.published_at).where(own.kind == RUBRIC, own.id.in_(ids))
    rows = view.execute(query).all()
    since: dict[str, datetime] = {}
    for row in rows:
        if (row.id, row.version) in wanted:
            since[row.id] = min(row.published_at, since.get(row.id, row.published_at))
    return {(row.id, row.version) for row in rows if row.id in since and row.published_at >= since[row.id]}


def newest_bank(view: sa.Connection, bank_id: str) -> sa.Row[Any] | None:
    """The row of the version of a phrase bank published last; None where it was withdrawn."""
    return view.execute(_newest_first(PHRASES, bank_id)).first()


def newest_rubric(view: sa.Connection, rubric_id: str) -> Rubric:
    """The version of a rubric published last. Raises Refused for one that was never published."""
    canonical = _newest(view, "rubric", rubric_id)
    if canonical is None:
        raise Refused(
            f"The rubric “{rubric_id}” is not published here; those that are: {_known(view, 'rubric')}"
        )
    return rubric_from_json(canonical)


def newest_policy(view: sa.Connection, policy_id: str) -> Policy:
    """The version of a policy published last. Raises Refused for one that was never published."""
    canonical = _newest(view, "policy", policy_id)
    if canonical is None:
        raise Refused(
            f"The policy “{policy_id}” is not published here; those that are: {_known(view, 'policy')}"
        )
    return policy_from_json(canonical)


def newest_stack(view: sa.Connection, stack_id: str) -> Stack:
    """The version of a stack published last. Raises Refused for one that was never published."""
    canonical = _newest(view, STACK, stack_id)
    if canonical is None:
        raise Refused(f"The stack “{stack_id}” is not published here; those that are: {_known(view, STACK)}")
    return stack_from_json(canonical)


def policies_for_decisions(view: sa.Connection) -> list[Policy]:
    """Every policy for decisions, each in its newest version."""
    policies = (newest_policy(view, one) for one in sorted(_ids(view, "policy")))
    return [policy for policy in policies if policy.use != "coaching"]


def stack_ids(view: sa.Connection) -> set[str]:
    """Ids of all stacks published."""
    return _ids(view, STACK)


def published_rubric(view: sa.Connection, rubric_id: str, version: str) -> bytes | None:
    """A version of a rubric as it was published; None where there is none."""
    return _published(view, "rubric", rubric_id, version)


def published_policy(view: sa.Connection, policy_id: str, version: str) -> bytes | None:
    """A version of a policy as it was published; None where there is none."""
    return _published(view, "policy", policy_id, version)


def published_stack(view: sa.Connection, stack_id: str, version: str) -> bytes | None:
    """A version of a stack as it was published; None where there is none."""
    return _published(view, STACK, stack_id, version)


def _published(view: sa.Connection, kind: str, own_id: str, version: str) -> bytes | None:
    own = t.documents.c
    query = sa.select(own.canonical).where(own.kind == kind, own.id == own_id, own.version == version)
    return view.execute(query).scalars().first()


def policy_for(view: sa.Connection, draft: bool) -> Policy:
    """The one policy for drafts (use “coaching”) or for decisions (any other use), in its newest version.

    Raises Refused where there is none or a choice.
    """
    ids = view.execute(sa.select(t.documents.c.id).where(t.documents.c.kind == "policy").distinct()).scalars()
    policies = [newest_policy(view, policy_id) for policy_id in ids]
    fitting = [policy for policy in policies if (policy.use == "coaching") == draft]
    what = "drafts" if draft else "submissions"
    if not fitting:
        raise Refused(f"No policy for {what} is published. Publish one with “hub publish FILE”")
    if len(fitting) > 1:
        names = ", ".join(sorted(policy.id for policy in fitting))
        raise Refused(f"Several policies fit {what}: {names}. Choose one with --policy")
    return fitting[0]


def rubric_ids(view: sa.Connection) -> set[str]:
    """Ids of all rubrics published."""
    return _ids(view, "rubric")


def _ids(view: sa.Connection, kind: str) -> set[str]:
    query = sa.select(t.documents.c.id).where(t.documents.c.kind == kind).distinct()
    return set(view.execute(query).scalars())


def _canonical(thing: Rubric | Policy | Bank | Stack) -> tuple[str, bytes]:
    if isinstance(thing, Stack):
        return STACK, stack_to_json(thing)
    if isinstance(thing, Rubric):
        return "rubric", rubric_to_json(thing)
    if isinstance(thing, Bank):
        return PHRASES, bank_to_json(thing)
    return "policy", policy_to_json(thing)


def _refuse_other_words(known: bytes, canonical: bytes, told: Publication, path: Path) -> None:
    if known != canonical:
        raise Refused(
            f"{path.name}: version {told.version} of the {told.kind} “{told.id}” is published with other words. "
            "A published version never changes: give this one a new version"
        )


def _newest(view: sa.Connection, kind: str, document_id: str) -> bytes | None:
    found = view.execute(_newest_first(kind, document_id)).first()
    return None if found is None else found.canonical


def _newest_first(kind: str, document_id: str) -> sa.Select[Any]:
    documents = t.documents.c
    which = (documents.kind == kind, documents.id == document_id, documents.withdrawn_at.is_(None))
    newest = (documents.published_at.desc(), documents.version.desc())
    return sa.select(t.documents).where(*which).order_by(*newest)


def _known(view: sa.Connection, kind: str) -> str:
    documents = t.documents.c
    query = sa.select(documents.id).where(documents.kind == kind, documents.withdrawn_at.is_(None)).distinct()
    return ", ".join(sorted(view.execute(query).scalars())) or "none yet"
