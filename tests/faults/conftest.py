"""A recorder of what is written, compiled where there is a compiler, and a desk for a clerk to work on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.desk.conftest import cheap_passphrases
from tests.faults.prepared import Prepared, prepare

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _cheap_passphrases() -> Iterator[None]:
    with cheap_passphrases():
        yield


@pytest.fixture(scope="session")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that notes what is written."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not sys.platform.startswith("linux"):
        pytest.skip(
            "What a program writes is recorded by a library that is loaded before all else: on Linux alone"
        )
    if compiler is None:
        why = "There is no C compiler here to build the recorder with. Run: python3 dev.py test"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    built = tmp_path_factory.mktemp("recorder") / "recorder.so"
    flags = ["-shared", "-fPIC", "-O1", "-o", str(built)]
    subprocess.run([compiler, *flags, str(HERE / "recorder.c"), "-ldl", "-lpthread"], check=True)
    return built


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Prepared:
    """A desk with two submissions and a certificate."""
    with cheap_passphrases():
        return prepare(tmp_path_factory.mktemp("prepared"), root)


def run_clerk(
    folder: Path, key_file: Path, marks: Path, seed: int, acts: int, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A clerk in a process of its own, until the end."""
    words = [str(HERE / "clerk.py"), str(folder), str(key_file), str(marks), str(seed), str(acts)]
    return subprocess.run(
        [sys.executable, *words], env=os.environ | environment, capture_output=True, text=True, check=False
    )
