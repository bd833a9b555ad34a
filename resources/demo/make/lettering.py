"""Fonts that look written by hand. Only what they draw is shipped, never the fonts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase

#: Family in our words → file and the Debian package that has it.
FILES = {
    "board": ("truetype/klee/KleeOne-SemiBold.ttf", "fonts-klee"),
    "felt": ("truetype/rufscript/Rufscript010.ttf", "fonts-rufscript"),
    "breip": ("truetype/breip/Breip.ttf", "fonts-breip"),
    "dkg": ("truetype/fifthhorseman/dkg.ttf", "fonts-dkg-handwriting"),
    "steve": ("truetype/sjfonts/SteveHand.ttf", "fonts-sjfonts"),
    "delphine": ("truetype/sjfonts/Delphine.ttf", "fonts-sjfonts"),
    "capitals": ("opentype/bwht/BecauseWeOrganize-Regular.otf", "fonts-bwht"),
    "round": ("opentype/bwht/BecauseWeMentor-Regular.otf", "fonts-bwht"),
    "print": ("opentype/inter/Inter-Regular.otf", "fonts-inter"),
}
FOLDER = Path("/usr/share/fonts")


@cache
def _family(name: str) -> str:
    path, package = FILES[name]
    number = QFontDatabase.addApplicationFont(str(FOLDER / path))
    if number < 0:
        raise SystemExit(f"The font {path} is missing: install the Debian package {package}")
    return QFontDatabase.applicationFontFamilies(number)[0]


def font(name: str, pixels: float) -> QFont:
    """A font of `FILES` with letters of that size."""
    chosen = QFont(_family(name))
    chosen.setPixelSize(max(1, round(pixels)))
    if name == "board":
        chosen.setWeight(QFont.Weight.DemiBold)
    return chosen
