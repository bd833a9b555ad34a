"""RTF documents as HTML: words with their looks, lists as written, tables, pictures (RTF specification 1.9.1)."""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from assessor_desk.artifacts.reading import markup
from assessor_desk.artifacts.reading.markup import Look, Pictures
from assessor_desk.artifacts.reading.remarks import Remark, Writers
from assessor_desk.artifacts.reading.rtf_state import (
    Group,
    Lie,
    Row,
    RtfDocument,
    Words,
    plain_points,
)
from assessor_desk.artifacts.reading.rtf_tables import Tables
from assessor_desk.artifacts.reading.rtf_words import CHARSETS, ESCAPED, LEFT_OUT, SIGNS, SWITCHES
from assessor_desk.artifacts.reading.source import Source
from assessor_desk.artifacts.reading.xml_package import LARGEST_FILE

_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\"
)
_DEEPEST, _MOST_TOKENS = 200, 4_000_000
_TWIPS_A_PIXEL = 15


_CHANGES = "Tracked changes are shown: words put in are underlined, words taken out are struck through."
_LARGE = "Of a large table only the first rows are shown."


def read_rtf(source: Source) -> RtfDocument:
    """Read a document. Raises one of `xml_package.FAULTS`, `Refused` for one too large."""
    reading = _Reading(source.whole(LARGEST_FILE))
    return reading.document()


class _Reading:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._plain = plain_points(data)
        self._group = Group()
        self._stack: list[Group] = []
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._colours: list[str] = []
        self._colour = [0, 0, 0, False]
        self._lie = Lie()
        self._words = Words()
        self._label = ""
        self._blocks: list[str] = []
        self._running: dict[str, list[str]] = {"header": [], "footer": []}
        self._tables = Tables(self._named_colour)
        self._around: Row | None = None
        self._picture: tuple[str, list[bytes], int] = ("", [], 0)
        self._pictures = Pictures()
        self._found = RtfDocument()
        self._writers = Writers()
        self._writer = ""
        self._aside: list[str] = []
        self._notes: list[str] = []
        self._left_to_skip = 0
        self._bytes = b""
        self._high = 0
        self._at = 0
        self._kept = Words()
        self._words_of = self._word_table()

    def document(self) -> RtfDocument:
        """The whole of it."""
        if not self._data.startswith(b"{\\rtf"):
            raise ValueError("it does not begin as one")
        for count, token in enumerate(_TOKEN.finditer(self._data)):
            if count > _MOST_TOKENS:
                self._found.notes.append("The document is very long; its end is not shown.")
                break
            self._at = token.end()
            self._take(token)
        self._end_paragraph(only_if_words=True)
        self._end_table()
        found = self._found
        found.blocks = [
            *self._run_along("header"),
            *self._blocks,
            *self._foot_notes(),
            *self._run_along("footer"),
        ]
        found.remarks = [Remark(r.number, self._writers.told(r.writer), r.words) for r in found.remarks]
        return found

    def _take(self, token: re.Match[bytes]) -> None:
        word, parameter, code, sign, brace, text = token.groups()
        if code is not None:
            self._byte(bytes([int(code, 16)]))
            return
        self._flush_bytes()
        if brace is not None:
            self._left_to_skip = 0
            self._open() if brace == b"{" else self._close()
        elif word is not None:
            self._left_to_skip = 0
            self._control(word.decode(), None if parameter is None else int(parameter))
            if word == b"bin":
                self._group.into = "nothing"
        elif sign is not None:
            self._sign(sign)
        elif text is not None:
            self._text(text)

    # Groups

    def _open(self) -> None:
        if len(self._stack) >= _DEEPEST:
            raise ValueError("it is nested too deeply")
        self._stack.append(self._group)
        self._group = replace(self._group)

    def _close(self) -> None:
        if not self._stack:
            return
        ended, self._group = self._group, self._stack.pop()
        if ended.into == self._group.into:
            return
        ends: dict[str, Callable[[], None]] = {
            "picture": self._end_picture,
            "label": self._end_label,
            "remark": self._end_remark,
            "writer": self._end_writer,
            "note": self._end_note,
            "header": lambda: self._end_running("header"),
            "footer": lambda: self._end_running("footer"),
        }
        if ended.into in ends:
            ends[ended.into]()

    def _control(self, word: str, parameter: int | None) -> None:
        group = self._group
        if word in LEFT_OUT:
            group.into = "nothing"
            return
        if group.into == "nothing" and word not in ("u", "par"):
            return
        if word in SIGNS:
            self._put(SIGNS[word])
        elif word in SWITCHES:
            group.look = group.look.with_changes({SWITCHES[word]: parameter != 0})
        elif word in self._words_of:
            self._words_of[word](parameter if parameter is not None else 0)

    def _word_table(self) -> dict[str, Callable[[int], None]]:
        lie = self._set_lie
        return {
            **self._words_of_tables(),
            "par": lambda _: self._end_paragraph(),
            "sect": lambda _: self._end_paragraph(only_if_words=True),
            "page": lambda _: self._page(),
            "pagebb": lambda _: self._page(),
            "pard": lambda _: self._fresh_paragraph(),
            "plain": lambda _: self._set_look(look=Look()),
            "ul": lambda n: self._set_look(underline=True),
            "ulnone": lambda _: self._set_look(underline=False),
            "nosupersub": lambda _: self._set_look(raised=False, lowered=False),
            "cf": lambda n: self._set_look(ink=self._named_colour(n)),
            "highlight": lambda n: self._set_look(ground=self._named_colour(n)),
            "chcbpat": lambda n: self._set_look(ground=self._named_colour(n)),
            "cb": lambda n: self._set_look(ground=self._named_colour(n)),
            "fs": lambda n: self._set_look(size=markup.size(n / 2, self._plain)),
            "f": self._set_font,
            "fcharset": self._set_charset,
            "ansicpg": self._set_page,
            "u": self._unicode,
            "uc": lambda n: setattr(self._group, "skip", min(20, max(0, n))),
            "qc": lambda _: lie(align="center"),
            "qr": lambda _: lie(align="right"),
            "ql": lambda _: lie(align=""),
            "qj": lambda _: lie(align=""),
            "li": lambda n: lie(left=min(400, max(0, n // _TWIPS_A_PIXEL))),
            "fi": lambda n: lie(indent=min(200, max(-200, round(n / _TWIPS_A_PIXEL)))),
            "rtlpar": lambda _: lie(rtl=True),
            "ltrpar": lambda _: lie(rtl=False),
            "colortbl": lambda _: setattr(self._group, "into", "colours"),
            "fonttbl": lambda _: setattr(self._group, "into", "fonts"),
            "red": lambda n: self._shade(0, n),
            "green": lambda n: self._shade(1, n),
            "blue": lambda n: self._shade(2, n),
            "listtext": lambda _: self._begin("label"),
            "pntext": lambda _: self._begin("label"),
            "pict": lambda _: self._begin_picture(),
            "pngblip": lambda _: self._kind_of_picture("picture.png"),
            "jpegblip": lambda _: self._kind_of_picture("picture.jpeg"),
            "emfblip": lambda _: self._kind_of_picture("picture.emf"),
            "wmetafile": lambda _: self._kind_of_picture("picture.wmf"),
            "picwgoal": self._width_of_picture,
            "annotation": lambda _: self._begin("remark"),
            "atnauthor": lambda _: self._begin("writer"),
            "footnote": lambda _: self._begin("note"),
            "header": lambda _: self._begin("header"),
            "headerr": lambda _: self._begin("header"),
            "headerl": lambda _: self._begin("header"),
            "footer": lambda _: self._begin("footer"),
            "footerr": lambda _: self._begin("footer"),
            "footerl": lambda _: self._begin("footer"),
            "deleted": lambda n: setattr(self._group, "change", "deleted"),
            "revised": lambda n: setattr(self._group, "change", "inserted"),
        }

    def _words_of_tables(self) -> dict[str, Callable[[int], None]]:
        lie, row = self._set_lie, self._set_row
        return {
            "intbl": lambda _: lie(in_table=True),
            "itap": lambda n: lie(level=n),
            "outlinelevel": lambda n: lie(outline=n + 1 if n < 6 else 0),
            "trowd": lambda _: self._fresh_row(),
            "cellx": self._tables.shape_cell,
            "clcbpat": lambda n: row(ground=n),
            "clvmgf": lambda _: row(merge="first"),
            "clvmrg": lambda _: row(merge="down"),
            "clmgf": lambda _: row(merge="first-across"),
            "clmrg": lambda _: row(merge="across"),
            "trhdr": lambda _: row(header=True),
            "cell": lambda _: self._end_cell(nested=False),
            "nestcell": lambda _: self._end_cell(nested=True),
            "nesttableprops": lambda _: setattr(self._group, "nested", True),
            "row": lambda _: self._end_row(nested=False),
            "nestrow": lambda _: self._end_row(nested=True),
        }

    def _set_look(self, **changes: object) -> None:
        look = changes.pop("look", None)
        self._group.look = look if isinstance(look, Look) else self._group.look.with_changes(changes)

    def _set_lie(self, **changes: object) -> None:
        self._lie = replace(self._lie, **changes)  # type: ignore[arg-type]

    def _set_row(self, **changes: object) -> None:
        self._tables.row = replace(self._tables.row, **changes)  # type: ignore[arg-type]

    # Words

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":  # a destination that readers may not know: those that are known undo this
            self._group.into = self._group.into if self._known_ahead() else "nothing"
        elif sign in ESCAPED:
            self._put(html.escape(ESCAPED[sign]))
        elif sign in b"\r\n":
            self._end_paragraph()

    def _known_ahead(self) -> bool:
        """Nothing that begins with an asterisk is read, but remarks and what a list wrote before Word 97."""
        return self._group.into != "nothing" and self._peeked in (
            b"annotation",
            b"atnauthor",
            b"shppict",
            b"pntext",
            b"nesttableprops",
        )

    @property
    def _peeked(self) -> bytes:
        found = re.match(rb"\\([a-z]+)", self._data[self._at : self._at + 40])
        return found[1] if found else b""

    def _text(self, text: bytes) -> None:
        group = self._group
        if group.into == "picture":
            self._picture[1].append(text)
        elif group.into == "colours":
            self._end_colours(text.count(b";"))
        elif group.into not in ("nothing", "fonts"):
            skipped = min(self._left_to_skip, len(text))
            self._left_to_skip -= skipped
            self._say(text[skipped:].decode(self._encoding(), "replace"))

    def _byte(self, byte: bytes) -> None:
        """Bytes of one character may come one by one."""
        if self._group.into in ("nothing", "fonts", "colours", "picture"):
            return
        if self._left_to_skip:
            self._left_to_skip -= 1
            return
        self._bytes += byte

    def _flush_bytes(self) -> None:
        if self._bytes:
            data, self._bytes = self._bytes, b""
            self._say(data.decode(self._encoding(), "replace"))

    def _unicode(self, code: int) -> None:
        code = code + 0x10000 if code < 0 else code
        self._left_to_skip = self._group.skip
        if 0xD800 <= code < 0xDC00:
            self._high = code
            return
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((self._high - 0xD800) << 10) + (code - 0xDC00) if self._high else 0xFFFD
        self._high = 0
        if 0xF000 <= code <= 0xF0FF:
            from assessor_desk.artifacts.reading.word_numbering import sign

            self._say(sign(chr(code)))
        elif code < 0x110000:
            self._say(chr(code))

    def _say(self, words: str) -> None:
        look = self._group.look
        self._put(markup.escaped(words.upper() if look.capitals else words))

    def _put(self, piece: str) -> None:
        group = self._group
        if group.into in ("nothing", "fonts", "colours", "picture"):
            return
        if group.into in ("label", "remark", "writer"):
            self._aside.append(piece)
            return
        if group.change and _CHANGES not in self._found.notes:
            self._found.notes.append(_CHANGES)
        self._words.say(piece, group.look, group.change)

    def _encoding(self) -> str:
        return self._fonts.get(self._font, self._group.encoding)

    def _set_font(self, which: int) -> None:
        self._font = which

    def _set_charset(self, which: int) -> None:
        if which in CHARSETS and which != 0:
            self._fonts[self._font] = CHARSETS[which]

    def _set_page(self, page: int) -> None:
        try:
            self._group.encoding = codecs.lookup(f"cp{page}").name
        except LookupError:
            self._group.encoding = "cp1252"

    def _shade(self, which: int, amount: int) -> None:
        self._colour[which], self._colour[3] = min(255, max(0, amount)), True

    def _end_colours(self, count: int) -> None:
        for _ in range(count):
            red, green, blue, said = self._colour
            self._colours.append(f"{red:02x}{green:02x}{blue:02x}" if said else "")
            self._colour = [0, 0, 0, False]

    def _named_colour(self, which: int) -> str:
        found = self._colours[which] if 0 < which < len(self._colours) else ""
        return "" if found in ("ffffff", "000000") else found

    # Paragraphs

    def _fresh_paragraph(self) -> None:
        self._lie = Lie()

    def _page(self) -> None:
        self._end_paragraph(only_if_words=True)
        if self._group.into == "text":
            self._blocks.append(markup.page_break())

    def _end_paragraph(self, only_if_words: bool = False) -> None:
        if self._group.into in ("nothing", "remark", "writer", "label", "fonts", "colours"):
            return
        if self._group.into == "note":
            self._words.append("<br>")
            return
        words, label = self._words.markup(), self._label
        self._words, self._label = Words(), ""
        if only_if_words and not words:
            return
        block = self._block(words, label)
        if self._group.into in self._running:
            self._running[self._group.into].append(block)
        elif self._lie.in_table:
            self._tables.add(block, self._lie.level)
        else:
            self._end_table()
            self._blocks.append(block)

    def _block(self, words: str, label: str) -> str:
        lie = self._lie
        if not words and not label:
            return markup.paragraph("", classes=("tight",))
        tag = f"h{lie.outline}" if lie.outline else "p"
        left, indent = lie.left, lie.indent
        if label:
            left, indent = max(left, 20), indent if indent < 0 else -20
        classes = ("tight",) if label and not lie.outline else ()
        return markup.paragraph(markup.label(label) + words, tag, lie.align, left, indent, lie.rtl, classes)

    # Tables

    def _fresh_row(self) -> None:
        """Word says how the row around looks before the cells in it too: that is kept while they are read."""
        if self._group.nested:
            self._around = self._around or self._tables.row
        self._tables.begin_row()

    def _end_cell(self, nested: bool) -> None:
        level = max(2, self._lie.level) if nested else 1
        if self._words.markup() or self._label:
            self._lie.in_table = True
            self._lie.level = level
            self._end_paragraph()
        self._tables.end_cell(level)

    def _end_row(self, nested: bool) -> None:
        self._tables.end_row(max(2, self._lie.level) if nested else 1)
        if nested and self._around is not None:
            self._tables.row, self._around = self._around, None
        if self._tables.is_cut and _LARGE not in self._found.notes:
            self._found.notes.append(_LARGE)

    def _end_table(self) -> None:
        if shown := self._tables.end():
            self._blocks.append(shown)

    # What stands aside

    def _begin(self, into: str) -> None:
        self._group.into = into
        self._aside = []
        if into == "note":
            self._notes.append("")
            self._kept, self._words = self._words, Words()
        elif into in self._running:
            self._kept, self._words = self._words, Words()

    def _end_label(self) -> None:
        self._label = re.sub(r"<[^>]*>", " ", html.unescape("".join(self._aside))).strip()

    def _end_writer(self) -> None:
        self._writer = "".join(self._aside)

    def _end_remark(self) -> None:
        words = html.unescape(re.sub(r"<[^>]*>", "", "".join(self._aside))).strip()
        remark = Remark(len(self._found.remarks) + 1, self._writers.known_as(self._writer), words)
        self._found.remarks.append(remark)
        self._words.append(markup.remark_sign(remark.number))

    def _end_note(self) -> None:
        self._notes[-1], self._words = self._words.markup().removesuffix("<br>"), self._kept
        which = len(self._notes)
        self._words.append(f'<sup><a href="#note-{which}" title="{markup.LABEL}">{which}</a></sup>')

    def _end_running(self, kind: str) -> None:
        words = self._words.markup()
        if words:
            self._running[kind].append(markup.paragraph(words))
        self._words = self._kept

    def _foot_notes(self) -> Iterator[str]:
        for which, words in enumerate(self._notes, start=1):
            sign = f'<a id="note-{which}"></a>{markup.label(str(which))}'
            block = markup.paragraph(sign + words, left=24, indent=-24, classes=("small",))
            yield f"<hr>{block}" if which == 1 else block

    def _run_along(self, kind: str) -> list[str]:
        said = [each for each in dict.fromkeys(self._running[kind]) if re.sub(r"<[^>]*>", "", each).strip()]
        if not said:
            return []
        block = f'<div class="running">{"".join(said)}</div>'
        return [block, "<hr>"] if kind == "header" else ["<hr>", block]

    def _begin_picture(self) -> None:
        self._group.into = "picture"
        self._picture = ("", [], 0)

    def _kind_of_picture(self, name: str) -> None:
        self._picture = (name, self._picture[1], self._picture[2])

    def _width_of_picture(self, twips: int) -> None:
        self._picture = (*self._picture[:2], max(0, twips // _TWIPS_A_PIXEL))

    def _end_picture(self) -> None:
        name, pieces, width = self._picture
        try:
            data = bytes.fromhex(b"".join(pieces).decode("ascii", "replace")) if name else b""
        except ValueError:
            data = b""
        self._words.append(self._pictures.show(data, f"{self._at}-{name}", width))
