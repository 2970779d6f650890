"""The doctor names what is wrong and how to mend it, and proves the way with a phone."""

from __future__ import annotations

import socket
from pathlib import Path

from playwright.async_api import Browser

from app.doctor.finding import Finding
from app.doctor.phone import phone_check, watch_phone
from app.doctor.reach import reach_findings
from app.settings import Settings
from tests.integration.deploy.coturn import SECRET, coturn
from tests.support.ports import free_tcp_port, free_udp_port
from tests.support.processes import bare_environment, causerie_command, run_program


def examined(tmp_path: Path, **settings: str) -> tuple[int, str]:
    given = {
        "CAUSERIE_PORT": str(free_tcp_port()),
        "CAUSERIE_UDP_PORT": str(free_udp_port()),
        **settings,
    }
    environment = bare_environment(tmp_path / "data", **given)
    with run_program(causerie_command("doctor"), env=environment) as doctor:
        return doctor.wait(within_s=90), doctor.stdout


def test_a_taken_port_and_a_silent_database_are_named_with_their_cure(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, said = examined(
            tmp_path,
            CAUSERIE_PORT=str(other.getsockname()[1]),
            CAUSERIE_DATABASE_URL="postgresql://nobody:hunter2@127.0.0.1:1/none",
            CAUSERIE_PUBLIC_URL="http://live.example.org",
        )
    assert code == 1
    assert "hunter2" not in said
    lines = said.splitlines()
    failed = [index for index, line in enumerate(lines) if line.startswith("FAILED")]
    names = {lines[index].removeprefix("FAILED").strip().partition(":")[0] for index in failed}
    assert {"HTTP port", "database", "public address"} <= names
    for index in failed:
        assert lines[index + 1].strip().startswith("→ ")


async def test_a_phone_proves_page_socket_and_udp(tmp_path: Path, browser: Browser) -> None:
    settings = Settings.read(
        {
            "CAUSERIE_PORT": str(free_tcp_port()),
            "CAUSERIE_UDP_PORT": str(free_udp_port()),
            "CAUSERIE_DATA_DIR": str(tmp_path),
        }
    )
    async with phone_check(settings) as (url, reports):
        page = await browser.new_page()
        await page.goto(url)
        found = [finding async for finding in watch_phone(reports, patience_s=60)]
        shown = await page.locator("output").all_text_contents()
        await page.close()
    assert {finding.name: finding.says for finding in found} == {
        "phone, page": "comes through",
        "phone, socket": "comes through",
        "phone, udp": "comes through",
    }
    assert shown == ["ok", "ok", "ok"]


async def test_a_phone_that_never_comes_is_told_as_a_failure_of_each_step(tmp_path: Path) -> None:
    settings = Settings.read(
        {
            "CAUSERIE_PORT": str(free_tcp_port()),
            "CAUSERIE_UDP_PORT": str(free_udp_port()),
            "CAUSERIE_DATA_DIR": str(tmp_path),
        }
    )
    async with phone_check(settings) as (_, reports):
        found = [finding async for finding in watch_phone(reports, patience_s=0.1)]
    assert [finding.ok for finding in found] == [False] * 3
    assert all(finding.mend for finding in found)


async def reached(**given: str) -> dict[str, Finding]:
    """What the doctor says about those whose network blocks UDP."""
    settings = Settings.read({"CAUSERIE_PUBLIC_IP": "127.0.0.1", **given})
    return {
        finding.name.partition(" ")[0]: finding
        async for finding in reach_findings(settings, running=False)
    }


async def test_a_turn_server_is_tried_as_a_viewer_would_and_what_is_wrong_is_named(
    tmp_path: Path,
) -> None:
    right = {"CAUSERIE_TURN_SECRET": SECRET}
    with coturn(tmp_path / "closed") as server:
        found = await reached(CAUSERIE_TURN_URLS=server.url, **right)
        assert (found["TURN"].ok, found["TURN"].says.endswith("to us alone")) == (True, True)
        found = await reached(CAUSERIE_TURN_URLS=server.url, CAUSERIE_TURN_SECRET="x" * 32)
        assert "CAUSERIE_TURN_SECRET" in found["TURN"].mend
        found = await reached(CAUSERIE_TURN_URLS=server.tls_url, **right)
        assert "certificate" in found["TURN"].mend
        taken = str(server.port)
        found = await reached(CAUSERIE_MEDIA_TCP_PORT=taken)
        assert (found["media"].ok, taken in found["media"].says) == (False, True)
        assert found["TURN"].says == "none is set"
    found = await reached(CAUSERIE_TURN_URLS=server.url, **right)
    assert "cannot be reached" in found["TURN"].says
    with coturn(tmp_path / "elsewhere", relays_to="203.0.113.7") as server:
        found = await reached(CAUSERIE_TURN_URLS=server.url, **right)
        assert "allowed-peer-ip" in found["TURN"].mend
    with coturn(tmp_path / "open", closed=False) as server:
        found = await reached(CAUSERIE_TURN_URLS=server.url, **right)
        assert "lets every viewer into its network" in found["TURN"].says
        assert not found["TURN"].ok
