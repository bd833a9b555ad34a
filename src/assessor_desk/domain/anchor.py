"""Anchors: the place in the evidence that a score cites.

Written as DESIGN §5's SPEC (`video.mp4@t=12.5,31`) and carried in packets as W3C Web Annotation selectors
(`protocol.web_annotations`). Media positions are integer
milliseconds; boxes are per cent of the page or picture, so that they survive a re-rendering.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
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
    """A moment (`end_ms` None) or a span of audio or video, from the first frame.

    `frame_us` is when the frame shown at the start begins, in microseconds, where that is known: frames seldom begin
    on a whole millisecond. `still` says of a moment that its frame is wanted as a picture in reports.
    """

    start_ms: int
    end_ms: int | None = None
    frame_us: int | None = None
    still: bool = False

    def __post_init__(self) -> None:
        if self.start_ms < 0 or (self.end_ms is not None and self.end_ms <= self.start_ms):
            raise Refused("A time anchor must not end before it starts")
        if self.still and self.end_ms is not None:
            raise Refused("A still is of one moment, not of a span")


@dataclass(frozen=True, slots=True)
class PageRegion:
    """A page counted from 1, the whole of it or a box on it; `label` is what the document itself calls the page."""

    page: int
    box: Box | None = None
    label: str = ""

    def __post_init__(self) -> None:
        if self.page < 1:
            raise Refused("Pages are counted from 1")


@dataclass(frozen=True, slots=True)
class TextQuote:
    """Words of the artifact with a little of what stands around them; `page` and its `label` where it has pages.

    `start` and `end` are where the words stood in the text they were quoted from (of their page, where there is one),
    in characters: they only tell between places that read alike. See `domain.quotation`.
    """

    exact: str
    prefix: str = ""
    suffix: str = ""
    page: int | None = None
    start: int | None = None
    end: int | None = None
    label: str = ""

    def __post_init__(self) -> None:
        if not self.exact.strip():
            raise Refused("A quotation anchor needs the words it quotes")
        if (self.start is None) != (self.end is None) or (self.end or 0) < (self.start or 0):
            raise Refused("Words stand from one place in a text to a later one")


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

    @property
    def said(self) -> str:
        """Its line and the words that it quotes, one below the other."""
        quoted = self.selector.exact if isinstance(self.selector, TextQuote) else ""
        return "\n".join(filter(None, (self.note, quoted)))


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
        case PageRegion(page, None, label):
            return _page_words(page, label)
        case PageRegion(page, _, label):
            return f"{_page_words(page, label)}, part"
        case TextQuote(exact=exact, page=page, label=label):
            short = exact if len(exact) <= 48 else exact[:47].rstrip() + "…"
            return f"“{short}”" + (f" ({_page_words(page, label)})" if page else "")
        case ImageRegion():
            return "part of the picture"
        case _:
            return "the whole"


def _page_words(page: int, label: str) -> str:
    return f"page {page}" if label in ("", str(page)) else f"page {label}, the {_ordinal(page)} of the file"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


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
        case TimeSpan(start, end, frame, still):
            more: dict[str, Any] = {"end_ms": end, "frame_us": frame, "still": still or None}
            return {"type": "time", "start_ms": start, **_known(more)}
        case PageRegion(page, box, label):
            more = {"box": None if box is None else _box_json(box), "label": label or None}
            return {"type": "page", "page": page, **_known(more)}
        case TextQuote(exact, prefix, suffix, page, start, end, label):
            around = {"prefix": prefix or None, "suffix": suffix or None, "page": page}
            where = {"start": start, "end": end, "label": label or None}
            return {"type": "quote", "exact": exact, **_known(around | where)}
        case ImageRegion(box):
            return {"type": "image", "box": _box_json(box)}
        case _:
            return {"type": "whole"}


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: fact for name, fact in facts.items() if fact is not None}


def _box_json(box: Box) -> list[float]:
    return [box.x, box.y, box.width, box.height]


_QUOTED = ("prefix", "suffix", "page", "start", "end", "label")


def from_json(data: dict[str, Any]) -> Selector:
    """Read what `to_json` wrote. Raises Refused for a type it does not know."""
    match data:
        case {"type": "time", "start_ms": int(start)}:
            return TimeSpan(start, data.get("end_ms"), data.get("frame_us"), data.get("still", False))
        case {"type": "page", "page": int(page)}:
            return PageRegion(page, Box(*data["box"]) if "box" in data else None, data.get("label", ""))
        case {"type": "quote", "exact": str(exact)}:
            around = {name: data[name] for name in _QUOTED if name in data}
            return TextQuote(exact, **around)
        case {"type": "image", "box": [x, y, width, height]}:
            return ImageRegion(Box(x, y, width, height))
        case {"type": "whole"}:
            return Whole()
    raise Refused(f"An anchor of an unknown kind: {data.get('type', 'none')}")


def may_become(old: Selector, new: Selector) -> bool:
    """Whether moving an anchor may make the one place the other.

    A moment stays a moment or a span and a part of a picture stays one; words and parts of a page may become each
    other, and the whole may become a part or a part the whole.
    """
    if isinstance(old, Whole) or isinstance(new, Whole) or type(old) is type(new):
        return True
    return isinstance(old, PageRegion | TextQuote) and isinstance(new, PageRegion | TextQuote)


def moved(old: Selector, new: Selector) -> Selector:
    """The place an anchor has after moving: a still that was moved is still one. Raises Refused where it may not."""
    if not may_become(old, new):
        raise Refused(f"An anchor of {words(old)} cannot be moved to {words(new)}; place another one there")
    if isinstance(old, TimeSpan) and isinstance(new, TimeSpan) and old.still and new.end_ms is None:
        return replace(new, still=True)
    return new
