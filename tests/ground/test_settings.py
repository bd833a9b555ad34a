"""Preferences of a desk, on real files."""

import json
from pathlib import Path

import pytest

from assessor_desk.domain.errors import Unavailable
from assessor_desk.settings import Settings


def test_a_desk_without_preferences_has_the_defaults(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path)
    assert settings.get("theme", "light") == "light"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", ["dark", 7, 1.25, True, ["a", "ệ"], {"open": "O"}])
def test_a_preference_comes_back_with_its_type(tmp_path: Path, value: object) -> None:
    Settings.load(tmp_path).set("key", value)  # type: ignore[arg-type]
    again = Settings.load(tmp_path).get("key", type(value)())
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize(
    ("kept", "default"), [("7", 1), (1, True), (True, 1), (None, "x"), ([1], {"a": "b"})]
)
def test_a_preference_of_another_type_gives_way_to_the_default(
    tmp_path: Path, kept: object, default: int | str
) -> None:
    (tmp_path / "settings.json").write_text(json.dumps({"key": kept}), encoding="utf-8")
    again = Settings.load(tmp_path).get("key", default)
    assert again is default


def test_a_whole_number_serves_where_a_fraction_is_meant(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"rate": 2}', encoding="utf-8")
    assert Settings.load(tmp_path).get("rate", 1.0) == 2.0


def test_what_another_version_wrote_stays(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"of tomorrow": {"deep": [1, null]}}', encoding="utf-8")
    Settings.load(tmp_path).set("theme", "dark")
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "of tomorrow": {"deep": [1, None]},
        "theme": "dark",
    }


@pytest.mark.parametrize("content", [b'{"theme": "da', b"[1]", b"\xff\xfe\x00", b""])
def test_a_damaged_file_is_set_aside_and_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    settings = Settings.load(tmp_path)
    assert settings.get("theme", "light") == "light"
    assert settings.notice.startswith("The preferences in settings.json could not be read")
    assert (tmp_path / "settings-damaged-1.json").read_bytes() == content
    settings.set("theme", "dark")
    assert Settings.load(tmp_path).get("theme", "light") == "dark"


def test_a_second_damaged_file_does_not_replace_the_first(tmp_path: Path) -> None:
    for content in ("first", "second"):
        (tmp_path / "settings.json").write_text(content, encoding="utf-8")
        Settings.load(tmp_path)
    assert (tmp_path / "settings-damaged-1.json").read_text(encoding="utf-8") == "first"
    assert (tmp_path / "settings-damaged-2.json").read_text(encoding="utf-8") == "second"


def test_a_write_that_fails_leaves_the_old_preferences_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.load(tmp_path)
    settings.set("theme", "dark")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Unavailable, match="No space left on device"):
        settings.set("theme", "light")
    assert Settings.load(tmp_path).get("theme", "") == "dark"
