"""Anchors: the place in the evidence that a score cites.

Written as DESIGN §5's SPEC (`video.mp4@t=12.5,31`) and carried in packets as W3C Web Annotation selectors
(https://www.w3.org/TR/annotation-model/, https://www.w3.org/TR/media-frags/). Media positions are integer
milliseconds; boxes are per cent of the page or picture, so that they survive a re-rendering.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .errors import Refused


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in per cent of width and height, origin top left."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        inside = (
            0 <= self.x <= 100
            and 0 <= self.y <= 100
            and self.x + self.width <= 100.01
            and self.y + self.height <= 100.01
        )
        if not inside or self.width <= 0 or self.height <= 0:
            raise Refused(f"A box must lie within the page: {self.fragment()} does not")

    def fragment(self) -> str:
        """As a media fragment, `percent:10,20,30,5`."""
        return "percent:" + ",".join(f"{value:.4g}" for value in (self.x, self.y, self.width, self.height))


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A moment (`end_ms` None) or a span of audio or video, from the first frame."""

    start_ms: int
    end_ms: int | None = None

    def __post_init__(self) -> None:
        if self.start_ms < 0 or (self.end_ms is not None and self.end_ms <= self.start_ms):
            raise Refused("A time anchor must not end before it starts")


@dataclass(frozen=True, slots=True)
class PageRegion:
    """A page counted from 1, the whole of it or a box on it."""

    page: int
    box: Box | None = None

    def __post_init__(self) -> None:
        if self.page < 1:
            raise Refused("Pages are counted from 1")


@dataclass(frozen=True, slots=True)
class TextQuote:
    """Words of the artifact with a little of what stands around them; `page` where it has pages."""

    exact: str
    prefix: str = ""
    suffix: str = ""
    page: int | None = None

    def __post_init__(self) -> None:
        if not self.exact.strip():
            raise Refused("A quotation anchor needs the words it quotes")


@dataclass(frozen=True, slots=True)
class ImageRegion:
    """A box on a picture."""

    box: Box


@dataclass(frozen=True, slots=True)
class Whole:
    """The artifact as a whole."""


Selector = TimeSpan | PageRegion | TextQuote | ImageRegion | Whole


@dataclass(frozen=True, slots=True)
class Anchor:
    """A named place in one artifact; `note` is the one line on what is seen there."""

    id: str
    artifact_id: str
    selector: Selector
    note: str = ""


def parse_spec(spec: str) -> tuple[str, Selector]:
    """Split DESIGN §5's `ARTIFACT@…` into the artifact's id or name and a selector.

    Raises Refused, naming the spec, for anything else.
    """
    artifact, at, rest = spec.rpartition("@")
    if not at or not artifact:
        raise Refused(f"“{spec}” is no anchor: write ARTIFACT@t=12.5,31, @page=2, @quote=words or @whole")
    if rest == "whole":
        return artifact, Whole()
    try:
        if "@quote=" in spec:
            artifact, _, words = spec.partition("@quote=")
            return artifact, TextQuote(words)
        return artifact, _fragment(rest)
    except Refused as error:
        raise Refused(f"“{spec}” is no anchor. {error}") from error


def _fragment(rest: str) -> Selector:
    if found := re.fullmatch(r"t=(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?", rest):
        start, end = found.groups()
        return TimeSpan(round(float(start) * 1000), None if end is None else round(float(end) * 1000))
    number = r"(\d+(?:\.\d+)?)"
    box = rf"xywh=percent:{number},{number},{number},{number}"
    if found := re.fullmatch(rf"page=(\d+)(?:&{box})?", rest):
        page, *sides = found.groups()
        return PageRegion(int(page), None if sides[0] is None else Box(*map(float, sides)))
    if found := re.fullmatch(box, rest):
        return ImageRegion(Box(*map(float, found.groups())))
    raise Refused("After @ write t=12.5,31 or page=2 or quote=words or whole")


def fragment(selector: Selector) -> str:
    """The part of a SPEC after `@`.

    `parse_spec` of it gives the selector back (a quotation loses what stands around it).
    """
    match selector:
        case TimeSpan(start, None):
            return f"t={_seconds(start)}"
        case TimeSpan(start, end):
            return f"t={_seconds(start)},{_seconds(end or 0)}"
        case PageRegion(page, None):
            return f"page={page}"
        case PageRegion(page, Box() as box):
            return f"page={page}&xywh={box.fragment()}"
        case ImageRegion(box):
            return f"xywh={box.fragment()}"
        case TextQuote(exact=exact):
            return f"quote={exact}"
        case _:
            return "whole"


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}".rstrip("0").rstrip(".")


def clock(milliseconds: int) -> str:
    """Media time for people: `04:38`, from an hour on `1:04:38`."""
    seconds = milliseconds // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes:02}:{seconds % 60:02}"


def words(selector: Selector) -> str:
    """Where it is, in words for a chip or a record: `02:13–02:41`, `page 2`, `“…”`, `part of the picture`."""
    match selector:
        case TimeSpan(start, None):
            return clock(start)
        case TimeSpan(start, end):
            return f"{clock(start)}–{clock(end or 0)}"
        case PageRegion(page, None):
            return f"page {page}"
        case PageRegion(page, _):
            return f"page {page}, part"
        case TextQuote(exact=exact, page=page):
            short = exact if len(exact) <= 48 else exact[:47].rstrip() + "…"
            return f"“{short}”" + (f" (page {page})" if page else "")
        case ImageRegion():
            return "part of the picture"
        case _:
            return "the whole"


def region(box: Box) -> str:
    """Where on a page or picture a box is, roughly and in words: `top left`, `middle`, `bottom`, `most of it`."""
    across = "" if box.width > 60 else _third(box.x + box.width / 2, ("left", "", "right"))
    down = "" if box.height > 60 else _third(box.y + box.height / 2, ("top", "", "bottom"))
    if box.width > 60 and box.height > 60:
        return "most of it"
    return " ".join(filter(None, (down, across))) or "middle"


def _third(place: float, names: tuple[str, str, str]) -> str:
    return names[min(2, int(place * 3 / 100))]


def to_json(selector: Selector) -> dict[str, Any]:
    """As stored in entries and packets; `from_json` is its inverse."""
    match selector:
        case TimeSpan(start, end):
            return {"type": "time", "start_ms": start, **({} if end is None else {"end_ms": end})}
        case PageRegion(page, box):
            return {"type": "page", "page": page, **({} if box is None else {"box": _box_json(box)})}
        case TextQuote(exact, prefix, suffix, page):
            around = {"prefix": prefix, "suffix": suffix, "page": page}
            return {"type": "quote", "exact": exact, **{k: v for k, v in around.items() if v}}
        case ImageRegion(box):
            return {"type": "image", "box": _box_json(box)}
        case _:
            return {"type": "whole"}


def _box_json(box: Box) -> list[float]:
    return [box.x, box.y, box.width, box.height]


def from_json(data: dict[str, Any]) -> Selector:
    """Read what `to_json` wrote. Raises Refused for a type it does not know."""
    match data:
        case {"type": "time", "start_ms": int(start)}:
            return TimeSpan(start, data.get("end_ms"))
        case {"type": "page", "page": int(page)}:
            return PageRegion(page, Box(*data["box"]) if "box" in data else None)
        case {"type": "quote", "exact": str(exact)}:
            return TextQuote(exact, data.get("prefix", ""), data.get("suffix", ""), data.get("page"))
        case {"type": "image", "box": [x, y, width, height]}:
            return ImageRegion(Box(x, y, width, height))
        case {"type": "whole"}:
            return Whole()
    raise Refused(f"An anchor of an unknown kind: {data.get('type', 'none')}")


def to_web_annotation_selector(selector: Selector) -> dict[str, Any] | None:
    """As a W3C selector (media fragments, RFC 3778 pages, TextQuoteSelector); None for the whole artifact."""
    match selector:
        case TimeSpan() | ImageRegion():
            return _fragment_selector(_MEDIA_FRAGMENTS, fragment(selector))
        case PageRegion(page, None):
            return _page_selector(page)
        case PageRegion(page, Box() as box):
            # RFC 3778 knows boxes in points only; a media fragment within the page says them in per cent.
            return _page_selector(page, _fragment_selector(_MEDIA_FRAGMENTS, f"xywh={box.fragment()}"))
        case TextQuote(exact, prefix, suffix, page):
            around = {key: text for key, text in (("prefix", prefix), ("suffix", suffix)) if text}
            quote = {"type": "TextQuoteSelector", "exact": exact, **around}
            return quote if page is None else _page_selector(page, quote)
        case _:
            return None


_RFC3778 = "http://tools.ietf.org/rfc/rfc3778"
_MEDIA_FRAGMENTS = "http://www.w3.org/TR/media-frags/"


def _page_selector(page: int, within: dict[str, Any] | None = None) -> dict[str, Any]:
    whole_page = _fragment_selector(_RFC3778, f"page={page}")
    return whole_page if within is None else {**whole_page, "refinedBy": within}


def _fragment_selector(standard: str, value: str) -> dict[str, Any]:
    return {"type": "FragmentSelector", "conformsTo": standard, "value": value}
