"""A programme for a reviewer: a real hub, assessors at their own desks, and the reviewer's desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.desk.kept import KeptDesk
from tests.hub.conftest import Answering
from tests.hub.making import Device, StandingClock, import_quickly, make_template, submissions_folder

from assessor_desk.desk import Desk
from assessor_desk.domain.anchor import TextQuote, Whole
from assessor_desk.domain.review import TextField
from assessor_desk.domain.roles import Role
from assessor_desk.hub.assigning import assign
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import add_person, new_code
from assessor_desk.hub.serve import Server

KEY, OTHER = "7F3A-21", "91BB-02"
PASSPHRASE = "demo"
OVERALL = (
    "Your plan asks one question that every pupil answers before anybody speaks, and the answers decide what the next "
    "ten minutes are for. Across the criteria the evidence shows the same habit: you look first and act afterwards, "
    "and pupils know that their answers change the lesson."
)
RATIONALE = (
    "Line {number}: each pupil writes an answer before one is heard; the quokka is counted by all of them."
)
STRENGTH = "Strength {number}: nobody can hide behind a raised hand, since every answer is on the table."
NEXT_STEP = (
    "Have every pupil commit to an answer before you call on anyone, on whiteboards or with fingers, and read along "
    "the rows before you go on."
)
WOULD_SHOW = "Five minutes of the lesson in which all answers can be read, and what you do with them."


@dataclass
class Programme:
    """Everybody on one hub. Desks opened here are closed at the end."""

    answering: Answering
    folder: Path
    desks: list[Desk] = field(default_factory=list)

    def desk_of(self, role: Role, *keys: str) -> Desk:
        """The desk of a new person, with these submissions."""
        person = add_person(self.answering.hub, f"Sample {role}", [role])
        for key in keys:
            assign(self.answering.hub, key, person)
        desk, _ = Desk.create(self.folder / f"{role}-{person}", PASSPHRASE)
        self.desks.append(desk)
        desk.connect(self.answering.url, new_code(self.answering.hub, person), PASSPHRASE)
        desk.sync()
        return desk

    def opened(self, kept: KeptDesk) -> Desk:
        """A desk that was made before, a copy of it."""
        self.desks.append(kept.copied(self.folder / kept.folder.name, self.answering.url))
        return self.desks[-1]

    def device(self, *keys: str) -> Device:
        """An assessor without a desk, for a quick packet."""
        return self.answering.enrol(Role.ASSESSOR, *keys)

    def close(self) -> None:
        for desk in self.desks:
            desk.close()


@dataclass(frozen=True)
class Beginning:
    """To be copied: a hub's folder, and an assessor's desk and a reviewer's, which are connected to it."""

    hub: Path
    packet: str
    assessor: KeptDesk
    reviewer: KeptDesk


def make_beginning(folder: Path) -> Beginning:
    """One review delivered, one submission awaiting its own."""
    make_template(folder / "hub")
    hub = Hub.open(folder / "hub", clock=StandingClock())
    import_quickly(hub, submissions_folder(folder / "incoming"))
    with Server(hub.folder) as server:
        programme = Programme(Answering(hub, server.url), folder)
        assessor = programme.desk_of(Role.ASSESSOR, KEY)
        packet = review(assessor, KEY)
        reviewer = programme.desk_of(Role.REVIEWER, KEY, OTHER)
        kept = [KeptDesk.of(desk, PASSPHRASE) for desk in (assessor, reviewer)]
    hub.close()
    return Beginning(hub.folder, packet, *kept)


def review(desk: Desk, key: str, below: int = 1) -> str:
    """Assess a submission, `below` criteria under passing, seal it and send it; gives the packet's digest."""
    own_id = desk.find(key)
    desk.record_completeness(own_id)
    shown = desk.case(own_id).submission.shown[0].id
    _, whole = desk.place_anchor(own_id, shown, Whole(), "the whole plan")
    _, quoted = desk.place_anchor(
        own_id, shown, TextQuote("the quokka counted eighteen marbles"), "marbles, one by one"
    )
    for number, criterion in enumerate(desk.case(own_id).rubric.criteria, start=1):
        passes = number > below
        passing = criterion.levels.index(criterion.level(criterion.passing))
        desk.record_score(own_id, criterion.id, criterion.levels[passing if passes else passing - 1].id)
        desk.give_anchor(own_id, whole if number % 2 else quoted, criterion.id)
        texts = {
            TextField.RATIONALE: RATIONALE.format(number=number),
            TextField.STRENGTH: STRENGTH.format(number=number),
        }
        if not passes:
            texts |= {TextField.NEXT_STEP: NEXT_STEP, TextField.WOULD_SHOW: WOULD_SHOW}
        desk.write_texts(own_id, texts, criterion.id)
    desk.write_text(own_id, TextField.OVERALL, OVERALL)
    return seal(desk, own_id)


def seal(desk: Desk, own_id: str) -> str:
    """Seal what was assessed and send it."""
    case = desk.case(own_id)
    assert case.blocking == (), [one.sentence for one in case.blocking]
    sealed = desk.seal_packet(own_id, PASSPHRASE, [one.id for one in case.policy.attestations])
    result = desk.sync()
    assert result.troubles == ()
    return sealed.digest
