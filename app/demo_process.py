"""Runs the people of ``causerie demo`` beside the server, in a process of their own.

They are clients of the public API like any other. The child gets ``CAUSERIE_DEMO_URL`` and
``CAUSERIE_DEMO_OWNER_TOKEN``, and prints one JSON object a line: ``{"link": word, "url": url}``
for each link to hand out, then ``{"ready": true}``.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from typing import Final

import msgspec

from app import logs
from app.children import end_child
from app.server import Running, tell

STOP_WITHIN_S: Final = 1.0
MEMORY_FILE: Final = "demo-people.json"

log = logs.get("causerie.demo")


class Line(msgspec.Struct):
    """What the child says of itself."""

    link: str | None = None
    url: str | None = None
    ready: bool = False


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """How large the audience is, what fixes its acts, whether it keeps quiet, and for how long the
    host's seat stays free after a person."""

    audience: int
    seed: int
    quiet: bool
    returns_after_s: float


async def accompany(running: Running, options: DemoOptions, owner_token: str) -> None:
    """Run the demo's people until cancelled; print their links."""
    memory = running.services.settings.data_dir / MEMORY_FILE
    flags = ["--audience", str(options.audience), "--seed", str(options.seed)]
    flags += ["--returns-after", str(options.returns_after_s)]
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "app.demo", *flags, "--memory", str(memory), "--attached"),
        *(("--quiet",) if options.quiet else ()),
        env={
            **{name: value for name, value in os.environ.items() if name != "CAUSERIE_OWNER_TOKEN"},
            "CAUSERIE_DEMO_URL": running.local_url,
            "CAUSERIE_DEMO_OWNER_TOKEN": owner_token,
        },
        # Closes when we end, also by kill -9: they do not outlive us.
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # Ctrl-C goes to us alone: the people leave when we say so.
        start_new_session=True,
    )
    try:
        await _hand_out(child, running)
        log.error("The demo's people have left", exit_code=await child.wait())
    finally:
        await end_child(child, within_s=STOP_WITHIN_S)


async def _hand_out(child: asyncio.subprocess.Process, running: Running) -> None:
    if child.stdout is None:
        raise RuntimeError("the child's output was asked for as a pipe")
    async for raw in child.stdout:
        try:
            line = msgspec.json.decode(raw, type=Line)
        except msgspec.DecodeError:
            log.warning("The demo's people said something else than links")
            continue
        if line.link and line.url:
            tell(line.link, line.url.replace(running.local_url, running.url, 1))
