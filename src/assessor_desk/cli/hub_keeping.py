"""`assessor-desk hub --at DIR backup|restore|sweep|limits`: keeping a hub."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.hub_opening import opened_hub
from assessor_desk.cli.speaking import command, complain, passphrase_in, read_passphrase, tell
from assessor_desk.domain.errors import Damaged, Refused, exit_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assessor_desk.hub.restoring import Restoring

_LIMITS = {
    "requests_per_device": "requests a minute that one computer may make",
    "requests_per_address": "requests a minute that one address of the network may make",
    "wrong_codes": "wrong enrolment codes from one address within a quarter of an hour",
}


def add(verbs: Any) -> None:
    """Add the verbs."""
    kept = command(verbs, "backup", "back the hub up, also while it serves", _backup)
    kept.add_argument(
        "target", type=Path, metavar="DIR|FILE.zip",
        help="a folder, which keeps several and takes only what is new, or one new file",
    )  # fmt: skip
    kept.add_argument(
        "--keep", type=_count, default=0, metavar="N", help="keep the newest N of the folder's back-ups"
    )
    _add_own_passphrase(kept)
    back = command(verbs, "restore", "put the hub back from a back-up, also while it serves", _restore)
    back.add_argument("source", type=Path, metavar="DIR|FILE.zip", help="of a folder the newest is taken")
    back.add_argument(
        "--replace", action="store_true", help="also over a hub that is there; what it holds is kept aside"
    )
    back.add_argument(
        "--preview", action="store_true", help="say what it would bring back, and what would go"
    )
    told = back.add_mutually_exclusive_group()
    told.add_argument(
        "--since-trust", type=Path, metavar="PEM",
        help="into an empty place or over a damaged hub: the newest trust list, which any desk has; "
        "whoever it revokes stays revoked",
    )  # fmt: skip
    told.add_argument(
        "--since-nothing",
        action="store_true",
        help="into an empty place or over a damaged hub: nobody was revoked since the back-up",
    )
    _add_own_passphrase(back)
    swept = command(
        verbs, "sweep", "remove files that nothing refers to; a serving hub does so by itself", _sweep
    )
    swept.add_argument("--preview", action="store_true", help="say what would go, and remove nothing")
    bounds = command(verbs, "limits", "say how much may be asked of the hub, or set it", _limits)
    for name, words in _LIMITS.items():
        bounds.add_argument(f"--{name.replace('_', '-')}", type=_count, metavar="N", help=words)


def _add_own_passphrase(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--back-up-passphrase-file",
        type=Path,
        metavar="FILE",
        help="a file with the passphrase of the back-up, without which nothing in it opens",
    )


def _count(text: str) -> int:
    if text.isdecimal() and 1 <= len(text) <= 9 and int(text):
        return int(text)
    raise argparse.ArgumentTypeError(f"“{text}” is not a number from 1 on")


def _own_passphrase(args: argparse.Namespace) -> str | None:
    path = args.back_up_passphrase_file
    return None if path is None else read_passphrase(path)


def _how_it_opens(elsewhere: bool) -> str:
    """Of a folder the key is part of the back-up, of a hub on servers it is not (docs/decisions/0228)."""
    if elsewhere:
        return "It opens with hub.key alone, which is not in it: keep that apart from it, and safe."
    return "It opens without a passphrase: keep it where the hub may be."


def _backup(args: argparse.Namespace) -> int:
    """What the hub itself has lost is told, and is no reason to keep nothing."""
    from assessor_desk.hub.back_up import back_up

    with opened_hub(args) as hub:
        done = back_up(hub, args.target, _own_passphrase(args), keep=args.keep)
        elsewhere = hub.database.shares_papers
    sealed = len(done.manifest.blobs) + len(done.manifest.packets)
    lines = [
        f"Backed up to {done.place}: {sealed} sealed files, {done.new} of them new ({_size(done.new_bytes)}).",
        f"The audit log ended with {done.manifest.audit}",
        *([f"Removed: {', '.join(done.removed)}"] if done.removed else []),
        *([] if args.back_up_passphrase_file else [_how_it_opens(elsewhere)]),
    ]
    told = {
        "place": str(done.place), "files": sealed, "new": done.new, "new_bytes": done.new_bytes,
        "audit": done.manifest.audit, "removed": done.removed, "missing": done.missing,
    }  # fmt: skip
    tell(args, told, lines)
    complain(
        f"The hub has lost {digest}, or it is damaged; the back-up is without it" for digest in done.missing
    )
    return exit_code(Damaged()) if done.missing else 0


def _restore(args: argparse.Namespace) -> int:
    from assessor_desk.hub.endings_kept import Since
    from assessor_desk.hub.restoring import Secrets, look, restore
    from assessor_desk.hub.whereabouts import Whereabouts, whereabouts_of

    given = Secrets(passphrase_in(args), _own_passphrase(args))
    if args.preview:
        seen = look(args.at, args.source, given)
        tell(args, _told(seen), _lines(seen))
        return 0
    elsewhere = whereabouts_of(args.at) != Whereabouts()
    if not elsewhere and not args.replace and args.at.is_dir() and any(args.at.iterdir()):
        raise Refused(
            f"There is a hub in {args.at}. See with --preview what would be gone, and add --replace to restore over it"
        )
    done = restore(args.at, args.source, given, since=Since(args.since_trust, args.since_nothing))
    lines = [
        *_lines(done.restoring),
        f"The hub in {args.at} is restored. Desks notice with their next round, and deliver anew what it lacks.",
        *([f"What was there is kept in {done.aside}."] if done.aside else []),
    ]
    tell(
        args,
        {**_told(done.restoring), "aside": str(done.aside or ""), "audit_lines": done.audit_lines},
        lines,
    )
    return 0


def _told(seen: Restoring) -> dict[str, Any]:
    return {**asdict(seen), "gone": [asdict(one) for one in seen.gone]}


def _lines(seen: Restoring) -> Iterator[str]:
    counts = ", ".join(f"{count} {name}" for name, count in seen.counts.items())
    yield f"{seen.name}: “{seen.title}” as of {seen.made_at:%Y-%m-%d %H:%M} UTC, with {counts}."
    for one in seen.gone:
        more = ", …" if one.count > len(one.some) else ""
        yield f"Not in it: {one.count} {one.kind} ({', '.join(one.some)}{more})"
    if seen.over == "a damaged hub":
        yield (
            "The hub that is there is damaged, so that what it holds beyond that cannot be told. Restoring over it "
            "asks who was revoked since (--since-trust, --since-nothing)."
        )
    if seen.missing:
        yield f"{len(seen.missing)} sealed files were lost before the back-up was made."


def _sweep(args: argparse.Namespace) -> int:
    from assessor_desk.hub.sweeping import SPARED, sweep

    with opened_hub(args) as hub:
        swept = sweep(hub, SPARED, pretend=args.preview)
    hours = SPARED // timedelta(hours=1)
    found = (
        f"{swept.files} files ({_size(swept.bytes)}) that nothing refers to, {swept.rows} keys of replaced files, "
        f"{swept.uploads} deliveries that broke off"
    )
    done = "nothing was removed" if args.preview else "removed"
    lines = [f"{found}: {done}.", f"What came within {hours} hours is spared."]
    tell(args, {**asdict(swept), "removed": not args.preview}, lines)
    return 0


def _limits(args: argparse.Namespace) -> int:
    from assessor_desk.hub.limits import limits_of, set_limits

    changed = {name: value for name in _LIMITS if (value := getattr(args, name)) is not None}
    with opened_hub(args) as hub:
        allowed = set_limits(hub, **changed) if changed else limits_of(hub)
    told = asdict(allowed)
    tell(args, told, (f"{told[name]:>7,}  {words}" for name, words in _LIMITS.items()))
    return 0


def _size(count: int) -> str:
    return f"{count / 10**6:,.1f} MB"
