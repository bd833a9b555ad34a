"""A desk on a real folder with submissions assigned to it, and a clock that stands still unless told."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.desk.kept import KeptDesk
from tests.desk.sticks import ANA, KeptTrip, Office, Trip, let_in, make_hub

from assessor_desk.artifacts.vault import Vault
from assessor_desk.desk import Desk
from assessor_desk.domain.anchor import Whole
from assessor_desk.domain.changes import Blob, Published, SourceChanges
from assessor_desk.domain.review import TextField
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.submission import Artifact, Assignment, Part, Submission, submission_id
from assessor_desk.hub.assigning import assign_all
from assessor_desk.keys import envelope
from assessor_desk.keys.authority import Authority
from assessor_desk.keys.envelope import Envelope
from assessor_desk.keys.signing import SigningKey, save_identity
from assessor_desk.packets.facts import sha256
from assessor_desk.rubric_files import load_policy, load_rubric, policy_to_json, rubric_to_json

if TYPE_CHECKING:
    from tests.desk.decided_place import Place

SOURCE = "urn:uuid:7b1f3f8e-62c0-4d6e-8a52-7d8d4b1f0a11"
PLAN = b"# Lesson plan\n\nPupils mark their own exit tickets; the quokka waits.\n"
CAPTIONS = b"WEBVTT\n\n00:01.000 --> 00:03.000\nWho has another way?\n"


@dataclass
class StandingClock:
    """A clock that a test moves."""

    now: datetime = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> StandingClock:
    """The desk's clock."""
    return StandingClock()


@pytest.fixture(scope="session")
def published(root: Path) -> tuple[Published, Published]:
    """A rubric and a policy as an issuer publishes them."""
    rubric = load_rubric(root / "rubrics" / "formative-assessment-math.yaml")
    policy = load_policy(root / "resources" / "policies" / "default.yaml")
    return (
        Published(rubric.id, rubric.version, rubric_to_json(rubric)),
        Published(policy.id, policy.version, policy_to_json(policy)),
    )


def _submission(number: int, rubric_id: str) -> Submission:
    artifacts = (
        Artifact(
            "video", Part.WORK, "lesson.mp4", "The lesson", "video/mp4", 900, "aa" * 32, captions="captions"
        ),
        Artifact("plan", Part.OVERVIEW, "plan.md", "Lesson plan", "text/markdown", len(PLAN), sha256(PLAN)),
        Artifact("captions", Part.WORK, "lesson.vtt", "", "text/vtt", len(CAPTIONS), "cc" * 32),
    )
    return Submission(
        submission_id(SOURCE, str(number)), SOURCE, f"7F3A-{number:02}", rubric_id, 1, artifacts
    )


@pytest.fixture
def page(published: tuple[Published, Published], clock: StandingClock) -> Callable[..., SourceChanges]:
    """`page(3)`: three assigned submissions."""
    return lambda count=1: page_of(count, published, clock.now)


def page_of(count: int, published: tuple[Published, Published], now: datetime) -> SourceChanges:
    """That many assigned submissions, due on the days after `now`."""
    rubric, policy = published
    submissions = tuple(_submission(number, rubric.id) for number in range(count))
    assignments = tuple(
        Assignment(
            f"assignment-{one.key}", one.id, "p-17", Role.ASSESSOR, Purpose.ASSESS, rubric.id, rubric.version,
            policy.id, policy.version, now + timedelta(days=number + 1),
        )
        for number, one in enumerate(submissions)
    )  # fmt: skip
    return SourceChanges(
        "c1", rubrics=(rubric,), policies=(policy,), submissions=submissions, assignments=assignments
    )


@contextlib.contextmanager
def cheap_passphrases() -> Iterator[None]:
    """Deriving a key takes a third of a second, on purpose. The cost itself is looked at in tests/keys."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope, "_MEMORY_KIB", 256)
        patch.setattr(envelope, "_PASSES", 1)
        yield


@pytest.fixture(autouse=True)
def _cheap_passphrases() -> Iterator[None]:
    with cheap_passphrases():
        yield


@pytest.fixture(scope="session")
def new_desk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A desk just made with the passphrase "demo", and its data key."""
    folder = tmp_path_factory.mktemp("new") / "desk"
    with cheap_passphrases():
        Desk.create(folder, "demo")[0].close()
    return folder, Envelope.load(folder / "keys.json").unlock("demo")


@pytest.fixture(scope="session")
def filled_desk(
    new_desk: tuple[Path, bytes],
    published: tuple[Published, Published],
    tmp_path_factory: pytest.TempPathFactory,
) -> KeptDesk:
    """A desk with two submissions, to be copied: taking them in costs a tenth of a second."""
    folder, data_key = tmp_path_factory.mktemp("filled") / "desk", new_desk[1]
    shutil.copytree(new_desk[0], folder)
    clock = StandingClock()
    with Desk.open_with_key(folder, data_key, clock) as made:
        changes = page_of(2, published, clock.now)
        made.store.accept(changes)
        fill_vault(made, changes.submissions[0])
    return KeptDesk(folder, data_key)


@pytest.fixture
def desk(tmp_path: Path, clock: StandingClock, filled_desk: KeptDesk) -> Iterator[Desk]:
    """An open desk with two submissions, the plan and captions of the first in its vault; its passphrase is "demo"."""
    shutil.copytree(filled_desk.folder, tmp_path / "desk")
    with Desk.open_with_key(tmp_path / "desk", filled_desk.data_key, clock) as made:
        yield made


def fill_vault(desk: Desk, submission: Submission) -> None:
    """Put the plan and the captions of a submission where a round would have put them."""
    vault = Vault(desk.folder / "vault")
    sealed = {
        "plan": vault.write(BytesIO(PLAN), len(PLAN)),
        "captions": vault.write(BytesIO(CAPTIONS), len(CAPTIONS)),
    }
    blobs = [
        Blob(submission.id, artifact, one.digest, one.length, one.key) for artifact, one in sealed.items()
    ]
    video = Blob(submission.id, "video", "e" * 64, 1000, b"v" * 32)
    desk.store.accept(SourceChanges("c2", blobs=(*blobs, video)))
    for artifact in sealed:
        desk.store.artifact_arrived(submission.id, artifact)


@pytest.fixture
def own_id(desk: Desk) -> str:
    """The id of the first submission."""
    return desk.find("7F3A-00")


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signing key under the passphrase "demo" with a certificate for person p-17."""
    folder = tmp_path_factory.mktemp("identity")
    start = StandingClock(datetime(2026, 11, 1, tzinfo=UTC))
    authority = Authority.create(tmp_path_factory.mktemp("authority"), "Lakeside", clock=start)
    key = SigningKey.generate()
    with cheap_passphrases():
        key.save(folder, "demo")
    save_identity(folder, authority.issue(key.csr("p-17"), "p-17", "assessor"), authority.chain())
    return folder


@pytest.fixture
def enrolled(desk: Desk, identity: Path) -> Desk:
    """The desk with its person's signing key and certificate."""
    shutil.copytree(identity, desk.folder / "identity")
    return desk


OVERALL_WORDS = (
    "Your plan asks one question that every pupil answers before anybody speaks, and the answers decide what the next "
    "ten minutes are for. Across the criteria the evidence shows the same habit: you look first and act afterwards, "
    "and pupils know that their answers change the lesson."
)


@pytest.fixture
def finish() -> Callable[[Desk, str], tuple[str, ...]]:
    """Do a whole review with every criterion at its highest level; gives the attestations its policy asks for."""

    def do(desk: Desk, own_id: str) -> tuple[str, ...]:
        desk.record_completeness(own_id)
        _, anchor = desk.place_anchor(own_id, "plan.md", Whole(), "the exit tickets")
        for number, criterion in enumerate(desk.case(own_id).rubric.criteria):
            desk.record_score(own_id, criterion.id, criterion.levels[-1].id)
            desk.give_anchor(own_id, anchor, criterion.id)
            words = (
                f"Tickets {number}: each pupil writes an answer before one is heard; groups follow from them."
            )
            desk.write_text(own_id, TextField.RATIONALE, words, criterion.id)
            desk.write_text(
                own_id,
                TextField.STRENGTH,
                f"Strength {number}: nobody can hide behind a raised hand.",
                criterion.id,
            )
        desk.write_text(own_id, TextField.OVERALL, OVERALL_WORDS)
        return tuple(one.id for one in desk.case(own_id).policy.attestations)

    return do


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Place"]:
    """A reviewer's desk with many decisions on a real hub. Made once: who changes it puts it back."""
    from tests.desk.decided_place import decided_place

    with contextlib.ExitStack() as stack:
        with cheap_passphrases():  # and no longer: other tests of the run derive keys at their full cost
            made = stack.enter_context(decided_place(tmp_path_factory.mktemp("place")))
        yield made


@pytest.fixture(scope="session")
def stick_hub(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """Made once and copied: certificates and signatures take a second."""
    folder = tmp_path_factory.mktemp("stick") / "hub"
    make_hub(folder, root)
    Office(folder, folder.parent).take("7F3A-00")
    return folder


@pytest.fixture(scope="session")
def kept_trip(
    stick_hub: Path, new_desk: tuple[Path, bytes], tmp_path_factory: pytest.TempPathFactory
) -> KeptTrip:
    """After the first trip and with the second's bundle on the stick."""
    folder = tmp_path_factory.mktemp("trip")
    shutil.copytree(stick_hub, folder / "hub")
    shutil.copytree(new_desk[0], folder / "desk")
    (folder / "stick").mkdir()
    office = Office(folder / "hub", folder)
    with Desk.open_with_key(folder / "desk", new_desk[1]) as desk:
        person = let_in(desk, office, folder / "stick", ANA)
    office.do(lambda hub: assign_all(hub, person))
    office.visit(folder / "stick")
    return KeptTrip(folder, new_desk[1], person)


@pytest.fixture
def trip(kept_trip: KeptTrip, tmp_path: Path) -> Iterator[Trip]:
    """All of it, of this test alone."""
    made = kept_trip.copied(tmp_path / "trip")
    yield made
    made.desk.close()
