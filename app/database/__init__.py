"""The installation's one database: opening, migrating, saving, restoring and exporting it."""
