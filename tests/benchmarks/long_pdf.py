"""A PDF of five hundred pages and about 17 MB, every second page with a photograph: a programme's whole portfolio."""

import functools
import io
import random
import tempfile
from pathlib import Path

PAGES = 500
BAND = (0xE0, 0x10, 0x80)
"""Red, green, blue of a band on the first page, to be looked for on a screen."""

WORD = "stroganoff"
"""Stands once on every page."""

_WORDS = [
    "students",
    "compare",
    "fractions",
    "on",
    "number",
    "lines",
    "and",
    "explain",
    "to",
    "a",
    "partner",
    "why",
    "three",
    "quarters",
    "is",
    "more",
    "than",
    "two",
    "thirds",
    "the",
    "teacher",
    "listens",
    "asks",
    "what",
    "makes",
    "you",
    "think",
    "so",
    "and",
    "writes",
    "down",
    "two",
    "answers",
    "for",
    "the",
    "discussion",
    "at",
    "the",
    "end",
    "exit",
    "ticket",
    "evidence",
    "learning",
    "target",
    "criteria",
    "success",
    "feedback",
    "next",
    "step",
    "whiteboard",
    "group",
    "pair",
    "share",
]


def long_pdf() -> bytes:
    """The same bytes in every run; made once on a machine, because making it takes seconds."""
    kept = Path(tempfile.gettempdir()) / "assessor-desk-bench-500-1.pdf"
    if not kept.exists():
        made = kept.with_suffix(".part")
        made.write_bytes(_made())
        made.replace(kept)
    return kept.read_bytes()


def _made() -> bytes:
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    chance = random.Random(7)
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, pageCompression=1, invariant=1)
    for page in range(PAGES):
        width, height = landscape(A4) if page % 50 == 49 else A4
        canvas.setPageSize((width, height))
        if page == 0:
            canvas.setFillColorRGB(*(part / 255 for part in BAND))
            canvas.rect(0, height - 30, width, 20, stroke=0, fill=1)
            canvas.setFillColorRGB(0, 0, 0)
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawString(56, height - 60, f"Lesson {page + 1}")
        canvas.setFont("Helvetica", 10)
        text = canvas.beginText(56, height - 90)
        for line in range(22 if page % 2 else 44):
            words = [chance.choice(_WORDS) for _ in range(13)]
            if line == 3:
                words[5] = WORD
            text.textLine(" ".join(words))
        canvas.drawText(text)
        if page % 2:
            canvas.drawImage(ImageReader(io.BytesIO(_photograph(page))), 56, 60, 380, 285)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _photograph(number: int) -> bytes:
    from PIL import Image, ImageFilter

    noise = Image.effect_noise((100, 75), 60 + number % 40).resize((640, 480)).filter(ImageFilter.BLUR)
    target = io.BytesIO()
    Image.merge("RGB", (noise, noise.transpose(Image.Transpose.FLIP_LEFT_RIGHT), noise)).save(
        target, "JPEG", quality=70
    )
    return target.getvalue()


@functools.cache
def photograph() -> tuple[bytes, tuple[int, int, int]]:
    """12 megapixels as a phone makes them: on their side, with the note to turn them; and the colour of a band."""
    from PIL import Image, ImageFilter

    size = (4000, 3000)
    noise = Image.effect_noise((size[0] // 8, size[1] // 8), 80).resize(size).filter(ImageFilter.BLUR)
    picture = Image.merge("RGB", (noise, noise, noise))
    picture.paste((20, 150, 60), (1000, 0, 2000, 3000))
    exif = Image.Exif()
    exif[0x0112] = 6
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=88, exif=exif)
    band = Image.open(io.BytesIO(target.getvalue())).convert("RGB").getpixel((1500, 1500))
    assert isinstance(band, tuple)
    return target.getvalue(), (int(band[0]), int(band[1]), int(band[2]))
