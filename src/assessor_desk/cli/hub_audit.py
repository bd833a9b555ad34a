"""`assessor-desk hub --at DIR audit`: who saw and did what."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.hub_opening import opened_hub
from assessor_desk.cli.speaking import command, complain, tell
from assessor_desk.domain.errors import Damaged, Refused, exit_code

if TYPE_CHECKING:
    from assessor_desk.hub.auditing import Entry
    from assessor_desk.hub.hub import Hub


def add(verbs: Any) -> None:
    """Add the verb."""
    log = command(verbs, "audit", "say who saw and did what, or verify that the log is whole", _audit)
    log.add_argument("--since", type=_day, metavar="YYYY-MM-DD", help="from this day on (UTC)")
    log.add_argument("--person", default="", metavar="NUMBER")
    log.add_argument("--submission", default="", metavar="SUBMISSION")
    log.add_argument("--csv", type=Path, metavar="FILE", help="write the lines into a table")
    log.add_argument("--verify", action="store_true", help="look at the whole chain, and name what is wrong")
    log.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="NUMBER:DIGEST",
        help="with --verify: the log must have gone through this, as a back-up told it",
    )


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a day such as 2026-05-31") from None


def _audit(args: argparse.Namespace) -> int:
    from assessor_desk.hub.audit_csv import write_table
    from assessor_desk.hub.auditing import entries

    if args.head and not args.verify:
        raise Refused("--head is looked at with --verify")
    with opened_hub(args) as hub:
        if args.verify:
            return _verify(args, hub)
        found = list(entries(hub, since=args.since, person=args.person, submission=args.submission))
    if args.csv is not None:
        write_table(args.csv, found)
        told = {"lines": len(found), "file": str(args.csv)}
        tell(args, told, [f"{len(found)} lines are in {args.csv}."])
        return 0
    tell(args, [asdict(one) for one in found], map(_line, found) if found else ["There is no such line."])
    return 0


def _verify(args: argparse.Namespace, hub: Hub) -> int:
    """A log that is not whole is told on stderr, and by the exit code of something damaged."""
    from assessor_desk.hub.auditing import Head, verify

    found = verify(hub, [Head.parse(text) for text in args.head])
    told = {"lines": found.lines, "head": str(found.head), "faults": found.faults}
    well = "Each follows from the one before." if not found.faults else "The log is not whole."
    tell(args, told, [f"{found.lines} lines. {well}", f"Keep this to verify it by later: {found.head}"])
    complain(found.faults)
    return exit_code(Damaged()) if found.faults else 0


def _line(one: Entry) -> str:
    who = one.person or "the hub"
    device = f" ({one.device[:8]})" if one.device else ""
    rest = "  ".join(filter(None, (one.submission, one.subject[:16], one.detail)))
    return f"{one.seq:>6}  {one.at:%Y-%m-%d %H:%M:%S}  {who}{device}  {one.act}  {rest}".rstrip()
