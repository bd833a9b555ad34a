"""Which decisions: micro-credential, district and period, for whatever is made of many."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from assessor_desk.desk.choosing import Choices
from assessor_desk.domain.cohort import Selection
from assessor_desk.domain.period import Days, Period, days_of
from assessor_desk.gui.many_words import PERIODS, days_in_words, kept_day


class SelectionBox(QWidget):
    """Holds the selection in force; `changed` when it is another. `today` is the day that periods are reckoned from."""

    changed = Signal()

    def __init__(self, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._today = today
        self.micro_credential = wide_choice("Micro-credential", self)
        self.district = wide_choice("District", self)
        self.period = wide_choice("Decided", self)
        self.since, self.until = self._day("First day"), self._day("Last day")
        self._days = self._days_row()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        for choice in (self.micro_credential, self.district, self.period):
            self.add_row(choice.accessibleName(), choice)
        self.add_row("", self._days)
        self._fill_periods()
        self.offer(Choices())
        for choice in (self.micro_credential, self.district, self.period):
            choice.currentIndexChanged.connect(self._on_changed)
        for day in (self.since, self.until):
            day.dateChanged.connect(self._on_changed)

    def add_row(self, words: str, field: QWidget, gap: int = 0) -> None:
        """Add a row below, in line with the others; `gap` is room above it."""
        row = self._grid.rowCount()
        if gap:
            self._grid.setRowMinimumHeight(row, gap)
            row += 1
        if words:
            label = QLabel(words, self)
            label.setObjectName("muted")
            label.setBuddy(field)
            label.setMinimumHeight(min(30, field.sizeHint().height()))
            self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(field, row, 1)

    def _day(self, name: str) -> QDateEdit:
        day = QDateEdit(QDate(self._today.year, self._today.month, self._today.day), self)
        day.setCalendarPopup(True)
        day.setDisplayFormat("d MMM yyyy")
        day.setAccessibleName(name)
        return day

    def _days_row(self) -> QWidget:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        to = QLabel("to", holder)
        to.setObjectName("muted")
        for one in (self.since, to, self.until):
            row.addWidget(one)
        row.addStretch(1)
        return holder

    def _fill_periods(self) -> None:
        for period, title in PERIODS.items():
            days = days_in_words(days_of(period, self._today))
            self.period.addItem(f"{title} · {days}" if days else title, period.value)
        self._days.hide()

    # What there is

    def offer(self, choices: Choices) -> None:
        """Offer what there is to choose from; what was chosen stays where it is among it."""
        titles = sorted(choices.micro_credentials.items(), key=lambda one: one[1].casefold())
        _offer(self.micro_credential, "All micro-credentials", [(title, own_id) for own_id, title in titles])
        _offer(self.district, "All districts", [(name, name) for name in choices.districts])
        for edit, day in ((self.since, choices.first), (self.until, choices.last)):
            _set_day(edit, day or self._today)

    def take_up(self, kept: Mapping[str, Any]) -> None:
        """Choose what was chosen before, as far as it is still there."""
        choose(self.micro_credential, str(kept.get("micro_credential", "")))
        choose(self.district, str(kept.get("district", "")))
        choose(self.period, str(kept.get("period", Period.ALL.value)))
        for edit, name in ((self.since, "since"), (self.until, "until")):
            if day := kept_day(str(kept.get(name, ""))):
                _set_day(edit, day)

    # What is chosen

    @property
    def kept(self) -> dict[str, Any]:
        """What is chosen, to be taken up another time."""
        return {
            "micro_credential": self.micro_credential.currentData(),
            "district": self.district.currentData(),
            "period": self.period.currentData(),
            "since": _day_of(self.since).isoformat(),
            "until": _day_of(self.until).isoformat(),
        }

    @property
    def days(self) -> Days:
        """The first and the last day of it."""
        period = Period(self.period.currentData())
        if period is not Period.CHOSEN:
            return days_of(period, self._today)
        return _day_of(self.since), _day_of(self.until)

    @property
    def selection(self) -> Selection:
        """The selection in force."""
        micro_credential, district = self.micro_credential.currentData(), self.district.currentData()
        since, until = self.days
        return Selection(
            (micro_credential,) if micro_credential else (), (district,) if district else (), since, until
        )

    @property
    def wanting(self) -> str:
        """What keeps it from being a selection; empty where nothing does."""
        since, until = self.days
        return "The last day comes before the first" if since and until and until < since else ""

    def _on_changed(self) -> None:
        self._days.setVisible(self.period.currentData() == Period.CHOSEN.value)
        self.changed.emit()


def wide_choice(name: str, parent: QWidget) -> QComboBox:
    """A list to choose from that takes the width there is, whatever stands in it."""
    choice = QComboBox(parent)
    choice.setAccessibleName(name)
    choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    choice.setMinimumContentsLength(14)
    choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return choice


def choose(choice: QComboBox, wanted: str) -> None:
    """Choose by value, where it is there."""
    found = choice.findData(wanted)
    if found >= 0:
        choice.setCurrentIndex(found)


def _day_of(edit: QDateEdit) -> date:
    day = edit.date()
    return date(day.year(), day.month(), day.day())


def _set_day(edit: QDateEdit, day: date) -> None:
    edit.setDate(QDate(day.year, day.month, day.day))


def _offer(choice: QComboBox, everything: str, others: list[tuple[str, str]]) -> None:
    before = choice.currentData()
    choice.blockSignals(True)
    choice.clear()
    for title, value in ((everything, ""), *others):
        choice.addItem(title, value)
    choose(choice, before or "")
    choice.blockSignals(False)
