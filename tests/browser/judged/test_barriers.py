"""axe finds nothing on any page in any state: French and English, light and dark, 320 px and a
desk, over the real server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.judged.words import Words
from tests.browser.pages.staged import barriers, overflow
from tests.browser.show.people import OpenShow, Show
from tests.support.raw_client import Client
from tests.support.running import OWNER_TOKEN, Server

PHONE, DESK = (320, 640), (1440, 900)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
MOVING = """() => document.getAnimations()
    .filter(a => a.playState === 'running' && a.effect.getComputedTiming().duration > 10)
    .map(a => a.effect.target?.outerHTML.slice(0, 120) ?? '')"""


@dataclass
class Eye:
    """One device and language of a person who asks for less motion, and what is in the way."""

    context: BrowserContext
    words: Words
    found: list[str] = field(default_factory=list)

    async def open(self, url: str) -> Page:
        page = await self.context.new_page()
        page.on("pageerror", lambda error: self.found.append(f"{page.url}: {error}"))
        await page.goto(url)
        return page

    async def look(self, page: Page, state: str, schemes: Iterable[Scheme] = SCHEMES) -> None:
        """Note what axe finds in both colour schemes, what moves, what does not fit."""
        for number, scheme in enumerate(schemes):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await page.evaluate(f"document.documentElement.dataset.theme = '{scheme}'")
            found = await barriers(page, of_colour_alone=number > 0)
            await self._note(f"{state}, {scheme}", found)
        await self._note(f"{state}, moves", await page.evaluate(MOVING))
        if (wide := await overflow(page)) > 0:
            self.found.append(f"{state}: {wide} px too wide")

    async def _note(self, state: str, found: list[str]) -> None:
        self.found += [f"{state}: {each}" for each in found]

    async def press(self, page: Page, key: str, role: Any = "button") -> None:
        await page.get_by_role(role, name=self.words[key], exact=True).first.click()


@pytest_asyncio.fixture(
    loop_scope="session", params=[("fr-FR", PHONE), ("en-GB", DESK)], ids=["fr-phone", "en-desk"]
)
async def eye(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Eye]:
    locale, (width, height) = request.param
    context = await browser.new_context(
        locale=locale,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
        permissions=["camera", "microphone"],
        timezone_id="Europe/Paris",
    )
    eye = Eye(context, Words(locale))
    yield eye
    await context.close()
    assert eye.found == []


async def talk(show: Show) -> Client:
    """A session with something in every corner: messages, replies, questions in several states."""
    ana = await show.writer("Ana")
    first = (await ana.say("message.post", text="Bonsoir à toutes et à tous"))["data"]["message"]
    if first["status"] == "published":
        await ana.say("message.post", text="A reply", reply_to=first["id"])
    await ana.say("message.post", text="https://example.org/a-link and @Ana")
    for text in ("Livrez-vous en Belgique ?", "Is the wool itchy?", "Will it come in green?"):
        await ana.say("question.ask", text=text)
    await ana.say("reaction.add", kind="heart", count=3)
    return ana


async def decide(show: Show) -> None:
    """One question for the host, one being answered."""
    moderator = await show.moderator_client("Inès")
    questions = moderator.snapshot["questions"]["items"]
    for question, verdicts in zip(questions, (("pick",), ("pick", "answering")), strict=False):
        revision = question["revision"]
        for verdict in verdicts:
            subject = {"kind": "question", "id": question["id"]}
            done = await moderator.say(
                "moderation.decide", subject=subject, revision=revision, verdict=verdict
            )
            revision = done["data"]["question"]["revision"]


async def plan(show: Show) -> None:
    """A part that is on and one to come, an offer that is ready and one that is out, a poll that is
    asked, by a moderator."""
    lise = await show.moderator_client("Lise")
    titles = ({"en": "Opening", "fr": "Ouverture"}, {"en": "Fitting", "fr": "Essayage"})
    parts = [
        {"titles": each, "minutes": 5, "goal": "Warm the room", "segments": ["prospect"]}
        for each in titles
    ]
    made = [(await lise.say("part.add", part=part))["data"]["part"] for part in parts]
    await lise.say("runshow.show", on=True)
    await lise.say("runshow.go", part_id=made[0]["id"], **{"from": None})
    link = {"url": "https://shop.example/coat", "label": "To the shop"}
    product = {"name": "The coat", "price": "€ 120"}
    variants = [
        {"text": "For you alone", "segment": "prospect", "link": link, "product": product},
        {"text": "For you alone", "segment": "customer"},
    ]
    await lise.say("announce.save", variants=variants)
    await lise.say("announce.send", variants=[{"text": "Good evening", "link": link}])
    asked = {"question": "Which colour?", "options": ["Red", "Blue"]}
    await lise.say("poll.open", poll={"kind": "single", "variants": [asked]})


async def test_a_viewers_page_has_no_barrier(open_show: OpenShow, eye: Eye) -> None:
    show = await open_show()
    await talk(show)
    await decide(show)
    words = eye.words
    page = await eye.open(f"{show.http.url}/s/{show.slug}")
    await expect(page.get_by_text("Is the wool itchy?").first).to_be_visible()
    await eye.look(page, "viewer, questions")
    await page.get_by_role("tab", name=words["viewer_tab_chat"]).click()
    await expect(page.get_by_text("A reply", exact=True)).to_be_visible()
    await eye.look(page, "viewer, discussion")
    field = page.get_by_role("textbox").last
    await field.fill("Un mot")
    await field.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await eye.look(page, "viewer, name")
    await page.keyboard.press("Escape")
    for key in ("viewer_settings", "viewer_share"):
        await eye.press(page, key)
        await expect(page.get_by_role("dialog")).to_be_visible()
        await eye.look(page, key)
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_before_and_after_the_show_there_is_no_barrier(open_show: OpenShow, eye: Eye) -> None:
    draft = await open_show(state="draft", starts_at="2031-01-01T18:00:00Z")
    page = await eye.open(f"{draft.http.url}/s/{draft.slug}")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await eye.look(page, "before")
    lobby = await open_show(state="lobby")
    page = await eye.open(f"{lobby.http.url}/s/{lobby.slug}")
    await expect(page.get_by_role("tab").first).to_be_visible()
    await eye.look(page, "lobby")
    ended = await open_show()
    await talk(ended)
    await ended.http.as_owner("POST", f"/sessions/{ended.slug}/state", state="ended")
    page = await eye.open(f"{ended.http.url}/s/{ended.slug}")
    await expect(page.get_by_role("tab").first).to_be_visible()
    await eye.look(page, "ended")
    page = await eye.open(f"{ended.http.url}/s/there-is-none")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await eye.look(page, "notice")


async def test_the_console_has_no_barrier(open_show: OpenShow, eye: Eye) -> None:
    show = await open_show(review="before")
    await talk(show)
    page = await eye.open(show.session["invites"]["moderator"]["url"])
    await expect(page.get_by_text("Is the wool itchy?").first).to_be_visible()
    await eye.look(page, "console")
    await page.get_by_text("Is the wool itchy?").first.click()
    await page.keyboard.press("p")
    await eye.look(page, "console, a card in focus")
    await page.keyboard.press("i")
    await expect(page.locator("[data-card]")).to_be_visible()
    await eye.look(page, "console, a person")
    await plan(show)
    # What these show elsewhere too is seen in both schemes there: here the phone is light.
    scheme: Scheme = "light" if eye.words.language == "fr" else "dark"
    panels = ("mod_panel_heard", "unanswered_short", "history_title")
    for panel in (*panels, "runshow_title", "pulse_panel", "poll_section"):
        await page.get_by_role("tab", name=eye.words[panel]).click()
        await expect(page.get_by_role("tab", name=eye.words[panel])).to_have_attribute(
            "aria-selected", "true"
        )
        await eye.look(page, panel, [scheme])
    await page.get_by_role("button", name=eye.words["poll_new"]).click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await eye.look(page, "a new poll", [scheme])
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await page.keyboard.press("!")
    await expect(page.get_by_role("dialog").get_by_role("table")).to_be_visible()
    await eye.look(page, "the composer", [scheme])


async def test_who_is_banned_stands_before_no_barrier(open_show: OpenShow, eye: Eye) -> None:
    show = await open_show()
    ben = await show.moderator_client("Inès")
    page = await eye.open(f"{show.http.url}/s/{show.slug}")
    await expect(page.get_by_role("tab").first).to_be_visible()
    await page.get_by_role("textbox").first.fill("Bonsoir")
    await page.get_by_role("textbox").first.press("Enter")
    await page.get_by_role("dialog").get_by_role("textbox").fill("Zoé")
    await page.keyboard.press("Enter")
    await ben.until(lambda c: any("question" in e["data"] for e in c.events))
    [who] = {e["data"]["question"]["author"]["id"] for e in ben.events if "question" in e["data"]}
    await ben.say("sanction.set", participant_id=who, kind="ban", reason="Insultes")
    await expect(page.locator("[data-stands=ban]")).to_be_visible()
    await eye.look(page, "banned")


async def test_the_cockpit_has_no_barrier(open_show: OpenShow, eye: Eye) -> None:
    show = await open_show(state="draft")
    page = await eye.open(show.session["invites"]["host"]["url"])
    await expect(page.get_by_role("heading").first).to_be_visible()
    await eye.look(page, "cockpit before the show")
    await show.http.as_owner("POST", f"/sessions/{show.slug}/state", state="live")
    await talk(show)
    await decide(show)
    await expect(page.get_by_text("Is the wool itchy?").first).to_be_visible()
    await plan(show)
    await eye.look(page, "cockpit, live")


async def test_home_has_no_barrier(server: Server, open_show: OpenShow, eye: Eye) -> None:
    await open_show()
    page = await eye.open(server.url)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await eye.look(page, "home, a visitor")
    # What signs in: the page's own requests, with the owner's token.
    await eye.context.set_extra_http_headers({"Authorization": f"Bearer {OWNER_TOKEN}"})
    page = await eye.open(server.url)
    await expect(page.get_by_text("La collection d’hiver").first).to_be_visible()
    await eye.look(page, "home, the owner")
    await eye.press(page, "home_new_session")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await eye.look(page, "home, a new session")
