"""Every translator keeps the port's promises, against services that speak as the real ones do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from live.adapters.translate.deepl import FREE, PAID, DeepL
from live.adapters.translate.libretranslate import LibreTranslate
from live.ports.translator import MemoryTranslator, TranslationFailed, Translator
from tests.support.translators import KEY, PHRASES, Service, translators

Make = Callable[[str], Translator]
MAKERS: dict[str, Make] = {
    "libretranslate": lambda url: LibreTranslate(url, None, timeout_s=5.0),
    "deepl": lambda url: DeepL(url, KEY, timeout_s=5.0),
    "memory": lambda _: MemoryTranslator(PHRASES),
}
OVER_HTTP = ("libretranslate", "deepl")


@pytest.fixture
def service() -> Iterator[Service]:
    with translators() as service:
        yield service


@pytest.fixture
async def translator(request: pytest.FixtureRequest, service: Service) -> AsyncIterator[Translator]:
    made = MAKERS[request.param](service.url)
    yield made
    await made.close()


@pytest.mark.parametrize("translator", MAKERS, indirect=True)
async def test_texts_come_back_in_their_order(translator: Translator) -> None:
    await translator.probe()
    texts = ["Is it warm?", "Good evening everyone"]
    assert await translator.translate(texts, source="en-GB", target="fr") == [
        "Est-ce que c’est chaud ?",
        "Bonsoir à tous",
    ]


@pytest.mark.parametrize("translator", OVER_HTTP, indirect=True)
@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "unsupported"), (403, "refused"), (429, "exhausted"), (500, "unreachable")],
)
async def test_a_refusal_of_the_service_is_told_in_the_ports_words(
    translator: Translator, service: Service, status: int, code: str
) -> None:
    service.status = status
    with pytest.raises(TranslationFailed) as failed:
        await translator.translate(["Is it warm?"], source="en", target="fr")
    assert failed.value.code == code


@pytest.mark.parametrize("translator", OVER_HTTP, indirect=True)
@pytest.mark.parametrize(
    "answer",
    [
        b"<html>Welcome</html>",
        b"{}",
        b'{"translatedText":[],"translations":[]}',
        b'{"translatedText":"' + b"x" * 2_000_000 + b'"}',
    ],
)
async def test_an_odd_answer_is_a_failure_and_never_a_translation(
    translator: Translator, service: Service, answer: bytes
) -> None:
    service.answers = answer
    with pytest.raises(TranslationFailed) as failed:
        await translator.translate(["Is it warm?"], source="en", target="fr")
    assert failed.value.code == "unreachable"


async def test_nobody_there_is_unreachable() -> None:
    for make in (MAKERS[name] for name in OVER_HTTP):
        translator = make("http://127.0.0.1:9")
        with pytest.raises(TranslationFailed) as failed:
            await translator.probe()
        assert failed.value.code == "unreachable"
        await translator.close()


async def test_deepl_is_asked_as_its_api_wants(service: Service) -> None:
    deepl = DeepL(service.url, KEY, timeout_s=5.0)
    await deepl.translate(["Bonjour"], source="fr", target="en")
    assert service.asked == [
        {
            "path": "/v2/translate",
            "body": {"text": ["Bonjour"], "source_lang": "FR", "target_lang": "EN-GB"},
            "key": f"DeepL-Auth-Key {KEY}",
        }
    ]
    await deepl.close()
    for key, url in ((KEY, FREE), ("paid-key", PAID)):
        other = DeepL(None, key, timeout_s=5.0)
        assert f"https://{other.host}" == url
        await other.close()


async def test_libretranslate_is_asked_as_its_api_wants(service: Service) -> None:
    libre = LibreTranslate(service.url, "secret", timeout_s=5.0)
    await libre.translate(["Hello"], source="en-GB", target="pt-br")
    assert service.asked[0]["path"] == "/translate"
    assert service.asked[0]["body"] == {
        "q": ["Hello"],
        "source": "en",
        "target": "pt-BR",
        "format": "text",
        "api_key": "secret",
    }
    await libre.close()
