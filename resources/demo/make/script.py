"""What is said and done in the recordings, and when: lines and beats become a timeline with named moments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """Something said. `moment` names its start, `after` is the silence that follows in seconds."""

    who: str
    words: str
    moment: str = ""
    after: float = 0.6


@dataclass(frozen=True, slots=True)
class Beat:
    """Something done without words, for some seconds; `caption` describes it."""

    seconds: float
    caption: str
    moment: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line or beat with its place in time, in seconds."""

    start: float
    end: float
    who: str
    words: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything with its time; `moments` maps a moment's name to its start in seconds."""

    parts: tuple[Spoken, ...]
    moments: dict[str, float]
    length: float

    def speaking(self, second: float) -> str:
        """Who speaks at that second, or nobody."""
        return next((p.who for p in self.parts if p.who and p.start <= second < p.end), "")


def lay_out(script: Iterable[Line | Beat], durations: dict[str, float]) -> Timeline:
    """Put lines one after another; `durations` gives the length in seconds of each spoken text."""
    parts: list[Spoken] = []
    moments: dict[str, float] = {}
    now = 0.0
    for step in script:
        if step.moment:
            moments[step.moment] = now
        if isinstance(step, Line):
            end = now + durations[f"{step.who}|{step.words}"]
            parts.append(Spoken(now, end, step.who, step.words))
            now = end + step.after
        else:
            parts.append(Spoken(now, now + step.seconds, "", step.caption))
            now += step.seconds
    return Timeline(tuple(parts), moments, now)


def captions(timeline: Timeline) -> str:
    """The timeline as WebVTT; a cue stays until the next one where little silence lies between."""
    cues = ["WEBVTT", "", "NOTE Synthetic sample: no real people"]
    for index, part in enumerate(timeline.parts):
        following = timeline.parts[index + 1].start if index + 1 < len(timeline.parts) else timeline.length
        end = following if following - part.end < 1.5 else part.end
        said = f"{_speaker(part.who)}: {part.words}" if part.who else f"[{part.words}]"
        cues += ["", str(index + 1), f"{_stamp(part.start)} --> {_stamp(end)}", _wrapped(said)]
    return "\n".join(cues) + "\n"


def _speaker(who: str) -> str:
    return {"teacher": "Teacher", "class": "Students", "notice": "Notice"}.get(who, "Student")


def _stamp(second: float) -> str:
    milliseconds = round(second * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"00:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def _wrapped(words: str, width: int = 46) -> str:
    lines = [""]
    for word in words.split():
        if len(lines[-1]) + len(word) + 1 > width and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
