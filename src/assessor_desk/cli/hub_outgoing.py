"""`assessor-desk hub --at DIR holds|lift|release|notes|agreement`: what an issuer hands on, and what waits for it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assessor_desk.cli.hub_opening import opened_hub
from assessor_desk.cli.speaking import command, tell


def add(verbs: Any) -> None:
    """Add the verbs."""
    held = command(verbs, "holds", "list the submissions on hold for a concern", _holds)
    held.add_argument("--lifted", action="store_true", help="those of the past too")
    lift = command(
        verbs, "lift", "lift the holds on a submission; it can be decided and released again", _lift
    )
    lift.add_argument("submission", metavar="SUBMISSION")
    release = command(
        verbs, "release", "list what was released; write the reports that are left to hand on", _release
    )
    release.add_argument("--out", type=Path, metavar="DIR", help="write the reports there")
    notes = command(verbs, "notes", "write coaches' notes on drafts, to hand on to their educators", _notes)
    notes.add_argument("--out", type=Path, required=True, metavar="DIR")
    agreement = command(
        verbs,
        "agreement",
        "record that an educator agrees, or no longer, to a district being told of what was not earned",
        _agreement,
    )
    agreement.add_argument("submissions", nargs="+", metavar="SUBMISSION")
    which = agreement.add_mutually_exclusive_group(required=True)
    which.add_argument("--given", action="store_true", help="as “disclosure agreed: yes” in submissions.csv")
    which.add_argument(
        "--withdrawn", action="store_true", help="reports made after the next sync leave it out"
    )


def _holds(args: argparse.Namespace) -> int:
    from assessor_desk.hub.holds import holds

    with opened_hub(args) as hub:
        found = holds(hub, lifted=args.lifted)
    lines = [
        f"{one.key}  {one.kind}  {one.raised_at:%Y-%m-%d}  by {one.person}: {one.words}"
        + (f"  (lifted {one.lifted_at:%Y-%m-%d})" if one.lifted_at else "")
        for one in found
    ]
    tell(args, [asdict(one) for one in found], lines or ["Nothing is on hold."])
    return 0


def _lift(args: argparse.Namespace) -> int:
    from assessor_desk.hub.holds import lift_holds

    with opened_hub(args) as hub:
        count = lift_holds(hub, args.submission)
    tell(
        args, {"submission": args.submission, "lifted": count}, [f"{args.submission}: {count} holds lifted."]
    )
    return 0


def _agreement(args: argparse.Namespace) -> int:
    from assessor_desk.hub.agreeing import record_agreement

    with opened_hub(args) as hub:
        changed = record_agreement(hub, args.submissions, agreed=args.given)
    word = "given" if args.given else "withdrawn"
    lines = [
        f"{key}  agreement {word}" if key in changed else f"{key}  nothing changed: it was so before"
        for key in dict.fromkeys(args.submissions)
    ]
    tell(args, {"agreed": args.given, "changed": changed}, lines)
    return 0


def _release(args: argparse.Namespace) -> int:
    from assessor_desk.hub.handing_on import write_reports
    from assessor_desk.hub.releases import How, releases

    with opened_hub(args) as hub:
        found = releases(hub)
        written = [] if args.out is None else write_reports(hub, args.out)
    lines = [
        f"{one.key}  {one.outcome.replace('_', ' ')}  {one.released_at:%Y-%m-%d}  by {one.person}, "
        + ("through the hub" if one.how == How.HUB else "from a folder")
        for one in found
    ]
    document = {"releases": [asdict(one) for one in found], "files": [str(path) for path in written]}
    tell(args, document, [*lines, *map(str, written)] or ["Nothing was released yet."])
    return 0


def _notes(args: argparse.Namespace) -> int:
    from assessor_desk.hub.handing_on import write_notes

    with opened_hub(args) as hub:
        written = [str(path) for path in write_notes(hub, args.out)]
    tell(args, {"files": written}, written or ["There are no notes to hand on."])
    return 0
