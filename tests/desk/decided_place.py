"""A reviewer's desk on a real hub with decisions, releases and coach's notes, for whatever is made of many."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.hub.conftest import Answering
from tests.hub.making import Device, StandingClock, copied, import_quickly, make_template, write_rows
from tests.hub.test_deciding import TestNotes as HubNotes
from tests.hub.test_deciding import passed_to
from tests.reports.cohort_rows import MATHS, RELATIONSHIPS

from assessor_desk.desk import Desk
from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.review import CriterionWork, Review, TextField
from assessor_desk.domain.roles import Role
from assessor_desk.domain.rubric import Rubric
from assessor_desk.domain.submission import review_id
from assessor_desk.hub.assigning import assign_all
from assessor_desk.hub.handing_on import write_notes, write_reports
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import add_person, new_code
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.serve import Server
from assessor_desk.packets.facts import PacketFacts
from assessor_desk.packets.sealing import build_packet
from assessor_desk.places import resources
from assessor_desk.rubric_files import policy_from_json, rubric_from_json

KEYS = tuple(f"4C1D-{number:02}" for number in range(18))
PASSED_BACK, UNDECIDED, INCOMPLETE = KEYS[-1], KEYS[-2], KEYS[-3]
DECIDED = KEYS[:-2]
RELEASED = KEYS[:12]
THROUGH_HUB = RELEASED[-1]
DISTRICTS = ("Cedar Valley", "Lakeside")
SURNAMES = ("Achterberg", "Đặng", "الحربي", "Lindqvist", "李小龍", "Featherstonehaugh")
SECRETS = {
    TextField.RATIONALE: "rationalequokka",
    TextField.STRENGTH: "strengthquokka",
    TextField.NEXT_STEP: "nextquokka",
    TextField.WOULD_SHOW: "showquokka",
    TextField.EXTENSION: "extendquokka",
}
DRAFT, NOTES = "E5D2-11", "notequokka: looks hurried"
OVERALL = "overallquokka " + "Every check has its place in the plan, and one more would help. " * 4
REASON = "The third file is the reflection; look again."


def scored(device: Device, key: str, folder: Path, chance: random.Random) -> tuple[bytes, str]:
    """A packet about a submission with levels by chance; the one of INCOMPLETE hands it back."""
    page = device.changes()
    submission = next(one for one in page.submissions if one.key == key)
    assignment = next(one for one in page.assignments if one.submission_id == submission.id)
    published = next(one for one in page.rubrics if one.id == assignment.rubric_id)
    policy = next(
        one
        for one in page.policies
        if (one.id, one.version) == (assignment.policy_id, assignment.policy_version)
    )
    rubric, rules = rubric_from_json(published.canonical), policy_from_json(policy.canonical)
    own_id = review_id(device.person, assignment.id, 1)
    review = Review(own_id, completeness=(), works=works_of(rubric, chance), overall=OVERALL, notes=NOTES)
    if key == INCOMPLETE:
        review = Review(own_id, completeness=("missing_part",), overall=OVERALL)
    facts = PacketFacts(
        review=review, covers=(), submission=submission, assignment=assignment, rubric=rubric,
        rubric_json=published.canonical, policy=rules, policy_json=policy.canonical, findings=(),
        attestations=tuple(one.id for one in rules.attestations), programme=rules.programme,
        at=datetime.now(UTC), program_version="0.1.0",
        attested=next(one for one in page.attested if one.assignment_id == assignment.id),
    )  # fmt: skip
    built = build_packet(facts, device.signer, folder)
    return built.path.read_bytes(), built.digest


def works_of(rubric: Rubric, chance: random.Random) -> dict[str, CriterionWork]:
    """A level for each criterion; where it does not pass there is a next step, and sometimes where it does."""
    works = {}
    for criterion in rubric.criteria:
        level = chance.choices(criterion.levels, (1, 2, 12))[0].id
        texts = {
            one: f"{word} in {criterion.id}. What the plan says is done, and it shows in the work of everyone."
            for one, word in SECRETS.items()
        }
        if criterion.passes(level) and chance.random() < 0.7:
            del texts[TextField.NEXT_STEP], texts[TextField.WOULD_SHOW]
        works[criterion.id] = CriterionWork(level, texts, no_evidence=True)
    return works


@dataclass
class Place:
    """A reviewer's desk with decisions, and what must not leave it."""

    desk: Desk
    hub: Hub
    names: dict[str, str]
    people: tuple[str, ...]
    folder: Path

    def ids(self, *keys: str) -> list[str]:
        return [self.desk.find(key) for key in keys]


@contextlib.contextmanager
def decided_place(folder: Path) -> Iterator[Place]:
    """Eighteen reviews on a real hub: sixteen decided, twelve of these released, one passed back, one to decide on.

    The last one released went through the hub, which has written it into `handed`, the others into `released`.
    """
    template = make_template(folder / "template")
    clock = StandingClock()  # begins after the shipped policies were published, however long that took
    hub = copied(template, folder / "hub", clock)
    clock.move(seconds=2)  # the newest policy counts
    words = (resources() / "policies" / "default.yaml").read_text(encoding="utf-8")
    own = words.replace('"2026.1"', '"2026.2"').replace("smallest_cell: 10", "smallest_cell: 1")
    (folder / "own.yaml").write_text(own, encoding="utf-8")
    publish(hub, folder / "own.yaml")
    chance, rows = random.Random(5), []
    for number, key in enumerate(KEYS):
        rubric = RELATIONSHIPS if number % 3 == 2 else MATHS
        name = f"Ursel{number:02} {SURNAMES[number % len(SURNAMES)]}"
        rest = f"{rubric},{1 + number % 2},no,{DISTRICTS[number % 2]},en,yes,u{number}@example.org"
        rows.append(f"{key},E-77{number:02},{name},{rest}")
    rows.append(f"{DRAFT},E-7799,Ursel99 Draftsdottir,{MATHS},1,yes,Lakeside,en,yes,u99@example.org")
    (folder / "in").mkdir()
    (folder / "in" / "plan.md").write_text("# A plan\n\nIt counts.\n", encoding="utf-8")
    write_rows(folder / "in", rows, [f"{key},work,plan.md,The plan," for key in (*KEYS, DRAFT)])
    import_quickly(hub, folder / "in")
    with Server(hub.folder) as server:
        answering = Answering(hub, server.url)
        assessor = answering.enrol(Role.ASSESSOR, *KEYS)
        for key in KEYS:
            assessor.deliver(*scored(assessor, key, folder / "packets" / key, chance))
        coach = answering.enrol(Role.COACH, DRAFT)
        passed_to(coach, DeliveryKind.NOTES, HubNotes.notes_of(coach))
        person = add_person(hub, "Rita Reviewersdottir", [Role.REVIEWER])
        assign_all(hub, person)
        desk, _ = Desk.create(folder / "reviewer", "demo")
        desk.connect(server.url, new_code(hub, person), "demo")
        desk.sync()
        for key in DECIDED:
            desk.decide(desk.find(key), "demo")
        desk.pass_back(desk.find(PASSED_BACK), REASON, "demo")
        assert desk.sync().troubles == ()
        into_folder = [desk.find(key) for key in RELEASED if key != THROUGH_HUB]
        desk.release(into_folder, "demo", folder / "released")
        desk.release([desk.find(THROUGH_HUB)], "demo")
        write_reports(hub, folder / "handed")
        write_notes(hub, folder / "notes")
        names = {row.split(",")[0]: row.split(",")[2] for row in rows}
        yield Place(
            desk, hub, names, (assessor.person, coach.person, person, "Sample", "Reviewersdottir"), folder
        )
        desk.close()
        for device in answering.devices:
            device.source.close()
    hub.close()
