"""What artifacts are called in small places: tabs, chips, menus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from urllib.parse import urlsplit

from assessor_desk.domain.submission import Artifact, Part

_ICONS = {
    ".mp4": "video", ".mov": "video", ".mkv": "video", ".webm": "video", ".avi": "video", ".mpg": "video",
    ".mts": "video",
    ".mp3": "audio", ".m4a": "audio", ".wav": "audio", ".ogg": "audio", ".aac": "audio",
    ".jpg": "image", ".jpeg": "image", ".png": "image", ".heic": "image", ".webp": "image", ".tiff": "image",
    ".tif": "image", ".gif": "image", ".svg": "image", ".heif": "image", ".avif": "image", ".bmp": "image",
}  # fmt: skip
#: Characters of a short title; the whole name is in its tooltip.
LONGEST_TITLE = 24
_PART_TITLES = {Part.OVERVIEW: "Overview", Part.REFLECTION: "Reflection"}


def icon_name(artifact: Artifact) -> str:
    """The icon for an artifact, by what the source says it is; the viewer goes by the bytes."""
    if not artifact.captured:
        return "link"
    return _ICONS.get(PurePath(artifact.name).suffix.lower(), "document")


def short_title(artifact: Artifact) -> str:
    """The part where it is one of a kind, else the file's name without its ending; of a link where it leads."""
    stem = PurePath(artifact.name).stem.replace("-", " ").replace("_", " ").strip()
    where = _where_to(artifact)
    title = _PART_TITLES.get(artifact.part) or where or stem or "Link"
    short = title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"
    return short if where else short[:1].upper() + short[1:]


def _where_to(artifact: Artifact) -> str:
    """The host of a link that nobody captured; empty where it has none."""
    try:
        host = urlsplit(artifact.link).hostname if not artifact.captured else ""
    except ValueError:  # brackets that hold no address
        host = ""
    return (host or "").removeprefix("www.")


def short_titles(artifacts: Sequence[Artifact]) -> Mapping[str, str]:
    """Titles by artifacts' ids. What would be called the same says its kind of file, else which of them it is."""
    short = [short_title(artifact) for artifact in artifacts]
    endings = [PurePath(artifact.name).suffix.lower() for artifact in artifacts]
    alike = Counter(short)
    told = [
        f"{title} {ending}" if ending and alike[title] > 1 else title
        for title, ending in zip(short, endings, strict=True)
    ]
    still, seen, titles = Counter(told), Counter[str](), {}
    for artifact, title in zip(artifacts, told, strict=True):
        seen[title] += 1
        titles[artifact.id] = f"{title} ({seen[title]})" if still[title] > 1 else title
    return titles
