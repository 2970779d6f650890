"""The people of a show, each in a browser context of their own, doing what people do.

They find things by role and name, as a screen reader does: what they can reach, everyone can.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.async_api import Browser, BrowserContext, Locator, Page, WebSocket, expect

from tests.support.chromium import still
from tests.support.patience import PATIENCE_S
from tests.support.raw_client import Client, Http, Json
from tests.support.running import OWNER_TOKEN

PHONE = (390, 844)
DESK = (1440, 900)
TABLET = (1280, 800)

# What Chromium says of a request that the page expects to fail (409 while nobody publishes, an
# offline minute, a server that is down) is no fault of the page.
EXPECTED_NOISE = re.compile(r"Failed to load resource|WebSocket connection to|net::ERR_")


@dataclass
class Person:
    """One browser context with one page, and all that its network received."""

    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)
    _heard: asyncio.Condition = field(default_factory=asyncio.Condition)

    def watch(self) -> None:
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "console",
            lambda message: (
                self.faults.append(message.text)
                if message.type == "error" and not EXPECTED_NOISE.search(message.text)
                else None
            ),
        )
        self.page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        async def keep(text: str | bytes) -> None:
            self.frames.append(str(text))
            async with self._heard:
                self._heard.notify_all()

        socket.on("framereceived", keep)

    def button(self, name: str, *, exact: bool = True) -> Locator:
        return self.page.get_by_role("button", name=name, exact=exact)

    def text(self, text: str) -> Locator:
        return self.page.get_by_text(text, exact=True)

    async def sees(self, text: str) -> None:
        await expect(self.text(text).first).to_be_visible()

    async def hears(self, part: str) -> None:
        """Wait until a frame of the socket holds `part`."""
        async with asyncio.timeout(PATIENCE_S), self._heard:
            await self._heard.wait_for(lambda: any(part in frame for frame in self.frames))

    async def does_not_see(self, text: str) -> None:
        await expect(self.text(text)).to_have_count(0)


@dataclass
class Viewer(Person):
    """Someone in the audience."""

    async def show(self, tab: Literal["Questions", "Discussion"]) -> None:
        await self.page.get_by_role("tab", name=re.compile(f"^{tab}")).click()

    async def write(self, tab: Literal["Questions", "Discussion"], text: str) -> None:
        """Type into the field of that tab and send, giving a name where one is asked."""
        await self.show(tab)
        label = "Your question" if tab == "Questions" else "Your message"
        field = self.page.get_by_role("textbox", name=label)
        await field.fill(text)
        await field.press("Enter")

    async def give_name(self, name: str) -> None:
        await self.page.get_by_role("textbox", name="Name").fill(name)
        await self.button("Go on").click()

    @property
    def discussion(self) -> Locator:
        return self.page.get_by_role("list", name="Discussion")

    async def top_line(self) -> str:
        """The first line of the discussion that stands within its window, once it stands still."""
        return await still(
            self.discussion,
            """list => { const top = list.getBoundingClientRect().top
                const line = [...list.querySelectorAll('[role=listitem]')]
                    .find(e => e.getBoundingClientRect().bottom > top + 1)
                if (!line) return null
                return line.textContent + Math.round(line.getBoundingClientRect().top - top) }""",
        )

    def question(self, text: str) -> Locator:
        return self.page.get_by_role("article").filter(has_text=text)

    def vote(self, text: str) -> Locator:
        return self.question(text).get_by_role("button", name=re.compile(r"vote", re.IGNORECASE))


@dataclass
class Show:
    """One session of a running server, and the doors into it."""

    http: Http
    browser: Browser
    session: Json
    people: list[Person] = field(default_factory=list)
    writers: list[Client] = field(default_factory=list)

    @property
    def slug(self) -> str:
        return str(self.session["slug"])

    async def _open(
        self, kind: type[Person], address: str, size: tuple[int, int], language: str
    ) -> Person:
        context = await self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=language,
            permissions=["camera", "microphone"],
        )
        person = kind(context, await context.new_page())
        person.watch()
        self.people.append(person)
        await person.page.goto(address)
        return person

    async def viewer(
        self,
        name: str | None = None,
        *,
        size: tuple[int, int] = PHONE,
        language: str = "en-GB",
    ) -> Viewer:
        """Someone who opens the public link; with a name, who has been here before."""
        person = await self._open(Viewer, f"{self.http.url}/s/{self.slug}", size, language)
        assert isinstance(person, Viewer)
        await expect(person.page.get_by_role("tab").first).to_be_visible()
        if name is not None:
            await self._join(person, {"display_name": name})
        return person

    async def _join(self, person: Person, body: Json) -> None:
        """Say it to the server as the page does, with the page's own cookie and origin."""
        status = await person.page.evaluate(
            """([slug, body]) => fetch(`/api/v1/sessions/${slug}/join`, {method: 'POST',
                headers: {'Content-Type': 'application/json'}, body}).then(a => a.status)""",
            [self.slug, json.dumps(body)],
        )
        assert status == 200

    async def moderator(self, name: str | None = None, *, language: str = "en-GB") -> Person:
        invite = self.session["invites"]["moderator"]
        person = await self._open(Person, invite["url"], DESK, language)
        await expect(person.page.get_by_role("heading", name="To handle")).to_be_visible()
        if name is not None:
            await self._join(person, {"display_name": name, "invite": invite["token"]})
        return person

    async def host(self, *, language: str = "en-GB") -> Person:
        return await self._open(Person, self.session["invites"]["host"]["url"], TABLET, language)

    async def page(self, address: str) -> Person:
        """Whatever stands at this address."""
        return await self._open(Person, address, DESK, "en-GB")

    async def writer(self, name: str, *, invited: bool = False) -> Client:
        """Someone who writes without a browser."""
        entrance = {"display_name": name, "language": "en"}
        if invited:
            entrance["invite"] = self.session["invites"]["viewer"]["token"]
        joined = await self.http.join(self.slug, **entrance)
        client = await Client(self.http.url, self.slug, joined["token"]).open()
        self.writers.append(client)
        return client

    async def moderator_client(self, name: str) -> Client:
        """Someone of the team without a browser."""
        token = self.session["invites"]["moderator"]["token"]
        joined = await self.http.join(self.slug, invite=token, display_name=name)
        client = await Client(self.http.url, self.slug, joined["token"]).open()
        self.writers.append(client)
        return client

    async def close(self) -> None:
        """Everyone leaves; a page that reported a fault fails the test."""
        for writer in self.writers:
            await writer.close()
        for person in self.people:
            await person.context.close()
        faults = [fault for person in self.people for fault in person.faults]
        assert not faults, faults


OpenShow = Callable[..., Awaitable[Show]]


@asynccontextmanager
async def opened_shows(url: str, browser: Browser, *, title: str) -> AsyncIterator[OpenShow]:
    """Opens sessions (live unless told otherwise) on a server, until the end of the block."""
    async with AsyncExitStack() as stack:

        async def open_one(*, state: str = "live", **body: Any) -> Show:
            http = Http(url, OWNER_TOKEN)
            session = await http.as_owner("POST", "/sessions", **{"title": title, **body})
            if state != "draft":
                await http.as_owner("POST", f"/sessions/{session['slug']}/state", state=state)
            show = Show(http, browser, session)
            stack.push_async_callback(show.close)
            return show

        yield open_one
