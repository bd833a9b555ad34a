"""What ended since a back-up stays ended: also what that knows nothing of, and over one restore after another."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.hub.asking import most_values, what_is_asked
from tests.hub.conftest import Answering
from tests.hub.elsewhere import Elsewhere
from tests.hub.making import StandingClock, import_quickly, kept
from tests.hub.test_evidence_retention import keys_of

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.roles import Role
from assessor_desk.hub import parts
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign, assign_all, withdraw, withdraw_consent
from assessor_desk.hub.back_up import back_up
from assessor_desk.hub.badge_papers import STATUS_FILE, papers, set_up_badges
from assessor_desk.hub.badges import _free_place, revoke_badge
from assessor_desk.hub.endings import carry_over, endings_of
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import add_person, new_code, revoke
from assessor_desk.hub.restoring import look, restore
from assessor_desk.hub.retention import expire
from assessor_desk.hub.retention_holds import HoldKind, list_holds, place_hold, release_hold
from assessor_desk.hub.sweeping import sweep, swept_at
from assessor_desk.protocol.status_list import PLACES, encoded

KEY, OTHER = "7F3A-21", "91BB-02"


@dataclass(frozen=True)
class Before:
    """A back-up from before anything was imported, and an assessor that it knows."""

    kept: Path
    person: str


@pytest.fixture
def before(hub: Hub, tmp_path: Path, clock: StandingClock) -> Before:
    """Made five minutes ago."""
    person = add_person(hub, "Lan Pham", [Role.ASSESSOR])
    done = back_up(hub, tmp_path / "before")
    clock.move(minutes=5)
    return Before(done.place, person)


@contextmanager
def restored(place: Path, kept: Path, clock: StandingClock) -> Iterator[Hub]:
    """The hub that comes of it."""
    restore(place, kept, clock=clock)
    with closing(Hub.open(place, clock=clock)) as again:
        yield again


@pytest.mark.parametrize("held", [False, True], ids=["free", "under a hold"])
def test_without_consent_nothing_is_taken_of_what_came_since_though_its_folder_comes_again(
    before: Before,
    answering: Answering,
    incoming: Path,
    elsewhere: Elsewhere,
    clock: StandingClock,
    held: bool,
) -> None:
    if held:
        place_hold(answering.hub, KEY, HoldKind.COMPLAINT, "The educator complained", "Pat")
    withdraw_consent(answering.hub, KEY)
    with restored(elsewhere.beside_its_files(), before.kept, clock) as again:
        in_place = again.folder == answering.hub.folder
        done = import_quickly(again, incoming)
        told = any(f"not taken. The educator of {KEY} withdrew" in one for one in done.warnings)
        assert told != in_place, "in place its row is here still, and nothing is new"
        assert keys_of(again, KEY) == (4 if held and in_place else 0)
        assert keys_of(again, OTHER) > 0
        with pytest.raises(Refused, match="withdrew their consent"):
            assign(again, KEY, before.person)
        assert KEY not in import_quickly(again, incoming).new
        assert [one.key for one in list_holds(again)] == [KEY] * held


@pytest.mark.both_homes
def test_no_statement_takes_as_many_values_as_computers_were_revoked_or_consents_withdrawn(
    hub: Hub, incoming: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_quickly(hub, incoming)
    monkeypatch.setattr(parts, "AT_ONCE", 2)
    person = add_person(hub, "Lan Pham", [Role.ASSESSOR])
    assign(hub, KEY, person)
    own_id = {row.submission_id for row in _assigned(hub)}.pop()
    revoked = [
        {"serial": str(serial), "at": "2026-11-01T00:00:00+00:00", "reason": ""} for serial in range(30)
    ]
    (hub.authority.folder / "revoked.json").write_text(json.dumps(revoked), encoding="utf-8")
    withdrawn = tuple(
        {"id": name, "consent_withdrawn_at": hub.clock()} for name in (*(f"S-{n}" for n in range(30)), own_id)
    )
    with what_is_asked(hub) as asked, hub.database.writing() as work:
        ended = endings_of(work, hub.authority.folder)
        carry_over(work, replace(ended, submissions=withdrawn))
    assert most_values(asked) < 15
    assert [row.withdrawn_for for row in _assigned(hub)] == ["consent_withdrawn"]


def _assigned(hub: Hub) -> Sequence[sa.Row[tuple[object, ...]]]:
    with hub.database.reading() as view:
        return view.execute(sa.select(t.assignments)).all()


def test_whoever_was_recused_from_what_came_since_is_not_given_it_again(
    before: Before, answering: Answering, incoming: Path, elsewhere: Elsewhere, clock: StandingClock
) -> None:
    assign(answering.hub, KEY, before.person)
    withdraw(answering.hub, KEY, before.person, recused=True)
    with restored(elsewhere.beside_its_files(), before.kept, clock) as again:
        import_quickly(again, incoming)
        with pytest.raises(Refused, match="is recused from"):
            assign(again, KEY, before.person)
        assert KEY not in {one.key for one in assign_all(again, before.person)}
        assert keys_of(again, KEY) > 0, "others may look at it"


def test_a_wrong_back_up_restored_first_makes_nothing_forgotten_that_the_right_one_has_a_row_of(
    before: Before, answering: Answering, elsewhere: Elsewhere, tmp_path: Path, clock: StandingClock
) -> None:
    hub = answering.hub
    minh = add_person(hub, "Minh Tran", [Role.ASSESSOR])
    new_code(hub, minh)
    assign(hub, OTHER, before.person)
    right = back_up(hub, tmp_path / "right").place
    clock.move(minutes=5)
    withdraw_consent(hub, KEY)
    withdraw(hub, OTHER, before.person, recused=True)
    revoke(hub, minh)
    with restored(elsewhere.beside_its_files(), before.kept, clock):
        pass
    with restored(elsewhere.beside_its_files("then"), right, clock) as again:
        with again.database.reading() as view:
            consent = view.execute(
                sa.select(t.submissions.c.consent_withdrawn_at).filter_by(key=KEY)
            ).scalar()
            ended = view.execute(sa.select(t.people.c.revoked_at).filter_by(number=minh)).scalar()
            codes = view.execute(sa.select(t.codes)).all()
        assert consent is not None
        assert ended is not None
        assert codes == []
        with pytest.raises(Refused, match="is recused from"):
            assign(again, OTHER, before.person)


def test_a_hold_that_was_released_since_stays_released_and_keeps_nothing(
    answering: Answering, elsewhere: Elsewhere, tmp_path: Path, clock: StandingClock
) -> None:
    hub = answering.hub
    hold = place_hold(hub, KEY, HoldKind.COMPLAINT, "The educator complained", "Pat")
    withdraw_consent(hub, KEY)
    kept = back_up(hub, tmp_path / "kept").place
    clock.move(minutes=5)
    release_hold(hub, hold.id, "Pat")
    with restored(elsewhere.beside_its_files(), kept, clock) as again:
        assert list_holds(again) == []
        assert [(one.released_at, one.released_by) for one in list_holds(again, past=True)] == [
            (clock(), "Pat")
        ]
        expire(again)
        assert keys_of(again, KEY) == 0


def test_nobody_is_given_the_number_of_somebody_who_was_revoked_and_nobody_is_revoked_for_having_it(
    hub: Hub, elsewhere: Elsewhere, tmp_path: Path, clock: StandingClock
) -> None:
    first = back_up(hub, tmp_path / "first").place
    clock.move(minutes=5)
    gone = add_person(hub, "Lan Pham", [Role.ASSESSOR])
    revoke(hub, gone)
    with restored(elsewhere.beside_its_files(), first, clock) as again:
        assert add_person(again, "Minh Tran", [Role.ASSESSOR]) != gone
        with pytest.raises(Refused, match="is taken"):
            add_person(again, "Ngoc Le", [Role.ASSESSOR], number=gone)


@pytest.mark.in_a_folder(
    reason="on servers a back-up is put into an empty database, with the files that its rows name"
)
def test_evidence_that_a_hold_keeps_of_what_came_since_stays_without_consent_too(
    before: Before, answering: Answering, clock: StandingClock
) -> None:
    hub = answering.hub
    place_hold(hub, KEY, HoldKind.COMPLAINT, "The educator complained", "Pat")
    withdraw_consent(hub, KEY)
    restore(hub.folder, before.kept, clock=clock)
    assert keys_of(hub, KEY) == 4
    clock.move(days=3)
    sweep(hub)
    assert len(kept(hub.blobs)) == 4
    release_hold(hub, KEY, "Pat")
    assert kept(hub.blobs) == {}


@pytest.mark.in_a_folder(
    reason="on servers the same is held by what is kept beside the files (test_server_back_up.py)"
)
def test_a_restored_hub_waits_a_day_for_concerns_before_it_destroys_anything(
    before: Before, answering: Answering, clock: StandingClock
) -> None:
    clock.move(days=2)
    restore(answering.hub.folder, before.kept, clock=clock)
    assert swept_at(answering.hub) == clock()


@pytest.mark.in_a_folder(reason="of an assignment that its dump lacks a hub on servers knows nothing")
def test_a_desk_hears_after_the_restore_that_consent_was_withdrawn_for_what_came_since(
    before: Before, answering: Answering, clock: StandingClock
) -> None:
    hub, lan = answering.hub, answering.enrol(Role.ASSESSOR, KEY, OTHER)
    assert len(lan.changes().submissions) == 2
    withdraw_consent(hub, KEY)
    seen = look(hub.folder, before.kept, clock=clock)
    assert [one.some for one in seen.gone if one.kind == "submissions"] == [(OTHER, "E5D2-11")]
    restore(hub.folder, before.kept, clock=clock)
    page = lan.changes()
    assert list(page.withdrawn_for.values()) == ["consent_withdrawn"]
    assert page.blobs == ()


def test_a_badge_issued_and_revoked_since_stays_revoked_and_its_place_taken(
    hub: Hub, elsewhere: Elsewhere, tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up_badges(hub, "http://127.0.0.1:8391")
    kept = back_up(hub, tmp_path / "kept").place
    clock.move(minutes=5)
    with hub.database.writing() as work:
        words = dict.fromkeys(("kind", "subject", "educator_key", "achievement", "title"), "x")
        pictures = dict.fromkeys(("credential", "svg", "png"), b"x")
        row = {"id": "urn:uuid:1", "list": 1, "place": 77, "issued_at": clock()}
        work.execute(sa.insert(t.badges).values(**words, **pictures, **row))
    revoke_badge(hub, "urn:uuid:1", "Issued by mistake.")
    with restored(elsewhere.beside_its_files(), kept, clock) as again:
        listed = json.loads(papers(again)[STATUS_FILE])["credentialSubject"]["encodedList"]
        assert listed == encoded([77])
        drawn = iter((77, PLACES - 1))
        monkeypatch.setattr("secrets.randbelow", lambda _: next(drawn))
        assert _free_place(again) == PLACES - 1
