"""PDF documents, typeset from `typeset/*.typ`."""

from __future__ import annotations

from pathlib import Path

import typst

SOURCES = Path(__file__).with_name("typeset")


def write(source: str, path: Path) -> None:
    """Typeset one of the sources into a tagged PDF."""
    typst.compile(str(SOURCES / f"{source}.typ"), output=str(path), root=str(SOURCES))
