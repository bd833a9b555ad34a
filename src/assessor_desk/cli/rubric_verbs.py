"""`assessor-desk rubric check|export|import`: rubrics as files, looked at, taken out and taken in."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.speaking import command, complain, passphrase, tell
from assessor_desk.domain.errors import Refused

if TYPE_CHECKING:
    from assessor_desk.domain.rubric import Rubric


def add(subparsers: Any) -> None:
    """Add `rubric` and its verbs."""
    top = command(
        subparsers, "rubric", "check rubric, policy and stack files, and take rubrics out and in", None
    )
    verbs = top.add_subparsers(title="what to do", metavar="VERB", required=True)
    verbs.shared = subparsers.shared  # type: ignore[attr-defined]
    check = command(verbs, "check", "name every fault with its file, line and criterion", _check)
    check.add_argument("files", nargs="+", type=Path, metavar="FILE")
    export = command(
        verbs, "export", "write a rubric of the desk, or one that comes with the program", _export
    )
    export.add_argument(
        "rubric", metavar="RUBRIC[@VERSION]", help="its id, with a version where there are several"
    )
    export.add_argument(
        "file", type=Path, metavar="FILE", help="a new file; .yaml for editing, .json as published"
    )
    take = command(
        verbs, "import", "make a YAML file of a published rubric (JSON), to be edited and checked", _import
    )
    take.add_argument("published", type=Path, metavar="FILE", help="such as data/rubric.json of a packet")
    take.add_argument("file", type=Path, metavar="NEW", help="the YAML file to be made")


def _check(args: argparse.Namespace) -> int:
    """Look at every file before complaining of any."""
    from assessor_desk.rubric_files import FaultyFile, holds_stack, load_rubric_or_policy, load_stack

    faults: list[str] = []
    lines: list[str] = []
    for path in args.files:
        try:
            thing = load_stack(path) if holds_stack(path) else load_rubric_or_policy(path)
        except FaultyFile as error:
            faults += [str(fault) for fault in error.faults]
        else:
            lines.append(f"{path.name}: {thing.title}, version {thing.version}, can be published")
    tell(args, {"faults": faults, "good": lines}, lines)
    complain(faults)
    return 1 if faults else 0


def _export(args: argparse.Namespace) -> int:
    return _write(args, _find(args, *args.rubric.partition("@")[::2]))


def _import(args: argparse.Namespace) -> int:
    from assessor_desk.rubric_files import load_rubric

    if args.file.suffix.lower() not in (".yaml", ".yml"):
        raise Refused(f"“{args.file.name}” is no name for a rubric that is to be edited: it ends in .yaml")
    return _write(args, load_rubric(args.published))


def _write(args: argparse.Namespace, rubric: Rubric) -> int:
    from assessor_desk.rubric_files import write_rubric

    write_rubric(rubric, args.file)
    told = {"id": rubric.id, "version": rubric.version, "title": rubric.title, "file": str(args.file)}
    tell(args, told, [f"{rubric.title}, version {rubric.version}, is in {args.file}."])
    return 0


def _find(args: argparse.Namespace, rubric_id: str, version: str) -> Rubric:
    """The rubric of the desk where it has it, else the one that comes with the program."""
    known: list[Rubric] = []
    for rubrics in (_of_the_desk, _of_the_program):
        several = list(rubrics(args))
        found = [one for one in several if one.id == rubric_id and version in ("", one.version)]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(f"{one.id}@{one.version}" for one in found)
            raise Refused(f"The desk has several versions of “{rubric_id}”. Write one of {names}")
        known += several
    names = ", ".join(sorted({f"{one.id}@{one.version}" for one in known}))
    raise Refused(f"There is no rubric “{args.rubric}”; there are {names}")


def _of_the_desk(args: argparse.Namespace) -> Iterable[Rubric]:
    from assessor_desk.desk import Desk

    if not Desk.exists(args.desk):
        return ()
    with Desk.open(args.desk, passphrase(args)) as desk:
        return desk.rubrics()


def _of_the_program(_: argparse.Namespace) -> Iterable[Rubric]:
    from assessor_desk.places import rubrics
    from assessor_desk.rubric_files import load_rubric

    return [load_rubric(path) for path in sorted(rubrics().glob("*.yaml"))]
