"""The fan-out's inner loop: one packet to many connections."""

from __future__ import annotations

from collections.abc import Sequence

from live.gateway.line import Line
from live.gateway.packets import Packet


class Volley:
    """Sends in plain Python; ``accelerator`` has the same in C."""

    def send(self, packet: Packet, lines: Sequence[Line]) -> None:
        """Send ``packet`` on each of ``lines``, as their ``emit`` does."""
        for line in lines:
            line.emit(packet)
