"""A reviewer's queue: how far each submission has come, since when it waits, and what of it one wants to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from assessor_desk.desk.queued import FoundText, Queued, QueueFilter, QueueState, ReportLine
from assessor_desk.domain.due import DayCount, calendar_days, overdue_before
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.review import TITLES, TextField
from assessor_desk.rubric_files.calendars import working_days
from assessor_desk.store.deciding import MARK_FROM, MARK_TO
from assessor_desk.store.queue import QueueEnd

if TYPE_CHECKING:
    from assessor_desk.artifacts.vault import Vault
    from assessor_desk.desk.queued import QueueOrder
    from assessor_desk.domain.due import WorkingDays
    from assessor_desk.domain.policy import DueRule, Policy
    from assessor_desk.store.deciding import Found
    from assessor_desk.store.queue import QueueLine
    from assessor_desk.store.reading import Reading
    from assessor_desk.store.store import Store

_FILTERS = "queue filters"
T = TypeVar("T")


@dataclass(frozen=True)
class Queue:
    """The queue of one desk. All of it reads or writes the store: call it on a lane."""

    store: Store = field(repr=False)
    vault: Vault = field(repr=False)
    clock: Callable[[], datetime] = field(repr=False)

    def order(self, search: str, wanted: QueueFilter) -> QueueOrder:
        """What contains `search` and is wanted, under its headings as of now; how it stands comes by `standing`."""
        now = self.clock()
        found = ((which, overdue_before(rule, now, _calendar(rule))) for which, rule in self._rules().items())
        ends = [QueueEnd(*which, until) for which, until in found if until is not None]
        return self.store.browsing.queue(search, wanted, ends)

    def standing(self, ids: Sequence[str]) -> dict[str, Queued]:
        """How these stand, by id, those left out that this person does not decide on."""
        rules, ages = self._rules(), _Ages(self.clock())
        return {
            one.submission_id: _queued(one, _of_its_source(one, rules), ages)
            for one in self.store.browsing.queue_lines(ids)
        }

    def _rules(self) -> dict[tuple[str, str, str], DueRule]:
        """The rule of each policy that is here, by its id, its version and the source whose own words it is in."""
        return {
            (own_id, version, source): _policy_in(content).due
            for source, own_id, version, content in self.store.browsing.policies()
        }

    def refused_packets(self, submission_id: str) -> list[tuple[str, str]]:
        """Packets of a submission that came and do not hold, by digest, each with its verdict; the newest last."""
        with self.store.reading() as view:
            return [
                (one.digest, one.verdict)
                for one in view.deciding.of(submission_id)
                if one.verdict and not one.held
            ]

    def packet(self, digest: str) -> bytes:
        """A delivered packet as it was sealed, by its digest. Raises Refused for one that is not on this desk."""
        from assessor_desk.desk.deciding import packet_bytes

        with self.store.reading() as view:
            line = view.deciding.packet(digest)
        if line is None or not line.here:
            raise Refused(f"There is no packet {digest[:8]}… on this desk. Sync to fetch it")
        return packet_bytes(self.vault, line)

    def reports(self) -> tuple[list[ReportLine], list[ReportLine]]:
        """Reports that wait to be released, by key, and those released, the newest first."""
        decided = [one for one in self.store.browsing.decided() if one.outcome and one.state in _WHY_NOT]
        with self.store.reading() as view:
            named = {own_id: (key, title) for own_id, key, title in view.names()}
            to = {
                one.submission_id: one.name or one.educator_key for one in view.deciding.recipients().values()
            }
            unconfirmed = self._unconfirmed(view, decided)
            waiting = [
                ReportLine(
                    one.submission_id, *named[one.submission_id], one.outcome, to.get(one.submission_id, ""),
                    _WHY_NOT[one.state] or unconfirmed.get(one.submission_id, ""),
                )
                for one in decided
                if one.submission_id in named
            ]  # fmt: skip
            released = [
                ReportLine(
                    one.submission_id, *named[one.submission_id], one.outcome, to.get(one.submission_id, ""),
                    "", one.at, one.how, one.folder,
                )
                for one in reversed(view.deciding.releases())
                if one.submission_id in named
            ]  # fmt: skip
        return sorted(waiting, key=lambda one: (bool(one.why_not), one.key)), released

    def _unconfirmed(self, view: Reading, decided: Sequence[QueueLine]) -> dict[str, str]:
        """Why their policies do not let the reports of decisions that are on the hub be released yet."""
        from assessor_desk.desk.stamped import why_without_stamp

        why = {
            (which[1], which[2], which[0]): why_without_stamp(_policy_in(content))
            for *which, content in self.store.browsing.policies()
        }
        asked = {one.submission_id: words for one in decided if (words := _of_its_source(one, why))}
        stamped = view.deciding.stamped(asked) if asked else set()
        return {own_id: words for own_id, words in asked.items() if own_id not in stamped}

    def search(self, words: str, limit: int = 50, offset: int = 0) -> list[FoundText]:
        """Texts of delivered reviews in which all these words stand, the best first, with where they are."""
        with self.store.reading() as view:
            found = view.deciding.search(words, limit, offset)
            keys = view.deciding.keys({one.submission_id for one in found})
            titles = dict(_criterion_titles(view)) if found else {}
        return [
            FoundText(
                one.digest, one.submission_id, one.field, one.criterion, keys.get(one.submission_id, ""),
                _where(one, titles), *_parts(one.excerpt),
            )
            for one in found
        ]  # fmt: skip

    def filters(self) -> dict[str, QueueFilter]:
        """The filters that were saved, by name."""
        return {name: _filter(kept) for name, kept in sorted(self.store.fact(_FILTERS, {}).items())}

    def save_filter(self, name: str, wanted: QueueFilter) -> None:
        """Keep a filter under a name, in place of one of that name. Raises Refused for an empty name."""
        if not name.strip():
            raise Refused("Give the filter a name, so that it can be found again")
        kept = {**asdict(wanted), "states": sorted(wanted.states)}
        self.store.set_fact(_FILTERS, {**self.store.fact(_FILTERS, {}), name.strip(): kept})

    def forget_filter(self, name: str) -> None:
        """Let go of a saved filter; an unknown name is no fault."""
        kept: dict[str, object] = self.store.fact(_FILTERS, {})
        self.store.set_fact(_FILTERS, {one: what for one, what in kept.items() if one != name})


@lru_cache(maxsize=16)
def _policy_in(canonical: bytes) -> Policy:
    from assessor_desk.rubric_files import policy_from_json

    return policy_from_json(canonical)


def _criterion_titles(view: Reading) -> Iterator[tuple[str, str]]:
    for published in view.published_of("rubric"):
        yield from _titles_in(published.canonical)


@lru_cache(maxsize=64)
def _titles_in(rubric: bytes) -> tuple[tuple[str, str], ...]:
    from assessor_desk.rubric_files import rubric_from_json

    numbered = enumerate(rubric_from_json(rubric).criteria, start=1)
    return tuple((one.id, f"{number} {one.title}") for number, one in numbered)


def _where(found: Found, titles: Mapping[str, str]) -> str:
    if found.field == "anchor":
        return "Said of an anchor"
    title = TITLES[TextField(found.field)]
    return f"{titles.get(found.criterion, found.criterion)} · {title}" if found.criterion else title


def _parts(excerpt: str) -> tuple[str, str, str]:
    """An excerpt around the first word found; further ones lose their marks."""
    before, _, rest = excerpt.partition(MARK_FROM)
    hit, _, after = rest.partition(MARK_TO)
    return before, hit, after.replace(MARK_FROM, "").replace(MARK_TO, "")


#: What can be released, and why some of it not yet.
_WHY_NOT = {
    QueueState.ON_HUB: "",
    QueueState.SEALED_WAITING: "The decision is not on the hub yet; sync first.",
    QueueState.ON_HOLD: "On hold: a concern was raised. The programme lifts it.",
}


def _filter(kept: Mapping[str, object]) -> QueueFilter:
    states = kept["states"]
    assert isinstance(states, list)
    return QueueFilter(frozenset(map(QueueState, states)), str(kept["rubric_id"]), bool(kept["overdue"]))


def _of_its_source(line: QueueLine, found: Mapping[tuple[str, str, str], T]) -> T | None:
    """What was found for its policy, in its own source's words where there are such; None where that is not here."""
    which = (line.policy_id, line.policy_version)
    own = (*which, line.source)
    return found[own] if own in found else found.get((*which, ""))


def _calendar(rule: DueRule) -> WorkingDays | None:
    return None if rule.unit == "calendar" else working_days(rule.calendar)


class _Ages:
    """Counts days up to now, each calendar looked up once over the longest stretch asked for."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._counts: dict[str, tuple[datetime, DayCount]] = {}

    def days(self, rule: DueRule, since: datetime) -> int:
        if rule.unit == "calendar":
            return calendar_days((since,), (self._now,))[0]
        first, count = self._counts.get(rule.calendar, (None, None))
        if count is None or first is None or since < first:
            count = DayCount(working_days(rule.calendar), min(since, self._now), self._now)
            self._counts[rule.calendar] = (since, count)
        return count.between(since, self._now)


def _queued(line: QueueLine, rule: DueRule | None, ages: _Ages) -> Queued:
    if rule is None:
        return Queued(line.submission_id, line.state, line.rubric_id, line.since, outcome=line.outcome)
    day = 0 if line.since is None else max(0, ages.days(rule, line.since))
    return Queued(
        line.submission_id, line.state, line.rubric_id, line.since, day, max(0, rule.days), line.outcome
    )
