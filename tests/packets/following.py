"""Whether documents follow the published schemas: what is wrong with one, as words."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from assessor_desk.places import schemas


def schema(name: str) -> Any:
    """One of the published schemas."""
    return json.loads((schemas() / f"{name}.schema.json").read_text(encoding="utf-8"))


def faults(document: Any, name: str) -> list[str]:
    """Everything in which a document does not follow a schema; the schema itself is looked at first."""
    rules = schema(name)
    Draft202012Validator.check_schema(rules)
    return [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(rules).iter_errors(document)
    ]
