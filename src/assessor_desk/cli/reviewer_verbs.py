"""The verbs of a reviewer: decide, release (DESIGN §5), co-sign, badge."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from assessor_desk.cli.desk_verbs import opened_desk
from assessor_desk.cli.speaking import command, complain, passphrase, tell
from assessor_desk.domain.errors import Refused, exit_code


def add(subparsers: Any) -> None:
    """Add the verbs."""
    decide = command(
        subparsers, "decide", "seal the decision on delivered reviews, or pass one back", _decide
    )
    decide.add_argument("submissions", nargs="+", metavar="SUBMISSION")
    decide.add_argument("--pass-back", default="", metavar="REASON", help="send the review back instead")
    decide.add_argument(
        "--anew", action="store_true", help="open what the source refused again, to be decided or passed back"
    )
    decide.add_argument(
        "--unheard", action="store_true", help="decide although your other computers cannot be heard first"
    )
    decide.add_argument(
        "--keep",
        default="",
        metavar="F10=REASON",
        help="with --anew: why the words it was refused for may stand",
    )
    release = command(subparsers, "release", "release the feedback reports on decided submissions", _release)
    release.add_argument("submissions", nargs="+", metavar="SUBMISSION")
    way = release.add_mutually_exclusive_group(required=True)
    way.add_argument("--out", type=Path, metavar="DIR", help="into this folder, with mail-merge.csv")
    way.add_argument("--through-source", action="store_true", help="let the hub hand them on")

    co_sign = command(
        subparsers, "co-sign", "verify a packet and add a reviewer's signature to it, in a copy", _co_sign
    )
    co_sign.add_argument("packet", type=Path, metavar="PACKET")
    co_sign.add_argument("--out", type=Path, required=True, metavar="DIR", help="a folder for the copy")
    badge = command(
        subparsers,
        "badge",
        "save the badge that the issuer issued for a decision, as PNG, SVG and JSON",
        _badge,
    )
    badge.add_argument("submission", metavar="SUBMISSION")
    badge.add_argument("--out", type=Path, required=True, metavar="DIR")


def _co_sign(args: argparse.Namespace) -> int:
    words = passphrase(args)
    with opened_desk(args, words) as desk:
        args.out.mkdir(parents=True, exist_ok=True)
        path = desk.co_sign(args.packet, words, args.out)
    tell(args, {"file": str(path)}, [str(path)])
    return 0


def _badge(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        own_id = desk.find(args.submission)
        paths = [str(path) for path in desk.save_badge(own_id, args.out)]
        key = desk.case(own_id).submission.key
    tell(args, {"submission": key, "files": paths}, paths)
    return 0


def _decide(args: argparse.Namespace) -> int:
    if args.pass_back and len(args.submissions) > 1:
        raise Refused("Pass reviews back one by one: each has a reason of its own")
    if args.anew:
        return _decide_anew(args)
    if args.keep:
        raise Refused("--keep goes with --anew: a reason is asked for once the source has refused a decision")
    words = passphrase(args)
    decided: list[dict[str, str]] = []
    with opened_desk(args, words) as desk:
        for own_id in [desk.find(name) for name in args.submissions]:
            key = desk.case(own_id).submission.key
            sealed = (
                desk.pass_back(own_id, args.pass_back, words, args.unheard)
                if args.pass_back
                else desk.decide(own_id, words, args.unheard)
            )
            decision = desk.case(own_id).decision
            assert decision is not None
            assert decision.seal is not None
            outcome = decision.seal.outcome.value if decision.seal.outcome else decision.seal.kind.value
            decided.append({"submission": key, "outcome": outcome, "decision": sealed.digest})
    lines = [f"{one['submission']}  {one['outcome'].replace('_', ' ')}  {one['decision']}" for one in decided]
    tell(args, decided, [*lines, "Sync to send what was decided."])
    return 0


def _decide_anew(args: argparse.Namespace) -> int:
    """Only open it again: what is decided then is another command, as it is another act."""
    if args.pass_back:
        raise Refused("First --anew, which opens what was refused; then --pass-back")
    if args.keep and len(args.submissions) > 1:
        raise Refused("Keep findings one by one: each has a reason of its own")
    reason = _reason(args.keep) if args.keep else ""
    keys = []
    with opened_desk(args) as desk:
        for own_id in [desk.find(name) for name in args.submissions]:
            desk.decide_anew(own_id, reason)
            keys.append(desk.case(own_id).submission.key)
    lines = [f"{key}  to be decided anew" for key in keys]
    tell(args, {"to_decide": keys}, [*lines, "Decide, or pass back, and sync."])
    return 0


def _reason(word: str) -> str:
    check, _, reason = word.partition("=")
    if check.strip().upper() != "F10" or not reason.strip():
        raise Refused(
            f"“{word}” is no reason for F10, the check that the source repeats: write --keep F10=REASON"
        )
    return reason.strip()


def _release(args: argparse.Namespace) -> int:
    words = passphrase(args)
    with opened_desk(args, words) as desk:
        own_ids = [desk.find(name) for name in args.submissions]
        result = desk.release(own_ids, words, args.out)
    troubles = [f"{key}: {trouble}" for key, trouble in result.troubles]
    document = {
        "released": list(result.released),
        "released_before": list(result.before),
        "troubles": dict(result.troubles),
        "folder": str(args.out) if args.out else None,
    }
    lines = [f"{key}  released" for key in result.released]
    lines += [f"{key}  was released before" for key in result.before]
    tell(args, document, lines)
    complain(troubles)
    return exit_code(Refused("")) if troubles else 0
