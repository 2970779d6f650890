"""HLS where there are several nodes: the one that has a session's picture has its pieces.

Playlists are asked for there each time; a piece is fetched once by every node whose viewers want
it, and kept for as long as playlists name it. Its name begins with its node's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import msgspec

from live.media.hls.desk import HlsDesk
from live.ports.bus import Bus, Unanswered
from live.ports.hls import HlsRequest, HlsStanding
from live.ports.media_refusals import MediaRefusal
from live.ports.store import StoreUnavailable

SUBJECT: Final = "hls"
ANSWER_S: Final = 7.0
KEPT_BYTES_MOST: Final = 64_000_000
KEPT_S: Final = 30.0
"""No playlist names a piece any more that is older."""

_AWAY: Final = MediaRefusal(
    "overloaded", "The node that has this session's picture does not answer.", retry_after_s=2
)

Keeper = Callable[[str], Awaitable[str | None]]


class _Ask(msgspec.Struct, array_like=True, frozen=True):
    """One call, with what it needs."""

    playlist: HlsRequest | None = None
    standing: str | None = None
    piece: str | None = None


class _Reply(msgspec.Struct, array_like=True, frozen=True):
    """What came of it: at most one of these."""

    playlist: str | None = None
    refusal: MediaRefusal | None = None
    standing: HlsStanding | None = None
    piece: bytes | None = None


_ENCODER: Final = msgspec.msgpack.Encoder()
_ASKS: Final = msgspec.msgpack.Decoder(_Ask)
_REPLIES: Final = msgspec.msgpack.Decoder(_Reply)


class SharedHls:
    """`HlsSource` over this node's own; `keeper` tells which node has a session's picture."""

    def __init__(self, desk: HlsDesk, bus: Bus, keeper: Keeper) -> None:
        self._desk = desk
        self._bus = bus
        self._keeper = keeper
        self._kept: dict[str, bytes] = {}
        self._coming: dict[str, asyncio.Task[bytes | None]] = {}
        self._clearances = 0
        desk.when_gone = self._clear
        bus.answer(SUBJECT, self._answer)

    async def standing(self, session_id: str) -> HlsStanding:
        """See `HlsSource.standing`."""
        reply = await self._ask(await self._node(session_id), _Ask(standing=session_id))
        found = None if reply is None else reply.standing
        return found or HlsStanding(picture=False, sound=False, lack="not_publishing")

    async def playlist(self, request: HlsRequest) -> str | MediaRefusal:
        """See `HlsSource.playlist`."""
        node = await self._node(request.session_id)
        named = replace(request, prefix=f"{request.prefix}{node}-")
        reply = await self._ask(node, _Ask(playlist=named))
        return _AWAY if reply is None else reply.playlist or reply.refusal or _AWAY

    async def piece(self, name: str) -> bytes | None:
        """See `HlsSource.piece`."""
        node, _, own = name.partition("-")
        if node == self._bus.node:
            return await self._desk.piece(own)
        kept = self._kept.get(name)
        if kept is not None:
            return kept
        coming = self._coming.get(name)
        if coming is None:
            coming = self._coming[name] = asyncio.create_task(
                self._fetch(node, own, name, self._clearances)
            )
            coming.add_done_callback(lambda _: self._coming.pop(name, None))
        # One who goes must not take it from the others.
        return await asyncio.shield(coming)

    def _clear(self) -> None:
        self._clearances += 1
        self._kept.clear()

    async def _fetch(self, node: str, own: str, name: str, before: int) -> bytes | None:
        reply = await self._ask(node, _Ask(piece=own))
        piece = None if reply is None or before != self._clearances else reply.piece
        if piece is not None:
            self._kept[name] = piece
            asyncio.get_running_loop().call_later(KEPT_S, self._kept.pop, name, None)
            while sum(map(len, self._kept.values())) > KEPT_BYTES_MOST:
                del self._kept[next(iter(self._kept))]
        return piece

    async def _node(self, session_id: str) -> str:
        try:
            return await self._keeper(session_id) or self._bus.node
        except StoreUnavailable:
            return self._bus.node

    async def _ask(self, node: str, ask: _Ask) -> _Reply | None:
        if node == self._bus.node:
            return await self._perform(ask)
        try:
            payload = await self._bus.ask(node, SUBJECT, _ENCODER.encode(ask), within_s=ANSWER_S)
        except Unanswered:
            return None
        return _REPLIES.decode(payload)

    async def _answer(self, payload: bytes) -> bytes:
        return _ENCODER.encode(await self._perform(_ASKS.decode(payload)))

    async def _perform(self, ask: _Ask) -> _Reply:
        if ask.standing is not None:
            return _Reply(standing=await self._desk.standing(ask.standing))
        if ask.piece is not None:
            return _Reply(piece=await self._desk.piece(ask.piece))
        if ask.playlist is None:
            return _Reply()
        outcome = await self._desk.playlist(ask.playlist)
        if isinstance(outcome, MediaRefusal):
            return _Reply(refusal=outcome)
        return _Reply(playlist=outcome)
