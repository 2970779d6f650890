"""The language of short lines, by the model that ships with the program."""

from __future__ import annotations

import pytest

from moderation.adapters.language import FastTextLanguages
from moderation.policy.language import OTHER
from tests.support.lines import chat_lines

SESSION = ("fr", "en")


@pytest.fixture(scope="module")
def languages() -> FastTextLanguages:
    return FastTextLanguages()


def test_french_and_english_lines_are_told_apart(languages: FastTextLanguages) -> None:
    """Each judged as if written by someone of the other language."""
    other = {"fr": "en", "en": "fr"}
    lines = [each for each in chat_lines() if each.language in other]
    right = [
        each
        for each in lines
        if languages.language_of(each.text, among=SESSION, fallback=other[each.language])
        == each.language
    ]

    assert len(right) >= 0.85 * len(lines)


def test_what_tells_nothing_is_in_its_authors_language(languages: FastTextLanguages) -> None:
    for text in ("😂😂😂😂", "????", "+1", "👏👏👏 🔥"):
        assert languages.language_of(text, among=SESSION, fallback="fr") == "fr"


def test_only_languages_of_the_session_are_chosen(languages: FastTextLanguages) -> None:
    assert languages.language_of("wie teuer ist das denn", among=SESSION, fallback="en") == OTHER
    assert (
        languages.language_of("wie teuer ist das denn", among=("en", "de"), fallback="en") == "de"
    )


def test_an_author_keeps_the_region_of_the_language(languages: FastTextLanguages) -> None:
    text = "combien ça coûte par mois pour une équipe ?"
    assert languages.language_of(text, among=SESSION, fallback="fr-CA") == "fr-CA"
    assert languages.language_of(text, among=("en", "fr-CA"), fallback="en") == "fr-CA"


def test_lone_surrogates_and_line_breaks_do_no_harm(languages: FastTextLanguages) -> None:
    assert languages.language_of("\ud800\n", among=SESSION, fallback="en") == "en"
