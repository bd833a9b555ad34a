"""`assessor-desk verify PACKET …`: what can be known about packets from their files and a trust list, offline."""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.speaking import command

if TYPE_CHECKING:
    from assessor_desk.verdict import Verdict

SIGNS = {"good": "✓", "bad": "✗", "unknown": "?", "stated": "–", "absent": "–"}
_FIRST_COLUMN, _SECOND_COLUMN = 4, 14


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = command(subparsers, "verify", "check packets, offline and from their files alone", run)
    parser.add_argument("packets", nargs="+", metavar="PACKET", type=Path)
    parser.add_argument(
        "--trust",
        metavar="PEM",
        type=Path,
        help="the programme's trust list, obtained from it; papers on badges lie beside it",
    )
    parser.add_argument(
        "--require",
        metavar="FACTS",
        type=_requirable,
        default=frozenset(),
        help="also ask for revocation, time, record or assignment to be good, separated by commas",
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

    trust = TrustList.load(args.trust) if args.trust else None
    papers = BadgePapers.beside(args.trust.parent) if args.trust else None
    verdicts = verify_all(args.packets, trust, datetime.now(UTC), papers)
    if args.json:
        documents = [as_json(verdict, args.require) for verdict in verdicts]
        print(json.dumps({"verdicts": documents}, ensure_ascii=False, indent=2))
    else:
        print("\n\n".join(as_text(verdict, args.require) for verdict in verdicts))
    return max(verdict.exit_code(args.require) for verdict in verdicts)


def as_json(verdict: Verdict, require: Collection[str] = ()) -> dict[str, Any]:
    """A verdict as a document."""
    return {
        "packet": verdict.name,
        "digest": verdict.digest,
        "headline": verdict.headline,
        "exit_code": verdict.exit_code(require),
        "subject": asdict(verdict.subject),
        "facts": [{**asdict(fact), "title": fact.title} for fact in verdict.facts],
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
    if unmet := verdict.unmet(require):
        lines += ["", f"Not good enough: {', '.join(fact.title.lower() for fact in unmet)}."]
    return "\n".join(lines)
