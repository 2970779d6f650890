"""The moderator's console: triage by keyboard, lanes that hold still, the server's correction."""

from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.pages.shapes import author, hello, message, question, snapshot, you
from tests.browser.pages.staged import Answer, Stage, barriers, overflow, problem

Json = Any
PENDING = "2026-11-20T19:33:5"


def full() -> Json:
    """A desk with something in every lane."""
    reasons = [{"code": "link", "text": "A link", "evidence": "orme-promo.shop"}]
    held = [
        {"kind": "question", **question("q1", "A button is missing", status="pending")},
        {
            "kind": "message",
            **message("m1", "WIN at orme-promo.shop", "visiteur-40", status="pending"),
            "score": 0.94,
            "reasons": reasons,
        },
        {"kind": "question", **question("q2", "Do you ship to Belgium?", "Hana", status="pending")},
    ]
    for place, item in enumerate(held):
        item["at"] = f"{PENDING}{place}.000Z"
    items = [
        question("q10", "Is the wool itchy?", status="picked", votes=31, seq=2),
        question("q11", "Is there a midnight blue?", votes=19, seq=3),
        question("q12", "What is the lining?", status="answered", votes=9, seq=4),
    ]
    return snapshot(
        held={"items": held, "total": len(held)},
        messages=[message("m10", "Good evening", "Jules", seq=5)],
        questions={"items": items, "total": len(items)},
        staff_says=[
            {
                "id": "s1",
                "author": author("YK", "moderator"),
                "text": "mine: EN",
                "at": f"{PENDING}0Z",
            }
        ],
    )


def decided(kind: str, id: str, status: str, verdict: str, revision: int = 2) -> Json:
    """The ack of a decision."""
    decision = {
        "id": f"d-{id}-{verdict}",
        "subject": {"kind": kind, "id": id},
        "verdict": verdict,
        "by": author("Lise Martin", "moderator"),
        "at": f"{PENDING}9.000Z",
        "revision": revision,
    }
    make = question if kind == "question" else message
    subject = make(id, "A button is missing", status=status, revision=revision, seq=101)
    data = {"id": id, "revision": revision, "status": status, kind: subject, "decision": decision}
    return {"t": "ack", "seq": 101, "data": data}


async def console(
    browser: Browser, told: Json | None = None, answers: Json | None = None, **options: Any
) -> Stage:
    options = {"locale": "en-GB", "viewport": {"width": 1440, "height": 900}, **options}
    context = await browser.new_context(**options)
    page = await context.new_page()
    joined = Answer({"participant": you("moderator"), "token": "t"})
    stage = Stage(
        page,
        {
            "POST /sessions/hiver/join": joined,
            "POST /sessions/hiver/whep": problem(409, "nobody_publishes"),
            "GET /sessions/hiver/messages": Answer({"items": [], "next_before": None}),
            "GET /sessions/hiver/questions": Answer({"items": [], "next_before": None}),
            **(answers or {}),
        },
    )
    stage.hello = hello(full() if told is None else told)
    await stage.open("/s/hiver/moderate", "moderate")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    return stage


def lane(page: Page, name: str) -> Locator:
    return page.locator(f"[data-lane={name}]")


def card(page: Page, key: str) -> Locator:
    return page.locator(f'[data-item="{key}"]')


async def test_an_item_is_published_by_keyboard_at_once_and_the_next_one_is_at_hand(
    browser: Browser,
) -> None:
    stage = await console(browser)
    page = stage.page
    stage.replies["moderation.decide"] = decided("question", "q1", "published", "publish")
    await page.keyboard.press("j")
    await expect(card(page, "question:q1")).to_be_focused()
    await page.keyboard.press("p")
    await expect(lane(page, "live").locator('[data-item="question:q1"]')).to_be_visible()
    await expect(card(page, "message:m1")).to_be_focused()
    assert stage.commands_of("moderation.decide") == [
        {"subject": {"kind": "question", "id": "q1"}, "revision": 1, "verdict": "publish"}
    ]
    assert stage.complaints == []


async def test_a_held_message_shows_its_score_and_underlines_the_evidence(browser: Browser) -> None:
    page = (await console(browser)).page
    held = card(page, "message:m1")
    await expect(held).to_contain_text("held 0.94")
    await expect(held.locator("mark")).to_have_text("orme-promo.shop")
    await expect(held).to_contain_text("A link")


async def test_a_decision_on_something_that_changed_is_taken_back_and_explained(
    browser: Browser,
) -> None:
    stage = await console(browser)
    page = stage.page
    stage.replies["moderation.decide"] = {
        "t": "refused",
        "code": "stale",
        "message": "It has changed.",
        "current": question("q1", "A button is missing", status="dismissed", revision=2),
    }
    await page.keyboard.press("j")
    await page.keyboard.press("p")
    await expect(page.get_by_text("Someone was faster: it is now “dismissed”.")).to_be_visible()
    await expect(lane(page, "handle").locator('[data-item="question:q1"]')).to_be_visible()


async def test_z_takes_the_last_decision_back_and_returns_to_it(browser: Browser) -> None:
    stage = await console(browser)
    page = stage.page
    stage.replies["moderation.decide"] = decided("question", "q1", "published", "publish")
    stage.replies["moderation.undo"] = decided("question", "q1", "pending", "undo", revision=3)
    await page.keyboard.press("j")
    await page.keyboard.press("p")
    await expect(page.get_by_text("Published", exact=True)).to_be_visible()
    await page.keyboard.press("z")
    await expect(lane(page, "handle").locator('[data-item="question:q1"]')).to_be_focused()
    assert stage.commands_of("moderation.undo") == [{"decision_id": "d-q1-publish"}]


async def test_what_arrives_waits_above_while_the_pointer_is_in_the_lane(browser: Browser) -> None:
    stage = await console(browser)
    page = stage.page
    await lane(page, "live").hover()
    before = await lane(page, "live").locator("article").first.inner_text()
    for number in range(3):
        said = message(f"new{number}", f"New {number}", "Jules", seq=200 + number)
        await stage.event("message.published", {"message": said})
    news = lane(page, "live").get_by_role("button", name="3 new")
    await expect(news).to_be_visible()
    assert await lane(page, "live").locator("article").first.inner_text() == before
    await news.click()
    await expect(lane(page, "live").locator("article").first).to_contain_text("New 2")


async def test_what_a_colleague_handled_stays_under_the_pointer_marked(browser: Browser) -> None:
    stage = await console(browser)
    page = stage.page
    await lane(page, "handle").hover()
    gone = question("q1", "A button is missing", status="published", revision=2, seq=101)
    await stage.event("question.published", {"question": gone, "total": 4})
    mine = lane(page, "handle").locator('[data-item="question:q1"]')
    await expect(mine).to_contain_text("live")
    await page.mouse.move(1400, 880)
    await expect(mine).to_have_count(0)


async def test_picking_what_waits_publishes_it_first(browser: Browser) -> None:
    stage = await console(browser)
    page = stage.page
    stage.replies["moderation.decide"] = [
        decided("question", "q1", "published", "publish"),
        decided("question", "q1", "picked", "pick", revision=3),
    ]
    await page.keyboard.press("j")
    await page.keyboard.press("h")
    await expect(lane(page, "host").locator('[data-item="question:q1"]')).to_be_visible()
    await stage.until(lambda: len(stage.commands_of("moderation.decide")) == 2)
    sent = [(each["verdict"], each["revision"]) for each in stage.commands_of("moderation.decide")]
    assert sent == [("publish", 1), ("pick", 2)]


async def test_letter_keys_can_be_changed_and_switched_off(browser: Browser) -> None:
    stage = await console(browser)
    page = stage.page
    await page.keyboard.press("?")
    await page.get_by_role("button", name="P", exact=True).click()
    await page.keyboard.press("j")
    await expect(page.get_by_text("J already stands for “Next item”.")).to_be_visible()
    await page.keyboard.press(",")
    await page.get_by_role("button", name="Close").click()
    await page.keyboard.press("j")
    await page.keyboard.press("p")
    assert stage.commands_of("moderation.decide") == []
    stage.replies["moderation.decide"] = decided("question", "q1", "published", "publish")
    await page.keyboard.press(",")
    await expect(card(page, "message:m1")).to_be_focused()
    await stage.until(lambda: len(stage.commands_of("moderation.decide")) == 1)
    await page.keyboard.press("?")
    await page.get_by_role("switch", name="Letter keys").uncheck()
    await page.get_by_role("button", name="Close").click()
    await card(page, "message:m1").focus()
    await page.keyboard.press(",")
    await page.keyboard.press("ArrowDown")
    await expect(card(page, "question:q2")).to_be_focused()
    assert len(stage.commands_of("moderation.decide")) == 1


async def test_letters_typed_into_a_field_decide_nothing(browser: Browser) -> None:
    stage = await console(browser)
    page = stage.page
    await page.keyboard.press("j")
    await page.keyboard.press("/")
    await page.keyboard.type("pda")
    await page.get_by_label("A word to the team").fill("pick this")
    await expect(page.get_by_role("searchbox")).to_have_value("pda")
    assert {each["type"] for each in stage.commands} <= {"moderation.look"}


async def test_review_and_slow_mode_are_set_and_follow_what_the_server_says(
    browser: Browser,
) -> None:
    stage = await console(browser)
    page = stage.page
    await page.get_by_label("Review").select_option("after")
    await page.get_by_label("Slow mode").select_option("10")
    mode = {"review": "before", "slow_s": 30, "members_only": False, "emoji_only": False}
    await stage.event("mode.changed", {"mode": {**mode, "links": True}})
    await expect(page.get_by_label("Slow mode")).to_have_value("30")
    await stage.until(lambda: len(stage.commands_of("mode.set")) == 2)
    assert stage.commands_of("mode.set") == [{"review": "after"}, {"slow_s": 10}]


async def test_what_was_set_aside_is_found_and_restored(browser: Browser) -> None:
    gone = question("q9", "Who made this?", status="dismissed", revision=4)
    path = "GET /sessions/hiver/questions?status=dismissed&limit=100"
    stage = await console(browser, answers={path: Answer({"items": [gone], "next_before": None})})
    page = stage.page
    await page.get_by_role("button", name="Set aside").click()
    await lane(page, "aside").locator('[data-item="question:q9"]').click()
    await page.keyboard.press("r")
    await expect(lane(page, "live").locator('[data-item="question:q9"]')).to_be_visible()
    sent = stage.commands_of("moderation.decide")
    assert (sent[0]["verdict"], sent[0]["revision"]) == ("restore", 4)


async def test_the_team_talks_backstage_and_hears_each_other(browser: Browser) -> None:
    stage = await console(browser)
    page = stage.page
    await page.get_by_label("A word to the team").fill("I take the English ones")
    await page.keyboard.press("Enter")
    said = {
        "id": "s2",
        "author": author("YK", "moderator"),
        "text": "thank you",
        "at": f"{PENDING}5Z",
    }
    await stage.event("staff.said", {"say": said})
    await expect(page.get_by_text("thank you")).to_be_visible()
    assert stage.commands_of("staff.say") == [{"text": "I take the English ones"}]


async def test_a_lost_connection_is_a_quiet_bar_and_a_revoked_invite_a_page(
    browser: Browser,
) -> None:
    stage = await console(browser)
    page = stage.page
    told = stage.hello
    stage.hello = None
    await stage.cut(4001)
    await expect(page.get_by_text("Connection lost.")).to_be_visible()
    await expect(card(page, "question:q1")).to_be_visible()
    stage.hello = {**told, "snapshot": None}
    await stage.cut(4001)
    await expect(page.get_by_text("Connection lost.")).to_have_count(0)
    await stage.cut(4403)
    await expect(page.get_by_role("heading", name="Your access has ended")).to_be_visible()


async def test_a_viewer_at_this_door_is_told_and_shown_the_show(browser: Browser) -> None:
    joined = Answer({"participant": you("viewer"), "token": "t"})
    stage = await console(browser, answers={"POST /sessions/hiver/join": joined})
    await expect(stage.page.get_by_text("This page is for the team")).to_be_visible()
    await expect(stage.page.get_by_role("link", name="To the show")).to_be_visible()


async def test_below_1100_px_lanes_are_tabs(browser: Browser) -> None:
    stage = await console(browser, viewport={"width": 1024, "height": 768})
    page = stage.page
    await page.get_by_role("tab", name="For the host").click()
    await expect(card(page, "question:q10")).to_be_visible()
    await expect(card(page, "question:q1")).to_have_count(0)
    await page.keyboard.press("ArrowRight")
    await expect(card(page, "question:q12")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 320])
async def test_the_console_has_no_barrier(browser: Browser, scheme: Any, width: int) -> None:
    viewport = {"width": width, "height": 800}
    stage = await console(browser, color_scheme=scheme, viewport=viewport, locale="fr-FR")
    await stage.page.keyboard.press("j")
    await expect(stage.page.get_by_role("button", name="Publier")).to_be_visible()
    assert await barriers(stage.page) == []
    assert await overflow(stage.page) <= 0
    assert stage.complaints == []


async def test_on_touch_every_target_is_at_least_44_px(browser: Browser) -> None:
    viewport = {"width": 390, "height": 844}
    stage = await console(browser, viewport=viewport, has_touch=True, is_mobile=True)
    page = stage.page
    await card(page, "question:q1").tap()
    await expect(page.get_by_role("button", name="Publish")).to_be_visible()
    small = await page.evaluate(
        """() => [...document.querySelectorAll('button, select, a[href], input')]
          .filter((e) => e.offsetParent && !e.matches('.visually-hidden, .skip-link'))
          .map((e) => [e, e.getBoundingClientRect()])
          .filter(([, box]) => box.height < 44 || box.width < 44)
          .map(([e, box]) => `${e.outerHTML} ${box.width}x${box.height}`)"""
    )
    assert small == []
