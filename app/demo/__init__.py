"""The demo's people: a synthetic host and a small audience, each a client of the public API."""
