"""Every ear forgets who was erased, wherever that happened.

An ear learned from the sessions that its own node wrote, and a session moves between nodes: the one
that hears of an erasure may not be the one that learned. So each asks the store, now and then,
whether anybody it learned from has been erased since; no message has to arrive for that.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from live.ports.store import StoreUnavailable
from moderation.desk.ports import Erasures
from moderation.ear.ear import Ear

logger = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 60.0
RETRY_S: Final = 5.0
"""While the ear, or the store, does not answer."""


async def forget_the_erased(ear: Ear, erasures: Erasures) -> None:
    """Until cancelled."""
    while True:
        try:
            done = await _forgotten(ear, erasures)
        except StoreUnavailable as error:
            logger.warning("the ear waits to hear who was erased: %s", error)
            done = False
        await asyncio.sleep(LOOK_EVERY_S if done else RETRY_S)


async def _forgotten(ear: Ear, erasures: Erasures) -> bool:
    """Whether nobody is known any more who was erased before this was called."""
    authors = await ear.authors()
    if authors is None:
        return False
    for author_id in await erasures.among(authors) if authors else ():
        if await ear.forget(author_id) is None:
            return False
    return True
