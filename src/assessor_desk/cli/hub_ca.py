"""`assessor-desk hub --at DIR ca …`: the programme's certificate authority, also where its hub serves nobody."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import Any

from assessor_desk.cli.hub_opening import opened_hub
from assessor_desk.cli.speaking import command, read_passphrase, tell
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.roles import Role


def add(verbs: Any) -> None:
    """Add `ca` and its verbs."""
    top = command(verbs, "ca", "the certificate authority: sign requests, export the root's key", None)
    inner = top.add_subparsers(title="what to do", metavar="VERB", required=True)
    inner.shared = verbs.shared  # type: ignore[attr-defined]
    command(inner, "show", "say how the authority stands", _show)
    sign = command(inner, "sign", "answer a request that came as a file, with a certificate", _sign)
    sign.add_argument("request", type=Path, metavar="FILE")
    sign.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the answer goes")
    sign.add_argument("--number", default="", help="whose request it is, where they are here already")
    sign.add_argument("--name", default="", help="the name of a new person, kept here alone")
    sign.add_argument("--email", default="")
    sign.add_argument("--role", action="append", default=[], type=Role, choices=list(Role), metavar="ROLE")
    sign.add_argument("--key", default="", metavar="WORDS", help="the key's words as the person told them")
    root = command(
        inner, "export-root", "move the root's key off this computer; nothing here needs it", _export
    )
    root.add_argument("file", type=Path, metavar="FILE", help="on a stick that is kept under lock")
    root.add_argument(
        "--root-passphrase-file", type=Path, metavar="FILE", help="a file with the key's own passphrase"
    )
    again = command(
        inner, "renew-issuing", "make another issuing authority, years ahead of the end of this one", _renew
    )
    again.add_argument("file", type=Path, metavar="FILE", help="the root's exported key")
    again.add_argument(
        "--root-passphrase-file", type=Path, metavar="FILE", help="a file with the key's own passphrase"
    )
    gone = command(
        inner,
        "revoke-issuing",
        "revoke an issuing authority; another takes the place of the one in use",
        _revoke,
    )
    gone.add_argument("file", type=Path, metavar="FILE", help="the root's exported key")
    gone.add_argument(
        "--reason", required=True, metavar="REASON", help="RFC 5280's word, as cessationOfOperation"
    )
    gone.add_argument(
        "--authority", type=int, default=0, metavar="NUMBER", help="as “ca show” counts; the one in use"
    )
    gone.add_argument(
        "--root-passphrase-file", type=Path, metavar="FILE", help="a file with the key's own passphrase"
    )
    trust = command(inner, "trust", "write trust.pem and its signature anew into a folder", _trust)
    trust.add_argument("--out", type=Path, required=True, metavar="DIR")


def _show(args: argparse.Namespace) -> int:
    from assessor_desk.hub.certifying import fingerprint
    from assessor_desk.verdict.trust import TrustList

    with opened_hub(args) as hub:
        authority, trust = hub.authority, TrustList.parse(hub.trust()["trust.pem"])
        stamping = [one.subject.rfc4514_string() for one in authority.stamping()]
        issuing = authority.issuing_authorities()
        told = {
            "title": authority.title,
            "root_until": authority.root.not_valid_after_utc,
            "fingerprint": fingerprint(hub),
            "root_key_here": authority.root_key_is_here,
            "issuing_until": authority.issuing.not_valid_after_utc,
            "issuing": [
                {"until": one.not_valid_after_utc, "revoked_at": revoked} for one, revoked in issuing
            ],
            "revocations_of": trust.dated,
            "time_stamping": stamping,
        }
    where = "here: export it with “hub ca export-root FILE”" if told["root_key_here"] else "kept elsewhere"
    lines = [
        f"{told['title']}",
        f"Root until {authority.root.not_valid_after_utc:%Y-%m-%d}, its key {where}",
        f"Fingerprint {told['fingerprint']}: whoever imports a certificate by file compares it",
        f"Issuing authority until {authority.issuing.not_valid_after_utc:%Y-%m-%d}",
        *(
            f"Issuing authority {number} was revoked on {revoked:%Y-%m-%d %H:%M} UTC"
            for number, (_, revoked) in enumerate(issuing, start=1)
            if revoked
        ),
        f"Revocation list of {trust.dated:%Y-%m-%d %H:%M} UTC" if trust.dated else "No revocation list",
        *(f"Time-stamps of {one} are trusted" for one in stamping),
    ]
    tell(args, told, lines)
    return 0


def _sign(args: argparse.Namespace) -> int:
    from assessor_desk.hub.certifying import Who, answer_file, fingerprint

    who = Who(args.number, args.name, tuple(args.role), args.email)
    with opened_hub(args) as hub:
        person, key = answer_file(hub, args.request, args.out, who, args.key)
        groups = fingerprint(hub)
    lines = [
        f"{person} is certified; the answer is in {args.out}. It holds no secret.",
        "" if args.key else f"The key is {key}: hand the answer out only if the person has the same.",
    ]
    lines.append(f"Tell them the fingerprint {groups} another way than by this file: they are asked for it.")
    told = {"person": person, "key": key, "answer": str(args.out), "fingerprint": groups}
    tell(args, told, filter(None, lines))
    return 0


def _export(args: argparse.Namespace) -> int:
    with opened_hub(args) as hub:
        hub.authority.export_root(args.file, _own_passphrase(args))
    lines = [
        f"The root's key is in {args.file} and no longer here. Keep file and passphrase apart, both under lock.",
        "The hub goes on without it; the root's revocation list was issued ahead for the root's whole life.",
    ]
    tell(args, {"root_key": str(args.file)}, lines)
    return 0


def _renew(args: argparse.Namespace) -> int:
    with opened_hub(args) as hub:
        renewed = hub.authority.renew_issuing(args.file, _own_passphrase(args))
        hub.renew_trust()
    until = renewed.issuing.not_valid_after_utc
    lines = [
        f"The new issuing authority holds until {until:%Y-%m-%d} and is in trust.pem.",
        "What the one before issued counts as it did.",
        "A hub that serves issues by the new one from now on. Put the root's key back where it is kept.",
    ]
    tell(args, {"issuing_until": until}, lines)
    return 0


def _revoke(args: argparse.Namespace) -> int:
    from assessor_desk.hub.authorities import revoke_issuing

    with opened_hub(args) as hub:
        done = revoke_issuing(hub, args.file, _own_passphrase(args), args.reason, args.authority)
    people = ", ".join(done.people)
    lines = [
        f"{done.title} is revoked ({args.reason}); trust.pem says so. Put the root's key back where it is kept.",
        _EARLIER[done.takes_receipts],
        f"Signed again by the authority in use: {done.signed_again} publications and assignments.",
        f"Give a new code (hub enrol) to {people}: their certificates count no more." if people else "",
    ]
    told = {"revoked": done.title, "reason": args.reason, "people": list(done.people)}
    tell(args, {**told, "signed_again": done.signed_again}, filter(None, lines))
    return 0


_EARLIER = {
    False: "Packets that were received or time-stamped before stay good; what nothing confirms does not.",
    True: "Packets that an outside authority time-stamped before stay good. A receipt alone proves nothing now: "
    "whoever has the key can make one.",
}


def _own_passphrase(args: argparse.Namespace) -> str:
    """The passphrase for the exported key alone, asked for twice where a person sits at the keyboard."""
    if args.root_passphrase_file is not None:
        return read_passphrase(args.root_passphrase_file)
    if not sys.stdin.isatty():
        raise Refused("The root's key needs a passphrase of its own: name a file with --root-passphrase-file")
    first, second = (getpass.getpass(words) for words in ("Passphrase for the root's key: ", "Once more: "))
    if first != second:
        raise Refused("The two passphrases differ. Nothing was exported")
    return first


def _trust(args: argparse.Namespace) -> int:
    from assessor_desk.hub.certifying import publish_trust

    with opened_hub(args) as hub:
        files = publish_trust(hub, args.out)
    tell(args, {"files": [str(path) for path in files]}, map(str, files))
    return 0
