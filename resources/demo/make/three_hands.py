"""The film of 91BB-02: three hands answer; the class then chooses between two answers it has heard."""

from __future__ import annotations

from figures import Bar, Looks, bar_model, cast, fraction
from lettering import font
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from room import BOARD, Keyed, eased
from script import Timeline
from staging import Lesson, Places, paper, regrouped, seated, written

HANDS = (2, 5, 6)
FIFTEENS = (0, 6, 10, 17)
STAYING = tuple(n for n in range(20) if n not in FIFTEENS)
PEN = QColor("#26477d")


def lesson(timeline: Timeline) -> Lesson:
    """The lesson, ready to be filmed."""
    m = timeline.moments
    walk = Keyed(
        (
            (0, (630, 470)),
            (m["draws"] + 4, (690, 474)),
            (m["calls"], (640, 486)),
            (m["both"], (622, 470)),
            (m["choose"] + 2, (690, 476)),
            (m["move"] + 4, (972, 430)),
            (m["feedback_2"] - 2.5, (852, 580)),
            (m["follow"] - 0.8, (640, 474)),
        ),
        1.9,
    )
    camera = Keyed(
        (
            (0, (640, 360, 1.0)),
            (m["three_hands"] + 1.2, (640, 400, 1.04)),
            (m["both"] - 0.5, (640, 360, 1.0)),
            (m["move"] + 6, (1060, 380, 1.9)),
            (m["feedback_2"] - 2.2, (985, 520, 1.8)),
            (m["follow"] - 0.6, (640, 360, 1.0)),
        ),
        2.0,
    )
    return ThreeHands(
        timeline,
        cast(29, 20),
        Places(seated(), regrouped(((FIFTEENS, (4,)), (STAYING, (0, 1, 2, 3)))), m["move"]),
        walk,
        camera,
        {"first": 5, "second": 6, "third": 2, "fourth": 9},
        "#e4ddd0",
        Looks("#e6bd97", "#5a4a3c", "#7a6a86", 0),
        "2/5 of 30, grade 5",
        (
            "Synthetic sample: no real people, school or lesson.",
            "Drawn and voiced by programs.",
            "One clip, not edited.",
        ),
        34.0,
    )


class ThreeHands(Lesson):
    """Three hands go up at the front, and the tables at the back look elsewhere."""

    def posture(self, index: int, now: float) -> dict[str, float | str]:
        """Three raise a hand and keep it up until they were called; the tables at the back look down."""
        up = self.moment("who_can") + 2.2 + HANDS.index(index) * 0.9 if index in HANDS else 1e9
        called = {5: "twelve", 6: "fifteen", 2: "third_hand"}
        low = self.moment(called[index]) if index in HANDS else 0.0
        hand = eased(now, up, 0.5) * (1 - eased(now, low, 0.5))
        working = self.moment("move") + 6 < now < self.moment("follow") or now > self.moment("sheet") + 2
        away = index >= 12 and now < self.moment("choose")
        down = 0.9 if working or away else 0.0
        turned = {"gaze": 0.5 if index % 3 == 0 else -0.2} if away or working else {}
        return {"hand": hand, "down": 0.0 if self.timeline.speaking(now) == "class" else down, **turned}

    def reach(self, now: float) -> tuple[float, float] | None:
        """The hand is at the board while something is written there, and at the work while it is talked about."""
        at_board = (
            (self.moment("question") + 0.5, self.moment("who_can") - 0.4),
            (self.moment("both") + 1.5, self.moment("choose")),
        )
        if any(start < now < end for start, end in at_board):
            return (-150, -190)
        if self.moment("feedback_1") < now < self.moment("changes_1"):
            return (96, -92)
        if self.moment("feedback_2") < now < self.moment("changes_2"):
            return (96, -96)
        return None

    def on_board(self, p: QPainter, now: float) -> None:
        """The question, the bar with five parts, and the two answers that were called out."""
        p.save()
        p.setPen(QPen(QColor("#2b3640"), 3.2))
        written(p, BOARD, eased(now, self.moment("question") + 0.4, 3.0))
        wide = fraction(p, 96, 106, "2", "5", 36)
        p.setFont(font("board", 36))
        p.drawText(QPointF(108 + wide, 120), "of 30  =")
        p.restore()
        bar = Bar(
            5,
            2 * eased(now, self.moment("both") + 0.5, 1.5),
            "6",
            eased(now, self.moment("draws"), 4.0),
            eased(now, self.moment("twelve") + 3, 2),
        )
        if now > self.moment("draws"):
            bar_model(p, QRectF(96, 170, 420, 46), bar, QColor("#2b3640"))
        for name, x, words in (("both", 110, "12 ?"), ("both", 330, "15 ?")):
            box = QRectF(x, 236, 130, 56)
            p.save()
            written(p, box, eased(now, self.moment(name) + (1.6 if x < 200 else 3.0), 1.0))
            p.setPen(QColor("#b23a36"))
            p.setFont(font("board", 38))
            p.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
            p.restore()

    def on_tables(self, p: QPainter, now: float) -> None:
        """Cups by the window, a folded strip at the front table."""
        if now > self.moment("move") + 5.5:
            p.setOpacity(eased(now, self.moment("move") + 5.5, 0.8))
            self._cups(p, now)
            self._strip(p, now)
            p.setOpacity(1)

    def _cups(self, p: QPainter, now: float) -> None:
        chosen = now > self.moment("which_cups") + 1.6
        for cup in range(5):
            box = QRectF(1000 + cup * 33, 414, 27, 30)
            p.setPen(
                QPen(
                    QColor("#b23a36") if chosen and cup < 2 else QColor("#6d7680"),
                    2.4 if chosen and cup < 2 else 1.4,
                )
            )
            p.setBrush(QColor("#fff6df") if chosen and cup < 2 else QColor("#f7f7f4"))
            p.drawRoundedRect(box, 4, 4)
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(QColor("#3f7fb5"))
            filled = int(30 * eased(now, self.moment("move") + 5, 4.5))
            for counter in range(6):
                if counter * 5 + cup < filled:
                    p.drawEllipse(
                        QPointF(box.x() + 7 + counter % 3 * 6.5, box.y() + 10 + counter // 3 * 9), 2.7, 2.7
                    )
        sheet = QRectF(1174, 412, 52, 34)
        paper(p, sheet)
        self._crossed(p, sheet, now)

    def _crossed(self, p: QPainter, sheet: QRectF, now: float) -> None:
        start = self.moment("changes_1")
        p.setPen(QPen(PEN, 2))
        p.setFont(font("felt", 17))
        p.drawText(QRectF(sheet.x(), sheet.y(), 26, sheet.height()), Qt.AlignmentFlag.AlignCenter, "15")
        done = eased(now, start + 0.5, 1.0)
        if done > 0:
            p.drawLine(
                QPointF(sheet.x() + 4, sheet.y() + 22),
                QPointF(sheet.x() + 4 + 19 * done, sheet.y() + 22 - 11 * done),
            )
        if now > start + 2:
            p.drawText(
                QRectF(sheet.x() + 24, sheet.y(), 28, sheet.height()), Qt.AlignmentFlag.AlignCenter, "12"
            )

    def _strip(self, p: QPainter, now: float) -> None:
        box = QRectF(962, 590, 212, 62)
        paper(p, box)
        strip = QRectF(box.x() + 10, box.y() + 10, 190, 22)
        bar_model(p, strip, Bar(5, 0, ""), PEN)
        p.setPen(QPen(QColor("#b23a36"), 2))
        half = strip.x() + strip.width() / 2
        p.drawLine(QPointF(half, strip.y() - 5), QPointF(half, strip.bottom() + 5))
        p.setFont(font("felt", 15))
        p.drawText(QRectF(half - 34, strip.y() + 3, 28, 17), Qt.AlignmentFlag.AlignCenter, "15")
        p.setPen(PEN)
        for fold in range(1, 6):
            if now > self.moment("changes_2") + fold * 0.8 - 0.5:
                x = strip.x() + fold * 38
                p.drawText(
                    QRectF(x - 16, strip.bottom() + 4, 32, 20), Qt.AlignmentFlag.AlignCenter, str(fold * 6)
                )
