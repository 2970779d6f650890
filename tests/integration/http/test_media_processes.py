"""A media process that dies is told and replaced, and those who talk never notice."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import httpx

from tests.integration.demo.conftest import children_of
from tests.support.patience import PATIENCE_S
from tests.support.raw_client import Client, Http
from tests.support.running import OWNER_TOKEN, running


async def test_chat_goes_on_and_the_server_stays_ready_while_a_media_process_is_replaced(
    tmp_path: Path,
) -> None:
    with running(tmp_path / "data", CAUSERIE_MEDIA_WORKERS="2") as server:
        http = Http(server.url, OWNER_TOKEN)
        session = await http.new_session()
        joined = await http.join(session["slug"], display_name="Ana")
        ana = await Client(server.url, session["slug"], joined["token"]).open()
        was = children_of(server.program.process.pid)
        assert len(was) == 2
        os.kill(min(was), signal.SIGKILL)

        told: list[str] = []
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
            async with asyncio.timeout(PATIENCE_S):
                while "media ok, with 1 of 2 processes" not in told:
                    ready = await client.get("/readyz")
                    assert ready.status_code == 200
                    told = ready.text.splitlines()
                metrics = (await client.get("/metrics")).text
                await ana.say("message.post", text="still here")
                while "media ok" not in told:
                    told = (await client.get("/readyz")).text.splitlines()
            assert 'causerie_media_process_up{process="1"} ' in metrics
            metrics = (await client.get("/metrics")).text
        assert "causerie_media_restarts 1" in metrics
        assert 'causerie_media_process_up{process="0"} 1' in metrics
        assert 'causerie_media_process_up{process="1"} 1' in metrics
        assert ana.closed_with is None
        await ana.close()
