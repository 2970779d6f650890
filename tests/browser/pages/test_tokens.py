"""Light and dark, by the system and by choice; the brand's accent above ours."""

from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.browser.pages.staged import Answer, Stage

ANSWERS: dict[str, Any] = {"GET /brand": Answer({"name": "Maison Orme", "logo_url": None})}
PAPER = {"light": "rgb(250, 246, 240)", "dark": "rgb(20, 17, 15)"}


async def paper(page: Page) -> str:
    script = "getComputedStyle(document.documentElement).backgroundColor"
    return str(await page.evaluate(script))


async def test_the_theme_follows_the_system_until_one_is_chosen_and_is_remembered(
    browser: Browser,
) -> None:
    context = await browser.new_context(color_scheme="dark", locale="en-GB")
    page = await context.new_page()
    await Stage(page, dict(ANSWERS)).open("/", "notice", "gone")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert await paper(page) == PAPER["dark"]
    await page.get_by_role("radio", name="Light").check()
    assert await paper(page) == PAPER["light"]
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert await paper(page) == PAPER["light"]
    await page.get_by_role("radio", name="Follow the device").check()
    assert await paper(page) == PAPER["dark"]


async def test_the_brands_accent_stands_above_ours_whatever_is_loaded_first(
    browser: Browser,
) -> None:
    context = await browser.new_context(color_scheme="light", locale="en-GB")
    page = await context.new_page()
    stage = Stage(page, dict(ANSWERS))
    stage.brand_css = ":root { --accent: #2f6fed; --accent-ink: #ffffff; }"
    await stage.open("/", "notice", "gone")
    button = page.get_by_role("link", name="To the front page")
    await expect(button).to_have_css("background-color", "rgb(47, 111, 237)")
    await expect(button).to_have_css("color", "rgb(255, 255, 255)")


async def test_the_fonts_are_our_own_and_loaded(browser: Browser) -> None:
    context = await browser.new_context(locale="fr-FR")
    page = await context.new_page()
    await Stage(page, dict(ANSWERS)).open("/", "notice", "gone")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    loaded = await page.evaluate(
        """async () => {
          await document.fonts.ready;
          return [...document.fonts].filter((f) => f.status === 'loaded').map((f) => f.family);
        }"""
    )
    names = {name.strip("\"'") for name in loaded}
    assert names == {"Bricolage Grotesque Variable", "Instrument Sans Variable"}
