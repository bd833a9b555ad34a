"""The issuer's authority: certificates in the measured profile, revocation lists that cover every day."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from filelock import FileLock
from tests.packets.building import NOW, PERSON, PROGRAMME

from assessor_desk.domain.errors import Damaged, Refused, Unavailable
from assessor_desk.keys import authority as authority_module
from assessor_desk.keys import private_files
from assessor_desk.keys.authority import RENEWED_AHEAD, Authority
from assessor_desk.keys.certificates import DOCUMENT_SIGNING
from assessor_desk.keys.cms import is_over, sign_detached
from assessor_desk.keys.signing import SigningKey, common_name, read_certificates, read_crls, roles
from assessor_desk.verdict import TrustList, verify_detached


class Clock:
    """Tells the time that it was set to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authority(tmp_path: Path, clock: Clock) -> Authority:
    return Authority.create(tmp_path / "authority", PROGRAMME, clock=clock)


def issued(authority: Authority, number: str = PERSON, role: str = "assessor") -> x509.Certificate:
    """A certificate for a new key."""
    return read_certificates(authority.issue(SigningKey.generate().csr("somebody"), number, role))[0]


def test_a_certificate_names_the_number_and_roles_and_nothing_else(authority: Authority) -> None:
    certificate = issued(authority)

    assert certificate.subject.rfc4514_string() == f"CN={PERSON},OU=assessor,O={PROGRAMME}"
    assert roles(
        read_certificates(authority.issue(SigningKey.generate().csr("x"), PERSON, ("coach", "reviewer")))[0]
    ) == (
        "coach",
        "reviewer",
    )


def test_a_certificate_has_the_profile_that_other_tools_need(authority: Authority) -> None:
    certificate = issued(authority)
    extensions = certificate.extensions

    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert (usage.value.digital_signature, usage.value.content_commitment) == (True, True)
    assert not usage.value.key_cert_sign
    purposes = list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    assert purposes == [DOCUMENT_SIGNING, x509.ExtendedKeyUsageOID.EMAIL_PROTECTION]
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    [urn] = names.get_values_for_type(x509.UniformResourceIdentifier)
    assert urn.startswith("urn:uuid:")
    assert extensions.get_extension_for_class(x509.CRLDistributionPoints)
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert certificate.not_valid_after_utc - NOW == timedelta(days=730)


def test_a_person_keeps_the_same_urn_on_every_certificate(authority: Authority) -> None:
    def urn(certificate: x509.Certificate) -> list[str]:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return names.get_values_for_type(x509.UniformResourceIdentifier)

    assert urn(issued(authority)) == urn(issued(authority))
    assert urn(issued(authority)) != urn(issued(authority, "A-2000"))


def test_the_authorities_are_bound_to_their_places(authority: Authority) -> None:
    for certificate, length in ((authority.root, 1), (authority.issuing, 0)):
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (
            True,
            True,
            length,
        )
    assert authority.issuing.issuer == authority.root.subject


def test_an_address_for_revocation_lists_is_put_into_certificates(tmp_path: Path, clock: Clock) -> None:
    address = "https://hub.example/v1/trust/issuing.crl"
    authority = Authority.create(tmp_path / "authority", PROGRAMME, crl_url=address, clock=clock)

    [point] = issued(authority).extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name is not None
    assert point.full_name[0].value == address


def test_openssl_verifies_the_chain_and_the_signature_beside_the_trust_list(
    authority: Authority, tmp_path: Path
) -> None:
    assert shutil.which("openssl"), "These tests need openssl"
    authority.write_trust(tmp_path / "trust.pem")
    line = (
        f"cms -verify -cades -binary -inform DER -in trust.pem.p7s -content trust.pem -CAfile trust.pem"
        f" -crl_check_all -attime {int(NOW.timestamp())} -out /dev/null"
    )

    done = subprocess.run(["openssl", *line.split()], cwd=tmp_path, capture_output=True, text=True)

    assert "CAdES Verification successful" in done.stderr


def test_the_trust_list_and_its_signature_are_always_read_as_a_pair(
    authority: Authority, tmp_path: Path
) -> None:
    path = tmp_path / "trust.pem"
    authority.write_trust(path)
    with ThreadPoolExecutor(2) as sides:
        writing = [sides.submit(authority.write_trust, path) for _ in range(8)]
        pairs = {authority.read_trust(path) for _ in iter(lambda: all(one.done() for one in writing), True)}
        for one in writing:
            one.result()

    assert pairs
    assert all(is_over(signature, trust) for trust, signature in pairs)


def test_a_full_disk_leaves_the_pair_that_was_there(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trust.pem"
    authority.write_trust(path)
    before = (path.read_bytes(), path.with_name("trust.pem.p7s").read_bytes())
    begun: list[Path] = []
    really = private_files._write_unfinished

    def full_after_one(target: Path, pieces: Iterable[bytes], mode: int) -> Path:
        if target.name.startswith("trust.pem") and begun:
            raise Unavailable("The disk is full")
        begun.extend([target] if target.name.startswith("trust.pem") else [])
        return really(target, pieces, mode)

    with monkeypatch.context() as faulty, pytest.raises(Unavailable):
        faulty.setattr(private_files, "_write_unfinished", full_after_one)
        authority.write_trust(path)

    assert (path.read_bytes(), path.with_name("trust.pem.p7s").read_bytes()) == before
    assert sorted(one.name for one in tmp_path.glob("trust*")) == ["trust.pem", "trust.pem.p7s"]


def test_a_pair_that_a_crash_has_parted_is_made_whole_when_it_is_read(
    authority: Authority, tmp_path: Path
) -> None:
    path = tmp_path / "trust.pem"
    authority.write_trust(path)
    old = path.with_name("trust.pem.p7s").read_bytes()
    authority.write_trust(path)
    path.with_name("trust.pem.p7s").write_bytes(old)
    assert not is_over(old, path.read_bytes())

    trust, signature = authority.read_trust(path)

    assert is_over(signature, trust)
    assert (path.read_bytes(), path.with_name("trust.pem.p7s").read_bytes()) == (trust, signature)


def test_a_missing_signature_is_made_when_the_pair_is_read(authority: Authority, tmp_path: Path) -> None:
    authority.write_trust(tmp_path / "trust.pem")
    (tmp_path / "trust.pem.p7s").unlink()
    trust, signature = authority.read_trust(tmp_path / "trust.pem")
    assert is_over(signature, trust)


def test_a_process_that_has_read_the_trust_list_can_still_sign(authority: Authority, tmp_path: Path) -> None:
    authority.write_trust(tmp_path / "trust.pem")
    script = (
        "import sys; from pathlib import Path\n"
        "from assessor_desk.keys.authority import Authority\n"
        "from assessor_desk.keys.cms import is_over, sign_detached\n"
        "authority = Authority.open(Path(sys.argv[1])); authority.read_trust(Path(sys.argv[2]))\n"
        "signer = authority.hub_signer()\n"
        "print(is_over(sign_detached(b'x', signer.key, signer.certificate, authority.clock()), b'x'))\n"
    )
    arguments = [str(authority.folder), str(tmp_path / "trust.pem")]
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("True\n", "")


@pytest.mark.parametrize("signature", [b"", b"no signature", b"\x30\x03\x02\x01\x05"])
def test_bytes_that_are_no_signature_are_over_nothing(signature: bytes) -> None:
    assert not is_over(signature, b"")


def test_the_trust_lists_signature_is_the_issuers(authority: Authority, tmp_path: Path) -> None:
    path = tmp_path / "published" / "trust.pem"
    authority.write_trust(path)
    trust = TrustList.load(path)

    signed = verify_detached(path.read_bytes(), path.with_name("trust.pem.p7s").read_bytes(), trust, NOW)

    assert roles(signed.certificate) == ("issuer",)
    assert trust.title == PROGRAMME
    assert trust.dated == NOW


def test_hub_and_issuer_keep_their_keys(authority: Authority, clock: Clock) -> None:
    again = Authority.open(authority.folder, clock=clock)

    assert again.hub_signer().certificate == authority.hub_signer().certificate
    assert roles(again.hub_signer().certificate) == ("hub",)
    assert again.hub_signer().key.pkcs8() != again.issuer_signer().key.pkcs8()


def test_a_revoked_certificate_is_in_the_next_list_with_its_reason(
    authority: Authority, clock: Clock
) -> None:
    certificate = issued(authority)
    clock.now += timedelta(hours=2)

    authority.revoke(certificate.serial_number, "keyCompromise")
    clock.now += timedelta(hours=2)
    authority.revoke(certificate.serial_number, "unspecified")

    revocation = TrustList.parse(authority.trust_list()).revoked(certificate)
    assert revocation is not None
    assert (revocation.at, revocation.reason) == (NOW + timedelta(hours=2), "keyCompromise")


def test_a_reason_that_x509_does_not_know_is_refused(authority: Authority) -> None:
    with pytest.raises(Refused, match="“left” is no reason"):
        authority.revoke(1, "left")


def test_the_roots_list_holds_for_the_roots_whole_life(authority: Authority) -> None:
    first = read_crls(authority.trust_list())[0]

    assert first.issuer == authority.root.subject
    assert first.next_update_utc == authority.root.not_valid_after_utc


def test_lists_of_each_day_are_kept_without_growing_by_each_request(
    authority: Authority, clock: Clock
) -> None:
    for _ in range(5):
        for _ in range(4):
            authority.crl()
            clock.now += timedelta(hours=1)
        clock.now += timedelta(days=1)

    kept = read_crls((authority.folder / "issuing.crls.pem").read_bytes())

    days = [crl.last_update_utc.date() for crl in kept]
    assert len(set(days)) == 6
    assert len(kept) <= 7
    numbers = [crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number for crl in kept]
    assert numbers == sorted(set(numbers))


def test_an_authority_is_made_once(authority: Authority) -> None:
    with pytest.raises(Refused, match="already holds"):
        Authority.create(authority.folder, PROGRAMME)


def test_a_folder_without_an_authority_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="holds no certificate authority"):
        Authority.open(tmp_path)


def test_an_authority_whose_record_is_damaged_says_so(authority: Authority) -> None:
    (authority.folder / "authority.json").write_text("{")

    with pytest.raises(Damaged, match="restore it"):
        Authority.open(authority.folder)


def test_with_a_passphrase_no_key_lies_in_plain(tmp_path: Path, clock: Clock) -> None:
    authority = Authority.create(tmp_path / "authority", PROGRAMME, "a passphrase", clock=clock)
    authority.hub_signer()

    assert list(authority.folder.glob("*.key")) == []
    with pytest.raises(Refused, match="give its passphrase"):
        Authority.open(authority.folder)
    with pytest.raises(Refused):
        Authority.open(authority.folder, "another passphrase")
    assert issued(Authority.open(authority.folder, "a passphrase", clock=clock))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_without_a_passphrase_only_this_user_can_read_the_keys(authority: Authority) -> None:
    authority.hub_signer()

    keys = list(authority.folder.glob("*.key"))
    assert len(keys) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}


def test_a_leaf_does_not_outlive_its_authority(authority: Authority, clock: Clock) -> None:
    clock.now += timedelta(days=3500)

    assert issued(authority).not_valid_after_utc == authority.issuing.not_valid_after_utc


@pytest.mark.parametrize(
    ("title", "organisation", "issuer"),
    [
        ("Chương trình Ven Hồ", "Chương trình Ven Hồ", "Chương trình Ven Hồ Issuing CA"),
        ("برنامج البحيرة", "برنامج البحيرة", "Issuing CA"),
        ("برنامج البحيرة – Lakeside", "Programme", "Issuing CA"),
        ("A very long name of a programme " * 3, "A very long name of a programme " * 2, None),
    ],
)
def test_a_title_in_any_script_makes_an_authority(
    title: str, organisation: str, issuer: str | None, tmp_path: Path, clock: Clock
) -> None:
    """RFC 4518 knows no comparison of names that run in both directions; a chain through them cannot be built."""
    authority = Authority.create(tmp_path / "authority", title, clock=clock)
    trust = TrustList.parse(authority.trust_list())

    trust.check_chain(issued(authority), NOW)

    assert trust.title == organisation
    assert issuer is None or common_name(authority.issuing) == issuer


# -- the root's key elsewhere ------------------------------------------------------------------------------


def test_the_roots_key_leaves_the_folder_and_everything_goes_on_without_it(
    authority: Authority, clock: Clock, tmp_path: Path
) -> None:
    out = tmp_path / "stick" / "root-key.json"
    authority.export_root(out, "the root's own")

    assert not authority.root_key_is_here
    assert [path.name for path in authority.folder.iterdir() if path.name.startswith("root.key")] == []
    clock.now += timedelta(days=400)
    again = Authority.open(authority.folder, clock=clock)
    certificate = issued(again)
    again.revoke(certificate.serial_number, "keyCompromise")
    again.write_trust(tmp_path / "trust.pem")
    trust = TrustList.load(tmp_path / "trust.pem")
    trust.check_chain(certificate, clock.now)
    assert trust.revoked(certificate) is not None
    assert again.is_root_key(out, "the root's own")
    assert not Authority.create(tmp_path / "other", PROGRAMME).is_root_key(out, "the root's own")


def test_an_exported_root_key_opens_by_its_own_passphrase_alone(authority: Authority, tmp_path: Path) -> None:
    out = tmp_path / "root-key.json"
    authority.export_root(out, "the root's own")

    with pytest.raises(Refused, match="passphrase is not right"):
        authority.is_root_key(out, "another")
    with pytest.raises(Refused, match="exported before"):
        authority.export_root(tmp_path / "twice.json", "the root's own")


def test_a_root_key_that_cannot_be_exported_stays(authority: Authority, tmp_path: Path) -> None:
    taken = tmp_path / "root-key.json"
    taken.write_text("something else")
    for path, passphrase, words in (
        (taken, "secret", "there already"),
        (authority.folder / "kept.json", "secret", "leave this folder"),
        (tmp_path / "new.json", "", "cannot be empty"),
    ):
        with pytest.raises(Refused, match=words):
            authority.export_root(path, passphrase)
    assert authority.root_key_is_here
    assert taken.read_text() == "something else"


def test_another_issuing_authority_is_made_with_the_exported_root_and_the_first_still_counts(
    authority: Authority, clock: Clock, tmp_path: Path
) -> None:
    out = tmp_path / "root-key.json"
    authority.export_root(out, "the root's own")
    old = issued(authority)
    clock.now = authority.issuing.not_valid_after_utc - timedelta(days=600)
    late = issued(authority)
    assert late.not_valid_after_utc == authority.issuing.not_valid_after_utc

    renewed = authority.renew_issuing(out, "the root's own")

    fresh = issued(renewed)
    assert fresh.not_valid_after_utc - clock.now == timedelta(days=730)
    renewed.revoke(late.serial_number, "superseded")
    for writer in (renewed, authority):  # a hub that still runs with the first does not lose the second
        writer.write_trust(tmp_path / "trust.pem")
        trust = TrustList.load(tmp_path / "trust.pem")
        assert len(trust.issuing) == 2
        for certificate, at in ((old, NOW), (late, clock.now), (fresh, clock.now)):
            trust.check_chain(certificate, at)
            known = trust.known(certificate)
            assert known is not None
            assert (known[0], trust.revoked(certificate) is None) == (clock.now, certificate != late)
    other = Authority.create(tmp_path / "other", PROGRAMME, clock=clock)
    with pytest.raises(Refused, match="another authority"):
        other.renew_issuing(out, "the root's own")


# -- renewal and the archive -------------------------------------------------------------------------------


def test_the_hubs_own_certificates_are_renewed_before_they_end_and_old_signatures_count(
    authority: Authority, clock: Clock, tmp_path: Path
) -> None:
    first = authority.issuer_signer()
    old = sign_detached(b"published", first.key, first.certificate, clock.now)
    clock.now = first.certificate.not_valid_after_utc - RENEWED_AHEAD + timedelta(days=1)

    renewed = authority.issuer_signer()

    assert renewed.certificate.not_valid_after_utc - clock.now == timedelta(days=730)
    assert authority.issuer_signer().certificate == renewed.certificate
    assert roles(renewed.certificate) == ("issuer",)
    clock.now += timedelta(days=200)
    trust = TrustList.parse(authority.trust_list())
    assert verify_detached(b"published", old, trust, clock.now).certificate == first.certificate


def test_near_the_authoritys_own_end_no_certificate_is_made_over_and_over(
    authority: Authority, clock: Clock
) -> None:
    clock.now = authority.issuing.not_valid_after_utc - timedelta(days=20)
    assert authority.hub_signer().certificate == authority.hub_signer().certificate


def test_after_years_the_archive_is_small_and_a_list_held_on_every_day(
    authority: Authority, clock: Clock
) -> None:
    revoked_on = []
    for day in range(150):
        if day in (37, 38, 91):
            authority.revoke(1000 + day, "superseded")
            revoked_on.append(clock.now)
        authority.crl()
        clock.now += timedelta(days=1)

    kept = read_crls((authority.folder / "issuing.crls.pem").read_bytes())

    assert len(kept) < 45
    assert all(
        any(crl.last_update_utc <= at and at < (crl.next_update_utc or at) for crl in kept)
        for at in (NOW + timedelta(days=day) for day in range(150))
    )
    for number, at in enumerate(revoked_on, start=1):
        held = [crl for crl in kept if crl.last_update_utc <= at + timedelta(hours=1)]
        assert len(held[-1]) == number, "whoever looks from that day on finds the revocation"


@pytest.mark.parametrize("over", ["authority", "trust"])
def test_an_authority_at_which_somebody_else_is_for_long_is_told_and_later_is_free(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, over: str
) -> None:
    monkeypatch.setattr(authority_module, "PATIENCE", 0.2)
    with (
        FileLock(authority.folder / f"{over}.lock"),
        pytest.raises(Unavailable, match="for longer than is waited for"),
    ):
        authority.write_trust(tmp_path / "trust.pem")
    authority.write_trust(tmp_path / "trust.pem")
