"""A badge's picture, drawn from the programme's look: accent, logo, title, issuer.

As SVG its letters are outlines, so that it looks the same wherever it is shown; as PNG it has few colours, since it
is carried inside the credential as well.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass
from functools import lru_cache

from assessor_desk.domain.programme_look import SVG, ProgrammeLook

from .letters import printable
from .typesetting import drawing_as_png, svg_of

#: Points; the PNG within the credential has a pixel for each, the one to save four.
SIDE = 128
_COLOURS = 64
_NEARLY = 6


@dataclass(frozen=True, slots=True)
class BadgePicture:
    """What a badge shows."""

    title: str
    issuer: str
    accent: str
    logo: str | None = None


def badge_picture(title: str, issuer: str, look: ProgrammeLook) -> BadgePicture:
    """The picture of a micro-credential. A logo that is no SVG is left out: it would be coarse when small."""
    logo = look.logo.content.decode() if look.logo and look.logo.media_type == SVG else None
    return BadgePicture(title, issuer, look.accent, logo)


@lru_cache(maxsize=64)
def badge_svg(picture: BadgePicture) -> str:
    """The picture as SVG. The same picture gives the same text."""
    drawn = {**asdict(printable(picture)), "logo": picture.logo}
    return svg_of("badge.typ", json.dumps(drawn))


@lru_cache(maxsize=64)
def badge_png(picture: BadgePicture, side: int = 4 * SIDE) -> bytes:
    """The picture as PNG, `side` pixels wide and high."""
    from PIL import Image

    with Image.open(io.BytesIO(drawing_as_png(badge_svg(picture)))) as drawn:
        sized = drawn.convert("RGBA").resize((side, side), Image.Resampling.LANCZOS)
    few = sized.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    # Few colours make what is opaque a shade less so.
    shades = few.getpalette("RGBA") or []
    few.putpalette([_whole(one) if place % 4 == 3 else one for place, one in enumerate(shades)], "RGBA")
    out = io.BytesIO()
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


def _whole(opacity: int) -> int:
    if opacity > 255 - _NEARLY:
        return 255
    return 0 if opacity < _NEARLY else opacity
