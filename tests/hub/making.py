"""Real hubs for tests: a folder of submissions as an issuer would write it, people, desks' sources, packets.

Making a hub costs half a second, so each session makes one and tests work on copies.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from tests.beyond import Beyond

from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.domain.changes import Blob, DeliveredPacket, DeliveryKind, Receipt, SourceChanges
from assessor_desk.domain.decision import Decision, newest
from assessor_desk.domain.review import CriterionWork, Review, TextField
from assessor_desk.domain.roles import Role
from assessor_desk.domain.rubric import Rubric
from assessor_desk.domain.submission import review_id
from assessor_desk.hub.assigning import assign
from assessor_desk.hub.blobs import Blobs
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.intake import Imported, import_folder
from assessor_desk.hub.people import add_person, new_code
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.whereabouts import Whereabouts
from assessor_desk.keys.signing import Signer, SigningKey, read_certificates
from assessor_desk.packets.decision import DecisionFacts, decision_bytes
from assessor_desk.packets.facts import PacketFacts
from assessor_desk.packets.reading import read_basis
from assessor_desk.packets.sealing import build_packet
from assessor_desk.places import resources, rubrics
from assessor_desk.rubric_files import policy_from_json, rubric_from_json
from assessor_desk.sync.hub_source import HubSource

HEADING = "submission key,educator key,name,micro-credential,attempt,draft,district,language,permission attested,e-mail"
ARTIFACT_HEADING = "submission key,part,file or link,label,captions"
ROWS = {
    "7F3A-21": "7F3A-21,E-1,Nguyễn Thị Hồng Nhung,formative-assessment-math,2,no,Lakeside,en,yes,nhung.n@example.org",
    "91BB-02": "91BB-02,E-2,Rosalind Achterberg,formative-assessment-math,1,no,North Prairie,en,yes,",
    "E5D2-11": "E5D2-11,E-3,Tobias Lindqvist,positive-relationships,1,yes,Cedar Valley,en,yes,",
}
ARTIFACT_ROWS = {
    "7F3A-21": (
        "7F3A-21,overview,plan of hong nhung.md,The plan,",
        "7F3A-21,work,talk.txt,What was said,talk.vtt",
        "7F3A-21,reflection,reflection.md,,",
    ),
    "91BB-02": ("91BB-02,work,board.md,The board,", "91BB-02,work,https://video.example.org/v/1,The lesson,"),
    "E5D2-11": ("E5D2-11,overview,first.md,A draft,",),
}
SECRET = "the quokka counted eighteen marbles"


@dataclass
class StandingClock:
    """A clock that a test moves."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def submissions_folder(folder: Path, *keys: str) -> Path:
    """A folder to import with these submissions (all of them by default), its files a few hundred bytes each."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = keys or tuple(ROWS)
    write_rows(folder, [ROWS[key] for key in chosen], [row for key in chosen for row in ARTIFACT_ROWS[key]])
    for name in ("plan of hong nhung.md", "talk.txt", "reflection.md", "board.md", "first.md"):
        (folder / name).write_text(f"# {name}\n\nIn this piece {SECRET}, one by one.\n", encoding="utf-8")
    cue = "WEBVTT\n\n00:01.000 --> 00:03.000\nWho has another way?\n"
    (folder / "talk.vtt").write_text(cue, encoding="utf-8")
    return folder


def write_rows(folder: Path, submissions: list[str], artifacts: list[str]) -> None:
    """The two tables."""
    (folder / "submissions.csv").write_text("\n".join([HEADING, *submissions, ""]), encoding="utf-8")
    (folder / "artifacts.csv").write_text("\n".join([ARTIFACT_HEADING, *artifacts, ""]), encoding="utf-8")


def import_quickly(hub: Hub, folder: Path) -> Imported:
    """Import without a worker process: the files are the tests' own."""
    from assessor_desk.artifacts.preflight import preflight

    def look(path: Path, name: str) -> object:
        with path.open("rb") as file:
            return preflight(file, name)

    return import_folder(hub, folder, inspect=look)  # type: ignore[arg-type]


def make_template(folder: Path, told: Whereabouts | None = None) -> Path:
    """A hub with everything published and nothing imported; `told` where it is beyond one machine.

    All in a folder are one hub, made once in a process and copied.
    """
    if told is not None:
        return _made(folder, told)
    for place, (content, mode) in _files_of_one_made().items():
        path = folder / place
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)
    return folder


@cache
def _files_of_one_made() -> Mapping[Path, tuple[bytes, int]]:
    with TemporaryDirectory() as temporary:
        folder = _made(Path(temporary) / "hub", None)
        files = [path for path in folder.rglob("*") if path.is_file()]
        return {path.relative_to(folder): (path.read_bytes(), path.stat().st_mode & 0o777) for path in files}


def _made(folder: Path, told: Whereabouts | None) -> Path:
    hub = Hub.create(folder, "Lakeside hub", "Lakeside Regional Programme", told=told)
    for path in (*rubrics().glob("*.yaml"), *(resources() / "policies").glob("*.yaml")):
        publish(hub, path)
    hub.close()
    return folder


def copied(template: Path, folder: Path, clock: Callable[[], datetime], beyond: Beyond | None = None) -> Hub:
    """An open copy of a hub's folder, or of one beyond one machine with what it has there."""
    copy_hub(template, folder, beyond)
    return Hub.open(folder, clock=clock)


def copy_hub(template: Path, folder: Path, beyond: Beyond | None) -> None:
    """A copy of a hub, closed."""
    if beyond is None:
        shutil.copytree(template, folder)
    else:
        beyond.copy(template, folder)


def kept(blobs: Blobs) -> dict[str, bytes]:
    """The sealed bytes that lie there, by their digest."""

    def sealed(digest: str) -> bytes:
        with blobs.at_hand(digest) as path:
            return path.read_bytes()

    return {one.digest: sealed(one.digest) for one in blobs.stored()}


@cache
def _key() -> SigningKey:
    return SigningKey.generate()


@dataclass
class Device:
    """An enrolled person: a source, and what they sign with."""

    person: str
    source: HubSource
    signer: Signer
    folder: Path

    def at(self, url: str, hub: Hub) -> Device:
        """The same device before a copy of its hub, which answers at `url`."""
        source = HubSource(url, self.source._token, hub.identity, self.source.title)
        return replace(self, source=source, folder=hub.folder.parent / self.folder.name)

    def changes(self) -> SourceChanges:
        """All that the hub tells from the beginning, its pages joined into one."""
        page = self.source.changes("")
        while page.more:
            page = _joined(page, self.source.changes(page.cursor))
        return page

    def seal(
        self,
        folder: Path,
        key: str = "7F3A-21",
        supersedes: str | None = None,
        overall: str = "The reflection is missing. " * 12,
        earned: bool = False,
        version: str = "",
    ) -> tuple[bytes, str]:
        """A packet handing a submission back as incomplete: the quickest whole packet there is.

        With `earned` each criterion is at its passing level instead, without anchors; with a `version` the review was
        moved to that one of the rubric.
        """
        page = self.changes()
        submission = next(each for each in page.submissions if each.key == key)
        assignment = next(each for each in page.assignments if each.submission_id == submission.id)
        wanted = version or assignment.rubric_version
        rubric = next(
            each for each in page.rubrics if (each.id, each.version) == (assignment.rubric_id, wanted)
        )
        policy = next(each for each in page.policies if each.id == assignment.policy_id)
        revision = 1 if supersedes is None else 2
        review = Review(
            review_id(self.person, assignment.id, revision),
            completeness=() if earned else ("missing_part",),
            works=_passing(rubric_from_json(rubric.canonical)) if earned else {},
            overall=overall,
        )
        rules = policy_from_json(policy.canonical)
        facts = PacketFacts(
            review=review,
            covers=(),
            submission=submission,
            assignment=assignment,
            rubric=rubric_from_json(rubric.canonical),
            rubric_json=rubric.canonical,
            policy=rules,
            policy_json=policy.canonical,
            findings=(),
            attestations=tuple(each.id for each in rules.attestations),
            programme="Lakeside Regional Programme",
            at=datetime.now(UTC),
            program_version="0.1.0",
            attested=next(each for each in page.attested if each.assignment_id == assignment.id),
            supersedes=supersedes,
            rubric_signature=rubric.signature,
        )
        built = build_packet(facts, self.signer, folder)
        return built.path.read_bytes(), built.digest

    def deliver(self, packet: bytes, digest: str, kind: DeliveryKind = DeliveryKind.PACKET) -> Receipt:
        return self.source.deliver(BytesIO(packet), len(packet), digest, kind)

    def decide(
        self,
        key: str = "7F3A-21",
        reason: str = "",
        supersedes: str | None = None,
        kept: Mapping[tuple[str, str], str] = MappingProxyType({}),
        version: str = "",
    ) -> tuple[bytes, str]:
        """A sealed decision on the newest packets of a submission; with a `reason` they are passed back.

        With a `version` it is by that one of the rubric.
        """
        page = self.changes()
        submission = next(each for each in page.submissions if each.key == key)
        assignment = next(each for each in page.assignments if each.submission_id == submission.id)
        wanted = (assignment.rubric_id, version or assignment.rubric_version)
        rubric = next(each for each in page.rubrics if (each.id, each.version) == wanted)
        policy = next(each for each in page.policies if each.id == assignment.policy_id)
        bases = [
            read_basis(self.fetch_packet(each), submission, assignment, each.received_at, held=True)
            for each in page.packets
            if each.submission_id == submission.id
        ]
        count = {one.packet for one in newest(basis.delivered for basis in bases)}
        decision_id = review_id(self.person, assignment.id, len(bases))
        facts = DecisionFacts(
            decision=Decision(decision_id, reason=reason, kept=kept),
            passes_back=bool(reason),
            bases=tuple(basis for basis in bases if basis.delivered.packet in count),
            covers=(),
            submission=submission,
            assignment=assignment,
            rubric=rubric_from_json(rubric.canonical),
            rubric_json=rubric.canonical,
            policy=policy_from_json(policy.canonical),
            policy_json=policy.canonical,
            programme="Lakeside Regional Programme",
            at=datetime.now(UTC),
            program_version="0.1.0",
            attested=next(each for each in page.attested if each.assignment_id == assignment.id),
            supersedes=supersedes,
            rubric_signature=rubric.signature,
        )
        return decision_bytes(facts, self.signer)

    def fetch_packet(self, told: DeliveredPacket) -> bytes:
        """A delivered packet's bytes, fetched like an artifact and opened with the key that came."""
        blob = Blob(told.submission_id, "", told.blob, told.length, told.key)
        sealed = b"".join(self.source.fetch(blob, 0))
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / told.blob
        path.write_bytes(sealed)
        with open_sealed(path, told.key, "the packet") as reader:
            return reader.read()


def _joined(page: SourceChanges, following: SourceChanges) -> SourceChanges:
    """What came page after page; where a thing can have one value only, the later page's."""
    told: dict[str, Any] = {}
    for each in fields(SourceChanges):
        before, after = getattr(page, each.name), getattr(following, each.name)
        if isinstance(after, tuple):
            told[each.name] = (*before, *after)
        elif isinstance(after, Mapping):
            told[each.name] = {**before, **after}
    return replace(following, **told)


def _passing(rubric: Rubric) -> dict[str, CriterionWork]:
    said = {TextField.RATIONALE: "It is there to be seen.", TextField.STRENGTH: "Each piece shows it."}
    return {one.id: CriterionWork(one.passing, said, no_evidence=True) for one in rubric.criteria}


def enrol(hub: Hub, url: str, role: Role = Role.ASSESSOR, *keys: str) -> Device:
    """A new person with that role and these submissions, enrolled over the network."""
    person = add_person(hub, f"Sample {role}", [role])
    for key in keys:
        assign(hub, key, person)
    return device_of(hub, url, person)


def device_of(hub: Hub, url: str, person: str) -> Device:
    """A further device of a person."""
    source = HubSource(url)
    enrolment = source.enrol(new_code(hub, person), _key().csr(person).decode(), "a test's computer")
    certificate = read_certificates(enrolment.certificate.encode())[0]
    chain = tuple(read_certificates(enrolment.chain.encode()))
    return Device(person, source, Signer(_key(), certificate, chain), hub.folder.parent / f"{person}-fetched")
