"""What one person may see of a submission. Blindness is enforced here, where data is sent, not by hiding it later.

Educators are asked to keep their names out of files and file names; where they did not, the hub, which
knows the names, replaces a telling file name, label or link.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from assessor_desk.domain.identifying import bare_words, named_in
from assessor_desk.domain.policy import Blindness
from assessor_desk.domain.submission import Artifact, Submission

#: Words of a school's or district's name that tell nothing.
_COMMON = frozenset({
    "academy", "county", "district", "elementary", "high", "independent", "lower", "middle", "north", "south",
    "east", "west", "public", "primary", "regional", "school", "schools", "secondary", "senior", "state",
    "unified", "upper", "the", "and", "for",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identifying:
    """What a hub knows of an educator, beyond what a submission may carry."""

    name: str
    email: str
    school: str


def as_seen(submission: Submission, who: Identifying, blindness: Blindness) -> Submission:
    """The submission as a person with this blindness is sent it. `attempt` becomes 0 where it is hidden."""
    return replace(
        submission,
        educator="" if blindness.name else who.name,
        school="" if blindness.school else who.school,
        name_words=() if blindness.name else tuple(bare_words(who.name)),
        attempt=0 if blindness.attempt else submission.attempt,
        source_attempt="" if blindness.attempt else submission.source_attempt,
        artifacts=artifacts_as_seen(submission.artifacts, who, blindness),
    )


def artifacts_as_seen(
    artifacts: Iterable[Artifact], who: Identifying, blindness: Blindness
) -> tuple[Artifact, ...]:
    """Artifacts without the names, labels and links that tell who handed them in."""
    several = tuple(artifacts)
    telling = tuple(_tellingbare_words(who, blindness)) if several else ()
    return tuple(_artifact_as_seen(artifact, telling) for artifact in several)


def blindest(several: Iterable[Blindness]) -> Blindness:
    """Hidden as soon as one of several assignments hides it."""
    each = list(several)
    if len(each) == 1:
        return each[0]
    return Blindness(**{f.name: any(getattr(b, f.name) for b in each) for f in fields(Blindness)})


def recognised_in(text: str, who: Identifying) -> tuple[str, ...]:
    """The words of `text`, as they stand there, by which an educator or their school could be recognised (F10)."""
    return named_in(text, _tellingbare_words(who, Blindness()))


def _tellingbare_words(who: Identifying, blindness: Blindness) -> Iterable[str]:
    if blindness.name:
        yield from bare_words(who.name)
        yield from bare_words(who.email.partition("@")[0])
    if blindness.school:
        yield from (word for word in bare_words(who.school) if word not in _COMMON and len(word) > 2)


def _artifact_as_seen(artifact: Artifact, telling: tuple[str, ...]) -> Artifact:
    name, label, link = artifact.name, artifact.label, artifact.link
    if link and _tells(link, telling):
        link = f"{urlsplit(link).scheme}://{urlsplit(link).hostname}/…"
        name = link
    elif _tells(name, telling):
        name = artifact.id + PurePosixPath(name).suffix
    return replace(artifact, name=name, link=link, label="" if _tells(label, telling) else label)


def _tells(text: str, telling: tuple[str, ...]) -> bool:
    """Whether a telling word stands in the text: as a word, or, from four letters on, within one
    (`LanPlan2`).
    """
    run_together, words = "".join(bare_words(text)), set(bare_words(text))
    return any(word in words or (len(word) > 3 and word in run_together) for word in telling)
