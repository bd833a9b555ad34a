"""`assessor-desk identity`: who this desk signs as, and certificates that come by file where no hub is reached."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli import desk_answers
from assessor_desk.cli.desk_verbs import opened_desk
from assessor_desk.cli.speaking import command, passphrase, tell
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.roles import Role

if TYPE_CHECKING:
    from assessor_desk.desk import Desk
    from assessor_desk.desk.identity_answers import Identity


def add(subparsers: Any) -> None:
    """Add `identity` and its verbs."""
    top = command(
        subparsers, "identity", "show, renew, request or import the certificate you sign with", None
    )
    verbs = top.add_subparsers(title="what to do", metavar="VERB", required=True)
    verbs.shared = subparsers.shared  # type: ignore[attr-defined]
    command(verbs, "show", "say who this desk signs as, and how that stands", _show)
    command(verbs, "renew", "have the certificate renewed by the hub now", _renew)
    request = command(
        verbs, "request", "write a request for a certificate, for a programme without a hub", _request
    )
    request.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the request goes")
    request.add_argument(
        "--role",
        action="append",
        default=[],
        type=Role,
        choices=list(Role),
        metavar="ROLE",
        help="what you are to be certified as; the programme decides",
    )
    request.add_argument(
        "--programme",
        default="",
        metavar="GROUPS",
        help="the fingerprint of the programme whose certificate is to be renewed, as “identity show” gives it; or "
        "“another”, for a programme that this desk does not sign for yet",
    )
    take = command(verbs, "import", "take in the file that answers the request", _import)
    take.add_argument("file", type=Path, metavar="FILE")
    take.add_argument(
        "--fingerprint",
        default="",
        metavar="GROUPS",
        help="the programme's fingerprint as it told you, where this desk does not know it yet",
    )


def _show(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        first, *others = desk.identities()
    told = {**_document(first), "others": [_document(one) for one in others]}
    tell(args, told, [line for one in (first, *others) for line in _lines(one)])
    return 0


def _renew(args: argparse.Namespace) -> int:
    words = passphrase(args)
    with opened_desk(args, words) as desk:
        _, told = desk.renew_certificate(words)
        identity = desk.identity()
    tell(args, _document(identity), [told])
    return 0


def _request(args: argparse.Namespace) -> int:
    """Makes the desk where there is none, as `connect` does."""
    from assessor_desk.desk import Desk

    words, recovery_key = passphrase(args), ""
    if Desk.exists(args.desk):
        desk = Desk.open(args.desk, words)
    else:
        desk, recovery_key = Desk.create(args.desk, words)
    with desk:
        if recovery_key:
            print(desk_answers.recovery_lines(recovery_key), file=sys.stderr)
        which = _programme(desk, args.programme)
        _, key = desk.request_identity(args.out, words, tuple(args.role), which)
    lines = [
        f"The request is in {args.out}. Give it to your programme; it holds no secret.",
        f"Its key is {key}: the programme compares that with you before it answers.",
        "Then: assessor-desk identity import FILE",
    ]
    tell(args, {"request": str(args.out), "key": key}, lines)
    return 0


def _programme(desk: Desk, words: str) -> str:
    """The programme that its fingerprint names, as the desk names it."""
    if words in ("", "another"):
        return words
    plain = words.replace(" ", "").replace("-", "").casefold()
    for one in desk.identities():
        if one.root and one.fingerprint.replace("-", "").casefold() == plain:
            return one.root
    raise Refused(f"This desk signs for no programme with the fingerprint {words}. See “identity show”")


def _import(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        root = desk.examine_identity(args.file).root
        desk.import_identity(args.file, args.fingerprint or _confirmed(desk, args.file))
        identity = next((one for one in desk.identities() if one.root == root), desk.identity())
    tell(args, _document(identity), _lines(identity))
    return 0


def _confirmed(desk: Desk, path: Path) -> str:
    """The fingerprint, where a person at the keyboard says that the programme told them the same; else none."""
    seen = desk.examine_identity(path)
    if seen.known:
        return ""
    if not sys.stdin.isatty():
        raise Refused(
            f"This desk does not know {seen.programme} yet. Compare its fingerprint, {seen.fingerprint}, with the one "
            "that it told you, and give that with --fingerprint"
        )
    print(f"{seen.programme} certifies {seen.person}. Its fingerprint is", file=sys.stderr)
    print(f"    {seen.fingerprint}", file=sys.stderr)
    print("Compare it with what the programme tells you by telephone or on paper.", file=sys.stderr)
    return seen.fingerprint if input("Is it the same? (yes/no) ").strip().lower() in ("yes", "y") else ""


def _document(identity: Identity) -> dict[str, Any]:
    return {
        "standing": identity.standing.value,
        "words": identity.words,
        "person": identity.person,
        "roles": list(identity.roles),
        "issued_by": identity.issued_by,
        "until": None if identity.until is None else identity.until.isoformat(),
        "key": identity.key_words,
        "fingerprint": identity.fingerprint,
    }


def _lines(identity: Identity) -> list[str]:
    lines = [f"{identity.person} ({', '.join(identity.roles)})"] if identity.person else []
    lines.append(identity.words)
    if identity.fingerprint:
        lines.append(f"The programme's fingerprint is {identity.fingerprint}.")
    if identity.key_words:
        lines.append(f"A request for key {identity.key_words} waits for its answer.")
    return lines
