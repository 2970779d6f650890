"""SRTP in place: libsrtp called through pylibsrtp's own binding, without its copies.

`Session.protect` copies each packet in and out (280–317 k/s measured); `srtp_protect` on the buffer
that is sent does 608–664 k/s. Names of pylibsrtp 1.0 that are not public: `_binding.ffi`,
`_binding.lib`, `Session._srtp`; tests/contract/test_aiortc_hooks.py holds them.
"""

from typing import Any, Final

import pylibsrtp
from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found] # a compiled module

from live.media.dtls import SrtpKeys

OK: Final[int] = lib.srtp_err_status_ok

RECEIVE_WINDOW: Final = 1024
"""Packets a late one may be behind the newest and still be taken; replays are refused within it."""

REPEAT_WINDOW: Final = 1024
"""How far back a packet can be sent again under its own number (a viewer without RTX)."""

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


def sending_session(keys: SrtpKeys, ssrcs: tuple[int, ...], window: int) -> Session:
    """A session that protects `ssrcs` only: streams by name spare libsrtp a search (3–5 %)."""
    session = Session()
    for ssrc in ssrcs:
        policy = Policy(
            key=keys.sending,
            ssrc_type=Policy.SSRC_SPECIFIC,
            ssrc_value=ssrc,
            srtp_profile=keys.profile,
        )
        policy.allow_repeat_tx = True
        policy.window_size = window
        session.add_stream(policy)
    return session


def receiving_session(keys: SrtpKeys) -> Session:
    """A session that takes any stream of the peer, each packet once."""
    policy = Policy(
        key=keys.receiving, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=keys.profile
    )
    policy.window_size = RECEIVE_WINDOW
    return Session(policy)


def handle(session: Session) -> Any:
    """The `srtp_t` that the functions of libsrtp take."""
    return session._srtp[0]  # noqa: SLF001 -- see above


def handle_address(session: Session) -> int:
    """Where the `srtp_t` is in memory, for C."""
    return int(ffi.cast("uintptr_t", handle(session)))


def protect_address() -> int:
    """Where `srtp_protect` is in memory, for C."""
    return int(ffi.cast("uintptr_t", ffi.addressof(lib, "srtp_protect")))


def unprotect(session: Session, datagram: bytes, arena: Arena) -> bytes | None:
    """The RTP packet inside, or None for a forgery or a replay."""
    return _in_place(lib.srtp_unprotect, session, datagram, arena)


def unprotect_rtcp(session: Session, datagram: bytes, arena: Arena) -> bytes | None:
    """The RTCP packets inside, or None for a forgery or a replay."""
    return _in_place(lib.srtp_unprotect_rtcp, session, datagram, arena)


def protect_rtcp(session: Session, packets: bytes) -> bytes | None:
    """Protected RTCP packets; None if the first one's sender is not a stream of this session."""
    if len(packets) > 1500 - _TRAILER_ROOM:
        return None
    try:
        return session.protect_rtcp(packets)
    except pylibsrtp.Error:
        return None


def _in_place(function: Any, session: Session, datagram: bytes, arena: Arena) -> bytes | None:
    size = len(datagram)
    arena.view[:size] = datagram
    arena.length[0] = size
    if function(handle(session), arena.pointer, arena.length) != OK:
        return None
    return bytes(arena.view[: arena.length[0]])
