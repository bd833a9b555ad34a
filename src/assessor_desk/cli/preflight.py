"""`assessor-desk preflight FILE …`: can these files be opened and assessed? Nothing is kept of them."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assessor_desk.cli.speaking import command, complain, tell


def add(subparsers: Any) -> None:
    """Add the verb."""
    parser = command(
        subparsers, "preflight", "say whether files can be opened, before they enter a submission", _run
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")


def _run(args: argparse.Namespace) -> int:
    """Look at every file before complaining of any."""
    from assessor_desk.artifacts.preflight import preflight_files

    looked = list(zip(args.files, preflight_files(args.files)))
    documents = [
        {"file": str(path), "kind": found.kind.value, "faults": found.faults, "facts": found.facts}
        for path, found in looked
    ]
    faults = [fault for _, found in looked for fault in found.faults]
    sound = [f"{path.name}: {_words(found.facts)}" for path, found in looked if not found.faults]
    tell(args, {"files": documents}, sound)
    complain(faults)
    return 1 if faults else 0


def _words(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items())
