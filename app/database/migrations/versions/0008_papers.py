"""What is written between the team and one person; a person's participants, over all sessions.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "papers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("participant_id", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("content_id", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("about", sa.Text()),
        sa.Column("reply_id", sa.Text()),
        sa.Column("settled_by", sa.Text()),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="fk_papers_session_id"),
        sa.PrimaryKeyConstraint("id", name="pk_papers"),
    )
    op.create_index(
        "ix_papers_session_id_participant_id", "papers", ["session_id", "participant_id"]
    )
    op.create_index("ix_participants_person_id", "participants", ["person_id"])


def downgrade() -> None:
    op.drop_index("ix_participants_person_id", "participants")
    op.drop_table("papers")
