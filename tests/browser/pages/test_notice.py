"""Every notice says what happened and what to do, in both languages."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.pages.staged import Answer, Stage, barriers, overflow

CODES = ["not_found", "forbidden", "revoked", "gone", "ended", "busy", "offline", "error", "novel"]


@pytest.mark.parametrize("language", ["fr-FR", "en-GB"])
async def test_every_notice_has_its_own_words_and_a_way_on(browser: Browser, language: str) -> None:
    context = await browser.new_context(locale=language)
    titles: dict[str, str] = {}
    for code in CODES:
        page = await context.new_page()
        stage = Stage(page, {"GET /brand": Answer({"name": "Maison Orme", "logo_url": None})})
        await stage.open("/join/lost", "notice", code)
        title = page.get_by_role("heading", level=1)
        await expect(title).to_be_visible()
        await expect(page.get_by_role("link", name="Maison Orme")).to_be_visible()
        titles[code] = await title.inner_text()
        await expect(page.locator("main a[href='/']")).to_be_visible()
        assert stage.complaints == []
        await page.close()
    # A code that this page does not know is told as an error of ours, never shown bare.
    assert titles.pop("novel") == titles["error"]
    assert len(set(titles.values())) == len(titles)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_notices_have_no_barrier_and_fit_320_px(browser: Browser, scheme: Any) -> None:
    viewport: Any = {"width": 320, "height": 640}
    context = await browser.new_context(color_scheme=scheme, viewport=viewport, locale="fr-FR")
    page = await context.new_page()
    stage = Stage(page, {"GET /brand": Answer({"name": "Maison Orme", "logo_url": None})})
    await stage.open("/join/lost", "notice", "gone")
    await expect(page.get_by_role("link", name="Maison Orme")).to_be_visible()
    assert await barriers(page) == []
    assert await overflow(page) <= 0
