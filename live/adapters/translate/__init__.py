"""The translator port over HTTP."""
