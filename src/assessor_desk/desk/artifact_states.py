"""How far the bytes of each artifact have come, a recording's rendition and itself told as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assessor_desk.desk.answers import ArtifactState, why_removed
from assessor_desk.domain.renditions import Shown, artifact_of, is_rendition, rendition_id
from assessor_desk.store.lines import DAMAGED_HERE, FREED, ArtifactLine


def states_of(lines: Iterable[ArtifactLine], partial: Mapping[str, int]) -> dict[str, ArtifactState]:
    """By artifact. `partial` counts the bytes of downloads under way, by digest."""
    known = {line.artifact_id: line for line in lines}
    return {
        own_id: _state(line, partial, _rendition(known, own_id))
        for own_id, line in known.items()
        if not is_rendition(own_id)
    }


def shown_of(lines: Iterable[ArtifactLine], artifact_id: str) -> Shown:
    """What is to be shown of an artifact: the original where it is here and can be played, else a rendition that is."""
    here = {line.artifact_id for line in lines if line.here and not line.removed}
    if rendition_id(artifact_id, Shown.PLAYABLE) in here:
        return Shown.PLAYABLE
    if artifact_id not in here and rendition_id(artifact_id, Shown.SMALL) in here:
        return Shown.SMALL
    return Shown.ORIGINAL


def words_on(shown: Shown, original: int) -> str:
    """What the viewer says of a rendition, whose original has so many bytes; empty for the original."""
    match shown:
        case Shown.SMALL:
            return f"A small copy from the source. The original ({original / 10**6:,.0f} MB) comes on demand."
        case Shown.PLAYABLE:
            return "A playable copy made on this computer, since the original cannot be played reliably."
    return ""


def _rendition(known: Mapping[str, ArtifactLine], artifact_id: str) -> ArtifactLine | None:
    return known.get(rendition_id(artifact_of(artifact_id), Shown.SMALL))


def _state(line: ArtifactLine, partial: Mapping[str, int], small: ArtifactLine | None) -> ArtifactState:
    """Of a recording that waits while its small rendition comes or is here, the rendition's; the rest comes later."""
    waiting = small is not None and not line.here and not line.removed and (small.here or not line.asked)
    told = small if waiting and small is not None else line
    return ArtifactState(
        told.here,
        _bytes_here(told, partial),
        told.length,
        told.trouble,
        why_removed(line.removed),
        later_bytes=line.length if waiting else 0,
        later_here=_bytes_here(line, partial) if waiting else 0,
        asked=waiting and line.asked,
        freed=told.parked == FREED,
        damaged=told.trouble == DAMAGED_HERE,
    )


def _bytes_here(line: ArtifactLine, partial: Mapping[str, int]) -> int:
    return line.length if line.here else min(line.length, partial.get(line.blob_digest, 0))
