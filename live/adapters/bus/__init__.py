"""The bus: in this process, or a Redis (or Valkey) server."""
