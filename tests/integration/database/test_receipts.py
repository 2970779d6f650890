"""Who got how far with an announcement is written together, and no more of it waits than may."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.receipts import Receipts, Stage, TooManyWaitError
from live.adapters.sql.database import Database
from live.domain.ids import AnnouncementId
from tests.support.databases import sqlite_database
from tests.support.patience import PATIENCE_S
from tests.support.rooms import SESSION, person

TOLD = AnnouncementId("sale")


async def test_beyond_what_may_wait_a_receipt_is_refused_and_all_others_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.receipts.WAITING_MOST", 2)
    database = Database(sqlite_database(tmp_path))
    receipts = Receipts(database)
    entered, let_go = threading.Event(), threading.Event()

    def keep_busy(_: Connection) -> None:
        entered.set()
        let_go.wait(PATIENCE_S)

    busy = asyncio.create_task(database.write(keep_busy))
    await asyncio.to_thread(entered.wait, PATIENCE_S)

    noted = []
    for name in ("ada", "bob", "cyd"):  # the first is on its way to the database already
        noted.append(asyncio.create_task(receipts.note(person(name), {TOLD: Stage.SEEN})))
        await asyncio.sleep(0)
    with pytest.raises(TooManyWaitError):
        await receipts.note(person("dee"), {TOLD: Stage.SEEN})
    let_go.set()
    await asyncio.gather(busy, *noted)

    counted = (await receipts.counts(SESSION, [TOLD]))[TOLD]
    assert counted[Stage.SEEN] == {("general", "en"): 3}
    database.close()
