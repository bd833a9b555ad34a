"""`assessor-desk verify` as typed: what it prints and the exit code of DESIGN §5."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.packets.building import Laboratory
from tests.verdict.altering import Sealed, flipped

from assessor_desk.cli.command_line import run_command


@pytest.fixture
def folder(tmp_path: Path, lab: Laboratory, sealed: Sealed, receipted: Sealed) -> Path:
    """A folder with a packet, one with its receipt, an altered one, and the trust list."""
    (tmp_path / "good.zip").write_bytes(receipted.content)
    (tmp_path / "claimed.zip").write_bytes(sealed.content)
    review = sealed.content.index(b'"recommendation":"not_yet"')
    (tmp_path / "altered.zip").write_bytes(flipped(sealed.content, review + 20))
    (tmp_path / "trust.pem").write_bytes(lab.trust().read_bytes())
    return tmp_path


def verify(folder: Path, *words: str) -> int:
    """Run the command on packets in the folder; words that are files there are given with their path."""
    arguments = [str(folder / word) if (folder / word).exists() else word for word in words]
    return run_command(["verify", *arguments])


def test_a_good_packet_exits_0_and_says_who_signed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder, "good.zip", "--trust", "trust.pem", "--require", "revocation,time") == 0

    said = capsys.readouterr()
    assert "Unaltered since assessor A-1184 signed it.\n" in said.out
    assert said.err == ""


def test_a_claimed_time_exits_0_and_is_said_and_4_where_time_is_required(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(folder, "claimed.zip", "--trust", "trust.pem") == 0
    assert "claimed by the signer" in capsys.readouterr().out

    assert verify(folder, "claimed.zip", "--trust", "trust.pem", "--require", "time") == 4
    assert "Not good enough: time." in capsys.readouterr().out


def test_without_a_trust_list_the_exit_code_is_4_and_the_chain_said_not_checked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(folder, "good.zip") == 4

    assert "Chain not checked" in capsys.readouterr().out


def test_an_altered_packet_is_named_with_what_was_altered(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(folder, "altered.zip", "--trust", "trust.pem") == 4

    said = capsys.readouterr().out
    assert said.startswith("altered.zip\nDo not rely on this packet. data/")
    assert "differs from what was signed" in said


def test_several_packets_exit_with_the_worst_code(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder, "good.zip", "altered.zip", "claimed.zip", "--trust", "trust.pem") == 4

    assert capsys.readouterr().out.count("Structure") == 3


def test_json_is_one_document_with_every_fact(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder, "good.zip", "altered.zip", "--trust", "trust.pem", "--json") == 4

    good, altered = json.loads(capsys.readouterr().out)["verdicts"]
    assert (good["exit_code"], altered["exit_code"]) == (0, 4)
    assert {fact["id"]: fact["standing"] for fact in good["facts"]}["revocation"] == "good"
    assert good["subject"]["submission"] == "7F3A-21"


def test_a_packet_that_is_not_there_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder, "nowhere.zip") == 1

    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "nowhere.zip" in said.err


def test_a_trust_list_that_is_none_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder, "good.zip", "--trust", "good.zip") == 1

    assert "is no trust list" in capsys.readouterr().err


def test_a_fact_that_cannot_be_required_is_a_fault_of_usage(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        verify(folder, "good.zip", "--require", "honesty")

    assert ended.value.code == 2
    assert "honesty: choose from assignment, record, revocation, time" in capsys.readouterr().err


def test_a_folder_stands_for_every_packet_in_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "remarks.txt").write_text("no packet")

    assert run_command(["verify", str(folder), "--trust", str(folder / "trust.pem"), "--json"]) == 4

    verdicts = json.loads(capsys.readouterr().out)["verdicts"]
    assert [one["packet"] for one in verdicts] == ["altered.zip", "claimed.zip", "good.zip"]


def test_a_pattern_that_no_shell_filled_in_is_filled_in_here(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["verify", str(folder / "*o*.zip"), "--trust", str(folder / "trust.pem")]) == 0

    assert "good.zip" in capsys.readouterr().out


@pytest.mark.parametrize("named", ["empty", "*.zip"])
def test_a_folder_or_pattern_without_packets_is_refused(
    named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()

    assert run_command(["verify", str(tmp_path / named)]) == 1

    assert "There is no packet in" in capsys.readouterr().err


def test_many_verdicts_go_into_a_table_and_only_those_that_fail_are_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "good.zip").rename(folder / "=1+2.zip")
    table = folder / "verdicts.csv"

    assert (
        run_command(["verify", str(folder), "--trust", str(folder / "trust.pem"), "--csv", str(table)]) == 4
    )

    said = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in said] == ["altered.zip", f"2 of 3 hold. Each is in {table}"]
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["packet"]: row for row in csv.DictReader(file)}
    assert rows["'=1+2.zip"]["holds"] == "yes"
    assert (rows["altered.zip"]["holds"], rows["altered.zip"]["contents"]) == ("no", "bad")
    assert rows["claimed.zip"]["time"] == "stated"


def test_a_table_that_cannot_be_written_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = folder / "no" / "where.csv"

    assert run_command(["verify", str(folder / "good.zip"), "--csv", str(nowhere)]) == 1

    assert "cannot be written" in capsys.readouterr().err


def test_the_command_works_as_a_process_of_its_own(folder: Path) -> None:
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "assessor_desk",
        "verify",
        "good.zip",
        "--trust",
        "trust.pem",
    ]

    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8")

    assert (done.returncode, done.stderr) == (0, "")
    assert "Unaltered since assessor A-1184 signed it." in done.stdout
