"""`assessor-desk hub backup|restore|sweep|limits|audit`, as a person runs them."""

import csv
import shutil
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.cli.conftest import Say
from tests.hub.making import import_quickly, submissions_folder, write_rows

from assessor_desk.cli.command_line import run_command
from assessor_desk.hub import tables as t
from assessor_desk.hub.hub import Hub
from assessor_desk.places import resources, rubrics

DAMAGED = 4


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub with its submissions, and somebody who may have them; to be copied, since it takes a second."""
    folder = tmp_path_factory.mktemp("made")
    files = (rubrics() / "formative-assessment-math.yaml", rubrics() / "positive-relationships.yaml")
    policies = (resources() / "policies").glob("*.yaml")
    for words in (
        ("init", "--title", "Lakeside hub", "--programme", "Lakeside"),
        ("publish", *map(str, (*files, *policies))),
        ("enrol", "--name", "Lan", "--role", "assessor"),
    ):
        assert run_command(["hub", "--at", str(folder / "hub"), *words]) == 0
    hub = Hub.open(folder / "hub")
    import_quickly(hub, submissions_folder(folder / "incoming"))
    hub.close()
    return folder / "hub"


@pytest.fixture
def made(made_once: Path, tmp_path: Path) -> Path:
    """A hub of one's own."""
    return shutil.copytree(made_once, tmp_path / "hub")


def test_from_backing_up_to_restoring_over_what_came_since(
    say: Say, made: Path, incoming: Path, tmp_path: Path
) -> None:
    shelf = tmp_path / "shelf"
    kept = say("hub", "--at", made, "backup", shelf)
    assert kept.code == 0, kept
    assert "6 sealed files, 6 of them new" in kept.out
    assert "It opens without a passphrase" in kept.out
    write_rows(incoming, ["N-1,E-N,Anna Berg,positive-relationships,1,no,D,en,yes,"], ["N-1,work,board.md,,"])
    assert say("hub", "--at", made, "import", incoming).code == 0
    refused = say("hub", "--at", made, "restore", shelf)
    assert (refused.code, "--preview" in refused.err, "--replace" in refused.err) == (1, True, True)
    preview = say("hub", "--at", made, "restore", shelf, "--preview").out
    assert "“Lakeside hub” as of" in preview
    assert "Not in it: 1 submissions (N-1)" in preview
    assert say("hub", "--at", made, "status", "--json").document["submissions"] == 4
    done = say("hub", "--at", made, "restore", shelf, "--replace", "--json").document
    assert [(one["kind"], one["count"]) for one in done["gone"]] == [("submissions", 1)]
    assert say("hub", "--at", made, "status", "--json").document["submissions"] == 3
    back = say("hub", "--at", made, "restore", done["aside"], "--replace")
    assert back.code == 0
    assert say("hub", "--at", made, "status", "--json").document["submissions"] == 4


def test_one_file_with_a_passphrase_fills_an_empty_folder(say: Say, made: Path, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("calm quokka\n", encoding="utf-8")
    own = ("--back-up-passphrase-file", tmp_path / "words.txt")
    time.sleep(1)  # a trust list is older than a back-up of the next second, not of the same
    kept = say("hub", "--at", made, "backup", tmp_path / "hub.zip", *own)
    assert "without a passphrase" not in kept.out
    refused = say("hub", "--at", tmp_path / "again", "restore", tmp_path / "hub.zip")
    assert (refused.code, "--back-up-passphrase-file" in refused.err) == (1, True)
    in_the_way = say("hub", "--at", tmp_path / "words.txt", "restore", tmp_path / "hub.zip", *own)
    assert (in_the_way.code, "is a file" in in_the_way.err) == (1, True)
    untold = say("hub", "--at", tmp_path / "again", "restore", tmp_path / "hub.zip", *own)
    assert (untold.code, "--since-trust" in untold.err) == (1, True)
    own = (*own, "--since-trust", made / "trust.pem")
    older = say("hub", "--at", tmp_path / "again", "restore", tmp_path / "hub.zip", *own)
    assert (older.code, "older than the back-up" in older.err) == (1, True)
    own = (*own[:2], "--since-nothing")
    assert say("hub", "--at", tmp_path / "again", "restore", tmp_path / "hub.zip", *own).code == 0
    assert say("hub", "--at", tmp_path / "again", "status", "--json").document["submissions"] == 3


def test_what_the_hub_has_lost_is_told_and_the_back_up_made_all_the_same(
    say: Say, made: Path, tmp_path: Path
) -> None:
    lost = next(path for path in (made / "blobs").glob("??/*"))
    lost.unlink()
    kept = say("hub", "--at", made, "backup", tmp_path / "shelf", "--json")
    assert kept.code == DAMAGED
    assert (kept.document["missing"], kept.document["files"]) == ([lost.name], 5)
    assert lost.name in kept.err


def test_sweeping_and_limits(say: Say, made: Path) -> None:
    swept = say("hub", "--at", made, "sweep", "--preview", "--json").document
    assert swept == {"files": 0, "bytes": 0, "rows": 0, "uploads": 0, "batches": 0, "removed": False}
    assert say("hub", "--at", made, "sweep").out.startswith("0 files")
    assert say("hub", "--at", made, "limits", "--json").document["wrong_codes"] == 10
    assert say("hub", "--at", made, "limits", "--wrong-codes", "5", "--json").document["wrong_codes"] == 5
    assert "      5  wrong enrolment codes" in say("hub", "--at", made, "limits").out
    for wrong in ("0", "-1", "many"):
        assert say("hub", "--at", made, "limits", "--wrong-codes", wrong).code == 2


def test_the_log_is_read_for_a_person_a_submission_and_since_a_day(
    say: Say, made: Path, tmp_path: Path
) -> None:
    say("hub", "--at", made, "assign", "7F3A-21", "--to", "P-1001")
    every = say("hub", "--at", made, "audit", "--json").document
    assert {one["act"] for one in every} == {"published", "imported", "added", "gave code", "assigned"}
    of_it = say("hub", "--at", made, "audit", "--submission", "7F3A-21", "--json").document
    assert [one["act"] for one in of_it] == ["imported", "assigned"]
    assert "the hub  assigned  7F3A-21" in say("hub", "--at", made, "audit", "--submission", "7F3A-21").out
    assert say("hub", "--at", made, "audit", "--person", "P-9").out == "There is no such line.\n"
    assert say("hub", "--at", made, "audit", "--since", "2099-01-01", "--json").document == []
    assert say("hub", "--at", made, "audit", "--since", "soon").code == 2
    told = say("hub", "--at", made, "audit", "--csv", tmp_path / "log.csv", "--json").document
    with (tmp_path / "log.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == told["lines"] == len(every)


def test_a_line_that_was_meddled_with_is_named_and_ends_with_the_code_of_damage(say: Say, made: Path) -> None:
    whole = say("hub", "--at", made, "audit", "--verify", "--json")
    assert (whole.code, whole.document["faults"]) == (0, [])
    head = whole.document["head"]
    assert say("hub", "--at", made, "audit", "--verify", "--head", head).code == 0
    assert say("hub", "--at", made, "audit", "--head", head).code == 1
    hub = Hub.open(made)
    with hub.database.writing() as work:
        work.exec_driver_sql("DROP TRIGGER audit_update")
        work.execute(sa.update(t.audit).where(t.audit.c.seq == 2).values(person="P-1009"))
    hub.close()
    found = say("hub", "--at", made, "audit", "--verify", "--json")
    assert found.code == DAMAGED
    assert found.document["faults"][0].startswith("Line 2 was changed or moved")
    assert "Line 2 was changed or moved" in found.err
    count, _, digest = head.partition(":")
    longer = say("hub", "--at", made, "audit", "--verify", "--head", f"{int(count) + 1}:{digest}")
    assert (longer.code, "missing from the end" in longer.err) == (DAMAGED, True)
