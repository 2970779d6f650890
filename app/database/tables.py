"""The tables of the installation itself, beside those of its sessions, in the same metadata.

Importing ``metadata`` from here gives every table there is. Tokens are kept as SHA-256 alone.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from live.adapters.sql.tables import metadata

owner_accounts = Table(
    "owner_accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("password_hash", Text),  # argon2; NULL until one is chosen
    Column("created_us", BigInteger, nullable=False),
    Column("password_set_us", BigInteger),
)

owner_sign_ins = Table(
    "owner_sign_ins",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
)
"""The browsers in which the owner is signed in; signing out deletes the row."""

one_time_links = Table(
    "one_time_links",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("purpose", Text, nullable=False),  # "owner": signs the owner in
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("used_us", BigInteger),
)

brand = Table(
    "brand",
    metadata,
    Column("id", Text, primary_key=True),  # one row, "brand"
    Column("name", Text, nullable=False),
    Column("accent", Text),  # "#rrggbb"
    Column("description", Text, nullable=False),
    Column("logo", LargeBinary),
    Column("logo_type", Text),  # its media type
    Column("logo_changed_us", BigInteger),
)

ear_cursors = Table(
    "ear_cursors",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)
"""Up to which event of each session the filter has learned."""

saved_replies = Table(
    "saved_replies",
    metadata,
    Column("id", Text, primary_key=True),
    Column("language", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("changed_us", BigInteger, nullable=False),
)
"""What the team has ready to say, for all sessions."""

receipts = Table(
    "receipts",
    metadata,
    Column("session_id", Text, nullable=False),
    Column("announcement_id", Text, nullable=False),
    Column("participant_id", Text, nullable=False),
    Column("segment", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("stage", Integer, nullable=False),
    PrimaryKeyConstraint("session_id", "announcement_id", "participant_id"),
    Index(None, "participant_id"),
    sqlite_with_rowid=False,
)
"""How far a person got with an announcement, once each, in the cohort they were of at first."""

pictures = Table(
    "pictures",
    metadata,
    Column("id", Text, primary_key=True),
    Column("session_id", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("added_us", BigInteger, nullable=False),
    Index(None, "session_id"),
)
"""Pictures of products, as they were made anew from what was sent."""

recordings = Table(
    "recordings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("session_id", Text, ForeignKey("sessions.id"), nullable=False),
    Column("seat", Text, nullable=False),
    Column("participant_id", Text, nullable=False),
    Column("name", Text, nullable=False),  # of the file, in the session's folder
    Column("form", Text, nullable=False),  # webm, mp4
    Column("state", Text, nullable=False),  # writing, cut, ready, empty, deleted
    Column("started_us", BigInteger, nullable=False),  # when its first frame was taken
    Column("duration_ms", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("lost", BigInteger, nullable=False),
    UniqueConstraint("session_id", "name"),
)
"""The files of recordings. A row stays when its file goes: there was a replay, and it is gone."""

replays = Table(
    "replays",
    metadata,
    Column("session_id", Text, ForeignKey("sessions.id"), primary_key=True),
    Column("published", Boolean, nullable=False),
)
"""Whose replay the owner took back, or gave again; without a row it is there for who may enter."""

__all__ = [
    "brand",
    "ear_cursors",
    "metadata",
    "one_time_links",
    "owner_accounts",
    "owner_sign_ins",
    "pictures",
    "receipts",
    "recordings",
    "replays",
    "saved_replies",
]
