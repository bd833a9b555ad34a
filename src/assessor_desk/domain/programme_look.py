"""How a programme's documents look: its logo, its colour, its closing words and its paper. Data, one per programme."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import Refused

#: WCAG 2.2, success criterion 1.4.3, for text of ordinary size.
LOWEST_CONTRAST = 4.5
PAPERS = ("letter", "a4")
SVG, PNG = "image/svg+xml", "image/png"


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture as SVG or PNG, and the words that stand for it where it cannot be seen."""

    content: bytes
    media_type: str
    alternative: str


@dataclass(frozen=True, slots=True)
class ProgrammeLook:
    """The look of one programme's documents. Raises Refused for a colour that cannot be read on white.

    `accent` is #RRGGBB. `closing` are paragraphs at the end of each report. `paper` is one of PAPERS.
    """

    programme: str
    accent: str = "#1D5A9E"
    logo: Logo | None = None
    closing: tuple[str, ...] = ()
    paper: str = "letter"

    def __post_init__(self) -> None:
        if self.paper not in PAPERS:
            raise Refused(f"Paper is one of {', '.join(PAPERS)}, not “{self.paper}”")
        found = contrast_on_white(self.accent)
        if found < LOWEST_CONTRAST:
            raise Refused(
                f"The accent colour {self.accent} has a contrast of {found:.1f}:1 on white; text needs at least "
                f"{LOWEST_CONTRAST}:1. Choose a darker one"
            )


def contrast_on_white(colour: str) -> float:
    """Contrast of #RRGGBB and white, 1 to 21 (WCAG 2.2, “contrast ratio”). Raises Refused for what is no colour."""
    if not re.fullmatch("#[0-9A-Fa-f]{6}", colour):
        raise Refused(f"“{colour}” is no colour; write it as #1D5A9E")
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
