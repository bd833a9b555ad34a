"""Whether two pictures are the same one, encoded twice: a difference hash.

After Neal Krawetz, “Kind of Like That”, The Hacker Factor Blog, 21 January 2013
(https://www.hackerfactor.com/blog/index.php?/archives/529-Kind-of-Like-That.html): the picture is made small and
grey, and each bit says whether it gets brighter from one point to the next. Saving again, at another size or quality,
changes few bits; another picture of the same sheet of paper changes many. `domain.preflight.same_picture` compares.
"""

from __future__ import annotations

from PIL import Image, ImageStat

SIDE = 32
"""Points a row and rows, 1024 bits: fewer do not tell two pupils' copies of one worksheet apart."""

_LEAST_CONTRAST = 6.0
"""Standard deviation of the small grey picture (0–255) below which it shows too little to be told from others."""

_LEAST_STEP = 6
"""Shades of grey that count as a step: smaller ones come and go with the encoding."""


def likeness(picture: Image.Image) -> str:
    """The hash as hexadecimal; empty for a picture that shows next to nothing."""
    small = picture.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX)
    if ImageStat.Stat(small).stddev[0] < _LEAST_CONTRAST:
        return ""
    shades = small.tobytes()
    bits = 0
    for row in range(SIDE):
        for column in range(SIDE):
            at = row * (SIDE + 1) + column
            bits = bits << 1 | (shades[at + 1] - shades[at] >= _LEAST_STEP)
    return f"{bits:0{SIDE * SIDE // 4}x}"
