"""Stacks as people write them (YAML) and as they are published (canonical JSON), checked like rubrics and policies."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from assessor_desk.domain.badge import Stack
from assessor_desk.domain.errors import Damaged, Refused

from .published import build
from .written import FaultyFile, checked, parts_of


def holds_stack(path: Path) -> bool:
    """Whether a YAML file is a stack. Raises FaultyFile or Refused where it cannot be read."""
    return "parts" in parts_of(path)


def load_stack(path: Path) -> Stack:
    """Read a stack. Raises FaultyFile naming file and line, or Refused when there is no such file."""
    document = checked(path, "stack")
    try:
        stack: Stack = build(Stack, document.data)
    except Refused as error:
        raise FaultyFile([document.fault(("parts",), str(error))]) from error
    return stack


def stack_to_json(stack: Stack) -> bytes:
    """Canonical JSON of a stack."""
    import rfc8785

    return bytes(rfc8785.dumps(json.loads(json.dumps(asdict(stack)))))


def stack_from_json(data: bytes) -> Stack:
    """Read a published stack. Raises Damaged when the bytes are not one."""
    try:
        stack: Stack = build(Stack, json.loads(data))
    except (ValueError, TypeError, KeyError, Refused) as error:
        raise Damaged(f"The published stack cannot be read ({error}); ask the issuer") from error
    return stack
