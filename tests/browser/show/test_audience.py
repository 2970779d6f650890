"""What the audience can do, in real browsers: rows V2 to V8, V10 and V13 of the capability map."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.show.people import OpenShow


async def test_v2_a_message_reaches_another_browser_and_a_name_is_asked_first(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    ana = await show.viewer()
    ben = await show.viewer("Ben")
    await ben.show("Discussion")
    await ana.write("Discussion", "Hello from Lyon")
    await expect(ana.page.get_by_role("dialog")).to_be_visible()
    await ben.does_not_see("Hello from Lyon")
    await ana.give_name("Ana")
    await ben.sees("Hello from Lyon")
    await ben.sees("Ana")
    await ana.sees("Hello from Lyon")
    await expect(ana.text("Hello from Lyon")).to_have_count(1)


async def test_v3_what_passed_while_offline_arrives_once_in_order_without_a_reload(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    ana = await show.viewer("Ana")
    ben = await show.viewer("Ben")
    await ana.show("Discussion")
    await ben.write("Discussion", "before the tunnel")
    await ana.sees("before the tunnel")
    await ana.page.evaluate("() => { window.sameDocument = true }")
    writers = [await show.writer(f"writer {number}") for number in range(3)]

    await ana.context.set_offline(True)
    await ana.write("Discussion", "written in the tunnel")
    await ana.sees("Waiting for the connection")
    for number in range(10):
        await writers[number % 3].say("message.post", text=f"line {number}")
    await ana.context.set_offline(False)

    await ana.sees("line 9")
    await ben.sees("written in the tunnel")
    lines = await ana.page.get_by_text(re.compile(r"^line \d$")).all_text_contents()
    assert lines == [f"line {number}" for number in range(10)]
    await expect(ben.text("written in the tunnel")).to_have_count(1)
    assert await ana.page.evaluate("() => window.sameDocument === true")


async def test_v4_reactions_of_several_browsers_add_up_exactly(open_show: OpenShow) -> None:
    show = await open_show()
    crowd = [await show.viewer() for _ in range(3)]
    taps = 50
    for viewer in crowd:
        await viewer.page.evaluate(
            """n => { const heart = [...document.querySelectorAll('button')]
                .find(b => b.getAttribute('aria-label') === 'Send a heart');
                for (let i = 0; i < n; i++) setTimeout(() => heart.click(), i * 60); }""",
            taps,
        )
    total = f'"heart":{taps * len(crowd)}'
    for viewer in crowd:
        await viewer.hears(total)
        await expect(viewer.button("Send a heart")).to_be_enabled()


async def test_v5_v6_a_question_by_button_or_by_typing_is_voted_once_and_taken_back(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    ana = await show.viewer("Ana")
    ben = await show.viewer("Ben")
    await ana.write("Questions", "Is the wool itchy?")
    await ana.write("Discussion", "/q Do you ship to Belgium?")
    for text in ("Is the wool itchy?", "Do you ship to Belgium?"):
        await expect(ben.question(text)).to_be_visible()

    vote = ben.vote("Do you ship to Belgium?")
    await vote.click()
    await ana.show("Questions")
    await expect(ana.vote("Do you ship to Belgium?")).to_contain_text("1")
    first = ana.page.get_by_role("article").filter(has_text="?").first
    await expect(first).to_contain_text("Do you ship to Belgium?")
    await vote.click()
    await expect(ana.vote("Do you ship to Belgium?")).to_contain_text("0")


async def test_v7_only_the_author_sees_a_held_question_and_reads_its_fate(
    open_show: OpenShow,
) -> None:
    show = await open_show(review="before")
    moderator = await show.moderator()
    ana = await show.viewer("Ana")
    ben = await show.viewer("Ben")
    await ana.write("Questions", "Does it come in green?")
    await ana.sees("Your question · the team is reading it")
    await expect(ben.question("Does it come in green?")).to_have_count(0)

    await moderator.page.get_by_text("Does it come in green?").click()
    await moderator.page.keyboard.press("p")
    await expect(ben.question("Does it come in green?")).to_be_visible()
    await moderator.page.get_by_text("Does it come in green?").first.click()
    await moderator.page.keyboard.press("h")
    await ana.sees("Your question · up soon")
    await expect(ben.page.get_by_text(re.compile("^Your question ·"))).to_have_count(0)
    held = [frame for frame in ben.frames if "question.held" in frame]
    assert held == []


async def test_v8_a_reply_shows_its_parent_and_a_mention_alerts(open_show: OpenShow) -> None:
    show = await open_show()
    ana = await show.viewer("Ana")
    ben = await show.viewer("Ben")
    await ana.write("Discussion", "I love the green one")
    await ben.show("Discussion")
    await ben.sees("I love the green one")
    await ben.page.get_by_role("button", name="Actions for the message of Ana").click()
    await ben.page.get_by_role("menuitem", name="Reply").or_(ben.button("Reply")).first.click()
    field = ben.page.get_by_role("textbox", name="Your message")
    await field.fill("@Ana me too")
    await field.press("Enter")
    await ana.sees("In reply to Ana")
    await expect(ana.page.get_by_text("Mentions you").first).to_be_attached()


async def test_v10_scrolled_up_the_list_holds_still_and_offers_what_is_new(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    ana = await show.viewer("Ana")
    writers = [await show.writer(f"writer {number}") for number in range(8)]
    for turn in range(4):  # five lines in ten seconds is what one person may write
        for number, writer in enumerate(writers):
            await writer.say("message.post", text=f"old {turn}-{number}")
    await ana.show("Discussion")
    await ana.sees("old 3-7")
    scroller = ana.discussion
    await scroller.evaluate("e => { e.scrollTop = e.scrollHeight / 3 }")
    seen = await ana.top_line()
    for number, writer in enumerate(writers[:4]):
        await writer.say("message.post", text=f"fresh {number}")
    await expect(ana.page.get_by_role("button", name=re.compile(r"new"))).to_be_visible()
    assert await ana.top_line() == seen
    await ana.page.get_by_role("button", name=re.compile(r"new")).click()
    await ana.sees("fresh 3")


async def test_v13_the_same_device_comes_back_with_name_votes_and_questions(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    ben = await show.viewer("Ben")
    await ben.write("Questions", "Will there be a blue one?")
    ana = await show.viewer("Ana")
    await ana.vote("Will there be a blue one?").click()
    await expect(ana.vote("Will there be a blue one?")).to_contain_text("1")
    await ana.write("Questions", "Mine, before I left")
    await expect(ana.question("Mine, before I left")).to_be_visible()

    await ana.page.close()
    ana.page = await ana.context.new_page()
    ana.watch()
    await ana.page.goto(f"{show.http.url}/s/{show.slug}")
    await expect(ana.question("Mine, before I left")).to_contain_text("Your question")
    vote = ana.vote("Will there be a blue one?")
    await expect(vote).to_have_attribute("aria-pressed", "true")
    await ana.write("Discussion", "it is me again")
    await ben.show("Discussion")
    await ben.sees("it is me again")
    await expect(ana.page.get_by_role("dialog")).to_have_count(0)


async def test_a2_one_send_is_four_texts_in_four_browsers_and_in_no_other(
    open_show: OpenShow,
) -> None:
    show = await open_show(languages=["en", "fr"])
    words = {
        ("customer", "fr-FR"): "Vos réparations sont gratuites ce mois-ci",
        ("customer", "en-GB"): "Your repairs are free this month",
        ("prospect", "fr-FR"): "Première commande : essayez chez vous",
        ("prospect", "en-GB"): "Try it at home with your first order",
    }
    viewers = {}
    for segment, language in words:
        viewers[segment, language] = viewer = await show.viewer(language=language)
        await viewer.page.evaluate(
            """([slug, segment]) => fetch(`/api/v1/sessions/${slug}/join`, {method: 'POST',
                headers: {'Content-Type': 'application/json'}, body: JSON.stringify({segment})})""",
            [show.slug, segment],
        )
        await viewer.hears(f'"segment":"{segment}"')

    lena = await show.moderator("Lena")
    await lena.page.keyboard.press("!")
    dialog = lena.page.get_by_role("dialog", name="Announcements")
    for (segment, language), text in words.items():
        cell = dialog.locator(f'[data-cell="{segment} {language[:2]}"]')
        await expect(cell).to_contain_text("1")
        await cell.click()
        field = dialog.locator("[data-words] textarea")
        await expect(field).to_be_focused()
        await field.fill(text)
        await expect(dialog.get_by_text("This person will read:")).to_be_visible()
    await dialog.locator('[data-cell="general en"]').click()
    await expect(dialog.get_by_text("They would read nothing.")).to_be_visible()
    await lena.page.keyboard.press("Control+Enter")
    await lena.sees("Sent.")

    for cohort, viewer in viewers.items():
        await viewer.sees(words[cohort])
        received = "\n".join(viewer.frames)
        others = [text for other, text in words.items() if other != cohort]
        assert not [text for text in others if text in received]
    fr, en = viewers["customer", "fr-FR"], viewers["customer", "en-GB"]
    await fr.page.get_by_role("button", name="Ranger").click()
    await fr.does_not_see(words["customer", "fr-FR"])
    await en.page.evaluate(
        """slug => fetch(`/api/v1/sessions/${slug}/join`, {method: 'POST',
            headers: {'Content-Type': 'application/json'},
            body: JSON.stringify({segment: 'prospect'})})""",
        show.slug,
    )
    await en.sees(words["prospect", "en-GB"])
    await en.does_not_see(words["customer", "en-GB"])
    await dialog.get_by_role("tab", name="On screen").click()
    await dialog.get_by_role("button", name="Withdraw").click()
    await en.does_not_see(words["prospect", "en-GB"])


async def test_v9_three_vote_totals_agree_everywhere_and_a_fourth_of_another_cohort_hears_nothing(
    open_show: OpenShow,
) -> None:
    show = await open_show()
    desk = await show.moderator("Lea")
    ana, ben, cleo = [await show.viewer(name) for name in ("Ana", "Ben", "Cleo")]
    dora = await show.viewer("Dora")
    await show._join(dora, {"segment": "customer"})
    await dora.hears('"segment":"customer"')

    await desk.page.get_by_role("tab", name="Polls").click()
    await desk.button("New poll").click()
    form = desk.page.get_by_role("dialog")
    await form.get_by_label("Question").fill("Which coat shall we try on?")
    await form.get_by_label("Option 1", exact=True).fill("The green one")
    await form.get_by_label("Option 2", exact=True).fill("The red one")
    await form.get_by_role("checkbox", name="Public").check()
    await form.get_by_role("button", name="Ask now").click()

    green, red = re.compile("^The green one"), re.compile("^The red one")
    for person, choice in ((ana, green), (ben, green), (cleo, red)):
        await person.page.get_by_role("button", name=choice).click()
        await person.sees("Your answer is counted. You can change it.")
    await ana.page.get_by_role("button", name=red).press("Enter")
    for person in (ana, ben, cleo):
        poll = person.page.get_by_role("article", name="Which coat shall we try on?")
        await expect(poll).to_contain_text("3 answers")
        await expect(poll.get_by_role("button", name=red)).to_contain_text("67%")
        await expect(poll.get_by_role("button", name=green)).to_contain_text("33%")
    await expect(ana.page.get_by_role("button", name=red)).to_have_attribute("aria-pressed", "true")
    await ben.page.reload()
    mine = ben.page.get_by_role("button", name=green)
    await expect(mine).to_have_attribute("aria-pressed", "true")

    running = desk.page.get_by_role("article", name="Which coat shall we try on?")
    await expect(running).to_contain_text("3 answers")
    await running.get_by_role("button", name="Close").click()
    await expect(ben.page.get_by_role("article").first).to_contain_text("closed")
    await expect(ben.page.get_by_role("article").first).to_contain_text("67%")
    export = await show.http.as_owner("GET", f"/sessions/{show.slug}/export")
    (kept,) = export["polls"]
    assert (kept["answered"], kept["counts"]) == (3, {"1": 1, "2": 2})
    for hidden in ("Which coat", kept["id"], '"poll.'):
        assert not any(hidden in frame for frame in dora.frames)
