"""Acts, and who hears of them."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from assessor_desk.desk import Kind
from assessor_desk.domain.review import TextField
from assessor_desk.gui.session import Session


def _open(session: Session, qtbot: QtBot, own_id: str) -> None:
    with qtbot.waitSignal(session.case_changed):
        session.select(own_id)


def test_what_an_act_changed_comes_with_the_case_as_it_then_stands(
    session: Session, qtbot: QtBot, own_id: str
) -> None:
    _open(session, qtbot, own_id)
    with qtbot.waitSignals([session.saving, session.saved]), qtbot.waitSignal(session.changed) as changed:
        session.act(lambda desk: desk.record_completeness(own_id))
    assert session.case is not None
    assert session.case.review.completeness == ()
    assert Kind.REVIEW in changed.args[0].kinds


def test_a_refused_act_is_told_in_its_own_words_and_changes_nothing(
    session: Session, qtbot: QtBot, own_id: str
) -> None:
    _open(session, qtbot, own_id)
    before = session.case
    with qtbot.waitSignal(session.refused):
        session.act(lambda desk: desk.record_score(own_id, "no-such-criterion", "x"))
    assert session.notices.sentences
    assert "no-such-criterion" in session.notices.sentences[0]
    assert session.case is before
    session.notices.clear()


class _Pane:
    """A pane that holds a word until it is asked to send it."""

    refused = False

    def __init__(self, session: Session) -> None:
        self.session, self.unwritten = session, "a word"

    def flush(self) -> None:
        own_id, self.unwritten = self.session.submission_id, ""
        self.session.act(lambda desk: desk.write_text(own_id, TextField.NOTES, "a word"))

    def give_up(self) -> None:
        self.unwritten = ""


def test_leaving_a_submission_first_sends_what_is_being_typed(
    session: Session, qtbot: QtBot, own_id: str
) -> None:
    _open(session, qtbot, own_id)
    session.writers.append(_Pane(session))
    session.select("")
    qtbot.waitUntil(lambda: session.case is None)
    assert session.desk.case(own_id).review.notes == "a word"


def test_an_answer_that_comes_after_another_submission_was_opened_is_not_shown(
    session: Session, qtbot: QtBot, own_id: str
) -> None:
    other = session.desk.find("7F3A-01")
    session.select(own_id)
    session.act(lambda desk: desk.write_text(own_id, TextField.NOTES, "seen"))
    with qtbot.waitSignal(session.case_changed):
        session.select(other)
    qtbot.waitUntil(lambda: session.case is not None)
    assert session.case is not None
    assert session.case.submission.id == other
    assert session.desk.case(own_id).review.notes == "seen"
