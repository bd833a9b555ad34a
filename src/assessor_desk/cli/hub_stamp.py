"""`assessor-desk hub --at DIR stamp`: time-stamps by an authority outside the programme (RFC 3161)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from assessor_desk.cli.hub_opening import opened_hub
from assessor_desk.cli.speaking import command, complain, tell
from assessor_desk.domain.errors import Refused, Unavailable, exit_code


def add(verbs: Any) -> None:
    """Add `stamp`."""
    stamp = command(
        verbs, "stamp", "have what was delivered time-stamped by an authority outside (RFC 3161)", _stamp
    )
    stamp.add_argument("--authority", default="", metavar="URL", help="ask this one from now on")
    stamp.add_argument(
        "--certificate",
        type=Path,
        metavar="PEM",
        help="the certificate it signs with: the trust list names it",
    )
    stamp.add_argument(
        "--stop", action="store_true", help="ask nobody from now on; tokens that came still count"
    )
    stamp.add_argument(
        "--now", action="store_true", help="ask at once for all that wait, as a serving hub does"
    )


def _stamp(args: argparse.Namespace) -> int:
    """Trouble with the authority is told on stderr, and by the exit code of something that could not be reached."""
    from assessor_desk.hub import stamping

    if bool(args.authority) != (args.certificate is not None) or (args.authority and args.stop):
        raise Refused("Name the authority with both --authority and --certificate, or --stop, or neither")
    with opened_hub(args) as hub:
        if args.authority:
            stamping.configure_from(hub, args.authority, args.certificate)
        if args.stop:
            stamping.stop_asking(hub)
        done = stamping.stamp_due(hub, at_once=True) if args.now else None
        chosen, waiting, trouble = stamping.configured(hub), stamping.waiting(hub), stamping.last_trouble(hub)
    asked = f"{chosen.address} is asked" if chosen else "No time-stamping authority is asked"
    lines = [f"{asked}; {waiting} wait for a time-stamp"]
    lines += [f"{done.done} came just now"] if done else []
    told = {
        "authority": chosen.address if chosen else "",
        "certificate": chosen.fingerprint if chosen else "",
        "stamped": done.done if done else 0,
        "waiting": waiting,
        "last_trouble": trouble,
    }
    tell(args, told, lines)
    troubles = done.troubles if done else filter(None, [trouble])
    complain(troubles)
    return exit_code(Unavailable()) if done and done.troubles else 0
