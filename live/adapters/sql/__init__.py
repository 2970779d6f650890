"""The SQL store: SQLite for one process, PostgreSQL for more."""
