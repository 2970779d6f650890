"""SRTP in place: libsrtp called through pylibsrtp's own binding, without its copies.

`Session.protect` copies each packet in and out (280–317 k/s measured); `srtp_protect` on the buffer
that is sent does 608–664 k/s. Names of pylibsrtp 1.0 that are not public: `_binding.ffi`,
`_binding.lib`, `Policy._policy`; tests/contract/test_aiortc_hooks.py holds them.
"""

from typing import Any, Final

import pylibsrtp
from pylibsrtp import Policy
from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found] # a compiled module

from live.media.dtls import SrtpKeys

OK: Final[int] = lib.srtp_err_status_ok

RECEIVE_WINDOW: Final = 1024
"""Packets a late one may be behind the newest and still be taken; replays are refused within it."""

REPEAT_WINDOW: Final = 512
"""How far back a packet can be sent again under its own number (a viewer without RTX): more than a
second of the highest rate. libsrtp moves the whole window, bit by bit, with every packet.
"""

STREAMS_LIMIT: Final = 64
"""Names under which a peer may send; a browser that publishes in layers uses seven."""

SEND_WINDOW: Final = 128
"""Enough where retransmissions have a stream of their own: only the publisher's reordering
counts.
"""

_GCM: Final = (Policy.SRTP_PROFILE_AEAD_AES_128_GCM, Policy.SRTP_PROFILE_AEAD_AES_256_GCM)
_TRAILER_ROOM: Final = 148  # SRTP_MAX_SRTCP_TRAILER_LEN
_ARENA_BYTES: Final = 1 << 17

protect: Final = lib.srtp_protect
"""`srtp_protect(session, pointer, length_pointer)`: for the forwarder's loop, which cannot
afford a method.
"""


class Arena:
    """The buffer in which packets are written, protected and sent; one a process, used within
    one call.
    """

    def __init__(self) -> None:
        self.pointer: Any = ffi.new("unsigned char[]", _ARENA_BYTES)
        self.view = memoryview(ffi.buffer(self.pointer))
        self.length: Any = ffi.new("int *")


def overhead(profile: int) -> int:
    """Bytes that protection adds to an RTP packet."""
    return 16 if profile in _GCM else 10


class Session:
    """libsrtp's state for one direction of a leg; `handle` is the `srtp_t` its functions take."""

    __slots__ = ("handle",)

    def __init__(self, policy: Policy) -> None:
        made = ffi.new("srtp_t *")
        status = lib.srtp_create(made, policy._policy)  # noqa: SLF001 -- see above
        if status != OK:
            raise pylibsrtp.Error(f"no session: status {status}")
        self.handle: Any = ffi.gc(made[0], lib.srtp_dealloc)


def sending_session(keys: SrtpKeys, window: int) -> Session:
    """A session that protects whatever stream of ours is sent.

    All share its ciphers (2.5 KB), and a stream that never sends costs nothing: a viewer's page has
    twelve, of which two are used in most shows.
    """
    policy = Policy(key=keys.sending, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=keys.profile)
    policy.allow_repeat_tx = True
    policy.window_size = window
    return Session(policy)


class Receiving:
    """Takes what a peer sends, each packet once, of `STREAMS_LIMIT` streams at the most: libsrtp
    keeps a stream for every name that it ever saw, and looks through all of them for each packet.
    """

    __slots__ = ("_session", "_streams")

    def __init__(self, keys: SrtpKeys) -> None:
        policy = Policy(
            key=keys.receiving, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=keys.profile
        )
        policy.window_size = RECEIVE_WINDOW
        self._session = Session(policy)
        self._streams: set[bytes] = set()

    def rtp(self, datagram: bytes, arena: Arena) -> bytes | None:
        """The RTP packet inside, or None for a forgery, a replay or one stream too many."""
        return self._opened(lib.srtp_unprotect, datagram, datagram[8:12], arena)

    def rtcp(self, datagram: bytes, arena: Arena) -> bytes | None:
        """The RTCP packets inside, or None as for RTP."""
        return self._opened(lib.srtp_unprotect_rtcp, datagram, datagram[4:8], arena)

    def _opened(self, function: Any, datagram: bytes, ssrc: bytes, arena: Arena) -> bytes | None:
        if ssrc not in self._streams and len(self._streams) >= STREAMS_LIMIT:
            return None
        plain = _in_place(function, self._session, datagram, arena)
        if plain is not None:
            self._streams.add(ssrc)
        return plain


def handle_address(session: Session) -> int:
    """Where the `srtp_t` is in memory, for C."""
    return int(ffi.cast("uintptr_t", session.handle))


def protect_address() -> int:
    """Where `srtp_protect` is in memory, for C."""
    return int(ffi.cast("uintptr_t", ffi.addressof(lib, "srtp_protect")))


def protect_rtcp(session: Session, packets: bytes, arena: Arena) -> bytes | None:
    """Protected RTCP packets; None for what cannot be."""
    if len(packets) > 1500 - _TRAILER_ROOM:
        return None
    return _in_place(lib.srtp_protect_rtcp, session, packets, arena)


def _in_place(function: Any, session: Session, datagram: bytes, arena: Arena) -> bytes | None:
    size = len(datagram)
    arena.view[:size] = datagram
    arena.length[0] = size
    if function(session.handle, arena.pointer, arena.length) != OK:
        return None
    return bytes(arena.view[: arena.length[0]])
