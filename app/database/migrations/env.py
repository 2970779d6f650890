"""How Alembic runs a revision: on the connection, and in the transaction, that it is handed."""

from __future__ import annotations

from alembic import context

from app.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    render_as_batch=True,  # SQLite cannot alter most things in place
    transactional_ddl=True,  # the engine begins SQLite's transactions itself
)
with context.begin_transaction():
    context.run_migrations()
