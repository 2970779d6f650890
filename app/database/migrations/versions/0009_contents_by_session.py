"""Texts are found by their session, not by their owner: an index that grows at its end.

By owner, nearly every message changed a page of its own; whose texts they are is asked only when a
person is forgotten.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_contents_session_id"), "contents", ["session_id"])
    op.drop_index(op.f("ix_contents_session_id_owner_id"), "contents")


def downgrade() -> None:
    op.create_index(op.f("ix_contents_session_id_owner_id"), "contents", ["session_id", "owner_id"])
    op.drop_index(op.f("ix_contents_session_id"), "contents")
