"""A signing key stays on the desk, wrapped by the passphrase, and goes with a certificate that names nobody."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.packets.building import PERSON, Laboratory

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.keys.signing import (
    CERTIFICATE_FILE,
    KEY_FILE,
    Signer,
    SigningKey,
    load_identity,
    read_request,
    save_identity,
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """An authority."""
    return Laboratory(tmp_path_factory.mktemp("lab"))


def keep(signer: Signer, folder: Path, lab: Laboratory, passphrase: str = "a passphrase") -> None:
    """What a desk keeps after enrolling."""
    signer.key.save(folder, passphrase)
    save_identity(folder, signer.certificate.public_bytes(Encoding.PEM), lab.authority.chain())


def test_a_kept_signer_comes_back_by_its_passphrase(lab: Laboratory, tmp_path: Path) -> None:
    keep(lab.signer, tmp_path, lab)

    again = Signer.open(tmp_path, "a passphrase")

    assert again.key.pkcs8() == lab.signer.key.pkcs8()
    assert again.number == PERSON
    assert [one.issuer for one in again.chain] == [lab.authority.root.subject] * 2


def test_a_wrong_passphrase_is_refused(lab: Laboratory, tmp_path: Path) -> None:
    keep(lab.signer, tmp_path, lab)

    with pytest.raises(Refused, match="passphrase"):
        Signer.open(tmp_path, "another passphrase")


def test_the_key_is_nowhere_in_the_file_in_plain(lab: Laboratory, tmp_path: Path) -> None:
    keep(lab.signer, tmp_path, lab)
    secret = lab.signer.key.private.private_numbers().private_value.to_bytes(32, "big")

    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert secret not in kept
    assert secret.hex().encode() not in kept


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_only_this_user_can_read_the_files(lab: Laboratory, tmp_path: Path) -> None:
    keep(lab.signer, tmp_path, lab)

    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_certificate_and_chain_can_be_read_without_a_passphrase(lab: Laboratory, tmp_path: Path) -> None:
    keep(lab.signer, tmp_path, lab)

    certificate, chain = load_identity(tmp_path)

    assert certificate == lab.signer.certificate
    assert chain == (lab.authority.issuing, lab.authority.root)


def test_a_desk_without_a_key_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="connect to a source"):
        SigningKey.open(tmp_path, "a passphrase")
    with pytest.raises(Refused, match="connect to a source"):
        load_identity(tmp_path)


def test_a_key_file_that_is_no_json_is_damaged(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_bytes(b"{")

    with pytest.raises(Damaged, match=KEY_FILE):
        SigningKey.open(tmp_path, "a passphrase")


def test_a_certificate_for_another_key_is_refused(lab: Laboratory, tmp_path: Path) -> None:
    keep(lab.signer, tmp_path, lab)
    (tmp_path / CERTIFICATE_FILE).write_bytes(lab.enrolled(PERSON).certificate.public_bytes(Encoding.PEM))

    with pytest.raises(Refused, match="another signing key"):
        Signer.open(tmp_path, "a passphrase")


def test_what_is_no_certificate_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no certificate"):
        save_identity(tmp_path, b"words", b"words")

    assert list(tmp_path.iterdir()) == []


def test_another_kind_of_key_is_damaged() -> None:
    other = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )

    for content in (other, b"no key"):
        with pytest.raises(Damaged, match="enrol again"):
            SigningKey.from_pkcs8(content)


def test_a_request_names_only_the_number() -> None:
    request = x509.load_pem_x509_csr(SigningKey.generate().csr(PERSON))

    assert request.subject.rfc4514_string() == f"CN={PERSON}"
    assert list(request.extensions) == []


def test_a_request_for_another_kind_of_key_is_refused() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())

    with pytest.raises(Refused, match="P-256"):
        read_request(request.public_bytes(Encoding.PEM))
    with pytest.raises(Refused, match="cannot be read"):
        read_request(b"words")


def test_a_request_signed_with_another_key_is_refused() -> None:
    """A thief of a public key must not get a certificate for it."""
    der = bytearray(x509.load_pem_x509_csr(SigningKey.generate().csr(PERSON)).public_bytes(Encoding.DER))
    der[-1] ^= 1
    altered = x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM)

    with pytest.raises(Refused):
        read_request(altered)


def test_the_wrapped_key_is_json_that_says_how_it_is_wrapped(lab: Laboratory, tmp_path: Path) -> None:
    keep(lab.signer, tmp_path, lab)

    assert isinstance(json.loads((tmp_path / KEY_FILE).read_text()), dict)
