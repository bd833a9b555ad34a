"""Review and seal: what is still needed, the attestations, the passphrase; and what a sealed review can still do."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QLabel, QLineEdit, QPlainTextEdit, QPushButton
from tests.gui.assessing.conftest import Hand
from tests.gui.assessing.making import PASSPHRASE, usual
from tests.gui.assessing.test_from_the_other_computer import arrive

from assessor_desk.desk import Desk
from assessor_desk.desk.identity import make_self_vouched
from assessor_desk.domain.anchor import Whole
from assessor_desk.domain.changes import Published, SourceChanges
from assessor_desk.domain.exports import ExportFormat
from assessor_desk.domain.review import EntryKind, TextField
from assessor_desk.gui.dialogs.export import ExportDialog
from assessor_desk.gui.dialogs.seal import SealDialog
from assessor_desk.gui.workbench import Workbench
from assessor_desk.gui.writing.banner import Banner
from assessor_desk.rubric_files import load_policy, policy_to_json

OVERALL = (
    "Your plan asks one question that every pupil answers before anybody speaks, and the answers decide what the next "
    "ten minutes are for. Across the criteria the evidence shows the same habit: you look first and act afterwards, "
    "and pupils know that their answers change the lesson."
)


def finish(desk: Desk, own_id: str) -> None:
    """Do a whole review with every criterion at its highest level."""
    desk.record_completeness(own_id)
    _, anchor = desk.place_anchor(own_id, "a1", Whole(), "the exit tickets")
    for number, criterion in enumerate(desk.case(own_id).rubric.criteria):
        desk.record_score(own_id, criterion.id, criterion.levels[-1].id)
        desk.give_anchor(own_id, anchor, criterion.id)
        why = f"Tickets {number}: each pupil writes an answer before one is heard, and the groups follow from them."
        desk.write_text(own_id, TextField.RATIONALE, why, criterion.id)
        strength = f"Strength {number}: nobody can hide behind a raised hand."
        desk.write_text(own_id, TextField.STRENGTH, strength, criterion.id)
    desk.write_text(own_id, TextField.OVERALL, OVERALL)


@pytest.fixture
def asking(hand: Hand, bench: Workbench) -> SealDialog:
    """The dialog over a finished review."""
    own_id = hand.given(usual("7F3A-21"))
    finish(hand.desk, own_id)
    hand.open(own_id)
    return dialog(hand, bench)


def dialog(hand: Hand, bench: Workbench) -> SealDialog:
    hand.press("Review and seal")
    hand.settle()
    hand.qtbot.waitUntil(lambda: bench.findChild(QDialog) is not None)
    found = bench.findChild(QDialog)
    assert isinstance(found, SealDialog)
    return found


def seal_button(asking: SealDialog) -> QPushButton:
    return next(one for one in asking.findChildren(QPushButton) if one.text() == "Seal")


def passphrase(asking: SealDialog) -> QLineEdit:
    return next(one for one in asking.findChildren(QLineEdit) if one.accessibleName() == "Passphrase")


def seal_with(asking: SealDialog, words: str) -> None:
    for box in asking.findChildren(QCheckBox):
        box.setChecked(True)
    passphrase(asking).setFocus()
    QTest.keyClicks(passphrase(asking), words)
    QTest.mouseClick(seal_button(asking), Qt.MouseButton.LeftButton)


def test_what_is_needed_is_listed_and_go_there_goes_there(hand: Hand, bench: Workbench) -> None:
    own_id = hand.given(usual("7F3A-21"))
    finish(hand.desk, own_id)
    last = hand.desk.case(own_id).rubric.criteria[-1]
    hand.desk.write_text(own_id, TextField.RATIONALE, "", last.id)
    hand.open(own_id)
    asking = dialog(hand, bench)
    assert not seal_button(asking).isEnabled()
    assert not hand.seen(QLineEdit, "Passphrase")
    (go,) = hand.seen(QPushButton, f"Go to {last.title}: Write why")
    QTest.mouseClick(go, Qt.MouseButton.LeftButton)
    hand.settle()
    assert bench.rubric.current_criterion == last.id
    assert not hand.seen(QPushButton, "Cancel")
    # A window manager gives the window its activity back; the offscreen platform has none.
    assert bench.focusWidget() is hand.field("Rationale")


def test_the_seal_can_be_asked_for_while_writing(hand: Hand, bench: Workbench) -> None:
    own_id = hand.given(usual("7F3A-21"))
    finish(hand.desk, own_id)
    hand.open(own_id)
    field = hand.write("Rationale", "Last words. ")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    hand.settle()
    hand.qtbot.waitUntil(lambda: bool(hand.seen(QPushButton, "Cancel")))
    asking = bench.findChild(QDialog)
    assert isinstance(asking, SealDialog)
    assert "Last words." in asking.words


def test_sealing_waits_for_every_attestation_and_the_passphrase(asking: SealDialog) -> None:
    boxes = asking.findChildren(QCheckBox)
    assert len(boxes) >= 2
    passphrase(asking).setText("something")
    assert not seal_button(asking).isEnabled()
    for box in boxes:
        # On its sentence, as most people would.
        sentence = next(one for one in asking.findChildren(QLabel) if one.text() == box.accessibleName())
        QTest.mouseClick(sentence, Qt.MouseButton.LeftButton)
        assert box.isChecked()
    assert seal_button(asking).isEnabled()
    passphrase(asking).clear()
    assert not seal_button(asking).isEnabled()


def test_a_wrong_passphrase_is_said_and_seals_nothing(hand: Hand, asking: SealDialog) -> None:
    seal_with(asking, "wrong")
    hand.qtbot.waitUntil(asking.isEnabled, timeout=20_000)
    assert "passphrase is not right" in asking.trouble
    assert asking._trouble.isVisible()
    assert asking.isVisible()
    assert not hand.desk.case(hand.shown_id).review.sealed
    assert list((hand.desk.folder / "outbox").glob("*")) == []
    QTest.keyClick(asking, Qt.Key.Key_Escape)
    assert not asking.isVisible()


def test_what_went_wrong_before_is_not_told_while_it_is_tried_again(hand: Hand, asking: SealDialog) -> None:
    seal_with(asking, "wrong")
    hand.qtbot.waitUntil(asking._trouble.isVisible, timeout=20_000)

    seal_with(asking, PASSPHRASE)

    assert not asking._trouble.isVisible()
    hand.qtbot.waitUntil(lambda: hand.case.review.sealed, timeout=30_000)


def test_what_a_round_brings_while_the_dialog_is_open_is_not_signed_unseen(
    hand: Hand, asking: SealDialog
) -> None:
    hand.session.refresh()
    hand.settle()
    assert not asking.trouble, "nothing came"
    arrive(hand, EntryKind.TEXT_WRITTEN, {"field": "overall", "criterion": "", "text": "From home."})
    hand.session.refresh()
    hand.qtbot.waitUntil(lambda: "came with a round just now" in asking.trouble)
    assert seal_button(asking).isHidden()
    seal_with(asking, PASSPHRASE)
    hand.settle()
    assert not hand.desk.case(hand.shown_id).review.sealed


def test_what_came_before_the_window_heard_of_it_is_not_signed_unseen(hand: Hand, asking: SealDialog) -> None:
    arrive(
        hand, EntryKind.TEXT_WRITTEN, {"field": "overall", "criterion": "", "text": f"{OVERALL} From home."}
    )
    assert not asking.trouble
    seal_with(asking, PASSPHRASE)
    hand.qtbot.waitUntil(lambda: "came with a round just now" in asking.trouble, timeout=20_000)
    assert not hand.desk.case(hand.shown_id).review.sealed
    assert list((hand.desk.folder / "outbox").glob("*")) == []


def test_the_evidence_booklet_is_announced_and_making_it_can_be_stopped(
    hand: Hand, bench: Workbench, root: Path
) -> None:
    own_id = hand.given(usual("7F3A-21"))
    finish(hand.desk, own_id)
    let_the_evidence_leave(hand.desk, own_id, root)
    hand.open(own_id)
    asking = dialog(hand, bench)
    told = " ".join(label.text() for label in asking.findChildren(QLabel))
    assert "the one place you cite go into the packet as an evidence booklet" in told
    seal_with(asking, PASSPHRASE)
    cancel = next(one for one in asking.findChildren(QPushButton) if one.text() == "Cancel")
    assert cancel.isEnabled()
    assert not passphrase(asking).isEnabled()
    QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert asking.isVisible(), "what is under way ends first"
    hand.qtbot.waitUntil(passphrase(asking).isEnabled, timeout=30_000)
    assert "Sealing was stopped" in asking.trouble
    assert not hand.desk.case(own_id).review.sealed
    QTest.mouseClick(seal_button(asking), Qt.MouseButton.LeftButton)
    hand.qtbot.waitUntil(lambda: hand.case.review.sealed, timeout=30_000)


def let_the_evidence_leave(desk: Desk, own_id: str, root: Path) -> None:
    """Put a newer policy in force, by which it may."""
    policy = load_policy(root / "resources" / "policies" / "default.yaml")
    newer = replace(policy, version="2026.2", evidence_booklet=True)
    published = Published(newer.id, newer.version, policy_to_json(newer))
    assignment = replace(desk.case(own_id).assignment, policy_version=newer.version)
    desk.store.accept(SourceChanges("c9", policies=(published,), assignments=(assignment,)))


def test_while_sealing_the_dialog_cannot_be_left(hand: Hand, asking: SealDialog) -> None:
    seal_with(asking, PASSPHRASE)
    asking.close()
    assert asking.isVisible()
    hand.qtbot.waitUntil(lambda: hand.case.review.sealed, timeout=30_000)


def test_the_right_passphrase_makes_a_packet_and_the_review_is_read_only(
    hand: Hand, bench: Workbench, asking: SealDialog, tmp_path: Path
) -> None:
    seal_with(asking, PASSPHRASE)
    hand.qtbot.waitUntil(lambda: hand.case.review.sealed, timeout=30_000)
    assert not hand.seen(QLineEdit, "Passphrase")
    assert any("Sealed" in said for said in hand.notices.sentences)
    assert all(field.isReadOnly() for field in bench.rubric.findChildren(QPlainTextEdit))
    before = hand.case.review
    bench.rubric.choose_digit(1)
    QTest.keyClick(bench, Qt.Key.Key_A)
    assert hand.settle().review == before
    assert hand.field("Overall feedback").toPlainText() == OVERALL


@pytest.mark.parametrize(
    ("chosen", "ending"),
    [("packet", ".zip"), ("pdf", ".pdf"), ("docx", ".docx"), ("html", ".html"), ("csv", ".csv")],
)
def test_each_copy_of_a_sealed_review_is_written_where_one_chose_and_told(
    hand: Hand, bench: Workbench, sealed: str, tmp_path: Path, chosen: str, ending: str
) -> None:
    asking = export_dialog(hand, bench)
    asking.choices[ExportFormat(chosen)].click()
    asking.into.choose(tmp_path)
    asking.go.click()
    hand.settle()
    (written,) = [path for path in tmp_path.iterdir() if path.is_file()]
    assert written.suffix == ending
    assert written.stat().st_size > 100
    (told,) = hand.notices.sentences
    assert told.startswith(f"Exported {written.name} into {str(tmp_path)[:10]}")
    assert told.endswith(f"{str(tmp_path)[-10:]}.")
    assert hand.notices.findChildren(QLabel)[0].toolTip() in ("", str(tmp_path))
    assert any(one.text() == "Show the folder" for one in hand.notices.findChildren(QPushButton))
    hand.notices.clear()
    again = export_dialog(hand, bench)
    assert (again.chosen, again.into.folder) == (ExportFormat(chosen), tmp_path)
    again.reject()


def test_before_the_seal_there_is_no_packet_to_export_and_what_is_missing_is_told(
    hand: Hand, bench: Workbench, tmp_path: Path
) -> None:
    own_id = hand.given(usual("7F3A-21"))
    hand.open(own_id)
    asking = export_dialog(hand, bench)
    assert not asking.choices[ExportFormat.PACKET].isEnabled()
    asking.into.choose(tmp_path)
    asking.choices[ExportFormat.PDF].click()
    asking.go.click()
    hand.qtbot.waitUntil(asking.trouble.isVisible)
    assert "level" in asking.trouble.text()
    assert list(tmp_path.glob("*.pdf")) == []
    finish(hand.desk, own_id)
    asking.go.click()
    hand.qtbot.waitUntil(lambda: bool(list(tmp_path.glob("*-not-sealed.pdf"))), timeout=20_000)
    hand.settle()


def export_dialog(hand: Hand, bench: Workbench) -> ExportDialog:
    bench.run("export")
    hand.qtbot.waitUntil(lambda: any(one.isVisible() for one in bench.findChildren(ExportDialog)))
    return next(one for one in bench.findChildren(ExportDialog) if one.isVisible())


@pytest.fixture
def sealed(hand: Hand, bench: Workbench) -> str:
    """A sealed review, open in the window."""
    own_id = hand.given(usual("7F3A-21"))
    finish(hand.desk, own_id)
    policy = hand.desk.case(own_id).policy
    hand.desk.seal_packet(own_id, PASSPHRASE, [one.id for one in policy.attestations])
    hand.open(own_id)
    return own_id


def test_after_the_dialog_the_keys_are_for_what_they_were_for(hand: Hand, bench: Workbench) -> None:
    hand.open(hand.given(usual("7F3A-21")))
    notes = hand.enter("Notes")
    QTest.keyClick(notes, Qt.Key.Key_Escape)
    around = hand.window.focusWidget()
    assert around is not None
    assert bench.rubric.isAncestorOf(around)
    bench.run("seal")
    hand.qtbot.waitUntil(lambda: bench.findChild(SealDialog) is not None)
    asking = bench.findChild(SealDialog)
    assert asking is not None
    asking.reject()
    hand.qtbot.waitUntil(lambda: hand.window.focusWidget() is around)


def test_a_sealed_review_can_be_corrected(hand: Hand, bench: Workbench, asking: SealDialog) -> None:
    seal_with(asking, PASSPHRASE)
    hand.qtbot.waitUntil(lambda: hand.case.review.sealed, timeout=30_000)
    digest = hand.case.review.seal.packet_digest if hand.case.review.seal else ""
    hand.press("Begin a correction")
    case = hand.settle()
    assert (case.revision, case.supersedes, case.review.sealed) == (2, digest, False)
    assert case.review.overall == OVERALL
    QApplication.processEvents()
    assert not hand.field("Overall feedback").isReadOnly()


def test_a_corrected_packet_says_which_one_it_replaces(hand: Hand, bench: Workbench) -> None:
    own_id = hand.given(usual("7F3A-21"))
    finish(hand.desk, own_id)
    for overall in (OVERALL, f"{OVERALL} Look at the second ticket again."):
        if hand.desk.case(own_id).review.sealed:
            hand.desk.begin_correction(own_id)
        hand.desk.write_text(own_id, TextField.OVERALL, overall)
        attested = [one.id for one in hand.desk.case(own_id).policy.attestations]
        hand.desk.seal_packet(own_id, PASSPHRASE, attested)
    hand.open(own_id)

    first, second = (one.delivery.digest[:8] for one in hand.desk.case(own_id).sealings)
    banner = bench.findChild(Banner)
    assert banner is not None
    assert f"Packet {second} replaces {first} of " in banner.words


def test_a_packet_that_the_hub_would_not_take_is_corrected_from_where_one_reads_so(
    hand: Hand, bench: Workbench
) -> None:
    own_id = hand.given(usual("7F3A-21"))
    finish(hand.desk, own_id)
    attested = [one.id for one in hand.desk.case(own_id).policy.attestations]
    hand.desk.seal_packet(own_id, PASSPHRASE, attested)
    [line] = hand.desk.store.outbox_waiting()
    hand.desk.store.outbox_failed(line.id, "Its certificate was revoked.", refused=True)
    hand.open(own_id)
    banner = bench.findChild(Banner)
    assert banner is not None
    assert banner.words.startswith("Sealed, but not taken. Its certificate was revoked. It counts nowhere.")
    [button] = [one for one in hand.seen(QPushButton, "Begin a correction") if one.isEnabled()]

    button.click()

    assert hand.settle().revision == 2
    assert "was not taken, so this one will replace none" in banner.words
    assert hand.desk.store.outbox_waiting() == []


def test_a_correction_says_before_it_is_signed_which_packet_it_replaces(hand: Hand, bench: Workbench) -> None:
    own_id = hand.given(usual("7F3A-21"))
    finish(hand.desk, own_id)
    attested = [one.id for one in hand.desk.case(own_id).policy.attestations]
    sealed = hand.desk.seal_packet(own_id, PASSPHRASE, attested)
    hand.desk.begin_correction(own_id)
    hand.open(own_id)

    assert f"It replaces packet {sealed.digest[:8]}, which stays on record." in dialog(hand, bench).words


def test_what_will_be_signed_is_shown_without_the_private_notes(hand: Hand, bench: Workbench) -> None:
    own_id = hand.given(usual("7F3A-21"))
    finish(hand.desk, own_id)
    hand.desk.write_text(own_id, TextField.NOTES, "Only for my eyes")
    hand.desk.write_text(own_id, TextField.OVERALL, OVERALL + " <b>Not bold</b>")
    hand.open(own_id)
    words = re.sub(r"\s+", " ", dialog(hand, bench).words)
    assert "You recommend: earned" in words
    assert "<b>Not bold</b>" in words
    assert "Only for my eyes" not in words


def test_a_certificate_that_no_issuer_vouches_for_is_told_before_it_signs(
    hand: Hand, bench: Workbench
) -> None:
    own_id = hand.given(usual("7F3A-21"))
    finish(hand.desk, own_id)
    hand.desk.write_text(own_id, TextField.OVERALL, OVERALL)
    hand.open(own_id)
    make_self_vouched(hand.desk.folder / "identity", PASSPHRASE, "p-17", ["assessor"], datetime.now(UTC))

    asking = dialog(hand, bench)

    hand.qtbot.waitUntil(lambda: asking.certificate.startswith("Your certificate: Not vouched for by any"))
