"""Open pages while the server is killed and comes back, and while its media process is."""

from __future__ import annotations

import asyncio
import os
import re
import signal

from playwright.async_api import expect

from tests.browser.judged.words import Words
from tests.browser.show.people import OpenShow, Person
from tests.browser.show.test_video import go_live, wait_for_moving_pixels
from tests.integration.demo.conftest import children_of
from tests.support.raw_client import reopen
from tests.support.running import Server

BACK_WITHIN_S = 40.0
WORDS = Words("en")


async def mark(*people: Person) -> None:
    """Remember the document, and forget the picture that was seen."""
    for person in people:
        await person.page.evaluate(
            "() => { window.sameDocument = true; delete window.seenPicture }"
        )


async def not_reloaded(*people: Person) -> bool:
    kept = [await person.page.evaluate("window.sameDocument === true") for person in people]
    return all(kept)


async def test_pages_outlive_a_killed_server_and_nothing_is_lost(
    open_show: OpenShow, server: Server
) -> None:
    show = await open_show(state="lobby", review="before")
    host = await show.host()
    await go_live(host)
    ana = await show.viewer("Ana", size=(1280, 800))
    moderator = await show.moderator()
    ben = await show.writer("Ben")
    await ana.write("Questions", "Asked before")
    await expect(moderator.page.get_by_text("Asked before")).to_be_visible()
    await wait_for_moving_pixels(ana.page)
    await mark(ana, moderator, host)

    server.kill()
    await ana.write("Questions", "Asked while it was away")
    for person in (ana, moderator):
        notice = person.page.get_by_text(re.compile("connect", re.IGNORECASE)).first
        await expect(notice).to_be_visible()
    await expect(ana.question("Asked before")).to_be_visible()
    await asyncio.to_thread(server.start)

    await reopen(ben)
    await ben.say("question.ask", text="Asked after")
    for text in ("Asked before", "Asked while it was away", "Asked after"):
        found = moderator.page.get_by_text(text)
        await expect(found.first).to_be_visible(timeout=BACK_WITHIN_S * 1000)
        await expect(found).to_have_count(1)
    await wait_for_moving_pixels(ana.page, BACK_WITHIN_S)
    assert await not_reloaded(ana, moderator, host)


async def test_chat_goes_on_without_the_media_process_and_the_picture_comes_back(
    open_show: OpenShow, server: Server
) -> None:
    show = await open_show(state="lobby")
    host = await show.host()
    await go_live(host)
    ana = await show.viewer("Ana", size=(1280, 800))
    ben = await show.writer("Ben")
    await ana.show("Discussion")
    await wait_for_moving_pixels(ana.page)
    await mark(ana, host)

    (media,) = children_of(server.program.process.pid)
    os.kill(media, signal.SIGKILL)
    await ben.say("message.post", text="can you still see me?")
    await ana.sees("can you still see me?")
    told = [WORDS[f"viewer_picture_{state}"] for state in ("left", "reconnecting", "waiting")]
    states = ana.page.get_by_text(re.compile("|".join(map(re.escape, told)))).first
    await expect(states).to_be_visible()
    await mark(ana)
    await wait_for_moving_pixels(ana.page, BACK_WITHIN_S)
    await expect(states).to_be_hidden()
    assert await not_reloaded(ana, host)
