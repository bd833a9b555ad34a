"""`assessor-desk demo`: a sample hub and desk that leave nothing behind, or the whole job without a window."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.speaking import command, tell
from assessor_desk.domain.roles import Role

if TYPE_CHECKING:
    from assessor_desk.cli.sample_hub import HubProcess
    from assessor_desk.desk import Desk

PASSPHRASE = "demo"


def add(subparsers: Any) -> None:
    """Add the verb."""
    parser = command(subparsers, "demo", "try the program on sample submissions", _run)
    parser.add_argument("--as", dest="role", choices=[one.value for one in Role], default=Role.ASSESSOR.value)
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--unattended", type=Path, metavar="DIR", help="do the whole job in DIR, without a window"
    )
    where.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep everything in DIR, and go on there next time"
    )


def _run(args: argparse.Namespace) -> int:
    if args.unattended is not None:
        return _do_everything(args)
    if args.keep is not None:
        return _open(args.keep.absolute(), Role(args.role))
    folder = Path(tempfile.mkdtemp(prefix="assessor-desk-demo-"))
    try:
        return _open(folder, Role(args.role))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _do_everything(args: argparse.Namespace) -> int:
    from assessor_desk.cli.unattended import do_everything

    folder = args.unattended.absolute()
    done = do_everything(folder)
    lines = [f"{each.submission}  {each.recommendation.replace('_', ' ')}  {each.packet}" for each in done]
    tell(args, [asdict(each) for each in done], [*lines, f"Everything is in {folder}."])
    return 0


def _open(folder: Path, role: Role) -> int:
    """Make hub and desk in `folder` unless they are there, and open the window on the desk."""
    from assessor_desk.cli.sample_hub import HubProcess, make_sample_hub
    from assessor_desk.desk import Desk
    from assessor_desk.gui.app import run

    desk_folder = folder / "desks" / role.value
    first = not Desk.exists(desk_folder)
    codes = make_sample_hub(folder / "hub") if first else {}
    with HubProcess(folder / "hub", 0 if first else _port_of(desk_folder)) as hub:
        if first:
            if role is Role.REVIEWER:
                _prepare_reviews(folder / "desks" / Role.ASSESSOR.value, hub.url, codes[Role.ASSESSOR])
            _make_desk(desk_folder, hub.url, codes[role]).close()
        print(f"The desk's passphrase is “{PASSPHRASE}”. The sample hub answers at {hub.url}.")
        print(_how_to_unplug(hub), flush=True)
        if sys.stdin is not None:  # a program without a console on Windows has none
            threading.Thread(target=_plug_and_unplug, args=(hub,), name="plug", daemon=True).start()
        return int(run(desk_folder, PASSPHRASE))


def _how_to_unplug(hub: HubProcess) -> str:
    if sys.stdin is not None and sys.stdin.isatty():
        return "Press Enter here to unplug the hub, and again to plug it in."
    return (
        "A line written to this program's standard input unplugs the hub, and the next plugs it in. "
        f"Ending process {hub.pid} unplugs it too."
    )


def _make_desk(folder: Path, url: str, code: str) -> Desk:
    from assessor_desk.desk import Desk

    folder.parent.mkdir(parents=True, exist_ok=True)
    desk, _ = Desk.create(folder, PASSPHRASE)
    desk.connect(url, code, PASSPHRASE)
    return desk


def _prepare_reviews(folder: Path, url: str, code: str) -> None:
    """A reviewer's day begins with what assessors delivered."""
    from assessor_desk.cli.unattended import assess_everything

    print("A sample assessor seals three reviews first; that takes some seconds.", flush=True)
    with _make_desk(folder, url, code) as desk:
        assess_everything(desk)


def _port_of(folder: Path) -> int:
    """Where a kept desk looks for its hub."""
    from urllib.parse import urlsplit

    from assessor_desk.desk import Desk

    with Desk.open(folder, PASSPHRASE) as desk:
        profile = desk.profile
    return (urlsplit(profile.source_address).port or 0) if profile else 0


def _plug_and_unplug(hub: HubProcess) -> None:
    """Until the end of standard input, which may be at once."""
    for _ in sys.stdin:
        if hub.running:
            hub.stop()
            print("Unplugged. Work goes on; what you seal waits. Enter plugs the hub in.", flush=True)
        else:
            hub.start()
            print("Plugged in.", flush=True)
