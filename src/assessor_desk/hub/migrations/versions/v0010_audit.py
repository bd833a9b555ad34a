"""The audit log, and what keeps it from being changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_FIRST = "0" * 64


def upgrade() -> None:
    """Nothing was written down before: the log begins empty."""
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in (
                "at", "act", "person", "device", "submission", "subject", "detail", "previous", "digest",
            )
        ),
        sa.PrimaryKeyConstraint("seq"),
    )  # fmt: skip
    for column in ("person", "submission", "subject"):
        op.create_index(f"ix_audit_{column}", "audit", [column], unique=False)
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0, "digest": _FIRST}])
    for statement in _GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


#: The database itself refuses to change or remove a line, whatever a program asks of it.
_REFUSAL = "the audit log is only added to"
_FUNCTION = (
    "CREATE FUNCTION refuse_to_change_audit() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
)
_TRIGGER = (
    "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_audit()"
)
_GUARDS = {
    "sqlite": [
        f"CREATE TRIGGER audit_{verb} BEFORE {verb} ON audit BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        for verb in ("update", "delete")
    ],
    "postgresql": [_FUNCTION, _TRIGGER],
}
