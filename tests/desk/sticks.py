"""A hub, desks and a stick that is carried between them."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from assessor_desk.desk import Desk
from assessor_desk.domain.roles import Role
from assessor_desk.hub.certifying import Who
from assessor_desk.hub.hub import Hub, utc_now
from assessor_desk.hub.intake import import_folder
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.sticks import Visited, fingerprint, visit

PASSPHRASE = "demo"
WORDS = "The plan is another educator's, word for word."
ANA = Who(name="Ana Sample", roles=(Role.ASSESSOR,))
HEADS = (
    "submission_key,educator_key,name,micro_credential,attempt,draft,district,language,permission_attested\n"
)
ARTIFACT_HEADS = "submission_key,part,file,link,label,captions\n"
SECRET_NAME = "Đặng Thị Hồng"


def make_hub(folder: Path, root: Path, title: str = "Lakeside hub") -> None:
    """A hub with a rubric and a policy."""
    hub = Hub.create(folder, title, title.replace("hub", "Programme"))
    publish(hub, root / "rubrics" / "formative-assessment-math.yaml")
    publish(hub, root / "resources" / "policies" / "default.yaml")
    hub.close()


def submissions(folder: Path, keys: Sequence[str]) -> Path:
    """Submissions to import, with a plan and captions each."""
    folder.mkdir(parents=True)
    rows, artifacts = HEADS, ARTIFACT_HEADS
    for number, key in enumerate(keys):
        rows += f"{key},E-{key},{SECRET_NAME},formative-assessment-math,1,no,D-7,en,yes\n"
        artifacts += f"{key},overview,plan.md,,Lesson plan,\n{key},work,clip.vtt,,What was said,\n"
        files = folder / "files" / key
        files.mkdir(parents=True)
        (files / "plan.md").write_text(f"# Plan {number}\n\nExit tickets for {key}.\n", encoding="utf-8")
        words = f"WEBVTT\n\n00:01.000 --> 00:02.000\nWho else, {key}?\n"
        (files / "clip.vtt").write_text(words, encoding="utf-8")
    (folder / "submissions.csv").write_text(rows, encoding="utf-8")
    (folder / "artifacts.csv").write_text(artifacts, encoding="utf-8")
    return folder


@dataclass
class Office:
    """A hub's folder, opened for each thing that is done there."""

    folder: Path
    scratch: Path
    imports: int = field(default=0)

    def visit(self, stick: Path, key: str = "", who: Who | None = None) -> list[Visited]:
        """What `hub stick` does."""
        hub = Hub.open(self.folder, clock=utc_now)
        try:
            return visit(hub, stick, who, key)
        finally:
            hub.close()

    @property
    def fingerprint(self) -> str:
        """As the programme tells it to its people."""
        hub = Hub.open(self.folder, clock=utc_now)
        try:
            return fingerprint(hub)
        finally:
            hub.close()

    def take(self, *keys: str) -> None:
        """Import submissions."""
        self.imports += 1
        folder = submissions(self.scratch / f"incoming-{self.folder.name}-{self.imports}", keys)
        self.do(lambda hub: import_folder(hub, folder))

    def count(self, table: sa.Table) -> int:
        """How many rows a table has."""
        hub = Hub.open(self.folder, clock=utc_now)
        try:
            with hub.database.reading() as view:
                return int(view.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
        finally:
            hub.close()

    def do(self, act: object) -> object:
        """Something with the hub open."""
        hub = Hub.open(self.folder, clock=utc_now)
        try:
            return act(hub)  # type: ignore[operator]
        finally:
            hub.close()


def key_of(desk: Desk) -> str:
    """The words that a person reads out."""
    asked = desk.asked_by_stick()
    assert asked is not None
    return asked.key_words


def let_in(desk: Desk, office: Office, stick: Path, who: Who) -> str:
    """The first trip and the beginning of the second; the person's number."""
    address = f"folder:{stick}"
    desk.connect(address, "", PASSPHRASE)
    (visited,) = [one for one in office.visit(stick, key_of(desk), who) if one.let_in]
    desk.connect(address, office.fingerprint, PASSPHRASE)
    return visited.person


def copy_of(stick: Path, to: Path) -> Path:
    """A copy of everything on the stick."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(stick, to)
    return to


def everything_on(stick: Path) -> list[Path]:
    """Every file, by name."""
    return sorted(path for path in stick.rglob("*") if path.is_file())


@dataclass(frozen=True)
class KeptTrip:
    """A hub, a desk that was let in and has not synced yet, and their stick; to be copied: making takes seconds."""

    folder: Path
    data_key: bytes
    person: str

    def copied(self, to: Path) -> "Trip":
        """A copy of all three in a folder of its own, the desk open."""
        shutil.copytree(self.folder, to)
        desk = Desk.open_with_key(to / "desk", self.data_key)
        address = f"folder:{to / 'stick'}"
        desk.store.set_fact("profile", {**desk.store.fact("profile"), "source_address": address})
        desk.store.set_fact("sources", [{**one, "address": address} for one in desk.store.fact("sources")])
        return Trip(desk, Office(to / "hub", to), to / "stick", self.person, self.data_key)


@dataclass
class Trip:
    """A desk, its hub, and the stick between them."""

    desk: Desk
    office: Office
    stick: Path
    person: str
    data_key: bytes

    def seal(self, key: str, finish: object) -> None:
        """Assess and seal a submission."""
        own_id = self.desk.find(key)
        self.desk.seal_packet(own_id, PASSPHRASE, finish(self.desk, own_id))  # type: ignore[operator]

    def raise_concern(self, key: str) -> None:
        """The quickest thing that is delivered."""
        self.desk.raise_concern(self.desk.find(key), "integrity", WORDS)

    def bundle(self) -> Path:
        """The newest bundle for the desk."""
        return max(self.stick.glob("for/*/bundle-*.age"))

    def letters(self) -> list[Path]:
        """The desk's letters."""
        return sorted(self.stick.glob("from/*/letter-*.age"))

    def volumes(self) -> list[Path]:
        """The files of sealed files."""
        return sorted(self.stick.glob("for/*/files-*.bin"))
