"""The whole job on the sample submissions without a window, as a client of the same use cases as the window."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.sample_hub import HubProcess, make_sample_hub
from assessor_desk.domain.anchor import parse_spec
from assessor_desk.domain.errors import Damaged, Refused, Unavailable
from assessor_desk.domain.exports import Gathered
from assessor_desk.domain.review import COACHING_FIELDS, TextField
from assessor_desk.domain.roles import Role
from assessor_desk.domain.rubric import Outcome
from assessor_desk.places import resources

if TYPE_CHECKING:
    from assessor_desk.desk import Desk
    from assessor_desk.hub.hub import Hub

PASSPHRASE = "demo"
#: Nobody answers there: the sample badges are checked with the papers beside them.
_BADGES_AT = "https://badges.example.org"


@dataclass(frozen=True, slots=True)
class Done:
    """One review as `summary.json` tells of it; paths are relative to the folder."""

    submission: str
    recommendation: str
    packet: str
    digest: str
    records: tuple[str, ...]
    headline: str


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision as `summary.json` tells of it; paths are relative to the folder."""

    submission: str
    outcome: str
    decision: str
    digest: str
    reports: tuple[str, ...]


def do_everything(folder: Path) -> list[Done]:
    """Make hub and desks in `folder`; assess, seal, deliver and verify every sample submission, coach the draft, decide
    on the reviews, release the reports.

    Raises Refused where the folder is in use, Damaged where a packet does not verify.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Refused(f"{folder} is not empty. Name a new folder")
    codes = make_sample_hub(folder / "hub")
    with HubProcess(folder / "hub") as hub:
        done = _assess(folder, hub.url, codes[Role.ASSESSOR])
        notes = _coach(folder, hub.url, codes[Role.COACH])
        decisions = _decide(folder, hub.url, codes[Role.REVIEWER], [each.submission for each in done])
    badges, cases = _recognise(folder, decisions)
    _write_summary(folder, done, notes, decisions, badges, cases)
    return done


def assess_everything(desk: Desk) -> list[str]:
    """Assess, seal and deliver the sample submissions on an assessor's connected desk; their keys."""
    _sync(desk)
    wanted = _samples("reviews")
    for each in wanted:
        _carry_out(desk, each)
    _sync(desk)
    return [each["submission"] for each in wanted]


def _assess(folder: Path, url: str, code: str) -> list[Done]:
    with _desk(folder / "desks" / "assessor") as desk:
        desk.connect(url, code, PASSPHRASE)
        keys = assess_everything(desk)
        _copy_trust(folder)
        return [_hand_out(desk, folder, key) for key in keys]


def _coach(folder: Path, url: str, code: str) -> list[str]:
    """Write and hand back notes on the draft; the files they go back as, relative to `folder`."""
    with _desk(folder / "desks" / "coach") as desk:
        desk.connect(url, code, PASSPHRASE)
        _sync(desk)
        written: list[Path] = []
        for each in _samples("coaching"):
            submission_id = desk.find(each["submission"])
            _annotate(desk, submission_id, each)
            desk.hand_back_notes(submission_id)
            written += desk.export_notes(submission_id, folder / "notes")
        _sync(desk)
        return sorted(path.relative_to(folder).as_posix() for path in written)


def _annotate(desk: Desk, submission_id: str, wanted: Mapping[str, Any]) -> None:
    for criterion, work in wanted["criteria"].items():
        for field in (field for field in COACHING_FIELDS if field.value in work):
            desk.write_text(submission_id, field, work[field.value], criterion)
        for note in work.get("notes_at", ()):
            _cite(desk, submission_id, criterion, [note["at"]], note["line"])
    desk.write_text(submission_id, TextField.OVERALL, wanted["overall"])


def _decide(folder: Path, url: str, code: str, keys: Iterable[str]) -> list[Decided]:
    """Decide on every review as its assessor recommends, release the reports, and write the cohort report."""
    with _desk(folder / "desks" / "reviewer") as desk:
        desk.connect(url, code, PASSPHRASE)
        _sync(desk)
        own_ids = {key: desk.find(key) for key in keys}
        digests = {key: desk.decide(own_id, PASSPHRASE).digest for key, own_id in own_ids.items()}
        _sync(desk)
        result = desk.release(list(own_ids.values()), PASSPHRASE, folder / "reports")
        for key, trouble in result.troubles:
            raise Refused(f"The report on {key} was not released. {trouble}")
        desk.cohort_report(folder / "reports")
        return [_decided(desk, folder, key, own_id, digests[key]) for key, own_id in own_ids.items()]


def _decided(desk: Desk, folder: Path, key: str, own_id: str, digest: str) -> Decided:
    [path] = desk.export_selection([own_id], folder, [Gathered.DECISIONS]).paths
    decision = desk.case(own_id).decision
    assert decision is not None
    assert decision.seal is not None
    outcome = decision.seal.outcome
    reports = sorted((folder / "reports").glob(f"{key}-feedback.*"))
    return Decided(
        key,
        outcome.value if outcome else "",
        path.relative_to(folder).as_posix(),
        digest,
        tuple(one.relative_to(folder).as_posix() for one in reports),
    )


def _recognise(folder: Path, decisions: Iterable[Decided]) -> tuple[list[str], list[str]]:
    """Issue a badge for what was earned and seal its case file, as an issuer does for a recogniser, and verify both.

    Their paths, relative to `folder`.
    """
    from assessor_desk.domain.award import read_use
    from assessor_desk.hub.case_files import make_case, write_case
    from assessor_desk.hub.hub import Hub

    paths, badges = [], []
    hub = Hub.open(folder / "hub")
    try:
        for earned in (one for one in decisions if one.outcome == Outcome.EARNED.value):
            badges += _issue_badge(hub, folder / "badges", earned.submission)
            case = make_case(hub, earned.submission, [read_use("hours=15")])
            paths.append(write_case(case, folder / "cases"))
    finally:
        hub.close()
    _copy_trust(folder)
    for path in paths:
        _refuse_unverified(folder, path, "case file")
    for path in badges:
        _refuse_unverified(folder, path, "badge")
    return _relative(folder, badges), _relative(folder, paths)


def _relative(folder: Path, paths: Iterable[Path]) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in paths]


def _issue_badge(hub: Hub, out: Path, key: str) -> list[Path]:
    """The badge as PNG, SVG and JSON, with the issuer's papers beside it."""
    from assessor_desk.hub.badge_papers import papers, set_up_badges
    from assessor_desk.hub.badges import badge_files, issue_badge
    from assessor_desk.rubric_files import load_look

    set_up_badges(hub, _BADGES_AT, load_look(resources() / "looks" / "lakeside.yaml"))
    issue_badge(hub, key)
    files = badge_files(hub, key)
    named = {f"{key}.{form}": getattr(files, form) for form in ("png", "svg", "json")}
    out.mkdir(exist_ok=True)
    for name, content in {**named, **papers(hub)}.items():
        (out / name).write_bytes(content)
    return [out / name for name in named]


def _desk(folder: Path) -> Desk:
    from assessor_desk.desk import Desk

    folder.parent.mkdir(parents=True, exist_ok=True)
    return Desk.create(folder, PASSPHRASE)[0]


def _sync(desk: Desk) -> None:
    """A round in which everything goes through."""
    result = desk.sync()
    if result.troubles or result.waiting:
        raise Unavailable(result.troubles[0] if result.troubles else "A packet is still waiting to be sent")


def _samples(kind: str) -> list[Mapping[str, Any]]:
    """What the sample people write: `reviews` of an assessor, `coaching` of a coach."""
    from ruamel.yaml import YAML

    text = (resources() / "demo" / "reviews.yaml").read_text(encoding="utf-8")
    found: list[Mapping[str, Any]] = YAML(typ="safe", pure=True).load(text)[kind]
    return found


def _carry_out(desk: Desk, wanted: Mapping[str, Any]) -> None:
    """Check for completeness, score, write, seal."""
    submission_id = desk.find(wanted["submission"])
    reasons = wanted["completeness"]
    desk.record_completeness(submission_id, () if reasons == "ok" else tuple(reasons))
    for criterion, work in (wanted.get("criteria") or {}).items():
        desk.record_score(submission_id, criterion, work["level"])
        for spec, line in zip(work.get("anchors", ()), work.get("seen", ()), strict=True):
            _cite(desk, submission_id, criterion, [spec], line)
        for field in (field for field in TextField if field in work):
            desk.write_text(submission_id, field, work[field], criterion)
    desk.write_text(submission_id, TextField.OVERALL, wanted["overall"])
    for kept in wanted.get("keep", ()):
        desk.keep_finding(submission_id, kept["check"], kept.get("subject", ""), kept["reason"])
    case = desk.case(submission_id)
    attestations = [each.id for each in case.policy.attestations_of(incomplete=case.review.incomplete)]
    desk.seal_packet(submission_id, PASSPHRASE, attestations)


def _cite(desk: Desk, submission_id: str, criterion: str, specs: Iterable[str], line: str = "") -> None:
    submission = desk.case(submission_id).submission
    for spec in specs:
        name, selector = parse_spec(spec)
        artifact = submission.artifact(name)
        if artifact is None:
            raise Refused(f"{submission.key} has no artifact “{name}”, which “{spec}” cites")
        desk.place_anchor(submission_id, artifact.id, selector, line, criterion)


def _copy_trust(folder: Path) -> None:
    """The issuer's trust list as of now, as a recipient would get it."""
    from assessor_desk.hub.hub import TRUST_FILES, Hub

    hub = Hub.open(folder / "hub")
    try:
        hub.renew_trust()
    finally:
        hub.close()
    for name in TRUST_FILES:
        shutil.copyfile(folder / "hub" / name, folder / name)


def _hand_out(desk: Desk, folder: Path, key: str) -> Done:
    submission_id = desk.find(key)
    [packet] = desk.export(submission_id, folder / "packets", "packet")
    records = [
        path for kind in ("pdf", "docx") for path in desk.export(submission_id, folder / "records", kind)
    ]
    headline = _refuse_unverified(folder, packet, f"packet of {key}")
    seal = desk.case(submission_id).review.seal
    assert seal is not None
    return Done(
        key,
        seal.recommendation.value,
        packet.relative_to(folder).as_posix(),
        seal.packet_digest,
        tuple(path.relative_to(folder).as_posix() for path in records),
        headline,
    )


def _refuse_unverified(folder: Path, path: Path, title: str) -> str:
    """The headline of the verdict on a file. Raises Damaged where it does not verify."""
    from assessor_desk.verdict import TrustList, verify

    verdict = verify(path, TrustList.load(folder / "trust.pem"), datetime.now(UTC))
    if verdict.exit_code():
        raise Damaged(f"The {title} does not verify: {verdict.headline}")
    return verdict.headline


def _write_summary(
    folder: Path,
    done: list[Done],
    notes: list[str],
    decisions: list[Decided],
    badges: list[str],
    cases: list[str],
) -> None:
    from dataclasses import asdict

    from assessor_desk import __version__

    summary = {
        "program": f"assessor-desk {__version__}",
        "reviews": [asdict(each) for each in done],
        "notes": notes,
        "decisions": [asdict(each) for each in decisions],
        "badges": badges,
        "cases": cases,
    }
    text = json.dumps(summary, ensure_ascii=False, indent=2)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
