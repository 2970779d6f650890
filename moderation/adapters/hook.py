"""Asks a service of the operator's own about a line: one HTTP POST, with a deadline.

The request is ``{"text", "kind", "language", "segment", "session", "author"}`` as JSON, without
names; ``X-Causerie-Signature`` is ``sha256=`` and the HMAC of the body under the shared secret. The
answer is ``{"verdict": "pass"}`` or ``{"verdict": "hold"}`` with status 200. Anything else (late,
long, redirected, another shape) counts as no answer: the line goes on without it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from typing import Final, Literal

import httpx
import msgspec

from live.ports.clock import Clock
from live.ports.gate import Candidate

log = logging.getLogger(__name__)

DEADLINE_S: Final = 0.1
"""With the ear's own deadline it leaves the room's 0.25 s some air."""
MOST_BYTES: Final = 4096
MOST_AT_ONCE: Final = 32
STRIKES: Final = 5
REST_S: Final = 30.0


class _Asked(msgspec.Struct, frozen=True):
    text: str
    kind: str
    language: str
    segment: str
    session: str
    author: str


class _Told(msgspec.Struct, frozen=True):
    verdict: Literal["pass", "hold"]


class HttpHook:
    """``Hook`` over HTTP. After ``STRIKES`` failures in a row it is left alone for ``REST_S``."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        secret: str = "",
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._url = url
        self._clock = clock
        self._secret = secret.encode()
        self._deadline_s = deadline_s
        self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False)
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)
        self._strikes = 0
        self._rests_until = 0.0
        self._skipped = 0

    @property
    def failing(self) -> bool:
        """Whether its last answer was none."""
        return self._strikes > 0

    @property
    def skipped(self) -> int:
        """Lines that went on without its answer."""
        return self._skipped

    async def wants_a_look(self, candidate: Candidate) -> bool | None:
        """Whether the service wants a person to see the line; None where it does not say."""
        if self._clock.monotonic() < self._rests_until or self._slots.locked():
            self._skipped += 1
            return None
        try:
            async with self._slots, asyncio.timeout(self._deadline_s):
                told = await self._ask(candidate)
        except (TimeoutError, httpx.HTTPError, ValueError, msgspec.MsgspecError) as error:
            self._skipped += 1
            self._struck(error)
            return None
        self._strikes = 0
        return told.verdict == "hold"

    async def close(self) -> None:
        """Let go of its connections."""
        await self._client.aclose()

    async def _ask(self, candidate: Candidate) -> _Told:
        body = msgspec.json.encode(
            _Asked(
                text=candidate.text,
                kind=candidate.kind,
                language=candidate.author_language,
                segment=candidate.author_segment,
                session=candidate.session_id,
                author=candidate.author_id,
            )
        )
        signature = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Causerie-Signature": f"sha256={signature}",
        }
        async with self._client.stream("POST", self._url, content=body, headers=headers) as reply:
            if reply.status_code != httpx.codes.OK:
                raise ValueError(f"status {reply.status_code}")
            told = b""
            async for part in reply.aiter_bytes():
                told += part
                if len(told) > MOST_BYTES:
                    raise ValueError("more than it was asked for")
        return msgspec.json.decode(told, type=_Told)

    def _struck(self, error: Exception) -> None:
        self._strikes += 1
        if self._strikes % STRIKES == 0:
            self._rests_until = self._clock.monotonic() + REST_S
            log.warning("The external check does not answer: %s", type(error).__name__)
