"""A PDF of five hundred pages and about 17 MB, every second page with a photograph: a programme's whole portfolio."""

import functools
import io
import random
import tempfile
from pathlib import Path

PAGES = 500
WORD = "stroganoff"
"""Stands once on every page."""

_WORDS = """students compare fractions on number lines and explain to a partner why three quarters is more than
two thirds the teacher listens asks what makes you think so and writes down two answers for the discussion at the end
exit ticket evidence learning target criteria success feedback next step whiteboard group pair share""".split()


def long_pdf() -> bytes:
    """The same bytes in every run; made once on a machine, because making it takes seconds."""
    kept = Path(tempfile.gettempdir()) / "assessor-desk-bench-500.pdf"
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
def photograph(megapixels: float = 12.0) -> bytes:
    """A photograph from a phone: lying on its side, with the note to turn it."""
    from PIL import Image, ImageFilter

    width = round((megapixels * 1e6 * 4 / 3) ** 0.5)
    size = (width, round(width * 3 / 4))
    noise = Image.effect_noise((size[0] // 8, size[1] // 8), 80).resize(size).filter(ImageFilter.BLUR)
    exif = Image.Exif()
    exif[0x0112] = 6
    target = io.BytesIO()
    Image.merge("RGB", (noise, noise, noise)).save(target, "JPEG", quality=88, exif=exif)
    return target.getvalue()
