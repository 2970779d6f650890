"""`python -m benchmarks.video.ours`: our engine with WHIP and WHEP around it, until it is ended."""

from __future__ import annotations

import asyncio
import os

from benchmarks.video.servers import SWITCH
from tests.integration.media.server import media_server


async def main() -> None:
    """Say where it answers, and carry on."""
    accelerated = os.environ.get(SWITCH) != "off"
    async with media_server(accelerator=accelerated) as server:
        print(f"home {server.url}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
