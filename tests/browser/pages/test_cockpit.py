"""The host's cockpit: nothing goes out before "Go live", and the question can be read from afar."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.pages.shapes import AT, author, hello, question, snapshot, stage_of, you
from tests.browser.pages.staged import Answer, Stage, barriers, overflow, problem

Json = Any
LONG = "Do you ship to Belgium and Luxembourg before Christmas, and may one exchange in a shop? "


def seat(name: str = "Camille", id: str = "p-camille") -> Json:
    who = {"seat": "host", "participant_id": id, "display_name": name}
    return {**who, "state": "on_air", "audio": True, "video": True, "since": AT}


def live(**change: Json) -> Json:
    items = [
        question("q1", "Do you ship to Belgium before Christmas?", status="answering", votes=48),
        question("q2", "Is the wool itchy?", "Hana", status="picked", picked_at=AT),
        question("q3", "Is there a midnight blue?", votes=7),
    ]
    items[0] |= {"asked_by": 14, "answering_at": AT, "seq": 1}
    return snapshot("host", questions={"items": items, "total": 3}, **change)


def before(state: str = "draft") -> Json:
    told = snapshot("host")
    told["session"] = {**told["session"], "state": state, "live_since": None}
    return told


async def cockpit(
    browser: Browser, told: Json, answers: Json | None = None, **options: Any
) -> Stage:
    options = {"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, **options}
    context = await browser.new_context(**options)
    # A first visit: the synthetic camera would otherwise be allowed, and open by itself.
    await context.add_init_script("navigator.permissions.query = async () => ({ state: 'prompt' })")
    page = await context.new_page()
    stage = Stage(
        page,
        {
            "POST /sessions/hiver/join": Answer(
                {"participant": you("host"), "token": "secret-token"}
            ),
            "POST /sessions/hiver/whep": problem(409, "nobody_publishes"),
            "POST /sessions/hiver/whip": problem(409, "seat_taken"),
            "POST /sessions/hiver/state": Answer({}),
            **(answers or {}),
        },
    )
    stage.hello = hello(told)
    await stage.open("/s/hiver/host", "host")
    await expect(page.get_by_role("main")).to_be_visible()
    return stage


async def test_the_question_is_as_large_as_the_room_and_the_page_never_scrolls(
    browser: Browser,
) -> None:
    stage = await cockpit(browser, live())
    page = stage.page
    words = page.get_by_role("main").get_by_text("before Christmas")
    await expect(words).to_have_css("font-size", "74px")
    long = question("q1", LONG * 4, status="answering", revision=2)
    await stage.event("question.changed", {"question": long})
    await expect(words).not_to_have_css("font-size", "74px")
    tall = "document.documentElement.scrollHeight - window.innerHeight"
    assert await page.evaluate(tall) <= 0
    for button in ("Answered", "Next question", "Undo"):
        box = await page.get_by_role("button", name=button).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 800


async def test_answered_and_next_question_say_what_they_do(browser: Browser) -> None:
    stage = await cockpit(browser, live())
    page = stage.page
    await expect(page.get_by_text("14 people · 48 votes")).to_be_visible()
    await page.get_by_role("button", name="Next question").click()
    await page.get_by_role("button", name="Answered").click()
    await stage.until(lambda: len(stage.commands_of("moderation.decide")) == 2)
    sent = [
        (each["subject"]["id"], each["verdict"]) for each in stage.commands_of("moderation.decide")
    ]
    assert sent == [("q2", "answering"), ("q1", "answered")]


CUE = {
    "id": "c1",
    "rule": "confusion",
    "segment": "prospect",
    "language": None,
    "since": AT,
    "at": AT,
    "act": {"kind": "pick", "id": "q3"},
    "outcome": None,
    "evidence": {
        "signal": "began_confused",
        "count": 9,
        "people": 56,
        "seconds": 10,
        "upto": AT,
        "base_count": 2,
        "base_seconds": 266,
        "expected": 0.1,
        "chance": 1e-8,
    },
}


async def test_the_one_cue_says_why_and_is_a_key_away_and_taps_move_the_curve(
    browser: Browser,
) -> None:
    stage = await cockpit(
        browser,
        live(cues=[CUE]),
        {"GET /sessions/hiver/pulse": Answer({"tick_s": 2, "ticks": [], "moments": []})},
    )
    page = stage.page
    await expect(page.get_by_role("heading", name="Confusion rises")).to_be_visible()
    await expect(page.get_by_text("9 of 56 people in 10 s; 0.1 is usual")).to_be_visible()
    box = await page.get_by_role("button", name="Take this question").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 800
    tall = "document.documentElement.scrollHeight - window.innerHeight"
    assert await page.evaluate(tall) <= 0
    now = await page.evaluate("new Date(Math.floor(Date.now() / 2000 - 1) * 2000).toISOString()")
    everyone = {"present": 56, "counts": {"heart": 30}}
    tick = {"at": now, "all": everyone, "segments": {"prospect": everyone}, "languages": {}}
    reactions = dict.fromkeys(("heart", "applause", "laugh", "surprise", "confused"), 0)
    told = {"present": 56, "reactions": reactions, "typing": 0, "curve": [tick]}
    await stage.send({"t": "pulse", "data": told})
    await expect(page.get_by_text("60 / min")).to_be_visible()
    await page.get_by_label("One curve, or several").select_option("segments")
    await expect(page.get_by_role("row").filter(has_text="Prospect")).to_have_count(1)
    for each in ("moderation.decide", "poll.open", "runshow.go"):
        stage.replies[each] = {"t": "ack", "seq": None, "data": {}}
    await page.keyboard.press("Alt+Enter")
    await stage.until(lambda: bool(stage.commands_of("cue.settle")))
    assert stage.commands_of("moderation.decide")[0]["verdict"] == "pick"
    assert stage.commands_of("cue.settle") == [{"cue_id": "c1", "outcome": "acted"}]
    settled = {**CUE, "outcome": "acted", "settled_at": AT}
    await stage.event("cue.settled", {"cue": settled})
    await expect(page.get_by_role("heading", name="Confusion rises")).to_have_count(0)
    wave = {**CUE, "id": "c2", "rule": "questions", "topic": "delivery"}
    for kind, name in (("poll", "Open the poll"), ("part", "Go to this part")):
        await stage.event("cue.raised", {"cue": {**wave, "act": {"kind": kind, "id": "x1"}}})
        await expect(
            page.get_by_role("heading", name="Many questions at once · Delivery")
        ).to_be_visible()
        await page.get_by_role("button", name=name).click()
    await stage.until(lambda: bool(stage.commands_of("runshow.go")))
    assert stage.commands_of("poll.open") == [{"poll_id": "x1"}]
    assert stage.commands_of("runshow.go") == [{"part_id": "x1", "from": None}]


async def test_a_pick_appears_and_can_be_taken_on_another_screen_too(browser: Browser) -> None:
    told = snapshot("host")
    stage = await cockpit(browser, told)
    page = stage.page
    await expect(page.get_by_text("The floor is yours")).to_be_visible()
    picked = question("q9", "Who made this coat?", status="picked", picked_at=AT, seq=9)
    await stage.event("question.published", {"question": picked, "total": 1})
    await expect(page.get_by_role("main").get_by_text("Who made this coat?")).to_be_visible()
    await expect(page.get_by_role("button", name="Answer it now")).to_be_visible()
    # Another device of the host's brings it on air: this one follows what the server says.
    now = {**picked, "status": "answering", "revision": 2, "answering_at": AT}
    await stage.event("question.changed", {"question": now})
    await expect(page.get_by_role("button", name="Answered")).to_be_visible()


async def test_without_a_pick_the_host_may_take_the_most_wanted(browser: Browser) -> None:
    items = [question("q3", "Is there a midnight blue?", votes=7, seq=1)]
    stage = await cockpit(browser, snapshot("host", questions={"items": items, "total": 1}))
    page = stage.page
    told = {**items[0], "status": "picked", "revision": 2}
    stage.replies["moderation.decide"] = {
        "t": "ack",
        "seq": 101,
        "data": {"id": "q3", "revision": 2, "status": "picked", "question": told},
    }
    await page.get_by_role("button", name="Take · Is there a midnight blue?").click()
    await stage.until(lambda: len(stage.commands_of("moderation.decide")) == 2)
    sent = [(each["verdict"], each["revision"]) for each in stage.commands_of("moderation.decide")]
    assert sent == [("pick", 1), ("answering", 2)]


async def test_the_device_check_sends_nothing_before_going_live(browser: Browser) -> None:
    stage = await cockpit(browser, before("lobby"))
    page = stage.page
    await page.get_by_role("button", name="Turn on camera and microphone").click()
    await expect(page.get_by_label("Camera", exact=True)).to_be_visible()
    await expect(page.get_by_label("Your picture")).not_to_have_js_property("videoWidth", 0)
    level = page.get_by_role("meter", name="Sound level")
    await expect(level).not_to_have_attribute("aria-valuenow", "0")
    await page.get_by_label("Microphone", exact=True).select_option(label="No microphone")
    await expect(page.get_by_label("Microphone", exact=True)).to_have_value("")
    assert not [name for name, _ in stage.calls if "/whip" in name or "/state" in name]
    assert stage.complaints == []


async def test_a_taken_seat_is_told_and_taken_only_when_one_says_so(browser: Browser) -> None:
    told = before("lobby")
    told["stage"] = stage_of(seat())
    stage = await cockpit(browser, told)
    page = stage.page
    await page.get_by_role("button", name="Turn on camera and microphone").click()
    await page.get_by_role("button", name="Go live").click()
    await expect(page.get_by_text("Camille is on air in this seat.")).to_be_visible()
    names = [name for name, _ in stage.calls if "/whip" in name or "/state" in name]
    assert names == ["POST /sessions/hiver/whip"]
    await page.get_by_role("button", name="Take the seat").click()
    await stage.until(lambda: "POST /sessions/hiver/whip?takeover=1" in dict(stage.calls))


async def test_a_draft_opens_its_doors_before_the_picture_is_sent(browser: Browser) -> None:
    stage = await cockpit(browser, before("draft"))
    page = stage.page
    await page.get_by_role("button", name="Turn on camera and microphone").click()
    await page.get_by_role("button", name="Go live").click()
    await expect(page.get_by_role("button", name="Take the seat")).to_be_visible()
    steps = [(name, body) for name, body in stage.calls if "/whip" in name or "/state" in name]
    assert steps[0] == ("POST /sessions/hiver/state", {"state": "lobby"})
    assert steps[1][0] == "POST /sessions/hiver/whip"


async def test_a_browser_without_leave_to_use_the_camera_is_told_how_to_give_it(
    browser: Browser,
) -> None:
    stage = await cockpit(browser, before())
    page = stage.page
    await page.evaluate(
        """() => {
          navigator.mediaDevices.getUserMedia = () =>
            Promise.reject(new DOMException('no', 'NotAllowedError'));
        }"""
    )
    await page.get_by_role("button", name="Turn on camera and microphone").click()
    await expect(page.get_by_role("alert")).to_contain_text("icon in the address bar")


async def test_ending_asks_first(browser: Browser) -> None:
    stage = await cockpit(browser, live())
    page = stage.page
    await page.get_by_role("button", name="End", exact=True).click()
    await expect(page.get_by_text("cannot be started again")).to_be_visible()
    assert not [name for name, _ in stage.calls if "/state" in name]
    await page.get_by_role("button", name="End the session").click()
    ended = {**stage.hello["snapshot"]["session"], "state": "ended"}
    ended["ended_at"] = "2026-11-20T20:15:30.000Z"
    await stage.event("session.changed", {"session": ended})
    await expect(page.get_by_text("It was on air for 45:30.")).to_be_visible()
    assert ("POST /sessions/hiver/state", {"state": "ended"}) in stage.calls


async def test_obs_gets_an_address_and_a_token(browser: Browser) -> None:
    stage = await cockpit(browser, live())
    page = stage.page
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Go live by OBS").click()
    await expect(page.get_by_label("Server")).to_have_value(
        "http://127.0.0.1:9/api/v1/sessions/hiver/whip"
    )
    await expect(page.get_by_label("Bearer token")).to_have_value("secret-token")


async def test_the_moderators_line_is_large_and_can_be_answered(browser: Browser) -> None:
    stage = await cockpit(browser, live())
    page = stage.page
    say = {"id": "s1", "author": author("YK", "moderator"), "text": "prospects ask about sizes"}
    await stage.event("staff.said", {"say": {**say, "at": AT}})
    await expect(page.get_by_text("prospects ask about sizes")).to_have_css("font-size", "28px")
    await page.get_by_label("A word to the team").fill("thank you")
    await page.keyboard.press("Enter")
    await stage.until(lambda: bool(stage.commands_of("staff.say")))
    assert stage.commands_of("staff.say") == [{"text": "thank you"}]


@pytest.mark.parametrize("state", ["draft", "live", "ended"])
@pytest.mark.parametrize("width", [1280, 320])
async def test_the_cockpit_has_no_barrier(browser: Browser, state: str, width: int) -> None:
    told = live() if state == "live" else before(state)
    viewport = {"width": width, "height": 800}
    stage = await cockpit(browser, told, viewport=viewport, locale="fr-FR")
    assert await barriers(stage.page) == []
    assert await overflow(stage.page) <= 0
    assert stage.complaints == []
