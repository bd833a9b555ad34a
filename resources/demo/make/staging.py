"""Who is where, doing what, at each second of a lesson: the part of the two films that they share."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from figures import Looks, Pose, pupil, table, teacher
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from room import TABLES, Keyed, eased, honest_corner, look_at, slate, walls
from script import Timeline

Drawing = Callable[[QPainter, float], None]


@dataclass(frozen=True, slots=True)
class Places:
    """Each pupil's seat before and after the class regroups, as table and chair, and when each sets off."""

    before: tuple[tuple[int, int], ...]
    after: tuple[tuple[int, int], ...]
    start: float
    seconds: float = 3.6

    def at(self, index: int, now: float) -> tuple[float, float, float, float]:
        """x, y, scale and stride (0 when seated) of a pupil."""
        old = TABLES[self.before[index][0]].seat(self.before[index][1])
        new = TABLES[self.after[index][0]].seat(self.after[index][1])
        leave = self.start + (index * 7 % 20) * 0.16
        share = eased(now, leave, self.seconds)
        x, y, scale = (a + (b - a) * share for a, b in zip(old, new, strict=True))
        if old == new or share in (0.0, 1.0):
            return x, y, scale, 0.0
        return x, y - 26 * math.sin(share * math.pi), scale, now * 9 + index


def seated(count: int = 20) -> tuple[tuple[int, int], ...]:
    """Pupil n sits at table n // 4."""
    return tuple(divmod(index, 4) for index in range(count))


def regrouped(groups: Sequence[tuple[Sequence[int], Sequence[int]]]) -> tuple[tuple[int, int], ...]:
    """Seats after regrouping: each group (pupils, tables) keeps those already there and fills the free chairs."""
    now = seated()
    seats: dict[int, tuple[int, int]] = {}
    for pupils, tables in groups:
        seats.update({n: now[n] for n in pupils if now[n][0] in tables})
        free = [(t, chair) for t in tables for chair in range(4) if (t, chair) not in seats.values()]
        waiting = [n for n in pupils if n not in seats]
        seats.update(zip(waiting, free, strict=False))
    return tuple(seats[n] for n in range(len(now)))


@dataclass
class Lesson(ABC):
    """A lesson to be filmed. `loudness` is how loud the speaker is, from 0 to 1, at a second."""

    timeline: Timeline
    looks: Sequence[Looks]
    places: Places
    walk: Keyed
    camera: Keyed
    speakers: dict[str, int]
    wall: str
    adult: Looks
    title: str
    lines: tuple[str, ...]
    minutes_past_ten: float
    cards: dict[int, tuple[str, float]] = field(default_factory=dict)
    envelope: Sequence[float] = ()

    def moment(self, name: str) -> float:
        """When something named in the script begins."""
        return self.timeline.moments[name]

    def loudness(self, now: float) -> float:
        """How far the speaker's mouth is open."""
        index = min(len(self.envelope) - 1, int(now * 30))
        return self.envelope[index] if self.envelope else 0.0

    @abstractmethod
    def on_board(self, p: QPainter, now: float) -> None:
        """Draw what stands on the classroom's board."""

    @abstractmethod
    def on_tables(self, p: QPainter, now: float) -> None:
        """Draw what pupils have in front of them, large enough to be read when the camera is near."""

    @abstractmethod
    def posture(self, index: int, now: float) -> dict[str, float | str]:
        """What a pupil does besides sitting: fields of `Pose`."""

    @abstractmethod
    def reach(self, now: float) -> tuple[float, float] | None:
        """Where the teacher's hand points, from the feet."""

    def frame(self, p: QPainter, now: float) -> None:
        """Draw the picture of one second."""
        p.save()
        look_at(p, *self.camera.at(now))
        walls(p, now, self.wall, self.minutes_past_ten)
        self.on_board(p, now)
        self._people(p, now)
        self.on_tables(p, now)
        p.restore()
        honest_corner(p)
        if now < 4.4:
            slate(p, self.title, self.lines, eased(now, 3.6, 0.8))

    def _people(self, p: QPainter, now: float) -> None:
        drawn = [(place.y + 1, self._table(number)) for number, place in enumerate(TABLES)]
        drawn += [(self.places.at(index, now)[1], self._pupil(index)) for index in range(len(self.looks))]
        drawn.append((self.walk.at(now)[1] - 40, self._teacher))
        for _, draw in sorted(drawn, key=lambda one: one[0]):
            draw(p, now)

    def _table(self, number: int) -> Drawing:
        place = TABLES[number]

        def draw(p: QPainter, now: float) -> None:
            tint, since = self.cards.get(number, ("", math.inf))
            table(p, place.x, place.y, place.scale, place.width, tint if now >= since else "")

        return draw

    def _pupil(self, index: int) -> Drawing:
        def draw(p: QPainter, now: float) -> None:
            x, y, scale, stride = self.places.at(index, now)
            talking = self._talks(index, now)
            sway = 1.2 * math.sin(now * 1.3 + index * 1.7)
            facing: dict[str, float | str] = {
                "gaze": -0.7 if not stride else 0.0,
                "mouth": self.loudness(now) if talking else 0.0,
            }
            facing |= self.posture(index, now)
            blink = (now * 0.9 + index * 0.37) % 3.1 < 0.14
            pupil(p, self.looks[index], Pose(x, y + sway, scale, stride=stride, blink=blink, **facing))  # type: ignore[arg-type]
            if talking and self.timeline.speaking(now) != "class":
                _speech(p, x + 34 * scale, y - 70 * scale, scale)

        return draw

    def _teacher(self, p: QPainter, now: float) -> None:
        x, feet = self.walk.at(now)
        mouth = self.loudness(now) if self.timeline.speaking(now) == "teacher" else 0.0
        p.save()
        scale = 0.8 + (feet - 400) * 0.0014
        p.translate(x, feet)
        p.scale(scale, scale)
        teacher(p, 0, 0, mouth, self.reach(now), now * 8 if self.walk.moving(now) else 0.0, self.adult)
        p.restore()

    def _talks(self, index: int, now: float) -> bool:
        who = self.timeline.speaking(now)
        return who == "class" or (who in self.speakers and self.speakers[who] == index)


def _speech(p: QPainter, x: float, y: float, scale: float) -> None:
    p.setPen(QPen(QColor("#ffffff"), 3.2 * scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for turn in (-32, 0, 32):
        angle = math.radians(turn - 18)
        near, far = 2 * scale, 15 * scale
        p.drawLine(
            QPointF(x + near * math.cos(angle), y + near * math.sin(angle)),
            QPointF(x + far * math.cos(angle), y + far * math.sin(angle)),
        )


def written(p: QPainter, box: QRectF, share: float) -> None:
    """From now on draw only the left part of a box, as if it were being written."""
    p.setClipRect(QRectF(box.x(), box.y(), box.width() * share, box.height()))


def paper(p: QPainter, box: QRectF) -> None:
    """An upright mini whiteboard or sheet on a table."""
    p.setPen(QPen(QColor("#56616b"), 3))
    p.setBrush(QColor("#fdfdfa"))
    p.drawRoundedRect(box, 5, 5)
