"""Whose evidence may be opened on this desk: keys come and go with what the ledger says, whatever is interrupted."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assessor_desk.artifacts.vault import Vault
from assessor_desk.desk.destroying import Remains
from assessor_desk.domain.changes import (
    Blob,
    DeliveredPacket,
    Published,
    SourceChanges,
    Vouching,
    WithdrawalReason,
)
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.review import Entry, EntryKind
from assessor_desk.domain.superseded import superseded_words
from assessor_desk.keys.derivation import derive
from assessor_desk.store import artifact_keys
from assessor_desk.store.artifact_keys import ArtifactKeys
from assessor_desk.store.connection import connect
from assessor_desk.store.lines import RETENTION
from assessor_desk.store.store import Store
from assessor_desk.store.upgrading import bring_up_to_date

MakePage = Callable[..., SourceChanges]
MakeEntry = Callable[..., Entry]
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
REMOVING = [one for one in WithdrawalReason if one.removes_evidence]


@pytest.fixture
def held(store: Store, page: MakePage) -> SourceChanges:
    """Two submissions, all of whose evidence is here."""
    changes = page(2)
    store.accept(changes, "source")
    for blob in changes.blobs:
        store.artifact_arrived(blob.submission_id, blob.artifact_id)
    return changes


def withdrawal(changes: SourceChanges, reason: WithdrawalReason) -> SourceChanges:
    own_id = changes.assignments[0].id
    told = {own_id: reason} if reason.removes_evidence else {}
    return SourceChanges("c2", withdrawn=(own_id,), withdrawn_for=told)


# -- withdrawals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", REMOVING)
def test_a_reason_that_removes_evidence_takes_its_keys_with_the_same_step(
    store: Store, held: SourceChanges, reason: WithdrawalReason
) -> None:
    gone, kept = (one.id for one in held.submissions)
    dropped = store.accept(withdrawal(held, reason), "source")
    assert dropped == {blob.digest for blob in held.blobs if blob.submission_id == gone}
    assert {own_id for own_id, _, _ in store.keys.held()} == {kept}
    with pytest.raises(Refused, match="no longer be opened"):
        store.artifact_key(gone, "plan")
    with store.reading() as view:
        assert view.aside_for(gone) is reason
        assert {line.removed for line in view.artifacts(gone)} == {reason.value}
    assert (store.inbox()[-1].ready_bytes, store.inbox()[-1].total_bytes) == (0, 0), "nothing is to come"


def test_evidence_of_what_is_merely_unassigned_can_still_be_opened(store: Store, held: SourceChanges) -> None:
    own_id = held.submissions[0].id
    assert store.accept(withdrawal(held, WithdrawalReason.UNASSIGNED), "source") == set()
    assert store.artifact_key(own_id, "plan") == b"\x02" * 32
    with store.reading() as view:
        assert view.aside_for(own_id) is WithdrawalReason.UNASSIGNED


def test_a_recusal_after_a_plain_withdrawal_still_takes_the_keys(store: Store, held: SourceChanges) -> None:
    store.accept(withdrawal(held, WithdrawalReason.UNASSIGNED), "source")
    store.accept(withdrawal(held, WithdrawalReason.RECUSAL), "source")
    assert {own_id for own_id, _, _ in store.keys.held()} == {held.submissions[1].id}


def test_a_reason_that_is_not_known_yet_removes_the_evidence() -> None:
    assert WithdrawalReason("struck_by_lightning") is WithdrawalReason.OTHER
    assert WithdrawalReason.OTHER.removes_evidence


def test_keys_of_what_was_recalled_do_not_come_back_with_a_page_that_names_its_files(
    store: Store, held: SourceChanges
) -> None:
    gone = held.submissions[0].id
    store.accept(withdrawal(held, WithdrawalReason.CONSENT_WITHDRAWN), "source")
    store.accept(replace(held, assignments=(), cursor="c3"), "source")
    assert gone not in {own_id for own_id, _, _ in store.keys.held()}
    with store.reading() as view:
        assert {line.here for line in view.artifacts(gone)} == {False}


def test_while_another_assignment_of_a_submission_stands_its_evidence_stays(
    store: Store, held: SourceChanges
) -> None:
    again = replace(held.assignments[0], id="another")
    store.accept(SourceChanges("c2", assignments=(again,)), "source")
    store.accept(withdrawal(held, WithdrawalReason.RECUSAL), "source")
    assert store.artifact_key(held.submissions[0].id, "plan") == b"\x02" * 32


def test_assigned_anew_the_evidence_is_wanted_again(store: Store, held: SourceChanges) -> None:
    source = held.submissions[0].source
    store.accept(withdrawal(held, WithdrawalReason.RECUSAL), "source")
    assert store.artifacts_wanted(source) == []
    again = replace(held.assignments[0], id="another")
    store.accept(replace(held, assignments=(again,), cursor="c3"), "source")
    assert {one.submission_id for one in store.artifacts_wanted(source)} == {held.submissions[0].id}
    assert all(one.blob.key for one in store.artifacts_wanted(source))


def test_of_what_never_came_it_is_said_once_that_nothing_is_here_and_keys_without_a_submission_go(
    store: Store, held: SourceChanges
) -> None:
    stray = Blob("never-came", "plan", "d" * 64, 10, b"\x07" * 32)
    store.keys.keep([stray])
    here, gone = held.assignments[0], WithdrawalReason.CONSENT_WITHDRAWN
    told = SourceChanges(
        "c2",
        withdrawn=("a-lost", here.id),
        withdrawn_for={"a-lost": gone},
        withdrawn_from={"a-lost": "never-came", here.id: here.submission_id},
    )
    for _ in range(2):
        store.accept(told, "source")
    with store.reading() as view:
        (owed,) = view.custody.destructions()
    assert (owed.made.submission_id, owed.made.source, owed.made.why) == ("never-came", "source", gone.value)
    assert [one.digest for one in owed.made.pieces] == [stray.digest]
    assert store.keys.of("never-came") == set()
    assert store.artifact_key(here.submission_id, "plan") == b"\x02" * 32
    store.accept(replace(told, withdrawn_from={"a-lost": "never-came either"}), "source")
    with store.reading() as view:
        assert [one.made.pieces for one in view.custody.destructions("never-came either")] == [()]


def test_that_nothing_is_here_is_said_again_where_what_is_owed_is_from_before(
    store: Store, held: SourceChanges
) -> None:
    own_id, source = held.submissions[0].id, held.submissions[0].source
    store.accept(withdrawal(held, WithdrawalReason.RECUSAL), source)

    def owed(at: datetime) -> list[tuple[datetime, bool]]:
        told = SourceChanges("c3", withdrawn=("a-x",), withdrawn_from={"a-x": own_id}, told_at=at)
        store.accept(told, source)
        with store.reading() as view:
            return [(one.made.destroyed_at, bool(one.made.pieces)) for one in view.custody.destructions()]

    (first,) = owed(NOW)
    assert first == (NOW, True)
    minutes, days = NOW + timedelta(minutes=9), NOW + timedelta(days=3)
    assert owed(minutes) == [first], "once is enough"
    for at in (days, days + timedelta(days=1)):
        assert owed(at) == [first, (at, False)], "the older word that nothing is here gave way"


def test_while_a_packet_is_here_it_is_not_said_that_nothing_is(store: Store, held: SourceChanges) -> None:
    own, lost = held.submissions[0], held.assignments[0]
    with store.transaction() as work:
        work.take_away_evidence(own.id, RETENTION)
        work.commit()
    packet = DeliveredPacket("e" * 64, own.id, "a-other", "P-1", NOW, "f" * 64, 10, b"\x07" * 32)
    store.accept(SourceChanges("c2", packets=(packet,)), own.source)

    def told(reason: WithdrawalReason, at: datetime) -> list[list[str]]:
        page = replace(withdrawal(held, reason), withdrawn_from={lost.id: own.id}, told_at=at)
        store.accept(page, own.source)
        with store.reading() as view:
            made = [one.made for one in view.custody.destructions()]
        return sorted(sorted({piece.what for piece in one.pieces}) for one in made)

    assert told(WithdrawalReason.UNASSIGNED, NOW + timedelta(days=3)) == [["original"]]
    assert told(WithdrawalReason.CONSENT_WITHDRAWN, NOW) == [["original"], ["packet"]]


@pytest.mark.parametrize("reason", [WithdrawalReason.UNASSIGNED, WithdrawalReason.CONSENT_WITHDRAWN])
def test_evidence_whose_assignment_was_left_out_goes_as_soon_as_that_is_withdrawn(
    store: Store, page: MakePage, reason: WithdrawalReason
) -> None:
    left_out = unassigned(store, page)
    (own,), (lost,) = left_out.submissions, left_out.assignments
    told = replace(withdrawal(left_out, reason), withdrawn_from={lost.id: own.id})
    for _ in range(2):
        assert store.accept(told, own.source) <= {blob.digest for blob in left_out.blobs}
    assert store.keys.held() == set()
    with store.reading() as view:
        (owed,) = view.custody.destructions()
        assert {line.removed for line in view.artifacts(own.id)} == {reason.value}
    assert (owed.made.source, owed.made.why) == (own.source, reason.value)
    assert {one.digest for one in owed.made.pieces} == {blob.digest for blob in left_out.blobs}


def test_evidence_whose_assignment_was_left_out_is_whole_once_that_holds(
    store: Store, page: MakePage
) -> None:
    left_out = unassigned(store, page)
    lost = left_out.assignments[0]
    told = withdrawal(left_out, WithdrawalReason.RECUSAL)
    store.accept(replace(told, withdrawn_from={lost.id: lost.submission_id}), left_out.submissions[0].source)
    store.accept(replace(left_out, assignments=(replace(lost, id="another"),), cursor="c3"), "source")
    assert all(one.blob.key for one in store.artifacts_wanted(left_out.submissions[0].source))
    assert len(store.artifacts_wanted(left_out.submissions[0].source)) == 2


def test_a_revoked_enrolment_takes_evidence_whose_assignment_was_left_out(
    store: Store, page: MakePage
) -> None:
    left_out = unassigned(store, page)
    assert store.end_enrolment("another source") == set()
    assert len(store.keys.held()) == 2
    assert store.end_enrolment(left_out.submissions[0].source) == {blob.digest for blob in left_out.blobs}
    assert store.keys.held() == set()
    with store.reading() as view:
        (owed,) = view.custody.destructions()
    assert owed.made.why == WithdrawalReason.ENROLMENT_REVOKED.value


def unassigned(store: Store, page: MakePage) -> SourceChanges:
    """A page of which all but the assignment is here, its rubric not being what the issuer signed."""
    whole = page(1)
    store.accept(replace(whole, rubrics=(), assignments=()), whole.submissions[0].source)
    return whole


def test_pages_laid_out_of_what_is_not_known_any_more_are_named_with_what_they_were_made_of(
    store: Store, tmp_path: Path
) -> None:
    """As on a desk that was put back from a snapshot, which the keys outlive."""
    stray = Blob("not-known", "plan", "d" * 64, 10, b"\x07" * 32)
    store.keys.keep([stray])
    store.keys.keep_made(("not-known", "plan", stray.digest), "pages", "e" * 64, b"\x08" * 32)
    vault = Vault(tmp_path / "vault")
    vault.path("e" * 64).parent.mkdir(parents=True)
    vault.path("e" * 64).write_bytes(b"open in another program")
    lost = SourceChanges("c2", withdrawn=("a-lost",), withdrawn_from={"a-lost": "not-known"})
    store.accept(lost, "source")
    with store.reading() as view:
        (owed,) = view.custody.destructions()
    assert [(one.what, one.digest) for one in owed.made.pieces] == [
        ("original", stray.digest),
        ("laid_out", "e" * 64),
    ]
    assert store.keys.made_of("not-known") == set()
    remains = Remains(store, vault, tmp_path / "set aside", lambda: NOW)
    assert "1 file is still in use" in remains.of(owed.made)


def test_pages_laid_out_count_as_evidence_that_goes_in_its_time(store: Store, held: SourceChanges) -> None:
    own, gone = held.submissions[0], held.assignments[0]
    store.accept(withdrawal(held, WithdrawalReason.UNASSIGNED), own.source)
    with store.transaction() as work:
        work.custody.park([(own.id, "plan"), (own.id, "video")], "freed", "")
        work.commit()
    store.keys.destroy(own.id)
    store.keys.keep_made((own.id, "plan", held.blobs[1].digest), "pages", "e" * 64, b"\x08" * 32)
    told = SourceChanges("c3", withdrawn=(gone.id,), withdrawn_from={gone.id: own.id})
    store.accept(told, own.source)
    with store.reading() as view:
        assert view.custody.destructions() == []
    assert store.keys.made_of(own.id) == {("plan", "e" * 64)}


def test_what_another_source_gave_is_not_spoken_of(store: Store, held: SourceChanges) -> None:
    own_id = held.submissions[0].id
    store.accept(SourceChanges("o1", withdrawn=("a-x",), withdrawn_from={"a-x": own_id}), "other")
    with store.reading() as view:
        assert view.custody.destructions() == []
    assert store.artifact_key(own_id, "plan") == b"\x02" * 32


def test_a_revoked_enrolment_sets_all_of_that_source_aside_and_begins_anew_afterwards(
    store: Store, held: SourceChanges
) -> None:
    source = held.submissions[0].source
    store.accept(replace(held, cursor="c9"), source)
    store.end_enrolment("another source")
    assert len(store.keys.held()) == 4
    assert store.end_enrolment(source) == {blob.digest for blob in held.blobs}
    assert store.keys.held() == set()
    assert {row.state.value for row in store.inbox()} == {"set_aside"}
    assert store.cursor(source) == ""


def test_where_the_row_cannot_be_written_the_keys_are_gone_all_the_same(
    store: Store, held: SourceChanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other way round, a row might say that evidence is gone while it can still be opened."""
    from assessor_desk.store.writing import Writing

    def full(self: Writing) -> None:
        for own_id in self._recalled:
            self._keys.destroy(own_id)
        raise Unavailable("The disk is full")

    with monkeypatch.context() as patch, pytest.raises(Unavailable):
        patch.setattr(Writing, "commit", full)
        store.accept(withdrawal(held, WithdrawalReason.RECUSAL), "source")
    assert store.cursor("source") == "c1", "the page is asked for again"
    with pytest.raises(Refused, match="its key is not here"):
        store.artifact_key(held.submissions[0].id, "plan")


# -- keys and the bytes they open ----------------------------------------------------------------------------


def test_a_new_key_that_came_before_its_row_leaves_the_old_bytes_open(
    store: Store, held: SourceChanges
) -> None:
    """As after a crash between the two files."""
    own_id = held.submissions[0].id
    fresh = Blob(own_id, "plan", "f" * 64, 200, b"n" * 32)
    store.keys.keep([fresh])
    assert store.artifact_key(own_id, "plan") == b"\x02" * 32
    store.accept(SourceChanges("c2", blobs=(fresh,)))
    assert store.artifact_key(own_id, "plan") == b"n" * 32
    assert len(store.keys.held()) == 4, "the old one is forgotten"


def test_the_first_versions_keys_are_taken_over(tmp_path: Path, key: bytes) -> None:
    path = tmp_path / "artifact-keys.db"
    with closing(ArtifactKeys(path, key)) as keys:
        keys.keep([Blob("s", "plan", "a" * 64, 10, b"k" * 32)])
    with closing(connect(path, derive(key, "artifact key file"), journal="DELETE")) as raw:
        raw.execute("CREATE TABLE artifact_keys (submission_id, artifact_id, wrapped)")
        raw.execute("INSERT INTO artifact_keys SELECT submission_id, artifact_id, wrapped FROM blob_keys")
        raw.execute("DROP TABLE blob_keys")
    with closing(ArtifactKeys(path, key)) as keys:
        assert keys.key("s", "plan", "a" * 64) == b"k" * 32
        keys.forget_all_but({("s", "plan", "a" * 64)})
        assert keys.held() == {("s", "plan", "")}
        keys.forget_all_but(set())
        assert keys.held() == set()


def test_forgetting_keys_is_done_for_all_or_none(
    tmp_path: Path, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(ArtifactKeys(tmp_path / "artifact-keys.db", key)) as keys:
        keys.keep([Blob("s", name, "a" * 64, 10, b"k" * 32) for name in ("plan", "video")])
        with monkeypatch.context() as patch, pytest.raises(Exception, match="no such column"):
            patch.setattr(artifact_keys, "_FORGET", "DELETE FROM blob_keys WHERE nowhere = ?")
            keys.forget_all_but(set())
        assert len(keys.held()) == 2


def test_the_ledger_is_corrected_where_files_or_keys_are_missing(store: Store, held: SourceChanges) -> None:
    first, second = held.submissions
    source, missing = first.source, held.blobs[0].digest
    store.keys.destroy(second.id)
    assert store.note_missing(lambda digest: digest != missing) == 3
    assert store.note_missing(lambda _: True) == 0
    wanted = {(one.submission_id, one.artifact_id): one.blob.key for one in store.artifacts_wanted(source)}
    assert set(wanted) == {(first.id, held.blobs[0].artifact_id), (second.id, "plan"), (second.id, "video")}
    with store.reading() as view:
        assert view.lacks_keys(source)
        assert view.ledger().ready == 1
    store.accept(held, "source")
    with store.reading() as view:
        assert not view.lacks_keys(source)


def test_a_plain_source_that_tells_the_same_twice_changes_nothing(store: Store, page: MakePage) -> None:
    changes = page(1)
    own = changes.submissions[0]
    plain = replace(changes, blobs=(Blob(own.id, "plan", "moodle-file-17", 90),))
    store.accept(plain)
    (wanted,) = store.artifacts_wanted(own.source)
    assert (wanted.plain, wanted.blob_digest) == (True, "moodle-file-17")
    store.artifact_arrived(own.id, "plan", "c" * 64, b"s" * 32)
    store.accept(plain)
    assert store.artifacts_wanted(own.source) == []
    assert store.artifact_key(own.id, "plan") == b"s" * 32


def test_evidence_kept_to_its_end_is_wanted_again_only_for_work(store: Store, held: SourceChanges) -> None:
    from assessor_desk.store.lines import InboxState

    own = held.submissions[0]
    with store.transaction() as work:
        work.set_progress(own.id, 5, InboxState.DELIVERED)
        work.commit()
    store.take_away_evidence(own.id, RETENTION)
    assert store.artifacts_wanted(own.source) == []
    assert own.id not in {own_id for own_id, _, _ in store.keys.held()}
    with store.transaction() as work:
        work.set_progress(own.id, 5, InboxState.IN_REVIEW)
        work.commit()
    assert {one.artifact_id for one in store.artifacts_wanted(own.source)} == {"plan", "video"}
    with store.reading() as view:
        assert view.lacks_keys(own.source)
        assert {line.removed for line in view.artifacts(own.id)} == {""}


# -- who vouches for a rubric --------------------------------------------------------------------------------


def test_what_was_vouched_for_and_then_changed_here_shows(store: Store, key: bytes, page: MakePage) -> None:
    rubric = page(1).rubrics[0]
    signed = replace(rubric, signature=b"cms", vouched=rubric.digest)
    which = ("rubric", rubric.id, rubric.version)

    def standing() -> Vouching:
        with store.reading() as view:
            found = view.published(*which)
        assert found is not None
        return found.vouching

    store.accept(SourceChanges("c1", rubrics=(rubric,)))
    assert standing() is Vouching.UNSIGNED
    store.accept(SourceChanges("c1", rubrics=(replace(signed, vouched=""),)))
    assert standing() is Vouching.UNSIGNED, "a signature that nobody checked says nothing"
    store.accept(SourceChanges("c1", rubrics=(signed,)))
    assert standing() is Vouching.SIGNED
    with closing(connect(store.path, derive(key, "desk file"))) as raw:
        raw.execute(
            "UPDATE published SET content = cast(replace(content, 'the', 'teh') AS blob) WHERE kind = 'rubric'"
        )
    assert standing() is Vouching.ALTERED
    store.accept(SourceChanges("c1", rubrics=(signed,)))
    assert standing() is Vouching.SIGNED, "what the issuer published takes the place of the altered copy"
    other = Published(rubric.id, rubric.version, b"{}", b"cms")
    store.accept(SourceChanges("c1", rubrics=(replace(other, vouched=other.digest),)))
    with store.reading() as view:
        assert view.published(*which) == signed, "a version stays as it was first published"


# -- earlier wordings ----------------------------------------------------------------------------------------


def _sealed(entry: MakeEntry, number: int) -> Entry:
    data = {"packet_digest": "d" * 64, "recommendation": "not_yet", "covers": []}
    return replace(entry(number, **data), kind=EntryKind.SEALED)


def test_words_go_from_a_sealed_review_alone_and_only_the_words(store: Store, entry: MakeEntry) -> None:
    first, second = entry(1), entry(2)
    store.record([first, second])
    with pytest.raises(Exception, match="entries are never changed"):
        store.drop_wordings(first.review_id, [first.id])
    store.record([_sealed(entry, 3)])
    store.drop_wordings(first.review_id, [first.id])
    with store.reading() as view:
        entries = view.entries(first.review_id)
    told = {"field": "notes", "criterion": "", "text": "", "dropped": True}
    assert entries == [replace(first, data=told), second, _sealed(entry, 3)]
    assert superseded_words(entries) == [first.id]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET data = json_set(data, '$.text', 'other words', '$.dropped', json('true'))",
        "UPDATE entries SET at = '2020-01-01', data = json_set(data, '$.text', '', '$.dropped', json('true'))",
        "UPDATE entries SET data = '{}'",
        "DELETE FROM entries",
    ],
)
def test_of_a_sealed_review_too_the_file_lets_nothing_else_be_changed(
    store: Store, key: bytes, entry: MakeEntry, statement: str
) -> None:
    store.record([entry(1), _sealed(entry, 2)])
    with (
        closing(connect(store.path, derive(key, "desk file"))) as raw,
        pytest.raises(Exception, match="never"),
    ):
        raw.execute(statement + " WHERE kind = 'text_written'")


# -- from the first version ----------------------------------------------------------------------------------


@pytest.fixture
def old(tmp_path: Path, key: bytes) -> Path:
    """A file of the first version with one submission set aside and one artifact here."""
    path = tmp_path / "old" / "desk.db"
    path.parent.mkdir()
    file_key = derive(key, "desk file")
    bring_up_to_date(path, file_key, tmp_path / "snapshots", NOW, newest="0001")
    with closing(connect(path, file_key)) as raw:
        raw.execute("INSERT INTO facts VALUES ('name', '1')")
        raw.execute("INSERT INTO assignments VALUES ('a', 's', 1, '{}')")
        raw.execute(f"INSERT INTO artifacts VALUES ('s', 'plan', 'source', '{'a' * 64}', 10, 1, '')")
        raw.execute("INSERT INTO published VALUES ('rubric', 'r', '1', x'7b7d', x'00')")
        raw.execute("INSERT INTO reviews VALUES ('r', 's', 'a', 1, 'assess', '2026-01-01')")
    return path


def test_a_file_of_the_first_version_is_carried_on_with_all_it_holds(old: Path, key: bytes) -> None:
    with closing(Store.open(old, key, lambda: NOW)) as store, store.reading() as view:
        assert view.fact("name") == 1
        assert [(line.here, line.removed) for line in view.artifacts("s")] == [(True, "")]
        assert view.evidence_named() == {("s", "plan", "a" * 64)}
        assert view.aside_for("s") is WithdrawalReason.UNASSIGNED
        published = view.published("rubric", "r", "1")
        assert published is not None
        assert published.vouching is Vouching.UNCHECKED
