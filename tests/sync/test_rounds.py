"""Rounds with a real hub: whatever goes wrong on the way, nothing is lost, doubled or believed too early."""

import base64
import dataclasses
import json
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
import sqlalchemy as sa
from tests.hub.making import ARTIFACT_ROWS, ROWS, import_quickly, submissions_folder, write_rows
from tests.sync import faulty
from tests.sync.conftest import Bench
from tests.sync.faulty import Answer

from assessor_desk.domain.changes import (
    Blob,
    DeliveryKind,
    Published,
    Receipt,
    SourceChanges,
    SourceCounts,
    Vouching,
)
from assessor_desk.domain.errors import Damaged, Refused, Unavailable
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.submission import Artifact, Assignment, Part, Submission, submission_id
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign, withdraw, withdraw_consent
from assessor_desk.hub.people import revoke
from assessor_desk.keys.authority import Authority
from assessor_desk.keys.cms import sign_detached
from assessor_desk.keys.signing import Signer
from assessor_desk.store.lines import InboxState
from assessor_desk.store.store import Store
from assessor_desk.sync.engine import Progress, run_round
from assessor_desk.sync.hub_source import HubSource
from assessor_desk.sync.source import Held
from assessor_desk.sync.unreached import Unreached, Why
from assessor_desk.sync.vouching import vouched
from assessor_desk.verdict.trust import TrustList


@pytest.mark.both_homes
def test_a_first_round_brings_everything(bench: Bench) -> None:
    result = bench.sync()
    assert (result.taken, result.fetched, result.troubles, result.stopped) == (2, 5, (), False)
    assert bench.all_here()
    assert [row.key for row in bench.store.inbox()] == ["7F3A-21", "91BB-02"]


@pytest.mark.both_homes
def test_a_second_round_changes_and_fetches_nothing(bench: Bench) -> None:
    bench.sync()
    before = len(bench.network.ranges())
    result = bench.sync()
    assert (result.taken, result.fetched, result.delivered) == (0, 0, 0)
    assert len(bench.network.ranges()) == before


def test_what_is_due_first_and_small_is_fetched_first_and_progress_counts_bytes(bench: Bench) -> None:
    bench.sync()
    fetching = [told for told in bench.told if told.step == "fetching"]
    done = [told.bytes_done for told in fetching]
    total = sum(blob.length for blob in bench.device.changes().blobs)
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, total)
    assert {told.bytes_total for told in fetching} == {total}
    assert fetching[-1].artifacts_done == fetching[-1].artifacts_total == 5


# -- downloads ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [0, 1, 27, 28, 65_580, 200_000])
def test_a_download_cut_anywhere_goes_on_where_it_stopped(bench: Bench, tmp_path: Path, at: int) -> None:
    (tmp_path / "incoming" / "board.md").write_text("x" * 200_000, encoding="utf-8")
    import_quickly(bench.hub, tmp_path / "incoming")
    largest = max(bench.device.changes().blobs, key=lambda blob: blob.length)
    bench.network.first(1, faulty.cut(at), of=largest.digest)
    if at:  # a line that brings anything is tried again at once
        assert bench.sync().troubles == ()
        assert f"bytes={at}-" in bench.network.ranges()
        assert bench.all_here()
        return
    (trouble,) = bench.sync().troubles
    assert "ended too early" in trouble
    assert not bench.all_here()
    assert (bench.sync().fetched, bench.all_here()) == (1, True)


def test_wrong_bytes_are_never_kept_and_are_asked_for_once_more(bench: Bench) -> None:
    bench.network.first(1, faulty.changed(), of="/blobs/")
    assert (bench.sync().troubles, bench.all_here()) == ((), True)


def test_bytes_that_stay_wrong_are_told_with_their_artifact_and_the_rest_arrives(bench: Bench) -> None:
    bench.network.fault = faulty.changed()
    result = bench.sync()
    assert result.fetched == 0
    (trouble,) = result.troubles
    assert "arrived damaged" in trouble
    assert not [path for path in bench.vault.folder.rglob("*") if path.is_file()]
    for blob in bench.device.changes().blobs:
        assert "arrived damaged" in bench.store.artifact(blob.submission_id, blob.artifact_id).trouble
    bench.network.fault = faulty.none
    assert (bench.sync().troubles, bench.all_here()) == ((), True)


def test_a_bad_beginning_left_by_an_earlier_round_is_dropped(bench: Bench) -> None:
    blob = bench.device.changes().blobs[0]
    bench.vault.partial(blob.digest).write_bytes(b"\0" * (blob.length // 2))
    assert (bench.sync().troubles, bench.all_here()) == ((), True)


def test_a_partial_longer_than_the_file_and_one_already_whole_do_no_harm(bench: Bench) -> None:
    longer, whole = bench.device.changes().blobs[:2]
    bench.vault.partial(longer.digest).write_bytes(b"\0" * (longer.length + 9))
    bench.vault.partial(whole.digest).write_bytes(b"".join(bench.device.source.fetch(whole, 0)))
    assert (bench.sync().troubles, bench.all_here()) == ((), True)


def test_a_file_of_another_length_is_not_taken(bench: Bench) -> None:
    def longer(path: str, answer: faulty.Answer) -> faulty.Answer:
        return dataclasses.replace(answer, body=answer.body + b"more") if "/blobs/" in path else answer

    bench.network.fault = longer
    result = bench.sync()
    assert all("another length" in trouble for trouble in result.troubles)
    assert not bench.all_here()


def test_a_server_that_ignores_ranges_is_read_from_its_beginning(bench: Bench) -> None:
    blob = bench.device.changes().blobs[0]
    whole = b"".join(bench.device.source.fetch(blob, 0))
    bench.vault.partial(blob.digest).write_bytes(whole[:50])

    def ignoring(path: str, answer: faulty.Answer) -> faulty.Answer:
        return (
            faulty.Answer(200, {"content-type": "application/octet-stream"}, whole)
            if blob.digest in path
            else answer
        )

    bench.network.fault = ignoring
    assert (bench.sync().troubles, bench.all_here()) == ((), True)


def test_stopping_keeps_what_came_and_the_next_round_goes_on(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "incoming" / "board.md").write_text("x" * 3_000_000, encoding="utf-8")
    import_quickly(bench.hub, tmp_path / "incoming")

    class StopsMidway(list[Progress]):
        def append(self, told: Progress) -> None:
            if told.step == "fetching" and told.bytes_done > 1_000_000:
                bench.stop.set()

    bench.told = StopsMidway()
    first = bench.sync()
    assert first.stopped
    assert first.fetched == 4
    partial = next((bench.vault.folder / "partial").iterdir())
    kept = partial.stat().st_size
    assert 0 < kept < 3_000_000
    bench.stop, bench.told = threading.Event(), []
    second = bench.sync()
    assert (second.fetched, second.stopped) == (1, False)
    assert bench.network.ranges()[-1] == f"bytes={kept}-"
    assert bench.all_here()


def test_a_round_that_is_stopped_before_it_began_asks_nothing(bench: Bench) -> None:
    bench.stop.set()
    assert bench.sync().stopped
    assert bench.network.asked == []


def test_a_full_disk_is_told_with_the_bytes_needed_and_nothing_is_lost(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    import builtins

    real = builtins.open

    def full(self: Path, mode: str = "r", *more: object, **named: object) -> object:
        if mode == "ab":
            raise OSError(28, "No space left on device")
        return real(self, mode, *more, **named)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        result = bench.sync()
    assert result.fetched == 0
    assert all("The disk is full" in trouble and "are needed" in trouble for trouble in result.troubles)
    assert (bench.sync().troubles, bench.all_here()) == ((), True)


# -- the hub as a whole ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (faulty.status(500), Unavailable, "answered with an error (500)"),
        (
            faulty.status(502, b"<html>Bad gateway</html>", "text/html"),
            Unavailable,
            "answered with an error (502)",
        ),
        (faulty.page, Unavailable, "answered with a page instead of data"),
        (faulty.status(200, b"{", "application/json"), Unavailable, "does not understand"),
        (faulty.status(200, b"[]", "application/json"), Unavailable, "does not understand"),
        (faulty.status(200, b"", "application/json"), Unavailable, "does not understand"),
        (
            faulty.status(401, b'{"error": "Not here"}', "application/json"),
            Refused,
            "Lakeside hub says: Not here",
        ),
        (faulty.cut(40, of="/changes"), Unavailable, "ended too early"),
    ],
)
def test_an_answer_that_is_none_gives_a_sentence_and_changes_nothing(
    bench: Bench, fault: faulty.Fault, kind: type[Exception], words: str
) -> None:
    bench.network.fault = fault
    with pytest.raises(kind) as caught:
        bench.sync()
    assert words in str(caught.value)
    assert (bench.store.inbox(), bench.store.cursor(bench.source.identity)) == ([], "")
    bench.network.fault = faulty.none
    assert (bench.sync().troubles, bench.all_here()) == ((), True)


def test_a_page_instead_of_every_file_ends_the_round_after_a_few(bench: Bench) -> None:
    bench.network.fault = lambda path, answer: faulty.page(path, answer) if "/blobs/" in path else answer
    with pytest.raises(Unavailable, match="a page instead of data"):
        bench.sync()
    assert 3 <= len(bench.network.ranges()) <= 5
    assert [row.key for row in bench.store.inbox()] == ["7F3A-21", "91BB-02"]


def test_a_short_request_to_wait_is_heeded_within_the_round(bench: Bench) -> None:
    bench.network.first(1, faulty.status(503, b"{}", "application/json", retry_after="0"))
    assert (bench.sync().troubles, bench.all_here()) == ((), True)


def test_a_long_request_to_wait_ends_the_round_and_says_until_when(bench: Bench) -> None:
    bench.network.fault = faulty.status(429, b'{"error": "Later"}', "application/json", retry_after="600")
    result = bench.sync()
    assert result.not_before is not None
    assert (result.not_before - bench.clock()).total_seconds() == 600
    assert result.troubles == ("Lakeside hub says: Later.",)


def test_the_same_page_over_and_over_is_noticed(bench: Bench) -> None:
    def again(path: str, answer: faulty.Answer) -> faulty.Answer:
        if "/changes" not in path:
            return answer
        return dataclasses.replace(answer, body=answer.body.replace(b'"more":false', b'"more":true'))

    bench.network.fault = again
    with pytest.raises(Damaged, match="keeps sending the same changes"):
        bench.sync()


def test_withdrawn_work_is_set_aside_and_stays(bench: Bench) -> None:
    bench.sync()
    withdraw(bench.hub, "7F3A-21", bench.device.person)
    assert bench.sync().troubles == ()
    rows = {row.key: row.state for row in bench.store.inbox()}
    assert rows == {"91BB-02": InboxState.NEW, "7F3A-21": InboxState.SET_ASIDE}
    assign(bench.hub, "7F3A-21", bench.device.person)
    assert bench.sync().troubles == ()
    assert {row.state for row in bench.store.inbox()} == {InboxState.NEW}


def test_a_replaced_file_is_fetched_anew(bench: Bench, tmp_path: Path) -> None:
    bench.sync()
    (tmp_path / "incoming" / "board.md").write_text("# board\n\nOnce more.\n", encoding="utf-8")
    import_quickly(bench.hub, tmp_path / "incoming")
    result = bench.sync()
    assert (result.fetched, result.troubles) == (1, ())
    assert bench.all_here()


def test_a_source_that_asks_for_ages_is_asked_again_the_next_day(bench: Bench) -> None:
    bench.network.fault = faulty.status(429, b'{"error": "Later"}', "application/json", retry_after="9" * 30)

    assert bench.sync().not_before == bench.clock() + timedelta(days=1)


def test_an_artifact_taken_out_of_a_submission_is_not_missed(bench: Bench, tmp_path: Path) -> None:
    bench.sync()
    left = [row for row in ARTIFACT_ROWS["7F3A-21"] if "reflection" not in row]
    write_rows(tmp_path / "incoming", [ROWS["7F3A-21"]], left)
    import_quickly(bench.hub, tmp_path / "incoming")

    result = bench.sync()

    assert result.troubles == ()
    assert bench.source.counts() == bench.store.counts(bench.source.identity)


def test_a_revoked_device_is_told_so_and_its_work_stays(bench: Bench) -> None:
    bench.sync()
    revoke(bench.hub, bench.device.person)
    with pytest.raises(Refused, match="revoked"):
        bench.sync()
    assert len(bench.store.inbox()) == 2


def test_counts_that_disagree_make_the_desk_take_everything_again(bench: Bench) -> None:
    bench.sync()
    with bench.hub.database.writing() as work:  # an assignment whose change was never told
        work.execute(sa.delete(t.changes))
        row = work.execute(sa.select(t.assignments)).first()
        assert row is not None
        work.execute(
            sa.insert(t.assignments).values(**{**row._mapping, "id": "00000000-0000-4000-8000-000000000000"})
        )
    result = bench.sync()
    assert len(result.troubles) == 1
    assert "holds 3 assignments" in result.troubles[0]
    assert "this computer has 2" in result.troubles[0]


def test_a_lost_cursor_is_no_loss(bench: Bench) -> None:
    bench.sync()
    bench.store.accept(SourceChanges(cursor=""), bench.source.identity)
    fetched = len(bench.network.ranges())
    assert bench.sync().troubles == ()
    assert len(bench.network.ranges()) == fetched


# -- packets -----------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(bench: Bench, tmp_path: Path) -> str:
    """A sealed packet in the outbox; its digest."""
    bench.sync()
    packet, digest = bench.device.seal(tmp_path / "packets")
    bench.put_in_outbox(packet, digest)
    return digest


def _received(bench: Bench) -> list[str]:
    with bench.hub.database.reading() as view:
        return list(view.execute(sa.select(t.packets.c.digest)).scalars())


def test_a_packet_is_delivered_once_and_its_receipt_kept(bench: Bench, waiting: str) -> None:
    result = bench.sync()
    assert (result.delivered, result.waiting) == (1, 0)
    assert bench.sync().delivered == 0
    assert _received(bench) == [waiting]


def test_by_a_clock_that_is_behind_nothing_was_delivered_before_the_source_had_it(
    bench: Bench, waiting: str
) -> None:
    """What goes so many days after a delivery is counted from it."""
    right = bench.clock()
    bench.clock.move(hours=-9)
    (trouble,) = bench.sync().troubles
    assert "claims a time to come" in trouble
    assert [line.digest for line in bench.store.outbox_waiting()] == [waiting]
    bench.clock.now = right
    assert bench.sync().delivered == 1
    with bench.store.reading() as view:
        (line,) = view.all_outbox_of("a review of this desk")
    assert line.delivered_at == right


def test_an_answer_lost_after_delivery_is_made_good(bench: Bench, waiting: str) -> None:
    bench.network.first(1, faulty.cut(10, of="/packets/"), of="/packets/")
    (trouble,) = bench.sync().troubles
    assert "ended too early" in trouble
    assert _received(bench) == [waiting]
    [line] = bench.store.outbox_waiting(bench.source.identity)
    assert (line.attempts, "ended too early" in line.last_trouble) == (1, True)
    result = bench.sync()
    assert (result.delivered, result.waiting) == (1, 0)
    assert _received(bench) == [waiting]


@pytest.fixture
def two_waiting(bench: Bench, waiting: str, tmp_path: Path) -> tuple[str, str]:
    """Two sealed packets in the outbox; the one that is offered first is named first."""
    bench.put_in_outbox(*bench.device.seal(tmp_path / "packets", "91BB-02"))
    first, second = (line.digest for line in bench.store.outbox_waiting(bench.source.identity))
    return first, second


@pytest.fixture
def news(bench: Bench, two_waiting: tuple[str, str], tmp_path: Path) -> None:
    """At the hub a file took the place of another."""
    (tmp_path / "incoming" / "board.md").write_text("# board\n\nOnce more.\n", encoding="utf-8")
    import_quickly(bench.hub, tmp_path / "incoming")


@pytest.mark.parametrize(
    "fault",
    [
        faulty.status(413, b"<html>Too large</html>", "text/html"),
        faulty.status(507, b'{"error": "The disk of the hub is full"}', "application/json"),
        faulty.status(500),
        faulty.cut(10, of="/packets/"),
    ],
    ids=["a proxy finds it too large", "no room there", "a defect there", "cut off"],
)
def test_what_the_source_cannot_take_now_keeps_back_neither_the_others_nor_the_news(
    bench: Bench, two_waiting: tuple[str, str], news: None, fault: faulty.Fault
) -> None:
    first, _ = two_waiting
    bench.network.fault = lambda path, answer: fault(path, answer) if first in path else answer
    result = bench.sync()
    assert (result.delivered, result.fetched, len(result.troubles)) == (1, 1, 1)
    (line,) = bench.store.outbox_waiting(bench.source.identity)
    assert (line.digest, line.refused, line.last_trouble) == (first, False, result.troubles[0])
    again = bench.sync()
    assert (again.troubles, again.again) == ((), result.troubles), "told anew only to whoever asks"
    bench.network.fault = faulty.none
    assert bench.sync().delivered == 1
    assert sorted(_received(bench)) == sorted(two_waiting)


def test_where_a_source_falls_silent_over_one_delivery_no_other_waits_for_nothing_and_the_news_are_asked_for(
    bench: Bench, two_waiting: tuple[str, str], news: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = list[str]()

    def silent(_source: object, _packet: object, _length: int, digest: str, _kind: object) -> Receipt:
        tried.append(digest)
        raise Unreached("Lakeside hub did not answer in time. Try again later", Why.SILENT)

    monkeypatch.setattr(HubSource, "deliver", silent)
    result = bench.sync()
    assert tried == [two_waiting[0]]
    assert (result.fetched, result.waiting, len(result.troubles)) == (1, 2, 1)
    bench.sync()
    assert tried == [*two_waiting], "the other one's turn comes first"


def test_what_stands_behind_many_that_fail_each_time_has_its_turn(
    bench: Bench, two_waiting: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assessor_desk.sync.engine.FAILURES_IN_A_ROW", 1)
    first, second = two_waiting
    fault = faulty.status(500)
    bench.network.fault = lambda path, answer: fault(path, answer) if first in path else answer
    assert bench.sync().delivered == 0
    assert bench.sync().delivered == 1
    (waits,) = bench.store.outbox_waiting(bench.source.identity)
    assert (waits.digest, second in _received(bench)) == (first, True)


def test_where_nothing_answers_the_first_delivery_ends_the_round(
    bench: Bench, two_waiting: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = list[str]()

    def offline(_source: object, _packet: object, _length: int, digest: str, _kind: object) -> Receipt:
        tried.append(digest)
        raise Unreached("This computer is offline", Why.OFFLINE)

    monkeypatch.setattr(HubSource, "deliver", offline)
    with pytest.raises(Unavailable, match="offline"):
        bench.sync()
    assert tried == [two_waiting[0]]


def test_a_receipt_that_does_not_hold_does_not_count(bench: Bench, waiting: str) -> None:
    import base64
    import json

    def forged(path: str, answer: faulty.Answer) -> faulty.Answer:
        if "/packets/" not in path:
            return answer
        told = json.loads(answer.body)
        signed = bytearray(base64.b64decode(told["signed"]))
        signed[-1] ^= 1
        told["signed"] = base64.b64encode(signed).decode()
        return dataclasses.replace(answer, body=json.dumps(told).encode())

    bench.network.fault = forged
    result = bench.sync()
    assert (result.delivered, result.waiting) == (0, 1)
    assert "receipt does not count" in result.troubles[0]
    bench.network.fault = faulty.none
    assert bench.sync().delivered == 1


def test_a_receipt_for_another_packet_does_not_count(bench: Bench, waiting: str) -> None:
    other = waiting[::-1]
    bench.network.fault = lambda path, answer: dataclasses.replace(
        answer, body=answer.body.replace(waiting.encode(), other.encode())
    )
    result = bench.sync()
    assert (result.delivered, result.waiting) == (0, 1)
    assert "another packet" in result.troubles[0]


def test_a_receipt_signed_by_a_person_does_not_count(bench: Bench, waiting: str) -> None:
    from assessor_desk.keys.cms import sign_with_content
    from assessor_desk.protocol.documents import receipt_bytes
    from assessor_desk.sync.vouching import check_receipt
    from assessor_desk.verdict.trust import TrustList

    signer, now = bench.device.signer, bench.clock()
    content = receipt_bytes(
        packet=waiting, person=bench.device.person, hub=bench.hub.identity, at=now, certificate_status="good"
    )
    signed = sign_with_content(content, signer.key, signer.certificate, now)
    trust = TrustList.load(bench.hub.folder / "trust.pem")
    with pytest.raises(Damaged, match="not signed by a hub"):
        check_receipt(Receipt(waiting, now, "good", signed), waiting, trust, now)


def test_an_answer_without_a_signed_receipt_delivers_nothing(bench: Bench, waiting: str) -> None:
    def unsigned(_path: str, answer: Answer) -> Answer:
        told = json.loads(answer.body)
        return dataclasses.replace(answer, body=json.dumps({**told, "signed": ""}).encode())

    bench.network.first(1, unsigned, of="/packets/")

    (trouble,) = bench.sync().troubles

    assert "does not understand" in trouble
    assert [line.digest for line in bench.store.outbox_waiting()] == [waiting]


def _trusting(pem: bytes, signature: bytes) -> Callable[[str, Answer], Answer]:
    """Changes that bring this trust list."""
    files = {"trust.pem": pem, "trust.pem.p7s": signature}

    def change(path: str, answer: Answer) -> Answer:
        if "/changes" not in path:
            return answer
        trust = {name: base64.b64encode(content).decode() for name, content in files.items()}
        body = json.dumps({**json.loads(answer.body), "trust": trust}).encode()
        return dataclasses.replace(answer, body=body)

    return change


def _trust_in(store: Store) -> list[str]:
    with store.reading() as view:
        return [one.id for one in view.published_of("trust")]


def test_a_trust_list_that_the_one_here_does_not_vouch_for_is_never_written(
    bench: Bench, tmp_path: Path
) -> None:
    stranger = Authority.create(tmp_path / "stranger", "Stranger", clock=bench.clock)
    stranger.write_trust(tmp_path / "trust.pem")
    pem, signature = (tmp_path / "trust.pem").read_bytes(), (tmp_path / "trust.pem.p7s").read_bytes()
    bench.network.fault = _trusting(pem, signature)

    result = bench.sync()

    assert "trust list that does not hold" in result.troubles[0]
    assert result.taken > 0, "what else the page brought is taken"
    assert _trust_in(bench.store) == []


def test_a_trust_list_that_an_assessor_signed_is_never_written(bench: Bench) -> None:
    from assessor_desk.keys.cms import sign_detached

    signer, pem = bench.device.signer, (bench.hub.folder / "trust.pem").read_bytes()
    bench.network.fault = _trusting(pem, sign_detached(pem, signer.key, signer.certificate, bench.clock()))

    assert "no issuer signed" in bench.sync().troubles[0]
    assert _trust_in(bench.store) == []


def test_the_issuers_own_trust_list_is_taken(bench: Bench) -> None:
    bench.sync()

    assert sorted(_trust_in(bench.store)) == ["trust.pem", "trust.pem.p7s"]


def test_a_packet_the_hub_refuses_waits_with_its_reason_and_the_round_goes_on(
    bench: Bench, waiting: str
) -> None:
    withdraw(bench.hub, "7F3A-21", bench.device.person)
    result = bench.sync()
    assert (result.delivered, result.waiting) == (0, 1)
    assert "The assignment was withdrawn" in result.troubles[0]
    [line] = bench.store.outbox_waiting(bench.source.identity)
    assert "The assignment was withdrawn" in line.last_trouble
    assert result.taken == 1


# -- a source that is no hub -------------------------------------------------------------------------------


class PlainSource:
    """What Moodle has to offer: plain files under a name of its own, no cursor, no keys, no signature."""

    address = title = "https://moodle.example.org"
    identity = address
    content = b"An essay, in the open. " * 900

    def __init__(self, policy_page: SourceChanges) -> None:
        own = submission_id(self.identity, "17")
        essay = Artifact("f1", Part.WORK, "essay.txt", size=len(self.content), sha256="cd" * 32)
        rubric = policy_page.rubrics[0]
        policy = policy_page.policies[0]
        assignment = Assignment(
            "a1",
            own,
            "7",
            Role.ASSESSOR,
            Purpose.ASSESS,
            rubric.id,
            rubric.version,
            policy.id,
            policy.version,
        )
        self.page = SourceChanges(
            cursor="timemodified=1763773200",
            rubrics=policy_page.rubrics,
            policies=policy_page.policies,
            submissions=(Submission(own, self.identity, "17", rubric.id, 1, (essay,)),),
            blobs=(Blob(own, "f1", "sha1:0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33", len(self.content)),),
            assignments=(assignment,),
        )

    def enrol(self, code: str, csr: str, device: str) -> object:
        raise Refused("A token comes from the site's administrator")

    def changes(self, cursor: str, agreed: bool = False) -> SourceChanges:
        return SourceChanges(cursor=cursor) if cursor == self.page.cursor else self.page

    def fetch(self, blob: Blob, offset: int, end: int | None = None) -> Iterator[bytes]:
        yield self.content[offset:5000]
        yield self.content[5000:]

    def deliver(
        self, packet: BinaryIO, length: int, digest: str, kind: DeliveryKind = DeliveryKind.PACKET
    ) -> Receipt:
        raise AssertionError("nothing was sealed")

    def counts(self) -> SourceCounts:
        return SourceCounts(1, 1, len(self.content))

    def held(self, digests: Iterable[str]) -> Held:
        raise AssertionError("it was never restored")

    def interrupt(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_plain_files_are_sealed_as_they_come_in(bench: Bench) -> None:
    source = PlainSource(bench.device.changes())
    result = run_round(
        bench.store,
        bench.vault,
        source,
        bench.clock,
        bench.told.append,
        bench.stop,
        bench.check_receipt,
        bench.check_trust,
    )
    assert (result.fetched, result.taken) == (1, 1)
    own = source.page.submissions[0].id
    line = bench.store.artifact(own, "f1")
    from assessor_desk.artifacts.sealed_stream import open_sealed

    with open_sealed(bench.vault.path(line.blob_digest), bench.store.artifact_key(own, "f1")) as reader:
        assert reader.read() == source.content
    for path in bench.vault.folder.rglob("*"):
        assert path.is_dir() or b"An essay, in the open" not in path.read_bytes()


def test_one_more_submission_is_a_small_round(bench: Bench, tmp_path: Path) -> None:
    bench.sync()
    import_quickly(bench.hub, submissions_folder(tmp_path / "more", "E5D2-11"))
    assert bench.sync().taken == 0


# -- evidence that must go, or is missing ------------------------------------------------------------------


def _evidence_of(bench: Bench, key: str) -> list[Blob]:
    own_id = next(row.submission_id for row in bench.store.inbox() if row.key == key)
    return [blob for blob in bench.device.changes().blobs if blob.submission_id == own_id]


def _files(bench: Bench) -> set[str]:
    return {path.name for path in bench.vault.folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("why", ["recused", "consent"])
def test_recused_or_without_consent_keys_and_files_go_with_the_round(bench: Bench, why: str) -> None:
    bench.sync()
    gone, kept = _evidence_of(bench, "7F3A-21"), _evidence_of(bench, "91BB-02")
    if why == "recused":
        withdraw(bench.hub, "7F3A-21", bench.device.person, recused=True)
    else:
        withdraw_consent(bench.hub, "7F3A-21")
    assert bench.sync().troubles == ()
    assert _files(bench) == {blob.digest for blob in kept}
    assert bench.store.keys.held() == {(b.submission_id, b.artifact_id, b.digest) for b in kept}
    with pytest.raises(Refused, match="no longer be opened"):
        bench.store.artifact_key(gone[0].submission_id, gone[0].artifact_id)
    assert {row.key: row.state.value for row in bench.store.inbox()}["7F3A-21"] == "set_aside"


def test_what_is_merely_unassigned_keeps_its_evidence_for_now(bench: Bench) -> None:
    bench.sync()
    before = _files(bench)
    withdraw(bench.hub, "7F3A-21", bench.device.person)
    bench.sync()
    assert _files(bench) == before


def test_a_revoked_enrolment_takes_the_evidence_and_leaves_what_waits_to_be_sent(
    bench: Bench, waiting: str
) -> None:
    revoke(bench.hub, bench.device.person)
    with pytest.raises(Refused, match=r"was revoked.*evidence was removed from this computer"):
        bench.sync()
    assert _files(bench) == set()
    assert bench.store.keys.held() == set()
    assert {row.state for row in bench.store.inbox()} == {InboxState.SET_ASIDE}
    (line,) = bench.store.outbox_waiting()
    assert (line.digest, line.path.is_file()) == (waiting, True)


@pytest.mark.parametrize(
    "fault",
    [
        faulty.status(401, b'{"error": "Who are you?"}', "application/json"),
        faulty.status(401, b'{"error": "No", "reason": "something else"}', "application/json"),
        faulty.status(403, b"<html>Log in</html>", "text/html"),
        faulty.status(500, b'{"error": "No", "reason": "enrolment_revoked"}', "application/json"),
    ],
)
def test_an_answer_that_does_not_say_that_the_enrolment_was_revoked_takes_nothing(
    bench: Bench, fault: faulty.Fault
) -> None:
    """A hub put back from an old copy does not know the device, and a network may answer in its place."""
    bench.sync()
    bench.network.fault = fault
    with pytest.raises((Refused, Unavailable)):
        bench.sync()
    bench.network.fault = faulty.none
    assert bench.all_here()


def test_what_waits_is_not_refused_by_a_hub_that_does_not_know_the_computer(
    bench: Bench, waiting: str
) -> None:
    bench.network.fault = faulty.status(401, b'{"error": "Who are you?"}', "application/json")
    with pytest.raises(Refused, match="Who are you"):
        bench.sync()
    (line,) = bench.store.outbox_waiting()
    assert (line.digest, line.refused, line.last_trouble) == (
        waiting,
        False,
        "Lakeside hub says: Who are you?",
    )
    bench.network.fault = faulty.none
    assert (bench.sync().delivered, bench.store.outbox_waiting()) == (1, [])


def test_a_deleted_vault_and_a_deleted_file_are_noticed_and_fetched_again(bench: Bench) -> None:
    bench.sync()
    shutil.rmtree(bench.vault.folder)
    assert (bench.sync().fetched, bench.all_here()) == (5, True)
    bench.vault.path(_evidence_of(bench, "91BB-02")[0].digest).unlink()
    assert (bench.sync().fetched, bench.all_here()) == (1, True)


def test_keys_that_were_deleted_come_again_without_another_download(bench: Bench) -> None:
    bench.sync()
    fetched = len(bench.network.ranges())
    for row in bench.store.inbox():
        bench.store.keys.destroy(row.submission_id)
    result = bench.sync()
    assert (result.troubles, bench.all_here()) == ((), True)
    assert len(bench.network.ranges()) == fetched


def test_a_source_that_sends_no_key_is_told_and_nothing_is_sealed_a_second_time(bench: Bench) -> None:
    bench.sync()
    own = _evidence_of(bench, "91BB-02")[0]
    bench.store.keys.destroy(own.submission_id)

    def keyless(path: str, answer: Answer) -> Answer:
        if "/changes" not in path or not answer.body:
            return answer
        told = json.loads(answer.body)
        for blob in told["blobs"]:
            blob["key"] = "" if blob["digest"] == own.digest else blob["key"]
        return dataclasses.replace(answer, body=json.dumps(told).encode())

    bench.network.fault = keyless
    result = bench.sync()
    assert any("sent no key" in trouble for trouble in result.troubles)
    assert _files(bench) == {blob.digest for blob in bench.device.changes().blobs}


# -- what issuers sign ---------------------------------------------------------------------------------------


def _vouch(bench: Bench) -> Callable[[Published, str], Published]:
    trust = TrustList.load(bench.hub.folder / "trust.pem")
    return lambda thing, kind: vouched(thing, kind, trust, bench.clock())


def _alter_documents(bench: Bench, **values: object) -> None:
    with bench.hub.database.writing() as work:
        change = sa.update(t.documents).where(t.documents.c.kind == "rubric")
        work.execute(change.where(t.documents.c.id == "formative-assessment-math").values(**values))


def _vouching(bench: Bench) -> dict[str, Vouching]:
    with bench.store.reading() as view:
        return {one.id: one.vouching for kind in ("rubric", "policy") for one in view.published_of(kind)}


def test_what_the_issuer_signed_is_vouched_for_on_arrival(bench: Bench) -> None:
    bench.vouch = _vouch(bench)
    assert bench.sync().troubles == ()
    assert _vouching(bench) == {
        "formative-assessment-math": Vouching.SIGNED,
        "default": Vouching.SIGNED,
    }


def test_a_badly_signed_rubric_is_refused_by_name_with_what_needs_it(bench: Bench) -> None:
    with bench.hub.database.reading() as view:
        canonical = view.execute(
            sa.select(t.documents.c.canonical).where(t.documents.c.id == "formative-assessment-math")
        ).scalar_one()
    _alter_documents(bench, canonical=canonical.replace(b"The educator", b"The Educator", 1))
    bench.vouch = _vouch(bench)
    result = bench.sync()
    assert (
        "The rubric “formative-assessment-math” in version 2026.1 is not what its issuer signed"
        in result.troubles[0]
    )
    assert bench.store.inbox() == []
    assert _vouching(bench) == {"default": Vouching.SIGNED}
    _alter_documents(bench, canonical=canonical)
    assert (bench.sync().troubles, bench.all_here()) == ((), True)


def test_a_rubric_signed_by_a_hub_or_as_another_rubric_is_no_issuers(bench: Bench) -> None:
    trust, hub = TrustList.load(bench.hub.folder / "trust.pem"), bench.hub.authority.hub_signer()
    issuer = bench.hub.authority.issuer_signer()
    content = b'{"id":"r","version":"1"}'

    def published(own_id: str, signer: Signer) -> Published:
        signature = sign_detached(content, signer.key, signer.certificate, bench.clock())
        return Published(own_id, "1", content, signature)

    assert vouched(published("r", issuer), "rubric", trust, bench.clock()).vouching is Vouching.SIGNED
    with pytest.raises(Damaged, match="“r” in version 1 was not signed by an issuer"):
        vouched(published("r", hub), "rubric", trust, bench.clock())
    with pytest.raises(Damaged, match="“s” in version 1 was signed as another rubric"):
        vouched(published("s", issuer), "rubric", trust, bench.clock())


def test_an_unsigned_rubric_is_taken_and_remembered_as_such(bench: Bench) -> None:
    _alter_documents(bench, signature=b"")
    bench.vouch = _vouch(bench)
    assert bench.sync().troubles == ()
    assert _vouching(bench)["formative-assessment-math"] is Vouching.UNSIGNED
