"""What a person's desk is sent: changes since a cursor, counts, and where the bytes are.

A page is the *present* state of whatever changed, so taking pages twice, late or after a back-up was put
back ends in the same place.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.earlier import EarlierAttempt
from assessor_desk.domain.policy import Blindness
from assessor_desk.domain.roles import Purpose
from assessor_desk.domain.submission import Artifact, Part, Submission
from assessor_desk.hub import resubmissions
from assessor_desk.hub import tables as t
from assessor_desk.hub.badge_papers import papers
from assessor_desk.hub.blindness import Identifying, as_seen, blindest
from assessor_desk.hub.blobs import Blobs
from assessor_desk.hub.custody import still_with
from assessor_desk.hub.destroying import ended_artifacts, not_there
from assessor_desk.hub.feed_to_reviewers import (
    badges_told,
    holds_told,
    may_decide_on,
    packets_told,
    passed_back_told,
    recipients_told,
    stamps_told,
)
from assessor_desk.hub.holds import quarantined
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.looks import findings_told
from assessor_desk.hub.parts import in_parts
from assessor_desk.hub.people import Caller
from assessor_desk.hub.publishing import (
    PHRASES,
    RUBRIC,
    all_versions,
    newest_bank,
    newest_versions,
    versions_since,
)
from assessor_desk.hub.renditions import is_rendition, renditions_told
from assessor_desk.hub.timeline import cursor_at, place_of
from assessor_desk.protocol.messages import (
    LARGEST_PAGE,
    PAGE,
    ROW_BYTES,
    AssignmentMessage,
    BlobMessage,
    ChangesAnswer,
    CountsAnswer,
    PublishedMessage,
    SubmissionMessage,
    WithheldMessage,
)


def nothing_since(hub: Hub, caller: Caller, cursor: str) -> bool:
    """Whether the caller was told everything already. Takes no longer with more assignments.

    Raises Declined (400) for a cursor that no hub ever gave out.
    """
    hub.renew_old_trust()
    place = place_of(hub, cursor, caller.person)
    return bool(cursor) and not place.anew and place.newest <= place.after


def changes_since(
    hub: Hub, caller: Caller, cursor: str, counted: bool = False, most: int = PAGE
) -> ChangesAnswer:
    """One page of `most` rows for the caller, the last one with what `counts_for` says where that is asked for.

    Raises Declined (400) for a cursor that no hub ever gave out.
    """
    hub.renew_old_trust()
    place = place_of(hub, cursor)
    after = place.after
    with hub.database.reading() as view:
        page, more = _page(view, caller.person, after, min(most, LARGEST_PAGE))
        own = _assignments(view, caller.person, [row.subject for row in page if row.kind == "assignment"])
        standing = [row for row in own if row.withdrawn_at is None]
        rows = _rows(view, {row.submission_id for row in standing})
        blindness = _blindness(view, caller.person, {row.id for row in rows})
        submissions = _submissions(hub, view, caller.person, rows, blindness)
        earlier = resubmissions.pieces(view, rows, blindness)
        answer = ChangesAnswer(
            cursor=cursor_at(view, place.epoch, page[-1].seq if page else after),
            more=more,
            anew=place.anew,
            counts=_counts(view, caller.person) if counted and not more else None,
            **_rubrics(view, caller.person, page, standing),
            policies=_documents(view, "policy", {(r.policy_id, r.policy_version) for r in standing}),
            submissions=tuple(SubmissionMessage.of(each) for each in submissions),
            blobs=(*_blobs(view, [each.id for each in submissions]), *(one.message() for one in earlier)),
            assignments=tuple(_assignment(row) for row in standing),
            **_withdrawn(view, caller, [row for row in own if row.withdrawn_at is not None]),
            packets=packets_told(hub, view, caller.person, page, standing),
            passed_back=passed_back_told(view, caller.person, page),
            holds=holds_told(view, caller.person, page, standing),
            recipients=recipients_told(view, caller.person, page),
            time_stamps=stamps_told(view, page),
            badges=badges_told(view, page),
            withheld=_withheld(view, [each.id for each in submissions]),
            evidence_ended=_ended(view, [each.id for each in submissions]),
            renditions=renditions_told(view, [each.id for each in submissions], _not_quarantined),
            findings=findings_told(view, submissions),
            **_phrase_banks(view, {row.subject for row in page if row.kind == PHRASES}),
        )
    told = after == 0 or any(row.kind == "trust" for row in page)
    return answer.model_copy(update={"trust": {**hub.trust(), **papers(hub)}}) if told else answer


def _withdrawn(view: sa.Connection, caller: Caller, rows: list[Any]) -> dict[str, Any]:
    """Of which the answer that told of them may never have arrived, their submissions too."""
    own = {row.submission_id for row in rows}
    standing = _held(caller.person).where(t.assignments.c.submission_id.in_(own))
    own -= set(view.execute(standing).scalars()) if own else set()
    given = still_with(view, caller.device, own)
    return {
        "withdrawn": tuple(row.id for row in rows),
        "withdrawn_for": {row.id: row.withdrawn_for for row in rows if row.withdrawn_for},
        "withdrawn_from": {row.id: row.submission_id for row in rows if row.submission_id in given},
    }


def counts_for(hub: Hub, caller: Caller) -> CountsAnswer:
    """What the caller should have once everything is fetched."""
    with hub.database.reading() as view:
        return _counts(view, caller.person)


def _counts(view: sa.Connection, person: str) -> CountsAnswer:
    held = _held(person)
    blobs = (
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(t.blobs.c.length), 0))
        .join(t.artifacts, t.artifacts.c.blob == t.blobs.c.digest)
        .where(t.artifacts.c.submission_id.in_(held), sa.not_(t.artifacts.c.removed), _not_quarantined(held))
    )
    count, length = view.execute(blobs).one()
    standing = view.execute(_standing(person)).all()
    earlier = _pieces_before(view, person, {row.again for row in standing} - {None})
    return CountsAnswer(
        assignments=len(standing),
        artifacts=count + len(earlier),
        bytes=length + sum(one.length for one in earlier),
    )


def blobs_with(hub: Hub, caller: Caller, digest: str) -> tuple[Blobs, int]:
    """Where the sealed file of an artifact assigned to the caller lies, or of a packet that they decide on; its length.

    Raises Declined: 410 where it was destroyed here, 404 for any other, in the same words whether it exists or not.
    """
    artifacts = t.artifacts.c
    query = sa.select(artifacts.id).where(
        artifacts.blob == digest,
        sa.not_(artifacts.removed),
        artifacts.submission_id.in_(_held(caller.person)),
        _not_quarantined(_held(caller.person)),
    )
    with hub.database.looking() as view:  # what may be fetched by one of these may be
        # One is enough of what many submissions may share, such as a handout.
        known = view.execute(query.limit(1)).first() is not None
        known = known or is_rendition(view, digest, _held(caller.person), _not_quarantined)
        to_decide = not known and may_decide_on(view, caller.person, digest)
        # Last, since it asks for each attempt of that educator's that the caller has.
        known = known or (not to_decide and _is_earlier_piece(view, caller.person, digest))
    blobs = hub.packets if to_decide else hub.blobs
    length = blobs.length(digest) if known or to_decide else 0
    if not length:
        raise not_there(hub, caller.person, digest)
    return blobs, length


def _not_quarantined(submission_ids: Any) -> sa.ColumnElement[bool]:
    """Files that no concern keeps from being fetched."""
    own = t.artifacts.c
    return sa.tuple_(own.submission_id, own.id).not_in(quarantined(submission_ids))


def _held(person: str) -> sa.Select[Any]:
    own = t.assignments.c
    return sa.select(own.submission_id).where(own.person == person, own.withdrawn_at.is_(None))


def _page(view: sa.Connection, person: str, after: int, most: int) -> tuple[list[Any], bool]:
    """Changes until a page is full, at least one: an assignment weighs as much as its submission has artifacts, and
    what is long, as a badge with its pictures, as many rows as would be as long.
    """
    log = t.changes.c
    # Two ranges of one index: however much others were told, it is passed over unread.
    rows = [
        row
        for concerned in (log.person == person, log.person.is_(None))
        for row in view.execute(
            sa.select(t.changes).where(log.seq > after, concerned).order_by(log.seq).limit(most + 1)
        )
    ]
    rows = sorted(rows, key=lambda row: row.seq)[: most + 1]
    weights = _weights(view, rows)
    page: list[Any] = []
    weight = 0
    for row in rows:
        weight += weights.get((row.kind, row.subject), 1)
        if page and (weight > most or len(page) == most):
            return page, True
        page.append(row)
    return page, False


def _weights(view: sa.Connection, rows: Iterable[Any]) -> dict[tuple[str, str], int]:
    """By kind and subject, of those that may weigh more than one row."""
    wanted: dict[str, list[str]] = {}
    for row in rows:
        wanted.setdefault(row.kind, []).append(row.subject)
    found: dict[tuple[str, str], int] = {}
    if ids := wanted.get("assignment"):
        query = (
            sa.select(t.assignments.c.id, sa.func.count())
            .join(t.artifacts, t.artifacts.c.submission_id == t.assignments.c.submission_id)
            .where(t.assignments.c.id.in_(ids))
            .group_by(t.assignments.c.id)
        )
        found |= {("assignment", own_id): count for own_id, count in view.execute(query)}
    for kind, (subject, length) in _LENGTHS.items():
        if subjects := wanted.get(kind):
            query = sa.select(subject, sa.func.max(length)).where(subject.in_(subjects)).group_by(subject)
            for one, most in view.execute(query):
                found[kind, one] = max(1, most * 4 // (3 * ROW_BYTES))  # it goes in base64
    return found


def _length(column: sa.Column[Any]) -> sa.ColumnElement[int]:
    """In bytes, of which what a server seals has a few more."""
    return sa.func.coalesce(sa.func.length(column, type_=sa.Integer), 0)


_LENGTHS = {
    # Both pictures have the credential in them too.
    "badge": (
        t.badges.c.submission_id,
        3 * _length(t.badges.c.credential) + _length(t.badges.c.png) + _length(t.badges.c.svg),
    ),
    "stamp": (t.stamps.c.digest, _length(t.stamps.c.token)),
    "packet": (t.packets.c.digest, _length(t.packets.c.receipt)),
    PHRASES: (t.documents.c.id, _length(t.documents.c.canonical)),
}
"""Of what may be long: what a change names it by, and how long it is."""


def _assignments(view: sa.Connection, person: str, ids: Iterable[str]) -> list[Any]:
    """The caller's own assignments among `ids`, each once.

    Whose they are is looked at here: asked for both, SQLite goes through all that the person was ever assigned.
    """
    own = t.assignments.c
    query = sa.select(t.assignments).where(own.id.in_(list(ids))).order_by(own.assigned_at, own.id)
    return [row for row in view.execute(query) if row.person == person]


_OF_ASSIGNMENTS = tuple(column.name for column in t.assignments.columns)


def _assignment(row: Any) -> AssignmentMessage:
    # A row's own `_asdict` takes three times as long as all the rest of this.
    return AssignmentMessage.model_validate(dict(zip(_OF_ASSIGNMENTS, row, strict=True)))


def _is_earlier_piece(view: sa.Connection, person: str, digest: str) -> bool:
    """Whether it is a file of an earlier attempt that goes with what is assigned to a person."""
    s, whose = t.submissions.c, t.submissions.alias()
    educators = sa.select(whose.c.educator_key).join(t.artifacts, t.artifacts.c.submission_id == whose.c.id)
    theirs = sa.select(s.id).where(s.educator_key.in_(educators.where(t.artifacts.c.blob == digest)))
    again = _standing(person).where(t.assignments.c.submission_id.in_(theirs), _attempt() > 1)
    pieces = _pieces_before(view, person, set(view.execute(again).scalars()))
    return any(one.digest == digest for one in pieces)


def _standing(person: str) -> sa.Select[Any]:
    """A row for each assignment that stands: its submission where that is another attempt, else nothing.

    A count alone would read all of them once more, with their documents.
    """
    a = t.assignments.c
    again = sa.case((_attempt() > 1, a.submission_id)).label("again")
    return sa.select(again).where(a.person == person, a.withdrawn_at.is_(None))


def _attempt() -> sa.ScalarSelect[int]:
    """Asked for each by itself: a server that joins them goes through all submissions of everybody."""
    a, s = t.assignments.c, t.submissions.c
    return sa.select(s.attempt).where(s.id == a.submission_id, sa.not_(s.draft)).scalar_subquery()


def _pieces_before(view: sa.Connection, person: str, ids: set[str]) -> list[resubmissions.Piece]:
    """In parts: somebody may have more resubmissions than a statement takes."""
    return [
        piece
        for some in in_parts(sorted(ids))
        for piece in resubmissions.pieces(view, _rows(view, set(some)), _blindness(view, person, set(some)))
    ]


def _rows(view: sa.Connection, ids: set[str]) -> list[Any]:
    query = sa.select(t.submissions).where(t.submissions.c.id.in_(ids)).order_by(t.submissions.c.key)
    return list(view.execute(query).all())


def _submissions(
    hub: Hub, view: sa.Connection, person: str, rows: list[Any], blindness: dict[str, Blindness]
) -> list[Submission]:
    artifacts = _artifacts(view, {row.id for row in rows})
    of_then = _artifacts(view, resubmissions.before_ids(view, rows, blindness))
    earlier = resubmissions.earlier_attempts(hub, view, rows, blindness, of_then)
    identity = hub.identity
    return [
        as_seen(
            _submission(
                row, identity, artifacts.get(row.id, ()), _previous(view, person, row), earlier.get(row.id)
            ),
            Identifying(row.educator_name, row.email, row.district),
            blindness[row.id],
        )
        for row in rows
    ]


def _blindness(view: sa.Connection, person: str, ids: set[str]) -> dict[str, Blindness]:
    own = t.assignments.c
    query = sa.select(own.submission_id, own.person, own.blindness).where(
        own.submission_id.in_(ids), own.withdrawn_at.is_(None)
    )
    found: dict[str, list[Blindness]] = {}
    for submission_id, whose, blindness in view.execute(query):
        if whose == person:
            found.setdefault(submission_id, []).append(Blindness(**blindness))
    return {submission_id: blindest(several) for submission_id, several in found.items()}


def _previous(view: sa.Connection, person: str, row: Any) -> str:
    """The educator's draft of the same micro-credential before this one, where the same coach had it."""
    if not row.draft:
        return ""
    drafts, own = t.submissions.c, t.assignments.c
    query = (
        sa.select(drafts.id)
        .join(t.assignments, own.submission_id == drafts.id)
        .where(own.person == person, own.withdrawn_for == "", drafts.draft, drafts.rubric_id == row.rubric_id)
        .where(drafts.educator_key == row.educator_key, drafts.attempt < row.attempt)
        .order_by(drafts.attempt.desc())
    )
    return view.execute(query).scalars().first() or ""


def _submission(
    row: Any,
    identity: str,
    artifacts: tuple[Artifact, ...],
    previous: str,
    earlier: EarlierAttempt | None,
) -> Submission:
    return Submission(
        id=row.id,
        source=identity,
        key=row.key,
        rubric_id=row.rubric_id,
        attempt=row.attempt,
        artifacts=artifacts,
        draft=row.draft,
        language=row.language,
        permission_attested=row.permission_attested,
        submitted_at=row.imported_at,
        previous=previous,
        earlier=earlier,
    )


def _artifacts(view: sa.Connection, submission_ids: set[str]) -> dict[str, tuple[Artifact, ...]]:
    own = t.artifacts.c
    query = sa.select(t.artifacts).where(own.submission_id.in_(submission_ids), sa.not_(own.removed))
    found: dict[str, tuple[Artifact, ...]] = {}
    for row in view.execute(query.order_by(own.submission_id, own.position)).all():
        artifact = Artifact(
            id=row.id,
            part=Part(row.part),
            name=row.name,
            label=row.label,
            media_type=row.media_type,
            size=row.size,
            sha256=row.sha256,
            link=row.link,
            captions=row.captions,
        )
        found[row.submission_id] = (*found.get(row.submission_id, ()), artifact)
    return found


def _blobs(view: sa.Connection, submission_ids: list[str]) -> tuple[BlobMessage, ...]:
    own = t.artifacts.c
    query = (
        sa.select(own.submission_id, own.id, t.blobs.c.digest, t.blobs.c.length, t.blobs.c.key)
        .join(t.blobs, t.blobs.c.digest == own.blob)
        .where(own.submission_id.in_(submission_ids), sa.not_(own.removed), _not_quarantined(submission_ids))
        .order_by(own.submission_id, own.position)
    )
    return tuple(
        BlobMessage(
            submission_id=r.submission_id, artifact_id=r.id, digest=r.digest, length=r.length, key=r.key
        )
        for r in view.execute(query)
    )


def _withheld(view: sa.Connection, submission_ids: list[str]) -> tuple[WithheldMessage, ...]:
    """Files that nobody may fetch: of a concern, or since their time was over."""
    both = (quarantined(submission_ids), ended_artifacts(submission_ids))
    found = {(row.submission_id, row.artifact_id) for query in both for row in view.execute(query)}
    return tuple(WithheldMessage(submission_id=one, artifact_id=own_id) for one, own_id in sorted(found))


def _ended(view: sa.Connection, submission_ids: list[str]) -> tuple[str, ...]:
    own = t.evidence_ended.c.submission_id
    query = sa.select(own).where(own.in_(submission_ids)).order_by(own)
    return tuple(view.execute(query).scalars())


def _phrase_banks(view: sa.Connection, ids: set[str]) -> dict[str, Any]:
    """How the phrase banks with these ids stand now."""
    newest = {own_id: newest_bank(view, own_id) for own_id in sorted(ids)}
    return {
        "phrase_banks": tuple(
            PublishedMessage.model_validate(dict(row._mapping)) for row in newest.values() if row is not None
        ),
        "phrase_banks_withdrawn": tuple(own_id for own_id, row in newest.items() if row is None),
    }


def _rubrics(view: sa.Connection, person: str, page: list[Any], standing: list[Any]) -> dict[str, Any]:
    """Those that the page's assignments are by with what was published of them since; and of any published anew that
    something of the person's is by. Whoever decides may have reviews by other versions before them.
    """
    wanted = {(row.rubric_id, row.rubric_version) for row in standing}
    anew = {row.subject for row in page if row.kind == RUBRIC}
    own = t.assignments.c
    query = sa.select(own.rubric_id, own.rubric_version).where(
        own.person == person, own.withdrawn_at.is_(None), own.rubric_id.in_(anew)
    )
    if anew:
        wanted |= {(row.rubric_id, row.rubric_version) for row in view.execute(query.distinct()).all()}
    deciding = {row.rubric_id for row in standing if row.purpose == Purpose.DECIDE.value}
    told = versions_since(view, wanted) | all_versions(view, deciding)
    newest = newest_versions(view, sorted({own_id for own_id, _ in wanted}))
    return {"rubrics": _documents(view, RUBRIC, told), "newest_rubrics": newest}


def _documents(view: sa.Connection, kind: str, wanted: set[tuple[str, str]]) -> tuple[PublishedMessage, ...]:
    documents = t.documents.c
    query = sa.select(t.documents).where(
        documents.kind == kind, sa.tuple_(documents.id, documents.version).in_(sorted(wanted))
    )
    rows = view.execute(query.order_by(documents.id, documents.version)).all() if wanted else []
    return tuple(PublishedMessage.model_validate(dict(row._mapping)) for row in rows)
