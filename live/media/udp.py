"""The one UDP socket of all legs: opening it, draining it, and sending a frame's packets in one
call.
"""

import asyncio
import errno
import logging
import socket
import struct
from collections.abc import Callable
from typing import Final

from live.media.tcp import Connection
from live.ports.media import MediaStartError

log = logging.getLogger(__name__)

UdpAddress = tuple[str, int] | tuple[str, int, int, int]
"""A socket address as the kernel gives it; IPv4 peers of the dual-stack socket are
`::ffff:a.b.c.d`.
"""

Address = UdpAddress | Connection
"""Where a peer is, or the connection by which it came instead."""

Control = tuple[tuple[int, int, bytes]]
"""Ancillary data of one send."""

Receive = Callable[[bytes, Address], None]

DATAGRAM_LIMIT: Final = 2048
"""Bytes read of one datagram: every packet of ours fits an Ethernet frame, longer ones are not
ours.
"""

DRAIN_LIMIT: Final = 128
"""Datagrams taken per wake-up, so that a flood cannot keep timers and commands waiting."""

SOCKET_BUFFER_BYTES: Final = 4 << 20
"""Asked of the kernel for each direction; it grants what net.core.*mem_max allows."""

# <linux/udp.h>; Python 3.11 has no names for them.
SOL_UDP: Final = 17
UDP_SEGMENT: Final = 103

SEGMENTS_LIMIT: Final = 64
"""Segments of one GSO send: UDP_MAX_SEGMENTS of older kernels (newer ones take 128)."""

GSO_BYTES_LIMIT: Final = 65_000
"""Bytes of one GSO send: below the 65,535 of a UDP length field, headers included."""

_SEGMENT_SIZE = struct.Struct("=H")


class UdpPort:
    """An open UDP port that hands each datagram to `receive`, in the order of arrival."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._receive: Receive | None = None
        self.gso = _kernel_segments(sock)
        self.datagrams_dropped = 0

    @classmethod
    def open(cls, port: int) -> "UdpPort":
        """Bind `port` on every address of the machine, IPv4 and IPv6; raises `MediaStartError`."""
        try:
            sock = _bind(port)
        except OSError as error:
            raise _cannot_bind(port, error) from error
        sock.setblocking(False)  # noqa: FBT003 -- the socket module's own signature
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER_BYTES)
        return cls(sock)

    @property
    def number(self) -> int:
        """The port's true number, also when 0 was asked for."""
        port: int = self._sock.getsockname()[1]
        return port

    @property
    def fd(self) -> int:
        """The socket's descriptor, for a writer in C."""
        return self._sock.fileno()

    @property
    def dual_stack(self) -> bool:
        """Whether IPv6 peers can reach it too."""
        return self._sock.family == socket.AF_INET6

    def listen(self, receive: Receive) -> None:
        """Begin to hand datagrams to `receive`, in the running loop."""
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._sock, self._drain)

    def close(self) -> None:
        """Free the port. Idempotent."""
        if self._loop is not None:
            self._loop.remove_reader(self._sock)
            self._loop = None
        self._sock.close()

    def send(self, datagram: bytes, address: Address) -> bool:
        """Send one datagram; False if the kernel would not take it now (it is dropped, as UDP
        may).
        """
        if isinstance(address, Connection):
            return self._counted(address.send(datagram), 1)
        try:
            self._sock.sendto(datagram, address)
        except OSError as error:
            self._note_drop(error, 1)
            return False
        return True

    @staticmethod
    def control(segment: int) -> Control:
        """What tells the kernel to cut a send into datagrams of `segment` bytes."""
        return ((SOL_UDP, UDP_SEGMENT, _SEGMENT_SIZE.pack(segment)),)

    def send_segments(
        self, buffers: list[memoryview], control: Control, count: int, address: Address
    ) -> bool:
        """Send one buffer as `count` datagrams that `control` cuts, the last one what is left;
        False if dropped.

        One system call where the kernel segments (UDP GSO), else one per datagram. A run is dropped
        as a whole rather than making the loop wait: its receiver asks again for what it misses.
        """
        if count == 1:
            return self.send_one(buffers[0], address)
        if isinstance(address, Connection):
            segment = _SEGMENT_SIZE.unpack(control[0][2])[0]
            return self._counted(address.send_segments(buffers[0], segment), count)
        if self.gso:
            try:
                self._sock.sendmsg(buffers, control, 0, address)
            except BlockingIOError as error:
                self._note_drop(error, count)
                return False
            except OSError as error:
                self.note_refusal(error)
            else:
                return True
        data = buffers[0]
        segment = _SEGMENT_SIZE.unpack(control[0][2])[0]
        sent = True
        for start in range(0, len(data), segment):
            sent = self.send_one(data[start : start + segment], address) and sent
        return sent

    def note_refusal(self, error: OSError) -> None:
        """Learn from a segmented send that failed whether all will."""
        if error.errno == errno.EIO:
            # The device cannot checksum segments: true for every later send as well.
            log.warning("UDP segmentation is not possible on this network device")
            self.gso = False

    def send_one(self, data: memoryview, address: Address) -> bool:
        """Like `send`, for a view of a buffer."""
        if isinstance(address, Connection):
            return self._counted(address.send(data), 1)
        try:
            self._sock.sendto(data, address)
        except OSError as error:
            self._note_drop(error, 1)
            return False
        return True

    def _counted(self, sent: bool, count: int) -> bool:  # noqa: FBT001 -- what came of a send
        if not sent:
            self.datagrams_dropped += count
        return sent

    def _note_drop(self, error: OSError, count: int) -> None:
        self.datagrams_dropped += count
        if not isinstance(error, BlockingIOError):
            log.debug("datagram not sent: %s", error)

    def _drain(self) -> None:
        receive = self._receive
        if receive is None:
            return
        recvfrom = self._sock.recvfrom
        for _ in range(DRAIN_LIMIT):
            try:
                datagram, address = recvfrom(DATAGRAM_LIMIT)
            except BlockingIOError:
                return
            except OSError as error:
                # An ICMP error of an earlier send is reported here: it concerns one peer.
                log.debug("receive: %s", error)
                continue
            receive(datagram, address)


def _bind(port: int) -> socket.socket:
    if socket.has_ipv6:
        try:
            sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        except OSError:
            pass  # the kernel has no IPv6: IPv4 alone is all there is
        else:
            try:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                sock.bind(("::", port))
            except OSError as error:
                sock.close()
                if error.errno != errno.EADDRNOTAVAIL:  # IPv6 is compiled in but switched off
                    raise
            else:
                return sock
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.bind(("0.0.0.0", port))  # noqa: S104 -- viewers come from anywhere
    except OSError:
        sock.close()
        raise
    return sock


def _cannot_bind(port: int, error: OSError) -> MediaStartError:
    if error.errno == errno.EADDRINUSE:
        remedy = "this UDP port is in use by another program; stop that one or choose another port"
    elif error.errno == errno.EACCES:
        remedy = "this UDP port needs privileges; choose one above 1023"
    else:
        remedy = f"this UDP port cannot be opened ({error.strerror}); choose another port"
    return MediaStartError("CAUSERIE_UDP_PORT", str(port), remedy)


def _kernel_segments(sock: socket.socket) -> bool:
    try:
        sock.getsockopt(SOL_UDP, UDP_SEGMENT)
    except OSError:
        return False
    return True
