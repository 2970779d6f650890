"""Picture and sound between real browsers: rows V1, H7 and S1, by what is seen and heard."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

from tests.browser.show.people import OpenShow, Person
from tests.support.patience import PATIENCE_S

LEVEL_OF_SOUND = """async () => {
    const video = document.querySelector('video')
    const audio = new AudioContext()
    await audio.resume()
    const analyser = audio.createAnalyser()
    audio.createMediaStreamSource(video.srcObject).connect(analyser)
    const samples = new Float32Array(analyser.fftSize)
    for (let tries = 0; tries < 100; tries++) {
        await new Promise(done => setTimeout(done, 100))
        analyser.getFloatTimeDomainData(samples)
        const peak = Math.max(...samples.map(Math.abs))
        if (peak > 0.01) return peak
    }
    return 0
}"""

FINGERPRINT = """() => {
    const video = document.querySelector('video')
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 32
    const pen = canvas.getContext('2d')
    pen.drawImage(video, 0, 0, 32, 32)
    return [...pen.getImageData(0, 0, 32, 32).data].join()
}"""


async def wait_for_moving_pixels(page: Page, timeout_s: float = PATIENCE_S) -> None:
    """Until two pictures of the first video differ, neither of them blank."""
    await page.wait_for_function(
        f"""() => {{
            const video = document.querySelector('video')
            if (!video || video.readyState < 2 || !video.videoWidth) return false
            const picture = ({FINGERPRINT})()
            if (new Set(picture.split(',')).size < 8) return false
            window.seenPicture ??= picture
            return window.seenPicture !== picture
        }}""",
        timeout=timeout_s * 1000,
        polling=200,
    )


async def go_live(host: Person) -> None:
    """Camera and microphone are allowed already: the preview opens by itself."""
    live = host.page.get_by_role("button", name="Go live")
    await expect(live).to_be_enabled()
    await live.click()


async def test_h7_nothing_leaves_the_machine_before_go_live_and_then_s1_others_see_and_hear(
    open_show: OpenShow,
) -> None:
    show = await open_show(state="lobby")
    host = await show.host()
    posts: list[str] = []
    host.page.on(
        "request", lambda request: posts.append(request.url) if "/whip" in request.url else None
    )
    ana = await show.viewer("Ana")
    preview = host.page.get_by_label("Your picture")
    await expect(preview).to_be_visible()
    await wait_for_moving_pixels(host.page)
    await expect(host.page.get_by_role("meter", name="Sound level")).to_be_visible()
    await expect(host.page.get_by_role("combobox", name="Camera")).to_be_visible()
    assert posts == []
    await expect(ana.page.locator("video[src], video").first).not_to_have_js_property(
        "readyState", 4
    )

    await go_live(host)
    await wait_for_moving_pixels(ana.page)
    await ana.button("Turn the sound on").click()
    assert await ana.page.evaluate(LEVEL_OF_SOUND) > 0.01
    assert len(posts) >= 1


async def test_v1_from_link_to_moving_picture_on_a_phone_without_a_tap(
    open_show: OpenShow,
) -> None:
    show = await open_show(state="lobby")
    await go_live(await show.host())
    ana = await show.viewer(size=(360, 740))
    await wait_for_moving_pixels(ana.page)
    box = await ana.page.locator("video").first.bounding_box()
    assert box is not None
    assert box["width"] >= 300
    await expect(ana.page.get_by_role("dialog")).to_have_count(0)


async def test_off_air_takes_the_picture_away_and_back_and_viewers_read_why(
    open_show: OpenShow,
) -> None:
    show = await open_show(state="lobby")
    host = await show.host()
    await go_live(host)
    ana = await show.viewer("Ana")
    await wait_for_moving_pixels(ana.page)
    await host.button("Off air").click()
    await ana.sees("The host has stepped away")
    await host.button("Back on air").click()
    await ana.page.evaluate("() => { delete window.seenPicture }")
    await wait_for_moving_pixels(ana.page)


async def test_a_taken_seat_is_refused_and_taken_over_only_by_choice(open_show: OpenShow) -> None:
    show = await open_show(state="lobby")
    first = await show.host()
    await go_live(first)
    ana = await show.viewer("Ana")
    await wait_for_moving_pixels(ana.page)
    second = await show.host()
    await second.button("Go on air from here").click()
    on_air = second.button("Go on air")
    await expect(on_air).to_be_enabled()
    await on_air.click()
    await second.button("Take the seat").click()
    await expect(first.page.get_by_text("on air in this seat").first).to_be_visible()
    await ana.page.evaluate("() => { delete window.seenPicture }")
    await wait_for_moving_pixels(ana.page)


TWO_PICTURES = """async (video) => {
    const shown = () => new Promise((done) => video.requestVideoFrameCallback(done))
    await shown()
    await shown()
}"""


async def test_s3_a_guest_is_let_on_stage_and_a_viewer_sees_both_move(open_show: OpenShow) -> None:
    show = await open_show(state="lobby")
    await go_live(await show.host())
    staff = await show.moderator_client("Yann")
    ana, ben = await show.viewer("Ana"), await show.viewer("Ben")
    await wait_for_moving_pixels(ben.page)
    await ana.button("Ask to come on stage").click()
    await ana.page.get_by_label("Why you, in a word").fill("I wear it every day")
    await ana.button("Ask").click()
    told = await staff.until(lambda c: [e for e in c.events if e["type"] == "call.changed"])
    call = told[0]["data"]["call"]
    assert call["text"] == "I wear it every day"
    await staff.say("stage.accept", call_id=call["id"])
    await ana.button("I am ready").click()
    await ana.sees("Ready. You go on air when the team says so.")
    await staff.say("stage.put", call_id=call["id"], on=True)
    await ana.sees("You are on air")
    on_stage = ben.page.get_by_role("list", name="On stage")
    tiles = on_stage.get_by_role("listitem")
    await expect(tiles).to_have_count(2)
    for tile in await tiles.all():
        await tile.locator("video").evaluate(TWO_PICTURES)
    await ana.button("Leave the stage").click()
    await ana.sees("You are back in the audience")
    await expect(tiles).to_have_count(1)
    await tiles.locator("video").evaluate(TWO_PICTURES)


CORNER = """() => {
    const video = document.querySelector('video')
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 8
    const pen = canvas.getContext('2d')
    pen.drawImage(video, 0, 0, 8, 8)
    return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)]
}"""


async def hold(page: Page, key: str, until: Locator) -> None:
    """Hold a key until what it is for has come of it."""
    await page.keyboard.down(key)
    await expect(until).to_be_visible()
    await page.keyboard.up(key)


async def test_a_held_key_cuts_to_the_slate_and_back_and_a_taken_camera_sends_one_of_its_own(
    open_show: OpenShow,
) -> None:
    show = await open_show(state="lobby")
    host = await show.host()
    await go_live(host)
    ana = await show.viewer("Ana")
    await wait_for_moving_pixels(ana.page)
    moderator = await show.moderator()

    slate = ana.text("We’ll be right back").first
    standing = moderator.page.get_by_text("nobody sees or hears the show")
    await hold(moderator.page, ".", standing)
    await expect(slate).to_be_visible()
    await expect(ana.page.locator("video").first).to_be_hidden()
    await expect(host.page.get_by_text("nobody sees or hears the show")).to_be_visible()
    # By its button, for who does not hold: the host gives back what a moderator cut.
    await host.page.get_by_role("button", name="Give back picture and sound").click()
    dialog = host.page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Give back picture and sound").click()
    await expect(slate).to_be_hidden()
    await ana.page.evaluate("() => { delete window.seenPicture }")
    await wait_for_moving_pixels(ana.page)

    await host.page.evaluate(
        """() => { for (const video of document.querySelectorAll('video'))
            video.srcObject?.getTracks().forEach(t => t.dispatchEvent(new Event('ended'))) }"""
    )
    await expect(host.page.get_by_role("alert").get_by_text("was taken")).to_be_visible()
    await ana.page.wait_for_function(
        f"() => Math.max(...({CORNER})()) < 60", polling=100, timeout=PATIENCE_S * 1000
    )
    await host.button("Go on").click()
    await expect(host.button("Go on")).to_have_count(0)
    await ana.page.evaluate("() => { delete window.seenPicture }")
    await wait_for_moving_pixels(ana.page)
    await ana.page.wait_for_function(
        f"() => Math.max(...({CORNER})()) > 60", polling=100, timeout=PATIENCE_S * 1000
    )
