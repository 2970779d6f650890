"""The same question once: what is proposed, and what never is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from moderation.ear.models import LearnedModels
from moderation.ear.ports import Asked
from moderation.ear.same.clash import Clash, find_clash, meanings
from moderation.ear.same.proposals import MOST_COMPARED, MOST_NEW, MOST_PROPOSED
from moderation.ear.types import Vector
from tests.support.embedding import encoder


@pytest.fixture(scope="module")
def models() -> LearnedModels:
    return LearnedModels(encoder())


def asked(*texts: str) -> list[Asked]:
    return [Asked(f"q{number}", text, "en") for number, text in enumerate(texts)]


def test_one_question_in_two_languages_is_proposed(models: LearnedModels) -> None:
    among = asked("Delivery price?", "when does it start", "is it waterproof")

    proposed = models.alike(Asked("new", "Prix de la livraison ?", "fr"), among)

    assert [each.id for each in proposed] == ["q0"]
    assert 0.3 < proposed[0].similarity <= 1
    assert not proposed[0].identical


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ("do you ship to Belgium", "vous livrez au Canada ?", "place"),
        ("how do I turn on captions", "how do I turn off captions", "switch"),
        ("comment ouvrir un compte", "how do I close an account", "beginning"),
        ("hay plazas para el sábado", "are there seats on Sunday", "day"),
        ("vous l'avez en 42 ?", "do you have it in 38", "number"),
        ("is it in French", "gibt es das auf Deutsch", "language"),
        ("wann kommt die iOS version", "quand sort la version Android", "platform"),
        ("日本に発送できますか", "do you ship to Spain", "place"),
        ("prix par mois", "price per year", "times"),
        ("combien coûte le vol", "how long is the flight", "asks"),
    ],
)
def test_what_names_another_thing_is_another_question(
    models: LearnedModels, a: str, b: str, kind: str
) -> None:
    clash = find_clash(meanings(a), meanings(b))

    assert isinstance(clash, Clash)
    assert clash.kind == kind
    assert models.alike(Asked("new", a, "en"), asked(b)) == ()


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("on peut payer en plusieurs fois", "can I pay in instalments"),
        ("vous livrez en Allemagne", "liefert ihr nach Deutschland"),
        ("may I bring my dog in March or April", "on peut venir avec son chien en avril"),
        ("une réunion est prévue en Espagne ?", "is a meeting planned in Spain"),
    ],
)
def test_everyday_words_are_no_alternatives(a: str, b: str) -> None:
    assert find_clash(meanings(a), meanings(b)) is None


def test_one_word_changed_in_the_same_frame_is_another_question(models: LearnedModels) -> None:
    new = Asked("new", "how many seats does it have", "en")

    assert models.alike(new, asked("how many doors does it have")) == ()


def test_the_same_letters_are_identical_whatever_their_dress(models: LearnedModels) -> None:
    among = asked("C'est combien ?", "when does it start")

    proposed = models.alike(Asked("new", "c est COMBIEN", "fr"), among)

    assert [(each.id, each.identical, each.similarity) for each in proposed] == [("q0", True, 1.0)]
    assert LearnedModels().alike(Asked("new", "c est COMBIEN", "fr"), among) == proposed


def test_a_question_is_not_proposed_to_itself(models: LearnedModels) -> None:
    question = Asked("q0", "when does it start", "en")

    assert models.alike(question, [question]) == ()


def test_proposals_are_few_and_the_likeliest_come_first(models: LearnedModels) -> None:
    among = asked(
        "what is the price",
        "price please",
        "how much does it cost",
        "how expensive is it",
        "c'est combien",
        "is there parking",
    )

    proposed = models.alike(Asked("new", "how much is it", "en"), among)

    assert len(proposed) == MOST_PROPOSED
    assert [each.similarity for each in proposed] == sorted(
        (each.similarity for each in proposed), reverse=True
    )
    assert "q5" not in {each.id for each in proposed}


class CountingEncoder:
    """``Embedder`` that says how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def embed(self, text: str) -> Vector:
        self.asked += 1
        return encoder().embed(text)

    def embed_all(self, texts: Sequence[str]) -> list[Vector]:
        return [self.embed(text) for text in texts]


def test_a_comparison_takes_in_a_bounded_number_of_new_questions() -> None:
    counting = CountingEncoder()
    models = LearnedModels(counting)
    among = asked(*(f"does model {number} fit" for number in range(MOST_NEW + 10)))
    new = Asked("new", "is there parking", "en")

    models.alike(new, among)
    assert counting.asked == MOST_NEW + 1
    models.alike(new, among)
    assert counting.asked == MOST_NEW + 10 + 1


def test_only_the_latest_open_questions_are_compared() -> None:
    models = LearnedModels()
    among = asked("is there parking", *(f"question {number}" for number in range(MOST_COMPARED)))

    assert models.alike(Asked("new", "Is there parking?", "en"), among) == ()
    assert models.alike(Asked("new", "Is there parking?", "en"), among[:-1]) != ()
