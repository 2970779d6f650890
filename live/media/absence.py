"""What is said for an engine that is not there."""

from live.ports.media_figures import SessionStats
from live.ports.media_refusals import MediaRefusal


def engine_down() -> MediaRefusal:
    """Nothing can be done now, and soon it can."""
    return MediaRefusal("engine_down", "The video engine is being started again.", 2)


def no_stats(session_id: str) -> SessionStats:
    """Nothing is known of this session."""
    return SessionStats(
        session_id, on_air=False, seats=(), viewers=0, packets_sent=0, packets_dropped=0
    )
