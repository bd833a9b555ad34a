"""`assessor-desk hub --at DIR custody|hold|expire`: who holds evidence, what keeps it here, and whose time is over."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.hub_opening import opened_hub
from assessor_desk.cli.speaking import command, counted, tell
from assessor_desk.domain.sizes import bytes_in_words

if TYPE_CHECKING:
    from assessor_desk.hub.custody import Holder
    from assessor_desk.hub.retention_holds import RetentionHold

_KINDS = ("appeal", "complaint", "records_request", "other")


def add(verbs: Any) -> None:
    """Add the verbs."""
    custody = command(
        verbs, "custody", "say which computers hold evidence, since when, and show receipts", _custody
    )
    custody.add_argument("submissions", metavar="SUBMISSION", nargs="*", help="of these alone, by their keys")
    custody.add_argument(
        "--all", action="store_true", help="also computers whose receipt of destruction is here"
    )
    custody.add_argument("--receipts", type=Path, metavar="DIR", help="write the receipts into a folder")
    custody.add_argument(
        "--take",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="take a receipt that came as a file",
    )
    expire = command(
        verbs,
        "expire",
        "destroy evidence whose time is over by its policy; a serving hub does so by itself",
        _expire,
    )
    expire.add_argument("--preview", action="store_true", help="say what would go, and destroy nothing")
    _add_hold(command(verbs, "hold", "keep evidence longer than its policy says", _hold))


def _add_hold(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=("add", "release", "list"))
    parser.add_argument(
        "named", metavar="SUBMISSION|ID", nargs="?", default="", help="its key; to release also the hold's id"
    )
    parser.add_argument("--for", dest="kind", choices=_KINDS, default="other", help="what it is kept for")
    parser.add_argument("--why", default="", metavar="TEXT", help="why, in a sentence")
    parser.add_argument("--by", default="", metavar="NAME", help="who wants it so")
    parser.add_argument(
        "--until", type=_day, metavar="YYYY-MM-DD", help="the last day; else until it is released"
    )
    parser.add_argument("--past", action="store_true", help="list those that are over too")


def _day(text: str) -> datetime:
    """The end of a day, here."""
    try:
        return datetime.combine(date.fromisoformat(text), time.max).astimezone(UTC)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"“{text}” is no day; write it as 2027-01-31") from error


def _custody(args: argparse.Namespace) -> int:
    from assessor_desk.hub.custody import holders, write_receipts

    with opened_hub(args) as hub:
        taken = [_take(hub, path) for path in args.take]
        found = holders(hub, args.submissions, destroyed=args.all)
        written = write_receipts(hub, args.submissions, args.receipts) if args.receipts is not None else []
    document = {
        "holders": [asdict(one) for one in found], "taken": taken, "written": [str(path) for path in written]
    }  # fmt: skip
    lines = [*(f"Taken: {digest}" for digest in taken), *_lines(found), *map(str, written)]
    tell(args, document, lines)
    return 0


def _take(hub: Any, path: Path) -> str:
    import hashlib

    from assessor_desk.hub.custody import read_document
    from assessor_desk.hub.destructions import take_destruction

    document = read_document(path)
    digest = hashlib.sha256(document).hexdigest()
    take_destruction(hub, digest, document)
    return digest


def _lines(found: Iterable[Holder]) -> Iterator[str]:
    told = False
    for one in found:
        told = True
        whose = f"{one.key:<12} {one.person:<8} {one.title or one.device}"
        if one.destroyed_at is None:
            ended = "; its enrolment ended, and no receipt came" if one.revoked else ""
            yield f"{whose}  holds it since {one.since:%Y-%m-%d}{ended}"
        else:
            copies = (
                f"; {counted(one.exports, 'copy').replace('copys', 'copies')} taken out"
                if one.exports
                else ""
            )
            why = one.why.replace("_", " ")
            done = "destroyed it" if one.files else "says that nothing of it is there,"
            yield f"{whose}  {done} {one.destroyed_at:%Y-%m-%d} ({why}), receipt {one.receipt[:16]}{copies}"
    if not told:
        yield "No computer holds evidence of this hub."


def _expire(args: argparse.Namespace) -> int:
    from assessor_desk.hub.destroying import without_consent
    from assessor_desk.hub.retention import expire, over

    with opened_hub(args) as hub:
        found = [*without_consent(hub), *over(hub)] if args.preview else expire(hub)
    done = "would go" if args.preview else "destroyed"
    lines = [
        f"{one.key:<12} {done}: {counted(one.files, 'file')} ({bytes_in_words(one.bytes)}); {one.why}"
        for one in found
    ]
    document = {"evidence": [asdict(one) for one in found], "destroyed": not args.preview}
    tell(args, document, lines or ["No evidence is past its time."])
    return 0


def _hold(args: argparse.Namespace) -> int:
    from assessor_desk.domain.errors import Refused
    from assessor_desk.hub.retention_holds import HoldKind, list_holds, place_hold, release_hold

    if args.act != "list" and not args.named:
        raise Refused("Say which submission is meant: hub hold add SUBMISSION")
    with opened_hub(args) as hub:
        if args.act == "add":
            found = [place_hold(hub, args.named, HoldKind(args.kind), args.why, args.by, args.until)]
        elif args.act == "release":
            found = release_hold(hub, args.named, args.by)
        else:
            found = list_holds(hub, past=args.past)
    said = {"add": "kept", "release": "released", "list": "kept"}[args.act]
    tell(args, {"holds": [asdict(one) for one in found]}, _holds(found, said))
    return 0


def _holds(found: list[RetentionHold], said: str) -> Iterator[str]:
    for one in found:
        until = f" until {one.until:%Y-%m-%d}" if one.until is not None else ""
        over = (
            f", released {one.released_at:%Y-%m-%d} by {one.released_by}"
            if one.released_at is not None
            else ""
        )
        kind = one.kind.replace("_", " ")
        whose = f"({one.placed_by}, {one.placed_at:%Y-%m-%d})"
        yield f"{one.id[:8]}  {one.key:<12} {said} for: {kind}{until}. {one.reason} {whose}{over}"
    if not found:
        yield "Nothing is kept beyond its time."
