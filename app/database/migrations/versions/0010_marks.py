"""The team's marks on messages and questions: labels, and who is to see to them.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("messages", "questions"):
        op.add_column(table, sa.Column("labels", sa.Text()))
        op.add_column(table, sa.Column("assignee_id", sa.Text()))
