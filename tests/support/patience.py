"""How long tests wait for what must come."""

PATIENCE_S = 60.0
"""A correct program is never so slow, not on a busy machine either: what has not come by then is
not coming. Where a time is itself what is promised, the test names its own."""
