"""The command line as a person runs it, in this process: what it says, and with which code it ends."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.hub.making import submissions_folder

from assessor_desk.cli.command_line import run_command


@dataclass
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


Say = Callable[..., Said]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """`say("hub", "--at", folder, "status")`."""

    def run(*words: object) -> Said:
        capsys.readouterr()
        try:
            code = run_command([str(word) for word in words])
        except SystemExit as ended:  # argparse ends the process for usage
            code = int(str(ended.code))
        heard = capsys.readouterr()
        return Said(code, heard.out, heard.err)

    return run


@pytest.fixture
def incoming(tmp_path: Path) -> Path:
    """A folder that the program has never seen."""
    return submissions_folder(tmp_path / "incoming")
