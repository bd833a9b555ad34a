"""The verbs of an assessor: connect, sync, inbox, show, completeness, score, feedback, check, seal, correct, export
(DESIGN §5).

Each opens the desk, does one thing by the use cases that the window uses too, and says what it did.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli import desk_answers as answers
from assessor_desk.cli.naming import criterion_named, level_named
from assessor_desk.cli.speaking import command, complain, passphrase, tell
from assessor_desk.domain.addresses import is_folder
from assessor_desk.domain.anchor import parse_spec
from assessor_desk.domain.errors import Refused, Unavailable, exit_code
from assessor_desk.domain.exports import ExportFormat
from assessor_desk.domain.review import TextField
from assessor_desk.domain.submission import Part, ReasonCode

if TYPE_CHECKING:
    from assessor_desk.desk import Case, Desk

_TEXTS = {
    "strength": TextField.STRENGTH,
    "next_step": TextField.NEXT_STEP,
    "would_show": TextField.WOULD_SHOW,
    "extension": TextField.EXTENSION,
}


def add(subparsers: Any) -> None:
    """Add the verbs."""
    _add_source_verbs(subparsers)
    _add_looking_verbs(subparsers)
    _add_writing_verbs(subparsers)
    _add_leaving_verbs(subparsers)


def _add_source_verbs(subparsers: Any) -> None:
    connect = command(
        subparsers, "connect", "connect the desk to a hub; makes the desk where there is none", _connect
    )
    connect.add_argument(
        "source",
        metavar="SOURCE",
        help="the hub's address, as https://hub.example.org, or a stick: folder:PATH",
    )
    connect.add_argument(
        "code",
        metavar="CODE",
        nargs="?",
        help="the enrolment code, or write it as SOURCE#CODE; with a stick's answer, the programme's fingerprint",
    )
    sync = command(subparsers, "sync", "send what is sealed, take what is new, fetch the evidence", _sync)
    sync.add_argument(
        "--originals", action="store_true", help="fetch recordings too of which there are small renditions"
    )
    sync.add_argument(
        "--metered-ok", action="store_true", help="fetch files although the connection is paid for by volume"
    )


def _add_looking_verbs(subparsers: Any) -> None:
    inbox = command(subparsers, "inbox", "list what was assigned", _inbox)
    inbox.add_argument(
        "--search", default="", metavar="WORDS", help="only what has these words in key or title"
    )
    show = command(subparsers, "show", "show a submission, its rubric and its review", _show)
    _submission(show)
    show.add_argument("--before", action="store_true", help="what you wrote under another assignment of it")
    _submission(command(subparsers, "check", "say what is needed before sealing", _check))


def _add_writing_verbs(subparsers: Any) -> None:
    completeness = command(subparsers, "completeness", "record the completeness check", _completeness)
    _submission(completeness)
    codes = ", ".join(code.value for code in ReasonCode)
    completeness.add_argument(
        "--incomplete", action="append", default=[], metavar="CODE", help=f"why it is incomplete: {codes}"
    )
    parts = ", ".join(part.value for part in Part)
    completeness.add_argument(
        "--missing", action="append", default=[], metavar="PART", help=f"the part that is missing: {parts}"
    )
    score = command(
        subparsers, "score", "choose a criterion's level, with its rationale and evidence", _score
    )
    _submission(score)
    score.add_argument(
        "criterion",
        metavar="CRITERION",
        help="its id, its title, the beginning of either, or its number in the rubric",
    )
    score.add_argument("level", metavar="LEVEL", help="its id, its title, or the beginning of either")
    score.add_argument("--rationale", metavar="TEXT", help="why this level, or @FILE")
    evidence = score.add_mutually_exclusive_group()
    evidence.add_argument(
        "--anchor",
        action="append",
        default=[],
        metavar="SPEC",
        help="as lesson.mp4@t=12.5,31 or plan.pdf@page=2",
    )
    evidence.add_argument("--no-evidence", action="store_true", help="say that no evidence was found")
    seen_help = "in one line, what is seen at the first --anchor; once more for the next"
    score.add_argument("--seen", action="append", default=[], metavar="TEXT", help=seen_help)
    feedback = command(subparsers, "feedback", "write what the educator will read", _feedback)
    _submission(feedback)
    feedback.add_argument("criterion", metavar="CRITERION", nargs="?", default="")
    for name in _TEXTS:
        feedback.add_argument(f"--{name.replace('_', '-')}", metavar="T", help="the text, or @FILE")
    feedback.add_argument(
        "--text", metavar="T", help="the overall feedback, or @FILE; only without CRITERION"
    )


def _add_leaving_verbs(subparsers: Any) -> None:
    seal = command(subparsers, "seal", "seal the review; it is sent with the next sync", _seal)
    _submission(seal)
    seal.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="ID=REASON",
        help="let a check's finding stand, as F10=REASON",
    )
    seal.add_argument(
        "--attest", action="append", default=[], metavar="ID", help="an attestation of the programme"
    )
    seal.add_argument(
        "--unheard", action="store_true", help="seal although your other computers cannot be heard first"
    )
    correct = command(
        subparsers,
        "correct",
        "open a sealed review again; its next packet supersedes the sealed one",
        _correct,
    )
    _submission(correct)
    export = command(subparsers, "export", "write copies of reviews into a folder", _export)
    export.add_argument("submissions", metavar="SUBMISSION", nargs="+")
    export.add_argument("--out", type=Path, required=True, metavar="DIR")
    formats = [one.value for one in ExportFormat]
    export.add_argument("--format", choices=formats, default=ExportFormat.PACKET.value)
    export.add_argument(
        "--before", action="store_true", help="as tables, what you wrote under another assignment of it"
    )


def _submission(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("submission", metavar="SUBMISSION", help="its key as the inbox lists it, or its id")


# -- verbs -------------------------------------------------------------------------------------------------


def _connect(args: argparse.Namespace) -> int:
    from assessor_desk.desk import Desk

    by_stick = is_folder(args.source)
    address, _, code = (args.source, "", "") if by_stick else args.source.partition("#")
    code = args.code or code
    if not code and not by_stick:
        raise Refused("Connecting needs the enrolment code the issuer gave you: connect SOURCE CODE")
    words, recovery_key = passphrase(args), ""
    if Desk.exists(args.desk):
        desk = Desk.open(args.desk, words)
    else:
        desk, recovery_key = Desk.create(args.desk, words)
    with desk:
        if recovery_key:
            # Said before anything can go wrong with the network: it is shown this once.
            print(answers.recovery_lines(recovery_key), file=sys.stderr)
        desk.connect(address, code, words)
        profile, asked = desk.profile, desk.asked_by_stick() if by_stick else None
        others = desk.identities()[1:]
    if asked is not None:
        tell(args, answers.asked_document(asked), answers.asked_lines(asked))
        return 0
    assert profile is not None
    lines = [f"In another programme: {one.person} ({', '.join(one.roles)}). {one.words}" for one in others]
    told = answers.profile_document(profile, args.desk)
    tell(args, told, [*answers.profile_lines(profile, args.desk), *lines])
    return 0


def _sync(args: argparse.Namespace) -> int:
    """What did not go through is told on stderr, and by the exit code of a source that could not be had."""
    with opened_desk(args) as desk:
        spared = not args.metered_ok and desk.settings.get("pause_on_metered", True) and _metered()
        result = desk.sync(originals=args.originals, with_bytes=not spared)
        desk.examine()
        ledger = desk.ledger()
    tell(args, answers.round_document(result, ledger), answers.round_lines(result, ledger))
    complain([*result.troubles, *([_SPARED] if spared else [])])
    return exit_code(Unavailable()) if result.troubles else 0


_SPARED = "This connection is metered, so no files were fetched. “sync --metered-ok” fetches them."


def _metered() -> bool:
    from assessor_desk.gui.metering import metered_now

    return metered_now()


def _inbox(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        rows = desk.inbox(args.search)
    tell(args, {"submissions": [answers.row_document(row) for row in rows]}, answers.inbox_lines(rows))
    return 0


def _show(args: argparse.Namespace) -> int:
    with _case(args) as (desk, case):
        if args.before:
            cases = desk.work_before(case.submission.id)
            documents = [answers.case_document(one) for one in cases]
            tell(args, documents, [line for one in cases for line in answers.case_lines(one)])
            return 0
        tell(args, answers.case_document(case), answers.case_lines(case))
    return 0


def _check(args: argparse.Namespace) -> int:
    """Done is done: what the checks find is the answer, not a refusal."""
    with _case(args) as (desk, case):
        desk.read_words(case.submission.id)
        case = desk.case(case.submission.id)
        tell(args, answers.check_document(case), answers.check_lines(case))
    return 0


def _completeness(args: argparse.Namespace) -> int:
    def work(desk: Desk, case: Case) -> None:
        desk.record_completeness(case.submission.id, args.incomplete, args.missing)

    return written(args, work)


def _score(args: argparse.Namespace) -> int:
    anchors = [parse_spec(spec) for spec in args.anchor]
    if len(args.seen) > len(anchors):
        raise Refused("Each --seen says what is seen at an --anchor; there are more of them than anchors")
    rationale = None if args.rationale is None else given_text(args.rationale)

    def work(desk: Desk, case: Case) -> None:
        criterion = criterion_named(case.rubric, args.criterion)
        level = level_named(case.rubric.criterion(criterion), args.level)
        desk.assess(case.submission.id, criterion, level, rationale, anchors, args.no_evidence, args.seen)

    return written(args, work)


def _feedback(args: argparse.Namespace) -> int:
    given = {
        field: given_text(words)
        for name, field in _TEXTS.items()
        if (words := getattr(args, name)) is not None
    }
    if args.text is not None:
        given[TextField.OVERALL] = given_text(args.text)
    if not given:
        raise Refused("Say what to write: --strength, --next-step, --would-show, --extension, or --text")

    def work(desk: Desk, case: Case) -> None:
        criterion = criterion_named(case.rubric, args.criterion) if args.criterion else ""
        desk.write_texts(case.submission.id, given, criterion)

    return written(args, work)


def _seal(args: argparse.Namespace) -> int:
    kept = [_kept(word) for word in args.keep]
    words = passphrase(args)
    with _case(args, words) as (desk, case):
        own_id = case.submission.id
        for check, reason in kept:
            for finding in _findings(case, check):
                desk.keep_finding(own_id, finding.check, finding.subject, reason)
        sealed = desk.seal_packet(own_id, words, args.attest, unheard=args.unheard)
        key = case.submission.key
    said = f"{key} is sealed and waits to be sent. Packet {sealed.digest}"
    tell(args, {"submission": key, "packet": sealed.digest, "state": "sealed_waiting"}, [said])
    return 0


def _correct(args: argparse.Namespace) -> int:
    def work(desk: Desk, case: Case) -> None:
        desk.begin_correction(case.submission.id)

    return written(args, work)


def _export(args: argparse.Namespace) -> int:
    written: list[Path] = []
    with opened_desk(args) as desk:
        for own_id in [desk.find(name) for name in args.submissions]:
            written += (
                desk.export_work_before(own_id, args.out)
                if args.before
                else desk.export(own_id, args.out, args.format)
            )
    tell(args, {"files": [str(path) for path in written]}, map(str, written))
    return 0


# -- what the verbs share ----------------------------------------------------------------------------------


@contextlib.contextmanager
def opened_desk(args: argparse.Namespace, words: str | None = None) -> Iterator[Desk]:
    """The desk that a command names, open for as long as it works. Raises Refused where there is none."""
    from assessor_desk.desk import Desk

    if not Desk.exists(args.desk):
        raise Refused(f"There is no desk in {args.desk}. Name it with --desk, or make one with connect")
    with Desk.open(args.desk, passphrase(args) if words is None else words) as desk:
        yield desk


@contextlib.contextmanager
def _case(args: argparse.Namespace, words: str | None = None) -> Iterator[tuple[Desk, Case]]:
    with opened_desk(args, words) as desk:
        yield desk, desk.case(desk.find(args.submission))


def written(args: argparse.Namespace, work: Callable[[Desk, Case], None]) -> int:
    """Do something to a submission and say what is still needed."""
    with _case(args) as (desk, case):
        work(desk, case)
        after = desk.case(case.submission.id)
    tell(args, answers.check_document(after), answers.check_lines(after))
    return 0


def given_text(given: str) -> str:
    """The text itself, or after @ what stands in a file."""
    if not given.startswith("@"):
        return given
    path = Path(given[1:])
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"The text file {path} cannot be read") from error


def _kept(word: str) -> tuple[str, str]:
    check, equals, reason = word.partition("=")
    if not equals or not reason.strip():
        raise Refused(f"“{word}” gives no reason: write --keep {check or 'F10'}=REASON")
    return check.strip().upper(), reason.strip()


def _findings(case: Case, check: str) -> list[Any]:
    """Every finding of a check; `F10/criterion` names the one of a criterion."""
    name, _, subject = check.partition("/")
    found = [
        one for one in case.findings if one.check == name and (not subject or one.subject.upper() == subject)
    ]
    if not found:
        raise Refused(f"Check {check} finds nothing in {case.submission.key}, so there is nothing to keep")
    return found
