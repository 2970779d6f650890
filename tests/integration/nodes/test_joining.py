"""A node that cannot be one of several is told so in one sentence before it serves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.keys import Keys
from app.nodes import joined_nodes
from app.setting import SettingError
from app.settings import Settings
from live.adapters.sql.database import Database
from tests.support.databases import postgresql_database
from tests.support.ports import free_tcp_port
from tests.support.postgres import PostgresServer
from tests.support.valkey import valkey_server

KEYS = Keys(b"k" * 32)


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[Database]:
    with postgresql_database(postgres) as url:
        opened = Database(url)
        yield opened
        opened.close()


def settings(bus_url: str, folder: Path) -> Settings:
    return replace(Settings.read({"CAUSERIE_DATA_DIR": str(folder)}), bus_url=bus_url)


async def test_a_bus_that_does_not_answer_is_named(database: Database, tmp_path: Path) -> None:
    url = f"redis://someone:secret@127.0.0.1:{free_tcp_port()}"

    with pytest.raises(SettingError) as refused:
        async with joined_nodes(settings(url, tmp_path), KEYS, database):
            pass

    assert str(refused.value).startswith("CAUSERIE_BUS_URL=redis://…@127.0.0.1:")
    assert "secret" not in str(refused.value)


async def test_a_node_with_another_secret_is_refused_while_others_serve(
    database: Database, tmp_path: Path
) -> None:
    with valkey_server() as valkey:
        chosen = settings(valkey.url, tmp_path)
        async with joined_nodes(chosen, KEYS, database) as nodes:
            assert nodes.leases is not None
            await nodes.leases.renew()
            async with joined_nodes(chosen, KEYS, database):
                pass
            with pytest.raises(SettingError) as refused:
                async with joined_nodes(chosen, Keys(b"other" + b"k" * 27), database):
                    pass

    assert str(refused.value).startswith("CAUSERIE_DATA_DIR=")
    assert "secret.key" in str(refused.value)
