"""The decisions of a session are found without reading its whole log; replies are kept ready.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    only = sa.text("type = 'decision.made'")
    op.create_index(
        "ix_events_decisions",
        "events",
        ["session_id", "seq"],
        sqlite_where=only,
        postgresql_where=only,
    )
    op.create_table(
        "saved_replies",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_replies")),
    )
