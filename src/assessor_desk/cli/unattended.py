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
from assessor_desk.domain.review import TextField
from assessor_desk.domain.roles import Role
from assessor_desk.places import resources

if TYPE_CHECKING:
    from assessor_desk.desk import Desk

PASSPHRASE = "demo"


@dataclass(frozen=True, slots=True)
class Done:
    """One review as `summary.json` tells of it; paths are relative to the folder."""

    submission: str
    recommendation: str
    packet: str
    digest: str
    reports: tuple[str, ...]
    headline: str


def do_everything(folder: Path) -> list[Done]:
    """Make hub and desk in `folder`, assess, seal, deliver, export and verify every sample submission.

    Raises Refused where the folder is in use, Damaged where a packet does not verify.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Refused(f"{folder} is not empty. Name a new folder")
    codes = make_sample_hub(folder / "hub")
    with HubProcess(folder / "hub") as hub, _desk(folder / "desks" / "assessor") as desk:
        desk.connect(hub.url, codes[Role.ASSESSOR], PASSPHRASE)
        _sync(desk)
        wanted = _reviews()
        for each in wanted:
            _carry_out(desk, each)
        _sync(desk)
        _copy_trust(folder)
        done = [_hand_out(desk, folder, each["submission"]) for each in wanted]
    _write_summary(folder, done)
    return done


def _desk(folder: Path) -> Desk:
    from assessor_desk.desk import Desk

    folder.parent.mkdir(parents=True)
    return Desk.create(folder, PASSPHRASE)[0]


def _sync(desk: Desk) -> None:
    """A round in which everything goes through."""
    result = desk.sync()
    if result.troubles or result.waiting:
        raise Unavailable(result.troubles[0] if result.troubles else "A packet is still waiting to be sent")


def _reviews() -> list[Mapping[str, Any]]:
    from ruamel.yaml import YAML

    text = (resources() / "demo" / "reviews.yaml").read_text(encoding="utf-8")
    reviews: list[Mapping[str, Any]] = YAML(typ="safe", pure=True).load(text)["reviews"]
    return reviews


def _carry_out(desk: Desk, wanted: Mapping[str, Any]) -> None:
    """Check for completeness, score, write, seal."""
    submission_id = desk.find(wanted["submission"])
    reasons = wanted["completeness"]
    desk.record_completeness(submission_id, () if reasons == "ok" else tuple(reasons))
    for criterion, work in (wanted.get("criteria") or {}).items():
        desk.record_score(submission_id, criterion, work["level"])
        _cite(desk, submission_id, criterion, work.get("anchors", ()))
        for field in (field for field in TextField if field in work):
            desk.write_text(submission_id, field, work[field], criterion)
    desk.write_text(submission_id, TextField.OVERALL, wanted["overall"])
    for kept in wanted.get("keep", ()):
        desk.keep_finding(submission_id, kept["check"], kept.get("subject", ""), kept["reason"])
    attestations = [each.id for each in desk.case(submission_id).policy.attestations]
    desk.seal_packet(submission_id, PASSPHRASE, attestations)


def _cite(desk: Desk, submission_id: str, criterion: str, specs: Iterable[str]) -> None:
    submission = desk.case(submission_id).submission
    for spec in specs:
        name, selector = parse_spec(spec)
        artifact = submission.artifact(name)
        if artifact is None:
            raise Refused(f"{submission.key} has no artifact “{name}”, which “{spec}” cites")
        desk.place_anchor(submission_id, artifact.id, selector, criterion=criterion)


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
    from assessor_desk.verdict import TrustList, verify

    submission_id = desk.find(key)
    [packet] = desk.export(submission_id, folder / "packets", "packet")
    reports = [
        path for kind in ("pdf", "docx") for path in desk.export(submission_id, folder / "reports", kind)
    ]
    verdict = verify(packet, TrustList.load(folder / "trust.pem"), datetime.now(UTC))
    if verdict.exit_code():
        raise Damaged(f"The packet of {key} does not verify: {verdict.headline}")
    seal = desk.case(submission_id).review.seal
    assert seal is not None
    return Done(
        key,
        seal.recommendation.value,
        packet.relative_to(folder).as_posix(),
        seal.packet_digest,
        tuple(path.relative_to(folder).as_posix() for path in reports),
        verdict.headline,
    )


def _write_summary(folder: Path, done: list[Done]) -> None:
    from dataclasses import asdict

    from assessor_desk import __version__

    summary = {"program": f"assessor-desk {__version__}", "reviews": [asdict(each) for each in done]}
    text = json.dumps(summary, ensure_ascii=False, indent=2)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
