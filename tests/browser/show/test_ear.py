"""What the ear does for people, in real browsers: rows M10, M11, M12, M16, A1 and H3."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.browser.pages.staged import barriers
from tests.browser.show.people import OpenShow
from tests.browser.show.test_team import card, press
from tests.support.raw_client import RefusedByServer
from tests.support.running import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose ear can be foretold; the models have tests of their own."""
    serves = (sys.executable, "-m", "tests.support.hearing_server")
    server = Server(tmp_path_factory.mktemp("ear") / "data", serves=serves)
    try:
        yield server.start()
    finally:
        server.stop()


async def test_m10_m11_a_rejected_lines_variant_is_held_with_score_and_features_until_the_undo(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    lea = await show.moderator()
    writer = await show.writer("Ana")
    await writer.say("message.post", text="cheap golden watches here")
    await press(lea, card(lea, "Live", "cheap golden watches here"), "d")
    await expect(card(lea, "Live", "cheap golden watches here")).to_have_count(0)

    other = await show.writer("Bob")
    held = await other.say("message.post", text="golden watches, very cheap")
    assert held["data"]["message"]["status"] == "pending"
    assert "score" not in held["data"]["message"]
    assert "hints" not in held["data"]["message"]
    waiting = card(lea, "To handle", "golden watches, very cheap")
    await expect(waiting).to_contain_text("held 0.94")
    await expect(waiting).to_contain_text("It resembles what the team refused.")
    await expect(waiting).to_contain_text("What weighed most")
    await expect(waiting).to_contain_text("+0.9")

    await lea.page.keyboard.press("z")
    await expect(card(lea, "Live", "cheap golden watches here")).to_be_visible()
    for attempt in range(20):
        again = await (await show.writer(f"Cyd {attempt}")).say(
            "message.post", text=f"golden watches, cheap {attempt}"
        )
        if again["data"]["message"]["status"] == "published":
            return
    raise AssertionError("the variant is still held")


async def test_m12_the_same_question_in_two_languages_becomes_one_and_two_again(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    lea, host = await show.moderator(), await show.host()
    ana, bob = await show.writer("Ana"), await show.writer("Bob")
    first = (await ana.say("question.ask", text="Delivery price?"))["data"]["question"]
    second = (await bob.say("question.ask", text="Prix de la livraison ?"))["data"]["question"]
    for voter, question in ((ana, second), (bob, second), (bob, first)):
        await voter.say("question.vote", question_id=question["id"], up=True)

    proposed = card(lea, "Live", "Prix de la livraison ?")
    await expect(proposed).to_contain_text("Same question as “Delivery price?” · 0.81")
    await press(lea, proposed, "m")
    await expect(card(lea, "Live", "Prix de la livraison ?")).to_have_count(0)
    one = card(lea, "Live", "Delivery price?")
    await expect(one).to_contain_text("2 people, joined, in 2 languages")
    await expect(one.get_by_label("2 votes")).to_be_visible()
    await press(lea, one, "h")
    await expect(host.page.get_by_role("main", name="Question")).to_contain_text("2 people")

    split = await show.writer("Mod")
    with pytest.raises(RefusedByServer, match="forbidden"):
        await split.say("question.split", question_id=second["id"])
    await press(lea, card(lea, "For the host", "Delivery price?"), "u")
    await expect(card(lea, "Live", "Prix de la livraison ?")).to_be_visible()
    await expect(card(lea, "Live", "Prix de la livraison ?")).not_to_contain_text("Same question")


async def test_two_questions_kept_apart_by_one_key_are_not_proposed_again(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    lea = await show.moderator()
    ana, bob = await show.writer("Ana"), await show.writer("Bob")
    await ana.say("question.ask", text="Is it warm?")
    await bob.say("question.ask", text="Est-ce chaud ?")
    proposed = card(lea, "Live", "Est-ce chaud ?")
    await expect(proposed).to_contain_text("Same question as")
    await press(lea, proposed, "-")
    await expect(proposed).not_to_contain_text("Same question as")
    await expect(lea.page.get_by_text("Kept apart; not proposed again")).to_be_visible()


async def test_m16_an_after_sales_question_lands_on_its_desk_with_the_reason(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    lea = await show.moderator()
    writer = await show.writer("Ana")
    await writer.say("question.ask", text="Mon colis est arrivé cassé, que faire ?")
    await writer.say("question.ask", text="Who knitted it?")
    lands = card(lea, "Live", "Mon colis est arrivé cassé, que faire ?")
    await expect(lands).to_contain_text("After-sales")
    await expect(lands).to_contain_text("it says “")
    await lea.page.get_by_role("combobox", name="Show", exact=True).select_option(
        "desk:after_sales"
    )
    await expect(lands).to_be_visible()
    await expect(card(lea, "Live", "Who knitted it?")).to_have_count(0)


async def test_a_likely_question_becomes_one_by_one_key_and_its_author_sees_it(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    lea = await show.moderator()
    ana = await show.viewer("Ana")
    await ana.write("Discussion", "lovely evening")
    await ana.write("Discussion", "how much is the red coat")
    await lea.page.get_by_role("combobox", name="Show", exact=True).select_option("likely")
    line = card(lea, "Live", "how much is the red coat")
    await expect(line).to_contain_text("Likely a question · 0.9")
    await expect(lea.page.locator("[data-lane=live] article").first).to_contain_text("red coat")
    await press(lea, line, "q")
    await ana.show("Questions")
    await expect(ana.question("how much is the red coat")).to_be_visible()
    await lea.button("Undo").last.click()
    await lea.hears('"verdict":"undo"')


async def test_a1_a_segment_is_suggested_and_only_a_key_accepts_it(open_show: OpenShow) -> None:
    show = await open_show()
    lea = await show.moderator()
    writer = await show.writer("Ana")
    await writer.say("message.post", text="I want to buy two of them")
    line = card(lea, "Live", "I want to buy two of them")
    await expect(line).to_contain_text("Sounds like: Prospect · 0.84")
    with pytest.raises(RefusedByServer, match="forbidden"):
        await writer.say("participant.place", participant_id="x", segment="influencer")
    await press(lea, line, "g")
    await writer.until(lambda one: one.snapshot["you"]["segment"] == "prospect")
    await expect(line).not_to_contain_text("Sounds like")


async def test_h3_the_mood_of_a_segment_shows_from_five_people_on(open_show: OpenShow) -> None:
    show = await open_show()
    lea, host = await show.moderator(), await show.host()
    for number in range(4):
        await (await show.writer(f"W{number}")).say("message.post", text="i love it so much")
    ear = f"/sessions/{show.slug}/ear"
    assert (await show.http.as_owner("GET", ear))["mood"] == {}
    await (await show.writer("W5")).say("message.post", text="i love it too, friends")
    mood = (await show.http.as_owner("GET", ear))["mood"]
    assert (mood["general"]["people"], mood["general"]["value"]) == (5, 1.0)
    await expect(lea.page.get_by_role("region", name="Mood")).to_contain_text("good · 5 people")
    pulse = host.page.get_by_role("region", name="Pulse, 5 min")
    await expect(pulse).to_contain_text("good · 5 people")


async def test_the_dials_are_turned_at_the_desk_and_the_desk_has_no_barrier(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    lea, yann = await show.moderator(), await show.moderator()
    await lea.button("More").click()
    await lea.page.get_by_role("menuitem", name="What is judged").click()
    await lea.page.get_by_role("combobox", name="Links").select_option("off")
    await lea.page.get_by_label("Watched words, FR").fill("tricot, pelote")
    await lea.page.keyboard.press("Tab")
    await yann.hears('"fr":["tricot","pelote"]')
    await lea.page.get_by_text("Which desk takes what").click()
    await lea.button("Add a rule").click()
    await lea.page.get_by_label("Goes to").select_option("staff")
    await lea.page.get_by_label("Has one of these words").fill("zebra")
    await lea.button("Save").click()
    await yann.hears('"words":["zebra"]')
    await lea.page.get_by_text("What segments sound like").click()
    await lea.page.get_by_label("Examples, Prospect").fill("Where can I try one?")
    await lea.page.keyboard.press("Tab")
    await yann.hears('"prospect":["Where can I try one?"]')
    await lea.page.get_by_text("What topics sound like").click()
    await lea.page.get_by_label("Another topic").fill("Pets")
    await lea.page.get_by_role("button", name="Add", exact=True).click()
    await lea.page.get_by_label("Examples, pets").fill("Are dogs allowed?")
    await lea.page.keyboard.press("Tab")
    await yann.hears('"pets":["Are dogs allowed?"]')
    await expect(lea.page.get_by_text("What the filter has learned")).to_have_count(0)
    assert await barriers(lea.page) == []
    writer = await show.writer("Ana")
    said = await writer.say("message.post", text="see example.com")
    assert said["data"]["message"]["status"] == "published"
