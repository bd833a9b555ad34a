"""How long this desk was without contact with each source, on a clock that never runs backwards.

The latest time seen is kept in the encrypted file, at opening, with evidence that is opened and with each round. A
source in contact that tells the time sets both anew, so that a clock which was wrong once closes nothing for years.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from assessor_desk.desk.programmes import SOURCES
from assessor_desk.domain.contact import Contact, closed_words, closing_words
from assessor_desk.domain.errors import Refused
from assessor_desk.rubric_files import policy_from_json
from assessor_desk.store.counted_time import confirm
from assessor_desk.store.custody import CONTACTS

if TYPE_CHECKING:
    from assessor_desk.store.reading import Reading
    from assessor_desk.store.store import Store

#: The latest time that was seen.
LATEST = "latest_seen"
#: By source that comes by stick: the number of its newest bundle.
BUNDLES = "bundles_seen"
#: Not every glance is written down.
_EVERY = timedelta(minutes=10)


def note_contact(store: Store, source: str, at: datetime, *, told: bool) -> None:
    """A source answered; `at` is its own time where it `told` one, else this computer's, which may be set back."""
    with store.transaction() as work:
        latest = work.fact(LATEST)
        if not told and latest is not None:
            at = max(at, datetime.fromisoformat(latest))
        work.set_fact(CONTACTS, {**work.fact(CONTACTS, {}), source: at.isoformat()})
        work.set_fact(LATEST, at.isoformat())
        confirm(work, source, at, told=told)
        work.commit()


def note_time(store: Store, now: datetime) -> None:
    """Time goes on; set back, it does not."""
    kept = store.fact(LATEST)
    if kept is None or now - datetime.fromisoformat(kept) > _EVERY:
        store.set_fact(LATEST, now.isoformat())


def contact_with(view: Reading, source: str, now: datetime) -> Contact | None:
    """How things stand with a source; None where it was never in contact since this is counted."""
    last, latest = view.fact(CONTACTS, {}).get(source), view.fact(LATEST)
    if last is None:
        return None
    seen = now if latest is None else max(now, datetime.fromisoformat(latest))
    return Contact(datetime.fromisoformat(last), seen)


def refuse_closed(store: Store, submission_id: str, now: datetime) -> None:
    """Raise Refused where the evidence of a submission is closed."""
    note_time(store, now)
    with store.reading() as view:
        days, source = _terms(view, submission_id)
        contact = contact_with(view, source, now) if days else None
        if contact is not None and contact.closed(days):
            raise Refused(closed_words(_title(view, source), days))


def closing_soon(store: Store, now: datetime) -> tuple[str, ...]:
    """For each source whose evidence closes soon, or is closed, a sentence."""
    with store.reading() as view:
        policies = [policy_from_json(one.canonical) for one in view.published_of("policy")]
        if not any(one.contact_within_days for one in policies):
            return ()
        shortest: dict[str, int] = {}
        for source, own_id, version in view.custody.policies_in_force():
            if counted := _days(view, own_id, version, source):
                shortest[source] = min(counted, shortest.get(source, counted))
        return tuple(filter(None, (_closing(view, source, least, now) for source, least in shortest.items())))


def _closing(view: Reading, source: str, days: int, now: datetime) -> str:
    contact = contact_with(view, source, now)
    left = None if contact is None else contact.days_left(days)
    return "" if left is None else closing_words(_title(view, source), left)


def closes_at(view: Reading, submission_id: str, now: datetime) -> datetime | None:
    """When the evidence of a submission closes without contact; None where it never does."""
    days, source = _terms(view, submission_id)
    contact = contact_with(view, source, now) if days else None
    return None if contact is None else contact.closes_at(days)


def _terms(view: Reading, submission_id: str) -> tuple[int, str]:
    """Days without contact, by the policy of the newest assignment, and the source."""
    assignments, submission = view.assignments(submission_id), view.submission(submission_id)
    if not assignments or submission is None:
        return 0, ""
    newest, _ = assignments[-1]
    return _days(view, newest.policy_id, newest.policy_version, submission.source), submission.source


def _days(view: Reading, policy_id: str, version: str, source: str) -> int:
    published = view.published("policy", policy_id, version, source)
    return 0 if published is None else policy_from_json(published.canonical).contact_within_days


def _title(view: Reading, source: str) -> str:
    kept = view.fact(SOURCES, [])
    return next((str(one["title"]) for one in kept if one["identity"] == source), "its source")
