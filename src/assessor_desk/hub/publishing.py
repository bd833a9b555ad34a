"""Publishing rubrics and policies: signed by the issuer, and never changed under the same version."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.policy import Policy
from assessor_desk.domain.rubric import Rubric
from assessor_desk.hub import tables as t
from assessor_desk.hub.hub import Hub
from assessor_desk.keys.cms import sign_detached
from assessor_desk.rubric_files import (
    load_rubric_or_policy,
    policy_from_json,
    policy_to_json,
    rubric_from_json,
    rubric_to_json,
)


@dataclass(frozen=True, slots=True)
class Publication:
    """What was published; `new` is False where this version was here already, word for word."""

    kind: str
    id: str
    version: str
    title: str
    new: bool


def publish(hub: Hub, path: Path) -> Publication:
    """Publish the rubric or policy in a YAML file.

    Raises Refused naming file, line and criterion for a faulty file, and for a version that is published with
    other words: whoever was assessed by it must find it unchanged.
    """
    thing = load_rubric_or_policy(path)
    kind, canonical = _canonical(thing)
    key = (t.documents.c.kind == kind, t.documents.c.id == thing.id, t.documents.c.version == thing.version)
    told = Publication(kind, thing.id, thing.version, thing.title, new=True)
    with hub.database.reading() as view:
        known = view.execute(sa.select(t.documents.c.canonical).where(*key)).scalar()
    if known is not None:
        _refuse_other_words(known, canonical, told, path)
        return Publication(kind, thing.id, thing.version, thing.title, new=False)
    issuer, now = hub.authority.issuer_signer(), hub.clock()
    signature = sign_detached(canonical, issuer.key, issuer.certificate, now)
    row = {"kind": kind, "id": thing.id, "version": thing.version, "canonical": canonical}
    with hub.database.writing() as work:
        work.execute(sa.insert(t.documents).values(**row, signature=signature, published_at=now))
    return told


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
    query = sa.select(t.documents.c.id).where(t.documents.c.kind == "rubric").distinct()
    return set(view.execute(query).scalars())


def _canonical(thing: Rubric | Policy) -> tuple[str, bytes]:
    if isinstance(thing, Rubric):
        return "rubric", rubric_to_json(thing)
    return "policy", policy_to_json(thing)


def _refuse_other_words(known: bytes, canonical: bytes, told: Publication, path: Path) -> None:
    if known != canonical:
        raise Refused(
            f"{path.name}: version {told.version} of the {told.kind} “{told.id}” is published with other words. "
            "A published version never changes: give this one a new version"
        )


def _newest(view: sa.Connection, kind: str, document_id: str) -> bytes | None:
    documents = t.documents.c
    query = sa.select(documents.canonical).where(documents.kind == kind, documents.id == document_id)
    found = view.execute(query.order_by(documents.published_at.desc(), documents.version.desc())).scalars()
    return found.first()


def _known(view: sa.Connection, kind: str) -> str:
    query = sa.select(t.documents.c.id).where(t.documents.c.kind == kind).distinct()
    return ", ".join(sorted(view.execute(query).scalars())) or "none yet"
