"""Whether cues are raised when they should be, and only then."""
