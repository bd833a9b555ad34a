"""A programme that changes its mind about work in every state that a review can be in, and the desk that has it.

One hub, one desk, enrolled once: each change and state has a submission of its own. What is seen at each stage is kept,
so that a test is a look at it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.desk.sticks import ANA, PASSPHRASE, Office, let_in, make_hub, submissions

from assessor_desk.desk import Case, Desk
from assessor_desk.domain.anchor import Whole
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.domain.review import TextField
from assessor_desk.domain.roles import Role
from assessor_desk.hub.assigning import assign, assign_all, withdraw
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.intake import import_folder
from assessor_desk.hub.people import add_person, new_code, revoke
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.serve import Server
from assessor_desk.rubric_files import load_rubric
from assessor_desk.rubric_files.writing import write_rubric
from assessor_desk.store.lines import InboxRow

STATES = ("untouched", "typing", "ready", "waiting", "delivered")
CHANGES = ("withdrawn", "recused", "passed", "replaced", "due", "kept")
#: What somebody was typing as the change came.
TYPED = "I was just typing this when"
SECRET = "Only I read this."
OVERALL = (
    "Your plan asks one question that every pupil answers before anybody speaks, and the answers decide what the next "
    "ten minutes are for. Across the criteria the evidence shows the same habit: you look first and act afterwards, "
    "and pupils know that their answers change the lesson."
)


def key_of(change: str, state: str) -> str:
    """The submission of a change in a state."""
    return f"{change}-{state}".upper()


def republished(root: Path, to: Path, version: str = "2031.1") -> Path:
    """The rubric of these tests in another version: the first criterion as it was, the second reworded, the third with
    other levels, the fourth gone, the fifth with another near miss, and a new one.
    """
    rubric = load_rubric(root / "rubrics" / "formative-assessment-math.yaml")
    first, second, third, gone, fifth = rubric.criteria
    lowest, *others = second.levels
    reworded = replace(lowest, descriptor=lowest.descriptor.replace("No", "Never") + " Not one pupil writes.")
    second = replace(second, levels=(reworded, *others))
    third = replace(third, levels=third.levels[1:])
    *lower, highest = fifth.levels
    fifth = replace(fifth, levels=(*lower, replace(highest, near_miss="A page of praise.")))
    new = replace(first, id="closes-lesson", title="Closes the lesson with what was found")
    evidence = tuple(
        replace(one, criteria=(*(each for each in one.criteria if each != gone.id), new.id))
        for one in rubric.evidence
    )
    anew = replace(rubric, version=version, criteria=(first, second, third, fifth, new), evidence=evidence)
    write_rubric(anew, to)
    return to


@dataclass(frozen=True)
class Look:
    """One submission as the person sees it at a stage, and what leaves the desk as a table."""

    row: InboxRow
    case: Case
    table: list[list[str]]

    @property
    def written(self) -> str:
        """All words of the person's that leave with the table."""
        return "\n".join(cell for line in self.table for cell in line)


Sync = Callable[[], tuple[str, ...]]


@dataclass
class Story:
    """Hub, desk and way between them."""

    folder: Path
    office: Office
    desk: Desk
    sync: Sync
    person: str = ""
    other: str = ""
    states: tuple[str, ...] = STATES
    seen: dict[str, dict[str, Look]] = field(default_factory=dict)
    troubles: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def look(self, stage: str, *changes: str) -> None:
        """Keep how everything stands, or what these changes are about."""
        rows = {row.key: row for row in self.desk.inbox()}
        keys = {key_of(change, state) for change in changes or CHANGES for state in self.states}
        self.seen[stage] = {key: self._look(row) for key, row in rows.items() if key in keys}

    def _look(self, row: InboxRow) -> Look:
        (path,) = self.desk.export(row.submission_id, self.folder / "out", "csv")
        table = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
        return Look(row, self.desk.case(row.submission_id), table)

    def at(self, change: str, *stages: str) -> Iterator[tuple[Any, ...]]:
        """How what a change is about stood at these stages: its state first, then how it looked."""
        for state in self.states:
            yield state, *(self.seen[stage][key_of(change, state)] for stage in stages)

    def round(self, stage: str, *changes: str) -> None:
        """Sync, and look at what these changes are about."""
        self.troubles[stage] = self.sync()
        if changes:
            self.look(stage, *changes)

    # -- what the person does ----------------------------------------------------------------------------------

    def bring(self, key: str, state: str) -> None:
        """Work on a submission until it is in that state; what is delivered goes out with the next round."""
        own_id = self.desk.find(key)
        if state == "untouched":
            return
        self.desk.record_completeness(own_id)
        criteria = self.desk.case(own_id).rubric.criteria
        self.desk.write_text(own_id, TextField.NOTES, SECRET)
        if state == "typing":
            self.desk.record_score(own_id, criteria[0].id, criteria[0].levels[0].id)
            self.desk.draft_text(own_id, TextField.RATIONALE, TYPED, criteria[0].id)
            return
        self._finish(own_id)
        if state in ("waiting", "delivered"):
            self.seal(own_id)

    def seal(self, own_id: str) -> None:
        """Seal with everything attested."""
        attested = tuple(one.id for one in self.desk.case(own_id).policy.attestations)
        self.desk.seal_packet(own_id, PASSPHRASE, attested)

    def _finish(self, own_id: str) -> None:
        _, anchor = self.desk.place_anchor(own_id, "plan.md", Whole(), "the exit tickets")
        for number, criterion in enumerate(self.desk.case(own_id).rubric.criteria):
            self.finish(own_id, criterion.id, anchor, number)
        self.desk.write_text(own_id, TextField.OVERALL, OVERALL)

    def finish(self, own_id: str, criterion_id: str, anchor: str, number: int = 0) -> None:
        """All that one criterion needs, at its highest level."""
        criterion = self.desk.case(own_id).rubric.criterion(criterion_id)
        self.desk.record_score(own_id, criterion.id, criterion.levels[-1].id)
        self.desk.give_anchor(own_id, anchor, criterion.id)
        words = f"Tickets {number}: each pupil writes an answer before one is heard; groups follow from them."
        strength = f"Strength {number}: nobody can hide behind a raised hand."
        texts = {TextField.RATIONALE: words, TextField.STRENGTH: strength}
        self.desk.write_texts(own_id, texts, criterion.id)

    # -- what the programme does -------------------------------------------------------------------------------

    def change(self, change: str, key: str) -> None:
        """The programme changes its mind about one submission."""
        from datetime import UTC, datetime

        match change:
            case "withdrawn":
                self.do(lambda hub: withdraw(hub, key, self.person))
            case "recused":
                self.do(lambda hub: withdraw(hub, key, self.person, recused=True))
            case "passed":
                self.do(lambda hub: withdraw(hub, key, self.person))
                self.do(lambda hub: assign(hub, key, self.other))
            case "due":
                moved = datetime(2031, 5, 4, 12, tzinfo=UTC)
                self.do(lambda hub: assign(hub, key, self.person, due=moved))

    def replace(self, keys: list[str]) -> None:
        """The educator hands in another plan and one piece more, and takes the captions out."""
        folder = submissions(self.folder / "again", keys)
        lines = ["submission_key,part,file,link,label,captions"]
        for key in keys:
            (folder / "files" / key / "plan.md").write_text("# Another plan\n", encoding="utf-8")
            (folder / "files" / key / "tickets.md").write_text("# Tickets\n", encoding="utf-8")
            lines += [f"{key},overview,plan.md,,Lesson plan,", f"{key},work,tickets.md,,Exit tickets,"]
        (folder / "artifacts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.do(lambda hub: import_folder(hub, folder))

    def undo(self, change: str, key: str) -> None:
        """The programme takes it back."""
        if change == "passed":
            self.do(lambda hub: withdraw(hub, key, self.other))
        if change in ("withdrawn", "passed"):
            self.do(lambda hub: assign(hub, key, self.person))

    def publish(self, path: Path) -> None:
        """A rubric published anew."""
        self.do(lambda hub: publish(hub, path))

    def revoke(self) -> None:
        """The computer's enrolment ends."""
        self.do(lambda hub: revoke(hub, self.person))

    def do(self, act: Callable[[Hub], object]) -> object:
        """Something at the hub."""
        return self.office.do(act)


def begin(folder: Path, root: Path, keys: list[str]) -> Story:
    """A hub with submissions, and an empty desk beside it that is not connected yet."""
    make_hub(folder / "hub", root)
    office = Office(folder / "hub", folder)
    office.take(*keys)
    desk, _ = Desk.create(folder / "desk", PASSPHRASE)
    (folder / "out").mkdir()
    return Story(folder, office, desk, lambda: ())


def by_network(story: Story, server: Server) -> None:
    """Enrol over the network."""
    story.person = str(story.do(lambda hub: add_person(hub, "Ana Sample", [Role.ASSESSOR])))
    story.other = str(story.do(lambda hub: add_person(hub, "Ben Sample", [Role.ASSESSOR])))
    code = str(story.do(lambda hub: new_code(hub, story.person)))
    story.desk.connect(server.url, code, PASSPHRASE)

    def sync() -> tuple[str, ...]:
        try:
            return story.desk.sync().troubles
        except DeskError as error:
            return (sentence(error),)

    story.sync = sync


def by_stick(story: Story) -> None:
    """Be let in by stick; a round is two trips, so that answers to what went out are back."""
    stick = story.folder / "stick"
    stick.mkdir()
    story.person = let_in(story.desk, story.office, stick, ANA)
    story.other = str(story.do(lambda hub: add_person(hub, "Ben Sample", [Role.ASSESSOR])))

    def sync() -> tuple[str, ...]:
        troubles: tuple[str, ...] = ()
        for _ in range(2):
            story.office.visit(stick)
            try:
                troubles += story.desk.sync().troubles
            except DeskError as error:
                troubles += (sentence(error),)
        return tuple(dict.fromkeys(troubles))

    story.sync = sync


def assign_everything(story: Story) -> None:
    """To the desk's person."""
    story.do(lambda hub: assign_all(hub, story.person))
