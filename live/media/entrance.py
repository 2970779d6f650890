"""Going over from one layer of a picture to another, at the packet where a decoder can follow."""

from typing import Final, Protocol

from live.media.packets import Packet, Runs
from live.media.source import Source

ASK_S: Final = 2.0
"""Between two keyframes that are asked for because somebody changes layer: they cost every viewer
of the new layer, and whoever changes still sees the old one.
"""


class Changing(Protocol):
    """A stream that waits to go over."""

    def is_news(self, packet: Packet) -> bool:
        """Whether a packet of the layer that is followed belongs to no frame that was sent."""

    def enter(self, source: Source, packets: list[Packet], now: float) -> None:
        """Follow `source` from these packets of it on."""


class Entrance:
    """Waits in the source `to` for the first packet that can follow what came from `since`; a
    `Sink`.
    """

    def __init__(self, stream: Changing, since: Source, to: Source) -> None:
        self.to = to
        self._stream = stream
        self._same_layer = since.origin is to.origin
        self._goes_down = to is not to.origin and since is since.origin
        to.sinks[self] = None

    def send(self, packets: list[Packet], runs: Runs, now: float) -> None:  # noqa: ARG002 - a sink
        """Look for the way in; see `Sink`."""
        at = next((i for i, packet in enumerate(packets) if self._opens(packet)), None)
        if at is not None:
            self.close()
            self._stream.enter(self.to, packets[at:], now)
        elif not self._same_layer:
            self.to.keyframe_requests.remind(now, ASK_S)

    def close(self) -> None:
        """Wait no more. Idempotent."""
        self.to.sinks.pop(self, None)

    def _opens(self, packet: Packet) -> bool:
        if not self._same_layer:
            return packet.keyframe
        descriptor = packet.descriptor
        if descriptor is None or not descriptor.starts_frame or not self._stream.is_news(packet):
            return False
        # Frames of lower layers need none of those left out; upper ones can be joined at a sync.
        return self._goes_down or descriptor.is_sync or descriptor.keyframe
