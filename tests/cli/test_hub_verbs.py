"""`assessor-desk hub …` from init to a served, assigned submission, and what it refuses."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Say
from tests.hub.making import submissions_folder

from assessor_desk.cli.command_line import run_command
from assessor_desk.cli.sample_hub import HubProcess
from assessor_desk.places import resources, rubrics

FILES = [*rubrics().glob("*.yaml"), *(resources() / "policies").glob("*.yaml")]


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub made by commands alone, with its submissions imported; to be copied, since it takes a second."""
    folder = tmp_path_factory.mktemp("made")
    incoming = submissions_folder(folder / "incoming")
    for words in (
        ("init", "--title", "Lakeside hub", "--programme", "Lakeside"),
        ("publish", *map(str, FILES)),
        ("import", str(incoming)),
    ):
        assert run_command(["hub", "--at", str(folder / "hub"), *words]) == 0
    return folder / "hub"


@pytest.fixture
def made(made_once: Path, tmp_path: Path) -> Path:
    """A hub of one's own with three submissions."""
    return shutil.copytree(made_once, tmp_path / "hub")


def test_init_says_where_the_trust_list_is_and_refuses_a_second_hub(say: Say, tmp_path: Path) -> None:
    words = ("hub", "--at", tmp_path / "hub", "init", "--title", "T", "--programme", "P")
    first = say(*words, "--json")
    assert Path(first.document["trust"]).is_file()
    second = say(*words)
    assert (second.code, second.out) == (1, "")
    assert "is not empty" in second.err


def test_from_enrolling_to_assigning_and_withdrawing(say: Say, made: Path) -> None:
    person = say("hub", "--at", made, "enrol", "--name", "Lan", "--role", "assessor", "--json").document
    assigned = say("hub", "--at", made, "assign", "--all", "--to", person["person"], "--json").document
    assert [each["key"] for each in assigned] == ["7F3A-21", "91BB-02"]
    coach = say("hub", "--at", made, "enrol", "--name", "Minh", "--role", "coach", "--json").document
    assert (
        "E5D2-11  coach  P-1002  due"
        in say("hub", "--at", made, "assign", "E5D2-11", "--to", coach["person"]).out
    )
    status = say("hub", "--at", made, "status", "--json").document
    assert (status["submissions"], status["assignments"], status["people"]) == (3, 3, 2)
    withdrawn = say("hub", "--at", made, "withdraw", "7F3A-21", "--from", person["person"])
    assert withdrawn.out == "1 assignment withdrawn from P-1001.\n"
    again = say(
        "hub", "--at", made, "assign", "7F3A-21", "--to", "P-1001", "--due", "2027-02-03", "--json"
    ).document
    assert again[0]["due_at"] == "2027-02-03 23:59:00+00:00"
    people = say("hub", "--at", made, "people").out
    assert "P-1001  Lan  assessor  0 devices, 2 assignments" in people


def test_a_further_code_for_a_person_and_revoking_them(say: Say, made: Path) -> None:
    say("hub", "--at", made, "enrol", "--name", "Lan", "--role", "assessor")
    further = say("hub", "--at", made, "enrol", "--number", "P-1001", "--json").document
    assert (further["person"], len(further["code"])) == ("P-1001", 19)
    assert say("hub", "--at", made, "enrol", "--number", "P-1001", "--name", "Lan").code == 1
    before = (made / "trust.pem").read_bytes()
    assert say("hub", "--at", made, "revoke", "P-1001").out.startswith(
        "P-1001: 0 devices and every certificate of theirs revoked"
    )
    assert (made / "trust.pem").read_bytes() != before


def test_of_several_files_none_is_published_when_one_is_faulty(say: Say, tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    say("hub", "--at", folder, "init", "--title", "T", "--programme", "P")
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text("id: x\ntitle: [", encoding="utf-8")
    refused = say("hub", "--at", folder, "publish", *FILES, faulty)
    assert refused.code == 1
    assert "faulty.yaml, line 2" in refused.err
    assert say("hub", "--at", folder, "status", "--json").document["rubrics"] == 0


def test_a_faulty_folder_is_refused_in_one_sentence(say: Say, made: Path, incoming: Path) -> None:
    (incoming / "talk.txt").unlink()
    refused = say("hub", "--at", made, "import", incoming)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.count("\n") == 1
    assert "artifacts.csv, row 3, column “file or link”: there is no file “talk.txt”" in refused.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("assign", "--to", "P-1001"), "Name submissions to assign, or --all"),
        (("assign", "GONE-1", "--to", "P-1001"), "There is no submission “GONE-1” here"),
        (("revoke", "P-77"), "There is no person P-77"),
        (("serve", "--host", "0.0.0.0"), "plain http on this computer alone"),
        (("serve", "--certificate", "x.pem"), "Serving https needs both --certificate and --key"),
        (("publish", "gone.yaml"), "There is no file gone.yaml"),
    ],
)
def test_what_cannot_be_done_ends_with_1_and_a_sentence(
    say: Say, made: Path, words: tuple[str, ...], told: str
) -> None:
    refused = say("hub", "--at", made, *words)
    assert (refused.code, refused.out) == (1, "")
    assert told in refused.err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("dance",),
        ("assign", "A", "--to", "P", "--due", "tomorrow"),
        ("enrol", "--role", "king"),
        ("import",),
    ],
)
def test_usage_ends_with_2(say: Say, tmp_path: Path, words: tuple[str, ...]) -> None:
    wrong = say("hub", "--at", tmp_path, *words)
    assert (wrong.code, wrong.out) == (2, "")
    assert "usage:" in wrong.err


def test_a_hub_process_answers_stops_and_answers_again_at_its_address(made: Path) -> None:
    import httpx

    with HubProcess(made) as hub:
        first = hub.url
        assert httpx.get(f"{first}/v1/hello").json()["title"] == "Lakeside hub"
        hub.stop()
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{first}/v1/hello")
        hub.start()
        assert hub.url == first
        assert httpx.get(f"{first}/v1/hello").status_code == 200


def test_a_hub_process_ends_with_whoever_started_it(made: Path, root: Path) -> None:
    """Killed outright, the parent closes nothing by itself: the child must notice."""
    import psutil

    script = (
        "import sys, time\nfrom pathlib import Path\nfrom assessor_desk.cli.sample_hub import HubProcess\n"
        "hub = HubProcess(Path(sys.argv[1])).start()\nprint(hub._child.pid, flush=True)\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(made)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ},
        cwd=root,
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    child.wait(15)
    assert not child.is_running()


def test_a_recusal_and_a_withdrawn_consent_are_said_by_withdraw(say: Say, made: Path) -> None:
    say("hub", "--at", made, "enrol", "--name", "Lan", "--role", "assessor")
    say("hub", "--at", made, "assign", "--all", "--to", "P-1001")
    recused = say("hub", "--at", made, "withdraw", "7F3A-21", "--recused", "P-1001")
    assert recused.out == "1 assignment withdrawn from P-1001.\n"
    assert "P-1001 is recused" in say("hub", "--at", made, "assign", "7F3A-21", "--to", "P-1001").err
    ended = say("hub", "--at", made, "withdraw", "91BB-02", "--consent-withdrawn", "--json").document
    assert ended["withdrawn"] == 1
    assert "91BB-02: 1 file (" in ended["here"][0]
    assert "withdrew their consent" in say("hub", "--at", made, "assign", "91BB-02", "--to", "P-1001").err
    assert say("hub", "--at", made, "withdraw", "91BB-02").code == 2


def test_a_phrase_bank_is_published_counted_and_withdrawn(say: Say, made: Path) -> None:
    bank = resources() / "phrases" / "positive-relationships.yaml"
    before = say("hub", "--at", made, "status", "--json").document["phrase_banks"]
    (published,) = say("hub", "--at", made, "publish", bank, "--json").document
    assert (published["kind"], published["id"], published["new"]) == (
        "phrases",
        "positive-relationships",
        True,
    )
    assert say("hub", "--at", made, "status", "--json").document["phrase_banks"] == before + 1
    gone = say("hub", "--at", made, "withdraw-phrases", "positive-relationships")
    assert gone.out == "positive-relationships: withdrawn\n"
    assert say("hub", "--at", made, "withdraw-phrases", "positive-relationships").code == 1
    assert say("hub", "--at", made, "status", "--json").document["phrase_banks"] == before


def test_an_agreement_to_disclosure_is_given_and_withdrawn(say: Say, made: Path) -> None:
    given = say("hub", "--at", made, "agreement", "7F3A-21", "--given", "--json").document
    again = say("hub", "--at", made, "agreement", "7F3A-21", "--given")
    withdrawn = say("hub", "--at", made, "agreement", "7F3A-21", "91BB-02", "--withdrawn")

    assert given == {"agreed": True, "changed": ["7F3A-21"]}
    assert "nothing changed" in again.out
    assert withdrawn.out.splitlines() == [
        "7F3A-21  agreement withdrawn",
        "91BB-02  nothing changed: it was so before",
    ]
    assert say("hub", "--at", made, "agreement", "7F3A-21").code == 2
