"""`assessor-desk hub --at DIR …`: what an issuer does with a hub."""

from __future__ import annotations

import argparse
import contextlib
import gc
import sys
import threading
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli import (
    hub_audit,
    hub_awards,
    hub_badges,
    hub_ca,
    hub_custody,
    hub_keeping,
    hub_outgoing,
    hub_places,
    hub_renditions,
    hub_stamp,
    hub_stick,
)
from assessor_desk.cli.hub_opening import opened_hub
from assessor_desk.cli.speaking import command, counted, passphrase_in, tell
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.roles import Purpose, Role

if TYPE_CHECKING:
    from assessor_desk.hub.assigning import Assigned
    from assessor_desk.hub.people import KnownDevice
    from assessor_desk.hub.serve import Server

DEFAULT_PORT = 8765
_MOST_DAYS = 365


def add(subparsers: Any) -> None:
    """Add `hub` and its verbs."""
    top = command(subparsers, "hub", "run a hub: publish, import, enrol, assign, serve", None)
    top.add_argument("--at", type=Path, required=True, metavar="DIR", help="the hub's folder")
    verbs = top.add_subparsers(title="what to do", metavar="VERB", required=True)
    verbs.shared = subparsers.shared  # type: ignore[attr-defined]
    _add_making(verbs)
    _add_people(verbs)
    _add_work(verbs)
    hub_ca.add(verbs)
    hub_stamp.add(verbs)
    hub_outgoing.add(verbs)
    hub_awards.add(verbs)
    hub_badges.add(verbs)
    hub_renditions.add(verbs)
    hub_keeping.add(verbs)
    hub_custody.add(verbs)
    hub_audit.add(verbs)
    hub_stick.add(verbs)


def _add_making(verbs: Any) -> None:
    init = command(verbs, "init", "make a hub with its certificate authority and trust.pem", _init)
    init.add_argument("--title", required=True, help="what people call the hub, such as the issuer's name")
    init.add_argument("--programme", required=True, help="the programme whose submissions are assessed")
    hub_places.add_options(init)
    publish = command(
        verbs,
        "publish",
        "publish rubrics, policies and phrase banks; a published version never changes",
        _publish,
    )
    publish.add_argument("files", nargs="+", type=Path, metavar="FILE")
    gone = command(
        verbs, "withdraw-phrases", "withdraw phrase banks; they go from every desk", _withdraw_phrases
    )
    gone.add_argument("banks", nargs="+", metavar="ID")
    take = command(verbs, "import", "import submissions.csv, artifacts.csv and the files they name", _import)
    take.add_argument("folder", type=Path, metavar="DIR")
    take.add_argument(
        "--accept-unreadable",
        action="store_true",
        help="let files in that cannot be opened, for an assessor to hand back as incomplete",
    )
    take.add_argument(
        "--capture-links",
        action="store_true",
        help="fetch what direct https links lead to and keep it as evidence; a page or a player is not captured",
    )
    serve = command(verbs, "serve", "answer desks until interrupted", _serve)
    serve.add_argument("--host", default="127.0.0.1", help="beyond this computer https is needed")
    serve.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one")
    serve.add_argument("--certificate", type=Path, metavar="PEM", help="certificate chain for https")
    serve.add_argument("--key", type=Path, metavar="PEM", help="its private key")
    serve.add_argument(
        "--behind",
        default="",
        metavar="ADDRESSES",
        help="balancers that speak https for this hub, such as 10.0.0.0/8: plain http is taken from them alone",
    )
    serve.add_argument("--while-open", action="store_true", help="stop when standard input is closed")
    serve.add_argument(
        "--no-renditions", action="store_true", help="make no small renditions of recordings meanwhile"
    )
    command(verbs, "status", "say what the hub holds", _status)


def _add_people(verbs: Any) -> None:
    enrol = command(verbs, "enrol", "add a person, or give one a code for a further device", _enrol)
    enrol.add_argument("--name", default="", help="kept on the hub alone")
    enrol.add_argument("--email", default="")
    enrol.add_argument("--role", action="append", default=[], type=Role, choices=list(Role), metavar="ROLE")
    enrol.add_argument(
        "--number", default="", help="a number of your own, or that of a person who is here already"
    )
    enrol.add_argument("--days", type=_days, default=14, help="how long the code holds")
    people = command(verbs, "people", "list people and their roles, or the devices of one", _people)
    people.add_argument("person", nargs="?", default="", metavar="NUMBER")
    revoke = command(verbs, "revoke", "end a person's tokens and certificates at once", _revoke)
    revoke.add_argument("person", metavar="NUMBER")
    revoke.add_argument(
        "--device", default="", help="only this device, by the beginning of its id (hub people NUMBER)"
    )
    revoke.add_argument("--reason", default="unspecified", help="in RFC 5280's words, such as keyCompromise")


def _add_work(verbs: Any) -> None:
    assign = command(verbs, "assign", "ask a person to assess, or to coach a draft", _assign)
    assign.add_argument("submissions", nargs="*", metavar="SUBMISSION")
    assign.add_argument(
        "--all", action="store_true", help="everything that nobody has yet and that suits the person"
    )
    assign.add_argument("--to", required=True, metavar="NUMBER")
    assign.add_argument("--purpose", type=Purpose, choices=list(Purpose), metavar="PURPOSE")
    assign.add_argument(
        "--policy", default="", metavar="ID", help="needed where several published policies fit"
    )
    assign.add_argument("--due", type=_day, metavar="YYYY-MM-DD", help="instead of the policy's due rule")
    withdraw = command(
        verbs, "withdraw", "withdraw an assignment; the person's desk sets it aside", _withdraw
    )
    withdraw.add_argument("submissions", nargs="+", metavar="SUBMISSION")
    why = withdraw.add_mutually_exclusive_group(required=True)
    why.add_argument("--from", dest="person", metavar="NUMBER", help="they were merely not to have it")
    why.add_argument(
        "--recused", metavar="NUMBER", help="they must not see it: their desk removes the evidence at once"
    )
    why.add_argument(
        "--consent-withdrawn",
        action="store_true",
        help="nobody may see it any more: every desk and the hub destroy the evidence at once",
    )


def _days(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= _MOST_DAYS:
        return int(text)
    raise argparse.ArgumentTypeError(f"“{text}” is not a number of days from 1 to {_MOST_DAYS}")


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(hour=23, minute=59, tzinfo=UTC)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a day such as 2026-05-31") from None


def _init(args: argparse.Namespace) -> int:
    from assessor_desk.hub.hub import TRUST_FILES, Hub

    hub = Hub.create(args.at, args.title, args.programme, passphrase_in(args), told=hub_places.told(args))
    hub.close()
    trust = args.at / TRUST_FILES[0]
    tell(
        args,
        {"hub": str(args.at), "identity": hub.identity, "trust": str(trust)},
        [f"The hub is in {args.at}.", f"Give {trust} to whoever checks packets."],
    )
    return 0


def _publish(args: argparse.Namespace) -> int:
    from assessor_desk.hub.publishing import publish, read_publishable

    with opened_hub(args) as hub:
        for path in args.files:  # all are looked at before the first is published
            read_publishable(hub, path)
        done = [publish(hub, path) for path in args.files]
    lines = [
        f"{p.title} ({p.id}, {p.version}): {'published' if p.new else 'is published already'}" for p in done
    ]
    tell(args, [asdict(each) for each in done], lines)
    return 0


def _withdraw_phrases(args: argparse.Namespace) -> int:
    from assessor_desk.hub.publishing import withdraw_phrases

    with opened_hub(args) as hub:
        for bank in args.banks:
            withdraw_phrases(hub, bank)
    tell(args, {"withdrawn": args.banks}, [f"{bank}: withdrawn" for bank in args.banks])
    return 0


def _import(args: argparse.Namespace) -> int:
    from assessor_desk.hub.intake import import_folder
    from assessor_desk.hub.link_capture import LinkCapture

    with opened_hub(args) as hub:
        links = LinkCapture() if args.capture_links else None
        done = import_folder(hub, args.folder, args.accept_unreadable, links=links)
    lines = [
        f"{len(done.new)} new, {len(done.changed)} changed, {len(done.unchanged)} unchanged submissions",
        f"{done.artifacts} files, {done.captured} of them captured links, {done.links} links that nobody captured",
        *done.warnings,
    ]
    tell(args, asdict(done), lines)
    return 0


def _enrol(args: argparse.Namespace) -> int:
    from assessor_desk.hub.people import add_person, list_people, new_code

    with opened_hub(args) as hub:
        known = args.number in {person.number for person in list_people(hub)}
        if known and (args.name or args.role or args.email):
            raise Refused(
                f"{args.number} is here already. Leave out name and roles to get a code for another device"
            )
        number = args.number if known else add_person(hub, args.name, args.role, args.email, args.number)
        code = new_code(hub, number, timedelta(days=args.days))
    tell(
        args,
        {"person": number, "code": code, "days": args.days},
        [f"{number}  {code}", f"The code works once, within {args.days} days. It is not shown again."],
    )
    return 0


def _people(args: argparse.Namespace) -> int:
    from assessor_desk.hub.people import devices_of, list_people

    with opened_hub(args) as hub:
        people = list_people(hub)
        devices = devices_of(hub, args.person) if args.person else []
    if args.person:
        tell(args, [asdict(each) for each in devices], map(_device_line, devices))
        return 0
    lines = [
        f"{p.number}  {p.name}  {', '.join(p.roles)}  {counted(p.devices, 'device')}, "
        f"{counted(p.assignments, 'assignment')}"
        + (f"  revoked {p.revoked_at:%Y-%m-%d}" if p.revoked_at else "")
        for p in people
    ]
    tell(args, [asdict(each) for each in people], lines)
    return 0


def _device_line(device: KnownDevice) -> str:
    until = f", certificate until {device.certified_until:%Y-%m-%d}" if device.certified_until else ""
    ended = f"  revoked {device.revoked_at:%Y-%m-%d} ({device.revoked_for})" if device.revoked_at else ""
    return f"{device.id[:8]}  {device.title}  enrolled {device.enrolled_at:%Y-%m-%d}{until}{ended}"


def _revoke(args: argparse.Namespace) -> int:
    from assessor_desk.hub.people import revoke

    with opened_hub(args) as hub:
        devices = revoke(hub, args.person, args.reason, args.device)
    what = "its certificates" if args.device else "every certificate of theirs"
    told = f"{args.person}: {counted(devices, 'device')} and {what} revoked. The new revocation list is in trust.pem."
    tell(args, {"person": args.person, "devices": devices}, [told])
    return 0


def _assign(args: argparse.Namespace) -> int:
    from assessor_desk.hub.assigning import assign, assign_all

    if bool(args.submissions) == args.all:
        raise Refused("Name submissions to assign, or --all")
    with opened_hub(args) as hub:
        if args.all:
            done = assign_all(hub, args.to, args.policy, args.due)
        else:
            done = [
                assign(hub, key, args.to, args.purpose, args.policy, args.due) for key in args.submissions
            ]
    lines = [
        f"{each.key}  {each.purpose}  {each.person}  "
        + (f"due {each.due_at:%Y-%m-%d}" if each.due_at else "no due date")
        + _assigned_before(each)
        for each in done
    ]
    tell(args, [asdict(each) for each in done], lines or ["Nothing was left to assign."])
    return 0


def _assigned_before(each: Assigned) -> str:
    if each.reopened:
        return "  (assigned again, with what was done on it)"
    if each.due_moved:
        return "  (was assigned already, due on another day now)"
    return "" if each.new else "  (was assigned already)"


def _withdraw(args: argparse.Namespace) -> int:
    from assessor_desk.hub.assigning import withdraw, withdraw_consent
    from assessor_desk.hub.destroying import what_became

    person, recused = args.recused or args.person, args.recused is not None
    here: list[str] = []
    with opened_hub(args) as hub:
        if args.consent_withdrawn:
            count = sum(withdraw_consent(hub, key) for key in args.submissions)
            here = [what_became(hub, key) for key in args.submissions]
        else:
            count = sum(withdraw(hub, key, person, recused=recused) for key in args.submissions)
    whose = "everybody" if args.consent_withdrawn else person
    done = f"{counted(count, 'assignment')} withdrawn from {whose}."
    tell(args, {"withdrawn": count, "here": here}, [done, *here])
    return 0


def _serve(args: argparse.Namespace) -> int:
    import logging

    from assessor_desk.hub.serve import Server, Tls

    if (args.certificate is None) != (args.key is None):
        raise Refused("Serving https needs both --certificate and --key")
    tls = None if args.certificate is None else Tls(args.certificate, args.key)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    server = Server(args.at, args.port, args.host, tls, passphrase_in(args), args.behind)
    # What the program is made of stays until its end: no later search for cycles goes through all of it again, as each
    # large page of changes would set off.
    gc.freeze()
    tell(args, {"url": server.url}, [f"The hub answers at {server.url}. Ctrl+C stops it."])
    sys.stdout.flush()
    if args.while_open:
        threading.Thread(target=_stop_at_end_of_input, args=(server,), name="watch", daemon=True).start()
    with contextlib.nullcontext() if args.no_renditions else hub_renditions.making(args):
        server.run()
    return 0


def _stop_at_end_of_input(server: Server) -> None:
    """The process that started this one has ended, or wants this one to."""
    while sys.stdin.read(1):
        pass
    server.ask_to_stop()


def _status(args: argparse.Namespace) -> int:
    from assessor_desk.hub.overview import overview

    with opened_hub(args) as hub:
        seen = overview(hub)
    lines = [
        f"{seen.title} ({seen.programme})",
        f"{seen.rubrics} rubrics, {seen.policies} policies, {seen.phrase_banks} phrase banks published",
        f"{seen.people} people on {counted(seen.devices, 'device')}",
        f"{counted(seen.submissions, 'submission')} with {counted(seen.artifacts, 'file')}",
        f"{counted(seen.assignments, 'assignment')}, {counted(seen.packets, 'packet')} received",
        *([f"{seen.unstamped} packets and decisions wait for a time-stamp"] if seen.unstamped else []),
    ]
    tell(args, asdict(seen), lines)
    return 0
