"""The HTTP API under /api/v1: one module a story, each a table of endpoints."""
