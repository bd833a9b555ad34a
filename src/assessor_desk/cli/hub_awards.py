"""`assessor-desk hub --at DIR packets|case-file|awards`: what was delivered, what recognisers get, what they got."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.hub_opening import opened_hub
from assessor_desk.cli.speaking import command, tell
from assessor_desk.domain.award import read_use

if TYPE_CHECKING:
    from assessor_desk.hub.trail import Delivered


def add(verbs: Any) -> None:
    """Add the verbs."""
    case = command(
        verbs,
        "case-file",
        "seal what a recogniser needs: decision, packets, receipts, and who it is about",
        _case,
    )
    case.add_argument("submissions", nargs="+", metavar="SUBMISSION")
    case.add_argument("--out", type=Path, required=True, metavar="DIR", help="write the case files there")
    case.add_argument(
        "--use",
        action="append",
        default=[],
        metavar="USE",
        help="what it counts for: licence=NAME, hours=N, designation=NAME or salary; may be given several times",
    )
    case.add_argument(
        "--appeal", action="store_true", help="for the educator's appeal, also of what was not earned"
    )
    case.add_argument(
        "--look",
        type=Path,
        metavar="FILE",
        help="the programme's look for the first page (else look.yaml in the hub's folder, with its logo beside it)",
    )
    case.add_argument(
        "--docx",
        action="store_true",
        help="also write the first page as DOCX beside each, to copy words from",
    )
    command(verbs, "awards", "list the case files that were made", _awards)
    trail = command(
        verbs,
        "packets",
        "list what was sealed on a submission, what replaced it, and what confirms when",
        _packets,
    )
    trail.add_argument("submission", metavar="SUBMISSION")


def _case(args: argparse.Namespace) -> int:
    """Each case file is whole and on disk before the next is made; the first that is refused ends it."""
    from assessor_desk.hub.case_files import make_case, write_case
    from assessor_desk.rubric_files import load_look

    uses = [read_use(words) for words in args.use]
    look = load_look(args.look) if args.look else None
    made = []
    with opened_hub(args) as hub:
        for key in dict.fromkeys(args.submissions):
            case = make_case(hub, key, uses, for_appeal=args.appeal, look=look, word=args.docx)
            path = write_case(case, args.out)
            made.append({"submission": key, "file": str(path), "digest": case.digest})
    tell(args, {"case_files": made}, [one["file"] for one in made])
    return 0


def _awards(args: argparse.Namespace) -> int:
    from assessor_desk.hub.case_files import awards

    with opened_hub(args) as hub:
        found = awards(hub)
    lines = [
        f"{one.key}  {one.outcome.replace('_', ' ')}  {one.issued_at:%Y-%m-%d}  "
        f"{'; '.join(one.uses) or 'no use stated'}  {one.digest[:12]}"
        for one in found
    ]
    tell(args, [asdict(one) for one in found], lines or ["No case file was made yet."])
    return 0


def _packets(args: argparse.Namespace) -> int:
    from assessor_desk.hub.trail import trail

    with opened_hub(args) as hub:
        found = trail(hub, args.submission)
    tell(args, [asdict(one) for one in found], list(map(_line, found)) or ["Nothing was delivered yet."])
    return 0


def _line(one: Delivered) -> str:
    said = " ".join(filter(None, (one.kind, one.says.replace("_", " "))))
    notes = [
        f"replaces {one.replaces[:12]}" if one.replaces else "",
        f"replaced by {one.replaced_by[:12]}" if one.replaced_by else "",
        f"stamped {one.stamped_at:%Y-%m-%d %H:%M} UTC" if one.stamped_at else "",
        f"released {one.released_at:%Y-%m-%d}" if one.released_at else "",
    ]
    start = f"{one.digest[:12]}  {said}  by {one.person}, received {one.received_at:%Y-%m-%d %H:%M} UTC"
    return "; ".join(filter(None, (start, f"certificate {one.certificate_status}", *notes)))
