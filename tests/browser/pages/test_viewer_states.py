"""The viewer's page before, during and after the show, and when something is wrong."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.pages.shapes import stage_of
from tests.browser.pages.staged import Answer, barriers, overflow, problem
from tests.browser.pages.watching import (
    SEAT,
    guest,
    message,
    mine,
    question,
    questions,
    snapshot,
    watch,
)

SEATS_JS = Path(__file__).with_name("seats.js")

LONG_AGO = "2020-01-01T10:00:00.000Z"
FAR_AHEAD = "2099-12-03T17:30:00.000Z"


def full() -> Any:
    """A session with something of everything."""
    own = mine("question", "q9", "Does the green coat come in size 34?")
    lines = [message(f"m{n}", f"line {n} https://example.com/{n}", seq=n) for n in range(30)]
    return snapshot(
        you={"mine": [own, mine("message", "m99", "Held", status="refused")], "votes": ["q2"]},
        messages=[*lines, {"id": "gone", "status": "removed"}],
        questions=questions(
            question("q1", "Do you deliver to Belgium?", status="answering", asked_by=14),
            question("q2", "May I exchange in the shop?", votes=22),
            question("q3", "Will there be night blue?", status="answered", answered_at=LONG_AGO),
            question("q4", "When do we see it worn?", status="picked"),
        ),
        stage=stage_of(SEAT),
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(390, 844), (1440, 900), (844, 390)])
async def test_nothing_bars_the_way_and_nothing_overflows(
    browser: Browser, scheme: Any, size: tuple[int, int]
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    stage = await watch(browser, full(), color_scheme=scheme, viewport=viewport)
    page = stage.page
    await expect(page.get_by_text("Does the green coat come in size 34?")).to_be_visible()
    assert await barriers(page) == []
    await page.get_by_role("tab", name="Discussion").click()
    await expect(page.get_by_text("line 29").first).to_be_visible()
    assert await barriers(page) == []
    assert await overflow(page) <= 0
    assert stage.complaints == []


@pytest.mark.parametrize("change", ["dir = 'rtl'", "style.fontSize = '200%'", "lang = 'fr'"])
async def test_320_px_hold_it_right_to_left_and_with_large_text(
    browser: Browser, change: str
) -> None:
    stage = await watch(browser, full(), viewport={"width": 320, "height": 640})
    page = stage.page
    await page.evaluate(f"document.documentElement.{change}")
    field = page.get_by_role("textbox", name="Your question")
    await expect(field).to_be_visible()
    await field.scroll_into_view_if_needed()
    assert await overflow(page) <= 0
    await expect(page.get_by_role("button", name="Send a heart")).to_be_in_viewport(ratio=1)


async def test_before_the_doors_open_the_page_counts_and_offers_the_date(browser: Browser) -> None:
    told = snapshot("draft", session={"starts_at": FAR_AHEAD})
    stage = await watch(browser, told)
    page = stage.page
    await expect(page.get_by_role("timer")).to_be_visible()
    calendar = page.get_by_role("link", name="Add to my calendar")
    await expect(calendar).to_have_attribute("href", "/api/v1/sessions/hiver/calendar.ics")
    assert await barriers(page) == []
    live = {**told["session"], "state": "live"}
    await stage.event("session.changed", {"session": live})
    await expect(page.get_by_role("tab", name="Questions")).to_be_visible()
    assert stage.complaints == []


async def test_before_a_show_without_a_date_the_page_says_what_will_happen(
    browser: Browser,
) -> None:
    stage = await watch(browser, snapshot("draft"))
    await expect(stage.page.get_by_text("The date is not set yet")).to_be_visible()
    await expect(stage.page.get_by_role("timer")).to_have_count(0)


async def test_after_the_show_all_can_be_read_and_nothing_written(browser: Browser) -> None:
    told = full()
    told["session"]["state"] = "ended"
    stage = await watch(browser, told)
    page = stage.page
    await expect(page.get_by_text("The show has ended", exact=True)).to_be_visible()
    await expect(page.get_by_text("Will there be night blue?")).to_be_visible()
    await expect(page.get_by_role("textbox")).to_have_count(0)
    await expect(page.get_by_role("button", name="Vote for this question")).to_have_count(0)
    assert await barriers(page) == []


async def test_empty_lists_say_what_will_appear(browser: Browser) -> None:
    stage = await watch(browser, snapshot())
    page = stage.page
    await expect(page.get_by_text("No question yet")).to_be_visible()
    await page.get_by_role("tab", name="Discussion").click()
    await expect(page.get_by_text("Nobody has spoken yet")).to_be_visible()
    assert stage.complaints == []


async def test_while_nobody_publishes_the_page_says_so_and_when_the_host_goes_too(
    browser: Browser,
) -> None:
    stage = await watch(browser, snapshot())
    page = stage.page
    await expect(page.get_by_text("The show begins as soon as the host is here")).to_be_visible()
    async with page.expect_request("**/whep"):  # who comes on air is asked for at once
        await stage.event("stage.changed", {"stage": stage_of(SEAT)})
    await stage.event("stage.changed", {"stage": stage_of()})
    await expect(page.get_by_text("The host has stepped away")).to_be_visible()


async def test_a_browser_without_the_hosts_codec_is_told(browser: Browser) -> None:
    told = snapshot(stage=stage_of(SEAT))
    whep = {"POST /sessions/hiver/whep": problem(406, "codec")}
    stage = await watch(browser, told, answers=whep)
    page = stage.page
    await expect(page.get_by_text("This browser cannot play the picture")).to_be_visible()
    await expect(page.get_by_role("button", name="Try again")).to_be_visible()


async def test_where_no_picture_fits_all_else_goes_on_and_one_may_ask_again(
    browser: Browser,
) -> None:
    told = snapshot(stage=stage_of(SEAT))
    stage = await watch(browser, told, answers={"POST /sessions/hiver/whep": problem(503, "full")})
    page = stage.page
    await expect(page.get_by_text("Every place with a picture is taken")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Your question")).to_be_enabled()
    assert await barriers(page) == []
    assert await overflow(page) <= 0
    asked = len([name for name, _ in stage.calls if name.endswith("/whep")])
    await page.get_by_role("button", name="Try again").click()
    await stage.until(
        lambda: len([name for name, _ in stage.calls if name.endswith("/whep")]) > asked
    )
    assert stage.complaints == []


async def test_where_the_sound_alone_fits_it_is_played_and_said(browser: Browser) -> None:
    told = snapshot(stage=stage_of(SEAT))
    stage = await watch(browser, told, scripts=[SEATS_JS], before="window.crowded = true")
    page = stage.page
    await expect(page.get_by_text("You hear the show")).to_be_visible()
    await expect(page.get_by_role("button", name="Turn the sound on")).to_be_visible()
    await expect(page.get_by_role("button", name="Picture:")).to_have_count(0)
    assert await barriers(page) == []
    assert stage.complaints == []


METERED = """Object.defineProperty(navigator, 'connection',
    { value: Object.assign(new EventTarget(), { saveData: true }) })"""


async def test_where_data_costs_the_picture_is_small_until_its_person_chooses_and_that_is_kept(
    browser: Browser,
) -> None:
    watched = Answer({"quality": "low", "picture": True, "height": 180, "short_link": False})
    stage = await watch(
        browser,
        snapshot(stage=stage_of(SEAT)),
        scripts=[SEATS_JS],
        before=METERED,
        answers={"POST /leg/layer": watched, "GET /leg/layer": watched},
    )
    page = stage.page

    def wished() -> list[str]:
        return [body["quality"] for name, body in stage.calls if name == "POST /leg/layer"]

    saving = page.get_by_role("button", name="Picture: Small, as your connection is metered")
    await expect(saving).to_be_visible()
    await stage.until(lambda: wished()[-1:] == ["low"])
    await saving.click()
    choices = page.get_by_role("menuitem")
    assert await choices.all_inner_texts() == [
        "Automatic",
        "Best",
        "Small, saves data",
        "Sound only",
    ]
    assert await barriers(page) == []
    await choices.filter(has_text="Sound only").click()
    await stage.until(lambda: wished()[-1] == "audio")
    await expect(page.get_by_text("Sound only, as you chose")).to_be_visible()
    await page.reload()
    kept = page.get_by_role("button", name="Picture: Sound only")
    await kept.click()
    await choices.filter(has_text="Best").click()
    await stage.until(lambda: wished()[-1] == "high")
    await expect(page.get_by_text("Sound only, as you chose")).to_have_count(0)
    assert stage.complaints == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (4403, "Your access has ended"),
        (4404, "There is no such show"),
        (4400, "This page needs a fresh start"),
    ],
)
async def test_a_final_close_is_explained(browser: Browser, code: int, words: str) -> None:
    stage = await watch(browser, snapshot())
    await expect(stage.page.get_by_role("tab", name="Questions")).to_be_visible()
    await stage.cut(code)
    await expect(stage.page.get_by_role("heading", name=words)).to_be_visible()
    assert await barriers(stage.page) == []


async def test_a_lost_cookie_lets_one_in_anew_without_a_word(browser: Browser) -> None:
    stage = await watch(browser, snapshot())
    await expect(stage.page.get_by_role("tab", name="Questions")).to_be_visible()
    await stage.cut(4401)
    await expect(stage.page.get_by_role("tab", name="Questions")).to_be_visible()
    joins = [name for name, _ in stage.calls if name == "POST /sessions/hiver/join"]
    assert len(joins) == 2


async def test_a_closed_door_is_explained_and_tried_again(browser: Browser) -> None:
    told = snapshot()
    you = Answer({"participant": told["you"], "token": "t"})
    door: dict[str, Any] = {"POST /sessions/hiver/join": [problem(503, "overloaded"), you]}
    stage = await watch(browser, told, answers=door)
    await expect(stage.page.get_by_text("Many people are arriving at once")).to_be_visible()
    await expect(stage.page.get_by_role("tab", name="Questions")).to_be_visible()


async def test_a_private_show_is_none_to_an_outsider(browser: Browser) -> None:
    door: dict[str, Any] = {"POST /sessions/hiver/join": problem(404, "not_found")}
    stage = await watch(browser, snapshot(), answers=door)
    await expect(stage.page.get_by_role("heading", name="There is no such show")).to_be_visible()


async def test_reconnecting_keeps_content_and_typed_text(browser: Browser) -> None:
    stage = await watch(browser, full())
    page = stage.page
    field = page.get_by_role("textbox", name="Your question")
    await field.fill("Half a thou")
    await page.context.set_offline(True)
    await expect(page.get_by_text("This device has no network")).to_be_visible()
    await expect(page.get_by_text("May I exchange in the shop?")).to_be_visible()
    await expect(field).to_have_value("Half a thou")
    assert await barriers(page) == []
    await page.context.set_offline(False)
    await expect(page.get_by_text("This device has no network")).to_have_count(0)
    await expect(field).to_have_value("Half a thou")


async def test_the_language_changes_at_once_and_keeps_what_was_typed(browser: Browser) -> None:
    stage = await watch(browser, full())
    page = stage.page
    await page.get_by_role("textbox", name="Your question").fill("Half a thou")
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_role("dialog").get_by_label("Language").select_option("fr")
    field = page.get_by_role("textbox", name="Votre question")
    await expect(field).to_have_value("Half a thou")
    assert await page.evaluate("document.documentElement.lang") == "fr"
    assert stage.commands_of("profile.set") == []  # the snapshot's language was French already
    await page.get_by_role("button", name="Réglages").click()
    await page.get_by_role("dialog").get_by_label("Langue").select_option("en")
    await expect(page.get_by_role("textbox", name="Your question")).to_be_visible()
    assert stage.commands_of("profile.set") == [{"language": "en"}]
    assert stage.complaints == []


async def test_the_dialogs_bar_nobody(browser: Browser) -> None:
    stage = await watch(browser, full())
    page = stage.page
    for name in ("Share", "Settings"):
        await page.get_by_role("button", name=name, exact=True).click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await barriers(page) == []
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_whether_one_watches_is_told_after_a_yes_alone_and_taken_back_by_a_no(
    browser: Browser,
) -> None:
    stage = await watch(
        browser,
        snapshot(),
        answers={"GET /sessions/hiver": Answer({"attention": "consent"})},
        replies={"attention.set": {"t": "ack", "seq": None, "data": {}}},
    )
    page = stage.page
    region = page.get_by_role("region", name="Counting who watches")
    await expect(region).to_contain_text("May the team count that you are watching?")
    await page.evaluate(
        """() => {
          document.querySelector('main').prepend(document.createElement('video'));
          const moves = { get: () => performance.now() };
          Object.defineProperty(HTMLMediaElement.prototype, 'currentTime', moves);
        }"""
    )
    assert await barriers(page) == []
    await region.get_by_role("button", name="Do not count me").click()
    await expect(region).to_contain_text("Whether you watch is not counted.")
    assert stage.commands_of("attention.set") == []
    await region.get_by_role("button", name="Count me", exact=True).click()
    await stage.until(lambda: bool(stage.commands_of("attention.set")))
    await region.get_by_role("button", name="Do not count me").click()
    await stage.until(lambda: len(stage.commands_of("attention.set")) == 2)
    assert stage.commands_of("attention.set") == [{"on": True}, {"on": False}]


def call(status: str, **change: Any) -> Any:
    """One's own call to the stage."""
    base = {"id": "c1", "status": status, "at": LONG_AGO, "text": "I wear it every day"}
    return {"call": {**base, "ready": False, "muted": False, **change}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_who_asks_to_come_on_stage_waits_checks_and_says_ready(
    browser: Browser, scheme: Any
) -> None:
    accepted: Any = {"t": "ack", "seq": None, "data": {}}
    told = snapshot(stage=stage_of(SEAT))
    replies = dict.fromkeys(("stage.ask", "stage.ready", "stage.leave"), accepted)
    stage = await watch(browser, told, replies=replies, color_scheme=scheme)
    page = stage.page
    await page.get_by_role("button", name="Ask to come on stage").click()
    await page.get_by_label("Why you, in a word").fill("I wear it every day")
    assert await barriers(page) == []
    await page.get_by_role("button", name="Ask", exact=True).click()
    await stage.until(lambda: bool(stage.commands_of("stage.ask")))
    assert stage.commands_of("stage.ask") == [{"text": "I wear it every day"}]
    await stage.event("call.changed", call("waiting"))
    await expect(page.get_by_text("You have asked to come on stage")).to_be_visible()
    await expect(page.get_by_role("button", name="Ask to come on stage")).to_have_count(0)
    assert await barriers(page) == []
    await stage.event("call.changed", call("backstage", seat="guest-1"))
    backstage = page.get_by_role("region", name="You are backstage")
    ready = backstage.get_by_role("button", name="I am ready")
    await expect(ready).to_be_visible()
    await expect(ready).to_be_disabled()
    assert await barriers(page) == []
    assert await overflow(page) <= 0
    await stage.event("call.changed", call("declined"))
    await expect(page.get_by_text("Not this time")).to_be_visible()
    await page.get_by_role("button", name="Close", exact=True).click()
    await expect(page.get_by_text("Not this time")).to_have_count(0)
    assert stage.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_on_stage_are_seen_beside_each_other_and_who_speaks_is_marked(
    browser: Browser, scheme: Any
) -> None:
    seats = (SEAT, guest(1, "Hana"), guest(2, "Jules"))
    stage = await watch(
        browser, snapshot(stage=stage_of(SEAT)), color_scheme=scheme, scripts=[SEATS_JS]
    )
    page = stage.page
    on_stage = page.get_by_role("list", name="On stage")
    await expect(page.get_by_role("button", name="Turn the sound on")).to_be_visible()
    await expect(on_stage).to_have_count(0)
    await stage.event("stage.changed", {"stage": stage_of(*seats)})
    tiles = on_stage.get_by_role("listitem")
    await expect(tiles).to_have_count(3)
    await expect(on_stage.get_by_role("listitem", name="Hana", exact=True)).to_be_visible()
    told = {"present": 3, "reactions": {}, "typing": 0, "speaking": ["guest-1"]}
    await stage.send({"t": "pulse", "data": told})
    await expect(on_stage.get_by_role("listitem", name="Hana speaks")).to_be_visible()
    for tile in await tiles.all():
        await tile.locator("video").evaluate(
            "(video) => new Promise((shown) => video.requestVideoFrameCallback(shown))"
        )
    assert await barriers(page) == []
    assert await overflow(page) <= 0
    await page.get_by_role("button", name="Show everyone at the same size").click()
    await expect(page.get_by_role("button", name="Show who speaks large")).to_be_visible()
    await stage.event("stage.changed", {"stage": stage_of(SEAT, seats[2])})
    await expect(tiles).to_have_count(2)
    await expect(page.get_by_text("Hana has left the stage")).to_be_attached()
    assert stage.complaints == []
