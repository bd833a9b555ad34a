"""`assessor-desk custody|offline|free`: what evidence is on this computer, until when, and what need not be."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.desk_verbs import opened_desk
from assessor_desk.cli.speaking import command, counted, tell
from assessor_desk.domain.sizes import bytes_in_words

if TYPE_CHECKING:
    from assessor_desk.desk.keeping import Destroyed, HeldEvidence, Holdings

_UNITS = {"kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def add(subparsers: Any) -> None:
    """Add the verbs."""
    custody = command(
        subparsers, "custody", "say what evidence is here, how much of it, and until when", _custody
    )
    custody.add_argument(
        "--limit", type=_size, metavar="SIZE", help="evidence may take so much from now on: 20GB, or auto"
    )
    custody.add_argument(
        "--receipts", type=Path, metavar="DIR", help="write the signed receipts of destruction into a folder"
    )
    offline = command(
        subparsers, "offline", "make evidence available offline, originals too; sync fetches it", _offline
    )
    free = command(
        subparsers, "free", "free the space that evidence takes here; it can be fetched again", _free
    )
    for parser in (offline, free):
        parser.add_argument("submissions", metavar="SUBMISSION", nargs="+", help="its key, or its id")
    free.add_argument(
        "--originals-only", action="store_true", help="only of recordings that have a small copy here"
    )


def _size(text: str) -> int:
    """Bytes in `20GB`, `500 MB`; 0 for `auto`."""
    words = text.strip()
    if words.lower() == "auto":
        return 0
    for unit, bytes_each in _UNITS.items():
        number = words[: -len(unit)].strip()
        if (
            words.lower().endswith(unit.lower())
            and number.replace(".", "", 1).isdecimal()
            and len(number) < 9
        ):
            return max(1, round(float(number) * bytes_each))
    raise argparse.ArgumentTypeError(f"“{text}” is no size; write it as 20GB or 500MB, or auto")


def _custody(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        if args.limit is not None:
            desk.set_evidence_limit(args.limit)
        written = desk.write_destruction_receipts(args.receipts) if args.receipts is not None else []
        found = desk.holdings()
    document = {**_document(found), "written": [str(path) for path in written]}
    tell(args, document, [*_lines(found), *map(str, written)])
    return 0


def _document(found: Holdings) -> dict[str, Any]:
    space = found.space
    return {
        "limit": space.limit, "used": space.used, "free": space.free, "chosen": space.chosen,
        "held": [asdict(one) for one in found.held], "destroyed": [asdict(one) for one in found.destroyed],
        "closing": list(found.closing),
    }  # fmt: skip


def _lines(found: Holdings) -> Iterator[str]:
    space = found.space
    how = "as you chose" if space.chosen else "by what is free on this disk"
    yield (
        f"Evidence takes {bytes_in_words(space.used)} of {bytes_in_words(space.limit)} ({how}); "
        f"{bytes_in_words(space.free)} are free on the disk."
    )
    yield from found.closing
    yield from map(_held, found.held)
    yield from map(_destroyed, found.destroyed)


def _held(one: HeldEvidence) -> str:
    parts = [f"{bytes_in_words(one.originals)} of originals"] if one.originals else []
    parts += [f"{bytes_in_words(one.renditions)} of small copies"] if one.renditions else []
    parts += [f"{bytes_in_words(one.away)} not here"] if one.away else []
    parts += [one.offline_words] if one.offline_words else []
    parts += [f"goes {_day(one.goes_at)}"] if one.goes_at is not None else []
    parts += [f"closes {_day(one.closes_at)} without contact"] if one.closes_at is not None else []
    return f"{one.key:<10} {one.state:<15} {', '.join(parts)}"


def _destroyed(one: Destroyed) -> str:
    why = one.why.replace("_", " ")
    what = f"{one.key:<10} destroyed {_day(one.destroyed_at)} ({why}), {counted(one.files, 'file')}"
    if not one.files:
        what = f"{one.key:<10} has nothing here since {_day(one.destroyed_at)} ({why})"
    if one.gone_at is None:
        return f"{what}. {'Not yet gone' if one.files else 'Not signed yet'}: {one.trouble}"
    if one.delivered_at is not None:
        return f"{what}; the source has the receipt since {_day(one.delivered_at)}"
    if one.signed:
        return f"{what}; the receipt waits to be sent{': ' + one.trouble if one.trouble else ''}"
    return f"{what}; the receipt is signed when you next seal"


def _day(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d")


def _offline(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        ids = [desk.find(name) for name in args.submissions]
        desk.make_offline(ids)
        rows = {row.submission_id: row for row in desk.inbox()}
        keys = [rows[one].key for one in ids]
    tell(args, {"offline": keys}, [f"{', '.join(keys)}: comes with the next sync, and stays."])
    return 0


def _free(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        ids = [desk.find(name) for name in args.submissions]
        freed = desk.free_space(ids, args.originals_only)
    if freed.in_use:
        print(f"{counted(freed.in_use, 'file')} in use go when the desk is next tidied.", file=sys.stderr)
    lines = [f"{bytes_in_words(freed.bytes)} freed. What you wrote stays; the evidence can be fetched again."]
    tell(args, {"freed_bytes": freed.bytes, "in_use": freed.in_use}, lines)
    return 0
