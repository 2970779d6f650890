"""What the audience did, counted two seconds at a time, and how far each person came.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ticks",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="fk_ticks_session_id"),
        sa.PrimaryKeyConstraint("session_id", "at", name="pk_ticks"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reached",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("participant_id", sa.Text(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="fk_reached_session_id"),
        sa.PrimaryKeyConstraint("session_id", "participant_id", name="pk_reached"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("reached")
    op.drop_table("ticks")
