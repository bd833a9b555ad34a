"""`assessor-desk devices`: the computers of one person, letting one in and letting one go (docs/two-devices.md)."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from assessor_desk.cli.desk_verbs import opened_desk
from assessor_desk.cli.speaking import command, passphrase, read_passphrase, tell
from assessor_desk.domain.choice_words import what_it_says, what_was_chosen
from assessor_desk.domain.choices import Choice, criterion_of
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.review import TITLES, TextField
from assessor_desk.domain.wordings import Wording

if TYPE_CHECKING:
    from assessor_desk.desk import Desk
    from assessor_desk.desk.devices import Joining
    from assessor_desk.domain.own_devices import OwnDevice

_LOOK_SECONDS = 1.0
_CODE_LETTERS = 8
_SAYS = {
    "asked": "waits for the other computer",
    "compare": "compare the code",
    "confirmed": "waits to be let in on the other computer",
    "let_in": "is let in",
    "turned_away": "was turned away, or waited for too long",
}


def add(subparsers: Any) -> None:
    """Add `devices` and its verbs."""
    top = command(
        subparsers, "devices", "your computers: list, let in, remove; what was written on two", None
    )
    verbs = top.add_subparsers(title="what to do", metavar="VERB", required=True)
    verbs.shared = subparsers.shared  # type: ignore[attr-defined]
    _at_hub(verbs, "list", "list your computers, and which of them ask to join", _list)
    _at_hub(verbs, "name", "name this computer", _name).add_argument("title", metavar="NAME")
    join = _at_hub(verbs, "join", "ask your other computers to let this one in", _join)
    join.add_argument(
        "--wait", type=float, default=0.0, metavar="SECONDS", help="how long to wait for the code"
    )
    _with_file(join, "take the key that was left at the hub under the passphrase in FILE instead")
    confirm = _at_hub(verbs, "confirm", "say that the code is the same on both computers", _confirm)
    confirm.add_argument(
        "--wait", type=float, default=0.0, metavar="SECONDS", help="how long to wait to be let in"
    )
    _at_hub(verbs, "withdraw", "ask to join no longer", _withdraw)
    for name, words, act in (
        ("let-in", "let a computer in whose code is the same as here", _let_in),
        ("turn-away", "do not let a computer in", _turn_away),
        ("remove", "let a computer go, as one that was lost; signs with your key", _remove),
    ):
        _at_hub(verbs, name, words, act).add_argument("id", metavar="ID", help="as “devices list” gives it")
    leave = _at_hub(verbs, "leave-key", "leave your key at the hub under a passphrase", _leave)
    _with_file(leave, "the passphrase, of 16 characters or more")
    _at_hub(verbs, "take-back-key", "delete the copy of your key at the hub", _take_back)
    text = command(verbs, "text", "choose where two computers wrote into one place", _text)
    text.add_argument("submission", metavar="SUBMISSION")
    text.add_argument("field", nargs="?", type=TextField, choices=list(TextField), metavar="FIELD")
    text.add_argument("criterion", nargs="?", default="", metavar="CRITERION")
    text.add_argument(
        "--keep", metavar="CODE", help="the one that is listed under that code stays; else all do"
    )
    answer = command(
        verbs, "answer", "choose where two computers answered differently, as by two levels", _answer
    )
    answer.add_argument("submission", metavar="SUBMISSION")
    answer.add_argument("--keep", metavar="CODE", help="the answer that is listed under that code stays")


def _at_hub(verbs: Any, name: str, words: str, act: Any) -> argparse.ArgumentParser:
    """A verb about the computers at one hub."""
    verb = command(verbs, name, words, act)
    verb.add_argument(
        "--hub",
        default="",
        metavar="HUB",
        help="at which hub, by its title or address; else the first of several",
    )
    return verb


def _with_file(parser: argparse.ArgumentParser, words: str) -> None:
    parser.add_argument("--key-passphrase-file", type=Path, metavar="FILE", help=words)


def _list(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        devices, joins, hubs = desk.devices(args.hub), desk.joins(args.hub), desk.hubs()
    told = {"devices": [_device(one) for one in devices], "joins": [_joining(one) for one in joins]}
    several = "Your hubs, of which --hub names one: " + ", ".join(f"“{one.title}”" for one in hubs)
    tell(args, told, [*map(_device_line, devices), *map(_line, joins), *([several] if len(hubs) > 1 else [])])
    return 0


def _name(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        desk.call_device(args.title, args.hub)
    tell(args, {"title": args.title}, [f"This computer is “{args.title}” now."])
    return 0


def _join(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        if args.key_passphrase_file is not None:
            desk.join_with_passphrase(read_passphrase(args.key_passphrase_file), args.hub)
            tell(args, {"state": "let_in"}, ["This computer shares what you write with your others now."])
            return 0
        found = desk.joining(args.hub) or desk.ask_to_join(args.hub)
        found = _awaited(desk, found, ("asked",), args)
    tell(args, _joining(found), [_line(found)])
    return 0


def _confirm(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        found = desk.confirm_joining(args.hub)
        assert found is not None
        found = _awaited(desk, found, ("confirmed",), args)
    tell(args, _joining(found), [_line(found)])
    return 0


def _awaited(desk: Desk, found: Joining, while_in: tuple[str, ...], args: argparse.Namespace) -> Joining:
    """The state after waiting until it is another, for so long at most."""
    until = time.monotonic() + args.wait
    while found.state.value in while_in and time.monotonic() < until:
        time.sleep(_LOOK_SECONDS)
        found = desk.joining(args.hub) or found
    return found


def _withdraw(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        desk.withdraw_joining(args.hub)
    tell(args, {"state": "withdrawn"}, ["This computer asks no longer."])
    return 0


def _let_in(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        found = desk.let_in(args.id, args.hub)
    tell(args, _joining(found), [_line(found)])
    return 0


def _turn_away(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        desk.turn_away(args.id, args.hub)
    tell(args, {"state": "turned_away"}, ["That computer was turned away."])
    return 0


def _remove(args: argparse.Namespace) -> int:
    words = passphrase(args)
    with opened_desk(args, words) as desk:
        found = [one for one in desk.devices(args.hub) if one.id.startswith(args.id) and not one.this]
        if len(found) != 1:
            raise Refused(
                f"“{args.id}” is none of your other computers, or more than one. See “devices list”"
            )
        desk.remove_device(found[0].id, words, args.hub)
        gone = desk.key_copy_gone(args.hub)
    told = {"removed": found[0].id, "key_copy_gone": bool(gone)}
    tell(args, told, [f"“{found[0].title}” was removed.", *filter(None, [gone])])
    return 0


def _leave(args: argparse.Namespace) -> int:
    if args.key_passphrase_file is None:
        raise Refused(
            "Give the passphrase for the key at the hub with --key-passphrase-file. To delete the copy there: "
            "“devices take-back-key”"
        )
    with opened_desk(args) as desk:
        desk.leave_key_copy(read_passphrase(args.key_passphrase_file), args.hub)
    tell(args, {"left": True}, ["Your key lies at the hub under that passphrase."])
    return 0


def _take_back(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        desk.take_back_key_copy(args.hub)
    tell(args, {"left": False}, ["No copy of your key lies at the hub."])
    return 0


def _text(args: argparse.Namespace) -> int:
    """Without a field: which places have two texts."""
    with opened_desk(args) as desk:
        own_id = desk.find(args.submission)
        sheet, titles = desk.case(own_id).sheet, desk.device_titles()
        if args.field is None:
            found = [
                {"field": which.value, "criterion": criterion, "code": code, "text": one.text,
                 "device": titles.get(one.device, "another computer"), "at": one.at.isoformat()}
                for (which, criterion), stand in sheet.disputed.items()
                for code, one in _coded(stand).items()
            ]  # fmt: skip
            tell(args, {"texts": found}, list(map(_text_line, found)) or ["No place has two texts."])
            return 0
        with desk.having_shown(sheet):
            if args.keep is None:
                desk.keep_both_texts(own_id, args.field, args.criterion)
            else:
                stand = sheet.disputed.get((args.field, args.criterion), ())
                kept = _listed(args, _coded(stand), "text")
                desk.choose_text(own_id, args.field, kept.text, args.criterion)
        stands = desk.case(own_id).sheet.text(args.field, args.criterion)
    tell(args, {"chosen": True, "text": stands}, ["One text stands there now:", stands or "(empty)"])
    return 0


def _answer(args: argparse.Namespace) -> int:
    """Without --keep: what was answered twice."""
    with opened_desk(args) as desk:
        own_id = desk.find(args.submission)
        case, titles = desk.case(own_id), desk.device_titles()
        coded = [
            (place, stand, code, one)
            for place, stand in case.sheet.chosen_twice.items()
            for code, one in _coded(stand).items()
        ]
        if args.keep is None:
            found = [
                {"code": code, "entry": one.entry_id, "place": what_was_chosen(place, stand, case.sheet),
                 "criterion": criterion_of(place, (each.id for each in case.rubric.criteria)),
                 "answer": what_it_says(one, case.rubric), "device": titles.get(one.device, "another computer"),
                 "at": one.at.isoformat()}
                for place, stand, code, one in coded
            ]  # fmt: skip
            tell(args, {"answers": found}, list(map(_answer_line, found)) or ["Nothing was answered twice."])
            return 0
        kept = _listed(args, {code: one for _, _, code, one in coded}, "answer")
        with desk.having_shown(case.sheet):
            desk.keep_choice(own_id, kept.entry_id)
    tell(args, {"chosen": True}, ["One answer stands there now."])
    return 0


_Said = TypeVar("_Said", Wording, Choice)


def _coded(stand: Sequence[_Said]) -> dict[str, _Said]:
    """What stands at one place, each under a code that holds only while just these stand there.

    So whoever keeps one by its code lets it take the place of none that was not listed.
    """
    all_of_them = " ".join(sorted(one.entry_id for one in stand))
    return {
        sha256(f"{one.entry_id} of {all_of_them}".encode()).hexdigest()[:_CODE_LETTERS]: one for one in stand
    }


def _listed(args: argparse.Namespace, coded: Mapping[str, _Said], what: str) -> _Said:
    found = coded.get(args.keep)
    if found is None:
        raise Refused(
            f"No {what} is listed under “{args.keep}” there, or another came in since it was listed. "
            f"“devices {what} {args.submission}” lists what stands there now"
        )
    return found


def _answer_line(one: dict[str, Any]) -> str:
    where = f" on {one['criterion']}" if one["criterion"] else ""
    return f"{one['code']}: {one['place']}{where}: {one['answer']}  — {one['device']}, {one['at']}"


def _text_line(one: dict[str, Any]) -> str:
    place = TITLES[TextField(one["field"])] + (f" on {one['criterion']}" if one["criterion"] else "")
    return f"{place}, {one['code']}: {one['text'] or '(empty)'}  — {one['device']}, {one['at']}"


def _device(one: OwnDevice) -> dict[str, Any]:
    return {
        "id": one.id, "title": one.title, "this": one.this, "shares": one.shares,
        "enrolled_at": one.enrolled_at.isoformat(), "revoked": one.revoked_at is not None,
        "heard_at": one.heard_at.isoformat() if one.heard_at else None,
    }  # fmt: skip


def _device_line(one: OwnDevice) -> str:
    shares = "removed" if one.revoked_at else "shares what you write" if one.shares else "not let in"
    return f"{one.id[:8]}  {one.title}{' (this computer)' if one.this else ''}: {shares}"


def _joining(one: Joining) -> dict[str, Any]:
    return {"id": one.id, "title": one.title, "state": one.state.value, "code": one.code}


def _line(one: Joining) -> str:
    code = f" {one.code}" if one.code else ""
    return f"{one.id[:8]}  {one.title or 'This computer'}: {_SAYS[one.state.value]}{code}"
