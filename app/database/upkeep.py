"""What a database needs done from time to time while a server runs."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from live.adapters.sql.database import Database
from live.ports.clock import Clock
from live.ports.store import Store, StoreUnavailable

EVERY_S: Final = 3600.0

logger = logging.getLogger(__name__)


async def keep_up(database: Database, store: Store, clock: Clock) -> None:
    """Forget what has outlived its use, at once and then every hour, until cancelled."""
    while True:
        try:
            purged = await store.purge_keys(clock.now())
            await database.fold_log()
        except StoreUnavailable as problem:
            logger.warning("upkeep of the database waits for the next hour: %s", problem)
        else:
            if purged:
                logger.info("forgot %d idempotency keys of sessions long over", purged)
        await asyncio.sleep(EVERY_S)
