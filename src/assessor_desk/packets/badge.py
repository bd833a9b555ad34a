"""An Open Badges 3.0 credential (1EdTech, AchievementCredential), unsigned: what an issuer says of an earned decision.

The results are the decision's own, criterion by criterion, each with the levels that the rubric has. The evidence is
named by the decision's digest alone: no recording and no text of a submission is in a badge, nor who assessed it.
Whoever knows an educator's address or number can tell whose badge it is; nobody else can (docs/decisions/0156).
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from assessor_desk.domain.badge import Identity, Stack
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.rubric import Criterion, PerformanceLevel, Rubric
from assessor_desk.keys.data_integrity import CREDENTIALS, OPEN_BADGES
from assessor_desk.protocol.documents import instant

_SAMPLE = "A sample, not approved by any agency and not for decisions."


@dataclass(frozen=True, slots=True)
class Educator:
    """Whose badge it is, as the hub knows them."""

    number: str
    name: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Issuing:
    """What is the same for every kind of badge.

    `did` and `title` are the issuer's, `address` is where its hub is reached, `place` the badge's bit in the status
    list at `status_list`, `picture` a PNG.
    """

    id: UUID
    did: str
    title: str
    address: str
    status_list: str
    place: int
    educator: Educator
    identity: Identity
    picture: bytes
    issued_at: datetime
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PartEarned:
    """A part of a stack that was earned: the micro-credential's id and title, and its badge's id."""

    id: str
    title: str
    badge: str


def badge_for_decision(
    issuing: Issuing, rubric: Rubric, levels: Mapping[str, str], decision: str
) -> dict[str, Any]:
    """The credential for an earned decision, named by its digest; `levels` are criterion id → level id.

    Raises Refused where a criterion has no level, or one that the rubric lacks.
    """
    achievement = {
        **_achievement(issuing, rubric),
        "version": rubric.version,
        "criteria": {"id": _rubric_url(issuing, rubric), "narrative": _narrative(rubric)},
        "alignment": [_alignment(issuing, rubric)],
        "resultDescription": [_description(issuing, rubric, criterion) for criterion in rubric.criteria],
    }
    results = [_result(issuing, rubric, criterion, levels) for criterion in rubric.criteria]
    words = "The issuer's sealed decision, named by the SHA-256 of its tagmanifest-sha256.txt."
    evidence = [_evidence(f"urn:sha256:{decision}", "Decision", words)]
    return _credential(issuing, rubric.title, achievement, results, evidence)


def badge_for_stack(issuing: Issuing, stack: Stack, parts: Iterable[PartEarned]) -> dict[str, Any]:
    """The credential for a stack, with the badges of its parts as evidence."""
    earned = tuple(parts)
    described = [(one, _urn(issuing, stack.id, stack.version, one.id)) for one in earned]
    achievement = {
        **_achievement(issuing, stack),
        "version": stack.version,
        "criteria": {
            "id": f"{issuing.address}/v1/badges/stacks/{stack.id}/{stack.version}",
            "narrative": f"Earned by {stack.needed} micro-credentials of {stack.issuer}.",
        },
        "resultDescription": [
            {"id": urn, "type": ["ResultDescription"], "name": one.title, "resultType": "Status"}
            for one, urn in described
        ],
    }
    results = [{"type": ["Result"], "resultDescription": urn, "status": "Completed"} for _, urn in described]
    evidence = [_evidence(one.badge, one.title, "The badge of this part.") for one in earned]
    return _credential(issuing, stack.title, achievement, results, evidence)


def status_list_credential(
    url: str, did: str, encoded: str, at: datetime, valid_until: datetime
) -> dict[str, Any]:
    """A BitstringStatusListCredential (W3C Bitstring Status List 1.0), unsigned."""
    return {
        "@context": [CREDENTIALS],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": did,
        "validFrom": instant(at),
        "validUntil": instant(valid_until),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded,
        },
    }


def _credential(
    issuing: Issuing,
    name: str,
    achievement: Mapping[str, Any],
    results: list[dict[str, Any]],
    evidence: list[dict[str, Any]],
) -> dict[str, Any]:
    until = {} if issuing.valid_until is None else {"validUntil": instant(issuing.valid_until)}
    return {
        "@context": [CREDENTIALS, OPEN_BADGES],
        "id": issuing.id.urn,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": name,
        "issuer": {
            "id": issuing.did,
            "type": ["Profile"],
            "name": issuing.title,
            "url": issuing.address,
        },
        "validFrom": instant(issuing.issued_at),
        **until,
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": _identifiers(issuing),
            "achievement": dict(achievement),
            "result": results,
        },
        "evidence": evidence,
        "credentialStatus": {
            "id": f"{issuing.status_list}#{issuing.place}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(issuing.place),
            "statusListCredential": issuing.status_list,
        },
    }


def _identifiers(issuing: Issuing) -> list[dict[str, Any]]:
    """Of an address where there is one: that is what a wallet knows of its holder. Never a name unless policy says."""
    educator = issuing.educator
    number = _plainly("identifier", educator.number)
    if issuing.identity is Identity.NUMBER:
        return [number]
    if issuing.identity is Identity.NAME:
        return [_plainly("name", educator.name), number]
    if educator.email:
        return [_hashed("emailAddress", educator.email.strip().lower())]
    return [_hashed("identifier", educator.number)]


def _plainly(kind: str, value: str) -> dict[str, Any]:
    return {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": kind}


def _hashed(kind: str, value: str) -> dict[str, Any]:
    """An IdentityHash of Open Badges 3.0: SHA-256 of the value followed by the salt."""
    salt = secrets.token_hex(16)
    digest = hashlib.sha256((value + salt).encode()).hexdigest()
    return {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": f"sha256${digest}",
        "identityType": kind,
        "salt": salt,
    }


def _achievement(issuing: Issuing, thing: Rubric | Stack) -> dict[str, Any]:
    caption = f"Badge of {issuing.title}: {thing.title}"
    return {
        "id": _urn(issuing, thing.id, thing.version),
        "type": ["Achievement"],
        "achievementType": "MicroCredential",
        "name": thing.title,
        "description": f"{thing.competency} {_SAMPLE}" if thing.sample else thing.competency,
        "humanCode": thing.id,
        "image": {
            "id": f"data:image/png;base64,{b64encode(issuing.picture).decode()}",
            "type": "Image",
            "caption": caption,
        },
    }


def _narrative(rubric: Rubric) -> str:
    titles = " · ".join(criterion.title for criterion in rubric.criteria)
    return f"Assessed by trained assessors against the published rubric, criterion by criterion: {titles}."


def _alignment(issuing: Issuing, rubric: Rubric) -> dict[str, Any]:
    return {
        "type": ["Alignment"],
        "targetName": rubric.title,
        "targetUrl": _rubric_url(issuing, rubric),
        "targetCode": rubric.id,
        "targetDescription": rubric.competency,
        "targetFramework": rubric.issuer,
        "targetType": "CFRubric",
    }


def _rubric_url(issuing: Issuing, rubric: Rubric) -> str:
    return f"{issuing.address}/v1/badges/rubrics/{rubric.id}/{rubric.version}"


def _description(issuing: Issuing, rubric: Rubric, criterion: Criterion) -> dict[str, Any]:
    return {
        "id": _urn(issuing, rubric.id, rubric.version, criterion.id),
        "type": ["ResultDescription"],
        "name": criterion.title,
        "resultType": "RubricCriterionLevel",
        "requiredLevel": _level_urn(issuing, rubric, criterion, criterion.passing),
        "rubricCriterionLevel": [_level(issuing, rubric, criterion, level) for level in criterion.levels],
    }


def _level(issuing: Issuing, rubric: Rubric, criterion: Criterion, level: PerformanceLevel) -> dict[str, Any]:
    return {
        "id": _level_urn(issuing, rubric, criterion, level.id),
        "type": ["RubricCriterionLevel"],
        "name": level.title,
        "level": level.id,
        "description": level.descriptor,
    }


def _result(
    issuing: Issuing, rubric: Rubric, criterion: Criterion, levels: Mapping[str, str]
) -> dict[str, Any]:
    if criterion.id not in levels:
        raise Refused(f"The decision says no level for “{criterion.title}”; a badge needs one for each")
    level = criterion.level(levels[criterion.id])
    return {
        "type": ["Result"],
        "resultDescription": _urn(issuing, rubric.id, rubric.version, criterion.id),
        "achievedLevel": _level_urn(issuing, rubric, criterion, level.id),
        "value": level.title,
    }


def _level_urn(issuing: Issuing, rubric: Rubric, criterion: Criterion, level: str) -> str:
    return _urn(issuing, rubric.id, rubric.version, criterion.id, level)


def _urn(issuing: Issuing, *names: str) -> str:
    """The same for the same thing of the same issuer, so that badges of one micro-credential are alike."""
    return uuid5(uuid5(NAMESPACE_URL, issuing.did), "\n".join(names)).urn


def _evidence(urn: str, name: str, words: str) -> dict[str, Any]:
    return {"id": urn, "type": ["Evidence"], "name": name, "description": words}
