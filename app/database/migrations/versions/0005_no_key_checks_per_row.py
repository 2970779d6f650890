"""PostgreSQL no longer checks each row of a batch against its session.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Copied, not imported: a migration stays what it was.
_DROPPED = (
    ("events", "session_id", "sessions"),
    ("contents", "session_id", "sessions"),
    ("messages", "session_id", "sessions"),
    ("messages", "content_id", "contents"),
    ("idempotency_keys", "session_id", "sessions"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, column, _ in _DROPPED:
        op.drop_constraint(f"fk_{table}_{column}", table, type_="foreignkey")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, column, target in _DROPPED:
        op.create_foreign_key(f"fk_{table}_{column}", table, target, [column], ["id"])
