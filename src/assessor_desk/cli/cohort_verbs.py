"""The verbs over many reviews: `cohort`, `reviews search`, `reviews export`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.desk_verbs import opened_desk
from assessor_desk.cli.speaking import command, complain, tell
from assessor_desk.domain.errors import Refused, exit_code
from assessor_desk.domain.exports import CohortFormat, Gathered

if TYPE_CHECKING:
    from assessor_desk.desk.queued import FoundText
    from assessor_desk.domain.cohort import Recipient, Selection

_PROGRAMME, _DISTRICT = "programme", "district"
_FOUND_AT_ONCE = 20


def add(subparsers: Any) -> None:
    """Add the verbs."""
    cohort = command(subparsers, "cohort", "write a report on many decisions, naming nobody", _cohort)
    _selection(cohort)
    cohort.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to write into")
    cohort.add_argument(
        "--for", dest="recipient", default=_PROGRAMME, metavar="RECIPIENT",
        help="whom it is for, as policy names recipients: programme (as it is), or district with one --district",
    )  # fmt: skip
    formats = [one.value for one in CohortFormat]
    cohort.add_argument(
        "--format", action="append", choices=formats, metavar="FORMAT", help=f"all, or of {', '.join(formats)}"
    )  # fmt: skip
    _add_reviews(subparsers)


def _add_reviews(subparsers: Any) -> None:
    top = command(subparsers, "reviews", "search delivered reviews, and export those of a selection", None)
    verbs = top.add_subparsers(title="what to do", metavar="VERB", required=True)
    verbs.shared = subparsers.shared  # type: ignore[attr-defined]
    search = command(
        verbs, "search", "find all these words, or their beginnings, in delivered reviews", _search
    )
    search.add_argument("words", nargs="+", metavar="WORDS")
    search.add_argument("--limit", type=int, default=_FOUND_AT_ONCE, metavar="N", help="how many at most")
    export = command(
        verbs, "export", "write packets, decisions and released reports of what is decided", _export
    )
    _selection(export)
    export.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to write into")
    kinds = [one.value for one in Gathered]
    export.add_argument(
        "--what", action="append", choices=kinds, metavar="KIND", help=f"all, or of {', '.join(kinds)}"
    )  # fmt: skip


def _selection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--micro-credential", action="append", default=[], metavar="ID", help="only of this one; may be repeated"
    )  # fmt: skip
    parser.add_argument(
        "--district", action="append", default=[], metavar="NAME", help="only from this one; may be repeated"
    )
    parser.add_argument(
        "--from", dest="since", type=_day, metavar="DAY", help="decided on 2026-09-01 or later"
    )
    parser.add_argument("--to", dest="until", type=_day, metavar="DAY", help="decided on that day or before")


def _day(words: str) -> date:
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{words}” is no day; write it as 2026-09-01") from None


# -- verbs -------------------------------------------------------------------------------------------------


def _cohort(args: argparse.Namespace) -> int:
    selection, recipient = _chosen(args), _recipient(args)
    with opened_desk(args) as desk:
        paths = desk.cohort_report(args.out, selection, recipient, args.format)
    tell(args, {"files": [str(path) for path in paths]}, map(str, paths))
    return 0


def _search(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        found = desk.queue.search(" ".join(args.words), args.limit)
    tell(
        args,
        {"found": [asdict(one) for one in found]},
        map(_line, found) if found else ["Nothing was found."],
    )
    return 0


def _line(one: FoundText) -> str:
    words = " ".join(f"{one.before}*{one.hit}*{one.after}".split())
    return f"{one.key}  {one.where}: {words}"


def _export(args: argparse.Namespace) -> int:
    """What could not be exported is told on stderr; there is nothing wrong where a report is not released yet."""
    with opened_desk(args) as desk:
        done = desk.export_selection(desk.decided(_chosen(args)), args.out, args.what)
    document = {"files": [str(path) for path in done.paths], "troubles": [list(one) for one in done.troubles]}
    tell(args, document, map(str, done.paths))
    complain(f"{key}: {trouble}" for key, trouble in done.troubles)
    return 0 if done.paths else exit_code(Refused(""))


# -- what they share ---------------------------------------------------------------------------------------


def _chosen(args: argparse.Namespace) -> Selection:
    from assessor_desk.domain.cohort import Selection

    if args.since and args.until and args.until < args.since:
        raise Refused(f"No day lies from {args.since} to {args.until}: --from comes after --to")
    return Selection(tuple(args.micro_credential), tuple(args.district), args.since, args.until)


def _recipient(args: argparse.Namespace) -> Recipient:
    from assessor_desk.domain.cohort import Recipient

    if args.recipient != _DISTRICT:
        return Recipient(args.recipient)
    if len(args.district) != 1:
        raise Refused("A report for a district is of that one alone: name it with one --district")
    return Recipient(_DISTRICT, args.district[0])
