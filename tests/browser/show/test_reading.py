"""Row V11: viewers read in their own language, the original a click away; they are told by whom."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.browser.show.people import OpenShow
from tests.support.running import Server, running
from tests.support.translators import KEY, Service, translators


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with translators() as service:
        yield service


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, service: Service) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("reading") / "data"
    with running(
        folder,
        CAUSERIE_TRANSLATOR="deepl",
        CAUSERIE_TRANSLATOR_URL=service.url,
        CAUSERIE_TRANSLATOR_KEY=KEY,
    ) as server:
        yield server


async def test_v11_a_french_viewer_reads_an_english_message_in_french(
    open_show: OpenShow, service: Service
) -> None:
    show = await open_show()
    writer = await show.writer("Ana")
    await writer.say("message.post", text="Good evening everyone")
    ines = await show.viewer("Inès", language="fr-FR")
    await ines.page.get_by_role("tab", name="Discussion").click()
    assert service.asked == [], "nothing is sent before anyone asks"
    offer = ines.button("Traduire")
    assert await offer.get_attribute("title") == "Le texte est envoyé à 127.0.0.1"
    await offer.click()
    await ines.sees("Bonsoir à tous")
    await ines.does_not_see("Good evening everyone")
    await expect(ines.page.get_by_text("Traduit par DeepL")).to_be_visible()
    await ines.button("Voir l’original").click()
    await ines.sees("Good evening everyone")

    service.status = 456
    other = await writer.say("message.post", text="I live in Ghent")
    await ines.sees("I live in Ghent")
    async with ines.page.expect_response("**/translations") as failed:
        await ines.button("Traduire").last.click()
    assert (await failed.value).status == 503
    await ines.sees("I live in Ghent")
    service.status = 200
    await ines.button("Traduire").last.click()
    await ines.sees("J’habite à Gand")
    await writer.say("message.withdraw", message_id=other["data"]["message"]["id"])
    await ines.does_not_see("J’habite à Gand")
    assert len(service.asked) == 3


async def test_a_question_is_read_in_ones_own_language_and_its_original_is_a_click_away(
    open_show: OpenShow, service: Service
) -> None:
    show = await open_show()
    writer = await show.writer("Ana")
    await writer.say("question.ask", text="Good evening everyone")
    ines = await show.viewer("Inès", language="fr-FR")
    asked = len(service.asked)
    await ines.question("Good evening everyone").get_by_role("button", name="Traduire").click()
    await ines.sees("Bonsoir à tous")
    assert len(service.asked) == asked + 1
    card = ines.question("Bonsoir à tous")
    await expect(card.get_by_text("Traduit par DeepL")).to_be_visible()
    await card.get_by_role("button", name="Voir l’original").click()
    await ines.sees("Good evening everyone")
    await ines.does_not_see("Bonsoir à tous")
