"""The data key opens by passphrase and by recovery key, and by nothing else."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.keys import keyring_copy
from assessor_desk.keys.derivation import derive
from assessor_desk.keys.envelope import (
    Envelope,
    new_recovery_key,
    read_recovery_key,
    unwrap,
    wrap,
)
from assessor_desk.keys.private_files import write_privately


@pytest.fixture(scope="module")
def made() -> tuple[Envelope, bytes, str]:
    return Envelope.create("correct horse")


def test_passphrase_and_recovery_key_open_the_same_data_key(made: tuple[Envelope, bytes, str]) -> None:
    envelope, data_key, recovery_key = made
    assert envelope.unlock("correct horse") == data_key
    assert envelope.unlock_with_recovery_key(recovery_key) == data_key


def test_a_wrong_passphrase_is_refused_in_a_sentence(made: tuple[Envelope, bytes, str]) -> None:
    with pytest.raises(Refused, match="passphrase is not right"):
        made[0].unlock("correct hose")


def test_a_composed_and_a_decomposed_passphrase_are_the_same() -> None:
    assert unwrap(wrap(b"secret", "phở nóng"), "phơ\u0309 no\u0301ng") == b"secret"


def test_an_empty_passphrase_is_refused() -> None:
    with pytest.raises(Refused, match="cannot be empty"):
        Envelope.create("")


def test_a_changed_passphrase_opens_and_the_old_one_does_not(made: tuple[Envelope, bytes, str]) -> None:
    envelope, data_key, recovery_key = made
    changed = envelope.with_passphrase(data_key, "battery staple")
    assert changed.unlock("battery staple") == data_key
    assert changed.unlock_with_recovery_key(recovery_key) == data_key
    with pytest.raises(Refused):
        changed.unlock("correct horse")


def test_the_recovery_key_of_another_desk_is_told_from_a_slip(made: tuple[Envelope, bytes, str]) -> None:
    with pytest.raises(Refused, match="another desk"):
        made[0].unlock_with_recovery_key(new_recovery_key())


@given(st.data())
def test_a_recovery_key_with_one_wrong_letter_is_refused_at_once(data: st.DataObject) -> None:
    key = new_recovery_key()
    place = data.draw(st.sampled_from([at for at, letter in enumerate(key) if letter != "-"]))
    letter = data.draw(
        st.sampled_from([one for one in "0123456789ABCDEFGHJKMNPQRSTVWXYZ" if one != key[place]])
    )
    with pytest.raises(Refused, match="not a recovery key"):
        read_recovery_key(key[:place] + letter + key[place + 1 :])


def test_a_recovery_key_may_be_typed_in_small_letters_with_spaces_and_lookalikes() -> None:
    key = new_recovery_key()
    typed = " ".join(key.lower().replace("0", "o").replace("1", "l").split("-"))
    assert read_recovery_key(typed) == key
    assert [len(group) for group in key.split("-")] == [4] * 8


def test_the_file_holds_no_key_and_comes_back(made: tuple[Envelope, bytes, str], tmp_path: Path) -> None:
    envelope, data_key, _ = made
    path = tmp_path / "keys.json"
    envelope.save(path)
    assert Envelope.load(path) == envelope
    assert data_key.hex() not in path.read_text(encoding="utf-8")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["keys-copy.json", "keys.json"]
    cost = json.loads(path.read_text(encoding="utf-8"))["passphrase"]
    assert (cost["kdf"], cost["memory_kib"], cost["passes"], cost["lanes"]) == ("argon2id", 65536, 3, 4)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": 1, "passphrase": {}}', '{"format": 99}'])
def test_a_damaged_file_is_called_damaged(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Damaged, match=r"keys\.json"):
        Envelope.load(path)


@pytest.mark.parametrize(
    "change", [{"memory_kib": 2**30}, {"passes": 10**6}, {"kdf": "md5"}, {"salt": "?"}, {"sealed": 3}]
)
def test_a_wrapping_that_this_program_never_writes_is_damaged_and_costs_nothing(
    change: dict[str, object],
) -> None:
    with pytest.raises(Damaged):
        unwrap({**wrap(b"secret", "words"), **change}, "words")


def test_a_file_is_replaced_as_a_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    write_privately(path, b"one")
    write_privately(path, b"two")
    assert path.read_bytes() == b"two"
    assert [one.name for one in path.parent.iterdir()] == ["file"]


def test_keys_for_different_purposes_have_nothing_in_common() -> None:
    one, other = derive(b"k" * 32, "one"), derive(b"k" * 32, "other")
    assert len({one, other, b"k" * 32}) == 3
    assert derive(b"k" * 32, "one") == one


class _Backend:
    """A keyring in memory, under the name of a real or a forbidden one."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, name: str, secret: str) -> None:
        self.kept[service, name] = secret

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def delete_password(self, service: str, name: str) -> None:
        del self.kept[service, name]


def _backend(module: str, name: str, monkeypatch: pytest.MonkeyPatch) -> _Backend:
    import keyring

    backend: _Backend = type(name, (_Backend,), {"__module__": module})()
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    return backend


def test_a_real_keyring_keeps_gives_and_forgets_the_data_key(monkeypatch: pytest.MonkeyPatch) -> None:
    _backend("keyring.backends.SecretService", "Keyring", monkeypatch)
    assert keyring_copy.available()
    assert keyring_copy.keep("desk", b"k" * 32)
    assert keyring_copy.recall("desk") == b"k" * 32
    keyring_copy.forget("desk")
    assert keyring_copy.recall("desk") is None


def test_a_plaintext_keyring_is_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = _backend("keyrings.alt.file", "PlaintextKeyring", monkeypatch)
    assert not keyring_copy.available()
    assert not keyring_copy.keep("desk", b"k" * 32)
    assert backend.kept == {}


@pytest.mark.parametrize("damaged", ["keys.json", "keys-copy.json"])
@pytest.mark.parametrize("place", [0.0, 0.3, 0.6, 0.9])
def test_a_changed_bit_in_one_of_two_copies_is_mended_by_the_other(
    made: tuple[Envelope, bytes, str], tmp_path: Path, damaged: str, place: float
) -> None:
    path = tmp_path / "keys.json"
    made[0].save(path)
    whole = path.read_bytes()
    changed = bytearray(whole)
    changed[int(len(changed) * place)] ^= 4
    (tmp_path / damaged).write_bytes(changed)
    assert Envelope.load(path) == made[0]
    assert (tmp_path / damaged).read_bytes() == whole


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"")])
def test_a_missing_or_empty_file_is_made_anew_from_the_other(
    made: tuple[Envelope, bytes, str], tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    path = tmp_path / "keys.json"
    made[0].save(path)
    for name in ("keys.json", "keys-copy.json"):
        spoil(tmp_path / name)
        assert Envelope.load(path) == made[0]
        assert (tmp_path / name).stat().st_size > 0


def test_an_older_passphrase_does_not_linger_in_the_second_copy(
    made: tuple[Envelope, bytes, str], tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    made[0].save(path)
    old = path.read_bytes()
    made[0].with_passphrase(made[1], "new words").save(path)
    (tmp_path / "keys-copy.json").write_bytes(old)
    assert Envelope.load(path).unlock("new words") == made[1]
    assert (tmp_path / "keys-copy.json").read_bytes() == path.read_bytes()


def test_with_both_damaged_it_says_which_file_and_what_to_do(
    made: tuple[Envelope, bytes, str], tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    made[0].save(path)
    for name in ("keys.json", "keys-copy.json"):
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes().replace(b"format", b"fromat"))
    with pytest.raises(Damaged, match=r"keys\.json.*second copy.*back-up"):
        Envelope.load(path)
