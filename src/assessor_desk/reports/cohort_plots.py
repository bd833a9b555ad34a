"""The plots of a cohort report as SVG: drawn once by typst, in the documents' own letters, the same in all of them.

Letters are outlines: what a reader or a screen reader is told stands in the plot's alternative and in the table
behind it.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache

from .cohort_content import Plot
from .letters import printable
from .typesetting import svg_of


@lru_cache(maxsize=64)
def plot_svg(plot: Plot) -> str:
    """The plot as SVG, 504 points wide. The same plot gives the same text."""
    drawn = asdict(printable(plot))
    for group in drawn["groups"]:
        for bar in group["bars"]:
            bar["short"] = _short(bar["label"])
    return svg_of("plot.typ", json.dumps(drawn))


def _short(label: str) -> str:
    """A month as its first three letters, for the foot of a trend: Jan 2026, Jan to Mar 2026."""
    return " ".join(word[:3] if word[0].isupper() and len(word) > 3 else word for word in label.split())
