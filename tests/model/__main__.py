"""Scenarios by hand: `.venv/bin/python -m tests.model --seed 7 --scenarios 100 --steps 20`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

from tests.desk.conftest import cheap_passphrases
from tests.model.running import run
from tests.model.scenario import (
    BY_NETWORK,
    EVERYWHERE,
    TWO_COMPUTERS,
    WITH_A_STICK,
    census,
    kept_town,
)
from tests.model.telling import lines_of
from tests.model.town import keep_a_town

TOWNS = {
    "everywhere": EVERYWHERE,
    "network": BY_NETWORK,
    "stick": WITH_A_STICK,
    "computers": TWO_COMPUTERS,
}


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m tests.model")
    for name, usual in (("seed", 1), ("scenarios", 100), ("steps", 20)):
        words.add_argument(f"--{name}", type=int, default=usual)
    words.add_argument(
        "--shorten",
        action="store_true",
        help="make what fails as short as it can be: takes minutes",
    )
    words.add_argument("--towns", choices=TOWNS, default="everywhere", help="who takes part")
    told = words.parse_args()
    with tempfile.TemporaryDirectory() as folder, cheap_passphrases():
        kept_town[:] = [keep_a_town(Path(folder))]
        began = time.process_time()
        try:
            run(told.seed, told.scenarios, told.steps, told.shorten, TOWNS[told.towns])
        finally:
            taken = time.process_time() - began
            sys.stdout.write("\n".join([f"{taken:.1f} s of one core", *lines_of(census), ""]))


main()
