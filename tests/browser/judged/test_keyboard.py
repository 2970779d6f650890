"""A viewer who has no pointer: asks, votes and talks with the keyboard, and sees where they are."""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page, expect

from tests.browser.show.people import OpenShow

ENOUGH_TABS = 60


async def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until `wanted` has the focus, which must then be visible."""
    for _ in range(ENOUGH_TABS):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("e => e === document.activeElement"):
            break
    await expect(wanted).to_be_focused()
    ring = await wanted.evaluate(
        """e => { for (let n = e, up = 0; n && up < 3; n = n.parentElement, up++) {
            const s = getComputedStyle(n)
            if (s.outlineStyle !== 'none' && s.outlineWidth !== '0px') return true
            if (s.boxShadow !== 'none') return true } return false }"""
    )
    assert ring, await wanted.evaluate("e => e.outerHTML")


async def test_a_viewer_asks_votes_and_talks_without_a_pointer(open_show: OpenShow) -> None:
    show = await open_show()
    ben = await show.writer("Ben")
    await ben.say("question.ask", text="Will there be a blue one?")
    ana = await show.viewer(size=(1280, 800))
    page = ana.page
    await expect(ana.question("Will there be a blue one?")).to_be_visible()

    await tab_to(page, ana.vote("Will there be a blue one?"))
    await page.keyboard.press("Space")
    await expect(ana.vote("Will there be a blue one?")).to_have_attribute("aria-pressed", "true")
    await expect(ana.vote("Will there be a blue one?")).to_be_focused()

    await tab_to(page, page.get_by_role("textbox", name="Your question"))
    await page.keyboard.type("Is the wool itchy?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("textbox", name="Name")).to_be_focused()
    await page.keyboard.type("Ana")
    await page.keyboard.press("Enter")
    await ben.until(lambda c: any(e["type"] == "question.published" for e in c.events[1:]))
    # The event may come a moment before the ack, and what was being sent goes with that.
    asked = ana.question("Is the wool itchy?")
    await expect(asked.filter(has_text="Your question")).to_be_visible()
    await expect(asked).to_have_count(1)
    # Whoever was writing goes on writing.
    await expect(page.get_by_role("textbox", name="Your question")).to_be_focused()

    questions = page.get_by_role("tab", name=re.compile("^Questions"))
    for _ in range(ENOUGH_TABS):
        await page.keyboard.press("Shift+Tab")
        if await questions.evaluate("e => e === document.activeElement"):
            break
    await page.keyboard.press("ArrowRight")
    discussion = page.get_by_role("tab", name=re.compile("^Discussion"))
    await expect(discussion).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(discussion).to_have_attribute("aria-selected", "true")
    await tab_to(page, page.get_by_role("textbox", name="Your message"))
    await page.keyboard.type("I love the green one")
    await page.keyboard.press("Enter")
    await ana.sees("I love the green one")
    await ben.until(lambda c: any(e["type"] == "message.published" for e in c.events))
