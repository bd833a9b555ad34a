"""`assessor-desk hub --at DIR holds|lift|release|notes`: what an issuer hands on, and what waits for the issuer."""

from __future__ import annotations

import argparse
import io
import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assessor_desk.cli.hub_opening import opened_hub
from assessor_desk.cli.speaking import command, tell


def add(verbs: Any) -> None:
    """Add the verbs."""
    held = command(verbs, "holds", "list the submissions on hold for a concern", _holds)
    held.add_argument("--lifted", action="store_true", help="those of the past too")
    lift = command(
        verbs, "lift", "lift the holds on a submission; it can be decided and released again", _lift
    )
    lift.add_argument("submission", metavar="SUBMISSION")
    release = command(
        verbs, "release", "list what was released; write the reports that are left to hand on", _release
    )
    release.add_argument("--out", type=Path, metavar="DIR", help="write the reports there")
    notes = command(verbs, "notes", "write coaches' notes on drafts, to hand on to their educators", _notes)
    notes.add_argument("--out", type=Path, required=True, metavar="DIR")


def _holds(args: argparse.Namespace) -> int:
    from assessor_desk.hub.holds import holds

    with opened_hub(args) as hub:
        found = holds(hub, lifted=args.lifted)
    lines = [
        f"{one.key}  {one.kind}  {one.raised_at:%Y-%m-%d}  by {one.person}: {one.words}"
        + (f"  (lifted {one.lifted_at:%Y-%m-%d})" if one.lifted_at else "")
        for one in found
    ]
    tell(args, [asdict(one) for one in found], lines or ["Nothing is on hold."])
    return 0


def _lift(args: argparse.Namespace) -> int:
    from assessor_desk.hub.holds import lift_holds

    with opened_hub(args) as hub:
        count = lift_holds(hub, args.submission)
    tell(
        args, {"submission": args.submission, "lifted": count}, [f"{args.submission}: {count} holds lifted."]
    )
    return 0


def _release(args: argparse.Namespace) -> int:
    from assessor_desk.hub.releases import How, released_documents, releases
    from assessor_desk.keys.private_files import write_privately

    written: list[str] = []
    with opened_hub(args) as hub:
        found = releases(hub)
        for one in found if args.out is not None else ():
            if one.how == How.HUB:
                with zipfile.ZipFile(io.BytesIO(released_documents(hub, one.decision))) as bag:
                    for name in bag.namelist():
                        write_privately(args.out / Path(name).name, bag.read(name))
                        written.append(str(args.out / Path(name).name))
    lines = [
        f"{one.key}  {one.outcome.replace('_', ' ')}  {one.released_at:%Y-%m-%d}  by {one.person}, "
        + ("through the hub" if one.how == How.HUB else "from a folder")
        for one in found
    ]
    tell(
        args,
        {"releases": [asdict(one) for one in found], "files": written},
        [*lines, *written] or ["Nothing yet."],
    )
    return 0


def _notes(args: argparse.Namespace) -> int:
    from assessor_desk.domain.programme_look import ProgrammeLook
    from assessor_desk.hub.handed_in import forget_old_notes, notes_kept
    from assessor_desk.keys.private_files import write_privately
    from assessor_desk.protocol.notes import read_notes
    from assessor_desk.reports.notes import notes_docx, notes_html, notes_pdf

    written: list[str] = []
    with opened_hub(args) as hub:
        forget_old_notes(hub)
        for document in notes_kept(hub):
            notes = read_notes(document)
            look = ProgrammeLook(notes.programme)
            forms = {"pdf": notes_pdf, "docx": notes_docx, "html": notes_html}
            for suffix, made in forms.items():
                path = args.out / f"notes-{notes.submission_key}.{suffix}"
                write_privately(path, made(notes, look))
                written.append(str(path))
    tell(args, {"files": json.loads(json.dumps(written))}, written or ["There are no notes to hand on."])
    return 0
