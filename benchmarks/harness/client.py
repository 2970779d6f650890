"""The load client (``client.c``) as Python drives it: one order, one answer."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.harness.machine import Server, pinned


class Answer(msgspec.Struct, frozen=True):
    """What the client counted during one order. Times of messages run from their writing to the
    last reader that got them; ``server_cpu_s`` is of the whole order, draining included."""

    order: str
    seconds: float = 0.0
    server_cpu_s: float = 0.0
    client_cpu_s: float = 0.0
    readers: int = 0
    frames: int = 0
    bytes: int = 0
    deliveries: int = 0
    gaps: int = 0
    resyncs: int = 0
    closed: int = 0
    close_code: int = 0
    acks: int = 0
    refused: int = 0
    refusal: str = ""
    late_ms: float = 0.0
    wanted: int = 0
    joined: int = 0
    window_s: float = 0.0
    in_window: int = 0
    posts: int = 0
    accepted: int = 0
    complete: int = 0
    lost: int = 0
    doubled: int = 0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    max_ms: float = 0.0
    ack_p50_ms: float = 0.0
    ack_p99_ms: float = 0.0
    window_cpu_s: float = 0.0
    reaction_frames: int = 0
    reactions: int = 0
    apart: int = 0
    watched: int = 0

    @property
    def is_whole(self) -> bool:
        """Everything that was accepted reached everyone once, in order, and nobody was cut."""
        nothing_wrong = not (self.lost or self.doubled or self.gaps or self.resyncs or self.closed)
        return nothing_wrong and self.accepted == self.complete == self.posts


@dataclass(frozen=True, slots=True)
class Target:
    """Where a load goes: ``tokens``, a file of credentials and paths, or the ``path`` of a server
    that has no credentials."""

    port: int
    tokens: Path | None = None
    path: str = "/"

    def arguments(self) -> list[str]:
        kind = ["plain", self.path] if self.tokens is None else ["causerie", str(self.tokens)]
        return ["127.0.0.1", str(self.port), *kind]


class LoadClient:
    """A running load client."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def order(self, *words: str | float) -> Answer:
        """Have something done and wait for what came of it."""
        commands, answers = self._process.stdin, self._process.stdout
        assert commands is not None
        assert answers is not None
        commands.write(" ".join(f"{word}" for word in words) + "\n")
        commands.flush()
        line = answers.readline()
        if not line:
            raise RuntimeError(f"the load client ended with {self._process.wait(5)}")
        return msgspec.json.decode(line, type=Answer)

    def watch(self, server: Server) -> None:
        """Let the next answers tell the processor time of all that the server consists of now."""
        self.order("watch", *server.pids())


@contextlib.contextmanager
def load(program: Path, core: int, target: Target) -> Iterator[LoadClient]:
    """A load client on its own core, for as long as the ``with`` block lasts."""
    with pinned(core):
        process = subprocess.Popen(
            [program, *target.arguments()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    try:
        yield LoadClient(process)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
