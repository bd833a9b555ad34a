"""Two computers of one person on a real hub: letting in, writing on both, sealing, what may go wrong on the way."""

from __future__ import annotations

import json
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.desk.conftest import cheap_passphrases
from tests.desk.test_stamped import until
from tests.desk.test_with_a_hub import Issuer, made_issuer, server
from tests.sync.minds import republished

from assessor_desk.cli.command_line import run_command
from assessor_desk.desk import Desk, InboxState
from assessor_desk.desk.connecting import exchange_entries, source_of
from assessor_desk.desk.devices import JoinState
from assessor_desk.desk.shown import Shown
from assessor_desk.desk.standing import OWN_NAME
from assessor_desk.domain.errors import ChangedElsewhere, Damaged, DeskError, OthersUnheard, Refused
from assessor_desk.domain.review import EntryKind, TextField, seal_digest, standing_seals
from assessor_desk.domain.text_fields import LONGEST_TEXT
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign, withdraw
from assessor_desk.hub.entries_kept import let_go_of_batches
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.serve import Server
from assessor_desk.keys.person_key import SealedBatch, Side, commitment_to, open_batch, seal_batch
from assessor_desk.store import tables as desk_tables
from assessor_desk.sync.bond import bond_of
from assessor_desk.sync.exchange import Exchanged
from assessor_desk.sync.hub_devices import HubDevices
from assessor_desk.sync.unreached import Unreached, Why

__all__ = ["made_issuer", "server"]

RATIONALE, OVERALL = TextField.RATIONALE, TextField.OVERALL
SCORED = EntryKind.SCORE_RECORDED


@dataclass
class Pair:
    """Two desks of one person, connected to one hub; `code` is what both showed when the second was let in."""

    school: Desk
    home: Desk
    issuer: Issuer
    code: str = ""

    def sync(self) -> None:
        for desk in (self.school, self.home, self.school):
            assert desk.sync().troubles == ()

    @property
    def own_id(self) -> str:
        return self.school.find("7F3A-00")

    def both(self) -> tuple[Any, Any]:
        return self.school.case(self.own_id), self.home.case(self.own_id)

    @property
    def identity(self) -> str:
        return str(self.school.store.fact("sources")[0]["identity"])


@pytest.fixture(scope="session")
def connected(
    made_issuer: Issuer, new_desk: tuple[Path, bytes], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A hub, and three desks of one person that are connected to it. Made once and copied: it takes seconds."""
    folder = tmp_path_factory.mktemp("computers")
    shutil.copytree(made_issuer.folder, folder / "hub")
    issuer = Issuer(folder / "hub", made_issuer.person)
    with cheap_passphrases(), Server(issuer.folder) as server:
        for name in ("school", "home", "third"):
            shutil.copytree(new_desk[0], folder / name)
            with Desk.open_with_key(folder / name, new_desk[1]) as desk:
                desk.connect(server.url, issuer.code(), "demo")
                desk.call_device(f"{name.capitalize()} desktop")
                desk.sync()
    return folder


@pytest.fixture
def issuer(connected: Path, made_issuer: Issuer, tmp_path: Path) -> Issuer:
    """The hub of this test alone."""
    shutil.copytree(connected / "hub", tmp_path / "hub")
    return Issuer(tmp_path / "hub", made_issuer.person)


@pytest.fixture
def opened(
    tmp_path: Path, new_desk: tuple[Path, bytes], connected: Path, server: Server
) -> Iterator[Callable[[str], Desk]]:
    """`opened("home")`: one more desk of the person, connected."""
    with ExitStack() as closing:

        def make(name: str) -> Desk:
            shutil.copytree(connected / name, tmp_path / name)
            desk = closing.enter_context(Desk.open_with_key(tmp_path / name, new_desk[1]))
            (source,) = desk.store.fact("sources")
            desk.store.set_fact("sources", [{**source, "address": server.url}])
            return desk

        yield make


def let_in(has: Desk, asks: Desk) -> str:
    """The whole of it, as two people at two screens would do; the code."""
    asks.ask_to_join()
    assert asks.joining().state is JoinState.ASKED  # type: ignore[union-attr]
    (asked,) = has.joins()
    assert (asked.state, asked.code) == (JoinState.ASKED, "")
    shown = asks.joining()
    assert shown is not None
    assert shown.state is JoinState.COMPARE
    (there,) = has.joins()
    assert there.code == shown.code
    assert asks.confirm_joining().state is JoinState.CONFIRMED  # type: ignore[union-attr]
    assert has.let_in(there.id).state is JoinState.LET_IN
    assert asks.joining().state is JoinState.LET_IN  # type: ignore[union-attr]
    return shown.code


@pytest.fixture
def pair(opened: Callable[[str], Desk], issuer: Issuer) -> Pair:
    """Two desks, the second let in by the first."""
    school, home = opened("school"), opened("home")
    return Pair(school, home, issuer, let_in(school, home))


def test_what_is_written_on_one_computer_is_on_the_other_and_the_hub_cannot_read_it(pair: Pair) -> None:
    criterion = pair.school.case(pair.own_id).rubric.criteria[0].id
    pair.school.record_completeness(pair.own_id)
    pair.school.record_score(
        pair.own_id, criterion, pair.school.case(pair.own_id).rubric.criteria[0].levels[-1].id
    )
    pair.school.write_text(pair.own_id, RATIONALE, "The quokka waits for a third hand.", criterion)
    pair.sync()
    school, home = pair.both()
    assert home.review == school.review
    assert home.review.text(RATIONALE, criterion) == "The quokka waits for a third hand."
    assert pair.home.inbox()[0].state is pair.school.inbox()[0].state is InboxState.IN_REVIEW
    rows = pair.issuer.do(lambda hub: _batches(hub))
    assert rows
    assert not any(b"quokka" in row.sealed for row in rows)  # type: ignore[attr-defined]
    pair.home.undo(pair.own_id)
    pair.sync()
    assert pair.both()[0].review.text(RATIONALE, criterion) == "", (
        "what was done on either is undone on either"
    )


def test_the_longest_text_reaches_the_other_computer_in_whatever_script(pair: Pair) -> None:
    chance = random.Random(20261123)
    # Four bytes each, and nothing in them to be compressed.
    words = "".join(chr(chance.randrange(0x20000, 0x2A000)) for _ in range(LONGEST_TEXT))
    pair.school.write_text(pair.own_id, TextField.NOTES, words)
    pair.sync()
    assert pair.home.case(pair.own_id).review.notes == words


def _batches(hub: Any) -> Any:
    with hub.database.reading() as view:
        return view.execute(sa.select(t.entry_batches).order_by(t.entry_batches.c.seq)).all()


@pytest.mark.parametrize(
    "refusal",
    [
        Refused("Lakeside hub says: At most 65536 bytes are taken here"),
        Unreached("A server before Lakeside hub takes no deliveries of this size (413)", Why.FAULT),
    ],
    ids=["by the hub", "by a server before it"],
)
def test_what_cannot_be_sent_to_the_others_is_told_and_keeps_no_file_from_coming(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, refusal: DeskError
) -> None:
    def refused(*_: object) -> int:
        raise refusal

    monkeypatch.setattr(HubDevices, "send_batch", refused)
    pair.school.write_text(pair.own_id, TextField.OVERALL, "Words of this computer.")
    pair.school.free_space([pair.own_id])
    pair.school.make_offline([pair.own_id])
    result = pair.school.sync()
    assert [one for one in result.troubles if "does not reach your other computers" in one]
    assert result.fetched
    monkeypatch.undo()
    assert pair.school.sync().troubles == ()
    pair.home.sync()
    assert pair.home.case(pair.own_id).review.overall == "Words of this computer."


def test_a_quiet_round_of_two_asks_one_question(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.sync()
    pair.sync()
    asked = []
    from assessor_desk.sync.hub_source import HubSource

    send = HubSource._send
    monkeypatch.setattr(HubSource, "_send", lambda own, *a, **k: asked.append(a) or send(own, *a, **k))
    assert pair.home.sync().quiet
    assert [path for _, path in asked] == ["/changes"]


def test_texts_written_on_both_stand_both_until_the_person_chooses(pair: Pair) -> None:
    pair.school.record_completeness(pair.own_id)
    pair.sync()
    pair.school.write_text(pair.own_id, OVERALL, "You wait for a third hand.")
    pair.home.draft_text(pair.own_id, OVERALL, "You wait.")
    pair.school.sync()
    pair.home.sync()
    pair.home.settle_drafts(pair.own_id)
    pair.sync()
    for case in pair.both():
        (stand,) = case.sheet.disputed.values()
        assert {one.text for one in stand} == {"You wait for a third hand.", "You wait."}
        assert [one.field for one in case.findings if one.check == "D1" and one.blocks] == [OVERALL]
    pair.home.write_text(pair.own_id, OVERALL, "You wait, and listen.")
    (stand,) = pair.home.case(pair.own_id).sheet.disputed.values()
    assert {one.text for one in stand} == {"You wait for a third hand.", "You wait, and listen."}
    pair.home.choose_text(pair.own_id, OVERALL, "You wait for a third hand.")
    pair.sync()
    for case in pair.both():
        assert case.sheet.disputed == {}
        assert case.review.overall == "You wait for a third hand."
    pair.school.undo(pair.own_id)
    assert len(pair.school.case(pair.own_id).sheet.disputed) == 1


@pytest.mark.long
def test_keeping_both_joins_them(pair: Pair) -> None:
    for desk, words in ((pair.school, "From school."), (pair.home, "From home.")):
        desk.write_text(pair.own_id, OVERALL, words)
    pair.sync()
    pair.school.keep_both_texts(pair.own_id, OVERALL)
    pair.sync()
    kept = {case.review.overall for case in pair.both()}
    assert len(kept) == 1
    assert set(kept.pop().split("\n\n")) == {"From school.", "From home."}
    with pytest.raises(Refused, match="no two texts"):
        pair.home.keep_both_texts(pair.own_id, OVERALL)


def _says(desk: Desk, own_id: str) -> list[set[str]]:
    return [{one.text for one in stand} for stand in desk.case(own_id).sheet.disputed.values()]


@pytest.mark.parametrize("both", [False, True])
def test_a_text_that_came_in_after_two_were_shown_stands_beside_the_one_that_is_kept(
    pair: Pair, both: bool
) -> None:
    for desk, words in ((pair.school, "From school."), (pair.home, "From home.")):
        desk.write_text(pair.own_id, OVERALL, words)
    pair.sync()
    shown = pair.home.case(pair.own_id).sheet
    pair.school.write_text(pair.own_id, OVERALL, "From school, later.")
    pair.sync()
    with pair.home.having_shown(shown):
        if both:
            pair.home.keep_both_texts(pair.own_id, OVERALL)
        else:
            pair.home.choose_text(pair.own_id, OVERALL, "From school.")
    pair.sync()
    for desk in (pair.home, pair.school):
        assert _says(desk, pair.own_id) == [{"From school, later.", "From home." if both else "From school."}]
    assert pair.home.beside_unseen(shown, pair.home.case(pair.own_id).sheet)
    pair.school.choose_text(pair.own_id, OVERALL, "From school, later.")
    pair.sync()
    now = pair.home.case(pair.own_id).sheet
    assert (now.disputed, now.text(OVERALL)) == ({}, "From school, later.")
    with pair.home.having_shown(shown), pytest.raises(Refused, match="no two texts"):
        pair.home.choose_text(pair.own_id, OVERALL, "From home.")


def test_of_two_texts_neither_of_which_was_shown_none_is_taken_away(pair: Pair) -> None:
    for desk, words in ((pair.school, "From school."), (pair.home, "From home.")):
        desk.write_text(pair.own_id, OVERALL, words)
    pair.sync()
    shown = pair.home.case(pair.own_id).sheet
    for desk, words in ((pair.school, "School."), (pair.home, "Home.")):
        desk.write_text(pair.own_id, OVERALL, words)
    pair.sync()
    with pair.home.having_shown(shown), pytest.raises(Refused, match="changed meanwhile"):
        pair.home.choose_text(pair.own_id, OVERALL, "From school.")
    assert _says(pair.home, pair.own_id) == [{"School.", "Home."}]


@pytest.mark.parametrize("shown", [True, False])
def test_a_level_that_nobody_was_shown_stands_beside_the_one_that_is_chosen_anew(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]], shown: bool
) -> None:
    """Of a command nothing is known that it showed: it takes the place of what was chosen on its own computer."""
    finish(pair.school, pair.own_id)
    pair.sync()
    criterion = pair.school.case(pair.own_id).rubric.criteria[0]
    first, *_, last = (level.id for level in criterion.levels)
    for desk, level in ((pair.school, last), (pair.home, first)):
        desk.record_score(pair.own_id, criterion.id, None)
        desk.record_score(pair.own_id, criterion.id, level)
    before = pair.home.case(pair.own_id).sheet
    pair.sync()
    with pair.home.having_shown(before) if shown else nullcontext():
        pair.home.record_score(pair.own_id, criterion.id, criterion.levels[1].id)
    pair.sync()
    for case in pair.both():
        (stand,) = case.sheet.chosen_twice.values()
        assert {one.data["level"] for one in stand} == {criterion.levels[1].id, last}
    with pair.home.having_shown(pair.home.case(pair.own_id).sheet):
        pair.home.record_score(pair.own_id, criterion.id, first)
    pair.sync()
    for case in pair.both():
        assert (case.sheet.chosen_twice, case.review.levels[criterion.id]) == ({}, first)


def test_a_level_kept_takes_the_place_of_none_that_was_not_shown(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]]
) -> None:
    finish(pair.school, pair.own_id)
    pair.sync()
    criterion = pair.school.case(pair.own_id).rubric.criteria[0]
    first, second, *_, last = (level.id for level in criterion.levels)
    for desk, level in ((pair.school, last), (pair.home, first)):
        desk.record_score(pair.own_id, criterion.id, None)
        desk.record_score(pair.own_id, criterion.id, level)
    pair.sync()
    shown = pair.home.case(pair.own_id).sheet
    kept = next(one for one in shown.chosen_twice[SCORED, (criterion.id,)] if one.data["level"] == first)
    pair.school.record_score(pair.own_id, criterion.id, second)
    pair.sync()
    with pair.home.having_shown(shown):
        pair.home.keep_choice(pair.own_id, kept.entry_id)
    pair.sync()
    for case in pair.both():
        (stand,) = case.sheet.chosen_twice.values()
        assert {one.data["level"] for one in stand} == {first, second}


def test_undo_takes_back_no_step_of_another_computer_that_was_not_shown(pair: Pair) -> None:
    pair.home.record_completeness(pair.own_id)
    pair.home.write_text(pair.own_id, OVERALL, "From home.")
    pair.sync()
    shown = pair.home.case(pair.own_id).undoable
    pair.school.write_text(pair.own_id, OVERALL, "Read by nobody yet.")
    pair.sync()
    with pytest.raises(ChangedElsewhere, match="not shown here yet"):
        pair.home.undo(pair.own_id, shown)
    assert pair.home.case(pair.own_id).sheet.text(OVERALL) == "Read by nobody yet."
    shown = pair.home.case(pair.own_id).undoable
    for words in ("From home.", ""):  # twice at once, before the window has drawn anew
        pair.home.undo(pair.own_id, shown)
        assert pair.home.case(pair.own_id).sheet.text(OVERALL) == words


def test_undo_takes_back_nothing_else_where_another_computer_undid_what_was_shown(pair: Pair) -> None:
    for words in ("First.", "Second."):
        pair.home.write_text(pair.own_id, OVERALL, words)
    pair.sync()
    shown = pair.home.case(pair.own_id).undoable
    pair.school.undo(pair.own_id)
    pair.sync()
    with pytest.raises(ChangedElsewhere, match="not shown here yet"):
        pair.home.undo(pair.own_id, shown)
    assert pair.home.case(pair.own_id).sheet.text(OVERALL) == "First."
    shown = pair.home.case(pair.own_id).undoable
    pair.school.redo(pair.own_id)
    pair.sync()
    with pytest.raises(ChangedElsewhere, match="not shown here yet"):
        pair.home.undo(pair.own_id, shown)
    assert pair.home.case(pair.own_id).sheet.text(OVERALL) == "Second."
    shown = pair.home.case(pair.own_id).undoable
    for words in ("First.", ""):
        pair.home.undo(pair.own_id, shown)
        assert pair.home.case(pair.own_id).sheet.text(OVERALL) == words


def test_redo_brings_back_no_step_that_another_computer_undid_and_was_not_shown(pair: Pair) -> None:
    for words in ("First.", "Second.", "Third."):
        pair.home.write_text(pair.own_id, OVERALL, words)
    pair.home.undo(pair.own_id)
    pair.sync()
    shown = pair.home.case(pair.own_id).redoable
    pair.school.undo(pair.own_id)
    pair.sync()
    with pytest.raises(ChangedElsewhere, match="not shown here yet"):
        pair.home.redo(pair.own_id, shown)
    assert pair.home.case(pair.own_id).sheet.text(OVERALL) == "First."
    shown = pair.home.case(pair.own_id).redoable
    pair.school.redo(pair.own_id)
    pair.sync()
    with pytest.raises(ChangedElsewhere, match="not shown here yet"):
        pair.home.redo(pair.own_id, shown)
    assert pair.home.case(pair.own_id).sheet.text(OVERALL) == "Second."
    pair.school.undo(pair.own_id)
    pair.sync()
    shown = pair.home.case(pair.own_id).redoable
    for words in ("Second.", "Third."):  # twice at once, before the window has drawn anew
        pair.home.redo(pair.own_id, shown)
        assert pair.home.case(pair.own_id).sheet.text(OVERALL) == words


def test_a_command_keeps_what_it_listed_and_refuses_once_another_came_in(
    pair: Pair, tmp_path: Path, new_desk: tuple[Path, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    words = tmp_path / "passphrase"
    words.write_text("demo\n", encoding="utf-8")

    def say(*arguments: str) -> tuple[int, dict[str, Any]]:
        common = ["--desk", str(pair.home.folder), "--passphrase-file", str(words), "--json"]
        pair.home.close()
        code = run_command(["devices", *arguments, *common])
        pair.home = Desk.open_with_key(pair.home.folder, new_desk[1])
        return code, json.loads(capsys.readouterr().out)

    with ExitStack() as closing:
        closing.callback(lambda: pair.home.close())
        criterion = pair.school.case(pair.own_id).rubric.criteria[0]
        for desk, text, level in (
            (pair.school, "From school.", criterion.levels[0]),
            (pair.home, "From home.", criterion.levels[1]),
        ):
            desk.record_completeness(pair.own_id)
            desk.write_text(pair.own_id, OVERALL, text)
            desk.record_score(pair.own_id, criterion.id, level.id)
        pair.sync()
        listed = {one["text"]: one["code"] for one in say("text", "7F3A-00")[1]["texts"]}
        answers = {one["answer"]: one["code"] for one in say("answer", "7F3A-00")[1]["answers"]}
        pair.school.write_text(pair.own_id, OVERALL, "From school, later.")
        pair.school.record_score(pair.own_id, criterion.id, criterion.levels[-1].id)
        pair.sync()
        assert set(listed) == {"From school.", "From home."}
        for code in listed.values():
            assert say("text", "7F3A-00", "overall", "--keep", code)[0] == 1
        for code in answers.values():
            assert say("answer", "7F3A-00", "--keep", code)[0] == 1
        assert _says(pair.home, pair.own_id) == [{"From school, later.", "From home."}]
        listed = {one["text"]: one["code"] for one in say("text", "7F3A-00")[1]["texts"]}
        kept = say("text", "7F3A-00", "overall", "--keep", listed["From home."])
        assert kept == (0, {"chosen": True, "text": "From home."})
        (_, *codes) = [one["code"] for one in say("answer", "7F3A-00")[1]["answers"]]
        assert say("answer", "7F3A-00", "--keep", codes[0])[0] == 0
        now = pair.home.case(pair.own_id).sheet
        assert (now.disputed, now.chosen_twice) == ({}, {})


def test_what_is_sealed_on_one_is_sealed_on_the_other_and_what_came_later_opens_the_next_revision(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]]
) -> None:
    attestations = finish(pair.school, pair.own_id)
    pair.sync()
    pair.home.write_text(pair.own_id, OVERALL, "Written at home, without a network.")
    sealed = pair.school.seal_packet(pair.own_id, "demo", attestations)
    pair.school.sync()
    pair.home.sync()
    home = pair.home.case(pair.own_id)
    assert (home.revision, home.review.overall) == (2, "Written at home, without a network.")
    assert home.supersedes == sealed.digest
    pair.sync()
    school, home = pair.both()
    assert school.revision == 2
    assert replace(school.review) == home.review
    assert pair.school.inbox()[0].state is pair.home.inbox()[0].state
    pair.home.write_text(pair.own_id, OVERALL, school.review.overall * 9)
    attestations = finish(pair.home, pair.own_id)
    second = pair.home.seal_packet(pair.own_id, "demo", attestations)
    assert pair.home.sync().delivered == 1
    pair.school.sync()
    assert pair.school.inbox()[0].state is InboxState.DELIVERED
    assert pair.school.case(pair.own_id).review.seal.packet_digest == second.digest
    [there] = pair.home.export(pair.own_id, pair.home.folder.parent / "there")
    [here] = pair.school.export(pair.own_id, pair.school.folder.parent / "here")
    assert here.read_bytes() == there.read_bytes(), "the packet came from the hub"
    [record] = pair.school.export(pair.own_id, pair.school.folder.parent / "here", "pdf")
    assert record.read_bytes().startswith(b"%PDF")


def test_a_packet_of_another_computer_is_no_file_that_waits_on_a_metered_connection(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]]
) -> None:
    """“Packets and news go on”: as much is said where files are told to wait."""
    pair.school.seal_packet(pair.own_id, "demo", finish(pair.school, pair.own_id))
    pair.school.sync()
    pair.home.sync(with_bytes=False)
    [packet] = pair.home.export(pair.own_id, pair.home.folder.parent / "there")
    assert packet.stat().st_size > 0


def test_what_another_computer_sealed_is_not_sealed_here_unknowingly(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]], server: Server
) -> None:
    attestations = finish(pair.school, pair.own_id)
    pair.sync()
    first = pair.school.seal_packet(pair.own_id, "demo", attestations)
    pair.school.sync()
    with pytest.raises(ChangedElsewhere, match=f"packet {first.digest[:8]}"):
        pair.home.seal_packet(pair.own_id, "demo", attestations)
    assert pair.home.case(pair.own_id).review.seal.packet_digest == first.digest
    pair.home.begin_correction(pair.own_id)
    assert pair.home.case(pair.own_id).supersedes == first.digest
    pair.school.sync()
    pair.school.begin_correction(pair.own_id)
    pair.school.write_text(pair.own_id, OVERALL, pair.school.case(pair.own_id).review.overall + " Seen.")
    pair.school.sync()
    with pytest.raises(ChangedElsewhere, match="came just now"):
        pair.home.seal_packet(pair.own_id, "demo", attestations)
    server.__exit__(None, None, None)
    with pytest.raises(OthersUnheard, match="all the same"):
        pair.home.seal_packet(pair.own_id, "demo", attestations)
    second = pair.home.seal_packet(pair.own_id, "demo", attestations, unheard=True)
    assert pair.home.case(pair.own_id).review.seal.packet_digest == second.digest


def test_what_a_round_brought_after_the_review_was_shown_is_not_sealed(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]]
) -> None:
    attestations = finish(pair.school, pair.own_id)
    pair.sync()
    shown = Shown.of(pair.home.case(pair.own_id))
    pair.school.write_text(pair.own_id, OVERALL, pair.school.case(pair.own_id).review.overall + " Seen.")
    pair.sync()
    with pytest.raises(ChangedElsewhere, match="is not shown here"):
        pair.home.seal_packet(pair.own_id, "demo", attestations, shown=shown)
    assert not pair.home.case(pair.own_id).review.sealed
    assert pair.home.ledger().waiting_to_send == 0
    shown = Shown.of(pair.home.case(pair.own_id))
    assert pair.home.seal_packet(pair.own_id, "demo", attestations, shown=shown).digest


def test_two_levels_chosen_on_two_computers_wait_for_the_person(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]]
) -> None:
    attestations = finish(pair.school, pair.own_id)
    pair.sync()
    criterion = pair.school.case(pair.own_id).rubric.criteria[0]
    ends = (criterion.levels[-1].id, criterion.levels[0].id)
    for desk, level in zip((pair.school, pair.home), ends, strict=True):
        desk.record_score(pair.own_id, criterion.id, None)
        desk.record_score(pair.own_id, criterion.id, level)
    pair.sync()
    for desk, case in zip((pair.school, pair.home), pair.both(), strict=True):
        (stand,) = case.sheet.chosen_twice.values()
        assert {one.data["level"] for one in stand} == set(ends)
        with pytest.raises(Refused, match="Two levels were chosen: keep one"):
            desk.seal_packet(pair.own_id, "demo", attestations)
    kept = next(one for one in stand if one.data["level"] == ends[0])
    pair.home.keep_choice(pair.own_id, kept.entry_id)
    with pytest.raises(Refused, match="settled already"):
        pair.home.keep_choice(pair.own_id, kept.entry_id)
    pair.sync()
    for case in pair.both():
        assert (case.sheet.chosen_twice, case.review.levels[criterion.id]) == ({}, ends[0])
    pair.school.undo(pair.own_id)
    assert len(pair.school.case(pair.own_id).sheet.chosen_twice) == 1


def test_a_level_by_the_words_before_is_chosen_again_where_the_review_was_moved_on_the_other_computer(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]], root: Path, tmp_path: Path
) -> None:
    finish(pair.school, pair.own_id)
    pair.sync()
    pair.issuer.do(lambda hub: publish(hub, republished(root, tmp_path / "anew.yaml")))
    pair.sync()
    reworded = pair.school.case(pair.own_id).rubric.criteria[1]
    pair.home.move_rubric(pair.own_id)
    assert reworded.id not in pair.home.case(pair.own_id).review.levels
    for level in (reworded.levels[0], reworded.levels[-1], reworded.levels[0]):
        pair.school.record_score(pair.own_id, reworded.id, level.id)
    pair.sync()
    for case in pair.both():
        assert reworded.id not in case.review.levels, "it was chosen by other words"
        assert case.review.moved.levels_before[reworded.id] == reworded.levels[0].id
    pair.school.record_score(pair.own_id, reworded.id, reworded.levels[-1].id)
    pair.sync()
    for case in pair.both():
        assert (case.review.levels[reworded.id], case.sheet.chosen_twice) == (reworded.levels[-1].id, {})


@pytest.mark.long
def test_of_two_seals_the_hub_takes_one_and_the_other_is_withdrawn(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]]
) -> None:
    attestations = finish(pair.school, pair.own_id)
    pair.sync()
    first = pair.school.seal_packet(pair.own_id, "demo", attestations)
    pair.home.write_text(pair.own_id, OVERALL, pair.home.case(pair.own_id).review.overall + " Well seen.")
    pair.home.seal_packet(pair.own_id, "demo", attestations)
    pair.school.sync()
    assert any("supersede" in one for one in pair.home.sync().troubles)
    pair.home.sync()
    pair.school.sync()
    school, home = pair.both()
    assert school.revision == home.revision == 2
    assert home.supersedes == school.supersedes == first.digest
    assert home.review == school.review
    assert home.review.overall.endswith("Well seen.")


def _hear(desk: Desk, identity: str) -> None:
    """Only what other computers wrote, as before a seal of something else."""
    source = source_of(desk._surroundings, identity)
    exchange_entries(desk._surroundings, source, Exchanged())
    source.close()


@pytest.mark.parametrize("corrects", [False, True])
def test_a_seal_is_withdrawn_though_the_other_was_heard_of_before_the_hub_refused_this_one(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]], corrects: bool
) -> None:
    attestations = finish(pair.school, pair.own_id)
    pair.sync()
    first = pair.school.seal_packet(pair.own_id, "demo", attestations)
    pair.home.write_text(pair.own_id, OVERALL, pair.home.case(pair.own_id).review.overall + " Well seen.")
    pair.home.seal_packet(pair.own_id, "demo", attestations, unheard=True)
    pair.school.sync()
    if corrects:
        pair.school.begin_correction(pair.own_id)
        pair.school.sync()
    _hear(pair.home, pair.identity)
    for desk in (pair.home, pair.home, pair.school, pair.home):
        desk.sync()
    school, home = pair.both()
    assert school.revision == home.revision == 2
    assert home.supersedes == school.supersedes == first.digest
    assert home.review == school.review
    assert [one.ledger().waiting_to_send for one in (pair.school, pair.home)] == [0, 0]
    for desk in (pair.home, pair.school):
        assert desk.sync().troubles == ()


def _both_seal(pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]]) -> str:
    """Home first, with words of its own, so that its seal is the first in order; the digest of school's."""
    attestations = finish(pair.school, pair.own_id)
    pair.sync()
    pair.home.write_text(pair.own_id, OVERALL, pair.home.case(pair.own_id).review.overall + " Well seen.")
    pair.home.seal_packet(pair.own_id, "demo", attestations, unheard=True)
    for words in ("Seen at school.", "Seen at school, twice.", "Seen at school, three times."):
        pair.school.write_text(
            pair.own_id, RATIONALE, words, pair.school.case(pair.own_id).rubric.criteria[0].id
        )
    attestations = finish(pair.school, pair.own_id)
    return pair.school.seal_packet(pair.own_id, "demo", attestations, unheard=True).digest


def _replaced_at(desk: Desk, own_id: str, taken: str) -> None:
    """The desk goes by the packet that was taken; what the other said more is in the next revision."""
    with desk.store.reading() as view:
        (seal,) = standing_seals(view.entries(view.reviews(own_id)[0].id))
    case = desk.case(own_id)
    assert (seal_digest(seal), case.supersedes, case.revision) == (taken, taken, 2)
    assert any(one.text.endswith("Well seen.") for one in case.sheet.wordings[OVERALL, ""])


def test_a_refused_seal_is_withdrawn_though_its_computer_has_one_round_and_never_another(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]]
) -> None:
    taken = _both_seal(pair, finish)
    pair.school.sync()
    assert any("supersede" in one for one in pair.home.sync().troubles)
    pair.school.sync()
    _replaced_at(pair.school, pair.own_id, taken)
    pair.sync()
    assert pair.school.case(pair.own_id).review == pair.home.case(pair.own_id).review


@pytest.mark.parametrize("heard", ["before its own was taken", "after"])
def test_whoever_knows_which_of_two_seals_was_taken_withdraws_the_other(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]], heard: str
) -> None:
    taken = _both_seal(pair, finish)
    _hear(pair.home, pair.identity)  # that it sealed is known, and its packet never comes
    if heard != "after":
        _hear(pair.school, pair.identity)
        assert pair.school.case(pair.own_id).revision == 1, "the source may take either yet"
    pair.school.sync()
    _replaced_at(pair.school, pair.own_id, taken)

    _hear(pair.home, pair.identity)
    assert pair.home.ledger().waiting_to_send == 0
    pair.sync()
    for desk in (pair.school, pair.home):
        _replaced_at(desk, pair.own_id, taken)
    assert pair.school.case(pair.own_id).review == pair.home.case(pair.own_id).review


def test_of_two_corrections_begun_from_two_seals_both_texts_stand(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]]
) -> None:
    attestations = finish(pair.school, pair.own_id)
    pair.sync()
    texts = ("What school says of it, in so many words.", "What home says of it, in other words.")
    for desk, words in zip((pair.school, pair.home), texts, strict=True):
        desk.write_text(pair.own_id, OVERALL, words)
        desk.seal_packet(pair.own_id, "demo", attestations, unheard=True)
        desk.begin_correction(pair.own_id)
    for desk in (pair.school, pair.home) * 3:
        desk.sync()
    for case in pair.both():
        assert case.revision == 2
        (stand,) = case.sheet.disputed.values()
        assert {one.text for one in stand} == set(texts)


def test_while_the_hub_took_neither_of_two_seals_both_stand(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]]
) -> None:
    attestations = finish(pair.school, pair.own_id)
    pair.sync()
    for desk, more in ((pair.school, ""), (pair.home, " Well seen.")):
        desk.write_text(pair.own_id, OVERALL, desk.case(pair.own_id).review.overall + more)
        desk.seal_packet(pair.own_id, "demo", attestations, unheard=True)
    pair.issuer.do(lambda hub: withdraw(hub, "7F3A-00", pair.issuer.person))
    for desk in (pair.school, pair.home) * 2:
        desk.sync()
    pair.issuer.do(lambda hub: assign(hub, "7F3A-00", pair.issuer.person))
    for desk in (pair.school, pair.home) * 3:
        desk.sync()
    with pair.school.store.reading() as view:
        delivered = [one for one in view.all_outbox_of(view.reviews(pair.own_id)[0].id) if one.delivered_at]
    assert len(delivered) == 1
    school, home = pair.both()
    assert school.revision == home.revision
    assert school.review == home.review


def test_what_could_not_be_read_of_another_computer_is_told_before_a_seal(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]]
) -> None:
    attestations = finish(pair.school, pair.own_id)
    pair.sync()
    pair.home.write_text(pair.own_id, OVERALL, "What home says of it, once more and in other words.")
    pair.home.sync()

    def spoil(hub: Any) -> None:
        newest = sa.select(sa.func.max(t.entry_batches.c.seq)).scalar_subquery()
        with hub.database.writing() as work:
            work.execute(
                sa.update(t.entry_batches).where(t.entry_batches.c.seq == newest).values(sealed=b"x" * 64)
            )

    pair.issuer.do(spoil)
    with pytest.raises(OthersUnheard, match=r"changed on its way.*all the same"):
        pair.school.seal_packet(pair.own_id, "demo", attestations)
    assert pair.school.seal_packet(pair.own_id, "demo", attestations, unheard=True).digest


def test_entries_under_an_assignment_that_was_withdrawn_before_a_computer_came_break_no_round(
    pair: Pair, opened: Callable[[str], Desk], finish: Callable[[Desk, str], tuple[str, ...]]
) -> None:
    attestations = finish(pair.school, pair.own_id)
    pair.sync()
    pair.school.seal_packet(pair.own_id, "demo", attestations)
    pair.home.write_text(pair.own_id, OVERALL, pair.home.case(pair.own_id).review.overall + " Well seen.")
    pair.sync()
    third = opened("third")
    let_in(pair.school, third)
    with third.store.transaction() as work:  # as the hub tells it of another assignment alone
        content = work._rows(sa.select(desk_tables.assignments))[0].content
        work._run(
            sa.update(desk_tables.assignments).values(id="another", content={**content, "id": "another"})
        )
        work.commit()
    for desk in (pair.school, third, pair.school, third):
        assert desk.sync().troubles == ()
    with third.store.reading() as view:
        assert view.travelling.arrived() == []


@pytest.mark.long
def test_a_computer_that_is_turned_away_gets_nothing(opened: Callable[[str], Desk]) -> None:
    school, home = opened("school"), opened("home")
    home.ask_to_join()
    (asked,) = school.joins()
    school.turn_away(asked.id)
    assert home.joining().state is JoinState.TURNED_AWAY  # type: ignore[union-attr]
    assert home.joining() is None
    assert not home.shares_entries()
    with pytest.raises(Refused, match="asks that any more"):
        school.let_in(asked.id)


def test_a_look_while_a_computer_asks_does_not_take_its_wish_for_turned_away(
    opened: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    school, home = opened("school"), opened("home")
    looks = [threading.Thread(target=look) for look in (home.joining, home.joins)]
    told = HubDevices.ask_to_join

    def slowly(hub: HubDevices, own_id: str, commitment: str) -> None:
        for one in looks:
            one.start()
            one.join(0.5)
        told(hub, own_id, commitment)

    monkeypatch.setattr(HubDevices, "ask_to_join", slowly)
    home.ask_to_join()
    for one in looks:
        one.join()
    (asked,) = school.joins()
    shown = home.joining()
    assert shown is not None
    assert (shown.id, shown.state) == (asked.id, JoinState.COMPARE)
    assert home.joins() == ()


def test_who_asks_and_shows_another_key_than_it_committed_to_is_turned_away(
    opened: Callable[[str], Desk], issuer: Issuer
) -> None:
    school, home = opened("school"), opened("home")
    home.ask_to_join()
    school.joins()
    home.joining()

    def swap(hub: Any) -> None:
        with hub.database.writing() as work:
            work.execute(sa.update(t.joins).values(reveal=json.dumps(Side.new().shown())))

    issuer.do(swap)
    with pytest.raises(Damaged, match="somebody may be between"):
        school.joins()
    assert school.joins() == ()


@pytest.mark.parametrize("compared", [False, True])
def test_what_a_computer_committed_to_first_counts_whatever_the_hub_tells_later(
    opened: Callable[[str], Desk], issuer: Issuer, compared: bool
) -> None:
    """A hub that has seen the answer could search for a part with the same code, or put another there once compared."""
    school, home = opened("school"), opened("home")
    home.ask_to_join()
    school.joins()
    shown = home.joining()
    assert shown is not None
    if compared:
        assert [one.code for one in school.joins()] == [shown.code]
    between = Side.new()
    with school._at("") as hub:
        commitment = commitment_to(hub.about(shown.id), between.public, between.nonce)

    def swap(hub: Any) -> None:
        with hub.database.writing() as work:
            other = {"reveal": json.dumps(between.shown()), "commitment": commitment}
            work.execute(sa.update(t.joins).values(other))

    issuer.do(swap)
    with pytest.raises(Damaged, match="somebody may be between"):
        school.let_in(shown.id)
    assert school.joins() == ()


def _another_wish(desk: Desk, issuer: Issuer, own_id: str, like: str, instead: bool = False) -> Side:
    """A wish that the hub made up, listed before the real one, or in its place."""
    between = Side.new()
    with desk._at("") as hub:
        commitment = commitment_to(hub.about(own_id), between.public, between.nonce)

    def make_up(hub: Any) -> None:
        with hub.database.writing() as work:
            real = work.execute(sa.select(t.joins).where(t.joins.c.id == like)).one()
            if instead:
                work.execute(sa.delete(t.joins).where(t.joins.c.id == like))
            row = {
                "person": real.person,
                "device": real.device,
                "asked_at": real.asked_at - timedelta(seconds=1),
            }
            work.execute(sa.insert(t.joins).values(**row, id=own_id, commitment=commitment))

    issuer.do(make_up)
    return between


def _reveal(issuer: Issuer, own_id: str, part: Side) -> None:
    def reveal(hub: Any) -> None:
        with hub.database.writing() as work:
            told = {"reveal": json.dumps(part.shown())}
            work.execute(sa.update(t.joins).where(t.joins.c.id == own_id).values(told))

    issuer.do(reveal)


def test_the_computer_whose_code_was_compared_is_let_in_and_none_that_is_called_alike(
    opened: Callable[[str], Desk], issuer: Issuer
) -> None:
    school, home = opened("school"), opened("home")
    home.ask_to_join()
    school.joins()
    shown = home.joining()
    assert shown is not None
    part = _another_wish(school, issuer, f"{shown.id}0", shown.id)
    school.joins()
    _reveal(issuer, f"{shown.id}0", part)
    assert sorted(one.id for one in school.joins()) == [shown.id, f"{shown.id}0"]
    with pytest.raises(Refused, match="More than one computer"):
        school.let_in(shown.id[:8])
    assert school.let_in(shown.id).id == shown.id
    home.confirm_joining()
    assert home.shares_entries()


def test_no_computer_is_let_in_whose_code_was_not_shown_here(
    opened: Callable[[str], Desk], issuer: Issuer
) -> None:
    school, home = opened("school"), opened("home")
    home.ask_to_join()
    school.joins()
    shown = home.joining()
    assert shown is not None
    own_id = f"{shown.id[:8]}-made-up"
    with pytest.raises(Refused, match="Its code was not shown here yet"):
        school.let_in(shown.id)
    assert [one.code for one in school.joins()] == [shown.code]
    part = _another_wish(school, issuer, own_id, shown.id, instead=True)
    for _ in range(2):
        with pytest.raises(Refused, match="More than one computer"):
            school.let_in(shown.id[:8])
    with pytest.raises(Refused, match="no code to compare yet"):
        school.let_in(own_id)
    _reveal(issuer, own_id, part)
    with pytest.raises(Refused, match="Its code was not shown here yet"):
        school.let_in(own_id)


def test_a_wish_that_was_found_out_is_not_compared_anew_though_the_hub_lists_it_again(
    opened: Callable[[str], Desk], issuer: Issuer
) -> None:
    school, home, third = opened("school"), opened("home"), opened("third")
    third.ask_to_join()
    home.ask_to_join()
    school.joins()
    shown = home.joining()
    assert shown is not None
    _reveal(issuer, shown.id, Side.new())
    with pytest.raises(Damaged, match="somebody may be between"):
        school.joins()
    (other,) = school.joins()
    part = _another_wish(school, issuer, shown.id, other.id)
    school.joins()
    _reveal(issuer, shown.id, part)
    with pytest.raises(Damaged, match="somebody may be between"):
        school.joins()


@pytest.mark.long
def test_a_hub_between_the_two_makes_the_codes_differ(opened: Callable[[str], Desk], issuer: Issuer) -> None:
    school, home = opened("school"), opened("home")
    home.ask_to_join()
    school.joins()

    def swap(hub: Any) -> None:
        with hub.database.writing() as work:
            work.execute(sa.update(t.joins).values(answer=json.dumps(Side.new().shown())))

    before = issuer.do(lambda hub: _answer(hub))
    issuer.do(swap)
    shown = home.joining()

    def back(hub: Any) -> None:
        with hub.database.writing() as work:
            work.execute(sa.update(t.joins).values(answer=before))

    issuer.do(back)
    (there,) = school.joins()
    assert shown is not None
    assert there.code != shown.code
    school.let_in(there.id)
    with pytest.raises(Damaged, match="does not open"):
        home.confirm_joining()


def _answer(hub: Any) -> str:
    with hub.database.reading() as view:
        return str(view.execute(sa.select(t.joins.c.answer)).scalar_one())


def test_a_passphrase_lets_a_computer_in_without_the_other_at_hand(
    opened: Callable[[str], Desk],
) -> None:
    school, home = opened("school"), opened("home")
    own_id = school.find("7F3A-00")
    school.record_completeness(own_id)
    with pytest.raises(Refused, match="16 characters"):
        school.leave_key_copy("short")
    with pytest.raises(Refused, match="left a copy"):
        home.join_with_passphrase("five words taken by chance")
    school.leave_key_copy("five words taken by chance")
    with pytest.raises(Refused):
        home.join_with_passphrase("five words taken by guess")
    home.join_with_passphrase("five words taken by chance")
    school.sync()
    home.sync()
    assert home.case(own_id).review.completeness == ()


def test_a_computer_that_was_not_let_in_makes_no_second_key(
    pair: Pair, opened: Callable[[str], Desk], new_desk: tuple[Path, bytes], tmp_path: Path, server: Server
) -> None:
    """Neither by a code nor by a copy; and the answer of one that has the key has its way."""
    third = opened("third")
    shutil.copytree(new_desk[0], tmp_path / "fourth")
    with Desk.open_with_key(tmp_path / "fourth", new_desk[1]) as fourth:
        fourth.connect(server.url, pair.issuer.code(), "demo")
        fourth.call_device("Fourth desktop")
        fourth.sync()
        fourth.ask_to_join()
        assert third.joins() == ()
        wish = next(one.id for one in third.devices() if one.title == "Fourth desktop")
        wish = pair.issuer.do(lambda hub: _wish_of(hub, wish))  # type: ignore[assignment]
        with pytest.raises(Refused, match="another of yours has your key"):
            third.let_in(wish)
        with pytest.raises(Refused, match="another of yours has your key"):
            third.leave_key_copy("five words taken by chance")
        assert not third.shares_entries()
        let_in(pair.school, fourth)
        let_in(fourth, third)
        rings = [bond_of(desk.store, pair.identity).ring for desk in (pair.school, third)]  # type: ignore[union-attr]
        assert rings[0] == rings[1]


def _wish_of(hub: Any, device: str) -> str:
    with hub.database.reading() as view:
        return str(view.execute(sa.select(t.joins.c.id).where(t.joins.c.device == device)).scalar_one())


def test_a_copy_of_the_key_is_not_overwritten_by_a_computer_that_lacks_the_key(
    opened: Callable[[str], Desk], issuer: Issuer
) -> None:
    """The one that left it is lost, and the new one is alone."""
    school, home = opened("school"), opened("home")
    own_id = school.find("7F3A-00")
    school.write_text(own_id, OVERALL, "Written before it was lost.")
    school.leave_key_copy("five words taken by chance")
    school.sync()
    for title in ("School desktop", "Third desktop"):
        home.remove_device(next(one.id for one in home.devices() if one.title == title), "demo")
    with pytest.raises(Refused, match="A copy of your key lies at the hub"):
        home.leave_key_copy("another five words by chance")
    home.join_with_passphrase("five words taken by chance")
    home.sync()
    assert home.case(own_id).review.overall == "Written before it was lost."


def test_computers_that_share_nothing_begin_though_one_that_is_lost_shared_before(
    pair: Pair, opened: Callable[[str], Desk]
) -> None:
    pair.sync()
    third = opened("third")
    pair.home.store.set_fact(f"devices {pair.identity}", None)
    pair.home.ask_to_join()
    with pytest.raises(Refused, match="remove the computers that you have no more"):
        third.leave_key_copy("five words taken by chance")
    third.remove_device(next(one.id for one in third.devices() if one.title == "School desktop"), "demo")
    let_in(third, pair.home)
    third.write_text(pair.own_id, OVERALL, "Written on the third.")
    third.sync()
    pair.home.sync()
    assert pair.home.case(pair.own_id).review.overall == "Written on the third."


@pytest.mark.long
def test_a_computer_that_was_removed_sends_and_gets_nothing_and_the_others_have_a_new_key(
    pair: Pair, opened: Callable[[str], Desk]
) -> None:
    third = opened("third")
    pair.sync()
    let_in(pair.home, third)
    pair.sync()
    third.sync()
    pair.sync()
    lost = next(one.id for one in pair.school.devices() if one.title == "Home desktop")
    with pytest.raises(Refused):
        pair.school.remove_device(lost, "wrong")
    before = len(bond_of(pair.school.store, pair.identity).ring.keys)  # type: ignore[union-attr]
    pair.school.remove_device(lost, "demo")
    pair.school.sync()
    pair.school.record_completeness(pair.own_id)
    pair.school.sync()
    third.sync()
    assert third.case(pair.own_id).review.completeness == ()
    rings = [bond_of(desk.store, pair.identity).ring for desk in (pair.school, third)]  # type: ignore[union-attr]
    assert rings[0] == rings[1]
    assert len(rings[0].keys) == before + 1
    with pytest.raises(Refused, match="revoked"):
        pair.home.sync()


def test_of_several_that_were_let_in_and_never_heard_each_can_be_removed(
    pair: Pair, opened: Callable[[str], Desk]
) -> None:
    third = opened("third")
    let_in(pair.school, third)
    ids = {one.title: one.id for one in pair.school.devices()}
    for title in ("Third desktop", "Home desktop"):
        pair.school.remove_device(ids[title], "demo")
    assert [one.title for one in pair.school.devices() if one.revoked_at is None] == ["School desktop"]


def test_a_restored_computer_withdraws_the_seal_that_it_made_before_and_the_hub_refused(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]]
) -> None:
    attestations = finish(pair.school, pair.own_id)
    pair.sync()
    first = pair.school.seal_packet(pair.own_id, "demo", attestations)
    pair.home.write_text(pair.own_id, OVERALL, pair.home.case(pair.own_id).review.overall + " Well seen.")
    pair.home.seal_packet(pair.own_id, "demo", attestations, unheard=True)
    pair.school.sync()
    pair.home.store.set_fact(OWN_NAME, "as after a restore")
    for desk in (pair.home, pair.home, pair.school, pair.home):
        desk.sync()
    school, home = pair.both()
    assert school.revision == home.revision == 2
    assert home.supersedes == first.digest


def test_amid_an_exchange_no_name_and_no_new_key_is_lost(pair: Pair) -> None:
    naming = threading.Thread(target=lambda: pair.school.call_device("Room 12"))
    with pair.school._upkeep.exchanging:
        before = bond_of(pair.school.store, pair.identity)
        assert before is not None
        naming.start()
        until(lambda: "Room 12" in {one.title for one in pair.home.devices()})
        naming.join(0.2)
        pair.school.store.set_fact(f"devices {pair.identity}", replace(before, cursor=99).kept())
    naming.join()
    after = bond_of(pair.school.store, pair.identity)
    assert after is not None
    assert (after.cursor, after.title) == (99, "Room 12")


def test_a_name_that_waits_for_an_exchange_holds_up_no_look_at_who_asks(pair: Pair) -> None:
    naming, looking = (
        threading.Thread(target=act)
        for act in (lambda: pair.school.call_device("Room 12"), pair.school.joins)
    )
    with pair.school._upkeep.exchanging:
        naming.start()
        until(lambda: "Room 12" in {one.title for one in pair.home.devices()})
        looking.start()
        looking.join(10)
        assert not looking.is_alive()
    naming.join()


@pytest.mark.long
def test_a_batch_that_the_hub_lost_is_told_and_comes_again(pair: Pair) -> None:
    pair.sync()
    pair.school.record_completeness(pair.own_id)
    pair.school.sync()

    def lose(hub: Any) -> None:
        with hub.database.writing() as work:
            last = work.execute(sa.select(sa.func.max(t.entry_batches.c.seq))).scalar()
            work.execute(sa.delete(t.entry_batches).where(t.entry_batches.c.seq == last))

    pair.issuer.do(lose)
    pair.school.write_text(pair.own_id, OVERALL, "After what was lost.")
    assert pair.school.sync().troubles == (), (
        "the hub says that it lacks the one before, so all goes once more"
    )
    pair.home.sync()
    assert pair.home.case(pair.own_id).review == pair.school.case(pair.own_id).review


@pytest.mark.long
def test_a_batch_that_is_held_back_is_told_until_it_comes(pair: Pair) -> None:
    pair.sync()
    for words in ("One.", "Two."):
        pair.school.write_text(pair.own_id, OVERALL, words)
        pair.school.sync()
    kept: list[Any] = []

    def hold(hub: Any) -> None:
        rows = _batches(hub)
        kept.append(rows[-2]._mapping)
        with hub.database.writing() as work:
            work.execute(sa.delete(t.entry_batches).where(t.entry_batches.c.seq == rows[-2].seq))

    pair.issuer.do(hold)
    assert any("has not come through" in one for one in pair.home.sync().troubles)
    assert pair.home.case(pair.own_id).review.overall == "Two."
    pair.school.sync()  # it hears that something is lacking, and sends everything once more
    pair.home.sync()
    assert pair.home.sync().troubles == ()
    assert pair.home.case(pair.own_id).review == pair.school.case(pair.own_id).review


@pytest.mark.parametrize(
    "what",
    [
        "sealed",
        pytest.param("previous", marks=pytest.mark.long),
        pytest.param("key_name", marks=pytest.mark.long),
    ],
)
def test_a_batch_that_was_changed_is_told_and_not_taken(pair: Pair, what: str) -> None:
    pair.sync()
    pair.school.record_completeness(pair.own_id)
    pair.school.sync()

    def change(hub: Any) -> None:
        last = _batches(hub)[-1]
        new = {
            "sealed": last.sealed[:-1] + bytes([last.sealed[-1] ^ 1]),
            "previous": "ab" * 32,
            "key_name": "none",
        }
        with hub.database.writing() as work:
            which = t.entry_batches.c.seq == last.seq
            work.execute(sa.update(t.entry_batches).where(which).values({what: new[what]}))

    pair.issuer.do(change)
    assert pair.home.sync().troubles
    assert pair.home.case(pair.own_id).review.completeness is None


@pytest.mark.long
def test_a_genuine_batch_that_follows_on_another_than_came_is_not_taken(pair: Pair) -> None:
    pair.sync()
    pair.school.record_completeness(pair.own_id)
    pair.school.sync()
    bond = bond_of(pair.school.store, pair.identity)
    profile = pair.school.profile
    assert bond is not None
    assert profile is not None

    def swap(hub: Any) -> None:
        last = _batches(hub)[-1]
        was = SealedBatch(last.chain, last.number, last.previous, last.key_name, last.sealed)
        content = open_batch(bond.ring, pair.identity, profile.person, was)
        other = seal_batch(
            bond.ring, pair.identity, profile.person, last.chain, last.number, "ab" * 32, content
        )
        new = {
            "previous": other.previous, "sealed": other.sealed,
            "digest": other.digest(pair.identity, profile.person),
        }  # fmt: skip
        with hub.database.writing() as work:
            work.execute(sa.update(t.entry_batches).where(t.entry_batches.c.seq == last.seq).values(**new))

    pair.issuer.do(swap)
    assert any("changed on its way" in one for one in pair.home.sync().troubles)
    assert pair.home.case(pair.own_id).review.completeness is None


@pytest.mark.long
def test_a_copied_desk_goes_on_as_a_device_of_its_own(
    pair: Pair, tmp_path: Path, new_desk: tuple[Path, bytes]
) -> None:
    pair.school.record_completeness(pair.own_id)
    pair.sync()
    pair.home.store.flush_journal()
    shutil.copytree(tmp_path / "home", tmp_path / "copy", ignore=shutil.ignore_patterns("desk.lock"))
    with Desk.open_with_key(tmp_path / "copy", new_desk[1]) as copy:
        assert copy.store.device != pair.home.store.device
        copy.write_text(pair.own_id, OVERALL, "On the copy.")
        copy.sync()
    pair.home.write_text(pair.own_id, TextField.NOTES, "At home.")
    pair.sync()
    for case in pair.both():
        assert (case.review.overall, case.review.notes) == ("On the copy.", "At home.")


def test_an_answer_lost_on_its_way_sends_nothing_twice(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    from assessor_desk.domain.errors import Unavailable
    from assessor_desk.sync.hub_source import HubSource

    pair.sync()
    pair.school.record_completeness(pair.own_id)
    send = HubSource.send_batch

    def lost(own: HubSource, *told: Any) -> int:
        send(own, *told)
        raise Unavailable("The connection ended")

    with monkeypatch.context() as patch:
        patch.setattr(HubSource, "send_batch", lost)
        with pytest.raises(Unavailable):
            pair.school.sync()
    count = len(pair.issuer.do(_batches))  # type: ignore[arg-type]
    pair.sync()
    assert len(pair.issuer.do(_batches)) == count  # type: ignore[arg-type]
    assert pair.home.case(pair.own_id).review.completeness == ()


def test_what_a_seal_sends_amid_a_round_is_not_taken_for_a_hub_that_was_put_back(pair: Pair) -> None:
    pair.sync()
    round_of_school = source_of(pair.school._surroundings, pair.identity)
    round_of_school.changes("")  # the round heard how far the entries go, and then a seal sends more
    pair.school.write_text(pair.own_id, OVERALL, "Written and sent amid a round.")
    _hear(pair.school, pair.identity)
    before, there = bond_of(pair.school.store, pair.identity), len(pair.issuer.do(_batches))  # type: ignore[arg-type]
    exchange_entries(pair.school._surroundings, round_of_school, Exchanged())
    round_of_school.close()
    assert bond_of(pair.school.store, pair.identity) == before
    assert len(pair.issuer.do(_batches)) == there  # type: ignore[arg-type]


def test_the_hub_lets_go_of_batches_that_all_have_once_the_work_had_its_days(
    pair: Pair, finish: Callable[[Desk, str], tuple[str, ...]], opened: Callable[[str], Desk]
) -> None:
    attestations = finish(pair.school, pair.own_id)
    pair.sync()
    pair.home.write_text(pair.own_id, TextField.NOTES, "Seen at home.")
    pair.sync()
    assert pair.issuer.do(lambda hub: _let_go(hub, 400)) == 0, "the review is still being worked on"
    sealed = pair.school.seal_packet(pair.own_id, "demo", attestations)
    pair.school.sync()

    def settle_the_rest(hub: Any) -> None:
        with hub.database.writing() as work:
            others = t.assignments.c.id.not_in(sa.select(t.packets.c.assignment_id))
            work.execute(sa.update(t.assignments).where(others).values(withdrawn_at=hub.clock()))

    pair.issuer.do(settle_the_rest)
    assert pair.issuer.do(lambda hub: _let_go(hub, 1)) == 0, "within the days of the policy"
    gone = pair.issuer.do(lambda hub: _let_go(hub, 60))
    assert isinstance(gone, int)
    assert gone > 0
    assert pair.home.sync().troubles == ()
    home = pair.home.case(pair.own_id).review
    assert home.seal.packet_digest == sealed.digest, "what this computer had not taken was kept"
    pair.sync()
    third = opened("third")
    let_in(pair.home, third)
    third.sync()
    pair.sync()
    assert third.sync().troubles == ()
    review = third.case(pair.own_id).review
    assert (review.seal.packet_digest, review.notes) == (sealed.digest, "Seen at home.")
    assert third.sync().troubles == ()
    assert [path.name for path in third.export(pair.own_id, third.folder.parent / "third-out")]


def _let_go(hub: Any, days: int) -> int:
    """As so many days later; the computers were heard meanwhile."""
    later = hub.clock() + timedelta(days=days)
    with hub.database.writing() as work:
        work.execute(sa.update(t.devices).values(heard_at=later))
    count = let_go_of_batches(replace(hub, clock=lambda: later))
    with hub.database.writing() as work:
        work.execute(sa.update(t.devices).values(heard_at=hub.clock()))
    return count
