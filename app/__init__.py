"""The composition root: the only place that knows everything; no domain logic."""
