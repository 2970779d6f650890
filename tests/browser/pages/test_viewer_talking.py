"""Saying, asking, voting, reacting: what becomes of it, told on the page."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.pages.staged import Stage, barriers
from tests.browser.pages.watching import message, mine, question, questions, snapshot, watch
from tests.support.chromium import still

NO_NAME = {"t": "refused", "code": "name_required", "message": "Say what you want to be called."}
CALL = message("m2", "@lise martin: it is wool", "Hana")
ACK: dict[str, Any] = {"t": "ack", "seq": None, "data": {}}


async def discussion(page: Page) -> Any:
    await page.get_by_role("tab", name="Discussion").click()
    return page.get_by_role("textbox", name="Your message")


async def sent(stage: Stage, kind: str, count: int = 1) -> list[dict[str, Any]]:
    """The commands of this type, once there are so many."""

    def found() -> list[dict[str, Any]]:
        return [each for each in stage.commands if each["type"] == kind]

    await stage.until(lambda: len(found()) >= count)
    return found()


async def test_what_is_said_in_a_tunnel_waits_and_goes_out_once_under_its_id(
    browser: Browser,
) -> None:
    stage = await watch(browser, snapshot())
    page = stage.page
    field = await discussion(page)
    await page.context.set_offline(True)
    await field.fill("From the tunnel")
    await field.press("Enter")
    await expect(page.get_by_text("Waiting for the connection")).to_be_visible()
    assert stage.commands_of("message.post") == []
    stage.replies = {"message.post": ACK}
    await page.context.set_offline(False)
    await expect(page.get_by_text("Waiting for the connection")).to_have_count(0)
    assert stage.commands_of("message.post") == [{"text": "From the tunnel"}]


async def test_what_was_not_answered_survives_a_reload_with_its_id(browser: Browser) -> None:
    stage = await watch(browser, snapshot())
    page = stage.page
    field = await discussion(page)
    await field.fill("Did it arrive?")
    await field.press("Enter")
    [first] = await sent(stage, "message.post")
    stage.replies = {"message.post": ACK}
    await page.reload()
    [_, again] = await sent(stage, "message.post", 2)
    assert again == first


async def test_a_name_is_asked_at_the_first_word_and_the_text_goes_out_with_it(
    browser: Browser,
) -> None:
    told = snapshot(you={"display_name": None})
    stage = await watch(browser, told, replies={"message.post": NO_NAME, "profile.set": ACK})
    page = stage.page
    assert await page.get_by_role("dialog").count() == 0  # watching asks nothing
    field = await discussion(page)
    await field.fill("Good evening")
    await field.press("Enter")
    dialog = page.get_by_role("dialog", name="What should we call you?")
    await expect(dialog.get_by_role("textbox", name="Name")).to_be_focused()
    assert await barriers(page) == []
    stage.replies = {"message.post": ACK, "profile.set": ACK}
    await dialog.get_by_role("textbox", name="Name").fill("Ada")
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    [first, again] = await sent(stage, "message.post", 2)
    assert again == first
    assert stage.commands_of("profile.set") == [{"display_name": "Ada"}]


async def test_without_a_name_the_text_comes_back_to_its_field(browser: Browser) -> None:
    told = snapshot(you={"display_name": None})
    stage = await watch(browser, told, replies={"message.post": NO_NAME})
    page = stage.page
    field = await discussion(page)
    await field.fill("Good evening")
    await field.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(field).to_have_value("Good evening")


async def test_a_name_too_close_to_the_team_is_refused_where_it_is_typed(
    browser: Browser,
) -> None:
    taken = {"t": "refused", "code": "name_taken", "message": "Taken."}
    told = snapshot(you={"display_name": None})
    stage = await watch(browser, told, replies={"message.post": NO_NAME, "profile.set": taken})
    field = await discussion(stage.page)
    await field.fill("Good evening")
    await field.press("Enter")
    name = stage.page.get_by_role("dialog").get_by_role("textbox", name="Name")
    await name.fill("Camille")
    await name.press("Enter")
    await expect(stage.page.get_by_text("too close to someone of the team")).to_be_visible()
    await expect(name).to_have_value("Camille")


async def test_a_refusal_stands_by_the_words_and_lets_them_be_corrected(browser: Browser) -> None:
    refusal = {"t": "refused", "code": "forbidden", "message": "No links at the moment."}
    stage = await watch(browser, snapshot(), replies={"question.ask": refusal})
    page = stage.page
    field = page.get_by_role("textbox", name="Your question")
    await field.fill("See example.com?")
    await field.press("Enter")
    await expect(page.get_by_text("Not sent")).to_be_visible()
    await page.get_by_role("button", name="Edit").click()
    await expect(field).to_have_value("See example.com?")
    await expect(page.get_by_text("Not sent")).to_have_count(0)


async def test_ones_own_question_tells_its_fate_at_every_step(browser: Browser) -> None:
    held = mine("question", "q1", "In green too?")
    stage = await watch(browser, snapshot(you={"mine": [held]}))
    page = stage.page
    author = held["author"]
    await expect(page.get_by_text("the team is reading it")).to_be_visible()
    own = question("q1", "In green too?", author=author, revision=2, seq=5)
    await stage.event("question.published", {"question": own, "total": 1})
    cards = page.get_by_role("list", name="Questions")
    await expect(cards.get_by_text("Your question", exact=True)).to_be_visible()
    await stage.event("question.changed", {"question": {**own, "status": "picked", "revision": 3}})
    await expect(page.get_by_text("Your question · up soon")).to_be_visible()
    answering = {**own, "status": "answering", "revision": 4}
    await stage.event("question.changed", {"question": answering})
    await expect(page.get_by_text("Being answered", exact=True)).to_be_visible()
    at = "2026-11-20T19:41:00.000Z"
    answered = {**own, "status": "answered", "revision": 5, "answered_at": at}
    await stage.event("question.changed", {"question": answered})
    await expect(page.get_by_text("Your question · answered at 20:41")).to_be_visible()
    dismissed = {**own, "status": "dismissed", "revision": 6}
    await stage.event("question.changed", {"question": dismissed})
    await expect(page.get_by_text("the team did not take it")).to_be_visible()
    assert stage.complaints == []


async def test_a_held_question_can_be_withdrawn(browser: Browser) -> None:
    told = snapshot(you={"mine": [mine("question", "q1", "In green too?")]})
    stage = await watch(browser, told, replies={"question.withdraw": ACK})
    await stage.page.get_by_role("button", name="Withdraw").click()
    await expect(stage.page.get_by_text("Withdrawn.")).to_be_visible()
    assert stage.commands_of("question.withdraw") == [{"question_id": "q1"}]


async def test_a_vote_counts_at_once_and_a_second_tap_takes_it_back(browser: Browser) -> None:
    stage = await watch(browser, snapshot(questions=questions(question("q1", "Blue?", votes=3))))
    page = stage.page
    await page.get_by_role("button", name="Vote for this question · 3 votes").click()
    back = page.get_by_role("button", name="Take my vote back · 4 votes")
    await expect(back).to_have_attribute("aria-pressed", "true")
    [vote] = await sent(stage, "question.vote")
    await stage.event("ballot.cast", {"question_id": "q1", "up": True})
    await stage.send({"t": "ack", "id": vote["id"], "seq": 101, "data": {}})
    await stage.event("vote.tallied", {"question_id": "q1", "votes": 9})
    await page.get_by_role("button", name="Take my vote back · 9 votes").click()
    await sent(stage, "question.vote", 2)
    assert stage.commands_of("question.vote")[-1] == {"question_id": "q1", "up": False}
    await expect(page.get_by_role("button", name="Vote for this question · 8")).to_be_visible()


async def test_the_most_wanted_question_stands_first_everywhere(browser: Browser) -> None:
    both = questions(question("q1", "Blue?", votes=3, seq=1), question("q2", "Red?", seq=2))
    stage = await watch(browser, snapshot(questions=both))
    cards = stage.page.get_by_role("list", name="Questions").get_by_role("listitem")
    await expect(cards.first).to_contain_text("Blue?")
    await stage.event("vote.tallied", {"question_id": "q2", "votes": 8})
    await expect(cards.first).to_contain_text("Red?")


async def test_a_line_that_begins_with_q_is_announced_as_a_question(browser: Browser) -> None:
    stage = await watch(browser, snapshot())
    field = await discussion(stage.page)
    await field.fill("/q Do you repair coats?")
    await expect(stage.page.get_by_text("Goes to the host as a question")).to_be_visible()
    await field.press("Enter")
    assert (await sent(stage, "message.post"))[0]["data"] == {"text": "/q Do you repair coats?"}


async def test_a_text_too_long_says_by_how_much_and_is_not_sent(browser: Browser) -> None:
    stage = await watch(browser, snapshot())
    field = await discussion(stage.page)
    await field.fill("x" * 503)
    await expect(stage.page.get_by_text("3 characters too many")).to_be_visible()
    await field.press("Enter")
    await expect(field).to_have_value("x" * 503)


async def test_a_reply_shows_its_parent_and_goes_out_with_it(browser: Browser) -> None:
    told = snapshot(
        messages=[message("m1", "Is it wool?"), message("m2", "It is", "Hana", reply_to="m1")]
    )
    stage = await watch(browser, told)
    page = stage.page
    field = await discussion(page)
    await expect(page.get_by_text("In reply to renard-vif")).to_be_visible()
    await page.get_by_role("button", name="Actions for the message of Hana").click()
    await page.get_by_role("menuitem", name="Reply").click()
    await expect(field).to_be_focused()
    await field.fill("Thank you")
    await field.press("Enter")
    post = (await sent(stage, "message.post"))[0]
    assert post["data"] == {"text": "Thank you", "reply_to": "m2"}


async def test_who_is_called_by_name_is_told_and_led_there(browser: Browser) -> None:
    stage = await watch(browser, snapshot())
    page = stage.page
    await expect(page.get_by_role("tab", name="Questions")).to_be_visible()
    other = message("m1", "@Lise Martinez look")
    await stage.event("message.published", {"message": other})
    await stage.event("message.published", {"message": CALL})
    await page.get_by_role("button", name="Read").click()
    await expect(page.get_by_text("Mentions you")).to_be_visible()
    await expect(page.get_by_text("renard-vif speaks to you")).to_have_count(0)
    assert stage.complaints == []


async def test_the_tab_says_that_something_in_it_is_for_you_until_it_was_read(
    browser: Browser,
) -> None:
    stage = await watch(browser, snapshot())
    page = stage.page
    await expect(page.get_by_role("tab", name="Questions")).to_be_visible()
    await stage.event("message.published", {"message": CALL})
    await page.get_by_role("tab", name="Discussion for you").click()
    await expect(page.get_by_role("tab", name="Discussion", exact=True)).to_be_visible()


async def test_typing_an_at_sign_offers_the_names_of_those_who_spoke(browser: Browser) -> None:
    told = snapshot(messages=[message("m1", "Hello", "Hana"), message("m2", "Hi", "Do Nguyen")])
    stage = await watch(browser, told)
    field = await discussion(stage.page)
    await field.press_sequentially("@d")
    option = stage.page.get_by_role("option", name="@Do Nguyen")
    await expect(option).to_be_visible()
    assert await barriers(stage.page) == []
    await field.press("Enter")
    await expect(field).to_have_value("@Do Nguyen ")


async def test_what_people_write_is_never_markup(browser: Browser) -> None:
    text = "<img src=x onerror=alert(1)> see https://example.com/a?b=<c> javascript:alert(1)"
    stage = await watch(browser, snapshot(messages=[message("m1", text)]))
    page = stage.page
    await discussion(page)
    line = page.get_by_role("list", name="Discussion")
    await expect(line.get_by_role("link")).to_have_count(1)
    href = await line.get_by_role("link").get_attribute("href")
    assert href is not None
    assert href.startswith("https://example.com/a")
    await expect(line).to_contain_text("<img src=x onerror=alert(1)>")
    assert await line.locator("img").count() == 0
    assert stage.complaints == []


async def test_scrolled_up_the_list_stays_and_counts_what_is_new(browser: Browser) -> None:
    lines = [message(f"m{n}", f"line {n}", seq=n) for n in range(50)]
    stage = await watch(browser, snapshot(messages=lines))
    page = stage.page
    await discussion(page)
    await expect(page.get_by_text("line 49", exact=True)).to_be_in_viewport()
    await page.get_by_role("list", name="Discussion").hover()
    await page.mouse.wheel(0, -900)
    await expect(page.get_by_role("button", name="To the latest")).to_be_visible()
    top_row = """list => {
      const top = list.getBoundingClientRect().top;
      const rows = [...list.querySelectorAll('[data-row]')];
      const row = rows.find((each) => each.getBoundingClientRect().bottom > top);
      return row && `${row.dataset.row} at ${Math.round(row.getBoundingClientRect().top)}`; }"""
    listed = page.get_by_role("list", name="Discussion")
    before = await still(listed, top_row)
    for n in range(50, 80):
        new = message(f"m{n}", f"line {n}", seq=n)
        await stage.event("message.published", {"message": new})
    await expect(page.get_by_role("button", name="30 new")).to_be_visible()
    assert await still(listed, top_row) == before
    await page.get_by_role("button", name="30 new").click()
    await expect(page.get_by_text("line 79", exact=True)).to_be_in_viewport()


async def test_two_hundred_messages_a_second_arrive_all_and_in_order(browser: Browser) -> None:
    stage = await watch(browser, snapshot())
    page = stage.page
    await discussion(page)
    await expect(page.get_by_text("Nobody has spoken yet")).to_be_visible()
    at, head = "2026-11-20T19:34:12.000Z", 100
    for tick in range(40):
        lines = [message(f"t{tick}-{n}", f"tick {tick} line {n}") for n in range(10)]
        events = [
            {"seq": head + n + 1, "type": "message.published", "at": at, "data": {"message": each}}
            for n, each in enumerate(lines)
        ]
        await stage.send({"t": "events", "after": head, "upto": head + 10, "events": events})
        head += 10
        await page.wait_for_timeout(50)
    await expect(page.get_by_text("tick 39 line 9", exact=True)).to_be_in_viewport()
    drawn = await page.locator("[data-row]").evaluate_all("rows => rows.map((r) => r.dataset.row)")
    assert len(drawn) < 60  # a virtual list: what is not near is not in the document
    order = [f"t{tick}-{n}" for tick in range(40) for n in range(10)]
    assert drawn == order[-len(drawn) :]
    assert stage.complaints == []


async def test_hearts_are_gathered_and_none_is_lost(browser: Browser) -> None:
    stage = await watch(browser, snapshot(), reduced_motion="reduce")
    page = stage.page
    heart = page.get_by_role("button", name="Send a heart")
    for _ in range(30):
        await heart.click()
    await expect(page.locator(".taps")).to_have_text("30")

    def counts() -> list[int]:
        return [each["count"] for each in stage.commands_of("reaction.add")]

    await stage.until(lambda: sum(counts()) >= 30)
    assert sum(counts()) == 30
    assert len(counts()) < 30
    assert max(counts()) <= 20


async def test_the_other_reactions_are_two_taps_away(browser: Browser) -> None:
    stage = await watch(browser, snapshot())
    page = stage.page
    await page.get_by_role("button", name="More reactions").click()
    await page.get_by_role("button", name="I am lost").click()
    assert (await sent(stage, "reaction.add"))[0]["data"] == {"kind": "confused", "count": 1}
    assert await barriers(page) == []


async def test_what_brings_one_here_is_asked_once_and_answered_in_a_tap(browser: Browser) -> None:
    stage = await watch(browser, snapshot(), segment_asked=False, replies={"profile.set": ACK})
    page = stage.page
    await page.get_by_role("button", name="I am a customer").click()
    await expect(page.get_by_text("What brings you here?")).to_have_count(0)
    assert (await sent(stage, "profile.set"))[0]["data"] == {"segment": "customer"}
    await page.reload()
    await expect(page.get_by_role("tab", name="Questions")).to_be_visible()
    await expect(page.get_by_text("What brings you here?")).to_have_count(0)


async def test_what_one_mutes_is_gone_at_once_and_can_come_back(browser: Browser) -> None:
    told = snapshot(messages=[message("m1", "Buy my thing", "Hana"), message("m2", "Hello")])
    stage = await watch(browser, told, replies={"person.mute": ACK})
    page = stage.page
    await discussion(page)
    await page.get_by_role("button", name="Actions for the message of Hana").click()
    await page.get_by_role("menuitem", name="Hide what Hana writes").click()
    await stage.event("person.muted", {"participant_id": "p-Hana", "on": True})
    await expect(page.get_by_text("Buy my thing")).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    assert stage.commands_of("person.mute")[-1] == {"participant_id": "p-Hana", "on": False}


@pytest.mark.parametrize(
    ("kind", "until", "words"),
    [
        ("timeout", "2026-11-20T19:41:00.000Z", "You can write again at 20:41."),
        ("mute", None, "The team has paused your right to write."),
    ],
)
async def test_who_may_not_write_reads_until_when(
    browser: Browser, kind: str, until: str | None, words: str
) -> None:
    stage = await watch(browser, snapshot())
    page = stage.page
    await expect(page.get_by_role("textbox", name="Your question")).to_be_visible()
    at = "2026-11-20T19:34:12.000Z"
    set_now = {"participant_id": "me", "kind": kind, "until": until, "at": at}
    await stage.event("sanction.set", {"sanction": set_now, "lifted": False})
    await expect(page.get_by_text(words)).to_be_visible()
    await expect(page.get_by_role("textbox")).to_have_count(0)
    await stage.event("sanction.set", {"sanction": set_now, "lifted": True})
    await expect(page.get_by_role("textbox", name="Your question")).to_be_visible()
