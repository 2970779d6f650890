"""The audit beside the rooms: acts over HTTP, heads anchored elsewhere, verification, export."""
