"""A stage for one page: the pages as they were built, an API that answers from a script, and a
socket whose other end the test holds.

Everything a browser does is real; what the server would say is written in the test, so that states
that are rare in life (a stale decision, a full desk, a server that is gone) are ordinary here.
"""

import asyncio
import json
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Error, Page, Request, Route, WebSocketRoute

import app
from tests.support.patience import PATIENCE_S

Json = Any
PAGES = Path(app.__path__[0]) / "web" / "dist"
ORIGIN = "http://127.0.0.1:9"  # nothing listens there: every request is answered by a route
# The policy of the real server: a page that needs more than this must fail here too.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self' ws://127.0.0.1:9; font-src 'self'; "
    "frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action 'self'"
)
DOCUMENTS = {"": "home", "/host": "host", "/moderate": "moderate"}


@dataclass(frozen=True)
class Answer:
    """What the scripted API says to a call."""

    body: Json = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def problem(status: int, code: str, **more: Json) -> Answer:
    """A refusal, as RFC 9457 has it."""
    body = {"type": f"about:blank#{code}", "title": code, "status": status, "code": code, **more}
    return Answer(body, status, {"content-type": "application/problem+json"})


class Stage:
    """One page and everything it talks to.

    ``answers`` maps ``"GET /brand"`` to an ``Answer``; a list is used up call by call, its last
    answer stays. ``calls`` and ``commands`` hold what the page asked for, in order.
    """

    def __init__(
        self, page: Page, answers: dict[str, Answer | list[Answer]], pages: Path | None = None
    ) -> None:
        self.page = page
        self.answers = answers
        self.calls: list[tuple[str, Json]] = []
        self.commands: list[dict[str, Json]] = []
        self.complaints: list[str] = []
        self.hello: Json = None
        self.brand_css = ""
        self.replies: dict[str, Json] = {}
        self._pages = pages or PAGES
        self._news = asyncio.Event()
        self._socket: WebSocketRoute | None = None
        self._upto = 0

    async def open(self, path: str, document: str, code: str = "") -> None:
        """Load ``path``, shown by the built page ``document``."""
        self._document, self._code = document, code
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await self.page.route("**/*", self._serve)
        await self.page.route_web_socket("**/ws*", self._connect)
        await self.page.goto(f"{ORIGIN}{path}")

    async def event(self, kind: str, data: Json, at: str = "2026-11-20T19:34:12.000Z") -> None:
        """Send one durable event in a frame of its own."""
        after, self._upto = self._upto, self._upto + 1
        event = {"seq": self._upto, "type": kind, "at": at, "data": data}
        await self.send({"t": "events", "after": after, "upto": self._upto, "events": [event]})

    async def send(self, frame: Json) -> None:
        """Send any frame to the page."""
        assert self._socket is not None
        self._socket.send(json.dumps(frame))

    async def cut(self, code: int) -> None:
        """Close the socket from the server's side."""
        assert self._socket is not None
        await self._socket.close(code=code)

    def commands_of(self, kind: str) -> list[dict[str, Json]]:
        """The ``data`` of every command of this type, in order."""
        return [each["data"] for each in self.commands if each["type"] == kind]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until what the page asks for makes this true, or raise ``TimeoutError``."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self._news.clear()
                await self._news.wait()

    def _listen(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    async def _serve(self, route: Route, request: Request) -> None:
        try:
            await self._fulfil(route, request)
        except Error as error:
            # A page that closes waits for no answer any more.
            if "has been closed" not in error.message:
                raise

    async def _fulfil(self, route: Route, request: Request) -> None:
        path = request.url.removeprefix(ORIGIN).split("?")[0]
        if path.startswith("/api/v1/"):
            await self._answer(route, request, path.removeprefix("/api/v1"))
        elif path.startswith("/assets/"):
            kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
            file = self._pages / path.removeprefix("/")
            await route.fulfill(body=file.read_bytes(), content_type=kind)
        elif path == "/brand.css":
            await route.fulfill(body=self.brand_css, content_type="text/css")
        elif request.resource_type == "document":
            text = (self._pages / f"{self._document}.html").read_text("utf-8")
            head = '<title>Causerie</title><link rel="stylesheet" href="/brand.css">'
            text = text.replace("<!--causerie:head-->", head)
            text = text.replace("<html ", f'<html data-page-code="{self._code}" ', 1)
            headers = {"content-security-policy": POLICY}
            await route.fulfill(body=text, content_type="text/html", headers=headers)
        else:
            await route.fulfill(status=404, body="")

    async def _answer(self, route: Route, request: Request, path: str) -> None:
        query = request.url.partition("?")[2]
        name = f"{request.method} {path}"
        sent = request.post_data
        is_json = "json" in request.headers.get("content-type", "")
        called = f"{name}?{query}" if query else name
        self.calls.append((called, json.loads(sent) if sent and is_json else sent))
        self._news.set()
        answer = self.answers.get(
            f"{name}?{query}", self.answers.get(name, problem(404, "not_found"))
        )
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        headers = {"content-type": "application/json", **answer.headers}
        body = "" if answer.body is None else json.dumps(answer.body)
        await route.fulfill(status=answer.status, headers=headers, body=body)

    def _connect(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        socket.on_message(self._receive)
        if self.hello is not None:
            self._upto = self.hello["head"]
            socket.send(json.dumps(self.hello))

    def _receive(self, text: str | bytes) -> None:
        frame = json.loads(text)
        self.commands.append(frame)
        self._news.set()
        reply = self.replies.get(frame["type"])
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        if reply is not None and self._socket is not None:
            self._socket.send(json.dumps({"id": frame["id"], **reply}))


AXE = Path(__file__).parents[3] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


RULES = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
RULES_OF_COLOUR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}


async def barriers(page: Page, *, of_colour_alone: bool = False) -> list[str]:
    """What axe finds in the page as it is, against WCAG 2.2 AA: rule and place.

    ``of_colour_alone`` is for a page that was looked at already and has other colours since.
    """
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE.read_text("utf-8"))
    # What is fading in has the contrast of neither its beginning nor its end.
    await page.evaluate(
        """() => Promise.race([
            new Promise((waited) => setTimeout(waited, 5000)),  // one may be held for good
            Promise.all(document.getAnimations()
                .filter((each) => each.effect?.getComputedTiming().endTime !== Infinity)
                .map((each) => each.finished.catch(() => undefined)))])"""
    )
    found = await page.evaluate(
        """async (runOnly) => {
          const { violations } = await axe.run(document, { runOnly });
          return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
        }""",
        RULES_OF_COLOUR if of_colour_alone else RULES,
    )
    return list(found)


async def overflow(page: Page) -> int:
    """How many CSS pixels the page is wider than its window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
