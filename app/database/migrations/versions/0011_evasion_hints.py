"""Salted hashes by which someone who was banned may be recognised for a day.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evasion_salts",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_evasion_salts"),
    )
    op.create_table(
        "evasion_hints",
        sa.Column("participant_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.LargeBinary(), nullable=False),
        sa.Column("banned_us", sa.BigInteger()),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", name="pk_evasion_hints"),
    )
    op.create_index("ix_evasion_hints_address", "evasion_hints", ["address"])


def downgrade() -> None:
    op.drop_table("evasion_hints")
    op.drop_table("evasion_salts")
