"""The front page: sign-in, sessions, invitations and the brand, each in its states."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.pages.shapes import AT
from tests.browser.pages.staged import Answer, Stage, barriers, overflow, problem

Json = Any
BRAND = {
    "name": "Maison Orme",
    "description": "Le vêtement d’hiver, raconté en direct",
    "accent": None,
    "logo_url": None,
    "languages": ["fr", "en"],
}


def me(*, owner: bool, has_password: bool = True) -> Answer:
    return Answer({"owner": owner, "has_password": has_password, "server": {"version": "1.0"}})


def session(slug: str, title: str, state: str, **change: Json) -> Json:
    base = {"slug": slug, "title": title, "state": state, "starts_at": None, "present": 0}
    rest = {"created_at": AT, "languages": ["fr", "en"], "visibility": "public"}
    return {**base, **rest, "review": "after", "description": "", **change}


SESSIONS = Answer(
    {
        "sessions": [
            session("hiver", "La collection d’hiver", "live", present=1284),
            session("atelier", "Dans l’atelier", "lobby", starts_at="2026-12-03T17:30:00.000Z"),
            session("ete", "L’été revient", "ended"),
        ]
    }
)


async def page_in(browser: Browser, language: str = "en-GB", **options: Any) -> Page:
    context = await browser.new_context(locale=language, timezone_id="Europe/Paris", **options)
    return await context.new_page()


def owner_answers(**more: Answer) -> dict[str, Answer | list[Answer]]:
    return {
        "GET /me": me(owner=True),
        "GET /brand": Answer(BRAND),
        "GET /sessions": SESSIONS,
        **{name.replace("_", " ", 1): answer for name, answer in more.items()},
    }


async def test_owner_signs_in_with_a_password_and_a_wrong_one_is_told(browser: Browser) -> None:
    page = await page_in(browser)
    stage = Stage(
        page,
        {
            "GET /me": [me(owner=False), me(owner=True)],
            "GET /brand": Answer(BRAND),
            "GET /sessions": SESSIONS,
            "POST /owner/sign-in": [problem(403, "wrong_password"), Answer(status=204)],
        },
    )
    await stage.open("/", "home")
    await page.get_by_label("Password").fill("not this one")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("not the password")
    await page.get_by_label("Password").fill("a sentence is easier")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Sessions")).to_be_visible()
    assert ("POST /owner/sign-in", {"password": "a sentence is easier"}) in stage.calls
    assert stage.complaints == []


async def test_owner_without_a_password_is_asked_to_choose_one(browser: Browser) -> None:
    page = await page_in(browser)
    answers = owner_answers()
    answers["GET /me"] = me(owner=True, has_password=False)
    answers["POST /owner/password"] = Answer(status=204)
    stage = Stage(page, answers)
    await stage.open("/", "home")
    await page.get_by_role("button", name="Choose a password").click()
    await page.get_by_label("New password").fill("a sentence is easier")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("The password is saved")).to_be_visible()
    await expect(page.get_by_role("button", name="Choose a password")).to_have_count(0)
    assert ("POST /owner/password", {"password": "a sentence is easier"}) in stage.calls


async def test_new_session_takes_its_date_in_the_named_zone_and_shows_its_links_once(
    browser: Browser,
) -> None:
    page = await page_in(browser)
    answers = owner_answers()
    url = "http://127.0.0.1:8000/join/"
    invites = {
        role: {"token": role, "url": f"{url}{role}-token"}
        for role in ("host", "moderator", "viewer")
    }
    made = {"slug": "noel", "state": "draft", "epoch": "e", "invites": invites}
    answers["POST /sessions"] = Answer(made, 201)
    stage = Stage(page, answers)
    await stage.open("/", "home")
    await page.get_by_role("button", name="New session").click()
    await page.get_by_role("button", name="Create the session").click()
    await expect(page.get_by_text("A session needs a title.")).to_be_visible()
    await page.get_by_label("Title").fill("Questions before Christmas")
    await page.get_by_label("Date and time").fill("2026-12-03T18:30")
    await page.get_by_label("Time zone").select_option("America/New_York")
    await page.get_by_role("radio", name="By invitation").check()
    await page.get_by_role("radio", name="Read first").check()
    await page.get_by_role("button", name="Create the session").click()
    for role in ("viewer", "moderator", "host"):
        link = page.get_by_label(f"Link for: {role.capitalize()}")
        await expect(link).to_have_value(f"{url}{role}-token")
    sent = next(body for name, body in stage.calls if name == "POST /sessions")
    assert sent["starts_at"] == "2026-12-03T23:30:00.000Z"
    assert (sent["visibility"], sent["review"]) == ("private", "before")
    assert stage.complaints == []


async def test_an_invitation_is_made_shown_as_a_code_and_revoked_after_a_question(
    browser: Browser,
) -> None:
    page = await page_in(browser)
    answers = owner_answers()
    invite = {"id": "i1", "role": "viewer", "segment": "influencer", "expires_at": None}
    row = {**invite, "uses": 10, "used": 3, "revoked": False, "created_at": AT}
    answers["GET /sessions/hiver/invites"] = Answer({"invites": [row]})
    made = {"id": "i2", "token": "t", "url": "http://127.0.0.1:8000/join/fresh"}
    answers["POST /sessions/hiver/invites"] = Answer(made, 201)
    answers["DELETE /sessions/hiver/invites/i1"] = Answer(status=204)
    stage = Stage(page, answers)
    await stage.open("/", "home")
    await page.get_by_role("button", name="Invitations").first.click()
    await page.get_by_label("Segment").select_option("influencer")
    await page.get_by_label("Entries").select_option("ten")
    await page.get_by_role("button", name="Make the link").click()
    await page.get_by_role("button", name="QR code").click()
    await expect(page.get_by_role("img", name="QR code of")).to_be_visible()
    await page.get_by_role("button", name="Revoke").click()
    await expect(page.get_by_text("leaves at once")).to_be_visible()
    await page.get_by_role("button", name="Revoke").click()
    await expect(page.get_by_text("leaves at once")).to_have_count(0)
    sent = next(body for name, body in stage.calls if name == "POST /sessions/hiver/invites")
    assert sent == {"role": "viewer", "segment": "influencer", "uses": 10}
    assert any(name == "DELETE /sessions/hiver/invites/i1" for name, _ in stage.calls)


async def test_an_accent_nobody_could_read_is_refused_with_the_nearest_that_does(
    browser: Browser,
) -> None:
    page = await page_in(browser)
    answers = owner_answers()
    better = {**BRAND, "accent": {"light": "#7a4a3a", "dark": "#7a4a3a"}}
    answers["PATCH /brand"] = [problem(422, "contrast", nearest="#c05a3a"), Answer(better)]
    stage = Stage(page, answers)
    await stage.open("/", "home")
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_role("menuitem", name="Brand").click()
    await page.get_by_role("radio", name="Our own").check()
    await page.locator("input[type=color]").fill("#8a5a4a")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("The nearest readable colour is #c05a3a.")).to_be_visible()
    await page.get_by_role("button", name="Use it").click()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    sent = [body["accent"] for name, body in stage.calls if name == "PATCH /brand"]
    assert sent == ["#8a5a4a", "#c05a3a"]


async def test_a_server_that_is_away_is_told_with_a_way_on(browser: Browser) -> None:
    page = await page_in(browser)
    stage = Stage(
        page,
        {
            "GET /me": [problem(503, "overloaded"), me(owner=False)],
            "GET /brand": Answer(BRAND),
        },
    )
    await stage.open("/", "home")
    await expect(page.get_by_role("alert")).to_contain_text("did not answer")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", name="Staff sign-in")).to_be_visible()


async def test_no_session_yet_says_what_to_do(browser: Browser) -> None:
    page = await page_in(browser, "fr-FR")
    answers = owner_answers()
    answers["GET /sessions"] = Answer({"sessions": []})
    await Stage(page, answers).open("/", "home")
    await expect(page.get_by_text("Créez-en une : un titre suffit.")).to_be_visible()


@pytest.mark.parametrize("language", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("owner", [True, False])
async def test_home_has_no_barrier_and_fits_320_px(
    browser: Browser, language: str, scheme: Any, owner: bool
) -> None:
    viewport: Any = {"width": 320, "height": 640}
    page = await page_in(browser, language, color_scheme=scheme, viewport=viewport)
    answers = owner_answers()
    answers["GET /me"] = me(owner=owner)
    stage = Stage(page, answers)
    await stage.open("/", "home")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert await barriers(page) == []
    assert await overflow(page) <= 0
    assert await page.evaluate("document.documentElement.lang") == language[:2]
    assert stage.complaints == []
