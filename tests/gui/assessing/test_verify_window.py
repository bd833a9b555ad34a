"""The window that checks packets: every fact in its place, and none shown as checked that is not."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QFrame, QLabel, QListWidget, QPushButton
from tests.gui.assessing.conftest import Hand
from tests.gui.assessing.making import PASSPHRASE, Template, assign, usual
from tests.gui.assessing.test_seal_dialog import finish

from assessor_desk.gui.verified import Checked, as_html
from assessor_desk.gui.verify_window import PacketLine, VerifyWindow
from assessor_desk.gui.verifying import verify_window
from assessor_desk.places import resources
from assessor_desk.verdict import TrustList, verify


@pytest.fixture(scope="module")
def packet(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed and exported packet."""
    folder = tmp_path_factory.mktemp("sealing")
    with template.open(folder / "desk") as desk:
        own_id = assign(desk, template, usual("7F3A-21"))
        finish(desk, own_id)
        desk.seal_packet(own_id, PASSPHRASE, [one.id for one in desk.case(own_id).policy.attestations])
        (exported,) = desk.export(own_id, folder)
    return exported


@pytest.fixture
def window(hand: Hand) -> Iterator[VerifyWindow]:
    window = verify_window(hand.session)
    hand.show(window)
    yield window
    hand.tasks.drain()
    window.close()
    window.deleteLater()


def check(hand: Hand, window: VerifyWindow, *paths: Path) -> None:
    window.add_packets(paths)
    wait(hand, window)


def wait(hand: Hand, window: VerifyWindow) -> None:
    hand.qtbot.waitUntil(lambda: not any("checking" in line for line in lines(window)), timeout=20_000)


def lines(window: VerifyWindow) -> list[str]:
    return [line.accessibleName() for line in window.findChildren(PacketLine)]


def facts(window: VerifyWindow) -> dict[str, str]:
    """Title of a fact → how it stands and what it says."""
    rows = [one for one in window.findChildren(QFrame) if one.objectName() == "fact" and one.isVisible()]
    return dict(row.accessibleName().split(", ", 1) for row in rows)


def headline(window: VerifyWindow) -> str:
    return next(
        one.text()
        for one in window.findChildren(QLabel)
        if one.objectName() == "headline" and one.isVisible()
    )


def test_a_good_packet_is_unaltered_and_its_stated_facts_are_not_shown_as_checked(
    hand: Hand, window: VerifyWindow, packet: Path, template: Template
) -> None:
    window.use_trust_list(template.trust)
    check(hand, window, packet)
    assert headline(window).startswith("Unaltered since assessor p-17 signed it.")
    found = facts(window)
    for title in ("Structure", "Contents", "Signature", "Trust", "Record"):
        assert found[title].startswith("checked"), title
    assert found["Blindness"].startswith("only stated")
    assert "submission 7F3A-21" in lines(window)[0]


def test_every_line_of_the_list_has_room_for_its_words(
    hand: Hand, window: VerifyWindow, packet: Path
) -> None:
    check(hand, window, packet)
    (line,) = window.findChildren(PacketLine)
    assert line.height() >= line.sizeHint().height()


def test_an_altered_packet_is_named_with_what_was_altered(
    hand: Hand, window: VerifyWindow, packet: Path, template: Template, tmp_path: Path
) -> None:
    altered = tmp_path / packet.name
    content = bytearray(packet.read_bytes())
    content[len(content) // 2] ^= 1
    altered.write_bytes(bytes(content))
    window.use_trust_list(template.trust)
    check(hand, window, altered, packet)
    assert "do not rely on it" in lines(window)[0]
    assert "do not rely on it" not in lines(window)[1]
    assert headline(window).startswith("Do not rely on this packet.")
    assert any(said.startswith("failed") for said in facts(window).values())


def test_without_a_trust_list_the_signer_is_not_known_and_choosing_one_settles_it(
    hand: Hand, window: VerifyWindow, packet: Path, template: Template
) -> None:
    check(hand, window, packet)
    assert "open question" in lines(window)[0]
    assert "trust list" in headline(window)
    assert facts(window)["Trust"].startswith("not known")
    assert hand.seen(QPushButton, "Trust list…")
    window.use_trust_list(template.trust)
    hand.qtbot.waitUntil(lambda: facts(window).get("Trust", "").startswith("checked"), timeout=20_000)
    assert "Lakeside" in " ".join(label.text() for label in window.findChildren(QLabel))


def test_a_trust_list_that_is_none_is_said_and_changes_nothing(
    hand: Hand, window: VerifyWindow, packet: Path, tmp_path: Path
) -> None:
    check(hand, window, packet)
    before = lines(window)
    (tmp_path / "trust.pem").write_text("no certificates", encoding="utf-8")
    window.use_trust_list(tmp_path / "trust.pem")
    hand.qtbot.waitUntil(lambda: any("trust.pem" in one.text() for one in window.findChildren(QLabel)))
    wait(hand, window)
    assert lines(window) == before


def test_a_file_that_is_no_packet_is_said_to_be_none(
    hand: Hand, window: VerifyWindow, tmp_path: Path
) -> None:
    (tmp_path / "letter.zip").write_bytes(b"Dear reader")
    check(hand, window, tmp_path / "letter.zip", tmp_path / "gone.zip")
    assert all("do not rely on it" in line or "cannot be read" in line for line in lines(window))
    (entries,) = window.findChildren(QListWidget)
    entries.setCurrentRow(0)
    assert headline(window).startswith("Do not rely on this packet.")
    (save,) = hand.seen(QPushButton, "Save the record")
    assert not save.isEnabled()


def test_how_to_check_without_this_program_can_be_read_and_left(
    hand: Hand, window: VerifyWindow, packet: Path
) -> None:
    check(hand, window, packet)
    hand.press("How to check without this program")
    assert any("openssl" in one.text() for one in window.findChildren(QLabel) if one.isVisible())
    hand.press("← Back to the verdict")
    assert facts(window)


def test_packets_and_a_trust_list_can_be_dropped_in(
    hand: Hand, window: VerifyWindow, packet: Path, template: Template, tmp_path: Path
) -> None:
    shutil.copy(template.trust, tmp_path / "trust.pem")
    urls = [QUrl.fromLocalFile(str(path)) for path in (packet, tmp_path / "trust.pem")]
    mime = QMimeData()
    mime.setUrls(urls)
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, mime, buttons, keys))
    wait(hand, window)
    assert headline(window).startswith("Unaltered since assessor p-17 signed it.")


def test_the_list_is_walked_with_the_arrow_keys(
    hand: Hand, window: VerifyWindow, packet: Path, tmp_path: Path
) -> None:
    (tmp_path / "letter.zip").write_bytes(b"Dear reader")
    check(hand, window, packet, tmp_path / "letter.zip")
    (entries,) = window.findChildren(QListWidget)
    entries.setFocus()
    good = headline(window)
    QTest.keyClick(entries, Qt.Key.Key_Down)
    assert headline(window) != good


def test_of_a_folder_every_packet_is_checked_and_all_can_be_saved_as_a_table(
    hand: Hand,
    window: VerifyWindow,
    packet: Path,
    template: Template,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, table = tmp_path / "packets", tmp_path / "verdicts.csv"
    folder.mkdir()
    shutil.copy(packet, folder / "=good.zip")
    (folder / "bad.ZIP").write_bytes(b"no packet")
    (folder / "notes.txt").write_text("no packet either")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(table), ""))
    window.use_trust_list(template.trust)

    check(hand, window, folder)
    (save,) = hand.seen(QPushButton, "Save all as CSV…")
    save.click()

    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["packet"], row["holds"], row["structure"]) for row in rows] == [
        ("'=good.zip", "yes", "good"),
        ("bad.ZIP", "no", "bad"),
    ]


def test_a_folder_without_packets_says_so(hand: Hand, window: VerifyWindow, tmp_path: Path) -> None:
    check(hand, window, tmp_path)

    assert "There is no packet in" in lines(window)[0]


def test_all_verdicts_are_printed_one_after_the_other(packet: Path, template: Template) -> None:
    verdict = verify(packet, TrustList.load(template.trust), datetime.now(UTC))
    some = [Checked(packet, verdict), Checked(Path("<b>gone.zip"), None, "It cannot be read")]

    page = as_html(some, "Trust list: Lakeside")

    assert page.count("<h2>") == 2
    assert "only stated" in page
    assert "&lt;b&gt;gone.zip" in page


def test_the_page_for_browsers_is_offered_where_other_ways_are(
    hand: Hand, window: VerifyWindow, packet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = tmp_path / "verify.html"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(saved), ""))
    check(hand, window, packet)
    (how,) = hand.seen(QPushButton, "How to check")
    how.click()

    (offered,) = hand.seen(QPushButton, "Save the page")
    offered.click()

    assert saved.read_bytes() == (resources() / "verify.html").read_bytes()
