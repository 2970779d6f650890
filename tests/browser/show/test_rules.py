"""How the team calms a chat, in real browsers: rows M8 and M9."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.show.people import OpenShow
from tests.browser.show.test_team import card
from tests.support.raw_client import RefusedByServer


async def test_m9_one_act_raises_the_shield_and_one_gives_back_what_was_there(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    lea, yann = await show.moderator(), await show.moderator()
    ana = await show.viewer("Ana")
    await lea.page.get_by_role("combobox", name="Slow mode").select_option("5")
    await yann.hears('"mode.changed"')

    await lea.page.get_by_role("main").click()
    await lea.page.keyboard.press("s")
    await expect(lea.button("Lower the shield")).to_have_count(0)
    await lea.page.keyboard.down("s")
    await expect(lea.button("Lower the shield")).to_be_visible()
    await lea.page.keyboard.up("s")
    await expect(yann.button("Lower the shield")).to_be_visible()
    await expect(yann.page.get_by_text("hold newcomers, no links, slow mode")).to_be_visible()
    await ana.show("Discussion")
    await ana.sees("The team is calming things down for a moment.")

    raider = await show.writer("Raider")
    await raider.say("message.post", text="buy my watches")
    await expect(card(lea, "To handle", "buy my watches")).to_be_visible()
    linker = await show.writer("Linker")
    with pytest.raises(RefusedByServer, match="forbidden: No links"):
        await linker.say("message.post", text="www.example.com")

    await yann.page.get_by_role("combobox", name="Review").select_option("before")
    await lea.hears('"review":"before"')
    await yann.button("Lower the shield").click()
    await expect(lea.button("Lower the shield")).to_have_count(0)
    slow = lea.page.get_by_role("combobox", name="Slow mode")
    await expect(slow).to_have_value("5")
    review = lea.page.get_by_role("combobox", name="Review")
    await expect(review).to_have_value("before")
    said = await linker.say("message.post", text="www.example.com")
    assert said["data"]["status"] == "pending", "links are back; what was changed meanwhile stays"


async def test_m8_rules_are_switched_one_by_one_and_the_server_holds_to_them(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    lea = await show.moderator()
    ana = await show.viewer("Ana")
    await ana.show("Discussion")
    await lea.button("More").click()
    await lea.page.get_by_role("menuitem", name="Rules and shield").click()
    now = lea.page.get_by_role("region", name="Now")
    told = {
        "Questions only": ("For now, questions only.", "hello", "/q Is it warm?"),
        "Whole sentences only": ("60 characters or more", "hello", "x" * 60),
        "Emoji only": ("For now, emoji only.", "hello", "🎉"),
    }
    for rule, (sentence, barred, welcome) in told.items():
        await now.get_by_role("switch", name=rule).click()
        await expect(ana.page.get_by_text(sentence)).to_be_visible()
        writer = await show.writer(rule)
        with pytest.raises(RefusedByServer, match="forbidden"):
            await writer.say("message.post", text=barred)
        await writer.say("message.post", text=welcome)
        await now.get_by_role("switch", name=rule).click()
        await expect(ana.page.get_by_text(sentence)).to_have_count(0)
