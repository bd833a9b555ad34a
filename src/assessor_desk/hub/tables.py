"""The tables of a hub, as the newest migration leaves them. Portable: nothing here is SQLite's alone."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa

from assessor_desk.hub.secret_columns import SecretBytes, SecretJson, SecretText

metadata = sa.MetaData()


class Instant(sa.TypeDecorator[datetime]):
    """An aware UTC time, kept as ISO 8601 text of one length, so that it sorts as text."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


facts = sa.Table(
    "facts",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", SecretJson("facts.value"), nullable=False),
)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("kind", sa.String, primary_key=True),  # rubric | policy | phrases | stack
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("version", sa.String, primary_key=True),
    sa.Column("canonical", sa.LargeBinary, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    sa.Column("published_at", Instant, nullable=False),
    sa.Column(
        "withdrawn_at", Instant
    ),  # of phrases alone: rubrics and policies stay for whoever was assessed by them
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("number", sa.String, primary_key=True),
    sa.Column("name", SecretText("people.name"), nullable=False),
    sa.Column("email", SecretText("people.email"), nullable=False, default=""),
    sa.Column("roles", sa.JSON, nullable=False),
    sa.Column("joined_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
)

codes = sa.Table(
    "codes",
    metadata,
    sa.Column("hash", sa.String, primary_key=True),
    sa.Column("person", sa.ForeignKey("people.number"), nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("request_hash", sa.String),  # of the certificate request that used it
    sa.Column("device", SecretText("codes.device")),
)

tries = sa.Table(
    "tries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("address", sa.String, nullable=False, index=True),
    sa.Column("at", Instant, nullable=False),
)

#: Whoever asked much within the last minute, and by when they may ask as much again: seconds since 1970 (`allowance`).
allowances = sa.Table(
    "allowances",
    metadata,
    sa.Column("who", sa.String, primary_key=True),
    sa.Column("full_at", sa.Double, nullable=False),
)

devices = sa.Table(
    "devices",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("person", sa.ForeignKey("people.number"), nullable=False, index=True),
    sa.Column("title", SecretText("devices.title"), nullable=False),
    sa.Column("token_hash", sa.String, nullable=False, unique=True),
    sa.Column("serial", sa.String, nullable=False),
    sa.Column("enrolled_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
    sa.Column("revoked_for", sa.String, nullable=False, default="", server_default=""),  # RFC 5280's word
    sa.Column("heard_at", Instant),  # within an hour
    sa.Column(
        "entries_taken", sa.Integer
    ),  # up to which of the person's batches; NULL for one that never asked
)

#: What one device of a person sends the others, sealed with a key that the hub does not have.
entry_batches = sa.Table(
    "entry_batches",
    metadata,
    sa.Column("person", sa.ForeignKey("people.number"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("chain", sa.String, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("previous", sa.String, nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("key_name", sa.String, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("length", sa.Integer, nullable=False),
    sa.Column("device", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.UniqueConstraint("person", "chain", "number"),
)

#: Devices that ask the person's others for their key. What they say to each other is for them alone.
joins = sa.Table(
    "joins",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("person", sa.ForeignKey("people.number"), nullable=False, index=True),
    sa.Column("device", sa.String, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("commitment", sa.String, nullable=False),
    sa.Column("answer", sa.String, nullable=False, default="", server_default=""),
    sa.Column("reveal", sa.String, nullable=False, default="", server_default=""),
    sa.Column("welcome", sa.String, nullable=False, default="", server_default=""),
)

#: The person's keys wrapped with a passphrase of theirs, where they chose to leave such a copy here.
key_copies = sa.Table(
    "key_copies",
    metadata,
    sa.Column("person", sa.ForeignKey("people.number"), primary_key=True),
    sa.Column("wrapped", SecretText("key_copies.wrapped"), nullable=False),
    sa.Column("at", Instant, nullable=False),
)

#: Every certificate that a person was given; `device` is empty where it was signed for a desk without this hub.
certificates = sa.Table(
    "certificates",
    metadata,
    sa.Column("serial", sa.String, primary_key=True),
    sa.Column("person", sa.ForeignKey("people.number"), nullable=False, index=True),
    sa.Column("device", sa.String, nullable=False),
    sa.Column("request_hash", sa.String, nullable=False),  # of the request that it answers
    sa.Column(
        "content", sa.LargeBinary, nullable=False
    ),  # PEM; empty for those from before there was this table
    sa.Column("issued_at", Instant, nullable=False),
)

submissions = sa.Table(
    "submissions",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("key", sa.String, nullable=False, unique=True),
    sa.Column("rubric_id", sa.String, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("draft", sa.Boolean, nullable=False),
    sa.Column("language", sa.String, nullable=False),
    sa.Column("permission_attested", sa.Boolean, nullable=False),
    sa.Column("educator_key", sa.String, nullable=False, index=True),
    sa.Column("educator_name", SecretText("submissions.educator_name"), nullable=False),
    sa.Column("district", SecretText("submissions.district"), nullable=False),
    sa.Column("email", SecretText("submissions.email"), nullable=False),
    sa.Column("state_educator_id", SecretText("submissions.state_educator_id"), nullable=False),
    sa.Column("imported_at", Instant, nullable=False),
    sa.Column("consent_withdrawn_at", Instant),
    sa.Column("disclosure_agreed", sa.Boolean, nullable=False, default=False, server_default=sa.false()),
)

blobs = sa.Table(
    "blobs",
    metadata,
    sa.Column("digest", sa.String, primary_key=True),
    sa.Column("length", sa.BigInteger, nullable=False),
    sa.Column("key", SecretBytes("blobs.key"), nullable=False),
)

artifacts = sa.Table(
    "artifacts",
    metadata,
    sa.Column("submission_id", sa.ForeignKey("submissions.id"), primary_key=True),
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column(
        "origin", SecretText("artifacts.origin"), nullable=False
    ),  # path or link as imported; an id stays with its origin
    sa.Column("part", sa.String, nullable=False),
    sa.Column("name", SecretText("artifacts.name"), nullable=False),
    sa.Column("label", SecretText("artifacts.label"), nullable=False),
    sa.Column("media_type", sa.String, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("link", SecretText("artifacts.link"), nullable=False),
    sa.Column("captions", sa.String, nullable=False),
    sa.Column("blob", sa.ForeignKey("blobs.digest"), index=True),
    sa.Column("removed", sa.Boolean, nullable=False, default=False),
)

#: What a look at an artifact found as it arrived (`artifacts.preflight.Preflight`), of the bytes with that SHA-256.
looks = sa.Table(
    "looks",
    metadata,
    sa.Column("submission_id", sa.ForeignKey("submissions.id"), primary_key=True),
    sa.Column("artifact_id", sa.String, primary_key=True),
    sa.Column("sha256", sa.String, nullable=False, index=True),
    sa.Column("likeness", sa.String, nullable=False),
    sa.Column("found", SecretJson("looks.found"), nullable=False),
)

#: That a picture is also in another educator's submission, for each picture one pair at least; each stands twice. The
#: same bytes are known by their digest: what `exact` says, which older hubs told that by, is read no more; where
#: pictures say it, they are a pair like others.
copies = sa.Table(
    "copies",
    metadata,
    sa.Column("submission_id", sa.ForeignKey("submissions.id"), primary_key=True),
    sa.Column("artifact_id", sa.String, primary_key=True),
    sa.Column("other_submission", sa.ForeignKey("submissions.id"), primary_key=True),
    sa.Column("other_artifact", sa.String, primary_key=True),
    sa.Column("exact", sa.Boolean, nullable=False),
)

#: The small rendition of a recording, made once: `blob` is NULL where it could not be made, and `trouble` says why.
renditions = sa.Table(
    "renditions",
    metadata,
    sa.Column("submission_id", sa.ForeignKey("submissions.id"), primary_key=True),
    sa.Column("artifact_id", sa.String, primary_key=True),
    sa.Column("sha256", sa.String, nullable=False),  # of the recording
    sa.Column("blob", sa.ForeignKey("blobs.digest"), index=True),
    sa.Column("media_type", sa.String, nullable=False),
    sa.Column("trouble", SecretText("renditions.trouble"), nullable=False),
)

assignments = sa.Table(
    "assignments",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("submission_id", sa.ForeignKey("submissions.id"), nullable=False, index=True),
    sa.Column("person", sa.ForeignKey("people.number"), nullable=False, index=True),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("purpose", sa.String, nullable=False),
    sa.Column("rubric_id", sa.String, nullable=False),
    sa.Column("rubric_version", sa.String, nullable=False),
    sa.Column("policy_id", sa.String, nullable=False),
    sa.Column("policy_version", sa.String, nullable=False),
    sa.Column("blindness", sa.JSON, nullable=False),
    sa.Column("due_at", Instant),
    sa.Column("assigned_at", Instant, nullable=False),
    sa.Column("withdrawn_at", Instant),
    sa.Column("withdrawn_for", sa.String, nullable=False, default="", server_default=""),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
)

#: Whatever a desk delivered and was given a receipt for: packets, decisions, a coach's notes, concerns.
packets = sa.Table(
    "packets",
    metadata,
    sa.Column("digest", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False, default="packet"),  # packet | decision | notes | concern
    sa.Column("assignment_id", sa.ForeignKey("assignments.id"), nullable=False, index=True),
    sa.Column("person", sa.ForeignKey("people.number"), nullable=False),
    sa.Column("device", sa.String, nullable=False),
    sa.Column("supersedes", sa.String, nullable=False, default=""),
    sa.Column("file", sa.String, nullable=False),
    sa.Column("file_key", SecretBytes("packets.file_key"), nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("certificate_status", sa.String, nullable=False),
    sa.Column("receipt", sa.LargeBinary, nullable=False),
)

#: Time-stamps (RFC 3161) over the signatures of packets and decisions; `token` is NULL while one is asked for.
stamps = sa.Table(
    "stamps",
    metadata,
    sa.Column("digest", sa.ForeignKey("packets.digest"), primary_key=True),
    sa.Column("token", sa.LargeBinary),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("claimed_until", Instant),  # by a process that asks for it now
    sa.Column("last_trouble", sa.String, nullable=False, default=""),
    sa.Column("stamped_at", Instant),
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("digest", sa.ForeignKey("packets.digest"), primary_key=True),
    sa.Column("submission_id", sa.ForeignKey("submissions.id"), nullable=False, index=True),
    sa.Column("kind", sa.String, nullable=False),  # confirmed | adjudicated | passed_back
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("bases", sa.JSON, nullable=False),
    sa.Column("reason", SecretText("decisions.reason"), nullable=False),
)

holds = sa.Table(
    "holds",
    metadata,
    sa.Column("id", sa.ForeignKey("packets.digest"), primary_key=True),
    sa.Column("submission_id", sa.ForeignKey("submissions.id"), nullable=False, index=True),
    sa.Column("artifact_id", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("words", SecretText("holds.words"), nullable=False),
    sa.Column("raised_at", Instant, nullable=False),
    sa.Column("lifted_at", Instant),
)

#: Receipts of destruction from desks, kept as they came; `device` is the computer whose certificate attested the key.
#: A submission or computer may be unknown here after a restore, so that neither is a reference.
destructions = sa.Table(
    "destructions",
    metadata,
    sa.Column("digest", sa.String, primary_key=True),
    sa.Column("submission_id", sa.String, nullable=False, index=True),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("device", sa.String, nullable=False),
    sa.Column("why", sa.String, nullable=False),
    sa.Column("destroyed_at", Instant, nullable=False),
    sa.Column("gone_at", Instant, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("certificate_status", sa.String, nullable=False),
    sa.Column("files", sa.Integer, nullable=False),
    sa.Column("exports", sa.Integer, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Column("receipt", sa.LargeBinary, nullable=False),
)

#: What keeps evidence at the hub longer than its policy says: an appeal, a complaint, a request for records.
retention_holds = sa.Table(
    "retention_holds",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("submission_id", sa.String, nullable=False, index=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("reason", SecretText("retention_holds.reason"), nullable=False),
    sa.Column("placed_by", SecretText("retention_holds.placed_by"), nullable=False),
    sa.Column("placed_at", Instant, nullable=False),
    sa.Column("until", Instant),
    sa.Column("released_at", Instant),
    sa.Column("released_by", SecretText("retention_holds.released_by"), nullable=False, default=""),
)

#: Submissions whose evidence was destroyed here: its time was over, or the educator withdrew their consent.
evidence_ended = sa.Table(
    "evidence_ended",
    metadata,
    sa.Column("submission_id", sa.String, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("why", sa.String, nullable=False),  # the policy and the days
    sa.Column("files", sa.Integer, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("record", sa.LargeBinary),  # signed by the hub once none of its files is left
)

#: Endings that were carried here over a restore and whose row is not here: it is newer than the back-up. `told` is the
#: row as `hub.endings` has it, with its times as text; `subject` its key, of a recusal the submission.
endings = sa.Table(
    "endings",
    metadata,
    sa.Column("kind", sa.String, primary_key=True),  # a field of `Endings`
    sa.Column("subject", sa.String, primary_key=True),
    sa.Column("person", sa.String, primary_key=True),  # of a recusal, else empty
    sa.Column("told", SecretJson("endings.told"), nullable=False),
)

#: The sealed files that went with it, by the names that desks ask for; `removed_at` once they are no more.
ended_blobs = sa.Table(
    "ended_blobs",
    metadata,
    sa.Column("digest", sa.String, primary_key=True),
    sa.Column("submission_id", sa.String, nullable=False, index=True),
    sa.Column("removed_at", Instant),
)

releases = sa.Table(
    "releases",
    metadata,
    sa.Column("decision", sa.ForeignKey("decisions.digest"), primary_key=True),
    sa.Column("person", sa.ForeignKey("people.number"), nullable=False),
    sa.Column("how", sa.String, nullable=False),  # folder | hub
    sa.Column("released_at", Instant, nullable=False),
    sa.Column("file", sa.String, nullable=False),
    sa.Column("file_key", SecretBytes("releases.file_key"), nullable=False),
)

#: Case files that were made, sealed like packets; `digest` is the case file's.
awards = sa.Table(
    "awards",
    metadata,
    sa.Column("digest", sa.String, primary_key=True),
    sa.Column("decision", sa.ForeignKey("decisions.digest"), nullable=False, index=True),
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("uses", sa.JSON, nullable=False),
    sa.Column("file", sa.String, nullable=False),
    sa.Column("file_key", SecretBytes("awards.file_key"), nullable=False),
)

#: Badges for decisions and for stacks. `subject` is the decision's digest, or a stack's id and version; `list` and
#: `place` are the badge's bit in the status list.
badges = sa.Table(
    "badges",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),  # decision | stack
    sa.Column("subject", sa.String, nullable=False, index=True),
    sa.Column("submission_id", sa.ForeignKey("submissions.id"), index=True),
    sa.Column("educator_key", sa.String, nullable=False, index=True),
    sa.Column("achievement", sa.String, nullable=False),  # the rubric's id, or the stack's
    sa.Column("title", sa.String, nullable=False),
    sa.Column("list", sa.Integer, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("valid_until", Instant),
    sa.Column("revoked_at", Instant),
    sa.Column("reason", SecretText("badges.reason"), nullable=False, default="", server_default=""),
    sa.Column("credential", SecretBytes("badges.credential"), nullable=False),
    sa.Column("svg", SecretBytes("badges.svg"), nullable=False),
    sa.Column("png", SecretBytes("badges.png"), nullable=False),
    sa.UniqueConstraint("list", "place"),
)

#: What happened, in order: a desk's cursor is a `seq`. `person` is NULL where it concerns everybody.
changes = sa.Table(
    "changes",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("person", sa.String, index=True),
    sa.Column(
        "kind", sa.String, nullable=False
    ),  # assignment | phrases | trust | packet | passed_back | hold | recipient | badge
    # and for whoever sent something, that it came: delivered | entries | destroyed
    sa.Column("subject", sa.String, nullable=False),
    #: By chance: after a restore the same number is given out again, for another change.
    sa.Column("token", sa.String, nullable=False, default=lambda: secrets.token_hex(4), server_default=""),
    sa.Index("changes_of_person", "person", "seq"),
    sqlite_autoincrement=True,
)

#: Who saw and did what, appended to and never changed: each line's digest covers the digest of the line before it
#: (`auditing`). Numbers, ids and digests alone: no line names an educator or says what was written.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("act", sa.String, nullable=False),
    sa.Column("person", sa.String, nullable=False, index=True),  # empty: whoever works at the hub itself
    sa.Column("device", sa.String, nullable=False),
    sa.Column("submission", sa.String, nullable=False, index=True),
    sa.Column("subject", sa.String, nullable=False, index=True),
    sa.Column("detail", sa.String, nullable=False),
    sa.Column("previous", sa.String, nullable=False),
    sa.Column("digest", sa.String, nullable=False),
)

#: Number and digest of the last line: without them a log that was cut off would look whole.
audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),  # always 1
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("digest", sa.String, nullable=False),
)

#: The hub's own papers, where its database is on a server (`papers`); `version` is another with each content.
papers = sa.Table(
    "papers",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("version", sa.String, nullable=False),
    sa.Column("content", SecretBytes("papers.content"), nullable=False),
    sa.Column("written_at", Instant, nullable=False),
)
