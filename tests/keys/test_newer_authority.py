"""Of two copies of an authority the one that knows of more goes on, as after a restore."""

import shutil
from pathlib import Path

import pytest

from assessor_desk.keys.authority import Authority
from assessor_desk.keys.newer_authority import keep_newer_issuing
from assessor_desk.keys.signing import SigningKey, read_certificates
from assessor_desk.verdict.trust import TrustList


@pytest.fixture
def copies(tmp_path: Path) -> tuple[Path, Path]:
    """A folder in which the issuing authority was revoked since, and a copy from before."""
    authority = Authority.create(tmp_path / "there", "Lakeside")
    authority.hub_signer()
    shutil.copytree(tmp_path / "there", tmp_path / "restored")
    authority.export_root(tmp_path / "root.json", "words")
    authority.revoke_issuing(tmp_path / "root.json", "words", "keyCompromise")
    return tmp_path / "there", tmp_path / "restored"


def test_what_was_revoked_since_stays_revoked_and_issues_nothing(copies: tuple[Path, Path]) -> None:
    there, restored = copies
    gone = Authority.open(restored).issuing

    assert keep_newer_issuing(there, restored)

    after = Authority.open(restored)
    certificate = read_certificates(after.issue(SigningKey.generate().csr("x"), "A-1", "assessor"))[0]
    trust = TrustList.parse(after.trust_list())
    assert trust.revoked(gone) is not None
    assert trust.revoked(certificate) is None
    assert trust.revoked(after.hub_signer().certificate) is None


def test_a_copy_that_is_not_whole_and_one_that_knows_no_more_are_left_alone(
    copies: tuple[Path, Path], tmp_path: Path
) -> None:
    there, restored = copies
    before = {path.name: path.read_bytes() for path in restored.iterdir()}

    assert not keep_newer_issuing(restored, there)
    (there / "issuing-2.key").unlink()
    assert not keep_newer_issuing(there, restored)
    assert not keep_newer_issuing(tmp_path / "gone", restored)

    assert {path.name: path.read_bytes() for path in restored.iterdir()} == before
