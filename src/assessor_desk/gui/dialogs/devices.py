"""The person's computers: which there are, letting one in by comparing a code, and letting one go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from assessor_desk.domain.errors import Damaged, DeskError, sentence
from assessor_desk.gui.controls import Card, outlined_button, primary_button, quiet_button, wrapped_label
from assessor_desk.gui.dialogs.passphrase_row import PassphraseRow
from assessor_desk.gui.dialogs.sizing import resize_within, scrolled
from assessor_desk.gui.dialogs.stays_open import StaysOpenDialog
from assessor_desk.gui.pages.page import announce, tell
from assessor_desk.gui.selection_box import wide_choice
from assessor_desk.gui.tasks import Tasks

if TYPE_CHECKING:
    from assessor_desk.desk import Desk
    from assessor_desk.desk.devices import Joining
    from assessor_desk.domain.own_devices import OwnDevice

#: How often both sides are looked at while the dialog is open: a person stands before two screens.
LOOK_EVERY_MS = 2000
#: At every so many looks it is asked whether a copy of the key lies at the hub, which writes each time down who asked.
_COPY_EVERY = 30
_LOOKING = "Looking…"
#: Properties of what is made anew with each list: the wish or computer that it is about, and what it does.
_WHOSE, _ACT = "whose", "act"
_REFUSE = "refuse"
_ABOUT = (
    "What you write on one of your computers is there on the others too. It goes through the hub under a key that your "
    "computers alone have. A new one is let in by a computer that has the key: both show a code, and you see that it "
    "is the same."
)
_REMOVAL_TAKES_COPY = (
    "A copy of your key lies at the hub. Removing a computer deletes it, as what you write has another key from then "
    "on: leave a new copy afterwards, if you want one there."
)
_PASSPHRASE = (
    "Without another computer at hand: leave your key at the hub under a long passphrase, and give that on the new "
    "computer. Whoever has the hub can try passphrases for as long as they like, so take five words by chance."
)


_HUBS = "Each of your hubs hands on what belongs to it, under a key of its own: let a computer in at each."


@dataclass(frozen=True)
class _Seen:
    source: str
    devices: tuple[OwnDevice, ...]
    joins: tuple[Joining, ...]
    joining: Joining | None
    shares: bool
    copy: bool
    waits: bool

    @property
    def lacks_key(self) -> bool:
        """Whether this computer is to be let in, also where it was and the others took another key into use since."""
        return self.waits or not self.shares

    @property
    def leaves_key(self) -> bool:
        """Whether a passphrase is for the key of this computer; else for the one that lies at the hub."""
        return self.shares or not self.copy


class DevicesDialog(StaysOpenDialog):
    """Looks again every other second. `changed` carries the desk's changes."""

    changed = Signal(object)
    sync_wanted = Signal()

    def __init__(self, tasks: Tasks, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(tasks, parent)
        self._tasks, self._desk = tasks, desk
        self._seen: _Seen | None = None
        self._looking = set[str]()  # hubs that are being looked at: one look at most waits for each
        self._looks = 0
        self.hub = wide_choice("Hub", self)
        for one in desk.hubs():
            self.hub.addItem(one.title, one.identity)
        self.hub.currentIndexChanged.connect(self._on_hub)
        self._said, self._refused = "", False
        self._of_look, self._warnings = _LOOKING, list[str]()
        self.setWindowTitle("Your devices")
        self._lines = QVBoxLayout()
        self._lines.setSpacing(8)
        self._wishes = QVBoxLayout()
        self._wishes.setSpacing(8)
        self.told = wrapped_label(_LOOKING, "muted", self)
        self.name = QLineEdit(self)
        self.name.setAccessibleName("The name of this computer")
        self.rename = outlined_button("Rename", self)
        self.rename.clicked.connect(self._on_rename)
        self.ask = primary_button("Ask to be let in", self)
        self.ask.clicked.connect(lambda: self._do(self._desk.ask_to_join, self._source))
        self.key_passphrase = QLineEdit(self)
        self.key_passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.key_passphrase.setAccessibleName("Passphrase of the key at the hub")
        self.use_passphrase = outlined_button("Leave the key at the hub", self)
        self.use_passphrase.clicked.connect(self._on_passphrase)
        self.take_back = quiet_button("Delete the copy at the hub", self)
        self.take_back.clicked.connect(self._on_take_back)
        self.removal_words = wrapped_label(_REMOVAL_TAKES_COPY, "muted", self)
        self.passphrase_row = PassphraseRow("Your passphrase, to remove a computer", self)
        self._arrange()
        # Said here: whichever stood first as the window came up had the keys, and that may let a computer in.
        (self.hub if self.hub.count() > 1 else self.name).setFocus()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        self._look()

    def _arrange(self) -> None:
        inside = QWidget(self)
        content = QVBoxLayout(inside)
        content.setContentsMargins(20, 20, 20, 8)
        content.setSpacing(10)
        content.addWidget(wrapped_label("Your devices", "headline", self))
        content.addWidget(wrapped_label(_ABOUT, "muted", self))
        if self.hub.count() > 1:
            content.addWidget(wrapped_label(_HUBS, "muted", self))
            content.addWidget(self.hub)
        else:
            self.hub.hide()
        content.addLayout(self._wishes)
        content.addWidget(self.ask, 0, Qt.AlignmentFlag.AlignLeft)
        content.addLayout(self._lines)
        for field, button, words in (
            (self.name, self.rename, "What you call this computer"),
            (self.key_passphrase, self.use_passphrase, "With a passphrase instead"),
        ):
            content.addSpacing(4)
            content.addWidget(wrapped_label(words, "sectionHeading", self))
            if field is self.key_passphrase:
                content.addWidget(wrapped_label(_PASSPHRASE, "muted", self))
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(field, 1)
            row.addWidget(button)
            content.addLayout(row)
        content.addWidget(self.take_back, 0, Qt.AlignmentFlag.AlignLeft)
        content.addSpacing(4)
        content.addWidget(self.removal_words)
        content.addWidget(self.passphrase_row)
        content.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(20, 0, 20, 16)
        buttons.addWidget(self.told, 1)
        buttons.addWidget(self._make_leave())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(scrolled(inside, "Your devices", self), 1)
        column.addLayout(buttons)
        resize_within(self, 600, 560)

    # Looking

    def _look(self) -> None:
        desk, source = self._desk, self._source
        if source in self._looking:
            return
        self._looking.add(source)
        known = self._seen.copy if self._seen is not None and self._looks % _COPY_EVERY else None
        self._looks += 1

        def look() -> _Seen:
            joining = desk.joining(source)
            joins = () if joining is not None else desk.joins(source)
            devices = desk.devices(source)
            copy = desk.key_copy_kept(source) if known is None else known
            # Asked last: that it was let in, or was removed, this computer learns by what is asked first.
            shares, waits = desk.shares_entries(source), desk.waits_for_key(source)
            return _Seen(source, devices, joins, joining, shares, copy, waits)

        self._tasks.side(look, self._show, lambda error: self._on_missed(error, source))

    @property
    def _source(self) -> str:
        """The hub that is looked at; empty where the desk has none."""
        return str(self.hub.currentData() or "")

    def _on_hub(self) -> None:
        """What stands here is of another hub: nothing of it is to be pressed until this one answered."""
        self._seen = None
        self._warnings.clear()
        for column in (self._wishes, self._lines):
            self._fill(column, [])
        for one in (self.ask, self.take_back, self.removal_words):
            one.hide()
        self.name.clear()
        self._say("")
        self._say_of_look(_LOOKING)
        self._look()

    def _show(self, seen: _Seen) -> None:
        self._looking.discard(seen.source)
        if seen.source != self._source:
            return
        before, self._seen = self._seen, seen
        self._say_of_look("")
        if before is None:
            this = next((one.title for one in seen.devices if one.this), "")
            self.name.setText(this)
        if before == seen:
            return
        held = self.focusWidget()
        own = [self._own_wish(seen.joining)] if seen.joining else []
        wishes = [*own, *(self._wish(one) for one in seen.joins)]
        self._fill(self._wishes, wishes)
        others = [one for one in seen.devices if one.revoked_at is None and not one.this]
        lines = [self._line(one) for one in seen.devices if one.revoked_at is None]
        self._fill(self._lines, lines)
        self._put_in_turn(_buttons(wishes), _buttons(lines))
        self.ask.setVisible(seen.lacks_key and seen.joining is None and bool(others) and not seen.joins)
        self.passphrase_row.setVisible(bool(others))
        self.removal_words.setVisible(bool(others) and seen.copy and seen.shares)
        self.take_back.setVisible(seen.copy)
        self.use_passphrase.setText(
            "Leave the key at the hub" if seen.leaves_key else "Use the key at the hub"
        )
        self._hold_on(held)
        entered = before is not None and before.lacks_key and not seen.lacks_key
        if entered:
            self._say("This computer shares what you write with your others now.")
            self.sync_wanted.emit()

    def _fill(self, column: QVBoxLayout, widgets: list[QWidget]) -> None:
        while (held := column.takeAt(0)) is not None:
            if widget := held.widget():
                widget.hide()
                widget.deleteLater()
        for widget in widgets:
            column.addWidget(widget)
            widget.show()  # now, and not with the next turn of the loop, so that it can be given the keys

    def _put_in_turn(self, of_wishes: list[QPushButton], of_lines: list[QPushButton]) -> None:
        """The keys go from above to below, also to what was made after the rest."""
        before: QWidget = self.hub
        for one in (*of_wishes, self.ask, *of_lines, self.name):
            self.setTabOrder(before, one)
            before = one

    def _hold_on(self, held: QWidget | None) -> None:
        """Where what had the keys is gone they go to the same act of the same wish or computer, or to what refuses it.

        Else to what commits to nothing: a key that is pressed once more lets nobody in whose code was not compared.
        """
        if held is None or held.isVisibleTo(self):
            return
        whose = held.property(_WHOSE)
        if held is self.ask and self._seen is not None and self._seen.joining is not None:
            whose = self._seen.joining.id
        there = {
            one.property(_ACT): one
            for one in self.findChildren(QWidget)
            if whose and one.property(_WHOSE) == whose and one.isVisibleTo(self)
        }
        neutral = [one for one in (self.ask, self.leave) if one.isVisibleTo(self) and one.isEnabled()]
        stands_in = there.get(held.property(_ACT)) or there.get(_REFUSE)
        (stands_in or next(iter(neutral), self)).setFocus()

    def _line(self, one: OwnDevice) -> QWidget:
        card = Card(self)
        row = QHBoxLayout(card)
        row.setContentsMargins(12, 8, 8, 8)
        words = QVBoxLayout()
        words.setSpacing(2)
        title = f"{one.title} (this computer)" if one.this else one.title
        words.addWidget(wrapped_label(title, "criterionTitle", card))
        shares = "Shares what you write" if one.shares else "Is not let in yet"
        if one.this and not one.shares:
            shares = "Keeps what you write to itself so far"
        heard = f" · last heard {_when(one.heard_at)}" if one.heard_at and not one.this else ""
        words.addWidget(wrapped_label(f"{shares}{heard}", "muted", card))
        row.addLayout(words, 1)
        if not one.this:
            remove = quiet_button("Remove", card)
            _make_known(remove, one.id, "remove", f"Remove {one.title}{heard.replace(' ·', ',')}")
            remove.setToolTip("The hub knows it no longer; give your passphrase first")
            remove.clicked.connect(lambda: self._on_remove(one))
            row.addWidget(remove, 0, Qt.AlignmentFlag.AlignTop)
        return card

    def _own_wish(self, joining: Joining) -> QWidget:
        """What this computer, which asks, shows."""
        if joining.code:
            asked = "Does your other computer show this code?"
            if joining.state.value == "confirmed":
                asked = "Let it in on your other computer now."
        else:
            there = f", and choose “{self.hub.currentText()}” there" if self.hub.count() > 1 else ""
            asked = f"Open “Your devices” on a computer that has your work{there}: it then shows a code"
            asked = f"{asked}, and so does this one."
        card, row = self._wish_card(asked, joining)
        if joining.state.value == "compare":
            same = primary_button("It is the same", card)
            _make_known(same, joining.id, "confirm", "It is the same, for this computer")
            same.clicked.connect(lambda: self._do(self._desk.confirm_joining, self._source))
            row.addWidget(same)
        withdraw = quiet_button("It differs" if joining.state.value == "compare" else "Ask no longer", card)
        _make_known(withdraw, joining.id, _REFUSE, f"{withdraw.text()}, for this computer")
        withdraw.clicked.connect(lambda: self._do(self._desk.withdraw_joining, self._source))
        row.addWidget(withdraw)
        row.addStretch(1)
        return card

    def _wish(self, one: Joining) -> QWidget:
        """What a computer that has the key shows of one that asks."""
        ready = one.state.value == "compare"
        asked = f"A second device asks to join: “{one.title}”."
        words = f"{asked} Does it show this code?" if ready else f"{asked} Its code is on its way."
        if one.state.value == "let_in":
            words = f"“{one.title}” is let in. Say there that the code is the same."
        card, row = self._wish_card(words, one)
        of_code = f", code {_spelt(one.code)}" if one.code else ""
        if ready:
            let_in = primary_button("It is the same: let in", card)
            _make_known(let_in, one.id, "let in", f"It is the same: let in {one.title}{of_code}")
            let_in.clicked.connect(lambda: self._do(self._desk.let_in, one.id, self._source))
            row.addWidget(let_in)
        if one.state.value != "let_in":
            away = quiet_button("Turn away", card)
            _make_known(away, one.id, _REFUSE, f"Turn {one.title} away{of_code}")
            away.clicked.connect(lambda: self._do(self._desk.turn_away, one.id, self._source))
            row.addWidget(away)
        row.addStretch(1)
        return card

    def _wish_card(self, words: str, one: Joining) -> tuple[QWidget, QHBoxLayout]:
        card = Card(self)
        column = QVBoxLayout(card)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addWidget(wrapped_label(words, "", card))
        if one.code:
            shown = QLabel(one.code, card)
            shown.setObjectName("headline")
            _make_known(shown, one.id, "code", f"Code {_spelt(one.code)}")
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(shown)
            announce(shown, words)
        row = QHBoxLayout()
        row.setSpacing(8)
        column.addLayout(row)
        return card, row

    # Acts

    def _on_rename(self) -> None:
        title = self.name.text().strip()
        if title:
            self._do(self._desk.call_device, title, self._source)

    def _on_passphrase(self) -> None:
        words = self.key_passphrase.text()
        if not words:
            self._say(
                "Type the passphrase of the key at the hub first. Nothing was changed there.", trouble=True
            )
            self.key_passphrase.setFocus()
            return
        leave = self._seen is not None and self._seen.leaves_key
        act = self._desk.leave_key_copy if leave else self._desk.join_with_passphrase
        said = "The key lies at the hub under that passphrase." if leave else ""
        self._do(act, words, self._source, said=said)
        self.key_passphrase.clear()

    def _on_take_back(self) -> None:
        self._do(
            self._desk.take_back_key_copy, self._source, said="No copy of your key lies at the hub any more."
        )

    def _on_remove(self, one: OwnDevice) -> None:
        words = self.passphrase_row.passphrase
        if not words:
            self._say("Give your passphrase to remove a computer.", trouble=True)
            self.passphrase_row.setFocus()
            return

        def remove(source: str) -> str:
            self._desk.remove_device(one.id, words, source)
            return f"“{one.title}” was removed. {self._desk.key_copy_gone(source)}".rstrip()

        self._do(remove, self._source)
        self.passphrase_row.clear()

    def _do(self, work: Callable[..., Any], *told: str, said: str = "") -> None:
        """Do it with what it is told; `said` says that it was done, where it does not itself answer with words."""

        def done(answer: Any) -> None:
            self._end()
            self._say(answer if isinstance(answer, str) else said)
            self._looking.discard(self._source)
            self._looks = 0
            self._look()

        self._begin()
        self._warnings.clear()
        self._say("One moment…")
        self._tasks.side(lambda: work(*told), done, self._on_refused)

    def _on_refused(self, error: DeskError) -> None:
        self._end()
        self._say(sentence(error), trouble=True)

    # Telling

    def _on_missed(self, error: DeskError, source: str) -> None:
        """A look came to nothing. A warning stays until the person does something, whatever the next look finds."""
        self._looking.discard(source)
        if source != self._source:
            return
        words = sentence(error)
        if not isinstance(error, Damaged):
            self._say_of_look(words)
        elif words in self._warnings:
            self._say_of_look("")
        else:
            self._warnings.append(words)
            self._of_look = ""
            self._tell()

    def _say_of_look(self, words: str) -> None:
        """Every look says something: only what is another is shown, and read to those who hear the screen."""
        if words != self._of_look:
            self._of_look = words
            self._tell()

    def _say(self, words: str, *, trouble: bool = False) -> None:
        self._said, self._refused = words, trouble
        self._of_look = ""
        self._tell()

    def _tell(self) -> None:
        """Looks do not hide why something was refused."""
        of_look = "" if self._refused else self._of_look
        words = " ".join([*self._warnings, of_look or self._said]).strip()
        missed = of_look not in ("", _LOOKING)
        tell(self.told, words, trouble=missed or self._refused or bool(self._warnings))

    # Leaving

    def done(self, result: int) -> None:
        """Nobody looks any more."""
        if not self._under_way:
            self._timer.stop()
        super().done(result)


def _buttons(cards: list[QWidget]) -> list[QPushButton]:
    return [button for card in cards for button in card.findChildren(QPushButton)]


def _make_known(widget: QWidget, whose: str, act: str, words: str) -> None:
    """By the wish or computer that it is about, where several look alike; `words` for those who hear the screen."""
    widget.setProperty(_WHOSE, whose)
    widget.setProperty(_ACT, act)
    widget.setAccessibleName(words)


def _spelt(code: str) -> str:
    """Digit by digit, for those who hear the screen."""
    return " ".join(code.replace(" ", ""))


def _when(at: datetime) -> str:
    return f"{at.astimezone():%d %b, %H:%M}"
