"""Questions and answers between nodes, over a bus that only publishes."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from typing import Final, Literal, Protocol

import msgspec

from live.ports.bus import Responder, Unanswered

logger = logging.getLogger(__name__)

MOST_AT_ONCE: Final = 4_096
"""Questions of other nodes that are being worked on; further ones are not taken."""


class Letter(msgspec.Struct, array_like=True, frozen=True):
    """What lies in a node's inbox. ``number`` pairs an answer with its question."""

    kind: Literal["question", "answer", "failure"]
    number: int
    sender: str
    subject: str
    payload: bytes


class Post(Protocol):
    """Puts a letter into a node's inbox; ``lost`` is called where it turns out that it will not be
    read: nobody empties that inbox, or too much waits to be sent."""

    def __call__(
        self, node: str, letter: bytes, lost: Callable[[], None] | None = None
    ) -> None: ...


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Letter)


class Questions:
    """One node's correspondence. What arrives in this node's own inbox is given to ``deliver``."""

    def __init__(self, node: str, post: Post) -> None:
        self._node = node
        self._post = post
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._responders: dict[str, Responder] = {}
        self._working: set[asyncio.Task[None]] = set()

    def answer(self, subject: str, responder: Responder) -> None:
        """Have ``responder`` answer what is asked about ``subject``."""
        self._responders[subject] = responder

    async def ask(self, node: str, subject: str, payload: bytes, within_s: float) -> bytes:
        """The other node's answer; raises ``Unanswered``."""
        number = next(self._numbers)
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        letter = Letter("question", number, self._node, subject, payload)

        def lost() -> None:
            if not future.done():
                future.set_exception(Unanswered(f"Node {node} could not be asked."))

        try:
            self._post(node, _ENCODER.encode(letter), lost)
            async with asyncio.timeout(within_s):
                return await future
        except TimeoutError:
            raise Unanswered(f"Node {node} did not answer within {within_s:g} s.") from None
        finally:
            del self._waiting[number]

    def deliver(self, payload: bytes) -> None:
        """Take a letter out of this node's inbox. What cannot be read is dropped."""
        try:
            letter = _DECODER.decode(payload)
        except msgspec.MsgspecError:
            logger.warning("a letter could not be read (%d bytes)", len(payload))
            return
        if letter.kind == "question":
            self._take(letter)
            return
        waiting = self._waiting.get(letter.number)
        if waiting is None or waiting.done():
            return
        if letter.kind == "answer":
            waiting.set_result(letter.payload)
        else:
            waiting.set_exception(Unanswered(f"Node {letter.sender} could not answer."))

    def give_up(self) -> None:
        """Nobody can answer any more: the bus is lost."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(Unanswered("The bus is lost."))

    async def close(self) -> None:
        """Drop what is being worked on."""
        self.give_up()
        for task in self._working:
            task.cancel()
        if self._working:
            await asyncio.wait(self._working)

    def _take(self, letter: Letter) -> None:
        responder = self._responders.get(letter.subject)
        if responder is None or len(self._working) >= MOST_AT_ONCE:
            self._reply(letter, "failure", b"")
            return
        task = asyncio.get_running_loop().create_task(self._work(letter, responder))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _work(self, letter: Letter, responder: Responder) -> None:
        try:
            answer = await responder(letter.payload)
        except Exception:
            logger.exception("a question could not be answered: %s", letter.subject)
            self._reply(letter, "failure", b"")
        else:
            self._reply(letter, "answer", answer)

    def _reply(self, letter: Letter, kind: Literal["answer", "failure"], payload: bytes) -> None:
        reply = Letter(kind, letter.number, self._node, letter.subject, payload)
        self._post(letter.sender, _ENCODER.encode(reply))
