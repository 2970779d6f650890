"""What becomes of questions: answered in the brand's name, promised, let go; and the history."""

from typing import Any

from playwright.async_api import Browser, expect

from tests.browser.pages import watching
from tests.browser.pages.shapes import AT, author, question, snapshot
from tests.browser.pages.staged import Answer, barriers
from tests.browser.pages.test_cockpit import cockpit, live
from tests.browser.pages.test_console import console

Json = Any
REPLIES = {
    "replies": [
        {"id": "r1", "language": "fr", "title": "Merci", "text": "Merci {name}, à {session}."},
        {"id": "r2", "language": "en", "title": "Thanks", "text": "Thank you {name}"},
    ]
}
ABOUT = {"brand": {"name": "Maison Alba", "logo_url": None}}
ASKED = question("q1", "Is it wool?", status="published", votes=7, seq=1)


def settled(kind: str, told: Json) -> Json:
    return {"t": "ack", "seq": 101, "data": {"id": "q1", kind: told}}


async def test_a_question_is_answered_with_a_saved_reply_by_its_key(browser: Browser) -> None:
    answers = {
        "GET /sessions/hiver/replies": Answer(REPLIES),
        "GET /sessions/hiver": Answer(ABOUT),
    }
    told = snapshot(questions={"items": [ASKED], "total": 1})
    stage = await console(browser, told, answers)
    page = stage.page
    stage.replies["reply.write"] = settled("question", {**ASKED, "revision": 3})
    await page.keyboard.press("j")
    await page.keyboard.press("c")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name="Merci")).to_be_visible()
    await expect(dialog.get_by_role("button", name="Thanks")).to_have_count(0)
    await page.keyboard.press("Alt+Digit1")
    field = dialog.get_by_role("textbox", name="Answer in writing")
    await expect(field).to_have_value("Merci renard-vif, à La collection d’hiver, en vrai.")
    assert await barriers(page) == []
    await dialog.get_by_role("button", name="Publish the answer").click()
    await expect(dialog).to_have_count(0)
    (sent,) = stage.commands_of("reply.write")
    assert (sent["subject"], sent["revision"]) == ({"kind": "question", "id": "q1"}, 1)


async def test_before_the_end_the_host_sees_what_is_left_and_may_promise_or_end(
    browser: Browser,
) -> None:
    stage = await cockpit(browser, live(), {"GET /sessions/hiver": Answer(ABOUT)})
    page = stage.page
    stage.replies["question.promise"] = settled("question", {**ASKED, "revision": 2})
    await page.get_by_role("button", name="End", exact=True).click()
    dialog = page.get_by_role("dialog")
    left = dialog.get_by_role("list", name="Not answered yet").get_by_role("button")
    await expect(left).to_have_count(3)
    await expect(left.first).to_contain_text("48")
    await left.nth(1).click()
    await dialog.get_by_role("radio", name="Promise").check()
    await dialog.get_by_label("Who will answer").fill("Customer care")
    await dialog.get_by_label("Until").fill("2027-01-15")
    assert await barriers(page) == []
    await dialog.get_by_role("button", name="Promise", exact=True).click()
    await stage.until(lambda: bool(stage.commands_of("question.promise")))
    (sent,) = stage.commands_of("question.promise")
    assert (sent["question_id"], sent["owner"]) == ("q3", "Customer care")
    assert sent["due"].startswith("2027-01-1")
    await expect(dialog.get_by_text("You can end now")).to_be_visible()
    await dialog.get_by_role("button", name="End the session").click()
    await stage.until(lambda: ("POST /sessions/hiver/state", {"state": "ended"}) in stage.calls)


async def test_who_asked_is_told_and_finds_the_answer_behind_the_same_link(
    browser: Browser,
) -> None:
    mine = {"id": "me", "display_name": "Lise Martin", "role": "viewer"}
    own = watching.question("q1", "Is it wool?", author=mine, seq=1)
    merged = watching.question("q2", "Wool?", author=mine, merged_into="q3", seq=2)
    root = watching.question("q3", "What is it made of?", "Hana", seq=3)
    stage = await watching.watch(
        browser,
        watching.snapshot(you={"papers": []}, questions=watching.questions(own, merged, root)),
    )
    page = stage.page
    await expect(page.get_by_text("What is it made of?", exact=True)).to_be_visible()
    await page.wait_for_load_state("networkidle")
    reply = {"text": "All of it is wool.", "at": AT}
    answered = {**root, "revision": 3, "status": "answered", "reply": reply}
    await stage.event("question.changed", {"question": answered})
    await expect(page.get_by_text("Your question has been answered")).to_be_visible()
    promise = {"owner": "Customer care", "due": "2027-01-15T22:59:00.000Z", "at": AT}
    promised = {**own, "revision": 2, "promise": promise}
    await stage.event("question.changed", {"question": promised})
    await expect(page.get_by_text("All of it is wool.").first).to_be_visible()
    assert await barriers(page) == []
    ended = {**stage.hello["snapshot"]["session"], "state": "ended", "ended_at": AT}
    await stage.event("session.changed", {"session": ended})
    yours = page.get_by_role("region", name="Your questions")
    await expect(yours.get_by_text("Customer care will answer by")).to_be_visible()
    await expect(yours.get_by_text("All of it is wool.")).to_be_visible()


def row(seq: int, verdict: str, *lines: Json, group: str | None = None) -> Json:
    by = author("Lise Martin", "moderator")
    told = {"seq": seq, "at": AT, "by": by, "verdict": verdict, "reason": None, "group": group}
    return {**told, "decisions": list(lines)}


def line(id: str, text: str, *, undone: bool = False, later: int = 0) -> Json:
    subject = {"kind": "message", "id": f"m-{id}"}
    states = {"before": "published", "after": "removed", "undone": undone, "later": later}
    return {"id": id, "subject": subject, "text": text, **states}


async def test_the_history_undoes_a_group_at_once_and_asks_before_going_over_later_ones(
    browser: Browser,
) -> None:
    rows = [
        row(9, "remove", line("d3", "Spam"), line("d4", "Spam again"), group="g1"),
        row(5, "remove", line("d1", "Where is it made?", later=2)),
        row(3, "publish", line("d0", "Gone", undone=True)),
    ]
    page_of = Answer({"items": rows, "next_before": None})
    stage = await console(browser, None, {"GET /sessions/hiver/decisions": page_of})
    page = stage.page
    stage.replies["moderation.undo"] = {"t": "ack", "seq": 102, "data": {"id": "d9"}}
    await page.get_by_role("tab", name="History").click()
    history = page.get_by_role("list", name="History").locator("> li")
    await expect(history).to_have_count(3)
    await expect(history.nth(2).get_by_role("button")).to_have_count(0)
    await history.nth(0).get_by_role("button", name="Undo").click()
    await stage.until(lambda: len(stage.commands_of("moderation.undo")) == 1)
    await history.nth(1).get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("2 decisions were made on this since.")).to_be_visible()
    assert await barriers(page) == []
    await page.get_by_role("button", name="Undo those as well").click()
    await stage.until(lambda: len(stage.commands_of("moderation.undo")) == 2)
    assert stage.commands_of("moderation.undo") == [
        {"group_id": "g1"},
        {"decision_id": "d1", "over": True},
    ]
    await page.get_by_label("Search texts and reasons").fill("wool")
    await stage.until(lambda: any("q=wool" in name for name, _ in stage.calls))
    assert stage.complaints == []
