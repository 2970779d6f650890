"""RFC 6455's opening handshake as a server answers it: a request's head in, our part of it out.

The request was parsed and found to ask for an upgrade before it comes here. What every browser of a
kind asks for in the same words is worked out once.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from websockets.datastructures import Headers as WebSocketHeaders
from websockets.exceptions import InvalidHandshake
from websockets.extensions.permessage_deflate import (
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.server import ServerProtocol

RawHeaders = list[tuple[bytes, bytes]]

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY: Final = re.compile(rb"[A-Za-z0-9+/]{22}==")
_VERSION: Final = b"13"
_WINDOW_BITS: Final = 15


class Refused(Exception):
    """The request begins no WebSocket; ``status`` is that of the HTTP answer, with a header more
    where the client should know something."""

    def __init__(self, status: int, why: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(why)
        self.status = status
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Compression:
    """What was agreed on: the response's header, or None; whether messages of the client may be
    compressed, and ours for it."""

    header: bytes | None
    inflates: bool
    compresses: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A head as it was parsed: ``target`` is path and query as they were sent, names of headers are
    in small letters."""

    method: bytes
    target: bytes
    headers: RawHeaders

    def all_of(self, name: bytes) -> list[bytes]:
        """The values of a header, in their order."""
        return [value for key, value in self.headers if key == name]


def agree(request: Request) -> tuple[bytes, Compression]:
    """The value of ``Sec-WebSocket-Accept``, and what is compressed. Raises ``Refused``."""
    if request.method != b"GET":
        raise Refused(405, "a WebSocket begins with GET", (b"allow", b"GET"))
    if request.all_of(b"sec-websocket-version") != [_VERSION]:
        raise Refused(426, "the version is 13", (b"sec-websocket-version", _VERSION))
    keys = request.all_of(b"sec-websocket-key")
    if len(keys) != 1 or _KEY.fullmatch(keys[0]) is None:
        raise Refused(400, "Sec-WebSocket-Key is 16 bytes in Base64")
    offers = b", ".join(request.all_of(b"sec-websocket-extensions"))
    try:
        compression = _compression(offers)
    except (InvalidHandshake, UnicodeDecodeError):
        raise Refused(400, "Sec-WebSocket-Extensions cannot be read") from None
    digest = hashlib.sha1(keys[0] + _GUID, usedforsecurity=False).digest()
    return binascii.b2a_base64(digest, newline=False), compression


@lru_cache(maxsize=64)
def _compression(offers: bytes) -> Compression:
    """permessage-deflate without a context kept on either side, where it is offered."""
    if not offers:
        return Compression(None, inflates=False, compresses=False)
    factory = ServerPerMessageDeflateFactory(
        server_no_context_takeover=True, client_no_context_takeover=True
    )
    headers = WebSocketHeaders({"Sec-WebSocket-Extensions": offers.decode("ascii")})
    answer, agreed = ServerProtocol(extensions=[factory]).process_extensions(headers)
    deflate = [each for each in agreed if isinstance(each, PerMessageDeflate)]
    return Compression(
        None if answer is None else answer.encode(),
        inflates=bool(deflate),
        compresses=any(each.local_max_window_bits == _WINDOW_BITS for each in deflate),
    )
