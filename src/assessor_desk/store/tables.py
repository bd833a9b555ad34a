"""The tables of a desk's file, as the newest migration leaves them.

`inbox` repeats what its list shows, one row per submission, so that the list is one query and needs no other table.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from assessor_desk.store.times import stamp, unstamp

metadata = sa.MetaData()


class Instant(sa.TypeDecorator[datetime]):
    """An aware UTC time, kept as text of one length, so that it sorts as text."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else stamp(value.astimezone(UTC))

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else unstamp(value)


submissions = sa.Table(
    "submissions",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("version", sa.String, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
)

assignments = sa.Table(
    "assignments",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("submission_id", sa.String, nullable=False, index=True),
    sa.Column("set_aside", sa.Boolean, nullable=False, default=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("aside_for", sa.String, nullable=False, default="", server_default=""),
    sa.Column("aside_at", Instant),
)

published = sa.Table(
    "published",
    metadata,
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("version", sa.String, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    sa.Column("vouched", sa.String, nullable=False, default="", server_default=""),
)

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("submission_id", sa.String, nullable=False, index=True),
    sa.Column("assignment_id", sa.String, nullable=False, index=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("purpose", sa.String, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("wordings_dropped", sa.Boolean, nullable=False, default=False, server_default="0"),
    sa.Column("forgotten_at", Instant),  # what a coach wrote until then is gone
    sa.UniqueConstraint("assignment_id", "revision"),
)

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("review_id", sa.String, nullable=False, index=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("device", sa.String, nullable=False),
    sa.Column("counter", sa.Integer, nullable=False),
    sa.Column("step", sa.String, nullable=False),
)

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("review_id", sa.String, primary_key=True),
    sa.Column("field", sa.String, primary_key=True),
    sa.Column("criterion", sa.String, primary_key=True),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("seen", sa.JSON(none_as_null=True)),  # ids of the texts that stood there when typing began
)

#: Entries that the person's other devices have not been sent. Filled by a trigger, once there is another device.
entries_to_send = sa.Table("entries_to_send", metadata, sa.Column("entry_id", sa.String, primary_key=True))
#: Likewise lines of the outbox whose delivery they have not been told of.
deliveries_to_send = sa.Table(
    "deliveries_to_send", metadata, sa.Column("line_id", sa.String, primary_key=True)
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("review_id", sa.String, nullable=False, index=True),
    sa.Column("file", sa.String, nullable=False),
    sa.Column("length", sa.Integer, nullable=False),
    sa.Column("file_key", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("waiting_since", Instant, nullable=False),
    sa.Column("last_trouble", sa.String, nullable=False, default=""),
    sa.Column("delivered_at", Instant),
    sa.Column("receipt", sa.LargeBinary),
    sa.Column("refused", sa.Boolean, nullable=False, default=False, server_default="0"),
    sa.Column("time_stamp", sa.LargeBinary),
    sa.Index("outbox_waiting", "source", sqlite_where=sa.text("delivered_at IS NULL")),
)

artifacts = sa.Table(
    "artifacts",
    metadata,
    sa.Column("submission_id", sa.String, primary_key=True),
    sa.Column("artifact_id", sa.String, primary_key=True),
    sa.Column("source", sa.String, nullable=False, index=True),
    sa.Column("blob_digest", sa.String, nullable=False),  # the vault's name for the sealed bytes
    sa.Column("length", sa.Integer, nullable=False),
    sa.Column("here", sa.Boolean, nullable=False, default=False),
    sa.Column("trouble", sa.String, nullable=False, default=""),
    sa.Column("source_digest", sa.String, nullable=False, default="", server_default=""),
    sa.Column("plain", sa.Boolean, nullable=False, default=False, server_default="0"),
    sa.Column("removed", sa.String, nullable=False, default="", server_default=""),  # why, by a word
    sa.Column(
        "asked", sa.Boolean, nullable=False, default=False, server_default="0"
    ),  # although a rendition is here
    sa.Column(
        "parked", sa.String, nullable=False, default="", server_default=""
    ),  # not here to save room: quota | freed
    sa.Index("artifacts_to_come", "source", sqlite_where=sa.text("here IS 0")),
)

preflights = sa.Table(
    "preflights",
    metadata,
    sa.Column("submission_id", sa.String, primary_key=True),
    sa.Column("artifact_id", sa.String, primary_key=True),
    sa.Column("origin", sa.String, primary_key=True),  # desk | source
    sa.Column("blob_digest", sa.String, nullable=False),
    sa.Column("likeness", sa.String, nullable=False),
    sa.Column("found", sa.JSON, nullable=False),
)

exports = sa.Table(
    "exports",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("submission_id", sa.String, nullable=False),
    sa.Column("format", sa.String, nullable=False),
    sa.Column("path", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

facts = sa.Table(
    "facts",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("submission_id", sa.String, primary_key=True),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("short_title", sa.String, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("due_at", Instant),
    sa.Column("scored", sa.Integer, nullable=False, default=0),
    sa.Column("criteria", sa.Integer, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("set_aside", sa.Boolean, nullable=False, default=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("ready_bytes", sa.Integer, nullable=False, default=0),
    sa.Column("total_bytes", sa.Integer, nullable=False, default=0),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("draft", sa.Boolean, nullable=False, default=False),
    sa.Column("search_text", sa.String, nullable=False),
    sa.Column(
        "later_bytes", sa.Integer, nullable=False, default=0, server_default="0"
    ),  # recordings themselves
    sa.Column(
        "offline", sa.String, nullable=False, default="", server_default=""
    ),  # kept | freed, by a person
    sa.Column("parked_bytes", sa.Integer, nullable=False, default=0, server_default="0"),
    # Its index, `inbox_in_order`, is over expressions, for which the comparison of tables has no words: `first_page`.
)

delivered = sa.Table(
    "delivered",
    metadata,
    sa.Column("digest", sa.String, primary_key=True),
    sa.Column("submission_id", sa.String, nullable=False, index=True),
    sa.Column("assignment_id", sa.String, nullable=False),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("receipt", sa.LargeBinary, nullable=False),
    sa.Column("blob", sa.String, nullable=False),
    sa.Column("blob_key", sa.LargeBinary, nullable=False),
    sa.Column("length", sa.Integer, nullable=False),
    sa.Column("here", sa.Boolean, nullable=False, default=False),
    sa.Column("stated", sa.JSON(none_as_null=True)),
    sa.Column("held", sa.Boolean, nullable=False, default=False),
    sa.Column("verdict", sa.String, nullable=False, default=""),
    sa.Column("time_stamp", sa.LargeBinary),
    sa.Index("packets_to_come", "source", sqlite_where=sa.text("here IS 0")),
    sa.Index("packets_verified", "submission_id", "received_at", sqlite_where=sa.text("held")),
)

passed_back = sa.Table(
    "passed_back",
    metadata,
    sa.Column("decision", sa.String, primary_key=True),
    sa.Column("packet", sa.String, primary_key=True),
    sa.Column("assignment_id", sa.String, nullable=False, index=True),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

holds = sa.Table(
    "holds",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("submission_id", sa.String, nullable=False, index=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("words", sa.String, nullable=False),
    sa.Column("raised_at", Instant, nullable=False),
    sa.Column("artifact_id", sa.String, nullable=False),
    sa.Column("lifted_at", Instant),
)

recipients = sa.Table(
    "recipients",
    metadata,
    sa.Column("submission_id", sa.String, primary_key=True),
    sa.Column("educator_key", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("email", sa.String, nullable=False),
    sa.Column("district", sa.String, nullable=False),
    sa.Column("disclosure_agreed", sa.Boolean, nullable=False, default=False, server_default=sa.false()),
)

releases = sa.Table(
    "releases",
    metadata,
    sa.Column("decision", sa.String, primary_key=True),
    sa.Column("submission_id", sa.String, nullable=False, index=True),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("how", sa.String, nullable=False),  # folder | hub
    sa.Column("folder", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

phrases = sa.Table(
    "phrases",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("rubric", sa.String, nullable=False),
    sa.Column("criterion", sa.String, nullable=False),
    sa.Column("level", sa.String, nullable=False),
    sa.Column("scope", sa.String, nullable=False),
    sa.Column("tags", sa.JSON, nullable=False),
)

#: The newest version of each bank that a source published. A withdrawn one keeps its id and loses its content.
phrase_banks = sa.Table(
    "phrase_banks",
    metadata,
    sa.Column("source", sa.String, primary_key=True),
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("version", sa.String, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    sa.Column("vouched", sa.String, nullable=False),
    sa.Column("withdrawn", sa.Boolean, nullable=False, default=False, server_default="0"),
)

phrase_use = sa.Table(
    "phrase_use",
    metadata,
    sa.Column("phrase", sa.String, primary_key=True),
    sa.Column("used", sa.Integer, nullable=False),
    sa.Column("last_used", Instant),
)

#: Evidence that was destroyed here: its keys at `destroyed_at`, the last of it at `gone_at`. `document` is the receipt
#: for its source, signed once nothing is left; `receipt` is the source's answer to it.
destructions = sa.Table(
    "destructions",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("submission_id", sa.String, nullable=False),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("why", sa.String, nullable=False),
    sa.Column("destroyed_at", Instant, nullable=False),
    sa.Column("pieces", sa.JSON, nullable=False),
    sa.Column("gone_at", Instant),
    sa.Column("trouble", sa.String, nullable=False, default="", server_default=""),
    sa.Column("exports", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("document", sa.LargeBinary),
    sa.Column("digest", sa.String, nullable=False, default="", server_default=""),
    sa.Column("delivered_at", Instant),
    sa.Column("receipt", sa.LargeBinary),
    sa.Index("destructions_of_submission", "submission_id"),
)
