"""Packets as viewers get them: rewritten, encrypted in place, a frame in one system call.

This is where the time goes: `send` runs for every frame, its inner loops for every viewer and every
packet. What is the same for all viewers of a run is therefore prepared once (`_Template`), and an
accelerator may take the loops over (`live.media.accelerator`).
"""

from dataclasses import dataclass, field
from struct import Struct
from typing import Any, Final

from live.media import srtp
from live.media.extensions import Extensions
from live.media.packets import Packet, Run, Runs
from live.media.relabelling import relabelled_runs
from live.media.udp import Address, UdpPort

HEADER_BYTES: Final = 12
EXTENSION_BIT: Final = 0x10

_HEADERS: Final[dict[int, Struct]] = {}


def _header(extension_bytes: int) -> Struct:
    """An RTP header with so many bytes of extensions."""
    found = _HEADERS.get(extension_bytes)
    if found is None:
        found = _HEADERS[extension_bytes] = Struct(f"!BBHII{extension_bytes}s")
    return found


@dataclass(slots=True)
class Counts:
    """What was sent to a viewer of one stream; octets are of payload."""

    packets: int = 0
    octets: int = 0
    dropped: int = 0


@dataclass(slots=True, eq=False)
class Rewriting:
    """How one stream's packets become one viewer's: names, numbers, keys and the way there.

    A writer makes it. It stays as it is while a `Crowd` holds it.
    """

    ssrc: int
    extensions: Extensions
    payload_type: int = 0
    sequence_offset: int = 0
    timestamp_offset: int = 0
    pictures: int = 0
    """What is added to VP8's picture ids, and `levels` to its TL0PICIDX."""
    levels: int = 0
    session: srtp.Session | None = None
    address: Address | None = None
    overhead: int = 0
    """Bytes that protection adds."""
    counts: Any = field(default_factory=Counts, repr=False)
    """`Counts`, or memory of the accelerator's with the same three names."""


class Crowd:
    """Those who get the same packets at once; made anew when one joins, leaves or changes."""

    __slots__ = ("rewritings", "table")

    def __init__(self, rewritings: tuple[Rewriting, ...]) -> None:
        self.rewritings = rewritings
        self.table: Any = None
        """The accelerator's copy of it."""


class _Template:
    """A run as every viewer with one layout gets it, but for what the headers say."""

    __slots__ = ("buffers", "control", "octets", "packets", "plain", "segment")

    def __init__(self, run: Run, header: int, overhead: int, arena: srtp.Arena) -> None:
        self.packets = []
        parts = []
        at = octets = 0
        with_extensions = EXTENSION_BIT if header > HEADER_BYTES else 0
        for packet in run.packets:
            size = header + len(packet.payload)
            parts += [bytes(header), packet.payload, bytes(overhead)]
            self.packets.append(
                (
                    at,
                    arena.pointer + at,
                    size,
                    packet.first_byte | with_extensions,
                    packet.marker,
                    packet.sequence,
                    packet.timestamp,
                )
            )
            at += size + overhead
            octets += len(packet.payload)
        self.plain = b"".join(parts)
        self.octets = octets
        self.segment = run.size + header + overhead
        self.buffers = [arena.view[:at]]
        self.control = UdpPort.control(self.segment)


class Writer:
    """Writes, protects and sends, in plain Python."""

    def __init__(self, port: UdpPort, arena: srtp.Arena) -> None:
        self._port = port
        self._arena = arena

    def rewriting(self, ssrc: int, extensions: Extensions) -> Rewriting:
        """How a stream under this name is written by this writer, as yet to nobody."""
        return Rewriting(ssrc, extensions)

    def send(self, crowd: Crowd, runs: Runs, now: float) -> None:
        """Send runs to all of a crowd who are secured, and count it in each.

        A run that the kernel would not take is dropped as a whole: its receiver asks for it again.
        """
        for rewriting in crowd.rewritings:
            if rewriting.pictures or rewriting.levels:
                own = relabelled_runs(runs, rewriting.pictures, rewriting.levels)
                self._send_to(rewriting, own, now)
            else:
                self._send_to(rewriting, runs, now)

    def _send_to(self, rewriting: Rewriting, runs: Runs, now: float) -> None:
        extensions = rewriting.extensions.at(now)
        layout = ("templates", HEADER_BYTES + len(extensions), rewriting.overhead)
        templates = runs.prepared.get(layout)
        if templates is None:
            templates = [_Template(run, *layout[1:], self._arena) for run in runs]
            runs.prepared[layout] = templates
        session, address = rewriting.session, rewriting.address
        if session is None or address is None:
            return
        view, length = self._arena.view, self._arena.length
        handle, protect = session.handle, srtp.protect
        pack_into = _header(len(extensions)).pack_into
        payload_type, ssrc = rewriting.payload_type, rewriting.ssrc
        sequence_offset = rewriting.sequence_offset
        timestamp_offset = rewriting.timestamp_offset
        counts = rewriting.counts
        for template in templates:
            view[: len(template.plain)] = template.plain
            count = len(template.packets)
            for at, pointer, size, first, marker, sequence, timestamp in template.packets:
                pack_into(
                    view,
                    at,
                    first,
                    marker | payload_type,
                    (sequence + sequence_offset) & 0xFFFF,
                    (timestamp + timestamp_offset) & 0xFFFFFFFF,
                    ssrc,
                    extensions,
                )
                length[0] = size
                if protect(handle, pointer, length):
                    counts.dropped += count
                    break
            else:
                if self._port.send_segments(template.buffers, template.control, count, address):
                    counts.packets += count
                    counts.octets += template.octets
                else:
                    counts.dropped += count

    def send_again(
        self,
        rewriting: Rewriting,
        packet: Packet,
        number: int,
        timestamp: int,
        now: float,
        *,
        rtx: tuple[int, int, int] | None,
    ) -> bool:
        """Send a packet again, with the number and the timestamp it had; False if it could not be.

        `rtx` is SSRC, payload type and number of a repeat in a stream of its own (RFC 4588), which
        has the original number before the payload.
        """
        session, address = rewriting.session, rewriting.address
        if session is None or address is None:
            return False
        ssrc, payload_type, sequence = rtx or (rewriting.ssrc, rewriting.payload_type, number)
        view, length = self._arena.view, self._arena.length
        extensions = rewriting.extensions.at(now)
        _header(len(extensions)).pack_into(
            view,
            0,
            packet.first_byte | (EXTENSION_BIT if extensions else 0),
            packet.marker | payload_type,
            sequence,
            timestamp,
            ssrc,
            extensions,
        )
        body = HEADER_BYTES + len(extensions)
        tail = packet.payload if rtx is None else number.to_bytes(2, "big") + packet.payload
        view[body : body + len(tail)] = tail
        length[0] = body + len(tail)
        if srtp.protect(session.handle, self._arena.pointer, length) != srtp.OK:
            return False
        return self._port.send_one(view[: length[0]], address)
