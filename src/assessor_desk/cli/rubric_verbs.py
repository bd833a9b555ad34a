"""`assessor-desk rubric check FILE …`: is this a rubric or policy that can be published?"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from assessor_desk.cli.speaking import command, complain, tell


def add(subparsers: Any) -> None:
    """Add the verb."""
    parser = command(subparsers, "rubric", "check rubric and policy files", _check)
    parser.add_argument("act", choices=["check"], help="name every fault with its file, line and criterion")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")


def _check(args: argparse.Namespace) -> int:
    """Look at every file before complaining of any."""
    from assessor_desk.rubric_files import FaultyFile, load_rubric_or_policy

    faults: list[str] = []
    lines: list[str] = []
    for path in args.files:
        try:
            thing = load_rubric_or_policy(path)
        except FaultyFile as error:
            faults += [str(fault) for fault in error.faults]
        else:
            lines.append(f"{path.name}: {thing.title}, version {thing.version}, can be published")
    tell(args, {"faults": faults, "good": lines}, lines)
    complain(faults)
    return 1 if faults else 0
