"""The tables of a live session, in SQLAlchemy Core; migrations are checked against them.

Times are whole microseconds since 1970 in UTC (``…_us``), documents are JSON text: both mean the
same on SQLite and PostgreSQL. Four kinds of table live here:

- ``events`` is the log, the truth. It holds no text and no name.
- ``contents``, and ``participants.display_name``, hold personal text and can be erased.
- ``messages``, ``questions``, ``ballots``, ``papers``, ``announcements``, ``parts``, ``polls``,
  ``poll_ballots`` and ``sessions.document`` are folds of the log, and ``reactions`` are tallies:
  current state, written in the transaction that appends the events.
- ``audit`` and what belongs to it: see there.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


UNCHECKED_ON_POSTGRESQL: Final = frozenset(
    {
        "fk_events_session_id",
        "fk_contents_session_id",
        "fk_messages_session_id",
        "fk_messages_content_id",
        "fk_idempotency_keys_session_id",
    }
)
"""Foreign keys that stand on SQLite alone. PostgreSQL asks a query of its own for each row and key,
half of what a batch costs there; and a batch has moved its session's head in the same transaction,
so the session is there."""


def _session_id() -> Column[str]:
    return Column("session_id", Text, ForeignKey("sessions.id"), nullable=False)


sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("slug", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("starts_us", BigInteger),
    Column("languages", Text, nullable=False),
    Column("segments", Text, nullable=False),
    Column("visibility", Text, nullable=False),
    Column("review", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("recording", Text, nullable=False, server_default="off"),
    Column("live_since_us", BigInteger),
    Column("ended_us", BigInteger),
    Column("head", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    UniqueConstraint("slug"),
)

events = Table(
    "events",
    metadata,
    _session_id(),
    Column("seq", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
    PrimaryKeyConstraint("session_id", "seq"),
    # The history of decisions, in a log of mostly other things; posts never touch it.
    Index(
        "ix_events_decisions",
        "session_id",
        "seq",
        sqlite_where=text("type = 'decision.made'"),
        postgresql_where=text("type = 'decision.made'"),
    ),
    sqlite_with_rowid=False,
)

contents = Table(
    "contents",
    metadata,
    Column("id", Text, primary_key=True),
    _session_id(),
    Column("owner_id", Text, nullable=False),
    Column("text", Text),
    Column("salt", LargeBinary),
    Column("evidence", Text),  # JSON: see ``beside``; goes with the text
    Column("at_us", BigInteger, nullable=False),
    Index(None, "session_id"),
)

participants = Table(
    "participants",
    metadata,
    Column("id", Text, primary_key=True),
    _session_id(),
    Column("person_id", Text),
    Column("role", Text, nullable=False),
    Column("segment", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("display_name", Text),
    Column("joined_us", BigInteger, nullable=False),
    Column("invite_id", Text),
    Column("granted_segments", Text, nullable=False),
    Column("erased", Boolean, nullable=False),
    Column("language_chosen", Boolean, nullable=False, server_default=true()),
    Index(None, "session_id", "person_id"),
    Index(None, "person_id"),
    Index(None, "invite_id"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    _session_id(),
    Column("author_id", Text, nullable=False),
    Column("content_id", Text, ForeignKey("contents.id"), nullable=False),
    Column("language", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("reply_to", Text),
    Column("place", BigInteger),
    Column("position", BigInteger, nullable=False),  # place, or at_us before there is one
    Column("edited", Boolean, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("score", Float),
    Column("labels", Text),  # JSON, or null: none
    Column("assignee_id", Text),
    Index(None, "session_id", "position"),
    Index(None, "session_id", "status", "position"),
)

questions = Table(
    "questions",
    metadata,
    Column("id", Text, primary_key=True),
    _session_id(),
    Column("author_id", Text, nullable=False),
    Column("content_id", Text, ForeignKey("contents.id"), nullable=False),
    Column("language", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("place", BigInteger),
    Column("position", BigInteger, nullable=False),
    Column("merged_into", Text),
    Column("tallied", Integer, nullable=False),
    Column("edited", Boolean, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("picked_us", BigInteger),
    Column("answering_us", BigInteger),
    Column("answered_us", BigInteger),
    Column("reasons", Text, nullable=False),
    Column("score", Float),
    Column("labels", Text),  # JSON, or null: none
    Column("assignee_id", Text),
    Index(None, "session_id", "position"),
)

ballots = Table(
    "ballots",
    metadata,
    _session_id(),
    Column("question_id", Text, ForeignKey("questions.id"), nullable=False),
    Column("participant_id", Text, nullable=False),
    Column("up", Boolean, nullable=False),
    PrimaryKeyConstraint("session_id", "question_id", "participant_id"),
    sqlite_with_rowid=False,
)

papers = Table(
    "papers",
    metadata,
    Column("id", Text, primary_key=True),
    _session_id(),
    Column("kind", Text, nullable=False),
    Column("participant_id", Text, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("content_id", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("about", Text),
    Column("reply_id", Text),
    Column("settled_by", Text),
    Index(None, "session_id", "participant_id"),
)

announcements = Table(
    "announcements",
    metadata,
    Column("id", Text, primary_key=True),
    _session_id(),
    Column("author_id", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("variants", Text, nullable=False),  # JSON
    Column("until_us", BigInteger),
    Column("pinned", Boolean, nullable=False, server_default=false()),
    Column("countdown", Boolean, nullable=False, server_default=false()),
    Column("lasts_s", Integer),
    Column("due_us", BigInteger),
    Index(None, "session_id"),
)

parts = Table(
    "parts",
    metadata,
    Column("id", Text, primary_key=True),
    _session_id(),
    Column("revision", Integer, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("minutes", Integer),
    Column("segments", Text, nullable=False),  # JSON
    Column("public", Boolean, nullable=False),
    Column("content_id", Text),
    Column("commitment", Text),
    Column("runs", Text, nullable=False),  # JSON: [began_us, ended_us or null]
    Index(None, "session_id"),
)

polls = Table(
    "polls",
    metadata,
    Column("id", Text, primary_key=True),
    _session_id(),
    Column("at_us", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("body", Text, nullable=False),  # JSON
    Index(None, "session_id"),
)

poll_ballots = Table(
    "poll_ballots",
    metadata,
    _session_id(),
    Column("poll_id", Text, ForeignKey("polls.id"), nullable=False),
    Column("participant_id", Text, nullable=False),
    Column("choices", Text, nullable=False),  # JSON
    Column("segment", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("content_id", Text),
    Column("held", Boolean, nullable=False),
    PrimaryKeyConstraint("session_id", "poll_id", "participant_id"),
    sqlite_with_rowid=False,
)

reactions = Table(
    "reactions",
    metadata,
    _session_id(),
    Column("kind", Text, nullable=False),
    Column("segment", Text, nullable=False),
    Column("total", BigInteger, nullable=False),
    PrimaryKeyConstraint("session_id", "kind", "segment"),
    sqlite_with_rowid=False,
)

ticks = Table(
    "ticks",
    metadata,
    _session_id(),
    Column("at", BigInteger, nullable=False),  # two seconds each, numbered since 1970
    Column("counts", Text, nullable=False),  # JSON: live.adapters.sql.ticks
    PrimaryKeyConstraint("session_id", "at"),
    sqlite_with_rowid=False,
)
"""What the audience did, counted by segment and language; nobody's name is in it."""

reached = Table(
    "reached",
    metadata,
    _session_id(),
    Column("participant_id", Text, nullable=False),
    Column("steps", Integer, nullable=False),  # live.domain.funnel.Reached
    PrimaryKeyConstraint("session_id", "participant_id"),
    sqlite_with_rowid=False,
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    _session_id(),
    Column("participant_id", Text, nullable=False),
    Column("command_id", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("seq", BigInteger),
    Column("result", Text, nullable=False),
    PrimaryKeyConstraint("session_id", "participant_id", "command_id"),
    sqlite_with_rowid=False,
)

invites = Table(
    "invites",
    metadata,
    Column("id", Text, primary_key=True),
    _session_id(),
    Column("role", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("segment", Text),
    Column("expires_us", BigInteger),
    Column("uses", Integer),
    Column("used", Integer, nullable=False),
    Column("revoked_us", BigInteger),
    UniqueConstraint("token_hash"),
    Index(None, "session_id"),
)

credentials = Table(
    "credentials",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    _session_id(),
    Column("participant_id", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("revoked_us", BigInteger),
    ForeignKeyConstraint(["participant_id"], ["participants.id"]),
    Index(None, "participant_id"),
)

evasion_salts = Table(
    "evasion_salts",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
)

evasion_hints = Table(
    "evasion_hints",
    metadata,
    Column("participant_id", Text, primary_key=True),
    Column("day", Integer, nullable=False),
    Column("address", LargeBinary, nullable=False),
    Column("device", LargeBinary, nullable=False),
    Column("banned_us", BigInteger),
    Column("held", Integer, nullable=False),
    Index(None, "address"),
)
"""Salted hashes by which someone who was banned lately may be recognised; empty unless the operator
switched that on. With a day's salt go its hints."""

nodes = Table(
    "nodes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key_check", Text, nullable=False),
    Column("expires_us", BigInteger, nullable=False),  # by the database's clock
    Column("connection", Text),  # on which it renewed last: its process and when that began
)
"""The processes that serve this database together; one that does not renew its row is dead."""

leases = Table(
    "leases",
    metadata,
    Column("session_id", Text, nullable=False),
    Column("duty", Text, nullable=False),  # "room" or "media"
    Column("node", Text, nullable=False),  # empty: let go
    Column("term", BigInteger, nullable=False),
    PrimaryKeyConstraint("session_id", "duty"),
    ForeignKeyConstraint(["session_id"], ["sessions.id"]),
)
"""Which node writes a session, and which has its picture and sound; the term only ever rises."""

audit = Table(
    "audit",
    metadata,
    Column("chain", Text, nullable=False),  # a session's id, or "brand"
    Column("n", BigInteger, nullable=False),  # 1, 2, 3 …
    Column("body", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("chain", "n"),
    sqlite_with_rowid=False,
)
"""What the team did: only ever appended to. ``live.domain.audit`` says what the hash covers."""

audit_words = Table(
    "audit_words",
    metadata,
    Column("chain", Text, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("by_id", Text),
    Column("about_id", Text),
    Column("text", Text),
    Column("salt", LargeBinary),
    PrimaryKeyConstraint("chain", "n", "name"),
    sqlite_with_rowid=False,
)
"""The words of those records, which can be erased."""

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("n", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Where each chain ends: the row that appending locks, and what is anchored elsewhere."""
