"""Restoring a desk's database from a snapshot: a list of them, what one would change, and doing it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.speaking import command, passphrase, tell
from assessor_desk.domain.errors import Refused

if TYPE_CHECKING:
    from assessor_desk.desk.restoring import Preview, SnapshotLine


def add(subparsers: Any) -> None:
    """Add the verb."""
    restore = command(
        subparsers, "restore", "put the desk’s database together again from a snapshot", _restore
    )
    restore.description = (
        "Put the desk’s database together again from a snapshot, the newest sound one where none is named, and from "
        "all that was saved since: nothing made after the snapshot is lost. The database as it was is kept beside it. "
        "Works where the database is damaged or gone; close the desk’s window first."
    )
    restore.add_argument(
        "snapshot",
        metavar="SNAPSHOT",
        nargs="?",
        default="",
        help="its name, or its number, as --list gives it",
    )
    which = restore.add_mutually_exclusive_group()
    which.add_argument("--list", action="store_true", help="list the snapshots, and restore nothing")
    which.add_argument("--preview", action="store_true", help="say what would change, and restore nothing")


def _restore(args: argparse.Namespace) -> int:
    from assessor_desk.desk import Desk

    if not Desk.exists(args.desk):
        raise Refused(f"There is no desk in {args.desk}. Name it with --desk, or make one with connect")
    if args.list and args.snapshot:
        raise Refused("A list names every snapshot: leave SNAPSHOT out, or use --preview")
    with Desk.closed(args.desk, passphrase(args)) as closed:
        if args.list:
            lines = closed.snapshots()
            tell(args, {"snapshots": [_document(one) for one in lines]}, _listed(lines))
        elif args.preview:
            preview = closed.preview(args.snapshot)
            tell(args, preview_document(preview), preview_lines(preview))
        else:
            done = closed.restore(args.snapshot)
            kept = f"The database as it was is kept in {done.kept}."
            document = {**preview_document(done.preview), "kept": str(done.kept)}
            tell(args, document, [*preview_lines(done.preview, done=True), kept])
    return 0


def _document(line: SnapshotLine) -> dict[str, Any]:
    return {
        "snapshot": line.id, "taken_at": line.taken_at.isoformat(), "bytes": line.bytes, "taken": line.why,
        "holds": line.holds, "sound": line.sound,
    }  # fmt: skip


def _listed(lines: list[SnapshotLine]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        at = line.taken_at.astimezone()
        yield f"{number:>3}  {line.id}  {at:%Y-%m-%d %H:%M}  {line.bytes / 1e6:6.1f} MB  {line.why}: {line.holds}"
    if not lines:
        yield "There are no snapshots yet: one is taken every hour, and before each sync that changes something."
        yield "What was saved is in the journal too: restore --preview says what comes back from there."


def preview_document(preview: Preview) -> dict[str, Any]:
    """What a restore changes, for a program."""
    return {
        "snapshot": preview.snapshot,
        "present": preview.present,
        "summary": preview.summary,
        "submissions": [
            {"submission": one.key, "comes_back": one.comes_back, "kept": one.kept, "lost": one.lost}
            for one in preview.submissions
        ],
    }


def preview_lines(preview: Preview, *, done: bool = False) -> Iterator[str]:
    """The same for a person."""
    from assessor_desk.desk.restoring import FROM_JOURNAL

    from_journal = preview.snapshot == FROM_JOURNAL
    source = "the journal" if from_journal else f"snapshot {preview.snapshot}"
    yield f"{'Restored from' if done else 'From'} {source}. {preview.present} {preview.summary}"
    for one in preview.submissions:
        yield f"{one.key}  {one.title}".rstrip()
        for told, words in (
            ("comes back", one.comes_back),
            ("kept" if from_journal else "made since, kept", one.kept),
            ("not there any more", one.lost),
        ):
            if words:
                yield f"    {told}: {words}"
