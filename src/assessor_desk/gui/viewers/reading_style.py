"""The look of documents of words, in the theme's colours: sizes, headings, tables, and a document's own colours.

A document says its colours by classes (`artifacts.reading.markup`). They are kept where they can be read, and moved
towards black or white, keeping their hue, as far as that takes; in the dark, light grounds become dark ones.
"""

from __future__ import annotations

import re
from functools import lru_cache

from PySide6.QtGui import QColor

from assessor_desk.gui.viewers import look

_CLASS = re.compile(
    r"(?:ink-([0-9a-f]{6})(?:-on-([0-9a-f]{6}))?|ground-([0-9a-f]{6})|size-(\d{2,3}))(?=[\" ])"
)
_READABLE = 4.5
"""Contrast of words against what is behind them, after WCAG 2.2, 1.4.3."""

_WHITE, _BLACK = QColor("white"), QColor("black")
_DARK_BELOW = 0.18
_STEP = 0.04


def style_sheet(size: int, markup: str) -> str:
    """The rules for a document; `size` is that of plain words in pixels."""
    return _plain(size) + _own(size, markup)


def _plain(size: int) -> str:
    names = ("muted", "accent", "sunken", "border", "positive", "danger", "caution", "caution_soft")
    muted, link, head, line, added, gone, remark, behind = (look.colour(each).name() for each in names)
    return f"""
    body, p, li, td {{ font-size: {size}px; }}
    h1, h1 span {{ font-size: {round(1.57 * size)}px; }}
    h1.title, h1.title span {{ font-size: {round(1.85 * size)}px; }}
    h2, h2 span {{ font-size: {round(1.28 * size)}px; }}
    h3, h3 span, h4, h4 span, h5, h5 span, h6, h6 span {{ font-size: {size + 1}px; }}
    h1 {{ font-weight: 600; margin-top: 14px; margin-bottom: 8px; }}
    h1.title {{ margin-top: 4px; }}
    h2 {{ font-weight: 600; margin-top: 16px; margin-bottom: 6px; }}
    h3, h4, h5, h6 {{ font-weight: 600; margin-top: 12px; margin-bottom: 4px; }}
    p {{ margin-top: 0; margin-bottom: 8px; }}
    p.tight {{ margin-bottom: 2px; }}
    li {{ margin-bottom: 3px; }}
    a {{ color: {link}; }}
    blockquote {{ color: {muted}; margin-left: 16px; }}
    th {{ font-size: {size - 1}px; font-weight: 600; background-color: {head}; text-align: left; }}
    td p, th p {{ margin-top: 0; margin-bottom: 2px; }}
    table {{ border-collapse: collapse; }}
    td, th {{ border: 1px solid {line}; }}
    code, pre {{ font-family: monospace; font-size: {size - 1}px; }}
    .label, .tab {{ white-space: pre-wrap; }}
    .running, .running p {{ color: {muted}; font-size: {size - 2}px; }}
    .small {{ font-size: {size - 1}px; }}
    .pagebreak, .sheet-sign {{ color: {muted}; font-size: {size - 3}px; }}
    .added {{ color: {added}; text-decoration: underline; }}
    .gone {{ color: {gone}; text-decoration: line-through; }}
    a.remark {{ color: {remark}; background-color: {behind}; font-size: {size - 3}px; text-decoration: none; }}
    """


def _own(size: int, markup: str) -> str:
    """A rule for each class of colour or size that the document uses."""
    rules = []
    for found in {each.group(): each for each in _CLASS.finditer(markup)}.values():
        ink, on, ground, percent = found.groups()
        if percent:
            rules.append(f".{found.group()} {{ font-size: {round(size * int(percent) / 100)}px; }}")
        elif ground:
            behind, words = grounded(ground, *_surface())
            rules.append(f".{found.group()} {{ background-color: {behind}; color: {words}; }}")
        else:
            behind = grounded(on, *_surface())[0] if on else _surface()[0]
            rules.append(f".{found.group()} {{ color: {readable(f'#{ink}', behind)}; }}")
    return "\n".join(rules)


def _surface() -> tuple[str, str]:
    return look.colour("surface").name(), look.colour("text").name()


@lru_cache(maxsize=512)
def grounded(ground: str, surface: str, text: str) -> tuple[str, str]:
    """A ground as it is shown on `surface`, and the colour of plain words on it."""
    shown = QColor(f"#{ground}")
    if _light(QColor(surface)) < _DARK_BELOW <= _light(shown):
        shown = QColor.fromHslF(max(0.0, shown.hslHueF()), min(0.5, shown.hslSaturationF()), 0.2)
    plain = max((QColor(text), _WHITE, _BLACK), key=lambda ink: contrast(ink, shown) >= _READABLE)
    return shown.name(), plain.name()


@lru_cache(maxsize=2048)
def readable(ink: str, behind: str) -> str:
    """`ink`, moved as far towards white or black as it takes to be read on `behind`."""
    ground, shown = QColor(behind), QColor(ink)
    towards = 1.0 if _light(ground) < _DARK_BELOW else 0.0
    hue, saturation, lightness = max(0.0, shown.hslHueF()), shown.hslSaturationF(), shown.lightnessF()
    while contrast(shown, ground) < _READABLE and lightness != towards:
        lightness = min(1.0, lightness + _STEP) if towards else max(0.0, lightness - _STEP)
        shown = QColor.fromHslF(hue, saturation, lightness)
    return shown.name()


def contrast(one: QColor, other: QColor) -> float:
    """Ratio of luminances, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((_light(one), _light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _light(colour: QColor) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
