"""What the checks are made before, in the words of a finding: sealing a review, handing notes back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Occasion:
    """`before` completes “needed before …”, `reasons` says where the reason for keeping a finding goes."""

    before: str
    reasons: str


SEALING = Occasion("sealing", "The reason is part of the packet, for reviewers.")
HANDING_BACK = Occasion(
    "handing back", "The reason stays with your notes on this computer; the educator does not read it."
)
