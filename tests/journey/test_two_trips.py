"""A school without a network, on the command line: a stick, two trips, each command a process of its own."""

import shutil
from pathlib import Path
from typing import Any

from tests.journey.programme import Terminal, terminal

HELD_BACK = "The plan is another educator's, word for word."


def hub(person: Terminal, folder: Path, stick: Path, *more: str) -> dict[str, Any]:
    """What the issuer types with the stick in."""
    document = (person.runs if more else person.does)("hub", "--at", folder, "stick", stick, *more)
    assert isinstance(document, dict)
    return document


def test_an_assessor_without_network_is_let_in_works_and_is_told_what_arrived(
    made_hub: tuple[Path, str], tmp_path: Path
) -> None:
    shutil.copytree(made_hub[0], tmp_path / "hub")
    office, number, stick = tmp_path / "hub", made_hub[1], tmp_path / "stick"
    stick.mkdir()
    person = terminal(tmp_path)
    asked = person.types("connect", f"folder:{stick}")
    assert asked.code == 0
    key = asked.document["key"]
    (asking,) = hub(person, office, stick)["desks"]
    assert (asking["key"], asking["person"]) == (key, "")
    told = hub(person, office, stick, "--key", key, "--number", number)
    assert told["desks"][0]["let_in"]
    unconfirmed = person.says("connect", f"folder:{stick}")
    assert (unconfirmed.code, str(told["fingerprint"]) in unconfirmed.err) == (1, True)
    connected = person.runs("connect", f"folder:{stick}", str(told["fingerprint"]))
    assert connected["person"] == number
    first = person.runs("sync")
    assert (first["troubles"], first["ready"]) == ([], first["total"])
    assert {row["key"] for row in person.does("inbox")["submissions"]} == {"VN-01", "AR-02"}
    person.does("concern", "VN-01", "--kind", "integrity", "--text", HELD_BACK)
    assert person.runs("sync")["delivered"] == 0
    (visited,) = hub(person, office, stick)["desks"]
    assert (visited["taken"], visited["refused"], visited["troubles"]) == (1, [], [])
    last = person.runs("sync")
    assert (last["delivered"], last["waiting"]) == (1, 0)
    shutil.rmtree(stick)
    away = person.says("sync")
    assert away.code == 3
    assert "The stick is not here" in away.err
