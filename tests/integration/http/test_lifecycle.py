"""How a server starts, and how it ends: in order, told to everyone, without a traceback."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.support.patience import PATIENCE_S
from tests.support.processes import Program, bare_environment, causerie_command, run_program
from tests.support.raw_client import Client, Http
from tests.support.running import OWNER_TOKEN, Server, running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_stop_tells_every_socket_to_come_back_and_leaves_nothing_behind(
    tmp_path: Path, number: signal.Signals
) -> None:
    with running(tmp_path / "data") as server:
        http = Http(server.url, OWNER_TOKEN)
        slug = (await http.new_session())["slug"]
        clients = [
            await Client(server.url, slug, (await http.join(slug))["token"]).open()
            for _ in range(5)
        ]
        server.program.send(number)
        for client in clients:
            await client.until(lambda seen: seen.closed_with is not None)
        assert [client.closed_with for client in clients] == [1012] * 5
        # Three seconds, and what a busy machine may add.
        assert await asyncio.to_thread(server.program.wait, within_s=PATIENCE_S) == 0
        assert "Traceback" not in server.said
        assert "ERROR" not in server.said
        # SQLite folds its log into the file when the last connection is closed.
        assert not (tmp_path / "data" / "causerie.sqlite-wal").exists()
        for client in clients:
            await client.close()


async def test_a_client_that_does_not_read_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        idle = socket.create_connection(("127.0.0.1", server.port))
        slow = socket.create_connection(("127.0.0.1", server.port))
        slow.sendall(b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        with idle, slow:
            assert await asyncio.to_thread(server.interrupt) == 0
        assert "Traceback" not in server.said


def test_an_endless_request_head_is_cut_off(tmp_path: Path) -> None:
    with (
        running(tmp_path / "data") as server,
        socket.create_connection(("127.0.0.1", server.port)) as client,
    ):
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        answer = b""
        client.sendall((b"X-Filler: " + b"x" * 8_000 + b"\r\n") * 9)
        client.settimeout(10)
        while chunk := client.recv(65_536):
            answer += chunk
        assert answer.startswith(b"HTTP/1.1 431 ")


async def test_readiness_names_what_does_not_answer(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
            assert (await client.get("/healthz")).text == "ok\n"
            assert (await client.get("/readyz")).text == "database ok\nmedia ok\n"


async def test_metrics_are_for_this_machine_or_with_the_owners_token(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
            await client.get("/join/some-invite-that-is-none")
            here = await client.get("/metrics")
            assert here.status_code == 200
            assert "causerie_http_requests_total{" in here.text
            assert "some-invite" not in here.text
            # Something forwards this request, and nobody said that it may.
            through = {"X-Forwarded-For": "127.0.0.1"}
            assert (await client.get("/metrics", headers=through)).status_code == 403
            owner = {**through, "Authorization": f"Bearer {OWNER_TOKEN}"}
            assert (await client.get("/metrics", headers=owner)).status_code == 200
        warned = [
            json.loads(line) for line in server.program.stderr.splitlines() if "forwarding" in line
        ]
        assert [line["header"] for line in warned] == ["x-forwarded-for"]


async def test_behind_a_trusted_proxy_with_tls_cookies_are_secure_and_links_are_public(
    tmp_path: Path,
) -> None:
    settings = {
        "CAUSERIE_PUBLIC_URL": "https://live.example.org",
        "CAUSERIE_TRUSTED_PROXIES": "127.0.0.1",
    }
    with running(tmp_path / "data", **settings) as server:
        session = await Http(server.url, OWNER_TOKEN).new_session()
        invite = session["invites"]["host"]
        assert invite["url"] == f"https://live.example.org/join/{invite['token']}"
        forwarded = {
            "Host": "live.example.org",
            "X-Forwarded-For": "198.51.100.7",
            "X-Forwarded-Proto": "https",
        }
        join = f"/api/v1/sessions/{session['slug']}/join"
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
            ours = {**forwarded, "Origin": "https://live.example.org"}
            joined = await client.post(join, json={}, headers=ours)
            assert joined.status_code == 200
            for cookie in joined.headers.get_list("set-cookie"):
                assert "; Secure" in cookie
            assert "max-age=" in joined.headers["strict-transport-security"]
            plain = {**forwarded, "Origin": "http://live.example.org"}
            refused = await client.post(join, json={}, headers=plain)
            assert (refused.status_code, refused.json()["code"]) == (403, "origin")
            assert (await client.get("/metrics", headers=forwarded)).status_code == 403


def test_who_connects_while_a_server_starts_waits_for_it_and_is_not_refused(
    tmp_path: Path,
) -> None:
    server = Server(tmp_path / "data")
    with ThreadPoolExecutor() as pool, contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        starting = pool.submit(server.start)
        early = stack.enter_context(connected(server.port))
        early.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert early.recv(1_000).startswith(b"HTTP/1.1 200 ")
        starting.result(PATIENCE_S)
        links_alone(server)


def connected(port: int) -> socket.socket:
    """As soon as the port is there."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "nobody listens"
            threading.Event().wait(0.02)


def links_alone(server: Server) -> None:
    """Nothing else is on standard output, and each line of the log can be read by a machine."""
    server.program.wait_for_line(lambda line: line.startswith("home"))
    assert server.program.stdout.splitlines() == [f"home      {server.url}"]
    for line in server.program.stderr.splitlines():
        json.loads(line)


def test_a_second_server_on_the_same_data_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        environment = bare_environment(server.folder, CAUSERIE_PORT="0", CAUSERIE_UDP_PORT="0")
        second = Program(causerie_command("serve"), env=environment, cwd=tmp_path)
        try:
            assert second.wait(within_s=60) == 2
        finally:
            second.stop()
        assert "another process uses this database" in second.stderr
        assert "Traceback" not in second.stderr


async def test_what_was_saved_comes_back_under_a_new_epoch(tmp_path: Path) -> None:
    archive = tmp_path / "saved.zip"
    with running(tmp_path / "data") as server:
        http = Http(server.url, OWNER_TOKEN)
        session = await http.new_session(title="Kept")
        joined = await http.join(
            session["slug"], invite=session["invites"]["host"]["token"], display_name="Mo"
        )
        client = await Client(server.url, session["slug"], joined["token"]).open()
        await client.say("message.post", text="kept words")
        await client.close()
        environment = bare_environment(server.folder)
        with run_program(causerie_command("backup", str(archive)), env=environment) as saving:
            assert saving.wait(within_s=60) == 0, saving.report()
    elsewhere = tmp_path / "elsewhere"
    command = causerie_command("restore", str(archive))
    with run_program(command, env=bare_environment(elsewhere)) as restoring:
        assert restoring.wait(within_s=60) == 0, restoring.report()
    with running(elsewhere) as server:
        back = await Client(
            server.url,
            session["slug"],
            joined["token"],
            epoch=client.epoch,
            position=client.position,
        ).open()
        assert back.epoch != client.epoch
        assert [item["text"] for item in back.snapshot["messages"]] == ["kept words"]
        await back.close()


async def test_the_same_server_runs_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    settings = {"CAUSERIE_DATABASE_URL": postgres_url, "CAUSERIE_OWNER_TOKEN": ""}
    with running(tmp_path / "data", **settings) as server:
        said = server.program.wait_for_line(lambda line: line.startswith("owner"))
        found = re.search(r"/join/owner-\S+", said)
        assert found is not None
        link = found[0]
        async with httpx.AsyncClient(
            base_url=server.url, headers={"Origin": server.url}, trust_env=False, timeout=30
        ) as browser:
            assert (await browser.get(link)).status_code == 303
            chosen = await browser.post(
                "/api/v1/owner/password", json={"password": "correct horse battery"}
            )
            assert chosen.status_code == 204
            named = await browser.patch("/api/v1/brand", json={"name": "Maison Alba"})
            assert named.json()["name"] == "Maison Alba"
            made = (await browser.post("/api/v1/sessions", json={"title": "On PostgreSQL"})).json()
            path = f"/api/v1/sessions/{made['slug']}"
            await browser.post(f"{path}/state", json={"state": "live"})
            browser.cookies.clear()
            assert (await browser.get(link)).status_code == 410
            joined = (await browser.post(f"{path}/join", json={"display_name": "Ana"})).json()
            client = await Client(server.url, made["slug"], joined["token"]).open()
            ack = await client.say("message.post", text="written down")
            assert ack["data"]["message"]["status"] == "published"
            await client.close()
            kept = await browser.get(f"{path}/messages")
            assert [item["text"] for item in kept.json()["items"]] == ["written down"]
        assert "Traceback" not in server.said
