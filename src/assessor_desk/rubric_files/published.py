"""Rubrics, policies and phrase banks as published: RFC 8785 canonical JSON, whose SHA-256 a packet names."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, fields, is_dataclass, replace
from enum import Enum
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from assessor_desk.domain.errors import Damaged
from assessor_desk.domain.phrases import Bank, Scope
from assessor_desk.domain.policy import DEFAULT_CHECKS, MovePolicy, Policy
from assessor_desk.domain.rubric import Rubric

T = TypeVar("T")


def rubric_to_json(rubric: Rubric) -> bytes:
    """Canonical JSON of a rubric; two rubrics are the same exactly when these bytes are."""
    return _canonical(rubric)


def policy_to_json(policy: Policy) -> bytes:
    """Canonical JSON of a policy. What came later and is not said is left out: no published version changes by it."""
    later = {
        "republished_rubric": policy.republished_rubric is MovePolicy.MAY,
        "contact_within_days": policy.contact_within_days == 0,
    }
    return _canonical(policy, tuple(name for name, unsaid in later.items() if unsaid))


def rubric_from_json(data: bytes) -> Rubric:
    """Read a published rubric. Raises Damaged when the bytes are not one."""
    return _read(Rubric, data, "rubric")


def policy_from_json(data: bytes) -> Policy:
    """Read a published policy. Raises Damaged when the bytes are not one."""
    return _read(Policy, data, "policy")


def bank_to_json(bank: Bank) -> bytes:
    """Canonical JSON of a phrase bank, without anybody's use of it: every phrase in it is the programme's."""
    import rfc8785

    phrases = [
        {"id": one.id, "text": one.text, "rubric": one.rubric, "criterion": one.criterion, "level": one.level,
         "tags": list(one.tags)}
        for one in bank.phrases
    ]  # fmt: skip
    return bytes(
        rfc8785.dumps({"id": bank.id, "version": bank.version, "title": bank.title, "phrases": phrases})
    )


def bank_from_json(data: bytes) -> Bank:
    """Read a published phrase bank. Raises Damaged when the bytes are not one."""
    bank = _read(Bank, data, "phrase bank")
    return replace(bank, phrases=tuple(replace(one, scope=Scope.PROGRAMME) for one in bank.phrases))


def policy_from_data(data: Mapping[str, Any]) -> Policy:
    """A policy from parsed YAML or JSON; checks it does not mention keep DOMAIN.md's defaults."""
    policy: Policy = build(Policy, {**data, "checks": {**DEFAULT_CHECKS, **data.get("checks", {})}})
    return policy


def _canonical(thing: Rubric | Policy, unsaid: Collection[str] = ()) -> bytes:
    import rfc8785

    plain: dict[str, Any] = json.loads(json.dumps(asdict(thing)))
    for name in unsaid:
        del plain[name]
    return bytes(rfc8785.dumps(plain))


def _read(kind: type[T], data: bytes, name: str) -> T:
    try:
        thing: T = build(kind, json.loads(data))
    except (ValueError, TypeError, KeyError) as error:
        words = f"The published {name} cannot be read ({error}); sync again or ask the issuer"
        raise Damaged(words) from error
    return thing


def build(kind: Any, data: Any) -> Any:
    """Build a frozen dataclass, tuple, mapping or enumeration of the annotated type from parsed YAML or JSON.

    Raises TypeError for a key the type does not have, ValueError for a value an enumeration lacks.
    """
    origin = get_origin(kind)
    if is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(data, Mapping):
            raise TypeError(f"a mapping was expected, not {type(data).__name__}")
        hints = get_type_hints(kind)
        known = {one.name for one in fields(kind)}
        if unknown := set(data) - known:
            raise TypeError(f"unknown key {sorted(unknown)[0]}")
        return kind(**{key: build(hints[key], value) for key, value in data.items()})
    if origin is tuple:
        return tuple(build(get_args(kind)[0], one) for one in data)
    if origin in (dict, Mapping):
        return {str(key): build(get_args(kind)[1], value) for key, value in data.items()}
    if isinstance(kind, UnionType):
        return data
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    return kind(data) if kind in (str, int, bool) else data
