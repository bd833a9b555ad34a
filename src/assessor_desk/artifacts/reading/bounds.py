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
CELLS_A_PART, LETTERS_A_PART = 800, 500_000
"""What the window reads and lays out in less than a tenth of a second; more comes in parts."""

LONGEST_PARAGRAPH = 5_000
"""A paragraph is laid out in one go; a longer one goes on in a new line."""

_A_FEW_MORE = 80
"""Cells of a part's last row, and of the heading that its reader repeats above each."""
LONGEST_WORD = 200
LONGEST_LINE = 5_000
_WIDEST_SPAN = 300
_LARGEST_SIDE = 4_000

_PIECE = re.compile(r"<(/?)([A-Za-z][\w:-]*)([^<>]*)>|[^<]+|<")
_LONG_WORD = re.compile(rf"[^\s<>&]{{{LONGEST_WORD}}}(?=[^\s<>&])|(?:&#?\w{{1,8}};){{200}}(?=&)")
_LONG_LINE = re.compile(rf"([^\n]{{{LONGEST_LINE}}}[^\s]*)[ \t]")
_SPAN = re.compile(r'\b((?:col|row)span)\s*=\s*"?(\d+)"?', re.IGNORECASE)
_SIDE = re.compile(r'\b(width|height)\s*=\s*"?(\d{4,})"?', re.IGNORECASE)
_VOID = {"br", "hr", "img", "col", "meta", "link", "input", "area", "base", "wbr", "source"}
_CELLS = {"td", "th"}
_WITHIN_WORDS = {"b", "strong", "i", "em", "u", "s", "del", "sup", "sub", "code", "a", "span"}
_SOME_WORDS = re.compile(rf"\s*\S{{1,{LONGEST_WORD * 2}}}|\s+")


def words_kept_short(text: str) -> str:
    """The text with absurdly long words parted by a space, so that lines can be broken."""
    return _LONG_WORD.sub(r"\g<0> ", text)


def lines_kept_short(text: str) -> str:
    """Plain text with absurdly long lines broken at a space: each line is laid out in one go."""
    return _LONG_LINE.sub(r"\1\n", words_kept_short(text))


def bounded(markup: str) -> tuple[list[str], list[str]]:
    """The markup within bounds, in as many parts as it takes, and sentences on what was left out of it."""
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

    parts: list[list[str]] = field(default_factory=lambda: [[]])
    open: list[tuple[str, str]] = field(default_factory=list)
    """Elements that are open, each with its tag, which is empty where it was left out."""
    left_out: set[str] = field(default_factory=set)
    letters: int = 0
    cells: int = 0
    tables: int = 0
    depth: int = 0
    columns: list[int] = field(default_factory=list)
    silent: int = 0
    """How many elements are open within one that is left out with all in it."""
    cells_here: int = 0
    letters_here: int = 0
    paragraph: int = 0

    def words(self, text: str) -> None:
        if self.silent:
            return
        self.letters += len(text)
        self.letters_here += len(text)
        for piece in _SOME_WORDS.findall(words_kept_short(text)):
            if self.paragraph + len(piece) > LONGEST_PARAGRAPH:
                self._keep("<div></div>")
                self.paragraph = 0
            self.paragraph += len(piece)
            self._keep(piece)

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
            self.open.append((name, ""))
            return
        if name == "tr":
            self.columns.append(0)
        if name in _CELLS and self._too_many_cells():
            self.silent = 1
            self.open.append((name, ""))
            return
        if name not in _WITHIN_WORDS:
            self.paragraph = 0
            self._begin_part_if_full()
        tag = f"<{name}{_tamed(rest)}>" if self._fits(name) else ""
        self.open.append((name, tag))
        if tag:
            self.depth += 1
            self.tables += name == "table"
            self._keep(tag)

    def end(self, name: str) -> None:
        if not any(each == name for each, _ in self.open[-DEEPEST * 4 :]):
            return
        while self.open:
            last, tag = self.open.pop()
            self._close(last, tag)
            if last == name:
                break
        if name not in _WITHIN_WORDS:
            self.paragraph = 0

    def finished(self) -> list[str]:
        while self.open:
            self._close(*self.open.pop())
        return ["".join(part) for part in self.parts]

    def _begin_part_if_full(self) -> None:
        """Between rows, not within them, and not within a table in a table; what is open goes on in the next part."""
        full = self.cells_here > CELLS_A_PART + _A_FEW_MORE or self.letters_here >= LETTERS_A_PART
        if (
            not full
            or self.silent
            or self.tables > 1
            or any(name in _CELLS | {"tr"} for name, _ in self.open)
        ):
            return
        going_on = [(name, tag) for name, tag in self.open if tag]
        self.parts[-1].extend(f"</{name}>" for name, _ in reversed(going_on))
        self.parts.append([tag for _, tag in going_on])
        self.cells_here = self.letters_here = 0

    def _close(self, name: str, tag: str) -> None:
        if self.silent:
            self.silent -= 1
        elif name == "tr" and self.columns:
            self.columns.pop()
        if tag:
            self.depth -= 1
            self.tables -= name == "table"
            self.parts[-1].append(f"</{name}>")

    def _keep(self, tag: str) -> None:
        if not self.silent:
            self.parts[-1].append(tag)

    def _too_many_cells(self) -> bool:
        self.cells += 1
        self.cells_here += 1
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
            return next((bool(tag) for each, tag in reversed(self.open) if each == "table"), True)
        if name == "table" and self.tables >= DEEPEST_TABLES:
            self.left_out.add("Tables within tables within tables are shown as words.")
            return False
        return self.depth < DEEPEST


def _tamed(rest: str) -> str:
    """An element's attributes without absurd sizes."""
    rest = _SPAN.sub(lambda found: f'{found[1]}="{min(int(found[2][:9]), _WIDEST_SPAN)}"', rest)
    return _SIDE.sub(lambda found: f'{found[1]}="{min(int(found[2][:9]), _LARGEST_SIDE)}"', rest)
