"""What the ear costs those who write: ``python -m benchmarks.ear.acks [LINES_PER_S] [SECONDS]``.

Starts `causerie serve` twice on one core, without the ear and with it, has the same people post the
shipped lines at a fixed rate through their sockets, and prints one JSON object: milliseconds from a
line to its ack, and how much of the core the server and the ear's process took.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.ear.steady import LOADING_MOST_S, cpu_s, quantile
from benchmarks.harness.causerie import OWNER_TOKEN, Causerie, prepare, serving
from benchmarks.harness.machine import pinned, two_cores
from moderation.ear.lines import shipped

SLUG = "acks"
PEOPLE = 40
"""Each may post ten lines a second."""
ANSWERED_MOST_S = 30


class Writer:
    """One person: posts, and notes when each line is answered."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._asked: dict[str, float] = {}
        self.waits: list[float] = []
        self.refused = 0

    @property
    def is_owed(self) -> bool:
        return bool(self._asked)

    async def post(self, number: int, text: str) -> None:
        name = f"line-{number}"
        self._asked[name] = time.monotonic()
        command = {"id": name, "type": "message.post", "data": {"text": text}}
        await self._socket.send(json.dumps(command))

    async def listen(self) -> None:
        """Until cancelled. What is not an answer is not looked at."""
        async for frame in self._socket:
            if '"t":"ack"' in frame[:20] or '"t":"refused"' in frame[:24]:
                answer = json.loads(frame)
                self.waits.append(time.monotonic() - self._asked.pop(answer["id"]))
                self.refused += answer["t"] == "refused"


async def until_ready(causerie: Causerie) -> None:
    """Until the models answer."""
    url = f"http://127.0.0.1:{causerie.port}/api/v1/sessions/{SLUG}/ear"
    headers = {"Authorization": f"Bearer {OWNER_TOKEN}"}
    async with asyncio.timeout(LOADING_MOST_S), httpx.AsyncClient(trust_env=False) as http:
        for _ in range(2 * LOADING_MOST_S):
            if (await http.get(url, headers=headers)).json()["models"] != "loading":
                return
            await asyncio.sleep(0.5)


async def stream(
    causerie: Causerie, people: Sequence[str], per_s: int, seconds: int
) -> dict[str, float]:
    """Everyone posts in turn. ``people`` are lines of a token and a path."""
    writers: list[Writer] = []
    address = f"ws://127.0.0.1:{causerie.port}"
    await until_ready(causerie)
    for row in people:
        token, path = row.split()
        headers = {"Authorization": f"Bearer {token}"}
        protocols = [Subprotocol("causerie.v1")]
        socket = await connect(
            f"{address}{path}", subprotocols=protocols, additional_headers=headers, proxy=None
        )
        writers.append(Writer(socket))
    listening = [asyncio.create_task(each.listen()) for each in writers]
    texts = islice(cycle(line.text for line in shipped().chat), per_s * seconds)
    before = [cpu_s(pid) for pid in causerie.server.pids()]
    begun = time.monotonic()
    for number, (writer, text) in enumerate(zip(cycle(writers), texts, strict=False)):
        await asyncio.sleep(max(0.0, begun + number / per_s - time.monotonic()))
        await writer.post(number, f"{text} {number}")
    async with asyncio.timeout(ANSWERED_MOST_S):
        while any(each.is_owed for each in writers):  # noqa: ASYNC110 - many answers are waited for
            await asyncio.sleep(0.01)
    took = time.monotonic() - begun
    after = [cpu_s(pid) for pid in causerie.server.pids()]
    for task in listening:
        task.cancel()
    waits = [wait for each in writers for wait in each.waits]
    return {
        "p50_ms": quantile(waits, 0.5),
        "p95_ms": quantile(waits, 0.95),
        "p99_ms": quantile(waits, 0.99),
        "refused": sum(each.refused for each in writers),
        "cores_server": round((after[0] - before[0]) / took, 3),
        "cores_ear": round((sum(after[1:]) - sum(before[1:])) / took, 3),
    }


def main() -> None:
    """Measure and print."""
    per_s, seconds = (int(each) for each in (*sys.argv[1:], *("200", "60")[len(sys.argv) - 1 :]))
    cores = two_cores()
    told: dict[str, object] = {"lines_per_s": per_s, "seconds": seconds}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepared = prepare(folder, cores.server, {SLUG: PEOPLE}, {"CAUSERIE_EAR": "off"})
        people = prepared.tokens[SLUG].read_text().splitlines()
        for ear in ("off", "on"):
            data = prepared.copy(folder / ear)
            settings = {"CAUSERIE_EAR": ear}
            with serving(data, cores.server, settings) as causerie, pinned(cores.client):
                told[f"ear_{ear}"] = asyncio.run(stream(causerie, people, per_s, seconds))
    print(json.dumps(told))


if __name__ == "__main__":
    main()
