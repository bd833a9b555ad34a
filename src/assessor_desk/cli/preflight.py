"""`assessor-desk preflight FILE …`: can these files be opened, and what should one look at? Nothing is kept."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.speaking import command, complain, tell
from assessor_desk.domain.preflight import Severity

if TYPE_CHECKING:
    from assessor_desk.artifacts.preflight import Preflight


def add(subparsers: Any) -> None:
    """Add the verb."""
    parser = command(
        subparsers,
        "preflight",
        "say whether files can be opened and what to look at, before they enter a submission",
        _run,
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")


def _run(args: argparse.Namespace) -> int:
    """Look at every file before complaining of any."""
    from assessor_desk.artifacts.preflight import preflight_files

    looked = list(zip(args.files, preflight_files(args.files)))
    faults = [fault for _, found in looked for fault in found.faults]
    lines = [line for path, found in looked for line in _lines(path, found)]
    tell(args, {"files": [_document(path, found) for path, found in looked]}, lines)
    complain(faults)
    return 1 if faults else 0


def _document(path: Path, found: Preflight) -> dict[str, Any]:
    return {
        "file": str(path),
        "kind": found.kind.value,
        "faults": found.faults,
        "facts": found.facts,
        "findings": [each.to_json() for each in found.findings],
    }


def _lines(path: Path, found: Preflight) -> list[str]:
    """What a file is, and below it what somebody should look at; what blocks it is a complaint."""
    words = [each.sentence for each in found.findings if each.severity is Severity.FACT]
    to_look_at = [f"  Look: {each.sentence}" for each in found.findings if each.severity is Severity.LOOK]
    if found.faults and not to_look_at:
        return []
    return [f"{path.name}: {' '.join(words) or found.media_type}", *to_look_at]
