"""The forwarder's inner loop in C, where it was built; `live.media.writing` does the same without.

The library is made from `accelerator.c` by the build, next to this file (frontend/build_hook.py).
"""

import os
import socket
import struct
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from cffi import FFI

from live import native
from live.media import srtp
from live.media.extensions import Extensions
from live.media.packets import Packet, Runs
from live.media.tcp import Connection
from live.media.udp import UdpAddress, UdpPort
from live.media.vp8 import Descriptor
from live.media.writing import Crowd, Rewriting, Writer

LIBRARY: Final = Path(__file__).with_name("libaccelerator.so")
VERSION: Final = 3
"""Of the layouts below: that of the library must be the same."""

_ffi: Final = FFI()
_ffi.cdef("""
    struct target {
        void *session; uint64_t packets; uint64_t octets; uint64_t dropped;
        uint32_t ssrc; uint32_t timestamp_offset; uint16_t sequence_offset; uint16_t pictures;
        uint8_t levels; uint8_t payload_type; uint8_t overhead; uint8_t timed;
        uint8_t extension_size; uint8_t address_size; uint8_t address[28]; uint8_t extension[64];
    };
    struct outbox {
        void *protect; int32_t fd; int32_t segments; int32_t refusal; uint32_t dropped;
    };
    int causerie_version(void);
    uint32_t causerie_outbox_bytes(void);
    void causerie_send(struct target *const *targets, uint32_t target_count, const char *frame,
                       uint32_t count, uint32_t size, struct outbox *outbox, uint32_t time);
""")

_PACKET: Final = struct.Struct("=IIHHBBBBBBxx")
"""`struct packet`."""

_NO_DESCRIPTOR: Final = Descriptor(
    starts_frame=False,
    keyframe=False,
    height=None,
    layer=0,
    is_sync=False,
    picture_at=0,
    wide=False,
    level_at=0,
)


class Accelerator(native.Native):
    """The loaded library, or why there is none."""

    __slots__ = ()

    def writer(self, port: UdpPort, arena: srtp.Arena) -> Writer:
        """A writer for `port`, the fastest there is."""
        return FastWriter(port, arena, self.library) if self.runs else Writer(port, arena)


def load(*, wanted: bool = True, path: Path = LIBRARY) -> Accelerator:
    """The accelerator, if it is there and fits; never an error."""
    found = native.load(_ffi, path, VERSION, wanted=wanted, does="packets are written and sent")
    return Accelerator(found.library, found.reason)


class FastWriter(Writer):
    """A `Writer` whose loops, over viewers and over packets, run in C: one call for a frame."""

    def __init__(self, port: UdpPort, arena: srtp.Arena, library: Any) -> None:
        super().__init__(port, arena)
        self._send = library.causerie_send
        # Of words, so that it begins where C wants its own to begin.
        self._memory = _ffi.new("uint64_t[]", library.causerie_outbox_bytes() // 8 + 1)
        self._outbox = _ffi.cast("struct outbox *", self._memory)
        self._outbox.protect = _ffi.cast("void *", srtp.protect_address())
        self._outbox.fd = port.fd

    def rewriting(self, ssrc: int, extensions: Extensions) -> Rewriting:
        """See `Writer.rewriting`; C counts in its own memory."""
        return Rewriting(ssrc, extensions, counts=_ffi.new("struct target *"))

    def send(self, crowd: Crowd, runs: Runs, now: float) -> None:
        """See `Writer.send`."""
        table = crowd.table
        if table is None:
            table = crowd.table = _table(crowd)
        if table.by_connection.rewritings:
            super().send(table.by_connection, runs, now)
        frame = runs.prepared.get("frame")
        if frame is None:
            frame = runs.prepared["frame"] = _frame(runs)
        outbox, port = self._outbox, self._port
        outbox.segments = port.gso
        self._send(
            table.targets,
            table.count,
            frame,
            runs.packet_count,
            len(frame),
            outbox,
            int(now * (1 << 18)) & 0xFFFFFF,
        )
        port.datagrams_dropped += outbox.dropped
        if outbox.refusal:
            port.note_refusal(OSError(outbox.refusal, os.strerror(outbox.refusal)))


def _frame(runs: Runs) -> bytes:
    """Runs as C reads them: a row of `struct packet`, then their payloads."""
    packets = [packet for run in runs for packet in run.packets]
    ends = set(accumulate(len(run.packets) for run in runs))
    parts: list[bytes] = []
    at = 0
    for place, packet in enumerate(packets, 1):
        parts.append(_row(packet, at, ends_run=place in ends))
        at += len(packet.payload)
    parts += [packet.payload for packet in packets]
    return b"".join(parts)


def _row(packet: Packet, at: int, *, ends_run: bool) -> bytes:
    descriptor = packet.descriptor or _NO_DESCRIPTOR
    return _PACKET.pack(
        at,
        packet.timestamp,
        len(packet.payload),
        packet.sequence,
        packet.first_byte,
        packet.marker,
        ends_run,
        descriptor.picture_at,
        descriptor.wide,
        descriptor.level_at,
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """A crowd as C reads it."""

    targets: Any
    count: int
    alive: tuple[Any, ...]
    """What C points to."""
    by_connection: Crowd
    """Those who are not reached by datagrams: C does not know their way."""


def _table(crowd: Crowd) -> _Table:
    secured: list[Rewriting] = []
    others: list[Rewriting] = []
    for each in crowd.rewritings:
        if isinstance(each.address, Connection):
            others.append(each)
        elif each.session is not None and each.address is not None:
            _fill(each, each.session, each.address)
            secured.append(each)
    targets = _ffi.new("struct target *[]", [each.counts for each in secured])
    alive = tuple((each.counts, each.session) for each in secured)
    return _Table(targets, len(secured), alive, Crowd(tuple(others)))


def _fill(rewriting: Rewriting, session: srtp.Session, address: UdpAddress) -> None:
    """Tell C how a viewer's packets are written; what it counted stays."""
    target = rewriting.counts
    packed = _packed(address)
    extensions = rewriting.extensions
    target.session = _ffi.cast("void *", srtp.handle_address(session))
    target.ssrc = rewriting.ssrc
    target.timestamp_offset = rewriting.timestamp_offset & 0xFFFFFFFF
    target.sequence_offset = rewriting.sequence_offset & 0xFFFF
    target.pictures = rewriting.pictures & 0xFFFF
    target.levels = rewriting.levels & 0xFF
    target.payload_type = rewriting.payload_type
    target.overhead = rewriting.overhead
    target.timed = extensions.timed
    target.extension_size = extensions.size
    target.extension[0 : extensions.size] = extensions.at(0.0)
    target.address_size = len(packed)
    target.address[0 : len(packed)] = packed


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
