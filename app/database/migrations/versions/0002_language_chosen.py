"""Whether a participant chose their language, or it follows what they write.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "participants",
        sa.Column("language_chosen", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
