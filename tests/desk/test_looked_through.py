"""Findings and small renditions, all the way: a hub that looks and renders, a desk that fetches, looks and judges."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
from tests.desk.conftest import cheap_passphrases
from tests.desk.kept import KeptDesk

from assessor_desk.cli.command_line import run_command
from assessor_desk.desk import Desk
from assessor_desk.desk.keeping import HeldEvidence
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.preflight import Judged, Severity
from assessor_desk.domain.renditions import Shown
from assessor_desk.domain.roles import Role
from assessor_desk.domain.submission import ReasonCode
from assessor_desk.hub import renditions
from assessor_desk.hub.assigning import assign_all
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.intake import import_folder
from assessor_desk.hub.people import add_person, new_code
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.serve import Server

SUBMISSIONS = """\
submission_key,educator_key,name,micro_credential,attempt,draft,district,language,permission_attested
LT-01,E-1,Amara Whitfield,formative-assessment-math,1,no,D-7,en,yes
LT-02,E-2,Bo Lindqvist,formative-assessment-math,1,no,D-8,en,yes
"""
ARTIFACTS = """\
submission_key,part,file,link,label,captions
LT-01,overview,Whitfield plan.md,,Lesson plan,
LT-01,work,lesson.mp4,,The lesson,
LT-02,overview,plan.md,,Lesson plan,
"""
PLAN = "# Plan\n\nEverybody writes an exit ticket, and the quokka reads them all.\n"


@dataclass
class Place:
    """A hub's folder, and a desk that was connected to it."""

    hub: Path
    desk: Desk

    def id(self, key: str) -> str:
        return self.desk.find(key)


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory, root: Path) -> tuple[Path, str]:
    """Two educators with the same plan; the first one's video has its rendition."""
    folder, incoming = tmp_path_factory.mktemp("hub") / "hub", tmp_path_factory.mktemp("incoming")
    (incoming / "submissions.csv").write_text(SUBMISSIONS, encoding="utf-8")
    (incoming / "artifacts.csv").write_text(ARTIFACTS, encoding="utf-8")
    for key, name in (("LT-01", "Whitfield plan.md"), ("LT-02", "plan.md")):
        (incoming / "files" / key).mkdir(parents=True)
        (incoming / "files" / key / name).write_text(PLAN, encoding="utf-8")
    _video(incoming / "files" / "LT-01" / "lesson.mp4")
    hub = Hub.create(folder, "Lakeside hub", "Lakeside Regional Programme")
    publish(hub, root / "rubrics" / "formative-assessment-math.yaml")
    publish(hub, root / "resources" / "policies" / "default.yaml")
    import_folder(hub, incoming)
    person = add_person(hub, "Ana Sample", [Role.ASSESSOR])
    assign_all(hub, person)
    code = new_code(hub, person)
    hub.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(renditions, "SMALLEST", 1)
        assert run_command(["hub", "--at", str(folder), "renditions", "--json"]) == 0
    return folder, code


def _video(path: Path) -> None:
    """Four noisy seconds, larger than any rendition of them."""
    noise = np.random.default_rng(7)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=5, options={"crf": "4", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for _ in range(20):
            picture = noise.integers(0, 255, (480, 640, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())


@pytest.fixture(scope="module")
def synced(issued: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> KeptDesk:
    """A desk after its first round with the hub."""
    folder, code = issued
    hub = shutil.copytree(folder, tmp_path_factory.mktemp("synced") / "hub")
    with cheap_passphrases(), Server(hub) as server:
        desk, _ = Desk.create(hub.parent / "desk", "violet harbour ladder")
        desk.connect(server.url, code, "violet harbour ladder")
        assert desk.sync().troubles == ()
        return KeptDesk.of(desk, "violet harbour ladder")


@pytest.fixture
def place(synced: KeptDesk, tmp_path: Path) -> Iterator[Place]:
    """A hub and a desk of each test's own, copies of those that met before."""
    hub = shutil.copytree(synced.folder.parent / "hub", tmp_path / "hub")
    with Server(hub) as server, synced.copied(tmp_path / "desk", server.url) as desk:
        yield Place(hub, desk)


def findings(place: Place, key: str) -> dict[tuple[str, str], str]:
    case = place.desk.case(place.id(key))
    return {(one.artifact_id, one.finding.id): one.finding.sentence for one in case.preflight}


def test_the_hub_tells_of_copies_never_whose_and_hides_a_telling_file_name(place: Place) -> None:
    found = findings(place, "LT-01")
    assert found["overview-1", "duplicate"] == (
        "“overview-1.md” is also in another educator’s submission, byte for byte."
    )
    assert found["overview-1", "name_in_file_name"] == (
        "The name of the file “overview-1.md” holds a person’s name."
    )
    told = " ".join([*found.values(), *findings(place, "LT-02").values()]).casefold()
    assert not {"whitfield", "lindqvist", "lt-0"} & set(told.replace("“", " ").replace("-", "- ").split())
    assert ("overview-1", "duplicate") in findings(place, "LT-02")


def test_the_small_rendition_comes_first_and_the_original_is_told_as_later(place: Place) -> None:
    own_id = place.id("LT-01")
    state = place.desk.case(own_id).artifact_states["work-1"]
    assert state.here
    assert state.later_bytes > state.bytes_total
    row = next(one for one in place.desk.inbox() if one.submission_id == own_id)
    assert row.ready_bytes == row.total_bytes
    assert row.later_bytes == place.desk.ledger().later_bytes == state.later_bytes
    evidence = place.desk.evidence(own_id, "work-1")
    assert evidence.shown is Shown.SMALL
    assert "comes on demand" in evidence.rendition_words
    handle = evidence.open_media()
    assert handle.facts["duration_ms"] == pytest.approx(4000, abs=210)
    handle.close()
    place.desk._readers.close()


def test_the_desk_looks_for_itself_once(place: Place) -> None:
    looked: list[str] = []
    assert place.desk.examine(told=looked.append)
    assert looked
    assert not place.desk.examine(told=looked.append)
    assert "duplicate" in {own for _, own in findings(place, "LT-01")}


def test_a_finding_is_accepted_dismissed_and_that_is_undone(place: Place) -> None:
    desk, own_id = place.desk, place.id("LT-01")
    desk.judge_finding(own_id, "overview-1", "duplicate", Judged.ACCEPTED)
    desk.judge_finding(own_id, "overview-1", "name_in_file_name", Judged.DISMISSED)
    judged = {one.finding.id: one for one in desk.case(own_id).preflight if one.judged}
    assert judged["duplicate"].judged is Judged.ACCEPTED
    assert judged["duplicate"].finding.reason is ReasonCode.DUPLICATE
    desk.undo(own_id)
    again = {one.finding.id: one.judged for one in desk.case(own_id).preflight}
    assert again["name_in_file_name"] is None
    assert [one.finding.severity for one in desk.case(own_id).review.judged] == [Severity.LOOK]
    with pytest.raises(Refused, match="Nothing called “silent” was found"):
        desk.judge_finding(own_id, "overview-1", "silent", Judged.ACCEPTED)


def test_what_was_shown_and_found_stands_in_the_record(place: Place, tmp_path: Path) -> None:
    from assessor_desk.desk.sealing import facts_of
    from assessor_desk.packets.documents import review as review_json
    from assessor_desk.places import schemas

    desk, own_id = place.desk, place.id("LT-01")
    desk.judge_finding(own_id, "overview-1", "duplicate", Judged.ACCEPTED)
    desk.note_shown(own_id, "work-1", Shown.SMALL)
    desk.note_shown(own_id, "work-1", Shown.SMALL)
    desk.record_completeness(own_id, [ReasonCode.DUPLICATE])
    document = review_json(facts_of(desk._pen, own_id), b"{}")
    assert document["shown"] == [{"artifact": "work-1", "as": ["small"]}]
    assert [(one["finding"], one["judged"]) for one in document["preflight"]] == [("duplicate", "accepted")]
    schema = json.loads((schemas() / "review.schema.json").read_text(encoding="utf-8"))
    import jsonschema

    jsonschema.validate(document["preflight"], schema["properties"]["preflight"])
    jsonschema.validate(document["shown"], schema["properties"]["shown"])


def test_the_original_is_fetched_when_it_is_asked_for(place: Place) -> None:
    desk, own_id = place.desk, place.id("LT-01")
    assert desk.sync().fetched == 0
    desk.ask_for_original(own_id, "work-1")
    assert desk.sync().fetched == 1
    evidence = desk.evidence(own_id, "work-1")
    assert evidence.shown is Shown.ORIGINAL
    assert evidence.rendition_words == ""
    assert desk.ledger().later_bytes == 0
    with pytest.raises(Refused, match="is here already"):
        desk.ask_for_original(own_id, "work-1")


def test_an_original_that_is_asked_for_is_fetched_at_once_with_its_progress(place: Place) -> None:
    desk, own_id, told = place.desk, place.id("LT-01"), list[tuple[int, int]]()
    desk.ask_for_original(own_id, "work-1")
    assert desk.fetch_original(own_id, "work-1", lambda here, of: told.append((here, of)))
    assert told[-1][0] == told[-1][1] > 0
    assert desk.evidence(own_id, "work-1").shown is Shown.ORIGINAL
    assert desk.sync().fetched == 0


def test_an_original_that_is_on_its_way_leaves_the_small_copy_in_sight(place: Place) -> None:
    desk, own_id = place.desk, place.id("LT-01")
    desk.ask_for_original(own_id, "work-1")
    state = desk.case(own_id).artifact_states["work-1"]
    assert state.here
    assert state.asked
    assert state.later_bytes > state.bytes_total
    assert desk.evidence(own_id, "work-1").shown is Shown.SMALL


def test_a_fetch_that_was_stopped_goes_on_where_it_ended_and_stays_wanted(place: Place) -> None:
    desk, own_id, stop = place.desk, place.id("LT-01"), threading.Event()
    desk.ask_for_original(own_id, "work-1")

    def stop_midway(here: int, of: int) -> None:
        if 0 < here < of:
            stop.set()

    assert not desk.fetch_original(own_id, "work-1", stop_midway, stop)
    before = desk.case(own_id).artifact_states["work-1"]
    assert 0 < before.later_here < before.later_bytes
    first = list[int]()
    assert desk.fetch_original(own_id, "work-1", lambda here, _of: first.append(here))
    assert first[0] == before.later_here


def test_an_original_given_up_while_it_comes_is_wanted_no_longer(place: Place) -> None:
    desk, own_id = place.desk, place.id("LT-01")
    desk.ask_for_original(own_id, "work-1")

    def give_up(here: int, _of: int) -> None:
        if here:
            desk.give_up_original(own_id, "work-1")

    assert not desk.fetch_original(own_id, "work-1", give_up)
    assert not desk.case(own_id).artifact_states["work-1"].asked
    assert desk.sync().fetched == 0


def test_an_original_asked_for_without_a_network_comes_with_a_later_round(place: Place) -> None:
    desk, own_id = place.desk, place.id("LT-01")
    desk.ask_for_original(own_id, "work-1")
    kept = desk.store.fact("sources")
    desk.store.set_fact("sources", [{**one, "address": "http://127.0.0.1:9"} for one in kept])
    with pytest.raises(Unavailable):
        desk.fetch_original(own_id, "work-1")
    assert desk.case(own_id).artifact_states["work-1"].asked
    desk.store.set_fact("sources", kept)
    assert desk.sync().fetched == 1


def test_a_round_leaves_alone_what_is_being_fetched_beside_it(place: Place) -> None:
    desk, own_id, rounds = place.desk, place.id("LT-01"), list[int]()
    desk.ask_for_original(own_id, "work-1")

    def sync_meanwhile(here: int, _of: int) -> None:
        if here and not rounds:
            rounds.append(desk.sync().fetched)

    assert desk.fetch_original(own_id, "work-1", sync_meanwhile)
    assert rounds == [0]


def test_freeing_originals_keeps_the_small_copy_and_nothing_is_called_kept_that_is_not_here(
    place: Place,
) -> None:
    desk, own_id = place.desk, place.id("LT-01")

    def held() -> HeldEvidence:
        return next(one for one in desk.holdings().held if one.key == "LT-01")

    desk.make_offline([own_id])
    assert held().offline_words == "to be kept offline"
    desk.sync()
    assert (held().away, held().offline_words) == (0, "kept offline")
    on_disk = desk.vault.size_on_disk()
    freed = desk.free_space([own_id], originals_only=True)
    assert freed.bytes == on_disk - desk.vault.size_on_disk() == held().away > 0
    assert held().offline_words == ""
    assert desk.evidence(own_id, "work-1").shown is Shown.SMALL
    assert desk.sync().fetched == 0


def test_the_keys_of_renditions_go_with_the_evidence(place: Place) -> None:
    desk, own_id = place.desk, place.id("LT-01")
    held = {artifact for submission, artifact, _ in desk.store.keys.held() if submission == own_id}
    assert "work-1~small" in held
    desk.store.take_away_evidence(own_id, "recusal")
    assert not {one for one in desk.store.keys.held() if one[0] == own_id}
    assert findings(place, "LT-01") == {}
