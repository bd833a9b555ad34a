"""Whether what a desk sealed has the shape that its schema asks for, before anything of it is written down.

A signature says who wrote a document, not that it makes sense: whoever is enrolled can sign anything with a program of
their own, and one odd value kept would stand in the way of everybody's lists ever after.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from assessor_desk.hub.errors import Declined
from assessor_desk.places import schemas
from assessor_desk.verdict.layout import FEEDBACK, Layout

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator


def refuse_misshapen(files: Mapping[str, bytes], layout: Layout) -> None:
    """Raises Declined (422) where what a packet or decision states, or its feedback, is not as its schema says."""
    for name in (layout.stated, FEEDBACK):
        if name in files and (fault := _first_fault(name, files[name])):
            raise Declined(422, f"The {layout.kind} does not hold. {name} is not as it should be: {fault}")


def _first_fault(name: str, document: bytes) -> str:
    """Where the document differs from its schema first, and from which rule; never what it says there."""
    schema = name.removeprefix("data/").removesuffix(".json")
    fault = next(iter(_rules(schema).iter_errors(json.loads(document))), None)
    return "" if fault is None else f"{fault.json_path} ({fault.validator})"


@cache
def _rules(schema: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    text = (schemas() / f"{schema}.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))
