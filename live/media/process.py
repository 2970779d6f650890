"""The media process: an engine behind a socket pair. Run by `MediaSupervisor`, never by hand.

`python -m live.media.process FD`: FD is the inherited end of the pair. When the other end closes,
for whatever reason, the process ends: it cannot outlive the server.
"""

import asyncio
import gc
import logging
import signal
import socket
import sys
from typing import Final

from live.media import ipc
from live.media.engine import Engine
from live.media.hls.news import HlsPart
from live.media.notices import Notice
from live.ports.media import MediaStartError, PublishRequest

log = logging.getLogger(__name__)

GC_THRESHOLD: Final = 20_000
"""New containers before garbage is looked for; Python's 700 are three frames to 100 viewers."""

WRITE_LIMIT_BYTES: Final = 4 << 20
"""Unread replies and notices; a server that reads nothing for so long is gone or stuck."""


class _LogForwarder(logging.Handler):
    """Sends the records of this process to the server, which knows how to write them."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        super().__init__(logging.INFO)
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.exc_info is not None:
            message = f"{message}\n{logging.Formatter().formatException(record.exc_info)}"
        session = getattr(record, "session", None)
        line = ipc.LogLine(record.levelno, record.name, message[:8_000], session)
        unread = self._writer.transport.get_write_buffer_size()
        if not self._writer.is_closing() and unread < WRITE_LIMIT_BYTES // 2:
            self._writer.write(ipc.pack(0, line))


async def serve(fd: int) -> None:
    """Carry out calls until the other side is gone."""
    reader, writer = await asyncio.open_unix_connection(sock=socket.socket(fileno=fd))
    root = logging.getLogger()
    root.addHandler(_LogForwarder(writer))
    root.setLevel(logging.INFO)
    logging.getLogger("aioice").setLevel(logging.WARNING)

    engine: Engine | None = None
    try:
        while True:
            call_id, call = await ipc.read(reader)
            if isinstance(call, ipc.Start):
                engine, reply = await _start(call, writer)
            elif engine is None:
                raise ValueError("a call before the start")
            else:
                reply = _carry_out(engine, call)
            writer.write(ipc.pack(call_id, reply))
            if writer.transport.get_write_buffer_size() > WRITE_LIMIT_BYTES:
                break
    except EOFError:
        pass  # the server is gone, or wants us to go: the same thing
    finally:
        if engine is not None:
            await engine.close()


async def _start(call: ipc.Start, writer: asyncio.StreamWriter) -> tuple[Engine | None, ipc.Body]:
    engine = Engine(call.settings, lambda notice: _tell(writer, notice), call.place)
    try:
        return engine, ipc.Started(await engine.start())
    except MediaStartError as error:
        return None, ipc.CannotStart(error.variable, error.value, error.remedy)


def _tell(writer: asyncio.StreamWriter, notice: Notice) -> None:
    unread = writer.transport.get_write_buffer_size()
    if isinstance(notice, HlsPart) and unread > WRITE_LIMIT_BYTES // 2:
        return  # rather a hole in what some watch than the end of what all do
    writer.write(ipc.pack(0, notice))


def _carry_out(engine: Engine, call: ipc.Body) -> ipc.Body:
    try:
        return _dispatch(engine, call)
    except Exception:
        # One client's offer must not end everyone's picture; the bug is logged with its traceback.
        log.exception("the call %s failed", type(call).__name__)
        return ipc.Failed()


def _dispatch(engine: Engine, call: ipc.Body) -> ipc.Body:
    match call:
        case PublishRequest():
            return engine.publish(call)
        case ipc.Watch():
            return engine.watch(call.request, call.most)
        case ipc.Trickle():
            return engine.trickle(call.leg_id, call.etag, call.fragment)
        case ipc.Adjust():
            return engine.adjust(call.leg_id, call.wish)
        case ipc.HangUp():
            return ipc.Count(int(engine.hang_up(call.leg_id)))
        case ipc.Evict():
            return ipc.Count(engine.evict(call.session_id, call.participant_id))
        case ipc.AskHealth():
            return engine.health()
        case ipc.AskStats():
            return engine.stats(call.session_id)
        case _:
            _order(engine, call)
            return ipc.Count(0)


def _order(engine: Engine, call: ipc.Body) -> None:
    """What is said to a session or a viewer, and has no answer."""
    match call:
        case ipc.SetOnAir():
            engine.set_on_air(call.session_id, on=call.on)
        case ipc.SetSeats():
            engine.set_seats(call.session_id, call.orders)
        case ipc.SetSlate():
            engine.set_slate(call.session_id, on=call.on)
        case ipc.SetRecording():
            engine.set_recording(call.session_id, call.order)
        case ipc.Limit():
            engine.limit(call.leg_id, call.most)
        case ipc.EndSession():
            engine.end_session(call.session_id)
        case _:
            raise ValueError(f"{type(call).__name__} is no call")


def main() -> None:
    """Run until the server is gone."""
    # Ctrl-C reaches every process of a terminal, a service manager's stop every process of the
    # service: the server decides when this one ends, by closing the pair.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # What is loaded by now stays. Of what comes, packets are the most, and none is part of a cycle.
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 50)
    asyncio.run(serve(int(sys.argv[1])))


if __name__ == "__main__":
    main()
