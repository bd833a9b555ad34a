"""The layout of a stick is a contract: its schemas are what the program reads and writes, and faults name the file."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.keys.letters import LetterKey, seal_letter
from assessor_desk.places import schemas
from assessor_desk.protocol.stick import MARKER, REQUEST, Marker, Stick, StickRequest, desk_name
from assessor_desk.protocol.stick_messages import Bundle, Letter, read_letter

CSR = "-----BEGIN CERTIFICATE REQUEST-----\nMII\n-----END CERTIFICATE REQUEST-----\n"
LETTER = {
    "kind": "assessor-desk letter", "version": 1, "desk": "d" * 24, "sequence": 1,
    "written_at": "2026-11-20T09:00:00Z", "token": "t",
    "deliveries": [{"kind": "notes", "digest": "a" * 64, "length": 3}],
}  # fmt: skip


def schema(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((schemas() / f"{name}.schema.json").read_text(encoding="utf-8"))
    return told


@pytest.mark.parametrize(("name", "model"), [("stick-bundle", Bundle), ("stick-letter", Letter)])
def test_the_schemas_of_what_is_encrypted_are_what_the_program_reads(name: str, model: Any) -> None:
    written = {key: value for key, value in schema(name).items() if key not in ("$schema", "$id")}
    assert written == model.model_json_schema()


def test_marker_and_request_are_as_their_schemas_say_and_come_back(tmp_path: Path) -> None:
    stick, desk = Stick(tmp_path), "0" * 24
    marker, request = Marker("urn:uuid:1", "Lakeside hub"), StickRequest(CSR, "A laptop")
    stick.mark(marker)
    stick.ask(desk, request)
    assert (stick.marker(), stick.request(desk)) == (marker, request)
    for path, name in ((tmp_path / MARKER, "stick"), (tmp_path / "from" / desk / REQUEST, "stick-request")):
        Draft202012Validator(schema(name)).validate(json.loads(path.read_bytes()))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"kind": "something else", "version": 1}', b"[" * 99_999]
)
def test_a_marker_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / MARKER).write_bytes(content)
    with pytest.raises(Damaged, match=MARKER):
        Stick(tmp_path).marker()


def test_what_others_leave_in_the_folders_is_passed_over(tmp_path: Path) -> None:
    stick, desk = Stick(tmp_path), "0" * 24
    names = (
        "._bundle-00000001.age",
        "bundle-00000002.age.9a8b.unfinished",
        "bundle-3.age",
        "letter-00000004.age",
    )
    stick.for_desk(desk).mkdir(parents=True)
    for name in names:
        (stick.for_desk(desk) / name).touch()
    (tmp_path / "for" / "Holiday pictures").mkdir()
    assert stick.desks() == [desk]
    assert stick.bundles(desk) == []


def test_a_desk_is_called_by_its_key_in_lower_case_letters() -> None:
    names = {desk_name(LetterKey.generate().recipient) for _ in range(3)}
    assert len(names) == 3
    assert all(len(name) == 24 and name == name.lower() for name in names)


def test_a_letter_opens_with_its_key_alone_and_whole() -> None:
    mine, other = LetterKey.generate(), LetterKey.generate()
    sealed = seal_letter(b"words", mine.recipient)
    assert mine.open(sealed, "letter") == b"words"
    assert mine.secret not in repr(mine)
    with pytest.raises(Refused, match="letter is encrypted to another key"):
        other.open(sealed, "letter")
    for changed in (sealed[:-1], b"", sealed[:-3] + b"abc"):
        with pytest.raises(Damaged, match="letter is damaged"):
            mine.open(changed, "letter")


@pytest.mark.parametrize("after", [b"", b"ab", b"abcd"])
def test_a_letter_that_holds_more_or_less_than_it_says_is_damaged(after: bytes) -> None:
    head = json.dumps(LETTER).encode() + b"\n"
    assert read_letter(head + b"abc", Path("letter"))[1][0].content == b"abc"
    with pytest.raises(Damaged, match="letter is damaged"):
        read_letter(head + after, Path("letter"))


def test_a_letter_in_a_newer_form_asks_for_an_update() -> None:
    with pytest.raises(Refused, match="Update Assessor Desk"):
        read_letter(json.dumps({**LETTER, "version": 2}).encode() + b"\nabc", Path("letter"))
