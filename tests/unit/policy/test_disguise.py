"""Disguised words are found, and honest words are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.policy.disguise import Words, find
from moderation.policy.wordlists import WordLists, shipped_words
from tests.support.disguises import TECHNIQUES
from tests.support.lines import chat_lines, disguises

HIDDEN = ("idiot", "connard", "merde", "salope", "bitch", "puta", "cabron", "stronzo", "kanker")
HONEST = (Path(__file__).parents[2] / "data" / "honest-lines.txt").read_text().splitlines()


@pytest.fixture(scope="module")
def every_word() -> Words:
    """The lists of all languages at once: stricter than any line is ever judged."""
    return Words(sorted({word for words in shipped_words().values() for word in words}))


def test_every_disguise_of_the_shared_lines_is_seen_through() -> None:
    assert [each.text for each in disguises() if not find(each.target, each.text)] == []


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_a_disguise_is_seen_through(technique: str) -> None:
    for word in HIDDEN:
        text = f"hé {TECHNIQUES[technique](word)} va"
        assert find(word, text) is not None, text


def test_what_was_found_is_shown_as_it_stands_in_the_text() -> None:
    text = "espèce d' 1d10t !"
    found = find("idiot", text)

    assert found is not None
    assert text[found.start : found.end] == "1d10t"


def test_a_token_that_was_read_before_is_found_where_it_stands_now() -> None:
    words = Words(["idiot", "fils de pute", "gras"])
    for text, shown in (
        ("1d10t oui", "1d10t"),
        ("et  oui 1d10t", "1d10t"),
        ("un fils de put€ là", "fils de put€"),
        ("fils de put€", "fils de put€"),
        ("i d i o t", "i d i o t"),
        ("dis: i d i o t", "i d i o t"),
        ("dis´i\u00b4d i  o´t !", None),
    ):
        found = words.find(text)
        assert (found and text[found.start : found.end]) == shown, text


@pytest.mark.parametrize("line", HONEST)
def test_honest_text_holds_none_of_its_own_languages_words(line: str) -> None:
    hidden = {word for word in HIDDEN if find(word, line)}

    assert hidden == set()


def test_honest_lines_pass_the_lists_of_almost_every_language(every_word: Words) -> None:
    """Each on purpose: the word is honest in the line's language and an insult in another's."""
    held = {line for line in HONEST if every_word.find(line)}

    assert held == {
        "déjà vingt minutes de retard",
        "bjr tlm, dsl pr le retard mdr",
        "la pédale de frein du vélo est en 32 mm",
        "c'est un bâtard de pain de 250 g, commande n° 4411",
        "de lul-de-bul winkel heet echt zo",
        "a piranha é um peixe do rio",
        "Troia è una città antica, e anche un film",
    }


def test_no_honest_chat_line_holds_a_listed_word_in_any_language(every_word: Words) -> None:
    assert [
        each.text for each in chat_lines() if each.kind == "ok" and every_word.find(each.text)
    ] == []


def test_most_insults_of_the_shared_lines_are_on_their_languages_list() -> None:
    lists = WordLists()
    insults = [each for each in chat_lines() if each.kind == "toxic"]
    found = [each for each in insults if lists.of(each.language).find(each.text)]

    assert len(found) >= 15
    assert len(insults) - len(found) <= 4  # insults without a rude word are the filter's work


def test_a_word_insults_in_one_language_only() -> None:
    lists = WordLists({"fr": ["con"], "nl": ["hoe"]}, shipped={})

    assert lists.of("fr").find("quel con") is not None
    assert lists.of("es").find("café con leche") is None
    assert lists.of("nl-BE").find("wat een hoe") is not None
    assert lists.of("en").find("a garden hoe") is None


def test_a_word_for_every_language_is_watched_in_each() -> None:
    lists = WordLists({"*": ["Rivalix"]}, shipped={"fr": ["idiot"]})

    assert lists.of("fr").find("chez R1valix") is not None
    assert lists.of("ja").find("r i v a l i x") is not None


def test_phrases_are_found_across_their_blanks_and_disguise() -> None:
    words = Words(["fils de pute"])

    assert words.find("espèce de f1ls  de  p.u.t.e") is not None
    assert words.find("fils de putois") is None


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("كلب", "اخرس يا كلب"),
        ("كلب", "يا كَلْـــب"),
        ("كلب", "ك ل ب"),
        ("クソ", "黙れクソ野郎"),
        ("сука", "ах ты СУКА"),
        ("μαλάκα", "ρε μαλακα"),
    ],
)
def test_words_of_any_script_can_be_watched(word: str, text: str) -> None:
    assert find(word, text) is not None


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("كلب", "كلبنا صغير"),
        ("pute", "il a pu te voir"),
        ("merde", "la mer de glace"),
        ("ass", "the class passes"),
        ("ass", "un Galaxy A55"),
        ("con", "le concours"),
        ("idiot", "idiomatique"),
        ("idiot", "1d1 07"),
        ("putain", "🇵🇹 puis 🇦🇮"),
    ],
)
def test_what_only_resembles_a_word_is_none(word: str, text: str) -> None:
    assert find(word, text) is None


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    found = find("idiot", text)

    assert found is None or 0 <= found.start < found.end <= len(text)


@given(st.text(alphabet="id0o1t!|. *-_\u200b\u0301іо(卂ｉ🇮", max_size=60))
def test_texts_made_of_disguise_can_be_searched(text: str) -> None:
    assert find("idiot", f"idiot {text}") is not None
