"""From an empty hub to a checked packet, by commands alone, on a programme the program has never seen."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.journey.programme import (
    ARABIC,
    LINK,
    PASSPHRASE,
    VIETNAMESE,
    Said,
    Serving,
    Terminal,
    new_code,
    terminal,
)

#: The whole journey is lived once, by some thirty programs one after the other, before its first test.
pytestmark = pytest.mark.timeout(400)

RATIONALE = "Two ideas go from one pupil to another while the educator says nothing."
STRENGTH = "At 0:02 you hand the idea about floating wood to the back table, and it comes back larger."
OVERALL = (
    "Your lesson shows pupils who answer each other. The idea about the wood travels over three tables before you take "
    "it up again, and the board keeps every step of it for the whole class to see."
)
CORRECTED = f"{OVERALL} The page of the third pupil shows it too."
PRINTED = re.compile(r"^    (\S.*)$", re.MULTILINE)


@dataclass
class Story:
    """What happened, step by step; `told` is what each command answered."""

    folder: Path
    hub: Path
    person: Terminal
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def trust(self) -> Path:
        return self.hub / "trust.pem"

    def packet(self, name: str) -> Path:
        """The packet exported in that step."""
        return Path(self.told[name]["files"][0])


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, made_hub: tuple[Path, str]) -> Story:
    """The whole journey, once: connect, assess, lose the hub, work on, seal, sync, export, correct."""
    folder = tmp_path_factory.mktemp("harbour")
    person = terminal(folder)
    told, number = Story(folder, folder / "hub", person), made_hub[1]
    shutil.copytree(made_hub[0], told.hub)
    with Serving(told.hub) as serving:
        told.told["connect"] = person.types("connect", serving.url, new_code(person, told.hub, number))
        told.told["first sync"] = person.runs("sync")
        told.told["before"] = person.does("show", "VN-01")
        _assess(told, "VN-01")
        serving.stop()
        _work_on_offline(told)
        serving.start()
        told.told["sync"] = person.runs("sync")
        told.told["inbox"] = person.does("inbox")
        told.told["export"] = person.runs("export", "VN-01", "--out", folder / "out")
        _correct(told)
    return told


def _assess(story: Story, key: str) -> None:
    person = story.person
    person.does("completeness", key)
    person.does(
        "score", key, "hands-on", "met", "--rationale", RATIONALE,
        "--anchor", "lesson.mp4@t=2,4.5", "--anchor", "pupils.pdf@page=2&xywh=percent:10,20,30,5",
        "--anchor", "board.jpg@xywh=percent:5,5,40,40",
    )  # fmt: skip
    person.does(
        "score", key, "2", "Partly met", "--rationale", RATIONALE,
        "--anchor", "plan.docx@quote=hand the idea on", "--anchor", "tổng quan.md@whole",
    )  # fmt: skip
    person.does("feedback", key, "hands-on", "--strength", STRENGTH)


def _work_on_offline(story: Story) -> None:
    """The hub is gone: everything but a round goes on, in processes that start anew each time."""
    person, told = story.person, story.told
    told["offline sync"] = person.types("sync")
    words = story.folder / "overall.txt"
    words.write_text(OVERALL, encoding="utf-8")
    told["needed"] = person.does("check", "VN-01")
    person.does(
        "feedback", "VN-01", "waits", "--strength", STRENGTH,
        "--next-step", "Count to three in your head after each open question.",
        "--would-show", "A new lesson video of two minutes with three open questions and their pauses.",
    )  # fmt: skip
    told["ready"] = person.does("feedback", "VN-01", "--text", f"@{words}")
    told["seal"] = person.runs("seal", "VN-01", "--attest", "no_affiliation")
    told["offline show"] = person.does("show", "VN-01")
    person.does("completeness", "AR-02", "--incomplete", "missing_part")
    person.does(
        "feedback", "AR-02", "--text", "The reflection is not there. Please hand in all three parts. " * 4
    )
    told["incomplete"] = person.does("seal", "AR-02", "--attest", "no_affiliation")


def _correct(story: Story) -> None:
    person, told = story.person, story.told
    told["correct"] = person.does("correct", "VN-01")
    person.does("feedback", "VN-01", "--text", CORRECTED)
    told["second seal"] = person.runs("seal", "VN-01", "--attest", "no_affiliation")
    told["second sync"] = person.runs("sync")
    told["second export"] = person.does("export", "VN-01", "--out", story.folder / "corrected")
    told["status"] = person.does("hub", "--at", story.hub, "status")


def test_the_first_connection_makes_the_desk_and_shows_its_recovery_key_once(story: Story) -> None:
    connected: Said = story.told["connect"]
    assert connected.code == 0
    assert connected.document["programme"] == "Harbour programme"
    assert re.search(r"\b([0-9A-Z]{4}-){7}[0-9A-Z]{4}\b", connected.err)


def test_everything_comes_at_once_and_a_link_that_nobody_captured_stays_a_link(story: Story) -> None:
    synced = story.told["first sync"]
    assert (synced["taken"], synced["fetched"], synced["troubles"]) == (2, 9, [])
    artifacts = {one["name"]: one for one in story.told["before"]["artifacts"]}
    assert not artifacts[LINK]["here"]
    assert all(one["here"] for name, one in artifacts.items() if name != LINK)
    assert artifacts["tổng quan.md"]["label"] == "Tổng quan"


def test_what_is_needed_before_sealing_is_said_and_then_nothing_is(story: Story) -> None:
    needed = {(one["check"], one["subject"]) for one in story.told["needed"]["findings"] if one["blocks"]}
    assert {check for check, _ in needed} >= {"F1", "F4"}
    assert ("F4", "waits") in needed
    assert not story.told["needed"]["ready_to_seal"]
    assert story.told["ready"]["ready_to_seal"], story.told["ready"]["findings"]


def test_without_the_hub_a_round_says_so_and_the_work_goes_on(story: Story) -> None:
    offline: Said = story.told["offline sync"]
    assert offline.code == 3
    assert "Harbour hub" in offline.err
    assert "cannot be reached" in offline.document["error"]
    shown = story.told["offline show"]["review"]
    assert shown["sealed"] == story.told["seal"]["packet"]
    assert shown["overall"] == OVERALL
    assert [one["level"] for one in shown["criteria"]] == ["met", "partly"]
    assert shown["recommendation"] == "not_yet"


def test_what_was_sealed_offline_is_on_the_hub_once_it_is_back(story: Story) -> None:
    assert (story.told["sync"]["delivered"], story.told["sync"]["waiting"]) == (2, 0)
    assert {row["key"]: row["state"] for row in story.told["inbox"]["submissions"]} == {
        "VN-01": "delivered",
        "AR-02": "delivered",
    }


def test_the_packet_verifies_with_the_trust_list_of_the_hub(story: Story) -> None:
    said = story.person.types(
        "verify", story.packet("export"), "--trust", story.trust, "--require", "revocation,time,record,assignment"
    )  # fmt: skip
    assert (said.code, said.err) == (0, "")
    (verdict,) = said.document["verdicts"]
    assert verdict["digest"] == story.told["seal"]["packet"]
    assert all(fact["standing"] != "bad" for fact in verdict["facts"])


def test_a_correction_is_a_second_packet_that_supersedes_the_first_by_its_digest(story: Story) -> None:
    told = story.told
    assert told["second seal"]["packet"] != told["seal"]["packet"]
    assert told["second sync"]["delivered"] == 1
    assert told["status"]["packets"] == 3
    with zipfile.ZipFile(story.packet("second export")) as archive:
        data = f"{top_of(archive)}/data"
        assert told["seal"]["packet"] in archive.read(f"{data}/review.json").decode()
        assert "The page of the third pupil" in archive.read(f"{data}/feedback.json").decode()
    (verdict,) = story.person.does(
        "verify", story.packet("second export"), "--trust", story.trust, "--require", "time"
    )["verdicts"]
    (superseding,) = [fact for fact in verdict["facts"] if fact["id"] == "supersedes"]
    assert told["seal"]["packet"][:8] in superseding["sentence"] + superseding["detail"]


def test_the_packet_is_checked_by_the_lines_of_its_own_instructions(
    story: Story, tool: Callable[[str], str], tmp_path: Path
) -> None:
    for name in ("bash", "unzip", "openssl", "sha256sum", "pdfsig", "certutil", "qpdf", "cmp"):
        tool(name)
    packet = story.packet("second export")
    shutil.copy(packet, tmp_path)
    shutil.copy(story.trust, tmp_path)
    with zipfile.ZipFile(packet) as archive:
        top = top_of(archive)
        lines = PRINTED.findall(archive.read(f"{top}/VERIFY.txt").decode())
    said = {line: _typed(line, tmp_path, top) for line in lines if not line.startswith("cd ")}
    assert len(said) >= 12
    everything = "\n".join(said.values())
    assert everything.count("CAdES Verification successful") == 2
    for words in (". is valid", "Total document signed", "Signature is Valid", "Certificate is Trusted"):
        assert words in everything
    assert f'"packet":"{story.told["second seal"]["packet"]}"' in everything


def top_of(archive: zipfile.ZipFile) -> str:
    """The one directory in which everything lies."""
    (top,) = {name.partition("/")[0] for name in archive.namelist()}
    return top


def _typed(line: str, folder: Path, top: str) -> str:
    line = line.replace("python3 -m bagit", f"'{sys.executable}' -m bagit")
    where = folder / top if (folder / top).exists() else folder
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"], cwd=where, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def test_no_name_reaches_the_assessor_or_the_packet(story: Story) -> None:
    shown = str(story.told["before"]) + str(story.told["inbox"])
    with zipfile.ZipFile(story.packet("export")) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    for name in (VIETNAMESE, ARABIC):
        assert name not in shown
        assert name.encode() not in everything


def test_nothing_typed_and_nothing_of_the_evidence_lies_open_on_a_disk(story: Story) -> None:
    secrets = [
        RATIONALE,
        STRENGTH,
        OVERALL[:60],
        "Học sinh trao đổi",
        "يتحدث التلاميذ",
        PASSPHRASE,
        VIETNAMESE,
    ]
    files = [path for top in (story.person.desk, story.hub) for path in top.rglob("*") if path.is_file()]
    assert len(files) > 20
    for path in files:
        content = path.read_bytes()
        for words in secrets:
            assert words.encode() not in content, f"“{words}” stands in {path}"
