"""A look at a file before it is assessed: can it be opened, is it safe to, and what should somebody look at?

`preflight` uses native parsers, so it runs in the worker (`documents.DocumentsClient.preflight`) for any file
that comes from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from assessor_desk.artifacts.kinds import EMPTY, Kind, Sniffed, sniff
from assessor_desk.artifacts.looking import Look, probe_for
from assessor_desk.artifacts.properties import Properties, name_in
from assessor_desk.domain.errors import DeskError, Refused, Unavailable, sentence
from assessor_desk.domain.preflight import GIVEN_UP, PreflightFinding, Severity, finding_from_json

_EXPECTED = {
    ".pdf": {Kind.PDF},
    ".docx": {Kind.WORD},
    ".jpg": {Kind.IMAGE},
    ".jpeg": {Kind.IMAGE},
    ".png": {Kind.IMAGE},
    ".heic": {Kind.IMAGE},
    ".mp4": {Kind.VIDEO},
    ".mov": {Kind.VIDEO},
    ".pptx": {Kind.SLIDES},
    ".xlsx": {Kind.SHEET},
    ".odt": {Kind.OPEN_TEXT},
    ".odp": {Kind.SLIDES},
    ".ods": {Kind.SHEET},
    ".rtf": {Kind.RTF},
}


@dataclass(frozen=True)
class Preflight:
    """What a file is, and what was found.

    `facts` are numbers and words for a person: pages, pixels, seconds, and a `note` where the name promises another
    kind. `likeness` is the picture's hash, by which its copies are known (`domain.preflight.same_picture`).
    """

    kind: Kind
    media_type: str
    findings: tuple[PreflightFinding, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    likeness: str = ""

    @property
    def faults(self) -> tuple[str, ...]:
        """Sentences that name the file and say what to do; without any it can be opened."""
        return tuple(each.sentence for each in self.findings if each.severity is Severity.BLOCKS)

    def to_json(self) -> dict[str, Any]:
        """As it crosses the pipe and is kept."""
        return {
            "kind": self.kind.value,
            "media_type": self.media_type,
            "findings": [each.to_json() for each in self.findings],
            "facts": self.facts,
            "likeness": self.likeness,
        }

    @classmethod
    def of(cls, data: dict[str, Any]) -> Preflight:
        """The inverse of `to_json`."""
        findings = tuple(map(finding_from_json, data["findings"]))
        return cls(Kind(data["kind"]), data["media_type"], findings, dict(data["facts"]), data["likeness"])


def blocked(name_of_finding: str, words: str) -> PreflightFinding:
    """A finding that keeps the file from being assessed."""
    return PreflightFinding(name_of_finding, Severity.BLOCKS, words)


def preflight(reader: BinaryIO, name: str, names: Iterable[str] = ()) -> Preflight:
    """Look at the file as a whole. `name` is what the sentences call it; `names` are words that name the educator."""
    sniffed = sniff(reader)
    size = reader.seek(0, 2)
    reader.seek(0)
    facts: dict[str, Any] = {"size": size, "type": sniffed.words}
    if sniffed is EMPTY:
        fault = f"“{name}” is empty. Ask for it again, or hand it back as missing."
        return Preflight(sniffed.kind, sniffed.media_type, (blocked("empty", fault),), facts)
    look = Look(reader, name, sniffed, facts)
    probe_for(sniffed.kind)(look)
    findings = [*look.findings, *_another_kind(name, sniffed, facts)]
    findings += _giving_away(name, look.properties, names)
    return Preflight(
        sniffed.kind, sniffed.media_type, (*findings, what_it_is(sniffed, facts)), facts, look.likeness
    )


def preflight_files(paths: Iterable[Path]) -> list[Preflight]:
    """Look at plain files, in the worker; one that it dies of has that as its fault. Raises Refused for no file."""
    from assessor_desk.artifacts.documents import DocumentsClient

    paths = list(paths)
    for path in paths:
        if not path.is_file():
            raise Refused(f"There is no file {path}. Check the name")
    with DocumentsClient() as client:
        return [look_through(client.preflight, path) for path in paths]


def look_through(look: Callable[[Path, str], Preflight], path: Path) -> Preflight:
    """What `look` finds, or that it failed."""
    try:
        return look(path.absolute(), path.name)
    except DeskError as error:
        return unreadable(error)


def unreadable(error: DeskError, tries: int = 1) -> Preflight:
    """A file that its reader could not get through; where that may be the computer's fault, for the `tries`th time."""
    found = blocked("damaged", sentence(error))
    if isinstance(error, Unavailable):
        found = PreflightFinding(GIVEN_UP, Severity.BLOCKS, sentence(error), {"tries": tries})
    return Preflight(Kind.OTHER, "application/octet-stream", (found,))


def _another_kind(name: str, sniffed: Sniffed, facts: dict[str, Any]) -> list[PreflightFinding]:
    suffix = PurePath(name).suffix
    expected = _EXPECTED.get(suffix.lower())
    if not expected or sniffed.kind in expected:
        return []
    facts["note"] = f"Its name ends in {suffix}, but it is a {sniffed.words}."
    words = f"The name of “{name}” ends in {suffix}, but it is a {sniffed.words}."
    return [PreflightFinding("another_kind", Severity.LOOK, words, {"type": sniffed.words})]


def _giving_away(name: str, properties: Properties, names: Iterable[str]) -> list[PreflightFinding]:
    """Where the file gives a person away, without saying whom."""
    findings = []
    telling = properties.telling
    if telling:
        which = " and ".join(telling)
        words = f"The properties of “{name}” name a person ({which})."
        findings.append(
            PreflightFinding("name_in_properties", Severity.LOOK, words, {"properties": list(telling)})
        )
    if properties.place:
        words = f"“{name}” tells where it was made (the camera’s place)."
        findings.append(PreflightFinding("place_in_properties", Severity.LOOK, words))
    if what := name_in(name, [*names, *telling.values()]):
        words = f"The name of the file “{name}” holds {what}."
        findings.append(PreflightFinding("name_in_file_name", Severity.LOOK, words))
    return findings


def what_it_is(sniffed: Sniffed, facts: dict[str, Any]) -> PreflightFinding:
    """Type, length and size in pixels, as a fact."""
    words = [sniffed.words[:1].upper() + sniffed.words[1:]]
    if "pages" in facts:
        words.append("1 page" if facts["pages"] == 1 else f"{facts['pages']} pages")
    if "seconds" in facts:
        minutes, seconds = divmod(round(facts["seconds"]), 60)
        hours, minutes = divmod(minutes, 60)
        words.append(f"{hours}:{minutes:02}:{seconds:02} long" if hours else f"{minutes}:{seconds:02} long")
    if "width" in facts:
        words.append(f"{facts['width']} × {facts['height']} pixels")
    kept: dict[str, Any] = {
        key: facts[key] for key in ("pages", "seconds", "width", "height") if key in facts
    }
    return PreflightFinding("is", Severity.FACT, ", ".join(words) + ".", kept)
