"""Rubrics and policies in and out: YAML that people write, canonical JSON that is published, signed and kept
in packets.

The format is DESIGN §7's contract, with JSON Schemas in `docs/schemas/`. A fault names file, line and
criterion. Phrase banks go the same way, as YAML or CSV.
"""

from .looks import load_look, look_of
from .phrase_banks import load_bank, load_phrases, phrases_to_csv, phrases_to_yaml, save_phrases
from .published import (
    bank_from_json,
    bank_to_json,
    policy_from_json,
    policy_to_json,
    rubric_from_json,
    rubric_to_json,
)
from .stacks import holds_stack, load_stack, stack_from_json, stack_to_json
from .writing import rubric_to_yaml, write_rubric
from .written import Fault, FaultyFile, holds_phrases, load_policy, load_rubric, load_rubric_or_policy

__all__ = [
    "Fault",
    "FaultyFile",
    "bank_from_json",
    "bank_to_json",
    "holds_phrases",
    "holds_stack",
    "load_bank",
    "load_look",
    "load_phrases",
    "load_policy",
    "load_rubric",
    "load_rubric_or_policy",
    "load_stack",
    "look_of",
    "phrases_to_csv",
    "phrases_to_yaml",
    "policy_from_json",
    "policy_to_json",
    "rubric_from_json",
    "rubric_to_json",
    "rubric_to_yaml",
    "save_phrases",
    "stack_from_json",
    "stack_to_json",
    "write_rubric",
]
