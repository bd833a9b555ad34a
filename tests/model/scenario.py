"""Two to four desks, a hub and a stick; whatever happens to them; and what must hold once all is quiet."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import sqlalchemy as sa
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from tests.desk.sticks import PASSPHRASE
from tests.model.agreement import snapshot_of, troubles
from tests.model.keeping import hold, troubles_of_keeping
from tests.model.people import Person
from tests.model.spoiling import spoilt
from tests.model.town import (
    ADA,
    ADDRESS,
    BEN,
    BY_STICK,
    KEY_WORDS,
    KEYS,
    LAPTOP,
    OWNER,
    RITA,
    Kept,
    Office,
    town_from,
)
from tests.model.wire import KINDS, Fault

from assessor_desk.domain.errors import Damaged, DeskError, sentence
from assessor_desk.domain.roles import Purpose
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign, withdraw, withdraw_consent
from assessor_desk.hub.holds import lift_holds
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import devices_of, new_code, revoke
from assessor_desk.hub.retention_holds import release_hold
from assessor_desk.hub.sweeping import sweep

#: Rounds until nothing may change any more: in the first all goes and comes that waited, in the second whoever synced
#: before others hears what came of theirs, and the third is silent (docs/decisions/0260).
_MOST_ROUNDS = 3
_YEAR = timedelta(days=365)

#: Who takes part, by how they reach their hub.
BY_NETWORK = ((ADA, RITA), (ADA, BEN), (ADA, RITA), (ADA, BEN, RITA))
WITH_A_STICK = ((ADA, BY_STICK), (BY_STICK, RITA))
TWO_COMPUTERS = ((ADA, LAPTOP), (ADA, LAPTOP, RITA))
EVERYWHERE = (*BY_NETWORK, *WITH_A_STICK, *TWO_COMPUTERS, (ADA, LAPTOP, BY_STICK, RITA))
WORDS = (
    "Each of them is heard.",
    "One is asked before the others.",
    "Read the exit tickets again.",
)
ASKING = ("is assigned to", "is withdrawn from", "is kept from", "passes from Ada to")
PROGRAMME = (
    *("replaces", "publishes", "lifts", "revokes", "revokes and enrols again"),
    *("hears that consent is withdrawn", "holds", "holds no more"),
)
HUB = ("restarts", "is backed up", "is put back", "is put back", "is put back", "is swept")


@dataclass(frozen=True)
class Act:
    """Something small that an assessor does, and in which of three ways."""

    verb: str
    how: int

    def __str__(self) -> str:
        return self.verb


_VERBS = (
    "checks",
    "scores",
    "types on",
    "writes on",
    "anchors",
    "undoes on",
    "looks again at",
    "moves over",
)
ROOM = ("keeps", "frees", "frees originals of")
SPOILT = ("left at home", "cut short", "put back as it was", "given another's bundle")
acts_ = st.builds(Act, st.sampled_from(_VERBS), st.integers(0, 2))
who_ = st.integers(0, 3)
which_ = st.sampled_from(KEYS)
faults_ = st.lists(
    st.builds(Fault, st.sampled_from((1, 1, 1, 2, 2, 3, 4, 5)), st.sampled_from(KINDS), st.integers(0, 99)),
    min_size=1, max_size=3,
)  # fmt: skip

#: What happened in this process, so that a run can be seen to try everything.
census: Counter[str] = Counter()
#: The town that scenarios are copied from; set by whoever runs them.
kept_town: list[Kept] = []


class Scenario(RuleBasedStateMachine):
    """Each rule is one thing that happens; each is told in a sentence."""

    def __init__(self) -> None:
        super().__init__()
        self.trace: list[str] = []
        self.broken = False
        self.back_up: Path | None = None
        self.published = False
        self.trip_lost = False
        self._life = ExitStack()

    #: From which of these a scenario begins.
    towns: tuple[tuple[str, ...], ...] = EVERYWHERE

    @initialize(data=st.data())
    def begins(self, data: st.DataObject) -> None:
        desks = data.draw(st.sampled_from(self.towns))
        census["scenario"] += 1
        census[f"scenario: {', '.join(desks)}"] += 1
        (kept,) = kept_town
        place = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
        self.folder = Path(tempfile.mkdtemp(prefix="model-", dir=place))
        self._life.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.office: Office
        self.office, self.now = self._life.enter_context(town_from(kept, self.folder, list(desks)))
        self.people: list[Person] = []
        for name in desks:
            number = kept.numbers[OWNER[name]]
            stick = self.folder / "stick" if name == BY_STICK else None
            shares = LAPTOP in desks and OWNER[name] == ADA
            person = Person(
                name,
                number,
                self.folder / name,
                kept.keys[name],
                self.now,
                stick,
                shares,
            )
            person.open()
            if stick is not None:
                person.find_stick()
            self._life.callback(person.close)
            self.people.append(person)
        if LAPTOP in desks:
            self.people[0].desk.leave_key_copy(KEY_WORDS)
            self.people[1].desk.join_with_passphrase(KEY_WORDS)
        self.numbers = kept.numbers
        self.trace.append(f"There are {', '.join(desks)}.")

    # -- people --------------------------------------------------------------------------------------------------

    @rule(who=who_, faults=faults_)
    def syncs(self, who: int, faults: list[Fault]) -> None:
        person = self._who(who)
        wire = self.office.wire
        wire.weather(faults if person.stick is None else [])
        with self._told(f"{person.name} syncs") as say:
            told = person.sync()
            say(" / ".join([*wire.told, told]))
        wire.weather([])
        census["round"] += 1
        census["round that fell short"] += told.startswith(("Unavailable", "Refused", "Damaged"))

    @rule(who=who_)
    def syncs_in_peace(self, who: int) -> None:
        self.syncs(who, [])

    @rule(who=who_)
    def syncs_again(self, who: int) -> None:
        self.syncs(who, [])

    @rule(who=who_, which=which_, act=acts_)
    def works(self, who: int, which: str, act: Act) -> None:
        assessors = [place for place, one in enumerate(self.people) if one.name != RITA]
        self._try(
            assessors[who % len(assessors)],
            f"{act} {which}",
            lambda one: self._work(one, which, act),
        )

    def _work(self, person: Person, which: str, act: Act) -> None:
        match act.verb:
            case "checks":
                person.check_completeness(which, ["missing_part"] if act.how == 0 else [])
            case "scores":
                person.score(which, act.how % 2, act.how)
            case "types on":
                person.type(which, f"{WORDS[act.how]} {len(self.trace)}")
            case "writes on":
                person.write(which, WORDS[act.how])
            case "anchors":
                person.anchor(which, f"seen at step {len(self.trace)}")
            case "undoes on":
                person.undo(which)
            case "looks again at":
                person.look_again(which)
            case "moves over":
                person.move_over(which)

    @rule(who=who_, which=which_, scored=st.booleans())
    def finishes(self, who: int, which: str, scored: bool) -> None:
        def finish(person: Person) -> None:
            if person.name == RITA:
                person.decide(which)
                return
            if person.desk.case(person.desk.find(which)).version_changed:
                person.look_again(which)
            person.check_completeness(which, [] if scored else ["missing_part"])
            for criterion in range(2) if scored else ():
                person.score(which, criterion, 2)
            person.write(which, f"What was handed in says enough, at step {len(self.trace)}.")
            person.seal(which)

        self._try(who, f"finishes {which}{'' if scored else ' as incomplete'}", finish)

    @rule(who=who_, which=which_)
    def corrects(self, who: int, which: str) -> None:
        def correct(person: Person) -> None:
            person.decide_anew(which) if person.name == RITA else person.correct(which)

        self._try(who, f"corrects {which}", correct)

    @rule(which=which_)
    def passes_back(self, which: str) -> None:
        for place, person in enumerate(self.people):
            if person.name == RITA:
                self._try(place, f"passes {which} back", lambda one: one.pass_back(which))

    @rule(who=who_, which=which_)
    def raises_a_concern(self, who: int, which: str) -> None:
        self._try(who, f"raises a concern about {which}", lambda one: one.raise_concern(which))

    # -- their computers -----------------------------------------------------------------------------------------

    @rule(who=who_, which=which_)
    def moves_over(self, who: int, which: str) -> None:
        if not self.published:
            self.programme(who, which, "publishes")
        self.syncs(who, [])
        self.works(who, which, Act("moves over", 0))

    @rule(who=who_, which=which_, how=st.sampled_from(ROOM))
    def makes_room(self, who: int, which: str, how: str) -> None:
        def do(person: Person) -> None:
            own_id = person.desk.find(which)
            if how == "keeps":
                person.desk.make_offline([own_id])
            else:
                person.desk.free_space([own_id], originals_only=how != "frees")

        self._try(who, f"{how} {which}", do)

    @rule(who=who_, killed=st.booleans())
    def restarts(self, who: int, killed: bool) -> None:
        person = self._who(who)
        with self._told(
            f"{person.name}'s desk {'loses power' if killed else 'is closed'} and is opened again"
        ):
            person.lose_power() if killed else person.close()
            person.open()
            self._holds(person)

    @rule(who=who_, years=st.sampled_from([1, -1, 0]))
    def clock_jumps(self, who: int, years: int) -> None:
        person = self._who(who)
        with self._told(
            f"{person.name}'s clock is {f'off by {years} year' if years else 'right'} from now on"
        ):
            person.off, person.misled = years * _YEAR, person.misled or bool(years)

    # -- the programme -------------------------------------------------------------------------------------------

    @rule(
        which=which_,
        name=st.sampled_from([ADA, BEN, RITA]),
        how=st.sampled_from(ASKING),
    )
    def asks(self, which: str, name: str, how: str) -> None:
        number, purpose = (
            self.numbers[name],
            Purpose.DECIDE if name == RITA else Purpose.ASSESS,
        )
        match how:
            case "is assigned to":
                self._office(
                    f"{which} {how} {name}",
                    lambda hub: assign(hub, which, number, purpose),
                )
            case "is withdrawn from":
                self._office(f"{which} {how} {name}", lambda hub: withdraw(hub, which, number))
            case "is kept from":
                told = f"{which} {how} {name}, who is recused"
                self._office(told, lambda hub: withdraw(hub, which, number, recused=True))
            case "passes from Ada to":
                self._office(f"{which} {how} {BEN}", lambda hub: self._pass_on(hub, which))

    def _pass_on(self, hub: Hub, which: str) -> None:
        withdraw(hub, which, self.numbers[ADA])
        assign(hub, which, self.numbers[BEN], Purpose.ASSESS)

    @rule(who=who_, which=which_, how=st.sampled_from(PROGRAMME))
    def programme(self, who: int, which: str, how: str) -> None:
        person = self._who(who)
        match how:
            case "replaces":
                words = f"as it is since step {len(self.trace)}"
                self._office(f"{which} is replaced", lambda _: self.office.take(words, which))
            case "publishes" if not self.published:
                self.published = True
                self._office(
                    "another version of the rubric is published",
                    lambda _: self.office.publish_rubric(2),
                )
            case "lifts":
                self._office(f"the hold on {which} is lifted", lambda hub: lift_holds(hub, which))
            case "hears that consent is withdrawn":
                self._office(
                    f"consent to {which} is withdrawn",
                    lambda hub: withdraw_consent(hub, which),
                )
            case "holds":
                self._office(f"{which} is kept for an appeal", lambda _: hold(self.office, which))
            case "holds no more":
                self._office(
                    f"{which} is kept no longer",
                    lambda hub: release_hold(hub, which, "The office"),
                )
            case "revokes" | "revokes and enrols again" if person.stick is None:
                self._office(
                    f"{person.name} is revoked on every device",
                    lambda hub: _revoke(hub, person.number),
                )
                if how != "revokes":
                    self._try(who, "enrols again", self._enrol)

    @rule(how=st.sampled_from(HUB))
    def at_the_hub(self, how: str) -> None:
        if how == "is put back" and self.back_up is None:
            how = "is backed up"
        with self._told(f"the hub {how}"):
            census[how] += 1
            if how == "is swept":
                sweep(self.office.hub)
                return
            self.office.close()
            if how == "is backed up":
                self.back_up = self.folder / "back-up"
                shutil.rmtree(self.back_up, ignore_errors=True)
                shutil.copytree(self.folder / "hub", self.back_up)
            elif how == "is put back":
                self.office.put_back = True
                self.trip_lost = True
                shutil.rmtree(self.folder / "hub")
                shutil.copytree(self.back_up, self.folder / "hub")  # type: ignore[arg-type]
            self.office.open()

    @precondition(lambda self: any(one.stick for one in self.people))
    @rule()
    def stick_is_carried(self) -> None:
        with self._told("the stick is carried to the hub") as say:
            say(self._carry())

    @precondition(lambda self: any(one.stick for one in self.people))
    @rule(how=st.sampled_from(SPOILT))
    def stick_is_spoilt(self, how: str) -> None:
        """What may come of a stick on its way; then its desk syncs with it."""
        (person,) = (one for one in self.people if one.stick is not None)
        with self._told(f"the stick is {how}, and {person.name} syncs") as say:
            census[f"fault: stick {how}"] += 1
            self.trip_lost = True
            with spoilt(self.folder, how):
                say(person.sync())

    # -- the end -------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """All becomes quiet; then everything must hold."""
        try:
            if not self.broken:
                self._end()
        finally:
            census.update({f"fault: {kind}": times for kind, times in self.office.wire.happened.items()})
            note("\n".join(["", "What happened:", *(f"  {line}" for line in self.trace)]))
            self._life.close()

    def _end(self) -> None:
        self.office.wire.weather([])
        self.office.wire.settle()
        if self.published:
            self.office.publish_rubric(2)  # unless it still is: the hub may have been put back to before
        for person in self.people:
            person.off = timedelta()
            if person.shares:
                person.leave_off_typing()
        self.trace.append("Then all is quiet.")
        if any(person.stick and (self.trip_lost or person.misled) for person in self.people):
            # By a bundle that cannot be read, or is an older hub's, the desk learns only what to ask for; and what was
            # dated by a wrong clock comes back to be dated anew.
            self._round()
        rounds = self._quiet()
        assert rounds <= _MOST_ROUNDS, "it never becomes quiet"
        census[f"quiet after {rounds}"] += 1
        if self._seal_anew():
            assert self._quiet() <= _MOST_ROUNDS, "what was sealed anew never arrives"
        assert (found := troubles(self.office, self.people)) == [], "\n".join(found)
        assert (found := troubles_of_keeping(self.office, census)) == [], "\n".join(found)

    def _seal_anew(self) -> int:
        """Whoever's review the hub would not take corrects and seals it; how many that were."""
        anew = 0
        for place, person in enumerate(self.people):
            for own_id in {one.submission_id for one in person.turned_away()}:
                case = person.desk.case(own_id)
                if case.review.sealed and not case.set_aside:
                    anew += 1
                    self._try(
                        place,
                        f"seals {case.submission.key} anew",
                        lambda one, key=case.submission.key: self._again(one, key),
                    )
        census["sealed anew"] += anew
        return anew

    def _again(self, person: Person, which: str) -> None:
        person.correct(which)
        if person.desk.case(person.desk.find(which)).version_changed:
            person.look_again(which)
        person.seal(which)

    def _quiet(self) -> int:
        """Rounds until one finds nothing new for anybody and changes nothing; how many that took."""
        if any(person.shares for person in self.people):
            self._round()  # what the second computer says is for the first to hear in the next
        for number in range(1, _MOST_ROUNDS + 1):
            before = self._as_it_stands()
            if self._round() and self._as_it_stands() == before:
                return number
        return _MOST_ROUNDS + 1

    def _as_it_stands(self) -> tuple[list[dict[str, list[str]]], int]:
        """What is on the desks, and how much computers have told each other: the other has to hear that too."""
        said = sa.select(sa.func.count()).select_from(t.entry_batches)
        with self.office.hub.database.reading() as view:
            return [snapshot_of(person) for person in self.people], view.execute(said).scalar_one()

    def _round(self) -> bool:
        """Everybody syncs once; whether nothing was new for anybody."""
        quiet = True
        for person in self.people:
            refused = len(person.refused)
            self._share(person)  # the network may have failed when it was enrolled again
            told = person.sync()
            if told.startswith("Refused") and person.stick is None:
                self._enrol(person)
                told = f"{told}; enrols again: {person.sync()}"
            if person.stick is not None:
                told = f"{told}; {self._carry()}; {person.sync()}"
            self.trace.append(f"{person.name} syncs: {told}")
            census["quiet round"] += 1
            quiet &= set(told.split("; ")) <= {"nothing new", ""} or self._only_waits(person, told)
            quiet &= len(person.refused) == refused
        return quiet

    def _only_waits(self, person: Person, told: str) -> bool:
        news = (
            "delivered ",
            "taken ",
            "fetched ",
            "entries ",
            "Unavailable",
            "Damaged",
        )
        # What the hub refused lies on the stick for as long as it is not sealed anew.
        on_its_way = "on the stick" in told and any(not line.refused for line in person.waiting())
        return not on_its_way and not any(word in told for word in news)

    # -- what rules are made of ----------------------------------------------------------------------------------

    def _who(self, who: int) -> Person:
        return self.people[who % len(self.people)]

    def _carry(self) -> str:
        return "; ".join(word for one in self.office.visit(self.folder / "stick") for word in one.troubles)

    def _enrol(self, person: Person) -> None:
        person.desk.connect(ADDRESS, new_code(self.office.hub, person.number), PASSPHRASE)
        self._share(person)

    def _share(self, person: Person) -> None:
        """Whose computer was revoked, and is connected again, lets it in again; else that is refused."""
        if person.shares:
            with suppress(DeskError):
                person.desk.join_with_passphrase(KEY_WORDS)

    def _holds(self, person: Person) -> None:
        assert (lost := person.lost()) == [], f"{person.name} lost {lost}"

    def _try(self, who: int, told: str, act: Callable[[Person], Any]) -> None:
        """Something that a person does, which may be refused in a sentence."""
        person = self._who(who)
        with self._told(f"{person.name} {told}") as say:
            verb = told.split(" ")[0]
            census[verb] += 1
            try:
                act(person)
            except DeskError as error:
                if isinstance(error, Damaged) and not person.off:
                    raise
                census[f"{verb}, refused"] += 1
                say(f"refused: {sentence(error)}")

    def _office(self, told: str, act: Callable[[Hub], Any]) -> None:
        with self._told(told) as say:
            census[" ".join(told.split(" ")[1:3])] += 1
            try:
                act(self.office.hub)
            except DeskError as error:
                say(f"refused: {sentence(error)}")

    @contextmanager
    def _told(self, words: str) -> Iterator[Callable[[str], None]]:
        self.now.move(seconds=20)
        census["step"] += 1
        said: list[str] = []
        try:
            yield said.append
        except BaseException:
            self.broken = True
            raise
        finally:
            self.trace.append(": ".join([f"{len(self.trace)}. {words}", *said]))


def _revoke(hub: Hub, number: str) -> None:
    for device in devices_of(hub, number):
        if device.revoked_at is None:
            revoke(hub, number, "keyCompromise", device.id)
