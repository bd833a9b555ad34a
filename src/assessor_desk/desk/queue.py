"""A reviewer's queue: how far each submission has come, since when it waits, and what of it one wants to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from assessor_desk.desk.queued import FoundText, Queued, QueueFilter, QueueState, ReportLine
from assessor_desk.desk.standing import Shelf
from assessor_desk.domain.decision import DecisionKind
from assessor_desk.domain.due import DayCount, calendar_days
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.review import TITLES, TextField
from assessor_desk.rubric_files.calendars import working_days
from assessor_desk.store.deciding import MARK_FROM, MARK_TO
from assessor_desk.store.lines import InboxState

if TYPE_CHECKING:
    from assessor_desk.artifacts.vault import Vault
    from assessor_desk.domain.policy import DueRule, Policy
    from assessor_desk.store.deciding import Found, QueueLine
    from assessor_desk.store.reading import Reading
    from assessor_desk.store.store import Store

_FILTERS = "queue filters"


@dataclass(frozen=True)
class Queue:
    """The queue of one desk. All of it reads or writes the store: call it on a lane."""

    store: Store = field(repr=False)
    vault: Vault = field(repr=False)
    clock: Callable[[], datetime] = field(repr=False)

    def standing(self) -> dict[str, Queued]:
        """How each submission stands that this person decides on, by its id."""
        now = self.clock()
        with self.store.reading() as view:
            lines = view.deciding.queue()
            rules = _rules(view, lines)
        ages = _Ages(now)
        return {one.submission_id: _queued(one, rules[one.assignment.id], ages) for one in lines}

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
        with self.store.reading() as view:
            named = {own_id: (key, title) for own_id, key, title in view.names()}
            decided = [one for one in view.deciding.queue() if one.outcome]
            waiting = [
                ReportLine(
                    one.submission_id, *named[one.submission_id], one.outcome, _recipient(view, one.submission_id),
                    _WHY_NOT[state] or _unconfirmed(view, one),
                )
                for one in decided
                if (state := state_of(one)) in _WHY_NOT
            ]  # fmt: skip
            released = [
                ReportLine(
                    one.submission_id, *named[one.submission_id], one.outcome, _recipient(view, one.submission_id),
                    "", one.at, one.how, one.folder,
                )
                for one in reversed(view.deciding.releases())
                if one.submission_id in named
            ]  # fmt: skip
        return sorted(waiting, key=lambda one: (bool(one.why_not), one.key)), released

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


def _unconfirmed(view: Reading, one: QueueLine) -> str:
    """Why the policy does not let the report of a decision that is on the hub be released yet."""
    from assessor_desk.desk.stamped import why_unconfirmed

    assignment = one.assignment
    published = view.published(
        "policy", assignment.policy_id, assignment.policy_version, view.source_of(one.submission_id)
    )
    reviews = view.reviews(one.submission_id)
    if published is None or not reviews:
        return ""
    return why_unconfirmed(_policy_in(published.canonical), view.outbox_of(reviews[-1].id))


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


def _recipient(view: Reading, submission_id: str) -> str:
    found = view.deciding.recipient(submission_id)
    return (found.name or found.educator_key) if found else ""


def _filter(kept: Mapping[str, object]) -> QueueFilter:
    states = kept["states"]
    assert isinstance(states, list)
    return QueueFilter(frozenset(map(QueueState, states)), str(kept["rubric_id"]), bool(kept["overdue"]))


def _rules(view: Reading, lines: Iterable[QueueLine]) -> dict[str, DueRule]:
    shelf = Shelf()
    return {
        one.assignment.id: shelf.policy(view, one.assignment, view.source_of(one.submission_id)).due
        for one in lines
    }


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


def _queued(line: QueueLine, rule: DueRule, ages: _Ages) -> Queued:
    asked, state = line.assignment.assigned_at, state_of(line)
    since = line.arrived_at
    if since is not None and asked is not None:
        since = max(since, asked)
    day = 0 if since is None else max(0, ages.days(rule, since))
    return Queued(
        line.submission_id, state, line.assignment.rubric_id, since, day, max(0, rule.days), line.outcome
    )


def state_of(line: QueueLine) -> QueueState:
    """Where a submission stands, from what the inbox says and what was decided."""
    if line.state == InboxState.RELEASED:
        return QueueState.RELEASED
    if line.on_hold:
        return QueueState.ON_HOLD
    if line.state in (InboxState.SEALED_WAITING, InboxState.DELIVERED):
        if line.kind == DecisionKind.PASSED_BACK:
            return QueueState.PASSED_BACK
        return QueueState.SEALED_WAITING if line.state == InboxState.SEALED_WAITING else QueueState.ON_HUB
    return QueueState.TO_DECIDE if line.state == InboxState.TO_DECIDE else QueueState.AWAITED
