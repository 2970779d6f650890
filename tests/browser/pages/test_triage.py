"""The desk under load and by keyboard: many at once, long queues, filters, any keyboard layout."""

from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.browser.pages.shapes import author, message, question, snapshot
from tests.browser.pages.staged import Answer, barriers
from tests.browser.pages.test_console import card, console, lane

Json = Any


def waiting(count: int, **change: Json) -> Json:
    """A desk before which so many questions and chat lines wait, by turns."""
    items = []
    for number in range(count):
        at = f"2026-11-20T19:{number // 60 % 60:02}:{number % 60:02}.{number // 3600:03}Z"
        make, kind = (question, "question") if number % 2 else (message, "message")
        item = make(f"w{number}", f"Waiting {number}", status="pending", at=at)
        items.append({"kind": kind, **item})
    return snapshot(held={"items": items, "total": count}, labels=[], **change)


def subject(number: int) -> Json:
    return {"kind": "question" if number % 2 else "message", "id": f"w{number}"}


def name_of(number: int) -> str:
    return ":".join(subject(number).values())


def swept(told: Json, stale: int | None = None) -> Json:
    """The ack of a sweep over these subjects; one of them may have changed meanwhile."""
    each = [
        {"subject": one["subject"], "code": "stale"}
        if number == stale
        else {"subject": one["subject"], "decision_id": f"d{number}", "revision": 2}
        for number, one in enumerate(told)
    ]
    return {"t": "ack", "seq": 101, "data": {"id": "g1", "group_id": "g1", "each": each}}


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def test_a_range_is_decided_at_once_and_one_undo_takes_it_back(browser: Browser) -> None:
    stage = await console(browser, waiting(6))
    page = stage.page
    subjects = [{"subject": subject(number)} for number in range(3)]
    stage.replies["moderation.decide_many"] = swept(subjects, stale=1)
    await press(page, "j", "x", "Shift+J", "Shift+J")
    await expect(page.get_by_role("toolbar")).to_contain_text("3 chosen")
    assert await barriers(page) == []
    await press(page, "p")
    await expect(page.get_by_text("2 decided at once, 1 had changed meanwhile")).to_be_visible()
    await expect(card(page, name_of(3))).to_be_focused()
    await expect(lane(page, "live").locator(f'[data-item="{name_of(0)}"]')).to_be_visible()
    await expect(lane(page, "handle").locator(f'[data-item="{name_of(1)}"]')).to_be_visible()
    [sent] = stage.commands_of("moderation.decide_many")
    assert [each["subject"]["id"] for each in sent["subjects"]] == ["w0", "w1", "w2"]
    assert {each["revision"] for each in sent["subjects"]} == {1}

    stage.replies["moderation.undo"] = swept(subjects[:2])
    await press(page, "z")
    await expect(page.get_by_text("2 undone")).to_be_visible()
    assert stage.commands_of("moderation.undo") == [{"group_id": "g1"}]


async def test_of_a_long_queue_only_what_is_in_sight_is_in_the_document(browser: Browser) -> None:
    stage = await console(browser, waiting(3000))
    page = stage.page
    shown = lane(page, "handle").locator("article")
    await expect(lane(page, "handle").get_by_role("heading")).to_contain_text("3,000")
    assert await shown.count() < 40
    await expect(shown.first).to_have_attribute("aria-setsize", "3000")
    for number in range(30):
        await press(page, "j")
        await expect(card(page, name_of(number))).to_be_focused()
    await page.mouse.move(200, 500)
    await page.mouse.wheel(0, 900_000)
    await expect(shown.last).to_have_attribute("aria-posinset", "3000")
    assert await shown.count() < 40
    await press(page, "j")
    await expect(card(page, name_of(30))).to_be_focused()
    assert stage.complaints == []


async def test_the_filter_after_sales_mine_french_shows_exactly_those(browser: Browser) -> None:
    labels = [
        {"id": "l1", "name": "After sales", "colour": "teal"},
        {"id": "l2", "name": "Praise", "colour": "pink"},
    ]
    mine: Json = {"labels": ["l1"], "assignee": "me", "language": "fr"}
    items = [
        question("yes", "Mon colis ?", **mine),
        question("english", "My parcel?", **{**mine, "language": "en"}),
        question("theirs", "Ma commande ?", **{**mine, "assignee": "p-YK"}),
        question("praise", "Merci", **{**mine, "labels": ["l2"]}),
    ]
    told = snapshot(questions={"items": items, "total": 4}, labels=labels)
    team = Answer({"team": [author("YK", "moderator")]})
    # What the page does not hold is looked for, page by page, until all of it is here.
    old = {"seq": 1, "at": "2026-11-20T18:00:00.000Z", **mine}
    first = [{"kind": "message", "item": message("old", "Reçu cassé", **old)}]
    then = [{"kind": "message", "item": message("older", "Un échange ?", **old)}]
    pages = [
        Answer({"items": first, "complete": False, "next_before": "12-old"}),
        Answer({"items": then, "complete": True, "next_before": None}),
    ]
    search = "GET /sessions/hiver/search"
    stage = await console(
        browser,
        told,
        {
            "GET /sessions/hiver/team": team,
            f"{search}?label=l1&assignee=me&language=fr&limit=100": pages[0],
            f"{search}?label=l1&assignee=me&language=fr&limit=100&before=12-old": pages[1],
        },
    )
    page = stage.page
    await press(page, "f")
    await page.get_by_role("combobox", name="Label").select_option("After sales")
    await page.get_by_role("combobox", name="Seen to by").select_option("me")
    await page.get_by_role("combobox", name="Language").select_option("fr")
    await expect(lane(page, "live").locator("article")).to_have_count(3)
    for key in ("question:yes", "message:old", "message:older"):
        await expect(card(page, key)).to_contain_text("After sales")
    await expect(lane(page, "live").get_by_role("heading")).to_contain_text("3 of 6")
    await page.get_by_role("button", name="No filter").click()
    await expect(lane(page, "live").locator("article")).to_have_count(6)


async def test_one_list_instead_of_columns_is_remembered(browser: Browser) -> None:
    stage = await console(browser, waiting(4))
    page = stage.page
    await press(page, "f")
    await page.get_by_role("button", name="One list").click()
    await expect(lane(page, "all").locator("article")).to_have_count(4)
    await page.reload()
    await expect(lane(page, "all").locator("article")).to_have_count(4)
    await expect(lane(page, "handle")).to_have_count(0)


async def test_letters_are_those_of_the_layout_not_the_places_of_the_keys(browser: Browser) -> None:
    stage = await console(browser, waiting(4))
    page = stage.page
    await press(page, "j")
    # On AZERTY the key where QWERTY has Q gives A, and that where it has W gives Z.
    azerty = """([key, code]) => document.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true }))"""
    await page.evaluate(azerty, ["z", "KeyW"])
    await expect(page.get_by_text("Nothing of yours to undo")).to_be_visible()
    await page.evaluate(azerty, ["?", "KeyM"])
    await expect(page.get_by_role("dialog")).to_be_visible()


async def test_a_search_finds_what_the_page_does_not_hold(browser: Browser) -> None:
    old = {"kind": "message", "item": message("old", "Elle est à Liège", seq=3)}
    found = Answer({"items": [old], "complete": True, "next_before": None})
    stage = await console(browser, waiting(2), {"GET /sessions/hiver/search": found})
    page = stage.page
    await press(page, "/")
    await page.keyboard.type("LIEGE")
    await expect(card(page, "message:old")).to_be_visible()
    await expect(lane(page, "handle").locator("article")).to_have_count(0)
    searches = [call for call, _ in stage.calls if "/search" in call]
    assert searches == ["GET /sessions/hiver/search?q=LIEGE&limit=100"]


async def test_twenty_items_are_handled_by_keyboard_and_the_tree_of_a_screen_reader(
    browser: Browser,
) -> None:
    stage = await console(browser, waiting(20))
    page = stage.page
    feed = page.get_by_role("feed", name="To handle")
    await press(page, "j")
    for number in range(20):
        mine = feed.get_by_role("article", name=f"Waiting {number}", exact=True)
        await expect(mine).to_be_focused()
        await expect(mine.get_by_role("button", name="Publish")).to_be_visible()
        kind, name = subject(number).values()
        make = question if kind == "question" else message
        done = make(name, f"Waiting {number}", status="published", revision=2, seq=200 + number)
        decision = {"id": f"d{number}", "subject": subject(number), "verdict": "publish"}
        decision |= {"by": author("Lise", "moderator"), "at": done["at"], "revision": 1}
        data = {kind: done, "decision": decision}
        stage.replies["moderation.decide"] = {"t": "ack", "seq": None, "data": data}
        await press(page, "p")
    await expect(page.get_by_role("heading", name="To handle")).to_be_focused()
    await stage.until(lambda: len(stage.commands_of("moderation.decide")) == 20)
    await expect(lane(page, "live").locator("article").first).to_be_visible()
