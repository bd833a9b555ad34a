"""An issuing authority is renewed while the hub serves, and revoked: what it signed before, and what it may after."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.hub.making import StandingClock, enrol, import_quickly

from assessor_desk.cli.command_line import run_command
from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.authorities import revoke_issuing
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import add_person, enrol_device, new_code
from assessor_desk.hub.serve import Server
from assessor_desk.keys.signing import SigningKey, read_certificates
from assessor_desk.packets.receiving import with_receipt
from assessor_desk.verdict import FactId, Standing, TrustList, Verdict, verify_detached
from assessor_desk.verdict.packet import verify_bytes

WORDS = "kept in the safe"


@pytest.fixture
def stick(hub: Hub, tmp_path: Path) -> Path:
    """The root's exported key."""
    path = tmp_path / "root.json"
    hub.authority.export_root(path, WORDS)
    return path


def certified(hub: Hub, name: str = "Lan") -> bytes:
    number = add_person(hub, name, [Role.ASSESSOR])
    request = SigningKey.generate().csr("x").decode()
    return enrol_device(hub, new_code(hub, number), request, "", "192.0.2.7").certificate.encode()


def test_a_hub_that_serves_issues_by_a_renewed_authority_without_being_started_again(
    hub: Hub, stick: Path
) -> None:
    serving = Hub.open(hub.folder, clock=hub.clock)
    first = read_certificates(certified(serving))[0]

    renewed = hub.authority.renew_issuing(stick, WORDS).issuing

    second = read_certificates(certified(serving, "Minh"))[0]
    second.verify_directly_issued_by(renewed)
    trust = TrustList.parse(serving.authority.trust_list())
    for one in (first, second):
        trust.check_chain(one, hub.clock())
    assert serving.authority.chain(certified(serving, "Ana")).startswith(serving.authority.chain()[:100])
    assert read_certificates(serving.authority.chain(pem_of(first)))[0] != renewed
    serving.close()


def pem_of(certificate: object) -> bytes:
    from assessor_desk.keys.certificates import pem

    return pem(certificate)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reason", "stays"), [("cessationOfOperation", True), ("superseded", True), ("keyCompromise", False)]
)
def test_what_was_received_before_stays_good_unless_anybody_could_have_written_the_receipt(
    hub: Hub, clock: StandingClock, stick: Path, incoming: Path, tmp_path: Path, reason: str, stays: bool
) -> None:
    import_quickly(hub, incoming)
    with Server(hub.folder) as server:
        device = enrol(hub, server.url, Role.ASSESSOR, "7F3A-21")
        content, digest = device.seal(tmp_path)
        receipt = device.deliver(content, digest, DeliveryKind.PACKET)
        device.source.close()
    received = with_receipt(content, receipt.signed)
    clock.move(hours=1)

    done = revoke_issuing(hub, stick, WORDS, reason)

    clock.move(days=400)
    trust = TrustList.parse(hub.authority.trust_list())
    judged = verify_bytes(received, "received", trust, clock())
    assert (judged.exit_code() == 0) is stays
    assert done.takes_receipts is not stays
    assert "which issued the certificate, was revoked on" in judged.fact(FactId.REVOCATION).sentence
    if stays:
        assert "after this was received by" in judged.fact(FactId.REVOCATION).sentence
        assert judged.fact(FactId.ASSIGNMENT).standing is Standing.GOOD
    else:
        assert "receipt proves nothing" in judged.fact(FactId.REVOCATION).detail
    assert unreceipted(content, trust, clock).exit_code() == 4


def unreceipted(content: bytes, trust: TrustList, clock: StandingClock) -> Verdict:
    return verify_bytes(content, "sealed", trust, clock())


def test_after_it_the_hub_signs_and_issues_by_another_and_what_was_published_is_signed_again(
    hub: Hub, clock: StandingClock, stick: Path, incoming: Path
) -> None:
    import_quickly(hub, incoming)
    with Server(hub.folder) as server:
        enrol(hub, server.url, Role.ASSESSOR, "7F3A-21").source.close()
    gone = hub.authority.issuing
    before = TrustList.parse(hub.trust()["trust.pem"])
    clock.move(hours=1)

    done = revoke_issuing(hub, stick, WORDS, "keyCompromise")

    clock.move(minutes=1)
    trust = TrustList.parse(hub.trust()["trust.pem"])
    assert hub.authority.issuing != gone
    assert "P-1001" in done.people
    with hub.database.reading() as view:
        documents = view.execute(sa.select(t.documents)).all()
        assignments = view.execute(sa.select(t.assignments)).all()
    assert done.signed_again == len(documents) + len(assignments) > 2
    for content, signature in (
        *((row.canonical, row.signature) for row in documents),
        *((row.document, row.signature) for row in assignments),
    ):
        assert trust.revoked(verify_detached(content, signature, trust, clock()).certificate) is None
    assert trust.revoked(hub.authority.hub_signer().certificate) is None
    assert hub.authority.hub_signer().certificate.issuer == hub.authority.issuing.subject
    # A desk that was away takes the list: the root vouches for who signed it.
    from assessor_desk.sync.vouching import check_trust

    check_trust(hub.trust()["trust.pem"], hub.trust()["trust.pem.p7s"], before, clock())
    again = revoke_issuing(hub, stick, WORDS, "keyCompromise", 1)
    assert len(TrustList.parse(hub.authority.trust_list()).issuing) == 2, "revoked twice, replaced once"
    assert again.title == done.title


def test_interrupted_at_any_step_it_is_finished_by_doing_it_again(
    hub: Hub, clock: StandingClock, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assessor_desk.hub import authorities
    from assessor_desk.keys.authority import Authority

    first = hub.authority.issuing
    certified(hub)
    clock.move(hours=1)
    for owner, step in ((Authority, "_make_issuing"), (authorities, "append")):
        with monkeypatch.context() as broken:
            broken.setattr(owner, step, lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                revoke_issuing(hub, stick, WORDS, "superseded")

    done = revoke_issuing(hub, stick, WORDS, "superseded")

    every = hub.authority.issuing_authorities()
    assert [(one, at is None) for one, at in every] == [(first, False), (hub.authority.issuing, True)]
    assert done.people == ("P-1001",)
    certified(hub, "Minh")
    assert len(TrustList.parse(hub.trust()["trust.pem"]).issuing) == 2


def test_whoever_has_a_revoked_authoritys_key_puts_no_older_list_in_place(
    hub: Hub, clock: StandingClock, stick: Path, tmp_path: Path
) -> None:
    import shutil

    from assessor_desk.domain.errors import Damaged
    from assessor_desk.keys.authority import Authority
    from assessor_desk.sync.vouching import check_trust

    shutil.copytree(hub.authority.folder, tmp_path / "thief")
    clock.move(hours=1)
    revoke_issuing(hub, stick, WORDS, "keyCompromise")
    here = TrustList.parse(hub.trust()["trust.pem"])
    clock.move(hours=1)
    thief = Authority.open(tmp_path / "thief", clock=clock)
    thief.write_trust(tmp_path / "trust.pem")

    with pytest.raises(Damaged, match="was revoked"):
        check_trust(
            (tmp_path / "trust.pem").read_bytes(), (tmp_path / "trust.pem.p7s").read_bytes(), here, clock()
        )


def test_it_is_done_by_command_with_the_roots_key_and_a_reason(
    hub: Hub, stick: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certified(hub)
    words = tmp_path / "words"
    words.write_text(WORDS)
    at = ["hub", "--at", str(hub.folder), "ca"]
    revoke = [*at, "revoke-issuing", str(stick), "--root-passphrase-file", str(words)]

    assert run_command([*revoke, "--reason", "because"]) == 1
    assert "no reason for revoking" in capsys.readouterr().err
    assert run_command([*revoke, "--reason", "superseded", "--authority", "7"]) == 1
    assert "no issuing authority 7" in capsys.readouterr().err
    assert run_command([*revoke, "--reason", "superseded"]) == 0
    told = capsys.readouterr().out
    assert "stay good" in told
    assert "Give a new code (hub enrol) to P-1001" in told
    assert run_command([*at, "show", "--json"]) == 0
    issuing = json.loads(capsys.readouterr().out)["issuing"]
    assert [one["revoked_at"] is None for one in issuing] == [False, True]


def test_another_programmes_root_key_revokes_nothing(hub: Hub, tmp_path: Path) -> None:
    stranger = Hub.create(tmp_path / "stranger", "Another", "Another Programme")
    stranger.authority.export_root(tmp_path / "other.json", WORDS)
    stranger.close()

    with pytest.raises(Refused, match="another authority"):
        revoke_issuing(hub, tmp_path / "other.json", WORDS, "superseded")
    assert hub.authority.issuing_authorities()[0][1] is None
