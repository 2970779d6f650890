"""Announcements that are saved, pinned and counted; pictures of products.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("pinned", "countdown"):
        op.add_column(
            "announcements",
            sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()),
        )
    op.add_column("announcements", sa.Column("lasts_s", sa.Integer()))
    op.add_column("announcements", sa.Column("due_us", sa.BigInteger()))
    op.create_table(
        "receipts",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("announcement_id", sa.Text(), nullable=False),
        sa.Column("participant_id", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "session_id", "announcement_id", "participant_id", name=op.f("pk_receipts")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_receipts_participant_id", "receipts", ["participant_id"])
    op.create_table(
        "pictures",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("added_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
    )
    op.create_index("ix_pictures_session_id", "pictures", ["session_id"])


def downgrade() -> None:
    op.drop_table("pictures")
    op.drop_table("receipts")
    for name in ("pinned", "countdown", "lasts_s", "due_us"):
        op.drop_column("announcements", name)
