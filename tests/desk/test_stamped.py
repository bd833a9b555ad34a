"""A reviewer's desk and a real time-stamping authority: no report before its time-stamp, which exports then have."""

from __future__ import annotations

import hashlib
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.desk.conftest import cheap_passphrases
from tests.hub.conftest import Answering
from tests.hub.making import StandingClock, copied, import_quickly, make_template, submissions_folder
from tests.hub.stamping_office import StampingOffice

from assessor_desk.desk import Desk
from assessor_desk.desk.programmes import trust_list
from assessor_desk.desk.stamped import check_time_stamp, why_unconfirmed
from assessor_desk.domain.changes import TimeStamp
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.domain.policy import Confirmation
from assessor_desk.domain.roles import Role
from assessor_desk.hub import stamping
from assessor_desk.hub.assigning import assign
from assessor_desk.hub.people import add_person, new_code
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.serve import Server
from assessor_desk.places import resources
from assessor_desk.rubric_files import load_policy
from assessor_desk.verdict import FactId, Standing

KEY = "7F3A-21"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StampingOffice]:
    with StampingOffice.made(tmp_path_factory.mktemp("office") / "one").answering() as answering:
        yield answering


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Answering, Desk]]:
    """A hub whose policy asks for a time-stamp, a delivered packet, and the desk of whoever decides on it."""
    hub = copied(make_template(tmp_path / "template"), tmp_path / "hub", StandingClock())
    text = (resources() / "policies" / "default.yaml").read_text(encoding="utf-8")
    timed = text.replace("release_needs: receipt ", "release_needs: time_stamp ")
    (tmp_path / "timed.yaml").write_text(timed.replace("id: default", "id: timed"), encoding="utf-8")
    publish(hub, tmp_path / "timed.yaml")
    import_quickly(hub, submissions_folder(tmp_path / "incoming", KEY))
    with cheap_passphrases(), Server(hub.folder) as server:
        answering = Answering(hub, server.url)
        assessor = answering.enrol(Role.ASSESSOR)
        assign(hub, KEY, assessor.person, policy_id="timed")
        assessor.deliver(*assessor.seal(tmp_path / "packets"))
        reviewer = add_person(hub, "Rae Sample", [Role.REVIEWER])
        assign(hub, KEY, reviewer, policy_id="timed")
        with Desk.create(tmp_path / "desk", "demo")[0] as desk:
            desk.connect(server.url, new_code(hub, reviewer), "demo")
            desk.sync()
            yield answering, desk
        assessor.source.close()
    hub.close()


def until(answer: Callable[[], bool]) -> None:
    """The hub's own thread asks for tokens beside the test."""
    give_up = time.monotonic() + 30
    while not answer():
        assert time.monotonic() < give_up, "nothing came"
        time.sleep(0.02)


def test_a_report_waits_for_the_time_stamp_and_every_export_has_it(
    place: tuple[Answering, Desk], office: StampingOffice, tmp_path: Path
) -> None:
    answering, desk = place
    own_id = desk.find(KEY)
    desk.decide(own_id, "demo")
    desk.sync()
    [waiting], _ = desk.queue.reports()
    assert "asks for a time-stamp by an outside authority" in waiting.why_not
    result = desk.release([own_id], "demo", tmp_path / "out")
    assert result.released == ()
    assert "sync again later" in result.troubles[0][1]

    stamping.configure(answering.hub, office.url, office.certificate)
    until(lambda: stamping.stamp_due(answering.hub).waiting == 0)
    assert desk.sync().troubles == ()

    [waiting], _ = desk.queue.reports()
    assert waiting.why_not == ""
    assert desk.release([own_id], "demo", tmp_path / "out").released == (KEY,)
    written = desk.export_selection([own_id], tmp_path / "archive", ("packets", "decisions"))
    assert written.troubles == ()
    bags = sorted((tmp_path / "archive").rglob("*.zip"))
    assert len(bags) == 2
    for bag, verdict in zip(bags, desk.verify(bags), strict=True):
        with zipfile.ZipFile(bag) as opened:
            ends = [name.rpartition("-1.")[2] for name in opened.namelist() if "/signatures/" in name]
        assert sorted(ends) == ["p7s", "p7s.tst", "receipt.p7s"]
        assert verdict.fact(FactId.TIME).standing is Standing.GOOD
        assert verdict.exit_code({"time", "revocation", "assignment"}) == 0, verdict.headline


def test_a_token_that_is_not_over_what_was_delivered_is_left_out_and_told(
    place: tuple[Answering, Desk], office: StampingOffice
) -> None:
    answering, desk = place
    own_id = desk.find(KEY)
    digest = desk.decide(own_id, "demo").digest
    stamping.configure(answering.hub, office.url, office.certificate)
    desk.sync()
    strange = stamping.ask_authority(office.url, hashlib.sha256(b"something else").digest())
    token = stamping.only_own_certificate(strange, (office.certificate,))
    with pytest.raises(Damaged, match=r"over another signature.* tell the issuer"):
        check_time_stamp(desk.store, TimeStamp(digest, token), trust_list(desk.store))


def test_a_policy_that_asks_for_a_receipt_alone_releases_as_before(tmp_path: Path) -> None:
    policy = load_policy(resources() / "policies" / "default.yaml")
    assert policy.release_needs is Confirmation.RECEIPT
    assert why_unconfirmed(policy, None) == ""
    with pytest.raises(Refused, match="“promise” is not one of"):
        text = (resources() / "policies" / "default.yaml").read_text(encoding="utf-8")
        (tmp_path / "odd.yaml").write_text(text.replace("release_needs: receipt ", "release_needs: promise "))
        load_policy(tmp_path / "odd.yaml")
