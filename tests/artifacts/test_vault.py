"""The vault keeps whole files only, under the digest of their sealed bytes."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from pathlib import Path

import pytest

from assessor_desk.artifacts import vault as vault_module
from assessor_desk.artifacts.sealed_stream import new_key, open_sealed, seal, sealed_length
from assessor_desk.artifacts.vault import Vault
from assessor_desk.domain.errors import Damaged, NoRoom, Refused


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def sealed_bytes(plain: bytes, key: bytes) -> bytes:
    target = io.BytesIO()
    seal(io.BytesIO(plain), target, key, len(plain))
    return target.getvalue()


def everything_in(vault: Vault) -> list[Path]:
    return [each for each in vault.folder.rglob("*") if each.is_file()]


def test_a_written_file_is_held_under_its_digest_and_opens_with_its_key(vault: Vault) -> None:
    sealed = vault.write(io.BytesIO(b"lesson plan"), 11)
    whole = vault.path(sealed.digest).read_bytes()
    assert vault.holds(sealed.digest)
    assert hashlib.sha256(whole).hexdigest() == sealed.digest
    assert len(whole) == sealed.length == sealed_length(11)
    with open_sealed(vault.path(sealed.digest), sealed.key) as reader:
        assert reader.read() == b"lesson plan"


def test_a_download_resumes_and_is_adopted_when_whole(vault: Vault) -> None:
    key = new_key()
    whole = sealed_bytes(b"photo", key)
    digest = hashlib.sha256(whole).hexdigest()
    vault.partial(digest).write_bytes(whole[:9])
    assert (vault.partial_length(digest), vault.holds(digest)) == (9, False)
    with vault.partial(digest).open("ab") as target:
        target.write(whole[9:])
    vault.adopt(digest)
    vault.adopt(digest)
    assert vault.holds(digest)
    assert vault.partial_length(digest) == 0


def test_a_download_with_other_bytes_is_dropped_and_never_held(vault: Vault) -> None:
    digest = hashlib.sha256(b"expected").hexdigest()
    vault.partial(digest).write_bytes(b"something else")
    with pytest.raises(Damaged, match="SHA-256"):
        vault.adopt(digest)
    assert everything_in(vault) == []


def test_adopting_what_was_never_downloaded_is_refused(vault: Vault) -> None:
    with pytest.raises(Refused, match="no download"):
        vault.adopt(hashlib.sha256(b"").hexdigest())


def test_a_full_disk_is_refused_with_the_room_needed_and_leaves_nothing(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(vault_module, "seal", full)
    with pytest.raises(NoRoom, match=r"The disk is full: 2\.0 MB are needed in .*vault"):
        vault.write(io.BytesIO(), 2_000_000)
    assert everything_in(vault) == []


def test_a_full_disk_while_downloading_is_refused_and_the_part_stays(vault: Vault) -> None:
    digest = hashlib.sha256(b"x").hexdigest()
    with pytest.raises(NoRoom, match="disk is full"), vault.refusing_a_full_disk(10):
        vault.partial(digest).write_bytes(b"abc")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert vault.partial_length(digest) == 3


def test_another_fault_of_the_disk_is_not_called_a_full_disk(vault: Vault) -> None:
    with pytest.raises(OSError, match="input/output"), vault.refusing_a_full_disk(10):
        raise OSError(errno.EIO, "input/output error")


def test_a_source_shorter_than_announced_leaves_nothing(vault: Vault) -> None:
    with pytest.raises(Refused):
        vault.write(io.BytesIO(b"abc"), 5)
    assert everything_in(vault) == []


def test_removing_takes_the_file_and_its_download_and_is_repeatable(vault: Vault) -> None:
    sealed = vault.write(io.BytesIO(b"abc"), 3)
    vault.partial(sealed.digest).write_bytes(b"ab")
    vault.remove(sealed.digest)
    vault.remove(sealed.digest)
    assert everything_in(vault) == []


def test_the_size_on_disk_counts_files_and_downloads(vault: Vault) -> None:
    sealed = vault.write(io.BytesIO(bytes(1000)), 1000)
    vault.partial(hashlib.sha256(b"x").hexdigest()).write_bytes(b"12345")
    assert vault.size_on_disk() == sealed.length + 5


def test_clearing_removes_interrupted_writes_and_keeps_downloads(vault: Vault) -> None:
    digest = hashlib.sha256(b"x").hexdigest()
    vault.partial(digest).write_bytes(b"12345")
    (vault.folder / "partial" / "0123.incoming").write_bytes(b"half")
    vault.clear_unfinished()
    assert everything_in(vault) == [vault.partial(digest)]


@pytest.mark.parametrize("digest", ["../../etc/passwd", "AB" * 32, "ab" * 31, ""])
def test_a_digest_that_is_none_is_refused(vault: Vault, digest: str) -> None:
    with pytest.raises(Refused):
        vault.path(digest)


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has these permissions")
def test_vault_files_are_readable_by_their_owner_alone(vault: Vault) -> None:
    sealed = vault.write(io.BytesIO(b"abc"), 3)
    assert vault.path(sealed.digest).stat().st_mode & 0o077 == 0
