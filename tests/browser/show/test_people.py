"""A team and one person: rows M7, M14, M17, E5, V12 and appeals, in real browsers."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.show.people import OpenShow, Person, Viewer
from tests.browser.show.test_team import card, lane, press


async def test_m14_m7_the_card_of_a_person_notes_sanctions_and_an_appeal(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    lea, yann = await show.moderator("Lea"), await show.moderator("Yann")
    host = await show.host()
    ana, ben = await show.viewer("Ana"), await show.viewer("Ben")
    await ana.write("Discussion", "You are all fools")
    await expect(card(lea, "Live", "You are all fools")).to_be_visible()

    # The card opens by its key, beside the lanes; the list stays.
    await press(lea, card(lea, "Live", "You are all fools"), "i")
    name = lea.page.get_by_role("heading", name="Ana")
    await expect(name).to_be_visible()
    await expect(lane(lea, "To handle")).to_be_visible()
    await expect(lea.page.locator("[data-card]").get_by_text("You are all fools")).to_be_visible()
    await lea.page.get_by_label("New note").fill("canary: second time this week")
    await lea.button("Add note").click()
    await expect(lea.page.locator("[data-paper=note]")).to_contain_text("second time")
    # Yann opens it by a click on the name, and finds the note.
    await card(yann, "Live", "You are all fools").get_by_role("button", name="Ana").click()
    await expect(yann.page.locator("[data-paper=note]")).to_contain_text("second time")

    # A mute is told with its reason; one appeal reaches every desk.
    await lea.page.get_by_text("Set a sanction").click()
    await lea.button("Mute").first.click()
    await lea.page.get_by_label("Reason").fill("Insults")
    await lea.page.locator("form").get_by_role("button", name="Mute").last.click()
    await expect(yann.page.locator("[data-sanction=mute]")).to_contain_text("Insults")
    await ana.button("Between you and the team").click()
    await expect(ana.page.locator("[data-stands=mute]")).to_contain_text("Insults")
    await ana.page.get_by_label("Why should the team think again?").fill("Sorry, bad day")
    await ana.button("Send my appeal").click()
    await ana.sees("Your appeal is with the team.")
    await yann.page.get_by_role("tab", name=re.compile("^Heard")).click()
    await yann.page.get_by_label("A sentence for the person").fill("Welcome back")
    await yann.button("Accept and lift").click()
    await expect(lea.page.locator("[data-sanction=mute]")).to_have_count(0)
    await ana.button("Close").click()
    await ana.write("Discussion", "Thank you")
    await ben.show("Discussion")
    await ben.sees("Thank you")

    # A ban closes the page with its reason; its appeal is declined with a sentence.
    await lea.button("Ban").first.click()
    await lea.page.get_by_label("Reason").fill("Again")
    await lea.page.locator("form").get_by_role("button", name="Ban").last.click()
    await expect(ana.page.locator("[data-stands=ban]")).to_contain_text("Again")
    await ana.page.get_by_label("Why should the team think again?").fill("Please")
    await ana.button("Send my appeal").click()
    await ana.sees("Your appeal is with the team.")
    await yann.page.get_by_label("A sentence for the person").fill("Not today")
    await yann.button("Decline").click()
    await expect(ana.page.locator("[data-stands=ban]")).to_contain_text("Not today")
    await ana.page.reload()
    await expect(ana.page.locator("[data-stands=ban]")).to_contain_text("declined")

    for person in (ana, ben):
        assert not any("canary" in frame for frame in person.frames)
    await host.hears("canary")


async def test_m17_e5_an_answer_between_two_is_published_by_consent_and_v12_reports(
    open_show: OpenShow,
) -> None:
    show = await open_show(review="before")
    lea, yann = await show.moderator("Lea"), await show.moderator("Yann")
    ana, ben = await show.viewer("Ana"), await show.viewer("Ben")
    question = "Where is my order 4711?"
    await ana.write("Questions", question)
    await press(lea, card(lea, "To handle", question), "y")
    await lea.page.get_by_label("Your answer").fill("It left this morning.")
    await lea.button("Send to the asker").click()

    await ana.button("The team has written to you").click()
    await ana.sees("It left this morning.")
    await ana.page.get_by_label("Write back").fill("Thank you, between us")
    await ana.button("Send").last.click()
    await yann.page.get_by_role("tab", name=re.compile("^Heard")).click()
    await yann.sees("Thank you, between us")
    for secret in ("4711", "this morning", "between us"):
        assert not any(secret in frame for frame in ben.frames)

    await ana.button("Publish without my name").click()
    await ana.sees("Published, without your name.")
    await expect(ben.question(question)).to_contain_text("It left this morning.")
    assert not any("Ana" in frame for frame in ben.frames)
    await expect(card(lea, "Answered", question)).to_contain_text("Ana")

    await ana.button("Close").click()
    await lea.page.get_by_role("combobox", name="Review").select_option("after")
    await lea.hears('"mode.changed"')
    await report(ana, ben, yann)


async def report(ana: Viewer, ben: Viewer, yann: Person) -> None:
    """V12: the reporter stops seeing the author at once; the desk gets the report."""
    await ana.write("Discussion", "buy my watches")
    await ben.show("Discussion")
    line = ben.page.get_by_role("article").filter(has_text="buy my watches")
    await line.get_by_role("button").last.click()
    await ben.page.get_by_role("menuitem", name=re.compile("Report")).click()
    await ben.page.get_by_label("In your own words").fill("Every day the same")
    await ben.button("Report").last.click()
    await expect(line).to_have_count(0)
    entry = yann.page.locator("[data-report]")
    await expect(entry).to_contain_text("Advertising or spam: Every day the same")
    await expect(card(yann, "Live", "buy my watches")).to_contain_text("Reported (1)")
    await entry.get_by_role("button", name="Dealt with").click()
    await expect(entry).to_have_count(0)
