"""A page of changes is bounded by its bytes too: what is long counts as many rows, and one comes in any case."""

import hashlib
import io
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image
from tests.hub.making import StandingClock, import_quickly, write_rows

from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.feed import changes_since
from assessor_desk.hub.hub import Hub, note_change
from assessor_desk.hub.people import Caller, add_person
from assessor_desk.protocol.messages import PAGE, ROW_BYTES, ChangesAnswer

pytestmark = pytest.mark.both_homes
BADGES = 40


@pytest.fixture
def reviewer(hub: Hub, tmp_path: Path, clock: StandingClock) -> Caller:
    """Somebody who decided on forty submissions, each of which has a badge with a picture of some 60 kB."""
    keys = [f"B-{number:02}" for number in range(BADGES)]
    rows = [f"{key},E-{key},Anna Berg,formative-assessment-math,1,no,D,en,yes," for key in keys]
    (tmp_path / "in").mkdir()
    write_rows(tmp_path / "in", rows, [f"{key},work,https://example.org/{key},," for key in keys])
    import_quickly(hub, tmp_path / "in")
    person = add_person(hub, "Sample reviewer", [Role.REVIEWER])
    with hub.database.writing() as work:
        ids = work.execute(sa.select(t.submissions.c.key, t.submissions.c.id)).all()
        for place, (key, own_id) in enumerate(ids):
            row = {
                "id": f"urn:badge:{key}", "kind": "decision", "subject": hashlib.sha256(key.encode()).hexdigest(),
                "submission_id": own_id, "educator_key": f"E-{key}", "achievement": "formative-assessment-math",
                "title": "A badge", "list": 1, "place": place, "issued_at": clock(),
                "credential": b'{"of": "%d"}' % place, "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
                "png": noise(),
            }  # fmt: skip
            work.execute(sa.insert(t.badges).values(**row))
            note_change(work, "badge", own_id, person)
    return Caller(person, "a device", (Role.REVIEWER,))


def noise() -> bytes:
    """A picture that cannot be made smaller."""
    made = io.BytesIO()
    Image.effect_noise((250, 250), 90).save(made, "PNG")
    return made.getvalue()


def pages(hub: Hub, caller: Caller, most: int) -> list[ChangesAnswer]:
    told = [changes_since(hub, caller, "", most=most)]
    while told[-1].more:
        told.append(changes_since(hub, caller, told[-1].cursor, most=most))
    return told


def test_a_page_of_badges_is_no_longer_than_one_of_small_rows(hub: Hub, reviewer: Caller) -> None:
    told = pages(hub, reviewer, PAGE)
    assert len({badge.id for page in told for badge in page.badges}) == BADGES
    assert sum(len(page.badges) for page in told) == BADGES
    sizes = [len(page.model_dump_json(include={"badges"})) for page in told]
    assert ROW_BYTES * PAGE / 2 < max(sizes) <= ROW_BYTES * PAGE * 1.1
    assert all(page.badges for page in told[1:])


def test_what_is_longer_than_a_page_comes_in_one_by_itself(hub: Hub, reviewer: Caller) -> None:
    told = pages(hub, reviewer, 1)
    assert max(len(page.badges) for page in told) == 1
    assert sum(len(page.badges) for page in told) == BADGES
