"""A Janus server's JSON API over one WebSocket: one session, its handles, and what happens there.

Janus forgets a session that says nothing for 60 s, and at once one whose connection is gone: with
it go all its peer connections. So the link says so, connects anew by itself, and begins from
nothing.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable
from typing import Any, Final

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException
from websockets.typing import Subprotocol

from live.media.handoff.place import JanusPlace

log = logging.getLogger(__name__)

CONNECT_S: Final = 4.0
ANSWER_S: Final = 4.0
"""How long Janus may take for an answer; the port's own is 6 s for a call, which may be two."""

KEEP_ALIVE_S: Final = 20.0
PING_S: Final = 5.0
"""A connection is asked whether it lives so often, and is given up after twice as long."""

AGAIN_S: Final = 1.0
MESSAGE_BYTES: Final = 1 << 20
WAITING_MOST: Final = 512
"""Questions that may be open at once."""


class JanusError(Exception):
    """Janus said no: `code` is its own, `str()` its reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class JanusAway(Exception):
    """Janus does not answer."""


class Jsep(msgspec.Struct, frozen=True, omit_defaults=True):
    """A session description, `offer` or `answer`. `rid_order`: how the layers of a picture stand
    in it, `lmh` or Janus' own expectation, the highest first.
    """

    type: str
    sdp: str
    rid_order: str = ""


class Port(msgspec.Struct, frozen=True):
    """Where a mountpoint listens for one stream."""

    mid: str
    port: int
    rtcp_port: int = 0


class Mountpoint(msgspec.Struct, frozen=True):
    """A mountpoint that was made."""

    id: int
    ports: list[Port] = []


class Forwarder(msgspec.Struct, frozen=True):
    """One stream that is forwarded."""

    stream_id: int


class PluginSaid(msgspec.Struct, frozen=True):
    """What a plugin says; the fields are those of different answers."""

    videoroom: str = ""
    id: int = 0
    error_code: int = 0
    error: str = ""
    stream: Mountpoint | None = None
    forwarders: list[Forwarder] = []


class _Plugged(msgspec.Struct, frozen=True):
    data: PluginSaid = PluginSaid()


class _Made(msgspec.Struct, frozen=True):
    id: int = 0


class _Refused(msgspec.Struct, frozen=True):
    code: int
    reason: str = ""


class Said(msgspec.Struct, frozen=True, rename={"ice_lite": "ice-lite"}):
    """One message of Janus; see https://janus.conf.meetecho.com/docs/rest.html for each."""

    janus: str
    transaction: str = ""
    sender: int = 0
    data: _Made = _Made()
    error: _Refused | None = None
    plugindata: _Plugged = _Plugged()
    jsep: Jsep | None = None
    mid: str = ""
    receiving: bool = False
    reason: str = ""
    version_string: str = ""
    api_secret: bool = False
    ice_lite: bool = False

    @property
    def plugin(self) -> PluginSaid:
        """What the plugin says in it."""
        return self.plugindata.data


_SAID: Final = msgspec.json.Decoder(Said)
Hearer = Callable[[Said], None]


class JanusLink:
    """The connection, kept. `up` and `down` are told each time it is there and gone."""

    def __init__(
        self, place: JanusPlace, *, up: Callable[[], None], down: Callable[[], None]
    ) -> None:
        self._place = place
        self._up = up
        self._down = down
        self._connection: ClientConnection | None = None
        self._session = 0
        self._waiting: dict[str, asyncio.Future[Said]] = {}
        self._hearers: dict[int, Hearer] = {}
        self._keeper: asyncio.Task[None] | None = None
        self._dropping: set[asyncio.Task[None]] = set()
        self.tried = asyncio.Event()
        """Set once it is known whether Janus lets us in."""
        self.trouble = "it was not tried yet"
        """Why there is no connection, if there is none."""

    @property
    def is_up(self) -> bool:
        """Whether there is a session now."""
        return bool(self._session)

    def start(self) -> None:
        """Connect, now and whenever the connection is lost, until `close`."""
        self._keeper = asyncio.create_task(self._keep(), name="janus")

    async def close(self) -> None:
        """Give the session back and end the connection."""
        keeper, self._keeper = self._keeper, None
        if keeper is None:
            return
        if self.is_up:
            with contextlib.suppress(JanusAway, JanusError):
                async with asyncio.timeout(1):
                    await self.ask({"janus": "destroy"})
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)

    async def attach(self, plugin: str, hearer: Hearer) -> int:
        """A new handle of a plugin, whose events `hearer` is told. Raises as `ask`."""
        said = await self.ask({"janus": "attach", "plugin": f"janus.plugin.{plugin}"})
        self._hearers[said.data.id] = hearer
        return said.data.id

    def drop(self, handle: int) -> None:
        """Give a handle back, and with it its peer connection, without waiting for it."""
        self._hearers.pop(handle, None)
        task = asyncio.get_running_loop().create_task(self._detach(handle))
        self._dropping.add(task)
        task.add_done_callback(self._dropping.discard)

    async def _detach(self, handle: int) -> None:
        # What fails is gone already, or goes with the session.
        with contextlib.suppress(JanusAway, JanusError):
            await self.ask({"janus": "detach", "handle_id": handle})

    async def say(self, handle: int, body: dict[str, object], jsep: Jsep | None = None) -> Said:
        """A plugin's own answer to a request. Raises as `ask`, also for what the plugin refuses."""
        message: dict[str, object] = {"janus": "message", "handle_id": handle, "body": body}
        if jsep is not None:
            message["jsep"] = jsep
        said = await self.ask(message)
        if said.plugin.error_code:
            raise JanusError(said.plugin.error_code, said.plugin.error)
        return said

    async def negotiate(
        self, handle: int, body: dict[str, object], jsep: Jsep | None = None
    ) -> tuple[Said, str]:
        """As `say`, with the description that comes along: without one Janus is taken for away."""
        said = await self.say(handle, body, jsep)
        if said.jsep is None:
            raise JanusAway
        return said, said.jsep.sdp

    async def trickle(self, handle: int, candidates: list[dict[str, object]]) -> None:
        """Pass candidates on. Raises as `ask`."""
        message = {"janus": "trickle", "handle_id": handle, "candidates": candidates}
        await self.ask(message, acknowledged=True)

    async def ask(self, message: dict[str, Any], *, acknowledged: bool = False) -> Said:
        """The answer with content, or the bare acknowledgement if that is all there will be.

        Raises `JanusError` if Janus refuses, `JanusAway` if it is not there or takes too long.
        """
        if self._connection is None or len(self._waiting) >= WAITING_MOST:
            raise JanusAway
        return await self._exchange(self._connection, message, acknowledged=acknowledged)

    async def _exchange(
        self, connection: ClientConnection, message: dict[str, Any], *, acknowledged: bool = False
    ) -> Said:
        transaction = ("!" if acknowledged else "") + secrets.token_hex(8)
        whole: dict[str, Any] = {**message, "transaction": transaction}
        # What the server is, is asked of no session.
        if self._session and message["janus"] != "info":
            whole["session_id"] = self._session
        if self._place.secret is not None:
            whole["apisecret"] = self._place.secret
        answer: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self._waiting[transaction] = answer
        try:
            async with asyncio.timeout(ANSWER_S):
                await connection.send(msgspec.json.encode(whole), text=True)
                said = await answer
        except (TimeoutError, WebSocketException) as error:
            raise JanusAway from error
        finally:
            self._waiting.pop(transaction, None)
        if said.error is not None:
            raise JanusError(said.error.code, said.error.reason)
        return said

    async def _keep(self) -> None:
        while True:
            try:
                await self._hold()
            except* (OSError, TimeoutError, WebSocketException, InvalidHandshake, InvalidURI) as e:
                self._note("it is not reached", e)
            except* JanusError as errors:
                self._note("it refuses", errors)
            except* JanusAway:
                self.trouble = "it does not answer"
            self.tried.set()
            await asyncio.sleep(AGAIN_S)

    def _note(self, what: str, errors: BaseExceptionGroup[Exception]) -> None:
        trouble = f"{what}: {errors.exceptions[0]}"
        if trouble != self.trouble:
            self.trouble = trouble
            log.warning("Janus at %s: %s", self._place.host, trouble)

    async def _hold(self) -> None:
        """One connection, from its beginning to its end."""
        connection = await connect(
            self._place.url,
            subprotocols=[Subprotocol("janus-protocol")],
            proxy=None,
            open_timeout=CONNECT_S,
            ping_interval=PING_S,
            ping_timeout=PING_S,
            close_timeout=1,
            max_size=MESSAGE_BYTES,
        )
        try:
            async with connection, asyncio.TaskGroup() as group:
                group.create_task(self._read(connection))
                made = await self._exchange(connection, {"janus": "create"})
                self._session, self._connection = made.data.id, connection
                log.info("Janus at %s is there", self._place.host)
                self.tried.set()
                self._up()
                while True:
                    await asyncio.sleep(KEEP_ALIVE_S)
                    await self.ask({"janus": "keepalive"}, acknowledged=True)
        finally:
            was_up, self._session, self._connection = self.is_up, 0, None
            self._hearers.clear()
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(JanusAway())
            if was_up and self._keeper is not None:
                self.trouble = "the connection is lost"
                log.warning("Janus at %s: the connection is lost", self._place.host)
                self._down()

    async def _read(self, connection: ClientConnection) -> None:
        async for message in connection:
            try:
                said = _SAID.decode(message)
            except (msgspec.ValidationError, msgspec.DecodeError) as error:
                log.warning("Janus said what is not understood: %s", error)
                continue
            answer = self._waiting.get(said.transaction)
            if answer is not None:
                if not answer.done() and (said.janus != "ack" or said.transaction.startswith("!")):
                    answer.set_result(said)
            elif said.janus == "timeout":
                raise JanusAway
            elif said.sender in self._hearers:
                self._hearers[said.sender](said)
        raise JanusAway
