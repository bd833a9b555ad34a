"""What verbs say and ask: one JSON document or lines for a person, and the passphrase."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from assessor_desk.domain.errors import Refused, sentence


def command(subparsers: Any, name: str, summary: str, run: Any) -> argparse.ArgumentParser:
    """A verb's parser, which takes the shared options too, and says `run(args)` when chosen."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name, help=summary, description=f"{summary[:1].upper()}{summary[1:]}.", parents=[subparsers.shared]
    )
    parser.set_defaults(run=run)
    return parser


def tell(args: argparse.Namespace, document: Any, lines: Iterable[str]) -> None:
    """Print `document` with --json, else `lines`."""
    if args.json:
        print(json.dumps(document, ensure_ascii=False, indent=2, default=str))
        return
    for line in lines:
        print(line)


def counted(count: int, one: str) -> str:
    """“1 device”, “2 devices”."""
    return f"{count} {one}{'' if count == 1 else 's'}"


def complain(troubles: Iterable[str]) -> None:
    """Say on stderr what a command found wrong and went on after, a sentence a line; the document has it too."""
    for trouble in troubles:
        print(sentence(Refused(trouble)), file=sys.stderr)


def given_passphrase(args: argparse.Namespace) -> str | None:
    """The passphrase in the file or the environment; None where there is neither. Raises Refused for an unreadable
    file.
    """
    if args.passphrase_file is None:
        return os.environ.get("ASSESSOR_DESK_PASSPHRASE") or None
    return passphrase_in(args)


def passphrase_in(args: argparse.Namespace) -> str | None:
    """The passphrase in the file named on the command line; None where none is named."""
    return None if args.passphrase_file is None else read_passphrase(args.passphrase_file)


def read_passphrase(path: Path) -> str:
    """The passphrase in a file. Raises Refused where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"The passphrase file {path} cannot be read") from error
    return text.rstrip("\r\n")


def passphrase(args: argparse.Namespace) -> str:
    """The passphrase, asked for where a person sits at the keyboard. Raises Refused where there is none to be had."""
    given = given_passphrase(args)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise Refused(
            "A passphrase is needed: name a file with --passphrase-file, or set ASSESSOR_DESK_PASSPHRASE"
        )
    return getpass.getpass("Passphrase: ")
