"""What counts as a text, a name, a language."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.domain.outcome import Refusal
from live.domain.text import clean_language, clean_name, clean_text, has_link, is_emoji_only


def code(outcome: str | Refusal) -> str:
    assert isinstance(outcome, Refusal), outcome
    return outcome.code


def test_a_text_is_composed_and_trimmed() -> None:
    assert clean_text("  cafe\u0301 \n", 500) == "café"


def test_length_counts_composed_characters() -> None:
    assert clean_text("e\u0301" * 500, 500) == "é" * 500
    assert code(clean_text("x" * 501, 500)) == "too_long"


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "a\tb", "a\x7fb", "a\x9bb", "a\ud800b"])
def test_control_characters_are_refused(text: str) -> None:
    assert code(clean_text(text, 500)) == "control_characters"


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200d", "\ufe0f", "\u3164", "\u2800 \u00ad"])
def test_a_text_that_shows_nothing_is_empty(text: str) -> None:
    assert code(clean_text(text, 500)) == "empty"


def test_joined_emoji_and_right_to_left_text_are_texts() -> None:
    for text in ("👩‍👩‍👧", "مرحبا", "שלום 👋🏽", "हिन्दी", "क्\u200dष"):
        assert clean_text(text, 500) == unicodedata.normalize("NFC", text)


@given(st.text(max_size=600))
def test_what_was_taken_is_taken_again_unchanged(text: str) -> None:
    cleaned = clean_text(text, 500)
    if isinstance(cleaned, str):
        assert clean_text(cleaned, 500) == cleaned
        assert 1 <= len(cleaned) <= 500


def test_a_name_has_single_blanks_and_no_disguise() -> None:
    assert clean_name(" Ada   Lovelace ", 40) == "Ada Lovelace"
    for name in ("a\u202eb", "a\u200bb", "a\ufeffb", "\u2066a"):
        assert code(clean_name(name, 40)) == "control_characters"
    assert code(clean_name("x" * 41, 40)) == "too_long"
    assert code(clean_name(" ", 40)) == "empty"


def test_language_tags_get_their_usual_case() -> None:
    assert clean_language("FR") == "fr"
    assert clean_language("pt-br") == "pt-BR"
    assert clean_language("ZH-hant-tw") == "zh-Hant-TW"
    for tag in ("", "f", "french", "fr_FR", "fr-", "en-" + "a" * 40, "é"):
        assert clean_language(tag) is None


@pytest.mark.parametrize("text", ["👍", "👩‍👩‍👧 ❤️", "🇫🇷", "1️⃣", "👋🏽👋🏿"])
def test_emoji_alone_are_emoji(text: str) -> None:
    assert is_emoji_only(text)


@pytest.mark.parametrize("text", ["ok 👍", "1", "#", "日本"])
def test_anything_beside_emoji_is_not(text: str) -> None:
    assert not is_emoji_only(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://x.y/z",
        "see www.shop",
        "go to example.com!",
        "EXAMPLE.COM/a",
        "a sub.ex-am.fr.",
        "ftp://h",
    ],
)
def test_links_are_found(text: str) -> None:
    assert has_link(text)


@pytest.mark.parametrize("text", ["Great.Thanks", "1.5 l", "e.g. this", "ada@example.org", "Ok..."])
def test_what_is_no_link_is_none(text: str) -> None:
    assert not has_link(text)
