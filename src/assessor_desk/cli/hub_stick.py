"""`assessor-desk hub --at DIR stick PATH`: desks that come by stick, where a school has no network."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.hub_opening import opened_hub
from assessor_desk.cli.speaking import command, complain, tell
from assessor_desk.domain.errors import Refused, Unavailable, exit_code
from assessor_desk.domain.roles import Role

if TYPE_CHECKING:
    from assessor_desk.hub.certifying import Who
    from assessor_desk.hub.sticks import Visited


def add(verbs: Any) -> None:
    """Add `stick`."""
    stick = command(
        verbs, "stick", "take in what desks put on a stick, and put on it what is for them", _stick
    )
    stick.add_argument("folder", type=_folder, metavar="PATH", help="the stick, or a folder on it")
    stick.add_argument(
        "--key",
        default="",
        metavar="WORDS",
        help="let in the desk whose request has this key, as its person told you",
    )
    stick.add_argument("--number", default="", help="whose desk that is, where they are here already")
    stick.add_argument("--name", default="", help="the name of a new person, kept here alone")
    stick.add_argument("--email", default="")
    stick.add_argument("--role", action="append", default=[], type=Role, choices=list(Role), metavar="ROLE")


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _stick(args: argparse.Namespace) -> int:
    """What was passed over is told on stderr, and by the exit code of something that could not be had."""
    from assessor_desk.hub.sticks import fingerprint, visit

    who = _who(args)
    with opened_hub(args) as hub:
        visited = visit(hub, args.folder, who, args.key)
        words = fingerprint(hub)
    lines = [line for one in visited for line in _lines(one)]
    lines += (
        [f"This programme's fingerprint is {words}: tell it to whoever is let in."] if _news(visited) else []
    )
    lines += [] if visited else ["Nothing is on the stick for this hub, and no desk has asked to be let in."]
    tell(args, {"fingerprint": words, "desks": [asdict(one) for one in visited]}, lines)
    troubles = [trouble for one in visited for trouble in (*one.refused, *one.troubles)]
    complain(troubles)
    return exit_code(Unavailable()) if troubles else 0


def _who(args: argparse.Namespace) -> Who | None:
    from assessor_desk.hub.certifying import Who

    if not args.key:
        if args.number or args.name or args.role or args.email:
            raise Refused("Say by --key which request is theirs: the words that the person tells you")
        return None
    if bool(args.number) == bool(args.name):
        raise Refused("Say whose desk that is: --number of somebody who is here, or --name and --role")
    return Who(args.number, args.name, tuple(args.role), args.email)


def _news(visited: list[Visited]) -> bool:
    return any(one.let_in or not one.person for one in visited)


def _lines(one: Visited) -> list[str]:
    if not one.person:
        return _asking_lines(one)
    lines = [f"{one.person} was let in with key {one.key} ({one.device})."] if one.let_in else []
    if one.taken:
        lines.append(
            f"{one.person}: {_count(one.taken, 'delivery', 'deliveries')} taken in; the receipts are on the stick."
        )
    put, left = one.put, ""
    if put.left:
        left = f" {_count(put.left, 'file')} found no room: bring the stick once more, or a larger one."
    files = f"{_count(put.files, 'file')} ({_bytes(put.bytes)})"
    lines.append(f"{one.person}: {_count(put.assignments, 'assignment')} and {files} are on the stick.{left}")
    if one.key and not one.let_in:
        lines += _asking_lines(one)
    return lines


def _asking_lines(one: Visited) -> list[str]:
    if not one.key:
        return [f"Desk {one.desk} is not one of this hub's."]
    return [
        f"{one.device or 'A desk'} asks to be let in. Its key is {one.key}: ask the person whether theirs is the same.",
        f"Then: hub stick PATH --key {one.key} --number NUMBER, or with --name NAME --role ROLE for a new person.",
    ]


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"


def _bytes(number: int) -> str:
    return f"{number / 1e6:,.1f} MB"
