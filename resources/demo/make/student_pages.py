"""Six pages of student work for each lesson, and the interest pages of the third submission."""

from __future__ import annotations

from pathlib import Path

from pencil import Page, jpeg
from PIL import Image
from PySide6.QtCore import QRectF

THIRDS, FOURTHS, FIFTHS = [1 / 3, 2 / 3], [0.25, 0.5, 0.75], [0.2, 0.4, 0.6, 0.8]


def three_quarters(folder: Path) -> None:
    """Student work of 7F3A-21: two pieces above, two at, two below the goal."""
    pages = (_story, _explains, _from_eight, _from_six, _uneven, _halves)
    tilts = (1.4, -2.2, 0.8, -1.1, 2.6, -0.7)
    for letter, draw, tilt in zip("abcdef", pages, tilts, strict=True):
        photo = draw(letter).photographed(tilt, (0.2 if tilt > 0 else 0.85, 0.1))
        (folder / f"student-work-{letter}.jpg").write_bytes(jpeg(photo))


def two_fifths(folder: Path) -> None:
    """Student work of 91BB-02, scanned into one PDF of six pages."""
    draws = (_fifths_beyond, _fifths_right, _fifths_cups, _fifths_strip, _fifths_swapped, _fifths_half)
    photos = [
        draw(letter).photographed((-1) ** n * (0.5 + n / 5), (0.5, 0.0), 0.5)
        for n, (letter, draw) in enumerate(zip("abcdef", draws, strict=True))
    ]
    pages = [
        photo.resize((photo.width * 4 // 5, photo.height * 4 // 5), Image.Resampling.LANCZOS)
        for photo in photos
    ]
    pages[0].save(
        folder / "student-work.pdf",
        save_all=True,
        append_images=pages[1:],
        resolution=120,
        quality=72,
        title="Student work, six pieces",
        creator="Synthetic sample",
    )


def interest_page(folder: Path) -> None:
    """The photograph of A93F-30 that nobody can read: dark, shaken, out of focus."""
    page = Page("breip", 77, "lined")
    page.printed(120, 110, 34, "About me    (no names, please)")
    for row, words in enumerate(
        (
            "I like building things",
            "the bus takes 40 minutes",
            "my grandmother cooks",
            "I want to see the sea",
            "fractions are hard",
        )
    ):
        page.say(140, 330 + 168 * row, 46, words)
    photo = page.photographed(5.5, (0.95, 0.9), 1.0, 0.82)
    shaken = photo
    for step in range(1, 9):
        shaken = Image.blend(
            shaken,
            photo.transform(photo.size, Image.Transform.AFFINE, (1, 0, step * 6, 0, 1, step * 3)),
            1 / (step + 1),
        )
    small = shaken.resize((150, 190), Image.Resampling.BILINEAR).resize((900, 1150), Image.Resampling.BICUBIC)
    (folder / "interest-pages.jpg").write_bytes(jpeg(small, 60))


def _sheet(letter: str, hand: str, seed: int, ruling: str, question: str, ticket: str) -> Page:
    page = Page(hand, seed, ruling)
    left = 60 if ruling == "squared" else 132
    page.printed(left, 84, 30, f"Student {letter.upper()}")
    page.printed(left, 148, 31, f"1   {question}   Draw a bar and say what each number tells you.")
    page.printed(left, 928, 31, f"Exit ticket   {ticket}   Draw the bar.")
    return page


def _quarters(letter: str, hand: str, seed: int, ruling: str = "squared") -> Page:
    return _sheet(letter, hand, seed, ruling, "3/4 of 24", "2/3 of 18")


def _story(letter: str) -> Page:
    page = _quarters(letter, "dkg", 21)
    page.bar(QRectF(120, 230, 880, 110), FOURTHS, ["6", "6", "6", "6"], 3)
    page.say(120, 430, 50, "24 ÷ 4 = 6    6 × 3 = 18")
    page.say(120, 520, 42, "4 is how many parts, 3 is how")
    page.say(120, 580, 42, "many of them you take.")
    page.say(120, 680, 42, "24 eggs, 3/4 are brown = 18 eggs.")
    page.say(120, 780, 44, "5/4 of 24 = 18 + 6 + 6 = 30")
    page.say(120, 850, 38, "its more than 24 because 5/4 is more than 1!")
    page.bar(QRectF(120, 1000, 700, 100), THIRDS, ["6", "6", "6"], 2)
    page.say(120, 1200, 50, "= 12")
    page.say(120, 1290, 42, "3 parts, take 2 of them")
    return page


def _explains(letter: str) -> Page:
    page = _quarters(letter, "capitals", 22, "lined")
    page.bar(QRectF(150, 250, 820, 100), FOURTHS, ["6", "6", "6", "6"], 3)
    page.say(150, 450, 48, "6 + 6 + 6 = 18")
    page.say(150, 560, 40, "The 4 says cut it in 4.")
    page.say(150, 640, 40, "The 3 says count 3 boxes.")
    page.bar(QRectF(150, 1000, 640, 100), THIRDS, ["6", "6", "6"], 2)
    page.say(150, 1220, 48, "12.  3 boxes, count 2")
    return page


def _from_eight(letter: str) -> Page:
    page = _quarters(letter, "breip", 23)
    with page.rubbed_out():
        page.bar(QRectF(120, 230, 760, 105), THIRDS, ["8", "8", "8"], 3)
        page.say(120, 420, 52, "= 8")
    with page.in_green():
        page.say(560, 425, 40, "Which number tells how")
        page.say(560, 480, 40, "many equal parts?")
    page.bar(QRectF(120, 530, 760, 105), FOURTHS, ["6", "6", "6", "6"], 3)
    page.say(120, 730, 54, "18   4 parts not 3")
    page.say(120, 810, 44, "I mixed up the 3 and the 4")
    page.bar(QRectF(120, 1000, 640, 105), THIRDS, ["6", "6", "6"], 2)
    page.say(120, 1210, 54, "12")
    page.say(120, 1300, 44, "3 is the parts, 2 is what I want")
    return page


def _from_six(letter: str) -> Page:
    page = _quarters(letter, "delphine", 24, "lined")
    page.bar(QRectF(150, 240, 780, 105), FOURTHS, ["6", "6", "6", "6"], 3)
    page.say(150, 440, 66, "= 6")
    page.crossed(190, 425, 250, 405)
    page.say(320, 440, 66, "18")
    page.say(150, 540, 58, "6 is only one box, I need 3 boxes")
    with page.in_green():
        page.say(470, 640, 40, "What will you do with the others?")
    page.bar(QRectF(150, 1000, 640, 100), THIRDS, ["6", "6", "6"], 2)
    page.say(150, 1210, 62, "6, then 12.  2 boxes")
    return page


def _uneven(letter: str) -> Page:
    page = _quarters(letter, "steve", 25)
    page.bar(QRectF(120, 235, 800, 105), [0.14, 0.4, 0.78], ["6", "6", "6", "6"], 3)
    page.say(120, 430, 44, "18")
    with page.in_green():
        page.say(420, 450, 40, "Do your four parts look equal?")
    page.bar(QRectF(120, 520, 800, 105), [0.22, 0.5, 0.74], ["6", "6", "6", "6"], 3)
    page.say(120, 720, 40, "I made them the same")
    page.bar(QRectF(120, 1000, 760, 105), [0.2, 0.6], ["6", "6", "6"], 2)
    page.say(120, 1210, 44, "12")
    page.say(120, 1300, 40, "3 boxes I took 2")
    return page


def _halves(letter: str) -> Page:
    page = _quarters(letter, "round", 26, "lined")
    page.bar(QRectF(150, 245, 760, 105), FOURTHS, ["6", "6", "6", "6"], 3)
    page.say(150, 450, 50, "18")
    page.say(150, 550, 40, "the 4 is 4 boxes")
    page.bar(QRectF(150, 1000, 640, 105), [0.5], ["9", "9"], 1)
    page.say(150, 1210, 50, "9")
    page.say(150, 1300, 40, "I cut it in 2 because of the 2")
    return page


def _fifths(letter: str, hand: str, seed: int, ruling: str = "lined") -> Page:
    return _sheet(letter, hand, seed, ruling, "2/5 of 30", "3/5 of 20")


def _fifths_beyond(letter: str) -> Page:
    page = _fifths(letter, "capitals", 41)
    page.bar(QRectF(150, 240, 820, 105), FIFTHS, ["6"] * 5, 2)
    page.say(150, 440, 46, "30 ÷ 5 = 6   2 × 6 = 12".replace("÷", "/").replace("×", "x"))
    page.say(150, 540, 40, "15 is 2 and a half boxes so it is")
    page.say(150, 610, 40, "too big. Half of 5 boxes is 2 and a half.")
    page.bar(QRectF(150, 1000, 700, 105), FIFTHS, ["4"] * 5, 3)
    page.say(150, 1220, 46, "12 again, but 3 boxes of 4")
    return page


def _fifths_right(letter: str) -> Page:
    page = _fifths(letter, "dkg", 42, "squared")
    page.bar(QRectF(120, 240, 800, 105), FIFTHS, ["6"] * 5, 2)
    page.say(120, 440, 48, "6 + 6 = 12")
    page.say(120, 530, 42, "5 boxes, I use 2")
    page.bar(QRectF(120, 1000, 700, 105), FIFTHS, ["4"] * 5, 3)
    page.say(120, 1220, 48, "4 + 4 + 4 = 12")
    return page


def _fifths_cups(letter: str) -> Page:
    page = _fifths(letter, "breip", 43)
    page.say(150, 330, 60, "15")
    page.crossed(145, 320, 215, 300)
    page.say(270, 330, 60, "12")
    page.say(150, 450, 46, "I put 30 counters in 5 cups. 6 in each.")
    page.say(150, 540, 46, "2 cups is 12. I had thought nearly half.")
    with page.in_green():
        page.say(520, 650, 40, "Which cups are two fifths?")
    page.bar(QRectF(150, 1000, 700, 105), FIFTHS, ["4"] * 5, 3)
    page.say(150, 1220, 54, "12  (3 cups of 4)")
    return page


def _fifths_strip(letter: str) -> Page:
    page = _fifths(letter, "steve", 44, "squared")
    page.bar(QRectF(120, 240, 860, 100), FIFTHS, [""] * 5, 0)
    page.line(550, 215, 550, 365, 2.5)
    page.say(530, 200, 30, "15")
    for fold in range(1, 6):
        page.say(120 + fold * 172 - 22, 400, 34, str(fold * 6))
    with page.in_green():
        page.say(120, 490, 40, "What did the fold show?")
    page.say(120, 590, 38, "15 stops in the middle of a part.")
    page.say(120, 660, 38, "12 stops at a fold.")
    page.bar(QRectF(120, 1000, 700, 105), FIFTHS, ["4"] * 5, 3)
    page.say(120, 1220, 44, "12")
    return page


def _fifths_swapped(letter: str) -> Page:
    page = _fifths(letter, "round", 45)
    page.bar(QRectF(150, 240, 700, 105), [0.5], ["15", "15"], 1)
    page.say(150, 440, 48, "12")
    page.say(150, 540, 40, "I changed it, 12 was on the board")
    page.bar(QRectF(150, 1000, 640, 105), THIRDS, ["", "", ""], 1)
    page.say(150, 1220, 46, "20 / 3   does not go")
    return page


def _fifths_half(letter: str) -> Page:
    page = _fifths(letter, "delphine", 46)
    page.say(150, 330, 70, "12")
    page.say(150, 440, 60, "30 take away 18")
    page.say(150, 1060, 70, "10")
    page.say(150, 1160, 60, "because 3/5 is about half of 20")
    return page
