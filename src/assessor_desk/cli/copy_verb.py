"""A copy of an artifact out of the desk: only for somebody who says that the warning was understood."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from assessor_desk.cli.desk_verbs import opened_desk
from assessor_desk.cli.speaking import command, tell
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.exports import COPY_WARNING


def add(subparsers: Any) -> None:
    """Add the verb."""
    copy = command(subparsers, "copy", "write an unprotected copy of an artifact into a folder", run)
    copy.description = COPY_WARNING
    copy.add_argument("submission", metavar="SUBMISSION")
    copy.add_argument("artifact", metavar="ARTIFACT", help="its file name or id")
    copy.add_argument("--out", type=Path, required=True, metavar="DIR")
    copy.add_argument(
        "--understood", action="store_true", help="that the copy will be unprotected, and recorded"
    )


def run(args: argparse.Namespace) -> int:
    """Write the copy and say where. Raises Refused, with the warning, where nobody says that it was understood."""
    if not args.understood:
        raise Refused(f"{COPY_WARNING} To go on, add --understood")
    with opened_desk(args) as desk:
        own_id = desk.find(args.submission)
        artifact = desk.case(own_id).submission.artifact(args.artifact)
        _, path = desk.export_copy(own_id, artifact.id if artifact else args.artifact, args.out)
    tell(args, {"file": str(path)}, [str(path)])
    return 0
