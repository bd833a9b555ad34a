"""Withdrawn consent destroys at the hub too: bytes and keys at once, unless a hold stands; what was decided stays."""

import json
import subprocess
from contextlib import closing
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from tests.beyond import Beyond
from tests.hub.conftest import Answering
from tests.hub.elsewhere import Elsewhere
from tests.hub.making import Device, StandingClock, import_quickly, kept
from tests.hub.test_deciding import concern_of, passed_to
from tests.hub.test_evidence_retention import keys_of

from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.errors import Unavailable
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import withdraw_consent
from assessor_desk.hub.auditing import entries
from assessor_desk.hub.back_up import back_up
from assessor_desk.hub.custody import write_receipts
from assessor_desk.hub.destroying import end_without_consent
from assessor_desk.hub.holds import lift_holds
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.restoring import restore
from assessor_desk.hub.retention import expire
from assessor_desk.hub.retention_holds import HoldKind, place_hold, release_hold
from assessor_desk.hub.sweeping import sweep

KEY, OTHER = "7F3A-21", "91BB-02"


@pytest.fixture
def assessor(answering: Answering) -> Device:
    return answering.enrol(Role.ASSESSOR, KEY)


def _asked(answering: Answering, device: Device, digest: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {device.source._token}"}
    return httpx.get(f"{answering.url}/v1/blobs/{digest}", headers=headers, follow_redirects=False)


def _digests(answering: Answering) -> list[str]:
    a, s = t.artifacts.c, t.submissions.c
    query = sa.select(a.sha256).join(t.submissions, s.id == a.submission_id).where(s.key == KEY)
    with answering.hub.database.reading() as view:
        return sorted(filter(None, view.execute(query).scalars()))


def _acts(answering: Answering) -> list[str]:
    return [one.act for one in entries(answering.hub)]


@pytest.mark.both_homes
def test_bytes_and_keys_go_at_once_and_decisions_and_digests_stay(
    answering: Answering, assessor: Device, tmp_path: Path
) -> None:
    hub, reviewer = answering.hub, answering.enrol(Role.REVIEWER, KEY)
    assessor.deliver(*assessor.seal(tmp_path / "packets"))
    reviewer.deliver(*reviewer.decide(), DeliveryKind.DECISION)
    before, packets, digests = kept(hub.blobs), kept(hub.packets), _digests(answering)
    others = keys_of(hub, OTHER)
    withdraw_consent(hub, KEY)
    assert keys_of(hub, KEY) == 0
    assert len(before) - len(kept(hub.blobs)) == 4
    assert (kept(hub.packets), _digests(answering), keys_of(hub, OTHER)) == (packets, digests, others)
    assert _acts(answering).count("destroyed evidence") == 1
    withdraw_consent(hub, KEY)
    assert _acts(answering).count("destroyed evidence") == 1, "once"


@pytest.mark.both_homes
def test_whoever_had_it_hears_that_it_was_destroyed_and_nobody_else_that_it_was_there(
    answering: Answering, assessor: Device
) -> None:
    stranger = answering.enrol(Role.ASSESSOR, OTHER)
    blob = assessor.changes().blobs[0]
    withdraw_consent(answering.hub, KEY)
    told = _asked(answering, assessor, blob.digest)
    assert told.status_code == 410
    words = told.json()["error"]
    assert f"The evidence of {KEY} was destroyed here on" in words
    assert "withdrew their consent" in words
    foreign, never = (_asked(answering, stranger, one).json() for one in (blob.digest, "0" * 64))
    assert foreign == never, "a stranger learns nothing"


@pytest.mark.both_homes
def test_the_hub_signs_for_it_once_nothing_is_left(
    answering: Answering, assessor: Device, tmp_path: Path
) -> None:
    withdraw_consent(answering.hub, KEY)
    (path,) = write_receipts(answering.hub, [KEY], tmp_path / "records")
    trust = tmp_path / "trust.pem"
    trust.write_bytes(answering.hub.trust()["trust.pem"])
    said = subprocess.run(
        ["openssl", "cms", "-verify", "-inform", "DER", "-in", path, "-CAfile", trust, "-purpose", "any"],
        capture_output=True, check=True,
    )  # fmt: skip
    record = json.loads(said.stdout)
    assert record["format"] == "assessor-desk/hub-destruction/1"
    assert sorted(one["sha256"] for one in record["files"]) == _digests(answering)
    assert "withdrew their consent" in record["why"]


@pytest.mark.both_homes
def test_a_hold_keeps_it_out_of_reach_until_it_is_released(
    answering: Answering, assessor: Device, clock: StandingClock
) -> None:
    hub, blob = answering.hub, assessor.changes().blobs[0]
    hold = place_hold(hub, KEY, HoldKind.COMPLAINT, "The educator complained", "Pat")
    withdraw_consent(hub, KEY)
    assert keys_of(hub, KEY) == 4
    assert assessor.changes().blobs == ()
    assert _asked(answering, assessor, blob.digest).status_code == 404
    withdraw_consent(hub, OTHER)
    assert keys_of(hub, KEY) == 4
    release_hold(hub, hold.id, "Pat")
    assert keys_of(hub, KEY) == 0
    assert expire(hub) == []


def test_what_a_concern_alone_kept_goes_when_it_is_lifted(answering: Answering, assessor: Device) -> None:
    hub = answering.hub
    passed_to(assessor, DeliveryKind.CONCERN, concern_of(assessor))
    withdraw_consent(hub, KEY)
    assert keys_of(hub, KEY) == 4
    lift_holds(hub, KEY)
    assert keys_of(hub, KEY) == 0


def test_what_a_hold_keeps_stays_though_its_folder_brings_another_file(
    answering: Answering, incoming: Path, clock: StandingClock
) -> None:
    hub = answering.hub
    place_hold(hub, KEY, HoldKind.COMPLAINT, "The educator complained", "Pat")
    withdraw_consent(hub, KEY)
    before = kept(hub.blobs), keys_of(hub, KEY)
    (incoming / "reflection.md").write_text("Another reflection", encoding="utf-8")
    done = import_quickly(hub, incoming)
    assert any("not taken" in one for one in done.warnings)
    clock.move(days=3)
    sweep(hub)
    assert (kept(hub.blobs), keys_of(hub, KEY)) == before


def test_a_store_out_of_reach_is_asked_again_and_the_record_waits_for_it(
    answering: Answering, assessor: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object) -> None:
        raise Unavailable("The store cannot be reached")

    with monkeypatch.context() as away:
        away.setattr(type(answering.hub.blobs), "remove", unreachable)
        withdraw_consent(answering.hub, KEY)
    assert keys_of(answering.hub, KEY) == 0, "keys go first"
    assert write_receipts(answering.hub, [KEY], tmp_path / "records") == []
    end_without_consent(answering.hub)
    assert len(write_receipts(answering.hub, [KEY], tmp_path / "records")) == 1


def test_neither_its_folder_nor_a_back_up_brings_it_back(
    answering: Answering,
    incoming: Path,
    elsewhere: Elsewhere,
    beyond: Beyond | None,
    tmp_path: Path,
    clock: StandingClock,
) -> None:
    hub = answering.hub
    back_up(hub, tmp_path / "kept")
    withdraw_consent(hub, KEY)
    (incoming / "new.txt").write_text("Another file", encoding="utf-8")
    with (incoming / "artifacts.csv").open("a", encoding="utf-8") as table:
        table.write(f"{KEY},work,new.txt,Another,\n")
    import_quickly(hub, incoming)
    assert keys_of(hub, KEY) == 0
    place = elsewhere.beside_its_files()
    restore(place, tmp_path / "kept", clock=clock)
    with closing(Hub.open(place, clock=clock)) as again:
        if beyond is not None:
            assert [one.key for one in expire(again)] == [KEY], "there the look of the next day does it"
        assert keys_of(again, KEY) == 0
        assert len(kept(again.blobs)) == keys_of(again, OTHER) + keys_of(again, "E5D2-11") > 0


def test_the_command_says_what_became_of_it(answering: Answering) -> None:
    from assessor_desk.hub.destroying import what_became

    place_hold(answering.hub, OTHER, HoldKind.APPEAL, "An appeal", "Pat")
    for key in (KEY, OTHER):
        withdraw_consent(answering.hub, key)
    assert f"{KEY}: 4 files" in what_became(answering.hub, KEY)
    assert "while a hold stands" in what_became(answering.hub, OTHER)
