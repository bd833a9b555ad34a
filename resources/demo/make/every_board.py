"""The film of 7F3A-21: every board goes up, the class regroups by answer, two students change their work."""

from __future__ import annotations

from figures import Bar, Looks, bar_model, cast, fraction
from lettering import font
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from room import BOARD, Keyed, eased
from script import Timeline
from staging import Lesson, Places, paper, regrouped, seated, written

EIGHTS, SIXES = (2, 7, 9, 15), (4, 11, 13, 18)
EIGHTEENS = tuple(n for n in range(20) if n not in EIGHTS + SIXES)
BLUE, YELLOW, GREEN = "#8fb8e8", "#f0d169", "#9fcf9f"
BLUE_PEN, RED_PEN = QColor("#26477d"), QColor("#b23a36")


def lesson(timeline: Timeline) -> Lesson:
    """The lesson, ready to be filmed."""
    m = timeline.moments
    walk = Keyed(
        (
            (0, (640, 470)),
            (m["writing"] + 1, (470, 480)),
            (m["writing"] + 5.5, (690, 470)),
            (m["reading"] - 0.5, (330, 482)),
            (m["reading"] + 2.2, (620, 470)),
            (m["blue"], (680, 476)),
            (m["regroup"] + 4, (428, 580)),
            (m["to_yellow"], (852, 580)),
            (m["compare"], (650, 470)),
        ),
        1.9,
    )
    camera = Keyed(
        (
            (0, (640, 360, 1.0)),
            (m["boards_up"] + 0.6, (640, 400, 1.04)),
            (m["tally_18"] - 1, (640, 360, 1.0)),
            (m["regroup"] + 6, (300, 500, 1.8)),
            (m["to_yellow"], (985, 500, 1.8)),
            (m["compare"] - 0.4, (420, 280, 1.25)),
            (m["exit_ticket"], (640, 360, 1.0)),
        ),
        2.0,
    )
    return EveryBoard(
        timeline,
        cast(11, 20),
        Places(seated(), regrouped(((EIGHTS, (0,)), (SIXES, (2,)), (EIGHTEENS, (1, 3, 4)))), m["regroup"]),
        walk,
        camera,
        {"first": 9, "second": 4},
        "#d9e1e0",
        Looks("#c79067", "#33261f", "#5b7f95", 3),
        "3/4 of 24, grade 5",
        (
            "Synthetic sample: no real people, school or lesson.",
            "Drawn and voiced by programs.",
            "One clip, not edited.",
        ),
        12.0,
        {
            0: (BLUE, m["blue"]),
            2: (YELLOW, m["blue"]),
            1: (GREEN, m["blue"] + 5),
            3: (GREEN, m["blue"] + 5),
            4: (GREEN, m["blue"] + 5),
        },
    )


class EveryBoard(Lesson):
    """All twenty boards go up at once."""

    def answer(self, index: int) -> str:
        """What a pupil writes on the mini whiteboard."""
        return "8" if index in EIGHTS else "6" if index in SIXES else "18"

    def posture(self, index: int, now: float) -> dict[str, float | str]:
        """Writing, then board up until the groups are formed."""
        up, low = self.moment("boards_up") + 1.1 + (index * 5 % 7) * 0.09, self.moment("adjust") + 1.5
        raised = eased(now, up, 0.7) * (1 - eased(now, low, 0.8))
        busy = self.moment("writing") - 0.5 < now < up or now > self.moment("regroup") + 7.5
        listening = now > self.moment("compare")
        down = 0.9 if busy and not listening and self.timeline.speaking(now) != "class" else 0.0
        return {
            "board": raised,
            "answer": self.answer(index),
            "down": down,
            **({"gaze": 0.1} if down else {}),
        }

    def reach(self, now: float) -> tuple[float, float] | None:
        """The hand is at the board while the tally is written and while the bar is talked about."""
        if self.moment("tally_18") - 0.8 < now < self.moment("adjust") - 0.3:
            return (-150, -196)
        if self.moment("compare") + 1 < now < self.moment("exit_ticket") - 0.3:
            return (-150, -170)
        if self.moment("points_to_step") < now < self.moment("redraw") + 1 or self.moment(
            "feedback_2"
        ) < now < self.moment("shading"):
            return (-96 if now < self.moment("to_yellow") else 96, -96)
        return None

    def on_board(self, p: QPainter, now: float) -> None:
        """The question, the tally of answers, then the bar with four parts."""
        p.save()
        p.setPen(QPen(QColor("#2b3640"), 3.2))
        written(p, BOARD, eased(now, self.moment("question") + 0.6, 3.2))
        p.setFont(font("board", 36))
        p.drawText(QPointF(92, 118), "How much is")
        wide = fraction(p, 318, 104, "3", "4", 36)
        p.setFont(font("board", 36))
        p.drawText(QPointF(330 + wide, 118), "of 24?")
        p.restore()
        self._tally(p, now)
        self._compared(p, now)

    def _tally(self, p: QPainter, now: float) -> None:
        for row, (name, words, tint) in enumerate(
            (
                ("tally_18", "18 on 12 boards", GREEN),
                ("tally_6", "6 on 4 boards", YELLOW),
                ("tally_8", "8 on 4 boards", BLUE),
            )
        ):
            box = QRectF(92, 150 + 28 * row, 240, 30)
            p.save()
            written(p, box, eased(now, self.moment(name), 1.5))
            p.setPen(QColor("#26477d"))
            p.setFont(font("board", 22))
            p.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
            p.restore()
            if now > self.moment("blue"):
                p.setPen(Qt.PenStyle.NoPen)
                p.setBrush(QColor(tint))
                p.drawRoundedRect(QRectF(340, box.y() + 5, 54, 20), 5, 5)

    def _compared(self, p: QPainter, now: float) -> None:
        start = self.moment("compare")
        if now < start:
            return
        bar = Bar(
            4,
            3 * eased(now, self.moment("three") + 1.2, 1.6),
            "6",
            eased(now, start + 0.3, 2.6),
            eased(now, self.moment("four") + 1, 1.5),
        )
        bar_model(p, QRectF(92, 242, 300, 34), bar, QColor("#2b3640"))
        p.setFont(font("board", 19))
        for name, line, words in (("four", 0, "4: equal parts"), ("three", 1, "3: parts we want")):
            box = QRectF(404, 236 + 25 * line, 164, 26)
            p.save()
            written(p, box, eased(now, self.moment(name) + 1.6, 1.4))
            p.setPen(RED_PEN)
            p.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
            p.restore()

    def on_tables(self, p: QPainter, now: float) -> None:
        """The boards of the two students whom the camera comes near to."""
        if now > self.moment("regroup") + 5.5:
            p.setOpacity(eased(now, self.moment("regroup") + 5.5, 0.8))
            self._redrawn(p, now)
            self._shaded(p, now)
            p.setOpacity(1)

    def _redrawn(self, p: QPainter, now: float) -> None:
        box, start = QRectF(104, 586, 190, 72), self.moment("redraw")
        paper(p, box)
        bar = QRectF(box.x() + 14, box.y() + 12, 162, 24)
        if now < start + 1.6:
            p.setOpacity(1 - eased(now, start + 0.2, 1.4))
            bar_model(p, bar, Bar(3, 3, "8", written=1), BLUE_PEN)
            _result(p, box, "= 8")
            p.setOpacity(1)
            return
        parts = Bar(
            4, 3 * eased(now, start + 6, 1.5), "6", eased(now, start + 1.8, 2.6), eased(now, start + 4.4, 1.6)
        )
        bar_model(p, bar, parts, BLUE_PEN)
        if now > self.moment("eighteen_1") + 1.4:
            _result(p, box, "= 18")

    def _shaded(self, p: QPainter, now: float) -> None:
        box, start = QRectF(970, 586, 190, 72), self.moment("shading")
        paper(p, box)
        bar = Bar(4, 1 + 2 * eased(now, start, 3.0), "6", written=1, tint="#f2dc8d")
        bar_model(p, QRectF(box.x() + 14, box.y() + 12, 162, 24), bar, BLUE_PEN)
        _result(p, box, "= 6" if now < start + 3.4 else "= 18")


def _result(p: QPainter, box: QRectF, words: str) -> None:
    line = QRectF(box.x() + 14, box.y() + 38, box.width() - 28, 30)
    p.setPen(QPen(BLUE_PEN, 1.8))
    wide = fraction(p, line.x() + 20, line.y() + 14, "3", "4", 13)
    p.setFont(font("felt", 20))
    p.drawText(
        QRectF(line.x() + 24 + wide, line.y(), 130, 28),
        Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
        f"of 24 {words}",
    )
