"""Debian's Firefox with a synthetic camera, driven over WebDriver BiDi, which it speaks by itself.

Playwright drives only a Firefox of its own making. This one is the browser that people have; it is
not among the packages that the tests install, so only what says so uses it.
"""

import asyncio
import itertools
import json
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect

from tests.support.patience import PATIENCE_S

PREFERENCES: Final[dict[str, bool | int | str]] = {
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.navigator.permission.disabled": True,
    "media.navigator.streams.fake": True,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    # A sound card that is not there: without one no sound is worked on at all.
    "media.cubeb.force_mock_context": True,
    # A clock of a page is true to a millisecond.
    "privacy.reduceTimerPrecision": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "extensions.update.enabled": False,
    "remote.active-protocols": 1,
}
_LISTENS: Final = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")


def firefox_path() -> str | None:
    """Where the system's Firefox is; None where there is none."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


class FirefoxPage:
    """One tab. Its methods are named as Playwright's."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._context = ""

    async def open(self) -> None:
        """Begin a session, with a tab in it."""
        await self._call("session.new", capabilities={})
        made = await self._call("browsingContext.create", type="tab")
        self._context = made["context"]

    async def goto(self, url: str) -> None:
        """Load a page whole."""
        await self._call(
            "browsingContext.navigate", context=self._context, url=url, wait="complete"
        )

    async def evaluate(self, expression: str) -> Any:
        """What an expression, or the promise it is, comes to. Raises ``RuntimeError``."""
        told = await self._call(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": self._context},
            awaitPromise=True,
            userActivation=True,
        )
        if told["type"] != "success":
            raise RuntimeError(told["exceptionDetails"]["text"])
        text = told["result"].get("value")
        return None if text is None else json.loads(text)

    async def _call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        async with asyncio.timeout(2 * PATIENCE_S):
            async for message in self._socket:
                said = json.loads(message)
                if said.get("id") != number:
                    continue  # an event
                if said["type"] == "error":
                    raise RuntimeError(f"{method}: {said['message']}")
                result: dict[str, Any] = said["result"]
                return result
        raise ConnectionError("Firefox is gone")


@asynccontextmanager
async def firefox() -> AsyncIterator[FirefoxPage]:
    """A headless Firefox with one tab, for the length of the block. Raises ``RuntimeError``
    where there is none.
    """
    path = firefox_path()
    if path is None:
        raise RuntimeError("There is no Firefox here: apt-get install firefox-esr")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in PREFERENCES.items()]
        (Path(profile) / "user.js").write_text("\n".join(lines))
        process = await asyncio.create_subprocess_exec(
            *(path, "--headless", "--no-remote", "--profile", profile),
            *("--remote-debugging-port", "0"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={"HOME": profile, "PATH": "/usr/bin:/bin", "MOZ_DISABLE_AUTO_SAFE_MODE": "1"},
        )
        try:
            assert process.stderr is not None
            url = await _listening(process.stderr)
            reading = asyncio.create_task(process.stderr.read())  # a full pipe would stop it
            async with connect(f"{url}/session", max_size=None, proxy=None) as socket:
                page = FirefoxPage(socket)
                await page.open()
                yield page
            reading.cancel()
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _listening(stderr: asyncio.StreamReader) -> str:
    async with asyncio.timeout(PATIENCE_S):
        async for line in stderr:
            found = _LISTENS.search(line)
            if found:
                return found[1].decode()
    raise RuntimeError("Firefox ended before it listened")
