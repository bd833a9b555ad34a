"""A desk with something to assess, as a hub would have filled it, without the hub."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from assessor_desk.artifacts.vault import Vault
from assessor_desk.desk import Desk
from assessor_desk.domain.changes import Blob, Published, SourceChanges
from assessor_desk.domain.earlier import EarlierAttempt
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.submission import Artifact, Assignment, Part, Submission, submission_id
from assessor_desk.keys.authority import Authority
from assessor_desk.keys.envelope import Envelope
from assessor_desk.keys.signing import SigningKey, save_identity
from assessor_desk.rubric_files import load_policy, load_rubric, policy_to_json, rubric_to_json

SOURCE = "urn:uuid:7b1f3f8e-62c0-4d6e-8a52-7d8d4b1f0a11"
PASSPHRASE = "demo"
PERSON = "p-17"
PLAN = b"# Lesson plan\n\nPupils mark their own exit tickets; the quokka waits.\n"


@dataclass(frozen=True)
class Template:
    """A desk just made, with its person's certificate, to be copied: deriving keys takes a third of a second."""

    folder: Path
    data_key: bytes
    trust: Path
    rubric: Published
    policy: Published

    def open(self, folder: Path) -> Desk:
        shutil.copytree(self.folder, folder)
        return Desk.open_with_key(folder, self.data_key)


def make_template(folder: Path, root: Path) -> Template:
    desk_folder = folder / "desk"
    Desk.create(desk_folder, PASSPHRASE)[0].close()
    authority = Authority.create(folder / "authority", "Lakeside")
    key = SigningKey.generate()
    key.save(desk_folder / "identity", PASSPHRASE)
    save_identity(
        desk_folder / "identity", authority.issue(key.csr(PERSON), PERSON, "assessor"), authority.chain()
    )
    authority.write_trust(folder / "trust.pem")
    rubric = load_rubric(root / "rubrics" / "formative-assessment-math.yaml")
    policy = load_policy(root / "resources" / "policies" / "default.yaml")
    return Template(
        desk_folder,
        Envelope.load(desk_folder / "keys.json").unlock(PASSPHRASE),
        folder / "trust.pem",
        vouched(Published(rubric.id, rubric.version, rubric_to_json(rubric))),
        vouched(Published(policy.id, policy.version, policy_to_json(policy))),
    )


def vouched(thing: Published) -> Published:
    """As it comes out of a round: its issuer's signature was found to hold."""
    return replace(thing, signature=b"checked", vouched=thing.digest)


@dataclass
class Given:
    """Artifacts of one submission, with the bytes of those that are here."""

    key: str
    artifacts: list[Artifact] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)
    on_the_way: dict[str, int] = field(default_factory=dict)
    earlier: EarlierAttempt | None = None

    def add(self, name: str, content: bytes, part: Part = Part.WORK, label: str = "") -> Given:
        own_id = f"a{len(self.artifacts)}"
        sha256 = f"{len(self.artifacts):02x}" * 32
        self.artifacts.append(Artifact(own_id, part, name, label, "", len(content), sha256))
        self.contents[own_id] = content
        return self

    def damage(self, name: str) -> Given:
        self.damaged.add(next(one.id for one in self.artifacts if one.name == name))
        return self

    def leave_out(self, name: str, arrived: int = 0) -> Given:
        """Not here yet: `arrived` bytes of its sealed file are."""
        self.on_the_way[next(one.id for one in self.artifacts if one.name == name)] = arrived
        return self

    def add_link(self, link: str) -> Given:
        self.artifacts.append(Artifact(f"a{len(self.artifacts)}", Part.WORK, "", "", link=link))
        return self

    def submission(self, rubric_id: str) -> Submission:
        own_id = submission_id(SOURCE, self.key)
        attempt = self.earlier.attempt + 1 if self.earlier else 1
        return Submission(
            own_id, SOURCE, self.key, rubric_id, attempt, tuple(self.artifacts), earlier=self.earlier
        )


def photo(width: int = 300, height: int = 200) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), (90, 120, 150)).save(target, "PNG")
    return target.getvalue()


def usual(key: str) -> Given:
    """An overview, a plan and a photograph, all here."""
    given = Given(key).add("overview.md", b"# Overview\n\nTwenty pupils, one goal.\n", Part.OVERVIEW)
    return given.add("plan.md", PLAN, label="The plan").add("board.png", photo())


def assign(desk: Desk, template: Template, given: Given) -> str:
    """Give a submission to the desk as a round would; the id it has there."""
    submission = given.submission(template.rubric.id)
    assignment = Assignment(
        f"assignment-{given.key}", submission.id, PERSON, Role.ASSESSOR, Purpose.ASSESS,
        template.rubric.id, template.rubric.version, template.policy.id, template.policy.version,
        datetime.now(UTC) + timedelta(days=3),
    )  # fmt: skip
    desk.store.accept(
        SourceChanges(
            f"c-{given.key}", rubrics=(template.rubric,), policies=(template.policy,), submissions=(submission,),
            assignments=(assignment,),
        )
    )  # fmt: skip
    fill_vault(desk, submission, given)
    return submission.id


def replace_evidence(desk: Desk, template: Template, given: Given) -> None:
    """The educator hands in another version of what the submission holds."""
    submission = given.submission(template.rubric.id)
    changed = tuple(replace(one, sha256="ee" * 32) for one in submission.artifacts)
    desk.store.accept(SourceChanges("c-again", submissions=(replace(submission, artifacts=changed),)))


def fill_vault(desk: Desk, submission: Submission, given: Given) -> None:
    vault, blobs = Vault(desk.folder / "vault"), []
    for own_id, content in given.contents.items():
        sealed = vault.write(io.BytesIO(content), len(content))
        blobs.append(Blob(submission.id, own_id, sealed.digest, sealed.length, sealed.key))
        path = vault.path(sealed.digest)
        if own_id in given.damaged:
            path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
        if own_id in given.on_the_way:
            begun = path.read_bytes()[: given.on_the_way[own_id]]
            path.unlink()
            partial = vault.partial(sealed.digest)
            partial.parent.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(begun)
    desk.store.accept(SourceChanges(f"b-{given.key}", blobs=tuple(blobs)))
    for own_id in given.contents.keys() - given.on_the_way.keys():
        desk.store.artifact_arrived(submission.id, own_id)
