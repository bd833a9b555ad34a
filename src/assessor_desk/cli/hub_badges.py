"""`assessor-desk hub --at DIR badge|stack …`: badges for what was earned, and stacks made of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.hub_opening import opened_hub
from assessor_desk.cli.speaking import command, tell
from assessor_desk.domain.errors import Refused, Unavailable

if TYPE_CHECKING:
    from assessor_desk.hub.badges import Badge, BadgeFiles

_FORMATS = ("json", "png", "svg")


def add(verbs: Any) -> None:
    """Add the verbs."""
    _add_badge(_group(verbs, "badge", "issue, show and revoke Open Badges for what was earned"))
    _add_stack(_group(verbs, "stack", "see who earned a stack of micro-credentials, and issue its badge"))


def _group(verbs: Any, name: str, summary: str) -> Any:
    top = command(verbs, name, summary, None)
    group: Any = top.add_subparsers(title="what to do", metavar="VERB", required=True)
    group.shared = verbs.shared
    return group


def _add_badge(verbs: Any) -> None:
    setup = command(
        verbs, "setup", "make the key for badges and say under which address wallets reach the hub", _setup
    )
    setup.add_argument(
        "--address",
        required=True,
        metavar="URL",
        help="stands in every badge; keep it for as long as they count",
    )
    setup.add_argument("--look", type=Path, metavar="YAML", help="the programme's look: accent and logo")
    issue = command(verbs, "issue", "issue badges for decisions that are earned and released", _issue)
    issue.add_argument("submissions", nargs="*", metavar="SUBMISSION")
    issue.add_argument("--all", action="store_true", help="for all that have none yet; earned stacks too")
    command(verbs, "list", "list the badges that were issued", _list)
    show = command(verbs, "show", "show a badge, or write it as JSON and into PNG and SVG", _show)
    show.add_argument("badge", metavar="BADGE", help="a submission's key, or a badge's id")
    show.add_argument(
        "--out", type=Path, metavar="DIR", help="write its files there, with the issuer's papers"
    )
    show.add_argument("--format", action="append", choices=_FORMATS, default=[], help="only this one")
    revoke = command(verbs, "revoke", "revoke a badge; the status list says so at once", _revoke)
    revoke.add_argument("badge", metavar="BADGE", help="a submission's key, or a badge's id")
    revoke.add_argument("--reason", required=True)
    command(
        verbs, "replace-key", "sign badges with a new key; those from before stay what they are", _replace
    )
    papers = command(
        verbs, "papers", "write the issuer's key and status list, for whoever checks badges", _papers
    )
    papers.add_argument("--out", type=Path, required=True, metavar="DIR")


def _add_stack(verbs: Any) -> None:
    check = command(verbs, "check", "say how far educators are towards a stack", _check)
    check.add_argument("stack", metavar="STACK", help="the id of a published stack")
    check.add_argument("--educator", default="", metavar="NUMBER", help="the programme's number, as imported")
    issue = command(verbs, "issue", "issue a stack's own badge once its parts are earned", _issue_stack)
    issue.add_argument("stack", metavar="STACK")
    issue.add_argument("--educator", required=True, metavar="NUMBER")


def _setup(args: argparse.Namespace) -> int:
    from assessor_desk.hub.badge_papers import ISSUER_FILE, set_up_badges
    from assessor_desk.rubric_files import load_look

    look = None if args.look is None else load_look(args.look)
    with opened_hub(args) as hub:
        did = set_up_badges(hub, args.address, look)
    told = f"Give {args.at / ISSUER_FILE} and its .p7s with trust.pem to whoever checks badges."
    tell(args, {"issuer": did, "address": args.address}, [f"Badges are issued by {did}.", told])
    return 0


def _issue(args: argparse.Namespace) -> int:
    from assessor_desk.hub.badges import badges, issue_badge, waiting_for_badges
    from assessor_desk.hub.stacks import earned_stacks, issue_stack

    if bool(args.submissions) == args.all:
        raise Refused("Name submissions to issue badges for, or --all")
    with opened_hub(args) as hub:
        keys = waiting_for_badges(hub) if args.all else args.submissions
        issued = [issue_badge(hub, key) for key in keys]
        if args.all:
            issued += [issue_stack(hub, stack, educator) for stack, educator in earned_stacks(hub)]
        found = [one for one in badges(hub) if one.id in issued]
    tell(args, {"badges": [asdict(one) for one in found]}, [*map(_line, found)] or ["No badge was waiting."])
    return 0


def _list(args: argparse.Namespace) -> int:
    from assessor_desk.hub.badges import badges

    with opened_hub(args) as hub:
        found = badges(hub)
    tell(
        args, {"badges": [asdict(one) for one in found]}, [*map(_line, found)] or ["No badge was issued yet."]
    )
    return 0


def _line(one: Badge) -> str:
    until = f", counts until {one.valid_until:%Y-%m-%d}" if one.valid_until else ""
    line = f"{one.key or one.educator}  {one.title}  issued {one.issued_at:%Y-%m-%d}{until}  {one.id}"
    if one.revoked_at is not None:
        return f"{line}  (revoked {one.revoked_at:%Y-%m-%d}: {one.reason})"
    return f"{line}  (a later decision replaced its own: revoke it)" if one.replaced else line


def _show(args: argparse.Namespace) -> int:
    import json

    from assessor_desk.hub.badge_papers import papers
    from assessor_desk.hub.badges import badge_files

    with opened_hub(args) as hub:
        files = badge_files(hub, args.badge)
        beside = papers(hub)
    credential = json.loads(files.json)
    if args.out is None:
        tell(args, credential, _in_words(credential))
        return 0
    written = _write(args.out, {**_named(files, args.format or _FORMATS), **beside})
    tell(args, {"badge": files.id, "files": written}, written)
    return 0


def _in_words(credential: dict[str, Any]) -> Iterator[str]:
    """A badge for a person at a terminal: what it is for, and how each criterion, or part of a stack, was met."""
    until = f", counts until {credential['validUntil'][:10]}" if "validUntil" in credential else ""
    subject = credential["credentialSubject"]
    titles = {one["id"]: one["name"] for one in subject["achievement"]["resultDescription"]}
    yield credential["name"]
    yield credential["id"]
    yield f"Issued {credential['validFrom'][:10]} by {credential['issuer']['name']}{until}"
    for result in subject["result"]:
        yield f"  {titles[result['resultDescription']]}: {result.get('value') or result.get('status')}"
    for evidence in credential["evidence"]:
        yield f"{evidence['name']} {evidence['id']}"
    yield "“--out DIR” writes it as PNG, SVG and JSON with what whoever checks it needs; “--json” prints it."


def _named(files: BadgeFiles, formats: Any) -> dict[str, bytes]:
    stem = f"badge-{files.id.removeprefix('urn:uuid:')}"
    return {f"{stem}.{form}": getattr(files, form) for form in _FORMATS if form in formats}


def _write(folder: Path, files: dict[str, bytes]) -> list[str]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise Unavailable(f"{folder} cannot be written ({error.strerror}). Choose another folder") from error
    return [str(folder / name) for name in files]


def _revoke(args: argparse.Namespace) -> int:
    from assessor_desk.hub.badges import revoke_badge

    with opened_hub(args) as hub:
        own_id = revoke_badge(hub, args.badge, args.reason)
    told = f"{own_id} is revoked. The status list says so from now on; give it to whoever checks offline."
    tell(args, {"badge": own_id, "reason": args.reason}, [told])
    return 0


def _replace(args: argparse.Namespace) -> int:
    from assessor_desk.hub.badge_papers import replace_badge_key

    with opened_hub(args) as hub:
        did = replace_badge_key(hub)
    lines = [
        f"Badges are signed by {did} from now on.",
        "Those from before stay what they were. Give “hub badge papers” anew to whoever checks badges offline.",
    ]
    tell(args, {"issuer": did}, lines)
    return 0


def _papers(args: argparse.Namespace) -> int:
    from assessor_desk.hub.badge_papers import papers, setting

    with opened_hub(args) as hub:
        setting(hub)
        written = _write(args.out, {**hub.trust(), **papers(hub)})
    tell(args, {"files": written}, written)
    return 0


def _check(args: argparse.Namespace) -> int:
    from assessor_desk.hub.stacks import check_stack

    with opened_hub(args) as hub:
        stack, checked = check_stack(hub, args.stack, args.educator)
    document = {
        "stack": stack.id,
        "version": stack.version,
        "educators": [
            {
                "educator": one.educator,
                "complete": one.standing.complete,
                "fulfilled": {part: earned.badge for part, earned in one.standing.fulfilled.items()},
                "open": list(one.standing.open),
                "badge": one.badge,
            }
            for one in checked
        ],
    }
    lines = [
        f"{one.educator}  {one.standing.sentence}" + (f"  {one.badge}" if one.badge else "")
        for one in checked
    ]
    tell(args, document, lines or [f"Nobody holds a badge that counts towards “{stack.title}” yet."])
    return 0


def _issue_stack(args: argparse.Namespace) -> int:
    from assessor_desk.hub.stacks import issue_stack

    with opened_hub(args) as hub:
        own_id = issue_stack(hub, args.stack, args.educator)
    tell(args, {"badge": own_id, "stack": args.stack}, [f"{args.educator}  {args.stack}  {own_id}"])
    return 0
