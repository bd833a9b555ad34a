"""The verbs of a coach, of everyone who has a concern, and of the phrase bank: notes, hand-back, concern, phrases."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli import desk_answers as answers
from assessor_desk.cli.desk_verbs import given_text, opened_desk, written
from assessor_desk.cli.naming import criterion_named
from assessor_desk.cli.speaking import command, complain, tell
from assessor_desk.domain.anchor import parse_spec
from assessor_desk.domain.concern import CONCERN_HINTS, ConcernKind
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.review import TextField

if TYPE_CHECKING:
    from assessor_desk.desk import Case, Desk
    from assessor_desk.domain.phrases import Phrase

_TEXTS = {"present": TextField.PRESENT, "try_next": TextField.TRY_NEXT, "question": TextField.QUESTION}


def add(subparsers: Any) -> None:
    """Add the verbs."""
    _add_coach_verbs(subparsers)
    _add_concern(subparsers)
    _add_phrases(subparsers)


def _add_coach_verbs(subparsers: Any) -> None:
    notes = command(subparsers, "notes", "write notes on a draft that you coach", _notes)
    notes.add_argument(
        "submission", metavar="SUBMISSION", help="the draft's key as the inbox lists it, or its id"
    )
    notes.add_argument("criterion", metavar="CRITERION", nargs="?", default="")
    notes.add_argument("--present", metavar="T", help="what is there, or @FILE")
    notes.add_argument("--try-next", metavar="T", help="what to try next, or @FILE")
    notes.add_argument("--question", metavar="T", help="a question, or @FILE")
    notes.add_argument("--text", metavar="T", help="on the whole draft, or @FILE; only without CRITERION")
    anchor_help = "a place it speaks of, as plan.pdf@page=2 or lesson.mp4@t=12.5,31"
    notes.add_argument("--anchor", action="append", default=[], metavar="SPEC", help=anchor_help)
    back = command(
        subparsers,
        "hand-back",
        "hand your notes on a draft back; they are sent with the next sync",
        _hand_back,
    )
    back.add_argument("submission", metavar="SUBMISSION")
    back.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="write them as files too, into the educator's own documents as well",
    )


def _add_concern(subparsers: Any) -> None:
    concern = command(
        subparsers,
        "concern",
        "raise a concern; the submission is on hold until the programme lifts it",
        _concern,
    )
    concern.add_argument("submission", metavar="SUBMISSION")
    kinds = " · ".join(f"{kind}: {hint}" for kind, hint in CONCERN_HINTS.items())
    concern.add_argument("--kind", required=True, choices=[one.value for one in ConcernKind], help=kinds)
    concern.add_argument("--text", required=True, metavar="T", help="the concern in your words, or @FILE")
    concern.add_argument(
        "--artifact", default="", metavar="NAME", help="the file it is about, which is closed until then"
    )


def _add_phrases(subparsers: Any) -> None:
    top = command(subparsers, "phrases", "list the phrase bank, bring phrases in and take them out", None)
    verbs = top.add_subparsers(title="what to do", metavar="VERB", required=True)
    verbs.shared = subparsers.shared  # type: ignore[attr-defined]
    listed = command(verbs, "list", "list phrases, the closest and most used first", _list_phrases)
    listed.add_argument("words", nargs="*", metavar="WORD", help="only those with words that begin so")
    listed.add_argument("--rubric", default="", metavar="ID", help="only those for this rubric, or for any")
    take = command(verbs, "import", "keep every phrase of a .yaml or .csv file", _import_phrases)
    take.add_argument("file", type=Path, metavar="FILE")
    give = command(verbs, "export", "write the phrases into a .yaml or .csv file", _export_phrases)
    give.add_argument("file", type=Path, metavar="FILE")
    give.add_argument("--own", action="store_true", help="your own alone, without the programme's")


# -- a coach -----------------------------------------------------------------------------------------------


def _notes(args: argparse.Namespace) -> int:
    given = {
        field: given_text(words)
        for name, field in _TEXTS.items()
        if (words := getattr(args, name)) is not None
    }
    if args.text is not None:
        given[TextField.OVERALL] = given_text(args.text)
    anchors = [parse_spec(spec) for spec in args.anchor]
    if not (given or anchors):
        raise Refused("Say what to write: --present, --try-next, --question, or --text")

    def work(desk: Desk, case: Case) -> None:
        criterion = criterion_named(case.rubric, args.criterion) if args.criterion else ""
        desk.note(case.submission.id, given, criterion, anchors)

    return written(args, work)


def _hand_back(args: argparse.Namespace) -> int:
    """What went back already is written as files without going back once more."""
    files: Sequence[Path] = ()
    troubles: tuple[str, ...] = ()
    with opened_desk(args) as desk:
        own_id = desk.find(args.submission)
        case = desk.case(own_id)
        went = case.notes is not None and case.notes.handed_back is not None and not case.changed_since
        if not (went and args.out):
            desk.hand_back_notes(own_id)
            case = desk.case(own_id)
        if args.out:
            exported = desk.export_notes(own_id, args.out)
            files, troubles = exported, exported.troubles
    assert case.delivery is not None
    document = {
        "submission": case.submission.key,
        "notes": case.delivery.digest,
        "files": [str(path) for path in files],
        "troubles": list(troubles),
    }
    said = f"The notes on {case.submission.key} were handed back. Sync to send them"
    tell(args, document, [said, *map(str, files)])
    complain(troubles)
    return 0


# -- concerns ----------------------------------------------------------------------------------------------


def _concern(args: argparse.Namespace) -> int:
    words = given_text(args.text)
    with opened_desk(args) as desk:
        own_id = desk.find(args.submission)
        desk.raise_concern(own_id, args.kind, words, args.artifact)
        contact = desk.concern_contact(own_id)
        case = desk.case(own_id)
    key = case.submission.key
    document = {
        "submission": key,
        "contact": contact,
        "holds": [answers.hold_document(one) for one in case.holds],
    }
    lines = [f"The concern about {key} is raised and the submission is on hold. Sync to send it"]
    tell(args, document, [*lines, *([f"The programme's contact: {contact}"] if contact else [])])
    return 0


# -- phrases -----------------------------------------------------------------------------------------------


def _list_phrases(args: argparse.Namespace) -> int:
    from assessor_desk.domain.phrases import Place

    with opened_desk(args) as desk:
        found = desk.phrases(Place(args.rubric), " ".join(args.words))
    lines = [_phrase_line(one) for one in found] or ["No phrase answers this"]
    tell(args, {"phrases": [_phrase_document(one) for one in found]}, lines)
    return 0


def _import_phrases(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        count = desk.import_phrases(args.file)
    tell(args, {"imported": count}, [f"{_phrases(count)} kept from {args.file}"])
    return 0


def _export_phrases(args: argparse.Namespace) -> int:
    from assessor_desk.domain.phrases import Scope

    with opened_desk(args) as desk:
        count = desk.export_phrases(args.file, Scope.PERSONAL if args.own else None)
    tell(args, {"exported": count, "file": str(args.file)}, [f"{_phrases(count)} written to {args.file}"])
    return 0


def _phrases(count: int) -> str:
    return "1 phrase" if count == 1 else f"{count} phrases"


def _phrase_document(phrase: Phrase) -> dict[str, Any]:
    return {
        "id": phrase.id,
        "text": phrase.text,
        "rubric": phrase.rubric,
        "criterion": phrase.criterion,
        "level": phrase.level,
        "scope": phrase.scope.value,
        "tags": list(phrase.tags),
        "used": phrase.used,
        "last_used": phrase.last_used.isoformat() if phrase.last_used else None,
    }


def _phrase_line(phrase: Phrase) -> str:
    place = " · ".join(filter(None, (phrase.rubric, phrase.criterion, phrase.level)))
    whose = "yours" if phrase.scope == "personal" else "programme"
    return f"{phrase.text}  ({' · '.join(filter(None, (whose, place)))}, used {phrase.used}×)"
