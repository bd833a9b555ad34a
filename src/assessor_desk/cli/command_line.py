"""The frame of the command line (DESIGN §5): options that all verbs share, and the one place where errors become
sentences and exit codes. With --json an error is `{"error": sentence}`; verbs that look at several things (verify,
rubric check, preflight, sync) give their document also where they end with another code than 0.

A verb module has `add(subparsers)`, which sets `run=…` on its parser, and `run(args) -> int`. What it imports
at the top is paid for by every command, so heavy things wait until `run`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from assessor_desk import __version__
from assessor_desk.domain.errors import DeskError, Unavailable, exit_code, sentence
from assessor_desk.places import default_desk

#: Modules of verbs, in the order of the help, imported only where a command is named: the window starts sooner.
_VERBS = (
    "demo", "desk_verbs", "identity_verbs", "device_verbs", "earlier_verb", "copy_verb", "move_rubric_verb",
    "custody_verbs", "restore_verb", "coach_verbs", "reviewer_verbs", "cohort_verbs", "verify", "rubric_verbs",
    "preflight", "preview", "hub_verbs",
)  # fmt: skip
_WRONG_USAGE = 2
_INTERRUPTED = 130


def run_command(arguments: Sequence[str]) -> int:
    """Carry out one command line. Returns 0 done · 1 refused · 2 usage · 3 unavailable · 4 damaged or not verified."""
    _speak_utf8()
    shared = argparse.Namespace(desk=default_desk(), passphrase_file=None, json=False)
    try:
        args = _parser_for(arguments).parse_args(arguments, shared)
    except _Misused as wrong:
        raise SystemExit(_tell_usage(wrong, "--json" in arguments)) from None
    try:
        return int(args.run(args))
    except DeskError as error:
        return _tell(error, args.json)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough; the interpreter must not complain while it ends.
        sys.stdout = None
        return 0
    except OSError as error:
        # Disks fill up and sticks are pulled out anywhere; a room that knows more has said so itself.
        what = error.filename or "A file"
        return _tell(
            Unavailable(f"{what} cannot be used ({error.strerror or error}). Check the disk"), args.json
        )


def _tell(error: DeskError, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": sentence(error)}, ensure_ascii=False))
    print(sentence(error), file=sys.stderr)
    return exit_code(error)


class _Misused(Exception):
    """The words on the command line make no command."""

    def __init__(self, usage: str, words: str) -> None:
        super().__init__(words)
        self.usage = usage


class _Parser(argparse.ArgumentParser):
    """Raises what is wrong, so that it can be told in JSON too."""

    def error(self, message: str) -> NoReturn:
        raise _Misused(self.format_usage(), message)


def _tell_usage(wrong: _Misused, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": sentence(wrong)}, ensure_ascii=False))
    print(f"{wrong.usage}{sentence(wrong)}", file=sys.stderr)
    return _WRONG_USAGE


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    shared = _shared_options()
    top = _window_parser(shared)
    subparsers = top.add_subparsers(title="commands", metavar="COMMAND")
    subparsers.shared = shared  # type: ignore[attr-defined]
    for verbs in _VERBS:
        import_module(f"assessor_desk.cli.{verbs}").add(subparsers)
    return top


def _parser_for(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """The whole command line, or without its commands where nothing but shared options is given."""
    shared = _shared_options()
    _, others = shared.parse_known_args(arguments)
    return parser() if others else _window_parser(shared)


def _window_parser(shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    top = _Parser(
        prog="assessor-desk",
        description="Assess educator micro-credentials. Without a command the window opens.",
        parents=[shared],
    )
    top.add_argument("--version", action="version", version=f"assessor-desk {__version__}")
    top.set_defaults(run=_open_window)
    return top


def _shared_options() -> argparse.ArgumentParser:
    """Options that may stand before or after a command; they have no defaults, so neither place undoes the other."""
    shared = _Parser(prog="assessor-desk", add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument(
        "--desk", type=_folder, metavar="DIR", help="the desk's folder (or ASSESSOR_DESK_HOME)"
    )
    shared.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="a file with the passphrase (or ASSESSOR_DESK_PASSPHRASE)",
    )
    shared.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    return shared


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _open_window(args: argparse.Namespace) -> int:
    from assessor_desk.cli.speaking import given_passphrase
    from assessor_desk.gui.app import run

    return run(args.desk, given_passphrase(args))


def _speak_utf8() -> None:
    """Names are in many scripts, and a redirected output on Windows would have only one."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
