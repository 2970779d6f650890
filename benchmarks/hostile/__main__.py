"""A million mutated packets and descriptions while a stream runs: it goes on, memory flat.

    python -m benchmarks.hostile                 a million, some minutes
    python -m benchmarks.hostile --count 50000 --seed 7

Ends with 1 and says why, if the stream or its recording stopped, the media process died, met a bug
or grew, or if anyone got more than they may.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import secrets
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.hostile.siege import Siege
from live.ports.media_events import RecordingStopped
from tests.integration.media.server import media_server

STEPS: Final = 20
WARM_UP: Final = 5
"""Steps until what is kept on purpose is full: the last packets of each stream, and what browsers
offer.
"""

GROWTH_LIMIT_BYTES: Final = 2 << 20
AMPLIFICATION_LIMIT: Final = 3.0


class Bugs(logging.Handler):
    """Keeps what the media process reports of itself as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        self.messages.append(record.getMessage())


async def besieged(count: int, seed: int) -> list[str]:
    """What went wrong, in sentences."""
    bugs = Bugs()
    logging.getLogger("live.media").addHandler(bugs)
    async with contextlib.AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="causerie-hostile-"))
        server = await stack.enter_async_context(media_server())
        siege = await stack.enter_async_context(Siege(server, seed).laid(Path(folder)))
        warm = now = 0
        before_s = siege.cpu_s
        stopped = False
        for step in range(1, STEPS + 1):
            try:
                await siege.send(count // STEPS)
            except TimeoutError:
                stopped = True
                break
            now = siege.memory_bytes
            warm = now if step <= WARM_UP else warm
            sent = sum(siege.sent.values())
            print(f"{sent:9,} sent, memory {now / 1024:,.0f} KB", flush=True)
        spent_s = siege.cpu_s - before_s
        health = await server.media.health()
    for kind, times in sorted(siege.sent.items()):
        print(f"{times:9,} {kind}")
    print(f"answers to descriptions: {dict(sorted(siege.answers.items()))}")
    print(f"{spent_s / sum(siege.sent.values()) * 1e6:.0f} µs of CPU for each")
    print(f"at most {siege.amplified:.2f} bytes for each that came, without a handshake")
    wrong = [f"the stream stopped: {health}, {server.events[-4:]}"] if stopped else []
    wrong += [f"a bug: {message}" for message in bugs.messages]
    wrong += [f"no answer to a description: {reason}" for reason in siege.failures]
    if any(isinstance(event, RecordingStopped) for event in server.events):
        wrong.append("the recording stopped")
    if health.restarts:
        wrong.append(f"the media process was started again {health.restarts} times")
    if now - warm > GROWTH_LIMIT_BYTES:
        wrong.append(f"memory grew by {(now - warm) / 1024:,.0f} KB after the warm-up")
    if siege.strangers_got:
        wrong.append(f"strangers got {siege.strangers_got} bytes")
    if siege.amplified > AMPLIFICATION_LIMIT:
        wrong.append("who never shook hands got more than three times what came from there")
    return wrong


def main() -> None:
    """Run, and end with the verdict."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    wrong = asyncio.run(besieged(given.count, given.seed))
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
