"""What of a document's markup is handed to the window: no more than it can lay out without standing still.

Measured with Qt 6.11: tables 50 deep take minutes, five deep two seconds; a word of 100,000 letters takes a second at
each change of width, 3,000 columns 0.1 s. No document made by hand comes near these bounds; what goes beyond them is
told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

DEEPEST = 60
DEEPEST_TABLES = 3
MOST_COLUMNS = 300
MOST_CELLS = 30_000
MOST_LETTERS = 3_000_000
LONGEST_WORD = 200
LONGEST_LINE = 20_000
_WIDEST_SPAN = 300
_LARGEST_SIDE = 4_000

_PIECE = re.compile(r"<(/?)([A-Za-z][\w:-]*)([^<>]*)>|[^<]+|<")
_LONG_WORD = re.compile(rf"[^\s<>&]{{{LONGEST_WORD}}}(?=[^\s<>&])|(?:&#?\w{{1,8}};){{200}}(?=&)")
_LONG_LINE = re.compile(rf"([^\n]{{{LONGEST_LINE}}}[^\s]*)[ \t]")
_SPAN = re.compile(r'\b((?:col|row)span)\s*=\s*"?(\d+)"?', re.IGNORECASE)
_SIDE = re.compile(r'\b(width|height)\s*=\s*"?(\d{4,})"?', re.IGNORECASE)
_VOID = {"br", "hr", "img", "col", "meta", "link", "input", "area", "base", "wbr", "source"}
_CELLS = {"td", "th"}


def words_kept_short(text: str) -> str:
    """The text with absurdly long words parted by a space, so that lines can be broken."""
    return _LONG_WORD.sub(r"\g<0> ", text)


def lines_kept_short(text: str) -> str:
    """Plain text with absurdly long lines broken at a space: each line is laid out in one go."""
    return _LONG_LINE.sub(r"\1\n", words_kept_short(text))


def bounded(markup: str) -> tuple[str, list[str]]:
    """The markup within bounds, and sentences on what was left out of it."""
    found = _Bounding()
    for piece in _PIECE.finditer(markup):
        if found.letters > MOST_LETTERS:
            found.left_out.add("The rest is left out: there are more words than can be shown.")
            break
        if piece[2] is None:
            found.words(piece[0])
        elif piece[1]:
            found.end(piece[2].lower())
        else:
            found.begin(piece[2].lower(), piece[3])
    return found.finished(), sorted(found.left_out)


@dataclass
class _Bounding:
    """The markup so far, and which of the elements that are open were kept."""

    kept: list[str] = field(default_factory=list)
    open: list[tuple[str, bool]] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    letters: int = 0
    cells: int = 0
    tables: int = 0
    depth: int = 0
    columns: list[int] = field(default_factory=list)
    silent: int = 0
    """How many elements are open within one that is left out with all in it."""

    def words(self, text: str) -> None:
        if not self.silent:
            self.letters += len(text)
            self.kept.append(words_kept_short(text))

    def begin(self, name: str, rest: str) -> None:
        if name == "img" and "src=" not in rest:
            return  # Qt would look for a file without a name
        if name in _VOID:
            self._keep(f"<{name}{_tamed(rest)}>")
            return
        if rest.endswith("/"):
            return
        if self.silent:
            self.silent += 1
            self.open.append((name, False))
            return
        if name == "tr":
            self.columns.append(0)
        if name in _CELLS and self._too_many_cells():
            self.silent = 1
            self.open.append((name, False))
            return
        shown = self._fits(name)
        self.open.append((name, shown))
        if shown:
            self.depth += 1
            self.tables += name == "table"
            self.kept.append(f"<{name}{_tamed(rest)}>")

    def end(self, name: str) -> None:
        if not any(each == name for each, _ in self.open[-DEEPEST * 4 :]):
            return
        while self.open:
            last, shown = self.open.pop()
            self._close(last, shown)
            if last == name:
                return

    def finished(self) -> str:
        while self.open:
            self._close(*self.open.pop())
        return "".join(self.kept)

    def _close(self, name: str, shown: bool) -> None:
        if self.silent:
            self.silent -= 1
        elif name == "tr" and self.columns:
            self.columns.pop()
        if shown:
            self.depth -= 1
            self.tables -= name == "table"
            self.kept.append(f"</{name}>")

    def _keep(self, tag: str) -> None:
        if not self.silent:
            self.kept.append(tag)

    def _too_many_cells(self) -> bool:
        self.cells += 1
        if self.columns:
            self.columns[-1] += 1
            if self.columns[-1] > MOST_COLUMNS:
                self.left_out.add(f"Of tables the first {MOST_COLUMNS} columns are shown.")
                return True
        if self.cells > MOST_CELLS:
            self.left_out.add(f"Of tables the first {MOST_CELLS:,} cells are shown.")
            return True
        return False

    def _fits(self, name: str) -> bool:
        """Parts of a table that is left out are, too: their words stay."""
        if name in _CELLS | {"tr", "tbody", "thead", "tfoot"}:
            return next((shown for each, shown in reversed(self.open) if each == "table"), True)
        if name == "table" and self.tables >= DEEPEST_TABLES:
            self.left_out.add("Tables within tables within tables are shown as words.")
            return False
        return self.depth < DEEPEST


def _tamed(rest: str) -> str:
    """An element's attributes without absurd sizes."""
    rest = _SPAN.sub(lambda found: f'{found[1]}="{min(int(found[2][:9]), _WIDEST_SPAN)}"', rest)
    return _SIDE.sub(lambda found: f'{found[1]}="{min(int(found[2][:9]), _LARGEST_SIDE)}"', rest)
