"""`assessor-desk verify PACKET …`: what can be known about packets from their files and a trust list, offline."""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.speaking import command
from assessor_desk.domain.errors import Refused

if TYPE_CHECKING:
    from assessor_desk.verdict import Verdict

SIGNS = {"good": "✓", "bad": "✗", "unknown": "?", "stated": "–", "absent": "–"}
_FIRST_COLUMN, _SECOND_COLUMN = 4, 14


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = command(subparsers, "verify", "check packets, offline and from their files alone", run)
    parser.add_argument(
        "packets",
        nargs="+",
        metavar="PACKET",
        type=Path,
        help="a packet, decision, case file or badge; a folder stands for every ZIP in it",
    )
    parser.add_argument(
        "--trust",
        metavar="PEM",
        type=Path,
        action="append",
        default=[],
        help="a programme's trust list, obtained from it; once for each programme. Papers on badges lie beside it",
    )
    parser.add_argument(
        "--require",
        metavar="FACTS",
        type=_requirable,
        default=frozenset(),
        help="also ask for revocation, time, record or assignment to be good, separated by commas",
    )
    parser.add_argument(
        "--csv",
        metavar="FILE",
        type=Path,
        help="write one line on each packet to a table, and say only which fail",
    )


def _requirable(words: str) -> frozenset[str]:
    from assessor_desk.verdict import REQUIRABLE

    asked = frozenset(filter(None, (word.strip() for word in words.split(","))))
    if unknown := asked - REQUIRABLE:
        raise argparse.ArgumentTypeError(
            f"{', '.join(sorted(unknown))}: choose from {', '.join(sorted(REQUIRABLE))}"
        )
    return asked


def run(args: argparse.Namespace) -> int:
    """Print the verdicts; the worst exit code of all. Raises Refused for a file that cannot be read."""
    from assessor_desk.verdict import BadgePapers, TrustList, verify_all
    from assessor_desk.verdict.folders import packets_in

    trust = TrustList.load(*args.trust) if args.trust else None
    papers = BadgePapers.beside(*(path.parent for path in args.trust)) if args.trust else None
    verdicts = verify_all(packets_in(args.packets), trust, datetime.now(UTC), papers)
    if args.csv:
        _write_table(args.csv, verdicts, args.require)
    if args.json:
        documents = [as_json(verdict, args.require) for verdict in verdicts]
        print(json.dumps({"verdicts": documents}, ensure_ascii=False, indent=2))
    elif args.csv:
        print(_in_short(verdicts, args.csv, args.require))
    else:
        print("\n\n".join(as_text(verdict, args.require) for verdict in verdicts))
    return max(verdict.exit_code(args.require) for verdict in verdicts)


def _write_table(path: Path, verdicts: Sequence[Verdict], require: Collection[str]) -> None:
    from assessor_desk.verdict.table import as_table

    try:
        path.write_text(as_table(verdicts, require), encoding="utf-8", newline="")
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror or error}") from error


def _in_short(verdicts: Sequence[Verdict], table: Path, require: Collection[str]) -> str:
    """Which of many packets do not hold, and how many do."""
    failing = [one for one in verdicts if one.exit_code(require)]
    lines = [f"{one.name}: {one.headline}" for one in failing]
    return "\n".join([*lines, f"{len(verdicts) - len(failing)} of {len(verdicts)} hold. Each is in {table}"])


def as_json(verdict: Verdict, require: Collection[str] = ()) -> dict[str, Any]:
    """A verdict as a document."""
    return {
        "packet": verdict.name,
        "digest": verdict.digest,
        "headline": verdict.headline,
        "exit_code": verdict.exit_code(require),
        "subject": asdict(verdict.subject),
        "facts": [{**asdict(fact), "title": fact.title} for fact in verdict.facts],
        **({"said": dict(verdict.said)} if verdict.newer else {}),
    }


def as_text(verdict: Verdict, require: Collection[str] = ()) -> str:
    """A verdict for a terminal: the headline first, then fact by fact."""
    lines = [verdict.name, verdict.headline, verdict.subject.sentence, ""]
    for fact in verdict.facts:
        lines.append(
            f"  {SIGNS[fact.standing]} {fact.title:<{_SECOND_COLUMN}}{fact.sentence}  [{fact.basis}]"
        )
        if fact.detail:
            lines.append(f"{'':<{_FIRST_COLUMN + _SECOND_COLUMN}}{fact.detail}")
    if verdict.said:
        lines += ["", "It says, not judged:", *(f"  {path}: {words}" for path, words in verdict.said)]
    if unmet := verdict.unmet(require):
        lines += ["", f"Not good enough: {', '.join(fact.title.lower() for fact in unmet)}."]
    return "\n".join(lines)
