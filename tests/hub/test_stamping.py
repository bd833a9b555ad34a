"""Time-stamps by an authority outside, over what was delivered: a real one, run by openssl."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from tests.hub.conftest import Answering
from tests.hub.making import Device, StandingClock
from tests.hub.stamping_office import StampingOffice

from assessor_desk.cli.command_line import run_command
from assessor_desk.domain.changes import DeliveryKind, TimeStamp
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.roles import Role
from assessor_desk.hub import stamping
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.publishing import publish
from assessor_desk.keys.certificates import for_documents, subject
from assessor_desk.packets.receiving import with_receipt
from assessor_desk.places import resources
from assessor_desk.verdict import FactId, Standing, TrustList, Untrusted
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.packet import verify_bytes

KEY = "7F3A-21"


@pytest.fixture(scope="session")
def made_office(tmp_path_factory: pytest.TempPathFactory) -> StampingOffice:
    return StampingOffice.made(tmp_path_factory.mktemp("office") / "one")


@pytest.fixture
def office(made_office: StampingOffice) -> Iterator[StampingOffice]:
    """An authority that answers."""
    made_office.failing, made_office.asked, made_office.answer = 0, 0, None
    with made_office.answering():
        yield made_office


def soon(answer: Callable[[], object]) -> object:
    """What `answer` gives once it gives anything, as the hub's own thread works beside the test."""
    give_up = time.monotonic() + 30
    while not (found := answer()):
        assert time.monotonic() < give_up, "nothing came"
        time.sleep(0.02)
    return found


def stamps_of(device: Device) -> tuple[TimeStamp, ...]:
    return device.changes().time_stamps


def test_what_is_delivered_is_stamped_without_being_signed_again(
    answering: Answering, office: StampingOffice, tmp_path: Path
) -> None:
    stamping.configure(answering.hub, office.url, office.certificate)
    assessor = answering.enrol(Role.ASSESSOR, KEY)
    reviewer = answering.enrol(Role.REVIEWER, KEY)
    packet, digest = assessor.seal(tmp_path / "packets")
    receipt = assessor.deliver(packet, digest)

    soon(lambda: stamps_of(assessor))
    [stamp] = stamps_of(assessor)

    assert stamp.packet == digest
    [told] = reviewer.changes().packets
    assert told.time_stamp == stamp.token
    assert stamps_of(reviewer) == ()
    whole = with_receipt(packet, receipt.signed, stamp.token)
    before, after = parse_archive(packet).files, parse_archive(whole).files
    assert {name: after[name] for name in before} == before
    trust = TrustList.parse(answering.hub.trust()["trust.pem"])
    verdict = verify_bytes(whole, "packet.zip", trust, datetime.now(UTC))
    time_fact = verdict.fact(FactId.TIME)
    assert verdict.exit_code({"time", "revocation", "assignment"}) == 0, verdict.headline
    assert [one.kind for one in _confirmations(whole, digest, trust)] == ["receipt", "stamp"]
    assert time_fact.standing is Standing.GOOD


def _confirmations(packet: bytes, digest: str, trust: TrustList) -> list[object]:
    from assessor_desk.verdict.signers import read_signatures, with_confirmations

    files = parse_archive(packet).files
    [signature] = with_confirmations(read_signatures(files), files, digest, trust)
    assert all(one.at is not None for one in signature.confirmations)
    return list(signature.confirmations)


@pytest.mark.parametrize("rsa_key", [False, True])
def test_openssl_checks_the_token_with_nothing_but_the_trust_list(
    answering: Answering, tmp_path: Path, rsa_key: bool
) -> None:
    """`-partial_chain`: the trust list names the authority's certificate itself, and nobody above it."""
    made = StampingOffice.made(tmp_path / "own", rsa_key)
    with made.answering() as office:
        stamping.configure(answering.hub, office.url, office.certificate)
        assessor = answering.enrol(Role.ASSESSOR, KEY)
        packet, digest = assessor.seal(tmp_path / "packets")
        assessor.deliver(packet, digest)
        soon(lambda: stamps_of(assessor))
    (tmp_path / "signature").write_bytes(parse_archive(packet).files["signatures/assessor-1.p7s"])
    (tmp_path / "token").write_bytes(stamps_of(assessor)[0].token)
    (tmp_path / "trust.pem").write_bytes(answering.hub.trust()["trust.pem"])
    line = "ts -verify -data signature -in token -token_in -CAfile trust.pem -partial_chain"

    done = subprocess.run(["openssl", *line.split()], cwd=tmp_path, capture_output=True, text=True)

    assert "Verification: OK" in done.stdout + done.stderr


def _waiting(hub: Hub) -> list[sa.Row[tuple[object, ...]]]:
    with hub.database.reading() as view:
        return list(view.execute(sa.select(t.stamps).where(t.stamps.c.token.is_(None))).all())


def test_an_authority_that_is_down_is_asked_again_later_and_later(
    answering: Answering, office: StampingOffice, clock: StandingClock, tmp_path: Path
) -> None:
    hub = answering.hub
    stamping.configure(hub, office.url, office.certificate)
    assessor = answering.enrol(Role.ASSESSOR, KEY)
    office.failing = 503
    assessor.deliver(*assessor.seal(tmp_path / "packets"))
    soon(lambda: _waiting(hub)[0].attempts == 1)
    clock.now = _waiting(hub)[0].next_at + timedelta(seconds=1)

    waits = []
    for _ in range(12):
        asked = clock.now
        result = stamping.stamp_due(hub)
        assert (result.done, result.waiting) == (0, 1)
        assert "gave no token" in result.troubles[0]
        assert stamping.stamp_due(hub).troubles == (), "not before its time"
        waits.append((_waiting(hub)[0].next_at - asked) / timedelta(minutes=1))
        clock.now = _waiting(hub)[0].next_at

    assert waits[:4] == [2, 4, 8, 16]
    assert waits[-1] == 360
    assert "gave no token" in stamping.last_trouble(hub)
    office.failing = 0
    assert stamping.stamp_due(hub).done == 1
    assert (stamping.waiting(hub), stamping.last_trouble(hub)) == (0, "")


def test_a_token_that_does_not_hold_is_never_handed_on(
    answering: Answering, office: StampingOffice, tmp_path: Path
) -> None:
    hub = answering.hub
    stamping.configure(hub, office.url, office.certificate)
    other = StampingOffice.made(tmp_path / "other")
    assessor = answering.enrol(Role.ASSESSOR, KEY)
    office.failing = 503
    assessor.deliver(*assessor.seal(tmp_path / "packets"))
    soon(lambda: _waiting(hub)[0].attempts == 1)
    office.failing = 0
    for answer in (lambda query: other.reply(query), lambda _: b"0\x03\x02\x01\x05", lambda _: b""):
        office.reply = answer  # type: ignore[method-assign]
        try:
            result = stamping.stamp_due(hub, at_once=True)
        finally:
            del office.reply
        assert (result.done, result.waiting, len(result.troubles)) == (0, 1, 1)
    assert stamps_of(assessor) == ()
    assert stamping.stamp_due(hub, at_once=True).done == 1


def test_what_was_delivered_before_is_stamped_once_an_authority_is_there(
    answering: Answering, office: StampingOffice, tmp_path: Path
) -> None:
    assessor = answering.enrol(Role.ASSESSOR, KEY)
    assessor.deliver(*assessor.seal(tmp_path / "packets"))
    assert _waiting(answering.hub) == []

    stamping.configure(answering.hub, office.url, office.certificate)
    assert stamping.stamp_due(answering.hub).done == 1
    asked = office.asked
    stamping.stamp_due(answering.hub, at_once=True)

    assert office.asked == asked, "once is enough"
    assert len(stamps_of(assessor)) == 1


def test_an_authority_is_tried_and_its_certificate_looked_at_before_it_counts(
    hub: Hub, office: StampingOffice, tmp_path: Path
) -> None:
    other = StampingOffice.made(tmp_path / "other")
    root = x509.load_pem_x509_certificate((other.folder / "root.pem").read_bytes())
    for address, certificate, words in (
        ("ftp://tsa.example.org", office.certificate, "no address"),
        (office.url, root, "not one for time-stamps alone"),
        (office.url, other.certificate, "Is the certificate the one"),
    ):
        with pytest.raises(Refused, match=words):
            stamping.configure(hub, address, certificate)
    office.failing = 500
    with pytest.raises(Unavailable, match="gave no token"):
        stamping.configure(hub, office.url, office.certificate)
    assert stamping.configured(hub) is None
    assert TrustList.parse(hub.trust()["trust.pem"]).stamping == ()


def test_who_certified_the_authority_can_certify_nobody_else(hub: Hub, office: StampingOffice) -> None:
    """A public root in the trust list would let anybody who buys a certificate there pass for an assessor."""
    stamping.configure(hub, office.url, office.certificate)
    trust = TrustList.parse(hub.trust()["trust.pem"])
    assert trust.stamping == (office.certificate,)
    root = x509.load_pem_x509_certificate((office.folder / "root.pem").read_bytes())
    root_key = load_pem_private_key((office.folder / "root.key").read_bytes(), None)
    name = subject(hub.title, "P-1001", ["assessor"])
    now, key = datetime.now(UTC), ec.generate_private_key(ec.SECP256R1())
    assert isinstance(root_key, ec.EllipticCurvePrivateKey)
    builder = (
        x509.CertificateBuilder(root.subject, name, key.public_key(), 7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    bought = for_documents(builder, "urn:uuid:0").sign(root_key, hashes.SHA256())

    for certificate in (bought, office.certificate):
        with pytest.raises(Untrusted, match="nobody on the trust list"):
            trust.check_chain(certificate, now)


def test_no_report_is_released_before_the_time_stamp_that_the_policy_asks_for(
    answering: Answering, office: StampingOffice, tmp_path: Path
) -> None:
    hub = answering.hub
    text = (resources() / "policies" / "default.yaml").read_text(encoding="utf-8")
    timed = text.replace("release_needs: receipt ", "release_needs: time_stamp ").replace(
        "id: default", "id: timed"
    )
    (tmp_path / "timed.yaml").write_text(timed, encoding="utf-8")
    publish(hub, tmp_path / "timed.yaml")
    assessor, reviewer = answering.enrol(Role.ASSESSOR), answering.enrol(Role.REVIEWER)
    for device in (assessor, reviewer):
        assign(hub, KEY, device.person, policy_id="timed")
    assessor.deliver(*assessor.seal(tmp_path / "packets"))
    decision, digest = reviewer.decide()
    reviewer.deliver(decision, digest, DeliveryKind.DECISION)

    with pytest.raises(Refused, match=r"asks for a time-stamp .* hub stamp --authority"):
        reviewer.source.release(digest, None, 0)
    office.failing = 0
    stamping.configure(hub, office.url, office.certificate)
    with pytest.raises(Refused, match="release later"):
        reviewer.source.release(digest, None, 0)
    assert stamping.stamp_due(hub, at_once=True).done == 2
    assert reviewer.source.release(digest, None, 0)


def test_the_command_configures_asks_and_stops(
    answering: Answering, office: StampingOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assessor = answering.enrol(Role.ASSESSOR, KEY)
    assessor.deliver(*assessor.seal(tmp_path / "packets"))
    stamp = ["hub", "--at", str(answering.hub.folder), "stamp"]
    certificate = str(office.folder / "office.pem")
    assert run_command([*stamp, "--authority", office.url]) == 1
    assert "both --authority and --certificate" in capsys.readouterr().err
    assert run_command([*stamp, "--authority", office.url, "--certificate", certificate]) == 0
    assert f"{office.url} is asked; 1 wait" in capsys.readouterr().out
    office.failing = 503
    assert run_command([*stamp, "--now"]) == 3
    assert "gave no token" in capsys.readouterr().err
    office.failing = 0
    assert run_command([*stamp, "--now", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["stamped"], told["waiting"], told["last_trouble"]) == (1, 0, "")
    assert run_command([*stamp, "--stop"]) == 0
    assert "No time-stamping authority is asked" in capsys.readouterr().out
    assert len(stamps_of(assessor)) == 1
