"""`assessor-desk preview FILE (--page N | --at SECONDS) --out PNG`: what the viewer shows, without a desk."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

from assessor_desk.cli.speaking import command, tell


def add(subparsers: Any) -> None:
    """Add the verb."""
    parser = command(
        subparsers, "preview", "write a page, or the frame at a time, as the viewer shows it", _run
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--page", type=_page, metavar="N", help="a page, counted from 1")
    which.add_argument(
        "--at", type=_seconds, metavar="SECONDS", help="a moment, counted from the first frame"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="PNG", help="the file to write")


def _page(text: str) -> int:
    if text.isdecimal() and int(text[:9]) >= 1:
        return int(text[:9])
    raise argparse.ArgumentTypeError(f"“{text}” is no page; they count from 1")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if 0 <= seconds < math.inf:
        return seconds
    raise argparse.ArgumentTypeError(f"“{text}” is no number of seconds, such as 12.5")


def _run(args: argparse.Namespace) -> int:
    from assessor_desk.artifacts.preview import preview_moment, preview_page

    picture = preview_page(args.file, args.page) if args.at is None else preview_moment(args.file, args.at)
    args.out.write_bytes(picture)
    tell(args, {"file": str(args.file), "out": str(args.out), "bytes": len(picture)}, [f"Wrote {args.out}."])
    return 0
