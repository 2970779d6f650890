"""What moderators and hosts can do, in real browsers: rows M1, M2, H1, H2 and undo."""

from __future__ import annotations

import re

from playwright.async_api import Locator, expect

from tests.browser.show.people import OpenShow, Person


def lane(person: Person, name: str) -> Locator:
    return person.page.get_by_role("region", name=re.compile(f"^{name}"))


def card(person: Person, lane_name: str, text: str) -> Locator:
    return lane(person, lane_name).get_by_role("article", name=text)


async def press(person: Person, item: Locator, key: str) -> None:
    """Act on a card as the keyboard does: focus it, press the key that stands on its button."""
    # At its edge: in the middle of a card in focus are its buttons.
    await item.click(position={"x": 5, "y": 5})
    await person.page.keyboard.press(key)


async def test_m1_each_move_shows_on_a_second_moderators_screen(open_show: OpenShow) -> None:
    show = await open_show(review="before")
    lea, yann = await show.moderator(), await show.moderator()
    writer = await show.writer("Ana")
    await writer.say("question.ask", text="Is the wool itchy?")
    await writer.say("message.post", text="buy my watches")

    await press(lea, card(lea, "To handle", "Is the wool itchy?"), "p")
    await expect(card(yann, "Live", "Is the wool itchy?")).to_be_visible()
    await press(lea, card(lea, "Live", "Is the wool itchy?"), "h")
    await expect(card(yann, "For the host", "Is the wool itchy?")).to_be_visible()
    await press(yann, card(yann, "To handle", "buy my watches"), "d")
    await expect(card(lea, "To handle", "buy my watches")).to_have_count(0)

    await yann.page.keyboard.press("z")
    await expect(card(lea, "To handle", "buy my watches")).to_be_visible()


async def test_m2_review_is_switched_live_and_the_very_next_message_obeys(
    open_show: OpenShow,
) -> None:
    show = await open_show(review="after")
    lea = await show.moderator()
    ana, ben = await show.viewer("Ana"), await show.viewer("Ben")
    await ben.show("Discussion")
    await ana.write("Discussion", "at once")
    await ben.sees("at once")

    await lea.page.get_by_role("combobox", name="Review").select_option("before")
    await lea.hears('"mode.changed"')
    await ana.write("Discussion", "read first")
    await ana.sees("Only you see this yet · the team is reading it")
    await expect(card(lea, "To handle", "read first")).to_be_visible()
    await ben.does_not_see("read first")

    await press(lea, card(lea, "To handle", "read first"), "p")
    await ben.sees("read first")
    await lea.page.get_by_role("combobox", name="Review").select_option("after")
    await lea.page.get_by_text("From now on everything is published at once").wait_for()
    await ana.write("Discussion", "at once again")
    await ben.sees("at once again")


async def test_h1_h2_a_pick_stands_large_in_the_cockpit_and_viewers_follow_it(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    host, lea = await show.host(), await show.moderator()
    ana = await show.viewer("Ana")
    await ana.write("Questions", "Do you ship to Belgium before Christmas?")
    await ana.write("Questions", "Does it come in blue?")
    wanted = "Do you ship to Belgium before Christmas?"
    await press(lea, card(lea, "Live", wanted), "h")

    words = host.page.get_by_role("main", name="Question").get_by_text(wanted)
    await expect(words).to_be_visible()
    size = await words.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    assert size >= 40, f"{size} px cannot be read from two metres"
    await ana.sees("Your question · up soon")

    await host.button("Answer it now").click()
    await expect(ana.page.get_by_role("main").get_by_text("Being answered")).to_be_visible()
    await expect(ana.page.get_by_role("main").get_by_text(wanted)).to_be_visible()
    await expect(card(lea, "For the host", wanted)).to_contain_text("On air")
    await host.button("Answered").click()
    await expect(ana.question(wanted)).to_contain_text("answered at")
    await expect(card(lea, "Answered", wanted)).to_be_visible()
    export = await show.http.as_owner("GET", f"/sessions/{show.slug}/export?format=json")
    [kept] = [each for each in export["contributions"] if each["text"] == wanted]
    assert kept["answering_at"], "the moment is what the replay will jump to"
    assert kept["answered_at"]

    await host.button("Undo").click()
    await expect(card(lea, "Answered", wanted)).to_have_count(0)


async def test_h8_three_screens_of_the_host_are_in_step_and_each_may_act(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    tablet = await show.host()
    lea, writer = await show.moderator_client("Lea"), await show.writer("Ana")
    for title in ("Opening", "Fitting", "Goodbye"):
        await lea.say("part.add", part={"titles": {"en": title}, "script": f"Words of {title}"})
    await writer.say("question.ask", text="Is it warm?")

    # A second device comes by a code that is good once; a second screen shows one thing alone.
    await tablet.button("More").click()
    await tablet.page.get_by_role("menuitem", name="Add a device").click()
    code = tablet.page.get_by_role("dialog", name="Add a device")
    link = await code.get_by_role("textbox").input_value()
    phone = await show.page(link)
    await expect(phone.button("Take · Is it warm?")).to_be_visible()
    await (await show.page(link)).sees("This link has served its time")
    await code.get_by_role("button", name="Close").click()
    await phone.page.goto(f"{show.http.url}/s/{show.slug}/host?solo")
    screen = await show.host()
    await screen.page.goto(f"{show.http.url}/s/{show.slug}/host?screen=prompt")

    await tablet.page.keyboard.press("PageDown")
    await screen.sees("Words of Opening")
    await expect(phone.page.get_by_text("Opening")).to_be_visible()
    await phone.button("Next part").click()
    await screen.sees("Words of Fitting")
    await screen.page.keyboard.press("PageDown")
    await expect(tablet.page.get_by_role("region", name="Run of show")).to_contain_text("Goodbye")

    await phone.button("Answer it now").click()
    await expect(tablet.button("Answered")).to_be_visible()
    await screen.page.keyboard.press("a")
    await expect(tablet.button("Answered")).to_have_count(0)
    await expect(phone.button("Answered")).to_have_count(0)
    boxes = [
        await phone.button(name, exact=False).bounding_box()
        for name in ("Camera", "Mute", "Shield", "Answer it now")
    ]
    height = await phone.page.evaluate("innerHeight")
    assert all(box is not None and box["y"] > height * 0.6 for box in boxes), boxes


async def test_h5_a_part_is_put_in_and_skipped_live_and_every_viewers_next_follows(
    open_show: OpenShow,
) -> None:
    show = await open_show(state="draft", languages=["en", "fr"])
    planner = await show.moderator_client("Léa")
    for title, french in (("Opening", "Ouverture"), ("Fitting", "Essayage")):
        await planner.say("part.add", part={"titles": {"en": title, "fr": french}, "minutes": 5})
    host = await show.host()
    await host.page.get_by_role("switch", name="Viewers see now and next").check()
    await show.http.as_owner("POST", f"/sessions/{show.slug}/state", state="live")
    ana, eve = await show.viewer("Ana"), await show.viewer(language="fr-FR")

    async def programme(person: Person, now: str, coming: str) -> None:
        shown = person.page.locator("dl.programme")
        await expect(shown).to_have_text(re.compile(rf"^\s*{now}\s*{coming}\s*$"))

    await programme(ana, "Now ?Opening", "Next ?Fitting")
    await programme(eve, "Maintenant ?Ouverture", "Ensuite ?Essayage")

    lea = await show.moderator()
    await lea.page.get_by_role("tab", name="Run of show").click()
    await lea.button("More · Opening").click()
    await lea.page.get_by_role("menuitem", name="Add a part after it").click()
    form = lea.page.get_by_role("dialog", name="Add a part")
    await form.get_by_label("Title (English)").fill("A guest")
    await form.get_by_label("Title (French)").fill("Une invitée")
    await form.get_by_label("Teleprompter").fill("Nobody but the team reads this")
    await form.get_by_role("button", name="Save").click()
    await programme(ana, "Now ?Opening", "Next ?A guest")
    await programme(eve, "Maintenant ?Ouverture", "Ensuite ?Une invitée")

    await lea.button("More · A guest").click()
    await lea.page.get_by_role("menuitem", name="Skip").click()
    await programme(ana, "Now ?Opening", "Next ?Fitting")
    await programme(eve, "Maintenant ?Ouverture", "Ensuite ?Essayage")

    # The cockpit follows, and a presenter's remote moves the show on.
    await expect(host.page.get_by_role("region", name="Run of show")).to_contain_text("Fitting")
    await host.page.keyboard.press("PageDown")
    await programme(ana, "Now ?Fitting", "")
    await expect(lea.page.locator("li[aria-current=step]")).to_contain_text("Fitting")
    assert not [frame for frame in (*ana.frames, *eve.frames) if "Nobody but the team" in frame]


async def test_two_moderators_at_once_the_second_is_told_and_nothing_is_overwritten(
    open_show: OpenShow,
) -> None:
    show = await open_show(review="before")
    lea, yann = await show.moderator(), await show.moderator()
    writer = await show.writer("Ana")
    await writer.say("message.post", text="contested")
    await card(yann, "To handle", "contested").click()
    # Yann's socket stands still while Lea decides.
    await yann.context.set_offline(True)
    await press(lea, card(lea, "To handle", "contested"), "p")
    await expect(card(lea, "Live", "contested")).to_be_visible()
    await yann.page.keyboard.press("d")
    await yann.context.set_offline(False)
    await expect(card(yann, "Live", "contested")).to_be_visible()
    await expect(card(lea, "Live", "contested")).to_be_visible()
    await expect(yann.page.get_by_text("While you were away: one decision by")).to_be_visible()


async def test_m4_who_has_an_item_in_hand_shows_on_the_others_screens_and_is_let_go(
    open_show: OpenShow,
) -> None:
    show = await open_show(review="before")
    lea, yann = await show.moderator("Léa"), await show.moderator("Yann")
    writer = await show.writer("Ana")
    await writer.say("question.ask", text="Is the wool itchy?")
    waiting = "To handle", "Is the wool itchy?"

    await press(lea, card(lea, *waiting), "t")
    await expect(card(yann, *waiting)).to_contain_text("Léa has it")
    await expect(card(lea, *waiting)).to_contain_text("you have it")
    await card(yann, *waiting).click()
    await expect(yann.page.get_by_role("button", name="Take")).to_be_disabled()
    await expect(card(lea, *waiting)).to_contain_text("Yann is looking at it")
    await expect(card(yann, *waiting)).to_contain_text("Léa is looking at it")

    await lea.page.keyboard.press("b")
    await expect(card(yann, *waiting)).not_to_contain_text("Léa has it")
    await expect(card(yann, *waiting)).not_to_contain_text("Léa is looking at it")
    await press(yann, card(yann, *waiting), "p")
    await expect(card(lea, "Live", "Is the wool itchy?")).to_be_visible()
    await writer.say("question.ask", text="Is it warm?")
    await expect(card(lea, "To handle", "Is it warm?")).to_be_visible()
    await lea.button("I am back").click()
    await lea.sees("While you were away: one decision by Yann · one new item")
    await lea.button("Hide").click()
    await lea.page.get_by_role("tab", name="Meanwhile").click()
    told = lea.page.get_by_role("list", name="Meanwhile").get_by_role("listitem")
    await expect(told).to_have_count(1)
    await expect(told).to_contain_text(re.compile("published.*Is the wool itchy.*Yann"))


async def test_m3_m5_m6_a_sweep_with_one_undo_an_edit_and_the_filter_that_shows_exactly_those(
    open_show: OpenShow,
) -> None:
    show = await open_show(review="before", languages=["en", "fr"])
    host, lea, yann = await show.host(), await show.moderator("Léa"), await show.moderator("Yann")
    ben, writer = await show.viewer("Ben"), await show.writer("Ana")
    texts = ["Where is my parcel, Ms Durand?", "Où est mon colis ?", "Is it warm?"]
    for text in texts:
        await writer.say("question.ask", text=text)

    # Three at once are before everyone, and one undo takes all three back.
    for text in texts:
        await expect(card(lea, "To handle", text)).to_be_visible()
    await card(lea, "To handle", texts[0]).click()
    for key in ("x", "Shift+J", "Shift+J", "p"):
        await lea.page.keyboard.press(key)
    for text in texts:
        await ben.sees(text)
        await expect(card(yann, "Live", text)).to_be_visible()
    await lea.page.keyboard.press("z")
    for text in texts:
        await ben.does_not_see(text)
        await expect(card(yann, "To handle", text)).to_be_visible()

    # M5: the public reads the edit, marked; the original stays with the team.
    await press(lea, card(lea, "To handle", texts[0]), "e")
    await lea.page.get_by_role("dialog").get_by_role("textbox").fill("Where is my parcel?")
    await lea.button("Save").click()
    await press(lea, card(lea, "To handle", "Where is my parcel?"), "p")
    await expect(ben.question("Where is my parcel?")).to_contain_text("edited")
    edited_at = len(ben.frames)
    asks = "path => fetch(path).then(answer => answer.text())"
    audit = await host.page.evaluate(asks, f"/api/v1/sessions/{show.slug}/audit")
    assert "Ms Durand" in audit
    assert "Where is my parcel?" in audit
    assert not any("Durand" in frame for frame in ben.frames[edited_at:])

    # M6: "after-sales, mine, French" is exactly one of them, on Yann's screen.
    await press(yann, card(yann, "To handle", texts[1]), "l")
    await yann.page.get_by_label("New label").fill("After sales")
    await yann.button("Add the label").click()
    await expect(yann.page.get_by_role("checkbox", name="After sales")).to_be_checked()
    for pressed, checked in (("Digit1", False), ("Digit1", True)):
        await yann.page.keyboard.press(pressed)
        box = yann.page.get_by_role("checkbox", name="After sales")
        await expect(box).to_be_checked(checked=checked)
    await yann.button("Close").click()
    await press(yann, card(yann, "To handle", texts[1]), "+")
    await expect(card(lea, "To handle", texts[1])).to_contain_text("Yann")
    await yann.page.keyboard.press("f")
    for name, value in (("Label", "After sales"), ("Seen to by", "me"), ("Language", "French")):
        await yann.page.get_by_role("combobox", name=name).select_option(label=value)
    await expect(yann.page.get_by_role("main").get_by_role("article")).to_have_count(1)
    await expect(card(yann, "To handle", texts[1])).to_contain_text("After sales")
    await host.sees("Where is my parcel?")
    assert not any("After sales" in frame for frame in ben.frames)


async def test_a_line_for_the_host_stands_in_the_cockpit_until_it_was_seen(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    host, lea, ana = await show.host(), await show.moderator("Léa"), await show.viewer("Ana")
    field = lea.page.get_by_role("textbox", name="A word to the team")
    await lea.button("To the host").click()
    await field.fill("Two minutes left")
    await field.press("Enter")
    await host.sees("Two minutes left")
    await field.fill("@Léa is speaking to herself")
    await field.press("Enter")
    await lea.sees("@Léa is speaking to herself")
    await host.button("Seen").click()
    await host.sees("@Léa is speaking to herself")
    assert not [frame for frame in ana.frames if "Two minutes left" in frame]


async def test_h6_a_question_stands_on_the_screen_in_the_player_and_over_the_film(
    open_show: OpenShow,
) -> None:
    show = await open_show(visibility="private")
    invite = show.session["invites"]["viewer"]["url"]
    host, lea = await show.host(), await show.moderator()
    film = await show.page(f"{invite}?to=overlay")
    writer = await show.writer("Ana", invited=True)
    await writer.say("question.ask", text="Is the wool itchy?")
    await writer.say("question.ask", text="Is it warm?")
    viewer = await show.page(invite)
    background = await film.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgba(0, 0, 0, 0)", "the film shows through"

    await press(lea, card(lea, "Live", "Is the wool itchy?"), "w")
    await film.sees("Is the wool itchy?")
    await expect(viewer.page.get_by_role("main").get_by_text("On the screen · Ana")).to_be_visible()
    await press(lea, card(lea, "Live", "Is it warm?"), "h")
    await host.button("On screen").click()
    await film.sees("Is it warm?")
    await film.does_not_see("Is the wool itchy?")
    await expect(host.button("On screen")).to_have_attribute("aria-pressed", "true")
    await host.button("On screen").click()
    await film.does_not_see("Is it warm?")
    await expect(viewer.page.get_by_text("On the screen")).to_have_count(0)
