"""A connection between two media processes: words with their length before them, in order, none
lost while it lasts.
"""

import asyncio
import logging
import struct
from collections.abc import Callable
from typing import Final, Generic, TypeVar

import msgspec

from live.media.relay.words import ENCODER, Word

log = logging.getLogger(__name__)

WORD_LIMIT_BYTES: Final = 1 << 20
"""Several times a replayed group of pictures; a longer word means the stream is out of step."""

UNREAD_LIMIT_BYTES: Final = 1 << 20
"""About 5 s of a stream. A process so far behind gets no more packets until it has read some: its
viewers heal by a keyframe, and nobody else waits.
"""

_LENGTH = struct.Struct("!I")

Heard = TypeVar("Heard")


class Link(asyncio.Protocol, Generic[Heard]):
    """One end of a connection. `heard` gets each word, `lost` is called once, at the end."""

    def __init__(
        self,
        words: msgspec.msgpack.Decoder[Heard],
        heard: Callable[["Link[Heard]", Heard], None],
        *,
        made: Callable[["Link[Heard]"], None],
        lost: Callable[["Link[Heard]"], None],
    ) -> None:
        self._words = words
        self._heard = heard
        self._made = made
        self._lost = lost
        self._buffer = bytearray()
        self._transport: asyncio.WriteTransport | None = None

    @property
    def behind(self) -> bool:
        """Whether the other side has not read for so long that packets should be left out."""
        transport = self._transport
        return transport is None or transport.get_write_buffer_size() > UNREAD_LIMIT_BYTES

    def send(self, word: Word) -> None:
        """Say it; nothing happens once the connection is gone."""
        if self._transport is not None:
            data = ENCODER.encode(word)
            self._transport.write(_LENGTH.pack(len(data)) + data)

    def close(self) -> None:
        """End the connection at once. Idempotent."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport
        self._made(self)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        buffer = self._buffer
        buffer += data
        at = 0
        try:
            while len(buffer) - at >= _LENGTH.size:
                (size,) = _LENGTH.unpack_from(buffer, at)
                if size > WORD_LIMIT_BYTES:
                    raise msgspec.ValidationError(f"a word of {size} bytes")
                end = at + _LENGTH.size + size
                if len(buffer) < end:
                    break
                word = self._words.decode(bytes(buffer[at + _LENGTH.size : end]))
                at = end
                self._heard(self, word)
        except msgspec.MsgspecError:
            log.exception("another media process cannot be understood")
            self.close()
        del buffer[:at]

    def connection_lost(self, _error: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._transport = None
        self._lost(self)
