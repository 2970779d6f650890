"""The forwarder's inner loop in C, where it was built; `live.media.writing` does the same without.

The library is made from `accelerator.c` by the build, next to this file (frontend/build_hook.py).
"""

import os
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cffi import FFI

from live.media import srtp
from live.media.packets import Runs
from live.media.tcp import Connection
from live.media.udp import UdpAddress, UdpPort
from live.media.writing import Rewriting, Writer

LIBRARY: Final = Path(__file__).with_name("libaccelerator.so")
VERSION: Final = 2
"""Of the layouts below: that of the library must be the same."""

_ffi: Final = FFI()
_ffi.cdef("""
    struct packet {
        const uint8_t *payload; uint32_t timestamp; uint16_t size; uint16_t sequence;
        uint8_t first; uint8_t marker;
    };
    struct run { const struct packet *packets; uint32_t count; uint32_t size; };
    struct target {
        void *session; uint32_t ssrc; uint32_t timestamp_offset; uint16_t sequence_offset;
        uint8_t payload_type; uint8_t overhead; uint16_t extension_size; uint16_t address_size;
        uint8_t address[28];
    };
    struct batch {
        const struct run *runs; void *protect; uint32_t count; int32_t fd; int32_t segments;
        int32_t refusal; uint32_t octets;
    };
    int causerie_version(void);
    uint32_t causerie_send(const struct target *target, struct batch *batch,
                           const char *extensions);
""")


@dataclass(frozen=True, slots=True)
class Accelerator:
    """The loaded library, or why there is none."""

    library: Any
    reason: str
    """A sentence: what runs, and why."""

    def writer(self, port: UdpPort, arena: srtp.Arena) -> Writer:
        """A writer for `port`, the fastest there is."""
        return FastWriter(port, arena, self.library) if self.runs else Writer(port, arena)

    @property
    def runs(self) -> bool:
        """Whether the forwarder's loop is the one in C."""
        return self.library is not None


def load(*, wanted: bool = True, path: Path = LIBRARY) -> Accelerator:
    """The accelerator, if it is there and fits; never an error."""
    if not wanted:
        return Accelerator(None, "in plain Python: the accelerator is switched off")
    if not path.is_file():
        return Accelerator(
            None, "in plain Python: no C compiler was there when Causerie was installed"
        )
    try:
        library = _ffi.dlopen(str(path))
        fits = library.causerie_version() == VERSION
    except (OSError, AttributeError) as error:
        return Accelerator(None, f"in plain Python: the accelerator cannot be loaded ({error})")
    if not fits:
        return Accelerator(
            None, "in plain Python: the accelerator is of another version, install again"
        )
    return Accelerator(library, "accelerated: packets are written and sent by C")


class FastWriter(Writer):
    """A `Writer` whose loop over packets runs in C."""

    def __init__(self, port: UdpPort, arena: srtp.Arena, library: Any) -> None:
        super().__init__(port, arena)
        self._send = library.causerie_send
        self._protect = _ffi.cast("void *", srtp.protect_address())

    def send(self, rewriting: Rewriting, runs: Runs, now: float) -> tuple[int, int]:
        target = rewriting.target
        if target is None:
            if isinstance(rewriting.address, Connection):
                return super().send(rewriting, runs, now)
            target = rewriting.target = _target(rewriting)
            if target is None:
                return 0, 0
        held = runs.prepared.get("batch")
        if held is None:
            held = runs.prepared["batch"] = self._batch(runs)
        batch = held[0]
        packets: int = self._send(target, batch, rewriting.extensions.at(now))
        octets: int = batch.octets
        if packets != runs.packet_count:
            self._port.datagrams_dropped += runs.packet_count - packets
        if batch.refusal:
            self._port.note_refusal(OSError(batch.refusal, os.strerror(batch.refusal)))
            batch.segments = self._port.gso
        return packets, octets

    def _batch(self, runs: Runs) -> tuple[Any, ...]:
        """Runs as C reads them, and what must live as long as they do."""
        table = _ffi.new("struct run[]", len(runs))
        batch = _ffi.new("struct batch *")
        batch.runs, batch.count = table, len(runs)
        batch.protect = self._protect
        batch.fd, batch.segments = self._port.fd, self._port.gso
        kept: list[Any] = [batch, table]
        for entry, run in zip(table, runs, strict=True):
            packets = _ffi.new("struct packet[]", len(run.packets))
            kept.append(packets)
            entry.packets, entry.count, entry.size = packets, len(run.packets), run.size
            for each, packet in zip(packets, run.packets, strict=True):
                payload = _ffi.from_buffer("uint8_t[]", packet.payload)
                kept.append(payload)
                each.payload = payload
                each.timestamp = packet.timestamp
                each.size = len(packet.payload)
                each.sequence = packet.sequence
                each.first = packet.first_byte
                each.marker = packet.marker
        return tuple(kept)


def _target(rewriting: Rewriting) -> Any:
    """How a viewer's packets are written, as C reads it; None while it is not secured."""
    session, address = rewriting.session, rewriting.address
    if session is None or address is None or isinstance(address, Connection):
        return None
    packed = _packed(address)
    target = _ffi.new("struct target *")
    target.session = _ffi.cast("void *", srtp.handle_address(session))
    target.ssrc = rewriting.ssrc
    target.timestamp_offset = rewriting.timestamp_offset & 0xFFFFFFFF
    target.sequence_offset = rewriting.sequence_offset & 0xFFFF
    target.payload_type = rewriting.payload_type
    target.overhead = rewriting.overhead
    target.extension_size = rewriting.extensions.size
    target.address_size = len(packed)
    target.address[0 : len(packed)] = packed
    return target


def _packed(address: UdpAddress) -> bytes:
    """A socket address as the kernel takes it (struct sockaddr_in or sockaddr_in6)."""
    host, port = address[0].partition("%")[0], address[1]
    if len(address) == 2:
        family = struct.pack("=H", socket.AF_INET)
        return family + struct.pack("!H", port) + socket.inet_pton(socket.AF_INET, host) + bytes(8)
    flow, scope = address[2], address[3]
    return (
        struct.pack("=H", socket.AF_INET6)
        + struct.pack("!HI", port, flow)
        + socket.inet_pton(socket.AF_INET6, host)
        + struct.pack("=I", scope)
    )
