"""Processes that the server starts beside itself: they end when they are told to."""

from __future__ import annotations

import asyncio


async def end_child(child: asyncio.subprocess.Process, *, within_s: float) -> None:
    """Ask it to end, and end it where it does not in time; returns when it is gone."""
    if child.returncode is not None:
        return
    child.terminate()
    try:
        async with asyncio.timeout(within_s):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
