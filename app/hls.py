"""Which of an installation's nodes has the pieces of HLS."""

from __future__ import annotations

from live.media.hls.shared import SharedHls
from live.media.shared import SharedMedia
from live.media.supervisor import MediaSupervisor
from live.ports.bus import Bus
from live.ports.hls import HlsSource


def hls_of(engine: MediaSupervisor, shared: SharedMedia | None, bus: Bus | None) -> HlsSource:
    """The pieces of this node, or of all nodes where there are several."""
    if shared is None or bus is None:
        return engine.hls
    return SharedHls(engine.hls, bus, shared.keeper)
