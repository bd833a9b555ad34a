"""Verify packets: drop them in, read the verdict fact by fact. Nothing leaves this computer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.controls import (
    ElidedLabel,
    EmptyState,
    outlined_button,
    primary_button,
    quiet_button,
)
from assessor_desk.gui.fact_rows import ContainedFacts, FactRow, label
from assessor_desk.gui.flow_layout import FlowLayout
from assessor_desk.gui.tasks import Tasks
from assessor_desk.gui.verified import Checked, PacketLine, print_verdicts, save_page, save_table

if TYPE_CHECKING:
    from assessor_desk.verdict import Fact, Verdict

T = TypeVar("T")
_KINDS = "Packets and badges (*.zip *.png *.svg *.json)"
#: What the style sheet keeps free around an entry of a list.
_ENTRY_PADDING = 10
#: From which width on there is room for a wide list and wide margins, in pixels.
_WIDE = 900


#: The trust lists to go by, of one programme or several; none for the desk's own.
Lists = tuple[Path, ...]
#: Path of a packet (its name where the bytes are handed in), the trust lists to go by, bytes or None.
Verify = Callable[[Path, Lists, bytes | None], "Verdict"]


class VerifyWindow(QWidget):
    """Packets on the left, the verdict on the chosen one on the right."""

    closed = Signal()

    def __init__(
        self,
        tasks: Tasks,
        verify: Verify,
        trust_title: Callable[[Lists], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._tasks = tasks
        self._verify = verify
        self._trust_title = trust_title
        self._trust: Lists = ()
        self._checked: list[Checked] = []
        self.setWindowTitle("Verify packets")
        self.setAcceptDrops(True)
        room = self.screen().availableSize()
        self.resize(min(1180, room.width() - 40), min(760, room.height() - 60))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._top())
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self._left())
        row.addWidget(self._right(), 1)
        column.addLayout(row, 1)
        self._show_nothing()
        self._show_trust()

    # The window

    def _top(self) -> QWidget:
        top = QWidget(self)
        top.setObjectName("topBar")
        top.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(top)
        row.setContentsMargins(16, 8, 16, 8)
        title = QLabel("Verify packets", top)
        title.setObjectName("brand")
        self._quiet = QLabel("nothing leaves this computer", top)
        self._quiet.setObjectName("muted")
        self._trust_label = ElidedLabel("", top)
        self._trust_label.setObjectName("muted")
        self._trust_label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        choose = quiet_button("Trust list…", top)
        choose.setToolTip("Choose the issuer’s trust.pem")
        choose.clicked.connect(self._on_choose_trust)
        row.addWidget(title)
        row.addWidget(self._quiet)
        row.addWidget(self._trust_label, 1)
        row.addWidget(choose)
        return top

    def _left(self) -> QWidget:
        left = QWidget(self)
        left.setObjectName("verifyList")
        left.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._list_side = left
        column = QVBoxLayout(left)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        drop = QFrame(left)
        drop.setObjectName("dropArea")
        self._drop_words = inside = QHBoxLayout(drop)
        inside.setContentsMargins(8, 14, 8, 14)
        inside.setSpacing(0)
        words = QLabel("Drop packets here, or", drop)
        words.setObjectName("muted")
        choose = quiet_button("choose files…", drop)
        choose.setProperty("small", True)
        choose.setAccessibleName("Choose files… to verify")
        choose.clicked.connect(self._on_choose_packets)
        choose.setFocus()
        inside.addStretch(1)
        inside.addWidget(words, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addWidget(choose, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addStretch(1)
        self._list = QListWidget(left)
        self._list.setAccessibleName("Packets")
        self._list.setWordWrap(True)
        self._list.currentRowChanged.connect(self._on_row)
        column.addWidget(drop)
        column.addWidget(self._list, 1)
        column.addWidget(self._for_all(left))
        return left

    def _for_all(self, parent: QWidget) -> QWidget:
        """What can be done with all verdicts together; there from the second packet on."""
        self._all = QWidget(parent)
        row = FlowLayout(self._all)
        saved = outlined_button("Save all as CSV…", self._all)
        saved.clicked.connect(lambda: save_table(self._checked, self))
        printed = outlined_button("Print all…", self._all)
        printed.clicked.connect(
            lambda: print_verdicts(self._checked, self._trust_label.accessibleName(), self)
        )
        row.addWidget(saved)
        row.addWidget(printed)
        self._all.hide()
        return self._all

    def _right(self) -> QWidget:
        self._scroll = QScrollArea(self)
        self._scroll.setObjectName("verdict")
        self._scroll.setAccessibleName("The verdict")
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        return self._scroll

    @property
    def _narrow(self) -> bool:
        return self.width() < _WIDE

    @property
    def _margins(self) -> tuple[int, int, int, int]:
        return (20, 16, 20, 16) if self._narrow else (56, 32, 56, 32)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small screen, or a large scale, the verdict gets the room that margins and list have otherwise."""
        super().resizeEvent(event)
        room = 240 if self._narrow else 340
        if self._list_side.width() != room:
            self._list_side.setFixedWidth(room)
            self._quiet.setVisible(not self._narrow)
            below, beside = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
            self._drop_words.setDirection(below if self._narrow else beside)
            self._on_row(self._list.currentRow())

    # Packets and trust

    def add_packets(self, paths: Sequence[Path]) -> None:
        """Verify packets, one after the other, and show the first of them; of a folder every ZIP in it."""
        from assessor_desk.verdict.folders import packets_in

        first = self._list.count()
        for named in paths:
            try:
                found = [Checked(path, None) for path in packets_in([named])]
            except DeskError as error:
                found = [Checked(named, None, sentence(error))]
            for one in found:
                self._add(one)
        if self._list.count() > first:
            self._list.setCurrentRow(first)

    def add_held(self, name: str, content: bytes) -> None:
        """Verify a packet that is no file, and show it; one that is listed already is checked again."""
        rows = [row for row, one in enumerate(self._checked) if one.content == content]
        if rows:
            self._check(rows[0])
        else:
            self._add(Checked(Path(name), None, content=content))
        self._list.setCurrentRow(rows[0] if rows else self._list.count() - 1)

    def _add(self, checked: Checked) -> None:
        row = len(self._checked)
        self._checked.append(checked)
        line, entry = PacketLine(checked.path.name), QListWidgetItem()
        self._list.addItem(entry)
        self._list.setItemWidget(entry, line)
        self._show_line(row)
        self._all.setVisible(row > 0)
        if not checked.trouble:
            self._check(row)

    def take(self, paths: Sequence[Path]) -> None:
        """Verify packets dropped; PEMs among them are taken as the trust lists, whose signatures need no verdict.

        Not one inside a folder: what came with the packets must not vouch for them.
        """
        if lists := tuple(path for path in paths if path.suffix.lower() == ".pem"):
            self.use_trust_list(*lists)
        self.add_packets([path for path in paths if path.suffix.lower() not in (".pem", ".p7s")])

    def use_trust_list(self, *paths: Path) -> None:
        """Check everything again with another trust list, or with those of several programmes."""
        self._trust = paths
        self._show_trust()
        for row in range(len(self._checked)):
            self._check(row)

    def _check(self, row: int) -> None:
        before, trust = self._checked[row], self._trust

        def keep(checked: Checked) -> None:
            if (
                trust == self._trust
            ):  # else another trust list was chosen meanwhile, and its answer is on the way
                self._checked[row] = checked
                for changed in {row, *self._replaced()}:
                    self._show_line(changed)
                    if changed == self._list.currentRow():
                        self._on_row(changed)

        self._aside(
            lambda: self._verify(before.path, trust, before.content),
            lambda verdict: keep(replace(before, verdict=verdict, trouble="")),
            lambda error: keep(replace(before, verdict=None, trouble=sentence(error))),
        )

    def _replaced(self) -> list[int]:
        """Tell of each packet which other one here replaces it; the rows of those of which that is new."""
        from assessor_desk.verdict import with_replacements

        rows = [row for row, one in enumerate(self._checked) if one.verdict is not None]
        verdicts = [one.verdict for one in self._checked if one.verdict is not None]
        told = dict(zip(rows, with_replacements(verdicts), strict=True))
        changed = [row for row in rows if told[row] != self._checked[row].verdict]
        for row in changed:
            self._checked[row] = replace(self._checked[row], verdict=told[row])
        return changed

    def _aside(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[DeskError], None]
    ) -> None:
        """Run work on a side lane; nobody waits for its answer once the window is gone."""
        self._tasks.side(
            work,
            lambda answer: done(answer) if isValid(self) else None,
            lambda error: failed(error) if isValid(self) else None,
        )

    def _show_line(self, row: int) -> None:
        entry = self._list.item(row)
        line = self._list.itemWidget(entry)
        assert isinstance(line, PacketLine)
        line.show_checked(self._checked[row])
        entry.setSizeHint(QSize(0, line.sizeHint().height() + 2 * _ENTRY_PADDING))
        entry.setData(Qt.ItemDataRole.AccessibleTextRole, line.accessibleName())

    def _show_trust(self) -> None:
        trust = self._trust
        self._aside(lambda: self._trust_title(trust), self._trust_label.say, self._refuse_trust)

    def _refuse_trust(self, error: DeskError) -> None:
        """Say why, and go by the desk's own list again."""
        if self._trust:
            self._trust = ()
            for row in range(len(self._checked)):
                self._check(row)
        self._trust_label.say(sentence(error))

    # The verdict

    def _show_nothing(self) -> None:
        words = "Drop a packet here. Every fact is checked on this computer and told apart from what is only stated."
        self._scroll.setWidget(EmptyState("verify", "Is this packet what was signed?", words, parent=self))

    def _on_row(self, row: int) -> None:
        if not 0 <= row < len(self._checked):
            self._show_nothing()
            return
        checked = self._checked[row]
        if checked.verdict is None:
            title = "This packet cannot be read" if checked.trouble else "Checking…"
            self._scroll.setWidget(EmptyState("verify", title, checked.trouble, parent=self))
            return
        self._scroll.setWidget(self._page(checked, checked.verdict))

    def _page(self, checked: Checked, verdict: Verdict) -> QWidget:
        page = QWidget(self)
        page.setObjectName("verdictPage")
        column = QVBoxLayout(page)
        column.setContentsMargins(*self._margins)
        column.setSpacing(0)
        headline = label(verdict.headline, "headline", page)
        column.addWidget(headline)
        column.addWidget(label(verdict.subject.sentence, "muted", page))
        column.addSpacing(16)
        for fact in verdict.facts:
            column.addWidget(self._fact_row(fact, page))
        if verdict.said:
            column.addSpacing(16)
            column.addWidget(label("It says, not judged:", "muted", page))
            said = "\n".join(f"{path}: {words}" for path, words in verdict.said)
            column.addWidget(label(said, "muted", page))
        column.addSpacing(20)
        column.addLayout(self._buttons(checked, verdict, page))
        if verdict.contained:
            column.addSpacing(24)
            column.addWidget(label("In this case file", "factTitle", page))
        for inside in verdict.contained:
            column.addWidget(ContainedFacts(inside, page))
        column.addStretch(1)
        return page

    def _fact_row(self, fact: Fact, page: QWidget) -> QWidget:
        """A fact; one that another trust list would settle offers to choose one."""
        if str(fact.id) not in ("chain", "revocation") or str(fact.standing) != "unknown":
            return FactRow(fact, page)
        settle = outlined_button("Trust list…", page)
        settle.setToolTip("Choose a newer trust.pem to settle this")
        settle.clicked.connect(self._on_choose_trust)
        return FactRow(fact, page, settle)

    def _buttons(self, checked: Checked, verdict: Verdict, page: QWidget) -> FlowLayout:
        from assessor_desk.verdict.layout import READ_FIRST, RECORD_PDF

        row = FlowLayout(gap=8)
        case = bool(verdict.subject.award)
        save = primary_button("Save the first page…" if case else "Save the record…", page)
        record = _member(checked, READ_FIRST if case else RECORD_PDF)
        save.setEnabled(bool(record))
        save.setToolTip("" if record else f"This {verdict.subject.kind} has no record in it")
        save.clicked.connect(lambda: self._on_save_record(checked.path, record))
        printed = outlined_button("Print this verdict…", page)
        printed.clicked.connect(lambda: print_verdicts([checked], self._trust_label.accessibleName(), self))
        how = quiet_button("How to check without this program", page)
        how.clicked.connect(lambda: self._show_how(checked))
        for button in (save, printed, how):
            row.addWidget(button)
        return row

    def _show_how(self, checked: Checked) -> None:
        words = _member(checked, "VERIFY.txt").decode("utf-8", "replace") or _without_instructions(checked)
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(*self._margins)
        back = quiet_button("← Back to the verdict", page)
        back.clicked.connect(lambda: self._on_row(self._list.currentRow()))
        text = label(words, "fixedWidth", page)
        text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        web = outlined_button("Save the page that does the same in a browser…", page)
        web.clicked.connect(lambda: save_page(self))
        column.addWidget(back, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(text)
        column.addSpacing(16)
        column.addWidget(web, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self._scroll.setWidget(page)

    # What a person does

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files are welcome."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Verify the packets dropped; PEMs are taken as the trust lists."""
        self.take([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])

    def _on_choose_packets(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "Choose packets or badges", "", _KINDS)
        self.add_packets([Path(name) for name in names])

    def _on_choose_trust(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(
            self, "Choose the issuer’s trust list, or several issuers’", "", "Trust lists (*.pem)"
        )
        if names:
            self.use_trust_list(*map(Path, names))

    def _on_save_record(self, packet: Path, record: bytes) -> None:
        suggested = str(packet.with_name(f"{packet.stem}-record.pdf"))
        name, _ = QFileDialog.getSaveFileName(self, "Save the record", suggested, "PDF (*.pdf)")
        if not name:
            return
        try:
            Path(name).write_bytes(record)
        except OSError as error:
            words = f"{name} could not be written: {error.strerror}. Choose another folder."
            QMessageBox.warning(self, "The record was not saved", words)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell whoever opened the window."""
        super().closeEvent(event)
        self.closed.emit()


def _without_instructions(checked: Checked) -> str:
    """What to say of a file that brings no VERIFY.txt."""
    if checked.verdict is None or not checked.verdict.subject.badge:
        return "This packet has no VERIFY.txt."
    return (
        "Any wallet or verifier of Open Badges 3.0 that knows eddsa-rdfc-2022 checks it, such as VerifierPlus\n"
        "or the library @digitalbazaar/vc. Whose key signed it is told by badge-issuer.json:\n\n"
        "openssl cms -verify -cades -binary -inform DER -in badge-issuer.json.p7s -content badge-issuer.json \\\n"
        "    -CAfile trust.pem -crl_check_all -out /dev/null"
    )


def _member(packet: Checked, name: str) -> bytes:
    """One member of a packet, empty where it has none; read as the verdict read it, by the same limits."""
    from assessor_desk.verdict.archive import parse_archive, read_archive

    try:
        archive = read_archive(packet.path) if packet.content is None else parse_archive(packet.content)
        return archive.files.get(name, b"")
    except DeskError:
        return b""
