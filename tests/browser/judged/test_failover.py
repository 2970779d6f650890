"""Two nodes behind one address: a page outlives the node that served it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.judged.test_recovery import BACK_WITHIN_S, mark, not_reloaded
from tests.browser.show.people import Show
from tests.integration.chaos.site import two_nodes
from tests.support.raw_client import Client, Http
from tests.support.running import OWNER_TOKEN
from tests.support.switch import switch

# Two nodes are started for it, on a machine that may be busy.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

DRAFT = "a sentence that is not yet"


async def test_a_page_goes_on_at_the_other_node_with_all_that_was_said_and_typed(
    browser: Browser, tmp_path: Path
) -> None:
    with two_nodes(tmp_path / "data") as site:
        first, second = site.nodes
        async with switch([first.port, second.port]) as front:
            http = Http(front.url, OWNER_TOKEN)
            show = Show(http, browser, await http.new_session(review="before"))
            ana = await show.viewer("Ana", size=(1280, 800))
            moderator = await show.moderator()
            joined = await http.join(show.slug, display_name="Ben", language="en")
            ben = await Client(second.url, show.slug, joined["token"]).open()
            show.writers.append(ben)
            await ana.write("Questions", "Asked before")
            await expect(moderator.page.get_by_text("Asked before")).to_be_visible()
            await ana.show("Discussion")
            draft = ana.page.get_by_role("textbox", name="Your message")
            await draft.fill(DRAFT)
            await mark(ana, moderator)

            first.kill()
            await ana.write("Questions", "Asked while it was away")
            await ben.insist("question.ask", text="Asked at the other node")

            for text in ("Asked before", "Asked while it was away", "Asked at the other node"):
                found = moderator.page.get_by_text(text)
                await expect(found.first).to_be_visible(timeout=BACK_WITHIN_S * 1000)
                await expect(found).to_have_count(1)
            await ana.show("Discussion")
            await expect(draft).to_have_value(DRAFT)
            assert await not_reloaded(ana, moderator)
            assert front.taken[-1] == second.port
            await show.close()
