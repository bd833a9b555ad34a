"""Sealing a review, correcting it, and the copies that leave the desk."""

import csv
import errno
import hashlib
import io
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import docx
import pytest
from lxml import html
from tests.desk.conftest import StandingClock

from assessor_desk.desk import Desk, InboxState
from assessor_desk.desk import sealing as sealing_room
from assessor_desk.desk.exporting import FORMATS
from assessor_desk.domain.changes import SourceChanges
from assessor_desk.domain.errors import Refused, Unavailable, WrongPassphrase
from assessor_desk.domain.review import EntryKind, TextField
from assessor_desk.keys import private_files
from assessor_desk.keys.envelope import Envelope, new_recovery_key, wrap
from assessor_desk.keys.signing import KEY_FILE, Signer, SigningKey
from assessor_desk.verdict import FactId

Finish = Callable[[Desk, str], tuple[str, ...]]


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "outbox").rglob("*") if path.is_file())


# -- what keeps a review from being sealed -----------------------------------------------------------------


def test_a_seal_is_refused_naming_all_that_is_missing(enrolled: Desk, own_id: str) -> None:
    with pytest.raises(Refused, match="completeness check"):
        enrolled.seal_packet(own_id, "demo", ())
    enrolled.record_completeness(own_id)
    with pytest.raises(Refused) as told:
        enrolled.seal_packet(own_id, "demo", ())
    for criterion in enrolled.case(own_id).rubric.criteria:
        assert f"“{criterion.title}”: Choose a level (F1)" in str(told.value)
    assert not enrolled.case(own_id).review.sealed
    assert files_of(enrolled.folder) == []


def test_a_seal_without_the_attestations_is_refused_naming_them(
    enrolled: Desk, own_id: str, finish: Finish
) -> None:
    first, *others = finish(enrolled, own_id)
    with pytest.raises(Refused, match="attest " + first):
        enrolled.seal_packet(own_id, "demo", others)


def test_a_wrong_passphrase_seals_nothing(enrolled: Desk, own_id: str, finish: Finish) -> None:
    attestations = finish(enrolled, own_id)
    with pytest.raises(Refused, match="passphrase is not right"):
        enrolled.seal_packet(own_id, "wrong", attestations)
    assert enrolled.inbox()[0].state is InboxState.READY_TO_SEAL
    assert enrolled.store.outbox_waiting() == []


def test_a_desk_without_a_certificate_seals_nothing(desk: Desk, own_id: str, finish: Finish) -> None:
    attestations = finish(desk, own_id)
    with pytest.raises(Refused, match="no certificate"):
        desk.seal_packet(own_id, "demo", attestations)


def test_replaced_evidence_is_looked_at_again_before_the_seal(
    enrolled: Desk, own_id: str, finish: Finish, page: Callable[..., SourceChanges]
) -> None:
    attestations = finish(enrolled, own_id)
    was = page(1).submissions[0]
    enrolled.store.accept(SourceChanges("c3", submissions=(replace(was, artifacts=was.artifacts[1:]),)))
    with pytest.raises(Refused, match="Look at it again"):
        enrolled.seal_packet(own_id, "demo", attestations)


def test_something_written_while_the_packet_was_built_keeps_the_seal_from_covering_it(
    enrolled: Desk, own_id: str, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    attestations = finish(enrolled, own_id)
    build = sealing_room.packet_bytes

    def build_slowly(*facts: object) -> tuple[bytes, str]:
        enrolled.write_text(own_id, TextField.NOTES, "A second thought")
        return build(*facts)  # type: ignore[arg-type]

    monkeypatch.setattr(sealing_room, "packet_bytes", build_slowly)
    with pytest.raises(Refused, match="changed while it was being sealed"):
        enrolled.seal_packet(own_id, "demo", attestations)
    assert files_of(enrolled.folder) == []
    assert not enrolled.case(own_id).review.sealed


def test_after_a_changed_passphrase_the_new_one_seals(enrolled: Desk, own_id: str, finish: Finish) -> None:
    attestations = finish(enrolled, own_id)
    enrolled.change_passphrase("demo", "new words")
    with pytest.raises(Refused, match="not right"):
        enrolled.seal_packet(own_id, "demo", attestations)
    enrolled.seal_packet(own_id, "new words", attestations)


@pytest.mark.parametrize("renamed", range(3))
def test_a_change_of_passphrase_that_was_cut_short_can_be_done_again(
    enrolled: Desk, own_id: str, finish: Finish, monkeypatch: pytest.MonkeyPatch, renamed: int
) -> None:
    real, done = Path.replace, list[Path]()

    def failing(self: Path, target: Path) -> Path:
        if len(done) == renamed:
            raise OSError(errno.EIO, "Input/output error")
        done.append(Path(target))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(Unavailable):
        enrolled.change_passphrase("demo", "new words")
    monkeypatch.undo()
    assert not [*enrolled.folder.rglob("*.unfinished")]
    enrolled.check_passphrase("new words" if renamed == 2 else "demo")
    SigningKey.open(enrolled.folder / "identity", "new words" if renamed else "demo")
    if renamed == 1:
        with pytest.raises(Refused, match="Change the passphrase once more") as told:
            enrolled.seal_packet(own_id, "demo", finish(enrolled, own_id))
        assert not isinstance(told.value, WrongPassphrase)
    (enrolled.folder / "keys.json.12345678.unfinished").write_text("left by one that was killed")
    enrolled.change_passphrase("new words" if renamed == 2 else "demo", "new words")
    assert not [*enrolled.folder.rglob("*.unfinished")]
    enrolled.seal_packet(own_id, "new words", finish(enrolled, own_id))


@pytest.fixture
def recovery_key(enrolled: Desk) -> str:
    """That of the desk, which is closed."""
    enrolled.close()
    keys, words = enrolled.folder / "keys.json", new_recovery_key()
    data_key = Envelope.load(keys).unlock("demo")
    Envelope(wrap(data_key, "demo"), wrap(data_key, words)).save(keys)
    return words


_STEPS = ("the mark", "the envelope", "its copy", "setting the key aside", "the end")


@pytest.mark.parametrize("ended", _STEPS)
def test_a_recovery_that_was_cut_short_is_not_begun_or_is_finished(
    enrolled: Desk,
    own_id: str,
    finish: Finish,
    recovery_key: str,
    clock: Callable[[], datetime],
    monkeypatch: pytest.MonkeyPatch,
    ended: str,
) -> None:
    class Ended(BaseException):
        pass

    replaced, removed, done = Path.replace, Path.unlink, list[Path]()

    def renaming(self: Path, target: Path) -> Path:
        if len(done) == _STEPS.index(ended):
            raise Ended
        done.append(Path(target))
        return replaced(self, target)

    def removing(self: Path, missing_ok: bool = False) -> None:
        if ended == _STEPS[-1] and self.name == "recovering":
            raise Ended
        removed(self, missing_ok=missing_ok)

    folder = enrolled.folder
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", renaming)
        patch.setattr(Path, "unlink", removing)
        with pytest.raises(Ended):
            Desk.open_with_recovery_key(folder, recovery_key, "new words", clock)

    if ended in {"the mark", "the envelope"}:
        with Desk.open(folder, "demo", clock) as again:
            again.seal_packet(own_id, "demo", finish(again, own_id))
    else:
        with Desk.open(folder, "new words", clock) as again:
            attestations = finish(again, own_id)
            with pytest.raises(Refused, match="no signing key yet; connect"):
                again.seal_packet(own_id, "new words", attestations)
            again.change_passphrase("new words", "newer words")
        kept = folder / "identity"
        shutil.copy(kept / f"former-{KEY_FILE}", kept / KEY_FILE)
        SigningKey.open(kept, "demo")  # should it come to mind again
    assert not (folder / "recovering").exists()


def test_a_recovery_cut_short_twice_leaves_no_key_of_the_lost_passphrase(
    enrolled: Desk, recovery_key: str, clock: Callable[[], datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(BaseException):
        pass

    def end(*_: object) -> None:
        raise Ended

    for where in (
        "assessor_desk.desk.identity.set_signing_key_aside",
        "assessor_desk.keys.envelope.Envelope.save",
    ):
        with monkeypatch.context() as patch:
            patch.setattr(where, end)
            with pytest.raises(Ended):
                Desk.open_with_recovery_key(enrolled.folder, recovery_key, "new words", clock)
    Desk.open(enrolled.folder, "new words", clock).close()
    with pytest.raises(Refused, match="no signing key yet; connect"):
        Signer.open(enrolled.folder / "identity", "new words")


def test_no_room_for_a_change_of_passphrase_changes_nothing(
    enrolled: Desk, own_id: str, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(private_files.os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        enrolled.change_passphrase("demo", "new words")
    monkeypatch.undo()
    enrolled.seal_packet(own_id, "demo", finish(enrolled, own_id))


def test_the_recovery_key_opens_the_desk_and_not_the_signing_key(
    tmp_path: Path, identity: Path, clock: Callable[[], datetime]
) -> None:
    made, recovery_key = Desk.create(tmp_path / "mine", "demo", clock)
    shutil.copytree(identity, made.folder / "identity")
    made.close()
    Desk.open_with_recovery_key(made.folder, recovery_key, "new words", clock).close()
    with pytest.raises(Refused, match="no signing key yet; connect"):
        Signer.open(made.folder / "identity", "new words")


# -- a sealed review ---------------------------------------------------------------------------------------


@pytest.fixture
def sealed(enrolled: Desk, own_id: str, finish: Finish) -> Desk:
    """The desk with its first review sealed."""
    attestations = finish(enrolled, own_id)
    enrolled.draft_text(own_id, TextField.NOTES, "Only mine: the wombat")
    enrolled.seal_packet(own_id, "demo", attestations)
    return enrolled


def test_a_sealed_packet_waits_encrypted_and_the_review_is_frozen(sealed: Desk, own_id: str) -> None:
    case = sealed.case(own_id)
    assert case.read_only
    assert case.review.seal is not None
    (line,) = sealed.store.outbox_waiting()
    assert case.review.seal.packet_digest == line.digest
    assert case.delivery is not None
    assert case.delivery.delivered_at is None
    assert sealed.inbox()[-1].state is InboxState.SEALED_WAITING
    assert sealed.ledger().waiting_to_send == 1
    assert not line.path.read_bytes().startswith(b"PK")
    with pytest.raises(Refused, match="sealed and stays"):
        sealed.write_text(own_id, TextField.OVERALL, "More")
    with pytest.raises(Refused, match="sealed and stays"):
        sealed.draft_text(own_id, TextField.OVERALL, "More")
    with pytest.raises(Refused, match="sealed and stays"):
        sealed.undo(own_id)


def test_the_seal_covers_every_entry_before_it(sealed: Desk, own_id: str) -> None:
    case = sealed.case(own_id)
    with sealed.store.reading() as view:
        entries = view.entries(case.review.id)
    assert case.review.seal is not None
    assert set(case.review.seal.covers) == {one.id for one in entries if one.kind is not EntryKind.SEALED}


def test_the_exported_packet_is_the_sealed_one_and_holds_no_private_note(
    sealed: Desk, own_id: str, tmp_path: Path
) -> None:
    (path,) = sealed.export(own_id, tmp_path / "out")
    with zipfile.ZipFile(path) as bag:
        names = {name.partition("/")[2] for name in bag.namelist()}
        top = bag.namelist()[0].partition("/")[0]
        manifest = bag.read(f"{top}/tagmanifest-sha256.txt")
        assert not any(b"wombat" in bag.read(name) for name in bag.namelist())
    assert {"data/review.json", "signatures/assessor-1.p7s", "data/record.pdf"} <= names
    case = sealed.case(own_id)
    assert case.review.seal is not None
    assert hashlib.sha256(manifest).hexdigest() == case.review.seal.packet_digest
    with sealed.store.reading() as view:
        ((_, how, where),) = view.exports(own_id)
    assert (how, where) == ("packet", str(path))


def test_a_receipt_is_added_to_the_exported_packet_and_nothing_else_changes(
    sealed: Desk, own_id: str, tmp_path: Path
) -> None:
    (before,) = sealed.export(own_id, tmp_path / "before")
    (line,) = sealed.store.outbox_waiting()
    sealed.store.outbox_delivered(line.id, b"a signed receipt", line.waiting_since)  # type: ignore[arg-type]
    assert sealed.inbox()[-1].state is InboxState.DELIVERED
    delivery = sealed.case(own_id).delivery
    assert delivery is not None
    assert delivery.receipted
    (after,) = sealed.export(own_id, tmp_path / "after")
    with zipfile.ZipFile(before) as one, zipfile.ZipFile(after) as other:
        (added,) = set(other.namelist()) - set(one.namelist())
        assert added.endswith("signatures/assessor-1.receipt.p7s")
        assert other.read(added) == b"a signed receipt"
        assert all(one.read(name) == other.read(name) for name in one.namelist())


def test_a_correction_begins_with_what_was_sealed_and_supersedes_it(
    sealed: Desk, own_id: str, tmp_path: Path
) -> None:
    before = sealed.case(own_id)
    assert before.review.seal is not None
    sealed.begin_correction(own_id)
    case = sealed.case(own_id)
    assert (case.revision, case.supersedes) == (2, before.review.seal.packet_digest)
    assert not case.can_undo
    assert case.review.id != before.review.id
    assert case.review.levels == before.review.levels
    assert (case.review.overall, case.review.notes) == (before.review.overall, "Only mine: the wombat")
    assert sealed.inbox()[0].state is InboxState.READY_TO_SEAL
    sealed.write_text(own_id, TextField.OVERALL, before.review.overall + " Read the second ticket again.")
    sealed.seal_packet(own_id, "demo", [one.id for one in case.policy.attestations])
    (path,) = sealed.export(own_id, tmp_path)
    with zipfile.ZipFile(path) as bag:
        review = next(bag.read(name) for name in bag.namelist() if name.endswith("data/review.json"))
    assert before.review.seal.packet_digest.encode() in review
    chain = sealed.case(own_id).sealings
    assert [one.revision for one in chain] == [1, 2]
    assert chain[0].delivery.digest == before.review.seal.packet_digest
    assert chain[1].delivery.digest == sealed.case(own_id).delivery.digest  # type: ignore[union-attr]


def test_only_a_sealed_review_is_corrected(desk: Desk, own_id: str) -> None:
    with pytest.raises(Refused, match="not sealed"):
        desk.begin_correction(own_id)


def test_an_incomplete_submission_is_sealed_with_reasons_and_overall_feedback_alone(
    enrolled: Desk, own_id: str, tmp_path: Path
) -> None:
    enrolled.record_completeness(own_id, ["missing_part"])
    enrolled.write_text(own_id, TextField.OVERALL, "The reflection is not among the files. " * 7)
    assert enrolled.inbox()[0].state is InboxState.READY_TO_SEAL
    policy = enrolled.case(own_id).policy
    asked = [one.id for one in policy.attestations_of(incomplete=True)]
    assert "rubric_used" in {one.id for one in policy.attestations} - set(asked)
    enrolled.seal_packet(own_id, "demo", asked)
    assert len(enrolled.export(own_id, tmp_path, "pdf")) == 1


# -- copies ------------------------------------------------------------------------------------------------


def test_the_table_has_a_row_a_criterion_and_no_formula(
    desk: Desk, own_id: str, finish: Finish, tmp_path: Path
) -> None:
    finish(desk, own_id)
    criteria = desk.case(own_id).rubric.criteria
    desk.write_text(own_id, TextField.RATIONALE, '=HYPERLINK("http://example.org")', criteria[0].id)
    (path,) = desk.export(own_id, tmp_path, "csv")
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert [row[1] for row in rows[1:-1]] == [criterion.title for criterion in criteria]
    assert rows[1][5] == '\'=HYPERLINK("http://example.org")'
    assert rows[1][4] == "plan.md, the whole"


def test_the_record_can_be_previewed_and_exported_before_the_seal(
    desk: Desk, own_id: str, finish: Finish, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="no level"):
        desk.preview_record(own_id)
    finish(desk, own_id)
    assert desk.preview_record(own_id).startswith(b"%PDF")
    (path,) = desk.export(own_id, tmp_path, "docx")
    assert path.name == "record-7F3A-00-not-sealed.docx"
    with pytest.raises(Refused, match="not sealed yet"):
        desk.export(own_id, tmp_path, "packet")
    with pytest.raises(Refused, match="no format"):
        desk.export(own_id, tmp_path, "parchment")


def test_every_format_that_is_offered_can_be_written(sealed: Desk, own_id: str, tmp_path: Path) -> None:
    for one in FORMATS:
        (path,) = sealed.export(own_id, tmp_path / "out", one)
        assert path.stat().st_size > 0
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {
        ".zip",
        ".pdf",
        ".docx",
        ".html",
        ".csv",
    }


def test_a_packets_file_is_named_for_people_and_its_bag_by_its_review(
    sealed: Desk, own_id: str, tmp_path: Path, clock: StandingClock
) -> None:
    (first,) = sealed.export(own_id, tmp_path, "packet")
    review = sealed.case(own_id).review.id
    assert first.name == f"7F3A-00-formative-assessment-math-{clock.now:%Y-%m-%d}.zip"
    with zipfile.ZipFile(first) as bag:
        assert {name.partition("/")[0] for name in bag.namelist()} == {f"packet-{review}"}


def test_the_html_of_a_sealed_review_says_what_the_packet_says_however_late_it_is_made(
    sealed: Desk, own_id: str, tmp_path: Path, clock: StandingClock
) -> None:
    (early,) = sealed.export(own_id, tmp_path / "early", "html")
    clock.move(days=40)
    (late,) = sealed.export(own_id, tmp_path / "late", "html")
    (word,) = sealed.export(own_id, tmp_path, "docx")

    assert late.name == "record-7F3A-00.html"
    assert early.read_bytes() == late.read_bytes()
    page = " ".join(html.document_fromstring(late.read_bytes()).body.text_content().split())
    for paragraph in docx.Document(str(word)).paragraphs:
        assert " ".join(paragraph.text.split()) in page


def test_a_correction_is_told_in_html_with_the_packet_it_replaces(
    sealed: Desk, own_id: str, tmp_path: Path
) -> None:
    seal = sealed.case(own_id).review.seal
    assert seal is not None
    sealed.begin_correction(own_id)
    sealed.seal_packet(own_id, "demo", [one.id for one in sealed.case(own_id).policy.attestations])
    (path,) = sealed.export(own_id, tmp_path, "html")
    assert seal.packet_digest in path.read_text(encoding="utf-8")


def test_a_sealed_record_is_not_told_from_other_facts_than_were_sealed(
    sealed: Desk, own_id: str, tmp_path: Path, page: Callable[..., SourceChanges]
) -> None:
    was = page(1).submissions[0]
    replaced = tuple(replace(one, sha256="ff" * 32) for one in was.artifacts)
    sealed.store.accept(SourceChanges("c3", submissions=(replace(was, artifacts=replaced),)))
    with pytest.raises(Refused, match=r"has changed since its review was sealed.*PDF or DOCX"):
        sealed.export(own_id, tmp_path, "html")
    assert sealed.export(own_id, tmp_path, "pdf")


def test_a_key_that_leads_elsewhere_names_no_file_outside_the_folder(
    desk: Desk, own_id: str, finish: Finish, tmp_path: Path, page: Callable[..., SourceChanges]
) -> None:
    finish(desk, own_id)
    was = page(1).submissions[0]
    desk.store.accept(SourceChanges("c3", submissions=(replace(was, key="x/../../../elsewhere"),)))

    written = [
        *desk.export(own_id, tmp_path / "a" / "b", "csv"),
        *desk.export(own_id, tmp_path / "a" / "b", "docx"),
    ]

    assert {path.parent for path in written} == {tmp_path / "a" / "b"}
    assert sorted(path for path in (tmp_path / "a").rglob("*") if path.is_file()) == sorted(written)


def test_of_two_packets_the_one_that_was_corrected_is_said_to_be_replaced(
    sealed: Desk, own_id: str, tmp_path: Path
) -> None:
    (before,) = sealed.export(own_id, tmp_path / "before")
    sealed.begin_correction(own_id)
    attestations = [one.id for one in sealed.case(own_id).policy.attestations]
    sealed.seal_packet(own_id, "demo", attestations)
    (after,) = sealed.export(own_id, tmp_path / "after")

    verdicts = sealed.verify([before, after])

    assert verdicts[0].fact(FactId.SUPERSEDES).sentence.startswith("Replaced by packet")


# -- nothing in the clear ----------------------------------------------------------------------------------


def test_after_a_session_no_word_and_no_byte_of_evidence_is_in_any_file_of_the_desk(sealed: Desk) -> None:
    sealed.close()
    for path in sealed.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for word in (
                b"wombat",
                b"exit tickets",
                b"quokka",
                b"Who has another way",
                b"raised hand",
                b"plan.md",
                b"7F3A",
                b"PK\x03\x04",
            ):
                assert word not in content, f"{word!r} in {path.name}"
