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
from PySide6.QtWidgets import QFileDialog, QFrame, QLabel, QListWidget, QPushButton, QScrollArea
from tests.gui.assessing.conftest import Hand
from tests.gui.assessing.making import PASSPHRASE, Template, assign, usual
from tests.gui.assessing.test_seal_dialog import finish
from tests.packets.building import Laboratory

from assessor_desk.gui.verified import Checked, as_html
from assessor_desk.gui.verify_window import PacketLine, VerifyWindow
from assessor_desk.gui.verifying import verify_window
from assessor_desk.places import resources
from assessor_desk.verdict import TrustList, verify
from assessor_desk.verdict.archive import read_archive


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


@pytest.fixture(scope="module")
def corrected(template: Template, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A packet, and the one that corrects it."""
    folder = tmp_path_factory.mktemp("correcting")
    with template.open(folder / "desk") as desk:
        own_id = assign(desk, template, usual("91BB-02"))
        finish(desk, own_id)
        attested = [one.id for one in desk.case(own_id).policy.attestations]
        desk.seal_packet(own_id, PASSPHRASE, attested)
        (first,) = desk.export(own_id, folder / "first")
        desk.begin_correction(own_id)
        desk.seal_packet(own_id, PASSPHRASE, attested)
        (second,) = desk.export(own_id, folder / "second")
    return first, second.rename(second.with_stem("correction"))


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


def test_the_lists_of_several_programmes_are_dropped_together_and_each_is_judged_by_its_own(
    hand: Hand, window: VerifyWindow, packet: Path, template: Template, tmp_path: Path
) -> None:
    other = Laboratory(tmp_path / "other")
    theirs = other.packet().path

    window.take([template.trust, other.trust(), packet, theirs])
    wait(hand, window)

    assert not any("do not rely on it" in line for line in lines(window))
    window.use_trust_list(template.trust)
    hand.qtbot.waitUntil(lambda: ["do not rely" in line for line in lines(window)] == [False, True])


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


def test_a_printed_verdict_says_on_which_packet_it_is_and_when_it_was_checked(
    packet: Path, template: Template
) -> None:
    verdict = verify(packet, TrustList.load(template.trust), datetime.now(UTC))

    page = as_html([Checked(packet, verdict)], "Trust list", datetime(2036, 5, 4, 9, 30, tzinfo=UTC))

    assert "Checked on 2036-05-04 09:30 UTC" in page
    assert verdict.digest in page


def golden_case(root: Path) -> tuple[Path, Path]:
    folder = root / "tests" / "golden" / "case-1.0"
    (case,) = folder.glob("*.zip")
    return case, folder / "trust.pem"


def test_what_a_case_file_holds_is_shown_fact_by_fact_on_screen_and_on_paper(
    hand: Hand, window: VerifyWindow, root: Path
) -> None:
    case, trust = golden_case(root)
    window.use_trust_list(trust)
    check(hand, window, case)
    assert "Blindness" not in facts(window)

    for one in hand.seen(QPushButton, "Show its own facts"):
        one.click()

    assert len(hand.seen(QPushButton, "Hide its own facts")) == 2
    assert facts(window)["Blindness"].startswith("only stated")
    verdict = verify(case, TrustList.load(trust), datetime.now(UTC))
    page = as_html([Checked(case, verdict)], "Trust list")
    assert all(one.name in page and one.digest in page for one in verdict.contained)
    assert page.count("Blindness") == 2


def test_the_first_page_of_a_case_file_can_be_saved(
    hand: Hand, window: VerifyWindow, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, trust = golden_case(root)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "front.pdf"), ""))
    window.use_trust_list(trust)
    check(hand, window, case)

    (save,) = hand.seen(QPushButton, "Save the first page…")
    save.click()

    assert (tmp_path / "front.pdf").read_bytes() == read_archive(case).files["READ-FIRST.pdf"]


def test_a_packet_that_another_one_here_replaces_says_so_whenever_it_came(
    hand: Hand, window: VerifyWindow, corrected: tuple[Path, Path], packet: Path, template: Template
) -> None:
    first, correction = corrected
    window.use_trust_list(template.trust)
    check(hand, window, first)
    assert "Corrects no earlier packet" in facts(window)["Corrections"]

    check(hand, window, correction)
    check(hand, window, packet)
    (entries,) = window.findChildren(QListWidget)
    entries.setCurrentRow(0)

    assert "Replaced by packet" in facts(window)["Corrections"]
    assert f"({correction.name})" in facts(window)["Corrections"]
    assert [one.text() for one in window.findChildren(QLabel)].count("Corrects no earlier packet") == 1


def test_the_list_says_first_what_tells_packets_apart(
    hand: Hand, window: VerifyWindow, packet: Path, template: Template
) -> None:
    check(hand, window, packet)

    assert "open questions. recommends earned · submission 7F3A-21" in lines(window)[0]


def test_the_trust_list_is_named_with_its_date(hand: Hand, window: VerifyWindow, template: Template) -> None:
    dated = TrustList.load(template.trust).dated
    assert dated is not None

    window.use_trust_list(template.trust)

    hand.qtbot.waitUntil(
        lambda: any(one.text().endswith(f", {dated:%Y-%m-%d}") for one in window.findChildren(QLabel))
    )


def test_a_trust_list_in_a_dropped_folder_vouches_for_nothing_and_its_signature_is_no_packet(
    hand: Hand, window: VerifyWindow, packet: Path, template: Template, tmp_path: Path
) -> None:
    shutil.copy(packet, tmp_path)
    shutil.copy(template.trust, tmp_path / "trust.pem")
    (tmp_path / "trust.pem.p7s").write_bytes(b"signature")

    window.take([tmp_path, tmp_path / "trust.pem.p7s"])
    wait(hand, window)

    assert len(lines(window)) == 1
    assert facts(window)["Trust"].startswith("not known")


def test_at_twice_the_size_on_a_small_screen_the_verdict_fits_without_scrolling_sideways(
    hand: Hand, window: VerifyWindow, root: Path
) -> None:
    case, trust = golden_case(root)
    window.use_trust_list(trust)
    check(hand, window, case, case)
    for one in hand.seen(QPushButton, "Show its own facts"):
        one.click()

    window.resize(663, 324)
    QTest.qWait(50)

    (area,) = window.findChildren(QScrollArea, "verdict")
    assert window.width() == 663
    assert area.horizontalScrollBar().maximum() == 0
    assert area.viewport().width() > 400
    for one in (*window.findChildren(QPushButton), *window.findChildren(QLabel, "muted")):
        assert not one.isVisible() or one.width() >= one.minimumSizeHint().width()


def test_one_begins_with_choosing_files(hand: Hand, window: VerifyWindow) -> None:
    (choose,) = hand.seen(QPushButton, "Choose files…")

    assert window.focusWidget() is choose


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
